"""Ranks inside a pool, by exact keys: equal results share a rank, and the next one counts them all."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from paidan.policies.score_schema import RankingRule
from paidan.policies.scoring.figures import half_up

DECIDING_ITEM = "satisfaction"
"""The item that breaks ties under `satisfaction_first`."""


def competition(keys: Mapping[str, Any]) -> dict[str, int]:
    """
    Rank the greatest key first; equal keys share the rank.

    >>> competition({"A": 80, "B": 90, "C": 80, "D": 70})
    {'B': 1, 'A': 2, 'C': 2, 'D': 4}
    """
    ranks: dict[str, int] = {}
    rank = 0
    before: Any = None
    for place, unit in enumerate(sorted(keys, key=lambda one: keys[one], reverse=True), start=1):
        if not rank or keys[unit] != before:
            rank, before = place, keys[unit]
        ranks[unit] = rank
    return ranks


def ranking_key(rule: RankingRule, total: Fraction, deciding: Fraction | None) -> tuple[Fraction, ...]:
    """Give what a total is ranked by; `deciding` are the points that break a tie where the rule says so."""
    first = half_up(total) if rule.on == "displayed" else total
    if rule.tie == "satisfaction_first":
        return (first, deciding or Fraction(0))
    return (first,)
