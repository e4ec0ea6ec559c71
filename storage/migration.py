"""
Bringing the tables of an older store to this version, in one transaction, when somebody asks for it.

Alembic knows the revisions and their order, and gives them its operations. What version a store is of
stands in the store itself (`paidan_store`), and nowhere beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select, update
from sqlalchemy.exc import DBAPIError

from paidan.storage.engines import engine_for
from paidan.storage.errors import SchemaError, StoreMissingError, StoreUnavailableError
from paidan.storage.tables import SCHEMA_VERSION, STORE

_FOLDER = Path(__file__).parent / "migrations"


class Migrated(NamedTuple):
    """The schema version a store was of, and the one it is of now."""

    found: int
    now: int


def migrate(url: str | Engine) -> Migrated:
    """
    Bring the store at `url`, or beside a host's tables, to this version; one that is there is left as it is.

    All or nothing. Nobody else may use the store meanwhile. Raises `StoreMissingError` where there is
    none, `SchemaError` for one of a later version, or from before the first that is migrated from,
    `StoreUnavailableError` where it cannot be reached.
    """
    with _alone(url) as connection:
        if not inspect(connection).has_table(STORE.name):
            raise StoreMissingError("db_missing", url=str(connection.engine.url))
        found = connection.execute(select(STORE.c.schema_version)).scalar_one()
        if not _FIRST <= found <= SCHEMA_VERSION:
            raise SchemaError("db_schema", found=found, wanted=SCHEMA_VERSION, url=str(connection.engine.url))
        apply_revisions(connection, found)
        connection.execute(update(STORE).values(schema_version=SCHEMA_VERSION))
    return Migrated(found, SCHEMA_VERSION)


def apply_revisions(connection: Connection, found: int | None) -> None:
    """Run every revision after a schema version, or all of them where there is none, in their order."""
    scripts = ScriptDirectory(str(_FOLDER))
    after = "base" if found is None else f"{found:04}"
    with Operations.context(MigrationContext.configure(connection)):
        for script in reversed(list(scripts.iterate_revisions("head", after))):
            script.module.upgrade()


_FIRST = 2
"""The schema version that the first revision makes."""


@contextmanager
def _alone(url: str | Engine) -> Iterator[Connection]:
    """Lend a connection in a transaction that nobody else writes beside."""
    engine, statements = _opened(url)
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            yield connection
            connection.exec_driver_sql("COMMIT")
    except DBAPIError as error:
        raise StoreUnavailableError("db_away", why=str(error.orig).strip()) from error
    finally:
        engine.dispose()


def _opened(url: str | Engine) -> tuple[Engine, tuple[str, ...]]:
    engine = engine_for(url)
    if engine.dialect.name == "sqlite":
        return engine, ("BEGIN IMMEDIATE",)
    from paidan.storage.postgres_sql import ALONE  # noqa: PLC0415 - one of the two is used

    return engine, ("BEGIN", ALONE)
