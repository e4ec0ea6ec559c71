"""
The chain: each entry carries the hash of all that it says and of the entry before it in its order.

A chain per order, not one per store: who writes on one order never waits for who writes on another.
What is hashed is the canonical JSON of RFC 8785, so that anybody can count it again with other tools.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from paidan.storage.encoding import to_json
from paidan.storage.errors import UnstorableError

FIRST = "0" * 64
"""What stands before the first entry of an order, and before the first of all."""

EXACT = 2**53 - 1
"""RFC 8785 writes a number as a double does, of which every whole one is told apart up to here."""

_quoted = json.encoder.encode_basestring  # what RFC 8785 asks: short escapes, the rest as it is
_PLAIN = (str, bool, type(None), datetime)


class Broken(NamedTuple):
    """
    An entry that does not hold, and why.

    `what` is `hash` (it is not what its hash says, or does not follow the one before it), `gap`
    (another entry should stand before it) or `unreadable` (no entry at all).
    """

    position: int
    order_id: str
    seq: int
    what: str


def hash_of(said: Sequence[Any], previous: str) -> str:
    """Give the hash of an entry as SHA-256 in hex, over `text_of` it in UTF-8; raises as that."""
    return sha256(text_of(said, previous).encode()).hexdigest()


def text_of(said: Sequence[Any], previous: str) -> str:
    """
    Give what is hashed of an entry: RFC 8785 canonical JSON.

    `said` is its row with instants as UTC text (`to_text`) and attributes as JSON (`canonical`), which
    becomes part of the whole. Raises `ValueError` or `TypeError` for cells that no entry has.
    """
    order_id, seq, event, before, after, at, recorded_at, actor, role, unit, rule, note, attributes = said
    return (
        f'{{"actor":{_quoted(actor)},"at":{_quoted(at)},"attributes":{attributes},"event":{_quoted(event)},'
        f'"from_state":{_quoted(before)},"note":{_quoted(note)},"order_id":{_quoted(order_id)},'
        f'"previous":{_quoted(previous)},"recorded_at":{_quoted(recorded_at)},"role":{_quoted(role)},'
        f'"rule":{_quoted(rule)},"seq":{seq:d},"to_state":{_quoted(after)},"unit":{_quoted(unit)}}}'
    )


def canonical(said: Mapping[str, Any]) -> str:
    """
    Write attributes as RFC 8785 does; instants are tagged as `to_json` tags them.

    Raises `UnstorableError` for what another reader would write otherwise: fractions, integers from
    2^53 on, names that are not ASCII.
    """
    if said:
        _check_names(said)
        for value in said.values():
            if type(value) not in _PLAIN:
                _check(value)
    return to_json(said)


def running(digest: str, position: int, of_entry: str) -> str:
    """
    Give the digest over all entries up to one, from that before it, its position and its hash.

    It starts with `FIRST`. Raises `ValueError` or `TypeError` for a position or hash that is none.
    """
    return sha256(
        bytes.fromhex(digest) + position.to_bytes(8, "big", signed=True) + bytes.fromhex(of_entry)
    ).hexdigest()


def _check(value: Any) -> None:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > EXACT):
        raise UnstorableError("value_inexact", value=str(value))
    if isinstance(value, Mapping):
        _check_names(value)
        for one in value.values():
            _check(one)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for one in value:
            _check(one)


def _check_names(said: Mapping[str, Any]) -> None:
    names = "".join(said)
    if not names.isascii():
        raise UnstorableError("value_inexact", value=names)
