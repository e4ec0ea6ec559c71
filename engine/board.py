"""
The board (看板): every order that is still under way, with the limits that run, as of the last entry written.

A closed order is not: what was never done in it stays late, and nobody can do it any more.

It is a fold of the log kept in memory and brought up to date when it is looked at, so that a page of a
hundred thousand orders asks the database for what has changed and nothing else. Whatever process wrote it.
"""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from threading import Lock
from typing import NamedTuple

from paidan.engine.errors import NotFoundError
from paidan.engine.governing import Governing, rules_of
from paidan.policies.registry import Books
from paidan.storage.port import Kept, Store
from paidan.workflows.cases import workflow_of

_AT_ONCE = 1000
"""Entries read together."""


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
    """An order or a case under way, with its limits, the soonest first; `since` is when it got this state."""

    order_id: str
    workflow: str
    state: str
    unit: str
    seq: int
    limits: tuple[Limit, ...]

    @property
    def due_at(self) -> datetime | None:
        """When the soonest duty must be done, overdue ones included; None where none runs."""
        return next((one.due_at for one in self.limits if one.kind == "duty"), None)

    @property
    def place(self) -> tuple[bool, str, str]:
        """What it is sorted by: the soonest due first, those without a duty last, then by id."""
        return self.due_at is None, self.due_at.isoformat() if self.due_at else "", self.order_id


class Board:
    """What is under way in a store; safe to share between threads, one of which brings it up to date."""

    def __init__(self, store: Store, governing: Governing) -> None:
        self._store = store
        self._governing = governing
        self._turn = Lock()
        self._position = -1
        self._running: dict[str, Running] = {}
        self._told: tuple[Running, ...] | None = None

    def running(self) -> tuple[Running, ...]:
        """Give everything under way, soonest due first, those without a duty last, then by id."""
        with self._turn:
            self._catch_up()
            if self._told is None:
                self._told = tuple(sorted(self._running.values(), key=attrgetter("place")))
            return self._told

    @property
    def position(self) -> int:
        """The place in the log up to which it was brought."""
        return self._position

    def _catch_up(self) -> None:
        if self._position < 0:
            position = self._store.settled()
            books = self._governing.books()
            for kept in self._store.orders():
                self._put(kept, books)
            self._position = position
        changed: dict[str, None] = {}
        while written := self._store.written(self._position, _AT_ONCE):
            changed |= dict.fromkeys(one.entry.order_id for one in written)
            self._position = written[-1].position
        if changed:
            books = self._governing.books()
            for order_id in changed:
                now = self._store.order(order_id)
                if now is not None:
                    self._put(now, books)

    def _put(self, kept: Kept, books: Books) -> None:
        self._told = None
        order = kept.order
        of = workflow_of(order.order_id)
        state = of.state_of.get(order.state)
        if order.state == "closed" or state is None or state.final:
            self._running.pop(order.order_id, None)
            return
        unit = order.facts.get("unit") or ""
        limits = tuple(_limits(kept, books))
        self._running[order.order_id] = Running(order.order_id, of.name, order.state, unit, order.seq, limits)


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
