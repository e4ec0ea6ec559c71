"""
Work of a job left to a process of its own, which may fail, swell or be killed without the server.

It is asked on standard input and answers on standard output, a line of JSON at a time; it stands in the
job's folder and knows files by their names there. Its memory is bounded, and it yields to the server.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import paidan
from paidan.engine.jobs.job import ApartError, CancelledError, Job, Plain, Problem
from paidan.engine.messages import LANGUAGES, say

MEMORY = 2 << 30
"""Bytes the process may have, and each of those that it starts."""
SECONDS = 900
"""Seconds of a processor that each of them may take."""
_BOUND = """
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
roots, libraries = sys.argv[1].split(chr(10)), sys.argv[2].split(chr(10))
sys.path[:] = libraries
try:
    there = find_spec("paidan.engine") is not None
except ModuleNotFoundError:
    there = False
if not there:
    spec = ModuleSpec("paidan", None, is_package=True)
    spec.submodule_search_locations = roots
    sys.modules["paidan"] = module_from_spec(spec)
from paidan.engine.jobs.child import main
main()
"""
"""Finds the package where this process has it, installed or not, and does what it is asked."""


def apart(job: Job, verb: str, **said: Any) -> Plain:
    """
    Do a verb of `engine.jobs.child` on the files of a job, and give its result.

    Raises `ApartError` with the problem it met, `CancelledError` where the job was let go of meanwhile.
    """
    lines = "\n"
    roots = lines.join(map(str, paidan.__path__))
    libraries = lines.join(str(Path(one).absolute()) if one else str(Path.cwd()) for one in sys.path)
    result: Plain | None = None
    with subprocess.Popen(  # noqa: S603 - ourselves, no shell
        [sys.executable, "-c", _BOUND, roots, libraries],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=job.folder,
        start_new_session=True, text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        job.stopped_by(lambda: _end(process))
        try:
            result = _heard(process, job, {"do": verb, "memory": MEMORY, "seconds": SECONDS, **said})
        finally:
            job.stopped_by(None)
            _end(process)
    if result is None:
        job.check()
        told = {lang: say("job.lost", lang, most=f"{MEMORY >> 20} MiB, {SECONDS} s") for lang in LANGUAGES}
        raise ApartError(Problem("unprocessable", told))
    if "problem" in result:
        raise ApartError(Problem(result["problem"], result["text"]))
    answer: Plain = result["result"]
    return answer


def _heard(process: "subprocess.Popen[str]", job: Job, asked: Plain) -> Plain | None:
    """Ask, pass on how far it is, and give what it says at last; None where it ends without a word."""
    assert process.stdin is not None  # noqa: S101 - as it was opened
    assert process.stdout is not None  # noqa: S101 - the same
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(asked))
        process.stdin.close()
    for line in process.stdout:
        try:
            told: Plain = json.loads(line)
        except ValueError:  # it was ended within a line
            return None
        if "progress" not in told:
            return told
        try:
            job.watch(*told["progress"])
        except CancelledError:
            return None
    return None


def _end(process: "subprocess.Popen[str]") -> None:
    """End the process and whatever it started."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
