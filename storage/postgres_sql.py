"""
What the store in PostgreSQL says to the server: its locks, its guards, and the statements of a command.

A command costs two trips: it begins, locks and reads in one, writes and commits in one.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy import cast as cast_as
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Executable

from paidan.storage.encoding import to_text
from paidan.storage.sql import ADVANCED, CLOCK_COLUMNS, ENTRY_COLUMNS, KEEP_FED, LOGGED_COLUMNS, Statements
from paidan.storage.tables import CLOCK, FEED, INBOX, ORDER
from paidan.storage.writes import Row, Writes

# The first number of an advisory lock says what it locks, and keeps clear of the host's own.
_OF_STORE, _OF_KEY, _OF_ORDER, _OF_CURSOR = 0x70616901, 0x70616902, 0x70616903, 0x70616904
SHARE = f"SELECT pg_advisory_xact_lock_shared({_OF_STORE}, 0), pg_current_xact_id()::xid"
ALONE = f"SELECT pg_advisory_xact_lock({_OF_STORE}, 0)"
LOCK_KEY = f"SELECT pg_advisory_xact_lock({_OF_KEY}, hashtext(%s))"
LOCK_ID = f"SELECT pg_advisory_xact_lock({_OF_ORDER}, hashtext(%s))"
LOCK_IDS = f"SELECT pg_advisory_xact_lock({_OF_ORDER}, hashtext(id)) FROM unnest(%s::text[]) AS id"  # noqa: S608 - a number of ours
TRY_CURSOR = f"SELECT pg_try_advisory_xact_lock({_OF_CURSOR}, hashtext(%s))"

# Of several orders, or keys. Each is looked for by itself, so by the index, however small the tables were
# when the statement was planned.
_WANTED = """FROM unnest(%s::text[] COLLATE "C") AS wanted(id)"""
_LOCK_FREE = f"""SELECT locked.order_id {_WANTED},
    LATERAL (SELECT order_id FROM paidan_order WHERE order_id = wanted.id FOR UPDATE SKIP LOCKED) AS locked"""  # noqa: S608 - parts of ours
_LOCK_NEW = f"""SELECT wanted.id, pg_try_advisory_xact_lock({_OF_ORDER}, hashtext(wanted.id)) {_WANTED}
    WHERE NOT EXISTS (SELECT FROM paidan_order WHERE order_id = wanted.id)"""  # noqa: S608
_LOCK_KEYS = f"SELECT wanted.id, pg_try_advisory_xact_lock({_OF_KEY}, hashtext(wanted.id)) {_WANTED}"
_ANSWERS = f"""{_WANTED},
    LATERAL (SELECT * FROM paidan_answer WHERE key = wanted.id OFFSET 0) AS paidan_answer"""  # noqa: S608
_READ_FREE = f"""{_WANTED},
    LATERAL (SELECT * FROM paidan_order WHERE order_id = wanted.id OFFSET 0) AS paidan_order LEFT JOIN
    LATERAL (SELECT * FROM paidan_clock WHERE order_id = wanted.id OFFSET 0) AS paidan_clock ON true
    ORDER BY wanted.id, paidan_clock.position"""  # noqa: S608

# What was remembered fails where it is no longer so, by a division by zero: the row of an order is that which
# one transaction left (after a failover another may have its number, but not the hash), or there is none;
# nothing is kept under a key; no further notice was loaded.
_NO_NOTICE_MORE = "(SELECT count(*) FROM paidan_calendar) = %s"
_STANDS = f"""SELECT 1 / count(*) FROM (
    SELECT FROM paidan_order WHERE order_id = %s AND head = %s AND xmin = %s FOR UPDATE SKIP LOCKED
    ) AS locked WHERE {_NO_NOTICE_MORE}"""  # noqa: S608
_ABSENT = f"""SELECT 1 / (pg_try_advisory_xact_lock({_OF_ORDER}, hashtext(wanted.id))
    AND NOT EXISTS (SELECT FROM paidan_order WHERE order_id = wanted.id) AND {_NO_NOTICE_MORE})::int
    FROM (SELECT %s::text COLLATE "C") AS wanted(id)"""  # noqa: S608
_UNANSWERED = f"""SELECT 1 / (pg_try_advisory_xact_lock({_OF_KEY}, hashtext(wanted.id))
    AND NOT EXISTS (SELECT FROM paidan_answer WHERE key = wanted.id))::int
    FROM (SELECT %s::text COLLATE "C") AS wanted(id)"""  # noqa: S608

# A statement that inserts is looked at once, whole: of each order, what it added must be the highest, without
# a hole, and follow on what was there.
GUARDS = (
    """CREATE OR REPLACE FUNCTION paidan_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE integrity_constraint_violation USING MESSAGE = TG_ARGV[0]; END $$""",
    """CREATE OR REPLACE FUNCTION paidan_next() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF EXISTS (
            SELECT FROM added GROUP BY order_id
            HAVING max(seq) - min(seq) <> count(*) - 1
                OR max(seq) <> (SELECT max(e.seq) FROM paidan_entry e WHERE e.order_id = added.order_id)
                OR min(seq) <> 1 + coalesce((
                    SELECT max(e.seq) FROM paidan_entry e
                    WHERE e.order_id = added.order_id AND e.seq < min(added.seq)), 0)
        ) THEN
            RAISE integrity_constraint_violation
                USING MESSAGE = 'the log is gapless: seq is not the next one';
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE TRIGGER paidan_entry_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON paidan_entry
    FOR EACH STATEMENT EXECUTE FUNCTION
    paidan_refuse('the log is append-only: no entry is changed or taken out')""",
    """CREATE TRIGGER paidan_entry_next AFTER INSERT ON paidan_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paidan_next()""",
    """CREATE TRIGGER paidan_calendar_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON paidan_calendar
    FOR EACH STATEMENT EXECUTE FUNCTION
    paidan_refuse('clocks were counted by this notice: it is never changed or taken out')""",
    """CREATE TRIGGER paidan_sight_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON paidan_sight
    FOR EACH STATEMENT EXECUTE FUNCTION
    paidan_refuse('who looked at an order is never changed or taken out')""",
)


class PostgresStatements(Statements):
    """
    The statements, and of those of a command the `names` under which each session prepares them once.
    """

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect)
        self.lock = self.text(
            select(ORDER.c.seq).where(ORDER.c.order_id == bindparam("order_id")).with_for_update(), "order_id"
        )
        self.lock_one = self.lock + " SKIP LOCKED"
        self.lock_memo = self.text(
            select(INBOX.c.number).where(INBOX.c.number == bindparam("number")).with_for_update(), "number"
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
        self._of_several()
        self.lock_free, self.lock_new, self.lock_keys = _LOCK_FREE, _LOCK_NEW, _LOCK_KEYS
        self.answers = self.answer.partition("FROM ")[0] + _ANSWERS
        self.free = self.order.partition("FROM ")[0] + _READ_FREE
        self.stands, self.absent, self.unanswered = _STANDS, _ABSENT, _UNANSWERED
        locks = ("lock", "lock_one", "lock_free", "lock_new", "lock_keys")
        guards = ("stands", "absent", "unanswered")
        read = (*locks, *guards, "order", "free", "answer", "answers", "notices")
        commands = {name: cast("str", getattr(self, name)) for name in (*read, *Writes._fields)} | {
            "share": SHARE,
            "lock_key": LOCK_KEY,
            "lock_id": LOCK_ID,
        }
        self.prepare = "; ".join(_prepared(name, statement) for name, statement in commands.items())
        self.names = {statement: f"paidan_{name}" for name, statement in commands.items()}
        order, clock = tuple(ORDER.columns), tuple(CLOCK.columns)
        of_many = {
            "append": _inserted(ENTRY_COLUMNS),
            "new_order": _inserted(order),
            "change_order": _updated(order[1:], (ORDER.c.order_id, ORDER.c.seq)),
            "advance_order": _updated(ADVANCED, (ORDER.c.order_id, ORDER.c.seq)),
            "new_clock": _inserted(clock),
            "change_clock": _updated(clock[2:], clock[:2]),
        }
        self.keep_all_fed = self.text(_inserted(tuple(FEED.columns)), "rows") + KEEP_FED
        self.of_many = {name: self.text(statement, "rows") for name, statement in of_many.items()}

    def _of_several(self) -> None:
        """
        Read what lies of several orders, order by order whatever the server believes of its tables.

        `OFFSET 0` is a fence to its planner. Before a table is analyzed it takes 200 orders to have
        half of all clocks, and would read them all.
        """
        asked = self.listed(ORDER.c.order_id, "order_ids")
        clocks, entries = (
            select(*columns).where(columns[0].table.c.order_id == ORDER.c.order_id)
            .offset(literal_column("0")).lateral(name)
            for columns, name in ((CLOCK_COLUMNS, "clocks"), (LOGGED_COLUMNS, "entries"))
        )  # fmt: skip
        self.several = self.text(
            select(*ORDER.columns, *clocks.columns)
            .select_from(ORDER.outerjoin(clocks, true()))
            .where(asked)
            .order_by(ORDER.c.order_id, clocks.c.position),
            "order_ids",
        )
        self.logs_of = self.text(
            select(*entries.columns)
            .select_from(ORDER.join(entries, true()))
            .where(asked)
            .order_by(ORDER.c.order_id, entries.c.seq),
            "order_ids",
        )
        self.lock_several = self.text(
            select(ORDER.c.order_id).where(asked).order_by(ORDER.c.order_id).with_for_update(), "order_ids"
        )

    def listed(self, column: ColumnElement[str], name: str) -> ColumnElement[bool]:
        """Say that a column is among the ids in one parameter."""
        return column == func.any(bindparam(name))

    def list_of(self, order_ids: Collection[str]) -> Any:
        """Give ids as the one parameter of a statement that speaks of several orders."""
        return list(order_ids)


def _prepared(name: str, statement: str) -> str:
    """Give what prepares a statement under our name, its parameters numbered."""
    first, *others = statement.split("%s")
    numbered = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
    return f"PREPARE paidan_{name} AS {numbered}"


def _cells(columns: Sequence[Column[Any]]) -> list[ColumnElement[Any]]:
    """Give one row out of a parameter that holds many, cell by cell (`as_json`)."""
    rows: Any = func.jsonb_array_elements(cast_as(bindparam("rows"), JSONB)).column_valued("one")
    return [cast_as(rows.op("->>")(literal_column(str(at))), one.type) for at, one in enumerate(columns)]


def _inserted(columns: Sequence[Column[Any]]) -> Executable:
    """Insert many rows."""
    return (
        insert(columns[0].table).inline().from_select([one.name for one in columns], select(*_cells(columns)))
    )


def _updated(changed: Sequence[Column[Any]], key: Sequence[Column[Any]]) -> Executable:
    """Change many rows, whose cells are what becomes of them and then what they are known by."""
    cells = _cells((*changed, *key))
    known = [column == cell for column, cell in zip(key, cells[len(changed) :], strict=True)]
    return update(key[0].table).values(dict(zip(changed, cells, strict=False))).where(*known)


def as_json(rows: Sequence[Row]) -> str:
    """Give many rows as one parameter of `PostgresStatements.of_many`."""
    return json.dumps(rows, ensure_ascii=False, default=to_text)
