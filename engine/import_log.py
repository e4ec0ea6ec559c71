"""
A log into live orders: read in runs of orders, taken in group by group, each group in one transaction.

What was taken in stays whatever happens then; bringing in the same log again takes in what is missing. Of
an export in wide form, which comes again with more in it, only what it says otherwise is taken in.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from paidan.engine.feeds import Feed, Feeds, digest, said_of
from paidan.engine.import_cases import Told
from paidan.engine.import_order import Refusal, Taken
from paidan.engine.intake.events import Ids, Log, LogReader, read_share, runs
from paidan.engine.intake.tables import Rejected, Table
from paidan.engine.intake.values import Also
from paidan.engine.intake.wide import Wide, squeezed
from paidan.engine.masking import masked_name
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


class Vanished(NamedTuple):
    """Orders that an earlier export held and the one of these files lacks, in order of id."""

    files: tuple[str, ...]
    orders: tuple[str, ...]


class Taker(Protocol):
    """What takes in the commands of some orders and of the cases about them, each call in one transaction."""

    def take_in(self, told: Sequence[Told], *, enforce: bool, feeds: Feeds) -> Sequence[Taken]:
        """Carry on orders, and keep what exports said of them."""
        ...

    def fed(self, feed: Feed, order_ids: Collection[str]) -> Mapping[str, str]:
        """Give what a feed said last of some orders."""
        ...

    def seen_fed(self, feed: Feed, order_ids: Collection[str]) -> None:
        """Note that an export holds orders."""
        ...

    def vanished(self, feed: Feed) -> tuple[str, ...]:
        """Name the orders that an export lacks."""
        ...


@dataclass(slots=True)
class Imported:
    """
    What came of an import, counted in events: `read` = applied + refused + rejected + already there.

    `timed_out` and `withdrawn` are what the engine wrote of itself on the way, `deviations` what was
    applied though a rule, or where none speaks the life of an order, does not allow it. Of the
    refusals the first are kept in `refusals`. `identity_dropped` counts the cells that no vault holds.

    An event that an export tells again is already there, whatever else the export says of it now: that
    is counted apart in `corrected`, cell by cell, or, where it may not be, the event is refused. `emptied` are
    cells in which an export says nothing any more, `vanished` orders that it lacks; nothing comes of these.
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
    another that reads rows, for a vault; `feed` is what somebody calls the exports. Raises `InputError` where a file breaks off, before
    anything is taken in.
    """
    imported = Imported()
    feeds = feeds_of(tables, feed)
    each_feed = tuple({one.key: one for one in feeds.values()}.values())
    parts, total = _parts(tables)
    for ids in parts:
        log = read_share(tables, ids, also, reader)
        imported.identity_dropped.update(log.identity)
        said = {one.key: taker.fed(one, log.orders) for one in each_feed}
        seen: dict[str, set[str]] = {one.key: set() for one in each_feed}
        for group in _groups(log, now, feeds, said):
            new = []
            for told in group:
                if _says_the_same(told, feeds):
                    imported.passed_over(told)
                    for key in told.said:
                        seen[key].add(told.about)
                else:
                    new.append(told)
            for taken in taker.take_in(new, enforce=enforce, feeds=feeds) if new else ():
                imported.count(taken)
            done = imported.applied + imported.refused + imported.already_there
            on_progress(done + imported.rejected, total)
        imported.rejected += len(log.rejected)
        for rejected in log.rejected:
            if rejected.source in feeds:
                seen[feeds[rejected.source].key].add(rejected.order_id)
        for one in each_feed:
            if seen[one.key]:
                taker.seen_fed(one, seen[one.key])
        for rejected in sorted(log.rejected, key=lambda one: (one.source, one.row, one.order_id)):
            on_rejected(rejected)
        imported.added.update(log.added)
        imported.read, imported.inputs = log.read, log.inputs  # of the whole files, whatever the run
        imported.columns_ignored = log.ignored
    imported.identity_dropped = +imported.identity_dropped
    for one in each_feed:
        if gone := taker.vanished(one):
            imported.vanished.append(Vanished(tuple(one.events), tuple(map(masked_name, gone))))
    return imported


def feeds_of(tables: Sequence[Table], name: str = "") -> Feeds:
    """
    Give the feeds that open files belong to, those in wide form; `name` where somebody says one.

    Files with the same headers in one import are one export together.
    """
    together: dict[str, list[Wide]] = {}
    for table in tables:
        if isinstance(table, Wide):
            headers = sorted(squeezed(header) for header in table.base.header if header)
            together.setdefault(f"{name}/{digest('|'.join(headers))}", []).append(table)
    feeds: dict[str, Feed] = {}
    for key, files in together.items():
        feed = Feed(
            key, bool(name), digest(" ".join(sorted(one.sha256 for one in files))),
            {one.name: frozenset(one.header[3:-1]) for one in files},
            {one.name: frozenset(event for event, _ in one.events) for one in files},
        )  # fmt: skip
        feeds |= dict.fromkeys(feed.events, feed)
    return feeds


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


def _groups(
    log: Log, now: datetime, feeds: Feeds, before: Mapping[str, Mapping[str, str]]
) -> Iterator[list[Told]]:
    """
    Give the commands of orders and their cases as they were learned, some together; they leave the log.

    `before` is what feeds said last, by their key and order.
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
                together += len(commands)
        if told:
            said = said_of(told.get(of, ()), feeds)
            unchanged = frozenset(key for key, one in said.items() if before[key].get(of) == one)
            group.append(Told(of, told, said, unchanged))
        if together >= _TOGETHER:
            yield group
            group, together = [], 0
    if group:
        yield group


def _says_the_same(told: Told, feeds: Feeds) -> bool:
    """Whether only exports speak of an order, as they did last time, and none of its caller."""
    return (
        len(told.said) == len(told.unchanged) > 0
        and len(told.of) == 1
        and not any(one.private.values or one.source not in feeds for one in told.of[told.about])
    )


def _place(order_id: str) -> tuple[str, bool, str]:
    """Put an order before the cases about it."""
    of = about(order_id)
    return of, of != order_id, order_id


def _ahead(command: Command, now: datetime) -> Rejected:
    at = moment(command.at)
    details = {"now": moment(now)}
    return Rejected(command.source, command.row, command.order_id, "at", at, "import.ahead", details)
