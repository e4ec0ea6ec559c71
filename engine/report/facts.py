"""
What a report of a period shows: figures, ranks with their movement, rates, consequences; no language.

Taken from a scored run; nothing here decides a point. Where the rules leave a figure undefined it is
None here too, never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.report.asides import Asides, asides
from paidan.engine.report.lateness import Lateness, lateness
from paidan.engine.report.losses import UnitLosses, losses, slots, weighed
from paidan.engine.report.measures import Measure, measures
from paidan.engine.runs import Run as Folder
from paidan.engine.scoring import Run, Scored, load_run, scored, scoring_of
from paidan.policies.errors import CalendarHorizonError, CalendarRangeError
from paidan.policies.loader import Document
from paidan.policies.reminders import Reminder, falling_in
from paidan.policies.rulebook import calendar_for
from paidan.policies.schema import Policy
from paidan.policies.score_schema import UseRule
from paidan.policies.scoring.consequences import Consequence, Consequences
from paidan.policies.scoring.periods import Period, days_of, month_after, month_before, period
from paidan.policies.scoring.results import PeriodScore, UnitScore
from paidan.policies.scoring.scores import Scoring
from paidan.workflows.records import BEIJING

LOOKED_BACK = 12
"""So many months at most are drawn."""


class Slot(NamedTuple):
    """What a unit got for an item, of how much; `shared` where nobody can get all of it."""

    name: str
    most: Fraction
    points: Fraction | None
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    A unit of a class: its period, the one before, and its ranks in the months drawn.

    `low`: a rule draws something from its place. `slots` are the items of its total, empty where it
    has none. `follows` is what the period brings it.
    """

    unit: UnitScore
    before: UnitScore | None
    compared: bool
    low: bool
    slots: tuple[Slot, ...]
    ranks: tuple[int | None, ...]
    follows: tuple[Consequence, ...]

    @property
    def gained(self) -> int | None:
        """The places it won (lost: negative); None where it has no rank on one side."""
        if self.unit.rank is None or self.before is None or self.before.rank is None:
            return None
        return self.before.rank - self.unit.rank

    @property
    def change(self) -> str:
        """How it moved: `up`, `down`, `same`, `new`, `back`, `out`, `none` (nothing to compare)."""
        if not self.compared:
            return "none"
        if self.gained is not None:
            return "up" if self.gained > 0 else "down" if self.gained else "same"
        if self.unit.rank is not None:
            return "new" if self.before is None else "back"
        return "out" if self.before is not None and self.before.rank is not None else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """
    The units ranked together, best first, then those of its pools without a rank.

    `pools` None names those that belong to no class. `months` are those whose ranks the rows give;
    `left` were ranked before and are listed no more.
    """

    pools: tuple[str | None, ...]
    ranked: tuple[Row, ...]
    unranked: tuple[Row, ...]
    left: tuple[UnitScore, ...]
    months: tuple[str, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every unit of the class."""
        return self.ranked + self.unranked

    @property
    def last_rank(self) -> int:
        """The greatest rank in what is drawn."""
        ranks = [one.unit.rank for one in self.ranked] + [one.before.rank for one in self.rows if one.before]
        return max((rank for rank in ranks if rank is not None), default=1)

    @property
    def graded(self) -> Mapping[str, int]:
        """How many units have each grade."""
        counts: dict[str, int] = {}
        for one in self.rows:
            if one.unit.grade:
                counts[one.unit.grade] = counts.get(one.unit.grade, 0) + 1
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The period before: its score, and the day on which the log begins where that lies within it."""

    score: PeriodScore
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    All that a report of a period shows.

    `held` are consequences of earlier months whose talk was held in this period and lowers it.
    `due_next` are the reminders that fall in the month after, None where the calendar refuses it.
    """

    document: Document
    summary: Mapping[str, Any]
    run: Run
    told: Scored
    before: Before | None
    classes: tuple[Class, ...]
    closed: tuple[int, int | None]
    measures: tuple[Measure, ...]
    lateness: Lateness
    losses: tuple[UnitLosses, ...]
    held: tuple[Consequence, ...]
    asides: Asides
    next_month: str
    due_next: tuple[Reminder, ...] | None
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


def facts(folder: Path, name: str, choices: Mapping[str, Any] | None = None) -> Facts:
    """
    Gather what a report of a period of a replay folder shows.

    Raises as `engine.scoring.load_run` and `engine.scoring.score`.
    """
    run, kept = load_run(folder), Folder(folder)
    scoring = scoring_of(run, name, choices)
    told = scored(scoring, name, run)
    earlier = _before(scoring, told.score.period)
    next_month = month_after(told.score.period.months[-1])
    return Facts(
        document=run.document,
        summary=kept.summary,
        run=run,
        told=told,
        before=earlier,
        classes=_classes(scoring, told, earlier),
        closed=_closed(scoring, told.score, earlier),
        measures=measures(scoring.card, told.score, earlier.score if earlier else None),
        lateness=lateness(folder, scoring, told.score),
        losses=losses(scoring, told.score),
        held=_held(scoring, told.score),
        asides=asides(run, told, choices),
        next_month=next_month,
        due_next=_due_next(told.policy, next_month, kept),
        uses=tuple(rule for rule in told.policy.of(UseRule) if rule.span == told.score.period.span),
    )


def _before(scoring: Scoring, asked: Period) -> Before | None:
    """Score the period before, where the log has all its months."""
    name = _name_before(asked)
    earlier = period(name, scoring.card.spans)
    if scoring.existing(earlier.months) != earlier.months:
        return None
    score = scoring.at(name) if asked.span == "month" else scoring.score(name)
    began_on = min(record.began_at for record in scoring.records.values()).astimezone(BEIJING).date()
    first_on = days_of(earlier.months[0])[0]
    return Before(score=score, since=began_on if began_on > first_on else None)


def _name_before(asked: Period) -> str:
    if asked.span == "month":
        return month_before(asked.name)
    year, _, quarter = asked.name.partition("Q")
    if not quarter:
        return f"{int(year) - 1:04d}"
    return f"{year}Q{int(quarter) - 1}" if quarter != "1" else f"{int(year) - 1:04d}Q4"


def _closed(scoring: Scoring, score: PeriodScore, earlier: Before | None) -> tuple[int, int | None]:
    """Count the orders closed in the period and in the one before."""

    def count(one: PeriodScore) -> int:
        return sum(len(scoring.index.closed.get(month, ())) for month in one.months)

    return count(score), count(earlier.score) if earlier else None


def _classes(scoring: Scoring, told: Scored, earlier: Before | None) -> tuple[Class, ...]:
    score = told.score
    months = _drawn(scoring, score)
    monthly = [_ranks(scoring.at(month)) for month in months]
    was = {one.unit: one for one in earlier.score.units} if earlier else {}
    low = _low(scoring, score)
    groups: dict[int | None, list[Row]] = {}
    for unit in score.units:
        row = Row(
            unit=unit,
            before=was.get(unit.unit),
            compared=earlier is not None,
            low=unit.unit in low,
            slots=_slots(scoring, score, unit),
            ranks=tuple(ranks.get(unit.unit) for ranks in monthly),
            follows=tuple(one for one in told.consequences if one.unit == unit.unit),
        )
        groups.setdefault(scoring.card.group_of(unit.pool), []).append(row)
    listed = {unit.unit for unit in score.units}
    gone = [one for name, one in was.items() if name not in listed and one.rank is not None]
    return tuple(
        _class(scoring, groups[group], [one for one in gone if one.group == group], months)
        for group in sorted(groups, key=lambda one: (one is None, one or 0))
    )


def _class(
    scoring: Scoring, rows: Sequence[Row], left: Sequence[UnitScore], months: tuple[str, ...]
) -> Class:
    pools = list(scoring.card.policy.pools)

    def place(row: Row) -> tuple[int, int, str]:
        pool = row.unit.pool
        return row.unit.rank or 0, len(pools) if pool is None else pools.index(pool), row.unit.unit

    ordered = sorted(rows, key=place)
    return Class(
        pools=tuple(dict.fromkeys(row.unit.pool for row in sorted(rows, key=lambda row: place(row)[1]))),
        ranked=tuple(row for row in ordered if row.unit.rank is not None),
        unranked=tuple(row for row in ordered if row.unit.rank is None),
        left=tuple(left),
        months=months,
    )


def _drawn(scoring: Scoring, score: PeriodScore) -> tuple[str, ...]:
    """Name the months whose ranks are drawn: those up to a month, those of a longer period."""
    if score.period.span == "month":
        return scoring.history(score.period.name)[-LOOKED_BACK:]
    return score.months


def _ranks(score: PeriodScore) -> dict[str, int | None]:
    return {one.unit: one.rank for one in score.units}


def _low(scoring: Scoring, score: PeriodScore) -> frozenset[str]:
    """Name the units from whose place a rule draws something."""
    rules = [one for one in scoring.card.consequences if one.bottom and one.span == score.period.span]
    return frozenset().union(*(scoring.last(score, one.bottom, one.pools) for one in rules))


def _slots(scoring: Scoring, score: PeriodScore, unit: UnitScore) -> tuple[Slot, ...]:
    if unit.total is None or not weighed(unit):
        return ()
    kinds = {one.name: one.kind for one in scoring.card.items_of(unit.pool)}
    return tuple(
        Slot(name, most, points, kinds[name] == "share") for name, most, points in slots(scoring, score, unit)
    )


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
