"""Points entered by hand (加减分): which of them count in a month, for how much, and why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from paidan.policies.score_schema import AdjustmentRule, ConfirmationRule
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.periods import month_before
from paidan.policies.scoring.records import OrderRecord, month_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """
    One row of the adjustments file: points of a unit, or a finding made by hand.

    It counts in the month of `at`. `unit` is empty for a finding of the whole month. `points` None
    stands for the rule's own points. `good` None leaves the extra points to the
    evaluation of `order_id`. `confirmed_by` empty means not confirmed.
    """

    unit: str
    at: datetime
    code: str
    points: Fraction | None = None
    order_id: str = ""
    good: bool | None = None
    confirmed_by: str = ""
    note: str = ""
    row: int = 0

    @property
    def month(self) -> str:
        """The month of its time."""
        return month_of(self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLine:
    """
    An adjustment judged: the points it stands for, whether they count, and `because` of what.

    `because`: `counted`, `unconfirmed`, `except_category`, `month_not_assessed`, `carried_forward`
    (it counts in a later month). `cites` is the rule that says so. `carried_from` names the month
    it comes from where that is not this one.
    """

    adjustment: Adjustment
    rule: AdjustmentRule
    points: Fraction
    counted: bool
    because: str
    cites: str
    carried_from: str = ""


def judge(
    card: Card, adjustment: Adjustment, records: Mapping[str, OrderRecord], *, carried: bool = False
) -> AdjustmentLine:
    """Say what an adjustment of a month that has a total counts for; KeyError for an unknown code."""
    rule = card.adjustments[adjustment.code]
    record = records.get(adjustment.order_id)
    points = Fraction(0) if rule.side == "count" else adjustment.points
    if points is None:
        points = rule.least or Fraction(0)
    if rule.more_when_good:
        good = card.good(record) if adjustment.good is None else adjustment.good
        points += rule.more_when_good if good else 0
    because, cites = "counted", rule.rule
    confirmation = card.confirmations.get(adjustment.code)
    if confirmation and not _confirmed(confirmation, adjustment.confirmed_by):
        because, cites = "unconfirmed", confirmation.rule
    elif rule.except_category and record is not None and record.category == rule.except_category:
        because = "except_category"
    return AdjustmentLine(
        adjustment=adjustment, rule=rule, points=points, counted=because == "counted", because=because,
        cites=cites, carried_from=adjustment.month if carried else "",
    )  # fmt: skip


def _confirmed(rule: ConfirmationRule, confirmed_by: str) -> bool:
    return confirmed_by in rule.roles if rule.roles else bool(confirmed_by)


def month_counted(card: Card, adjustment: Adjustment) -> str:
    """Name the month an adjustment counts in: that of its time, or the one before, where its cause lies."""
    rule = card.adjustments.get(adjustment.code)
    caused = rule is not None and rule.month == "cause"
    return month_before(adjustment.month) if caused else adjustment.month


def capped(card: Card, lines: Iterable[AdjustmentLine], side: str) -> Fraction:
    """Sum what counts of one side, bonus or deduction, at most its cap."""
    points = sum((line.points for line in lines if line.counted and line.rule.side == side), Fraction(0))
    cap = card.caps.get(side)
    return points if cap is None or cap.points is None else min(cap.points, points)
