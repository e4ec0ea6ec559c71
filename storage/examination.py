"""What can be seen of a database without opening the store in it, for whoever says whether it is well."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from os import R_OK, W_OK, access
from pathlib import Path
from shutil import disk_usage
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, false, func, inspect, select
from sqlalchemy.exc import DBAPIError

from paidan.storage.encoding import from_text
from paidan.storage.engines import engine_for
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.tables import CLOCK, SCHEMA_VERSION, STORE, VAULT


class Examined(NamedTuple):
    """
    A database as it is.

    `version` is that of our tables, None where there are none; what needs the tables is empty unless
    it is `wanted`. `settings` are those that durability rests on, each with what it is and should be;
    `missing` the triggers that should keep the log and are not there or switched off. `free_bytes` is
    the room where a file lies, `ahead_seconds` how far a server's clock is before ours; None where
    there is nothing to ask. `provisional` counts running clocks whose due time lies past what the
    calendar knows. `vault` is by what a vault's master key is known, empty where there is none.
    """

    database: str
    version: int | None
    wanted: int
    settings: Mapping[str, tuple[str, str]]
    missing: tuple[str, ...]
    free_bytes: int | None
    ahead_seconds: float | None
    provisional: int
    vault: str


def examine(url: str | Engine, now: Callable[[], datetime]) -> Examined:
    """
    Look at a database, changing nothing that opening would not; `now` is our clock, in whole seconds.

    Raises `StoreAddressError` and `StoreMissingError` as opening does, `StoreUnavailableError` where
    it does not answer.
    """
    engine = engine_for(url)
    look = _sqlite if engine.dialect.name == "sqlite" else _postgres
    try:
        with engine.connect() as connection:
            version = None
            if inspect(connection).has_table(STORE.name):
                version = connection.execute(select(STORE.c.schema_version)).scalar_one()
            return look(connection, version, now)
    except DBAPIError as error:
        raise StoreUnavailableError("db_away", why=str(error.orig).strip()) from error
    finally:
        engine.dispose()


def _examined(
    connection: Connection,
    version: int | None,
    guards: tuple[str, ...],
    there: Callable[[], Any],
    **more: Any,
) -> Examined:
    """Put together what both databases are asked alike."""
    missing: tuple[str, ...] = ()
    provisional, vault = 0, ""
    if version == SCHEMA_VERSION:
        wanted = re.findall(r"CREATE TRIGGER (?:IF NOT EXISTS )?(\w+)", "\n".join(guards))
        found = {name for (name,) in there()}
        missing = tuple(name for name in wanted if name not in found)
        running = (CLOCK.c.done_at.is_(None), CLOCK.c.void == false(), CLOCK.c.provisional)
        provisional = connection.execute(select(func.count()).where(*running)).scalar_one()
        vault = connection.execute(select(VAULT.c.known_by)).scalar_one_or_none() or ""
    return Examined(
        version=version, wanted=SCHEMA_VERSION, missing=missing, provisional=provisional, vault=vault, **more
    )  # fmt: skip


def _sqlite(connection: Connection, version: int | None, _: Callable[[], datetime]) -> Examined:
    from paidan.storage.sqlite import SqliteStore  # noqa: PLC0415 - one of the two is used

    ask = connection.exec_driver_sql
    (path,) = (Path(file) for _, name, file in ask("PRAGMA database_list") if name == "main")
    writable = access(path, R_OK | W_OK) and access(path.parent, W_OK)
    return _examined(
        connection,
        version,
        SqliteStore.guards,
        lambda: ask("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
        database=f"SQLite {ask('SELECT sqlite_version()').scalar_one()}",
        settings={
            "journal_mode": (str(ask("PRAGMA journal_mode").scalar_one()), "wal"),
            "synchronous": (str(ask("PRAGMA synchronous").scalar_one()), "2"),
            "writable": ("yes" if writable else "no", "yes"),
        },
        free_bytes=disk_usage(path.parent).free,
        ahead_seconds=None,
    )


def _postgres(connection: Connection, version: int | None, now: Callable[[], datetime]) -> Examined:
    from paidan.storage.postgres import PostgresStore  # noqa: PLC0415 - the driver is an extra

    ask = connection.exec_driver_sql
    ahead = from_text(ask("SELECT date_trunc('second', clock_timestamp())").scalar_one()) - now()
    wanted = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "transaction_read_only": "off",
    }
    return _examined(
        connection,
        version,
        PostgresStore.guards,
        lambda: ask(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)"
        ),
        database=f"PostgreSQL {ask('SHOW server_version').scalar_one()}",
        settings={name: (str(ask(f"SHOW {name}").scalar_one()), value) for name, value in wanted.items()},
        free_bytes=None,
        ahead_seconds=ahead.total_seconds(),
    )
