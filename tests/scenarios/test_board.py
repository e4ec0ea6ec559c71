"""The board: what is under way, brought up to date from the log, whoever wrote it."""

from datetime import datetime, timedelta
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.storage.errors import StoreUnavailableError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


@pytest.fixture(params=KINDS)
def place(request, place_of):
    return place_of(request.param)


def open_engine(place, clock):
    return Engine.open(place.url, "JY", clock=clock)


def live(engine, order_id, *events):
    for event, said in events:
        assert engine.submit(order_id, event, **said).accepted


BEGIN: tuple[tuple[str, dict[str, str]], ...] = (("receive", {}), ("register", {"category": "dispatched"}))


def test_an_order_is_on_the_board_with_what_runs_the_soonest_duty_first(place):
    with open_engine(place, SimulatedClock(NINE)) as engine:
        live(engine, "A", ("receive", {}))
        (shown,) = engine.running()
        assert (shown.order_id, shown.state, shown.seq) == ("A", "received", 1)
        assert [one.rule for one in shown.limits] == ["JY-T01", "JY-T04"]
        assert shown.due_at == NINE + timedelta(minutes=30)


def test_the_soonest_due_order_comes_first_and_what_is_handed_back_leaves(place):
    clock = SimulatedClock(NINE)
    with open_engine(place, clock) as engine:
        live(engine, "B", ("receive", {}))
        clock.advance_to(NINE + timedelta(minutes=5))
        live(engine, "A", ("receive", {}))
        assert [one.order_id for one in engine.running()] == ["B", "A"]
        live(engine, "B", ("hand_back", {}))
        assert [one.order_id for one in engine.running()] == ["A"]


def test_what_another_process_writes_is_on_the_board_at_the_next_look(place):
    clock = SimulatedClock(NINE)
    with open_engine(place, clock) as engine, open_engine(place, clock) as other:
        live(other, "A", *BEGIN)
        assert [(one.order_id, one.state) for one in engine.running()] == [("A", "registered")]
        live(other, "A", ("dispatch", {"unit": "甲科"}))
        assert [(one.state, one.unit) for one in engine.running()] == [("dispatched", "甲科")]


class Slow(SimulatedClock):
    """A clock that is asked first when the board is brought up to date, and then keeps it waiting."""

    def __init__(self, now):
        super().__init__(now)
        self.go_on = Event()

    def now(self):
        assert self.go_on.wait(20)
        return super().now()


def test_who_cannot_wait_sees_what_was_seen_last_and_the_next_time_what_came_since(place):
    clock = Slow(NINE)
    clock.go_on.set()
    with open_engine(place, clock) as engine:
        live(engine, "A", ("receive", {}))
        clock.go_on.clear()
        assert engine.board.look(0.01) is None
        clock.go_on.set()
        seen = engine.board.look(20)
        assert ([one.order_id for one in seen.running], seen.at) == (["A"], NINE)
        assert engine.board.progress.done
        clock.advance_to(NINE + timedelta(minutes=1))
        live(engine, "B", ("receive", {}))
        clock.go_on.clear()
        assert engine.board.look(0.01) == seen
        clock.go_on.set()
        now = engine.board.look(20)
        assert ([one.order_id for one in now.running], now.at) == (["A", "B"], NINE + timedelta(minutes=1))


def test_a_board_of_a_closed_engine_is_not_read(place):
    with open_engine(place, SimulatedClock(NINE)) as engine:
        live(engine, "A", ("receive", {}))
        assert len(engine.board.look(20).running) == 1
    with pytest.raises(StoreUnavailableError):
        engine.board.look(20)


EVENTS = st.sampled_from(("receive", "register", "dispatch", "accept", "close"))
STEPS = st.lists(st.tuples(st.sampled_from("ABC"), EVENTS), max_size=20)


@given(STEPS, st.integers(0, 20))
@settings(max_examples=40)
def test_a_board_brought_up_to_date_shows_what_a_new_one_shows(steps, first):
    clock = SimulatedClock(NINE)
    with Engine.open("memory://", "JY", clock=clock) as engine:
        for place, (order_id, event) in enumerate(steps):
            if place == first:
                engine.running()
            unit = "甲科" if event == "dispatch" else ""
            if event == "receive" or any(one.order_id == order_id for one in engine.orders_after()):
                engine.submit(order_id, event, unit=unit)
        assert engine.running() == Engine(engine._store, engine.books, clock).running()
