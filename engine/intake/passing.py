"""A table handed on as it is by one that only looks on, and one that counts its rows for who watches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from paidan.engine.intake.tables import Cells, Known, Meaning, Table
from paidan.engine.intake.values import Also
from paidan.engine.progress import counted, lines_in, watcher

_STAGE = "reading"
_STEP = 1023
"""Every 1,024th data row is told."""


@dataclass(frozen=True, slots=True)
class Passing(Table):
    """`base`, and nothing else, in all that a table can be asked."""

    base: Table

    @property
    def zone(self) -> tzinfo:
        """The zone of the times of `base`."""
        return self.base.zone

    @property
    def unused(self) -> tuple[str, ...]:
        """The headers of `base` that say nothing we know."""
        return self.base.unused

    @property
    def told(self) -> Mapping[str, Any]:
        """What `base` tells."""
        return self.base.told

    @property
    def means(self) -> tuple[Meaning, ...]:
        """What the columns of the file are read as."""
        return self.base.means

    def place(self, column: str, cells: Sequence[str]) -> int:
        """Give the place of a column in a row of the file."""
        return self.base.place(column, cells)

    def heading(self, column: str, cells: Sequence[str]) -> str:
        """Give the file's own name of a column."""
        return self.base.heading(column, cells)

    def sample(self, column: str, count: int) -> list[str]:
        """Give what stands in a column of `base`."""
        return self.base.sample(column, count)

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give the rows of `base`."""
        return self.base.numbered()

    def commands(self, first: str, end: str, also: Also) -> Iterator[tuple[int, Known]] | None:
        """Give what the rows of `base` say, where that is known."""
        return self.base.commands(first, end, also)


@dataclass(frozen=True, slots=True)
class Counted(Passing):
    """`base`, whose data rows are counted while they are read, of `rows` or of who knows how many."""

    rows: int

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give the rows of `base`; a data row of several events counts once."""
        told = watcher()
        if told is None:
            yield from self.base.numbered()
            return
        rows, last = self.rows, 0
        for row in self.base.numbered():
            if not row[0] & _STEP and row[0] != last:
                last = row[0]
                told(_STAGE, last, max(rows, last + 1) if rows else 0)
            yield row
        told(_STAGE, 1, 1)

    def commands(self, first: str, end: str, also: Also) -> Iterator[tuple[int, Known]] | None:
        """Give what the rows of `base` say, where that is known."""
        commands = self.base.commands(first, end, also)
        return None if commands is None else iter(counted(commands, _STAGE))


def counting(tables: Sequence[Table]) -> Sequence[Table]:
    """Give tables whose rows are counted, where somebody watches; else as they are."""
    return tables if watcher() is None else [_counting(table) for table in tables]


def _counting(table: Table) -> Table:
    rows = lines_in(table.path) if _in_lines(table) else 0
    return Counted(table.path, table.name, table.sha256, table.header, table, rows)


def _in_lines(table: Table) -> bool:
    """Whether the file itself is text of a row a line, more or less."""
    while isinstance(base := getattr(table, "base", None), Table):
        table = base
    return hasattr(table, "encoding")
