"""
One answer to one command: what a caller may say so that a command that was lost on the way is safe to repeat.

A key stands for one command for good. What is compared is a digest of what was asked, without what a
citizen said of themselves: even a digest of that would be a trace of it outside the vault.
"""

from collections.abc import Sequence
from hashlib import sha256

from paidan.engine.intake.commands import Asked
from paidan.storage.encoding import to_json
from paidan.storage.errors import ConflictError
from paidan.storage.port import Kept, KeptAnswer
from paidan.workflows.records import Entry


def body_of(asked: Asked) -> str:
    """Give a digest that two commands share when they ask the same."""
    said = asked._asdict()
    del said["private"]
    said["attributes"], said["dropped"] = dict(asked.attributes), sorted(asked.dropped)
    return sha256(to_json(said).encode()).hexdigest()


def check_same(known: KeptAnswer, body: str) -> None:
    """Raise `ConflictError` where the key of an answer was given to another command."""
    if known.body != body:
        raise ConflictError("live.key_taken", key=known.key, order=known.order_id)


def check_expected(order_id: str, kept: Kept | None, expected: int | None) -> None:
    """Raise `ConflictError` where an order is not at the `seq` at which its caller saw it."""
    found = 0 if kept is None else kept.order.seq
    if expected is not None and expected != found:
        raise ConflictError("live.order_elsewhere", order=order_id, expected=expected, found=found)


def entries_of(known: KeptAnswer, log: Sequence[Entry]) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Give the time-outs that came before a command and its own entries, from a log that ends with them."""
    own = known.seq - known.written
    return tuple(log[own - known.raised : own]), tuple(log[own:])
