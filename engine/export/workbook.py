"""
Workbooks written row by row with XlsxWriter, which comes with the extra `files` and is needed here alone.

A cell holds what it is given and nothing else: text is text whatever it begins with, so no formula
and no link ever stands in a workbook of ours, and its format is text, so that none comes to be where
somebody edits it. Numbers are numbers, instants Beijing time.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from unicodedata import east_asian_width

from paidan.engine.errors import InputError
from paidan.engine.export.table import Column, Cut, Kind, Sheet, Written, whole
from paidan.engine.messages import say
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    Book: TypeAlias = Workbook
    Tab: TypeAlias = Worksheet
    Style: TypeAlias = Format

CELL_MOST = 32_767
"""Characters a cell of a workbook holds, those beyond the first 65,536 of Unicode counted twice."""
ROWS_MOST = 1_048_576
"""Rows a sheet holds."""
_NUMBER_MOST = 10**15
"""From here on a workbook, whose numbers have 15 digits, would hold another number."""
_INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_TIME = "yyyy-mm-dd hh:mm:ss"
_NAME_MOST = 31
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\[\]:*?/\\]")
_NARROW, _WIDE, _LOOKED_AT = 8, 60, 200
"""Widths of columns in characters; the rows that are looked at to choose one."""


class Marked(str):
    """A text in a cell that a reader is to look at."""

    __slots__ = ()


def need_xlsxwriter(name: str) -> None:
    """Raise `InputError` where a file `name` cannot be written, because XlsxWriter is not installed."""
    try:
        import xlsxwriter  # noqa: F401, PLC0415 - as below
    except ImportError:
        raise InputError("extra_missing", file=name, needs="xlsxwriter", extra="files") from None


@contextmanager
def writing(path: Path) -> Iterator["Workbook"]:
    """
    Lend a workbook that takes the name `path` when it is whole, and leaves nothing where it is not.

    Raises `InputError` where the extra is not installed or the file cannot be written.
    """
    need_xlsxwriter(path.name)
    from xlsxwriter import Workbook  # noqa: PLC0415 - only who writes workbooks needs it
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - the same

    with whole(path) as beside:
        book = Workbook(str(beside), {**_INERT, "constant_memory": True, "default_date_format": _TIME})
        try:
            yield book
            book.close()
        except FileCreateError as error:
            raise InputError("file_unwritable", file=str(path), why=str(error)) from None


def put(sheet: "Worksheet", row: int, column: int, value: Any, style: "Format | None" = None) -> int:
    """
    Write one cell, counted from 0, as what it is: text, a number, an instant, a date, or nothing.

    A text that no cell holds is cut, and says so at its end; gives the number of characters left out.
    """
    if value is None or value == "":
        if style is not None:
            sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float | Decimal) and abs(float(value)) < _NUMBER_MOST:
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)
    elif isinstance(value, datetime):
        civil = value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value
        sheet.write_datetime(row, column, civil, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        text, lacks = _fitting(str(value))
        sheet.write_string(row, column, text, style)
        return lacks
    return 0


def save_sheets(sheets: Iterable[Sheet], path: Path) -> Written:
    """
    Write tables to a workbook, each on a sheet of its own under a header that stays in sight.

    Rows beyond those of a sheet go on on further ones. Raises as `writing`.
    """
    with writing(path) as book:
        return _Book(book).write(sheets)


class _Book:
    """A workbook being filled, with the formats of its cells."""

    def __init__(self, book: "Workbook") -> None:
        self._book = book
        text = {"num_format": "@", "valign": "top"}
        self._formats = {
            Kind.TEXT: book.add_format(text),
            Kind.NUMBER: book.add_format({"num_format": "0", "valign": "top"}),
            Kind.DECIMAL: book.add_format({"num_format": "0.00", "valign": "top"}),
            Kind.FLAG: book.add_format({"valign": "top"}),
            Kind.INSTANT: book.add_format({"num_format": _TIME, "valign": "top", "align": "left"}),
        }
        self._head = book.add_format({**text, "bold": True, "bg_color": "#DDE6F0", "bottom": 1})
        self._marked = book.add_format({**text, "bg_color": "#FFD9D9", "font_color": "#9C0006"})
        self._taken: set[str] = set()
        self._cut = 0
        self._first: Cut | None = None

    def write(self, sheets: Iterable[Sheet]) -> Written:
        """Write every table."""
        written = 0
        for one in sheets:
            rows = iter(one.rows)
            first = list(islice(rows, _LOOKED_AT))
            widths = [
                _width([column.title, *(row[place] for row in first)])
                for place, column in enumerate(one.columns)
            ]
            left: Iterator[Sequence[Any]] = chain(first, rows)
            upcoming = next(left, None)
            while True:
                name = _name(one.title, self._taken)
                sheet = self._book.add_worksheet(name)
                row = 0
                self._begin(sheet, one.columns, widths)
                while upcoming is not None and row < ROWS_MOST - 1:
                    row += 1
                    self._row(sheet, row, one.columns, upcoming)
                    upcoming = next(left, None)
                sheet.autofilter(0, 0, row, len(one.columns) - 1)
                written += row
                if upcoming is None:
                    break
        return Written(written, self._cut, self._first)

    def _begin(self, sheet: "Worksheet", columns: Sequence[Column], widths: Sequence[int]) -> None:
        for place, (column, width) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(place, place, width, self._formats[column.kind])
            put(sheet, 0, place, column.title, self._head)
        sheet.freeze_panes(1, 0)

    def _row(self, sheet: "Worksheet", number: int, columns: Sequence[Column], row: Sequence[Any]) -> None:
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            style = self._marked if isinstance(value, Marked) else self._formats[column.kind]
            if value is None or (value == "" and style is not self._marked):
                continue
            if value == "":
                sheet.write_blank(number, place, None, style)
            elif lacks := put(sheet, number, place, value, style):
                self._cut += 1
                self._first = self._first or Cut(sheet.get_name(), number + 1, column.title, lacks)


def _fitting(text: str) -> tuple[str, int]:
    """Give what of a text a cell holds, with a note where that is not all, and the characters left out."""
    if len(text) <= CELL_MOST // 2 or _units(text) <= CELL_MOST:
        return text, 0
    kept = text[: CELL_MOST - len(say("workbook.cut", count=len(text)))]
    while _units(kept) + len(note := say("workbook.cut", count=len(text) - len(kept))) > CELL_MOST:
        kept = kept[: -max(1, (_units(kept) + len(note) - CELL_MOST) // 2)]
    return kept + note, len(text) - len(kept)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _name(title: str, taken: set[str]) -> str:
    """Give a name that a sheet may have and no other has: Excel tells capitals from no others."""
    plain = _NOT_IN_NAMES.sub("_", title).strip("' ") or "Sheet"
    number, name = 1, plain[:_NAME_MOST].rstrip("' ")
    while name.lower() in (*taken, "history"):
        number += 1
        name = f"{plain[: _NAME_MOST - len(str(number)) - 3]} ({number})"
    taken.add(name.lower())
    return name


def _width(values: Iterable[Any]) -> int:
    """Give a width that shows most of the cells, in characters of which Chinese ones take two."""
    longest = max((_shown(value) for value in values), default=0)
    return min(max(longest + 2, _NARROW), _WIDE)


def _shown(value: Any) -> int:
    if isinstance(value, datetime):
        return len(_TIME)
    text = str(value or "")[:_WIDE].partition("\n")[0]
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
