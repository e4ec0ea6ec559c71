"""The score sheet of a unit (考核明细): every item of a period, opened to its orders and entries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from paidan.engine.console.pages import order_at, page
from paidan.engine.console.scored import MonthPage, Told, ask, nothing, query, told_of, waiting, wanted
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.http.callers import PageOfScores
from paidan.engine.http.scores import Asked, UnitName
from paidan.engine.messages.reasons import moment
from paidan.engine.report.facts import Shown
from paidan.engine.report.sections import style
from paidan.engine.scores import Snapshot
from paidan.engine.scoring import lineage_text
from paidan.engine.scoring.score import traced
from paidan.policies.scoring import figures
from paidan.policies.scoring.comparison import Comparison
from paidan.policies.scoring.items import ItemScore
from paidan.policies.scoring.lineage import SIDES, Lineage, OrderLine
from paidan.policies.scoring.results import UnitScore
from paidan.policies.scoring.targets import targets

router = APIRouter(include_in_schema=False)

LINES = 100
"""Orders of an item on one page."""
_KINDS = ("counted", "uncounted", "aside")
"""Orders of an item: of weight, of none, outside its denominator."""


class Sheet(NamedTuple):
    """A period, and of one unit an item of it traced."""

    told: Told
    unit: UnitScore
    traced: Lineage | None


@dataclass(frozen=True, slots=True)
class View:
    """Which item of a sheet is opened, which of its orders are shown, from which on."""

    item: Annotated[str, Query(max_length=40)] = ""
    show: Annotated[str, Query(max_length=10)] = ""
    start: Annotated[int, Query(ge=0, le=10_000_000)] = 0


@router.get("/month/{unit}")
def sheet(
    request: Request, caller: PageOfScores, unit: UnitName, asked: Annotated[Asked, Depends()],
    view: Annotated[View, Depends()],
) -> Response:  # fmt: skip
    """Show a unit's period, with an item of it opened to its orders and entries."""
    name, item = wanted(caller, asked), view.item
    try:
        found = ask(caller, ("sheet", name, unit, item), lambda of: _sheet(of, name, unit, item))
    except UsageError as error:
        return nothing(request, caller, error, asked)
    if found is None:
        return waiting(request, caller)
    told, scored, trace = found.value
    facts = _of_unit(told.shown, scored)
    row, peers = next(
        (row, one.rows) for one in told.shown.classes for row in one.rows if row.unit.unit == unit
    )
    ranked = [one.unit for one in peers if one.unit.rank is not None]
    place = ranked.index(scored) if scored in ranked else None
    ahead = ranked[place - 1] if place else None
    behind = ranked[place + 1] if place is not None and place + 1 < len(ranked) else None
    name = facts.period.name
    return page(
        request, "month_unit.html.j2", caller, found=found, facts=facts,
        view=MonthPage(facts, caller.lang, {}), style=style(), row=row,
        unit=scored, items=[(one, _clause(facts, scored, one)) for one in scored.items], trace=trace,
        ahead=ahead, behind=behind, ranked=len(ranked), caps=facts.told.scoring.card.caps,
        made=_made_of(trace, caller.lang),
        as_of=moment(found.as_of),
        targets=targets(facts.told.scoring.card, scored), opened=item, sides=SIDES,
        lines=_lines(trace, view, caller.lang), show=view.show, start=view.start, size=LINES,
        here=lambda **more: f"/month/{quote(unit, safe='')}?{query(name, **more)}", back=query(name),
        counts=_counts(trace),
    )  # fmt: skip


def _sheet(of: Snapshot, name: str, unit: str, item: str) -> Sheet:
    told = told_of(of, name)
    period = told.shown.period.name
    found = told.shown.told.score.unit(unit)
    if found is None:
        known = ", ".join(one.unit for one in told.shown.told.score.units)
        raise NotFoundError("unit_not_scored", month=period, unit=unit, known=known)
    return Sheet(told, found, traced(of.scorings({}).of(period), period, unit, item) if item else None)


def _of_unit(told: Shown, unit: UnitScore) -> Shown:
    """Keep of a period what is one unit's, so that its sections tell of it alone."""
    asides, score = told.asides, told.told.score
    return replace(
        told,
        told=replace(
            told.told,
            score=replace(score, units=(unit,)),
            consequences=tuple(one for one in told.told.consequences if one.unit == unit.unit),
        ),
        held=tuple(one for one in told.held if one.unit == unit.unit),
        asides=replace(
            asides,
            left_out=tuple(one for one in asides.left_out if one.unit == unit.unit),
            refused=tuple(one for one in asides.refused if one.unit == unit.unit),
            comparison=asides.comparison and _comparison_of(asides.comparison, unit.unit),
        ),
    )


def _comparison_of(told: Comparison, unit: str) -> Comparison:
    return Comparison(
        changes=tuple(one for one in told.changes if one.unit == unit),
        raised=tuple(one for one in told.raised if one.unit == unit),
        withdrawn=tuple(one for one in told.withdrawn if one.unit == unit),
    )


def _clause(facts: Shown, unit: UnitScore, item: ItemScore) -> str:
    found = facts.told.scoring.card.item(item.name, unit.pool)
    return found.clause if found else ""


def _made_of(trace: Lineage | None, lang: str) -> str:
    """Tell how the points of an item were made of its orders; nothing where it has none."""
    if trace is None or trace.item is None or trace.score is None or not trace.orders:
        return ""
    return lineage_text.sum_text(trace.item, trace.score, lang)


class Line(NamedTuple):
    """An order of an item: what it weighs, why, and the entries that say so."""

    order_id: str
    within: bool
    weight: str
    why: str
    causes: Sequence[tuple[str, str]]
    """Each entry as it is told, and its address."""


def _kind(line: OrderLine) -> str:
    return ("counted" if line.weight else "uncounted") if line.within else "aside"


def _counts(trace: Lineage | None) -> Mapping[str, int]:
    """Count the orders of an item by kind, all of them under no name."""
    counts = Counter(_kind(one) for one in trace.orders) if trace else Counter[str]()
    return {"": counts.total(), **{kind: counts[kind] for kind in _KINDS if counts[kind]}}


def _lines(trace: Lineage | None, view: View, lang: str) -> list[Line]:
    if trace is None:
        return []
    chosen = [one for one in trace.orders if view.show in ("", _kind(one))]
    return [
        Line(
            one.order_id, one.within, figures.plain(one.weight), lineage_text.line_why(one, lang),
            [(lineage_text.cause_text(each, lang), order_at(one.order_id, each.seq)) for each in one.causes],
        )
        for one in chosen[view.start : view.start + LINES]
    ]  # fmt: skip
