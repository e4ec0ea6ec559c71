"""Answers to commands that were given a key, so that a command repeated is done once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of answers, empty."""
    op.create_table(
        "paidan_answer",
        sa.Column("key", ID, primary_key=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("raised", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("dropped", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
