"""Directories: who holds which post, as it was filed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the table of directories, empty."""
    op.create_table(
        "paidan_directory",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("from_on", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("loaded_at", INSTANT, nullable=False),
        sa.Column("loaded_by", sa.String, nullable=False),
    )
