"""
The inbox of every role: what is told is put there once, handed to the notifier, and climbs untaken.

The log is its own outbox (`engine.outbox`): one teller at a time, of however many processes, follows it by
a cursor. What a killed one did not finish the next does again, and the store takes each memo once.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import groupby
from time import monotonic
from typing import Any, NamedTuple

from paidan.engine.directory import filings_of
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.governing import Governing, rules_of
from paidan.engine.masking import masked
from paidan.engine.notifying import Notifier, as_told
from paidan.engine.reminding import reminders
from paidan.engine.telemetry import ACKNOWLEDGED, TOLD, Journal
from paidan.engine.telling import climbed, climbs_at, concerns, goes_on, memos_of, why_over, withdraws
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.storage.port import LEASE_SECONDS, NUMBER_MOST, Cursor, Linked, Memo, Store, Transaction
from paidan.workflows.records import Entry, Order

__all__ = ("CURSOR", "NUMBER_MOST", "Inbox", "Memo")

CURSOR = "paidan inbox"
"""Under this name the teller follows the log; a store that was migrated has it at the end of its log."""
REMINDED = "paidan reminders"
"""Under this name stands the day, counted from year 1, up to which was reminded; 0 where nobody looked."""
_BATCH = 200
_MOST_WAKING = 5000
"""Looked at together: far more than wait while a notifier is away, so that others climb all the same."""
_HOLD_SECONDS = LEASE_SECONDS / 6
"""The cursor is given back after this long: well before another may take it for abandoned."""


class _News(NamedTuple):
    """What a batch of the log makes of the memos about one order: those to put, those over, with why."""

    put: Sequence[Memo]
    over: Sequence[tuple[int, str]]


class Inbox:
    """What was told to whom in one store; safe to share between threads."""

    def __init__(self, store: Store, governing: Governing, journal: Journal) -> None:
        self._store = store
        self._governing = governing
        self._journal = journal
        self._reminded_on: date | None = None

    def tell(self, notify: Notifier | None = None, stopped: Callable[[], bool] = bool) -> int:
        """
        Tell what there is to tell, and say how many memos were put into inboxes.

        Where another process is just doing so nothing is done. What the notifier raises is raised once the
        rest is done; that memo and those after it are handed to it again next time.
        """
        told = 0
        while not stopped() and self._something_to_do():
            failures: list[Exception] = []
            with self._store.cursor(CURSOR) as cursor:
                if cursor is None:
                    break
                until = monotonic() + _HOLD_SECONDS
                told += sum(
                    _tried(failures, step)
                    for step in (
                        lambda: self._follow(cursor, until),  # noqa: B023 - run in here
                        self._remind,
                        lambda: self._wake(notify, until),  # noqa: B023
                    )
                )
            if failures:
                raise failures[0]
        return told

    def acknowledge(self, numbers: Sequence[int], actor: str, role: str) -> tuple[Memo, ...]:
        """Note who took notice; see `Engine.acknowledge`."""
        if not actor.strip():
            raise UsageError("inbox.actor")
        now = self._governing.now(self._governing.books())

        def taken(transaction: Transaction) -> tuple[list[int], tuple[Memo, ...]]:
            new, found = [], []
            for number in numbers:
                memo = transaction.memo(number)
                if memo is None:
                    raise NotFoundError("inbox.unknown", number=number)
                if memo.acknowledged_at is None:
                    memo = memo._replace(
                        wake_at=None, acknowledged_at=now, acknowledged_by=masked(actor.strip()),
                        acknowledged_as=role,
                    )  # fmt: skip
                    transaction.mark_memo(memo)
                    new.append(number)
                found.append(memo)
            return new, tuple(found)

        new, found = self._store.write(taken)
        if new:
            self._journal.tell(ACKNOWLEDGED, memos=new, role=role)
        return found

    def _something_to_do(self) -> bool:
        now = self._governing.now(self._governing.books())
        return bool(
            now.date() != self._reminded_on
            or self._store.written(self._store.position_of(CURSOR) or 0, 1)
            or self._store.waking_memos(now, 1)
        )

    def _follow(self, cursor: Cursor, until: float) -> int:
        """Put what the log tells into inboxes, and settle what it makes an end of."""
        told = 0
        while batch := self._store.written(cursor.position, _BATCH):
            books = self._governing.books()
            now = self._governing.now(books)
            by_order = groupby(sorted((one.entry for one in batch), key=_by_order), lambda one: one.order_id)
            news = [one for order_id, log in by_order if (one := self._news(order_id, [*log], books, now))]
            if news:
                told += self._store.write(lambda transaction, news=news: _written(transaction, news))  # type: ignore[misc]
            cursor.position = _last(batch)
            if monotonic() > until:
                break
        return told

    def _news(self, order_id: str, log: Sequence[Entry], books: Books, now: datetime) -> _News | None:
        concerned = [entry for entry in log if concerns(entry)]
        known = self._store.memos_of(order_id)
        standing = [one for one in known if not one.over]
        if not concerned and not standing:
            return None
        order, rules = self._ruled(order_id, books, now)
        put: list[Memo] = []
        for entry in concerned:
            put += memos_of(entry, order, rules, (*known, *put), now)
        over = []
        for one in standing:
            withdrawn = any(withdraws(entry, one) for entry in log)
            gone_on = any(goes_on(entry, one) for entry in log)
            why = "withdrawn" if withdrawn else "gone_on" if gone_on else why_over(one, order)
            if why:
                over.append((one.number, why))
        return _News(put, over)

    def _remind(self) -> int:
        books = self._governing.books()
        now = self._governing.now(books)
        if now.date() == self._reminded_on:
            return 0
        rules, _ = books.governing(now.date())
        filings = filings_of(self._store.filings())
        told = 0
        with self._store.cursor(REMINDED) as cursor:
            if cursor is not None and cursor.position < now.toordinal():
                since = date.fromordinal(cursor.position) if cursor.position else None
                made = [*reminders(rules, filings, since, now)]
                if made:
                    told = self._store.write(lambda transaction: sum(map(transaction.put_memo, made)))
                cursor.position = now.toordinal()
        self._reminded_on = now.date()
        return told

    def _wake(self, notify: Notifier | None, until: float) -> int:
        """Hand on what was not handed on yet, in order of number; let climb what nobody took in time."""
        told = 0
        while True:
            books = self._governing.books()
            now = self._governing.now(books)
            waking = self._store.waking_memos(now, _MOST_WAKING)
            for one in waking:
                if one.sent_at is not None:
                    told += self._climb(one, books, now)
            for one in sorted((one for one in waking if one.sent_at is None), key=lambda one: one.number):
                self._send(one, notify, books, now)
                if monotonic() > until:
                    return told
            if not waking:
                return told

    def _send(self, memo: Memo, notify: Notifier | None, books: Books, now: datetime) -> None:
        line = as_told(memo, self._store.store_id)
        if notify is not None:
            notify(line)
        self._journal.tell(
            TOLD, memo=memo.number, told=memo.event, order=line["order"], rule=memo.rule, role=memo.role,
            unit=memo.unit, due_at=line["due_at"], climbed_from=memo.climbed_from,
        )  # fmt: skip
        _, rules = self._ruled(memo.order_id, books, now)

        def sent(transaction: Transaction) -> None:
            there = transaction.memo(memo.number) or memo
            wake_at = climbs_at(there, rules)
            transaction.mark_memo(there._replace(sent_at=now, wake_at=wake_at))

        self._store.write(sent)

    def _climb(self, memo: Memo, books: Books, now: datetime) -> int:
        order, rules = self._ruled(memo.order_id, books, now)
        over = why_over(memo, order)
        above = None if over else climbed(memo, rules, now)

        def done(transaction: Transaction) -> int:
            there = transaction.memo(memo.number)
            if there is None or there.wake_at != memo.wake_at:
                return 0
            transaction.mark_memo(there._replace(wake_at=None, over=over))
            return int(above is not None and transaction.put_memo(above))

        return self._store.write(done)

    def _ruled(self, order_id: str, books: Books, now: datetime) -> tuple[Order, Rulebook]:
        """Give an order as it stands and its rules; for what is about none, or an older paidan's, today's."""
        kept = self._store.order(order_id) if order_id else None
        today, _ = books.governing(now.date())
        if kept is None:
            return Order(order_id), today
        try:
            return kept.order, rules_of(books, kept)
        except NotFoundError:  # the version is gone: who is told then is for today's to say
            return kept.order, today


def _written(transaction: Transaction, news: Sequence[_News]) -> int:
    told = 0
    for one in news:
        for number, why in one.over:
            there = transaction.memo(number)
            if there is not None and not there.over:
                transaction.mark_memo(there._replace(wake_at=None, over=why))
        told += sum(transaction.put_memo(memo) for memo in one.put)
    return told


def _tried(failures: list[Exception], step: Callable[[], int]) -> int:
    """Do a step; a failure is for later, so that the others are done and the cursor is given back."""
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - raised by `tell`
        failures.append(error)
        return 0


def _by_order(entry: Entry) -> tuple[str, int]:
    return entry.order_id, entry.seq


def _last(batch: Sequence[Linked]) -> Any:
    return batch[-1].position
