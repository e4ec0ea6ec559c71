"""What the stores on a database have in common: reading, and what they were made for."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from paidan.storage.errors import SchemaError, StoreMissingError
from paidan.storage.port import Kept, KeptNotice, Transaction
from paidan.storage.rows import Rows
from paidan.storage.sql import Statements
from paidan.storage.tables import SCHEMA_VERSION
from paidan.storage.transaction import named
from paidan.workflows.records import Entry

T = TypeVar("T")


class SqlStore(ABC):
    """The port `paidan.storage.port.Store` on a database, short of how it writes and locks."""

    there: ClassVar[str]
    """A statement that gives one true cell where the tables are."""

    guards: ClassVar[tuple[str, ...]]
    """Statements that make the database itself refuse to change the log."""

    def __init__(self, engine: Engine, sql: Statements, rows: Rows) -> None:
        self._engine = engine
        self._sql = sql
        self._rows = rows
        self._closed = False
        self.policy = ""
        self.settings: Mapping[str, str] = {}
        self.calendar = ""

    @abstractmethod
    def write(self, work: Callable[[Transaction], T]) -> T:
        """Run `work` in one transaction, commit it durably, give its result."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection; a second call does nothing."""

    @abstractmethod
    def _reading(self, *, whole: bool = False) -> AbstractContextManager[DBAPICursor]:
        """Lend a cursor whose errors are told as the store's; `whole` for the rows of all orders."""

    @abstractmethod
    def _making(self, make: Callable[[DBAPICursor], None]) -> None:
        """Make tables in one transaction, alone."""

    def _close_idle(self) -> None:
        """Close the connections nobody uses."""
        self._engine.pool.dispose()

    def _given_back(self) -> None:
        """Close what was in use while the store was closed, which could not reach it."""
        if self._closed:
            self._close_idle()

    def order(self, order_id: str) -> Kept | None:
        """Give an order as last committed."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.order, (order_id,)).fetchall()
        return self._rows.kept_of(found) if found else None

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """Name orders with clocks that wake before an instant."""
        with self._reading() as cursor:
            return named(cursor.execute(self._sql.due, (self._rows.instant(before), most)).fetchall())

    def orders(self) -> Iterator[Kept]:
        """Give every order as of one moment."""
        with self._reading(whole=True) as cursor:
            yield from self._rows.each_kept(_each(cursor.execute(self._sql.orders)))

    def entries(self, order_id: str | None = None) -> Iterator[Entry]:
        """Give the log as of one moment."""
        with self._reading(whole=order_id is None) as cursor:
            if order_id is None:
                found = cursor.execute(self._sql.logs)
            else:
                found = cursor.execute(self._sql.log, (order_id,))
            yield from map(self._rows.entry_of, _each(found))

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices as last committed."""
        with self._reading() as cursor:
            return tuple(map(self._rows.notice_of, cursor.execute(self._sql.notices).fetchall()))

    def prepare(
        self, policy: str, settings: Mapping[str, str], calendar: Callable[[], str], *, create: bool
    ) -> None:
        """
        Make the tables where there are none, else check that they are ours.

        Raises `StoreMissingError` where none are to be made, `SchemaError` for another version.
        """
        with self._reading() as cursor:
            there = cursor.execute(self.there).fetchone()[0]
        if not there:
            if not create:
                raise StoreMissingError("db_missing", url=str(self._engine.url))
            known = calendar()
            self._making(lambda cursor: self._make(cursor, policy, settings, known))
        with self._reading() as cursor:
            (found,) = cursor.execute(self._sql.version).fetchone()
            if found != SCHEMA_VERSION:
                code = "db_older" if found < SCHEMA_VERSION else "db_schema"
                raise SchemaError(code, found=found, wanted=SCHEMA_VERSION, url=str(self._engine.url))
            self.policy, chosen, self.calendar = cursor.execute(self._sql.what).fetchone()
        self.settings = json.loads(chosen)

    def _make(self, cursor: DBAPICursor, policy: str, settings: Mapping[str, str], calendar: str) -> None:
        if cursor.execute(self.there).fetchone()[0]:  # another process made them just now
            return
        for statement in (*self._sql.create, *self.guards):
            cursor.execute(statement)
        chosen = json.dumps(dict(settings), sort_keys=True)
        cursor.execute(self._sql.new_store, (1, SCHEMA_VERSION, policy, chosen, calendar))


def _each(cursor: Any) -> Iterator[Any]:
    """Give the rows of a cursor; every driver iterates, which the protocol of SQLAlchemy leaves out."""
    return iter(cursor)
