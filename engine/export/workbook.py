"""
Workbooks written row by row with XlsxWriter, which comes with the extra `files` and is needed here alone.

A cell holds what it is given and nothing else: text is text whatever it begins with, so no formula
and no link ever stands in a workbook of ours. Numbers are numbers, instants Beijing time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from paidan.engine.errors import InputError
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    Book: TypeAlias = Workbook
    Sheet: TypeAlias = Worksheet
    Style: TypeAlias = Format

CELL_MOST = 32_767
"""Characters a cell of a workbook holds."""
ROWS_MOST = 1_048_576
"""Rows a sheet holds."""
_INERT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@contextmanager
def writing(path: Path) -> Iterator["Workbook"]:
    """
    Lend a workbook that takes the name `path` when it is whole, and leaves nothing where it is not.

    Raises `InputError` where the extra is not installed or the file cannot be written.
    """
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - only who writes workbooks needs it
        from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 - the same
    except ImportError:
        raise InputError("extra_missing", file=path.name, needs="xlsxwriter", extra="files") from None
    beside = path.with_name(f".{path.name}.partial")
    book = Workbook(
        str(beside), {**_INERT, "constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    )
    try:
        yield book
        book.close()
        beside.replace(path)
    except (FileCreateError, OSError) as error:
        raise InputError("file_unwritable", file=str(path), why=str(error)) from None
    finally:
        beside.unlink(missing_ok=True)


def put(sheet: "Worksheet", row: int, column: int, value: Any, style: "Format | None" = None) -> None:
    """Write one cell, counted from 0, as what it is: text, a number, an instant, a date, or nothing."""
    if value is None or value == "":
        if style is not None:
            sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    elif isinstance(value, datetime):
        civil = value.astimezone(BEIJING).replace(tzinfo=None) if value.tzinfo else value
        sheet.write_datetime(row, column, civil, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value)[:CELL_MOST], style)
