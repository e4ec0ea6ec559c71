"""
What is found of every order, kept in memory and brought up to date when it is looked at.

The first reading takes a thread of its own, since a log of a million entries takes a while; until it is
done whoever looks is told how far it has come. Only what was found is kept, never the log.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from threading import Event, Lock, Thread
from typing import Generic, NamedTuple, TypeVar

from paidan.engine.turns import giving_way
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import Store

T = TypeVar("T")
V = TypeVar("V")

_AT_ONCE = 1000
"""Entries read together."""
_WAIT_SECONDS = 0.15
"""How long whoever looks first waits for a reading that may be short."""


class Progress(NamedTuple):
    """How many entries of how many have been read; `done` says that all were."""

    read: int
    of: int
    done: bool


class Of(NamedTuple, Generic[T]):
    """What is found of an order, None where nothing is, and how many entries it has."""

    order_id: str
    found: T | None
    entries: int


class Found(Generic[T, V]):
    """
    What is found of the orders of a store; safe to share between threads.

    `every` reads all orders, `one` an order anew; `view` makes of all that is found what is shown.
    """

    def __init__(
        self,
        store: Store,
        every: Callable[[], Generator[Of[T], None, None]],
        one: Callable[[str], T | None],
        view: Callable[[Iterable[T]], V],
    ) -> None:
        self._store = store
        self._every = every
        self._one = one
        self._view = view
        self._turn = Lock()
        self._stopped = Event()
        self._ended = Event()
        self._thread: Thread | None = None
        self._found: dict[str, T] = {}
        self._shown: V | None = None
        self._position = -1
        self._progress = Progress(0, 0, done=False)

    def begin(self) -> None:
        """Begin to read, in a thread of its own; again does nothing."""
        with self._turn:
            if self._thread is None and not self._stopped.is_set():
                self._thread = Thread(target=self._read, name="paidan-audit", daemon=True)
                self._thread.start()

    def look(self) -> V | None:
        """Give what is found as of now, or None while it is being read for the first time."""
        self.begin()
        self._ended.wait(_WAIT_SECONDS)
        with self._turn:
            if not self._progress.done:
                return None
            self._catch_up()
            if self._shown is None:
                self._shown = self._view(self._found.values())
            return self._shown

    @property
    def progress(self) -> Progress:
        """How far the first reading has come."""
        return self._progress

    def stop(self) -> None:
        """Read no further; waits for what is under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _read(self) -> None:
        try:
            position = self._store.settled()
            read = 0
            with giving_way(), closing(self._every()) as every:
                for of in every:
                    read += of.entries
                    if self._stopped.is_set():
                        return
                    if of.found is not None:
                        self._found[of.order_id] = of.found
                    self._progress = Progress(read, max(read, position), done=False)
            self._position = position
            self._progress = Progress(read, read, done=True)
        except StoreUnavailableError:
            self._found.clear()
        finally:
            if self._progress.done:
                self._ended.set()
            else:
                self._thread = None  # whoever looks next begins again

    def _catch_up(self) -> None:
        changed: dict[str, None] = {}
        while written := self._store.written(self._position, _AT_ONCE):
            changed |= dict.fromkeys(one.entry.order_id for one in written)
            self._position = written[-1].position
        for order_id in changed:
            found = self._one(order_id)
            if found is not None:
                self._found[order_id] = found
            else:
                self._found.pop(order_id, None)
            self._shown = None
