"""What a `work` writes with on PostgreSQL: it locks what it reads, and sends as much as it can at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from select import POLLIN, poll
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.pool import PoolProxiedConnection

from paidan.storage.encoding import to_text
from paidan.storage.errors import ConflictError
from paidan.storage.port import About, Fold, Kept, KeptAnswer, KeptNotice, Memo
from paidan.storage.postgres_memory import Guess, Memory
from paidan.storage.postgres_sql import (
    ALONE,
    LOCK_ID,
    LOCK_IDS,
    LOCK_KEY,
    SHARE,
    PostgresStatements,
    as_json,
)
from paidan.storage.postgres_wire import Found, Wire
from paidan.storage.rows import Rows
from paidan.storage.transaction import SqlTransaction, named
from paidan.storage.writes import Row, Writes
from paidan.workflows.records import Entry

COMMIT = "COMMIT"
PREPARED = "paidan_prepared"
"""Under which a session remembers whether our statements are prepared in it."""
_FEW = 8
"""Rows that are written one by one, by a prepared statement; more go into one."""


class PostgresTransaction(SqlTransaction):
    """
    Locks what it reads; begins with its first statement, and sends as many at once as it can.

    What it writes goes with the next statement, at the latest with the commit: it cannot miss its row,
    since it is of orders that are locked, as they were then. `known` are these, or what was guessed: then
    the first trip locks them, and fails where they are other.
    """

    _sql: PostgresStatements

    def __init__(self, connection: PoolProxiedConnection, sql: PostgresStatements, rows: Rows) -> None:
        super().__init__(None, sql, rows)
        self._driver = cast("psycopg.Connection[Any]", connection.driver_connection)
        self._wire = Wire(self._driver)
        self._session = connection.info
        self._steps: list[tuple[str, Row]] = []
        self._new: set[str] = set()
        self._answered: dict[str, KeptAnswer | None] = {}
        self._guess: Guess | None = None
        self._written: set[str] = set()
        self._number = ""
        self.begun = self.asked = False
        """Whether anything was sent; whether a commit was."""

    @property
    def cursor(self) -> Any:
        """A cursor of the driver's, for who writes no order."""
        return self._driver.cursor()

    def begin_alone(self) -> None:
        """Begin, and let nobody else work."""
        self._driver.execute(f"BEGIN; {ALONE}")
        self.begun = True

    def commit(self) -> None:
        """Commit; raises `ConflictError` where a statement failed before and `work` passed over it."""
        if self._status == TransactionStatus.INERROR:
            self.forget()
            self._steps.clear()
        self.write_kept()
        if not self.begun and self._guess and self._is_ready:
            self.asked = True
            self._first("")
        elif self.begun or self._steps or self._guess:
            self._begin()  # apart: a connection that dies in its first trip is one on which nothing was done
            self.asked = True
            (found,) = self._send(((COMMIT, ()),))
            check_committed(found)

    def undo(self) -> None:
        """Roll back."""
        if self._status != TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                self._driver.execute("ROLLBACK")

    @property
    def guessed(self) -> bool:
        """Whether works run on what is remembered, which nothing has shown yet to be so."""
        return self._guess is not None

    def guess(self, guess: Guess) -> None:
        """Go by what is remembered, so that all can be one trip."""
        self._guess = guess
        self._known.update({order_id: kept for order_id, (kept, _) in guess.orders.items()})
        self._new.update(guess.new)
        self._answered = dict.fromkeys(guess.keys)
        self._loaded = guess.notices

    def remember_in(self, memory: Memory) -> None:
        """Have what it wrote remembered, once that is committed, and what was guessed and stood."""
        if self._loaded is not None:
            stood = self._guess.orders if self._guess else {}
            wrote = {one: (self._known[one], self._number) for one in self._written if one in self._known}
            memory.put({**stood, **wrote}, self._loaded)

    def write_kept(self) -> None:
        """Write what works kept and is not yet written."""
        self._written.update(self._unsent.orders, self._own.orders)
        super().write_kept()

    def lock_all(self, wanted: Collection[About]) -> set[About]:
        """
        Lock and read what of some orders and keys nobody else holds, new ones too; give those held now.

        For one order alone, which is not there, it waits for whoever receives it just now.
        """
        sql = self._sql
        keys = sorted({about.key for about in wanted if about.key})
        orders = sorted({about.order_id for about in wanted})
        steps: list[tuple[str, Row]] = [(sql.lock_keys, (keys,)), (sql.answers, (keys,))] if keys else []
        if len(orders) == 1:  # costs the server less
            found = self._ask(*steps, (sql.lock_one, orders), (sql.order, orders))
            locked, read = found[-2:]
            if not read:
                locked, read = self._ask_new(orders[0])
                self._new = set() if locked else set(orders)
            held = set(orders) if locked or not read else set()
        else:
            of_orders = [(one, (orders,)) for one in (sql.lock_free, sql.lock_new, sql.free)]
            found = self._ask(*steps, *of_orders)
            locked, new, read = found[-3:]
            there = {order_id for order_id, *_ in read}
            self._new = {order_id for order_id, free in new if free and order_id not in there}
            held = {order_id for (order_id,) in locked} | self._new
        for kept in self._rows.each_kept(read):
            if kept.order.order_id in held:
                self._known[kept.order.order_id] = kept
        if keys:
            self._answered = dict.fromkeys([key for key, free in found[0] if free])
            answers = map(self._rows.answer_of, found[1])
            self._answered.update((one.key, one) for one in answers if one.key in self._answered)
        return {one for one in wanted if one.order_id in held and (not one.key or one.key in self._answered)}

    def orders(self, order_ids: Collection[str]) -> Mapping[str, tuple[Kept, tuple[Entry, ...]]]:
        """Give those of some orders that have a log, each with it, locked as others lock them: by id."""
        wanted = sorted(order_ids)
        (locked,) = self._ask((self._sql.lock_several, (wanted,)))
        new = sorted(set(wanted).difference(named(locked)))
        if new:
            self._ask((LOCK_IDS, (new,)), (self._sql.lock_several, (new,)))
        return super().orders(wanted)

    def claim(self, before: datetime, most: int) -> tuple[Kept, ...]:
        """Give orders with clocks that wake before an instant, those that nobody else holds."""
        at = to_text(before)
        while found := named(self._read(self._sql.claim, (at, most)).fetchall()):
            # What another has raised since the claim began is locked all the same, but due no more.
            due = tuple([kept for kept in self._several(found) if _is_due(kept, before)])
            if due:
                return due
        return ()

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices, which came with the beginning, or are remembered."""
        if self._loaded is None:
            self._begin()
        return super().notices()

    def last_recorded_at(self) -> datetime | None:
        """Give when the last entry was written, with nobody else at work."""
        self._read(ALONE)
        return super().last_recorded_at()

    def load_notice(self, notice: KeptNotice) -> None:
        """Keep a holiday notice, with nobody else at work."""
        self._read(ALONE)
        super().load_notice(notice)

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        """Make a vault, or wrap every order's key anew, with nobody else at work."""
        self._read(ALONE)
        super().adopt_vault(known_by, rewrap)

    def rebuild(self, fold: Fold) -> bool:
        """Drop what is folded and fold every log anew, with nobody else at work."""
        self._read(ALONE)
        return super().rebuild(fold)

    def memo(self, number: int) -> Memo | None:
        """Give what was told under a number, locked."""
        self._read(self._sql.lock_memo, (number,))
        return super().memo(number)

    def _read_order(self, order_id: str) -> Kept | None:
        if order_id in self._new:
            return None
        # Two statements: what is read is what was committed before the second, so when the lock was held.
        locked, found = self._ask((self._sql.lock, (order_id,)), (self._sql.order, (order_id,)))
        if not locked:
            locked, found = self._ask_new(order_id)
        return self._rows.kept_of(found) if locked else None

    def _ask_new(self, order_id: str) -> list[Sequence[Row]]:
        """Lock and read an order that was not there: another may have received it while we wait."""
        row = (order_id,)
        return self._ask((LOCK_ID, row), (self._sql.lock, row), (self._sql.order, row))[1:]

    def _read_answer(self, key: str) -> KeptAnswer | None:
        if key in self._answered:
            return self._answered[key]
        _, found = self._ask((LOCK_KEY, (key,)), (self._sql.answer, (key,)))
        return self._rows.answer_of(found[0]) if found else None

    def _keep_fed(self, rows: Sequence[Row]) -> None:
        self.execute(self._sql.keep_all_fed, (as_json(rows),))

    def _run(self, statement: str, row: Row) -> Any:
        (found,) = self._send(((statement, row),))
        return found

    def _begin(self) -> None:
        if not self.begun:
            self._first("BEGIN")

    def _ask(self, *steps: tuple[str, Row]) -> list[Sequence[Row]]:
        """Run statements in one trip to the server, and give the rows of each."""
        self.write_kept()
        return [found.fetchall() for found in self._send(steps)]

    def _send(self, steps: Sequence[tuple[str, Row]]) -> list[Found]:
        """Run statements in one trip to the server, after what is unsent; the transaction begins with it."""
        if not self.begun:
            return self._first("BEGIN", steps)
        unsent, self._steps = self._steps, []
        return self._trip((*unsent, *steps))[len(unsent) :]

    def _first(self, begin: str, steps: Sequence[tuple[str, Row]] = ()) -> list[Found]:
        """Make the first trip: lock the store, and read the notices or have what was guessed shown."""
        if not self._session.get(PREPARED):
            self._session[PREPARED] = False
            self._driver.execute(self._sql.prepare)
            self._session[PREPARED] = True
        looked = [(self._sql.notices, ())] if self._guess is None else self._guards(self._guess)
        before = [*([(begin, ())] if begin else ()), (SHARE, ()), *looked]
        unsent, self._steps = self._steps, []
        found = self._trip((*before, *unsent, *steps))
        self.begun = True
        self._number = found[bool(begin)].fetchone()[1]
        if self._guess is None:
            self._loaded = tuple(map(self._rows.notice_of, found[1 + bool(begin)].fetchall()))
        return found[len(before) + len(unsent) :]

    def _trip(self, steps: Sequence[tuple[str, Row]]) -> list[Found]:
        names = self._sql.names
        return self._wire.trip([(names.get(statement, ""), statement, row) for statement, row in steps])

    def _guards(self, guess: Guess) -> list[tuple[str, Row]]:
        sql, notices = self._sql, len(guess.notices)
        return [
            *((sql.unanswered, (key,)) for key in guess.keys),
            *(
                (sql.stands, (one, kept.head, number, notices))
                for one, (kept, number) in guess.orders.items()
            ),
            *((sql.absent, (notices, order_id)) for order_id in guess.new),
        ]

    @property
    def _is_ready(self) -> bool:
        """Whether its session has our statements, and nothing lies there to be read: the server's goodbye."""
        looking = poll()
        looking.register(self._driver.fileno(), POLLIN)
        return bool(self._session.get(PREPARED)) and not looking.poll(0)

    def _write(self, writes: Writes) -> int:
        for name, rows in writes.named():
            if len(rows) > _FEW and name in self._sql.of_many:
                self._steps.append((self._sql.of_many[name], (as_json(rows),)))
            else:
                statement = getattr(self._sql, name)
                self._steps += [(statement, row) for row in rows]
        return len(writes.change_order) + len(writes.advance_order)

    @property
    def _status(self) -> TransactionStatus:
        return TransactionStatus(self._driver.pgconn.transaction_status)


def check_committed(cursor: Any) -> None:
    """Raise `ConflictError` where a statement failed before a commit and was passed over."""
    if cursor.statusmessage != COMMIT:  # the server says ROLLBACK, and calls it no error
        raise ConflictError("store_conflict", why="a statement failed, and everything with it")


def _is_due(kept: Kept, before: datetime) -> bool:
    return any(at is not None and at < before for at in kept.wakes)
