"""
The board (看板): every order that is still under way, with the limits that run, as of the last entry written.

A closed order is not: what was never done in it stays late, and nobody can do it any more.

It is a fold of the log kept in memory and brought up to date when it is looked at, so that a page of a
hundred thousand orders asks the database for what has changed and nothing else. Whatever process wrote it.
Who must not wait looks with patience: what takes longer goes on in a thread, and is there the next time.
"""

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from paidan.engine.audit.found import Progress
from paidan.engine.clock import Clock
from paidan.engine.errors import NotFoundError
from paidan.engine.governing import Governing, rules_of
from paidan.engine.turns import giving_way
from paidan.policies.registry import Books
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import Kept, Store
from paidan.workflows.cases import workflow_of

_AT_ONCE = 1000
"""Entries read together."""
_ORDERS = 200
"""Orders read together."""


class Limit(NamedTuple):
    """A clock that runs: its rule and clause, duty or window, from when to when, and whether it may move."""

    rule: str
    clause: str
    unit: str
    kind: str
    started_at: datetime
    due_at: datetime
    provisional: bool


class Running(NamedTuple):
    """
    An order or a case under way, with its limits, the soonest first.

    `due_at` is when the soonest duty must be done, overdue ones included; None where none runs.
    """

    order_id: str
    workflow: str
    state: str
    unit: str
    seq: int
    limits: tuple[Limit, ...]
    due_at: datetime | None

    @property
    def place(self) -> tuple[bool, str, str]:
        """What it is sorted by: the soonest due first, those without a duty last, then by id."""
        return self.due_at is None, self.due_at.isoformat() if self.due_at else "", self.order_id


class Seen(NamedTuple):
    """What was under way at a time, the soonest due first, those without a duty last, then by id."""

    running: tuple[Running, ...]
    at: datetime


class Board:
    """What is under way in a store; safe to share between threads, one of which brings it up to date."""

    def __init__(self, store: Store, governing: Governing, clock: Clock) -> None:
        self._store = store
        self._governing = governing
        self._clock = clock
        self._turn = Lock()
        self._position = -1
        self._running: dict[str, Running] = {}
        self._changed: dict[str, None] = {}
        self._seen: Seen | None = None
        self._asking = Lock()
        self._reader: ThreadPoolExecutor | None = None
        self._coming: Future[Seen] | None = None
        self._stopped = False
        self.progress = Progress(0, 0, done=False)
        """How far the first reading has come."""

    def running(self) -> Seen:
        """Give everything under way as of the last entry written; raises `StoreUnavailableError`."""
        with self._turn:
            at = self._clock.now()
            if self._catch_up() or self._seen is None:
                self._seen = Seen(tuple(sorted(self._running.values(), key=_place)), at)
            else:
                self._seen = self._seen._replace(at=at)
            return self._seen

    def look(self, patience: float) -> Seen | None:
        """
        Give what `running` gives, or after so many seconds what was seen last, None where nothing was.

        Raises `StoreUnavailableError`.
        """
        try:
            return self.begin().result(patience)
        except TimeoutError:
            return self._seen
        except CancelledError:
            raise StoreUnavailableError("db_away", why="closed") from None

    def begin(self) -> "Future[Seen]":
        """Begin to bring it up to date in a thread of its own, and give what is to come of it."""
        with self._asking:
            if self._stopped:
                raise StoreUnavailableError("db_away", why="closed")
            if self._reader is None:
                self._reader = ThreadPoolExecutor(1, "paidan-board")
            if self._coming is None or self._coming.running() or self._coming.done():
                # Who comes before it begins shares it.
                self._coming = self._reader.submit(giving_way()(self.running))
            return self._coming

    def stop(self) -> None:
        """Read no further; waits for what is under way."""
        with self._asking:
            self._stopped = True
        if self._reader is not None:
            self._reader.shutdown(cancel_futures=True)

    def _catch_up(self) -> bool:
        """Read what has changed, and say whether anything has; what fails is read the next time."""
        first = self._position < 0
        if first:
            self._read_all()
        while written := self._store.written(self._position, _AT_ONCE):
            self._check_open()
            self._changed |= dict.fromkeys(one.entry.order_id for one in written)
            self._position = written[-1].position
        changed = tuple(self._changed)
        if not changed:
            return first
        books = self._governing.books()
        for start in range(0, len(changed), _ORDERS):
            self._check_open()
            some = changed[start : start + _ORDERS]
            for kept in self._store.orders(some):
                self._put(kept, books)
            for one in some:
                del self._changed[one]
        return True

    def _read_all(self) -> None:
        position = self._store.settled()
        books = self._governing.books()
        read = 0
        for kept in self._store.orders():
            self._check_open()
            self._put(kept, books)
            read += kept.order.seq
            self.progress = Progress(read, max(read, position), done=False)
        self._position = position
        self.progress = Progress(read, read, done=True)

    def _check_open(self) -> None:
        if self._stopped:
            raise StoreUnavailableError("db_away", why="closed")

    def _put(self, kept: Kept, books: Books) -> None:
        order = kept.order
        of = workflow_of(order.order_id)
        state = of.state_of.get(order.state)
        if order.state == "closed" or state is None or state.final:
            self._running.pop(order.order_id, None)
            return
        unit = order.facts.get("unit") or ""
        limits = tuple(_limits(kept, books))
        due_at = next((one.due_at for one in limits if one.kind == "duty"), None)
        self._running[order.order_id] = Running(
            order.order_id, of.name, order.state, unit, order.seq, limits, due_at
        )


def _place(one: Running) -> tuple[bool, datetime | None, str]:
    """Sort as `Running.place` does, without writing out a time."""
    return one.due_at is None, one.due_at, one.order_id


def _limits(kept: Kept, books: Books) -> Iterator[Limit]:
    open_clocks = [one for one in kept.order.clocks if one.done_at is None and not (one.void or one.shut)]
    if not open_clocks:
        return
    try:
        rules = rules_of(books, kept)
    except NotFoundError:  # of a version that is gone: the order is shown without its limits
        return
    for one in sorted(open_clocks, key=lambda clock: clock.due_at):
        rule = rules.clocks[one.rule]
        yield Limit(one.rule, rule.clause, one.unit, rule.kind, one.started_at, one.due_at, one.provisional)
