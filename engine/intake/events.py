"""
A log as the commands of its orders; every event becomes one, or is rejected with a reason.

Orders keep their rows in the order of (`at`, file, row). Identity columns are dropped here and
counted, and texts are masked; nothing behind this module ever sees what stood there, unless it is
read for a vault (`intake.private`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from paidan.engine.collector import without_cycles
from paidan.engine.corrections import CORRECT
from paidan.engine.intake.forms import open_logs
from paidan.engine.intake.mapping import LogMapping
from paidan.engine.intake.reader import LogReader, Row
from paidan.engine.intake.settled import learned, settle
from paidan.engine.intake.tables import Known, Rejected, Table
from paidan.engine.intake.values import Also
from paidan.workflows.cases import about
from paidan.workflows.records import NOTHING, Command


@dataclass(slots=True)
class Log:
    """Logs read: the rows of each order in time order, what was rejected, and what was dropped."""

    orders: dict[str, list[Row]] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    read: int = 0
    inputs: list[dict[str, Any]] = field(default_factory=list)
    identity: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)
    last_at: datetime | None = None
    last_learned_at: datetime | None = None

    def place(self, row: Row) -> None:
        """Take in a row of an order."""
        command = row.command
        order_id, at = command.order_id, command.at
        rows = self.orders.get(order_id)
        if rows is None:
            self.orders[order_id] = [row]
        else:
            rows.append(row)
        learned_at = command.recorded_at or at
        if self.last_at is None or at > self.last_at:
            self.last_at = at
        if self.last_learned_at is None or learned_at > self.last_learned_at:
            self.last_learned_at = learned_at

    def of(self, order_id: str, *, as_recorded: bool = False) -> Iterator[Command]:
        """
        Give the commands of an order as they happened, or as they were learned.

        Exact duplicates are rejected on the way, and corrections that fit nothing (see `settle`).
        """
        rows = list(self._single(order_id))
        if any([row.command.event == CORRECT for row in rows]):  # noqa: C419 - a generator costs more
            settled = settle(rows, as_recorded=as_recorded)
            self.rejected += settled.rejected
            yield from settled.commands
        else:
            yield from [row.command for row in (learned(rows) if as_recorded else rows)]

    def _single(self, order_id: str) -> Iterator[Row]:
        """Give the rows of an order in order of time, of exact duplicates the first."""
        rows = self.orders[order_id]
        rows.sort()
        seen: dict[int, Row] = {}
        for row in rows:
            raw = row.raw
            while (first := seen.setdefault(raw, row)) is not row and not _same(first.command, row.command):
                raw += 1  # the same cells say something else under the columns of another file
            if first is row:
                yield row
            else:
                self.rejected.append(_doubled(row.command, first.command))

    def join(self, other: "Log") -> None:
        """Take in what was rejected, dropped and added in another share of the same files."""
        self.rejected += other.rejected
        self.identity.update(other.identity)
        self.added.update(other.added)


class Ids(NamedTuple):
    """A run of order ids in their order: from `first` to before `end`, to the last where that is empty."""

    first: str = ""
    end: str = ""


def runs(seen: Sequence[str], count: int) -> list[Ids]:
    """Part order ids into at most `count` runs, each with about as many of those `seen`."""
    ids = sorted(map(about, seen))
    cuts = {ids[len(ids) * part // count] for part in range(1, count)} if ids else set()
    ends = sorted(cuts - {"", *ids[:1]})
    return [Ids(first, end) for first, end in zip(["", *ends], [*ends, ""], strict=True)]


def read_logs(paths: Iterable[Path], mapping: LogMapping | None = None) -> Log:
    """Read logs of any form; raises `InputError` for a file that is none."""
    return read_share(open_logs(paths, mapping), Ids())


def read_share(
    tables: Sequence[Table], ids: Ids, also: Also = NOTHING, reader: "type[LogReader] | None" = None
) -> Log:
    """
    Read the orders in `ids` from open logs; every event is counted, whosever it is.

    A row without an id belongs to the first share; `also` are choices that a
    document adds. `reader` is another that reads rows, for a vault. Raises `InputError` where a file
    breaks off.
    """
    log = Log()
    with without_cycles():
        for number, table in enumerate(tables):
            known = table.commands(*ids, also)
            if known is None:
                rows, events = (reader or LogReader)(table, number, log, also).read(ids)
            else:
                rows, events = _take(log, known, number << 40)
            log.inputs.append({"name": table.name, "sha256": table.sha256, "rows": rows, **table.told})
            log.read += events
    return log


def _take(log: Log, known: Iterable[tuple[int, Known]], first: int) -> tuple[int, int]:
    """Take what is known of rows into the log and count all rows and all events."""
    rows = count = 0
    for place, (number, told) in enumerate(known, start=first):
        rows = number or rows
        if told is None:
            continue
        count += number > 0
        if isinstance(told, Command):
            log.place(Row(told.at, place, place, told))
        elif isinstance(told, Rejected):
            log.rejected.append(told)
    return rows, count


def _doubled(command: Command, first: Command) -> Rejected:
    details = {"first": first.row}
    return Rejected(command.source, command.row, command.order_id, "", "", "row_doubled", details)


def _same(one: Command, other: Command) -> bool:
    return (one.event, one.at, one.actor, one.role, one.unit, one.recorded_at, one.attributes) == (
        other.event, other.at, other.actor, other.role, other.unit, other.recorded_at, other.attributes,
    )  # fmt: skip
