"""
Each scoring row of a document deleted and shifted, and whether some small months notice it.

`mutants` gives the changed rows with a name and the settings under which they speak. A `Bench` replays
its worlds once and scores them under any rows: what it gives are the figures, statuses, ranks,
consequences, targets met, listings and rejected entries that people are shown, without what only
repeats the rows: ids of rules, sentences, full points.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.intake.tables import Rejected
from paidan.engine.scoring import as_json, only_scored, scored
from paidan.policies.errors import Mistake, PolicyError, SettingError
from paidan.policies.loader import Document
from paidan.policies.reader import settings_read_by, shown
from paidan.policies.registry import Books
from paidan.policies.roster import Roster, Unit
from paidan.policies.schema import Policy
from paidan.policies.score_schema import AdjustmentRule, ConsequenceRule, MeasureRule, UseRule
from paidan.policies.scoring.adjustments import Adjustment
from paidan.policies.scoring.listings import contradictions, worklist
from paidan.policies.scoring.periods import month_after, month_before
from paidan.policies.scoring.records import OrderRecord, month_of
from paidan.policies.scoring.scores import Scoring
from support.months import Row, end_of, entered_file, records_of, roster_of, time_of

KINDS = (
    "item", "measure", "evaluation", "status", "total", "ranking", "classes", "grade", "span",
    "period_score", "in_force", "adjustment", "confirmation", "cap", "consequence", "target", "worklist",
    "use", "exclusion", "finding",
)  # fmt: skip
"""The kinds of row that scores, consequences and listings rest on."""

Rows = Mapping[str, list[dict[str, Any]]]
Settings = Mapping[str, str]
Place = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class World:
    """
    Orders of some months, what was entered by hand, who is in the roster; the periods to score.

    `settings` are those it is scored under beside a mutant's own. It is replayed as of the end of
    the last period, or its last event where that is later, unless `as_of` says otherwise. A long one
    names the `kinds` of row that it is for; others are not asked of it.
    """

    rows: Sequence[Row]
    periods: tuple[str, ...] = ("2026-03",)
    units: Mapping[str, str] | Sequence[Unit] | None = None
    entered: Sequence[Mapping[str, Any]] = ()
    settings: Settings = field(default_factory=dict)
    as_of: str = ""
    kinds: tuple[str, ...] = KINDS


class Mutant(NamedTuple):
    """Changed rows of a document, of one kind, and the settings under any of which that may show."""

    kind: str
    name: str
    rows: Rows
    under: tuple[Settings, ...]


# ---- what can be changed -------------------------------------------------------------------------


def mutants(document: Document, kind: str, tables: Settings) -> Iterator[Mutant]:
    """
    Give each row of a kind deleted, and each value that it holds shifted.

    A value inside a branch is shifted under that reading; any other may show under any reading of the
    settings that the row reads. `tables` give each setting that can be a table of numbers as one, for
    what only speaks then.
    """
    rows = document.versions[0].rows
    for position, row in enumerate(rows.get(kind, ())):
        name = " ".join(one for one in (row["rule"], kind, _told(row)) if one)
        anyhow = ({}, *_readings(document, row, tables))
        yield Mutant(kind, f"{name} deleted", _with(rows, kind, position, None), anyhow)
        change = _Change(document, kind, position, tables)
        seen = set()
        for path, value, settings in change.shifts(_said(row), (), {}):
            shift = f"{'.'.join(map(str, path))} {'dropped' if value is _DROPPED else f'= {value}'}"
            if shift not in seen:
                seen.add(shift)
                changed = copy.deepcopy(row)
                _put(changed, path, value)
                under = (settings,) if settings else anyhow
                yield Mutant(kind, f"{name} {shift}", _with(rows, kind, position, changed), under)


def _readings(document: Document, row: Mapping[str, Any], tables: Settings) -> Iterator[Settings]:
    """Give each reading beside the default of each setting that a row reads, one at a time."""
    for name in sorted(settings_read_by(row)):
        setting = document.settings[name]
        yield from ({name: shown(one)} for one in setting.readings if one != setting.default)
        if name in tables:
            yield {name: tables[name]}


_LABELS = ("rule", "clause", "zh", "en")
_DROPPED = object()
_MONTH = re.compile(r"\d{4}-\d{2}")
_FEW = 6
"""So many other names are all tried; of more, two."""

Shift = tuple[Place, Any, Settings]


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _LABELS}


def _told(row: Mapping[str, Any]) -> str:
    """Tell the rows of one rule and kind apart."""
    keys = ("name", "code", "side", "status", "span", "pools")
    return " ".join(str(row[key]) for key in keys if isinstance(row.get(key), str))


def _with(rows: Rows, kind: str, position: int, row: dict[str, Any] | None) -> Rows:
    of_kind = list(rows[kind])
    of_kind[position : position + 1] = [] if row is None else [row]
    return {**rows, kind: of_kind}


def _put(target: Any, path: Place, value: Any) -> None:
    for step in path[:-1]:
        target = target[step]
    if value is _DROPPED:
        del target[path[-1]]
    elif isinstance(value, _Renamed):
        target[value.to] = target.pop(path[-1])
    else:
        target[path[-1]] = value


class _Renamed(NamedTuple):
    to: str

    def __str__(self) -> str:
        return f"key {self.to}"


class _Change(NamedTuple):
    """The changes of one row."""

    document: Document
    kind: str
    position: int
    tables: Settings

    def shifts(self, value: Any, path: Place, settings: Settings) -> Iterator[Shift]:
        """Give what may stand below a path of the row instead, and under which settings."""
        if isinstance(value, bool):
            yield path, not value, settings
        elif isinstance(value, int):
            yield from ((path, value + by, settings) for by in (1, -1) if value + by >= 0)
        elif isinstance(value, str):
            yield from ((path, other, settings) for other in self._others(value, path, settings))
        elif isinstance(value, list):
            for position, one in enumerate(value):
                yield (*path, position), _DROPPED, settings
                yield from self.shifts(one, (*path, position), settings)
        elif "by" not in value:
            yield from self._of_table(value, path, settings)
        elif len(value) == 1:
            setting = self.document.settings[value["by"]]
            for reading in setting.readings:
                if reading != setting.default:
                    yield path, reading, settings
        else:
            yield from self._of_branches(value, path, settings)

    def _of_table(self, value: Mapping[str, Any], path: Place, settings: Settings) -> Iterator[Shift]:
        for key, one in value.items():
            if path:
                yield (*path, key), _DROPPED, settings
                others = self._allowed(_Renamed("?"), (*path, key), settings)
                yield from (((*path, key), _Renamed(other), settings) for other in _some(others, {*value}))
            yield from self.shifts(one, (*path, key), settings)

    def _of_branches(self, value: Mapping[str, Any], path: Place, settings: Settings) -> Iterator[Shift]:
        """Give each branch shifted, and put in the place of each other, under its own reading."""
        name = value["by"]
        branches = {key: one for key, one in value.items() if key != "by"}
        readings = {shown(one) for one in self.document.settings[name].readings}
        for key, one in branches.items():
            under = {**settings, name: key if key in readings else self.tables[name]}
            others = {str(other): other for other in branches.values() if other != one}
            if key in readings:
                yield from (((*path, key), other, under) for other in others.values())
            yield from self.shifts(one, (*path, key), under)

    def _others(self, value: str, path: Place, settings: Settings) -> Iterator[str]:
        """Give other texts of a kind: numbers and months on either side, or other names."""
        if _MONTH.fullmatch(value):
            yield from (month_before(value), month_after(value))
            return
        try:
            number = Fraction(value)
        except ValueError:
            names = () if value == "none" else self._allowed("?", path, settings)
            yield from _some([name for name in names if value or name != "?"], {value})
            return
        step = Fraction(1, 2) if number >= 1 else Fraction(1, 100)
        yield from (str(number + step), str(number - step))

    def _allowed(self, put: Any, path: Place, settings: Settings) -> Sequence[str]:
        """Ask the loader what may stand in a place; where it takes anything, something it does not know."""
        rows = self.document.versions[0].rows
        changed = copy.deepcopy(rows[self.kind][self.position])
        _put(changed, path, put)
        mistakes = _mistakes(self.document, _with(rows, self.kind, self.position, changed), settings)
        if not mistakes:
            return ("?",)
        named = [one for one in mistakes if one.code == "name_unknown" and one.value == "?"]
        return named[0].allowed if named else ("?",) if mistakes[0].code != "key_unknown" else ()


def _some(names: Sequence[str], but: set[str]) -> Iterable[str]:
    """Give the other names, or of many the two that follow."""
    others = [name for name in names if name not in but]
    if len(others) <= _FEW:
        return others
    after = [name for name in others if name > min(but)]
    return (*after, *others)[:2]


def _mistakes(document: Document, rows: Rows, settings: Settings) -> tuple[Mistake, ...]:
    try:
        _policy(document, rows, settings)
    except PolicyError as error:
        return error.mistakes
    except SettingError as error:
        return (error.mistake,)
    return ()


def _policy(document: Document, rows: Rows, settings: Settings) -> Policy:
    changed = _changed(document, rows)
    return changed.policy(changed.versions[0], settings)


def _changed(document: Document, rows: Rows) -> Document:
    """Give the document with other rows; that they read a chosen setting no more is no mistake of theirs."""
    changed = replace(document, versions=(replace(document.versions[0], rows=rows),))
    vars(changed)["unread"] = document.unread
    return changed


# ---- what people are shown -----------------------------------------------------------------------


class Bench:
    """A document's worlds, each replayed once, scored under any rows; figures are kept by settings."""

    def __init__(self, document: Document, worlds: Sequence[World], folder: Path) -> None:
        self.document = document
        self._plain = document.versions[0].rows
        self._worlds = [_Placed(document, one, folder, number) for number, one in enumerate(worlds)]
        self._scored_only = only_scored(document, document.versions[0])

    def notices(self, mutant: Mutant) -> bool:
        """Whether a world's figures differ under a mutant, or the loader refuses it."""
        return any(self._notices(mutant, settings) for settings in mutant.under)

    def _notices(self, mutant: Mutant, chosen: Settings) -> bool:
        policies: dict[str, tuple[Policy, Policy]] = {}
        rows = mutant.rows
        for place, world in enumerate(self._worlds):
            if mutant.kind not in world.told.kinds:
                continue
            settings = {**world.told.settings, **chosen}
            key = str(sorted(settings.items()))
            if key not in policies:
                plain = _policy(self.document, self._plain, settings)
                try:
                    policies[key] = (_policy(self.document, rows, settings), plain)
                except (PolicyError, SettingError):
                    return True
            changed, plain = policies[key]
            before = world.before.setdefault(key, _Kept(self._figures(world, plain, settings, self._plain)))
            after = self._figures(world, changed, settings, rows)
            if any(now != before.at(number) for number, now in enumerate(after)):
                self._worlds.insert(0, self._worlds.pop(place))  # its neighbours show in it too
                return True
        return False

    def _figures(self, world: "_Placed", policy: Policy, settings: Settings, rows: Rows) -> Iterator[Any]:
        judged = {name: value for name, value in settings.items() if name not in self._scored_only}
        return world.figures(policy, _changed(self.document, rows), judged)


class _Kept:
    """The figures of a world under the rows as they are, taken one by one as they are asked for."""

    def __init__(self, figures: Iterator[Any]) -> None:
        self._figures = figures
        self._known: list[Any] = []

    def at(self, number: int) -> Any:
        while len(self._known) <= number:
            self._known.append(next(self._figures))
        return self._known[number]


class _Placed:
    """A world with its records and what was entered, by what in a policy decides about them."""

    def __init__(self, document: Document, told: World, folder: Path, number: int) -> None:
        self.told = told
        self.before: dict[str, _Kept] = {}
        self._roster: Roster | None = roster_of(document.name, told.units)
        place = folder / f"{document.name}{number}"
        place.mkdir()
        self._file = entered_file(place, told.entered)
        ends = [end_of(document.name, one) for one in told.periods]
        last = max(time_of(at) for _, _, at, _ in told.rows)
        self._as_of = time_of(told.as_of) if told.as_of else max(last, *ends)
        self._records: dict[str, tuple[OrderRecord, ...]] = {}
        self._read: dict[str, tuple[tuple[Adjustment, ...], list[Rejected]]] = {}

    def figures(self, policy: Policy, document: Document, judged: Settings) -> Iterator[Any]:
        """Give what was rejected of the entries, then what is shown of each period."""
        entered, rejected = self._entered(policy)
        yield [(one.row, one.column, one.code) for one in rejected]
        scoring = Scoring(
            policy, self._of(policy, document, judged), entered, self._roster,
            last_month=month_of(self._as_of),
        )  # fmt: skip
        yield from (_shown(scoring, one) for one in self.told.periods)

    def _of(self, policy: Policy, document: Document, judged: Settings) -> tuple[OrderRecord, ...]:
        key = f"{sorted(judged.items())} {policy.of(MeasureRule)}"
        if key not in self._records:
            books = Books(document, judged, self._roster)
            self._records[key] = tuple(records_of(books, self.told.rows, self._as_of))
        return self._records[key]

    def _entered(self, policy: Policy) -> tuple[tuple[Adjustment, ...], list[Rejected]]:
        if self._file is None:
            return (), []
        key = f"{policy.of(AdjustmentRule)} {policy.of(ConsequenceRule)}"
        if key not in self._read:
            self._read[key] = read_adjustments(self._file, policy, self._roster)
        return self._read[key]


def _shown(scoring: Scoring, name: str) -> Any:
    told = scored(scoring, name)
    listed = [*contradictions(scoring, told.score), *worklist(scoring, told.score)]
    uses: tuple[UseRule, ...] = told.policy.of(UseRule)
    return [
        _made(as_json(told)),
        [(one.kind, one.unit, one.order_id, one.causes, one.details) for one in listed],
        [rule.pools for rule in uses if rule.span == told.score.period.span],
    ]


_TOLD = ("rule", "rules", "clause", "label", "because", "max", "at_least")
"""What is printed of a row itself, not of what it makes of the months."""


def _made(value: Any) -> Any:
    """Give what is printed without what only repeats the rows; a status with the rule that explains it."""
    if isinstance(value, list):
        return [_made(one) for one in value]
    if isinstance(value, dict):
        made = {key: _made(one) for key, one in value.items() if key not in _TOLD}
        return {**made, "explained": value["rules"]["status"]} if "rules" in value else made
    return value
