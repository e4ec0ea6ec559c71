"""A period's scores as a table for programs and pivot tables: a row for each unit and item."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from paidan.engine.export.table import Column, Kind, Sheet
from paidan.engine.messages import say
from paidan.engine.scoring.score import Scored
from paidan.engine.scoring.told import as_json

_KINDS = {
    "points": Kind.DECIMAL, "total": Kind.DECIMAL, "orders": Kind.NUMBER, "rank": Kind.NUMBER,
    "provisional": Kind.FLAG,
}  # fmt: skip
_OF_ITEM = ("rule", "points", "exact", "max", "numerator", "denominator")
_COLUMNS = (
    "period", "policy", "provisional", "unit", "pool", "status", "item", *_OF_ITEM, "orders", "bonus",
    "deduction", "total", "total_exact", "rank", "grade",
)  # fmt: skip


def score_sheet(told: Scored, lang: str) -> Sheet:
    """
    Give the scores of a period: the figures of CONTRACT section 7, nothing where they are undefined.

    A unit without items has one row. `orders` counts those behind an item; totals and ranks stand in
    every row of their unit.
    """
    columns = [Column(name, say(f"title.{name}", lang), _KINDS.get(name, Kind.TEXT)) for name in _COLUMNS]
    return Sheet(say("sheet.scores", lang), columns, _rows(as_json(told, lang)))


def _rows(score: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    of_all = (score["period"], score["policy"], score["provisional"])
    for unit in score["units"]:
        begin = (*of_all, unit["unit"], unit["pool"], unit["status"])
        total = _decimal(unit["total"])
        end = (unit["bonus"], unit["deduction"], total, unit["exact"], unit["rank"], unit["grade"])
        for name, item in (unit["items"] or {"": None}).items():
            if item is None:
                yield (*begin, name, *[None] * len(_OF_ITEM), None, *end)
                continue
            said = {**item, "points": _decimal(item["points"])}
            yield (*begin, name, *(said[one] for one in _OF_ITEM), len(item["orders"]), *end)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
