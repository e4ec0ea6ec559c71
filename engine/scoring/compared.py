"""
A run's scores beside others: of other rules, other readings, without exclusions, or as known earlier.

Every question is one `Comparison` a period. Where the verdicts themselves depend on what is asked, the
log is judged again from its folder (`engine.rejudge`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from paidan.engine.errors import UsageError
from paidan.engine.inert import records
from paidan.engine.progress import counted
from paidan.engine.rejudge import Variant, rejudge
from paidan.engine.runs import Run as Folder
from paidan.engine.scoring import Run, Scored, load_run, only_scored, score, scored, scoring_of
from paidan.policies.loader import ENGINE_SETTINGS, Document
from paidan.policies.reader import settings_read_by, shown
from paidan.policies.scoring.comparison import Comparison, compare, touched
from paidan.policies.scoring.periods import days_of, months_between
from paidan.policies.scoring.records import OrderRecord, began
from paidan.workflows.records import BEIJING

_COUNTING_OF_TIME = ENGINE_SETTINGS - {"cal.unknown_year"}
"""How time is counted is read otherwise too; what to do about a year without a notice is no clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A period scored twice, and how the two differ; `touched` are the orders seen otherwise."""

    before: Scored
    after: Scored
    comparison: Comparison
    touched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    A setting read otherwise than the run does, and what that changes.

    `beside` is None where the period, bounded by this reading, has no month of the log.
    """

    setting: str
    chosen: str
    reading: str
    why: str
    beside: Beside | None


class VerdictChange(NamedTuple):
    """A clock of an order that came to something else; empty where one side has none."""

    order_id: str
    rule: str
    unit: str
    due_before: str
    verdict_before: str
    due_after: str
    verdict_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """
    The log of a run under other rules.

    `verdicts` counts them by rule on each side; `changed` are the clocks that came to something else,
    only where the document is the same. `periods` are the months that both sides have. `summary` is
    that of the second run, None where nothing had to be judged again.
    """

    before: Run
    after: Run
    verdicts: Mapping[str, tuple[Mapping[str, int], Mapping[str, int]]]
    changed: tuple[VerdictChange, ...]
    periods: tuple[Beside, ...]
    summary: Mapping[str, Any] | None


def without_exclusions(run: Run, name: str, choices: Mapping[str, Any] | None = None) -> Beside:
    """Score a period as if no order left a rate, beside the score it has."""
    return bared(run, name, score(run, name, choices), choices)


def bared(run: Run, name: str, told: Scored, choices: Mapping[str, Any] | None = None) -> Beside:
    """Set a period as `told` beside its score as if no order left a rate."""
    return beside(scored(scoring_of(run, name, choices, exclusions=False), name), told)


def as_known(
    run: Run, known: Run, name: str, at: datetime, choices: Mapping[str, Any] | None = None
) -> Beside:
    """
    Set a period as `known` at a time beside what it is now that more is known.

    A callback, closing, redo or decision that came later is what makes the difference: it raises or
    withdraws consequences. Raises as `score`, and `UsageError` where the period had not begun by then.
    """
    after = score(run, name, choices)
    try:
        before = score(known, name, choices)
    except UsageError:
        raise UsageError("compared.not_begun", period=name, at=at.astimezone(BEIJING)) from None
    return beside(before, after, (known.records, run.records))


def folder_as_known(
    folder: Path, name: str, at: datetime, choices: Mapping[str, Any] | None = None
) -> Beside:
    """Set a period of a replay folder as its log stood at a time beside what it is; see `as_known`."""
    run = load_run(folder)
    with TemporaryDirectory(prefix="paidan-") as again:
        place = Path(again) / "run"
        rejudge(folder, [Variant(document=run.document, as_of=min(at, run.as_of))], [place])
        return as_known(run, load_run(place), name, at, choices)


def readings(folder: Path, name: str) -> Iterator[Reading]:
    """
    Score a period under each reading of each open clause, one at a time, in the order of the settings.

    What only scoring reads is scored anew; for the others the log is judged again. Readings that
    change nothing are given too.
    """
    run = load_run(folder)
    here = score(run, name)
    version = run.document.version_on(days_of(here.score.period.months[-1])[0])[0]
    chosen = run.document.choose(run.settings)
    alone = only_scored(run.document, version)
    read = settings_read_by(list(version.rows.values())) | alone | _COUNTING_OF_TIME
    asked = [
        (setting, reading)
        for setting in run.document.settings.values()
        if setting.name in read and not setting.planned
        for reading in setting.readings
        if shown(reading) != shown(chosen[setting.name])
    ]
    apart = [(setting, reading) for setting, reading in asked if setting.name not in alone]
    with ExitStack() as stack:
        again = stack.enter_context(TemporaryDirectory(prefix="paidan-"))
        folders = [Path(again) / str(number) for number in range(len(apart))]
        variants = [Variant(document=run.document, settings={one.name: reading}) for one, reading in apart]
        if variants:
            rejudge(folder, variants, folders)
        judged = {(one.name, shown(reading)): at for (one, reading), at in zip(apart, folders, strict=True)}
        for setting, reading in asked:
            at = judged.get((setting.name, shown(reading)))
            other = load_run(at) if at else None
            orders = (run.records, other.records) if other else ((), ())
            try:
                told = score(other, name) if other else score(run, name, {setting.name: reading})
            except UsageError as error:
                if error.code != "month_outside":
                    raise
                told = None
            yield Reading(
                setting=setting.name, chosen=shown(chosen[setting.name]), reading=shown(reading),
                why=setting.why, beside=beside(here, told, orders) if told else None,
            )  # fmt: skip


def what_if(
    folder: Path,
    document: Document | None,
    settings: Mapping[str, Any],
    *,
    name: str | None = None,
    out: Path | None = None,
) -> WhatIf:
    """
    Set a run beside the same log under another document or other settings.

    `name` is the period to score, None every month of the run. The second run is kept in the folder
    `out` where one is given. Raises what `rejudge` and `score` raise, and `UsageError` for an `out` that
    is the run itself.
    """
    if out is not None and out.exists() and out.samefile(folder):
        raise UsageError("compared.out_is_run", folder=str(out))
    run = load_run(folder)
    chosen = run.document.choose({**run.settings, **settings}) if document is None else None
    same = document is None or document.name == run.document.name
    with ExitStack() as stack:
        if chosen is not None and out is None and _scores_only(run, settings):
            other, summary, place = replace(run, settings={**run.settings, **settings}), None, folder
        else:
            place = out or Path(stack.enter_context(TemporaryDirectory(prefix="paidan-"))) / "run"
            variant = Variant(document=document or run.document, settings=settings)
            (summary,) = rejudge(folder, [variant], [place])
            other = load_run(place)
        first, second = Folder(folder).summary["verdicts"], Folder(place).summary["verdicts"]
        return WhatIf(
            before=run,
            after=other,
            verdicts={rule: (first.get(rule, {}), second.get(rule, {})) for rule in {**first, **second}},
            changed=tuple(_changed(folder, place)) if same and summary is not None else (),
            periods=tuple(_periods(run, other, name)),
            summary=summary,
        )


def _scores_only(run: Run, settings: Mapping[str, Any]) -> bool:
    return all(set(settings) <= only_scored(run.document, version) for version in run.document.versions)


def _periods(run: Run, other: Run, name: str | None) -> Iterator[Beside]:
    """Give each period of a run scored on both sides; raises as `score` where a side has none."""
    first = run.first_month or began(run.records)
    names: Sequence[str] = [name] if name else months_between(first, run.last_month) if first else ()
    for one in names:
        before, after = score(run, one), score(other, one)
        yield beside(before, after, (run.records, other.records))


def beside(
    before: Scored,
    after: Scored,
    orders: tuple[Sequence[OrderRecord], Sequence[OrderRecord]] = ((), ()),
) -> Beside:
    """Set two scores of a period beside each other, with the orders of which each was made."""
    comparison = compare(before.score, after.score, before.consequences, after.consequences)
    return Beside(before=before, after=after, comparison=comparison, touched=touched(*orders))


def _changed(one: Path, other: Path) -> Iterator[VerdictChange]:
    """Go through the deadlines of two runs of one log, both in order of id."""
    before, after = _by_order(one), _by_order(other)
    old, new = next(before, None), next(after, None)
    while old or new:
        order_id = min(side[0] for side in (old, new) if side)
        left = old[1] if old and old[0] == order_id else {}
        right = new[1] if new and new[0] == order_id else {}
        for rule, unit in {**left, **right}:
            key = (rule, unit)
            for was, now in _paired(left.get(key, []), right.get(key, [])):
                if was[1:] != now[1:]:
                    yield VerdictChange(order_id, rule, unit, *was[1:], *now[1:])
        if left:
            old = next(before, None)
        if right:
            new = next(after, None)


class _Clock(NamedTuple):
    """A row of the deadlines, as written; empty where a side has none."""

    started_at: str = ""
    due_at: str = ""
    verdict: str = ""


_Clocks = dict[tuple[str, str], list[_Clock]]


def _by_order(folder: Path) -> Iterator[tuple[str, _Clocks]]:
    """Give the clocks of each order by rule and unit."""
    path = folder / "deadlines.csv"
    rows_of = counted(records(path), "deadlines", path)
    for order_id, rows in groupby(rows_of, key=lambda row: row["order_id"]):
        clocks: _Clocks = {}
        for row in rows:
            clock = _Clock(row["started_at"], row["due_at"], row["verdict"])
            clocks.setdefault((row["rule"], row["unit"]), []).append(clock)
        yield order_id, clocks


def _paired(before: Sequence[_Clock], after: Sequence[_Clock]) -> Iterator[tuple[_Clock, _Clock]]:
    """Pair the clocks of a rule: those that start alike, then the others, which start otherwise, in turn."""
    apart, rest = [], list(after)
    for was in before:
        now = next((one for one in rest if one.started_at == was.started_at), None)
        if now is None:
            apart.append(was)
        else:
            rest.remove(now)
            yield was, now
    yield from zip_longest(apart, rest, fillvalue=_Clock())
