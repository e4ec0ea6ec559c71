"""What a `work` writes with on PostgreSQL: it locks what it reads, and sends as much as it can at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.pool import PoolProxiedConnection

from paidan.storage.encoding import to_text
from paidan.storage.errors import ConflictError
from paidan.storage.port import About, Fold, Kept, KeptAnswer, KeptNotice, Memo
from paidan.storage.postgres_sql import (
    ALONE,
    LOCK_ID,
    LOCK_IDS,
    LOCK_KEY,
    PostgresStatements,
    as_json,
    with_cells,
)
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
    since it is of orders that are locked, as they were then. `known` are these.
    """

    _sql: PostgresStatements

    def __init__(self, connection: PoolProxiedConnection, sql: PostgresStatements, rows: Rows) -> None:
        self.cursor: Any = connection.cursor()
        super().__init__(self.cursor, sql, rows)
        self._session = connection.info
        self._steps: list[tuple[str, Row]] = []
        self._new: set[str] = set()
        self._answered: dict[str, KeptAnswer | None] = {}
        self.begun = self.asked = False
        """Whether anything was sent; whether a commit was."""

    def begin_alone(self) -> None:
        """Begin, and let nobody else work."""
        self.cursor.execute(f"BEGIN; {ALONE}")
        self.begun = True

    def commit(self) -> None:
        """Commit; raises `ConflictError` where a statement failed before and `work` passed over it."""
        if self._status == TransactionStatus.INERROR:
            self.forget()
            self._steps.clear()
        self.write_kept()
        if self.begun or self._steps:
            self._begin()  # apart: a connection that dies in its first trip is one on which nothing was done
            self.asked = True
            self._send(((COMMIT, ()),))
            check_committed(self.cursor)

    def undo(self) -> None:
        """Roll back."""
        if self._status != TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                self.cursor.execute("ROLLBACK")

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
        """Give the holiday notices, which came with the beginning."""
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
        self._send(((statement, row),))
        return self.cursor

    def _begin(self) -> None:
        if not self.begun:
            self._send(())

    def _ask(self, *steps: tuple[str, Row]) -> list[Sequence[Row]]:
        """Run statements in one trip to the server, and give the rows of each."""
        self.write_kept()
        self._send(steps)
        found = []
        for _ in steps:
            found.append(self.cursor.fetchall())
            self.cursor.nextset()
        return found

    def _send(self, steps: Sequence[tuple[str, Row]]) -> None:
        """
        Run statements in one trip to the server, after what is unsent; the cursor is at the first of them.

        The transaction begins with the first trip.
        """
        unsent, self._steps = self._steps, []
        together = (*unsent, *steps)
        calls = [with_cells(self._sql.calls.get(statement, statement), row) for statement, row in together]
        if self.begun:
            self.cursor.execute("; ".join(calls))
            for _ in unsent:
                self.cursor.nextset()
            return
        if not self._session.get(PREPARED):
            self._session[PREPARED] = False
            self.cursor.execute(self._sql.prepare)
            self._session[PREPARED] = True
        self.cursor.execute("; ".join((*self._sql.begin, *calls)))
        self.begun = True
        for _ in self._sql.begin[1:]:
            self.cursor.nextset()
        self._loaded = tuple(map(self._rows.notice_of, self.cursor.fetchall()))
        for _ in range(1 + len(unsent)):
            self.cursor.nextset()

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
        return TransactionStatus(self.cursor.connection.info.transaction_status)

    def _listed(self, order_ids: Sequence[str]) -> Any:
        return list(order_ids)


def check_committed(cursor: Any) -> None:
    """Raise `ConflictError` where a statement failed before a commit and was passed over."""
    if cursor.statusmessage != COMMIT:  # the server says ROLLBACK, and calls it no error
        raise ConflictError("store_conflict", why="a statement failed, and everything with it")


def _is_due(kept: Kept, before: datetime) -> bool:
    return any(at is not None and at < before for at in kept.wakes)
