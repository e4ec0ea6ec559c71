"""
A period of a run scored, with what follows from it; and where a figure of it comes from.

What was chosen for the run (`replay --set`) holds here too, and `choices` come on top. A setting that
shapes deadlines or verdicts is refused: those of a run were made with its own (`whatif` makes others).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.scoring.notes import Note, notes
from paidan.engine.scoring.run import Run, records, run_without_orders
from paidan.policies.loader import Document, Version
from paidan.policies.reader import settings_read_by
from paidan.policies.schema import Policy
from paidan.policies.score_schema import COMPARING_KINDS
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.consequences import Consequence, Consequences
from paidan.policies.scoring.lineage import SIDES, Lineage, lineage
from paidan.policies.scoring.periods import days_of, period
from paidan.policies.scoring.records import encode
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Scoring

SCORING_ROWS = frozenset((
    "item", "measure", "evaluation", "status", "total", "ranking", "classes", "grade", "span",
    "period_score", "in_force", "adjustment", "confirmation", "cap", "consequence", "target", "worklist",
    "use", "exclusion", "finding", "reminder",
))  # fmt: skip
"""Rows that only scoring reads; the others shape an order's deadlines and verdicts."""
COUNTING_SETTINGS = frozenset({"attr.callback", "attr.late_callback", "publish.day"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A period's scores with what follows from them and what is to know about them."""

    scoring: Scoring
    score: PeriodScore
    consequences: tuple[Consequence, ...]
    notes: tuple[Note, ...] = ()

    @property
    def policy(self) -> Policy:
        """The policy of the period."""
        return self.scoring.card.policy


def score(run: Run, name: str, choices: Mapping[str, Any] | None = None) -> Scored:
    """
    Score a month, quarter or year of a run, written `2026-03`, `2026Q1`, `2026`.

    Raises `UsageError` for a period that is none or lies outside the log's months, and for a setting
    that no score reads; `SettingError` for one that does not exist.
    """
    return scored(scoring_of(run, name, choices), name, run)


def scored(scoring: Scoring, name: str, run: Run | None = None) -> Scored:
    """Score a period and say what follows from it; with the run, also what is to know about it."""
    found = scoring.score(name)
    consequences = Consequences(scoring).of(found)
    known = tuple(notes(run, scoring, found)) if run else ()
    return Scored(scoring=scoring, score=found, consequences=consequences, notes=known)


def trace(run: Run, name: str, unit: str, item: str, choices: Mapping[str, Any] | None = None) -> Lineage:
    """Trace an item, `bonus` or `deduction` of a unit's period; raises as `score`, and `NotFoundError`."""
    return traced(scoring_of(run, name, choices), name, unit, item)


def traced(scoring: Scoring, name: str, unit: str, item: str) -> Lineage:
    """Trace as `trace` does under a scoring that answers for the period."""
    asked = period(name, scoring.card.spans)
    pools = scoring.pools(scoring.existing(asked.months))
    if unit not in pools:
        raise NotFoundError("unit_not_scored", month=name, unit=unit, known=", ".join(pools))
    names = (*(one.name for one in scoring.card.items_of(pools[unit])), *SIDES)
    if item not in names:
        raise NotFoundError("item_not_scored", unit=unit, item=item, known=", ".join(names))
    return lineage(scoring, asked, unit, item)


def trace_in(
    folder: Path, name: str, unit: str, item: str, choices: Mapping[str, Any] | None = None
) -> Lineage:
    """
    Trace as `trace` does in a replay folder, reading no more of a large one than it takes.

    For a month that is the orders that say anything of it; where the item compares no units, of these
    the unit's. All of them for a longer period, and where months carry over.
    """
    run = run_without_orders(folder)
    about = _about(run, name, unit, item, choices or {})
    if about:
        try:
            whole = encode(unit) if _of_volume(run, item) else b""
            return trace(replace(run, records=records(folder, about, whole)), name, unit, item, choices)
        except NotFoundError:
            pass  # a unit without orders in the month is only known from the others
    return trace(replace(run, records=records(folder)), name, unit, item, choices)


def _of_volume(run: Run, item: str) -> bool:
    """Whether an item asks of other units only what they accepted, in every version and reading."""
    rows = [
        row
        for version in run.document.versions
        for row in version.rows.get("item", ())
        if row["name"] == item
    ]
    return bool(rows) and all(
        row["kind"] in ("rank_bands", "share") and row["counts"] == ["accepted"] and _accepts(row.get("of"))
        for row in rows
    )


def _accepts(of: Any) -> bool:
    """Whether what a volume is a part of is accepted orders, lead or assisted, under each reading."""
    found = [one for key, one in of.items() if key != "by"] if isinstance(of, Mapping) else [of]
    return set(found) <= {None, "accepted", "undertaken"}


def _about(
    run: Run, name: str, unit: str, item: str, choices: Mapping[str, Any]
) -> tuple[tuple[bytes, ...], ...]:
    """Give the texts of which the lines of all needed orders hold one set; none where all are needed."""
    try:
        month = days_of(name)[0]
    except ValueError:
        return ()
    policy = run.document.policy(run.document.version_on(month)[0], {**run.settings, **choices})
    card = Card(policy)
    if run.first_month is None or (card.total is not None and card.total.unassessed == "carry_forward"):
        return ()
    if any(one.kind in COMPARING_KINDS for one in card.items if one.name == item):
        return ((name.encode(),),)
    entered = read_adjustments(run.adjustments, policy, run.roster)[0] if run.adjustments else ()
    named = {one.order_id for one in entered if one.unit == unit and one.order_id}
    return (name.encode(), encode(unit)), *((encode(one),) for one in sorted(named))


class Scorings:
    """
    The scorings of a run under some choices: one for each version of its document, made when asked for.

    They keep what they counted, so that whoever asks for several periods asks one of these.
    """

    def __init__(
        self, run: Run, choices: Mapping[str, Any] | None = None, *, exclusions: bool = True
    ) -> None:
        self.run = run
        self._chosen = choices or {}
        self._exclusions = exclusions
        self._by_version: dict[str, Scoring] = {}

    def of(self, name: str) -> Scoring:
        """Give the scoring that answers for a period; raises as `score`."""
        run = self.run
        newest = _policy(run, run.document.versions[-1], self._chosen)
        try:
            asked = period(name, Card(newest).spans)
        except ValueError:
            raise UsageError("month_unreadable", month=name) from None
        scoring = self._governing(asked.months[-1])
        if not scoring.card.items:
            raise UsageError("score_planned", policy=scoring.card.policy.version)
        if scoring.first_month is None:
            raise UsageError("month_without_log")
        if not scoring.existing(asked.months):
            raise UsageError("month_outside", month=name, first=scoring.first_month, last=run.last_month)
        return scoring

    def scored(self, name: str) -> Scored:
        """Score a period and say what follows from it and what is to know about it; raises as `score`."""
        return scored(self.of(name), name, self.run)

    def _governing(self, month: str) -> Scoring:
        version, _ = self.run.document.version_on(days_of(month)[0])
        if version.id not in self._by_version:
            self._by_version[version.id] = self._made(version)
        return self._by_version[version.id]

    def _made(self, version: Version) -> Scoring:
        run = self.run
        policy = _policy(run, version, self._chosen)
        adjustments = read_adjustments(run.adjustments, policy, run.roster)[0] if run.adjustments else ()
        alone = len(run.document.versions) == 1
        return Scoring(
            policy, run.records, adjustments, run.roster,
            first_month=run.first_month, last_month=run.last_month, exclusions=self._exclusions,
            earlier=None if alone else self._governing,
        )  # fmt: skip


def scoring_of(
    run: Run, name: str, choices: Mapping[str, Any] | None = None, *, exclusions: bool = True
) -> Scoring:
    """Give the scoring that answers for a period of a run; raises as `score`."""
    return Scorings(run, choices, exclusions=exclusions).of(name)


def only_scored(document: Document, version: Version) -> frozenset[str]:
    """Name the settings that only scoring reads, so that a run need not be judged again for them."""
    scoring = settings_read_by([rows for kind, rows in version.rows.items() if kind in SCORING_ROWS])
    judging = settings_read_by([rows for kind, rows in version.rows.items() if kind not in SCORING_ROWS])
    return frozenset(scoring | (COUNTING_SETTINGS & set(document.settings))) - judging


def _policy(run: Run, version: Version, choices: Mapping[str, Any]) -> Policy:
    before = run.document.choose(run.settings)
    chosen = run.document.choose({**run.settings, **choices})
    read = only_scored(run.document, version)
    for name, value in chosen.items():
        if value != before[name] and name not in read:
            raise UsageError("setting_needs_replay", name=name)
    return run.document.policy(version, {**run.settings, **choices})
