"""
Tables: rows of text under one header, whatever form the file has; and CSV, the plainest of them.

What reads events, units or adjustments sees a `Table` only. `rows` may be asked again and again,
also in another process, and gives the same each time.
"""

import codecs
import csv
import hashlib
import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.errors import InputError
from paidan.engine.inert import plain, text_of
from paidan.engine.intake.values import Also
from paidan.engine.messages import say
from paidan.workflows.records import BEIJING, NOTHING, Command

LINE_MOST = 4 << 20
"""Bytes of a line beyond which a file is no log: it would have to be held in memory whole."""
csv.field_size_limit(LINE_MOST)

HEADS = 30
"""Rows, of those that hold anything, among which a header is looked for."""
COLUMNS_MOST = 1000
"""Columns beyond which a file is no log."""
_ENOUGH = 2
"""Names we know that make a row a header."""
_BINARY = 4
"""A text that was read as another encoding, or none, is NUL in more than every fourth byte."""

Names = Callable[[str], bool]
"""Whether a header says something to whoever opens the file."""


class Rejected(NamedTuple):
    """A row that could not be read, or one cell of it: a line of `rejected`."""

    source: str
    row: int
    order_id: str
    column: str
    value: str
    code: str
    details: dict[str, Any]


class RejectedRowsError(InputError):
    """A file of which every row must be right, with each `Rejected` row that is not (the caller's error)."""

    def __init__(self, rows: tuple[Rejected, ...]) -> None:
        super().__init__(rows[0].code, **rows[0].details)
        self.rows = rows


ADDED = ("row", "column", "reason", "suggestion")
"""What a workbook of rejected rows says beside the cells of each."""


def added(name: str, lang: str) -> str:
    """Give the header of what is `ADDED`."""
    return say(f"rejects.{name}", lang)


Cells = list[str] | Rejected | None
"""Cells; or why there are none; or None for a row that is passed over on purpose."""
Known = Command | Cells
"""What a row says where no text is left to read; the cells of a row that nobody asked for."""


class Meaning(NamedTuple):
    """What a column of a file is read as: a column of ours, or events whose time it tells; or neither."""

    column: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table(ABC):
    """An open table: `name` and `sha256` of its file, the `header`, and the path to read rows from."""

    path: Path
    name: str
    sha256: str
    header: tuple[str, ...]

    @property
    def zone(self) -> tzinfo:
        """The zone of times that name no offset."""
        return BEIJING

    @property
    def unused(self) -> tuple[str, ...]:
        """Headers beyond those of the rows, of columns that say nothing we know."""
        return ()

    @property
    def told(self) -> Mapping[str, Any]:
        """What whoever runs a replay should know about how the rows came to be events."""
        return NOTHING

    @property
    def means(self) -> tuple[Meaning, ...]:
        """What each column of the file itself is read as, in its order."""
        return tuple(map(Meaning, self.header))

    def place(self, column: str, cells: Sequence[str]) -> int:  # noqa: ARG002 - others ask the cells
        """Give where the cell that says `column` stands in a row of the file itself, or -1."""
        return self.header.index(column) if column in self.header else -1

    @abstractmethod
    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """
        Give the rows with the number of the data row, from 1, that each stands in.

        One data row may hold several events. Raises `InputError` where the file breaks off.
        """

    def commands(
        self,
        first: str,  # noqa: ARG002 - a log of texts has none
        end: str,  # noqa: ARG002 - the same
        also: Also,  # noqa: ARG002 - the same
    ) -> Iterator[tuple[int, Known]] | None:
        """Give what the rows of a run of orders say, if that is known; None where it is still to be read."""
        return None

    def heading(self, column: str, cells: Sequence[str]) -> str:  # noqa: ARG002 - others ask the cells
        """Give the file's own name of what stands in `column` of a row."""
        return column

    def sheet_rows(self, numbers: Container[int]) -> Mapping[int, int]:  # noqa: ARG002 - a sheet tells
        """Give the rows of a sheet in which data rows stand, for a person who looks there; none elsewhere."""
        return {}

    def sample(self, column: str, count: int) -> list[str]:  # noqa: ARG002 - a CSV file can be sampled
        """Give what stands in a column in about `count` rows, or nothing where that is not cheap."""
        return []


@dataclass(frozen=True, slots=True)
class CsvTable(Table):
    """An open CSV file: its encoding, its delimiter, and where the rows below its header begin."""

    encoding: str
    delimiter: str
    skip: int
    header_row: int

    @property
    def told(self) -> Mapping[str, Any]:
        """The line of the header, and what parts the cells, where they are not what one expects."""
        return {
            **({"header_row": self.header_row} if self.header_row > 1 else {}),
            **({"delimiter": self.delimiter} if self.delimiter != "," else {}),
        }

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Give the data rows in order; wholly blank rows are skipped and not counted."""
        return enumerate(self.rows(), start=1)

    def rows(self) -> Iterator[list[str]]:
        """
        Give the data rows in order; wholly blank rows are skipped and not counted.

        Raises `InputError` where the file stops being CSV.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(_without_nul(file), strict=False, delimiter=self.delimiter)
            try:
                yield from islice(_filled(plain(reader, self.path)), self.skip, None)
            except (csv.Error, UnicodeDecodeError) as error:
                raise InputError(
                    "file_broken", file=self.name, line=reader.line_num, why=str(error)
                ) from None

    def sample(self, column: str, count: int) -> list[str]:
        """
        Give what stands in a column in about `count` lines spread evenly over the file.

        Good for estimates only: a line that is no row by itself gives something else, or nothing.
        """
        position = self.header.index(column)
        found: list[str] = []
        with self.path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            for part in range(count):
                file.seek(size * part // count)
                file.readline(LINE_MOST)
                line = file.readline(LINE_MOST).decode(self.encoding, errors="replace").replace("\0", "")
                cells = next(csv.reader([line], delimiter=self.delimiter), [])
                if len(cells) > position:
                    found.append(text_of(cells[position]).strip())
        return found


def open_csv(path: Path, names: Names) -> CsvTable:
    """
    Open a CSV file in UTF-8 (with or without BOM) or GB18030 and find its header.

    Cells are parted by the one of `,`, `;` and TAB that gives a header with the most `names`, by commas
    where none does. Raises `InputError` for a file that is empty, or no text.
    """
    digest, encoding = inspect(path)
    best = (0, False)
    found: CsvTable | None = None
    for delimiter in ",;\t":
        rows, lines = _first(path, encoding, delimiter)
        at = heading_row(rows, names)
        if not rows or not any(header := tuple(clean(text_of(cell)) for cell in rows[at])):
            raise InputError("file_empty", file=str(path))
        known = sum(map(names, header))
        score = (known if known >= _ENOUGH else 0, len(header) > 1)
        if found is None or score > best:
            best = score
            found = CsvTable(path, path.name, digest, header, encoding, delimiter, at + 1, lines[at])
    if found is None or len(found.header) > COLUMNS_MOST:
        raise InputError("columns_many", file=path.name, most=COLUMNS_MOST)
    return found


def _first(path: Path, encoding: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Give the first rows that hold anything, and the line each begins at."""
    rows: list[list[str]] = []
    lines: list[int] = []
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_without_nul(file), strict=False, delimiter=delimiter)
        before = 0
        try:
            for row in reader:
                if any(map(str.strip, row)):
                    rows.append(row)
                    lines.append(before + 1)
                    if len(rows) == HEADS:
                        break
                before = reader.line_num
        except csv.Error as error:
            raise InputError("file_broken", file=path.name, line=before + 1, why=str(error)) from None
    return rows, lines


def _filled(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if row and (row[0] or any(map(str.strip, row))):
            yield row


def heading_row(rows: Sequence[Sequence[str]], names: Names) -> int:
    """
    Say which of the first rows of a table is its header.

    It is the one with the most `names`, of such the first; where none has two, the first that is no
    title: with two cells that hold anything.

    >>> heading_row([["三月工单"], ["任务号", "备注"], ["GD1", ""]], {"任务号", "受理时间"}.__contains__)
    1
    """
    counts = [sum(map(names, row)) for row in rows]
    if counts and max(counts) >= _ENOUGH:
        return counts.index(max(counts))
    filled = (at for at, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) >= _ENOUGH)
    return next(filled, 0)


def clean(name: str) -> str:
    """Write a header without line breaks and doubled or outer spaces."""
    return " ".join(name.split())


def check_single(file: str, names: Sequence[str]) -> None:
    """Raise `InputError` where two columns have one name."""
    if doubled := sorted({name for name in names if name and names.count(name) > 1}):
        raise InputError("column_doubled", file=file, columns=", ".join(doubled))


def fitted(table: Table, number: int, cells: list[str]) -> list[str] | Rejected:
    """Bring a row to the width of the header; cells beyond it that say something reject the row."""
    width = len(table.header)
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        details = {"cells": len(cells), "columns": width}
        return Rejected(table.name, number, "", "", "", "row_too_long", details)
    return cells if len(cells) == width else (cells + [""] * width)[:width]


def inspect(path: Path, ends: bytes = b"\r\n") -> tuple[str, str]:
    """
    Give the file's SHA-256 and its encoding: UTF-8 if every byte is, else GB18030.

    Raises `InputError` for what is no text in either, and for a line, up to one of the bytes `ends`,
    that is longer than any row.
    """
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    open_line = 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            first = min((at for end in ends if (at := chunk.find(end)) >= 0), default=-1)
            open_line += len(chunk) if first < 0 else first
            if open_line > LINE_MOST:
                raise InputError("line_long", file=path.name, most=LINE_MOST >> 20)
            if first >= 0:
                open_line = len(chunk) - 1 - max(chunk.rfind(end) for end in ends)
            if file.tell() == len(chunk) and _is_utf16(chunk[:512]):
                raise InputError("file_utf16", file=str(path))
            for name in tuple(decoders):
                try:
                    decoders[name].decode(chunk)
                except UnicodeDecodeError:
                    del decoders[name]
    for name in tuple(decoders):
        try:
            decoders[name].decode(b"", final=True)
        except UnicodeDecodeError:
            del decoders[name]
    if not decoders:
        raise InputError("file_encoding_input", file=str(path))
    return digest.hexdigest(), next(iter(decoders))


def _is_utf16(start: bytes) -> bool:
    return start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or start.count(0) * _BINARY > len(
        start
    )


def _without_nul(lines: io.TextIOBase | Any) -> Iterator[str]:
    """Drop NUL characters, which csv refuses and no export means."""
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line
