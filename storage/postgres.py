"""
The store in a PostgreSQL database: many processes write at once, each order is changed by one at a time.

Transactions run under READ COMMITTED with locks of their own:

- of the whole store, an advisory lock: shared by all who work on single orders, held alone by who
  loads a notice, rebuilds or makes tables;
- of a key, an advisory lock, so that one command with that key runs at a time;
- of an order, its row; while it has none, an advisory lock on its id.

They are taken in this order. Locks that meet crosswise all the same (two loads at once) are found by
the database, and the work of one is run again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from threading import Lock
from time import sleep
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors as pg
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import PoolProxiedConnection

from paidan.storage.errors import (
    ConflictError,
    StoreAddressError,
    StoreError,
    StoreUnavailableError,
    UnstorableError,
)
from paidan.storage.port import Cursor, Fold, Kept, KeptAnswer, KeptNotice, Linked, Memo, Transaction
from paidan.storage.postgres_sql import (
    ALONE,
    GUARDS,
    LOCK_ID,
    LOCK_KEY,
    TRY_CURSOR,
    PostgresStatements,
    as_json,
)
from paidan.storage.rows import AS_INSTANT, Rows
from paidan.storage.store import SqlStore, last_position
from paidan.storage.transaction import Row, SqlTransaction, Writes, named

T = TypeVar("T")

_ATTEMPTS = 8
_PAUSE_SECONDS = 0.01
"""Between one attempt and the next, times the number of the attempt."""
_CONNECTIONS = 20
"""At most this many at once, well below the hundred a server grants all its clients."""
_AT_ONCE = 2
"""Runs that drain: one at the server, one that decides."""
_CONNECT_SECONDS = "10"
_ROWS_AT_ONCE = 2_000
_FEW = 8
"""Rows that are written one by one, by a prepared statement; more go into one."""
_COMMIT = "COMMIT"
_PREPARED = "paidan_prepared"
"""Under which a session remembers whether our statements are prepared in it."""

_SESSION = """SET TIME ZONE 'Asia/Shanghai'; SET synchronous_commit = on; SET lock_timeout = '10s';
    SET default_transaction_isolation = 'read committed'; SET client_encoding = 'UTF8'"""


class _Transaction(SqlTransaction):
    """
    Locks what it reads; begins with its first statement, and sends as many at once as it can.

    What it writes goes with the next statement, at the latest with the commit. Only what cannot miss its
    row does: of orders that it holds, as it saw them. The rest is sent at once, and counted.
    """

    _sql: PostgresStatements

    def __init__(self, connection: PoolProxiedConnection, sql: PostgresStatements, rows: Rows) -> None:
        self.cursor: Any = psycopg.ClientCursor(cast("psycopg.Connection[Any]", connection.driver_connection))
        super().__init__(self.cursor, sql, rows)
        self._session = connection.info
        self._held: dict[str, int] = {}
        self._unsent: list[tuple[str, Row]] = []
        self._notices: tuple[KeptNotice, ...] = ()
        self.begun = False

    def begin_alone(self) -> None:
        """Begin, and let nobody else work."""
        self.cursor.execute(f"BEGIN; {ALONE}")
        self.begun = True

    def commit(self) -> None:
        """Commit; raises `ConflictError` where a statement failed before and `work` passed over it."""
        if self._status == TransactionStatus.INERROR:
            self._unsent.clear()
        if self.begun or self._unsent:
            self._begin()  # apart: a connection that dies in its first trip is one on which nothing was done
            self._send(((_COMMIT, ()),))
            _check_committed(self.cursor)

    def undo(self) -> None:
        """Roll back."""
        if self._status != TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                self.cursor.execute("ROLLBACK")

    def order(self, order_id: str) -> Kept | None:
        if order_id in self._held:
            return super().order(order_id)
        # Two statements: what is read is what was committed before the second, so when the lock was held.
        wanted = ((self._sql.lock, (order_id,)), (self._sql.order, (order_id,)))
        locked, found = self._ask(*wanted)
        if not locked:  # received by another while we wait?
            _, locked, found = self._ask((LOCK_ID, (order_id,)), *wanted)
        if not locked:
            return None
        kept = self._rows.kept_of(found)
        self._held[order_id] = kept.order.seq
        return kept

    def claim(self, before: datetime, most: int) -> tuple[Kept, ...]:
        at = self._rows.instant(before)
        while found := named(self._execute(self._sql.claim, (at, most)).fetchall()):
            claimed = self._several(found)
            self._held.update((kept.order.order_id, kept.order.seq) for kept in claimed)
            # What another has raised since the claim began is locked all the same, but due no more.
            due = tuple([kept for kept in claimed if _is_due(kept, before)])
            if due:
                return due
        return ()

    def notices(self) -> tuple[KeptNotice, ...]:
        self._begin()
        return self._notices

    def keep_answer(self, answer: KeptAnswer) -> None:
        self._unsent.append((self._sql.keep_answer, self._rows.answer_row(answer)))

    def last_recorded_at(self) -> datetime | None:
        self._execute(ALONE)
        return super().last_recorded_at()

    def load_notice(self, notice: KeptNotice) -> None:
        self._execute(ALONE)
        super().load_notice(notice)
        self._notices += (notice,)

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        self._execute(ALONE)
        super().adopt_vault(known_by, rewrap)

    def memo(self, number: int) -> Memo | None:
        self._execute(self._sql.lock_memo, (number,))
        return super().memo(number)

    def answer(self, key: str) -> KeptAnswer | None:
        _, found = self._ask((LOCK_KEY, (key,)), (self._sql.answer, (key,)))
        return self._rows.answer_of(found[0]) if found else None

    def rebuild(self, fold: Fold) -> bool:
        self._execute(ALONE)
        return super().rebuild(fold)

    def _execute(self, statement: str, row: Row = ()) -> Any:
        self._begin()
        if self._unsent:
            self._send(())
        return self.cursor.execute(self._sql.calls.get(statement, statement), row)

    def _begin(self) -> None:
        if not self.begun:
            self._send(())

    def _ask(self, *steps: tuple[str, Row]) -> list[Sequence[Row]]:
        """Run statements in one trip to the server, and give the rows of each."""
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
        unsent, self._unsent = self._unsent, []
        together = (*unsent, *steps)
        calls = [self._sql.calls.get(statement, statement) for statement, _ in together]
        row = [cell for _, cells in together for cell in cells]
        if self.begun:
            self.cursor.execute("; ".join(calls), row)
            for _ in unsent:
                self.cursor.nextset()
            return
        if not self._session.get(_PREPARED):
            self._session[_PREPARED] = False
            self.cursor.execute(self._sql.prepare)
            self._session[_PREPARED] = True
        self.cursor.execute("; ".join((*self._sql.begin, *calls)), row)
        self.begun = True
        for _ in self._sql.begin[1:]:
            self.cursor.nextset()
        self._notices = tuple(map(self._rows.notice_of, self.cursor.fetchall()))
        for _ in range(1 + len(unsent)):
            self.cursor.nextset()

    def _write(self, writes: Writes) -> int:
        steps: list[tuple[str, Row]] = []
        counts: list[bool] = []
        for name, rows in zip(Writes._fields, writes, strict=True):
            if len(rows) > _FEW and name in self._sql.of_many:
                made: list[tuple[str, Row]] = [(self._sql.of_many[name], (as_json(rows),))]
            else:
                made = [(getattr(self._sql, name), row) for row in rows]
            steps += made
            counts += [rows is writes.change_order or rows is writes.advance_order] * len(made)
        known = (*writes.change_order, *writes.advance_order)
        if all(self._held.get(order_id) == seq for *_, order_id, seq in known):
            self._held.update((order_id, seq) for _, seq, *_, order_id, _ in known)
            self._unsent += steps
            return len(known)
        self._send(steps)
        changed = 0
        while any(counts):
            changed += counts.pop(0) and self.cursor.rowcount
            self.cursor.nextset()
        return changed

    @property
    def _status(self) -> TransactionStatus:
        return TransactionStatus(self.cursor.connection.info.transaction_status)

    def _listed(self, order_ids: Sequence[str]) -> Any:
        return list(order_ids)


class _DiedInPoolError(Exception):
    """A connection that was closed while it lay in the pool: nothing was done on it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class PostgresStore(SqlStore):
    """The port `paidan.storage.port.Store` on a PostgreSQL database, shared by any number of processes."""

    # A scan sees what another committed while we waited for the lock; `to_regclass` may remember what was.
    there = "SELECT count(*) FROM pg_class WHERE relname = 'paidan_store' AND pg_table_is_visible(oid)"
    guards = GUARDS

    def __init__(self, engine: Engine) -> None:
        self._statements = _statements()
        super().__init__(engine, self._statements, Rows(AS_INSTANT))
        self._lock = Lock()
        self._settled = 0

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction, again where locks met crosswise; commit with the disk's word."""
        return self._attempts(work)

    def drain(self, work: Callable[[Transaction], T]) -> Iterator[T]:
        """
        Run `work` until it finds nothing: once by itself, then twice at once.

        While the server writes what one run found, the other decides on what it will. The threads
        are over when this is.
        """
        if not (found := self.write(work)):
            return
        yield found
        with ThreadPoolExecutor(_AT_ONCE, "paidan-drain") as threads:
            running = deque([threads.submit(self.write, work) for _ in range(_AT_ONCE)])
            while running:
                if found := running.popleft().result():
                    running.append(threads.submit(self.write, work))
                    yield found

    def settled(self) -> int:
        """
        Give the position of the last entry in a moment in which nobody writes.

        Numbers are drawn before a commit, so that a smaller one may come after a larger; but only
        by who holds the store's lock.
        """
        self._settled = self._attempts(lambda one: last_position(one.cursor, self._sql), alone=True)
        return self._settled

    def written(self, after: int, most: int) -> tuple[Linked, ...]:
        """Give the entries that follow a position, up to where another may still be under way."""
        found = super().written(after, most)
        ready = self._ready(found, after)
        if found and not ready:
            self.settled()
            ready = self._ready(super().written(after, most), after)
        return ready

    @contextmanager
    def cursor(self, name: str, start: int = 0) -> Iterator[Cursor | None]:
        """Lend a cursor to one holder at a time, whose death the server notices."""
        sql = self._sql
        try:
            connection, execute = self._connected()
            try:
                execute.execute("BEGIN")
                (free,) = execute.execute(TRY_CURSOR, (name,)).fetchone()
                if free:
                    execute.execute(sql.new_cursor, (name, start, "", 0))
                    cursor = Cursor(execute.execute(sql.position_of, (name,)).fetchone()[0])
                    try:
                        yield cursor
                    finally:
                        execute.execute(sql.move_cursor, (cursor.position, name, ""))
                        execute.execute(_COMMIT)
                        _check_committed(execute)
                else:
                    yield None
            finally:
                with suppress(psycopg.Error):
                    execute.execute("ROLLBACK")
                self._give_back(connection)
        except (psycopg.Error, DBAPIError, PoolTimeoutError) as error:
            raise _told(error) from error

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._close_idle()

    def _attempts(self, work: Callable[[_Transaction], T], *, alone: bool = False) -> T:
        attempt, left = 1, _CONNECTIONS
        while True:
            try:
                return self._once(work, alone=alone)
            except _DiedInPoolError as died:
                left -= 1
                if not left:
                    raise _told(died.error) from died
                continue
            except (pg.DeadlockDetected, pg.SerializationFailure) as error:
                if attempt == _ATTEMPTS:
                    raise _told(error) from error
            except (psycopg.Error, DBAPIError, PoolTimeoutError) as error:
                raise _told(error) from error
            sleep(_PAUSE_SECONDS * attempt)
            attempt += 1

    def _once(self, work: Callable[[_Transaction], T], *, alone: bool) -> T:
        self._check_open()
        connection = self._engine.raw_connection()
        try:
            transaction = _Transaction(connection, self._statements, self._rows)
            try:
                if alone:
                    transaction.begin_alone()
                result = work(transaction)
                transaction.commit()
            except BaseException as error:
                transaction.undo()
                died = isinstance(error, psycopg.OperationalError) and _broken(connection)
                if died and not transaction.begun:
                    raise _DiedInPoolError(error) from error
                raise
        finally:
            self._give_back(connection)
        return result

    def _making(self, make: Callable[[DBAPICursor], None]) -> None:
        self._attempts(lambda transaction: make(transaction.cursor), alone=True)

    def _connected(self) -> tuple[PoolProxiedConnection, Any]:
        """Lend a connection that answers; those that died in the pool are dropped unnoticed."""
        self._check_open()
        left = _CONNECTIONS
        while True:
            connection = self._engine.raw_connection()
            try:
                cursor: Any = connection.cursor()
                cursor.execute("SELECT 1", prepare=False)  # costs less than telling a reader of a restart
            except BaseException as error:
                died = isinstance(error, psycopg.OperationalError) and _broken(connection)
                self._give_back(connection)
                left -= 1
                if not died or not left:
                    raise
            else:
                return connection, cursor

    def _give_back(self, connection: PoolProxiedConnection) -> None:
        prepared_in_part = connection.info.get(_PREPARED) is False
        if prepared_in_part or _broken(connection):
            connection.invalidate()
        connection.close()
        self._given_back()

    @contextmanager
    def _reading(self, *, whole: bool = False) -> Iterator[DBAPICursor]:
        try:
            connection, one = self._connected()
            try:
                driver = cast("psycopg.Connection[Any]", connection.driver_connection)
                if whole:  # rows come in pieces, from the snapshot the cursor was opened with
                    with driver.transaction(), driver.cursor(name="paidan") as cursor:
                        yield cast("Any", cursor)
                else:
                    yield one
            finally:
                self._give_back(connection)
        except (psycopg.Error, DBAPIError, PoolTimeoutError) as error:
            raise _told(error) from error

    @contextmanager
    def _moment(self) -> Iterator[tuple[DBAPICursor, DBAPICursor]]:
        with self._reading() as cursor:
            driver: psycopg.Connection[Any] = cast("Any", cursor).connection
            with driver.transaction():
                driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                with driver.cursor(name="paidan_log") as one, driver.cursor(name="paidan_folded") as other:
                    for each in (one, other):
                        each.itersize = _ROWS_AT_ONCE
                        each.adapters.register_loader("timestamptz", _AnyInstant)
                    yield cast("Any", one), cast("Any", other)

    def _ready(self, found: tuple[Linked, ...], after: int) -> tuple[Linked, ...]:
        """Give those of entries that nothing can come between any more."""
        for number, one in enumerate(found):
            if one.position > self._settled and one.position != after + 1:
                return found[:number]
            after = one.position
        return found

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError("db_away", why="closed")


class _AnyInstant(TimestamptzLoader):
    """Gives as text what lies outside every calendar of ours."""

    def load(self, data: Any) -> Any:
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode(errors="replace")


def open_postgres(
    url: str,
    policy: str,
    settings: Mapping[str, str] | None = None,
    *,
    calendar: Callable[[], str] = str,
    create: bool = True,
) -> PostgresStore:
    """
    Open the store in the PostgreSQL database that `url` names, or make its tables there.

    The database itself must exist. Made and opened as `open_sqlite` does; raises the same errors.
    """
    return opened(engine_of(address_of(url)), policy, settings, calendar=calendar, create=create)


def opened(
    engine: Engine,
    policy: str,
    settings: Mapping[str, str] | None,
    *,
    calendar: Callable[[], str],
    create: bool,
) -> PostgresStore:
    """Open the store on what `engine_of` gave, or make it, as `open_sqlite` does; it closes that engine."""
    store = PostgresStore(engine)
    store.prepare(policy, settings or {}, calendar, create=create)
    return store


def address_of(url: str) -> URL:
    """Read an address; raises `StoreAddressError` for one that names no PostgreSQL database."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreAddressError("db_address", url=url) from None
    if address.drivername not in ("postgresql", "postgresql+psycopg"):
        raise StoreAddressError("db_address", url=str(address))
    address = address.set(drivername="postgresql+psycopg")
    if "connect_timeout" not in address.query:
        address = address.update_query_dict({"connect_timeout": _CONNECT_SECONDS})
    return address


def engine_of(address: URL, connect: Callable[[], Any] | None = None) -> Engine:
    """
    Give an engine whose connections are durable and leave transactions to us.

    Connections are those of `address`, or what `connect` gives.
    """
    made: dict[str, Any] = {} if connect is None else {"creator": connect}
    engine = create_engine(
        address, paramstyle="format", pool_size=_CONNECTIONS, max_overflow=0, pool_use_lifo=True, **made
    )
    event.listen(engine, "connect", _set_up)
    return engine


@cache
def _statements() -> PostgresStatements:
    """Give the statements, which cost more to compile than a command to run."""
    return PostgresStatements(create_engine("postgresql+psycopg://", paramstyle="format").dialect)


def _set_up(connection: Any, _: object) -> None:
    driver: psycopg.Connection[Any] = getattr(connection, "driver_connection", connection)
    driver.autocommit = True  # transactions are begun here, never by the driver
    driver.prepare_threshold = None  # after a rollback it would drop what it has prepared, and ours with it
    driver.execute(_SESSION, prepare=False)


def _broken(connection: PoolProxiedConnection) -> bool:
    return bool(cast("psycopg.Connection[Any]", connection.driver_connection).broken)


def _check_committed(cursor: Any) -> None:
    """Raise `ConflictError` where a statement failed before a commit and was passed over."""
    if cursor.statusmessage != _COMMIT:  # the server says ROLLBACK, and calls it no error
        raise ConflictError("store_conflict", why="a statement failed, and everything with it")


def _is_due(kept: Kept, before: datetime) -> bool:
    return any(at is not None and at < before for at in kept.wakes)


def _told(error: BaseException) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    why = str(cause).strip()
    if isinstance(cause, psycopg.IntegrityError):
        return ConflictError("store_conflict", why=why)
    if isinstance(cause, psycopg.DataError):
        return UnstorableError("value_unstorable", kind=why)
    return StoreUnavailableError("db_away", why=why)
