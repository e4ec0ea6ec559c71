"""What years of running ask for: entries chained, cursors in the log, clocks that wake for all they raise."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
BATCH = 5_000

SAID = (
    "order_id", "seq", "event", "from_state", "to_state", "at", "recorded_at", "actor", "role", "unit",
    "rule", "note", "attributes",
)  # fmt: skip

# SQLite cannot add a column without a default to a table, nor take the default away again: the tables are
# made anew, and their triggers with them.
SQLITE_ENTRY_GUARDS = (
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_kept BEFORE UPDATE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_stays BEFORE DELETE ON paidan_entry
    BEGIN SELECT RAISE(ABORT, 'the log is append-only: no entry is taken out'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_entry_next BEFORE INSERT ON paidan_entry
    WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM paidan_entry WHERE order_id = NEW.order_id), 0)
    BEGIN SELECT RAISE(ABORT, 'the log is gapless: seq is not the next one'); END""",
)

# Of each order what is new must be the highest, without a hole, and follow on what was there.
POSTGRESQL_ENTRY_GUARDS = (
    "DROP TRIGGER paidan_entry_next ON paidan_entry",
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
    """CREATE TRIGGER paidan_entry_next AFTER INSERT ON paidan_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION paidan_next()""",
)


def upgrade() -> None:
    """Bring every table to version 4."""
    _chain()
    _clocks()
    _vault()
    _late_truth()
    op.execute(  # an order's time never runs back: it says when its last entry was written
        "UPDATE paidan_order SET recorded_at = (SELECT e.recorded_at FROM paidan_entry e "
        "WHERE e.order_id = paidan_order.order_id AND e.seq = paidan_order.seq)"
    )


def _chain() -> None:
    """Chain the log as it stands, and make room for cursors in it."""
    bind = op.get_bind()
    _chain_on_sqlite(bind) if bind.dialect.name == "sqlite" else _chain_on_postgresql(bind)
    op.create_table(
        "paidan_cursor",
        sa.Column("name", ID, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("held_until", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _chain_on_postgresql(bind: sa.Connection) -> None:
    op.execute("ALTER TABLE paidan_entry ADD COLUMN hash VARCHAR")
    op.execute("ALTER TABLE paidan_order ADD COLUMN head VARCHAR")
    op.add_column("paidan_order", sa.Column("recorded_at", INSTANT))
    op.execute("ALTER TABLE paidan_store ADD COLUMN store_id VARCHAR")
    op.execute("ALTER TABLE paidan_entry DISABLE TRIGGER paidan_entry_kept")
    bind.exec_driver_sql(
        "CREATE TEMPORARY TABLE paidan_chained (position INTEGER, hash VARCHAR) ON COMMIT DROP"
    )
    for batch in _hashes(bind):
        bind.execute(sa.text("INSERT INTO paidan_chained VALUES (:position, :hash)"), batch)
    op.execute(
        "UPDATE paidan_entry SET hash = c.hash FROM paidan_chained c WHERE c.position = paidan_entry.position"
    )
    op.execute("ALTER TABLE paidan_entry ENABLE TRIGGER paidan_entry_kept")
    op.execute(
        "UPDATE paidan_order SET head = coalesce((SELECT e.hash FROM paidan_entry e "
        "WHERE e.order_id = paidan_order.order_id AND e.seq = paidan_order.seq), '')"
    )
    bind.execute(sa.text("UPDATE paidan_store SET store_id = :drawn"), {"drawn": secrets.token_hex(16)})
    op.execute("ALTER TABLE paidan_entry ALTER COLUMN hash SET NOT NULL")
    op.execute("ALTER TABLE paidan_order ALTER COLUMN head SET NOT NULL")
    op.execute("ALTER TABLE paidan_store ALTER COLUMN store_id SET NOT NULL")
    for statement in POSTGRESQL_ENTRY_GUARDS:
        op.execute(statement)


def _chain_on_sqlite(bind: sa.Connection) -> None:
    for name in ("kept", "stays", "next"):
        op.execute(f"DROP TRIGGER paidan_entry_{name}")
    op.execute("CREATE TEMPORARY TABLE paidan_chained (position INTEGER PRIMARY KEY, hash VARCHAR)")
    for batch in _hashes(bind):
        bind.execute(sa.text("INSERT INTO paidan_chained VALUES (:position, :hash)"), batch)
    for name in ("entry", "order", "clock", "store"):
        op.execute(f"CREATE TEMPORARY TABLE paidan_{name}_3 AS SELECT * FROM paidan_{name}")  # noqa: S608
    op.execute("DELETE FROM paidan_clock")  # they would go with their orders
    for name in ("entry", "order", "store"):
        op.execute(f"DROP TABLE paidan_{name}")
    _make_on_sqlite()
    said = ", ".join(f"e.{name}" for name in SAID)
    op.execute(
        f"INSERT INTO paidan_entry SELECT e.position, {said}, c.hash FROM paidan_entry_3 e "  # noqa: S608
        "JOIN paidan_chained c ON c.position = e.position ORDER BY e.position"
    )
    op.execute(
        "INSERT INTO paidan_order SELECT o.*, coalesce((SELECT e.hash FROM paidan_entry e "
        "WHERE e.order_id = o.order_id AND e.seq = o.seq), ''), NULL FROM paidan_order_3 o"
    )
    op.execute("INSERT INTO paidan_clock SELECT * FROM paidan_clock_3")
    bind.execute(
        sa.text("INSERT INTO paidan_store SELECT s.*, :drawn FROM paidan_store_3 s"),
        {"drawn": secrets.token_hex(16)},
    )
    for statement in SQLITE_ENTRY_GUARDS:
        bind.exec_driver_sql(statement)
    for name in ("chained", "entry_3", "order_3", "clock_3", "store_3"):
        op.execute(f"DROP TABLE temp.paidan_{name}")


def _make_on_sqlite() -> None:
    op.create_table(
        "paidan_entry",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("from_state", sa.String, nullable=False),
        sa.Column("to_state", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.UniqueConstraint("order_id", "seq", name="paidan_entry_order_seq"),
    )
    op.create_table(
        "paidan_order",
        sa.Column("order_id", ID, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("head", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paidan_store",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("calendar", sa.Text, nullable=False),
        sa.Column("store_id", sa.String, nullable=False),
    )


def _hashes(bind: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    """Count the chain of every order in the log as it stands, in batches."""
    columns = ", ".join(("position", *SAID))
    page = sa.text(
        f"SELECT {columns} FROM paidan_entry WHERE (order_id, seq) > (:order_id, :seq) "  # noqa: S608
        f"ORDER BY order_id, seq LIMIT {BATCH}"
    )
    last: dict[str, Any] = {"order_id": "", "seq": 0}
    previous = ""
    while rows := bind.execute(page, last).mappings().all():
        batch: list[dict[str, Any]] = []
        for row in rows:
            said = {name: row[name] for name in SAID}
            if bind.dialect.name == "postgresql":  # it tells instants in words of its own
                said |= {name: _text(str(said[name])) for name in ("at", "recorded_at")}
            said["attributes"] = json.loads(said["attributes"])
            said["previous"] = previous if row["order_id"] == last["order_id"] and previous else "0" * 64
            text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            previous = sha256(text.encode()).hexdigest()
            batch.append({"position": row["position"], "hash": previous})
            last = {"order_id": row["order_id"], "seq": row["seq"]}
        yield batch


def _text(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(UTC).isoformat()


def _clocks() -> None:
    """Make the table of clocks anew, so that its columns stand as in a new store."""
    op.execute("CREATE TABLE paidan_clock_3 AS SELECT * FROM paidan_clock")
    op.drop_table("paidan_clock")
    op.create_table(
        "paidan_clock",
        sa.Column(
            "order_id", ID, sa.ForeignKey("paidan_order.order_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("dispatch", sa.Integer, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Column("void", sa.Boolean, nullable=False),
        sa.Column("shut", sa.Boolean, nullable=False),
        sa.Column("raised_at", INSTANT),
        sa.Column("wake_at", INSTANT),
        sa.Column("told_at", INSTANT),
        sa.Column("escalations", sa.String, nullable=False),
        sa.Column("raised_by", sa.Integer, nullable=False),
        sa.Column("learned_at", INSTANT),
        sqlite_with_rowid=False,
    )
    wakes = sa.text("wake_at IS NOT NULL")
    op.create_index(
        "paidan_clock_wake",
        "paidan_clock",
        ["wake_at", "order_id"],
        sqlite_where=wakes,
        postgresql_where=wakes,
    )
    op.execute("""
        INSERT INTO paidan_clock SELECT order_id, position, rule, unit, dispatch, started_at, due_at,
            provisional, done_at, void, shut, raised_at, CASE WHEN armed THEN due_at END, raised_at, '',
            0, NULL
        FROM paidan_clock_3""")
    op.drop_table("paidan_clock_3")


def _vault() -> None:
    """Make the vault's tables, empty: a store gets a vault when it is first opened with a master key."""
    op.create_table(
        "paidan_vault",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("known_by", sa.String, nullable=False),
    )
    op.create_table(
        "paidan_vault_key",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("order_id", name="paidan_vault_key_order"),
    )
    op.create_table(
        "paidan_vault_value",
        sa.Column("order_id", ID, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def _late_truth() -> None:
    """
    Let each mark name its time-out; nothing had been learned late, live every time was the engine's.

    Of like clocks with like time-outs the later one bears the later mark, as it does in a fold.
    """
    op.execute("""
        UPDATE paidan_clock SET raised_by = marks.seq
        FROM (
            SELECT clock.order_id, clock.position, entry.seq
            FROM (
                SELECT order_id, position, rule, raised_at,
                    row_number() OVER (PARTITION BY order_id, rule, raised_at ORDER BY position DESC)
                        AS nth
                FROM paidan_clock WHERE raised_at IS NOT NULL
            ) AS clock
            JOIN (
                SELECT order_id, seq, rule, at,
                    row_number() OVER (PARTITION BY order_id, rule, at ORDER BY seq DESC) AS nth
                FROM paidan_entry WHERE event = 'time_out'
            ) AS entry
            ON entry.order_id = clock.order_id AND entry.rule = clock.rule AND entry.at = clock.raised_at
                AND entry.nth = clock.nth
        ) AS marks
        WHERE marks.order_id = paidan_clock.order_id AND marks.position = paidan_clock.position""")
