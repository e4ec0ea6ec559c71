"""
A mapping file: how somebody else's log says what ours says.

Tables, all optional: `timezone` (of times without an offset), `columns` (header = our column),
`values.COLUMN` (their text = ours), `constants` (column = text, where a cell is empty), `events`
(activity = event, list of events, or `{ first_allowed = [events] }`), `skip` (activity = why it is
passed over), `times` (header of a column of times = event or events, once per order), `first`
(`events`: those with which an order begins, added where the log lacks them). Read strictly:
`MappingError` lists every mistake with what may stand there.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from paidan.engine.errors import InputError, MappingError
from paidan.engine.intake.tables import clean
from paidan.engine.intake.values import BadValueError, attribute, event_names, role_names
from paidan.policies import reader as r
from paidan.policies.reader import Findings, Reader
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY
from paidan.workflows.records import BEIJING
from paidan.workflows.work_order import WORK_ORDER

OWN = ("order_id", "event", "at", "actor", "role", "unit", "recorded_at", "seq")
COLUMNS = (*OWN, *ATTRIBUTE_OF, *IDENTITY)
"""What a header may be renamed to."""
_FILLED = ("actor", "role", "unit", *ATTRIBUTE_OF)
_READ = frozenset(one.name for one in WORK_ORDER.events if not one.by_engine)
_LIKE = ("Asia/Shanghai", "Europe/Amsterdam", "UTC")


@dataclass(frozen=True, slots=True)
class FirstAllowed:
    """One of several events: the first that the order's life allows where it stands, else the last."""

    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMapping:
    """A mapping file, read: its name and hash, and what it says table by table."""

    name: str
    sha256: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]
    events: Mapping[str, tuple[str, ...] | FirstAllowed]
    skip: Mapping[str, str]
    times: Mapping[str, tuple[str, ...]]
    first: tuple[str, ...]
    zone: tzinfo


def read_mapping(path: Path) -> LogMapping:
    """Read a mapping file; raises `InputError` where it is not there, `MappingError` where it is wrong."""
    findings = Findings(path.name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError("file_missing", exit_code=5, file=str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable_input", file=str(path), why=error.strerror or str(error)) from None
    raw: dict[str, Any] = {}
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        findings.add("file_encoding", value=error.reason)
    except tomllib.TOMLDecodeError as error:
        findings.add("toml_invalid", value=str(error))
    top = Reader(raw, "", findings)
    mapping = LogMapping(
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        columns=_checked(top, _table(top, "columns", r.one_of(COLUMNS))),
        values=top.take("values", _values) or {},
        constants=top.take("constants", _constants) or {},
        events=_table(top, "events", _meant),
        skip=_table(top, "skip", r.text),
        times=_table(top, "times", _sequence),
        first=top.take("first", _first) or (),
        zone=top.take("timezone", _zone) or BEIJING,
    )
    top.finish()
    for activity in mapping.skip:
        if activity in mapping.events:
            findings.add("mapping_skip_twice", "skip", activity)
    for header in mapping.times:
        if mapping.columns.get(header) in ("order_id", "event", "at"):
            findings.add("mapping_time_twice", "times", header)
    if findings.mistakes:
        raise MappingError(tuple(findings.mistakes))
    return mapping


def _table(top: Reader, key: str, parse: r.Parser) -> dict[str, Any]:
    """Read a table whose keys are the log's own words."""

    def whole(_: Reader, key: str, value: Any) -> dict[str, Any]:
        inner = _inner(top, key, value)
        read = {clean(name): parse(inner, name, one) for name, one in inner.table.items()}
        return {name: one for name, one in read.items() if one is not None}

    return top.take(key, whole) or {}


def _inner(outer: Reader, key: str, value: Any) -> Reader:
    if not isinstance(value, dict):
        outer.note("table_wanted", key, value)
        value = {}
    return Reader(value, f"[{key}]", outer.findings)


def _checked(top: Reader, columns: dict[str, str]) -> dict[str, str]:
    for name, target in columns.items():
        if [one for one in columns.values() if one == target] != [target]:
            top.findings.add("mapping_column_twice", "[columns]", name, target)
    return columns


def _event(reader: Reader, key: str, value: Any) -> str | None:
    name = event_names().get(value) if isinstance(value, str) else None
    if name in _READ and name != "correct":
        return name
    reader.note("name_unknown", key, value, _READ - {"correct"})
    return None


def _sequence(reader: Reader, key: str, value: Any) -> tuple[str, ...] | None:
    """Read an event, or a list of them that is not empty."""
    several = value if isinstance(value, list) else [value]
    if not several:
        reader.note("mapping_events_none", key)
    read = [_event(reader, key, one) for one in several]
    return tuple(one for one in read if one) or None


def _meant(reader: Reader, key: str, value: Any) -> tuple[str, ...] | FirstAllowed | None:
    if not isinstance(value, dict):
        return _sequence(reader, key, value)
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    events = inner.take("first_allowed", _sequence, required=True)
    inner.finish()
    return FirstAllowed(events) if events else None


def _first(reader: Reader, key: str, value: Any) -> tuple[str, ...] | None:
    inner = _inner(reader, key, value)
    events: tuple[str, ...] | None = inner.take("events", _sequence, required=True)
    inner.finish()
    return events


def _values(reader: Reader, key: str, value: Any) -> dict[str, dict[str, str]]:
    read = {}
    for name, texts in _inner(reader, key, value).table.items():
        if name not in (*_FILLED, "order_id"):
            reader.note("name_unknown", f"[values.{name}]", name, _FILLED)
            continue
        inner = _inner(reader, f"values.{name}", texts)
        told = {spelled: _said(inner, spelled, name, ours) for spelled, ours in inner.table.items()}
        read[name] = {spelled.strip(): ours for spelled, ours in told.items() if ours is not None}
    return read


def _constants(reader: Reader, key: str, value: Any) -> dict[str, str]:
    inner = _inner(reader, key, value)
    read = {}
    for name, text in inner.table.items():
        if name not in _FILLED:
            inner.note("name_unknown", name, name, _FILLED)
        elif (said := _said(inner, name, name, text)) is not None:
            read[name] = said
    return read


def _said(reader: Reader, key: str, column: str, value: Any) -> str | None:
    """Read a text that may stand in `column`; empty where nothing is said. TOML booleans will do."""
    text = str(value).lower() if isinstance(value, bool) else value
    if not isinstance(text, str):
        reader.note("text_wanted", key, value)
        return None
    if column in ATTRIBUTE_OF and text:
        try:
            attribute(column, text)
        except BadValueError as bad:
            reader.note("name_unknown", key, text, bad.allowed)
            return None
    return role_names().get(text, text) if column == "role" else text


def _zone(reader: Reader, key: str, value: Any) -> tzinfo | None:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    reader.note("mapping_zone", key, value, _LIKE)
    return None
