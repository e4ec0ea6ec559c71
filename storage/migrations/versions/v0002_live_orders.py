"""Live orders: the log, what it folds to, loaded notices. The first version that is migrated from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")

SQLITE_GUARDS = (
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
)

POSTGRESQL_GUARDS = (
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


def upgrade() -> None:
    """Make the tables of version 2."""
    op.create_table(
        "paidan_calendar",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
    )
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
        sa.UniqueConstraint("order_id", "seq", name="paidan_entry_order_seq"),
    )
    op.create_table(
        "paidan_order",
        sa.Column("order_id", ID, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paidan_store",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("schema_version", sa.Integer, nullable=False),
        sa.Column("policy", sa.String, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("calendar", sa.Text, nullable=False),
    )
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
        sa.Column("armed", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
    armed = sa.text("armed")
    op.create_index(
        "paidan_clock_armed", "paidan_clock", ["due_at"], sqlite_where=armed, postgresql_where=armed
    )
    bind = op.get_bind()
    for statement in SQLITE_GUARDS if bind.dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        bind.exec_driver_sql(statement)
