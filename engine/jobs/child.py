"""The process in which work of a job is done apart: one verb on the files of one folder, then it ends."""

import json
import os
import sys
from time import monotonic
from typing import Any

from paidan.engine.jobs.job import problem_of
from paidan.engine.progress import watched

_PAUSE = 0.2
"""Seconds between two times that it says how far it is."""
_NICE = 5


def main() -> None:
    """Read what is asked, do it, and say what came of it."""
    asked: dict[str, Any] = json.loads(sys.stdin.read())
    memory, seconds = asked.pop("memory"), asked.pop("seconds")
    try:
        import resource  # noqa: PLC0415 - a system without it has no such bound

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        os.nice(_NICE)
    except ImportError:
        pass
    from pathlib import Path  # noqa: PLC0415

    from paidan.engine.jobs import verbs  # noqa: PLC0415 - within the bound

    try:
        with watched(_telling()):
            _say({"result": verbs.VERBS[asked.pop("do")](**asked)})
    except MemoryError:
        sys.exit(1)  # the caller says what that means
    except Exception as error:  # noqa: BLE001 - it is told to the caller
        problem = problem_of(error, Path.cwd())
        _say({"problem": problem.code, "text": problem.text})


def _telling() -> Any:
    told_at = monotonic()

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal told_at
        if monotonic() - told_at >= _PAUSE:
            told_at = monotonic()
            _say({"progress": [stage, done, total]})

    return tell


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
