"""
Writing in groups: whoever finds a writer free writes for all who wait, in one transaction, one commit.

A commit waits for the disk, and a trip for the server, which cost the same for one command as for
twenty. There is no thread for it: callers queue their works, and one of them leads. It has what waits
run in one transaction, and only when that is committed does each caller learn what came of its own.
A work that raises leaves nothing. Where that, or anything else, takes undoing the whole transaction,
each caller of the group writes by itself.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import copy
from threading import Lock, get_ident
from time import monotonic
from typing import Any, TypeVar, cast

from paidan.storage.errors import StoreError, StoreUnavailableError
from paidan.storage.port import About
from paidan.storage.transaction import SqlTransaction

T = TypeVar("T")

_MOST = 64
_SECONDS = 0.02
"""A group takes up nothing further after so many or so long: its first caller waits for its last."""
_GATHERS_SECONDS = 0.001
"""How long the next group waits at most for as many works as the last one had."""
_LOOKS_AGAIN_SECONDS = 0.5
"""How soon one who waits looks by itself whether anybody leads; otherwise it is told."""


class LostError(Exception):
    """A group that could not be begun, or of which nobody knows whether it was committed."""

    def __init__(self, error: StoreError) -> None:
        super().__init__(str(error))
        self.error = error


class Call:
    """
    A work on its way through the queue, and what came of it; its caller looks up when `turn` can be taken.

    `about` says what it asks for, None where it is to wait for whatever that is. `alone` is set
    where its caller is to run it by itself, `taken` while a leader has it. `after` is whose caller this
    one's wakes when it wakes.
    """

    __slots__ = ("about", "after", "alone", "done", "error", "result", "taken", "turn", "work")

    def __init__(self, work: Callable[[Any], Any], about: About | None = None) -> None:
        self.work, self.about = work, about
        self.result: Any = None
        self.error: BaseException | None = None
        self.taken = self.done = self.alone = False
        self.after: Call | None = None
        self.turn = Lock()
        self.turn.acquire()

    @property
    def waits(self) -> bool:
        """Whether its caller still waits for it."""
        return not (self.done or self.alone)

    def wake(self) -> None:
        """Have the caller look: at what came of its work, or whether it is to lead."""
        try:  # noqa: SIM105 - costs nothing where it goes well, as it does for every command
            self.turn.release()
        except RuntimeError:  # it has been woken, and has not looked yet
            pass

    def send_back(self) -> None:
        """Have the caller run its work in a transaction of its own."""
        self.alone = True
        self.wake()

    def fail(self, error: BaseException) -> None:
        """Let the caller learn why its work was not done."""
        self.error, self.done = error, True
        self.wake()

    def outcome(self) -> Any:
        """Give what the work gave, or raise what it raised."""
        error, self.error = self.error, None
        if error is None:
            return self.result
        try:
            raise error
        finally:
            del error  # it holds this frame, which must not hold it


class GroupWriter:
    """
    Has works run in groups, as many groups at once as there are leaders; safe to share between threads.

    `transact` runs calls in one transaction and finishes them when it is committed. What it raises undid
    those that are unfinished.
    """

    def __init__(self, transact: Callable[[Iterator[Call]], None], *, leaders: int = 1) -> None:
        self._transact = transact
        self._queue: deque[Call] = deque()
        self._free = tuple(Lock() for _ in range(leaders))
        self._within: set[int] = set()
        self._last = 1
        self._gathering: Call | None = None

    def run(self, work: Callable[[Any], T], about: About | None = None) -> T:
        """
        Run `work` in a transaction, give its result once that is committed.

        What it raises undoes it, and nothing else. Where a caller that leads is interrupted, another runs
        the others' works again.
        """
        if get_ident() in self._within:
            raise StoreUnavailableError("db_away", why="a transaction within a transaction")
        call = Call(work, about)
        self._queue.append(call)
        if (gathering := self._gathering) is not None and len(self._queue) >= self._last:
            gathering.wake()
        try:
            while call.waits:
                if not call.taken and (free := self._free_one()) is not None:
                    self._lead(call, free)
                else:
                    call.turn.acquire(timeout=_LOOKS_AGAIN_SECONDS)
        except BaseException:
            with suppress(ValueError):
                self._queue.remove(call)
            self.wake_next()
            raise
        finally:
            if call.after is not None:
                call.after.wake()
        if call.alone:
            call = Call(work)
            self._write(iter((call,)), [call])
        return cast("T", call.outcome())

    def wake_next(self) -> None:
        """Have the first of those who wait look whether it can lead."""
        if self._queue:
            with suppress(IndexError):  # another took it meanwhile
                self._queue[0].wake()

    def _free_one(self) -> "Lock | None":
        for free in self._free:
            if free.acquire(blocking=False):
                return free
        return None

    def _lead(self, own: Call, free: Lock) -> None:
        """Write what waits as one group; `free` is held, and is free afterwards."""
        group: list[Call] = []
        try:
            if len(self._queue) < self._last and len(self._free) == 1:
                self._gather(own)
            if self._queue:
                self._write(self._waiting(group), group)
        except BaseException as error:
            for call in group:  # the work of another that was running when its caller was meant
                if call.error is error and call.waits and call is not own:
                    call.fail(StoreUnavailableError("db_away", why=repr(error)))
            raise
        finally:
            left = [call for call in reversed(group) if call.waits and call is not own]
            for call in left:
                call.taken = False
            self._queue.extendleft(left)
            self._last = len(group)
            free.release()
            self.wake_next()

    def _gather(self, own: Call) -> None:
        """
        Let those whose works the last group did come back with their next.

        They have just been woken and wait for the interpreter, as a leader would then do at each statement.
        """
        self._gathering = own
        try:
            own.turn.acquire(timeout=_GATHERS_SECONDS)
        finally:
            self._gathering = None

    def _write(self, calls: Iterator[Call], group: list[Call]) -> None:
        """Have calls run, which are in `group` when they are; what undid them all is told to them."""
        self._within.add(get_ident())
        try:
            self._transact(calls)
        except LostError as lost:
            for call in group:
                if call.waits:
                    call.fail(copy(lost.error))
        except Exception as error:  # noqa: BLE001 - told to its caller
            for call in group:
                if call.waits and len(group) == 1:
                    call.fail(error)
                elif call.waits:
                    call.send_back()
        finally:
            self._within.discard(get_ident())

    def _waiting(self, group: list[Call]) -> Iterator[Call]:
        """Take out of the queue what waits, and put it into `group`."""
        until = monotonic() + _SECONDS
        while len(group) < _MOST and (call := self._next()) is not None:
            call.taken = True
            group.append(call)
            yield call
            if monotonic() > until:
                break

    def _next(self) -> Call | None:
        try:
            return self._queue.popleft()
        except IndexError:
            return None


def run_each(
    transaction: SqlTransaction, calls: Iterable[Call], fatal: type[Exception] | tuple[type[Exception], ...]
) -> list[Call]:
    """
    Run the works of calls one after the other, and give the calls.

    Raises what takes undoing the transaction: a `fatal` error of the database, what a work raised that had
    written something.
    """
    ran: list[Call] = []
    for call in calls:
        ran.append(call)
        try:
            call.result, call.error = transaction.run(call.work), None
        except Exception as error:
            if transaction.sent or isinstance(error, fatal):
                raise
            call.error = error
        except BaseException as error:
            call.error = error
            raise
    return ran


def finish(ran: Sequence[Call]) -> None:
    """
    Let the callers learn what came of their works, once that is committed.

    Each wakes the next: all at once would stand in each other's way for the interpreter.
    """
    first: Call | None = None
    for call in reversed(ran):
        call.after, first = first, call
        call.done = True
    if first is not None:
        first.wake()
