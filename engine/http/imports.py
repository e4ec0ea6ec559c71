"""Logs into live orders over HTTP: uploaded, looked at in a bounded process, then taken in, each row once."""

from functools import partial
from importlib.util import find_spec
from itertools import islice
from time import sleep
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from paidan.engine.app import Engine
from paidan.engine.export.rejects import save_rejects
from paidan.engine.export.run_folder import TABLES, rejected_row
from paidan.engine.http.callers import Imports
from paidan.engine.http.jobs import JobOut, job_out
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.uploads import FORM, jobs_of, received
from paidan.engine.import_told import import_json
from paidan.engine.inert import lines_to
from paidan.engine.intake.forms import open_logs
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.tables import Rejected
from paidan.engine.jobs.apart import apart
from paidan.engine.jobs.job import ApartError, Job, Plain, Problem
from paidan.engine.jobs.verbs import MAPPING
from paidan.engine.progress import tell
from paidan.engine.turns import giving_way

router = APIRouter(prefix="/v1/imports", tags=["jobs"], responses=PROBLEMS)

_NO_BOUND = "9000-01-01T00:00:00+08:00"
"""A replay takes what is ahead of the clock as well."""
_PAUSE = 0.02
"""Seconds between two transactions of an import."""
_IN_WORKBOOK = 20_000
"""Rejected rows up to which they are given back as a workbook, which is made in memory."""


def _paced(done: int, total: int) -> None:
    """Tell how far an import is, and let others at the interpreter before its next transaction."""
    tell("importing", done, total)
    sleep(_PAUSE)


@router.post("", summary="导入日志 · import a log", status_code=202, openapi_extra=FORM)
async def import_logs(
    request: Request,
    caller: Imports,
    response: Response,
    *,
    preview: Annotated[bool, Query(description="say what would be read, and take nothing in")] = False,
    enforce: Annotated[bool, Query(description="refuse what the rules do not allow")] = False,
    feed: Annotated[str, Query(max_length=80, description="of which exports this is the next")] = "",
) -> JobOut:
    """
    Take the events of uploaded logs into the live orders, as a job; rows that are there already are passed.

    Its result is the summary of `import`, or with `preview` what each column would be read as.
    """
    job, found = await received(request, caller, "import")
    feed = feed.strip()
    engine = caller.engine
    if preview:
        jobs_of(request).start(job, "preview", partial(looked_at, engine, found.files))
    else:
        taking = partial(take_in, engine, found.files, enforce=enforce, feed=feed, lang=caller.lang)
        jobs_of(request).start(job, "import", taking)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return job_out(job, caller.lang)


def looked_at(engine: Engine, files: list[str], job: Job) -> Plain:
    """Say what the files of a job would be read as by an import into the live orders, or by a replay."""
    now = _NO_BOUND if job.kind == "replay" else engine.now().isoformat()
    return apart(job, "look", files=files, policy=engine.policy, now=now)


def take_in(engine: Engine, files: list[str], job: Job, *, enforce: bool, lang: str, feed: str = "") -> Plain:
    """
    Take the files of a job into the live orders, and keep the rows that could not be read as a file.

    They are read in a bounded process first: one that breaks a reader never meets the server.
    """
    looked = looked_at(engine, files, job)
    if looked["unread"]:
        raise ApartError(Problem("unprocessable", looked["unread"]))
    paths = [job.folder / one for one in files]
    mapping = job.folder / MAPPING if looked["mapped"] else None
    first: list[Rejected] = []
    with (job.folder / "rejected.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = lines_to(file)
        writer.writerow(TABLES["rejected"])

        def reject(one: Rejected) -> None:
            writer.writerow(rejected_row(one))
            if len(first) <= _IN_WORKBOOK:
                first.append(one)

        with giving_way():
            imported = engine.import_logs(
                paths, mapping=mapping, enforce=enforce, feed=feed, on_rejected=reject, on_progress=_paced,
            )  # fmt: skip
    name: str | None = "rejected.csv" if first else None
    if 0 < len(first) <= _IN_WORKBOOK and find_spec("xlsxwriter"):
        name = "rejected.xlsx"
        tables = open_logs(paths, None if mapping is None else read_mapping(mapping))
        save_rejects(job.folder / name, tables, first, lang=lang)
    told: dict[str, Any] = import_json(imported, MAPPING if mapping else "")
    refused = [
        {"source": one.command.source, "row": one.command.row, "order_id": one.command.order_id,
         "event": one.command.event, "rule": one.findings[0].rule, "clause": one.findings[0].clause}
        for one in islice(imported.refusals, _IN_WORKBOOK)
    ]  # fmt: skip
    return told | {"refusals": refused, "rejected_file": name}
