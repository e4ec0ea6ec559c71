"""What is to know about a score: what it was made with, and what of the input it lacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.scoring.run import Run
from paidan.policies.reader import shown
from paidan.policies.scoring.periods import Period, days_of
from paidan.policies.scoring.records import month_of
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Scoring
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from paidan.engine.intake.tables import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """
    Something to know about a score: `code` names a sentence (`note.…`), `details` fill it, lists too.

    Where it `lacks` something, part of the input could not be scored.
    """

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)
    lacks: bool = False


def notes(run: Run, scoring: Scoring, score: PeriodScore) -> Iterator[Note]:
    """Say what is to know about a period that was scored."""
    if score.settings:
        changed = tuple(f"{name} = {shown(value)}" for name, value in score.settings.items())
        yield Note(code="settings", details={"settings": changed})
    if score.provisional:
        yield Note(code="provisional")
    for rule in score.outside:
        code = "outside" if rule.first_month else "in_force_unknown"
        yield Note(code=code, details={"rule": rule.rule, "clause": rule.clause, "period": score.period.name})
    if run.as_of < _end(score.period):
        as_of = run.as_of.astimezone(BEIJING)
        yield Note(
            code="running", details={"period": score.period.name, "as_of": as_of}, lacks=run.as_of_asked
        )
    yield from _roster_notes(scoring, score)
    if run.adjustments is not None:
        rejected = read_adjustments(run.adjustments, scoring.card.policy, run.roster)[1]
        if rejected:
            yield _rejected_note(rejected)
    yield from _unclosed_notes(scoring, score)


def _end(asked: Period) -> datetime:
    """Give the last second of a period."""
    last: date = days_of(asked.months[-1])[1]
    return datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=BEIJING)


def _roster_notes(scoring: Scoring, score: PeriodScore) -> Iterator[Note]:
    roster = scoring.roster
    if not roster.given:
        return
    active = scoring.tally(score.months).units
    strangers = [one.unit for one in score.units if one.pool is None and one.unit in active]
    if strangers:
        yield Note(
            code="not_in_roster", details={"units": tuple(strangers), "count": len(strangers)}, lacks=True
        )
    if score.period.span != "month":
        return
    first, last = days_of(score.period.name)
    changed = [
        name
        for name, listings in roster.listings.items()
        if len({one.pool for one in listings if one.during(first, last)}) > 1
    ]
    if changed:
        yield Note(code="roster_changed", details={"units": tuple(changed)}, lacks=True)


def _rejected_note(rejected: "Sequence[Rejected]") -> Note:
    return Note(
        code="adjustments_rejected", details={"count": len(rejected), "why": tuple(rejected)}, lacks=True
    )


def _unclosed_notes(scoring: Scoring, score: PeriodScore) -> Iterator[Note]:
    """Tell of orders that were evaluated in the period but never closed, where closing decides the month."""
    card = scoring.card
    if card.by_callback:
        return
    found = [
        record.order_id
        for record in scoring.records.values()
        if record.closed is None
        and record.unit
        and any(
            card.counts(one, "") and month_of(one.at) in score.months for one in card.callbacks(record, "")
        )
    ]
    if found:
        yield Note(code="unclosed", details={"count": len(found), "orders": tuple(sorted(found))}, lacks=True)
