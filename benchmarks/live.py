"""
Live commands beside DBOS and a hand-written rig: `python benchmarks/live.py --dbos PYTHON`.

All take 8-command lifecycles, every command durable before it is answered, in databases of their own,
new in each round, one caller and sixteen (threads of one process); rounds alternate. The rig
(`live_rig.py`) writes the rows the engine writes and decides nothing. DBOS (`dbos_rig.py`) runs a
workflow an order with a step a command. DBOS is none of paidan's packages; for it make an environment:

    python -m venv /tmp/dbos && /tmp/dbos/bin/pip install dbos pysqlite3-binary 'psycopg[binary]'
    python benchmarks/live.py --dbos /tmp/dbos/bin/python
"""

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import run_engine  # noqa: F401 - binds the checkout as `paidan`
from live_rig import Command, PostgresRig, SqliteRig, recorded
from rounds import machine

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
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
AIMS = {
    ("SQLite", 1): (4, 0.5),
    ("SQLite", 16): (10, 0),
    ("PostgreSQL", 1): (4, 0),
    ("PostgreSQL", 16): (6, 0),
}
"""Of DBOS, and of the rig."""
AIM_LONGEST_MS = 100
_NUMBERS = count(1)


class Round(NamedTuple):
    """What a round came to: lifecycles a second, and the longest wait for one command, in milliseconds."""

    rate: float
    longest: float


class Sqlite:
    """Files in a folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def new(self) -> Iterator[str]:
        """Lend an address where nothing is."""
        yield f"sqlite:///{self._folder / f'{next(_NUMBERS)}.db'}"

    @staticmethod
    def rig(url: str, create: Sequence[str]) -> SqliteRig:
        """Give a rig with tables made."""
        return SqliteRig(Path(url.removeprefix("sqlite:///")), create)


class Postgres:
    """Databases of a server, which the role in its address may make."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self._server = url.replace("postgresql+psycopg://", "postgresql://")

    @contextmanager
    def new(self) -> Iterator[str]:
        """Lend the address of a database where nothing is."""
        import psycopg  # noqa: PLC0415 - only where PostgreSQL is measured

        name = f"paidan_benchmark_{next(_NUMBERS)}"
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name}")
            address, _, rest = self._server.partition("?")
            yield f"{address.rpartition('/')[0]}/{name}" + (f"?{rest}" if rest else "")
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @staticmethod
    def rig(url: str, create: Sequence[str]) -> PostgresRig:
        """Give a rig with tables made."""
        return PostgresRig(url, create)


def live(engine: Engine, order_id: str) -> list[float]:
    """Take an order through its life; give how long each command took."""
    waits = []
    for event, said in LIFE:
        began = perf_counter()
        if not engine.submit(order_id, event, **said).accepted:
            raise SystemExit(f"{event} was refused: the benchmark no longer fits the rules")
        waits.append(perf_counter() - began)
    return waits


def together(callers: Sequence[Callable[[str], list[float]]], each: int, name: str = "W") -> Round:
    """Let callers take orders through their lives at once."""
    waits: list[float] = []

    def run(caller: Callable[[str], list[float]], number: int) -> None:
        mine = [wait for order in range(each) for wait in caller(f"{name}{number}-{order}")]
        waits.extend(mine)

    threads = [Thread(target=run, args=(caller, number)) for number, caller in enumerate(callers)]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - began
    if len(waits) != len(callers) * each * len(LIFE):
        raise SystemExit("a caller failed")
    return Round(len(callers) * each / took, 1000 * max(waits))


def engine_round(database: Any, callers: int, each: int) -> Round:
    """Run lifecycles through `Engine.submit`."""
    with database.new() as url, Engine.open(url, "JY", clock=SimulatedClock(START)) as engine:
        taken = [lambda order_id: live(engine, order_id)] * callers
        together(taken, 1, "warm")  # connections are made before the clock runs, for each contender
        return together(taken, each)


def rig_round(
    database: Any, callers: int, each: int, commands: Sequence[Command], create: Sequence[str]
) -> Round:
    """Write the same rows by hand."""
    with database.new() as url:
        rig = database.rig(url, create)

        def written(write: Callable[[str, Command], None], order_id: str) -> list[float]:
            waits = []
            for command in commands:
                began = perf_counter()
                write(order_id, command)
                waits.append(perf_counter() - began)
            return waits

        writers = [rig.caller() for _ in range(callers)]
        try:
            return together([lambda order_id, one=one: written(one, order_id) for one in writers], each)
        finally:
            rig.close()


def dbos_round(database: Any, callers: int, each: int, python: str) -> Round:
    """Run workflows of DBOS in a process of its own; the longest wait is for a whole workflow."""
    with database.new() as url:
        rig = Path(__file__).with_name("dbos_rig.py")
        done = subprocess.run(
            [python, rig, url, str(callers), str(each)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"DBOS failed: {done.stderr.strip().splitlines()[-1:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        return Round(said["lifecycles"] / said["seconds"], 1000 * said["longest"])


def compare(database: Any, callers: int, chosen: argparse.Namespace) -> bool:
    """Measure the three in turn, print medians and ratios; say whether the aims were met."""
    each = max(1, chosen.lifecycles // callers)
    with database.new() as url, Engine.open(url, "JY", clock=SimulatedClock(START)) as engine:
        commands = recorded(engine, live)
        create = engine._store._sql.create  # type: ignore[attr-defined] # noqa: SLF001
    rounds: dict[str, list[Round]] = {"paidan": [], "hand-written": [], "DBOS": []}
    for _ in range(chosen.rounds):
        rounds["paidan"].append(engine_round(database, callers, each))
        rounds["hand-written"].append(rig_round(database, callers, each, commands, create))
        rounds["DBOS"].append(dbos_round(database, callers, max(1, each // chosen.dbos_part), chosen.dbos))
    rate = {name: statistics.median(one.rate for one in found) for name, found in rounds.items()}
    longest = statistics.median(one.longest for one in rounds["paidan"])
    rows = sum(len(command) for command in commands)
    print(f"\n{database.name}, {callers} caller{'s' * (callers > 1)}, {rows} rows a lifecycle")
    for name, found in rounds.items():
        spread = f"{min(one.rate for one in found):,.0f}..{max(one.rate for one in found):,.0f}"
        ratio = rate["paidan"] / rate[name]
        print(f"{name:>13}: {rate[name]:8,.1f} lifecycles/s ({spread}); paidan is {ratio:.2f} times that")
    of_dbos, of_rig = AIMS[database.name, callers]
    aims = [f"{of_dbos} times DBOS"] + [f"{of_rig} of hand-written"] * bool(of_rig)
    met = rate["paidan"] >= of_dbos * rate["DBOS"] and rate["paidan"] >= of_rig * rate["hand-written"]
    if (database.name, callers) == ("SQLite", 16):
        aims.append(f"no wait over {AIM_LONGEST_MS} ms")
        met = met and longest <= AIM_LONGEST_MS
    print(f"      waits: the longest for a command {longest:.1f} ms (median of rounds)")
    print(f"        aim: {', '.join(aims)}: {'met' if met else 'MISSED'}")
    return met


def check_dbos(python: str) -> str:
    """Give what is wrong with the Python that is to run DBOS, or nothing."""
    try:
        done = subprocess.run([python, "-c", "import dbos, pysqlite3"], capture_output=True, check=False)
    except OSError:
        return f"there is no Python at {python!r}"
    return f"{python} has no dbos or no pysqlite3" if done.returncode else ""


def main() -> None:
    """Measure SQLite, and PostgreSQL where a server is named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dbos", default="", metavar="PYTHON", help="a Python that has dbos and pysqlite3")
    parser.add_argument("--postgresql", metavar="URL", help="a server on which databases may be made")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 16], choices=[1, 16])
    parser.add_argument("--lifecycles", type=int, default=480, help="in a round, of all callers together")
    parser.add_argument("--dbos-part", type=int, default=5, help="DBOS gets so many times fewer of them")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    if wrong := check_dbos(chosen.dbos):
        sys.exit(f"{wrong}; make one:\n    python -m venv /tmp/dbos && /tmp/dbos/bin/pip install dbos "
                 "pysqlite3-binary 'psycopg[binary]'\nand name it: --dbos /tmp/dbos/bin/python")  # fmt: skip
    print(f"{machine()}, SQLite {sqlite3.sqlite_version}; {chosen.rounds} rounds of {chosen.lifecycles}")
    with tempfile.TemporaryDirectory() as folder:
        databases: list[Any] = [Sqlite(Path(folder))]
        databases += [Postgres(chosen.postgresql)] if chosen.postgresql else []
        met = [compare(database, callers, chosen) for database in databases for callers in chosen.callers]
    sys.exit(0 if all(met) else 4)


if __name__ == "__main__":
    main()
