"""
The engine for programs that run an asyncio loop: the same verbs, awaited.

Each call runs on a thread of the face's own, so that the loop never waits for a disk or a server. There
is no second engine behind it: what `Engine` promises holds here, and both may be used side by side.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial, wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from paidan.engine.app import Engine
from paidan.storage.errors import StoreUnavailableError

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 16
"""Calls that run at once; further ones wait for their turn, in the order they came."""


def _awaited(
    verb: Callable[Concatenate[Engine, P], T],
) -> "Callable[Concatenate[AsyncEngine, P], Coroutine[Any, Any, T]]":
    """Give a verb of `Engine` to be awaited, with the same arguments, result and errors."""

    @wraps(verb)
    async def awaited(self: "AsyncEngine", /, *words: P.args, **said: P.kwargs) -> T:
        return await self.run(partial(verb, self.engine, *words, **said))

    return awaited


def _opening(
    verb: Callable[P, Engine],
) -> "Callable[Concatenate[type[AsyncEngine], P], Coroutine[Any, Any, AsyncEngine]]":
    """Give what opens an engine, to be awaited, with the same arguments and errors."""

    @wraps(getattr(verb, "__func__", verb))  # with its class, which `classmethod` takes off again
    async def opened(face: "type[AsyncEngine]", /, *words: P.args, **said: P.kwargs) -> "AsyncEngine":
        opening = _aside(partial(verb, *words, **said))
        try:
            return face(await _finished(opening))
        except asyncio.CancelledError:
            if not opening.cancelled() and opening.exception() is None:
                await _finished(_aside(opening.result().close))
            raise

    return opened


class AsyncEngine:
    """
    `Engine` with its verbs awaited; `engine` is the one behind it, for what needs no waiting.

    A call that is cancelled before its turn is never made. One that is under way is finished first,
    and only then is the cancellation heard: whatever was acknowledged is kept, and nothing is still
    running when an `await` has ended. Whoever was cancelled and wants to know what came of a command
    submits it again with the same `key`.
    """

    def __init__(self, engine: Engine, *, threads: int = THREADS) -> None:
        self.engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="paidan")
        self._closed = False

    open = classmethod(_opening(Engine.open))
    submit = _awaited(Engine.submit)
    import_logs = _awaited(Engine.import_logs)
    unmask = _awaited(Engine.unmask)
    erase = _awaited(Engine.erase)
    rotate_key = _awaited(Engine.rotate_key)
    available = _awaited(Engine.available)
    order = _awaited(Engine.order)
    orders_after = _awaited(Engine.orders_after)
    running = _awaited(Engine.running)
    read_ahead = _awaited(Engine.read_ahead)
    rules = _awaited(Engine.rules)
    history = _awaited(Engine.history)
    deadlines = _awaited(Engine.deadlines)
    differences = _awaited(Engine.differences)
    cases = _awaited(Engine.cases)
    custody = _awaited(Engine.custody)
    blame = _awaited(Engine.blame)
    pingpong = _awaited(Engine.pingpong)
    ledger = _awaited(Engine.ledger)
    records = _awaited(Engine.records)
    run_at = _awaited(Engine.run_at)
    sweep = _awaited(Engine.sweep)
    tell = _awaited(Engine.tell)
    inbox = _awaited(Engine.inbox)
    acknowledge = _awaited(Engine.acknowledge)
    longest_due_at = _awaited(Engine.longest_due_at)
    start = _awaited(Engine.start)
    stop = _awaited(Engine.stop)
    subscribe = _awaited(Engine.subscribe)
    deliver = _awaited(Engine.deliver)
    entries_after = _awaited(Engine.entries_after)
    linked = _awaited(Engine.linked)
    verify = _awaited(Engine.verify)
    seal = _awaited(Engine.seal)
    load_calendar = _awaited(Engine.load_calendar)
    calendar = _awaited(Engine.calendar)
    load_directory = _awaited(Engine.load_directory)
    directory = _awaited(Engine.directory)
    differing = _awaited(Engine.differing)
    rebuild = _awaited(Engine.rebuild)
    export = _awaited(Engine.export)
    export_log = _awaited(Engine.export_log)
    tabulate = _awaited(Engine.tabulate)

    async def run(self, call: Callable[[], T]) -> T:
        """Await any call on a thread of this face: several verbs in a row, say."""
        if self._closed:
            raise StoreUnavailableError("db_away", why="closed")
        return await _finished(self._threads.submit(call))

    async def close(self) -> None:
        """Wait for every call made so far, then close the engine; a second call does nothing."""
        self._closed = True
        await _finished(_aside(self._close))

    def _close(self) -> None:
        self._threads.shutdown(wait=True)
        self.engine.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _aside(call: Callable[[], T]) -> "Future[T]":
    """Run a call on a thread that ends with it."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="paidan")
    running = thread.submit(call)
    thread.shutdown(wait=False)
    return running


async def _finished(running: "Future[T]") -> T:
    """Await a call on a thread to its end, even when cancelled, unless its turn had not come."""
    waiting = asyncio.wrap_future(running)
    cancelled: asyncio.CancelledError | None = None
    while not waiting.done():
        try:
            await asyncio.wait([waiting])
        except asyncio.CancelledError as error:
            cancelled = error
            running.cancel()
    if cancelled is None:
        return waiting.result()
    if not waiting.cancelled():
        waiting.exception()  # heard: whoever asked has left
    raise cancelled
