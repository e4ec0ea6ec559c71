"""A period's scores as JSON (CONTRACT section 7) and as rows to read."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from paidan.engine.messages import say
from paidan.engine.scoring.consequence_text import because
from paidan.engine.scoring.note_text import note_text
from paidan.engine.scoring.score import Scored
from paidan.policies.reader import shown
from paidan.policies.schema import Policy
from paidan.policies.scoring import figures
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.items import ItemScore, Rate
from paidan.policies.scoring.results import PeriodScore, UnitScore
from paidan.policies.scoring.targets import targets

_UNDEFINED = "–"


def as_json(told: Scored, lang: str = "zh") -> dict[str, Any]:
    """Give a period's scores as CONTRACT section 7 prints them."""
    score = told.score
    return {
        "policy": score.version,
        "period": score.period.name,
        "months": list(score.months),
        "provisional": score.provisional,
        "outside": [rule.rule for rule in score.outside],
        "settings": {name: shown(value) for name, value in score.settings.items()},
        "units": [_unit_json(unit, told.scoring.card) for unit in score.units],
        "consequences": [consequence_json(one, told.policy, lang) for one in told.consequences],
        "notes": [note_text(one, lang) for one in told.notes],
    }


def consequence_json(one: Consequence, policy: Policy, lang: str = "zh") -> dict[str, Any]:
    """Give a consequence as JSON, with the months, orders and entries that led to it."""
    written: dict[str, Any] = {
        "rule": one.rule.rule,
        "unit": one.unit,
        "kind": one.rule.kind,
        "because": because(one, policy, lang),
        "clause": one.rule.clause,
        "label": consequence_label(policy, one.rule.kind, lang),
        "period": one.period,
        "trail": [
            {"period": step.period, "rank": step.rank, "among": step.among, "low": step.low}
            for step in one.trail
        ],
        "orders": list(one.orders),
    }
    if one.rule.loses:
        written["of"] = list(one.rule.loses)
    if one.talk is not None:
        written["held_by"], written["attends"] = list(one.talk.held_by), list(one.talk.attends)
    if one.held is not None:
        held = one.held
        written["held"] = {
            "at": held.adjustment.at.isoformat(), "month": held.adjustment.month,
            "points": figures.plain(held.points), "counted": held.counted,
        }  # fmt: skip
    return written


def consequence_label(policy: Policy, kind: str, lang: str) -> str:
    """Give the label of a kind of consequence."""
    return policy.consequences[kind] if lang == "zh" else kind


def _unit_json(unit: UnitScore, card: Card) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "pool": unit.pool,
        "status": unit.status,
        "items": {one.name: _item_json(one) for one in unit.items},
        "rates": {name: _rate_json(rate) for name, rate in unit.rates.items()},
        "targets": [
            {"rule": one.rule.rule, "rate": one.rate, "at_least": str(one.rule.at_least),
             "exact": _exact(one.exact), "met": one.met}
            for one in targets(card, unit)
        ],
        "adjustments": _counts(unit),
        "bonus": figures.plain(unit.bonus),
        "deduction": figures.plain(unit.deduction),
        "total": None if unit.total is None else figures.shown(unit.total),
        "exact": _exact(unit.total),
        "rank": unit.rank,
        "grade": unit.grade,
        "rules": dict(unit.rules),
    }  # fmt: skip


def _item_json(item: ItemScore) -> dict[str, Any]:
    most = item.most
    return {
        "rule": item.rule,
        "points": None if item.points is None or most is None else figures.shown(item.points),
        "exact": None if most is None else _exact(item.points),
        "max": None if most is None else int(most) if most.denominator == 1 else str(most),
        "numerator": _exact(item.numerator),
        "denominator": _exact(item.denominator),
        "orders": list(item.orders),
        **({} if item.reference is None else {"reference": str(item.reference)}),
    }


def _rate_json(rate: Rate) -> dict[str, str | None]:
    return {
        "numerator": _exact(rate.numerator),
        "denominator": _exact(rate.denominator),
        "exact": _exact(rate.exact),
    }


def _counts(unit: UnitScore) -> dict[str, int]:
    counts: dict[str, int] = {}
    for code in (*(line.adjustment.code for line in unit.adjustments), *(one.code for one in unit.findings)):
        counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items()))


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


# ---- as rows -------------------------------------------------------------------------------------


def item_labels(policy: Policy, lang: str) -> dict[str, str]:
    """Give the label of every item, in the order of the rules."""
    labels: dict[str, str] = {}
    for item in Card(policy).items:
        labels.setdefault(item.name, item.zh if lang == "zh" else item.en)
    return labels


def as_rows(score: PeriodScore, policy: Policy, lang: str = "zh") -> tuple[list[str], list[list[str]]]:
    """
    Give the headers and rows of a period's table: class by class, best first.

    An item without a weight shows its rate; the total, rank and grade stand only where the document
    knows them.
    """
    labels = item_labels(policy, lang)
    graded = any(unit.grade for unit in score.units)
    names = ("rank", "unit", "pool", "status", *labels, "bonus", "deduction", "total", *(("grade",) * graded))
    headers = [labels[name] if name in labels else say(f"score.{name}", lang) for name in names]
    rows = []
    for unit in in_order(score.units, policy):
        items = [unit.item(name) for name in labels]
        rows.append(
            [
                _UNDEFINED if unit.rank is None else str(unit.rank),
                unit.unit,
                pool_label(policy, unit.pool, lang),
                say(f"status.{unit.status}", lang),
                *(_cell(one) for one in items),
                figures.plain(unit.bonus),
                figures.plain(unit.deduction),
                _points(unit.total),
                *([say(f"grade.{unit.grade}", lang) if unit.grade else _UNDEFINED] * graded),
            ]
        )
    return headers, rows


def in_order(units: Iterable[UnitScore], policy: Policy) -> list[UnitScore]:
    """Give units pool by pool, best first, those without a rank last."""
    pools = list(policy.pools)

    def place(unit: UnitScore) -> tuple[int, bool, int, str]:
        of_pool = len(pools) if unit.pool is None else pools.index(unit.pool)
        return of_pool, unit.rank is None, unit.rank or 0, unit.unit

    return sorted(units, key=place)


def pool_label(policy: Policy, pool: str | None, lang: str) -> str:
    """Give the label of a pool, or that the unit has none."""
    if pool is None:
        return say("score.no_pool", lang)
    return policy.pools[pool] if lang == "zh" else pool


def _cell(item: ItemScore | None) -> str:
    if item is None:
        return _UNDEFINED
    if item.most is not None:
        return _points(item.points)
    if item.numerator is None or not item.denominator:
        return _UNDEFINED
    return f"{figures.shown(item.numerator * 100 / item.denominator)}%"


def _points(value: Fraction | None) -> str:
    return _UNDEFINED if value is None else figures.shown(value)
