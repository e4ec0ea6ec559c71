"""
One writer for all callers of a SQLite file: whoever finds it free writes for all who wait, in one commit.

A commit waits for the disk, which costs the same for one command as for twenty. There is no thread for
it: callers queue their work, and one of them leads. It begins a transaction, runs what waits one after
the other, undoes alone what raises, commits, and only then lets each caller know what came of its own.
"""

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, get_ident
from time import monotonic
from typing import Any, TypeVar, cast

from paidan.storage.errors import StoreError, StoreUnavailableError

T = TypeVar("T")

_MOST = 64
_SECONDS = 0.02
"""A group takes up nothing further after so many or so long: its first caller waits for its last."""
_LOOKS_AGAIN_SECONDS = 0.5
"""How soon one who waits looks by itself whether anybody leads; otherwise it is told."""


class _Call:
    """A work on its way through the queue; its caller looks up when `turn` can be taken."""

    __slots__ = ("done", "error", "result", "turn", "work")

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.turn = Lock()
        self.turn.acquire()

    def wake(self) -> None:
        """Have the caller look: at what came of its work, or whether it is to lead."""
        with suppress(RuntimeError):  # it has been woken, and has not looked yet
            self.turn.release()


class GroupWriter:
    """Runs works on one connection in groups; safe to share between threads."""

    def __init__(self, cursor: sqlite3.Cursor, told: Callable[[sqlite3.Error], StoreError]) -> None:
        self._cursor = cursor
        self._told = told
        self._queue: deque[_Call] = deque()
        self._writing = Lock()
        self._leader = 0

    def run(self, work: Callable[[], T]) -> T:
        """
        Run `work` in a transaction, give its result once that is committed.

        What it raises undoes it, and nothing else. Where a group cannot be begun or committed all of it
        raise `StoreError`. Where the caller that leads is interrupted, another runs the others' works again.
        """
        if self._leader == get_ident():
            raise StoreUnavailableError("db_away", why="a transaction within a transaction")
        call = _Call(work)
        self._queue.append(call)
        try:
            while not call.done:
                if self._writing.acquire(blocking=False):
                    self._lead(call)
                else:
                    call.turn.acquire(timeout=_LOOKS_AGAIN_SECONDS)
        except BaseException:
            with suppress(ValueError):
                self._queue.remove(call)
            self._wake_next()
            raise
        error, call.error = call.error, None
        if error is None:
            return cast("T", call.result)
        try:
            raise error
        finally:
            del error  # it holds this frame, which must not hold it

    def close(self) -> None:
        """Wait for the group under way and close the cursor; what comes later raises `StoreError`."""
        with self._writing:
            self._cursor.close()
        self._wake_next()

    def _lead(self, own: _Call) -> None:
        """Write what waits as one group; `_writing` is held, and is free afterwards."""
        group: list[_Call] = []
        try:
            self._leader = get_ident()
            self._write(group, own)
        except sqlite3.Error as error:
            while (call := self._next()) is not None:  # they would wait as long for the same answer
                group.append(call)
            for call in group:
                call.error = self._as_told(error)
                call.done = True
        finally:
            self._leader = 0
            self._queue.extendleft([call for call in reversed(group) if not (call.done or call is own)])
            self._writing.release()
            for call in group:
                if call is not own and call.done:
                    call.wake()
            self._wake_next()

    def _write(self, group: list[_Call], own: _Call) -> None:
        """Run and commit what waits, and put it into `group`; what is raised here undid all of it."""
        execute = self._cursor.execute
        asked = False
        try:
            execute("BEGIN IMMEDIATE")
            until = monotonic() + _SECONDS
            stands = False
            while len(group) < _MOST and (call := self._next()) is not None:
                group.append(call)
                if not stands and len(group) > 1:
                    execute("BEGIN IMMEDIATE")
                stands = self._run(call, own, stands)
                if monotonic() > until:
                    break
            asked = True
            if stands:
                execute("COMMIT")
        except sqlite3.Error:
            self._undo()
            raise
        except BaseException:
            if asked and not self._cursor.connection.in_transaction:  # interrupted after the commit
                for call in group:
                    call.done = True
            else:
                self._undo()
            raise
        for call in group:
            call.done = True

    def _run(self, call: _Call, own: _Call, stands: bool) -> bool:  # noqa: FBT001 - what it changes
        """Run one work; say whether any work stands in the transaction, which is over otherwise."""
        execute = self._cursor.execute
        if stands:
            execute("SAVEPOINT one")
        try:
            call.result, call.error = call.work(), None
        except Exception as error:
            if isinstance(error, sqlite3.Error):
                if not self._cursor.connection.in_transaction:  # a full disk undoes all that stands
                    raise
                error = self._as_told(error)
            call.error = error
            execute("ROLLBACK TO one" if stands else "ROLLBACK")
        except BaseException as error:
            if call is not own:  # it was our caller that was meant
                call.error, call.done = StoreUnavailableError("db_away", why=repr(error)), True
            raise
        else:
            if not stands:
                return True
        if stands:
            execute("RELEASE one")
        return stands

    def _next(self) -> _Call | None:
        try:
            return self._queue.popleft()
        except IndexError:
            return None

    def _wake_next(self) -> None:
        with suppress(IndexError):
            self._queue[0].wake()

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            self._cursor.execute("ROLLBACK")

    def _as_told(self, error: sqlite3.Error) -> StoreError:
        told = self._told(error)
        told.__cause__ = error
        return told
