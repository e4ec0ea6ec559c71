"""
The store in a PostgreSQL database: many processes write at once, each order is changed by one at a time.

Transactions run under READ COMMITTED with locks of their own:

- of the whole store, an advisory lock: shared by all who work on single orders, held alone by who
  loads a notice, rebuilds or makes tables;
- of a key, an advisory lock, so that one command with that key runs at a time;
- of an order, its row; while it has none, an advisory lock on its id.

They are taken in this order, but by a group of works, which waits for no key and no order. Locks that
meet crosswise all the same (two loads at once) are found by the database, and the work of one is run again.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from threading import Lock
from time import sleep
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors as pg
from psycopg.types.string import TextLoader
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
from paidan.storage.group import Call, GroupWriter, LostError, finish, run_each
from paidan.storage.port import About, Cursor, Linked, Transaction
from paidan.storage.postgres_memory import Memory
from paidan.storage.postgres_sql import GUARDS, TRY_CURSOR, PostgresStatements
from paidan.storage.postgres_transaction import COMMIT, PREPARED, PostgresTransaction, check_committed
from paidan.storage.rows import Rows, as_instant
from paidan.storage.store import SqlStore, last_position

T = TypeVar("T")

_ATTEMPTS = 8
_PAUSE_SECONDS = 0.01
"""Between one attempt and the next, times the number of the attempt."""
_CONNECTIONS = 20
"""At most this many at once, well below the hundred a server grants all its clients."""
_AT_ONCE = 2
"""Groups, and runs that drain: one at the server, one that decides."""
_CONNECT_SECONDS = "10"
_ROWS_AT_ONCE = 2_000

_SESSION = """SET TIME ZONE 'Asia/Shanghai'; SET synchronous_commit = on; SET lock_timeout = '10s';
    SET default_transaction_isolation = 'read committed'; SET client_encoding = 'UTF8';
    SET jit = off; SET plan_cache_mode = force_generic_plan"""


class _StaleError(Exception):
    """What was remembered is no longer so."""


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
        super().__init__(engine, self._statements, Rows(as_instant))
        self._writer = GroupWriter(self._transact, leaders=_AT_ONCE)
        self._memory = Memory()
        self._at_hand: list[PoolProxiedConnection] = []
        self._lock = Lock()
        self._settled = 0

    def write(self, work: Callable[[Transaction], T], about: About | None = None) -> T:
        """
        Run `work` in a transaction, again where locks met crosswise; commit with the disk's word.

        Works that say what they are about go in groups (`GroupWriter`), any other has its own transaction.
        """
        return self._writer.run(work, about) if about else self._attempts(work)

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
                        execute.execute(COMMIT)
                        check_committed(execute)
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
                self._let_go()
                self._close_idle()

    def _transact(self, calls: Iterator[Call]) -> None:
        """
        Run works in one transaction, and let each caller know when it is committed.

        It waits for no order and no key: who wants what another holds is sent back to wait alone. What is
        remembered of all that it wants is tried first.
        """
        group = list(calls)
        asked: list[PostgresTransaction] = []

        def together(transaction: PostgresTransaction) -> list[Call]:
            wanted = {call.about for call in group if call.about}
            guess = None if asked or not wanted else self._memory.take(wanted)
            asked[:] = [transaction]
            if guess is not None:
                transaction.guess(guess)
            elif wanted:
                held = transaction.lock_all(wanted)
                for call in group:
                    if call.about not in held:
                        call.send_back()
                group[:] = [call for call in group if call.about in held]
            return run_each(transaction, group, psycopg.Error)

        try:
            ran = self._attempts(together)
        except StoreUnavailableError as error:
            raise LostError(error) from error
        except BaseException as error:
            if not isinstance(error, Exception) and asked and asked[0].asked:
                for call in group:
                    call.fail(StoreUnavailableError("db_away", why=repr(error)))
            raise
        asked[0].remember_in(self._memory)
        finish(ran)

    def _attempts(self, work: Callable[[PostgresTransaction], T], *, alone: bool = False) -> T:
        attempt, left = 1, _CONNECTIONS
        while True:
            try:
                return self._once(work, alone=alone)
            except _DiedInPoolError as died:
                left -= 1
                if not left:
                    raise _told(died.error) from died
                continue
            except _StaleError:
                self._memory.forget()
                continue
            except (pg.DeadlockDetected, pg.SerializationFailure) as error:
                if attempt == _ATTEMPTS:
                    raise _told(error) from error
            except (psycopg.Error, DBAPIError, PoolTimeoutError) as error:
                raise _told(error) from error
            sleep(_PAUSE_SECONDS * attempt)
            attempt += 1

    def _once(self, work: Callable[[PostgresTransaction], T], *, alone: bool) -> T:
        self._check_open()
        try:
            connection = self._at_hand.pop()
        except IndexError:
            connection = self._engine.raw_connection()
        try:
            transaction = PostgresTransaction(connection, self._statements, self._rows)
            try:
                if alone:
                    transaction.begin_alone()
                result = work(transaction)
                transaction.commit()
            except BaseException as error:
                transaction.undo()
                died = isinstance(error, psycopg.OperationalError) and _broken(connection)
                if transaction.guessed and isinstance(error, pg.DivisionByZero | pg.UniqueViolation):
                    raise _StaleError from error
                if died and not (transaction.begun or transaction.asked):
                    raise _DiedInPoolError(error) from error
                raise
        except BaseException:
            self._give_back(connection)
            raise
        self._keep_at_hand(connection)
        return result

    def _keep_at_hand(self, connection: PoolProxiedConnection) -> None:
        """Keep a connection for who writes next: the pool's care of it costs a twentieth of a command."""
        if len(self._at_hand) < _AT_ONCE:
            self._at_hand.append(connection)
            if self._closed:
                self._let_go()
        else:
            self._give_back(connection)

    def _let_go(self) -> None:
        with suppress(IndexError):
            while True:
                self._give_back(self._at_hand.pop())

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
        prepared_in_part = connection.info.get(PREPARED) is False
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
                        cursor.itersize = _ROWS_AT_ONCE
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
    driver.adapters.register_loader("timestamptz", TextLoader)  # read, and remembered, by `from_text`
    driver.execute(_SESSION, prepare=False)


def _broken(connection: PoolProxiedConnection) -> bool:
    return bool(cast("psycopg.Connection[Any]", connection.driver_connection).broken)


def _told(error: BaseException) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    why = str(cause).strip()
    if isinstance(cause, psycopg.IntegrityError):
        return ConflictError("store_conflict", why=why)
    if isinstance(cause, psycopg.DataError):
        return UnstorableError("value_unstorable", kind=why)
    return StoreUnavailableError("db_away", why=why)
