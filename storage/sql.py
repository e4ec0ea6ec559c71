"""
The statements of a store, built from the tables with SQLAlchemy Core and compiled once per dialect.

They are run on the driver itself: Core would cost more than the rest of a command together.
Row order is the order of the table's columns, so that a record becomes a row without names.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, text, update
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import Executable

from paidan.storage.encoding import from_json, from_text, to_json, to_text
from paidan.storage.port import Kept, KeptNotice
from paidan.storage.tables import CALENDAR, CLOCK, ENTRY, ORDER, STORE, Tabled
from paidan.workflows.records import Clock, Entry, Order

_ENTRY_COLUMNS = tuple(column for column in ENTRY.columns if column.name != "position")
_CLOCK_COLUMNS = tuple(column for column in CLOCK.columns if column.name != "order_id")
_ORDER_WIDTH = len(ORDER.columns)


class Statements:
    """Every statement of a store as text for one dialect, its parameters by position."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        one: BindParameter[str] = bindparam("order_id")
        joined = select(*ORDER.columns, *_CLOCK_COLUMNS).select_from(
            ORDER.outerjoin(CLOCK, CLOCK.c.order_id == ORDER.c.order_id)
        )
        logged = select(*_ENTRY_COLUMNS)
        self.order = self._text(joined.where(ORDER.c.order_id == one).order_by(CLOCK.c.position), "order_id")
        self.orders = self._text(joined.order_by(ORDER.c.order_id, CLOCK.c.position))
        self.log = self._text(logged.where(ENTRY.c.order_id == one).order_by(ENTRY.c.seq), "order_id")
        self.logs = self._text(logged.order_by(ENTRY.c.order_id, ENTRY.c.seq))
        self.logged = self._text(select(ENTRY.c.order_id).distinct().order_by(ENTRY.c.order_id))
        self.due = self._text(
            select(CLOCK.c.order_id)
            .where(text("armed"), CLOCK.c.due_at < bindparam("before"))
            .order_by(CLOCK.c.due_at, CLOCK.c.order_id)
            .suffix_with(text("LIMIT :most")),  # `limit` would add an OFFSET of its own on SQLite
            "before", "most",
        )  # fmt: skip
        self.append = self._text(
            insert(ENTRY).values({column: bindparam(column.name) for column in _ENTRY_COLUMNS}),
            *(column.name for column in _ENTRY_COLUMNS),
        )
        self.new_order = self._text(insert(ORDER), *(column.name for column in ORDER.columns))
        self.new_clock = self._text(insert(CLOCK), *(column.name for column in CLOCK.columns))
        self.change_order = self._text(
            update(ORDER)
            .where(ORDER.c.order_id == bindparam("of"), ORDER.c.seq == bindparam("was"))
            .values({column: bindparam(f"new_{column.name}") for column in ORDER.columns[1:]}),
            *(f"new_{column.name}" for column in ORDER.columns[1:]), "of", "was",
        )  # fmt: skip
        self.change_clock = self._text(
            update(CLOCK)
            .where(CLOCK.c.order_id == bindparam("of"), CLOCK.c.position == bindparam("place"))
            .values({column: bindparam(f"new_{column.name}") for column in CLOCK.columns[2:]}),
            *(f"new_{column.name}" for column in CLOCK.columns[2:]), "of", "place",
        )  # fmt: skip
        self.forget = self._text(delete(ORDER).where(ORDER.c.order_id == one), "order_id")
        self.forget_clocks = self._text(delete(CLOCK).where(CLOCK.c.order_id == one), "order_id")
        self.forget_stray_orders, self.forget_stray_clocks = (
            self._text(delete(folded).where(folded.c.order_id.not_in(select(ENTRY.c.order_id))))
            for folded in (ORDER, CLOCK)
        )
        self.what = self._text(select(STORE.c.policy, STORE.c.settings, STORE.c.calendar))
        self.version = self._text(select(STORE.c.schema_version))
        self.count_stores = self._text(select(func.count()).select_from(STORE))
        self.new_store = self._text(insert(STORE), *(column.name for column in STORE.columns))
        kept = tuple(column for column in CALENDAR.columns if column.name != "position")
        self.notices = self._text(select(*kept).order_by(CALENDAR.c.position))
        self.load_notice = self._text(
            insert(CALENDAR).values({column: bindparam(column.name) for column in kept}),
            *(column.name for column in kept),
        )
        self.last_recorded = self._text(select(func.max(ENTRY.c.recorded_at)))
        made: list[Any] = []
        for one_table in Tabled.metadata.sorted_tables:
            made.append(CreateTable(one_table, if_not_exists=True))
            made += [CreateIndex(index, if_not_exists=True) for index in one_table.indexes]
        self.create = tuple(str(ddl.compile(dialect=dialect)) for ddl in made)

    def _text(self, statement: Executable, *parameters: str) -> str:
        compiled: Any = cast("Any", statement).compile(dialect=self._dialect)
        if list(compiled.positiontup or ()) != list(parameters):
            raise AssertionError(f"{compiled.positiontup} are not {parameters}")
        return str(compiled)


def entry_row(entry: Entry) -> tuple[Any, ...]:
    """Give the row of an entry."""
    return (
        entry.order_id, entry.seq, entry.event, entry.from_state, entry.to_state, to_text(entry.at),
        to_text(entry.recorded_at), entry.actor, entry.role, entry.unit, entry.rule, entry.note,
        to_json(entry.attributes),
    )  # fmt: skip


def entry_of(row: Sequence[Any]) -> Entry:
    """Give the entry of a row."""
    order_id, seq, event, before, after, at, recorded_at, actor, role, unit, rule, note, said = row
    return Entry(
        order_id, seq, event, before, after, from_text(at), from_text(recorded_at), actor, role, unit, rule,
        note, from_json(said),
    )  # fmt: skip


def notice_row(notice: KeptNotice) -> tuple[Any, ...]:
    """Give the row of a holiday notice."""
    return (notice.year, notice.text, to_text(notice.loaded_at))


def notice_of(row: Sequence[Any]) -> KeptNotice:
    """Give the holiday notice of a row."""
    year, text, loaded_at = row
    return KeptNotice(year, text, from_text(loaded_at))


def order_row(kept: Kept) -> tuple[Any, ...]:
    """Give the row of an order without its clocks."""
    order = kept.order
    return (order.order_id, order.state, order.seq, kept.policy, to_json(order.facts))


def clock_row(clock: Clock, armed: bool) -> tuple[Any, ...]:  # noqa: FBT001 - a column like the others
    """Give the row of a clock without its key."""
    done_at, raised_at = clock.done_at, clock.raised_at
    return (
        clock.rule, clock.unit, clock.dispatch, to_text(clock.started_at), to_text(clock.due_at),
        clock.provisional, None if done_at is None else to_text(done_at), clock.void, clock.shut,
        None if raised_at is None else to_text(raised_at), armed,
    )  # fmt: skip


def kept_of(rows: Sequence[Sequence[Any]]) -> Kept:
    """Give the order that the joined rows of one order id make."""
    order_id, state, seq, policy, facts = rows[0][:_ORDER_WIDTH]
    clocks: list[Clock] = []
    armed: list[bool] = []
    for row in rows:
        place, rule, unit, dispatch, started, due, provisional, done, void, shut, raised, is_armed = row[
            _ORDER_WIDTH:
        ]
        if place is None:
            break
        clocks.append(
            Clock(
                rule,
                unit,
                dispatch,
                from_text(started),
                from_text(due),
                bool(provisional),
                None if done is None else from_text(done),
                bool(void),
                bool(shut),
                None if raised is None else from_text(raised),
            )
        )
        armed.append(bool(is_armed))
    return Kept(Order(order_id, state, seq, from_json(facts), tuple(clocks)), policy, tuple(armed))


def each_kept(rows: Iterable[Sequence[Any]]) -> Iterator[Kept]:
    """Give every order that the joined rows make, which come in order of order id."""
    for _, of_one in groupby(rows, key=itemgetter(0)):
        yield kept_of(list(of_one))
