"""
A trip to the server: statements one behind the other in a pipeline, those it has prepared called by name.

The driver's cursors would prepare each statement and wait for it, or merge the values of all into one text
that is then taken apart twice: that costs more than what the server does for most of them.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from functools import lru_cache
from types import NoneType
from typing import Any

import psycopg
from psycopg import abc
from psycopg import errors as pg
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

from paidan.storage.errors import UnstorableError

Step = tuple[str, str, Sequence[Any]]
"""A statement: the name under which the session has it prepared, or none and its text; its cells."""
_DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


class Found:
    """What came of a statement, to be read as from a cursor."""

    __slots__ = ("_read", "_result")

    def __init__(self, result: PGresult, read: abc.Transformer) -> None:
        self._result = result
        self._read = read

    @property
    def rowcount(self) -> int:
        """How many rows it was about."""
        return self._result.command_tuples or 0

    @property
    def statusmessage(self) -> str:
        """What the server says it did."""
        return (self._result.command_status or b"").decode()

    def fetchall(self) -> list[Any]:
        """Give its rows."""
        self._read.set_pgresult(self._result)
        return self._read.load_rows(0, self._result.ntuples, tuple)

    def fetchone(self) -> Any:
        """Give its first row, None where there is none."""
        return next(iter(self.fetchall()), None)


class Wire:
    """A session's way to its server."""

    def __init__(self, driver: "psycopg.Connection[Any]") -> None:
        self._driver = driver
        self._link = driver.pgconn
        self._read: abc.Transformer = Transformer(driver)

    def trip(self, steps: Sequence[Step]) -> list[Found]:
        """
        Run statements, in one transaction where none is open, and give what came of each.

        Raises what the server says of the first that fails; those after it are not run.
        """
        link = self._link
        rows = [_cells(row) for _, _, row in steps]
        results: list[PGresult] = []
        link.enter_pipeline_mode()
        try:
            for (name, text, _), row in zip(steps, rows, strict=True):
                if name:
                    link.send_query_prepared(name.encode(), row)
                else:
                    link.send_query_params(_numbered(text), row)
            link.pipeline_sync()
            self._driver.wait(_exchange(link, results))
            link.exit_pipeline_mode()
        except BaseException as error:
            link.finish()  # nobody knows what is still to come on it
            if isinstance(error, psycopg.OperationalError):
                _check(results)  # a server may say why it hangs up
            raise
        _check(results)
        return [Found(result, self._read) for result in results]


def _check(results: Sequence[PGresult]) -> None:
    for result in results:
        if result.status not in _DONE:
            raise pg.error_from_result(result)


def _exchange(link: PGconn, results: list[PGresult]) -> Generator[Wait, Ready | int, None]:
    """Send what is to be sent, and take up what comes until the server has answered all of it."""
    while link.flush():
        if (yield Wait.RW) & Ready.R:
            link.consume_input()
    while True:
        while link.is_busy():
            yield Wait.R
            link.consume_input()
        if (result := link.get_result()) is None:
            if link.status == ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")
            continue  # between what came of one statement and of the next
        if result.status == ExecStatus.PIPELINE_SYNC:
            return
        results.append(result)


@lru_cache(maxsize=256)
def _numbered(statement: str) -> bytes:
    """Give a statement with its parameters numbered."""
    first, *others = statement.split("%s")
    return (first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))).encode()


def _cells(row: Sequence[Any]) -> list[bytes | None]:
    """Write cells as the server reads them."""
    cells = [_WAYS[type(cell)](cell) for cell in row]
    if b"\0" in b"".join(filter(None, cells)):  # which would end its cell
        raise UnstorableError("value_unstorable", kind="NUL")
    return cells


def _array(texts: Sequence[str]) -> bytes:
    quoted = ('"' + one.replace("\\", r"\\").replace('"', r"\"") + '"' for one in texts)
    return ("{" + ",".join(quoted) + "}").encode()


_WAYS: Mapping[type, Callable[[Any], bytes | None]] = {
    str: str.encode,
    int: b"%d".__mod__,
    bool: {False: b"false", True: b"true"}.__getitem__,
    NoneType: {None: None}.__getitem__,
    bytes: lambda cell: b"\\x" + cell.hex().encode(),
    list: _array,
}
