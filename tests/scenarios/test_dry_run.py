"""A command that is tried: what would come of it, and nothing else."""

from datetime import datetime

import pytest
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.storage.errors import ConflictError
from paidan.workflows.records import BEIJING


@pytest.fixture(params=KINDS)
def place(request, place_of):
    return place_of(request.param)


@pytest.fixture
def clock():
    return SimulatedClock(datetime(2026, 3, 2, 9, tzinfo=BEIJING))


@pytest.fixture
def engine(place, clock):
    with Engine.open(place.url, "JY", clock=clock) as opened:
        yield opened


def lies_there(engine):
    return engine.entries_after(), engine.order("A"), engine.cases(), engine.deadlines()


def test_what_is_tried_is_what_then_happens_and_trying_it_writes_nothing(engine, clock):
    engine.submit("A", "receive")
    clock.advance_to(datetime(2026, 3, 2, 10, tzinfo=BEIJING))
    before = lies_there(engine)
    tried = engine.submit("A", "register", actor="王二", dry_run=True, key="k", expected=1)
    assert lies_there(engine) == before
    assert "time_out" in [one.event for one in tried.raised]
    done = engine.submit("A", "register", actor="王二", key="k", expected=1)
    assert (tried.entries, tried.raised, tried.order) == (done.entries, done.raised, done.order)
    assert not done.again


def test_a_new_order_that_is_tried_is_not_there(engine):
    assert engine.submit("A", "receive", dry_run=True).accepted
    assert engine.orders_after() == ()


def test_a_refusal_is_told_and_an_order_elsewhere_is_a_conflict_when_tried(engine):
    engine.submit("A", "receive")
    assert not engine.submit("A", "close", dry_run=True).accepted
    with pytest.raises(ConflictError):
        engine.submit("A", "register", dry_run=True, expected=7)
