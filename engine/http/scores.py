"""
Scores of live orders over HTTP, as CONTRACT section 7 prints them, and where each figure comes from.

They are those of the state of the log that `as_of` and `position` name: the last that was scored. The next
is scored meanwhile.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel

from paidan.engine.errors import UsageError
from paidan.engine.http.callers import Caller, ReadsScores
from paidan.engine.http.problems import PROBLEMS, ProblemError
from paidan.engine.http.shapes import Plain
from paidan.engine.messages import say
from paidan.engine.scores import Snapshot
from paidan.engine.scoring import as_json, consequence_json
from paidan.engine.scoring.lineage_told import lineage_json
from paidan.engine.scoring.score import scored, traced
from paidan.policies.scoring.lineage import SIDES

router = APIRouter(prefix="/v1", tags=["scores"], responses=PROBLEMS)

_PATIENCE_SECONDS = 5.0
"""So long a first answer is waited for; afterwards the caller is asked to come again."""
_RETRY_SECONDS = 3
_WAITING = BoundedSemaphore(8)
"""Who waits for a first answer at a time, each with a thread; whoever else comes is asked to come again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which period is asked for: one of the three."""

    month: Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2})?$", examples=["2026-03"])] = ""
    quarter: Annotated[str, Query(pattern=r"^([0-9]{4}Q[1-4])?$", examples=["2026Q1"])] = ""
    year: Annotated[str, Query(pattern=r"^([0-9]{4})?$", examples=["2026"])] = ""

    @property
    def name(self) -> str:
        """The period; raises `UsageError` for none, and for several."""
        asked = [one for one in (self.month, self.quarter, self.year) if one]
        if len(asked) != 1:
            raise UsageError("http.period_wanted")
        return asked[0]


Period = Annotated[Asked, Depends()]
Settings = Annotated[
    list[str] | None,
    Query(alias="set", max_length=8, description="another reading of a setting: NAME=VALUE"),
]
UnitName = Annotated[str, Path(min_length=1, max_length=80)]


class ConsequenceOut(BaseModel):
    """What follows from a period, with what led to it."""

    rule: str
    unit: str
    kind: str
    because: str
    clause: str
    label: str
    period: str
    trail: list[dict[str, Plain]]
    orders: list[str]


class UnitOut(BaseModel):
    """A unit's period; what the rules leave undefined is null, never 0."""

    unit: str
    pool: str | None
    status: str
    items: dict[str, dict[str, Plain]]
    rates: dict[str, dict[str, str | None]]
    targets: list[dict[str, Plain]]
    adjustments: dict[str, int]
    bonus: str
    deduction: str
    total: str | None
    exact: str | None
    rank: int | None
    grade: str | None
    rules: dict[str, str | None]


class StateOut(BaseModel):
    """Of which state of the log something was made."""

    as_of: str
    position: int
    policy: str
    period: str


class ScoresOut(StateOut):
    """The scores of a period (CONTRACT section 7)."""

    months: list[str]
    provisional: bool
    outside: list[str]
    settings: dict[str, str]
    units: list[UnitOut]
    consequences: list[ConsequenceOut]
    notes: list[str]


class SheetOut(StateOut):
    """A unit's period with every figure opened to its orders and entries, by name."""

    unit: UnitOut
    lineage: dict[str, dict[str, Plain]]


class ConsequencesOut(StateOut):
    """What follows from a period."""

    consequences: list[ConsequenceOut]


class _Body(NamedTuple):
    """An answer written, and its tag: the position, and a digest, for limits pass without an entry."""

    written: bytes
    tag: str


@router.get("/scores", summary="考核成绩 · the scores of a period", response_model=ScoresOut)
def scores(
    caller: ReadsScores, asked: Period, settings: Settings = None,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:  # fmt: skip
    """Give items, totals and ranks of every unit, and what follows."""
    name, lang = asked.name, caller.lang

    def make(of: Snapshot, choices: Mapping[str, str]) -> dict[str, Any]:
        return as_json(of.scorings(choices).scored(name), lang)

    return _answered(caller, ("scores", name), settings, make, if_none_match)


@router.get("/scores/{unit}", summary="考核明细 · a unit's score sheet", response_model=SheetOut)
def sheet(
    unit: UnitName, caller: ReadsScores, asked: Period, settings: Settings = None,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:  # fmt: skip
    """Give a unit's period with every item opened to its orders and entries."""
    name, lang = asked.name, caller.lang

    def make(of: Snapshot, choices: Mapping[str, str]) -> dict[str, Any]:
        scoring = of.scorings(choices).of(name)
        told = as_json(scored(scoring, name), lang)
        found = next((one for one in told["units"] if one["unit"] == unit), None)
        names = (*(found["items"] if found else ()), *SIDES)
        traces = {one: lineage_json(traced(scoring, name, unit, one), lang) for one in names}
        return {"policy": told["policy"], "period": name, "unit": found, "lineage": traces}

    return _answered(caller, ("sheet", name, unit), settings, make, if_none_match)


@router.get("/consequences", summary="考核结果的运用 · consequences", response_model=ConsequencesOut)
def consequences(
    caller: ReadsScores, asked: Period, settings: Settings = None,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:  # fmt: skip
    """Give what follows from a period, each with the months, orders and entries that led to it."""
    name, lang = asked.name, caller.lang

    def make(of: Snapshot, choices: Mapping[str, str]) -> dict[str, Any]:
        told = of.scorings(choices).scored(name)
        drawn = [consequence_json(one, told.policy, lang) for one in told.consequences]
        return {"policy": told.score.version, "period": name, "consequences": drawn}

    return _answered(caller, ("consequences", name), settings, make, if_none_match)


def readings(settings: list[str] | None) -> dict[str, str]:
    """Read `set=NAME=VALUE`; raises `UsageError` for what is none."""
    found: dict[str, str] = {}
    for text in settings or ():
        name, equals, value = text.partition("=")
        if not (equals and name):
            raise UsageError("http.no_pair", text=text)
        found[name] = value
    return found


def _answered(
    caller: Caller, what: tuple[str, ...], settings: list[str] | None,
    make: Callable[[Snapshot, Mapping[str, str]], dict[str, Any]], if_none_match: str,
) -> Response:  # fmt: skip
    choices = readings(settings)

    def written(of: Snapshot) -> _Body:
        told = make(of, choices)
        body = json.dumps(told, ensure_ascii=False)
        tag = f'"{of.position}-{sha256(body.encode()).hexdigest()[:16]}"'
        state = {"as_of": of.as_of.isoformat(), "position": of.position}
        return _Body(json.dumps({**state, **told}, ensure_ascii=False).encode(), tag)

    engine = caller.engine
    key = ("json", caller.lang, *what, *sorted(choices.items()))
    waits = _WAITING.acquire(blocking=False)
    try:
        found = engine.scores.ask(key, written, patience=_PATIENCE_SECONDS if waits else 0.0)
    finally:
        if waits:
            _WAITING.release()
    if found is None:
        read, of = engine.scores.progress
        text = say("http.scores_reading", caller.lang, read=read, of=of)
        raise ProblemError("unavailable", text, {"Retry-After": str(_RETRY_SECONDS)}, read=read, of=of)
    headers = {"ETag": found.value.tag, "Content-Language": "zh-CN" if caller.lang == "zh" else "en"}
    if if_none_match and found.value.tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(found.value.written, media_type="application/json", headers=headers)
