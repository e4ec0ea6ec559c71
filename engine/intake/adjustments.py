"""The adjustments file: points entered by hand, each row read or rejected with a reason."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from paidan.engine.intake.forms import open_table
from paidan.engine.intake.rosters import named
from paidan.engine.intake.tables import Rejected
from paidan.engine.intake.values import BadValueError, flag, instant
from paidan.engine.masking import masked, masked_name
from paidan.policies.roster import Roster
from paidan.policies.schema import Policy
from paidan.policies.score_schema import AdjustmentRule
from paidan.policies.scoring.adjustments import Adjustment
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.figures import exact, plain

REQUIRED = ("unit", "at", "code")
_TIME_LIKE = ("2026-03-31", "2026/3/31 9:32:09")
_FLAG_LIKE = ("true", "false", "1", "0", "是", "否")


def read_adjustments(
    path: Path, policy: Policy, roster: Roster | None = None
) -> tuple[tuple[Adjustment, ...], list[Rejected]]:
    """
    Read `unit,at,code[,points,order_id,good,confirmed_by,note]` under the policy's codes.

    A code is that of an adjustment, or of a finding that a consequence asks for; one about a whole
    month names no unit. A row is rejected for a unit the roster does not list (where one is given),
    an unknown code, points outside the rule's range or missing where it has one, a bad time or
    boolean. Raises `InputError` for a file that is no such table.
    """
    table = open_table(path, REQUIRED)
    codes = Card(policy)
    read: list[Adjustment] = []
    rejected: list[Rejected] = []
    for number, cells in enumerate(table.rows(), start=1):
        row = named(table, cells)
        try:
            read.append(_adjustment(number, row, codes, roster))
        except BadValueError as bad:
            rejected.append(
                Rejected(
                    table.name, number, masked_name(row.get("order_id", "")), bad.column, bad.value,
                    bad.code, dict(bad.details),
                )
            )  # fmt: skip
    return tuple(read), rejected


def _adjustment(number: int, row: Mapping[str, str], codes: Card, roster: Roster | None) -> Adjustment:
    unit, code = row["unit"], row["code"]
    known = (*codes.adjustments, *sorted(codes.findings), *sorted(codes.gates))
    if code not in known:
        raise BadValueError("adjustment_code_unknown", "code", code, known)
    if code in codes.gates:
        unit = ""
    elif not unit:
        raise BadValueError("unit_missing", "unit", "")
    elif roster is not None and roster.given and unit not in roster.listings:
        raise BadValueError("adjustment_unit_unknown", "unit", unit, tuple(roster.listings))
    at = instant(row["at"])
    if at is None:
        raise BadValueError("adjustment_time_wanted", "at", row["at"], _TIME_LIKE)
    good = row.get("good", "")
    if good and flag(good) is None:
        raise BadValueError("adjustment_flag_wanted", "good", good, _FLAG_LIKE)
    rule = codes.adjustments.get(code)
    return Adjustment(
        unit=unit, at=at, code=code, points=_points(row.get("points", ""), rule) if rule else None,
        order_id=row.get("order_id", ""), good=flag(good) if good else None,
        confirmed_by=masked(row.get("confirmed_by", "")), note=masked(row.get("note", "")), row=number,
    )  # fmt: skip


def _points(text: str, rule: AdjustmentRule) -> Fraction | None:
    """Read points as the rule allows them; none need be given where it knows only one number, or none."""
    if rule.side == "count":
        return None
    fixed = rule.least is not None and rule.least == rule.most
    if not text:
        if not fixed:
            raise BadValueError("adjustment_points_missing", "points", "", _allowed(rule))
        return None
    try:
        points = exact(text)
    except (ValueError, ZeroDivisionError):
        raise BadValueError("adjustment_points_wanted", "points", text, _allowed(rule)) from None
    too_low = rule.least is not None and points < rule.least
    too_high = rule.most is not None and points > rule.most
    if too_low or too_high or (rule.values and points not in rule.values):
        raise BadValueError("adjustment_points_outside", "points", text, _allowed(rule))
    return points


def _allowed(rule: AdjustmentRule) -> tuple[str, ...]:
    """Say which points the rule takes: its values, or its range."""
    if rule.values:
        return tuple(plain(one) for one in rule.values)
    least = "" if rule.least is None else plain(rule.least)
    most = "" if rule.most is None else plain(rule.most)
    return (least if least == most else f"{least}–{most}",)
