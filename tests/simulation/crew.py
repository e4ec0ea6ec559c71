"""
Real processes that can be killed at any moment, forked from one that has everything loaded already.

Whoever forks holds no store open and runs no thread: a child begins with the modules and nothing else.
"""

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from paidan.workflows.records import BEIJING

Say = Callable[..., None]
"""Tells the parent something, as one line that arrives whole or not at all."""


class FastClock:
    """Goes on by itself, so many seconds for every second of the machine; the same in every process."""

    def __init__(self, start: datetime, seconds: int) -> None:
        self._start, self._seconds, self._began = start, seconds, monotonic()

    def now(self) -> datetime:
        """Give the present instant, in whole seconds."""
        gone = timedelta(seconds=int((monotonic() - self._began) * self._seconds))
        return (self._start + gone).astimezone(BEIJING)


@dataclass
class Child:
    """A process at work, and what it said until it ended."""

    pid: int
    pipe: int
    told: bytes = b""
    lines: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, *, to_the_end: bool = False) -> None:
        """Take in what it said so far, or everything it will ever have said."""
        os.set_blocking(self.pipe, to_the_end)
        with suppress(BlockingIOError):
            while part := os.read(self.pipe, 1 << 16):
                self.told += part
        *whole, self.told = self.told.split(b"\n")
        self.lines += [json.loads(line) for line in whole]

    def kill(self) -> None:
        """End it where it stands; hear what it had said."""
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        self.listen(to_the_end=True)
        os.close(self.pipe)
        if not os.WIFSIGNALED(status):
            raise AssertionError(f"it ended by itself: {self.lines[-1:]}")

    def pause(self) -> None:
        """Stop it where it stands."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)


def fork(work: Callable[[Say], None]) -> Child:
    """Start `work` in a process of its own; it ends when it is killed, or with its parent."""
    parent, (mine, its) = os.getpid(), os.pipe()
    pid = os.fork()
    if pid:
        os.close(its)
        return Child(pid, mine)

    def say(**told: Any) -> None:
        os.write(its, json.dumps(told).encode() + b"\n")
        if os.getppid() != parent:
            os._exit(0)

    try:
        os.close(mine)
        work(say)
        os._exit(0)
    except BaseException as error:  # noqa: BLE001 - told to the parent, whatever it is
        say(failed=repr(error))
        os._exit(1)
