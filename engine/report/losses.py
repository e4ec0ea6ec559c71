"""What cost each unit most: items below full points, deductions; without weights, rates that fall short."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from paidan.engine.report.measures import RATED, rate_of
from paidan.policies.citation import Cited
from paidan.policies.score_schema import Item
from paidan.policies.scoring.counting import Tally
from paidan.policies.scoring.items import ItemScore
from paidan.policies.scoring.results import PeriodScore, UnitScore
from paidan.policies.scoring.scores import Scoring

SHOWN = 3
"""How many losses are told of a unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """
    Points an item fell short by, or that were deducted; or `short`, the part by which a rate does.

    `rule` says what it is. `orders` are those that cost it, `count` how many cases they make, `of`
    how many were counted; `of` None where nothing but cases is counted. `times` are the entries of a
    deduction.
    """

    rule: Cited
    points: Fraction | None = None
    short: Fraction | None = None
    orders: tuple[str, ...] = ()
    count: int = 0
    of: int | None = None
    times: int = 0

    @property
    def size(self) -> Fraction:
        """What it is measured by."""
        return self.points if self.points is not None else self.short or Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLosses:
    """A unit's greatest losses, the greatest first, and what all of them come to."""

    unit: UnitScore
    all: Fraction
    losses: tuple[Loss, ...]


def losses(scoring: Scoring, score: PeriodScore) -> tuple[UnitLosses, ...]:
    """
    Give what cost each unit most, who lost most first.

    In points where it has a total, else in rates below their target (none: below 100 %). Left out:
    items of which each unit gets its share, units without orders, units not assessed.
    """
    tally = scoring.tally(score.months)
    weighted = any(unit.total is not None and weighed(unit) for unit in score.units)
    found: list[UnitLosses] = []
    for unit in score.units:
        make = _points(scoring, score, unit, tally) if weighted else _rates(scoring, unit, tally)
        told = sorted((one for one in make if one.size > 0), key=lambda one: (-one.size, one.rule.rule))
        if told:
            whole = sum((one.size for one in told), Fraction(0))
            found.append(UnitLosses(unit=unit, all=whole, losses=tuple(told[:SHOWN])))
    return tuple(sorted(found, key=lambda one: (-one.all, one.unit.unit)))


def weighed(unit: UnitScore) -> bool:
    """Whether the document sets points for every item of a unit."""
    return all(one.most is not None for one in unit.items)


def slots(
    scoring: Scoring, score: PeriodScore, unit: UnitScore
) -> tuple[tuple[str, Fraction, Fraction | None], ...]:
    """
    Give the items a unit's total is made of: name, full points, points.

    Of a longer period those of its ranked months on the mean, unless it is scored from its orders.
    """
    parts = _parts(scoring, score, unit)
    names = [one.name for one in parts[0]] if parts else []
    made = []
    for name in names:
        ones = [item for items in parts for item in items if item.name == name and item.most is not None]
        got = [one.points for one in ones if one.points is not None]
        most = [one.most for one in ones if one.most is not None]
        if most:
            mean = sum(got, Fraction(0)) / len(got) if got else None
            made.append((name, sum(most, Fraction(0)) / len(most), mean))
    return tuple(made)


def _parts(scoring: Scoring, score: PeriodScore, unit: UnitScore) -> Sequence[Sequence[ItemScore]]:
    rule = scoring.card.period_scores.get(score.period.span)
    if score.period.span == "month" or (rule is not None and rule.method == "recomputed"):
        return [unit.items]
    monthly = [scoring.at(month).unit(unit.unit) for month in score.months]
    return [one.items for one in monthly if one is not None and one.key is not None]


def _points(scoring: Scoring, score: PeriodScore, unit: UnitScore, tally: Tally) -> Iterator[Loss]:
    if unit.total is None or not weighed(unit):
        return
    items = {item.name: item for item in scoring.card.items_of(unit.pool)}
    for name, most, points in slots(scoring, score, unit):
        item = items[name]
        if item.kind != "share" and points is not None and points < most:
            yield _of_item(item, unit, tally, points=most - points)
    deducted: dict[str, list[Fraction]] = defaultdict(list)
    rules = {}
    orders: dict[str, list[str]] = defaultdict(list)
    for line in unit.adjustments:
        if line.counted and line.rule.side == "deduction":
            deducted[line.rule.code].append(line.points)
            rules[line.rule.code] = line.rule
            if line.adjustment.order_id:
                orders[line.rule.code].append(line.adjustment.order_id)
    for code, points_of in deducted.items():
        yield Loss(
            rule=rules[code], points=sum(points_of, Fraction(0)), times=len(points_of),
            orders=tuple(dict.fromkeys(orders[code])), count=len(set(orders[code])),
        )  # fmt: skip


def _rates(scoring: Scoring, unit: UnitScore, tally: Tally) -> Iterator[Loss]:
    targets = {name: rule.at_least for rule in scoring.card.targets for name in rule.rates}
    for item in scoring.card.items_of(unit.pool):
        exact = rate_of(unit, item.name).exact
        if item.kind in RATED and exact is not None:
            yield _of_item(item, unit, tally, short=targets.get(item.name, Fraction(1)) - exact)


def _of_item(
    item: Item,
    unit: UnitScore,
    tally: Tally,
    *,
    points: Fraction | None = None,
    short: Fraction | None = None,
) -> Loss:
    scored = unit.item(item.name)
    if item.kind in RATED:
        inside = tally.orders(unit.unit, item.of, item.name)
        orders = _below(item, unit.unit, tally)
        return Loss(rule=item, points=points, short=short, orders=orders, count=len(orders), of=len(inside))
    if item.kind in ("per_case", "flat") and scored is not None:
        return Loss(
            rule=item, points=points, short=short, orders=scored.orders, count=int(scored.numerator or 0)
        )
    return Loss(rule=item, points=points, short=short)


def _below(item: Item, unit: str, tally: Tally) -> tuple[str, ...]:
    """Name the orders of a rate that earn less than the best answer does."""
    earned: dict[str, Fraction] = {
        one.order_id: Fraction(0) for one in tally.orders(unit, item.of, item.name)
    }
    for measure, weight in item.weights.items():
        for one in tally.among(unit, item.of, measure, item.name):
            earned[one.order_id] += weight
    best = max(item.weights.values(), default=Fraction(1))
    return tuple(order for order, weight in earned.items() if weight < best)
