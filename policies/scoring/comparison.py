"""
Two scores of one period side by side: who moves, by what, and which consequences come or go.

The same comparison answers for another reading, another document, a corrected log, what was known
earlier, and the figures without exclusions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.items import ItemScore
from paidan.policies.scoring.records import OrderRecord
from paidan.policies.scoring.results import PeriodScore, UnitScore


class Moved(NamedTuple):
    """An item of a unit whose points or counts differ; None where one side has no such figure."""

    name: str
    before: Fraction | None
    after: Fraction | None
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    A unit before and after; None on a side that does not list it.

    `items` are those that moved, with the orders that only one side counts. `gained` are the points
    of the total it wins (None where a side has none).
    """

    unit: str
    before: UnitScore | None
    after: UnitScore | None
    items: tuple[Moved, ...]

    @property
    def gained(self) -> Fraction | None:
        """The difference of the totals."""
        if self.before is None or self.after is None:
            return None
        if self.before.total is None or self.after.total is None:
            return None
        return self.after.total - self.before.total

    @property
    def rank_moved(self) -> bool:
        """Whether the rank is another, or comes or goes."""
        return _rank(self.before) != _rank(self.after)

    @property
    def moved(self) -> bool:
        """Whether anything of the unit differs."""
        return bool(self.items) or self.rank_moved or _told(self.before) != _told(self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The units that differ, and the consequences that only one side draws."""

    changes: tuple[Change, ...]
    raised: tuple[Consequence, ...]
    withdrawn: tuple[Consequence, ...]

    @property
    def decides(self) -> bool:
        """Whether a rank or a consequence is another."""
        return bool(self.raised or self.withdrawn) or any(change.rank_moved for change in self.changes)


def compare(
    before: PeriodScore, after: PeriodScore, was: Iterable[Consequence] = (), now: Iterable[Consequence] = ()
) -> Comparison:
    """Set two scores of a period side by side, with the consequences of each."""
    old, new = {one.unit: one for one in before.units}, {one.unit: one for one in after.units}
    changes = [
        Change(unit=unit, before=was_of, after=now_of, items=_items(was_of, now_of))
        for unit in {**old, **new}
        for was_of, now_of in ((old.get(unit), new.get(unit)),)
    ]
    had, has = {_key(one): one for one in was}, {_key(one): one for one in now}
    return Comparison(
        changes=tuple(change for change in changes if change.moved),
        raised=tuple(one for key, one in has.items() if key not in had),
        withdrawn=tuple(one for key, one in had.items() if key not in has),
    )


def touched(before: Iterable[OrderRecord], after: Iterable[OrderRecord]) -> dict[str, tuple[str, ...]]:
    """Name the orders whose records differ, with the fields that do; an order on one side only has all."""
    old = {record.order_id: record for record in before}
    found: dict[str, tuple[str, ...]] = {}
    for record in after:
        earlier = old.pop(record.order_id, None)
        if earlier != record:
            found[record.order_id] = tuple(
                name
                for name in record.__struct_fields__
                if earlier is None or getattr(earlier, name) != getattr(record, name)
            )
    return {**found, **{name: record.__struct_fields__ for name, record in old.items()}}


def _key(one: Consequence) -> tuple[object, ...]:
    """Tell consequences apart: those of one rule for one unit by the demand, or by what was entered."""
    entered = tuple((entry.at, entry.row) for entry in one.entered)
    return one.rule.rule, one.unit, one.rule.kind, one.details.get("of", ""), entered


def _rank(unit: UnitScore | None) -> int | None:
    return unit.rank if unit else None


def _told(unit: UnitScore | None) -> tuple[str | Fraction | None, ...]:
    if unit is None:
        return ()
    return unit.status, unit.total, unit.bonus, unit.deduction, unit.grade, unit.pool


def _items(before: UnitScore | None, after: UnitScore | None) -> tuple[Moved, ...]:
    names = [item.name for unit in (before, after) if unit for item in unit.items]
    moved = []
    for name in dict.fromkeys(names):
        old, new = (unit.item(name) if unit else None for unit in (before, after))
        figures = [(_figure(item), item.numerator, set(item.orders)) if item else None for item in (old, new)]
        if figures[0] != figures[1]:
            orders = set(old.orders if old else ()) ^ set(new.orders if new else ())
            moved.append(Moved(name, _figure(old), _figure(new), tuple(sorted(orders))))
    return tuple(moved)


def _figure(item: ItemScore | None) -> Fraction | None:
    """Give an item's points, or its rate where the document sets no weight."""
    if item is None or item.most is not None:
        return item.points if item else None
    if item.numerator is None or not item.denominator:
        return None
    return item.numerator / item.denominator
