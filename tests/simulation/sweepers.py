"""
`python -m tests.simulation.sweepers --deadlines 100000 --store sqlite`: sweepers killed and paused at random.

Three processes raise the same deadlines, all of them passed; at random moments one is killed (another
starts) or stopped for a while where it stands. In the end every deadline has one time-out, at its due time.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from support.stores import Place

from paidan.engine import Engine
from paidan.engine.decide import decide
from paidan.engine.governing import kept_after
from paidan.storage import open_store
from paidan.storage.port import Kept, Transaction
from paidan.workflows.records import BEIJING, Command, Entry, Order
from simulation.crew import Child, Say, fork
from simulation.places import places
from simulation.world import WorldClock

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
LATER = NINE + timedelta(days=9)
SWEEPERS = 3
_AN_ORDER = 2
"""Deadlines of an order that was received and left alone: JY-T01 and JY-T04."""
_AT_ONCE = 500
_LONGEST_WAIT, _LONGEST_PAUSE = 0.2, 0.4


@dataclass
class Tally:
    """What a campaign counted."""

    deadlines: int
    kills: int = 0
    pauses: int = 0
    missing: int = 0
    doubled: int = 0
    wrong: int = 0
    differed: bool = False

    @property
    def good(self) -> bool:
        """Whether every deadline was raised once, at its time, and what is kept is the fold of the log."""
        return not (self.missing or self.doubled or self.wrong or self.differed)


def campaign(place: Place, deadlines: int, rng: Random) -> Tally:
    """Let the deadlines of an empty place be raised by sweepers that are killed and paused on the way."""
    expected = _received(place, deadlines)
    tally = Tally(len(expected))
    children = [fork(lambda say: _sweep(place.url, say)) for _ in range(SWEEPERS)]
    paused: list[tuple[float, Child]] = []
    try:
        while _due(place):
            time.sleep(rng.uniform(0.01, _LONGEST_WAIT))
            _wake(paused, time.monotonic())
            which = rng.randrange(SWEEPERS)
            if any(child is children[which] for _, child in paused):
                continue
            if rng.random() < 0.5:
                children[which].kill()
                children[which] = fork(lambda say: _sweep(place.url, say))
                tally.kills += 1
            else:
                children[which].pause()
                paused.append((time.monotonic() + rng.uniform(0.01, _LONGEST_PAUSE), children[which]))
                tally.pauses += 1
    finally:
        for child in children:
            child.kill()
    _count(place, expected, tally)
    return tally


def _received(place: Place, deadlines: int) -> set[tuple[str, str, datetime]]:
    """Write orders with so many deadlines, many in a transaction; give order, rule and due time of each."""
    expected: set[tuple[str, str, datetime]] = set()
    with Engine.open(place.url, "JY", clock=WorldClock(NINE)) as engine:
        rules = engine.books.governing(NINE.date())[0]
        count = deadlines // _AN_ORDER
        for first in range(0, count, _AT_ONCE):
            made = []
            for number in range(first, min(first + _AT_ONCE, count)):
                at = NINE + timedelta(seconds=number % 86_400)
                command = Command(f"W{number:06}", "receive", at)
                decision = decide(Order(command.order_id), command, rules)
                made.append((kept_after(decision.order, rules, at), decision.entries))
                expected |= {(command.order_id, clock.rule, clock.due_at) for clock in decision.order.clocks}
            engine._store.write(partial(_keep, made))
    return expected


def _keep(made: list[tuple[Kept, tuple[Entry, ...]]], transaction: Transaction) -> None:
    for kept, entries in made:
        transaction.keep(kept, entries, None)


def _sweep(url: str, say: Say) -> None:
    with Engine.open(url, "JY", clock=WorldClock(LATER)) as engine:
        while True:
            say(raised=engine.sweep())
            time.sleep(0.01)


def _due(place: Place) -> bool:
    store = open_store(place.url, "JY", create=False)
    try:
        return bool(store.due(LATER, 1))
    finally:
        store.close()


def _wake(paused: list[tuple[float, Child]], now: float) -> None:
    for one in [one for one in paused if one[0] <= now]:
        paused.remove(one)
        one[1].go_on()


def _count(place: Place, expected: set[tuple[str, str, datetime]], tally: Tally) -> None:
    with Engine.open(place.url, "JY", clock=WorldClock(LATER)) as engine:
        raised = Counter(_raised(engine))
        tally.missing = len(expected - raised.keys())
        tally.doubled = sum(times - 1 for times in raised.values())
        tally.wrong = len(raised.keys() - expected)
        tally.differed = engine.rebuild()


def _raised(engine: Engine) -> Iterator[tuple[str, str, datetime]]:
    for one in engine._store.entries():
        if one.event == "time_out":
            yield one.order_id, one.rule, one.at


def main(words: list[str]) -> int:
    """Raise as many as asked; 1 where one is missing, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.sweepers")
    parser.add_argument("--deadlines", type=int, default=100_000)
    parser.add_argument("--seed", default="1", help="of the moments; what runs at them is the machine's")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--server", default="", help="a PostgreSQL server to use; else one is started")
    asked = parser.parse_args(words)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="paidan-sweepers-")))
        place_of = stack.enter_context(places(asked.store, folder, asked.server))
        place, began = stack.enter_context(place_of()), time.monotonic()
        tally = campaign(place, asked.deadlines, Random(asked.seed))
        took = time.monotonic() - began
    sys.stdout.write(
        f"{asked.store}: {tally.deadlines} deadlines, {SWEEPERS} sweepers, {tally.kills} kills and "
        f"{tally.pauses} pauses in {took:.1f} s; missing {tally.missing}, doubled {tally.doubled}, "
        f"wrong {tally.wrong}, rebuild differed: {tally.differed}\n"
    )
    return 0 if tally.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
