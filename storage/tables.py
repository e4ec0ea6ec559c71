"""The tables: an append-only log, and what it folds to. All names begin with `paidan_`."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, MetaData, String, Table, Text, UniqueConstraint, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

from paidan.storage.encoding import from_text, to_text
from paidan.storage.errors import UnstorableError
from paidan.workflows.records import BEIJING

SCHEMA_VERSION = 9
"""Raised with every change of these tables, which `migrations` then makes in older stores."""

ID = String().with_variant(String(collation="C"), "postgresql")
"""An id: compared and sorted by its characters alone, whatever language the database speaks."""


class UtcDateTime(TypeDecorator[datetime]):
    """
    An instant, kept as UTC and given back aware, in Beijing time.

    Where the database has no such type (SQLite) it is ISO text, which sorts as the instants do.
    Raises `UnstorableError` for a time without an offset.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose text for SQLite, the type with a time zone elsewhere."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse what is naive; write the rest."""
        if value is None:
            return None
        written = to_text(value)
        return written if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the type's protocol
        """Give an aware instant."""
        if value is None:
            return None
        if isinstance(value, str):
            return from_text(value)
        if value.tzinfo is None:
            raise UnstorableError("time_naive", at=value.isoformat())
        aware: datetime = value.astimezone(BEIJING)
        return aware


class Tabled(SQLModel):
    """What our tables have in common: a catalogue of their own, apart from the host's."""

    metadata: ClassVar[MetaData] = MetaData()


class StoreRow(Tabled, table=True):
    """The one row that says what this store is."""

    __tablename__ = "paidan_store"

    id: int = Field(primary_key=True)
    schema_version: int
    policy: str
    settings: str = Field(sa_type=Text)
    calendar: str = Field(sa_type=Text)
    store_id: str


class CalendarRow(Tabled, table=True):
    """A holiday notice loaded since the store was made, and since when it counts."""

    __tablename__ = "paidan_calendar"

    position: int | None = Field(default=None, primary_key=True)
    year: int
    text: str = Field(sa_type=Text)
    loaded_at: datetime = Field(sa_type=UtcDateTime)


class DirectoryRow(Tabled, table=True):
    """A directory as it was filed (`paidan.storage.port.KeptFiling`)."""

    __tablename__ = "paidan_directory"

    position: int | None = Field(default=None, primary_key=True)
    from_on: str
    text: str = Field(sa_type=Text)
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    loaded_by: str


class EntryRow(Tabled, table=True):
    """One line of the log. `position` is the order in which the store learned it, over all orders."""

    __tablename__ = "paidan_entry"
    __table_args__ = (UniqueConstraint("order_id", "seq", name="paidan_entry_order_seq"),)

    position: int | None = Field(default=None, primary_key=True)
    order_id: str = Field(sa_type=ID)
    seq: int
    event: str
    from_state: str
    to_state: str
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    role: str
    unit: str
    rule: str
    note: str
    attributes: str = Field(sa_type=Text)
    hash: str


class OrderRow(Tabled, table=True):
    """What an order is after its last entry; can be dropped and folded anew."""

    __tablename__ = "paidan_order"
    __table_args__ = ({"sqlite_with_rowid": False},)

    order_id: str = Field(primary_key=True, sa_type=ID)
    state: str
    seq: int
    policy: str
    facts: str = Field(sa_type=Text)
    head: str
    recorded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


_WAKES = text("wake_at IS NOT NULL")


class ClockRow(Tabled, table=True):
    """One clock of an order, at its place among them; a sweep looks at those that are to wake it."""

    __tablename__ = "paidan_clock"
    __table_args__ = (
        Index("paidan_clock_wake", "wake_at", "order_id", sqlite_where=_WAKES, postgresql_where=_WAKES),
        {"sqlite_with_rowid": False},
    )

    order_id: str = Field(
        primary_key=True, foreign_key="paidan_order.order_id", ondelete="CASCADE", sa_type=ID
    )
    position: int = Field(primary_key=True)
    rule: str
    unit: str
    dispatch: int
    started_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    provisional: bool
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    void: bool
    shut: bool
    raised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    escalations: str
    raised_by: int
    learned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AnswerRow(Tabled, table=True):
    """What came of a command that was given a key (`paidan.storage.port.KeptAnswer`)."""

    __tablename__ = "paidan_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: str = Field(primary_key=True, sa_type=ID)
    order_id: str = Field(sa_type=ID)
    body: str
    at: datetime = Field(sa_type=UtcDateTime)
    seq: int
    raised: int
    written: int
    findings: str = Field(sa_type=Text)
    dropped: str = Field(sa_type=Text)


class CursorRow(Tabled, table=True):
    """
    Up to which position a subscriber was given the log.

    Where the database cannot tell whether `holder` lives, it holds the cursor until `held_until`, in
    seconds since 1970 by the database's clock.
    """

    __tablename__ = "paidan_cursor"
    __table_args__ = ({"sqlite_with_rowid": False},)

    name: str = Field(primary_key=True, sa_type=ID)
    position: int
    holder: str
    held_until: int


_MEMO_WAKES = text("wake_at IS NOT NULL")
_STANDS = text("acknowledged_at IS NULL AND over = ''")


class InboxRow(Tabled, table=True):
    """Something that was told to a role (`paidan.storage.port.Memo`), once."""

    __tablename__ = "paidan_inbox"
    __table_args__ = (
        UniqueConstraint("order_id", "seq", "rule", "period", "role", "unit", name="paidan_inbox_once"),
        Index("paidan_inbox_wake", "wake_at", sqlite_where=_MEMO_WAKES, postgresql_where=_MEMO_WAKES),
        Index("paidan_inbox_stands", "number", sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    number: int | None = Field(default=None, primary_key=True)
    order_id: str = Field(sa_type=ID)
    seq: int
    event: str
    rule: str
    period: str
    role: str
    unit: str
    at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_at: datetime = Field(sa_type=UtcDateTime)
    wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    said: str = Field(sa_type=Text)
    climbed_from: int
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str
    acknowledged_as: str
    over: str


class TokenRow(Tabled, table=True):
    """A token that somebody outside is known by (`paidan.storage.port.KeptToken`)."""

    __tablename__ = "paidan_token"

    position: int | None = Field(default=None, primary_key=True)
    number: str = Field(sa_type=ID, unique=True)
    digest: str
    name: str
    role: str
    unit: str
    issued_at: datetime = Field(sa_type=UtcDateTime)
    issued_by: str
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str


class SessionRow(Tabled, table=True):
    """That somebody is signed in with a token (`paidan.storage.port.KeptSession`)."""

    __tablename__ = "paidan_session"
    __table_args__ = ({"sqlite_with_rowid": False},)

    digest: str = Field(primary_key=True, sa_type=ID)
    token: str
    began_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    wall: bool


class SightRow(Tabled, table=True):
    """That somebody looked at an order (`paidan.storage.port.Sight`)."""

    __tablename__ = "paidan_sight"
    __table_args__ = (
        Index("paidan_sight_order", "order_id", "at"),
        Index("paidan_sight_name", "name", "at"),
        Index("paidan_sight_at", "at"),
    )

    position: int | None = Field(default=None, primary_key=True)
    order_id: str = Field(sa_type=ID)
    at: datetime = Field(sa_type=UtcDateTime)
    name: str = Field(sa_type=ID)
    role: str
    unit: str
    token: str
    what: str


class VaultRow(Tabled, table=True):
    """The one row of a store with a vault: by what its master key is known, which lies elsewhere."""

    __tablename__ = "paidan_vault"

    id: int = Field(primary_key=True)
    known_by: str


class OrderKeyRow(Tabled, table=True):
    """
    The key of an order, wrapped under the master key; without it nobody reads `SealedRow`.

    Rows are appended and never move or grow, so that a key which is overwritten was nowhere else.
    """

    __tablename__ = "paidan_vault_key"
    __table_args__ = (UniqueConstraint("order_id", name="paidan_vault_key_order"),)

    position: int | None = Field(default=None, primary_key=True)
    order_id: str = Field(sa_type=ID)
    wrapped: bytes = Field(sa_type=LargeBinary)


class SealedRow(Tabled, table=True):
    """What an entry of an order said of a person, encrypted under the order's key."""

    __tablename__ = "paidan_vault_value"

    order_id: str = Field(primary_key=True, sa_type=ID)
    seq: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class FeedRow(Tabled, table=True):
    """
    An order in the exports of a feed (`paidan.storage.port.Fed`); can be dropped, then nothing is missed.

    `gone` is the export that was the first to lack it, empty while it is there.
    """

    __tablename__ = "paidan_feed"
    __table_args__ = ({"sqlite_with_rowid": False},)

    feed: str = Field(primary_key=True, sa_type=ID)
    order_id: str = Field(primary_key=True, sa_type=ID)
    export: str = Field(sa_type=ID)
    before: str = Field(sa_type=ID)
    said: str
    gone: str = Field(sa_type=ID)


def table(row: type[SQLModel]) -> Table:
    """Give the table behind a row class."""
    found: Table = row.__table__  # type: ignore[attr-defined]
    return found


STORE, ENTRY, ORDER, CLOCK, CALENDAR, ANSWER, CURSOR = (
    table(row) for row in (StoreRow, EntryRow, OrderRow, ClockRow, CalendarRow, AnswerRow, CursorRow)
)
DIRECTORY, INBOX, FEED = table(DirectoryRow), table(InboxRow), table(FeedRow)
TOKEN, SESSION, SIGHT = table(TokenRow), table(SessionRow), table(SightRow)
VAULT, ORDER_KEY, SEALED = (table(row) for row in (VaultRow, OrderKeyRow, SealedRow))
