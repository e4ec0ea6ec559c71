"""What was told to whom: the inbox of each role."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the inbox, empty: of what the log holds by now nobody is told any more."""
    op.create_table(
        "paidan_inbox",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("wake_at", INSTANT),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("climbed_from", sa.Integer, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_by", sa.String, nullable=False),
        sa.Column("acknowledged_as", sa.String, nullable=False),
        sa.Column("over", sa.String, nullable=False),
        sa.UniqueConstraint("order_id", "seq", "rule", "period", "role", "unit", name="paidan_inbox_once"),
    )
    for name, column, where in (
        ("paidan_inbox_wake", "wake_at", sa.text("wake_at IS NOT NULL")),
        ("paidan_inbox_stands", "number", sa.text("acknowledged_at IS NULL AND over = ''")),
    ):
        op.create_index(name, "paidan_inbox", [column], sqlite_where=where, postgresql_where=where)
    op.execute("""
        INSERT INTO paidan_cursor (name, position, holder, held_until)
        SELECT 'paidan inbox', max(position), '', 0 FROM paidan_entry HAVING max(position) IS NOT NULL""")
