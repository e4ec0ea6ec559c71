"""What years of running ask for: clocks that wake for warnings and escalations as for time-outs."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring every table to version 4."""
    _clocks()


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
        sqlite_with_rowid=False,
    )
    wakes = sa.text("wake_at IS NOT NULL")
    op.create_index(
        "paidan_clock_wake", "paidan_clock", ["wake_at"], sqlite_where=wakes, postgresql_where=wakes
    )
    op.execute("""
        INSERT INTO paidan_clock SELECT order_id, position, rule, unit, dispatch, started_at, due_at,
            provisional, done_at, void, shut, raised_at, CASE WHEN armed THEN due_at END, raised_at, ''
        FROM paidan_clock_3""")
    op.drop_table("paidan_clock_3")
