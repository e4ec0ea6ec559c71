"""Long work over HTTP: how far a job is, what came of it, letting go of it. Known to its account alone."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from paidan.engine.http.callers import Caller, ReadsRules
from paidan.engine.http.problems import PROBLEMS, STATUS, ProblemError
from paidan.engine.http.shapes import Plain
from paidan.engine.http.uploads import jobs_of
from paidan.engine.jobs.job import Job
from paidan.engine.messages import say

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses=PROBLEMS)

JobId = Annotated[str, Path(min_length=1, max_length=40)]


class ProgressOut(BaseModel):
    """How far a stage of the work is; `total` is 0 and `seconds_left` null where nobody knows."""

    stage: str
    label: str
    done: int
    total: int
    rate: float
    seconds_left: float | None


class JobProblem(BaseModel):
    """Why a job failed, with a code of problems."""

    code: str
    title: str
    status: int
    detail: str


class JobOut(BaseModel):
    """A job: at work (`running`), `done` with its result, `failed` with its problem, or `cancelled`."""

    id: str
    kind: str
    step: str
    state: str
    began_at: datetime
    ended_at: datetime | None
    progress: ProgressOut | None
    result: dict[str, Plain] | None
    problem: JobProblem | None
    rejected: Annotated[str | None, Field(description="where the rejected rows are, as a file")]


@router.get("", summary="我的任务 · my jobs")
def jobs(request: Request, caller: ReadsRules) -> list[JobOut]:
    """Give the jobs of the caller, the latest first."""
    return [job_out(one, caller.lang) for one in jobs_of(request).of(caller.account.token)]


@router.get("/{job_id}", summary="一个任务 · one job")
def job(job_id: JobId, request: Request, caller: ReadsRules) -> JobOut:
    """Say how far a job of the caller is, or what came of it."""
    return job_out(own_job(request, caller, job_id), caller.lang)


@router.delete("/{job_id}", summary="取消并删除任务 · cancel and delete a job", status_code=204)
def delete(job_id: JobId, request: Request, caller: ReadsRules) -> None:
    """End a job of the caller and remove its files; what an import took in by then stays."""
    jobs_of(request).drop(own_job(request, caller, job_id))


@router.get("/{job_id}/rejected", summary="退回的行 · rejected rows", response_class=Response)
def rejected(job_id: JobId, request: Request, caller: ReadsRules) -> Response:
    """Give the rows that could not be read as a file to be mended: a workbook, or CSV where they are many."""
    return rejected_file(own_job(request, caller, job_id), caller.lang)


def own_job(request: Request, caller: Caller, job_id: str, kind: str = "") -> Job:
    """Give a job of the caller; raises `ProblemError` where they have none of that id."""
    found = jobs_of(request).job(job_id, caller.account.token)
    if found is None or kind not in ("", found.kind):
        raise ProblemError("not_found", say("job.none", caller.lang))
    return found


def rejected_file(of: Job, lang: str) -> Response:
    """Give the rejected rows of an import; raises `ProblemError` where there are none."""
    name = of.results.get("import", {}).get("rejected_file")
    if not name:
        raise ProblemError("not_found", say("job.no_rejects", lang))
    return FileResponse(of.folder / name, filename=name)


def job_out(of: Job, lang: str) -> JobOut:
    """Give a job as it is told."""
    state, result = of.state.value, of.results.get(of.step)
    progress, problem = of.progress, of.problem
    told = None if progress is None else ProgressOut(
        label=say(f"progress.{progress.stage}", lang), **progress._asdict()
    )  # fmt: skip
    failed = None if problem is None else JobProblem(
        code=problem.code, title=say(f"problem.{problem.code}", lang), status=STATUS[problem.code],
        detail=problem.text[lang],
    )  # fmt: skip
    file = result.get("rejected_file") if result else None
    return JobOut(
        id=of.id, kind=of.kind, step=of.step, state=state, began_at=of.began_at, ended_at=of.ended_at,
        progress=told, result=None if result is None else {k: v for k, v in result.items() if k != "shown"},
        problem=failed, rejected=f"/v1/jobs/{of.id}/rejected" if file else None,
    )  # fmt: skip
