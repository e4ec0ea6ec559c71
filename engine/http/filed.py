"""What is filed beside orders: holiday notices, which move deadlines, and who holds which post."""

from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from paidan.engine.app import Engine
from paidan.engine.http.callers import Caller, FilesDirectory, LoadsCalendar, ReadsRules
from paidan.engine.http.jobs import JobOut, job_out
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.uploads import jobs_of, opened
from paidan.engine.jobs.job import Job, Plain
from paidan.engine.messages.reasons import role_label
from paidan.policies.directory import Holding

router = APIRouter(prefix="/v1", tags=["rules"], responses=PROBLEMS)

_NOTICE, _DIRECTORY = "notice.toml", "directory.csv"


def _body(media: str, example: str) -> dict[str, Any]:
    content = {media: {"schema": {"type": "string"}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


class HoldingOut(BaseModel):
    """Who holds a post, of which unit, from when to when; how to reach them is not told here."""

    unit: str
    role: str
    role_label: str
    person: str
    title: str
    from_on: date | None
    to_on: date | None


class DirectoryOut(BaseModel):
    """Who holds which post on a day."""

    on: date
    holdings: list[HoldingOut]


class FiledOut(BaseModel):
    """What filing a directory did: from which day it counts, whether it was new, what it changed that day."""

    from_on: date
    new: bool
    holdings: int
    began: int
    ended: int


@router.post(
    "/calendar/notices", summary="装入放假通知 · load a holiday notice", status_code=202,
    openapi_extra=_body("text/plain", "year = 2027\n"),
)  # fmt: skip
async def load_notice(request: Request, caller: LoadsCalendar, response: Response) -> JobOut:
    """
    Count by a holiday notice (TOML) from now on and count again what it moves, as a job.

    Loading the same again finishes a load that was cut short, else does nothing.
    """
    content = await request.body()
    job = opened(jobs_of(request), caller, "calendar")
    (job.folder / _NOTICE).write_bytes(content)
    jobs_of(request).start(job, "calendar", partial(_loaded, caller.engine))
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job_out(job, caller.lang)


def _loaded(engine: Engine, job: Job) -> Plain:
    done = engine.load_calendar(job.folder / _NOTICE)
    return {
        "year": done.notice.year, "edition": done.after.edition, "horizon_on": str(done.after.horizon_on),
        "days": [str(one.after.on) for one in done.days], "recomputed": len(done.recounts),
    }  # fmt: skip


@router.get("/directory", summary="通讯录 · the directory")
def directory(
    caller: ReadsRules,
    on: Annotated[date | None, Query(description="today where none is said")] = None,
    unit: Annotated[str, Query(max_length=80)] = "",
) -> DirectoryOut:
    """Give who holds which post on a day, without how to reach them."""
    on = on or caller.engine.now().date()
    held = caller.engine.directory().on(on).on(on)
    return DirectoryOut(
        on=on, holdings=[_holding(one, caller.lang) for one in held if unit in ("", one.unit)]
    )


@router.post(
    "/directory", summary="归档通讯录 · file the directory",
    openapi_extra=_body("text/plain", "单位,岗位,姓名\n"),
)  # fmt: skip
async def file_directory(
    request: Request,
    caller: FilesDirectory,
    from_on: Annotated[date | None, Query(description="today where none is said")] = None,
) -> FiledOut:
    """Keep a directory (CSV), whole, as it stands from a day on; the same again does nothing."""
    content = await request.body()
    return await run_in_threadpool(_filed, request, caller, content, from_on)


def _filed(request: Request, caller: Caller, content: bytes, from_on: date | None) -> FiledOut:
    folder = jobs_of(request).lend()
    try:
        file = folder / _DIRECTORY
        file.write_bytes(content)
        done = caller.engine.load_directory(file, actor=caller.account.name, from_on=from_on)
    finally:
        jobs_of(request).give_back(folder)
    return FiledOut(
        from_on=done.from_on, new=done.new, holdings=len(done.directory.holdings), began=len(done.began),
        ended=len(done.ended),
    )  # fmt: skip


def _holding(one: Holding, lang: str) -> HoldingOut:
    return HoldingOut(
        unit=one.unit, role=one.role, role_label=role_label(one.role, lang), person=one.person,
        title=one.title, from_on=one.from_on, to_on=one.to_on,
    )  # fmt: skip
