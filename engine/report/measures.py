"""The rates of a period: each unit's, that of all units together, and the target they are held against."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from paidan.policies.score_schema import Item, MeasureRule, TargetRule
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.items import Rate
from paidan.policies.scoring.results import PeriodScore, UnitScore

RATED = ("ratio", "below_reference")
"""Kinds of item that stand for a rate."""
_SAID = {"contact": "contacted", "on_time": "on_time", "callback": "called"}
"""Rates that a measure of the document makes its business, by the measure's name."""
_FIRST = ("contact", "on_time", "resolution")
_GOOD = ("satisfaction.satisfied", "satisfaction.basically_satisfied")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRate:
    """A unit's rate, and whether it meets the target; None where either is undefined."""

    unit: UnitScore
    rate: Rate
    met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    A rate of the period. `whole` is that of all units together, `before` that of the period before.

    `item` is the score item it stands for, `rule` another that speaks of it, `target` the rule that
    wants it so high; each None where there is none.
    """

    name: str
    item: Item | None
    rule: MeasureRule | None
    target: TargetRule | None
    whole: Rate
    before: Rate | None
    units: tuple[UnitRate, ...]

    @property
    def met(self) -> int:
        """How many units meet the target."""
        return sum(one.met is True for one in self.units)

    @property
    def missed(self) -> int:
        """How many units do not."""
        return sum(one.met is False for one in self.units)

    @property
    def defined(self) -> tuple[UnitRate, ...]:
        """The units that have such a rate, lowest first."""
        found = [(one.rate.exact, one.unit.unit, one) for one in self.units if one.rate.exact is not None]
        return tuple(one for _, _, one in sorted(found, key=lambda one: one[:2]))


def measures(card: Card, score: PeriodScore, before: PeriodScore | None) -> tuple[Measure, ...]:
    """Give the rates that a document speaks of in its items, measures and targets."""
    items: dict[str, Item] = {}
    for item in card.items:
        if item.kind in RATED:
            items.setdefault(item.name, item)
    targets = {name: rule for rule in card.targets for name in rule.rates}
    spoken = [name for name, measure in _SAID.items() if measure in card.measures]
    return tuple(
        Measure(
            name=name,
            item=items.get(name),
            rule=card.measures.get(_SAID.get(name, "")),
            target=targets.get(name),
            whole=_whole(score.units, name),
            before=None if before is None else _whole(before.units, name),
            units=tuple(_of_unit(unit, name, targets.get(name)) for unit in score.units),
        )
        for name in sorted(dict.fromkeys((*items, *spoken, *targets)), key=_place)
    )


def _place(name: str) -> int:
    """Give the place of a rate in an order's life; the others keep the document's order after it."""
    return _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name == "callback")


def rate_of(unit: UnitScore, name: str) -> Rate:
    """Give a unit's rate; one that an item scores is the item's weighted rate."""
    item = unit.item(name)
    if item is not None and item.denominator is not None:
        return Rate(item.numerator, item.denominator)
    found = unit.rates.get(name)
    if found is not None:
        return found
    if name == "satisfaction":
        parts = [unit.rates[one] for one in _GOOD]
        return Rate(sum((one.numerator or Fraction(0) for one in parts), Fraction(0)), parts[0].denominator)
    return Rate()


def _of_unit(unit: UnitScore, name: str, target: TargetRule | None) -> UnitRate:
    rate = rate_of(unit, name)
    exact = rate.exact
    return UnitRate(
        unit=unit, rate=rate, met=None if exact is None or target is None else exact >= target.at_least
    )


def _whole(units: Iterable[UnitScore], name: str) -> Rate:
    """Pool the rates of all units: sum over sum."""
    found = [rate_of(unit, name) for unit in units]
    told = [one for one in found if one.exact is not None]
    return Rate(
        sum((one.numerator or Fraction(0) for one in told), Fraction(0)),
        sum((one.denominator or Fraction(0) for one in told), Fraction(0)),
    )
