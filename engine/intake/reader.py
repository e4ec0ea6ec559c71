"""
The rows of one file as commands, each cell read once its meaning is known.

Most rows say in most columns what rows before them said: what these cells come to is worked out once
and kept by the cells themselves. Times, free texts and what leads to a person are read in every row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from paidan.engine.corrections import CORRECT
from paidan.engine.intake.forms import REQUIRED
from paidan.engine.intake.tables import ADDED, Rejected, Table, added
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
from paidan.engine.masking import mark, masked_name, masked_said
from paidan.engine.messages import LANGUAGES
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, SAYABLE, Holds
from paidan.workflows.cases import CASES, EVENTS, MARK, about, case_id
from paidan.workflows.records import NOTHING, NOTHING_PRIVATE, Command
from paidan.workflows.work_order import WORK_ORDER

if TYPE_CHECKING:
    from paidan.engine.intake.events import Ids, Log

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
KNOWN = frozenset((*REQUIRED, *_OPTIONAL, *ATTRIBUTE_OF, *IDENTITY, *_OF_EXPORTS))
"""Columns of the long form."""
_NOTHING_SAYABLE: frozenset[str] = frozenset()
_LISTED = frozenset((Holds.CHOICE, Holds.FLAG))
"""Attributes of which there are few values, whoever speaks."""
_SPOKEN_MOST = 20_000
"""Different things said in the columns of few values that are kept, some 10 MiB."""

Spoken = tuple[str, str, str, str, Mapping[str, Any]]
"""What the columns of few values say: event, actor, role, unit and attributes."""


class Row(NamedTuple):
    """
    A command with what places it: its full time, the place of its row, a hash of its raw cells.

    Rows sort by time and place; no two have one place.
    """

    at: datetime
    place: int
    raw: int
    command: Command


class LogReader:
    """One file being read into a log: where its columns stand, and words met before."""

    spoken_most = _SPOKEN_MOST

    def __init__(self, table: Table, number: int, log: "Log", also: Also) -> None:
        self._also = also
        self.table = table
        self.log = log
        self._place = number << 40
        self._name = table.name
        self._zone = table.zone
        self._width = len(table.header)
        self._columns = columns = {name: position for position, name in enumerate(table.header) if name}
        self._id, self._event, self._at = (columns[name] for name in REQUIRED)
        self._actor, self._role, self._unit, self._learned, self._seq = (
            columns.get(name, _BLANK) for name in _OPTIONAL
        )
        self._sayable = [
            (at, name) for name, at in columns.items() if name in ATTRIBUTE_OF and name not in _OF_CORRECTION
        ]
        self._listed = [(at, name) for at, name in self._sayable if ATTRIBUTE_OF[name].holds in _LISTED]
        self._identity = [(at, name) for name, at in columns.items() if name in IDENTITY]
        self._free = [one for one in self._sayable if one not in self._listed]
        self._few_cells = _cells(self._event, self._actor, self._role, self._unit, *dict(self._listed))
        self._free_cells, self._no_free = _cells(*dict(self._free)), ("",) * (len(self._free) + 2)
        self._spoken: dict[Sequence[str] | None, Spoken] = {}
        self._words: dict[str, str] = {}
        self._roles = role_names()
        known = KNOWN | {added(name, lang) for name in ADDED for lang in LANGUAGES}
        unused = [name for name in (*columns, *table.unused) if name not in known]
        log.ignored += [name for name in unused if name not in log.ignored]

    def read(self, ids: "Ids") -> tuple[int, int]:
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
            of = about(order_id) if MARK in order_id else order_id
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
        own: Mapping[str, str] = NOTHING
        try:
            row = cells if len(cells) == self._width else self._fitted(cells)
            row.append("")
            if self._identity:
                said = ((name, row[at].strip()) for at, name in self._identity)
                own = {name: text for name, text in said if text and text != mark(name)}
                for name in own:
                    log.identity[name] += bool(number)
            at, command = self._command(order_id, row, number, own)
        except BadValueError as bad:
            if number:
                bad = bad.masked(own)
                column = self.table.heading(bad.column, cells) if bad.column else ""
                details = {**bad.details, "column": column}
                log.rejected.append(
                    Rejected(self._name, number, masked_name(order_id), column, bad.value, bad.code, details)
                )
            return
        if not number:
            log.added[command.event] += 1
        self._place += 1
        log.place(tuple.__new__(Row, (at, self._place, hash(tuple(row)), command)))

    def _fitted(self, row: list[str]) -> list[str]:
        width = self._width
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise BadValueError("row_too_long", cells=len(row), columns=width)
        return (row + [""] * width)[:width]

    _masked = staticmethod(masked_said)

    def _command(
        self, order_id: str, row: list[str], number: int, own: Mapping[str, str]
    ) -> tuple[datetime, Command]:
        words = None if own or not order_id or MARK in order_id else self._few_cells(row)
        spoken = self._spoken.get(words)
        event, actor, role, unit, said = spoken or self._first(order_id, row, own, words)
        at = self._time("at", row[self._at])
        if spoken and self._free_cells(row) != self._no_free:
            said = self._joined(said, self._said(self._free, row, event, own))
        learned = row[self._learned].strip()
        seq = row[self._seq].strip()
        # Not by `Command(…)`, which takes twice as long: a log has a million.
        return at, tuple.__new__(Command, (
            order_id, event, at.replace(microsecond=0) if at.microsecond else at, actor, role, unit, said,
            self._time("recorded_at", learned).replace(microsecond=0) if learned else None,
            self._name, number, int(seq) if seq.isdecimal() and len(seq) < _DIGITS else 0,
            NOTHING_PRIVATE, "",
        ))  # fmt: skip

    def _time(self, column: str, cell: str) -> datetime:
        at = instant(cell.strip(), zone=self._zone)
        if at is None:
            raise BadValueError("value_no_time", column, cell.strip(), TIME_EXAMPLES)
        return at

    def _first(
        self, order_id: str, row: list[str], own: Mapping[str, str], words: Sequence[str] | None
    ) -> Spoken:
        """Read what a row says beside its times; keep by their `words` what its columns of few values say."""
        if not order_id:
            raise BadValueError("order_id_missing", "order_id")
        case = case_id(order_id)
        event = event_names(case.workflow if case else WORK_ORDER.name).get(row[self._event].strip(), "")
        if not event:
            allowed = _allowed(case.workflow) if case else _ALLOWED_EVENTS
            raise BadValueError("event_unknown", "event", row[self._event].strip(), allowed)
        if event in _NOT_READ:
            raise BadValueError(_NOT_READ[event], "event", row[self._event].strip())
        self._time("at", row[self._at])  # a row is told of the first of its faults
        word = self._words.setdefault
        actor = self._masked("actor", row[self._actor].strip(), own)
        role = row[self._role].strip()
        role = self._roles.get(role) or self._masked("role", role, own)
        unit = self._masked("unit", row[self._unit].strip())
        who = event, word(actor, actor), word(role, role), word(unit, unit)
        said = self._said(self._sayable, row, event, own)
        if words is not None and event != CORRECT and self.spoken_most:
            if len(self._spoken) >= self.spoken_most:
                self._spoken.clear()
            self._spoken[words] = *who, self._said(self._listed, row, event, own)
        return *who, said

    def _said(
        self, columns: Iterable[tuple[int, str]], row: list[str], event: str, own: Mapping[str, str]
    ) -> Mapping[str, Any]:
        said: dict[str, Any] = {}
        sayable = SAYABLE.get(event, _NOTHING_SAYABLE)
        for position, name in columns:
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

    def _joined(self, said: Mapping[str, Any], freely: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put together what columns of few values say and the others, in the order of the columns."""
        if not said or not freely:
            return said or freely
        both = {**said, **freely}
        return {name: both[name] for _, name in self._sayable if name in both}

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


def _cells(*positions: int) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Give what takes the cells at some positions, or none, and two blank ones out of a row."""
    return itemgetter(*positions, _BLANK, _BLANK)


def _allowed(workflow: str) -> tuple[str, ...]:
    return tuple(event.name for event in CASES[workflow].events if not event.by_engine)
