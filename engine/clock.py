"""The engine's time: the only place that reads the wall clock."""

from datetime import datetime
from threading import Lock
from typing import Protocol

from paidan.engine.errors import UsageError
from paidan.workflows.records import BEIJING


class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Give the present instant: aware, Beijing time, whole seconds."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Give the present second."""
        return datetime.now(BEIJING).replace(microsecond=0)


class SimulatedClock:
    """A clock that stands still until it is told to go on; for tests and rehearsals."""

    def __init__(self, start: datetime) -> None:
        self._lock = Lock()
        self._now = _whole(start)

    def now(self) -> datetime:
        """Give the time it was last set to."""
        return self._now

    def advance_to(self, at: datetime) -> datetime:
        """Go on to `at`; raises `UsageError` for a time without an offset or before the present one."""
        to = _whole(at)
        with self._lock:
            if to < self._now:
                raise UsageError("clock_backwards", now=self._now.isoformat(), at=to.isoformat())
            self._now = to
        return to


def _whole(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise UsageError("clock_naive", at=at.isoformat())
    return at.astimezone(BEIJING).replace(microsecond=0)
