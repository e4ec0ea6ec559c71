"""
A log as the commands of its orders; every event becomes one, or is rejected with a reason.

Orders keep their rows in the order of (`at`, file, row). Identity columns are dropped here and
counted, and texts are masked; nothing behind this module ever sees what stood there, unless it is
read for a vault (`intake.private`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.corrections import CORRECT
from paidan.engine.intake.forms import REQUIRED, open_logs
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.settled import learned, settle
from paidan.engine.intake.tables import Known, Rejected, Table
from paidan.engine.intake.values import (
    TIME_EXAMPLES,
    Also,
    BadValueError,
    attribute,
    event_names,
    field_value,
    instant,
    role_names,
)
from paidan.engine.masking import masked_name, masked_said
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, SAYABLE
from paidan.workflows.cases import CASES, EVENTS, about, case_id
from paidan.workflows.records import NOTHING, Command
from paidan.workflows.work_order import WORK_ORDER

_OPTIONAL = ("actor", "role", "unit", "recorded_at", "seq")
_OF_EXPORTS = ("hash",)
"""What our own exports hold besides; a log read anew has a chain of its own."""
_BLANK = -1
"""Where a column that the file does not have stands: every row gets an empty last cell."""
_ALLOWED_EVENTS = tuple(event.name for event in WORK_ORDER.events if not event.by_engine)
_NOT_READ = {event.name: "event_engine" for event in EVENTS if event.by_engine}
_DIGITS = 10
"""Of a number that counts the entries of one order; a longer one numbers something else."""
_OF_CORRECTION = ("entry", "field", "before", "after")
"""Columns that speak of a correction's row only: on others they are somebody else's."""
_NOTHING_SAYABLE: frozenset[str] = frozenset()


class Row(NamedTuple):
    """
    A command with what places it: its full time, the place of its row, a hash of its raw cells.

    Rows sort by time and place; no two have one place.
    """

    at: datetime
    place: int
    raw: int
    command: Command


@dataclass(slots=True)
class Log:
    """Logs read: the rows of each order in time order, what was rejected, and what was dropped."""

    orders: dict[str, list[Row]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    read: int = 0
    inputs: list[dict[str, Any]] = field(default_factory=list)
    identity: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)
    last_at: datetime | None = None
    last_learned_at: datetime | None = None

    def place(self, row: Row) -> None:
        """Take in a row of an order."""
        command = row.command
        rows = self.orders.get(command.order_id)
        if rows is None:
            self.orders[command.order_id] = [row]
        else:
            rows.append(row)
        at = command.at
        learned_at = command.recorded_at or at
        if self.last_at is None or at > self.last_at:
            self.last_at = at
        if self.last_learned_at is None or learned_at > self.last_learned_at:
            self.last_learned_at = learned_at

    def of(self, order_id: str, *, as_recorded: bool = False) -> Iterator[Command]:
        """
        Give the commands of an order as they happened, or as they were learned.

        Exact duplicates are rejected on the way, and corrections that fit nothing (see `settle`).
        """
        rows = list(self._single(order_id))
        if any([row.command.event == CORRECT for row in rows]):  # noqa: C419 - a generator costs more
            settled = settle(rows, as_recorded=as_recorded)
            self.rejected += settled.rejected
            yield from settled.commands
        else:
            yield from [row.command for row in (learned(rows) if as_recorded else rows)]

    def _single(self, order_id: str) -> Iterator[Row]:
        """Give the rows of an order in order of time, of exact duplicates the first."""
        rows = self.orders[order_id]
        rows.sort()
        seen: dict[int, Row] = {}
        for row in rows:
            raw = row.raw
            while (first := seen.setdefault(raw, row)) is not row and not _same(first.command, row.command):
                raw += 1  # the same cells say something else under the columns of another file
            if first is row:
                yield row
            else:
                self.rejected.append(_doubled(row.command, first.command))

    def join(self, other: "Log") -> None:
        """Take in what was rejected, dropped and added in another share of the same files."""
        self.rejected += other.rejected
        self.identity.update(other.identity)
        self.added.update(other.added)


class Ids(NamedTuple):
    """A run of order ids in their order: from `first` to before `end`, to the last where that is empty."""

    first: str = ""
    end: str = ""


def runs(seen: Sequence[str], count: int) -> list[Ids]:
    """Part order ids into at most `count` runs, each with about as many of those `seen`."""
    ids = sorted(map(about, seen))
    cuts = {ids[len(ids) * part // count] for part in range(1, count)} if ids else set()
    ends = sorted(cuts - {"", *ids[:1]})
    return [Ids(first, end) for first, end in zip(["", *ends], [*ends, ""], strict=True)]


def read_logs(paths: Iterable[Path], mapping: LogMapping | None = None) -> Log:
    """Read logs of any form; raises `InputError` for a file that is none."""
    return read_share(open_logs(paths, mapping), Ids())


def read_share(
    tables: Sequence[Table], ids: Ids, also: Also = NOTHING, reader: "type[LogReader] | None" = None
) -> Log:
    """
    Read the orders in `ids` from open logs; every event is counted, whosever it is.

    A row without an id belongs to the first share; `also` are choices that a
    document adds. `reader` is another that reads rows, for a vault. Raises `InputError` where a file
    breaks off.
    """
    log = Log()
    for number, table in enumerate(tables):
        known = table.commands(*ids, also)
        if known is None:
            rows, events = (reader or LogReader)(table, number, log, also).read(ids)
        else:
            rows, events = _take(log, known, number << 40)
        log.inputs.append({"name": table.name, "sha256": table.sha256, "rows": rows, **table.told})
        log.read += events
    return log


def _take(log: Log, known: Iterable[tuple[int, Known]], first: int) -> tuple[int, int]:
    """Take what is known of rows into the log and count all rows and all events."""
    rows = count = 0
    for place, (number, told) in enumerate(known, start=first):
        rows = number or rows
        if told is None:
            continue
        count += number > 0
        if isinstance(told, Command):
            log.place(Row(told.at, place, place, told))
        elif isinstance(told, Rejected):
            log.rejected.append(told)
    return rows, count


class LogReader:
    """One file being read into a log: where its columns stand, and words met before."""

    def __init__(self, table: Table, number: int, log: Log, also: Also) -> None:
        self._also = also
        self.table = table
        self.log = log
        self._number = number
        self._taken = 0
        self._zone = table.zone
        self._columns = {name: position for position, name in enumerate(table.header) if name}
        self._id, self._event, self._at = (self._columns[name] for name in REQUIRED)
        self._actor, self._role, self._unit, self._learned, self._seq = (
            self._columns.get(name, _BLANK) for name in _OPTIONAL
        )
        self._sayable = [
            (at, name)
            for name, at in self._columns.items()
            if name in ATTRIBUTE_OF and name not in _OF_CORRECTION
        ]
        self._identity = [(at, name) for name, at in self._columns.items() if name in IDENTITY]
        self._words: dict[str, str] = {}
        self._events = event_names()
        self._roles = role_names()
        known = {*REQUIRED, *_OPTIONAL, *ATTRIBUTE_OF, *IDENTITY, *_OF_EXPORTS}
        unused = [name for name in (*self._columns, *table.unused) if name not in known]
        log.ignored += [name for name in unused if name not in log.ignored]

    def read(self, ids: Ids) -> tuple[int, int]:
        """Read the events of `ids` into the log, or into its rejects, and count all rows and all events."""
        rows = count = 0
        first, end = ids
        for number, cells in self.table.numbered():
            rows = number or rows
            if cells is None:
                continue
            count += number > 0
            if isinstance(cells, Rejected):
                order_id = cells.order_id
            else:
                order_id = cells[self._id].strip() if len(cells) > self._id else ""
            of = about(order_id)
            if of < first or (end and of >= end):
                continue
            if isinstance(cells, Rejected):
                self.log.rejected.append(cells._replace(order_id=masked_name(order_id)))
            else:
                self._take(order_id, cells, number)
        return rows, count

    def _take(self, order_id: str, cells: list[str], number: int) -> None:
        """Take one event; one without a row, which a mapping added, falls with the row it was added to."""
        log = self.log
        own: dict[str, str] = {}
        try:
            row = self._fitted(cells)
            row.append("")
            for position, name in self._identity:
                if text := row[position].strip():
                    own[name] = text
                    log.identity[name] += bool(number)
            at, command = self._command(order_id, row, number, own)
        except BadValueError as bad:
            if number:
                bad = bad.masked(own)
                column = self.table.heading(bad.column, cells) if bad.column else ""
                details = {**bad.details, "column": column}
                log.rejected.append(
                    Rejected(
                        self.table.name, number, masked_name(order_id), column, bad.value, bad.code, details
                    )
                )
            return
        if not number:
            log.added[command.event] += 1
        self._taken += 1
        log.place(Row(at, (self._number << 40) | self._taken, hash(tuple(row)), command))

    def _fitted(self, row: list[str]) -> list[str]:
        width = len(self.table.header)
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise BadValueError("row_too_long", cells=len(row), columns=width)
        return row if len(row) == width else (row + [""] * width)[:width]

    _masked = staticmethod(masked_said)

    def _command(
        self, order_id: str, row: list[str], number: int, own: Mapping[str, str]
    ) -> tuple[datetime, Command]:
        if not order_id:
            raise BadValueError("order_id_missing", "order_id")
        case = case_id(order_id)
        events = event_names(case.workflow) if case else self._events
        event = events.get(row[self._event].strip(), "")
        if not event:
            allowed = _allowed(case.workflow) if case else _ALLOWED_EVENTS
            raise BadValueError("event_unknown", "event", row[self._event].strip(), allowed)
        if event in _NOT_READ:
            raise BadValueError(_NOT_READ[event], "event", row[self._event].strip())
        at = _instant("at", row[self._at].strip(), self._zone)
        learned = row[self._learned].strip()
        seq = row[self._seq].strip()
        word = self._words.setdefault
        actor = self._masked("actor", row[self._actor].strip(), own)
        role = row[self._role].strip()
        role = self._roles.get(role) or self._masked("role", role, own)
        unit = self._masked("unit", row[self._unit].strip())
        return at, Command(
            order_id, event, at.replace(microsecond=0) if at.microsecond else at, word(actor, actor),
            word(role, role), word(unit, unit), self._said(row, event, own),
            _instant("recorded_at", learned, self._zone).replace(microsecond=0) if learned else None,
            self.table.name, number, int(seq) if seq.isdecimal() and len(seq) < _DIGITS else 0,
        )  # fmt: skip

    def _said(self, row: list[str], event: str, own: Mapping[str, str]) -> Mapping[str, Any]:
        said: dict[str, Any] = {}
        sayable = SAYABLE.get(event, _NOTHING_SAYABLE)
        for position, name in self._sayable:
            if (text := row[position]) and (text := text.strip()):
                value = attribute(name, text, self._zone, self._also)
                if value is not None and name in sayable:
                    if type(value) is str:
                        value = self._masked(name, value, own)
                        value = self._words.setdefault(value, value)
                    said[name] = value
        if event == CORRECT:
            said |= self._correction(row, own)
        return said or NOTHING

    def _correction(self, row: list[str], own: Mapping[str, str]) -> dict[str, Any]:
        """Read what only a correction says."""
        cells = {name: row[self._columns.get(name, _BLANK)].strip() for name in _OF_CORRECTION}
        missing = [name for name in ("entry", "field") if not cells[name]]
        if missing:
            raise BadValueError("correction_unsaid", missing[0], missing=", ".join(missing))
        said = {"entry": attribute("entry", cells["entry"]), "field": cells["field"]}
        for name in ("before", "after"):
            if cells[name]:
                value = field_value(cells["field"], cells[name], self._zone, self._also)
                said[name] = (
                    self._masked_value(name, cells["field"], value, own) if type(value) is str else value
                )
        return {name: value for name, value in said.items() if value is not None}

    def _masked_value(self, name: str, field: str, text: str, own: Mapping[str, str]) -> str:  # noqa: ARG002 - for a vault
        """Mask what a correction says, as `name`, of a field."""
        return masked_said(field, text, own)


def _allowed(workflow: str) -> tuple[str, ...]:
    return tuple(event.name for event in CASES[workflow].events if not event.by_engine)


def _instant(column: str, text: str, zone: tzinfo) -> datetime:
    at = instant(text, zone=zone)
    if at is None:
        raise BadValueError("value_no_time", column, text, TIME_EXAMPLES)
    return at


def _doubled(command: Command, first: Command) -> Rejected:
    details = {"first": first.row}
    return Rejected(command.source, command.row, command.order_id, "", "", "row_doubled", details)


def _same(one: Command, other: Command) -> bool:
    return (one.event, one.at, one.actor, one.role, one.unit, one.recorded_at, one.attributes) == (
        other.event, other.at, other.actor, other.role, other.unit, other.recorded_at, other.attributes,
    )  # fmt: skip
