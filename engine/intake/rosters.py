"""The units file: which unit is in which pool, and since when."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from paidan.engine.intake.forms import open_table
from paidan.engine.intake.tables import Rejected, Table
from paidan.engine.intake.values import BadValueError, day
from paidan.policies.roster import Roster, Unit

REQUIRED = ("unit", "pool")
_DATE_LIKE = ("2026-03-01", "2026/3/1")


def read_roster(path: Path, pools: Mapping[str, str]) -> tuple[Roster, list[Rejected]]:
    """
    Read `unit,pool[,name,category,counterpart,from,to]`; a pool by its identifier or its label.

    A row is rejected for a missing unit, an unknown pool, a bad date, or a listing that overlaps
    an earlier one of the same unit. Raises `InputError` for a file that is no such table.
    """
    table = open_table(path, REQUIRED)
    spelled = {**{label: name for name, label in pools.items()}, **{name: name for name in pools}}
    listed: list[Unit] = []
    rejected: list[Rejected] = []
    for number, cells in enumerate(table.rows(), start=1):
        row = named(table, cells)
        try:
            unit = _unit(row, spelled, tuple(pools))
            _no_overlap(unit, listed)
        except BadValueError as bad:
            rejected.append(
                Rejected(table.name, number, "", bad.column, bad.value, bad.code, dict(bad.details))
            )
        else:
            listed.append(unit)
    return Roster(listed, next(iter(pools))), rejected


def named(table: Table, cells: list[str]) -> dict[str, str]:
    """Give the cells of a row by column, stripped; a column the row does not reach is empty."""
    values = dict.fromkeys(table.header, "")
    values.update({name: cell.strip() for name, cell in zip(table.header, cells, strict=False)})
    return values


def _unit(row: Mapping[str, str], spelled: Mapping[str, str], pools: tuple[str, ...]) -> Unit:
    if not row["unit"]:
        raise BadValueError("unit_missing", "unit", "")
    if row["pool"] not in spelled:
        raise BadValueError("unit_pool_unknown", "pool", row["pool"], pools)
    unit = Unit(
        unit=row["unit"], pool=spelled[row["pool"]], name=row.get("name", ""),
        category=row.get("category", ""), counterpart=row.get("counterpart", ""),
    )  # fmt: skip
    from_on, to_on = days_of(row)
    return replace(unit, from_on=from_on, to_on=to_on)


def days_of(row: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Read from which day to which a row holds; raises `BadValueError` where it ends before it begins."""
    from_on, to_on = _date("from", row), _date("to", row)
    if from_on and to_on and from_on > to_on:
        raise BadValueError("unit_dates_crossed", "to", row["to"], (f">= {from_on}",))
    return from_on, to_on


def _date(column: str, row: Mapping[str, str]) -> date | None:
    text = row.get(column, "")
    if not text:
        return None
    on = day(text)
    if on is None:
        raise BadValueError("unit_date_wanted", column, text, _DATE_LIKE)
    return on


def _no_overlap(unit: Unit, listed: list[Unit]) -> None:
    for other in listed:
        before = other.to_on is not None and unit.from_on is not None and other.to_on < unit.from_on
        after = unit.to_on is not None and other.from_on is not None and unit.to_on < other.from_on
        if other.unit == unit.unit and not before and not after:
            raise BadValueError("unit_listed_twice", "unit", unit.unit)
