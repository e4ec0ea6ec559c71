"""Who may call from outside, and who looked at which order."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")

SQLITE_GUARDS = (
    """CREATE TRIGGER IF NOT EXISTS paidan_sight_kept BEFORE UPDATE ON paidan_sight
    BEGIN SELECT RAISE(ABORT, 'who looked at an order is never changed'); END""",
    """CREATE TRIGGER IF NOT EXISTS paidan_sight_stays BEFORE DELETE ON paidan_sight
    BEGIN SELECT RAISE(ABORT, 'who looked at an order is never taken out'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE TRIGGER paidan_sight_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON paidan_sight
    FOR EACH STATEMENT EXECUTE FUNCTION
    paidan_refuse('who looked at an order is never changed or taken out')""",
)


def upgrade() -> None:
    """Make the tables of tokens and sights, empty."""
    op.create_table(
        "paidan_token",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("number", ID, nullable=False, unique=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("issued_by", sa.String, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", sa.String, nullable=False),
    )
    op.create_table(
        "paidan_sight",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("name", ID, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
    )
    op.create_index("paidan_sight_order", "paidan_sight", ["order_id", "at"])
    op.create_index("paidan_sight_name", "paidan_sight", ["name", "at"])
    op.create_index("paidan_sight_at", "paidan_sight", ["at"])
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if on_sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)
