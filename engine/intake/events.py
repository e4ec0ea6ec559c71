"""
A long-form log as the commands of its orders; every row becomes one, or is rejected with a reason.

Orders keep their rows in the order of (`at`, file, row). Identity columns are dropped here and
counted; nothing behind this module ever sees them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.intake.tables import Rejected, Table, open_table
from paidan.engine.intake.values import (
    TIME_EXAMPLES,
    BadValueError,
    attribute,
    event_names,
    instant,
    role_names,
)
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, SAYABLE
from paidan.workflows.records import NOTHING, Command
from paidan.workflows.work_order import WORK_ORDER

REQUIRED = ("order_id", "event", "at")
_OPTIONAL = ("actor", "role", "unit", "recorded_at")
_ALLOWED_EVENTS = tuple(event.name for event in WORK_ORDER.events if not event.by_engine)
_NOT_READ = {"correct": "event_correct", **{e.name: "event_engine" for e in WORK_ORDER.events if e.by_engine}}


class Row(NamedTuple):
    """A command with what places it: its full time, the place of its row, a hash of its raw cells."""

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
    ignored: list[str] = field(default_factory=list)
    last_at: datetime | None = None
    last_learned_at: datetime | None = None

    def of(self, order_id: str, key: Callable[[Row], Any] | None = None) -> Iterator[Command]:
        """Give the commands of an order by (`key`, place), exact duplicates rejected on the way."""
        rows = self.orders[order_id]
        rows.sort(key=(lambda row: (row.at, row.place)) if key is None else key)
        seen: dict[tuple[str, datetime], list[Row]] = {}
        for row in rows:
            command = row.command
            alike = seen.setdefault((command.event, row.at), [])
            if any(row.raw == other.raw and _same(command, other.command) for other in alike):
                self.rejected.append(
                    Rejected(
                        command.source,
                        command.row,
                        order_id,
                        "",
                        "",
                        "row_doubled",
                        {"first": alike[0].command.row},
                    )
                )
                continue
            alike.append(row)
            yield command


def read_logs(paths: Iterable[Path]) -> Log:
    """Read long-form CSV logs; raises `InputError` for a file that is none."""
    log = Log()
    for number, path in enumerate(paths):
        reader = _LogReader(open_table(path, REQUIRED), number, log)
        rows = reader.read()
        log.inputs.append({"name": reader.table.name, "sha256": reader.table.sha256, "rows": rows})
        log.read += rows
    return log


class _LogReader:
    """One file being read into a log: where its columns stand, and words met before."""

    def __init__(self, table: Table, number: int, log: Log) -> None:
        self.table = table
        self.log = log
        self._number = number
        self._columns = {name: position for position, name in enumerate(table.header) if name}
        self._id, self._event, self._at = (self._columns[name] for name in REQUIRED)
        self._optional = tuple(self._columns.get(name, -1) for name in _OPTIONAL)
        self._sayable = [(at, name) for name, at in self._columns.items() if name in ATTRIBUTE_OF]
        self._identity = [(at, name) for name, at in self._columns.items() if name in IDENTITY]
        self._words: dict[str, str] = {}
        known = {*REQUIRED, *_OPTIONAL, *ATTRIBUTE_OF, *IDENTITY}
        log.ignored += [name for name in self._columns if name not in known and name not in log.ignored]

    def read(self) -> int:
        """Read every row into the log, or into its rejects, and give their number."""
        count = 0
        for count, cells in enumerate(self.table.rows(), start=1):
            try:
                row = self._fitted(cells)
                for position, name in self._identity:
                    if row[position]:
                        self.log.identity[name] += 1
                at, command = self._command(row, count)
            except BadValueError as bad:
                order_id = cells[self._id].strip() if len(cells) > self._id else ""
                reject = Rejected(
                    self.table.name, count, order_id, bad.column, bad.value, bad.code, dict(bad.details)
                )
                self.log.rejected.append(reject)
            else:
                self._place(Row(at, (self._number << 40) | count, hash(tuple(row)), command))
        return count

    def _place(self, row: Row) -> None:
        log, command = self.log, row.command
        rows = log.orders.get(command.order_id)
        if rows is None:
            log.orders[command.order_id] = [row]
        else:
            rows.append(row)
        if log.last_at is None or command.at > log.last_at:
            log.last_at = command.at
        if log.last_learned_at is None or command.learned_at > log.last_learned_at:
            log.last_learned_at = command.learned_at

    def _fitted(self, row: list[str]) -> list[str]:
        width = len(self.table.header)
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise BadValueError("row_too_long", cells=len(row), columns=width)
        return row if len(row) == width else (row + [""] * width)[:width]

    def _command(self, row: list[str], count: int) -> tuple[datetime, Command]:
        order_id = row[self._id].strip()
        if not order_id:
            raise BadValueError("order_id_missing", "order_id")
        event = event_names().get(row[self._event].strip(), "")
        if not event:
            raise BadValueError("event_unknown", "event", row[self._event].strip(), _ALLOWED_EVENTS)
        if event in _NOT_READ:
            raise BadValueError(_NOT_READ[event], "event", row[self._event].strip())
        at = _instant("at", row[self._at].strip())
        actor, role, unit = (
            self._words.setdefault(text, text) if place >= 0 and (text := row[place].strip()) else ""
            for place in self._optional[:3]
        )
        learned = row[self._optional[3]].strip() if self._optional[3] >= 0 else ""
        recorded_at = _instant("recorded_at", learned).replace(microsecond=0) if learned else None
        return at, Command(
            order_id, event, at.replace(microsecond=0) if at.microsecond else at, actor,
            role_names().get(role, role), unit, self._said(row, event), recorded_at, self.table.name, count,
        )  # fmt: skip

    def _said(self, row: list[str], event: str) -> Mapping[str, Any]:
        said: dict[str, Any] = {}
        sayable = SAYABLE.get(event, frozenset())
        for position, name in self._sayable:
            text = row[position]
            if text and (text := text.strip()):
                value = attribute(name, text)
                if value is not None and name in sayable:
                    said[name] = self._words.setdefault(value, value) if type(value) is str else value
        return said or NOTHING


def _instant(column: str, text: str) -> datetime:
    at = instant(text)
    if at is None:
        raise BadValueError("value_no_time", column, text, TIME_EXAMPLES)
    return at


def _same(one: Command, other: Command) -> bool:
    return (one.event, one.actor, one.role, one.unit, one.recorded_at, one.attributes) == (
        other.event, other.actor, other.role, other.unit, other.recorded_at, other.attributes,
    )  # fmt: skip
