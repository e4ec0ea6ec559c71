"""One engine shared by many threads on each store, while it sweeps, and while somebody closes it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.storage.errors import ConflictError, StoreUnavailableError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
THREADS = 8


class Shared:
    """An engine with its clock, and the threads that use it at once."""

    def __init__(self, place):
        self.place = place
        self.clock = SimulatedClock(NINE)
        self.engine = self.open()

    def open(self, **said):
        return Engine.open(self.place.url, clock=self.clock, **said)

    def at_once(self, work, *more):
        """Run `work(number)` in every thread, and what else is named; give the results of the first."""
        begin = threading.Barrier(THREADS + len(more))

        def waiting(call, *said):
            begin.wait(20)
            return call(*said)

        with ThreadPoolExecutor(THREADS + len(more)) as pool:
            running = [pool.submit(waiting, work, number) for number in range(THREADS)]
            beside = [pool.submit(waiting, one) for one in more]
            for one in beside:
                one.result(60)
            return [one.result(60) for one in running]


@pytest.fixture(params=KINDS)
def shared(request, place_of):
    one = Shared(place_of(request.param))
    yield one
    one.engine.close()


def test_threads_on_orders_of_their_own_never_disturb_one_another(shared):
    engine = shared.engine

    def life(number):
        order = f"A{number}"
        for event, said in (
            ("receive", {"order_due": "2026-03-20"}), ("register", {}), ("dispatch", {"unit": "甲科"}),
            ("accept", {}), ("contact", {}),
        ):  # fmt: skip
            assert engine.submit(order, event, **said).accepted
            assert engine.order(order).state
            assert engine.available(order)
        return [entry.seq for entry in engine.history(order)]

    assert shared.at_once(life) == [[1, 2, 3, 4, 5]] * THREADS
    assert len(engine.deadlines()) == 7 * THREADS
    assert engine.rebuild() is False


def test_of_threads_that_saw_the_same_order_one_wins_and_the_rest_are_told(shared):
    engine = shared.engine
    engine.submit("A", "receive")

    def note(_):
        try:
            return engine.submit("A", "note", expected=1).accepted
        except ConflictError as error:
            return error.code

    found = shared.at_once(note)
    assert sorted(map(str, found)) == ["True"] + ["live.order_elsewhere"] * (THREADS - 1)
    assert [entry.seq for entry in engine.history("A")] == [1, 2]


def test_readers_see_whole_orders_while_others_write_and_sweep(shared):
    engine, stop = shared.engine, threading.Event()
    for number in range(40):
        engine.submit(f"W{number:02}", "receive")
    shared.clock.advance_to(NINE + timedelta(hours=1))
    torn = []

    def read():
        while not stop.is_set():
            for row in engine.deadlines():
                log = engine.history(row.order_id)
                if [entry.seq for entry in log] != list(range(1, len(log) + 1)):
                    torn.append(row)

    def write_and_sweep(number):
        raised = engine.sweep()
        for one in range(number, 40, THREADS):
            raised += len(engine.submit(f"W{one:02}", "register").raised)
        return raised

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert sum(shared.at_once(write_and_sweep)) == 40
    finally:
        stop.set()
        reader.join()
    assert torn == []
    assert engine.sweep() == 0
    for number in range(40):
        assert [entry.event for entry in engine.history(f"W{number:02}")] == [
            "receive",
            "time_out",
            "register",
        ]


def test_closing_under_way_keeps_what_was_acknowledged_and_tells_the_rest(shared):
    engine, before = shared.engine, set(threading.enumerate())
    engine.start(every_seconds=0.05)
    going = threading.Event()

    def submit(number):
        kept = []
        try:
            for one in range(1000):
                order = f"A{number}-{one:03}"
                if engine.submit(order, "receive").accepted:
                    kept.append(order)
                engine.order(order)
                if one == 5:
                    going.set()
        except StoreUnavailableError as error:
            assert error.code == "db_away"  # noqa: PT017 - the one error there may be
            return kept
        raise AssertionError("never told that the engine was closed")

    def close():
        assert going.wait(30)
        engine.close()
        engine.close()

    acknowledged = {order for kept in shared.at_once(submit, close) for order in kept}
    assert set(threading.enumerate()) == before
    again = shared.engine = shared.open(create=False)
    there = {row.order_id for row in again.deadlines()}
    assert acknowledged <= there
    assert len(there - acknowledged) <= THREADS, "at most one each on its way"
    assert again.rebuild() is False


def test_whoever_starts_stops_or_closes_twice_at_once_does_it_once(shared):
    engine, before = shared.engine, set(threading.enumerate())
    shared.at_once(lambda _: engine.start(every_seconds=60))
    started = set(threading.enumerate()) - before
    assert len(started) <= 3, "one scheduler, a worker that sweeps, one that tells"
    shared.at_once(lambda _: engine.stop())
    assert set(threading.enumerate()) == before
    shared.at_once(lambda _: engine.close())
    with pytest.raises(StoreUnavailableError):
        engine.submit("A", "receive")
    with pytest.raises(StoreUnavailableError):
        engine.order("A")
    with pytest.raises(StoreUnavailableError):
        engine.start()
