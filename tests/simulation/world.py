"""The world of a simulation: a clock that may jump, and a store at whose named points anything may happen."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import About, Change, Cursor, Kept, Store, Transaction
from paidan.workflows.records import Entry

T = TypeVar("T")

POINTS = ("read", "looked", "begin", "write", "commit", "committed")
"""
Where the world may step in: before a read, after it, before a transaction begins, at something it writes,
before its commit, after its commit and before its caller hears of it.
"""


_READS = frozenset(
    (
        "order", "due", "orders", "entries", "notices", "linked", "examined", "links", "settled", "written",
        "position_of", "vault", "scrub", "beside",
    )
)  # fmt: skip
"""Verbs of a store that write no entry."""


class Death(BaseException):
    """The process ends here: whoever was waiting hears nothing."""


class Rerun(Exception):  # noqa: N818 - nothing is wrong: the port allows it
    """The work is undone and run again from its start, as where locks met crosswise."""


class WorldClock:
    """A clock set by hand, forth and back; `given` are the times it gave since it was last asked for them."""

    def __init__(self, start: datetime) -> None:
        self.time = start
        self.given: list[datetime] = []

    def now(self) -> datetime:
        """Give the time it is set to."""
        self.given.append(self.time)
        return self.time


class World:
    """What happens at the points: at each at most one planned thing, by name; or the store is away."""

    def __init__(self) -> None:
        self.plan: dict[str, tuple[str, Callable[[], None]]] = {}
        self.away = False
        self.happened: list[str] = []

    def at(self, point: str) -> None:
        """Let happen what is planned at a point."""
        if self.away:
            self.happened.append("away")
            raise StoreUnavailableError("db_away", why="away for a while")
        planned = self.plan.pop(point, None)
        if planned is not None:
            name, happen = planned
            self.happened.append(name)
            happen()

    def as_it_is(self) -> tuple[dict[str, tuple[str, Callable[[], None]]], list[str]]:
        """Give what is still planned and what happened, to come back to."""
        return dict(self.plan), list(self.happened)

    def back_to(self, before: tuple[dict[str, tuple[str, Callable[[], None]]], list[str]]) -> None:
        """Have planned and happened what was then."""
        self.plan, self.happened = dict(before[0]), list(before[1])


class Batch(NamedTuple):
    """What one transaction wrote of one order."""

    order_id: str
    entries: tuple[Entry, ...]


class WatchedStore:
    """
    A store as its engine sees it: the world steps in at the points, and what was committed is heard.

    A verb that is not known here is handed on; `unwatched` then says that it may have written.
    """

    def __init__(self, inner: Store, world: World, heard: Callable[[list[Batch]], None]) -> None:
        self.inner = inner
        self.unwatched = False
        self._world = world
        self._heard = heard

    def write(self, work: Callable[[Transaction], T], about: About | None = None) -> T:
        """Run `work` in a transaction of the store beneath."""
        self._world.at("begin")
        batches: list[Batch] = []
        before = self._world.as_it_is()

        def watched(transaction: Transaction) -> T:
            batches.clear()
            # A store may run it again of itself: then the run before never was, and what happened in it.
            self._world.back_to(before)
            result = work(WatchedTransaction(transaction, self, self._world, batches))
            self._world.at("commit")
            return result

        try:
            result = self.inner.write(watched, about)
        except Rerun:
            before = self._world.as_it_is()
            result = self.inner.write(watched, about)
        self._heard(batches)
        self._world.at("committed")
        return result

    def drain(self, work: Callable[[Transaction], T]) -> Iterator[T]:
        """Run `work` until it finds nothing, one after the other: a world has one thread."""
        while found := self.write(work):
            yield found

    @contextmanager
    def cursor(self, name: str, start: int = 0) -> Iterator[Cursor | None]:
        """Lend a cursor; where its holder dies, or its keeping fails, it was never moved."""
        self._world.at("begin")
        with self.inner.cursor(name, start) as cursor:
            if cursor is None:
                yield None
                return
            lent = Cursor(cursor.position)
            yield lent
            with suppress(Rerun):
                self._world.at("commit")
            cursor.position = lent.position
        self._world.at("committed")

    def close(self) -> None:
        """Close the store beneath."""
        self.inner.close()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found
        self.unwatched |= name not in _READS

        def read(*asked: Any, **more: Any) -> Any:
            self._world.at("read")
            given = found(*asked, **more)
            self._world.at("looked")
            return given

        return read


class WatchedTransaction:
    """A transaction as the engine's work sees it."""

    def __init__(self, inner: Any, store: WatchedStore, world: World, batches: list[Batch]) -> None:
        self._inner = inner
        self._store = store
        self._world = world
        self._batches = batches

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        """Note what is written."""
        written = tuple(entries)
        self._inner.keep(after, written, before)
        self._batches.append(Batch(after.order.order_id, written))
        self._world.at("write")

    def keep_all(self, changes: Iterable[Change]) -> None:
        """Note what is written of several orders, where a store takes them together."""
        written = tuple(changes)
        self._inner.keep_all(written)
        self._batches += [Batch(after.order.order_id, tuple(entries)) for after, entries, _ in written]
        self._world.at("write")

    def __getattr__(self, name: str) -> Any:
        known = (
            *("order", "orders", "beside", "due", "notices", "entries", "last_recorded_at", "answer"),
            *("keep_answer", "claim"),
        )
        vault = ("vault", "adopt_vault", "order_key", "keep_order_key", "sealed", "keep_sealed", "erase")
        self._store.unwatched |= name not in (*known, *vault, "orders", "load_notice", "rebuild")
        return getattr(self._inner, name)
