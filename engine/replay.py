"""
A historical log as it runs under a policy: transitions, deadlines, deviations, rejects, a summary.

By time (`at`), an order's events are taken as they happened and each missed duty gets one
`time_out` at its final due time. As recorded, they are taken as they were learned, and what the
live engine would have raised and withdrawn is raised and withdrawn. Both run the one `decide`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from paidan.engine.collector import without_cycles
from paidan.engine.crew import crew
from paidan.engine.export.run_folder import CALENDAR, RunFolder
from paidan.engine.intake.events import Log
from paidan.engine.intake.forms import open_logs
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.tables import Rejected, Table
from paidan.engine.share import Tally, Task, Under
from paidan.policies.editions import here, to_text
from paidan.policies.known import NOTHING_LOADED, Known
from paidan.policies.loader import Document
from paidan.policies.registry import Books
from paidan.policies.roster import Roster
from paidan.workflows.records import BEIJING


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    What to replay, and how; `as_of` None means the time of the last event.

    `workers` processes share the orders, None as many as the logs and the machine make worth while.
    `opened` is a log that is open already, read instead of `logs`; `told` goes into the summary.
    `on_rejected` is given each rejected row when all is read, in order of file and row.
    """

    logs: tuple[Path, ...]
    document: Document
    out: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    roster: Roster | None = None
    enforce: bool = False
    as_recorded: bool = False
    as_of: datetime | None = None
    known: Known = NOTHING_LOADED
    rejected: tuple[Rejected, ...] = ()
    tables: Mapping[str, Path] = field(default_factory=dict)
    workers: int | None = None
    mapping: LogMapping | None = None
    opened: tuple[Table, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    on_rejected: Callable[[Rejected], object] = lambda _: None


_NEVER = datetime(2000, 1, 1, tzinfo=BEIJING)
"""The as-of time of a log without a single event."""


def replay(request: Request) -> dict[str, Any]:
    """
    Replay the logs into the folder `request.out` and give the summary written there.

    The same input gives the same bytes. Raises `InputError` where a file cannot be taken at all,
    `SettingError` and `PolicyError` for the rules.
    """
    return replay_together([request])[0]


def replay_together(requests: Sequence[Request]) -> list[dict[str, Any]]:
    """
    Replay one log under several documents in one reading; each gets what `replay` alone would give it.

    What is read, and how, is that of the first request; the others differ in document, settings,
    roster and folder. Raises as `replay`.
    """
    with without_cycles():
        return _replay(requests)


def replay_apart(requests: Sequence[Request]) -> list[dict[str, Any]]:
    """Replay one log under several documents, in one reading those that allow the same choices."""
    summaries: dict[Path, dict[str, Any]] = {}
    for first in requests:
        if first.out not in summaries:
            alike = [one for one in requests if one.document.choices == first.document.choices]
            summaries |= zip([one.out for one in alike], replay_together(alike), strict=True)
    return [summaries[request.out] for request in requests]


def _replay(requests: Sequence[Request]) -> list[dict[str, Any]]:
    first = requests[0]
    task = Task(
        tables=first.opened or open_logs(first.logs, first.mapping),
        under=tuple(
            Under(document=one.document, settings=one.settings, roster=one.roster, known=one.known)
            for one in requests
        ),
        enforce=first.enforce,
        as_recorded=first.as_recorded,
    )
    shelves = [Books(one.document, one.settings, one.roster, one.known) for one in requests]
    with crew(task, first.workers) as replaying:
        last_at = replaying.last_at()  # asked in any case: a crew writes when it has told
        as_of = first.as_of or last_at or _NEVER
        with ExitStack() as stack:
            folders = [stack.enter_context(RunFolder(one.out)) for one in requests]
            log, tallies = replaying.write(as_of, folders)
            ends = zip(requests, folders, shelves, tallies, strict=True)
            return [
                _finish(one, folder, log, _summary(one, log, books, as_of, tally))
                for one, folder, books, tally in ends
            ]


def _finish(request: Request, folder: RunFolder, log: Log, summary: dict[str, Any]) -> dict[str, Any]:
    for rejected in sorted((*log.rejected, *request.rejected), key=_place):
        folder.rejected(rejected)
        request.on_rejected(rejected)
    for name, path in request.tables.items():
        folder.keep(name, path)
    folder.keep_policy({**request.document.sources, CALENDAR: to_text(here(request.known)).encode()})
    folder.summary(summary)
    return summary


def _place(rejected: Rejected) -> tuple[str, int, str]:
    """Order rejects by file and row; two files may have one name."""
    return (rejected.source, rejected.row, rejected.order_id)


def _summary(request: Request, log: Log, books: Books, as_of: datetime, tally: Tally) -> dict[str, Any]:
    book = books.latest
    mapping = request.mapping
    return {
        "policy": request.document.name,
        "versions": dict(sorted(tally.versions.items())),
        "as_of": as_of.isoformat(),
        "first_month": tally.first_month,
        "as_of_asked": request.as_of is not None,
        "calendar": book.calendar.edition,
        "settings": {name: _plain(value) for name, value in sorted(book.policy.changed.items())},
        "mode": "enforce" if request.enforce else "observe",
        "order": "recorded" if request.as_recorded else "at",
        "inputs": log.inputs,
        "events": {
            "read": log.read, "applied": tally.applied, "refused": tally.refused,
            "rejected": len(log.rejected), "after_as_of": tally.after,
        },
        "orders": {
            "total": tally.total, "by_state": dict(sorted(tally.states.items())),
            "outside_period": tally.outside,
        },
        "verdicts": {
            rule: {came_to: count for (of, came_to), count in sorted(tally.verdicts.items()) if of == rule}
            for rule in sorted({rule for rule, _ in tally.verdicts}, key=lambda rule: book.order_of[rule])
        },
        "cases": {
            kind: {state: count for (of, state), count in sorted(tally.cases.items()) if of == kind}
            for kind in sorted({kind for kind, _ in tally.cases})
        },
        "rejected_rows": len(log.rejected) + len(request.rejected),
        "identity_columns_dropped": sorted(log.identity),
        "identity_cells_dropped": dict(sorted(log.identity.items())),
        "columns_ignored": log.ignored,
        **({"mapping": _mapping(mapping, log)} if mapping else {}),
        **request.told,
    }  # fmt: skip


def _mapping(mapping: LogMapping, log: Log) -> dict[str, Any]:
    added = dict(sorted(log.added.items()))
    return {"name": mapping.name, "sha256": mapping.sha256, "added": added}


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else str(value)
