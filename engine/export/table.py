"""
A table written to a file in whatever form is asked for, row by row.

CSV and workbooks are for people: they bear the titles of the columns, CSV with the byte order mark that
tells Excel it is UTF-8, or in GB18030. JSON lines and Parquet are for programs: they bear the names, and
Parquet the types. A file takes its name when it is whole.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Any, NamedTuple, TextIO, TypeVar

from paidan.engine.errors import InputError, UsageError
from paidan.engine.inert import cells, lines_to
from paidan.workflows.records import BEIJING


class Kind(Enum):
    """What the cells of a column are; empty, or None, where nothing is said."""

    TEXT = auto()
    NUMBER = auto()
    """whole"""
    DECIMAL = auto()
    """a `Decimal` of two places"""
    FLAG = auto()
    INSTANT = auto()
    """an aware `datetime`"""


class Column(NamedTuple):
    """A column: its name for programs, its title for people, what it holds."""

    name: str
    title: str
    kind: Kind = Kind.TEXT


class Sheet(NamedTuple):
    """A table: what it is called, its columns, and its rows, which are asked for once."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


class Form(StrEnum):
    """A form of files."""

    csv = "csv"
    jsonl = "jsonl"
    parquet = "parquet"
    xlsx = "xlsx"


class Encoding(StrEnum):
    """How a CSV file is encoded."""

    utf_8 = "utf-8"
    gb18030 = "gb18030"


class What(StrEnum):
    """What of all orders and cases is written out."""

    entries = "entries"
    transitions = "transitions"
    deadlines = "deadlines"
    deviations = "deviations"
    histories = "histories"


Chosen = TypeVar("Chosen", bound=StrEnum)


def chosen(allowed: type[Chosen], name: str, word: str) -> Chosen:
    """Give one of the words that are allowed; raises `UsageError` for another."""
    try:
        return allowed(word)
    except ValueError:
        raise UsageError("export.word", name=name, word=word, allowed=", ".join(allowed)) from None


class Cut(NamedTuple):
    """A text that did not fit into a cell of a workbook: where it stands, how many characters it lacks."""

    sheet: str
    row: int
    column: str
    lacks: int


class Written(NamedTuple):
    """What came of writing: how many rows, how many cells were cut, and the first of them."""

    rows: int
    cut: int = 0
    first: Cut | None = None


def save(sheet: Sheet, path: Path, form: Form, *, encoding: Encoding = Encoding.utf_8) -> Written:
    """
    Write a table to a file.

    A text longer than a cell of a workbook holds is cut there and says so; all else stands whole.
    Raises `InputError` where the file cannot be written, a character has no code in `encoding` (half
    of one), or the extra `files` is not installed.
    """
    if form is Form.xlsx:
        from paidan.engine.export.workbook import save_sheets  # noqa: PLC0415 - it needs the extra

        return save_sheets([sheet], path)
    with whole(path) as beside:
        if form is Form.parquet:
            from paidan.engine.export.columnar import save_parquet  # noqa: PLC0415 - the same

            return Written(save_parquet(sheet, beside, path.name))
        # `utf-8-sig` begins with the mark without which Excel takes UTF-8 for the code page of its country.
        named = "utf-8-sig" if form is Form.csv and encoding is Encoding.utf_8 else encoding.value
        with encoded(beside, named, path.name) as file:
            return Written((write_csv if form is Form.csv else write_json_lines)(sheet, file))


def write_csv(sheet: Sheet, file: TextIO) -> int:
    """Write a table as CSV under the titles of its columns, its texts inert; give the number of rows."""
    writer = lines_to(file)
    writer.writerow(cells(column.title for column in sheet.columns))
    written = 0
    for row in sheet.rows:
        writer.writerow(cells(map(_text, row)))
        written += 1
    return written


def write_json_lines(sheet: Sheet, file: TextIO) -> int:
    """Write a table as JSON lines under the names of its columns; give the number of rows."""
    names = [column.name for column in sheet.columns]
    written = 0
    for row in sheet.rows:
        told = dict(zip(names, row, strict=True))
        file.write(json.dumps(told, ensure_ascii=False, default=_text) + "\n")
        written += 1
    return written


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Lend a path beside `path` to write to: what is there takes the name when whole, else it is gone."""
    beside = path.with_name(f".{path.name}.partial")
    try:
        yield beside
        beside.replace(path)
    except OSError as error:
        raise InputError("file_unwritable", file=str(path), why=error.strerror or str(error)) from None
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def encoded(path: Path, encoding: str, name: str) -> Iterator[TextIO]:
    """Open a file of text to be written; `InputError` names a character that has no code in `encoding`."""
    with path.open("w", encoding=encoding, newline="") as file:
        try:
            yield file
            file.flush()
        except UnicodeEncodeError as error:
            character = f"U+{ord(error.object[error.start]):04X}"
            raise InputError(
                "character_unwritable", file=name, character=character, encoding=encoding
            ) from None


def _text(value: Any) -> Any:
    """Write a value as our CSV files do; numbers and texts stay."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).isoformat()
    return value if isinstance(value, int | str) else str(value)
