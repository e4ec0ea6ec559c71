"""
The points of a unit's items and its rates, exact, each citing its rule.

Kinds of item: `policies.score_schema.Item`. What a rule leaves undefined (a ratio over no orders, a
share of nothing) is None, never 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from paidan.policies.score_schema import CASES, OUTCOMES_SAID, SATISFACTION_SAID, Item
from paidan.policies.scoring.adjustments import AdjustmentLine
from paidan.policies.scoring.counting import Tally, base_of
from paidan.policies.scoring.figures import half_up
from paidan.policies.scoring.ranking import competition


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """
    What a unit got for an item: `points` of at most `most`, under `rule`.

    `numerator` is the weighted sum of a ratio, the cases of a per-case item, the unit's own count of
    a volume; `orders` are the ids behind the denominator (of a per-case item the cases). `empty`
    repeats the item's own word for an undefined rate, where this is one. `reference` is the rate
    that one below it loses points against.
    """

    name: str
    rule: str
    points: Fraction | None
    most: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    orders: tuple[str, ...]
    empty: str = ""
    reference: Fraction | None = None


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
    """
    A unit's line in the table of an item that compares units, with its own count and the whole.

    `rank` None where not ranked, `points` None where the document sets no weight.
    """

    unit: str
    own: Fraction
    total: Fraction
    rank: int | None = None
    points: Fraction | None = None
    reference: Fraction | None = None

    @property
    def share(self) -> Fraction | None:
        """The unit's own part of the whole, None of nothing."""
        return self.own / self.total if self.total else None


Table = Mapping[str, Standing]


def volume_table(tally: Tally, item: Item, units: Sequence[str]) -> Table:
    """Give the table of a `rank_bands` item for the units of a pool."""
    counts = {unit: _count(tally, item, unit) for unit in units}
    of = item.of or item.counts[0]
    total = Fraction(sum(len(tally.orders(unit, of, item.name)) for unit in units))
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


def share_table(
    tally: Tally, item: Item, pools: Mapping[str, str | None], categories: Mapping[str, str]
) -> Table:
    """Give the table of a `share` item: each unit's count over that of all units it is compared with."""
    over = item.over or tuple({pool for pool in pools.values() if pool is not None})
    among = [unit for unit, pool in pools.items() if pool in over]
    counts = {unit: _count(tally, item, unit) for unit in among}
    found: dict[str, Standing] = {}
    for unit in among:
        category = categories.get(unit, "")
        alike = [one for one in among if not item.same_category or categories.get(one, "") == category]
        total = sum((counts[one] for one in alike), Fraction(0))
        own = counts[unit]
        points = item.points * own / total if total and item.points is not None else None
        found[unit] = Standing(unit, own, total, None, points)
    return found


def reference_table(tally: Tally, item: Item, pools: Mapping[str, str | None]) -> Table:
    """Give the table of a `below_reference` item: each unit's rate and what it is held against."""
    rates = {
        unit: Rate(weighted(tally, item, unit), Fraction(len(tally.orders(unit, item.of, item.name))))
        for unit in {**pools, **dict.fromkeys(tally.units)}
    }
    found: dict[str, Standing] = {}
    for unit, pool in pools.items():
        own = rates[unit]
        if item.target is not None:
            reference: Fraction | None = item.target
        else:
            alike = [
                rate for other, rate in rates.items() if item.reference != "pool" or pools.get(other) == pool
            ]
            reference = _mean(alike, of_rates=item.reference == "unit_rates")
        found[unit] = Standing(
            unit, own.numerator or Fraction(0), own.denominator or Fraction(0), None,
            _below(item, own.exact, reference), reference,
        )  # fmt: skip
    return found


def score_item(
    tally: Tally, item: Item, unit: str, standing: Standing | None, entered: Iterable[AdjustmentLine]
) -> ItemScore:
    """
    Score one item of a unit that has a normal period.

    `standing` is its line of the item's table, `entered` what was entered by hand in the period.
    """
    kind = item.kind
    points: Fraction | None = None
    numerator: Fraction | None
    denominator: Fraction | None = None
    reference: Fraction | None = None
    if kind == "entered":
        numerator = _entered(item, entered)
        orders: tuple[str, ...] = ()
        points = numerator
    elif kind in ("per_case", "flat"):
        cases, orders = _cases(tally, item, unit)
        numerator = Fraction(cases + sum(line.counted for line in entered if line.rule.code in item.codes))
        if item.points is not None:
            times = numerator if kind == "per_case" else Fraction(bool(numerator))
            points = item.points - item.off * times
            points = points if item.floor is None else max(item.floor, points)
    elif kind == "ratio":
        found = tally.orders(unit, item.of, item.name)
        orders = tuple([one.order_id for one in found])
        numerator, denominator = weighted(tally, item, unit), Fraction(len(found))
        points = _of_rate(item, Rate(numerator, denominator).exact)
    else:
        of = item.of if kind == "below_reference" else item.counts[0]
        orders = tuple([one.order_id for one in tally.orders(unit, of, item.name)])
        numerator = standing.own if standing else Fraction(len(orders))
        denominator = standing.total if standing else None
        points = standing.points if standing else None
        reference = standing.reference if standing else None
    undefined = points is None and item.points is not None and (standing is not None or kind == "ratio")
    if undefined and item.empty in _EARNS and item.points is not None:
        points = item.points * _EARNS[item.empty]
    return ItemScore(
        name=item.name, rule=item.rule, points=points, most=item.points, numerator=numerator,
        denominator=denominator, orders=orders, empty=item.empty if undefined else "", reference=reference,
    )  # fmt: skip


_EARNS = {"full": 1, "zero": 0}


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
    found = {
        "volume": Rate(standing.own, standing.total) if standing else Rate(),
        "contact": _rate(tally, unit, pool, "contact", "contacted"),
        "on_time": _rate(tally, unit, pool, "on_time", "on_time"),
        "resolution": _rate(tally, unit, pool, "resolution", "resolved"),
        "callback": _rate(tally, unit, pool, "callback", "called"),
    }
    for name, item, measures in (
        ("outcome", "resolution", OUTCOMES_SAID),
        ("satisfaction", "satisfaction", SATISFACTION_SAID),
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
    rule = tally.card.measures.get(measure)
    of = rule.of if rule and rule.of else base_of(measure)
    return Rate(
        Fraction(len(tally.among(unit, of, measure, name))), Fraction(len(tally.orders(unit, of, name)))
    )


def _count(tally: Tally, item: Item, unit: str) -> Fraction:
    return Fraction(len(tally.orders(unit, item.counts[0], item.name)))


def _cases(tally: Tally, item: Item, unit: str) -> tuple[int, tuple[str, ...]]:
    """Count the cases of an item and name the orders they are of."""
    found = [case.record.order_id for case in tally.cases(unit, item.counts)]
    for measure in item.counts:
        if measure not in CASES:
            found += [one.order_id for one in tally.orders(unit, measure, item.name)]
    return len(found), tuple(dict.fromkeys(found))


def _entered(item: Item, lines: Iterable[AdjustmentLine]) -> Fraction | None:
    """Give what was entered last for an item, else its default."""
    found = [line.points for line in lines if line.counted and line.rule.code == item.code]
    return found[-1] if found else item.default


def _of_rate(item: Item, rate: Fraction | None) -> Fraction | None:
    if rate is None or item.points is None:
        return None
    return item.points * _rounded(item, rate)


def _rounded(item: Item, rate: Fraction) -> Fraction:
    return rate if item.rate_places is None else half_up(rate, item.rate_places)


def _below(item: Item, rate: Fraction | None, reference: Fraction | None) -> Fraction | None:
    """Give the points of a rate held against a reference; None where either is undefined."""
    if rate is None or reference is None or item.points is None or item.step is None:
        return None
    short = (_rounded(item, reference) - _rounded(item, rate)) / item.step
    if short <= 0:
        return item.points
    points = item.points - item.off * (short.numerator // short.denominator if item.whole else short)
    return points if item.floor is None else max(item.floor, points)


def _mean(found: Iterable[Rate], *, of_rates: bool) -> Fraction | None:
    """Give the mean of rates: pooled, sum over sum, or the mean of those that are defined."""
    told = [rate for rate in found if rate.exact is not None]
    if not told:
        return None
    if of_rates:
        return sum((rate.exact or Fraction(0) for rate in told), Fraction(0)) / len(told)
    above = sum((rate.numerator or Fraction(0) for rate in told), Fraction(0))
    return above / sum((rate.denominator or Fraction(0) for rate in told), Fraction(0))


def _full(item: Item, count: Fraction, total: Fraction) -> bool:
    return item.full_share is not None and bool(total) and count / total >= item.full_share


def _volume_points(item: Item, count: Fraction, rank: int | None, *, full: bool) -> Fraction | None:
    if item.points is None:
        return None
    if not count:
        return item.without
    if full:
        return item.points if item.full_points is None else item.full_points
    for band in item.bands:
        if rank is not None and rank <= band.to:
            return band.points
    return item.rest
