"""
A large log shared out among processes, each of which replays a run of order ids.

Every process reads the files itself and keeps the rows of its own orders, so that nothing large
travels and each order is in one memory only. What they write stands in order when it is appended
share by share: the same bytes as from one process.
"""

import gc
import multiprocessing
import os
import platform
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from datetime import datetime
from multiprocessing.connection import Connection, wait
from time import monotonic
from types import TracebackType
from typing import Any, NamedTuple, Self

from paidan.engine.errors import WorkerLostError
from paidan.engine.export.run_folder import ORDER_FILES, OrderFiles, RunFolder
from paidan.engine.intake.events import Ids, Log, runs
from paidan.engine.intake.tables import Table
from paidan.engine.progress import tell, watched, watcher
from paidan.engine.share import Share, Tally, Task

_LARGE = 4 << 20
"""Bytes of log, some 50,000 rows, from which a second process pays."""
_MOST = 8
"""Processes beyond which reading the files once in each costs what another one saves."""
_SAMPLED = 256
"""Lines looked at for each share to part the ids evenly."""

_PAUSE = 0.25
"""Seconds between two times that a process says how far it is."""


class Step(NamedTuple):
    """How far one of the processes is: told on the way, where somebody watches, before its answer."""

    stage: str
    done: int
    total: int


def crew(task: Task, workers: int | None) -> AbstractContextManager["Crew | Alone"]:
    """
    Give what replays the orders of `task`: this process, or `workers` others.

    None is as many as the logs are worth on this machine, and 1 where a process cannot be forked
    safely: one that is started imports the caller's main module anew, which only the caller can ask for.
    """
    if workers is None:
        size = sum(table.path.stat().st_size for table in task.tables)
        workers = min(_cores(), size // (_LARGE // 2), _MOST) if size >= _LARGE and _can_fork() else 1
    shares = parted(task.tables, workers) if workers > 1 else []
    return Crew(task, shares) if len(shares) > 1 else nullcontext(Alone(task))


def parted(tables: Sequence[Table], count: int) -> list[Ids]:
    """Part the order ids of the logs into at most `count` runs of about as many rows each."""
    return runs([one for table in tables for one in table.sample("order_id", _SAMPLED * count)], count)


class Alone:
    """The one process there is, for a log that is worth no other."""

    def __init__(self, task: Task) -> None:
        self._share = Share(task, Ids())

    def last_at(self) -> datetime | None:
        """Give the time of the last event."""
        return self._share.last_at

    def write(self, as_of: datetime, folders: Sequence[RunFolder]) -> tuple[Log, list[Tally]]:
        """Replay every order into the folder of each document."""
        self._share.write(as_of, [folder.orders for folder in folders])
        return self._share.log, self._share.tallies


class Crew:
    """The processes of one replay. Leaving the context ends them, whatever they are at."""

    def __init__(self, task: Task, shares: Sequence[Ids]) -> None:
        self._task = task
        self._shares = shares
        self._processes: list[Any] = []
        self._pipes: list[Connection] = []

    def __enter__(self) -> Self:
        method: Any = multiprocessing.get_context("fork" if _can_fork() else "spawn")
        told = {"telling": watcher() is not None}
        try:
            for ids in self._shares:
                ours, theirs = method.Pipe()
                self._pipes.append(ours)
                with theirs:
                    process = method.Process(
                        target=_work, args=(self._task, ids, ours, theirs), kwargs=told, daemon=True
                    )
                    process.start()
                self._processes.append(process)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def last_at(self) -> datetime | None:
        """Give the time of the last event once all have read; raises what one of them met."""
        return max((last for last in self._answers() if last is not None), default=None)

    def write(self, as_of: datetime, folders: Sequence[RunFolder]) -> tuple[Log, list[Tally]]:
        """Have every share replayed and appended in turn; raises what the first that failed met."""
        with ExitStack() as stack:
            lent = [stack.enter_context(folder.lend(len(self._pipes))) for folder in folders]
            shares = list(zip(*lent, strict=True))
            try:
                for pipe, places in zip(self._pipes, shares, strict=True):
                    pipe.send((as_of, places))
                answers = []
                for answer, places in zip(self._answers(), shares, strict=True):
                    answers.append(answer)
                    for folder, place in zip(folders, places, strict=True):
                        folder.orders.append(place)
            finally:
                self._end()
        log, tallies = answers[0]
        for other_log, others in answers[1:]:
            log.join(other_log)
            for tally, other in zip(tallies, others, strict=True):
                tally.add(other)
        return log, tallies

    def _answers(self) -> Iterator[Any]:
        """Give what each process answers, in their order, and tell meanwhile how far they are together."""
        waiting: dict[Any, int] = {pipe: number for number, pipe in enumerate(self._pipes)}
        steps: dict[int, Step] = {}
        answers: dict[int, Any] = {}
        for number in range(len(self._pipes)):
            while number not in answers:
                for pipe in wait(list(waiting)):
                    told = _told(pipe)
                    if isinstance(told, Step):
                        steps[waiting[pipe]] = told
                        _tell_all(list(steps.values()))
                    else:
                        answers[waiting.pop(pipe)] = told
            if isinstance(answers[number], BaseException):
                raise answers[number]
            yield answers.pop(number)
        for stage in {one.stage for one in steps.values()}:
            tell(stage, 1, 1)

    def _end(self) -> None:
        for process in self._processes:
            process.kill()
            process.join()
        for pipe in self._pipes:
            pipe.close()


def _told(pipe: Any) -> Any:
    try:
        return pipe.recv()
    except (EOFError, ConnectionError):
        return WorkerLostError("worker_lost")


def _tell_all(steps: Sequence[Step]) -> None:
    """Tell how far all are; where one of them does not know of how many, nobody does."""
    known = all(one.total for one in steps)
    done = sum(one.done for one in steps)
    tell(steps[0].stage, done, max(sum(one.total for one in steps), done + 1) if known else 0)


class _Telling:
    """Tells the caller how far this process is, now and then: through the pipe that it answers by."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._told_at = monotonic()

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = monotonic()
        if now - self._told_at >= _PAUSE and done != total:  # that it is over, its answer says
            self._told_at = now
            self._pipe.send(Step(stage, done, total))


def _work(task: Task, ids: Ids, theirs: Connection, pipe: Connection, *, telling: bool) -> None:
    """Be one of the crew: read, say until when the log goes, replay as of the answer, say what came of it."""
    theirs.close()  # A fork has the other end too; while it is open nobody notices that the caller is gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the caller's to answer, who ends this process.
    threading.Thread(target=_leave_with_caller, daemon=True).start()
    gc.disable()
    try:
        with ExitStack() as stack:
            stack.enter_context(watched(_Telling(pipe) if telling else None))
            share = Share(task, ids)
            pipe.send(share.last_at)
            as_of, folders = pipe.recv()
            files = [
                stack.enter_context(closing(OrderFiles({name: folder / name for name in ORDER_FILES})))
                for folder in folders
            ]
            share.write(as_of, files)
        pipe.send((share.log, share.tallies))
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:  # noqa: BLE001 - it is raised again where the caller waits
        pipe.send(error)


def _leave_with_caller() -> None:
    """End this process when the one that asked for it is gone, which nobody else could tell it."""
    caller = multiprocessing.parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)


def _can_fork() -> bool:
    """Whether a copy of this process would run: a lock held by another thread would be held for ever."""
    forks = "fork" in multiprocessing.get_all_start_methods() and platform.system() != "Darwin"
    return forks and threading.active_count() == 1


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
