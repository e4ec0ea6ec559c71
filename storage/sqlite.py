"""The store in one SQLite file: one writer at a time, durable at each commit."""

import os
import secrets
import sqlite3
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from paidan.storage.errors import (
    ConflictError,
    StoreAddressError,
    StoreError,
    StoreMissingError,
    StoreUnavailableError,
)
from paidan.storage.group import Call, GroupWriter, LostError, finish, run_each
from paidan.storage.port import LEASE_SECONDS, About, Cursor, Kept, Transaction
from paidan.storage.rows import Rows, as_text
from paidan.storage.sql import Statements
from paidan.storage.store import SqlStore
from paidan.storage.transaction import REMEMBERED, SqlTransaction

T = TypeVar("T")

_BUSY_MILLISECONDS = 10_000
_LOOKS_AGAIN_SECONDS = 0.01
_ROOM_AFTER = 32
"""Groups after which somebody is taken to write for long."""
_ROOM_BYTES = 1000 * 4096
"""What a write-ahead log comes to before SQLite puts it into the file and begins it anew."""
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted from the vault is zeros in the file
)
_GUARDS = (
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_kept BEFORE UPDATE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_stays BEFORE DELETE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is taken out'); END""",
    # Also what stops INSERT OR REPLACE, which fires no trigger for the row it puts out.
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_next BEFORE INSERT ON paidan_entry
    WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM paidan_entry WHERE order_id = NEW.order_id), 0)
    BEGIN SELECT RAISE(ABORT, 'the log is gapless: seq is not the next one'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_calendar_kept BEFORE UPDATE ON paidan_calendar
    BEGIN SELECT RAISE(ABORT, 'clocks were counted by this notice: it is never changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_calendar_stays BEFORE DELETE ON paidan_calendar
    BEGIN SELECT RAISE(ABORT, 'clocks were counted by this notice: it is never taken out'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_sight_kept BEFORE UPDATE ON paidan_sight
    BEGIN SELECT RAISE(ABORT, 'who looked at an order is never changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_sight_stays BEFORE DELETE ON paidan_sight
    BEGIN SELECT RAISE(ABORT, 'who looked at an order is never taken out'); END""",
)


# A file cannot tell whether a process lives: who takes a cursor has it for a while. A while that ends
# later than any could was begun by a clock that has been put back since, and is over.
_NOW = "CAST(strftime('%s', 'now') AS INTEGER)"
_TAKE_CURSOR = f"""UPDATE paidan_cursor SET holder = ?, held_until = {_NOW} + {LEASE_SECONDS}
    WHERE name = ? AND held_until NOT BETWEEN {_NOW} AND {_NOW} + {LEASE_SECONDS}"""  # noqa: S608 - numbers of ours


class SqliteStore(SqlStore):
    """
    The port `paidan.storage.port.Store` on one SQLite file in WAL mode.

    All writing goes through one connection under `BEGIN IMMEDIATE`, in groups (`GroupWriter`), so that
    what is read in a transaction is what is written upon; readers have connections of their own and
    never wait. What orders became is remembered until another connection writes.
    """

    there = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'paidan_store'"
    guards = _GUARDS

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, _statements(), Rows(as_text))
        self._connection = engine.raw_connection()
        self._cursor = cast("sqlite3.Cursor", self._connection.cursor())
        self._known: OrderedDict[str, Kept] = OrderedDict()
        self._version: tuple[int] | None = None
        self._groups = 0
        self._transaction = SqlTransaction(self._cursor, self._sql, self._rows, self._known)
        self._writer = GroupWriter(self._transact)
        self._writing = Lock()
        self._lock = Lock()

    def write(self, work: Callable[[Transaction], T], about: About | None = None) -> T:
        """Run `work` under the write lock of the whole file, commit with the disk's word, give its result."""
        return self._writer.run(work, about)

    @contextmanager
    def cursor(self, name: str, start: int = 0) -> Iterator[Cursor | None]:
        """Lend a cursor to one holder at a time, who has it until it is given back or its lease is over."""
        sql, holder = self._sql, secrets.token_hex(8)

        def take(transaction: SqlTransaction) -> Cursor | None:
            execute = transaction.execute
            execute(sql.new_cursor, (name, start, "", 0))
            if execute(_TAKE_CURSOR, (holder, name)).rowcount != 1:
                return None
            return Cursor(execute(sql.position_of, (name,)).fetchone()[0])

        cursor = self._writer.run(take)
        try:
            yield cursor
        finally:
            if cursor is not None:
                moved = (cursor.position, name, holder)
                self._writer.run(lambda transaction: transaction.execute(sql.move_cursor, moved))

    def scrub(self) -> bool:
        """Put the write-ahead log, which holds what was there before, into the file and cut it off."""
        with self._reading() as cursor:
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if not self._closed:
                self._closed = True
                with self._writing:
                    self._cursor.close()
                self._writer.wake_next()
                self._connection.close()
                self._close_idle()

    def _transact(self, calls: Iterator[Call]) -> None:
        """Run works in one transaction, and let each caller know when it is committed."""
        execute, transaction = self._cursor.execute, self._transaction
        ran: list[Call] = []
        asked = False
        with self._writing:
            try:
                self._groups += 1
                if self._groups == _ROOM_AFTER:  # in front of a group: who is interrupted then wrote nothing
                    self._make_room()
                self._begin()
                ran = run_each(transaction, calls, sqlite3.Error)
                transaction.write_kept()
                asked = True
                execute("COMMIT")
            except BaseException as error:
                if isinstance(error, LostError):
                    list(calls)  # they would wait as long for the same answer
                if isinstance(error, Exception) or not asked or self._cursor.connection.in_transaction:
                    transaction.forget()
                    with suppress(sqlite3.Error):
                        execute("ROLLBACK")
                else:  # interrupted after the commit
                    finish(ran)
                if isinstance(error, sqlite3.Error):
                    raise _told(error, self._engine.url) from error
                raise
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        finish(ran)

    def _make_room(self) -> None:
        """
        Have the write-ahead log take at once the room on the disk that it comes to need.

        A commit that makes the file longer waits for its inode too, about as long again. What is too much
        for the cache goes into the log before anything is committed, and nothing is.
        """
        execute = self._cursor.execute
        ((pages,),) = execute("PRAGMA cache_size").fetchall()
        try:
            with suppress(sqlite3.Error):  # it works without, only slower
                execute("PRAGMA cache_size = 100")
                execute("BEGIN IMMEDIATE")
                execute("CREATE TABLE paidan_room (room)")
                execute("INSERT INTO paidan_room VALUES (zeroblob(?))", (_ROOM_BYTES,))
        finally:
            with suppress(sqlite3.Error):
                execute("ROLLBACK")
            execute(f"PRAGMA cache_size = {pages:d}")

    def _begin(self) -> None:
        """Begin to write; what is remembered holds as long as nobody else wrote."""
        try:
            self._cursor.execute("BEGIN IMMEDIATE")
            version = self._cursor.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            raise LostError(_told(error, self._engine.url)) from error
        if version != self._version:
            self._transaction.forget()
            self._version = version

    def _making(self, make: Callable[[DBAPICursor], None]) -> None:
        self.write(lambda _: make(cast("Any", self._cursor)))

    @contextmanager
    def _reading(self, *, whole: bool = False) -> Iterator[DBAPICursor]:  # noqa: ARG002 - SQLite streams anyway
        if self._closed:
            raise StoreUnavailableError("db_away", why="closed")
        try:
            with closing(self._engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                yield cursor
        except (sqlite3.Error, DBAPIError) as error:
            raise _told(error, self._engine.url) from error
        finally:
            self._given_back()

    @contextmanager
    def _moment(self) -> Iterator[tuple[DBAPICursor, DBAPICursor]]:
        with self._reading() as one:
            driver = cast("sqlite3.Cursor", one).connection
            driver.text_factory = _any_text
            driver.execute("BEGIN")
            try:
                with closing(driver.cursor()) as other:
                    yield one, cast("Any", other)
            finally:
                driver.execute("ROLLBACK")
                driver.text_factory = str


def open_sqlite(
    url: str,
    policy: str,
    settings: Mapping[str, str] | None = None,
    *,
    calendar: Callable[[], str] = str,
    create: bool = True,
) -> SqliteStore:
    """
    Open the store in the SQLite file that `url` names (`sqlite:///orders.db`), or make it.

    It is made for `policy` under `settings` and with what `calendar` then gives, which stay its own;
    `calendar` is asked only when the store is made. Raises `StoreAddressError` for
    an address that names no SQLite file, `StoreMissingError` where there is none and `create` is
    false, `SchemaError` for a store of another version, and `StoreUnavailableError` where the file
    cannot be used.
    """
    address = address_of(url)
    if not create and not Path(address.database or "").exists():
        raise StoreMissingError("db_missing", url=url)
    return opened(engine_of(address), policy, settings, calendar=calendar, create=create)


def opened(
    engine: Engine,
    policy: str,
    settings: Mapping[str, str] | None,
    *,
    calendar: Callable[[], str],
    create: bool,
) -> SqliteStore:
    """Open the store on what `engine_of` gave, or make it, as `open_sqlite` does; it closes that engine."""
    try:
        store = SqliteStore(engine)
    except (sqlite3.Error, DBAPIError) as error:
        engine.dispose()
        raise _told(error, engine.url) from error
    store.prepare(policy, settings or {}, calendar, create=create)
    return store


def address_of(url: str) -> URL:
    """Read an address; raises `StoreAddressError` for one that names no SQLite file."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreAddressError("db_address", url=url) from None
    name = address.database or ""
    if address.drivername not in ("sqlite", "sqlite+pysqlite") or not name or ":memory:" in name:
        raise StoreAddressError("db_address", url=str(address))
    return address


def engine_of(address: URL, connect: Callable[[], Any] | None = None) -> Engine:
    """
    Give an engine whose connections are durable and leave transactions to us.

    Connections are those of `address`, or what `connect` gives. Raises `StoreUnavailableError` for a file
    that may not be written, before SQLite makes its log beside it: that would be as little writable, and
    stay so when the file has become it.
    """
    file = Path(address.database or "")
    if file.exists() and not os.access(file, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise StoreUnavailableError("db_away", why=f"{file}: attempt to write a readonly database")
    if connect is None:
        engine = create_engine(address, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(address, creator=connect, poolclass=QueuePool)
    event.listen(engine, "connect", _set_up)
    return engine


@cache
def _statements() -> Statements:
    """Give the statements, which cost more to compile than a small file to read."""
    return Statements(create_engine("sqlite://").dialect)


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    if sys.version_info >= (3, 12):  # a host's creator may have chosen otherwise
        connection.autocommit = sqlite3.LEGACY_TRANSACTION_CONTROL
    connection.isolation_level = None  # transactions are begun here, never by the driver
    for pragma in _PRAGMAS:
        _patiently(connection, pragma)


def _patiently(connection: sqlite3.Connection, pragma: str) -> None:
    """Set a pragma; turning to WAL does not wait by itself while another process does the same."""
    until = monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > until:
                raise
            sleep(_LOOKS_AGAIN_SECONDS)
        else:
            return


def _any_text(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")


def _told(error: sqlite3.Error | DBAPIError, address: URL) -> StoreError:
    """Give the error as the store's; SQLite itself never says which file it was."""
    if isinstance(error, sqlite3.IntegrityError):
        return ConflictError("store_conflict", why=str(error))
    why = str(error.orig if isinstance(error, DBAPIError) else error)
    return StoreUnavailableError("db_away", why=f"{address.database}: {why}")
