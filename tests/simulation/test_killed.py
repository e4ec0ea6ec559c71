"""Processes killed at random moments, on real databases: short campaigns here, long ones by command."""

import re
import subprocess
import sys
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pytest
from support.stores import ON_DISK

from paidan.engine import Engine, import_order
from simulation.imports import bring, faults_of, written
from simulation.kills import Job, Tally, _all_whole, call
from simulation.sweepers import NINE
from simulation.world import WorldClock

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def campaign(server):
    """Run a campaign in a process of its own, which forks: pytest has threads, and stores open."""

    def run(module, kind, *words):
        where = ("--server", server().get_uri()) if kind == "postgresql" else ()
        command = [sys.executable, "-m", f"tests.simulation.{module}", "--store", kind, *where, *words]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def numbers(told, *words):
    return [int(found[1]) for word in words if (found := re.search(rf"(\d+) {word}", told))]


@pytest.mark.parametrize("kind", ON_DISK)
def test_of_what_was_answered_nothing_is_lost_when_processes_are_killed(campaign, kind):
    told = campaign("kills", kind, "--kills", "8")
    kills, answered, entries = numbers(told, "kills", "answered", "entries")
    assert kills == 8
    assert min(answered, entries) > 8, told
    assert "faults: 0" in told


@pytest.mark.parametrize("kind", ON_DISK)
def test_of_deadlines_swept_by_three_who_are_killed_and_paused_each_fires_once(campaign, kind):
    told = campaign("sweepers", kind, "--deadlines", "4000")
    assert "4000 deadlines" in told
    assert sum(numbers(told, "kills", "pauses")) > 0, told
    assert "missing 0, doubled 0, wrong 0, rebuild differed: False" in told


@pytest.mark.parametrize("kind", ON_DISK)
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM paidan_answer WHERE key = 'k1'", "half there: ('k1', 'A', 2)"),
        ("UPDATE paidan_answer SET seq = 9 WHERE key = 'k0'", "half there: ('k0', 'A', 9)"),
        ("UPDATE paidan_order SET state = 'closed'", "not the fold of its log"),
        ("DELETE FROM paidan_clock; DELETE FROM paidan_order", "orders and logs are not the same"),
    ],
)
def test_what_is_half_there_is_noticed(kind, damage, told, place_of):
    place, clock = place_of(kind), WorldClock(NINE)
    with Engine.open(place.url, "JY", clock=clock) as engine:
        for number, event in enumerate(("receive", "register")):
            engine.submit("A", event, key=f"k{number}", actor=f"k{number}")
    job = Job("k", call, answered=[{"key": "k0", "order": "A", "seq": [1]}])
    whole, broken = Tally(), Tally()
    _all_whole(place, [job], clock, whole)
    assert whole.faults == []
    for statement in damage.split("; "):
        place.run(statement)
    job.answered.append({"key": "k7", "order": "A", "seq": [7]})
    _all_whole(place, [job], clock, broken)
    assert told in "".join(broken.faults)
    assert "k7 was answered entry 7" in broken.faults[0]


def test_a_row_that_an_import_lost_or_doubled_is_noticed(tmp_path):
    files = written(tmp_path)
    with Engine.open("memory://", "JY", clock=WorldClock(NINE)) as engine:
        next(bring(engine, files, 0))
        log = list(engine._store.entries())
    first = log[0]
    logs = {order: list(entries) for order, entries in groupby(log, attrgetter("order_id"))}
    assert faults_of(files[:1], logs) == []
    doubled = {**logs, first.order_id: [*logs[first.order_id], first]}
    assert f"{first.actor} stands 2 times" in faults_of(files[:1], doubled)[0]
    assert f"{first.actor} stands 0 times" in faults_of(files[:1], {**logs, first.order_id: []})[0]


def test_an_import_that_comes_twice_is_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(import_order, "_unwritten", lambda commands, log: (commands, {}))  # noqa: ARG005
    bringing = bring_one(tmp_path)
    next(bringing)
    with pytest.raises(AssertionError, match="came twice"):
        next(bringing)


def bring_one(folder):
    with Engine.open("memory://", "JY", clock=WorldClock(NINE)) as engine:
        yield from bring(engine, written(folder)[:1], 0)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "kills"), [("sqlite", "1000"), ("postgresql", "200")])
def test_a_thousand_kills_lose_nothing_that_was_answered(campaign, kind, kills):
    assert "faults: 0" in campaign("kills", kind, "--kills", kills)


@pytest.mark.long
@pytest.mark.parametrize("kind", ON_DISK)
def test_of_a_hundred_thousand_deadlines_each_fires_once(campaign, kind):
    told = campaign("sweepers", kind, "--deadlines", "100000")
    assert "missing 0, doubled 0, wrong 0, rebuild differed: False" in told
