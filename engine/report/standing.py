"""
The units of a period class by class, best first, beside the period before and the months up to it.

Taken from a scored period; nothing here decides a point. Where the rules leave a figure undefined it is
None here too, never 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from paidan.engine.report.losses import slots, weighed
from paidan.engine.scoring import Scored
from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.periods import Period, days_of, month_before, period
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


def before(scoring: Scoring, asked: Period) -> Before | None:
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


def classes(scoring: Scoring, told: Scored, earlier: Before | None) -> tuple[Class, ...]:
    """Give the classes of a scored period, units of no class last, beside the period before."""
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
