"""
Files from outside: taken in while they come, each under a name of ours, into the folder of a job.

Nothing is read before its sender may send it and their turn is taken; the edge counts the bytes on the way.
"""

import re
import shutil
from asyncio import timeout
from pathlib import Path
from typing import Any, NamedTuple, cast
from unicodedata import normalize

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect

from paidan.engine.http.callers import Caller
from paidan.engine.http.problems import ProblemError
from paidan.engine.jobs.job import Job
from paidan.engine.jobs.keeper import BusyError, Jobs
from paidan.engine.jobs.verbs import MAPPING
from paidan.engine.masking import masked
from paidan.engine.messages import say

SECONDS = 600
"""Seconds an upload may take; so long it holds its sender's turn."""
_FILES_MOST, _FIELDS_MOST, _TEXT_MOST = 12, 20, 256 << 10
_NAME_MOST = 80
_NOT_IN_NAMES = re.compile(r"[^\w.\-()（）]")
_RETRY_SECONDS = "5"
_OURS = ("run", "other", "report-", "rejected.", "mapping.", "units.", "adjustments.")
"""How the names of what a job makes begin."""
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array", "minItems": 1, "maxItems": _FILES_MOST - 2,
                            "items": {"type": "string", "format": "binary"},
                        },
                        "mapping": {
                            "type": "string", "format": "binary",
                            "description": "a mapping file (TOML), as a file or as a text",
                        },
                    },
                }
            }
        },
    }
}  # fmt: skip
"""What is uploaded, for OpenAPI."""


class Received(NamedTuple):
    """What was uploaded: the names of the logs in the job's folder, of other files by field, and texts."""

    files: list[str]
    others: dict[str, str]
    texts: dict[str, str]


async def received(
    request: Request, caller: Caller, kind: str, others: frozenset[str] = frozenset()
) -> tuple[Job, Received]:
    """
    Open a job of a caller and take the request's files into its folder; `others` are further file fields.

    The job is let go of where that fails. Raises `ProblemError`.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise ProblemError("media_type", say("upload.form", caller.lang))
    jobs = jobs_of(request)
    job = opened(jobs, caller, kind)
    try:
        async with (
            timeout(SECONDS),
            request.form(max_files=_FILES_MOST, max_fields=_FIELDS_MOST, max_part_size=_TEXT_MOST) as form,
        ):
            found = await run_in_threadpool(_kept, form, job.folder, others, caller.lang)
    except TimeoutError:
        jobs.drop(job)
        raise ProblemError("invalid", say("upload.slow", caller.lang, seconds=SECONDS)) from None
    except (ClientDisconnect, ValueError, LookupError):
        jobs.drop(job)
        raise ProblemError("invalid", say("upload.broken", caller.lang)) from None
    except BaseException:
        jobs.drop(job)
        raise
    job.about["files"] = found.files
    return job, found


def opened(jobs: Jobs, caller: Caller, kind: str) -> Job:
    """Open a job of a caller; raises `ProblemError` where it is not their turn."""
    try:
        return jobs.open(kind, caller.account.token)
    except BusyError as busy:
        raise busy_problem(busy, caller.lang) from None


def busy_problem(busy: BusyError, lang: str) -> ProblemError:
    """Give the problem of somebody whose turn it is not."""
    if busy.own:
        return ProblemError("conflict", say("job.busy_own", lang))
    return ProblemError("too_many", say("job.busy_all", lang), {"Retry-After": _RETRY_SECONDS})


def jobs_of(request: Request) -> Jobs:
    """Give the jobs of an application."""
    return cast("Jobs", request.app.state.jobs)


def _kept(form: FormData, folder: Path, others: frozenset[str], lang: str) -> Received:
    found = Received([], {}, {})
    for field, given in form.multi_items():
        if isinstance(given, UploadFile):
            if not given.filename and not given.size:  # a field of a page that was left empty
                continue
            _keep(field, given, folder, others, found, lang)
        elif field == "mapping":
            if given.strip():
                (folder / MAPPING).write_text(given, encoding="utf-8", newline="")
        elif field in ("files", *others):
            wanted = say("upload.file", lang)
            raise ProblemError("invalid", say("upload.field", lang, name=field, kind=wanted))
        else:
            found.texts[field] = given
    if not found.files:
        raise ProblemError("invalid", say("upload.none", lang))
    return found


def _keep(
    field: str, given: UploadFile, folder: Path, others: frozenset[str], found: Received, lang: str
) -> None:
    if field == "files":
        name = own_name(given.filename or "", len(found.files) + 1, found.files)
        found.files.append(name)
    elif field == "mapping":
        name = MAPPING
    elif field in others:
        name = found.others[field] = f"{field}.csv"
    else:
        wanted = say("upload.text", lang)
        shown = masked(field)[:_NAME_MOST]
        raise ProblemError("invalid", say("upload.field", lang, name=shown, kind=wanted))
    with (folder / name).open("wb") as file:
        shutil.copyfileobj(given.file, file)


def own_name(given: str, number: int, taken: list[str]) -> str:
    """
    Give a name for an uploaded file: the last part of what it was called, without what no name needs.

    >>> own_name("../../etc/三月 13812345678.csv", 1, [])
    '三月_电话_.csv'
    >>> own_name("..", 2, []), own_name("a.csv", 3, ["a.csv"])
    ('2.log', '3-a.csv')
    """
    last = masked(normalize("NFC", given)).replace("\\", "/").rpartition("/")[2]
    name = re.sub(r"_+", "_", _NOT_IN_NAMES.sub("_", last)).lstrip("._-")[-_NAME_MOST:] or f"{number}.log"
    name = f"{number}-{name}" if name.startswith(_OURS) else name
    while name in taken:
        name = f"{number}-{name}"
    return name
