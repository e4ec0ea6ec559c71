"""Who is signed in to the console."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the table of sessions, empty."""
    op.create_table(
        "paidan_session",
        sa.Column("digest", ID, primary_key=True),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("wall", sa.Boolean, nullable=False),
        sqlite_with_rowid=False,
    )
