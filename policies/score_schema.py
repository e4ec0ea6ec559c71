"""
What a rule may say of scores: measures, items, statuses, totals, ranks and adjustments, as frozen values.

All points and weights are exact fractions. See `policies.schema` for the rules of an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from paidan.policies.citation import Cited

MEASURES = (
    "accepted",
    "undertaken",
    "closed",
    "closed_late",
    "callbacks",
    "evaluated",
    "contacted",
    "resolved",
    "explained",
    "recorded",
    "unresolved",
    "satisfied",
    "basically_satisfied",
    "neutral",
    "dissatisfied",
)
"""What can be counted of a unit's orders in a period (`policies.scoring.counting`)."""


POPULATIONS = ("accepted", "undertaken", "closed", "callbacks", "evaluated")
"""Measures that are sets of orders of their own; the others say something of an order in such a set."""


EVIDENCED = {"contacted": ("evidence",)}
"""Measures that may ask for evidence, and the attributes that an order's record keeps for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Ranks up to `to` earn `points`."""

    to: int
    points: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Cited):
    """
    A score item of a unit's month.

    `ratio`: points times the weighted sum of `weights` over `of`. `per_case`: points less `off`
    for each of `counts`, not below `floor`. `rank_bands`: `full_points` from `full_share` of the
    pool's `of` on; below, the band of the rank by `counts` among those of `ranked`
    (`below_share` or `all`); `without` where the unit has none.
    """

    name: str
    kind: str
    points: Fraction
    pools: tuple[str, ...] = ()
    counts: str = ""
    of: str = ""
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    off: Fraction = Fraction(0)
    floor: Fraction | None = None
    full_share: Fraction | None = None
    full_points: Fraction | None = None
    ranked: str = "all"
    bands: tuple[Band, ...] = ()
    rest: Fraction = Fraction(0)
    without: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule(Cited):
    """What a `measure` counts: only with the evidence named in `needs`."""

    name: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRule(Cited):
    """Whose callbacks (`sources`) count for `items`, and for the status of the month; not said counts."""

    items: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRule(Cited):
    """
    A unit's month without a normal score: `status` when all of `some` are above 0, all of `none` 0.

    `performance` full: the items count as full; else there is no total. `ranked` says whether
    such a month takes part in the ranking.
    """

    status: str
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    performance: str = "none"
    ranked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalRule(Cited):
    """The monthly total: the sum of `items` and adjustments, not below `floor`."""

    items: tuple[str, ...]
    floor: Fraction | None
    unassessed: str = "lapse"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRule(Cited):
    """The monthly rank inside each pool: by the `exact` or `displayed` total; `tie` shares or breaks ties."""

    on: str
    tie: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRule(Cited):
    """
    Points entered by hand under `code`: `side` bonus or deduction, between `least` and `most`.

    `more_when_good` is added where the order was evaluated basically satisfied or better.
    Entries for an order of category `except_category` do not count.
    """

    code: str
    side: str
    least: Fraction
    most: Fraction
    more_when_good: Fraction = Fraction(0)
    except_category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationRule(Cited):
    """Adjustments of these `codes` count only when confirmed."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRule(Cited):
    """At most `points` of a month's `side` (bonus or deduction)."""

    side: str
    points: Fraction
