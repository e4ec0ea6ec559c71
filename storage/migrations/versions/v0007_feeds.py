"""What the exports that are imported again and again held of each order."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table of feeds, empty: the next export is the first of its feed."""
    op.create_table(
        "paidan_feed",
        sa.Column("feed", ID, primary_key=True),
        sa.Column("order_id", ID, primary_key=True),
        sa.Column("export", ID, nullable=False),
        sa.Column("before", ID, nullable=False),
        sa.Column("said", sa.String, nullable=False),
        sa.Column("gone", ID, nullable=False),
        sqlite_with_rowid=False,
    )
