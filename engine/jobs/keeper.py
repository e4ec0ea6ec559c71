"""
The jobs of a server: few at a time, one under way for each account, known to that account alone.

They live in this process. A restart forgets them, and their files with them; an import that was cut short
is done again and finishes itself, everything else writes nothing.
"""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock, Timer

from paidan.engine.jobs.job import Job, Plain, State
from paidan.engine.jobs.places import Place
from paidan.engine.telemetry import REQUEST_FAILED, Journal

MOST = 4
"""Jobs under way at once, of all accounts together."""
KEPT = 5
"""Jobs of an account that are kept; with another one the oldest is let go of."""
KEPT_SECONDS = 3600.0
"""How long a job is kept after its last step."""


class BusyError(Exception):
    """Somebody has a job under way already, or the server has enough of them (`own` says which)."""

    def __init__(self, *, own: bool) -> None:
        super().__init__(own)
        self.own = own


class Jobs:
    """Keeps jobs; safe to share between threads."""

    def __init__(self, now: Callable[[], datetime], journal: Journal) -> None:
        self._now = now
        self._journal = journal
        self._jobs: dict[str, Job] = {}
        self._timers: dict[str, Timer] = {}
        self._place: Place | None = None
        self._turn = Lock()

    def open(self, kind: str, owner: str) -> Job:
        """
        Give a new job with an empty folder, which takes its account's turn until a step of it is over.

        Raises `BusyError`. Whoever opens one starts a step of it, or lets go of it (`drop`).
        """
        with self._turn:
            self._check_free(owner)
            self._place = self._place or Place()
            name = token_urlsafe(16)
            job = Job(name, kind, owner, self._place.make(name), self._now())
            old = [one for one in self._jobs.values() if one.owner == owner]
            self._jobs[name] = job
        for one in old[: max(0, len(old) + 1 - KEPT)]:
            self.drop(one)
        return job

    def start(self, job: Job, step: str, work: Callable[[Job], Plain]) -> None:
        """Do a step of a job in its thread; raises `BusyError` where another is under way."""
        with self._turn:
            if job.step or not job.running:
                self._check_free(job.owner)
            if timer := self._timers.pop(job.id, None):
                timer.cancel()
            job.start(step, work, self._now, self._ended)

    def of(self, owner: str, kind: str = "") -> list[Job]:
        """Give the jobs of an account, the latest first."""
        found = [one for one in self._jobs.values() if one.owner == owner and kind in ("", one.kind)]
        return found[::-1]

    def job(self, name: str, owner: str) -> Job | None:
        """Give a job of an account; None where it has none of that id (any more)."""
        found = self._jobs.get(name)
        return found if found is not None and found.owner == owner else None

    def drop(self, job: Job) -> None:
        """Let go of a job: its work ends, its files go."""
        with self._turn:
            self._jobs.pop(job.id, None)
            if timer := self._timers.pop(job.id, None):
                timer.cancel()
        job.cancel()
        job.wait()
        job.remove()

    def lend(self) -> Path:
        """Give an empty folder for a short while; whoever took it gives it back."""
        with self._turn:
            self._place = self._place or Place()
            return self._place.make(token_urlsafe(16))

    def give_back(self, folder: Path) -> None:
        """Remove a folder that was lent."""
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of all, and of the folder they had."""
        for job in list(self._jobs.values()):
            job.cancel()
        for job in list(self._jobs.values()):
            self.drop(job)
        with self._turn:
            place, self._place = self._place, None
        if place is not None:
            place.close()

    def _check_free(self, owner: str) -> None:
        under_way = [one for one in self._jobs.values() if one.state is State.RUNNING]
        if any(one.owner == owner for one in under_way):
            raise BusyError(own=True)
        if len(under_way) >= MOST:
            raise BusyError(own=False)

    def _ended(self, job: Job) -> None:
        if job.problem is not None and job.problem.code == "fault":
            self._journal.tell(
                REQUEST_FAILED, path=f"{job.kind}/{job.step}", why=job.problem.text["en"],
                exc_info=job.fault,
            )  # fmt: skip
        with self._turn:
            if job.id in self._jobs:
                timer = Timer(KEPT_SECONDS, self.drop, (job,))
                timer.daemon = True
                self._timers[job.id] = timer
                timer.start()
