"""Documents, the calendar and due times over HTTP: what holds for everybody, no order among it."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from paidan.engine.due import Calculator
from paidan.engine.http.callers import ReadsRules
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import Said
from paidan.policies import registry
from paidan.policies.calendar import FIRST_ON, LAST_ON, DayKind

router = APIRouter(prefix="/v1", tags=["rules"], responses=PROBLEMS)


class PolicyOut(BaseModel):
    """A document of rules (规则文件) and its versions."""

    name: str
    title: str
    issuer: str
    number: str
    versions: list[str]
    governs: bool


class DueIn(Said):
    """A rule and the facts its limit starts from, as `due` takes them."""

    rule: Annotated[str, Field(min_length=1, max_length=20, examples=["JY-T03"])]
    facts: dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=40)]] = Field(
        default_factory=dict
    )


class DueOut(BaseModel):
    """A due time, null where the rule sets no limit on these facts, and how it was counted."""

    rule: str
    due_at: str | None
    provisional: bool
    policy: str
    calendar: str
    working: list[str]


class DayOut(BaseModel):
    """A day that is no ordinary one: a holiday, or a working day at a weekend."""

    on: date
    kind: str
    holiday: str
    provisional: bool


class CalendarOut(BaseModel):
    """The working calendar of a year; past `horizon_on` nothing is certain."""

    edition: str
    horizon_on: date
    days: list[DayOut]


@router.get("/policies", summary="规则文件 · documents of rules")
def policies(caller: ReadsRules) -> list[PolicyOut]:
    """Give the documents that are known here; `governs` marks that of these orders."""
    documents = [registry.document(name) for name in registry.names()]
    return [
        PolicyOut(
            name=one.name, title=one.title, issuer=one.issuer, number=one.number,
            versions=[version.id for version in one.versions], governs=one.name == caller.engine.policy,
        )
        for one in documents
    ]  # fmt: skip


@router.get("/calendar/{year}", summary="工作日历 · the working calendar")
def calendar(
    year: Annotated[int, Path(ge=FIRST_ON.year, le=LAST_ON.year)], caller: ReadsRules
) -> CalendarOut:
    """Give the days of a year that are no ordinary ones, and how far the calendar is known."""
    known = caller.engine.calendar()
    days = [
        DayOut(on=day.on, kind=day.kind, holiday=day.holiday or "", provisional=day.provisional)
        for day in known.days(date(year, 1, 1) - timedelta(days=1), date(year, 12, 31))
        if day.kind in (DayKind.HOLIDAY, DayKind.MAKEUP)
    ]
    return CalendarOut(edition=known.edition, horizon_on=known.horizon_on, days=days)


@router.post("/due", summary="到期时间 · a due time")
def due(said: DueIn, caller: ReadsRules) -> DueOut:
    """Answer one due time with its working."""
    engine = caller.engine
    own = said.rule.startswith(f"{engine.policy}-")
    calculator = Calculator(None, engine.books.chosen if own else None, engine.books.known)
    answer = calculator.ask(said.rule, said.facts)
    return DueOut(
        rule=said.rule, due_at=answer.due_at, provisional=answer.provisional, policy=answer.version,
        calendar=answer.calendar, working=list(answer.lines(caller.lang)),
    )  # fmt: skip
