"""
Workbooks as tables: read once by a bounded process, then from what it wrote, as often as is asked.

What the process wrote holds identities in clear. It stands in a file without a name, which no crash
and no kill leaves behind. Another process that is handed a table and was not forked from this one
has the workbook read anew, and finds out if it changed meanwhile.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from paidan.engine.errors import InputError
from paidan.engine.intake.tables import HEADS, Names, Rejected, Table, clean, heading_row
from paidan.engine.masking import masked_name
from paidan.workflows.attributes import IDENTITY

ARCHIVE = (b"PK\3\4", b"PK\5\6", b"PK00PK\3\4")
"""How an archive begins, an empty one, one that was split."""
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file begins: workbooks of before 2007, and encrypted ones."""
MEMORY = 2 << 30
"""Bytes the reading process may have: a million rows of twenty columns."""
SECONDS = 300
"""Seconds of a processor it may take, and three times as many of the clock, which others run on too."""
_OUTPUT = 4 << 30
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_LOOKED = 1 << 20
_TRAILER = 8


class Part(NamedTuple):
    """A sheet in what was read: its name, where its rows stand, how many, or why it has none."""

    name: str
    start: int
    end: int
    rows: int
    passed: str


class Read:
    """What was read of one workbook; whoever is given it pickled reads it again."""

    def __init__(self, path: Path, sha256: str = "") -> None:
        self._path = path
        self._told: dict[str, Any] = {}
        self._descriptor = -1
        self._reading = threading.Lock()
        self.sha256 = sha256

    def __reduce__(self) -> tuple[Any, ...]:
        return Read, (self._path, self.sha256)

    def told(self) -> dict[str, Any]:
        """Say what the workbook holds; raises `InputError` where it cannot be read, or is another by now."""
        with self._reading:
            if not self._told:
                told, self._descriptor = self._read()
                if self.sha256 not in ("", told["sha256"]):
                    raise InputError("file_changed", file=self._path.name)
                self._told, self.sha256 = told, told["sha256"]
        return self._told

    def parts(self) -> list[Part]:
        """Give the sheets in the order of the workbook."""
        return [
            Part(one["name"], one["start"], one["end"], one["rows"], one.get("passed", ""))
            for one in self.told()["sheets"]
        ]

    def rows(self, start: int, end: int) -> Iterator[Any]:
        """Give the rows between two places as they were written."""
        self.told()
        decoder = msgspec.json.Decoder()
        while start < end:
            length = int.from_bytes(self._bytes(start, _TRAILER), "little")
            start += _TRAILER
            yield from decoder.decode(self._bytes(start, length))
            start += length

    def _bytes(self, start: int, length: int) -> bytes:
        # At a place of its own: forked processes share one position, and readers in one process too.
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, length, start)
        with self._reading:
            os.lseek(self._descriptor, start, os.SEEK_SET)
            return os.read(self._descriptor, length)

    def _read(self) -> tuple[dict[str, Any], int]:
        if importlib.util.find_spec("python_calamine") is None:
            raise InputError("extra_missing", file=self._path.name, needs="python-calamine", extra="files")
        spool = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open as long as anybody reads the table
        weakref.finalize(self, spool.close)
        ended = _child(self._path, spool.fileno())
        size = spool.seek(0, os.SEEK_END)
        told = {} if ended else _trailer(spool.fileno(), size)
        if not told:
            large = ended in (-signal.SIGABRT, -getattr(signal, "SIGXCPU", 0), -getattr(signal, "SIGKILL", 0))
            if large or ended is None:
                most = f"{MEMORY >> 20} MiB, {SECONDS} s"
                raise InputError("workbook_large", file=self._path.name, most=most)
            raise InputError("workbook_broken", file=self._path.name, why=f"{ended}")
        if "refused" in told:
            raise InputError(told["refused"], file=self._path.name, **told["details"])
        return told, spool.fileno()


def _child(path: Path, output: int) -> int | None:
    """Have the workbook read into a file; give how the process ended, None where it took too long."""
    asked = {
        "path": str(path.absolute()), "libraries": [str(one) for one in sys.path], "memory": MEMORY,
        "seconds": int(SECONDS) + 1, "output": _OUTPUT,
    }  # fmt: skip
    script = Path(__file__).with_name("workbook_child.py")
    with subprocess.Popen(  # noqa: S603 - our own script, no shell
        [sys.executable, "-I", "-S", str(script), json.dumps(asked)],
        stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            return process.wait(timeout=SECONDS * 3)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()


def _trailer(descriptor: int, size: int) -> dict[str, Any]:
    if size < _TRAILER:
        return {}
    os.lseek(descriptor, size - _TRAILER, os.SEEK_SET)
    length = int.from_bytes(os.read(descriptor, _TRAILER), "little")
    os.lseek(descriptor, size - _TRAILER - length, os.SEEK_SET)
    told: dict[str, Any] = json.loads(os.read(descriptor, length))
    return told


@dataclass(frozen=True, slots=True)
class Sheet(Table):
    """One sheet of a workbook: the rows below its header, which is the `skip`-th that holds anything."""

    workbook: Read
    sheet: Part
    skip: int
    header_row: int
    heeded: frozenset[int]
    passed: Mapping[str, str]

    @property
    def told(self) -> Mapping[str, Any]:
        """Which sheet it is, in which row its header stands, what was passed over beside it."""
        errors = self.workbook.told()["errors"]
        return {
            "sheet": self.sheet.name,
            "header_row": self.header_row,
            **({"sheets_passed_over": dict(self.passed)} if self.passed else {}),
            **({"error_cells": errors} if errors else {}),
        }

    def numbered(self) -> Iterator[tuple[int, list[str] | Rejected]]:
        """
        Give the rows that hold anything.

        Rejected is a row with a number in a column that is read, order ids above all, of which the
        workbook keeps fifteen digits only: two orders could have become one.
        """
        for number, row in enumerate(self._below(), start=1):
            if type(row) is dict:
                yield number, self._checked(number, row)
            else:
                row.pop()
                yield number, row

    def rows(self) -> Iterator[list[str]]:
        """Give the rows that hold anything."""
        for row in self._below():
            cells = row["cells"] if type(row) is dict else row
            yield cells[:-1]

    def sheet_rows(self, numbers: Container[int]) -> dict[int, int]:
        """Give the rows of the sheet in which data rows stand, for a person who looks there."""
        return {
            number: int((row["cells"] if type(row) is dict else row)[-1])
            for number, row in enumerate(self._below(), start=1)
            if number in numbers
        }

    def sample(self, column: str, count: int) -> list[str]:
        """Give what stands in a column in about `count` rows spread evenly over the sheet."""
        position = self.header.index(column)
        step = max(1, (self.sheet.rows - self.skip) // count)
        return [cells[position].strip() for cells in islice(self.rows(), 0, None, step)]

    def _below(self) -> Iterator[Any]:
        return islice(self.workbook.rows(self.sheet.start, self.sheet.end), self.skip, None)

    def _checked(self, number: int, row: dict[str, Any]) -> list[str] | Rejected:
        cells: list[str] = row["cells"][:-1]
        for place in row["long"]:
            if place in self.heeded:
                column = self.header[place]
                value = masked_name(cells[place])
                return Rejected(self.name, number, "", column, value, "number_long", {"column": column})
        return cells


def open_sheets(path: Path, names: Names) -> tuple[list[Sheet], dict[str, str]]:
    """
    Open the sheets of a workbook that hold anything, and say of the others why they are passed over.

    Raises `InputError` for a file that is no workbook,
    is not safe to read, or needs an extra that is not installed.
    """
    workbook = Read(path)
    sheets: list[Sheet] = []
    passed: dict[str, str] = {}
    for part in workbook.parts():
        if part.passed or not part.rows:
            passed[part.name] = part.passed or "sheet_empty"
            continue
        first = [
            row["cells"] if type(row) is dict else row
            for row in islice(workbook.rows(part.start, part.end), HEADS)
        ]
        at = heading_row([row[:-1] for row in first], names)
        header = tuple(clean(cell) for cell in first[at][:-1])
        heeded = frozenset(place for place, name in enumerate(header) if names(name) and name not in IDENTITY)
        sheets.append(
            Sheet(path, path.name, workbook.sha256, header, workbook, part, at + 1, first[at][-1], heeded, {})
        )
    return sheets, passed


def refuse_old(path: Path) -> None:
    """Refuse a compound file: it is encrypted, or a workbook of before 2007; raises `InputError`."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        start = file.read(_LOOKED)
        file.seek(max(0, size - _LOOKED))
        locked = _LOCKED in start or _LOCKED in file.read(_LOOKED)
    if locked:
        raise InputError("workbook_locked", file=path.name)
    raise InputError("workbook_other", file=path.name, form="XLS")
