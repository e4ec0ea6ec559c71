"""
What a rule may say of scores: measures, items, statuses, totals, ranks, adjustments and consequences.

Frozen values; all points, weights and rates are exact fractions. See `policies.schema` for the rules of
an order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from paidan.policies.citation import Cited

POPULATIONS = ("accepted", "undertaken", "closed", "closed_named", "callbacks", "evaluated")
"""Measures that are sets of a unit's orders in a period; `closed_named` leaves anonymous ones out."""
OUTCOMES_SAID = ("resolved", "explained", "recorded", "unresolved")
SATISFACTION_SAID = ("satisfied", "basically_satisfied", "neutral", "dissatisfied")
PROCESS_SAID = tuple(f"process_{answer}" for answer in SATISFACTION_SAID)
SAYINGS = (
    "closed_late", "on_time", "contacted", "called", *OUTCOMES_SAID, *SATISFACTION_SAID, *PROCESS_SAID,
)  # fmt: skip
"""Measures that say something of an order in a population."""
CASES = ("late_returns", "late_noncompliant", "uncontacted_returns", "overdue", "unmet_replies")
"""Measures that count events or limits, for the unit that bears them, in the month they fall in."""
MEASURES = (*POPULATIONS, *SAYINGS, *CASES)
"""What can be counted of a unit's period (`policies.scoring.counting`)."""
EVIDENCED = {"contacted": ("evidence",)}
"""Measures that may ask for evidence, and the attributes that an order's record keeps for them."""
JUDGED = ("contacted", "on_time", "overdue")
"""Measures that are judged by clocks."""
SPANS = ("month", "quarter", "year")
RECOGNISED_RETURN = "recognised_return"
"""The situation of an order whose return was approved in its last dispatch; nobody asks for it."""
ITEM_KINDS = ("ratio", "share", "rank_bands", "per_case", "flat", "below_reference", "entered")
COMPARING_KINDS = ("share", "rank_bands", "below_reference")
"""Kinds of item whose points depend on other units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Ranks up to `to` earn `points`."""

    to: int
    points: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Cited):
    """
    A score item of a unit's period; `points` is what it can earn, None where the document sets no weight.

    `ratio`: points times the weighted sum of `weights` over `of`. `share`: points times the unit's
    `counts` over the sum of all units of the pools in `over` (empty: all), or of the unit's own
    category with `same_category`. `per_case`: points less `off` for each case of `counts` and each
    entry of `codes`, not below `floor`; `flat`: less `off` once when there is any. `rank_bands`:
    `full_points` from `full_share` of the pool's `of` on; below, the band of the rank by `counts`
    among those of `ranked` (`below_share` or `all`); `without` where the unit has none.
    `below_reference`: points less `off` for each `step` that the rate lies below `target`, or below
    the mean that `reference` names (`district` pooled, `pool` pooled, `unit_rates`); only whole
    steps count with `whole`. `entered`: what was entered under `code`, else `default`.

    A rate is rounded to `rate_places` before anything is made of it, where that is set. `empty` says
    what an undefined one earns: `full`, `zero`, `share_out` (the other items stand for it), or
    nothing (no total).
    """

    name: str
    kind: str
    points: Fraction | None
    pools: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
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
    over: tuple[str, ...] = ()
    same_category: bool = False
    target: Fraction | None = None
    reference: str = "district"
    step: Fraction | None = None
    whole: bool = True
    code: str = ""
    default: Fraction | None = None
    rate_places: int | None = None
    empty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRule(Cited):
    """
    How a measure is judged: with the evidence named in `needs`, by the clocks of the rules in `clocks`.

    A contact counts unless one of the clocks was missed (`timely` false: it counts all the same); an
    order is on time unless one of them was missed, or with `order_due` its first close came after
    the order's own limit. `of` names the population that its rate is of.
    """

    name: str
    needs: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    timely: bool = True
    order_due: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRule(Cited):
    """
    Which callbacks evaluate an order for `items`, and for the status of the period.

    Those of `sources` (empty: any; not said counts); with `counts` only `effective` or `connected` ones,
    else every one that was made.
    """

    items: tuple[str, ...]
    sources: tuple[str, ...] = ()
    counts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRule(Cited):
    """
    A unit's period without a normal score: all of `some` above 0, of `none` 0, of `fewer` below its number.

    `performance` full: the items count as full; none: there is no total; normal: as counted.
    `ranked` says whether such a period takes part in the ranking. `span` is the kind of period.
    """

    status: str
    some: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    fewer: Mapping[str, int] = field(default_factory=dict)
    span: str = "month"
    performance: str = "none"
    ranked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalRule(Cited):
    """
    The monthly total: the sum of `items` and adjustments, not below `floor`; the points come to `full`.

    A total entered under the code `entered` stands where the items give none.
    """

    items: tuple[str, ...]
    full: Fraction
    floor: Fraction | None
    unassessed: str = "lapse"
    entered: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassesRule(Cited):
    """
    Which pools are ranked together: one ranking for each of `groups`.

    Units of the `others` have `items_only`, no total, or are `not_assessed` at all.
    """

    groups: tuple[tuple[str, ...], ...]
    others: str = "items_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRule(Cited):
    """
    The rank inside each class: by the `exact` or `displayed` total; `tie` shares or breaks ties.

    `edge` says who is among the last k where the totals tie there: `all_tied_at_the_edge` or
    `exactly_k`; with `never_top` whoever ties with the best is never last.
    """

    on: str
    tie: str
    edge: str = "all_tied_at_the_edge"
    never_top: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeRule(Cited):
    """Grades by exact total, best first: each from its number on, the last for all below."""

    grades: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRule(Cited):
    """Where a quarter or year (`name`) begins: the month's number, and how many `months` it has."""

    name: str
    begins_in: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodScoreRule(Cited):
    """
    How a quarter or year is scored.

    `mean_of_totals` of the ranked months; `mean_of_performance`: the mean of the items' sums and
    the period's own adjustments; `recomputed` from all its orders.
    """

    span: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InForceRule(Cited):
    """The months the document assesses, or is in force for; None where that is open on a side."""

    first_month: str | None
    last_month: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentRule(Cited):
    """
    Points entered by hand under `code`, between `least` and `most` (None: no bound), of `values` if given.

    `side`: bonus, deduction, `item` (a score item reads them), `total` (one entered as a whole) or
    `count` (the document gives no points). `more_when_good` is added where the order was evaluated
    basically satisfied or better. Entries for an order of category `except_category` do not count.
    `month` says whether they count in the month `held` or in the one before, that of the `cause`.
    """

    code: str
    side: str
    least: Fraction | None = None
    most: Fraction | None = None
    values: tuple[Fraction, ...] = ()
    more_when_good: Fraction = Fraction(0)
    except_category: str = ""
    month: str = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationRule(Cited):
    """Adjustments of these `codes` count only when confirmed, by one of `roles` if any are named."""

    codes: tuple[str, ...]
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRule(Cited):
    """
    At most `points` of a month's `side` (bonus or deduction); None: no cap.

    With `span` year they are the most of a longer period too.
    """

    side: str
    points: Fraction | None
    span: str = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """
    Rankings running in the zone: `least` to `most` (None: and more).

    `gap`: a month without a rank is skipped (`skip`) or ends the run (`break`). `recovery` false:
    months in the zone count on although the unit left it in between.
    """

    least: int
    most: int | None = None
    gap: str = "break"
    recovery: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """
    A number of cases in one `window` (quarter or year) that is reached: `least` of `of`.

    `verified_repeats` are a unit's repeat orders closed as founded, of one original with
    `per_order`; `dissatisfied` are dissatisfied effective callbacks on linked orders.
    """

    of: str
    least: int
    window: str
    per_order: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsequenceRule(Cited):
    """
    What follows for a unit (`kind`), in exactly one of these forms.

    `bottom`: it is among the last so many, or the last share (`"10%"`), of a `span`, the same for all
    pools or each its own; with `streak` so often running, with `times` so often in all since `since`
    (the assessment year, or ever). `repeats`: cases in a window. `on`: a case of that measure.
    `entered`: a finding or adjustment under one of these codes.

    `gate` names a finding of the whole month that, entered, holds it back where it is `gated`;
    `lifted_by` one of the unit's own; `needs` one it cannot do without. `talks` asks beside the
    streak for so many talks of these kinds in its earlier months. Of the rules with a `level` a unit
    gets the highest of a month, of equals the first. `loses` says what is lost.
    """

    kind: str
    span: str = "month"
    pools: tuple[str, ...] = ()
    bottom: int | str | Mapping[str, int | str] = 0
    streak: Streak | None = None
    times: int = 0
    since: str = "year"
    repeats: Repeats | None = None
    on: str = ""
    entered: tuple[str, ...] = ()
    gate: str = ""
    gated: bool = True
    lifted_by: str = ""
    needs: str = ""
    talks: Mapping[str, int] = field(default_factory=dict)
    level: int = 0
    loses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRule(Cited):
    """Rates that should be at least so high; shown beside them, nothing is deducted."""

    rates: tuple[str, ...]
    at_least: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRule(Cited):
    """Closed orders answered other than so: each needs one of the `measures` (events) after its callback."""

    outcome: str
    satisfaction: str
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRule(Cited):
    """What the result of a `span` is used for, for the units of `pools` (empty: all)."""

    span: str
    pools: tuple[str, ...] = ()
