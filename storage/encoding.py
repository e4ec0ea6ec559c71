"""How values lie in a row: instants as UTC text, facts as tagged JSON; both come back exactly."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import NoneType
from typing import Any

from paidan.storage.errors import UnstorableError
from paidan.workflows.records import BEIJING, NOTHING

_INSTANT = "@"
"""The key that marks an instant inside JSON; no fact or attribute has that name."""


@lru_cache(maxsize=4096)  # an order's clocks and facts name the same few instants, command after command
def to_text(at: datetime) -> str:
    """
    Write an aware instant as UTC; the texts sort as the instants do.

    Raises `UnstorableError` for one without an offset: nobody can say when it was.

    >>> to_text(datetime(2026, 5, 8, 16, tzinfo=BEIJING))
    '2026-05-08T08:00:00+00:00'
    """
    if at.tzinfo is None:
        raise UnstorableError("time_naive", at=at.isoformat())
    return at.astimezone(UTC).isoformat()


@lru_cache(maxsize=4096)
def from_text(text: str) -> datetime:
    """Read back what `to_text` wrote, in Beijing time."""
    return datetime.fromisoformat(text).astimezone(BEIJING)


def to_json(said: Mapping[str, Any]) -> str:
    """Write facts or attributes; raises `UnstorableError` for a value that would not come back the same."""
    written = [f"{_quoted(name)}:{_way(type(one := said[name]), _encode)(one)}" for name in sorted(said)]
    return "{" + ",".join(written) + "}"


def from_json(text: str) -> Mapping[str, Any]:
    """Read back what `to_json` wrote; a list comes back as the tuple it was."""
    if text == "{}":
        return NOTHING
    decoded: Mapping[str, Any] = _DECODER.decode(text)
    return decoded


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_INSTANT: to_text(value)}
    raise UnstorableError("value_unstorable", kind=type(value).__name__)


def _untagged(read: dict[str, Any]) -> Any:
    if _INSTANT in read:
        return from_text(read[_INSTANT])
    for name, value in read.items():
        if type(value) is list:
            read[name] = tuple(value)
    return read


@lru_cache(maxsize=4096)
def _instant(at: datetime) -> str:
    return f'{{"{_INSTANT}":"{to_text(at)}"}}'


_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), default=_tagged
).encode
_quoted = json.encoder.encode_basestring
_WAYS: Mapping[type, Callable[[Any], str]] = {
    str: _quoted,
    datetime: _instant,
    bool: {False: "false", True: "true"}.__getitem__,
    NoneType: {None: "null"}.__getitem__,
    int: str,
}
"""How the encoder writes what nearly every value is; asked itself it takes twice as long."""
_way = _WAYS.get
_DECODER = json.JSONDecoder(object_hook=_untagged)
