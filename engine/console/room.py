"""
The replay room (回放) and bringing a log in (导入): one way from a file to what its columns are read as.

In the replay room the log then runs under a document, without touching the live orders: verdicts, deviations,
scores, the report, and another document beside it. On the import page it is taken into the live orders.
"""

from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from paidan.engine.console.pages import POLICY, Said, page
from paidan.engine.http.callers import Caller, PageOfImports, PageOfScores
from paidan.engine.http.imports import looked_at, take_in
from paidan.engine.http.jobs import JobId, own_job, rejected_file
from paidan.engine.http.problems import ProblemError
from paidan.engine.http.uploads import busy_problem, jobs_of, received
from paidan.engine.import_told import COUNTS
from paidan.engine.jobs.apart import apart
from paidan.engine.jobs.job import Job, Plain
from paidan.engine.jobs.keeper import BusyError
from paidan.engine.jobs.verbs import MAPPING, REPORT
from paidan.engine.messages import say
from paidan.engine.messages.progress import lasting
from paidan.policies import registry

router = APIRouter(include_in_schema=False)

TRIAL, IMPORT = "replay", "import"
_OTHERS = frozenset(("units", "adjustments"))
_REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
"""A report is looked at where it can do nothing."""


@router.get("/replay")
def trials(request: Request, caller: PageOfScores) -> Response:
    """Ask for a log to try, and list those that are there."""
    return _begin(request, caller, TRIAL)


@router.get("/import")
def imports(request: Request, caller: PageOfImports) -> Response:
    """Ask for a log to bring in, and list what was."""
    return _begin(request, caller, IMPORT)


@router.post("/replay")
async def try_log(request: Request, caller: PageOfScores) -> Response:
    """Take a log in for a trial, and look at it."""
    return await _uploaded(request, caller, TRIAL)


@router.post("/import")
async def import_log(request: Request, caller: PageOfImports) -> Response:
    """Take a log in that is to be brought into the live orders, and look at it first."""
    return await _uploaded(request, caller, IMPORT)


@router.get("/replay/{job_id}")
def trial(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """Show how far a trial is, and what came of each step."""
    return _shown(request, caller, own_job(request, caller, job_id, TRIAL))


@router.get("/import/{job_id}")
def imported(job_id: JobId, request: Request, caller: PageOfImports) -> Response:
    """Show how far an import is, and what came of it."""
    return _shown(request, caller, own_job(request, caller, job_id, IMPORT))


@router.post("/replay/{job_id}/preview")
def look_again(job_id: JobId, request: Request, caller: PageOfScores, said: Said) -> Response:
    """Look at the files again by another mapping."""
    return _looked_again(request, caller, own_job(request, caller, job_id, TRIAL), said.get("mapping", ""))


@router.post("/import/{job_id}/preview")
def look_again_first(job_id: JobId, request: Request, caller: PageOfImports, said: Said) -> Response:
    """Look at the files again by another mapping, before they are brought in."""
    return _looked_again(request, caller, own_job(request, caller, job_id, IMPORT), said.get("mapping", ""))


@router.post("/import/{job_id}/import")
def bring_in(job_id: JobId, request: Request, caller: PageOfImports, said: Said) -> Response:
    """Take the files into the live orders."""
    job = _seen(own_job(request, caller, job_id, IMPORT), caller)
    work = partial(take_in, caller.engine, job.about["files"], enforce="enforce" in said, lang=caller.lang)
    return _started(request, caller, job, IMPORT, work)


@router.post("/replay/{job_id}/run")
def run(job_id: JobId, request: Request, caller: PageOfScores, said: Said) -> Response:
    """Replay the files under a document, and score the last month."""
    job = _seen(own_job(request, caller, job_id, TRIAL), caller)
    asked = {
        "policy": _known(said.get("policy", ""), caller.lang),
        "settings": _pairs(said.get("settings", ""), caller.lang),
    }
    others = {name: job.about.get(name, "") for name in _OTHERS}
    work = _apart("replay", files=job.about["files"], **asked, **others)
    answer = _started(request, caller, job, "replay", work)
    for step in ("grade", "compare", "pack"):  # they spoke of the run before
        job.results.pop(step, None)
    job.about |= asked
    return answer


@router.post("/replay/{job_id}/grade")
def grade(job_id: JobId, request: Request, caller: PageOfScores, said: Said) -> Response:
    """Score a period of the run, and write its report."""
    job = _run(own_job(request, caller, job_id, TRIAL), caller)
    return _started(request, caller, job, "grade", _apart("grade", period=said.get("period", "")))


@router.post("/replay/{job_id}/compare")
def compare(job_id: JobId, request: Request, caller: PageOfScores, said: Said) -> Response:
    """Set the run beside the same log under another document, or under other settings."""
    job = _run(own_job(request, caller, job_id, TRIAL), caller)
    policy = said.get("policy", "")
    asked = {
        "policy": _known(policy, caller.lang) if policy not in ("", job.about["policy"]) else "",
        "settings": _pairs(said.get("settings", ""), caller.lang),
        "period": said.get("period", ""),
    }
    return _started(request, caller, job, "compare", _apart("compare", **asked))


@router.post("/replay/{job_id}/pack")
def pack(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """Pack the run's folder."""
    job = _run(own_job(request, caller, job_id, TRIAL), caller)
    return _started(request, caller, job, "pack", _apart("pack"))


@router.get("/replay/{job_id}/run.zip")
def packed(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """Give the run's folder, packed."""
    job = own_job(request, caller, job_id, TRIAL)
    return _file(job, caller, "pack", "run.zip", "paidan-run.zip")


@router.get("/replay/{job_id}/rejected.csv")
def trial_rejects(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """Give the rows of a trial that could not be read."""
    job = own_job(request, caller, job_id, TRIAL)
    return _file(job, caller, "replay", "run/rejected.csv", "rejected.csv")


@router.get("/import/{job_id}/rejected")
def import_rejects(job_id: JobId, request: Request, caller: PageOfImports) -> Response:
    """Give the rows of an import that could not be read, to be mended."""
    return rejected_file(own_job(request, caller, job_id, IMPORT), caller.lang)


@router.get("/replay/{job_id}/report")
def report(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """Give the report of the scored period, in a place where it can do nothing."""
    job = own_job(request, caller, job_id, TRIAL)
    _need(job, caller, "grade")
    html = (job.folder / REPORT.format(lang=caller.lang)).read_text(encoding="utf-8")
    headers = {"Content-Security-Policy": _REPORT_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    return HTMLResponse(html, headers=headers)


@router.post("/replay/{job_id}/cancel")
def cancel_trial(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """End the step that is under way."""
    return _cancelled(own_job(request, caller, job_id, TRIAL))


@router.post("/import/{job_id}/cancel")
def cancel_import(job_id: JobId, request: Request, caller: PageOfImports) -> Response:
    """End the step that is under way; what was taken in by then stays."""
    return _cancelled(own_job(request, caller, job_id, IMPORT))


@router.post("/replay/{job_id}/delete")
def delete_trial(job_id: JobId, request: Request, caller: PageOfScores) -> Response:
    """Remove a trial and its files."""
    return _deleted(request, own_job(request, caller, job_id, TRIAL))


@router.post("/import/{job_id}/delete")
def delete_import(job_id: JobId, request: Request, caller: PageOfImports) -> Response:
    """Remove the files of an import."""
    return _deleted(request, own_job(request, caller, job_id, IMPORT))


def _begin(request: Request, caller: Caller, kind: str) -> Response:
    jobs = jobs_of(request).of(caller.account.token, kind)
    most = request.app.state.upload_most >> 20
    return page(request, "room.html.j2", caller, kind=kind, jobs=jobs, most=most)


async def _uploaded(request: Request, caller: Caller, kind: str) -> Response:
    job, found = await received(request, caller, kind, _OTHERS if kind == TRIAL else frozenset())
    job.about |= found.others
    jobs_of(request).start(job, "preview", partial(looked_at, caller.engine, found.files))
    return RedirectResponse(_path(job), 303)


def _looked_again(request: Request, caller: Caller, job: Job, mapping: str) -> Response:
    job.about["mapping"] = mapping
    written = mapping.replace("\r\n", "\n")

    def work(job: Job) -> Plain:
        file = job.folder / MAPPING
        file.write_text(written, encoding="utf-8", newline="") if written.strip() else file.unlink(
            missing_ok=True
        )
        return looked_at(caller.engine, job.about["files"], job)

    return _started(request, caller, job, "preview", work)


def _apart(verb: str, **said: Any) -> Any:
    return partial(_verb, verb, said)


def _verb(verb: str, said: dict[str, Any], job: Job) -> Plain:
    return apart(job, verb, **said)


def _started(request: Request, caller: Caller, job: Job, step: str, work: Any) -> Response:
    try:
        jobs_of(request).start(job, step, work)
    except BusyError as busy:
        raise busy_problem(busy, caller.lang) from None
    return RedirectResponse(f"{_path(job)}#{step}", 303)


def _cancelled(job: Job) -> Response:
    if job.running:
        job.cancel()
        job.wait(5)
    return RedirectResponse(_path(job), 303)


def _deleted(request: Request, job: Job) -> Response:
    jobs_of(request).drop(job)
    return RedirectResponse(f"/{job.kind}", 303)


def _shown(request: Request, caller: Caller, job: Job) -> Response:
    """Render a job as it stands; what is under way asks for itself again."""
    lang, results = caller.lang, job.results
    progress = job.progress
    left = lasting(progress.seconds_left, lang) if progress and progress.seconds_left is not None else ""
    looked = results.get("preview")
    proposed = ((looked or {}).get("mapping") or {}).get(lang, "")
    given = job.folder / MAPPING
    mapping = job.about.get("mapping")
    if mapping is None:
        mapping = given.read_text(encoding="utf-8", errors="replace") if given.exists() else proposed
    answer = page(
        request, "job_steps.html.j2" if request.headers.get("hx-request") else "job.html.j2", caller,
        job=job, kind=job.kind, progress=progress, left=left, results=results, mapping=mapping,
        problem=job.problem, documents=[registry.document(name) for name in registry.names()],
        ours=caller.engine.policy, counts=COUNTS, path=_path(job),
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


def _seen(job: Job, caller: Caller) -> Job:
    """Give a job whose files were looked at and can be read; raises `ProblemError`."""
    _need(job, caller, "preview")
    if job.results["preview"]["unread"]:
        raise ProblemError("conflict", job.results["preview"]["unread"][caller.lang])
    return job


def _run(job: Job, caller: Caller) -> Job:
    _need(job, caller, "replay")
    return job


def _need(job: Job, caller: Caller, step: str) -> None:
    if step not in job.results:
        raise ProblemError("conflict", say("job.not_yet", caller.lang))


def _file(job: Job, caller: Caller, step: str, file: str, name: str) -> Response:
    _need(job, caller, step)
    return FileResponse(job.folder / Path(file), filename=name)


def _known(policy: str, lang: str) -> str:
    """Give the name of a document that comes with paidan; a path is none."""
    if policy not in registry.names():
        allowed = ", ".join(registry.names())
        raise ProblemError("invalid", say("job.policy", lang, policy=policy, allowed=allowed))
    return policy


def _pairs(settings: str, lang: str) -> dict[str, str]:
    read: dict[str, str] = {}
    for line in filter(None, map(str.strip, settings.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise ProblemError("invalid", say("job.setting", lang, line=line))
        read[name.strip()] = value.strip()
    return read


def _path(job: Job) -> str:
    return f"/{job.kind}/{job.id}"
