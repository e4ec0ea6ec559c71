"""Many callers and many processes on the same orders: one winner for each version, each deadline once."""

import json
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from support.calling import NINE, check, race_together
from support.stores import KINDS, ON_DISK

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.decide import decide
from paidan.engine.governing import kept_after
from paidan.storage.port import Change
from paidan.workflows.records import Command, Order

CHECKOUT = Path(__file__).resolve().parents[2]
PAIDAN = next(iter(sys.modules["paidan"].__path__))
SUPPORT = CHECKOUT / "tests" / "support"


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shared", [True, False])
def test_of_sixteen_callers_on_the_same_orders_one_wins_each_version(kind, shared, place_of, clock):
    url = place_of(kind).url
    opened = [Engine.open(url, clock=clock) for _ in range(1 if shared else 4)]
    told = race_together([opened[at % len(opened)] for at in range(16)], "one", 9)
    assert len(told) == 16 * 9
    assert any("found" in one for one in told), "nobody raced"
    check(opened[0], told)
    assert opened[0].rebuild() is False
    for engine in opened:
        engine.close()


def test_what_a_writer_remembers_of_an_order_is_what_lies_in_the_file(place_of, clock):
    with Engine.open(place_of("sqlite").url, clock=clock) as engine:
        engine.submit("A", "receive", case_type="help", channel="12345", area="一村")
        engine.submit("A", "register", category="dispatched", role="dispatcher")
        engine.submit("A", "dispatch", unit="甲科", order_due="2026-03-20", role="dispatcher")
        clock.advance_to(NINE + timedelta(days=3))
        engine.sweep()
        assert engine.submit("A", "accept", unit="甲科").accepted
        remembered = engine._store._known["A"]  # type: ignore[attr-defined]
        kept = engine._store.order("A")
        assert kept is not None
        assert remembered == kept
        assert repr(remembered.order.clocks) == repr(kept.order.clocks), "down to the zone of each instant"
        facts = remembered.order.facts
        assert repr(sorted(facts.items())) == repr(sorted(kept.order.facts.items()))


@pytest.mark.parametrize("kind", ON_DISK)
def test_of_several_processes_on_the_same_orders_one_wins_each_version(kind, place_of, clock):
    url = place_of(kind).url
    with Engine.open(url, clock=clock) as engine:
        command = [sys.executable, str(SUPPORT / "calling.py"), PAIDAN, url]
        children = [
            subprocess.Popen(
                [*command, f"p{number}", "4", "9"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for number in range(3)
        ]
        for child in children:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        told = race_together([engine] * 4, "here", 9)
        for child in children:
            said, _ = child.communicate(timeout=60)
            assert child.returncode == 0
            told += json.loads(said)
        assert len(told) == 16 * 9
        check(engine, told)
        assert engine.rebuild() is False


def receive_many(engine, orders):
    """Receive orders a second apart, all at once."""
    rules = engine.books.governing(NINE.date())[0]
    changes = []
    for number in range(orders):
        command = Command(f"W{number:05}", "receive", NINE + timedelta(seconds=number % 60))
        decision = decide(Order(command.order_id), command, rules)
        changes.append(Change(kept_after(decision.order, rules, command.at), decision.entries, None))
    engine._store.write(lambda transaction: transaction.keep_all(changes))


def time_outs(engine):
    return [entry for entry in engine._store.entries() if entry.event == "time_out"]


def sweep_and_kill(place, clock, orders, kills):
    """Sweep in three processes and two threads, killing a process again and again; give the time-outs."""
    with Engine.open(place.url, clock=clock) as engine:
        receive_many(engine, orders)
        due = NINE + timedelta(minutes=40)
        clock.advance_to(due)
        command = [sys.executable, str(SUPPORT / "sweeping.py"), PAIDAN, place.url, due.isoformat(), "0"]

        def start():
            return subprocess.Popen(command, stdout=subprocess.DEVNULL)

        children = [start() for _ in range(3)]
        killed, seen = 0, 0
        until = time.monotonic() + 120
        while killed < kills and time.monotonic() < until:
            now = place.run("SELECT count(*) FROM paidan_entry WHERE event = 'time_out'")[0][0]
            if now > seen or now == orders:
                seen, at = now, killed % len(children)
                children[at].kill()
                children[at].wait()
                killed += 1
                children[at] = start()
            time.sleep(0.002)
        threads = [Thread(target=engine.sweep) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while engine._store.due(due, 1) and time.monotonic() < until:
            engine.sweep()
        for child in children:
            child.kill()
            child.wait()
        found = time_outs(engine)
        assert engine.rebuild() is False
        return found


def check_each_once(found, orders):
    counted = Counter((entry.order_id, entry.rule, entry.attributes["started_at"]) for entry in found)
    missing = {f"W{number:05}" for number in range(orders)} - {order_id for order_id, _, _ in counted}
    assert (missing, [one for one, times in counted.items() if times > 1]) == (set(), [])
    assert len(found) == orders
    for entry in found:
        assert (entry.rule, entry.at) == ("JY-T01", entry.attributes["started_at"] + timedelta(minutes=30))


@pytest.mark.parametrize("kind", ON_DISK)
def test_sweepers_killed_on_the_way_raise_each_deadline_once(kind, place_of, clock):
    check_each_once(sweep_and_kill(place_of(kind), clock, 900, 3), 900)


@pytest.mark.long
@pytest.mark.parametrize("kind", ON_DISK)
def test_sweepers_killed_again_and_again_raise_each_deadline_once(kind, place_of, clock):
    check_each_once(sweep_and_kill(place_of(kind), clock, 40_000, 40), 40_000)


@pytest.mark.parametrize("kind", KINDS)
def test_sweepers_and_callers_on_the_same_orders_raise_each_deadline_once(kind, place_of, clock):
    url = place_of(kind).url
    opened = [Engine.open(url, clock=clock) for _ in range(3)]
    receive_many(opened[0], 600)
    clock.advance_to(NINE + timedelta(minutes=40))
    raised = []

    def register(engine, first):
        for number in range(first, 600, 40):
            raised.extend(engine.submit(f"W{number:05}", "register").raised)

    threads = [Thread(target=lambda one=one: raised.extend([None] * one.sweep())) for one in opened * 2]
    threads += [Thread(target=register, args=(opened[at % 3], at)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while opened[0].sweep():
        pass
    check_each_once(time_outs(opened[0]), 600)
    assert opened[0].rebuild() is False
    for engine in opened:
        engine.close()
