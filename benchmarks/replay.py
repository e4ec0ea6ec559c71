"""
A replay with all its files beside a plain loop of `transitions`, `csv` and `chinese_calendar`.

Each contender runs in a process of its own, start to finish as a user would wait for it: paidan by its
command line, paidan kept to one process, and `plain_loop.py`, which does a small part of the work.
Memory is the sum over all processes of a contender at its highest (resident, shared pages counted in each).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path
from time import perf_counter

from log_maker import write_log
from rounds import in_turn, lines, machine

HERE = Path(__file__).resolve().parent
RUN = HERE.parent / "run_engine.py"
PEER = "plain loop"
ONE_PROCESS = f"""
import sys
sys.path.insert(0, {str(HERE.parent)!r})
import run_engine
from pathlib import Path
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document
replay(Request(logs=(Path(sys.argv[1]),), document=document("JY"), out=Path(sys.argv[2]), workers=1))
"""
_MIB = 1 << 20
_LOOKS_PER_SECOND = 5


def commands(log: Path, out: Path) -> dict[str, list[str | Path]]:
    """Give the command of each contender."""
    return {
        "paidan": [sys.executable, RUN, "replay", log, "--policy", "JY", "--out", out / "paidan"],
        "paidan, one process": [sys.executable, "-c", ONE_PROCESS, log, out / "one"],
        PEER: [sys.executable, HERE / "plain_loop.py", log, out / "plain"],
    }


def run(command: list[str | Path], events: int, peaks: list[float]) -> float:
    """Run a command to its end, note its peak in MiB, and give events per second."""
    began = perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ended = threading.Event()
    seen: list[int] = [0]
    watcher = threading.Thread(target=_watch, args=(process.pid, ended, seen))
    watcher.start()
    _, status, used = os.wait4(process.pid, 0)
    took = perf_counter() - began
    ended.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit {process.returncode}: {' '.join(map(str, command[:4]))} …")
    largest = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    peaks.append(max(largest, *seen) / _MIB)
    return events / took


def _watch(pid: int, ended: threading.Event, seen: list[int]) -> None:
    while not ended.wait(1 / _LOOKS_PER_SECOND):
        seen.append(_resident(pid))


def _resident(pid: int) -> int:
    """Sum the resident bytes of a process and its descendants; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGESIZE") + sum(_resident(int(child)) for child in children)


def main() -> None:
    """Print medians, ratios and peaks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--orders", type=int, default=125_000, help="eight events each")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="5,000 orders: a look, not a figure")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as base:
        log, out = Path(base) / "log.csv", Path(base) / "out"
        events = write_log(log, 5_000 if chosen.quick else chosen.orders)
        print(machine())
        print(f"{chosen.rounds} rounds of {events:,} events, {log.stat().st_size / _MIB:.0f} MiB of CSV")
        peaks: dict[str, list[float]] = {}
        contenders = {
            name: partial(run, command, events, peaks.setdefault(name, []))
            for name, command in commands(log, out).items()
        }
        figures = in_turn(contenders, chosen.rounds)
    for line, name in zip(lines(figures, "events/s", PEER), figures, strict=True):
        seconds = events / statistics.median(figures[name])
        print(f"{line}, {seconds:6.1f} s, {statistics.median(peaks[name]):5.0f} MiB")


if __name__ == "__main__":
    main()
