"""The engine under an asyncio loop, on each store: what is awaited, and what a cancellation loses."""

import asyncio
import inspect
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine
from support.stores import KINDS

from paidan.engine import AsyncEngine, Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import NotFoundError
from paidan.storage.errors import StoreMissingError, StoreUnavailableError
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
WAITS_FOR_NOTHING = {"now", "open", "close"}
"""Verbs of `Engine` that touch no store, or that the face has of its own."""


@pytest.fixture(params=KINDS)
def url(request, place_of):
    return place_of(request.param).url


def opened(url, **said):
    return AsyncEngine.open(url, clock=SimulatedClock(NINE), **said)


async def entered(url, work):
    async with await opened(url) as engine:
        return await work(engine)


class Gate:
    """A call that waits until it is let go, and says when it has begun and ended."""

    def __init__(self):
        self.begun, self.open, self.ended = (threading.Event() for _ in range(3))

    def __call__(self):
        self.begun.set()
        assert self.open.wait(20)
        self.ended.set()


async def begun(gate):
    assert await asyncio.to_thread(gate.begun.wait, 20)


def test_fifty_concurrent_submits_are_all_kept_and_the_loop_goes_on(url):
    async def work(engine):
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.001)
                ticks += 1

        ticking = asyncio.create_task(tick())
        outcomes = await asyncio.gather(*(engine.submit(f"A{number:02}", "receive") for number in range(50)))
        ticking.cancel()
        assert all(outcome.accepted for outcome in outcomes)
        assert ticks, "the loop turned while the store was written"
        rows = await engine.deadlines()
        assert sorted({row.order_id for row in rows}) == [f"A{number:02}" for number in range(50)]

    asyncio.run(entered(url, work))


def test_of_fifty_that_ask_the_same_one_is_done_and_all_get_its_answer(url):
    async def work(engine):
        calls = (engine.submit("A", "receive", key="K") for _ in range(50))
        outcomes = await asyncio.gather(*calls)
        assert sum(not outcome.again for outcome in outcomes) == 1
        assert all(outcome == outcomes[0] for outcome in outcomes)
        assert len(await engine.history("A")) == 1

    asyncio.run(entered(url, work))


def test_every_verb_has_the_results_and_errors_of_the_engine(url, tmp_path):
    async def work(engine):
        await engine.submit("A", "receive")
        assert (await engine.order("A")).state == "received"
        assert [one.event for one in await engine.available("A")]
        engine.engine.now()
        engine.engine._clock.advance_to(NINE + timedelta(hours=1))
        assert await engine.sweep() == 1
        assert await engine.rebuild() is False
        assert await engine.export(tmp_path / "log.csv") == 1
        assert (await engine.rules("A")).policy.version == "JY@2022-07-01"
        assert len(await engine.records()) == 1
        with pytest.raises(NotFoundError):
            await engine.history("B")
        await engine.start(every_seconds=60)
        await engine.stop()

    asyncio.run(entered(url, work))


def test_the_face_has_every_verb_of_the_engine_with_its_words():
    verbs = {
        name: one
        for name, one in inspect.getmembers(Engine, inspect.isfunction)
        if not name.startswith("_") and name not in WAITS_FOR_NOTHING
    }
    for name, verb in verbs.items():
        face = getattr(AsyncEngine, name)
        assert inspect.iscoroutinefunction(face), name
        assert inspect.signature(face) == inspect.signature(verb)
        assert face.__doc__ == verb.__doc__
    assert inspect.signature(AsyncEngine.open) == inspect.signature(Engine.open)


def test_at_most_so_many_calls_run_at_once(url):
    running, most, lock = 0, 0, threading.Lock()

    def call():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1

    async def work():
        async with AsyncEngine(Engine.open(url), threads=3) as engine:
            await asyncio.gather(*(engine.run(call) for _ in range(30)))

    asyncio.run(work())
    assert most == 3


def test_a_call_cancelled_before_its_turn_is_never_made(url):
    gate = Gate()

    async def work():
        async with AsyncEngine(Engine.open(url), threads=1) as engine:
            first = asyncio.create_task(engine.run(gate))
            await begun(gate)
            second = asyncio.create_task(engine.submit("A", "receive"))
            await asyncio.sleep(0.01)
            second.cancel()
            with pytest.raises(asyncio.CancelledError):
                await second
            gate.open.set()
            await first
            with pytest.raises(NotFoundError):
                await engine.history("A")

    asyncio.run(work())


def test_a_call_cancelled_under_way_is_finished_before_the_cancellation_is_heard(url):
    gate = Gate()

    async def work(engine):
        def call():
            gate()
            return engine.engine.submit("A", "receive", key="K")

        task = asyncio.create_task(engine.run(call))
        await begun(gate)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0.01)
            assert not task.done()
        gate.open.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        again = await engine.submit("A", "receive", key="K")
        assert again.again
        assert again.accepted

    asyncio.run(entered(url, work))


def test_whatever_was_acknowledged_before_a_storm_of_cancellations_is_kept(url):
    async def work(engine):
        acknowledged, some = [], asyncio.Event()

        async def one(number):
            outcome = await engine.submit(f"A{number:02}", "receive")
            acknowledged.append(outcome.order.order_id)
            if len(acknowledged) == 5:
                some.set()

        tasks = [asyncio.create_task(one(number)) for number in range(50)]
        await some.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        kept = {row.order_id for row in await engine.deadlines()}
        assert set(acknowledged) <= kept
        return kept

    kept = asyncio.run(entered(url, work))
    if not url.startswith("memory"):
        with Engine.open(url, create=False) as engine:
            assert {row.order_id for row in engine.deadlines()} == kept


def test_closing_waits_for_what_was_asked_and_takes_no_more(url):
    gate = Gate()

    async def work():
        engine = await opened(url)
        task = asyncio.create_task(engine.run(gate))
        await begun(gate)
        closing = asyncio.create_task(engine.close())
        await asyncio.sleep(0.01)
        assert not closing.done()
        with pytest.raises(StoreUnavailableError):
            await engine.submit("A", "receive")
        gate.open.set()
        await closing
        assert gate.ended.is_set()
        await task
        await engine.close()

    asyncio.run(work())


def test_an_opening_that_is_cancelled_leaves_nothing_open(place_of):
    place, gate, made = place_of("sqlite"), Gate(), []

    def connect():
        gate()
        made.append(sqlite3.connect(place.path, check_same_thread=False))
        return made[-1]

    async def work():
        with pytest.raises(StoreMissingError):
            await AsyncEngine.open(place.url, create=False)
        task = asyncio.create_task(opened(create_engine("sqlite://", creator=connect, poolclass=NullPool)))
        await begun(gate)
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
        gate.open.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(work())
    assert made
    for one in made:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            one.execute("SELECT 1")


def test_the_engine_alone_loads_none_of_it():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import run_engine;"
        "from paidan.engine import Engine; print(sorted({'paidan.engine.aio', 'sqlalchemy', 'psycopg',"
        "'prometheus_client', 'sqlalchemy.ext.asyncio', 'concurrent.futures.process'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(CHECKOUT)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
