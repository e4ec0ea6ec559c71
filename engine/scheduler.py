"""The tick that calls the sweep. What is due, and when, stands in the store and nowhere in here."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from paidan.engine.clock import SystemClock
from paidan.engine.telemetry import (
    SCHEDULER_STARTED,
    SCHEDULER_STOPPED,
    SEAL_FAILED,
    SWEEP_FAILED,
    TELL_FAILED,
    Journal,
)
from paidan.workflows.records import BEIJING

_SEAL_SECONDS = 600
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 60.0


class Scheduler:
    """
    Calls `sweep` at once and then every `every_seconds`, one call at a time, from a thread of its own.

    No thread exists before `start`. A sweep that fails is told to the journal and tried again at
    the next tick; ticks missed meanwhile are made up by one. `seal` is called beside it, every ten
    minutes: it knows by itself whether the day has its seal. `tell` is called as often as `sweep`, after one
    that failed first a second later, then two, up to a minute; it is given what says whether to stop.
    """

    def __init__(
        self,
        sweep: Callable[[], int],
        every_seconds: float,
        journal: Journal,
        seal: Callable[[], object] | None = None,
        tell: Callable[[Callable[[], bool]], object] | None = None,
    ) -> None:
        self._sweep = sweep
        self._every_seconds = every_seconds
        self._journal = journal
        self._seal = seal
        self._tell = tell
        self._pause, self._quiet_until = _FIRST_PAUSE_SECONDS, 0.0
        self._ticks: Any = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._ticks is not None:
            return
        self._ticks = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(3)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=BEIJING,
        )
        self._ticks.add_job(
            self._tick, "interval", seconds=self._every_seconds, next_run_time=SystemClock().now(),
            id="sweep",
        )  # fmt: skip
        if self._seal is not None:
            self._ticks.add_job(
                self._seal_tick, "interval", seconds=_SEAL_SECONDS, next_run_time=SystemClock().now(),
                id="seal",
            )  # fmt: skip
        if self._tell is not None:
            self._ticks.add_job(
                self._tell_tick, "interval", seconds=self._every_seconds, next_run_time=SystemClock().now(),
                id="tell",
            )  # fmt: skip
        self._ticks.start()
        self._journal.tell(SCHEDULER_STARTED, every_seconds=self._every_seconds)

    def stop(self) -> None:
        """Wait for a sweep under way and end the thread; a second call does nothing."""
        ticks, self._ticks = self._ticks, None
        if ticks is not None:
            ticks.shutdown(wait=True)
            self._journal.tell(SCHEDULER_STOPPED)

    def _tick(self) -> None:
        try:
            self._sweep()
        except Exception as error:  # noqa: BLE001 - whatever failed, the next tick must come
            self._journal.tell(SWEEP_FAILED, why=str(error), exc_info=True)

    def _seal_tick(self) -> None:
        try:
            if self._seal is not None:
                self._seal()
        except Exception as error:  # noqa: BLE001 - time-outs are raised, sealed or not
            self._journal.tell(SEAL_FAILED, why=str(error), exc_info=True)

    def _tell_tick(self) -> None:
        if self._tell is None or monotonic() < self._quiet_until:
            return
        try:
            self._tell(lambda: self._ticks is None)
        except Exception as error:  # noqa: BLE001 - whatever failed, it is tried again
            again = self._pause
            self._quiet_until = monotonic() + again
            self._pause = min(2 * again, _LONGEST_PAUSE_SECONDS)
            self._journal.tell(TELL_FAILED, again_in_seconds=again, why=str(error), exc_info=True)
        else:
            self._pause = _FIRST_PAUSE_SECONDS
