"""What is under way over HTTP: every order with the limits that run, what is due soonest first."""

from bisect import bisect_right
from datetime import datetime
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel

from paidan.engine.board import Limit, Running
from paidan.engine.http.callers import ReadsOrders
from paidan.engine.http.problems import PROBLEMS, ProblemError
from paidan.engine.messages import say
from paidan.engine.messages.reasons import state_label
from paidan.workflows.cases import WORKFLOWS

router = APIRouter(prefix="/v1/running", tags=["orders"], responses=PROBLEMS)
_RETRY_SECONDS = 1
_WORKFLOW = {one.name: one for one in WORKFLOWS}


class LimitOut(BaseModel):
    """A clock that runs, and whether it ran out already."""

    rule: str
    clause: str
    unit: str
    kind: str
    started_at: datetime
    due_at: datetime
    provisional: bool
    overdue: bool


class RunningOut(BaseModel):
    """An order or a case under way; `due_at` is that of its soonest duty."""

    order_id: str
    workflow: str
    state: str
    state_label: str
    unit: str
    seq: int
    due_at: datetime | None
    limits: list[LimitOut]


class RunningPage(BaseModel):
    """What is under way, as of a time just past; `total` counts all asked for, `next` leads to the rest."""

    as_of: datetime
    total: int
    running: list[RunningOut]
    next: str | None


@router.get("", summary="在办一览 · what is under way")
def running(
    request: Request,
    caller: ReadsOrders,
    state: Annotated[str, Query(max_length=40)] = "",
    unit: Annotated[str, Query(max_length=80)] = "",
    due_before: Annotated[AwareDatetime | None, Query(description="a duty is due before")] = None,
    after: Annotated[str, Query(max_length=240, description="given in `next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RunningPage:
    """Give what is under way and may be seen, soonest due first, those without a duty last."""
    seen = caller.running()
    if seen is None:
        read, of, _ = caller.engine.board.progress
        text = say("http.running_reading", caller.lang, read=read, of=of)
        raise ProblemError("unavailable", text, {"Retry-After": str(_RETRY_SECONDS)}, read=read, of=of)
    now = seen.at
    found = [
        one
        for one in seen.running
        if state in ("", one.state)
        and unit in ("", one.unit)
        and (due_before is None or (one.due_at is not None and one.due_at < due_before))
    ]
    due_at, _, order_id = after.partition("|")
    first = bisect_right(found, (not due_at, due_at, order_id), key=attrgetter("place")) if after else 0
    page = found[first : first + limit]
    more = first + limit < len(found)
    following = str(request.url.include_query_params(after="|".join(page[-1].place[1:]))) if more else None
    told = [_out(one, now, caller.lang) for one in page]
    return RunningPage(as_of=now, total=len(found), running=told, next=following)


def _out(one: Running, now: datetime, lang: str) -> RunningOut:
    return RunningOut(
        order_id=one.order_id, workflow=one.workflow, state=one.state,
        state_label=state_label(one.state, lang, _WORKFLOW[one.workflow]), unit=one.unit, seq=one.seq,
        due_at=one.due_at, limits=[_limit(limit, now) for limit in one.limits],
    )  # fmt: skip


def _limit(one: Limit, now: datetime) -> LimitOut:
    return LimitOut(**one._asdict(), overdue=now > one.due_at)
