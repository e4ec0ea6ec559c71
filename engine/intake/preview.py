"""
What an import would read in a file, column by column, and nothing taken in.

It is the import itself (`engine.import_log`) with nobody to take anything: a tap below all other
tables counts the file's own cells, and a reader set between notes what the commands made of them.
Memory is bounded: of a column a thousand different values are told apart, no more.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from paidan.engine.feeds import Feed, Feeds
from paidan.engine.import_cases import Told
from paidan.engine.import_log import Imported, import_tables
from paidan.engine.import_order import Taken
from paidan.engine.intake.columns import Column, Seen
from paidan.engine.intake.events import Log
from paidan.engine.intake.forms import open_logs
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.passing import Passing
from paidan.engine.intake.reader import LogReader
from paidan.engine.intake.tables import Cells, CsvTable, Rejected, Table
from paidan.engine.intake.values import Also
from paidan.engine.intake.wide import Wide
from paidan.engine.intake.workbook import Sheet
from paidan.workflows.cases import case_id
from paidan.workflows.records import NOTHING, Command

_FORMS = {"CsvTable": "CSV", "JsonLines": "JSONL", "Sheet": "XLSX", "Xes": "XES"}
"""How the forms of a file are called, by the name of their table, where that is not the name."""


@dataclass(frozen=True, slots=True)
class Tap(Passing):
    """The file itself, below every other table, which tells `seen` each row that is asked of it."""

    seen: Seen

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give the rows of the file; the first to read them all has counted them."""
        seen = self.seen
        counting, seen.counted = not seen.counted, True
        width = len(seen.columns)
        for number, cells in self.base.numbered():
            row = cells if isinstance(cells, list) else []
            seen.row = row + [""] * (width - len(row)) if len(row) < width else row
            if counting:
                seen.count(seen.row)
            yield number, cells


class Watching(LogReader):
    """Reads as an import does, and notes what each command made of its row."""

    def __init__(self, table: Table, number: int, log: Log, also: Also) -> None:
        super().__init__(table, number, log, also)
        self._seen = tap_of(table).seen

    def _command(
        self, order_id: str, row: list[str], number: int, own: Mapping[str, str]
    ) -> tuple[datetime, Command]:
        at, command = super()._command(order_id, row, number, own)
        if number:
            self._seen.note(self.table, command, row)
        return at, command


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as it would be read: its form, its encoding where it is text, its rows, its columns."""

    name: str
    form: str
    wide: bool
    encoding: str
    place: Mapping[str, Any]
    rows: int
    columns: tuple[Column, ...]


@dataclass(slots=True)
class Preview:
    """
    What an import of some files would find, as if nothing were in the database yet.

    `reasons` counts rejected events by reason; `why` has the details of the first of each.
    """

    files: tuple[File, ...] = ()
    imported: Imported = field(default_factory=Imported)
    orders: int = 0
    events: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    why: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def take_in(self, group: Sequence[Told], *, enforce: bool, feeds: Feeds) -> Sequence[Taken]:  # noqa: ARG002 - what takes in asks
        """Count what would be taken in, and take nothing."""
        for told in group:
            for one, commands in told.of.items():
                self.orders += case_id(one) is None
                for command in commands:
                    self.events[command.event] += 1
                    at = command.at
                    self.first_at = at if self.first_at is None else min(at, self.first_at)
                    self.last_at = at if self.last_at is None else max(at, self.last_at)
        return ()

    def fed(self, feed: Feed, order_ids: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002 - the same
        """Say that no export said anything yet."""
        return NOTHING

    def seen_fed(self, feed: Feed, order_ids: Collection[str]) -> None:
        """Note nothing."""

    def vanished(self, feed: Feed) -> tuple[str, ...]:  # noqa: ARG002 - the same
        """Say that nothing vanished."""
        return ()


def preview(
    paths: Sequence[Path],
    mapping: LogMapping | None,
    now: datetime,
    *,
    also: Also,
    on_progress: Callable[[int, int], object] = lambda _, __: None,
) -> Preview:
    """
    Read logs as an import at `now` would, and say what each column became.

    `also` are the choices that a document adds. Raises as `open_logs`, and `InputError` where a file
    breaks off.
    """
    tables = [tapped(table) for table in open_logs(paths, mapping)]
    found = Preview()

    def reject(one: Rejected) -> None:
        found.reasons[one.code] += 1
        found.why.setdefault(one.code, one.details)
        for table in tables:
            if table.name == one.source and one.column:
                columns = tap_of(table).seen.columns
                for column in [column for column in columns if column.header == one.column][:1]:
                    column.refuse(one)
                return

    found.imported = import_tables(
        tables, also, now, found, enforce=False, on_rejected=reject, on_progress=on_progress, reader=Watching
    )
    rows = [one["rows"] for one in found.imported.inputs] or [0] * len(tables)
    found.files = tuple(_file(table, count) for table, count in zip(tables, rows, strict=True))
    return found


def tapped(table: Table) -> Table:
    """Give a table whose file tells what is read of it."""
    columns = [Column(name, means) for name, means in zip(_headers(table), table.means, strict=False)]
    return _with_tap(table, Seen(columns))


def tap_of(table: Table) -> Tap:
    """Give the tap below a table."""
    while not isinstance(table, Tap):
        table = cast("Any", table).base
    return table


def _with_tap(table: Table, seen: Seen) -> Table:
    base = getattr(table, "base", None)
    if isinstance(base, Table):
        return cast("Table", replace(cast("Any", table), base=_with_tap(base, seen)))
    return Tap(table.path, table.name, table.sha256, table.header, table, seen)


def _headers(table: Table) -> tuple[str, ...]:
    while isinstance(base := getattr(table, "base", None), Table):
        table = base
    return table.header


def _file(table: Table, rows: int) -> File:
    tap = tap_of(table)
    bottom = tap.base
    place: dict[str, Any] = {"header_row": bottom.header_row} if isinstance(bottom, CsvTable | Sheet) else {}
    if isinstance(bottom, Sheet):
        place |= {"sheet": bottom.sheet.name}
    return File(
        name=table.name,
        form=_FORMS.get(type(bottom).__name__, type(bottom).__name__),
        wide=isinstance(table, Wide),
        encoding=getattr(bottom, "encoding", "").removesuffix("-sig").upper(),
        place=place,
        rows=rows,
        columns=tuple(column for column in tap.seen.columns if column.header or column.filled),
    )
