"""What the stores on a database have in common: reading, and what they were made for."""

import json
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from paidan.storage.encoding import to_text
from paidan.storage.errors import SchemaError, StoreMissingError
from paidan.storage.examine import examine
from paidan.storage.port import (
    NUMBER_MOST,
    About,
    Cursor,
    Examined,
    Kept,
    KeptFiling,
    KeptNotice,
    KeptSession,
    KeptToken,
    Link,
    Linked,
    Memo,
    Sight,
    SightPlace,
    Transaction,
)
from paidan.storage.rows import Rows
from paidan.storage.sql import Statements
from paidan.storage.tables import SCHEMA_VERSION
from paidan.storage.transaction import cases_beside, named
from paidan.workflows.records import Entry

T = TypeVar("T")
E = TypeVar("E")

_LOWEST = -(2**63)


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
        self.settings: Mapping[str, str] = MappingProxyType({})
        self.calendar = ""
        self.store_id = ""

    @abstractmethod
    def write(self, work: Callable[[Transaction], T], about: About | None = None) -> T:
        """Run `work` in one transaction, commit it durably, give its result."""

    def drain(self, work: Callable[[Transaction], T]) -> Iterator[T]:
        """Run `work` until it finds nothing."""
        while found := self.write(work):
            yield found

    @abstractmethod
    def close(self) -> None:
        """Close every connection; a second call does nothing."""

    @abstractmethod
    def _reading(self, *, whole: bool = False) -> AbstractContextManager[DBAPICursor]:
        """Lend a cursor whose errors are told as the store's; `whole` for the rows of all orders."""

    @abstractmethod
    def _moment(self) -> AbstractContextManager[tuple[DBAPICursor, DBAPICursor]]:
        """Lend two cursors that read all orders as of one moment, texts that are none included."""

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

    def beside(self, order_id: str) -> tuple[str, ...]:
        """Name the cases about an order as last committed."""
        with self._reading() as cursor:
            return cases_beside(cursor.execute, self._sql, order_id)

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """Name orders with clocks that wake before an instant."""
        with self._reading() as cursor:
            return named(cursor.execute(self._sql.due, (to_text(before), most)).fetchall())

    def orders(self, order_ids: Collection[str] | None = None) -> Iterator[Kept]:
        """Give every order, or those of some, as of one moment."""
        with self._reading(whole=order_ids is None) as cursor:
            if order_ids is None:
                found = cursor.execute(self._sql.orders)
            else:
                found = cursor.execute(self._sql.several, (self._sql.list_of(order_ids),))
            yield from self._rows.each_kept(_each(found))

    def entries(self, order_id: str | None = None) -> Iterator[Entry]:
        """Give the log as of one moment."""
        yield from self._log(order_id, self._rows.entry_of)

    def linked(self, order_id: str | None = None) -> Iterator[Linked]:
        """Give the log as it lies there, as of one moment."""
        yield from self._log(order_id, self._rows.linked_of)

    def examined(self) -> Iterator[Examined]:
        """Give every order held against its chain, as of one moment."""
        with self._moment() as (logged, folded):
            # Clocks without an order would be seen by no join: each becomes an order that says nothing.
            strays = [(*row, *[None] * 20) for row in folded.execute(self._sql.stray_clocks).fetchall()]
            yield from examine(self._rows, (), strays)
            yield from examine(
                self._rows, _each(logged.execute(self._sql.logs)), _each(folded.execute(self._sql.orders))
            )

    def links(self, until: int, after: int | None = None, *, checked: bool = False) -> Iterator[Link]:
        """Give the chain in order of position."""
        within = (_LOWEST if after is None else after, until)
        with self._reading(whole=True) as cursor:
            if checked:
                yield from map(self._rows.link_of, _each(cursor.execute(self._sql.checked_links, within)))
            else:
                yield from (Link(*row) for row in _each(cursor.execute(self._sql.links, within)))

    @abstractmethod
    def cursor(self, name: str, start: int = 0) -> AbstractContextManager[Cursor | None]:
        """Lend a cursor of the log to one holder at a time."""

    def settled(self) -> int:
        """Give the position of the last entry; where one alone writes, none comes below it."""
        with self._reading() as cursor:
            return last_position(cursor, self._sql)

    def written(self, after: int, most: int) -> tuple[Linked, ...]:
        """Give the entries that follow a position."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.written, (after, most)).fetchall()
        return tuple(map(self._rows.linked_of, found))

    def position_of(self, name: str) -> int | None:
        """Give where a cursor stands."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.position_of, (name,)).fetchone()
        return None if found is None else int(found[0])

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices as last committed."""
        with self._reading() as cursor:
            return tuple(map(self._rows.notice_of, cursor.execute(self._sql.notices).fetchall()))

    def filings(self) -> tuple[KeptFiling, ...]:
        """Give the directories that were filed as last committed."""
        with self._reading() as cursor:
            return tuple(map(self._rows.filing_of, cursor.execute(self._sql.filings).fetchall()))

    def token(self, number: str) -> KeptToken | None:
        """Give a token."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.token, (number,)).fetchone()
        return None if found is None else self._rows.token_of(found)

    def tokens(self) -> tuple[KeptToken, ...]:
        """Give every token."""
        with self._reading() as cursor:
            return tuple(map(self._rows.token_of, cursor.execute(self._sql.tokens).fetchall()))

    def session(self, digest: str) -> KeptSession | None:
        """Give a session."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.session, (digest,)).fetchone()
        return None if found is None else self._rows.session_of(found)

    def sights(
        self, order_id: str, name: str, since: datetime, before: SightPlace, most: int
    ) -> tuple[Sight, ...]:
        """Give who looked at an order, or at what somebody looked."""
        asked = {
            (False, False): self._sql.sights, (True, False): self._sql.sights_of,
            (False, True): self._sql.sights_by, (True, True): self._sql.sights_of_by,
        }[bool(order_id), bool(name)]  # fmt: skip
        with self._reading() as cursor:
            at, position = before
            within = (to_text(since), *[to_text(at)] * 3, position)
            found = cursor.execute(asked, (*filter(None, (order_id, name)), *within, most)).fetchall()
        return tuple(map(self._rows.sight_of, found))

    def orders_after(self, order_id: str, most: int) -> tuple[Kept, ...]:
        """Give the orders that follow an id."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.orders_after, (order_id, most)).fetchall()
        return tuple(self._rows.each_kept(found))

    def memo(self, number: int) -> Memo | None:
        """Give what was told under a number."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.memo, (number,)).fetchone()
        return None if found is None else self._rows.memo_of(found)

    def inbox(
        self, *, standing: bool, role: str = "", unit: str = "", before: int = NUMBER_MOST,
        most: int = NUMBER_MOST,
    ) -> Iterator[Memo]:  # fmt: skip
        """Give memos, or those that stand, the newest first."""
        asked = (before, role, role, unit, unit, most)
        with self._reading(whole=True) as cursor:
            found = cursor.execute(self._sql.standing if standing else self._sql.inbox, asked)
            yield from map(self._rows.memo_of, _each(found))

    def memos_of(self, order_id: str) -> tuple[Memo, ...]:
        """Give every memo about an order."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.memos_of, (order_id,)).fetchall()
        return tuple(map(self._rows.memo_of, found))

    def waking_memos(self, until: datetime, most: int) -> tuple[Memo, ...]:
        """Give memos that wake at or before an instant."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.waking_memos, (to_text(until), most)).fetchall()
        return tuple(map(self._rows.memo_of, found))

    def vault(self) -> str:
        """Give by what the vault's master key is known."""
        with self._reading() as cursor:
            found = cursor.execute(self._sql.vault).fetchone()
            return "" if found is None else str(found[0])

    def scrub(self) -> bool:
        """Leave no byte of what was destroyed in files of ours: those of a server are not."""
        return True

    def prepare(
        self, policy: str, settings: Mapping[str, str], calendar: Callable[[], str], *, create: bool
    ) -> None:
        """
        Make the tables where there are none, else check that they are ours; close where that fails.

        Raises `StoreMissingError` where none are to be made, `SchemaError` for another version.
        """
        try:
            self._prepare(policy, settings, calendar, create=create)
        except BaseException:
            self.close()
            raise

    def _prepare(
        self, policy: str, settings: Mapping[str, str], calendar: Callable[[], str], *, create: bool
    ) -> None:
        with self._reading() as cursor:
            there = cursor.execute(self.there).fetchone()[0]
        if not there:
            if not create:
                raise StoreMissingError("db_missing", url=str(self._engine.url))
            known = calendar()
            self._making(lambda cursor: self._make(cursor, policy, settings, known))
        with self._reading() as cursor:
            stores = cursor.execute(self._sql.version).fetchall()
            if len(stores) != 1:
                raise SchemaError("db_spoiled", url=str(self._engine.url))
            found = stores[0][0]
            if found != SCHEMA_VERSION:
                code = "db_older" if found < SCHEMA_VERSION else "db_schema"
                raise SchemaError(code, found=found, wanted=SCHEMA_VERSION, url=str(self._engine.url))
            self.policy, chosen, self.calendar, self.store_id = cursor.execute(self._sql.what).fetchone()
        with suppress(ValueError, TypeError):
            self.settings = json.loads(chosen)
        if type(self.settings) is not dict:
            raise SchemaError("db_spoiled", url=str(self._engine.url))

    def _log(self, order_id: str | None, read: Callable[[Any], E]) -> Iterator[E]:
        with self._reading(whole=order_id is None) as cursor:
            if order_id is None:
                found = cursor.execute(self._sql.logs)
            else:
                found = cursor.execute(self._sql.log, (order_id,))
            yield from map(read, _each(found))

    def _make(self, cursor: DBAPICursor, policy: str, settings: Mapping[str, str], calendar: str) -> None:
        if cursor.execute(self.there).fetchone()[0]:  # another process made them just now
            return
        for statement in (*self._sql.create, *self.guards):
            cursor.execute(statement)
        chosen = json.dumps(dict(settings), sort_keys=True)
        store_id = secrets.token_hex(16)
        cursor.execute(self._sql.new_store, (1, SCHEMA_VERSION, policy, chosen, calendar, store_id))


def last_position(cursor: DBAPICursor, sql: Statements) -> int:
    """Give the position of the last entry that is seen."""
    return int(cursor.execute(sql.last_position).fetchone()[0] or 0)


def _each(cursor: Any) -> Iterator[Any]:
    """Give the rows of a cursor; every driver iterates, which the protocol of SQLAlchemy leaves out."""
    return iter(cursor)
