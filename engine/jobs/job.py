"""
A job: something long that one account has asked for, in steps that follow one another.

Each step is done in a thread of its own, which may leave the work to a process (`engine.jobs.apart`). What a
step gives is plain, and stays under the step's name until it is done again or the job is let go of.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

from paidan.engine.faults import problem_code, sentences
from paidan.engine.messages import LANGUAGES
from paidan.engine.progress import watched

Plain = dict[str, Any]
"""What JSON can say."""
_SETTLED = 1.0
"""Seconds of a stage from which its rate is good for saying how much longer."""


class State(StrEnum):
    """Where a job stands: at work, or what came of the last step."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CancelledError(Exception):
    """The work was let go of on the way."""


class Problem(NamedTuple):
    """Why a step failed: a code of problems, and sentences by language."""

    code: str
    text: Mapping[str, str]


class Progress(NamedTuple):
    """How far a stage of the work is; `total` is 0 and `seconds_left` None where nobody knows."""

    stage: str
    done: int
    total: int
    rate: float
    seconds_left: float | None


@dataclass(eq=False)
class Job:
    """A job of an account, known by `id` to it alone; `results` are those of its steps by name."""

    id: str
    kind: str
    owner: str
    folder: Path
    began_at: datetime
    about: Plain = field(default_factory=dict)
    """What whoever asked for it noted of it."""
    step: str = ""
    state: State = State.RUNNING
    results: dict[str, Plain] = field(default_factory=dict)
    problem: Problem | None = None
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        self._turn = Lock()
        self._cancelled = False
        self._progress: Progress | None = None
        self._stage_began = (0.0, 0)
        self._stop: Callable[[], object] | None = None
        self._thread: Thread | None = None
        self.fault: Exception | None = None

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self.state is State.RUNNING

    @property
    def progress(self) -> Progress | None:
        """How far it is, None where nothing is told."""
        return self._progress if self.running else None

    def check(self) -> None:
        """Raise `CancelledError` where the work was let go of."""
        if self._cancelled:
            raise CancelledError

    def watch(self, stage: str, done: int, total: int) -> None:
        """Note how far a stage is; raises `CancelledError` in work that was let go of."""
        self.check()
        now = monotonic()
        if self._progress is None or self._progress.stage != stage:
            self._stage_began = (now, done)
        seconds, since = now - self._stage_began[0], done - self._stage_began[1]
        rate = since / seconds if seconds > 0 else 0.0
        left = (total - done) / rate if total and rate and seconds >= _SETTLED else None
        self._progress = Progress(stage, done, total, rate, left)

    def stopped_by(self, stop: Callable[[], object] | None) -> None:
        """Have `stop` called where the job is cancelled, at once if it was already."""
        with self._turn:
            self._stop = stop
            cancelled = self._cancelled
        if cancelled and stop is not None:
            stop()

    def cancel(self) -> None:
        """Let go of the work; what it wrote until then stays."""
        with self._turn:
            self._cancelled = True
            stop = self._stop
        if stop is not None:
            stop()

    def start(
        self, step: str, work: Callable[["Job"], Plain], now: Callable[[], datetime],
        ended: Callable[["Job"], object],
    ) -> None:  # fmt: skip
        """Do a step in a thread of its own; `ended` is told when it is over, whatever came of it."""
        self.step, self.state, self.problem, self._progress = step, State.RUNNING, None, None
        self.ended_at, self._cancelled = None, False
        self._thread = Thread(target=self._work, args=(step, work, now, ended), daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until no step is under way."""
        if self._thread is not None:
            self._thread.join(seconds)

    def remove(self) -> None:
        """Remove everything it was given and made."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _work(
        self, step: str, work: Callable[["Job"], Plain], now: Callable[[], datetime],
        ended: Callable[["Job"], object],
    ) -> None:  # fmt: skip
        state = State.FAILED
        self.results.pop(step, None)
        try:
            with watched(self.watch):
                self.results[step] = work(self)
            state = State.DONE
        except CancelledError:
            state = State.CANCELLED
        except ApartError as error:
            self.problem = error.problem
        except Exception as error:  # noqa: BLE001 - it is told to whoever asks for the job
            self.problem = problem_of(error, self.folder)
            self.fault = error if self.problem.code == "fault" else None
        finally:
            self.stopped_by(None)
            self.ended_at = now()
            self.state = State.CANCELLED if self._cancelled and state is not State.DONE else state
            ended(self)


class ApartError(Exception):
    """Work in another process that failed, with its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def problem_of(error: Exception, folder: Path) -> Problem:
    """Give the problem that an error is; where the files of a job stand is nobody's business."""
    told = {lang: "\n".join(sentences(error, lang)) for lang in LANGUAGES}
    return Problem(problem_code(error), {lang: text.replace(f"{folder}/", "") for lang, text in told.items()})
