"""A log, or the orders of it in a run of ids: read, then replayed and written order by order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paidan.engine.cases import Heard
from paidan.engine.corrections import corrected
from paidan.engine.export.run_folder import OrderFiles
from paidan.engine.intake.events import Ids, read_share
from paidan.engine.intake.passing import counting
from paidan.engine.intake.tables import Table
from paidan.engine.messages.reasons import reason
from paidan.engine.progress import counted
from paidan.engine.replay_cases import replay_cases
from paidan.engine.replay_order import Replayed, replay_order
from paidan.policies.clocks import verdict
from paidan.policies.known import NOTHING_LOADED, Known
from paidan.policies.loader import Document
from paidan.policies.registry import Books
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import month_of, record_of
from paidan.workflows.cases import about, case_id, workflow_of
from paidan.workflows.records import NOTHING, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Under:
    """One document a log is replayed under, with its settings, its roster and its calendar."""

    document: Document
    settings: Mapping[str, Any]
    roster: Roster | None
    known: Known = NOTHING_LOADED


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """
    What is replayed, under which documents, and how: the same for every share of a log.

    The documents share one reading, so they must allow the same choices.
    """

    tables: tuple[Table, ...]
    under: tuple[Under, ...]
    enforce: bool
    as_recorded: bool


@dataclass(slots=True)
class Tally:
    """What came of the orders of a share, counted."""

    applied: int = 0
    refused: int = 0
    after: int = 0
    total: int = 0
    first_month: str | None = None
    outside: int = 0
    states: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    cases: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count the orders of another share too."""
        self.applied += other.applied
        self.refused += other.refused
        self.after += other.after
        self.total += other.total
        self.outside += other.outside
        if other.first_month and (self.first_month is None or other.first_month < self.first_month):
            self.first_month = other.first_month
        self.states.update(other.states)
        self.versions.update(other.versions)
        self.verdicts.update(other.verdicts)
        self.cases.update(other.cases)


class Share:
    """The orders of a log in a run of ids; reading raises `InputError`, writing those of the rules."""

    def __init__(self, task: Task, ids: Ids) -> None:
        """Read the orders."""
        self.log = read_share(counting(task.tables), ids, task.under[0].document.choices)
        self.tallies = [Tally() for _ in task.under]
        self._task = task

    @property
    def last_at(self) -> datetime | None:
        """The time of the last event, in the order in which events are taken."""
        return self.log.last_learned_at if self._task.as_recorded else self.log.last_at

    def write(self, as_of: datetime, files: Sequence[OrderFiles]) -> None:
        """Replay the orders as of a time under each document, each to its files; rows are let go."""
        task, log = self._task, self.log
        shelves = [Books(one.document, one.settings, one.roster, one.known) for one in task.under]
        told: dict[str, dict[str, list[Command]]] = {}
        for one in sorted(one for one in log.orders if case_id(one)):
            told.setdefault(about(one), {})[one] = list(log.of(one, as_recorded=task.as_recorded))
        ids = sorted({about(one) for one in log.orders})
        for order_id in counted(ids, "replaying", len(ids)):
            known = order_id in log.orders
            commands = list(log.of(order_id, as_recorded=task.as_recorded)) if known else []
            log.orders[order_id] = []
            own = told.get(order_id, NOTHING)
            if not commands:
                for books, of_book, tally in zip(shelves, files, self.tallies, strict=True):
                    _write_cases(of_book, _cases((), own, books, as_of, task), as_of, tally)
                continue
            received_on = commands[0].at.date()  # as live: by what was learned first
            for books, of_book, tally in zip(shelves, files, self.tallies, strict=True):
                book, outside = books.governing(received_on)
                done = replay_order(
                    order_id, commands, book, as_of, enforce=task.enforce, as_recorded=task.as_recorded
                )
                _write(of_book, done, book, as_of, tally)
                if done.heard or own:
                    _write_cases(of_book, _cases(done.heard, own, books, as_of, task), as_of, tally)
                tally.versions[book.policy.version] += 1
                tally.outside += outside
        log.orders.clear()


def _cases(
    told: Sequence[Heard], own: Mapping[str, Sequence[Command]], books: Books, as_of: datetime, task: Task
) -> Iterator[tuple[Replayed, Rulebook]]:
    return replay_cases(told, own, books, as_of, enforce=task.enforce, as_recorded=task.as_recorded)


def _write_cases(
    files: OrderFiles, cases: Iterable[tuple[Replayed, Rulebook]], as_of: datetime, tally: Tally
) -> None:
    for done, rules in cases:
        case = done.order
        tally.applied += done.applied
        tally.refused += done.refused
        tally.after += done.after_as_of
        for one in done.deviations:
            files.deviation(one.command, one.finding, reason(one.finding, rules), one.refused)
        if done.entries:
            tally.cases[workflow_of(case.order_id).name, case.state or "unknown"] += 1
            files.transitions(done.entries, rules)
            files.deadlines(case, [verdict(clock, rules, as_of) for clock in case.clocks], rules)
            files.said(case.order_id, done.entries)


def _write(files: OrderFiles, done: Replayed, rules: Rulebook, as_of: datetime, tally: Tally) -> None:
    order = done.order
    tally.applied += done.applied
    tally.refused += done.refused
    tally.after += done.after_as_of
    for deviation in done.deviations:
        files.deviation(
            deviation.command, deviation.finding, reason(deviation.finding, rules), deviation.refused
        )
    if not done.entries:
        return
    tally.total += 1
    tally.states[order.state or "unknown"] += 1
    files.transitions(done.entries, rules)
    verdicts = [verdict(clock, rules, as_of) for clock in order.clocks]
    for clock, came_to in zip(order.clocks, verdicts, strict=True):
        tally.verdicts[clock.rule, came_to] += 1
    files.deadlines(order, verdicts, rules)
    files.said(order.order_id, done.entries)
    record = record_of(order, corrected(done.entries), rules, as_of)
    files.record(record)
    began_in = month_of(record.began_at)
    if tally.first_month is None or began_in < tally.first_month:
        tally.first_month = began_in
