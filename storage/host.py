"""
The host's own SQLAlchemy engine: we connect as it does, on connections that are ours alone.

Its address, credentials, `creator`, `do_connect` and `connect` events make each connection, so that what
the host has arranged (a token, a certificate, a role, a search path) holds for us too. Then the connection
leaves the pool it came from, which is none of the host's either, and gets the session settings of a store.
The host's engine is neither configured nor disposed of, and none of its pooled connections is taken.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from importlib import import_module
from threading import Thread
from typing import Any

from sqlalchemy import Engine

from paidan.storage.errors import StoreAddressError
from paidan.storage.store import SqlStore

_STORES = {("sqlite", "pysqlite"): "sqlite", ("postgresql", "psycopg"): "postgres"}
"""Which module keeps orders on a dialect by a driver."""


def open_on(
    host: Any,
    policy: str,
    settings: Mapping[str, str] | None = None,
    *,
    calendar: Callable[[], str] = str,
    create: bool = True,
) -> SqlStore:
    """
    Open the store beside the tables of a host, or make it there, as `open_sqlite` does.

    Raises `StoreAddressError` for what is no engine, of another database or driver, in memory only,
    or whose connections may not leave their thread.
    """
    opened = _module_of(host).opened
    store: SqlStore = opened(engine_on(host), policy, settings, calendar=calendar, create=create)
    return store


def engine_on(host: Any) -> Engine:
    """Give an engine of ours that connects as the host's does; raises as `open_on`."""
    module = _module_of(host)
    address = host.url.set(drivername=f"{host.dialect.name}+{host.dialect.driver}", query={})
    engine: Engine = module.engine_of(address, _connector(host))
    if module.__name__.endswith(".sqlite"):
        try:
            _check_file(engine)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _module_of(host: Any) -> Any:
    if not isinstance(host, Engine):
        raise StoreAddressError("db_host_kind", found=type(host).__name__)
    name = _STORES.get((host.dialect.name, host.dialect.driver))
    if name is None:
        raise StoreAddressError("db_host_driver", found=f"{host.dialect.name}+{host.dialect.driver}")
    return import_module(f"paidan.storage.{name}")


def _connector(host: Engine) -> Callable[[], Any]:
    """Give what makes a connection as the host does, which afterwards no pool knows of."""
    pool = host.pool.recreate()  # its creator and its events, none of its connections

    def connect() -> Any:
        lent = pool.connect()
        lent.detach()
        made: Any = lent.dbapi_connection
        made.commit()  # what the host's listeners have set may not be lost with a transaction they began
        return made

    return connect


def _check_file(engine: Engine) -> None:
    """Refuse connections that see a database of their own, or that no other thread may use."""
    with closing(engine.raw_connection()) as lent:
        connection: Any = lent.dbapi_connection
        if not any(name == "main" and file for _, name, file in connection.execute("PRAGMA database_list")):
            raise StoreAddressError("db_host_memory")
        refused: list[Exception] = []

        def elsewhere() -> None:
            try:
                connection.execute("SELECT 1").close()
            except connection.ProgrammingError as error:
                refused.append(error)

        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
        if refused:
            raise StoreAddressError("db_host_thread")
