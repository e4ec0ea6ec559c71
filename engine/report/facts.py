"""
What a report of a period shows: figures, ranks with their movement, rates, consequences; no language.

Taken from a scored run; nothing here decides a point. Where the rules leave a figure undefined it is
None here too, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paidan.engine.report.asides import Asides, asides
from paidan.engine.report.lateness import Lateness, lateness
from paidan.engine.report.losses import UnitLosses, losses
from paidan.engine.report.measures import Measure, measures
from paidan.engine.report.standing import LOOKED_BACK, Before, Class, before, classes
from paidan.engine.runs import Run as Folder
from paidan.engine.scoring import Run, Scored, load_run, scored, scoring_of
from paidan.policies.errors import CalendarHorizonError, CalendarRangeError
from paidan.policies.loader import Document
from paidan.policies.reminders import Reminder, falling_in
from paidan.policies.rulebook import calendar_for
from paidan.policies.schema import Policy
from paidan.policies.score_schema import UseRule
from paidan.policies.scoring.consequences import Consequence, Consequences
from paidan.policies.scoring.periods import Period, month_after
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Scoring


@dataclass(frozen=True, kw_only=True)
class Shown:
    """
    What is shown of a scored period, wherever its log lies.

    `held` are consequences of earlier months whose talk was held in this period and lowers it.
    """

    document: Document
    run: Run
    told: Scored
    before: Before | None
    classes: tuple[Class, ...]
    closed: tuple[int, int | None]
    measures: tuple[Measure, ...]
    losses: tuple[UnitLosses, ...]
    held: tuple[Consequence, ...]
    asides: Asides
    uses: tuple[UseRule, ...]

    @property
    def policy(self) -> Policy:
        """The policy of the period."""
        return self.told.policy

    @property
    def period(self) -> Period:
        """The period reported."""
        return self.told.score.period

    @property
    def ranked(self) -> int:
        """How many units have a rank."""
        return sum(one.rank is not None for one in self.told.score.units)

    @property
    def weighted(self) -> bool:
        """Whether any unit has a total."""
        return any(one.total is not None for one in self.told.score.units)

    @property
    def weighed(self) -> bool:
        """Whether a total is made of items: one that was entered by hand is not."""
        return any(row.slots for one in self.classes for row in one.rows)


@dataclass(frozen=True, kw_only=True)
class Facts(Shown):
    """
    All that a report of a period of a replay folder shows.

    `due_next` are the reminders that fall in the month after, None where the calendar refuses it.
    """

    summary: Mapping[str, Any]
    lateness: Lateness
    next_month: str
    due_next: tuple[Reminder, ...] | None


def facts(folder: Path, name: str, choices: Mapping[str, Any] | None = None) -> Facts:
    """
    Gather what a report of a period of a replay folder shows.

    Raises as `engine.scoring.load_run` and `engine.scoring.score`.
    """
    run, kept = load_run(folder), Folder(folder)
    scoring = scoring_of(run, name, choices)
    found = shown_of(run, scoring, name, choices)
    next_month = month_after(found.period.months[-1])
    return Facts(
        **vars(found),
        summary=kept.summary,
        lateness=lateness(folder, scoring, found.told.score),
        next_month=next_month,
        due_next=_due_next(found.policy, next_month, kept),
    )


def shown_of(run: Run, scoring: Scoring, name: str, choices: Mapping[str, Any] | None = None) -> Shown:
    """Gather what is shown of a period of a run under the scoring that answers for it."""
    told = scored(scoring, name, run)
    earlier = before(scoring, told.score.period)
    return Shown(
        document=run.document,
        run=run,
        told=told,
        before=earlier,
        classes=classes(scoring, told, earlier),
        closed=_closed(scoring, told.score, earlier),
        measures=measures(scoring.card, told.score, earlier.score if earlier else None),
        losses=losses(scoring, told.score),
        held=_held(scoring, told.score),
        asides=asides(run, told, choices),
        uses=tuple(rule for rule in told.policy.of(UseRule) if rule.span == told.score.period.span),
    )


def _closed(scoring: Scoring, score: PeriodScore, earlier: Before | None) -> tuple[int, int | None]:
    """Count the orders closed in the period and in the one before."""

    def count(one: PeriodScore) -> int:
        return sum(len(scoring.index.closed.get(month, ())) for month in one.months)

    return count(score), count(earlier.score) if earlier else None


def _held(scoring: Scoring, score: PeriodScore) -> tuple[Consequence, ...]:
    """Give what earlier months drew whose talk was held in this period, of each entry the latest cause."""
    drawn = Consequences(scoring)
    found: dict[tuple[str, int], Consequence] = {}
    for month in scoring.history(score.period.months[-1])[-LOOKED_BACK - 1 :]:
        for one in drawn.of(scoring.at(month)):
            if one.held is not None and one.held.adjustment.month in score.months:
                found[one.unit, one.held.adjustment.row] = one
    return tuple(sorted(found.values(), key=lambda one: (one.rule.rule, one.unit)))


def _due_next(policy: Policy, month: str, kept: Folder) -> tuple[Reminder, ...] | None:
    """Give the reminders of a month, of those due every day or week the first alone."""
    try:
        found = falling_in(policy, month, calendar_for(policy, kept.known))
    except (CalendarHorizonError, CalendarRangeError):
        return None
    once: dict[Any, Reminder] = {}
    for one in found:
        often = one.rule.every in ("day", "week")
        once.setdefault((one.rule, None if often else one.period.name), one)
    return tuple(once.values())
