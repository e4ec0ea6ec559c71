"""
A rig by hand for `benchmarks/live.py`: the rows that the engine writes in a lifecycle, ready-made.

It looks at the order, writes what the engine would, and commits, a transaction a command; it decides
nothing, encodes nothing and has no triggers. On SQLite its callers share a connection and a lock, on
PostgreSQL each has a connection of its own, whose statements the driver prepares.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

from paidan.engine import Engine
from paidan.storage.sqlite import _PRAGMAS
from paidan.storage.transaction import SqlTransaction
from paidan.storage.writes import Writes

Command = Sequence[tuple[str, Sequence[Any]]]
LOOK = "SELECT state, seq, facts FROM paidan_order WHERE order_id = "


def recorded(engine: Engine, live: Callable[[Engine, str], None]) -> list[Command]:
    """Give what each command of a lifecycle writes on the engine's database: statements and rows."""
    sql = engine._store._sql  # type: ignore[attr-defined] # noqa: SLF001
    kept = type(engine._store.write(lambda transaction: transaction))  # noqa: SLF001
    write: Callable[[SqlTransaction, Writes], int] = kept._write  # type: ignore[attr-defined] # noqa: SLF001
    commands: list[Command] = []

    def noting(transaction: SqlTransaction, writes: Writes) -> int:
        named = zip(Writes._fields, writes, strict=True)
        commands.append([(getattr(sql, name), row) for name, rows in named for row in rows])
        return write(transaction, writes)

    kept._write = noting  # type: ignore[attr-defined] # noqa: SLF001
    try:
        live(engine, "ORDER")
    finally:
        kept._write = write  # type: ignore[attr-defined] # noqa: SLF001
    return commands


def of(command: Command, order_id: str) -> Command:
    """Give the rows of a command for another order."""
    return [(sql, [order_id if cell == "ORDER" else cell for cell in row]) for sql, row in command]


class SqliteRig:
    """Writes to a file."""

    def __init__(self, path: Path, create: Sequence[str]) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for statement in (*_PRAGMAS, *create):
            self._connection.execute(statement)
        self._execute = self._connection.cursor().execute
        self._lock = Lock()

    def caller(self) -> Callable[[str, Command], None]:
        """Give what one caller writes a command with."""
        return self._write

    def _write(self, order_id: str, command: Command) -> None:
        execute = self._execute
        with self._lock:
            execute("BEGIN IMMEDIATE")
            execute(LOOK + "?", (order_id,)).fetchone()
            for sql, row in of(command, order_id):
                execute(sql, row)
            execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class PostgresRig:
    """Writes to a database of its own."""

    def __init__(self, dsn: str, create: Sequence[str]) -> None:
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is measured

        self._connect = lambda: psycopg.connect(dsn, autocommit=True)
        self._connections: list[Any] = []
        with closing(self._connect()) as connection:
            for statement in create:
                connection.execute(statement)  # type: ignore[arg-type]

    def caller(self) -> Callable[[str, Command], None]:
        """Give what one caller writes a command with."""
        connection = self._connect()
        self._connections.append(connection)
        cursor: Any = connection.cursor()

        def write(order_id: str, command: Command) -> None:
            with connection.transaction():
                cursor.execute(LOOK + "%s FOR UPDATE", (order_id,)).fetchone()
                for sql, row in of(command, order_id):
                    cursor.execute(sql, row)

        return write

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            connection.close()
