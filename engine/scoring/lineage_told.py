"""Where a figure comes from, as JSON: the orders and entries behind it."""

from typing import Any

from paidan.engine.scoring.lineage_text import adjustment_why, line_why, sum_text
from paidan.policies.scoring import figures
from paidan.policies.scoring.adjustments import AdjustmentLine
from paidan.policies.scoring.items import Standing
from paidan.policies.scoring.lineage import Lineage, OrderLine


def lineage_json(told: Lineage, lang: str = "zh") -> dict[str, Any]:
    """Give an item, `bonus` or `deduction` with every order, entry and adjustment that made it."""
    return {
        "name": told.name,
        "rule": told.rule,
        "clause": told.clause,
        "made_of": sum_text(told.item, told.score, lang) if told.item and told.score else "",
        "points": None if told.points is None else str(told.points),
        "max": None if told.most is None else str(told.most),
        "orders": [_order(one, lang) for one in told.orders],
        "table": [_standing(one) for one in told.table],
        "adjustments": [adjustment_json(one, lang) for one in told.adjustments],
    }


def _order(line: OrderLine, lang: str) -> dict[str, Any]:
    return {
        "order_id": line.order_id,
        "within": line.within,
        "weight": str(line.weight),
        "because": line.because,
        "why": line_why(line, lang),
        "rule": line.cites,
        "entries": [{"seq": one.seq, "event": one.event, "at": one.at.isoformat()} for one in line.causes],
    }


def _standing(line: Standing) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "own": str(line.own),
        "of": str(line.total),
        "rank": line.rank,
        "points": None if line.points is None else str(line.points),
    }


def adjustment_json(line: AdjustmentLine, lang: str = "zh") -> dict[str, Any]:
    """Give an adjustment with what it counted for, and why."""
    entered = line.adjustment
    return {
        "at": entered.at.isoformat(),
        "code": entered.code,
        "rule": line.rule.rule,
        "points": figures.plain(line.points),
        "counted": line.counted,
        "because": line.because,
        "why": adjustment_why(line, lang),
        "order_id": entered.order_id,
        "note": entered.note,
    }
