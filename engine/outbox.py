"""
Handing committed entries on: the log is its own outbox, and each subscriber has a cursor in it.

An entry is committed with the state it explains, so there is no message that could be lost between the
two, and none that tells of what was undone. A subscriber gets each at least once, in the order in which
they were learned, hence in order within an order; which it has had, it can tell by `order_id` and `seq`.
"""

from collections.abc import Callable
from threading import Event, Thread, current_thread
from time import monotonic

from paidan.engine.telemetry import SUBSCRIBER_FAILED, Journal
from paidan.storage.port import LEASE_SECONDS, Store
from paidan.workflows.records import Entry

Handler = Callable[[Entry], object]

MOST = 100
"""Entries handed on before a cursor is moved: at most so many come again after a process died."""
_HOLD_SECONDS = LEASE_SECONDS / 6
"""A cursor is given back after this long: well before another may take it for abandoned."""
_LOOK_SECONDS = 0.2
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0


def deliver(
    store: Store, name: str, handler: Handler, *, most: int = MOST, stopped: Callable[[], bool] = bool
) -> int:
    """
    Give the handler what the subscriber of that name has not had, at most so many, and say how many.

    None where another is just being given it, here or in another process. What the handler raises ends
    it: the subscriber has then had all before that entry, and will get it again.
    """
    if not store.written(store.position_of(name) or 0, 1):
        return 0
    failed: Exception | None = None
    handed = 0
    with store.cursor(name) as cursor:
        if cursor is None:
            return 0
        until = monotonic() + _HOLD_SECONDS
        for position, entry, _ in store.written(cursor.position, most):
            try:
                handler(entry)
            except Exception as error:  # noqa: BLE001 - raised below: the store takes no error for its own
                failed = error
                break
            cursor.position = position
            handed += 1
            if stopped() or monotonic() > until:
                break
    if failed is not None:
        raise failed
    return handed


class _Serving(Thread):
    """A thread that runs handlers: two that stopped the engine would wait for each other for ever."""


class Subscription:
    """One subscriber, served in a thread of its own between `start` and `stop`, whatever others do."""

    def __init__(self, store: Store, name: str, handler: Handler, journal: Journal) -> None:
        self._store, self._name, self._handler = store, name, handler
        self._stopping = Event()
        self._thread: Thread | None = None
        self._handed: Entry | None = None
        self._journal = journal

    def start(self) -> None:
        """Begin to deliver; a second call does nothing."""
        if self._stopping.is_set():
            self.stop()
        if self._thread is None:
            self._stopping.clear()
            self._thread = _Serving(target=self._run, name=f"paidan {self._name}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop; waits for a handler under way, except from within one. A second call does nothing."""
        self._stopping.set()
        if self._thread is not None and not isinstance(current_thread(), _Serving):
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        stopping, pause = self._stopping, _FIRST_PAUSE_SECONDS
        while not stopping.is_set():
            try:
                handed = deliver(self._store, self._name, self._hand, stopped=stopping.is_set)
            except Exception as error:  # noqa: BLE001 - whatever failed, it is tried again
                self._tell(error, pause)
                stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                pause = _FIRST_PAUSE_SECONDS
                if not handed:
                    stopping.wait(_LOOK_SECONDS)

    def _hand(self, entry: Entry) -> None:
        self._handed = entry
        self._handler(entry)
        self._handed = None

    def _tell(self, error: Exception, pause: float) -> None:
        of_entry, self._handed = self._handed, None
        self._journal.tell(
            SUBSCRIBER_FAILED, subscriber=self._name, order=of_entry and of_entry.order_id,
            seq=of_entry and of_entry.seq, again_in_seconds=pause, why=str(error), exc_info=True,
        )  # fmt: skip
