"""
Live commands beside a hand-written rig that writes the same rows: `python benchmarks/live.py`.

Both take 8-command lifecycles, one caller, one SQLite file each, the same pragmas, the same rows,
a durable commit per command. The rig decides nothing and gets its rows ready-made: what is
measured beyond it is the reading, deciding and encoding of the engine. Rounds alternate.
"""

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import run_engine  # noqa: F401 - binds the checkout as `paidan`

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.storage.sqlite import _PRAGMAS
from paidan.workflows.records import BEIJING

START = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
LIFE: Sequence[tuple[str, dict[str, str]]] = (
    ("receive", {"urgent": "false", "case_type": "help", "channel": "12345", "area": "一村"}),
    ("register", {"category": "dispatched", "role": "dispatcher"}),
    ("dispatch", {"unit": "甲科", "order_due": "2026-03-20", "role": "dispatcher"}),
    ("accept", {"unit": "甲科"}),
    ("contact", {"unit": "甲科", "evidence": "录音"}),
    ("resolve", {"unit": "甲科", "outcome": "resolved", "result_text": "已修复"}),
    ("revisit", {"result": "effective", "outcome": "resolved", "satisfaction": "satisfied"}),
    ("close", {"role": "dispatcher"}),
)
WRITES = ("INSERT INTO paidan_entry", "INSERT INTO paidan_order", "UPDATE paidan_order",
          "INSERT INTO paidan_clock", "UPDATE paidan_clock")  # fmt: skip


def engine_round(folder: Path, lifecycles: int) -> float:
    """Run lifecycles through `Engine.submit`; give seconds."""
    clock = SimulatedClock(START)
    with Engine.open(f"sqlite:///{folder / 'engine.db'}", "JY", clock=clock) as engine:
        began = perf_counter()
        for number in range(lifecycles):
            _lifecycle(engine, clock, f"W{number:06}")
        return perf_counter() - began


def recorded(folder: Path) -> tuple[list[list[tuple[str, tuple[Any, ...]]]], list[str]]:
    """Record what one lifecycle writes, command by command, and the tables' own statements."""
    clock = SimulatedClock(START)
    path = folder / "recorded.db"
    with Engine.open(f"sqlite:///{path}", "JY", clock=clock) as engine:
        transaction = engine._store._transaction  # type: ignore[attr-defined] # noqa: SLF001
        recorder = _Recorder(transaction._cursor)  # noqa: SLF001
        transaction._cursor = recorder  # noqa: SLF001
        _lifecycle(engine, clock, "ORDER", recorder)
    with sqlite3.connect(path) as connection:
        wanted = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"
        found = connection.execute(wanted)
        tables = [sql for (sql,) in found]
    connection.close()
    return recorder.commands, tables


def rig_round(
    folder: Path, lifecycles: int, commands: list[list[tuple[str, tuple[Any, ...]]]], tables: list[str]
) -> float:
    """Write the same rows by hand; give seconds."""
    connection = sqlite3.connect(folder / "rig.db", isolation_level=None)
    for statement in (*_PRAGMAS, *tables):
        connection.execute(statement)
    execute = connection.cursor().execute
    began = perf_counter()
    for number in range(lifecycles):
        order_id = f"W{number:06}"
        for command in commands:
            execute("BEGIN IMMEDIATE")
            execute("SELECT state, seq, facts FROM paidan_order WHERE order_id = ?", (order_id,)).fetchone()
            for sql, row in command:
                execute(sql, [order_id if cell == "ORDER" else cell for cell in row])
            execute("COMMIT")
    took = perf_counter() - began
    connection.close()
    return took


class _Recorder:
    """A cursor that notes what is written through it."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.commands: list[list[tuple[str, tuple[Any, ...]]]] = []

    def execute(self, sql: str, row: tuple[Any, ...] = ()) -> Any:
        if sql.startswith(WRITES):
            self.commands[-1].append((sql, row))
        return self._cursor.execute(sql, row)


def _lifecycle(
    engine: Engine, clock: SimulatedClock, order_id: str, recorder: _Recorder | None = None
) -> None:
    for event, said in LIFE:
        if recorder is not None:
            recorder.commands.append([])
        clock.advance_to(clock.now() + timedelta(seconds=1))
        if not engine.submit(order_id, event, **said).accepted:
            raise SystemExit(f"{event} was refused: the benchmark no longer fits the rules")


def main() -> None:
    """Print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--lifecycles", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    figures: dict[str, list[float]] = {"engine": [], "hand-written": []}
    with tempfile.TemporaryDirectory() as base:
        commands, tables = recorded(Path(base))
        for number in range(chosen.rounds):
            folder = Path(base) / str(number)
            folder.mkdir()
            figures["engine"].append(chosen.lifecycles / engine_round(folder, chosen.lifecycles))
            took = rig_round(folder, chosen.lifecycles, commands, tables)
            figures["hand-written"].append(chosen.lifecycles / took)
    rows = sum(len(command) for command in commands)
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(
        f"{chosen.rounds} rounds of {chosen.lifecycles} lifecycles of {len(LIFE)} commands, {rows} rows each"
    )
    medians = {name: statistics.median(one) for name, one in figures.items()}
    for name, median in medians.items():
        spread = f"{min(figures[name]):.0f}..{max(figures[name]):.0f}"
        print(f"{name:>13}: {median:7.1f} lifecycles/s ({median * len(LIFE):7.0f} commands/s; {spread})")
    print(f"        ratio: {medians['engine'] / medians['hand-written']:.2f} of hand-written (aim: 0.50)")


if __name__ == "__main__":
    main()
