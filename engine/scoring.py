"""
A replay folder scored: a month under the run's rules and settings, as JSON and as rows to read.

`score` and `trace` answer for one month; what was chosen for the run (`replay --set`) holds here
too, and `choices` come on top. A setting that only shapes deadlines is refused: the verdicts of a
folder were made with the run's own.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from paidan.engine.errors import InputError, NotFoundError, UsageError
from paidan.engine.export.run_folder import ADJUSTMENTS, RECORDS
from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.messages import say
from paidan.engine.runs import Run as Folder
from paidan.policies.loader import Document, Version
from paidan.policies.reader import settings_read_by, shown
from paidan.policies.roster import Roster
from paidan.policies.schema import Policy
from paidan.policies.score_schema import TotalRule
from paidan.policies.scoring import figures
from paidan.policies.scoring.items import ItemScore, Rate
from paidan.policies.scoring.lineage import SIDES, Lineage, lineage
from paidan.policies.scoring.month import MonthScore, Scoring, UnitScore, days_of
from paidan.policies.scoring.records import OrderRecord, from_json, month_of

_SCORING_ROWS = (
    "item", "measure", "evaluation", "status", "total", "ranking", "adjustment", "confirmation", "cap",
)  # fmt: skip
_COUNTING_SETTINGS = frozenset({"attr.callback"})
_UNDEFINED = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a replay folder holds for scoring."""

    folder: Path
    document: Document
    settings: Mapping[str, Any]
    as_of: datetime
    records: tuple[OrderRecord, ...]
    roster: Roster | None = None
    adjustments: Path | None = None


def load_run(folder: Path) -> Run:
    """
    Read a replay folder, its own copy of the rules included.

    Raises `InputError` where it is none or its order records are broken.
    """
    run = Folder(folder)
    adjustments = folder / ADJUSTMENTS
    return Run(
        folder=folder,
        document=run.document,
        settings=run.summary["settings"],
        as_of=run.as_of,
        records=tuple(_records(folder)),
        roster=run.roster,
        adjustments=adjustments if adjustments.exists() else None,
    )


def score(run: Run, month: str, choices: Mapping[str, Any] | None = None) -> MonthScore:
    """
    Score a month of a run, written like `2026-03`.

    Raises `UsageError` for a month that is none or lies outside the log's, and for a setting that no
    score reads; `SettingError` for one that does not exist.
    """
    return scoring_of(run, month, choices).month(month)


def trace(run: Run, month: str, unit: str, item: str, choices: Mapping[str, Any] | None = None) -> Lineage:
    """Trace an item, `bonus` or `deduction` of a unit's month; raises as `score`, and `NotFoundError`."""
    scoring = scoring_of(run, month, choices)
    scores = scoring.month(month)
    found = scores.unit(unit)
    if found is None:
        known = ", ".join(one.unit for one in scores.units)
        raise NotFoundError("unit_not_scored", month=month, unit=unit, known=known)
    names = (*(one.name for one in found.items), *SIDES)
    if item not in names:
        raise NotFoundError("item_not_scored", unit=unit, item=item, known=", ".join(names))
    return lineage(scoring, month, unit, item)


def scoring_of(run: Run, month: str, choices: Mapping[str, Any] | None = None) -> Scoring:
    """Give the scoring that answers for a month of a run; raises as `score`."""
    try:
        first_on = days_of(month)[0]
    except ValueError:
        raise UsageError("month_unreadable", month=month) from None
    version, _ = run.document.version_on(first_on)
    policy = _policy(run, version, choices or {})
    if not policy.of(TotalRule):
        raise UsageError("score_planned", policy=policy.version)
    adjustments = read_adjustments(run.adjustments, policy, run.roster)[0] if run.adjustments else ()
    scoring = Scoring(policy, run.records, adjustments, run.roster)
    last = month_of(run.as_of)
    if scoring.first_month is None:
        raise UsageError("month_without_log")
    if not scoring.first_month <= month <= last:
        raise UsageError("month_outside", month=month, first=scoring.first_month, last=last)
    return scoring


def as_json(score: MonthScore) -> dict[str, Any]:
    """Give a month's scores as CONTRACT section 7 prints them."""
    return {
        "policy": score.version,
        "period": score.month,
        "provisional": score.provisional,
        "settings": {name: shown(value) for name, value in score.settings.items()},
        "units": [_unit_json(unit) for unit in score.units],
        "consequences": [],
    }


def item_labels(policy: Policy, lang: str) -> dict[str, str]:
    """Give the label of every item, in the order of the rules."""
    labels: dict[str, str] = {}
    for item in Scoring(policy, ()).card.items:
        labels.setdefault(item.name, item.zh if lang == "zh" else item.en)
    return labels


def as_rows(score: MonthScore, policy: Policy, lang: str = "zh") -> tuple[list[str], list[list[str]]]:
    """Give the headers and rows of a month's table: pool by pool, best first."""
    labels = item_labels(policy, lang)
    pools = list(policy.pools)

    def place(unit: UnitScore) -> tuple[int, bool, int, str]:
        of_pool = len(pools) if unit.pool is None else pools.index(unit.pool)
        return of_pool, unit.rank is None, unit.rank or 0, unit.unit

    names = ("rank", "unit", "pool", "status", *labels, "bonus", "deduction", "total")
    headers = [labels[name] if name in labels else say(f"score.{name}", lang) for name in names]
    rows = []
    for unit in sorted(score.units, key=place):
        items = [unit.item(name) for name in labels]
        rows.append(
            [
                _UNDEFINED if unit.rank is None else str(unit.rank),
                unit.unit,
                pool_label(policy, unit.pool, lang),
                say(f"status.{unit.status}", lang),
                *(_points(one.points if one else None) for one in items),
                figures.plain(unit.bonus),
                figures.plain(unit.deduction),
                _points(unit.total),
            ]
        )
    return headers, rows


def pool_label(policy: Policy, pool: str | None, lang: str) -> str:
    """Give the label of a pool, or that the unit has none."""
    if pool is None:
        return say("score.no_pool", lang)
    return policy.pools[pool] if lang == "zh" else pool


def _policy(run: Run, version: Version, choices: Mapping[str, Any]) -> Policy:
    before = run.document.choose(run.settings)
    chosen = run.document.choose({**run.settings, **choices})
    read = _COUNTING_SETTINGS | settings_read_by([version.rows.get(kind, []) for kind in _SCORING_ROWS])
    for name, value in chosen.items():
        if value != before[name] and name not in read:
            raise UsageError("setting_needs_replay", name=name)
    return run.document.policy(version, {**run.settings, **choices})


def _records(folder: Path) -> Iterator[OrderRecord]:
    number = 0
    try:
        with (folder / RECORDS).open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):  # noqa: B007 - told in the error
                yield from_json(json.loads(line))
    except OSError:
        raise InputError("run_missing", exit_code=5, folder=str(folder)) from None
    except (ValueError, TypeError, KeyError):
        raise InputError("records_broken", folder=str(folder), line=number) from None


def _unit_json(unit: UnitScore) -> dict[str, Any]:
    return {
        "unit": unit.unit,
        "pool": unit.pool,
        "status": unit.status,
        "items": {one.name: _item_json(one) for one in unit.items},
        "rates": {name: _rate_json(rate) for name, rate in unit.rates.items()},
        "adjustments": _counts(unit),
        "bonus": figures.plain(unit.bonus),
        "deduction": figures.plain(unit.deduction),
        "total": None if unit.total is None else figures.shown(unit.total),
        "exact": _exact(unit.total),
        "rank": unit.rank,
        "grade": None,
        "rules": dict(unit.rules),
    }


def _item_json(item: ItemScore) -> dict[str, Any]:
    most = item.most
    return {
        "rule": item.rule,
        "points": None if item.points is None else figures.shown(item.points),
        "exact": _exact(item.points),
        "max": int(most) if most.denominator == 1 else str(most),
        "numerator": _exact(item.numerator),
        "denominator": _exact(item.denominator),
        "orders": list(item.orders),
    }


def _rate_json(rate: Rate) -> dict[str, str | None]:
    return {
        "numerator": _exact(rate.numerator),
        "denominator": _exact(rate.denominator),
        "exact": _exact(rate.exact),
    }


def _counts(unit: UnitScore) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in unit.adjustments:
        counts[line.adjustment.code] = counts.get(line.adjustment.code, 0) + 1
    return dict(sorted(counts.items()))


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _points(value: Fraction | None) -> str:
    return _UNDEFINED if value is None else figures.shown(value)
