"""
A log into live orders: read in runs of orders, taken in group by group, each group in one transaction.

What was taken in stays whatever happens then; bringing in the same log again takes in what is missing. Of
an export in wide form, which comes again with more in it, only what it says otherwise is taken in.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from paidan.engine.import_cases import Told
from paidan.engine.import_feeds import Exports, Taker, Vanished
from paidan.engine.import_order import Refusal, Taken
from paidan.engine.intake.events import Ids, Log, read_share, runs
from paidan.engine.intake.passing import counting
from paidan.engine.intake.reader import LogReader
from paidan.engine.intake.tables import Rejected, Table
from paidan.engine.intake.values import Also
from paidan.engine.messages.reasons import moment
from paidan.engine.slots import Emptied
from paidan.workflows.cases import about, case_id
from paidan.workflows.records import Command

_IN_MEMORY = 50_000
"""Events of a log held in memory at once, in all the orders of a run."""
_TOGETHER = 200
"""Events in one transaction, about: few enough that a command never waits long for the write lock."""
_SAMPLED = 4096
"""Ids that are kept to part those of a log evenly; fewer where it has fewer, down to half of it."""
_SHOWN = 20
"""Refusals that are kept to be told."""


@dataclass(slots=True)
class Imported:
    """
    What came of an import, counted in events: `read` = applied + refused + rejected + already there.

    `timed_out` and `withdrawn` are what the engine wrote of itself on the way, `deviations` what was
    applied though a rule, or where none speaks the life of an order, does not allow it. Of the
    refusals the first are kept in `refusals`. `identity_dropped` counts the cells that no vault holds.

    An event that an export tells again is already there, whatever else the export says of it now: that
    is counted apart in `corrected`, entry by entry; where it may not be, the event is refused. `emptied`
    are cells in which an export says nothing any more, `vanished` orders that it lacks; nothing comes of
    these.
    """

    read: int = 0
    applied: int = 0
    refused: int = 0
    rejected: int = 0
    already_there: int = 0
    orders: int = 0
    timed_out: int = 0
    withdrawn: int = 0
    corrected: int = 0
    emptied: list[Emptied] = field(default_factory=list)
    vanished: list[Vanished] = field(default_factory=list)
    deviations: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    added: Counter[str] = field(default_factory=Counter)
    identity_kept: Counter[str] = field(default_factory=Counter)
    identity_dropped: Counter[str] = field(default_factory=Counter)
    columns_ignored: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether every event of the files is in the database now."""
        return not self.refused and not self.rejected

    def passed_over(self, told: Told) -> None:
        """Count what an export says of an order as it did last time."""
        self.orders += 1
        self.already_there += len(told.of[told.about])

    def count(self, taken: Taken) -> None:
        """Count what came of an order, or of a case."""
        written = Counter(entry.event for entry in taken.entries)
        self.orders += case_id(taken.order.order_id) is None
        self.applied += taken.applied
        self.refused += len(taken.refusals)
        self.already_there += taken.there
        self.timed_out += written["time_out"]
        self.withdrawn += written["time_out_withdrawn"]
        self.corrected += taken.corrected
        self.emptied += taken.emptied
        self.deviations.update(one.finding.rule or one.finding.code for one in taken.deviations)
        self.identity_kept.update(taken.held)
        self.identity_dropped.subtract(taken.held)
        self.refusals += taken.refusals[: _SHOWN - len(self.refusals)]


def import_tables(
    tables: Sequence[Table],
    also: Also,
    now: datetime,
    taker: Taker,
    *,
    enforce: bool,
    feed: str = "",
    on_rejected: Callable[[Rejected], object],
    on_progress: Callable[[int, int], object],
    reader: type[LogReader] | None = None,
) -> Imported:
    """
    Take in the events of open logs, and say what came of them.

    `on_rejected` is given each row that could not be read, in order of file and row within a run of
    orders; `on_progress` after each transaction how many events are done, of how many. `reader` is
    another that reads rows, for a vault; `feed` is what somebody calls the exports. Raises `InputError`
    where a file breaks off, before anything is taken in.
    """
    imported = Imported()
    exports = Exports(tables, taker, feed)
    tables = counting(tables)
    parts, total = _parts(tables)
    for ids in parts:
        log = read_share(tables, ids, also, reader)
        imported.identity_dropped.update(log.identity)
        exports.begin(log.orders)
        for group in _groups(log, now, exports, imported):
            for taken in taker.take_in(group, enforce=enforce, feeds=exports.feeds):
                imported.count(taken)
            done = imported.applied + imported.refused + imported.already_there
            on_progress(done + imported.rejected, total)
        imported.rejected += len(log.rejected)
        exports.end(log.rejected)
        for rejected in sorted(log.rejected, key=lambda one: (one.source, one.row, one.order_id)):
            on_rejected(rejected)
        imported.added.update(log.added)
        imported.read, imported.inputs = log.read, log.inputs  # of the whole files, whatever the run
        imported.columns_ignored = log.ignored
    imported.identity_dropped = +imported.identity_dropped
    imported.vanished = exports.vanished()
    return imported


def _parts(tables: Sequence[Table]) -> tuple[list[Ids], int]:
    """Part the orders of a log into runs that fit into memory, and count its events."""
    seen: list[str] = []
    every = 1
    count = 0
    for table in tables:
        place = table.header.index("order_id")
        for number, cells in table.numbered():
            if cells is None:
                continue
            count += number > 0
            if count % every == 0 and isinstance(cells, list) and len(cells) > place:
                seen.append(cells[place].strip())
                if len(seen) > _SAMPLED:
                    seen, every = seen[::2], every * 2
    return runs(seen, -(-count // _IN_MEMORY)), count


def _groups(log: Log, now: datetime, exports: Exports, imported: Imported) -> Iterator[list[Told]]:
    """
    Give the commands of orders and their cases as they were learned, some together; they leave the log.

    Orders of which exports say what they said last time are counted, and passed over.
    """
    group: list[Told] = []
    together = 0
    for of, ids in groupby(sorted(log.orders, key=_place), key=about):
        told: dict[str, list[Command]] = {}
        for one in ids:
            commands = []
            for command in log.of(one, as_recorded=True):
                if command.at <= now:
                    commands.append(command)
                else:
                    log.rejected.append(_ahead(command, now))
            del log.orders[one]
            if commands:
                told[one] = commands
        if not told:
            continue
        of_one = exports.told(of, told)
        if exports.says_the_same(of_one):
            imported.passed_over(of_one)
        else:
            group.append(of_one)
            together += sum(map(len, told.values()))
        if together >= _TOGETHER:
            yield group
            group, together = [], 0
    if group:
        yield group


def _place(order_id: str) -> tuple[str, bool, str]:
    """Put an order before the cases about it."""
    of = about(order_id)
    return of, of != order_id, order_id


def _ahead(command: Command, now: datetime) -> Rejected:
    at = moment(command.at)
    details = {"now": moment(now)}
    return Rejected(command.source, command.row, command.order_id, "at", at, "import.ahead", details)
