"""
Which rules govern what is kept of live orders, and what time it is for them.

The rules are those of the store's document with every holiday notice that was loaded, by whichever
process, up to now.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from paidan.engine.clock import Clock
from paidan.engine.corrections import corrected
from paidan.engine.errors import NotFoundError
from paidan.engine.evolve import fold
from paidan.policies.calendar import WorkCalendar
from paidan.policies.clocks import alarms
from paidan.policies.editions import Loaded, notice_of
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook, calendar_for
from paidan.storage.port import Fold, Kept, KeptNotice, Reading, Store
from paidan.workflows.records import Entry, Order


class Governing:
    """The rules and the time of the orders in one store; safe to share between threads."""

    def __init__(self, store: Store, books: Books, clock: Clock) -> None:
        self._store = store
        self._known: tuple[tuple[KeptNotice, ...], Books] = ((), books)
        self._clock = clock

    def books(self, reading: Reading | None = None) -> Books:
        """Give the rules with the notices that are loaded now, by whichever process."""
        loaded = (reading or self._store).notices()
        known, books = self._known
        if loaded != known:
            read = [Loaded(one.loaded_at, notice_of(one.text.encode(), str(one.year))) for one in loaded]
            books = books.with_loaded(read)
            self._known = (loaded, books)
        return books

    def now(self, books: Books, kept: Kept | None = None) -> datetime:
        """
        Give the time, never before the last notice was loaded: what is written after it says so.

        Nor before the last entry of an order, though the machine's clock be set back or another
        machine's be behind: what is learned later is never recorded earlier.
        """
        now = self._clock.now()
        if books.loaded:
            now = max(now, books.loaded[-1].at)
        return now if kept is None or kept.recorded_at is None else max(now, kept.recorded_at)

    def fold(self, reading: Reading | None = None) -> Fold:
        """Give what makes of a log what a store keeps beside it, by the rules as they now stand."""
        return partial(_folded, self.books(reading))

    def calendar(self) -> WorkCalendar:
        """Give the working calendar by which new deadlines are counted now."""
        books = self.books()
        notices = (*books.known.notices, *(one.notice for one in books.loaded))
        return calendar_for(books.latest.policy, books.known._replace(notices=notices))


def rules_of(books: Books, kept: Kept) -> Rulebook:
    """Give the rules that an order is kept under; raises `NotFoundError` where they are gone."""
    try:
        return books.of(kept.policy)
    except KeyError:
        raise NotFoundError("live.version_gone", version=kept.policy, order=kept.order.order_id) from None


def rules_of_log(books: Books, log: Sequence[Entry]) -> Rulebook:
    """Give the rules that govern the order of a log."""
    return books.governing(corrected(log)[0].at.date())[0]


def kept_after(
    order: Order, rules: Rulebook, recorded_at: datetime | None, before: Kept | None = None
) -> Kept:
    """
    Give what a store keeps of an order after its last entry: also when it wakes next, and for what.

    Of clocks that are still those they were `before`, that is known, under the same rules.
    """
    version = rules.policy.version
    known = before if before is not None and before.policy == version else Kept(Order(""), version)
    were, woke = known.order.clocks, known.wakes
    wakes: list[datetime | None] = []
    for place, clock in enumerate(order.clocks):
        if place < len(were) and were[place] is clock:
            wakes.append(woke[place])
        else:
            coming = alarms(clock, rules)
            wakes.append(coming[0].at if coming else None)
    return Kept(order, version, tuple(wakes), recorded_at=recorded_at)


def _folded(books: Books, order_id: str, entries: Sequence[Entry]) -> Kept:
    rules = rules_of_log(books, entries)
    return kept_after(fold(order_id, entries, rules), rules, entries[-1].recorded_at)
