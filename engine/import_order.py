"""
One order carried on by what a log tells of it, as a replay as recorded would do from there.

What was taken before is known by the log itself: a row is there already where an entry says the same,
as often as rows do. Only what was refused leaves no entry; its answer is kept under a key of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

from paidan.engine.cases import Heard
from paidan.engine.corrections import CORRECT
from paidan.engine.replay_order import Deviation, pointed, replay_order
from paidan.policies.rulebook import Rulebook
from paidan.storage.encoding import to_json
from paidan.storage.port import KeptAnswer, Transaction
from paidan.workflows.attributes import IMPORTED
from paidan.workflows.cases import EVENT_OF
from paidan.workflows.records import (
    NOTHING,
    NOTHING_PRIVATE,
    Command,
    Entry,
    Finding,
    Order,
    Private,
)

Content = tuple[Any, ...]
"""All that a row says of its order, wherever it stands and whenever it was learned."""


class Refusal(NamedTuple):
    """A row that was refused, now or before, with the reasons and the rules they are of."""

    command: Command
    findings: tuple[Finding, ...]
    rules: Rulebook


class Taken(NamedTuple):
    """
    What came of the rows of an order: the order after them, the entries to append, the counts.

    What a mapping added beside the rows of its file is taken and not counted. `private` is what rows said
    that only a vault may keep, by the entry (`seq`) that says the row, now or since before; `held` counts
    the identity attributes among it that a vault holds. `heard` are the entries that cases follow.
    """

    order: Order
    entries: tuple[Entry, ...]
    applied: int
    there: int
    refusals: tuple[Refusal, ...]
    deviations: tuple[Deviation, ...]
    private: Mapping[int, Private]
    heard: Sequence[Heard] = ()
    held: Mapping[str, int] = NOTHING


def take_in(
    transaction: Transaction,
    begun: tuple[Order, Sequence[Entry]],
    commands: Sequence[Command],
    rules: Rulebook,
    now: datetime,
    *,
    enforce: bool,
) -> Taken:
    """
    Say what the `commands` of an order, in the order in which they were learned, add to where it stands.

    What is not allowed is found and applied all the same, or refused with `enforce`. Whatever is
    overdue by `now` is raised. In `transaction` only answers to what was refused are looked up and kept.
    """
    order, log = begun
    now = max(now, log[-1].recorded_at) if log else now
    # A correction names rows by numbers, which are theirs alone then; else they may have any.
    numbered = any(command.event == CORRECT for command in commands)
    stamped = [
        _stamped(command, log, now, command.seq if numbered else number)
        for number, command in enumerate(commands, 1)
    ]
    private = {
        one.seq: command.private
        for one, command in zip(stamped, commands, strict=True)
        if command.private.values
    }
    new, known = _unwritten(stamped, log) if log else (stamped, {})
    there = sum(one.row > 0 for one in stamped) - sum(one.row > 0 for one in new)
    refusals: list[Refusal] = []
    keys = Counter[Content]()
    if enforce and log:
        new = list(_unanswered(transaction, new, rules, refusals, keys))
    done = replay_order(
        order.order_id, new, rules, now, enforce=enforce, as_recorded=True, begun=begun, known=known
    )
    for refusal in _refused(done.deviations, rules):
        content = _content(refusal.command)
        keys[content] += 1
        key = _key(order.order_id, content, keys[content])
        answer = KeptAnswer(key, order.order_id, key, now, done.order.seq, 0, 0, refusal.findings)
        transaction.keep_answer(answer)
        refusals.append(refusal)
    return Taken(
        done.order,
        tuple(done.entries[len(log) :]),
        done.applied,
        there,
        tuple(one for one in refusals if one.command.row),
        tuple(one for one in done.deviations if not one.refused),
        {done.written[number]: one for number, one in private.items() if number in done.written},
        done.heard,
    )


def _stamped(command: Command, log: Sequence[Entry], now: datetime, number: int) -> Command:
    """
    Give the command that becomes an entry: whence it came, when it was learned, and nothing private.

    What is learned later is recorded later, whatever the file says, and nothing after now.
    """
    learned_at = min(command.learned_at, now)
    if log:
        learned_at = max(learned_at, log[-1].recorded_at)
    place = f"{command.source}:{command.row}" if command.row else command.source
    whence = {} if EVENT_OF[command.event].by_engine else {IMPORTED: place}
    return command._replace(
        recorded_at=learned_at,
        attributes={**command.attributes, **whence},
        seq=number,
        private=NOTHING_PRIVATE,
    )


def parted(commands: Sequence[Command], log: Sequence[Entry]) -> tuple[list[Command], list[Command]]:
    """Give of the commands of a case those that its log says already, and the others."""
    written = Counter(map(_content, log))
    there: list[Command] = []
    new: list[Command] = []
    for command in commands:
        content = _content(command)
        (there if written[content] > 0 else new).append(command)
        written[content] -= 1
    return there, new


def _unwritten(commands: Sequence[Command], log: Sequence[Entry]) -> tuple[list[Command], dict[int, int]]:
    """Give the commands that no entry says, or too few do; and which entry says each of the others."""
    written: dict[Content, list[int]] = {}
    for entry in reversed(log):
        written.setdefault(_content(entry), []).append(entry.seq)
    new: list[Command] = []
    known: dict[int, int] = {}
    for command in commands:
        entries = written.get(_content(pointed(command, known)))
        if entries:
            known[command.seq] = entries.pop()
        else:
            new.append(command)
    return new, known


def _unanswered(
    transaction: Transaction,
    commands: Sequence[Command],
    rules: Rulebook,
    refusals: list[Refusal],
    keys: Counter[Content],
) -> Iterator[Command]:
    """Give the commands that were not refused before; those that were go to `refusals`, counted in `keys`."""
    decided: set[Content] = set()
    for command in commands:
        content = _content(command)
        known = None
        if content not in decided:
            known = transaction.answer(_key(command.order_id, content, keys[content] + 1))
        if known is None:
            decided.add(content)
            yield command
        else:
            keys[content] += 1
            refusals.append(Refusal(command, known.findings, rules))


def _refused(deviations: Sequence[Deviation], rules: Rulebook) -> Iterator[Refusal]:
    """Give each refused command once, with all that was found."""
    for _, found in groupby(deviations, key=lambda one: id(one.command)):
        of_one = list(found)
        if of_one[0].refused:
            yield Refusal(of_one[0].command, tuple(one.finding for one in of_one), rules)


def _content(one: Command | Entry) -> Content:
    said = {name: value for name, value in one.attributes.items() if name != IMPORTED}
    return (one.event, one.at, one.actor, one.role, one.unit, to_json(said))


def _key(order_id: str, content: Content, number: int) -> str:
    """Give the key of the answer to the how-manyth equal row of an order that was refused."""
    told = to_json({"order": order_id, "row": content, "number": number})
    return f"import:{sha256(told.encode()).hexdigest()}"
