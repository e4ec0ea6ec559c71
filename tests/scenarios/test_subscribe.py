"""Committed entries are handed on at least once, in order, whoever fails or is killed on the way."""

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, Thread
from threading import enumerate as all_threads
from typing import Any

import pytest
from support.stores import KINDS, ON_DISK

import paidan
from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.workflows.records import BEIJING, Entry

CHECKOUT = Path(__file__).resolve().parents[2]
PAIDAN = str(next(iter(paidan.__path__)))
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def until(done, seconds=20.0):
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@pytest.fixture(params=KINDS)
def place(request, place_of):
    return place_of(request.param)


@pytest.fixture
def engine(place):
    with Engine.open(place.url, clock=SimulatedClock(NINE)) as made:
        yield made


def live(engine, *orders):
    for order in orders:
        for event in ("receive", "register"):
            assert engine.submit(order, event).accepted


def keys(entries):
    return [(one.order_id, one.seq) for one in entries]


BOTH = [("A", 1), ("A", 2), ("B", 1), ("B", 2)]


def test_a_subscriber_gets_what_was_and_what_comes_once_the_engine_runs(engine):
    live(engine, "A")
    got: list[Entry] = []
    engine.subscribe("mail", got.append)
    time.sleep(0.3)
    assert got == [], "nothing runs by itself"
    engine.start(3600)
    until(lambda: len(got) == 2)
    live(engine, "B")
    until(lambda: len(got) == 4)
    engine.stop()
    assert "paidan mail" not in [one.name for one in all_threads()]
    assert keys(got) == BOTH
    assert got[0] == engine.history("A")[0]
    live(engine, "C")
    time.sleep(0.3)
    assert len(got) == 4
    engine.start(3600)
    until(lambda: len(got) == 6)


def test_a_name_goes_on_where_it_stopped_whoever_has_it(engine, place):
    live(engine, "A")
    got: list[Entry] = []
    assert engine.deliver("mail", got.append) == 2
    assert engine.deliver("mail", got.append) == 0
    live(engine, "B")
    with Engine.open(place.url, None, clock=SimulatedClock(NINE)) as other:
        assert other.deliver("mail", got.append) == 2
        assert other.deliver("report", got.append) == 4, "each name has a cursor of its own"
    assert engine.deliver("mail", got.append) == 0
    assert keys(got) == BOTH + BOTH


def test_a_new_name_may_begin_with_what_comes(engine):
    live(engine, "A")
    got: list[Entry] = []
    engine.subscribe("mail", got.append, from_start=False)
    live(engine, "B")
    engine.start(3600)
    until(lambda: len(got) == 2)
    assert keys(got) == BOTH[2:]


def test_a_handler_that_raises_gets_the_entry_again_and_holds_nobody_back(engine, monkeypatch, caplog):
    monkeypatch.setattr("paidan.engine.outbox._FIRST_PAUSE_SECONDS", 0.05)
    live(engine, "A", "B")
    tried: list[Entry] = []
    good: list[Entry] = []

    def fails_twice(entry):
        tried.append(entry)
        if (entry.order_id, entry.seq) == ("A", 2) and keys(tried).count(("A", 2)) < 3:
            raise RuntimeError("post office closed")

    engine.subscribe("mail", fails_twice)
    engine.subscribe("report", good.append)
    with caplog.at_level("ERROR", logger="paidan"):
        engine.start(3600)
        until(lambda: len(good) == 4)
        until(lambda: ("B", 2) in keys(tried))
        engine.stop()
    assert keys(tried) == [("A", 1), ("A", 2), ("A", 2), ("A", 2), ("B", 1), ("B", 2)]
    told = [record.getMessage() for record in caplog.records if "subscriber_failed" in record.getMessage()]
    assert len(told) == 2
    assert "post office closed" in told[0]
    assert "subscriber='mail'" in told[0]
    assert "seq=2" in told[0]


def test_what_a_handler_raises_reaches_a_host_with_its_own_loop(engine):
    live(engine, "A", "B")
    got: list[Entry] = []

    def fails(entry):
        if entry.order_id == "B":
            raise LookupError("no such box")
        got.append(entry)

    with pytest.raises(LookupError, match="no such box"):
        engine.deliver("mail", fails)
    assert keys(got) == BOTH[:2]
    assert engine.deliver("mail", got.append, most=1) == 1
    assert engine.deliver("mail", got.append) == 1
    assert keys(got) == BOTH


def test_a_host_may_keep_its_own_cursor(engine):
    live(engine, "A", "B")
    cursor = 0
    got: list[Entry] = []
    while given := engine.entries_after(cursor, 3):
        got += [one.entry for one in given]
        cursor = given[-1].position
    assert keys(got) == BOTH
    live(engine, "C")
    assert keys(one.entry for one in engine.entries_after(cursor)) == [("C", 1), ("C", 2)]


def test_a_name_is_used_once_in_an_engine_and_is_one(engine):
    engine.subscribe("mail", print)
    for name in ("mail", "x" * 500):
        with pytest.raises(UsageError):
            engine.subscribe(name, print)


def test_a_handler_may_submit_and_may_stop_the_engine(engine):
    done = Event()

    def handler(entry):
        if entry.event == "receive":
            assert engine.submit(entry.order_id, "register").accepted
        else:
            engine.stop()
            done.set()

    engine.subscribe("auto", handler)
    engine.start(3600)
    assert engine.submit("A", "receive").accepted
    assert done.wait(20)


def test_two_who_deliver_under_one_name_never_do_so_at_once(engine, place):
    live(engine, *(f"W{number}" for number in range(10)))
    at_once, most, lock = 0, 0, Lock()
    got: list[Entry] = []

    def handler(entry):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.002)
        with lock:
            at_once -= 1
            got.append(entry)

    with Engine.open(place.url, None, clock=SimulatedClock(NINE)) as other:
        for one in (engine, other):
            one.subscribe("mail", handler)
            one.start(3600)
        until(lambda: len(got) >= 20)
        time.sleep(0.3)
    assert most == 1
    assert len(got) == 20


@pytest.mark.parametrize("kind", ON_DISK)
def test_processes_killed_at_random_skip_nothing_and_keep_the_order(kind, place_of, tmp_path):
    place, file = place_of(kind), tmp_path / "taken"
    chance = random.Random(7)
    running = []

    def begin():
        script = CHECKOUT / "tests" / "support" / "subscribing.py"
        running.append(subprocess.Popen([sys.executable, str(script), PAIDAN, place.url, "mail", str(file)]))

    with Engine.open(place.url) as engine:
        begin()
        begin()
        stopped = Event()

        def write(number):
            for order in range(1000):
                live(engine, f"{number}-{order}")
                if stopped.wait(0.01):
                    return

        threads = [Thread(target=write, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        until(lambda: file.exists() and file.stat().st_size, 60)
        for _ in range(4):
            time.sleep(chance.uniform(0.1, 0.6))
            victim = running.pop(0)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            if kind == "sqlite":  # as if the lease of who was killed had run out
                place.run("UPDATE paidan_cursor SET held_until = 0")
            begin()
        stopped.set()
        for thread in threads:
            thread.join()
        logged = keys(one.entry for one in everything(engine))
        until(lambda: set(logged) <= set(taken(file)), 60)
        for one in running:
            one.kill()
            one.wait()
        assert set(taken(file)) == set(logged)
        first = defaultdict(list)
        for order, seq in dict.fromkeys(taken(file)):
            first[order].append(seq)
        assert all(seqs == sorted(seqs) for seqs in first.values())
        assert len(logged) > 50


def everything(engine):
    found: list[Any] = []
    while given := engine.entries_after(found[-1].position if found else 0, 1000):
        found += given
    return found


def taken(file):
    rows = [line.split() for line in file.read_text().splitlines()]
    return [(order, int(seq)) for order, seq in rows]
