"""
The statements of a store, built from the tables with SQLAlchemy Core and compiled once per dialect.

They are run on the driver itself: Core would cost more than the rest of a command together.
"""

import json
from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import Executable

from paidan.storage.port import MARKED
from paidan.storage.tables import (
    ANSWER,
    CALENDAR,
    CLOCK,
    CURSOR,
    DIRECTORY,
    ENTRY,
    FEED,
    INBOX,
    ORDER,
    ORDER_KEY,
    SEALED,
    SESSION,
    SIGHT,
    STORE,
    TOKEN,
    VAULT,
    Tabled,
)

ENTRY_COLUMNS = tuple(column for column in ENTRY.columns if column.name != "position")
ADVANCED = (ORDER.c.state, ORDER.c.seq, ORDER.c.head, ORDER.c.recorded_at)
"""What an entry changes of an order even where it tells nothing new of it (`Rows.advanced_row`)."""
LOGGED_COLUMNS = (*ENTRY_COLUMNS, ENTRY.c.position)
KEEP_FED = """ ON CONFLICT (feed, order_id) DO UPDATE SET
    said = excluded.said, export = excluded.export, gone = '',
    "before" = CASE WHEN paidan_feed.gone <> '' THEN '' WHEN paidan_feed.export = excluded.export
        THEN paidan_feed."before" ELSE paidan_feed.export END"""
"""What becomes of an order that an earlier export of its feed held."""
CLOCK_COLUMNS = tuple(column for column in CLOCK.columns if column.name != "order_id")


class Statements:
    """Every statement of a store as text for one dialect, its parameters by position."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        one: BindParameter[str] = bindparam("order_id")
        self.joined = joined = select(*ORDER.columns, *CLOCK_COLUMNS).select_from(
            ORDER.outerjoin(CLOCK, CLOCK.c.order_id == ORDER.c.order_id)
        )
        logged = select(*LOGGED_COLUMNS)
        several = joined.where(self.listed(ORDER.c.order_id, "order_ids"))
        self.several = self.text(several.order_by(ORDER.c.order_id, CLOCK.c.position), "order_ids")
        self.order = self.text(joined.where(ORDER.c.order_id == one).order_by(CLOCK.c.position), "order_id")
        self.orders = self.text(joined.order_by(ORDER.c.order_id, CLOCK.c.position))
        self.log = self.text(logged.where(ENTRY.c.order_id == one).order_by(ENTRY.c.seq), "order_id")
        logs_of = logged.where(self.listed(ENTRY.c.order_id, "order_ids"))
        self.logs_of = self.text(logs_of.order_by(ENTRY.c.order_id, ENTRY.c.seq), "order_ids")
        self.logs = self.text(logged.order_by(ENTRY.c.order_id, ENTRY.c.seq))
        self.written = self.text(
            logged.where(ENTRY.c.position > bindparam("after"))
            .order_by(ENTRY.c.position)
            .suffix_with(text("LIMIT :most")),
            "after", "most",
        )  # fmt: skip
        self.last_position = self.text(select(func.max(ENTRY.c.position)))
        self.logged = self.text(select(ENTRY.c.order_id).distinct().order_by(ENTRY.c.order_id))
        self.due = self.text(
            select(CLOCK.c.order_id)
            .where(CLOCK.c.wake_at < bindparam("before"))
            .order_by(CLOCK.c.wake_at, CLOCK.c.order_id)
            .suffix_with(text("LIMIT :most")),  # `limit` would add an OFFSET of its own on SQLite
            "before", "most",
        )  # fmt: skip
        self.append = self.text(
            insert(ENTRY).inline().values({column: bindparam(column.name) for column in ENTRY_COLUMNS}),
            *(column.name for column in ENTRY_COLUMNS),
        )
        self.new_order = self.text(insert(ORDER), *(column.name for column in ORDER.columns))
        self.new_clock = self.text(insert(CLOCK), *(column.name for column in CLOCK.columns))
        self.change_order = self.text(
            update(ORDER)
            .where(ORDER.c.order_id == bindparam("of"), ORDER.c.seq == bindparam("was"))
            .values({column: bindparam(f"new_{column.name}") for column in ORDER.columns[1:]}),
            *(f"new_{column.name}" for column in ORDER.columns[1:]), "of", "was",
        )  # fmt: skip
        self.advance_order = self.text(
            update(ORDER)
            .where(ORDER.c.order_id == bindparam("of"), ORDER.c.seq == bindparam("was"))
            .values({column: bindparam(f"new_{column.name}") for column in ADVANCED}),
            *(f"new_{column.name}" for column in ADVANCED), "of", "was",
        )  # fmt: skip
        self.change_clock = self.text(
            update(CLOCK)
            .where(CLOCK.c.order_id == bindparam("of"), CLOCK.c.position == bindparam("place"))
            .values({column: bindparam(f"new_{column.name}") for column in CLOCK.columns[2:]}),
            *(f"new_{column.name}" for column in CLOCK.columns[2:]), "of", "place",
        )  # fmt: skip
        self.forget = self.text(delete(ORDER).where(ORDER.c.order_id == one), "order_id")
        self.forget_clocks = self.text(delete(CLOCK).where(CLOCK.c.order_id == one), "order_id")
        self.forget_clocks_from = self.text(
            delete(CLOCK).where(CLOCK.c.order_id == one, CLOCK.c.position >= bindparam("place")),
            "order_id", "place",
        )  # fmt: skip
        self.forget_stray_orders, self.forget_stray_clocks = (
            self.text(delete(folded).where(folded.c.order_id.not_in(select(ENTRY.c.order_id))))
            for folded in (ORDER, CLOCK)
        )
        self.stray_clocks = self.text(
            select(CLOCK.c.order_id)
            .distinct()
            .where(CLOCK.c.order_id.not_in(select(ORDER.c.order_id)))
            .order_by(CLOCK.c.order_id)
        )
        self.what = self.text(select(STORE.c.policy, STORE.c.settings, STORE.c.calendar, STORE.c.store_id))
        self.version = self.text(select(STORE.c.schema_version))
        self.new_store = self.text(insert(STORE), *(column.name for column in STORE.columns))
        kept = tuple(column for column in CALENDAR.columns if column.name != "position")
        self.notices = self.text(select(*kept).order_by(CALENDAR.c.position))
        self.load_notice = self.text(
            insert(CALENDAR).values({column: bindparam(column.name) for column in kept}),
            *(column.name for column in kept),
        )
        self.answer = self.text(select(ANSWER).where(ANSWER.c.key == bindparam("key")), "key")
        self.keep_answer = self.text(insert(ANSWER), *(column.name for column in ANSWER.columns))
        self.last_recorded = self.text(select(func.max(ENTRY.c.recorded_at)))
        self._of_links()
        self._of_cases()
        self._of_roles(one)
        self._of_access()
        self._of_cursors()
        self._of_vault(one)
        self._of_feeds()
        made: list[Any] = []
        for one_table in Tabled.metadata.sorted_tables:
            made.append(CreateTable(one_table, if_not_exists=True))
            made += [CreateIndex(index, if_not_exists=True) for index in one_table.indexes]
        self.create = tuple(str(ddl.compile(dialect=dialect)) for ddl in made)

    def _of_links(self) -> None:
        after, until = (bindparam(name, type_=BigInteger) for name in ("after", "until"))
        within = and_(ENTRY.c.position > after, ENTRY.c.position <= until)
        self.links = self.text(
            select(ENTRY.c.position, ENTRY.c.seq, ENTRY.c.hash).where(within).order_by(ENTRY.c.position),
            "after", "until",
        )  # fmt: skip
        one_before = ENTRY.alias("before")
        follows = and_(
            one_before.c.order_id == ENTRY.c.order_id, one_before.c.seq == ENTRY.c.seq - literal_column("1")
        )
        self.checked_links = self.text(
            select(*LOGGED_COLUMNS).add_columns(one_before.c.hash.label("previous"))
            .select_from(ENTRY.outerjoin(one_before, follows))
            .where(within)
            .order_by(ENTRY.c.position),
            "after", "until",
        )  # fmt: skip

    def _of_cases(self) -> None:
        within = and_(ORDER.c.order_id > bindparam("after"), ORDER.c.order_id < bindparam("before"))
        self.beside = self.text(
            select(ORDER.c.order_id).where(within).order_by(ORDER.c.order_id), "after", "before"
        )
        self.cases = self.text(
            select(ORDER.c.order_id)
            .where(ORDER.c.order_id.like(bindparam("marked")))
            .order_by(ORDER.c.order_id),
            "marked",
        )
        risks = select(ORDER.c.order_id).where(ORDER.c.facts.like(bindparam("risk")))
        self.risks = self.text(
            select(*ENTRY_COLUMNS, ENTRY.c.position)
            .where(ENTRY.c.order_id.in_(risks), ENTRY.c.event == bindparam("event"))
            .order_by(ENTRY.c.order_id, ENTRY.c.seq),
            "risk", "event",
        )  # fmt: skip

    def _of_roles(self, one: BindParameter[str]) -> None:
        filed = tuple(column for column in DIRECTORY.columns if column.name != "position")
        self.filings = self.text(select(*filed).order_by(DIRECTORY.c.position))
        self.file_directory = self.text(
            insert(DIRECTORY).values({column: bindparam(column.name) for column in filed}),
            *(column.name for column in filed),
        )
        told = tuple(column for column in INBOX.columns if column.name != "number")
        every = select(*told, INBOX.c.number)
        stands = and_(INBOX.c.acknowledged_at.is_(None), INBOX.c.over == literal_column("''"))
        asked = every.where(
            INBOX.c.number < bindparam("before"),
            *(
                or_(
                    INBOX.c[name] == bindparam(name),
                    bindparam(f"any_{name}", type_=String) == literal_column("''"),
                )
                for name in ("role", "unit")
            ),
        )
        self.inbox, self.standing = (
            self.text(
                chosen.order_by(INBOX.c.number.desc()).suffix_with(text("LIMIT :most")),
                "before", "role", "any_role", "unit", "any_unit", "most",
            )
            for chosen in (asked, asked.where(stands))
        )  # fmt: skip
        self.memos_of = self.text(every.where(INBOX.c.order_id == one).order_by(INBOX.c.number), "order_id")
        self.memo = self.text(every.where(INBOX.c.number == bindparam("number")), "number")
        self.waking_memos = self.text(
            every.where(INBOX.c.wake_at <= bindparam("until"))
            .order_by(INBOX.c.wake_at, INBOX.c.number)
            .suffix_with(text("LIMIT :most")),
            "until", "most",
        )  # fmt: skip
        put = self.text(
            insert(INBOX).inline().values({column: bindparam(column.name) for column in told}),
            *(column.name for column in told),
        )
        self.put_memo = f"{put} ON CONFLICT DO NOTHING"
        self.mark_memo = self.text(
            update(INBOX)
            .where(INBOX.c.number == bindparam("of"))
            .values({name: bindparam(f"new_{name}") for name in MARKED}),
            *(f"new_{name}" for name in MARKED), "of",
        )  # fmt: skip

    def _of_access(self) -> None:
        tokens = tuple(column for column in TOKEN.columns if column.name != "position")
        self.tokens = self.text(select(*tokens).order_by(TOKEN.c.position))
        self.token = self.text(select(*tokens).where(TOKEN.c.number == bindparam("number")), "number")
        self.keep_token = self.text(
            insert(TOKEN).inline().values({column: bindparam(column.name) for column in tokens}),
            *(column.name for column in tokens),
        )
        self.end_token = self.text(
            update(TOKEN)
            .where(TOKEN.c.number == bindparam("of"))
            .values(ended_at=bindparam("new_ended_at"), ended_by=bindparam("new_ended_by")),
            "new_ended_at", "new_ended_by", "of",
        )  # fmt: skip
        of_session = SESSION.c.digest == bindparam("of")
        self.session = self.text(select(*SESSION.columns).where(of_session), "of")
        self.keep_session = self.text(
            insert(SESSION).inline().values({column: bindparam(column.name) for column in SESSION.columns}),
            *(column.name for column in SESSION.columns),
        )
        self.see_session = self.text(
            update(SESSION).where(of_session).values(seen_at=bindparam("new_seen_at")), "new_seen_at", "of"
        )
        self.end_session = self.text(delete(SESSION).where(of_session), "of")
        self.end_sessions = self.text(delete(SESSION).where(SESSION.c.seen_at < bindparam("at")), "at")
        seen = tuple(column for column in SIGHT.columns if column.name != "position")
        self.keep_sight = self.text(
            insert(SIGHT).inline().values({column: bindparam(column.name) for column in seen}),
            *(column.name for column in seen),
        )
        latest = (
            select(*seen, SIGHT.c.position)
            .order_by(SIGHT.c.at.desc(), SIGHT.c.position.desc())
            .suffix_with(text("LIMIT :most"))
        )
        at = SIGHT.c.at
        before = or_(
            at < bindparam("before"),  # beside `until` it bounds what an index is read for
            and_(at == bindparam("same"), SIGHT.c.position < bindparam("position", type_=BigInteger)),
        )
        within = (at >= bindparam("since"), at <= bindparam("until"), before)
        of_order, by_name = SIGHT.c.order_id == bindparam("order_id"), SIGHT.c.name == bindparam("name")
        bounds = ("since", "until", "before", "same", "position", "most")
        self.sights = self.text(latest.where(*within), *bounds)
        self.sights_of = self.text(latest.where(of_order, *within), "order_id", *bounds)
        self.sights_by = self.text(latest.where(by_name, *within), "name", *bounds)
        self.sights_of_by = self.text(latest.where(of_order, by_name, *within), "order_id", "name", *bounds)
        page = (
            select(ORDER.c.order_id)
            .where(ORDER.c.order_id > bindparam("after"))
            .order_by(ORDER.c.order_id)
            .suffix_with(text("LIMIT :most"))
        )
        self.orders_after = self.text(
            self.joined.where(ORDER.c.order_id.in_(page)).order_by(ORDER.c.order_id, CLOCK.c.position),
            "after", "most",
        )  # fmt: skip

    def _of_cursors(self) -> None:
        self.position_of = self.text(
            select(CURSOR.c.position).where(CURSOR.c.name == bindparam("name")), "name"
        )
        new_cursor = self.text(insert(CURSOR), *(column.name for column in CURSOR.columns))
        self.new_cursor = f"{new_cursor} ON CONFLICT DO NOTHING"
        self.move_cursor = self.text(
            update(CURSOR)
            .where(CURSOR.c.name == bindparam("of"), CURSOR.c.holder == bindparam("was"))
            .values(
                {CURSOR.c.position: bindparam("new_position"), CURSOR.c.held_until: literal_column("0")}
            ),
            "new_position", "of", "was",
        )  # fmt: skip

    def _of_vault(self, one: BindParameter[str]) -> None:
        self.vault = self.text(select(VAULT.c.known_by))
        self.forget_vault = self.text(delete(VAULT))
        self.new_vault = self.text(insert(VAULT), *(column.name for column in VAULT.columns))
        of_order = ORDER_KEY.c.order_id == one
        self.order_key = self.text(select(ORDER_KEY.c.wrapped).where(of_order), "order_id")
        placed = tuple(column for column in ORDER_KEY.columns if column.name != "position")
        self.order_keys = self.text(select(*placed))
        self.keep_order_key = self.text(
            insert(ORDER_KEY).values({column: bindparam(column.name) for column in placed}),
            *(column.name for column in placed),
        )
        self.change_order_key = self.text(
            update(ORDER_KEY).where(ORDER_KEY.c.order_id == bindparam("of")).values(wrapped=bindparam("new")),
            "new", "of",
        )  # fmt: skip
        self.sealed = self.text(
            select(*SEALED.columns[1:]).where(SEALED.c.order_id == one).order_by(SEALED.c.seq, SEALED.c.name),
            "order_id",
        )
        self.keep_sealed = self.text(insert(SEALED), *(column.name for column in SEALED.columns))
        self.forget_sealed = self.text(delete(SEALED).where(SEALED.c.order_id == one), "order_id")

    def _of_feeds(self) -> None:
        of_feed = FEED.c.feed == bindparam("feed")
        listed = self.listed(FEED.c.order_id, "order_ids")
        self.fed = self.text(select(FEED.c.order_id, FEED.c.said).where(of_feed, listed), "feed", "order_ids")
        self.keep_fed = self.text(insert(FEED).inline(), *(column.name for column in FEED.columns))
        self.keep_fed += KEEP_FED
        self.seen_fed = self.text(
            update(FEED)
            .where(of_feed, listed, FEED.c.export != bindparam("other"))
            .values(
                before=case((FEED.c.gone == literal_column("''"), FEED.c.export), else_=literal_column("''")),
                export=bindparam("new_export"),
                gone=literal_column("''"),
            ),
            "new_export", "feed", "order_ids", "other",
        )  # fmt: skip
        course = (FEED.c.export, FEED.c.before, FEED.c.gone)
        self.exports = self.text(
            select(*course, func.count()).where(of_feed).group_by(*course).order_by(*course), "feed"
        )
        self.forget_fed = self.text(
            delete(FEED).where(
                of_feed,
                FEED.c.gone.not_in([literal_column("''"), bindparam("this")]),
                FEED.c.export != bindparam("other"),
            ),
            "feed", "this", "other",
        )  # fmt: skip
        since = self.listed(FEED.c.export, "since")
        self.go_fed = self.text(
            update(FEED).where(of_feed, since, FEED.c.gone == literal_column("''")).values(
                gone=bindparam("now_gone")
            ),
            "now_gone", "feed", "since",
        )  # fmt: skip
        self.gone_fed = self.text(
            select(FEED.c.order_id)
            .where(of_feed, since, FEED.c.gone == bindparam("this"))
            .order_by(FEED.c.order_id),
            "feed", "since", "this",
        )  # fmt: skip

    def listed(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Say that a column is among the ids in one parameter (`list_of`)."""
        return column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))

    def list_of(self, order_ids: Collection[str]) -> Any:
        """Give ids as the one parameter of a statement that speaks of several orders."""
        return json.dumps(list(order_ids))

    def text(self, statement: Executable, *parameters: str) -> str:
        """Give a statement as text, whose parameters must stand in the order named."""
        compiled: Any = cast("Any", statement).compile(dialect=self._dialect)
        if list(compiled.positiontup or ()) != list(parameters):
            raise AssertionError(f"{compiled.positiontup} are not {parameters}")
        return str(compiled)
