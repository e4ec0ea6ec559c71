"""
What scoring needs of every live order, as of now: a fold of the log kept in memory and caught up.

Catching up reads the orders that were written to since, by whichever process, and those of which a limit
has passed since: a limit that runs comes to something else when its time is over, and nobody writes that.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from paidan.engine.corrections import corrected
from paidan.engine.evolve import fold
from paidan.engine.governing import rules_of_log
from paidan.policies.registry import Books
from paidan.policies.scoring.records import OrderRecord, record_of
from paidan.storage.port import Store
from paidan.workflows.cases import case_id
from paidan.workflows.records import Entry

_AT_ONCE = 1000
"""Entries read together."""


class Progress(NamedTuple):
    """How much of the log was read for the first time, in entries; `of` is about how many there are."""

    read: int
    of: int


class StoppedError(Exception):
    """Raised in the middle of reading when it is to stop."""


class Records:
    """The orders of a store as scoring sees them. One thread catches up; others may look at `progress`."""

    def __init__(self, store: Store, stopped: Callable[[], bool]) -> None:
        self._store = store
        self._stopped = stopped
        self._books: Books | None = None
        self._found: dict[str, OrderRecord] = {}
        self._coming: list[tuple[datetime, str]] = []
        self._pending: dict[str, None] = {}
        self.position = -1
        """The place in the log up to which it was read."""
        self.as_of: datetime | None = None
        self.changes = 0
        """Counts up whenever an order comes to be seen otherwise."""
        self.progress = Progress(0, 0)

    def catch_up(self, books: Books, now: datetime) -> None:
        """
        Bring every order up to date by these rules; under others than before all are read anew.

        What is written counts, though the clock of whoever wrote it be ahead. Raises `StoppedError` where
        it is to stop; it then goes on the next time, or begins again.
        """
        now = now if self.as_of is None else max(self.as_of, now)
        if books is not self._books:
            self._read_all(books, now)
        while written := self._store.written(self.position, _AT_ONCE):
            self._go_on()
            self._pending |= dict.fromkeys(one.entry.order_id for one in written)
            self.position = written[-1].position
        self.as_of = now
        while self._coming and self._coming[0][0] < now:
            self._pending[heappop(self._coming)[1]] = None
        for order_id in tuple(self._pending):
            self._go_on()
            if not case_id(order_id):
                self._put(order_id, tuple(self._store.entries(order_id)), books, now)
            del self._pending[order_id]  # only now: what failed is done the next time

    def all(self) -> tuple[OrderRecord, ...]:
        """Give every order, in order of id."""
        return tuple(self._found[one] for one in sorted(self._found))

    def _read_all(self, books: Books, now: datetime) -> None:
        self._books = None  # until all are read by these
        position = self._store.settled()
        read = 0
        for order_id, log in groupby(self._store.entries(), key=attrgetter("order_id")):
            entries = tuple(log)
            read += len(entries)
            self._go_on()
            self.progress = Progress(read, max(read, position))
            if not case_id(order_id):
                self._put(order_id, entries, books, now)
        self._books, self.position = books, position

    def _put(self, order_id: str, entries: Sequence[Entry], books: Books, now: datetime) -> None:
        rules = rules_of_log(books, entries)
        record = record_of(fold(order_id, entries, rules), corrected(entries), rules, now)
        if record == self._found.get(order_id):
            return
        self._found[order_id] = record
        self.changes += 1
        coming = min((one.due_at for one in record.judged if one.verdict == "open"), default=None)
        if coming is not None:
            heappush(self._coming, (coming, order_id))

    def _go_on(self) -> None:
        if self._stopped():
            raise StoppedError
