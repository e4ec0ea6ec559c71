"""
Where a figure comes from: each order behind it with the log entry that put it there, or why not.

`because` codes name sentences of `engine.messages` (`line.…`); nothing here is language.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from paidan.policies.score_schema import CASES, OUTCOMES_SAID, POPULATIONS, PROCESS_SAID, Item, StatusRule
from paidan.policies.scoring.adjustments import AdjustmentLine, capped
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.counting import CaseOf, Tally, base_of
from paidan.policies.scoring.items import ItemScore, Standing
from paidan.policies.scoring.periods import Period
from paidan.policies.scoring.records import Callback, Contact, Exclusion, Judged, Mark, OrderRecord, Return
from paidan.policies.scoring.scores import Scoring

SIDES = ("bonus", "deduction")
_EVENTS = {"late_returns": "request_return", "late_noncompliant": "request_return",
           "uncontacted_returns": "request_return", "unmet_replies": "supervision_reply"}  # fmt: skip


class Cause(NamedTuple):
    """A log entry that a line rests on."""

    event: str
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """
    One order behind an item: inside the denominator (`within`) or not, with what `weight`, and why.

    `causes` are the entries that say so, those of the denominator first. `cites` is the rule by
    which an order was left out.
    """

    order_id: str
    within: bool
    weight: Fraction
    because: str
    causes: tuple[Cause, ...] = ()
    cites: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """
    An item, or one side of the adjustments, of a unit's period with all that made it.

    `orders` for items that count orders or cases, `table` (best first) for those that compare units,
    `adjustments` for `bonus`, `deduction` and what else was entered. `rule` and `clause` are those
    of the item or cap, `most` the points it allows (None: no cap, or no weight).
    """

    unit: str
    status: StatusRule | None
    name: str
    rule: str
    clause: str
    points: Fraction | None = None
    most: Fraction | None = None
    score: ItemScore | None = None
    item: Item | None = None
    orders: tuple[OrderLine, ...] = ()
    table: tuple[Standing, ...] = ()
    adjustments: tuple[AdjustmentLine, ...] = ()


def lineage(scoring: Scoring, asked: Period, unit: str, name: str) -> Lineage:
    """
    Trace an item, `bonus` or `deduction` of a unit's period; KeyError with the unit or item unknown.

    Counts only what it needs: of an item that compares no units, the unit's own orders.
    """
    months = asked.months if asked.span == "month" else scoring.existing(asked.months)
    pool = scoring.pools(months)[unit]
    status, _ = scoring.standing(months, unit, pool)
    lines = scoring.lines(months, unit)
    if name in SIDES:
        return _of_side(scoring.card, unit, status, name, lines)
    item = scoring.card.item(name, pool)
    if item is None:
        raise KeyError(name)
    got = scoring.item(months, unit, pool, item)
    table = scoring.table(months, item, pool).values()
    codes = {item.code, *item.codes}
    return Lineage(
        unit=unit, status=status, name=name, rule=item.rule, clause=item.clause, points=got.points,
        most=item.points, score=got, item=item,
        orders=order_lines(scoring, months, unit, item),
        table=tuple(sorted(table, key=lambda line: (-_merit(item, line), line.unit))),
        adjustments=tuple(line for line in lines if line.rule.code in codes),
    )  # fmt: skip


def order_lines(scoring: Scoring, months: Sequence[str], unit: str, item: Item) -> tuple[OrderLine, ...]:
    """Give the orders behind an item of a unit's months, those of the denominator first."""
    found = _lines(scoring.tally(months), item, unit)
    return tuple(sorted(found, key=lambda line: (not line.within, line.order_id)))


def _merit(item: Item, line: Standing) -> Fraction:
    return line.own if item.kind != "below_reference" else line.share or Fraction(0)


def _of_side(
    card: Card, unit: str, status: StatusRule | None, side: str, lines: tuple[AdjustmentLine, ...]
) -> Lineage:
    cap = card.caps.get(side)
    return Lineage(
        unit=unit, status=status, name=side, rule=cap.rule if cap else "", clause=cap.clause if cap else "",
        points=capped(card, lines, side), most=cap.points if cap else None,
        adjustments=tuple(line for line in lines if line.rule.side == side),
    )  # fmt: skip


def _lines(tally: Tally, item: Item, unit: str) -> Iterator[OrderLine]:
    if item.kind in ("ratio", "below_reference"):
        yield from _rate_lines(tally, item, unit)
    elif item.kind in ("rank_bands", "share"):
        for one in tally.orders(unit, item.counts[0], item.name):
            yield OrderLine(
                order_id=one.order_id, within=True, weight=Fraction(1), because="accepted",
                causes=_causes(accept=one.accepted),
            )  # fmt: skip
    else:
        for case in tally.cases(unit, item.counts):
            yield _case_line(case)
        for measure in item.counts:
            if measure not in CASES:
                yield from _said_lines(tally, item, unit, measure)


def _case_line(case: CaseOf) -> OrderLine:
    why = case.why
    details: dict[str, Any] = {}
    if isinstance(why, Judged):
        details = {"due_at": why.due_at, "rule": why.rule}
        causes = _causes(rule_overdue=Mark(case.ruling.at, case.ruling.seq)) if case.ruling else ()
        because = "overdue_moved" if case.ruling else "overdue"
    else:
        causes = (Cause(_EVENTS[case.measure], why.seq, why.at),)
        because = case.measure
        if isinstance(why, Return) and why.late and case.measure == "uncontacted_returns":
            because = "uncontacted_late"
    return OrderLine(
        order_id=case.record.order_id, within=True, weight=Fraction(1), because=because, causes=causes,
        details=details,
    )  # fmt: skip


def _said_lines(tally: Tally, item: Item, unit: str, measure: str) -> Iterator[OrderLine]:
    counted = {one.order_id for one in tally.orders(unit, measure, item.name)}
    for one in tally.orders(unit, base_of(measure), item.name):
        because, details = _timing(tally, one)
        yield OrderLine(
            order_id=one.order_id, within=True, weight=Fraction(one.order_id in counted), because=because,
            causes=_causes(close=one.closed), details=details,
        )  # fmt: skip


def _rate_lines(tally: Tally, item: Item, unit: str) -> Iterator[OrderLine]:
    inside = tally.orders(unit, item.of, item.name)
    counted = {
        measure: {one.order_id for one in tally.among(unit, item.of, measure, item.name)}
        for measure in item.weights
    }
    for one in inside:
        held = [measure for measure, ids in counted.items() if one.order_id in ids]
        because, details, causes = _answer(tally, item, one, held)
        weight = sum((item.weights[measure] for measure in held), Fraction(0))
        yield OrderLine(
            order_id=one.order_id, within=True, because=because, weight=weight, causes=causes, details=details
        )
    ids = {one.order_id for one in inside}
    left = {one.order_id: one for one in tally.excluded(unit, item.of, item.name)}
    for one in left.values():
        yield _left_out(tally.card, item, one)
    for one in tally.orders(unit, "closed"):
        if one.order_id not in ids and one.order_id not in left:
            yield _aside(tally, item, one)


def _left_out(card: Card, item: Item, record: OrderRecord) -> OrderLine:
    """Tell by what rule an order leaves a rate."""
    cites = card.leaves(record, item.name)
    approved = next((one for one in record.exclusions if not card.objection(one)), None)
    if record.returned is not None and approved is None and not record.finding:
        returned = record.returned
        causes: tuple[Cause, ...] = _causes(approve_return=Mark(returned.at, returned.seq))
        because = "return_recognised"
    elif approved is not None:
        causes = _asked(approved)
        because = "excluded"
    else:
        causes = _causes(close=record.closed)
        because = "not_to_be_evaluated"
    details = {"situation": approved.situation if approved else "", "finding": record.finding}
    return OrderLine(
        order_id=record.order_id, within=False, weight=Fraction(0), because=because, causes=causes,
        cites=cites, details=details,
    )  # fmt: skip


def _aside(tally: Tally, item: Item, record: OrderRecord) -> OrderLine:
    return OrderLine(
        order_id=record.order_id, within=False, weight=Fraction(0), because=_outside(tally, item, record),
        causes=_causes(close=record.closed),
    )  # fmt: skip


def _asked(one: Exclusion) -> tuple[Cause, ...]:
    causes = [Cause("request_exclusion", one.seq, one.at)]
    if one.decided_at is not None:
        causes.append(Cause(f"{_DECIDED[one.decided]}_exclusion", one.decided_seq, one.decided_at))
    return tuple(causes)


_DECIDED = {"approved": "approve", "refused": "refuse"}


def _answer(
    tally: Tally, item: Item, record: OrderRecord, held: list[str]
) -> tuple[str, Mapping[str, Any], tuple[Cause, ...]]:
    """Say why an order of a rate's denominator is in its numerator or not, and by which entries."""
    evaluation = tally.evaluation(record, item.name)
    callbacks = tally.card.callbacks(record, item.name)
    below = _causes(close=record.closed, revisit=evaluation or (callbacks[-1] if callbacks else None))
    measures = tuple(item.weights)
    if "contacted" in measures:
        return *_contact(tally, record), (*below, *_causes(contact=_telling(tally, record)))
    if "on_time" in measures or "closed_late" in measures:
        return *_timing(tally, record), _causes(close=record.closed)
    if all(measure in POPULATIONS for measure in measures):
        return ("case_counted" if held else "case_not_counted"), {}, below
    if evaluation is None:
        return "not_evaluated", {}, below
    if any(measure in OUTCOMES_SAID for measure in measures):
        answer = evaluation.outcome
    elif any(measure in PROCESS_SAID for measure in measures):
        answer = evaluation.process_satisfaction
    else:
        answer = evaluation.satisfaction
    if not answer:
        return "answer_missing", {}, below
    earned = any(item.weights[measure] for measure in held)
    return ("answer_counted" if earned else "answer_not_counted"), {"answer": answer}, below


def _contact(tally: Tally, record: OrderRecord) -> tuple[str, Mapping[str, Any]]:
    if tally.contact(record) is not None:
        rule = tally.card.measures.get("contacted")
        return ("contacted_with_evidence" if rule and rule.needs else "contacted"), {}
    if not record.contacts:
        return "no_contact", {}
    missed = tally.missed(record, "contacted")
    if missed:
        return "contacted_late", {"due_at": missed[0].due_at, "rule": missed[0].rule}
    return "contact_without_evidence", {}


def _telling(tally: Tally, record: OrderRecord) -> Contact | None:
    return tally.contact(record) or (record.contacts[0] if record.contacts else None)


def _timing(tally: Tally, record: OrderRecord) -> tuple[str, Mapping[str, Any]]:
    """Say whether an order was on time, by the limit that was missed or the last that was met."""
    missed = tally.missed(record, "on_time")
    limits = missed or tally.limits(record, "on_time")
    if not limits:
        return "no_limit", {}
    one = limits[-1]
    because = "closed_late" if missed else "limit_void" if one.verdict == "void" else "on_time"
    return because, {"due_at": one.due_at, "rule": one.rule}


def _outside(tally: Tally, item: Item, record: OrderRecord) -> str:
    """Say why an order closed in the period is not in a rate's denominator."""
    if item.of == "closed_named" and record.anonymous:
        return "anonymous"
    if not record.callbacks:
        return "not_called_back"
    if not tally.card.callbacks(record, item.name):
        return "source_not_counted"
    if not any(tally.card.counts(one, item.name) for one in tally.card.callbacks(record, item.name)):
        return "not_effective"
    return "another_month"


def _causes(**entries: Mark | Contact | Callback | None) -> tuple[Cause, ...]:
    return tuple(Cause(event, one.seq, one.at) for event, one in entries.items() if one is not None)
