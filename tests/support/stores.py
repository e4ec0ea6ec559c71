"""Where the stores of a test are: one address after another, and a door into each past the store."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

KINDS = ("memory", "postgresql", "sqlite")
ON_DISK = ("postgresql", "sqlite")
"""Those that outlive a process, and that others can reach past the engine."""

_NUMBERS = count(1)


class Place:
    """An address of a store of one kind, empty at first and gone after the test."""

    kind: str
    url: str

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Run raw SQL in the database, as anybody could; gives the rows."""
        raise NotImplementedError

    def written(self) -> str:
        """Give every character that lies there."""
        raise NotImplementedError

    def clear(self) -> None:
        """Take away what lies there."""


class MemoryPlace(Place):
    """A name in this process; the rows themselves are the door."""

    kind = "memory"

    def __init__(self) -> None:
        self.url = f"memory://test-{next(_NUMBERS)}"

    @property
    def held(self) -> Any:
        from paidan.storage import memory

        return memory._KNOWN[self.url.removeprefix("memory://")]

    def written(self) -> str:
        return repr(vars(self.held))

    def clear(self) -> None:
        from paidan.storage.memory import forget_memory

        forget_memory(self.url)


class SqlitePlace(Place):
    """A file."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(statement).fetchall()

    def written(self) -> str:
        files = self.path.parent.glob(f"{self.path.name}*")
        return b"".join(path.read_bytes() for path in files).decode(errors="replace")

    def clear(self) -> None:
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink()


class PostgresPlace(Place):
    """A schema of its own in the one server of the session."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self.server = server
        self.schema = f"test_{os.getpid()}_{next(_NUMBERS)}"
        options = quote(f"-csearch_path={self.schema}")
        self.dsn = f"{server}&options={options}"
        self.url = self.dsn.replace("postgresql://", "postgresql+psycopg://", 1)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {self.schema}")

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []

    def written(self) -> str:
        tables = self.run(f"SELECT tablename FROM pg_tables WHERE schemaname = '{self.schema}'")
        return repr([self.run(f"SELECT one::text FROM {table} AS one") for (table,) in tables])

    def clear(self) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")


@contextmanager
def place(kind: str, folder: Path, server: Callable[[], str]) -> Iterator[Place]:
    """Give an empty place of a kind; `server` is asked only for PostgreSQL."""
    made: Place
    if kind == "memory":
        made = MemoryPlace()
    elif kind == "sqlite":
        made = SqlitePlace(folder / f"orders-{next(_NUMBERS)}.db")
    else:
        made = PostgresPlace(server())
    try:
        yield made
    finally:
        made.clear()
