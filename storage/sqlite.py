"""The store in one SQLite file: one writer at a time, durable at each commit."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from paidan.storage.encoding import from_text, to_text
from paidan.storage.errors import (
    ConflictError,
    SchemaError,
    StoreAddressError,
    StoreError,
    StoreMissingError,
    StoreUnavailableError,
)
from paidan.storage.port import Fold, Kept, KeptNotice, Transaction
from paidan.storage.sql import (
    Statements,
    clock_row,
    each_kept,
    entry_of,
    entry_row,
    kept_of,
    notice_of,
    notice_row,
    order_row,
)
from paidan.storage.tables import SCHEMA_VERSION
from paidan.workflows.records import Entry

T = TypeVar("T")

_BUSY_MILLISECONDS = 10_000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
_TRIGGERS = (
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_kept BEFORE UPDATE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_stays BEFORE DELETE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is taken out'); END""",
    # Also what stops INSERT OR REPLACE, which fires no trigger for the row it puts out.
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_next BEFORE INSERT ON paidan_entry
    WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM paidan_entry WHERE order_id = NEW.order_id), 0)
    BEGIN SELECT RAISE(ABORT, 'the log is gapless: seq is not the next one'); END""",
)
_CALENDAR_TRIGGERS = (
    """CREATE TRIGGER IF NOT EXISTS paidan_calendar_kept BEFORE UPDATE ON paidan_calendar
    BEGIN SELECT RAISE(ABORT, 'clocks were counted by this notice: it is never changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_calendar_stays BEFORE DELETE ON paidan_calendar
    BEGIN SELECT RAISE(ABORT, 'clocks were counted by this notice: it is never taken out'); END""",
)
_TABLE_THERE = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'paidan_store'"


class SqliteStore:
    """
    The port `paidan.storage.port.Store` on one SQLite file in WAL mode.

    All writing goes through one connection under `BEGIN IMMEDIATE`, so that what is read in a
    transaction is what is written upon; readers have connections of their own and never wait.
    """

    def __init__(self, engine: Engine) -> None:
        """Take over `engine`; `open_sqlite` makes one."""
        self._engine = engine
        self._lock = RLock()
        self._writer = engine.raw_connection()
        self._cursor: sqlite3.Cursor = self._writer.cursor()  # type: ignore[assignment]
        self._sql = Statements(engine.dialect)
        self._transaction = _SqliteTransaction(self._cursor, self._sql)
        self.policy = ""
        self.settings: Mapping[str, str] = {}
        self.calendar = ""
        self._closed = False

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` under the write lock of the whole file, commit with the disk's word, give its result."""
        with self._lock:
            execute = self._cursor.execute
            try:
                execute("BEGIN IMMEDIATE")
                result = work(self._transaction)
                execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):
                    execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise _told(error) from error
                raise
            return result

    def order(self, order_id: str) -> Kept | None:
        """Give an order as last committed."""
        with self._reading() as cursor:
            rows = cursor.execute(self._sql.order, (order_id,)).fetchall()
        return kept_of(rows) if rows else None

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """Name orders with armed clocks due before an instant."""
        with self._reading() as cursor:
            return _due(cursor, self._sql, before, most)

    def orders(self) -> Iterator[Kept]:
        """Give every order as of one moment."""
        with self._reading() as cursor:
            yield from each_kept(cursor.execute(self._sql.orders))

    def entries(self, order_id: str | None = None) -> Iterator[Entry]:
        """Give the log as of one moment."""
        with self._reading() as cursor:
            if order_id is None:
                cursor.execute(self._sql.logs)
            else:
                cursor.execute(self._sql.log, (order_id,))
            yield from map(entry_of, cursor)

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices as last committed."""
        with self._reading() as cursor:
            return tuple(map(notice_of, cursor.execute(self._sql.notices)))

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._cursor.close()
                self._writer.close()
                self._engine.dispose()

    def prepare(
        self, policy: str, settings: Mapping[str, str], calendar: Callable[[], str], *, create: bool
    ) -> None:
        """
        Make the tables where there are none, else check that they are ours.

        Raises `StoreMissingError` where none are to be made, `SchemaError` for another version.
        """
        with self._lock:
            cursor = self._cursor
            try:
                if not cursor.execute(_TABLE_THERE).fetchone()[0]:
                    if not create:
                        raise StoreMissingError("db_missing", url=str(self._engine.url))
                    known = calendar()
                    self.write(lambda _: self._make(policy, settings, known))
                (found,) = cursor.execute(self._sql.version).fetchone()
                if found != SCHEMA_VERSION:
                    raise SchemaError(
                        "db_schema", found=found, wanted=SCHEMA_VERSION, url=str(self._engine.url)
                    )
                self.policy, chosen, self.calendar = cursor.execute(self._sql.what).fetchone()
                self.settings = json.loads(chosen)
            except sqlite3.Error as error:
                raise _told(error) from error

    def _make(self, policy: str, settings: Mapping[str, str], calendar: str) -> None:
        execute = self._cursor.execute
        for statement in (*self._sql.create, *_TRIGGERS, *_CALENDAR_TRIGGERS):
            execute(statement)
        if not execute(self._sql.count_stores).fetchone()[0]:
            chosen = json.dumps(dict(settings), sort_keys=True)
            execute(self._sql.new_store, (1, SCHEMA_VERSION, policy, chosen, calendar))

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Cursor]:
        if self._closed:
            raise StoreUnavailableError("db_away", why="closed")
        try:
            with closing(self._engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                yield cursor  # type: ignore[misc]
        except (sqlite3.Error, DBAPIError) as error:
            raise _told(error) from error


class _SqliteTransaction:
    """What a store's `work` writes with, on the one writing connection."""

    def __init__(self, cursor: sqlite3.Cursor, sql: Statements) -> None:
        self._cursor = cursor
        self._sql = sql

    def order(self, order_id: str) -> Kept | None:
        rows = self._cursor.execute(self._sql.order, (order_id,)).fetchall()
        return kept_of(rows) if rows else None

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        return _due(self._cursor, self._sql, before, most)

    def notices(self) -> tuple[KeptNotice, ...]:
        return tuple(map(notice_of, self._cursor.execute(self._sql.notices).fetchall()))

    def entries(self, order_id: str) -> tuple[Entry, ...]:
        return tuple(map(entry_of, self._cursor.execute(self._sql.log, (order_id,)).fetchall()))

    def last_recorded_at(self) -> datetime | None:
        (last,) = self._cursor.execute(self._sql.last_recorded).fetchone()
        return None if last is None else from_text(last)

    def load_notice(self, notice: KeptNotice) -> None:
        self._cursor.execute(self._sql.load_notice, notice_row(notice))

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        sql, execute = self._sql, self._cursor.execute
        for entry in entries:
            execute(sql.append, entry_row(entry))
        order_id, *changed = order_row(after)
        had: Sequence[Any] = ()
        were: Sequence[bool] = ()
        if before is None:
            execute(sql.new_order, (order_id, *changed))
        else:
            if execute(sql.change_order, (*changed, order_id, before.order.seq)).rowcount != 1:
                raise ConflictError("store_conflict", why=f"order is not at seq {before.order.seq}")
            had, were = before.order.clocks, before.armed
        known = len(had)
        for place, (clock, armed) in enumerate(zip(after.order.clocks, after.armed, strict=True)):
            if place >= known:
                execute(sql.new_clock, (order_id, place, *clock_row(clock, armed)))
            elif clock != had[place] or armed != were[place]:
                execute(sql.change_clock, (*clock_row(clock, armed), order_id, place))

    def rebuild(self, fold: Fold) -> bool:
        execute = self._cursor.execute
        stray = (self._sql.forget_stray_clocks, self._sql.forget_stray_orders)
        differs = sum(execute(statement).rowcount for statement in stray) > 0
        for (order_id,) in execute(self._sql.logged).fetchall():
            anew = fold(order_id, [entry_of(row) for row in execute(self._sql.log, (order_id,))])
            differs |= self._unreadable_or_other(order_id, anew)
            execute(self._sql.forget_clocks, (order_id,))
            execute(self._sql.forget, (order_id,))
            self.keep(anew, (), None)
        return differs

    def _unreadable_or_other(self, order_id: str, anew: Kept) -> bool:
        try:
            return self.order(order_id) != anew
        except (ValueError, TypeError):
            return True


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
    address = _address(url)
    if not create and not Path(address.database or "").exists():
        raise StoreMissingError("db_missing", url=url)
    engine = create_engine(address, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _set_up)
    try:
        store = SqliteStore(engine)
    except (sqlite3.Error, DBAPIError) as error:
        engine.dispose()
        raise _told(error) from error
    try:
        store.prepare(policy, settings or {}, calendar, create=create)
    except BaseException:
        store.close()
        raise
    return store


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise StoreAddressError("db_address", url=url) from None
    name = address.database or ""
    if address.drivername not in ("sqlite", "sqlite+pysqlite") or not name or ":memory:" in name:
        raise StoreAddressError("db_address", url=str(address))
    return address


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun here, never by the driver
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _due(cursor: sqlite3.Cursor, sql: Statements, before: datetime, most: int) -> tuple[str, ...]:
    found = cursor.execute(sql.due, (to_text(before), most)).fetchall()
    return tuple(dict.fromkeys(order_id for (order_id,) in found))


def _told(error: sqlite3.Error | DBAPIError) -> StoreError:
    if isinstance(error, sqlite3.IntegrityError):
        return ConflictError("store_conflict", why=str(error))
    why = str(error.orig if isinstance(error, DBAPIError) else error)
    return StoreUnavailableError("db_away", why=why)
