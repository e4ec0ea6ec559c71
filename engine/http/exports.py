"""Everything there is, as a file: the log, tables of all orders, scores; who took one is written down."""

from collections.abc import Mapping
from pathlib import Path
from threading import BoundedSemaphore
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from paidan.engine.export.forms import LOG_FORMS
from paidan.engine.export.table import Form, What, save
from paidan.engine.http.callers import Caller, Exports
from paidan.engine.http.problems import PROBLEMS, ProblemError
from paidan.engine.http.uploads import jobs_of
from paidan.engine.messages import say
from paidan.engine.scoring import score
from paidan.engine.scoring.listed import score_sheet

router = APIRouter(prefix="/v1/exports", tags=["log"], responses=PROBLEMS)

SCORES = "scores"
_WHAT = "|".join((*What, SCORES))
_FORMS: Mapping[str, tuple[str, str]] = {
    "csv": ("text/csv", "csv"),
    "jsonl": ("application/x-ndjson", "jsonl"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "parquet": ("application/vnd.apache.parquet", "parquet"),
    "xes": ("application/xml", "xes"),
    "ocel": ("application/json", "jsonocel"),
}
"""Each form with its media type and how a file's name ends."""
_AT_ONCE = BoundedSemaphore(2)
"""Exports that are made at a time: each reads everything."""
_RETRY_SECONDS = "10"


@router.get(
    "/{what}", summary="导出 · export", response_class=FileResponse,
    responses={200: {"content": {media: {} for media, _ in _FORMS.values()}}},
)  # fmt: skip
def export(
    request: Request,
    caller: Exports,
    what: Annotated[str, InPath(pattern=f"^({_WHAT})$")],
    form: Annotated[
        str, Query(alias="format", pattern=f"^({'|'.join(_FORMS)})$", description="xes, ocel: of entries")
    ] = "csv",
    period: Annotated[str, Query(max_length=10, description="of scores: 2026-03, 2026Q1, 2026")] = "",
) -> Response:
    """
    Give a table of all orders and cases as a file, the log of them, or the scores of a period.

    It is made whole before it is sent, so that none is cut short by an error; no more of it than some rows
    is in memory at a time. That somebody took it is written down, of no order in particular.
    """
    lang = caller.lang
    if form in LOG_FORMS and what != What.entries:
        allowed = ", ".join(Form)
        raise ProblemError("invalid", say("export.form_of", lang, what=what, form=form, allowed=allowed))
    if bool(period) != (what == SCORES):
        raise ProblemError("invalid", say("export.no_period" if period else "export.period", lang))
    if not _AT_ONCE.acquire(blocking=False):
        raise ProblemError("too_many", say("job.busy_all", lang), {"Retry-After": _RETRY_SECONDS})
    folder = jobs_of(request).lend()
    try:
        caller.engine.accounts.saw(caller.account, [""], f"export:{what}.{form}")
        media, ending = _FORMS[form]
        name = f"{what}{f'-{period}' if period else ''}.{ending}"
        _write(caller, what, form, folder / name, period)
    except BaseException:
        jobs_of(request).give_back(folder)
        raise
    finally:
        _AT_ONCE.release()
    given_back = BackgroundTask(jobs_of(request).give_back, folder)
    return FileResponse(folder / name, media_type=media, filename=name, background=given_back)


def _write(caller: Caller, what: str, form: str, file: Path, period: str) -> None:
    engine, lang = caller.engine, caller.lang
    if form in LOG_FORMS:
        engine.export_log(file, form, lang)
    elif what == SCORES:
        save(score_sheet(score(engine.run_at(engine.now()), period), lang), file, Form(form))
    else:
        engine.tabulate(what, file, form=form, lang=lang)
