"""
Callers that race on the same orders, and what must be true of what they were told.

Also a process of such callers: `python calling.py PAIDAN_FOLDER URL NAME THREADS ROUNDS`, which waits for
a line on its input, lets every thread race, and prints what each was told.
"""

import json
import sys
from collections import Counter
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from threading import Thread
from time import sleep

if __name__ == "__main__":
    spec = ModuleSpec("paidan", None, is_package=True)
    spec.submodule_search_locations = [sys.argv[1]]
    sys.modules["paidan"] = module_from_spec(spec)

from datetime import datetime

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import NotFoundError
from paidan.storage.errors import ConflictError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
ORDERS = ("A", "B", "C")


def race(engine, name, rounds):
    """Look at an order and ask something of it as it was seen, again and again; give what was told."""
    told = []
    for number in range(rounds):
        order = ORDERS[number % len(ORDERS)]
        try:
            saw = engine.order(order).seq
        except NotFoundError:
            saw = 0
        sleep(0.001)  # while it thinks, others go on
        key = f"{name}-{number}"
        try:
            outcome = engine.submit(order, "note" if saw else "receive", actor=key, key=key, expected=saw)
        except ConflictError as error:
            told.append({"key": key, "order": order, "saw": saw, "found": error.details["found"]})
        else:
            wrote = [entry.seq for entry in outcome.entries]
            told.append({"key": key, "order": order, "saw": saw, "wrote": wrote, "again": outcome.again})
    return told


def race_together(engines, name, rounds):
    """Race in a thread for each engine; give what all were told."""
    told = []
    threads = [
        Thread(target=lambda one=one, at=at: told.extend(race(one, f"{name}.{at}", rounds)))
        for at, one in enumerate(engines)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def check(engine, told):
    """Check that every order's log is one line of commands, each decided on the one before it."""
    won = [one for one in told if "wrote" in one]
    assert won
    assert not any(one["again"] for one in won)
    assert all(one["found"] > one["saw"] for one in told if "found" in one), (
        "refused only where it had gone on"
    )
    assert max(Counter((one["order"], one["saw"]) for one in won).values()) == 1, (
        "one winner for each version"
    )
    for order in ORDERS:
        log = engine.history(order)
        assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
        acknowledged = {one["key"]: one for one in won if one["order"] == order}
        assert [entry.actor for entry in log] == sorted(
            acknowledged, key=lambda key: acknowledged[key]["saw"]
        )
        for entry in log:
            assert acknowledged[entry.actor]["wrote"] == [entry.seq] == [acknowledged[entry.actor]["saw"] + 1]
    for one in won:
        event = "note" if one["saw"] else "receive"
        again = engine.submit(one["order"], event, actor=one["key"], key=one["key"], expected=one["saw"])
        assert (again.again, [entry.seq for entry in again.entries]) == (True, one["wrote"])


if __name__ == "__main__":
    _, _, url, name, threads, rounds = sys.argv
    with Engine.open(url, clock=SimulatedClock(NINE)) as opened:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        json.dump(race_together([opened] * int(threads), name, int(rounds)), sys.stdout)
