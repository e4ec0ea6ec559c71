"""
Files to events beside pandas, pm4py and openpyxl: `python benchmarks/intake.py --peers PYTHON`.

A CSV of 1,000,000 events (`log_maker.py`) and a workbook of 200,000 orders in the wide form, 15 columns,
some six times filled in a row. paidan reads as `replay` reads, a large log shared out among processes, and
kept to one: every row is a command, checked and masked, or rejected. The peers (`intake_rig.py`) give
ids, names and times. None of them is one of paidan's packages; make an environment:

    python -m venv /tmp/peers && /tmp/peers/bin/pip install pandas pm4py openpyxl
    python benchmarks/intake.py --peers /tmp/peers/bin/python
"""

import argparse
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from log_maker import SATISFACTION, unit_names, write_log
from replay import run
from rounds import in_turn, lines, machine

HERE = Path(__file__).resolve().parent
RIG = HERE / "intake_rig.py"
READ = f"""
import sys
sys.path.insert(0, {str(HERE.parent)!r})
import run_engine
from pathlib import Path
from paidan.engine.collector import without_cycles
from paidan.engine.crew import crew
from paidan.engine.intake.forms import open_logs
from paidan.engine.share import Task, Under
from paidan.policies.known import NOTHING_LOADED
from paidan.policies.registry import document
workers = int(sys.argv[2]) or None
under = Under(document=document("JY"), settings={{}}, roster=None, known=NOTHING_LOADED)
with without_cycles():
    tables = open_logs([Path(sys.argv[1])])
    task = Task(tables=tables, under=(under,), enforce=False, as_recorded=False)
    with crew(task, workers) as reading:
        sys.exit(reading.last_at() is None)
"""
"""What a replay does before its first order."""
HEADER = (
    "任务号", "受理时间", "接单时间", "派单时间", "承办接单时间", "先行联系时间", "办结时间", "结案时间",
    "回访时间", "主责部门", "工单类型", "是否紧急", "是否匿名", "解决情况", "综合满意度",
)  # fmt: skip
TIMES = 8
FILLED = 0.75
AIMS = {"csv": 5, "xlsx": 15}
"""Seconds."""
_MIB = 1 << 20


def write_wide(path: Path, orders: int, seed: int = 1) -> int:
    """Write a workbook of orders with true dates, most times filled; give how many."""
    sys.path.insert(0, str(HERE.parent))
    import run_engine  # noqa: F401, PLC0415 - binds the checkout as `paidan`

    from paidan.engine.export.workbook import put, writing  # noqa: PLC0415 - the same

    chance = random.Random(seed)
    start = datetime(2026, 1, 5, 8)
    units = unit_names(40)
    events = 0
    with writing(path) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(HEADER):
            put(sheet, 0, column, name)
        for row in range(1, orders + 1):
            told = start + timedelta(seconds=chance.randrange(80 * 86400))
            put(sheet, row, 0, f"GD{row:07d}")
            for column in range(1, TIMES + 1):
                told += timedelta(seconds=chance.randrange(1, 86400))
                if column == 1 or chance.random() < FILLED:
                    put(sheet, row, column, told)
                    events += 1
            rest = (
                chance.choice(units), chance.choice(("求助", "投诉", "咨询", "其他")), chance.choice("是否"),
                "否", chance.choice(("实际解决", "解释说明")), chance.choice(SATISFACTION),
            )  # fmt: skip
            for column, text in enumerate(rest, start=TIMES + 1):
                put(sheet, row, column, text)
    return events


def measured(command: list[str | Path], events: int, peaks: list[float], spent: list[float]) -> float:
    """Run a command as `replay.py` does, and note the processor time of all its processes too."""
    before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    rate = run(command, events, peaks)
    spent.append(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - before)
    return rate


def compare(form: str, log: Path, events: int, peers: Mapping[str, str], chosen: argparse.Namespace) -> bool:
    """Read one file in turn, print medians, ratios and peaks; say whether the aim was met."""
    print(f"\n{log.name}: {events:,} events, {log.stat().st_size / _MIB:.0f} MiB")
    read = [sys.executable, "-c", READ, log]
    commands: dict[str, list[str | Path]] = {
        "paidan": [*read, "0"],
        "paidan, one process": [*read, "1"],
        **{name: [chosen.peers, RIG, reader, log, str(events)] for name, reader in peers.items()},
    }
    peaks: dict[str, list[float]] = {}
    spent: dict[str, list[float]] = {}
    figures = in_turn(
        {
            name: partial(measured, one, events, peaks.setdefault(name, []), spent.setdefault(name, []))
            for name, one in commands.items()
        },
        chosen.rounds,
    )
    for line, name in zip(lines(figures, "events/s", next(iter(peers))), figures, strict=True):
        seconds = events / statistics.median(figures[name])
        cpu, peak = statistics.median(spent[name]), statistics.median(peaks[name])
        print(f"{line}, {seconds:6.1f} s, {cpu:6.1f} s of processors, {peak:5.0f} MiB")
    met = events / statistics.median(figures["paidan"]) <= AIMS[form]
    print(f"                     aim: {AIMS[form]} s: {'met' if met else 'MISSED'}")
    return met


def check_peers(python: str) -> str:
    """Give what is wrong with the Python that is to run the peers, or nothing."""
    try:
        done = subprocess.run(
            [python, "-c", "import openpyxl, pandas, pm4py"], capture_output=True, check=False
        )
    except OSError:
        return f"there is no Python at {python!r}"
    return f"{python} lacks openpyxl, pandas or pm4py" if done.returncode else ""


def main() -> None:
    """Measure both files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", default="", metavar="PYTHON", help="a Python that has the peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forms", nargs="+", default=["csv", "xlsx"], choices=["csv", "xlsx"])
    parser.add_argument("--quick", action="store_true", help="a tenth of the size: a look, not a figure")
    chosen = parser.parse_args()
    if wrong := check_peers(chosen.peers):
        sys.exit(f"{wrong}; make one:\n    python -m venv /tmp/peers && /tmp/peers/bin/pip install pandas "
                 "pm4py openpyxl\nand name it: --peers /tmp/peers/bin/python")  # fmt: skip
    part = 10 if chosen.quick else 1
    met = []
    print(f"{machine()}; {chosen.rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        if "csv" in chosen.forms:
            log = Path(folder) / "log.csv"
            events = write_log(log, 125_000 // part)
            peers = {"pandas": "pandas-csv", "pm4py": "pm4py"}
            met.append(compare("csv", log, events, peers, chosen))
        if "xlsx" in chosen.forms:
            log = Path(folder) / "wide.xlsx"
            events = write_wide(log, 200_000 // part)
            peers = {"openpyxl": "openpyxl", "pandas": "pandas-xlsx"}
            met.append(compare("xlsx", log, events, peers, chosen))
    sys.exit(0 if all(met) else 4)


if __name__ == "__main__":
    main()
