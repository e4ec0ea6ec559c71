"""
Sheets meant for paper: a title, a header on every page, typed columns, A4 across, pages numbered.

What stands in a cell is `engine.export.workbook`'s business; here is what it looks like.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from paidan.engine.export.workbook import ROWS_MOST, put
from paidan.engine.messages import say
from paidan.policies.scoring import figures
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from paidan.engine.export.workbook import Book, Style, Tab

NAME_MOST = 31
"""Characters that the name of a sheet holds, counted as UTF-16 does."""
UNDEFINED = "–"
"""What stands where the rules leave a figure undefined: never 0, never an empty cell."""
_A4 = 9
_MARGINS = {"left": 0.4, "right": 0.4, "top": 0.7, "bottom": 0.6}
"""In inches."""
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NUMBERS = {
    "points": "0.00", "signed": "+0.00;-0.00;0.00", "percent": "0.00%", "count": "0", "plain": "General",
    "moment": "yyyy-mm-dd hh:mm:ss", "day": "yyyy-mm-dd",
}  # fmt: skip
_FONTS = {"zh": "宋体", "en": "Calibri"}
_SIZE = 10
"""The size of what stands in a row, in points."""
_LINE = 14
"""The height of a line of it, in points."""
_HIGHEST = 400
"""The height of a row at most, in points: no program shows one of more than 409."""
_TIGHT = 0.9
"""The part of a line that words fill before one goes to the next."""
_LOOKS: dict[str, dict[str, Any]] = {
    "": {"border": 1, "border_color": "#9AA3AF", "font_size": _SIZE},
    "sum": {"border": 1, "border_color": "#9AA3AF", "font_size": _SIZE, "bold": True, "bg_color": "#EEF1F5"},
    "head": {
        "border": 1, "border_color": "#6B7280", "font_size": _SIZE, "bold": True, "bg_color": "#DCE3EC",
        "align": "center",
    },
    "band": {"border": 1, "border_color": "#9AA3AF", "font_size": 11, "bold": True, "bg_color": "#F5F0E1"},
    "title": {"font_size": 16, "bold": True, "align": "center"},
    "left": {"border": 1, "border_color": "#9AA3AF", "font_size": _SIZE, "align": "left"},
    "about": {"font_size": _SIZE, "font_color": "#4B5563"},
}  # fmt: skip


class Cell(NamedTuple):
    """A value that is of another kind than its column."""

    kind: str
    value: Any


class Column(NamedTuple):
    """
    A column: its label, its width in characters, and the kind of its values.

    `text`; `label` (short text, centred); `points` (two places, half up), `signed` (the same with its
    sign), `percent` (a part, two places), `count`, `plain` (a number as it is, a fraction that is no
    decimal as text), `moves` (places won or lost), `moment` (an instant; at midnight its day).
    """

    label: str
    width: float
    kind: str = "text"


class Printed:
    """A workbook of printed sheets. `head` stands at the head of every page."""

    def __init__(self, book: "Book", lang: str, head: str) -> None:
        self._book, self.lang, self._head = book, lang, head
        self._styles: dict[tuple[str, str], Style] = {}
        self._names: set[str] = set()

    def page(self, name: str, title: str, columns: Sequence[Column], about: str = "") -> "Page":
        """Begin a sheet; a name that is none, or stands already, is mended."""
        return Page(self, name, title, columns, about)

    def sheet(self, name: str) -> "Tab":
        """Add a sheet that prints well."""
        mended = sheet_name(name, self._names)
        self._names.add(mended.casefold())
        sheet = self._book.add_worksheet(mended)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(**_MARGINS)
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        sheet.set_header(f"&L&9 {_quoted(self._head)}&R&9 {_quoted(mended)}")
        sheet.set_footer(f"&C&9 {say('annex.page', self.lang)}")
        return sheet

    def style(self, kind: str, look: str = "") -> "Style":
        """Give the format of a kind of value in a kind of row, made once."""
        if (kind, look) not in self._styles:
            shape = {"font_name": _FONTS[self.lang], "valign": "vcenter", "text_wrap": True, **_LOOKS[look]}
            if kind in _NUMBERS:
                shape["num_format"] = _NUMBERS[kind]
            if kind == "moves":
                shape["num_format"] = say("annex.moves", self.lang)
            if kind != "text":
                shape.setdefault("align", "center")
            self._styles[kind, look] = self._book.add_format(shape)
        return self._styles[kind, look]


class Page:
    """A sheet under its title. Rows are written once, from above, and go on in another when it is full."""

    def __init__(
        self, printed: Printed, name: str, title: str, columns: Sequence[Column], about: str
    ) -> None:
        self._printed, self._name, self._title = printed, name, title
        self._columns, self._about = columns, about
        self._begin()

    def _begin(self) -> None:
        self._sheet = sheet = self._printed.sheet(self._name)
        for at, column in enumerate(self._columns):
            sheet.set_column(at, at, column.width)
        self._at = 0
        self._across(self._title, "title")
        if self._about:
            self._across(self._about, "about")
        self._cells([(column.label, "label", column.width) for column in self._columns], "head")
        sheet.repeat_rows(0, self._at - 1)
        sheet.freeze_panes(self._at, 0)

    def row(self, values: Iterable[Any], look: str = "") -> None:
        """Write a row: empty text is an empty cell, a figure that is None is undefined."""
        if self._at >= ROWS_MOST:
            self._begin()
        cells = []
        for column, value in zip(self._columns, values, strict=True):
            kind, held = value if isinstance(value, Cell) else (column.kind, value)
            cells.append((*_shown(kind, held), column.width))
        self._cells(cells, look)

    def band(self, text: str) -> None:
        """Write a line across all columns."""
        self._across(text, "band")

    def _cells(self, cells: Sequence[tuple[Any, str, float]], look: str) -> None:
        """Write the cells of a row, as high as its longest text: not every program sees to that itself."""
        lines = max((_lines(value, width) for value, _, width in cells if isinstance(value, str)), default=1)
        if lines > 1:
            self._sheet.set_row(self._at, min(lines * _LINE, _HIGHEST))
        for at, (value, kind, _) in enumerate(cells):
            put(self._sheet, self._at, at, value, self._printed.style(kind, look))
        self._at += 1

    def _across(self, text: str, look: str) -> None:
        size = _LOOKS[look]["font_size"] / _SIZE
        width = sum(column.width for column in self._columns)
        style = self._printed.style("text", look)
        self._sheet.set_row(self._at, _lines(text, width / size) * _LINE * size + 5)
        self._sheet.merge_range(self._at, 0, self._at, len(self._columns) - 1, "", style)
        put(self._sheet, self._at, 0, text, style)
        self._at += 1


def sheet_name(name: str, taken: Iterable[str] = ()) -> str:
    r"""
    Give a name that a sheet may have: no `[]:*?/\`, at most 31 characters, none that is taken.

    >>> sheet_name("a/b"), sheet_name("a/b", {"a b"}), sheet_name("''")
    ('a b', 'a b (2)', '–')
    """
    clean = _NO_NAME.sub(" ", name).strip(" '") or UNDEFINED
    wanted = {one.casefold() for one in taken} | {"history"}
    found, number = _cut(clean, NAME_MOST), 1
    while found.casefold() in wanted:
        number += 1
        ending = f" ({number})"
        found = _cut(clean, NAME_MOST - len(ending)) + ending
    return found


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore").rstrip(" '")


def _quoted(text: str) -> str:
    """Write a text as the head of a page has it, where `&` begins a command."""
    return text.replace("&", "&&")[:100]


def _lines(text: str, width: float) -> int:
    """Say in how many lines a text stands in a column of that width."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    wide = (_width(line) for line in text.split("\n"))
    return sum(1 if one <= width else ceil(one / (width * _TIGHT)) for one in wide)


def _width(text: str) -> int:
    """Count the columns of a text, two for a Chinese character."""
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)  # noqa: PLR2004 - where CJK begins


def _shown(kind: str, value: Any) -> tuple[Any, str]:
    """Give what stands in the cell for a value, and the kind it then is of."""
    if value is None and kind != "text":
        return UNDEFINED, "label"
    if isinstance(value, Fraction):
        if value.denominator == 1:
            return int(value), kind
        places = {"points": 2, "signed": 2, "percent": 4}.get(kind)
        if places is None and "/" in figures.plain(value):
            return figures.plain(value), "label"
        return float(value if places is None else figures.half_up(value, places)), kind
    if isinstance(value, datetime):
        local = value.astimezone(BEIJING).replace(tzinfo=None)
        return (
            (local.date(), "day") if (local.hour, local.minute, local.second) == (0, 0, 0) else (local, kind)
        )
    return value, kind
