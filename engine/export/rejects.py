"""
Rejected rows as a workbook: each as it stood in its file, with what is wrong, ready to be mended.

The columns that are added say so by their names, and reading passes over them: a mended workbook is
imported as it is. Rows stand there without identities, which stay masked, and without what no event was
read from, since nobody knows whom it names.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from paidan.engine.export.long_form import COLUMNS, title_of
from paidan.engine.export.table import Column, Kind, Sheet, Written
from paidan.engine.export.workbook import Marked, save_sheets
from paidan.engine.intake.reader import KNOWN
from paidan.engine.intake.tables import ADDED, Rejected, Table, added
from paidan.engine.intake.told import Told
from paidan.engine.intake.wide import Wide
from paidan.engine.masking import mark, masked, masked_name
from paidan.engine.messages import say
from paidan.policies.reader import nearest
from paidan.workflows.attributes import IDENTITY

_SHIFTED = frozenset(("row_too_long",))
"""Why nobody knows which cell is whose."""
_ADVISED = frozenset((
    "row_doubled", "row_too_long", "row_is_header", "row_without_time", "order_id_missing", "event_engine",
    "value_no_time", "import.ahead", "json_broken", "json_key_twice",
))  # fmt: skip
"""Reasons with a word of their own about what to do."""


def save_rejects(
    path: Path,
    tables: Sequence[Table],
    rejected: Iterable[Rejected],
    *,
    entered: Collection[Table] = (),
    lang: str = "zh",
) -> Written:
    """
    Write rejected rows to a workbook, a sheet for each of the `tables` they come from.

    These are logs, and what is `entered` by hand beside them: units, adjustments.

    A row that was rejected for several things stands once, with all reasons. The tables are read again.
    Raises `InputError` where one breaks off, the file cannot be written, or the extra is missing.
    """
    by_source: dict[str, dict[int, list[Rejected]]] = {}
    for one in rejected:
        by_source.setdefault(one.source, {}).setdefault(one.row, []).append(one)
    return save_sheets(_sheets([*entered, *tables], entered, by_source, lang), path)


def _sheets(
    tables: Sequence[Table],
    entered: Collection[Table],
    by_source: Mapping[str, Mapping[int, list[Rejected]]],
    lang: str,
) -> Iterator[Sheet]:
    if not by_source:
        yield Sheet(say("rejects.sheet", lang), _added(lang), ())
    known = {table.name: table for table in reversed(tables)}
    for source, rows in by_source.items():
        if source in known:
            origin, shown = _shown(known[source], entered)
            columns = [*_added(lang), *(Column(name, name) for name in origin.header)]
            yield Sheet(source, columns, _rows(origin, shown, rows, lang))
        else:
            told = (_told(number, of, lang) for number, of in sorted(rows.items()))
            yield Sheet(source, _added(lang), told)


def _added(lang: str) -> list[Column]:
    return [Column(name, added(name, lang), Kind.NUMBER if name == "row" else Kind.TEXT) for name in ADDED]


def _rows(
    origin: Table, shown: Mapping[int, str], rejected: Mapping[int, list[Rejected]], lang: str
) -> Iterator[tuple[Any, ...]]:
    left = dict(rejected)
    where = origin.sheet_rows(rejected)
    for number, row in origin.numbered():
        if (found := left.pop(number, None)) is not None:
            yield (*_told(where.get(number, number), found, lang), *_cells(origin, shown, row, found))
        if not left:
            return
    for number, found in sorted(left.items()):  # the file is another by now
        yield (*_told(number, found, lang), *[""] * len(origin.header))


def _told(number: int, rejected: Sequence[Rejected], lang: str) -> tuple[Any, ...]:
    """Say in the added columns what is wrong with a row."""
    columns = dict.fromkeys(_named(one.column, lang) for one in rejected if one.column)
    reasons = dict.fromkeys(say(one.code, lang, **one.details) for one in rejected)
    advice = dict.fromkeys(advised for one in rejected if (advised := _advice(one, lang)))
    return number, "、".join(columns), "\n".join(reasons), "\n".join(advice)


def _named(column: str, lang: str) -> str:
    """Give a column as its file names it, one of our own with what it is called."""
    title = title_of(column, lang) if column in COLUMNS else column
    return column if title == column else say("rejects.named", lang, column=column, title=title)


def _advice(one: Rejected, lang: str) -> str:
    """Say what to do: the nearest of the words that are allowed, the words, or what helps in general."""
    if one.code in _ADVISED:
        return say(f"advice.{one.code}", lang)
    allowed = str(one.details.get("allowed", ""))
    if not allowed:
        return say("advice.other", lang)
    near = nearest(one.value, allowed.split("、")) if one.value else ""
    return say("advice.nearest" if near else "advice.allowed", lang, near=near, allowed=allowed)


def _cells(
    origin: Table, shown: Mapping[int, str], row: object, rejected: Sequence[Rejected]
) -> Iterator[str]:
    """Give the cells of a row that may be shown, those at fault marked."""
    cells = row if isinstance(row, list) else []
    shifted = any(one.code in _SHIFTED for one in rejected)
    faults = {one.column for one in rejected}
    own = {
        name: cells[place].strip()
        for place, name in shown.items()
        if name in IDENTITY and place < len(cells) and cells[place].strip()
    }
    for place, heading in enumerate(origin.header):
        name = shown.get(place, "")
        text = cells[place] if place < len(cells) and name and not shifted else ""
        cell = _masked(name, text, own) if text.strip() else ""
        yield Marked(cell) if heading and heading in faults else cell


def _masked(name: str, text: str, own: Mapping[str, str]) -> str:
    if name in IDENTITY:
        return mark(name)
    return masked_name(text) if name in ("order_id", "repeat_of") else masked(text, own)


def _shown(table: Table, entered: Collection[Table]) -> tuple[Table, dict[int, str]]:
    """
    Give the table of the file itself, and the places of its columns that were read, each with our name.

    Of what is `entered` by hand all columns are read. A column of times is called `at`.
    """
    if isinstance(table, Wide):
        shown = {place: name for name, places in table.said.items() for place in places}
        shown |= dict.fromkeys((place for _, place in table.events), "at")
        shown[table.repeated] = "repeat_of"
    else:
        shown = {place: name for place, name in enumerate(table.header) if name in KNOWN or table in entered}
    if isinstance(table, Told):
        times = table.mapping.times
        shown |= {place: "at" for place, name in enumerate(table.base.header) if name in times}
    origin = table
    while isinstance(base := getattr(origin, "base", None), Table):
        origin = base
    return origin, shown
