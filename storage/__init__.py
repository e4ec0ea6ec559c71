"""Where: one port and its stores."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from paidan.storage.errors import StoreAddressError, StoreMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from paidan.storage.examination import Examined
    from paidan.storage.migration import Migrated
    from paidan.storage.port import Store


def open_store(
    url: "str | Engine",
    policy: str,
    settings: "Mapping[str, str] | None" = None,
    *,
    calendar: "Callable[[], str]" = str,
    create: bool = True,
) -> "Store":
    """
    Open the store at `url`, or make it for `policy` unless `create` is false; its scheme says which.

    `sqlite:///orders.db` is a file, `postgresql+psycopg://user@host/database` a database with room for
    our tables, `memory://` lasts as long as the engine, `memory://name` as long as the process. A host
    gives its own SQLAlchemy engine instead: see `paidan.storage.host`. Only the store that is asked for
    is loaded. Raises the errors of `open_sqlite`.
    """
    if not isinstance(url, str):
        from paidan.storage.host import open_on  # noqa: PLC0415 - most are opened by an address

        return open_on(url, policy, settings, calendar=calendar, create=create)
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme == "memory":
        from paidan.storage.memory import open_memory  # noqa: PLC0415 - one store of three is used

        return open_memory(url, policy, settings, calendar=calendar, create=create)
    if scheme == "postgresql":
        _check_driver()
        from paidan.storage.postgres import open_postgres  # noqa: PLC0415 - the driver is an extra

        return open_postgres(url, policy, settings, calendar=calendar, create=create)
    from paidan.storage.sqlite import open_sqlite  # noqa: PLC0415 - it brings SQLAlchemy

    return open_sqlite(url, policy, settings, calendar=calendar, create=create)


def migrate_store(url: "str | Engine") -> "Migrated":
    """Bring the tables of an older store to this version; see `paidan.storage.migration.migrate`."""
    if isinstance(url, str) and url.startswith("memory:"):
        raise StoreMissingError("db_missing", url=url)
    if isinstance(url, str) and url.startswith("postgresql"):
        _check_driver()
    from paidan.storage.migration import migrate  # noqa: PLC0415 - it brings Alembic, which nothing else needs

    return migrate(url)


def examine_store(url: str, now: "Callable[[], datetime]") -> "Examined":
    """Look at a database without opening the store in it; see `paidan.storage.examination.examine`."""
    if url.startswith("memory:"):
        raise StoreMissingError("db_missing", url=url)
    if url.startswith("postgresql"):
        _check_driver()
    from paidan.storage.examination import examine  # noqa: PLC0415 - nothing else needs it

    return examine(url, now)


def _check_driver() -> None:
    """Raise `StoreAddressError` where the driver of PostgreSQL is not installed."""
    if find_spec("psycopg") is None:
        raise StoreAddressError("db_driver", extra="postgres")
