"""
Time-outs by the hundred thousand: `python benchmarks/sweep.py [sqlite|postgresql URL]`.

Of `--pending` clocks `--due` run out in one minute. One sweep raises them all, while callers beside it
in the same process go on sending commands, so many a second; told are the seconds until every time-out
is in the log, how long the commands took, and what a sweep costs that finds nothing. Then the log
is counted: none may be missing, none there twice.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import run_engine  # noqa: F401 - binds the checkout as `paidan`
from rounds import machine

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.decide import decide
from paidan.engine.governing import kept_after
from paidan.storage.port import Change, Transaction
from paidan.workflows.records import BEIJING, Command, Order

START = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
SAID = {"urgent": False, "case_type": "help", "channel": "12345", "area": "一村"}
AIM_SECONDS, AIM_COMMAND_MS, AIM_EMPTY_MS = 10, 100, 1
_BATCH = 2_000


def fill(engine: Engine, pending: int, due: int) -> int:
    """Receive orders with two duties each, `due` of them first and within a minute; give their number."""
    made = _orders(engine, pending // 2, due)
    store = engine._store  # noqa: SLF001 - a month of receipts would take hours by commands
    while batch := list(islice(made, _BATCH)):

        def keep(transaction: Transaction, batch: list[Change] = batch) -> None:
            transaction.keep_all(batch)

        store.write(keep)
    return pending // 2


def _orders(engine: Engine, orders: int, due: int) -> Iterator[Change]:
    rules = engine.books.governing(START.date())[0]
    for number in range(orders):
        first = number * due // orders < (number + 1) * due // orders  # those due lie among the others
        at = START + timedelta(seconds=60 * number // orders if first else 7200 + number % 7200)
        command = Command(f"W{number:07}", "receive", at, attributes=SAID)
        decision = decide(Order(command.order_id), command, rules)
        yield Change(kept_after(decision.order, rules, at), decision.entries, None)


def send(engine: Engine, caller: int, every: float, stop: Event, waits: list[float]) -> None:
    """Send commands on orders of one's own, one in so many seconds, and note how long each took."""
    number = 0
    while not stop.is_set():
        began = perf_counter()
        if not engine.submit(f"C{caller}-{number}", "receive", urgent="false").accepted:
            raise SystemExit("a command was refused: the benchmark no longer fits the rules")
        took = perf_counter() - began
        waits.append(took)
        number += 1
        sleep(max(0.0, every - took))


def measure(url: str, chosen: argparse.Namespace) -> bool:
    """Fill a store, sweep it, print what it took; say whether every aim was met."""
    clock = SimulatedClock(START)
    with Engine.open(url, "JY", clock=clock) as engine:
        began = perf_counter()
        orders = fill(engine, chosen.pending, chosen.due)
        print(f"{orders:,} orders with {2 * orders:,} pending clocks in {perf_counter() - began:.0f} s")
        clock.advance_to(START + timedelta(minutes=30))
        empty = []
        for _ in range(300):
            began = perf_counter()
            engine.sweep()
            empty.append(1000 * (perf_counter() - began))
        clock.advance_to(START + timedelta(minutes=31, seconds=1))
        stop, waits = Event(), list[float]()
        every = chosen.callers / chosen.rate
        callers = [
            Thread(target=send, args=(engine, one, every, stop, waits)) for one in range(chosen.callers)
        ]
        for caller in callers:
            caller.start()
        began = perf_counter()
        raised = engine.sweep()
        took = perf_counter() - began
        stop.set()
        for caller in callers:
            caller.join()
        logged = [entry.order_id for entry in engine._store.entries() if entry.event == "time_out"]  # noqa: SLF001
    waits.sort()
    empty.sort()
    p99 = 1000 * waits[int(len(waits) * 0.99)] if waits else 0.0
    middle = empty[len(empty) // 2]
    print(f"{raised:,} time-outs in {took:.1f} s, {raised / took:,.0f}/s (aim: {AIM_SECONDS} s)")
    print(
        f"{len(waits)} commands beside it: median {1000 * waits[len(waits) // 2]:.1f} ms, "
        f"99 % within {p99:.1f} ms, longest {1000 * waits[-1]:.1f} ms (aim: 99 % within {AIM_COMMAND_MS} ms)"
    )
    print(f"an empty sweep: median {middle:.2f} ms, longest {empty[-1]:.2f} ms (aim: {AIM_EMPTY_MS} ms)")
    missing, doubled = chosen.due - len(set(logged)), len(logged) - len(set(logged))
    print(f"missing {missing}, doubled {doubled}")
    return took <= AIM_SECONDS and p99 <= AIM_COMMAND_MS and middle <= AIM_EMPTY_MS and not missing + doubled


def main() -> None:
    """Measure the stores asked for; a store at a URL must be new."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("url", nargs="?", help="a new store; without it, an SQLite file of its own")
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=100_000)
    parser.add_argument("--callers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=100, help="commands a second, of all callers together")
    chosen = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        met = measure(chosen.url or f"sqlite:///{folder}/orders.db", chosen)
    sys.exit(0 if met else 4)


if __name__ == "__main__":
    main()
