"""
Tables: rows of text under one header, whatever form the file has; and CSV, the plainest of them.

What reads events, units or adjustments sees a `Table` only. `rows` may be asked again and again,
also in another process, and gives the same each time.
"""

import codecs
import csv
import hashlib
import io
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.errors import InputError
from paidan.engine.inert import plain, text_of
from paidan.engine.intake.values import Also
from paidan.engine.messages import say
from paidan.workflows.records import BEIJING, NOTHING, Command

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


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

    def sample(self, column: str, count: int) -> list[str]:  # noqa: ARG002 - a CSV file can be sampled
        """Give what stands in a column in about `count` rows, or nothing where that is not cheap."""
        return []


@dataclass(frozen=True, slots=True)
class CsvTable(Table):
    """An open CSV file and its encoding."""

    encoding: str

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Give the data rows in order; wholly blank rows are skipped and not counted."""
        return enumerate(self.rows(), start=1)

    def rows(self) -> Iterator[list[str]]:
        """
        Give the data rows in order; wholly blank rows are skipped and not counted.

        Raises `InputError` where the file stops being CSV.
        """
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(_without_nul(file), strict=False)
            next(reader, None)
            try:
                for row in plain(reader, self.path):
                    if row and (len(row) > 1 or row[0].strip()):
                        yield row
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
                file.readline()
                line = file.readline().decode(self.encoding, errors="replace").replace("\0", "")
                cells = next(csv.reader([line]), [])
                if len(cells) > position:
                    found.append(text_of(cells[position]).strip())
        return found


def open_table(path: Path, required: Sequence[str]) -> CsvTable:
    """
    Open a CSV file in UTF-8 (with or without BOM) or GB18030 and read its header.

    Raises `InputError` for a file that is missing, empty, no text, or without a required column.
    """
    try:
        digest, encoding = inspect(path)
        with path.open(encoding=encoding, newline="") as file:
            header = next(csv.reader(_without_nul(file)), None)
    except FileNotFoundError:
        raise InputError("file_missing", exit_code=5, file=str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable_input", file=str(path), why=error.strerror or str(error)) from None
    except csv.Error as error:
        raise InputError("file_broken", file=path.name, line=1, why=str(error)) from None
    names = tuple(clean(text_of(cell)) for cell in header or ())
    if not any(names):
        raise InputError("file_empty", file=str(path))
    if missing := [name for name in required if name not in names]:
        raise InputError("column_missing", file=path.name, missing=", ".join(missing), found=", ".join(names))
    if required:
        check_single(path.name, names)
    return CsvTable(path, path.name, digest, names, encoding)


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


def inspect(path: Path) -> tuple[str, str]:
    """Give the file's SHA-256 and its encoding: UTF-8 if every byte is, else GB18030."""
    digest = hashlib.sha256()
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8-sig", "gb18030")}
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
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


def _without_nul(lines: io.TextIOBase | Any) -> Iterator[str]:
    """Drop NUL characters, which csv refuses and no export means."""
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line
