"""
A month under another document (换一份文件): the live log replayed under its own document and another.

It goes through the replay room, whose steps and pages it uses: the log is written into a job of whoever asks,
and nothing is written into the live orders.
"""

import csv
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from paidan.engine.app import Engine
from paidan.engine.console.pages import Said
from paidan.engine.export.run_folder import ADJUSTMENTS, UNITS
from paidan.engine.export.table import What
from paidan.engine.http.callers import PageOfExports
from paidan.engine.http.imports import looked_at
from paidan.engine.http.problems import ProblemError
from paidan.engine.http.uploads import jobs_of, opened
from paidan.engine.jobs.apart import apart
from paidan.engine.jobs.job import Job, Plain
from paidan.engine.messages import say
from paidan.policies import registry
from paidan.policies.reader import shown
from paidan.policies.roster import Roster

router = APIRouter(include_in_schema=False)

_ROSTER = ("unit", "pool", "name", "category", "counterpart", "from", "to")


def others(policy: str) -> list[str]:
    """Name the documents a log may be set beside itself under; none for a document that is not ours."""
    names = registry.names()
    return [one for one in names if one != policy] if policy in names else []


@router.post("/month/other")
def other(request: Request, caller: PageOfExports, said: Said) -> Response:
    """Set a period of the live orders beside itself under another document."""
    engine, policy = caller.engine, said.get("policy", "")
    if policy not in (allowed := others(engine.policy)):
        raise ProblemError(
            "invalid", say("job.policy", caller.lang, policy=policy, allowed=", ".join(allowed))
        )
    jobs = jobs_of(request)
    job = opened(jobs, caller, "replay")
    engine.accounts.saw(caller.account, [""], f"export:{What.entries}.csv")
    work = partial(_set_beside, engine, policy, said.get("period", ""))
    jobs.start(job, "compare", work)
    return RedirectResponse(f"/replay/{job.id}#compare", 303)


def _set_beside(engine: Engine, policy: str, period: str, job: Job) -> Plain:
    """Write the live log into a job's folder, and take it through the steps of the replay room."""
    now = engine.now()
    name = f"live-{now:%Y-%m-%d}.csv"
    engine.tabulate(What.entries, job.folder / name)
    chosen = {key: shown(value) for key, value in engine.books.chosen.items()}
    asked: dict[str, Any] = {"policy": engine.policy, "settings": chosen}
    job.about |= {"files": [name], **asked, **_entered(engine, job.folder)}
    job.results["preview"] = looked_at(engine, [name], job)
    others = {one: job.about.get(one, "") for one in ("units", "adjustments")}
    job.results["replay"] = apart(job, "replay", files=[name], as_of=now.isoformat(), **asked, **others)
    return apart(job, "compare", policy=policy, settings={}, period=period)


def _entered(engine: Engine, folder: Path) -> dict[str, str]:
    """Put the roster and what was entered by hand beside the log; give the names of their files."""
    units, adjustments = engine.entered
    found = {}
    if isinstance(units, Path):
        shutil.copyfile(units, folder / UNITS)
    elif units is not None and units.given:
        _write(units, folder / UNITS)
    if (folder / UNITS).exists():
        found["units"] = UNITS
    if adjustments is not None:
        shutil.copyfile(adjustments, folder / ADJUSTMENTS)
        found["adjustments"] = ADJUSTMENTS
    return found


def _write(roster: Roster, file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened_file:
        writer = csv.writer(opened_file)
        writer.writerow(_ROSTER)
        for one in roster.units:
            days = [day.isoformat() if day else "" for day in (one.from_on, one.to_on)]
            writer.writerow([one.unit, one.pool, one.name, one.category, one.counterpart, *days])
