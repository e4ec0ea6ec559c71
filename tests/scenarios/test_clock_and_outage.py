"""A clock that jumps fires nothing early, time never runs back in an order, an outage makes nobody late."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from simulation.world import WorldClock
from support.stores import KINDS

from paidan.engine import Engine
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)  # a Monday
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Desk:
    def __init__(self, place):
        self.clock = WorldClock(NINE)
        self.engine = Engine.open(place.url, clock=self.clock)

    def at(self, time):
        self.clock.time = time
        return self.engine

    def time_outs(self):
        return [
            (one.order_id, one.rule, one.at)
            for one in self.engine._store.entries()
            if one.event == "time_out"
        ]


@pytest.fixture(params=KINDS)
def desk(request, place_of):
    one = Desk(place_of(request.param))
    yield one
    one.engine.close()


def test_a_jump_forth_fires_what_is_due_by_it_and_nothing_else(desk):
    for number in range(40):
        desk.at(NINE + number * MINUTE).submit(f"W{number:02}", "receive")
    jumped = NINE + 50 * MINUTE  # those received before 9:20 are due before it, that of 9:20 in this second
    assert desk.at(jumped).sweep() == 20
    fired = desk.time_outs()
    assert [(order, at) for order, _, at in fired] == [
        (f"W{number:02}", NINE + (30 + number) * MINUTE) for number in range(20)
    ]
    assert all(at < jumped for _, _, at in fired)
    assert desk.engine.sweep() == 0


def test_a_jump_back_fires_nothing_and_time_does_not_run_back_in_an_order(desk):
    desk.at(NINE).submit("A", "receive")
    desk.engine.submit("B", "receive")
    desk.at(NINE + 2 * HOUR).submit("A", "register")
    before = desk.time_outs()
    assert desk.at(NINE + MINUTE).sweep() == 0
    assert desk.time_outs() == before
    assert desk.engine.submit("A", "dispatch", unit="甲科", order_due="2026-03-20").accepted
    assert desk.engine.submit("B", "register").accepted
    recorded = [one.recorded_at for one in desk.engine.history("A")]
    assert recorded == [NINE, *[NINE + 2 * HOUR] * 3], "never before the entry ahead of it"
    assert [one.recorded_at for one in desk.engine.history("B")] == [NINE, NINE + MINUTE]
    assert not desk.engine.rebuild()
    desk.engine.submit("B", "note", key="K")
    assert desk.at(NINE + 3 * HOUR).submit("A", "accept").entries[0].recorded_at == NINE + 3 * HOUR


@pytest.mark.parametrize("kind", KINDS)
def test_a_machine_that_is_seconds_behind_writes_nothing_earlier(kind, place_of):
    url = place_of(kind).url
    ahead, behind = WorldClock(NINE + 2 * SECOND), WorldClock(NINE)
    with Engine.open(url, clock=ahead) as one, Engine.open(url, clock=behind) as other:
        one.submit("A", "receive")
        assert other.submit("A", "register").entries[0].recorded_at == NINE + 2 * SECOND
        assert [entry.recorded_at for entry in one.history("A")] == [NINE + 2 * SECOND] * 2


EVENTS: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
    (0, "A", "receive", {}), (5, "B", "receive", {}), (10, "A", "register", {}), (50, "B", "register", {}),
    (60, "A", "dispatch", {"unit": "甲科", "order_due": "2026-03-03"}),
    (61, "B", "dispatch", {"unit": "乙所", "order_due": "2026-03-04"}),
    (62, "C", "receive", {"urgent": True}), (70, "A", "accept", {}),
    (80, "A", "contact", {"evidence": "录音"}),
)  # fmt: skip
AFTERWARDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("A", "resolve", {"outcome": "resolved"}), ("C", "register", {}), ("B", "accept", {}),
    ("B", "contact", {"evidence": "录音"}),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_after_three_days_of_outage_all_is_as_if_the_engine_had_never_slept(kind, place_of):
    told = []
    for sleeps in (True, False):
        desk = Desk(place_of(kind))
        for minute, order, event, said in EVENTS:
            assert desk.at(NINE + minute * MINUTE).submit(order, event, **said).accepted
        wakes = NINE + 80 * MINUTE + 72 * HOUR
        for hour in range(2, 72) if not sleeps else ():
            desk.at(NINE + hour * HOUR).sweep()
        desk.at(wakes).sweep()
        assert desk.engine.sweep() == 0
        for order, event, said in AFTERWARDS:
            assert desk.engine.submit(order, event, **said).accepted
        log = [one._replace(recorded_at=NINE) for one in desk.engine._store.entries()]
        recorded = {one.recorded_at for one in desk.engine._store.entries() if one.event == "time_out"}
        told.append((log, desk.engine.deadlines()))
        assert (wakes in recorded) == sleeps, "late in the writing"
        desk.engine.close()
    slept, awake = told
    assert slept == awake
    assert sum(one.event == "time_out" for one in slept[0]) >= 5
