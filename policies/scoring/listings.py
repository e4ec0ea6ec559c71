"""
Orders that somebody should look at; no point depends on them.

What contradicts itself, what was closed at the last minute, what still needs a measure.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from paidan.policies.score_schema import WorklistRule
from paidan.policies.scoring.counting import Tally
from paidan.policies.scoring.lineage import Cause
from paidan.policies.scoring.records import Callback, OrderRecord
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Scoring

LAST_MINUTES = timedelta(minutes=10)
"""A closing so shortly before its limit is listed."""


class Listed(NamedTuple):
    """An order of a unit listed under `kind`, the entries that say so, and what fills the sentence."""

    kind: str
    unit: str
    order_id: str
    causes: tuple[Cause, ...]
    details: dict[str, Any]
    rule: str = ""


def contradictions(scoring: Scoring, score: PeriodScore) -> tuple[Listed, ...]:
    """
    List where the sources contradict one another, by unit and order.

    `contact_denied`: the unit recorded a contact, the caller says afterwards that there was none.
    `contact_unrecorded`: a contact without recording or call log, of an order whose caller did not say
    there was one.
    `last_minutes`: done within `LAST_MINUTES` of its limit, by closing where that is what it asks for.
    """
    tally = scoring.tally(score.months)
    found = [
        one for record in _orders(scoring, score) for ask in _ASKED if (one := ask(record, tally)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.unit, one.kind, one.order_id)))


def worklist(scoring: Scoring, score: PeriodScore) -> tuple[Listed, ...]:
    """List the closed orders that a document wants a measure for and that have none yet."""
    rules: tuple[WorklistRule, ...] = scoring.card.policy.of(WorklistRule)
    tally = scoring.tally(score.months)
    found = [
        one
        for rule in rules
        for record in _orders(scoring, score)
        if (one := _to_do(record, rule, tally)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.unit, one.order_id)))


def _orders(scoring: Scoring, score: PeriodScore) -> Iterator[OrderRecord]:
    """Give the orders that closed in the period, or were called back in it where that decides."""
    seen: set[str] = set()
    for months in (scoring.index.closed, scoring.index.called):
        for month in score.months:
            for record in months.get(month, ()):
                if record.order_id not in seen:
                    seen.add(record.order_id)
                    yield record


def _contact_denied(record: OrderRecord, _: Tally) -> Listed | None:
    denied = next((one for one in reversed(record.callbacks) if one.contacted is not None), None)
    if denied is None or denied.contacted:
        return None
    contact = next((one for one in record.contacts if one.at <= denied.at), None)
    if contact is None:
        return None
    causes = (Cause("contact", contact.seq, contact.at), _revisit(denied))
    return Listed("contact_denied", record.unit or "", record.order_id, causes, {})


def _contact_unrecorded(record: OrderRecord, _: Tally) -> Listed | None:
    if not record.contacts or any(one.evidence for one in record.contacts):
        return None
    if any(one.contacted for one in record.callbacks):
        return None
    contact = record.contacts[0]
    causes = (Cause("contact", contact.seq, contact.at),)
    return Listed("contact_unrecorded", record.unit or "", record.order_id, causes, {})


def _last_minutes(record: OrderRecord, tally: Tally) -> Listed | None:
    for one in tally.limits(record, "on_time"):
        if one.done_at is not None and timedelta(0) <= one.due_at - one.done_at <= LAST_MINUTES:
            details = {"due_at": one.due_at, "done_at": one.done_at, "rule": one.rule}
            closed = record.closed if record.closed and record.closed.at == one.done_at else None
            causes = (Cause("close", closed.seq, closed.at),) if closed else ()
            return Listed("last_minutes", record.unit or "", record.order_id, causes, details, one.rule)
    return None


_ASKED: tuple[Callable[[OrderRecord, Tally], Listed | None], ...] = (
    _contact_denied, _contact_unrecorded, _last_minutes,
)  # fmt: skip


def _to_do(record: OrderRecord, rule: WorklistRule, tally: Tally) -> Listed | None:
    evaluation = tally.evaluation(record, "")
    if record.closed is None or evaluation is None:
        return None
    if evaluation.outcome == rule.outcome and evaluation.satisfaction == rule.satisfaction:
        return None
    since = evaluation.at
    for one in reversed([one for one in record.callbacks if tally.card.counts(one, "")]):
        if (one.outcome, one.satisfaction) == (rule.outcome, rule.satisfaction):
            break
        since = one.at
    if any(_taken(record, measure, since) for measure in rule.measures):
        return None
    details = {"outcome": evaluation.outcome, "satisfaction": evaluation.satisfaction}
    causes = (_revisit(evaluation),)
    return Listed("measure_wanted", record.unit or "", record.order_id, causes, details, rule.rule)


def _taken(record: OrderRecord, measure: str, since: datetime) -> bool:
    """Whether a measure was taken after a callback."""
    if measure == "revisit":
        return any(one.at > since for one in record.callbacks)
    if measure == "request_exclusion":
        return any(one.at > since for one in record.exclusions)
    return record.noted is not None and record.noted.at > since


def _revisit(callback: Callback) -> Cause:
    return Cause("revisit", callback.seq, callback.at)
