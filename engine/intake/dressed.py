"""A table under our own column names: headers renamed, values translated, constants filled in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from typing import Any

from paidan.engine.errors import InputError
from paidan.engine.export.long_form import COLUMNS, title_of
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.tables import Cells, Meaning, Table, fitted
from paidan.policies.reader import nearest
from paidan.workflows.records import BEIJING, NOTHING

STANDARD: Mapping[str, str] = {
    "case:concept:name": "order_id",
    "concept:name": "event",
    "time:timestamp": "at",
    "org:resource": "actor",
}
"""The names that IEEE 1849 gives to what every log has."""

_OURS: Mapping[str, str] = {
    **STANDARD,
    "org:role": "role",
    "org:group": "unit",
    "paidan:recorded_at": "recorded_at",
    "paidan:seq": "seq",
}
"""The same of a log that we wrote, whatever other tools have made of it since."""
_LONG = ("order_id", "event", "at")


@cache
def _titles() -> Mapping[str, str]:
    """Give the names of the columns that our own workbooks bear in Chinese."""
    return {title_of(name, "zh"): name for name in COLUMNS}


def _standard(header: Sequence[str]) -> Mapping[str, str]:
    """Give the names to know columns by: our Chinese titles where those stand that every log has."""
    ours = _titles()
    of_ours = {ours[name] for name in header if name in ours}
    standard = _OURS if "paidan:seq" in header else STANDARD
    return {**ours, **standard} if of_ours.issuperset(_LONG) else standard


def dressed(table: Table, mapping: LogMapping | None) -> Table:
    """
    Give `table` under our names; itself where nothing changes.

    A header the mapping names gets the name it gives. Then the standard's names, and the titles of our
    own workbooks, get ours, where no column has that name yet. Raises `InputError` for a header of the
    mapping that the file lacks.
    """
    columns = mapping.columns if mapping else NOTHING
    if mapping:
        _check_headers(table, mapping)
    given = set(columns.values())
    standard = _standard(table.header)
    header = []
    for name in table.header:
        renamed = columns.get(name) or standard.get(name, name)
        if name not in columns and (renamed in given or (renamed != name and renamed in table.header)):
            renamed = "" if name in given else name  # another column says it
        header.append(renamed)
    constants = mapping.constants if mapping else NOTHING
    values = mapping.values if mapping else NOTHING
    zone = mapping.zone if mapping else BEIJING
    header += [name for name in constants if name not in header]
    if tuple(header) == table.header and not values and not constants and zone is BEIJING:
        return table
    translated = {header.index(name): texts for name, texts in values.items() if name in header}
    filled = {header.index(name): text for name, text in constants.items()}
    return Dressed(
        table.path, table.name, table.sha256, tuple(header), table, translated, filled, zone
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dressed(Table):
    """`base` under other names; `translated` and `filled` by the position of their column."""

    base: Table
    translated: Mapping[int, Mapping[str, str]]
    filled: Mapping[int, str]
    at_zone: tzinfo

    @property
    def zone(self) -> tzinfo:
        """The zone the mapping names."""
        return self.at_zone

    @property
    def means(self) -> tuple[Meaning, ...]:
        """What each column of `base` is called now; constants stand in no file."""
        return tuple(map(Meaning, self.header[: len(self.base.header)]))

    @property
    def told(self) -> Mapping[str, Any]:
        """What `base` tells."""
        return self.base.told

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give the rows of `base`, cells changed where the mapping says so."""
        if not self.translated and not self.filled:
            return self.base.numbered()
        return self._changed()

    def _changed(self) -> Iterator[tuple[int, Cells]]:
        translated, filled = self.translated.items(), self.filled.items()
        more = [""] * (len(self.header) - len(self.base.header))
        for number, row in self.base.numbered():
            fit = fitted(self.base, number, row) if type(row) is list else row
            if type(fit) is not list:
                yield number, fit
                continue
            cells = fit + more
            for position, texts in translated:
                cell = cells[position].strip()
                cells[position] = texts.get(cell, cell)
            for position, text in filled:
                if not cells[position].strip():
                    cells[position] = text
            yield number, cells

    def heading(self, column: str, cells: Sequence[str]) -> str:
        """Give the header of the file itself."""
        position = self.header.index(column) if column in self.header else len(self.header)
        own = self.base.header
        return self.base.heading(own[position], cells) if position < len(own) else column

    def sample(self, column: str, count: int) -> list[str]:
        """Give what stands in a column of `base`."""
        position = self.header.index(column)
        own = self.base.header
        return self.base.sample(own[position], count) if position < len(own) else []


def _check_headers(table: Table, mapping: LogMapping) -> None:
    for name in (*mapping.columns, *mapping.times):
        if name not in table.header:
            near = nearest(name, table.header)
            found = ", ".join(one for one in table.header if one)
            raise InputError(
                "mapping_header_missing", exit_code=4, file=table.name, mapping=mapping.name, header=name,
                nearest=near or "–", found=found,
            )  # fmt: skip
