"""Ranks inside a class, by exact keys, and who is last: equal results are treated alike."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from paidan.policies.score_schema import RankingRule
from paidan.policies.scoring.figures import half_up

DECIDING_ITEM = "satisfaction"
"""The item that breaks ties under `satisfaction_first`."""

Key = tuple[Fraction, ...]


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


def ranking_key(rule: RankingRule, total: Fraction, deciding: Fraction | None) -> Key:
    """Give what a total is ranked by; `deciding` are the points that break a tie where the rule says so."""
    first = half_up(total) if rule.on == "displayed" else total
    if rule.tie == "satisfaction_first":
        return (first, deciding or Fraction(0))
    return (first,)


def last(keys: Mapping[str, Key], bottom: int | str, rule: RankingRule) -> frozenset[str]:
    """
    Name the units among the last so many of a ranking, or its last share (`"10%"`, at least one).

    Fewer than that many are strictly lower; all that tie at the edge are in, or with `exactly_k`
    those later by name are not. With `never_top` nobody who ties with the best is among them.
    """
    if not keys:
        return frozenset()
    places = bottom if isinstance(bottom, int) else -(-len(keys) * int(bottom.rstrip("%")) // 100)
    lowest_first = sorted(keys, key=lambda one: (keys[one], one))
    if rule.edge == "exactly_k":
        found = set(lowest_first[:places])
    else:
        edge = keys[lowest_first[min(places, len(keys)) - 1]]
        found = {unit for unit, key in keys.items() if key <= edge}
    best = max(keys.values())
    return frozenset(unit for unit in found if not (rule.never_top and keys[unit] == best))
