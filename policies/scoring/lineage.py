"""
Where a figure comes from: each order behind it with the log entry that put it there, or why not.

`because` codes name sentences of `engine.messages` (`line.…`); nothing here is language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from paidan.policies.score_schema import POPULATIONS, Item
from paidan.policies.scoring.adjustments import AdjustmentLine
from paidan.policies.scoring.counting import OUTCOME_MEASURES, Tally, base_of
from paidan.policies.scoring.items import ItemScore, Standing
from paidan.policies.scoring.month import Scoring, UnitScore
from paidan.policies.scoring.records import Callback, Contact, Mark, OrderRecord

SIDES = ("bonus", "deduction")


class Cause(NamedTuple):
    """A log entry that a line rests on."""

    event: str
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """
    One order behind an item: inside the denominator (`within`) or not, with what `weight`, and why.

    `causes` are the entries that say so, those of the denominator first.
    """

    order_id: str
    within: bool
    weight: Fraction
    because: str
    causes: tuple[Cause, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """
    An item, or one side of the adjustments, of a unit's month with all that made it.

    `orders` for ratio and per-case items, `table` (the whole pool, best first) for volume,
    `adjustments` for `bonus` and `deduction`. `rule` and `clause` are those of the item or cap,
    `most` the points it allows (None: no cap).
    """

    unit: UnitScore
    name: str
    rule: str
    clause: str
    most: Fraction | None = None
    score: ItemScore | None = None
    item: Item | None = None
    orders: tuple[OrderLine, ...] = ()
    table: tuple[Standing, ...] = ()
    adjustments: tuple[AdjustmentLine, ...] = ()


def lineage(scoring: Scoring, month: str, unit: str, name: str) -> Lineage:
    """Trace an item, `bonus` or `deduction` of a unit's month; KeyError with the unit or item unknown."""
    scored = scoring.month(month).unit(unit)
    if scored is None:
        raise KeyError(unit)
    if name in SIDES:
        return _of_side(scoring, scored, name)
    item = scoring.card.item(name, scored.pool)
    score = scored.item(name)
    if item is None or score is None:
        raise KeyError(name)
    tally = scoring.tally(month)
    table: tuple[Standing, ...] = ()
    if item.kind == "rank_bands" and scored.pool is not None:
        of_pool = scoring.standings(month, item, scored.pool).values()
        table = tuple(sorted(of_pool, key=lambda line: (-line.own, line.unit)))
    lines = {"ratio": _ratio_lines, "per_case": _case_lines, "rank_bands": _volume_lines}[item.kind]
    return Lineage(
        unit=scored, name=name, rule=item.rule, clause=item.clause, most=item.points, score=score, item=item,
        orders=tuple(sorted(lines(tally, item, unit), key=lambda line: (not line.within, line.order_id))),
        table=table,
    )  # fmt: skip


def _of_side(scoring: Scoring, scored: UnitScore, side: str) -> Lineage:
    cap = scoring.card.caps.get(side)
    return Lineage(
        unit=scored, name=side, rule=cap.rule if cap else "", clause=cap.clause if cap else "",
        most=cap.points if cap else None,
        adjustments=tuple(line for line in scored.adjustments if line.rule.side == side),
    )  # fmt: skip


def _volume_lines(tally: Tally, item: Item, unit: str) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=one.order_id, within=True, weight=Fraction(1), because="accepted",
            causes=_causes(accept=one.accepted),
        )
        for one in tally.orders(unit, item.counts, item.name)
    ]  # fmt: skip


def _case_lines(tally: Tally, item: Item, unit: str) -> list[OrderLine]:
    cases = {one.order_id for one in tally.orders(unit, item.counts, item.name)}
    return [
        OrderLine(
            order_id=one.order_id, within=True, weight=Fraction(one.order_id in cases),
            because=_closing(one) if item.counts == "closed_late" else _code(one.order_id in cases),
            causes=_causes(close=one.closed),
            details={"due_at": one.clock.due_at, "rule": one.clock.rule} if one.clock else {},
        )
        for one in tally.orders(unit, base_of(item.counts), item.name)
    ]  # fmt: skip


def _ratio_lines(tally: Tally, item: Item, unit: str) -> list[OrderLine]:
    inside = tally.orders(unit, item.of, item.name)
    counted = {
        measure: {one.order_id for one in tally.among(unit, item.of, measure, item.name)}
        for measure in item.weights
    }
    lines = []
    for one in inside:
        held = [measure for measure, ids in counted.items() if one.order_id in ids]
        because, answer, causes = _answer(tally, item, one, held)
        lines.append(
            OrderLine(
                order_id=one.order_id, within=True, because=because,
                weight=sum((item.weights[measure] for measure in held), Fraction(0)),
                causes=causes, details={"answer": answer} if answer else {},
            )
        )  # fmt: skip
    ids = {one.order_id for one in inside}
    aside = [
        OrderLine(
            order_id=one.order_id, within=False, weight=Fraction(0), because=_outside(tally, item, one),
            causes=_causes(close=one.closed),
        )
        for one in tally.orders(unit, "closed")
        if one.order_id not in ids
    ]  # fmt: skip
    return lines + aside


def _answer(
    tally: Tally, item: Item, record: OrderRecord, held: list[str]
) -> tuple[str, str, tuple[Cause, ...]]:
    """Say why an order of a ratio's denominator is in its numerator or not, and by which entries."""
    evaluation = tally.card.evaluation(record, item.name)
    callbacks = tally.card.callbacks(record, item.name)
    below = _causes(close=record.closed, revisit=evaluation or (callbacks[-1] if callbacks else None))
    measures = tuple(item.weights)
    if "contacted" in measures:
        contact = tally.contact(record)
        if contact is not None:
            return "contacted", "", (*below, *_causes(contact=contact))
        because = "contact_without_evidence" if record.contacts else "no_contact"
        return because, "", (*below, *_causes(contact=record.contacts[0] if record.contacts else None))
    if all(measure in POPULATIONS or measure == "closed_late" for measure in measures):
        return _code(bool(held)), held[0] if held else "", below
    if evaluation is None:
        return "not_evaluated", "", below
    of_outcome = any(measure in OUTCOME_MEASURES for measure in measures)
    answer = evaluation.outcome if of_outcome else evaluation.satisfaction
    if not answer:
        return "answer_missing", "", below
    return ("answer_counted" if held else "answer_not_counted"), answer, below


def _outside(tally: Tally, item: Item, record: OrderRecord) -> str:
    """Say why an order closed in the month is not in a ratio's denominator."""
    if not record.callbacks:
        return "not_called_back"
    if not tally.card.callbacks(record, item.name):
        return "source_not_counted"
    if tally.card.evaluation(record, item.name) is None:
        return "not_effective"
    return "another_month"


def _closing(record: OrderRecord) -> str:
    if record.clock is None:
        return "no_limit"
    return {"late": "closed_late", "void": "limit_void"}.get(record.clock.verdict, "on_time")


def _code(counted: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "case_counted" if counted else "case_not_counted"


def _causes(**entries: Mark | Contact | Callback | None) -> tuple[Cause, ...]:
    return tuple(Cause(event, one.seq, one.at) for event, one in entries.items() if one is not None)
