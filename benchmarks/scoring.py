"""
A month scored from a replay folder, and its points explained, beside the same rates in DuckDB.

Each contender is a command of its own, start to finish as a user would wait for it. The peer is handed the
answers: it reads the folder's transitions, attributes and verdicts and counts, for the units of a month,
closings, contacts, outcomes, satisfaction and late closings in SQL; it knows no status, adjustment, rank
or consequence. Its counts are checked against ours before anything is measured.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter

from log_maker import unit_names, write_log
from rounds import in_turn, machine

HERE = Path(__file__).resolve().parent
RUN = HERE.parent / "run_engine.py"
MONTH = "2026-01"
PEER = "DuckDB"
TRACED = ("contact", "timeliness", "volume", "deduction")


def command(*arguments: str | Path) -> str:
    """Run paidan and give what it printed."""
    done = subprocess.run(
        [sys.executable, RUN, *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    return done.stdout


def peer(folder: Path) -> str:
    """Run the peer and give what it printed."""
    done = subprocess.run(
        [sys.executable, HERE / "score_in_sql.py", folder, MONTH],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout


def agree(folder: Path) -> None:
    """Stop unless both count the same for every unit."""
    ours = {
        one["unit"]: [one["items"]["contact"]["numerator"], one["items"]["satisfaction"]["numerator"],
                      one["items"]["timeliness"]["numerator"]]
        for one in json.loads(command("score", folder, "--month", MONTH, "--format", "json"))["units"]
    }  # fmt: skip
    theirs = json.loads(peer(folder))
    if ours != theirs:
        raise SystemExit("paidan and the peer count differently")


def seconds(work: Callable[[], str]) -> float:
    """Time a command."""
    began = perf_counter()
    work()
    return perf_counter() - began


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--orders", type=int, default=125_000, help="eight events each")
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        log, folder = Path(place) / "log.csv", Path(place) / "run"
        events = write_log(log, asked.orders, units=asked.units, days=20)
        roster = Path(place) / "units.csv"
        names = unit_names(asked.units)
        roster.write_text("unit,pool\n" + "".join(f"{one},department\n" for one in names), encoding="utf-8")
        command("replay", log, "--policy", "JY", "--units", roster, "--out", folder)
        agree(folder)
        print(f"{machine()}; {events:,} events, {asked.units} units, one month, {asked.rounds} rounds")
        contenders: dict[str, Callable[[], float]] = {
            "score": partial(
                seconds, partial(command, "score", folder, "--month", MONTH, "--format", "json")
            ),
            PEER: partial(seconds, partial(peer, folder)),
        }
        for item in TRACED:
            traced = partial(command, "explain", "--score", names[0], item, "--run", folder, "--month", MONTH)
            contenders[f"explain {item}"] = partial(seconds, traced)
        contenders["explain an order"] = partial(
            seconds, partial(command, "explain", "GD0000007", "JY-T03", "--run", folder)
        )
        figures = in_turn(contenders, asked.rounds)
    base = statistics.median(figures[PEER])
    for name, measured in figures.items():
        median = statistics.median(measured)
        spread = f"{min(measured):.2f}..{max(measured):.2f}"
        print(f"{name:>20}: {median:6.2f} s ({spread}), {median / base:5.2f} x {PEER}")


if __name__ == "__main__":
    main()
