"""Targets: rates that a document wants to be at least so high. They are shown; no point depends on them."""

from fractions import Fraction
from typing import NamedTuple

from paidan.policies.score_schema import TargetRule
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.results import UnitScore


class Target(NamedTuple):
    """A unit's rate held against a target; both None where the rate is undefined."""

    rule: TargetRule
    rate: str
    exact: Fraction | None
    met: bool | None


def targets(card: Card, unit: UnitScore) -> tuple[Target, ...]:
    """Hold a unit's rates against the targets; one that an item scores is the item's weighted rate."""
    return tuple(
        Target(rule, name, rate, None if rate is None else rate >= rule.at_least)
        for rule in card.targets
        for name in rule.rates
        for rate in (_rate(unit, name),)
    )


def _rate(unit: UnitScore, name: str) -> Fraction | None:
    item = unit.item(name)
    if item is not None and item.numerator is not None and item.denominator:
        return item.numerator / item.denominator
    rate = unit.rates.get(name)
    return rate.exact if rate else None
