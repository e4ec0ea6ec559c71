"""
The points of a unit's items and its rates, exact, each citing its rule.

Kinds of item: `ratio`, `per_case`, `rank_bands` (`policies.schema.Item`). What a rule leaves
undefined (a ratio over no orders, a share of nothing) is None, never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from paidan.policies.score_schema import Item
from paidan.policies.scoring.counting import (
    OUTCOME_MEASURES,
    SATISFACTION_MEASURES,
    Tally,
    base_of,
)
from paidan.policies.scoring.ranking import competition


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """
    What a unit got for an item: `points` of at most `most`, under `rule`.

    `numerator` is the weighted sum of a ratio, the cases of a per-case item, the unit's own count of
    a volume; `orders` are the ids behind the denominator (of a per-case item the cases).
    """

    name: str
    rule: str
    points: Fraction | None
    most: Fraction
    numerator: Fraction
    denominator: Fraction | None
    orders: tuple[str, ...]


class Rate(NamedTuple):
    """A rate as its two counts; a count the rules leave undefined is None."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None

    @property
    def exact(self) -> Fraction | None:
        """The rate, None where it is undefined."""
        if self.numerator is None or not self.denominator:
            return None
        return self.numerator / self.denominator


class Standing(NamedTuple):
    """A unit's line in the volume table of its pool, with its `own` count; `rank` None where not ranked."""

    unit: str
    own: int
    total: int
    rank: int | None
    points: Fraction

    @property
    def share(self) -> Fraction | None:
        """The unit's part of the pool's total, None of nothing."""
        return Fraction(self.own, self.total) if self.total else None


def standings(tally: Tally, item: Item, units: Sequence[str]) -> Mapping[str, Standing]:
    """Give the volume table of a pool's units under a `rank_bands` item."""
    counts = {unit: len(tally.orders(unit, item.counts, item.name)) for unit in units}
    total = sum(len(tally.orders(unit, item.of or item.counts, item.name)) for unit in units)
    full = {unit for unit, count in counts.items() if _full(item, count, total)}
    ranks = competition(
        {unit: (count,) for unit, count in counts.items() if item.ranked == "all" or unit not in full}
    )
    return {
        unit: Standing(
            unit, count, total, ranks.get(unit),
            _volume_points(item, count, ranks.get(unit), full=unit in full),
        )
        for unit, count in counts.items()
    }  # fmt: skip


def score_item(tally: Tally, item: Item, unit: str, standing: Standing | None) -> ItemScore:
    """Score one item of a unit that has a normal month; `standing` is its line of a volume table."""
    points: Fraction | None
    denominator: Fraction | None
    if item.kind == "ratio":
        orders = tally.orders(unit, item.of, item.name)
        numerator = weighted(tally, item, unit)
        denominator = Fraction(len(orders))
        points = item.points * numerator / denominator if orders else None
    elif item.kind == "per_case":
        orders = tally.orders(unit, item.counts, item.name)
        numerator, denominator = Fraction(len(orders)), None
        points = item.points - item.off * len(orders)
        if item.floor is not None:
            points = max(item.floor, points)
    else:
        orders = tally.orders(unit, item.counts, item.name)
        numerator = Fraction(len(orders))
        denominator = Fraction(standing.total) if standing else None
        points = standing.points if standing else None
    return ItemScore(
        name=item.name, rule=item.rule, points=points, most=item.points, numerator=numerator,
        denominator=denominator, orders=tuple(order.order_id for order in orders),
    )  # fmt: skip


def weighted(tally: Tally, item: Item, unit: str) -> Fraction:
    """Give the weighted sum of a ratio item over its denominator."""
    return sum(
        (
            weight * len(tally.among(unit, item.of, measure, item.name))
            for measure, weight in item.weights.items()
        ),
        Fraction(0),
    )


def rates(tally: Tally, unit: str, pool: str | None, standing: Standing | None) -> dict[str, Rate]:
    """Give the rates of CONTRACT section 7; where a ratio item has a rate's name, over its orders."""
    card = tally.card
    closed = tally.orders(unit, "closed")
    late = tally.orders(unit, "closed_late")
    found = {
        "volume": Rate(Fraction(standing.own), Fraction(standing.total)) if standing else Rate(),
        "contact": _rate(tally, unit, pool, "contact", "contacted"),
        "on_time": Rate(Fraction(len(closed) - len(late)), Fraction(len(closed))),
        "resolution": _rate(tally, unit, pool, "resolution", "resolved"),
        "callback": Rate(Fraction(sum(bool(one.callbacks) for one in closed)), Fraction(len(closed))),
    }
    for name, item, measures in (
        ("outcome", "resolution", OUTCOME_MEASURES),
        ("satisfaction", "satisfaction", SATISFACTION_MEASURES),
    ):
        scored = card.item(item, pool)
        of = scored.of if scored and scored.of else base_of(measures[0])
        below = Fraction(len(tally.orders(unit, of, item)))
        for measure in measures:
            found[f"{name}.{measure}"] = Rate(Fraction(len(tally.among(unit, of, measure, item))), below)
    return found


def _rate(tally: Tally, unit: str, pool: str | None, name: str, measure: str) -> Rate:
    item = tally.card.item(name, pool)
    if item is not None and item.kind == "ratio":
        return Rate(weighted(tally, item, unit), Fraction(len(tally.orders(unit, item.of, name))))
    of = base_of(measure)
    return Rate(
        Fraction(len(tally.among(unit, of, measure, name))), Fraction(len(tally.orders(unit, of, name)))
    )


def _full(item: Item, count: int, total: int) -> bool:
    return item.full_share is not None and bool(total) and Fraction(count, total) >= item.full_share


def _volume_points(item: Item, count: int, rank: int | None, *, full: bool) -> Fraction:
    if not count:
        return item.without
    if full:
        return item.points if item.full_points is None else item.full_points
    for band in item.bands:
        if rank is not None and rank <= band.to:
            return band.points
    return item.rest
