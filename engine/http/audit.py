"""What an auditor asks, over HTTP: whether the chain holds, what was changed, who just made it, the pack."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from paidan.engine.audit.endings import MINUTES_MOST, by_unit, within
from paidan.engine.audit.found import Progress
from paidan.engine.audit.listing import Choice, page
from paidan.engine.audit.marks import IDENTITIES, TIMES
from paidan.engine.auditing import Check, Deviated, Ending, Mark
from paidan.engine.http.callers import Audits, Caller, ReadsLog
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import Plain, plain
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, reason

router = APIRouter(prefix="/v1/audit", tags=["audit"], responses=PROBLEMS)

MONTH = r"[1-9][0-9]{3}-(0[1-9]|1[0-2])"
ZIP = "application/zip"
After = Annotated[str, Query(max_length=600, description="given in `next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


class ReadingOut(BaseModel):
    """A list that is being read for the first time: how many entries of how many; ask again."""

    read: int
    of: int


class FaultOut(BaseModel):
    """Something that does not hold, and what is wrong with it."""

    what: str
    order_id: str
    seq: int
    position: int
    seal: int
    text: str


class CheckOut(BaseModel):
    """
    A verification: `state` is `never`, `running`, `holds`, `broken` or `failed`; `read` entries are done.

    One of another process, or of before a restart, has no `started_at` and does not list its faults.
    `position` is how far the log had come when it began; `seal` is the last that was looked at.
    """

    state: str
    by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    position: int = 0
    read: int = 0
    orders: int = 0
    entries: int = 0
    seals: int = 0
    seal: int = 0
    sealed_at: datetime | None = None
    unsealed: int = 0
    first: FaultOut | None = None
    faults: list[FaultOut] = []


class MarkOut(BaseModel):
    """
    An entry that corrects another (`of`), says it happened before it was written, or concerns identities.

    `kind` is `correct`, `backdated`, `unmask` or `erase`; `event` is what the entry it speaks of is.
    """

    kind: str
    order_id: str
    seq: int
    recorded_at: datetime
    event: str
    event_label: str
    actor: str
    role: str
    unit: str
    of: int
    field: str
    before: Plain
    after: Plain
    why: str


class MarkPage(BaseModel):
    """Marks, the latest first; `next` leads to those before, `reading` says that none can be given yet."""

    marks: list[MarkOut]
    next: str | None
    reading: ReadingOut | None


class DeviationOut(BaseModel):
    """An entry that a rule, or the life of an order, does not allow."""

    order_id: str
    seq: int
    event: str
    event_label: str
    at: datetime
    recorded_at: datetime
    actor: str
    unit: str
    rule: str
    clause: str
    reason: str


class DeviationPage(BaseModel):
    """Deviations, the latest first."""

    deviations: list[DeviationOut]
    next: str | None
    reading: ReadingOut | None


class EndingOut(BaseModel):
    """A duty done shortly before its limit."""

    order_id: str
    rule: str
    clause: str
    unit: str
    started_at: datetime
    due_at: datetime
    done_at: datetime
    seconds_left: int


class UnitOut(BaseModel):
    """How many duties a unit did at the last minute, of how many that it met."""

    unit: str
    last_minute: int
    met: int


class EndingPage(BaseModel):
    """Such duties, the latest first, and how many each unit did so of those it met."""

    minutes: int
    units: list[UnitOut]
    endings: list[EndingOut]
    next: str | None
    reading: ReadingOut | None


def chosen(
    unit: Annotated[str, Query(max_length=80)] = "",
    month: Annotated[str, Query(pattern=f"^({MONTH})?$")] = "",
    person: Annotated[str, Query(max_length=80)] = "",
    rule: Annotated[str, Query(max_length=20)] = "",
) -> Choice:
    """Read from a query what of a list is asked for."""
    return Choice(unit, month, person, rule)


Asked = Annotated[Choice, Depends(chosen)]


@router.get("/chain", summary="核对日志 · whether the log holds")
def chain(caller: Audits) -> CheckOut:
    """Give the verification that runs, else the last one; of one before a restart its result alone."""
    return checks(caller)[0]


@router.post("/chain", summary="开始核对 · verify the log", status_code=202)
def verify(caller: Audits) -> CheckOut:
    """Begin to verify the log in the background, unless that is under way; ask for its state by GET."""
    return check_out(caller.engine.auditing.checking.start(caller.account), caller.lang)


@router.get("/corrections", summary="补录与更正 · what was back-dated and corrected")
def corrections(
    request: Request, caller: Audits, asked: Asked, after: After = "", limit: Limit = 100
) -> MarkPage:
    """Give the corrections and what was back-dated: who, when, from what to what, and why."""
    return _marks(request, caller, TIMES, asked, after, limit)


@router.get("/identities", summary="查看与清除身份 · identities shown and erased")
def identities(
    request: Request, caller: Audits, asked: Asked, after: After = "", limit: Limit = 100
) -> MarkPage:
    """Give who had identities shown or erased, and why."""
    return _marks(request, caller, IDENTITIES, asked, after, limit)


@router.get("/last-minute", summary="卡点办结 · done just before the limit")
def last_minute(
    request: Request,
    caller: Audits,
    asked: Asked,
    minutes: Annotated[int, Query(ge=1, le=MINUTES_MOST)] = 10,
    after: After = "",
    limit: Limit = 100,
) -> EndingPage:
    """Give the duties done at most so many minutes before their limit, and at most a tenth of their time."""
    found = caller.engine.auditing.endings.look()
    every = () if found is None else within(found, minutes)
    rows, following = page(every, asked, after, limit)
    return EndingPage(
        minutes=minutes, units=[
            UnitOut(unit=one.unit, last_minute=one.number, met=one.met)
            for one in (by_unit(found, every, asked.unit, asked.month, asked.rule) if found else ())
        ],
        endings=[_ending(one) for one in rows], next=_address(request, following),
        reading=None if found is not None else _reading(caller.engine.auditing.endings.progress),
    )  # fmt: skip


@router.get("/deviations", summary="偏差 · what a rule does not allow")
def deviations(
    request: Request, caller: Audits, asked: Asked, after: After = "", limit: Limit = 100
) -> DeviationPage:
    """Give what is in the log against a rule or the life of an order."""
    every = caller.engine.auditing.deviations
    found = every.look()
    rows, following = page(found or (), asked, after, limit)
    return DeviationPage(
        deviations=[_deviation(one, caller) for one in rows], next=_address(request, following),
        reading=None if found is not None else _reading(every.progress),
    )  # fmt: skip


@router.get(
    "/pack", summary="审计包 · the auditor's pack", response_class=StreamingResponse,
    responses={200: {"description": "a zip", "content": {ZIP: {"schema": {"type": "string"}}}}},
)  # fmt: skip
def pack(
    caller: ReadsLog, month: Annotated[str, Query(pattern=f"^{MONTH}$", examples=["2026-03"])]
) -> StreamingResponse:
    """Give a month's orders as a zip to be checked by Python alone; each order in it is looked at."""
    return packed(caller, month)


def packed(caller: Caller, month: str) -> StreamingResponse:
    """Give the pack of a month as it is made."""
    pieces = caller.engine.auditing.pack(month, by=caller.account)
    headers = {"Content-Disposition": f'attachment; filename="audit-{month}.zip"'}
    return StreamingResponse(pieces, media_type=ZIP, headers=headers)


def checks(caller: Caller) -> tuple[CheckOut, CheckOut | None]:
    """Give the verification that runs or was last, and the last that ended where that is another."""
    auditing = caller.engine.auditing
    now, ended, kept = auditing.checking.check, auditing.checking.last, auditing.verified
    last = None if ended is None else check_out(ended, caller.lang)
    if kept is not None and (ended is None or ended.ended_at is None or ended.ended_at < kept.at):
        last = CheckOut(
            state="holds" if kept.holds else "broken", by=kept.by, ended_at=kept.at, position=kept.position,
            read=kept.entries, entries=kept.entries,
        )  # fmt: skip
        if now is None or (now.ended_at is not None and now.ended_at < kept.at):
            return last, None
    return check_out(now, caller.lang), None if now is ended else last


def check_out(check: Check | None, lang: str) -> CheckOut:
    """Give a verification."""
    if check is None:
        return CheckOut(state="never")
    found = check.found
    state = "running" if check.runs else "failed" if found is None else "holds" if found.holds else "broken"
    told: dict[str, Any] = {name: getattr(check, name) for name in ("by", "started_at", "ended_at", "read")}
    if found is None:
        return CheckOut(state=state, position=check.position, **told)
    faults = [
        FaultOut(
            what=one.what, order_id=one.order_id, seq=one.seq, position=one.position, seal=one.seal,
            text=say(f"audit.fault.{one.what}", lang, detail=one.detail),
        )
        for one in found.faults[:1000]
    ]  # fmt: skip
    first = found.first
    return CheckOut(
        state=state, position=check.position, orders=found.orders, entries=found.entries, seals=found.seals,
        seal=found.last.number if found.last else 0, sealed_at=found.last.at if found.last else None,
        unsealed=found.unsealed, faults=faults,
        first=next((one for one in faults if first and one.position == first.position), None), **told,
    )  # fmt: skip


def _marks(
    request: Request, caller: Caller, kinds: Sequence[str], asked: Choice, after: str, limit: int
) -> MarkPage:
    every = caller.engine.auditing.marks
    found = every.look()
    rows, following = page([one for one in found or () if one.kind in kinds], asked, after, limit)
    return MarkPage(
        marks=[_mark(one, caller.lang) for one in rows], next=_address(request, following),
        reading=None if found is not None else _reading(every.progress),
    )  # fmt: skip


def _mark(one: Mark, lang: str) -> MarkOut:
    said = {name: getattr(one, name) for name in MarkOut.model_fields if name != "event_label"}
    said |= {"before": plain(one.before), "after": plain(one.after)}
    return MarkOut(**said, event_label=event_label(one.event, lang) if one.event else "")


def _deviation(one: Deviated, caller: Caller) -> DeviationOut:
    found, lang = one.finding, caller.lang
    return DeviationOut(
        order_id=one.order_id, seq=one.seq, event=one.event, event_label=event_label(one.event, lang),
        at=one.at, recorded_at=one.recorded_at, actor=one.actor, unit=one.unit, rule=found.rule,
        clause=found.clause, reason=reason(found, caller.engine.books.of(one.version), lang),
    )  # fmt: skip


def _ending(one: Ending) -> EndingOut:
    return EndingOut(**one._asdict(), seconds_left=int(one.left.total_seconds()))


def _address(request: Request, following: str) -> str | None:
    return str(request.url.include_query_params(after=following)) if following else None


def _reading(progress: Progress) -> ReadingOut:
    return ReadingOut(read=progress.read, of=progress.of)
