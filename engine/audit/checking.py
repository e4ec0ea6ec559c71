"""A verification that runs beside everything else, and what the last one found."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event, Lock, Thread
from typing import NamedTuple

from paidan.engine.access.tokens import Account
from paidan.engine.audit.verify import Verified
from paidan.storage.errors import StoreError

Verifying = Callable[[Callable[[int], object]], Verified]
"""Verifies a store; what it is given is told how many entries are done, and may stop it by raising."""


@dataclass(frozen=True, slots=True)
class Check:
    """
    A verification: who asked for it when, how far it has come, and what it found, None until then.

    `position` is that of the last entry when it began; `failed` says why there is nothing found.
    """

    by: str
    started_at: datetime
    position: int
    read: int = 0
    ended_at: datetime | None = None
    found: Verified | None = None
    failed: Exception | None = None

    @property
    def runs(self) -> bool:
        """Whether it is under way."""
        return self.ended_at is None


class Kept(NamedTuple):
    """What the store keeps of a verification, whichever process ran it: by whom, its end, its result."""

    by: str
    at: datetime
    holds: bool
    position: int
    entries: int
    faults: int


class _StoppedError(Exception):
    """The engine is being closed."""


class Checking:
    """The verification of a store, one at a time; safe to share between threads."""

    def __init__(
        self,
        verifying: Verifying,
        position: Callable[[], int],
        now: Callable[[], datetime],
        ended: Callable[[Account, Check], object],
    ) -> None:
        self._verifying = verifying
        self._position = position
        self._now = now
        self._ended = ended
        self._turn = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None
        self._check: Check | None = None
        self._last: Check | None = None

    @property
    def check(self) -> Check | None:
        """The verification that runs, else the last; None where none was asked for since the engine began."""
        return self._check

    @property
    def last(self) -> Check | None:
        """The last verification that came to its end."""
        return self._last

    def start(self, by: Account) -> Check:
        """Begin a verification, unless one runs: give that one then."""
        with self._turn:
            if self._check is None or not self._check.runs:
                self._check = Check(by.name, self._now(), self._position())
                self._thread = Thread(target=self._run, args=(by, self._check), daemon=True)
                self._thread.start()
            return self._check

    def stop(self) -> None:
        """Go no further; waits for what is under way."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, by: Account, check: Check) -> None:
        def told(read: int) -> None:
            if self._stopped.is_set():
                raise _StoppedError
            self._check = replace(check, read=read)

        try:
            found = self._verifying(told)
            check = replace(check, read=found.entries, found=found)
        except Exception as error:  # noqa: BLE001 - there is nobody above this thread to tell
            check = replace(check, failed=error)
        check = replace(check, ended_at=self._now())
        if check.found is not None:
            self._last = check
            with suppress(StoreError):  # what was found is true all the same
                self._ended(by, check)
        self._check = check
