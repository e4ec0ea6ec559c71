"""
A workbook read in a process of its own, bounded in memory and time; python-calamine is needed here alone.

Started as a script with the request as its argument. The rows go to standard output, an unnamed file
of the caller's, as blocks of JSON after their length, what the sheets are at its end. A row is its
cells as text and the number of the sheet's row; of one with numbers too long to be exact, also where.
"""

import gc
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

if __name__ == "__main__":
    # The caller's libraries, and the caller's paidan, be it a wheel's or a checkout's.
    from importlib.machinery import ModuleSpec
    from importlib.util import module_from_spec

    sys.path[:] = json.loads(sys.argv[1])["libraries"]
    own = ModuleSpec("paidan", None, is_package=True)
    own.submodule_search_locations = [str(Path(__file__).resolve().parents[2])]
    sys.modules["paidan"] = module_from_spec(own)

import msgspec

from paidan.engine.intake.workbook_archive import RefusedError, check

COLUMNS_MOST = 1000
_BLOCK = 256 << 10
_ROW_MOST = 4 << 20
"""Bytes of a row, however many cells it has."""
_EXACT = 1e15
"""A workbook keeps fifteen digits of a number; a longer one is no longer what somebody typed."""
_PLAIN = 1e21
_SERIALS = (32_874, 73_050)
"""1990 to 2099 as day numbers since 1900."""
_SINCE_1904 = 1462
_HEADS = 30
"""Rows looked at for headers of times, above data that may have lost the format of a date."""
_QUOTED = re.compile(r"""`.*`|".*"|'.*'""")
"""What a parser repeats of the file, which may be what somebody said."""
_TIME_HEAD = re.compile(r"(时间|时限|日期|期限)\W*$|^(\w*_at|at|time|date|\w*_due)$")


def limit(memory: int, seconds: int, output: int) -> None:
    """Bound this process where the platform can; it leaves no core behind, which would hold identities."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    for what, most in (
        ("RLIMIT_AS", memory), ("RLIMIT_CPU", seconds), ("RLIMIT_FSIZE", output), ("RLIMIT_CORE", 0),
    ):  # fmt: skip
        try:
            hard = resource.getrlimit(getattr(resource, what))[1]
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(getattr(resource, what), (least, least))
        except (AttributeError, ValueError, OSError):
            continue


def main(asked: dict[str, Any], out: IO[bytes]) -> None:
    """Read the workbook that is asked for, and write what it holds or why it is refused."""
    limit(asked["memory"], asked["seconds"], asked["output"])
    gc.disable()
    path = Path(asked["path"])
    try:
        told = _read(path, out)
        out.flush()
    except RefusedError as refused:
        told = {"refused": refused.code, "details": refused.details}
    except MemoryError:
        told = {"refused": "workbook_large", "details": {"most": f"{asked['memory'] >> 20} MiB"}}
    except OSError as error:
        told = {"refused": "file_unreadable_input", "details": {"why": error.strerror or str(error)}}
    except BaseException as error:  # noqa: BLE001 - a parser in another language panics as it likes
        why = _QUOTED.sub("…", str(error).partition("\n")[0])
        told = {"refused": "workbook_broken", "details": {"why": why}}
    if "refused" in told:  # the rows are of no use, and may have filled the disk
        os.ftruncate(out.fileno(), 0)
        os.lseek(out.fileno(), 0, os.SEEK_SET)
    content = json.dumps(told).encode()
    os.write(out.fileno(), content + len(content).to_bytes(8, "little"))
    os._exit(0)  # what is still to be written is not wanted


def _read(path: Path, out: IO[bytes]) -> dict[str, Any]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    errors = check(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    since_1904 = _counts_from_1904(path)
    book = CalamineWorkbook.from_path(str(path))
    sheets = []
    for number, one in enumerate(book.sheets_metadata):
        told: dict[str, Any] = {"name": one.name, "rows": 0, "start": out.tell(), "end": out.tell()}
        if one.typ != SheetTypeEnum.WorkSheet:
            told["passed"] = "sheet_no_cells"
        elif one.visible != SheetVisibleEnum.Visible:
            told["passed"] = "sheet_hidden"
        else:
            told["rows"] = _Writer(book.get_sheet_by_index(number), out, since_1904=since_1904).write()
            told["end"] = out.tell()
        sheets.append(told)
    return {"sha256": digest, "errors": errors, "sheets": sheets}


def _counts_from_1904(path: Path) -> bool:
    """Whether days are counted from 1904, which the parser knows of cells formatted as dates alone."""
    from zipfile import ZipFile  # noqa: PLC0415

    with ZipFile(path) as archive:
        names = {name.lower(): name for name in archive.namelist()}
        name = names.get("xl/workbook.xml")
        content = archive.read(name) if name else b""
    return re.search(rb"""<(\w+:)?workbookPr\b[^>]*\bdate1904=["'](1|true)["']""", content) is not None


class _Writer:
    """One sheet on its way into text."""

    def __init__(self, sheet: Any, out: IO[bytes], *, since_1904: bool) -> None:
        self._sheet = sheet
        self._out = out
        self._shift = _SINCE_1904 if since_1904 else 0
        self._long = False
        self._texts: dict[type, Callable[[Any], Any]] = {
            float: self._number, int: self._number, bool: _flag, datetime: datetime.isoformat,
            date: date.isoformat, time: time.isoformat, timedelta: _span,
        }  # fmt: skip

    def write(self) -> int:
        """Write the rows that hold anything, and give how many they are."""
        if self._sheet.start is None:
            return 0
        if self._sheet.total_width > COLUMNS_MOST:
            raise RefusedError("columns_many", most=COLUMNS_MOST)
        dated, timed = self._columns()
        encoder = msgspec.json.Encoder()
        block = bytearray(b"[")
        texts = self._texts
        count = 0
        for number, row in self._merged():
            for place in dated:
                cell = row[place]
                row[place] = cell.isoformat() if type(cell) is datetime else self._dated(cell, place in timed)
            cells = [cell if type(cell) is str else texts[type(cell)](cell) for cell in row]
            if not any(map(str.strip, cells)):
                continue
            count += 1
            before = len(block)
            cells.append(number)
            encoder.encode_into(self._flagged(row, cells) if self._long else cells, block, -1)
            if len(block) - before > _ROW_MOST:
                raise RefusedError("line_long", most=_ROW_MOST >> 20)
            if len(block) > _BLOCK:
                self._flush(block)
            else:
                block += b","
        if len(block) > 1:
            del block[-1]
            self._flush(block)
        return count

    def _merged(self) -> Iterator[tuple[int, list[Any]]]:
        """Give the rows by their numbers; a cell that is merged over several says the same in each."""
        begin: dict[int, list[tuple[int, int]]] = {}
        for (top, left), (bottom, _) in self._sheet.merged_cell_ranges or ():
            if bottom > top and left < self._sheet.total_width:
                begin.setdefault(top, []).append((bottom, left))
        down: dict[int, tuple[int, Any]] = {}
        for number, row in enumerate(self._sheet.iter_rows()):
            if down:
                down = {left: one for left, one in down.items() if number <= one[0]}
                if any(cell != "" for cell in row):
                    for left, (_, value) in down.items():
                        if row[left] == "":
                            row[left] = value
            for bottom, left in begin.get(number, ()):
                down[left] = (bottom, row[left])
            yield number + 1, row

    def _flush(self, block: bytearray) -> None:
        block += b"]"
        self._out.write(len(block).to_bytes(8, "little"))
        self._out.write(block)
        block[:] = b"["

    def _columns(self) -> tuple[list[int], set[int]]:
        """Give the columns of dates, and those of them in which some cell has a time of day."""
        dated: set[int] = set()
        timed: set[int] = set()
        open_ = list(range(self._sheet.total_width))
        for number, row in enumerate(self._sheet.iter_rows()):
            found = False
            for place in open_:
                kind = type(row[place])
                if kind is datetime:
                    timed.add(place)
                    found = True
                elif kind is date or (
                    number < _HEADS and kind is str and _TIME_HEAD.search("".join(row[place].split()))
                ):
                    dated.add(place)
            if found:
                open_ = [place for place in open_ if place not in timed]
        return sorted(dated | timed), timed

    def _dated(self, cell: Any, midnight: bool) -> Any:  # noqa: FBT001 - asked for each cell
        """Write a cell of a column of dates: a day in a column of times is midnight, a number a date."""
        if type(cell) is float or type(cell) is int:
            days = cell + self._shift
            if not _SERIALS[0] <= days < _SERIALS[1]:
                return cell
            at = datetime(1899, 12, 30) + timedelta(milliseconds=round(days * 86_400_000))  # noqa: DTZ001
            midnight = midnight or at.time() != time()
            return at.isoformat() if midnight else at.date().isoformat()
        if type(cell) is date and midnight:
            return f"{cell.isoformat()}T00:00:00"
        return cell

    def _number(self, value: float) -> str:
        if abs(value) >= _EXACT:
            self._long = True
        if float(value).is_integer() and abs(value) < _PLAIN:
            return str(int(value))
        text = repr(value)
        return format(Decimal(text), "f") if "e-" in text else text

    def _flagged(self, row: list[Any], cells: list[Any]) -> dict[str, Any]:
        self._long = False
        long = [n for n, cell in enumerate(row) if type(cell) in (float, int) and abs(cell) >= _EXACT]
        return {"cells": cells, "long": long}


def _flag(value: bool) -> str:  # noqa: FBT001 - a cell
    return "true" if value else "false"


def _span(value: timedelta) -> str:
    """Write a duration as hours, minutes and seconds, however many hours."""
    seconds = round(abs(value).total_seconds())
    sign = "-" if value < timedelta() else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.stdout.buffer)
