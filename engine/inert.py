"""
Cells of CSV files that no spreadsheet takes for a formula, and what they were.

A spreadsheet runs what begins with a sign such as `=`, whoever wrote it. In files of ours such a cell
begins with an apostrophe, which makes it text everywhere; who reads them takes just that one away.
Workbooks, JSON lines and Parquet say themselves what is text, and hold it unchanged.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any, TextIO

_MARK = "'"
_UNSEEN = r"\x00-\x20\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
"""What may stand before a sign and still let it begin the cell, for one program or another."""
_RISKY = re.compile(rf"'*(?:[\t\r\n]|[{_UNSEEN}]*[-=+@＝＋－＠﹦﹢﹣﹫])")
_BEFORE = b',;\t\r\n"\xbf'
"""Bytes after which a cell begins, the last of a byte order mark too."""
_NUMBER = re.compile(r"[-+](?:\d+(?:\.\d+)?%?)?")
"""A number with its sign, or a sign alone, is no formula, and would be no number any more."""


def inert(text: str) -> str:
    """
    Give a cell of a CSV file that holds a text.

    >>> inert("=1+1"), inert("-2.5"), inert("网格")
    ("'=1+1", '-2.5', '网格')
    """
    return _MARK + text if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def text_of(cell: str) -> str:
    """
    Give the text that `inert` made a cell of; any other cell is its own text.

    >>> text_of(inert("''=1+1")), text_of("'t Hof")
    ("''=1+1", "'t Hof")
    """
    risky = cell[:1] == _MARK and _RISKY.match(cell, 1) and not _NUMBER.fullmatch(cell, 1)
    return cell[1:] if risky else cell


class Inert(dict[str, str]):
    """
    The cells of words that come again and again, each looked at once.

    `broken` turns true with the first word that holds a carriage return: see `lines_to`.
    """

    broken = False

    def __missing__(self, text: str) -> str:
        self.broken |= "\r" in text
        cell = self[text] = inert(text)
        return cell


class _Lines:
    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, line: str) -> None:
        self._file.write(line[:-2] + "\n")


def lines_to(file: TextIO) -> Any:
    """
    Give what writes rows of CSV, each ended by a line feed, with every line break in a cell quoted.

    `csv` itself quotes a carriage return only where lines end with one: elsewhere a spreadsheet, and
    `csv` too, begin a row after it, whose first cell is whatever follows.
    """
    return csv.writer(_Lines(file), lineterminator="\r\n")


def cells(row: Iterable[Any]) -> list[Any]:
    """Give the cells of a row: texts inert, all else as it is."""
    return [inert(one) if isinstance(one, str) else one for one in row]


def plain(rows: Iterable[list[str]], path: Path) -> Iterator[list[str]]:
    """Give rows read from the CSV file at `path` as they were meant; looks at none where it holds no mark."""
    return map(_texts, rows) if _marked(path) else iter(rows)


def records(path: Path) -> Iterator[dict[str, str]]:
    """Give the rows of a CSV file of ours by column, as they were meant."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = plain(csv.reader(file), path)
        header = next(rows, [])
        for row in rows:
            yield dict(zip(header, row, strict=True))


def _texts(row: list[str]) -> list[str]:
    return [text_of(cell) if cell[:1] == _MARK else cell for cell in row]


def _marked(path: Path) -> bool:
    """Whether a cell may begin with an apostrophe, in UTF-8 or GB18030: no other character holds its byte."""
    mark = _MARK.encode()
    with path.open("rb") as file:
        if not path.stat().st_size:
            return False
        with mmap(file.fileno(), 0, access=ACCESS_READ) as text:
            at = text.find(mark)
            while at > 0 and text[at - 1] not in _BEFORE:
                at = text.find(mark, at + 1)
            return at >= 0
