"""
The log of a replay folder judged again under another document or other settings, from the folder alone.

What a person told is replayed anew, so that another rule may refuse, start and time out what it will.
A folder holds less than the files it was made from: `rejudged` in each summary says what was missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from paidan.engine.export.run_folder import ADJUSTMENTS, UNITS
from paidan.engine.intake.replayed import Replayed, open_replayed
from paidan.engine.intake.rosters import read_roster
from paidan.engine.replay import Request, replay_apart
from paidan.engine.runs import Run, entered
from paidan.policies.errors import SettingError
from paidan.policies.loader import Document
from paidan.policies.reader import shown

_FIRST = ("policy", "settings", "mode", "order", "inputs", "events")
"""What is told of the first run, as its own summary does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """
    Rules to judge a log by: a document (`Run.document` is the folder's own) and what is chosen of it.

    `as_of` is the time it is judged as of, None that of the run.
    """

    document: Document
    settings: Mapping[str, Any] = field(default_factory=dict)
    as_of: datetime | None = None


def rejudge(folder: Path, variants: Sequence[Variant], into: Sequence[Path]) -> list[dict[str, Any]]:
    """
    Judge the log of a replay folder under each variant, by time, into a folder each; give the summaries.

    As of the same time, with the same calendar, units, adjustments and mode. The run's settings hold
    where the document knows them, the variant's come on top. Under the folder's own rules the tables
    come out as they were if it was made by time, observing; rows that could not be read the first
    time are not told again.

    Each summary says under `rejudged` what the first run was. Its `events` count what it refused and
    what came after the as-of time: neither is in the folder, nor judged now. Nor does the folder say
    when events were learned, so that a run by that `order` comes out by time. `settings_dropped` are
    those of the run that the document does not take; `units_dropped` is true where a unit's pool is
    none of the document's: then there is no roster. A value that the document does not allow is
    rejected with its event, as from any log.

    Raises `InputError` for a folder that is none, `SettingError` for a variant's settings.
    """
    run = Run(folder)
    log = open_replayed(folder)
    requests = [_request(run, log, one, out) for one, out in zip(variants, into, strict=True)]
    return replay_apart(requests)


def _request(run: Run, log: tuple[Replayed, ...], variant: Variant, out: Path) -> Request:
    found = variant.document
    before = _chosen(run)
    kept = {name: value for name, value in before.items() if _takes(found, name, value)}
    settings = {**kept, **variant.settings}
    units, adjustments = (run.folder / name for name in (UNITS, ADJUSTMENTS))
    fits = units.exists() and _fits(units, run.document, found)
    return Request(
        logs=(),
        opened=log,
        document=found,
        out=out,
        settings=settings,
        enforce=run.summary["mode"] == "enforce",
        as_of=variant.as_of or run.as_of,
        known=run.known,
        told={
            "rejudged": {
                **{name: run.summary[name] for name in _FIRST},
                "settings_dropped": {name: value for name, value in before.items() if name not in settings},
                "units_dropped": units.exists() and not fits,
            }
        },
        **entered(found, settings, units if fits else None, adjustments if adjustments.exists() else None),
    )


def _chosen(run: Run) -> Mapping[str, Any]:
    """Give the settings that were chosen for a run, without those its document's version sets itself."""
    own = run.document.versions[-1].settings
    changed: Mapping[str, Any] = run.summary["settings"]
    return {name: value for name, value in changed.items() if shown(own.get(name)) != shown(value)}


def _takes(found: Document, name: str, value: Any) -> bool:
    try:
        found.choose({name: value})
    except SettingError:
        return False
    return True


def _fits(units: Path, before: Document, found: Document) -> bool:
    """Whether no row of a units file loses its pool under another document."""
    lost = [
        {fault.row for fault in read_roster(units, one.pools)[1] if fault.code == "unit_pool_unknown"}
        for one in (before, found)
    ]
    return lost[1] <= lost[0]
