"""
A historical log as it runs under a policy: transitions, deadlines, deviations, rejects, a summary.

By time (`at`), an order's events are taken as they happened and each missed duty gets one
`time_out` at its final due time. As recorded, they are taken as they were learned, and what the
live engine would have raised and withdrawn is raised and withdrawn. Both run the one `decide`.
"""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.decide import decide, raise_overdue
from paidan.engine.export.run_folder import RunFolder
from paidan.engine.intake.events import Log, Row, read_logs
from paidan.engine.intake.tables import Rejected
from paidan.engine.messages.reasons import reason
from paidan.policies.clocks import missed, verdict
from paidan.policies.loader import Document
from paidan.policies.registry import Books
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import record_of
from paidan.workflows.records import BEIJING, Command, Entry, Finding, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to replay, and how; `as_of` None means the time of the last event."""

    logs: tuple[Path, ...]
    document: Document
    out: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    roster: Roster | None = None
    enforce: bool = False
    as_recorded: bool = False
    as_of: datetime | None = None
    rejected: tuple[Rejected, ...] = ()
    tables: Mapping[str, Path] = field(default_factory=dict)


_NEVER = datetime(2000, 1, 1, tzinfo=BEIJING)
"""The as-of time of a log without a single event."""


class Deviation(NamedTuple):
    """One broken rule, or one impossible step, of one event."""

    command: Command
    finding: Finding
    refused: bool


class Replayed(NamedTuple):
    """One order as it came out: its last state, its log, what was found, what was refused."""

    order: Order
    entries: list[Entry]
    deviations: list[Deviation]
    applied: int
    refused: int
    after_as_of: int


def replay(request: Request) -> dict[str, Any]:
    """
    Replay the logs into the folder `request.out` and give the summary written there.

    The same input gives the same bytes. Raises `InputError` where a file cannot be taken at all,
    `SettingError` and `PolicyError` for the rules.
    """
    with _without_cycles():
        return _replay(request)


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Spare the cycle collector: a replay makes millions of values, none of which holds a cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _replay(request: Request) -> dict[str, Any]:
    log = read_logs(request.logs)
    books = Books(request.document, request.settings, request.roster)
    last = log.last_learned_at if request.as_recorded else log.last_at
    as_of = request.as_of or last or _NEVER
    tally = _Tally()
    with RunFolder(request.out) as folder:
        for order_id in sorted(log.orders):
            commands = log.of(order_id, _learned if request.as_recorded else None)
            book, outside = books.governing(min(row.at for row in log.orders[order_id]).date())
            done = replay_order(
                order_id, commands, book, as_of, enforce=request.enforce, as_recorded=request.as_recorded
            )
            log.orders[order_id] = []
            _write(folder, done, book, as_of, tally)
            tally.versions[book.policy.version] += 1
            tally.outside += outside
        for rejected in sorted((*log.rejected, *request.rejected), key=lambda one: (one.source, one.row)):
            folder.rejected(rejected)
        for name, path in request.tables.items():
            folder.keep(name, path)
        folder.keep_policy(request.document.sources)
        summary = _summary(request, log, books, as_of, tally)
        folder.summary(summary)
    return summary


def replay_order(
    order_id: str,
    commands: Iterable[Command],
    rules: Rulebook,
    as_of: datetime,
    *,
    enforce: bool = False,
    as_recorded: bool = False,
) -> Replayed:
    """Take the commands of one order, already in order, through the one decision."""
    order = Order(order_id)
    entries: list[Entry] = []
    deviations: list[Deviation] = []
    refused = after = applied = 0
    for command in commands:
        if (command.learned_at if as_recorded else command.at) > as_of:
            after += 1
            continue
        if as_recorded:
            raised = raise_overdue(order, command.learned_at, rules)
            order = raised.order
            entries += raised.entries
        decision = decide(order, command, rules, observe=not enforce)
        order = decision.order
        entries += decision.entries
        if decision.refused:
            refused += 1
        else:
            applied += 1
        deviations += [Deviation(command, finding, decision.refused) for finding in decision.findings]
    if as_recorded:
        raised = raise_overdue(order, as_of, rules)
        return Replayed(raised.order, entries + list(raised.entries), deviations, applied, refused, after)
    return Replayed(order, _timed_out(order, entries, rules, as_of), deviations, applied, refused, after)


def _learned(row: Row) -> tuple[datetime, datetime, int]:
    return (row.command.learned_at, row.at, row.place)


def _timed_out(order: Order, entries: list[Entry], rules: Rulebook, as_of: datetime) -> list[Entry]:
    """Put one `time_out` per missed duty at its final due time, after that second's events."""
    late = [clock for clock in order.clocks if missed(clock, rules, as_of)]
    if not late:
        return entries
    late.sort(key=lambda clock: (clock.due_at, rules.order_of[clock.rule]))
    merged: list[Entry] = []
    state = ""
    waiting = iter(late)
    clock = next(waiting, None)
    for entry in entries:
        while clock is not None and clock.due_at < entry.at:
            merged.append(_time_out(order.order_id, len(merged) + 1, state, clock, as_of))
            clock = next(waiting, None)
        merged.append(entry._replace(seq=len(merged) + 1))
        state = entry.to_state
    while clock is not None:
        merged.append(_time_out(order.order_id, len(merged) + 1, state, clock, as_of))
        clock = next(waiting, None)
    return merged


def _time_out(order_id: str, seq: int, state: str, clock: Any, now: datetime) -> Entry:
    return Entry(order_id, seq, "time_out", state, state, clock.due_at, now, unit=clock.unit, rule=clock.rule)


@dataclass(slots=True)
class _Tally:
    applied: int = 0
    refused: int = 0
    after: int = 0
    total: int = 0
    outside: int = 0
    states: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    verdicts: dict[str, Counter[str]] = field(default_factory=dict)


def _write(folder: RunFolder, done: Replayed, rules: Rulebook, as_of: datetime, tally: _Tally) -> None:
    order = done.order
    tally.applied += done.applied
    tally.refused += done.refused
    tally.after += done.after_as_of
    for deviation in done.deviations:
        folder.deviation(
            deviation.command, deviation.finding, reason(deviation.finding, rules), deviation.refused
        )
    if not done.entries:
        return
    tally.total += 1
    tally.states[order.state or "unknown"] += 1
    folder.transitions(done.entries, rules)
    verdicts = [verdict(clock, rules, as_of) for clock in order.clocks]
    for clock, came_to in zip(order.clocks, verdicts, strict=True):
        tally.verdicts.setdefault(clock.rule, Counter())[came_to] += 1
    folder.deadlines(order, verdicts, rules)
    folder.said(order.order_id, done.entries)
    folder.record(record_of(order, done.entries, rules, as_of))


def _summary(request: Request, log: Log, books: Books, as_of: datetime, tally: _Tally) -> dict[str, Any]:
    book = books.latest
    return {
        "policy": request.document.name,
        "versions": dict(sorted(tally.versions.items())),
        "as_of": as_of.isoformat(),
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
            rule: dict(sorted(tally.verdicts[rule].items()))
            for rule in sorted(tally.verdicts, key=lambda rule: book.order_of[rule])
        },
        "rejected_rows": len(log.rejected) + len(request.rejected),
        "identity_columns_dropped": sorted(log.identity),
        "identity_cells_dropped": dict(sorted(log.identity.items())),
        "columns_ignored": log.ignored,
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | str) else str(value)
