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

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache
from threading import Lock
from time import sleep
from typing import Any, TypeVar, cast

import psycopg
from psycopg import errors as pg
from psycopg.types.datetime import TimestamptzLoader
from sqlalchemy import Engine, bindparam, create_engine, event, func, select
from sqlalchemy.engine import URL, Dialect, make_url
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
from paidan.storage.port import Cursor, Fold, Kept, KeptAnswer, KeptNotice, Linked, Transaction
from paidan.storage.rows import AS_INSTANT, Rows
from paidan.storage.sql import Statements
from paidan.storage.store import SqlStore, last_position
from paidan.storage.tables import CLOCK, ORDER
from paidan.storage.transaction import SqlTransaction, Step, named

T = TypeVar("T")

_ATTEMPTS = 8
_PAUSE_SECONDS = 0.01
"""Between one attempt and the next, times the number of the attempt."""
_CONNECTIONS = 20
"""At most this many at once, well below the hundred a server grants all its clients."""
_CONNECT_SECONDS = "10"
_ROWS_AT_ONCE = 2_000

_SESSION = """SET TIME ZONE 'Asia/Shanghai'; SET synchronous_commit = on; SET lock_timeout = '10s';
    SET default_transaction_isolation = 'read committed'; SET client_encoding = 'UTF8'"""

# The first number of an advisory lock says what it locks, and keeps clear of the host's own.
_OF_STORE, _OF_KEY, _OF_ORDER, _OF_CURSOR = 0x70616901, 0x70616902, 0x70616903, 0x70616904
_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock_shared({_OF_STORE}, 0)"
ALONE = f"SELECT pg_advisory_xact_lock({_OF_STORE}, 0)"
_LOCK_KEY = f"SELECT pg_advisory_xact_lock({_OF_KEY}, hashtext(%s))"
_LOCK_ID = f"SELECT pg_advisory_xact_lock({_OF_ORDER}, hashtext(%s))"
_TRY_CURSOR = f"SELECT pg_try_advisory_xact_lock({_OF_CURSOR}, hashtext(%s))"

_GUARDS = (
    """CREATE OR REPLACE FUNCTION paidan_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = TG_ARGV[0]; END $$""",
    """CREATE OR REPLACE FUNCTION paidan_next() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF NEW.seq <> 1 + coalesce((SELECT max(seq) FROM paidan_entry WHERE order_id = NEW.order_id), 0) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'the log is gapless: seq is not the next one';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER paidan_entry_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON paidan_entry
    FOR EACH STATEMENT EXECUTE FUNCTION
    paidan_refuse('the log is append-only: no entry is changed or taken out')""",
    """CREATE TRIGGER paidan_entry_next BEFORE INSERT ON paidan_entry
    FOR EACH ROW EXECUTE FUNCTION paidan_next()""",
    """CREATE TRIGGER paidan_calendar_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON paidan_calendar
    FOR EACH STATEMENT EXECUTE FUNCTION
    paidan_refuse('clocks were counted by this notice: it is never changed or taken out')""",
)


class _Statements(Statements):
    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect)
        self.lock = self.text(
            select(ORDER.c.seq).where(ORDER.c.order_id == bindparam("order_id")).with_for_update(), "order_id"
        )
        self.claim = self.text(
            select(CLOCK.c.order_id)
            .join(ORDER, ORDER.c.order_id == CLOCK.c.order_id)
            .where(CLOCK.c.wake_at < bindparam("before"))
            .order_by(CLOCK.c.wake_at, CLOCK.c.order_id)
            .limit(bindparam("most"))
            .with_for_update(of=ORDER, skip_locked=True),
            "before", "most",
        )  # fmt: skip
        self.still_due = self.text(
            select(CLOCK.c.order_id).where(
                CLOCK.c.wake_at < bindparam("before"),
                CLOCK.c.order_id == func.any(bindparam("ids")),
            ),
            "before", "ids",
        )  # fmt: skip


class PostgresStore(SqlStore):
    """The port `paidan.storage.port.Store` on a PostgreSQL database, shared by any number of processes."""

    # A scan sees what another committed while we waited for the lock; `to_regclass` may remember what was.
    there = "SELECT count(*) FROM pg_class WHERE relname = 'paidan_store' AND pg_table_is_visible(oid)"
    guards = _GUARDS

    def __init__(self, engine: Engine) -> None:
        self._statements = _statements()
        super().__init__(engine, self._statements, Rows(AS_INSTANT))
        self._lock = Lock()
        self._settled = 0

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction, again where locks met crosswise; commit with the disk's word."""
        return self._attempts(lambda cursor: work(_Transaction(cursor, self._statements, self._rows)))

    def settled(self) -> int:
        """
        Give the position of the last entry in a moment in which nobody writes.

        Numbers are drawn before a commit, so that a smaller one may come after a larger; but only
        by who holds the store's lock.
        """
        self._settled = self._attempts(lambda cursor: last_position(cursor, self._sql), f"BEGIN; {ALONE}")
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
            connection, execute = self._connected("BEGIN")
            try:
                (free,) = execute.execute(_TRY_CURSOR, (name,)).fetchone()
                if free:
                    execute.execute(sql.new_cursor, (name, start, "", 0))
                    cursor = Cursor(execute.execute(sql.position_of, (name,)).fetchone()[0])
                    try:
                        yield cursor
                    finally:
                        execute.execute(sql.move_cursor, (cursor.position, name, ""))
                        _commit(execute)
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

    def _attempts(self, run: Callable[[Any], T], begin: str = _BEGIN) -> T:
        attempt = 1
        while True:
            try:
                return self._once(run, begin)
            except (pg.DeadlockDetected, pg.SerializationFailure) as error:
                if attempt == _ATTEMPTS:
                    raise _told(error) from error
            except (psycopg.Error, DBAPIError, PoolTimeoutError) as error:
                raise _told(error) from error
            sleep(_PAUSE_SECONDS * attempt)
            attempt += 1

    def _once(self, run: Callable[[Any], T], begin: str) -> T:
        connection, cursor = self._connected(begin)
        try:
            result = run(cursor)
            _commit(cursor)
        except BaseException:
            with suppress(psycopg.Error):
                cursor.execute("ROLLBACK")
            raise
        finally:
            self._give_back(connection)
        return result

    def _connected(self, first: str) -> tuple[PoolProxiedConnection, Any]:
        """Lend a connection on which `first` was run; those that died in the pool are dropped unnoticed."""
        self._check_open()
        left = _CONNECTIONS
        while True:
            connection = self._engine.raw_connection()
            try:
                cursor: Any = connection.cursor()
                cursor.execute(first, prepare=False)
            except BaseException as error:
                died = isinstance(error, psycopg.OperationalError) and _broken(connection)
                self._give_back(connection)
                left -= 1
                if not died or not left:
                    raise
            else:
                return connection, cursor

    def _give_back(self, connection: PoolProxiedConnection) -> None:
        if _broken(connection):
            connection.invalidate()
        connection.close()
        self._given_back()

    def _making(self, make: Callable[[DBAPICursor], None]) -> None:
        self._attempts(make, f"BEGIN; {ALONE}")

    @contextmanager
    def _reading(self, *, whole: bool = False) -> Iterator[DBAPICursor]:
        try:
            connection, one = self._connected("SELECT 1")  # costs less than telling a reader of a restart
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


class _Transaction(SqlTransaction):
    """Locks what it reads, and sends what it writes in one go."""

    _sql: _Statements

    def __init__(self, cursor: Any, sql: _Statements, rows: Rows) -> None:
        super().__init__(cursor, sql, rows)
        self._connection: psycopg.Connection[Any] = cursor.connection
        self._held: set[str] = set()

    def order(self, order_id: str) -> Kept | None:
        if order_id not in self._held and not self._locked(order_id):
            self._cursor.execute(_LOCK_ID, (order_id,))
            if not self._locked(order_id):  # received by another while we waited?
                return None
        # Read only after the lock is held: a statement sees what was committed when it began.
        self._held.add(order_id)
        return super().order(order_id)

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        at = self._rows.instant(before)
        while found := named(self._cursor.execute(self._sql.claim, (at, most)).fetchall()):
            self._held.update(found)
            # What another has raised since the claim began is locked all the same, but due no more.
            due = set(named(self._cursor.execute(self._sql.still_due, (at, list(found))).fetchall()))
            if due:
                return tuple(order_id for order_id in found if order_id in due)
        return ()

    def last_recorded_at(self) -> datetime | None:
        self._cursor.execute(ALONE)
        return super().last_recorded_at()

    def load_notice(self, notice: KeptNotice) -> None:
        self._cursor.execute(ALONE)
        super().load_notice(notice)

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        self._cursor.execute(ALONE)
        super().adopt_vault(known_by, rewrap)

    def answer(self, key: str) -> KeptAnswer | None:
        self._cursor.execute(_LOCK_KEY, (key,))
        return super().answer(key)

    def rebuild(self, fold: Fold) -> bool:
        self._cursor.execute(ALONE)
        return super().rebuild(fold)

    def _locked(self, order_id: str) -> bool:
        return self._cursor.execute(self._sql.lock, (order_id,)).fetchone() is not None

    def _run(self, steps: Sequence[Step], counted: int) -> int:
        with self._connection.pipeline():
            cursors = [self._connection.cursor() for _ in steps]
            for cursor, (statement, row) in zip(cursors, steps, strict=True):
                cursor.execute(cast("Any", statement), row)
        return cursors[counted].rowcount


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
    try:
        store.prepare(policy, settings or {}, calendar, create=create)
    except BaseException:
        store.close()
        raise
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
        address, paramstyle="format", pool_size=_CONNECTIONS // 2, max_overflow=_CONNECTIONS // 2, **made
    )
    event.listen(engine, "connect", _set_up)
    return engine


@cache
def _statements() -> _Statements:
    """Give the statements, which cost more to compile than a command to run."""
    return _Statements(create_engine("postgresql+psycopg://", paramstyle="format").dialect)


def _set_up(connection: Any, _: object) -> None:
    driver: psycopg.Connection[Any] = getattr(connection, "driver_connection", connection)
    driver.autocommit = True  # transactions are begun here, never by the driver
    driver.execute(_SESSION, prepare=False)


def _broken(connection: PoolProxiedConnection) -> bool:
    return bool(cast("psycopg.Connection[Any]", connection.driver_connection).broken)


def _commit(cursor: Any) -> None:
    """Commit; raises `ConflictError` where a statement failed before and `work` passed over it."""
    cursor.execute("COMMIT")
    if cursor.statusmessage != "COMMIT":  # the server says ROLLBACK, and calls it no error
        raise ConflictError("store_conflict", why="a statement failed, and everything with it")


def _told(error: Exception) -> StoreError:
    cause = error.orig if isinstance(error, DBAPIError) else error
    why = str(cause).strip()
    if isinstance(cause, psycopg.IntegrityError):
        return ConflictError("store_conflict", why=why)
    if isinstance(cause, psycopg.DataError):
        return UnstorableError("value_unstorable", kind=why)
    return StoreUnavailableError("db_away", why=why)
