"""Scores of live orders as the log goes on: always those that a reading from scratch gives."""

from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from time import monotonic, sleep

import pytest
from hypothesis import HealthCheck, given, settings
from support.late_lives import Lived, steps
from support.stores import KINDS, ON_DISK

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import InputError, UsageError
from paidan.engine.records import Records, StoppedError
from paidan.engine.scores import Scores
from paidan.engine.scoring import Run, as_json, score
from paidan.policies.registry import names
from paidan.storage.errors import StoreUnavailableError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
MARCH = "2026-03"
UNITS = "unit,pool\n甲科,department\n乙科,department\n"
LONG = 30.0


def records_of(engine, stopped=bool):
    return Records(engine._store, stopped)


def check_kept(policy, told):
    """Orders kept up to date after every step are those read from scratch."""
    with TemporaryDirectory() as folder:
        lived = Lived("memory://", policy, Path(folder))
        engine = lived.engine
        kept = records_of(engine)
        for step in told:
            lived.take(step)
            written = [entry.recorded_at for _, entry, _ in engine.entries_after(0, 1000)]
            now = max([engine.now(), *written])  # a notice that is loaded may count from a second later on
            kept.catch_up(engine._governing.books(), now)
            assert kept.all() == engine.records(now)


@pytest.mark.parametrize("policy", names())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps())
def test_orders_kept_for_scoring_are_those_read_from_scratch_whatever_is_learned(policy, told):
    check_kept(policy, told)


@pytest.mark.long
@pytest.mark.parametrize("policy", names())
@settings(max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps())
def test_in_a_campaign_of_thousands_of_lives_too(policy, told):
    check_kept(policy, told)


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


def lived(engine, order_id, unit, *, contacted=True, satisfaction="satisfied"):
    """Have an order of a unit be received, done, asked about and closed, all now."""
    engine.submit(order_id, "receive", order_due=engine.now() + timedelta(days=5))
    engine.submit(order_id, "register", role="dispatcher")
    engine.submit(order_id, "dispatch", role="dispatcher", unit=unit, category="dispatched")
    engine.submit(order_id, "accept", role="handling_unit", unit=unit)
    if contacted:
        engine.submit(order_id, "contact", role="handling_unit", unit=unit, evidence="录音")
    engine.submit(order_id, "resolve", role="handling_unit", unit=unit, outcome="resolved", evidence="报告")
    answers = {"outcome": "resolved", "satisfaction": satisfaction, "source": "district"}
    engine.submit(order_id, "revisit", role="dispatcher", result="effective", **answers)
    engine.submit(order_id, "close", role="dispatcher")


def scores_of(engine, **files):
    """Give scores that never rest."""
    return Scores(engine._store, engine._governing, engine._clock, rest=0, **files)


@contextmanager
def closing(scores):
    try:
        yield scores
    finally:
        scores.close()


def told(scores, name=MARCH, patience=LONG):
    answer = scores.ask(("told", name), lambda of: as_json(of.scorings({}).scored(name)), patience=patience)
    assert answer is not None
    return answer


def from_scratch(engine, name=MARCH, **more):
    books = engine.books
    run = Run(
        document=books.document, settings=books.chosen, as_of=engine.now(), records=engine.records(),
        roster=books.roster, **more,
    )  # fmt: skip
    return as_json(score(run, name))


@pytest.mark.parametrize("kind", KINDS)
def test_a_period_asked_for_again_is_that_of_the_log_as_it_is_then(kind, place_of, clock):
    with Engine.open(place_of(kind).url, "JY", clock=clock) as engine, closing(scores_of(engine)) as scores:
        lived(engine, "A", "甲科")
        first = told(scores)
        assert first.value == from_scratch(engine)
        assert (first.as_of, first.newer) == (clock.now(), False)
        clock.advance_to(clock.now() + timedelta(days=1))
        lived(engine, "B", "乙科", contacted=False, satisfaction="dissatisfied")
        second = told(scores)
        assert second.value == from_scratch(engine) != first.value
        assert second.position > first.position
        assert told(scores).value is second.value, "nothing has changed: nothing is made again"


@pytest.mark.parametrize("kind", ON_DISK)
def test_what_another_process_wrote_is_scored_too(kind, place_of, clock):
    url = place_of(kind).url
    with ExitStack() as stack:
        one, other = (stack.enter_context(Engine.open(url, "JY", clock=clock)) for _ in "12")
        scores = stack.enter_context(closing(scores_of(one)))
        lived(one, "A", "甲科")
        told(scores)
        lived(other, "B", "乙科", contacted=False)
        assert told(scores).value == from_scratch(other)


def test_a_limit_that_passes_counts_though_nobody_wrote_anything(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine:
        engine.submit("A", "receive", order_due=engine.now() + timedelta(days=5))
        engine.submit("A", "register", role="dispatcher")
        engine.submit("A", "dispatch", role="dispatcher", unit="甲科", category="dispatched")
        kept = records_of(engine)
        kept.catch_up(engine._governing.books(), engine.now())
        running = [one.verdict for one in kept.all()[0].judged]
        assert "open" in running
        position, changes = kept.position, kept.changes
        clock.advance_to(clock.now() + timedelta(days=40))
        kept.catch_up(engine._governing.books(), engine.now())
        assert "overdue" in [one.verdict for one in kept.all()[0].judged]
        assert (kept.position, kept.changes) == (position, changes + 1)
        assert kept.all() == engine.records()


def test_a_roster_or_adjustments_file_that_changes_is_read_again(clock, tmp_path):
    units, entered = tmp_path / "units.csv", tmp_path / "adjustments.csv"
    units.write_text(UNITS, "utf-8")
    entered.write_text("unit,at,code,points,confirmed_by\n", "utf-8")
    with Engine.open("memory://", "JY", clock=clock, units=units) as engine:
        lived(engine, "A", "甲科")
        files = {"units": units, "adjustments": entered}
        with closing(scores_of(engine, **files)) as scores:
            before = told(scores).value
            assert [one["unit"] for one in before["units"]] == ["甲科", "乙科"]
            entered.write_text(
                "unit,at,code,points,confirmed_by\n甲科,2026-03-02,praise,1,centre_head\n", "utf-8"
            )
            assert told(scores).value["units"][0]["bonus"] == "1"
            units.write_text(UNITS + "丙所,neighbourhood\n", "utf-8")
            assert [one["unit"] for one in told(scores).value["units"]] == ["甲科", "乙科", "丙所"]
            units.write_text("unit\n甲科\n", "utf-8")
            with pytest.raises(InputError):
                told(scores)
            units.write_text(UNITS, "utf-8")
            assert len(told(scores).value["units"]) == 2


def test_who_cannot_wait_gets_the_last_answer_and_is_told_that_there_is_more(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine, closing(scores_of(engine)) as scores:
        lived(engine, "A", "甲科")
        assert scores.ask("never", lambda _: Event().wait(0.2), patience=0.0) is None
        first = told(scores)
        lived(engine, "B", "乙科")
        again = scores.ask(("told", MARCH), lambda of: as_json(of.scorings({}).scored(MARCH)))
        assert again is not None
        assert (again.value, again.newer) == (first.value, True)
        until = monotonic() + LONG
        while told(scores, patience=0.0).newer and monotonic() < until:
            sleep(0.01)
        assert told(scores, patience=0.0).value == from_scratch(engine)


def test_scoring_rests_between_two_states_of_the_log_and_other_periods_are_of_the_same(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine:
        lived(engine, "A", "甲科")
        scores = Scores(engine._store, engine._governing, clock, rest=1_000_000)
        with closing(scores):
            first = told(scores)
            lived(engine, "B", "乙科")
            assert told(scores)[:3] == first[:3]
            assert told(scores, "2026Q1").position == first.position


def test_what_cannot_be_scored_is_raised_to_whoever_asks(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine, closing(scores_of(engine)) as scores:
        with pytest.raises(UsageError, match="month_without_log"):
            told(scores)
        lived(engine, "A", "甲科")
        with pytest.raises(UsageError, match="month_outside"):
            told(scores, "2025-01")
        assert told(scores).value["units"]


def test_so_many_answers_are_kept_and_those_of_the_last_two_states_alone(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine, closing(scores_of(engine)) as scores:
        for number in range(4):
            lived(engine, f"O{number}", "甲科")
            for one in range(20):
                scores.ask((number, one), lambda of: of.position, patience=LONG)
        assert len(scores._answers) <= 24
        assert len({id(one.snapshot) for one in scores._answers.values()}) <= 2


def test_an_engine_closes_while_its_log_is_being_read(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine:
        for number in range(30):
            lived(engine, f"O{number:04}", "甲科")
        stopping = records_of(engine, lambda: True)
        with pytest.raises(StoppedError):
            stopping.catch_up(engine._governing.books(), engine.now())
        scores = engine.scores
        scores.ask("x", lambda of: of.position)
    with pytest.raises(StoreUnavailableError):
        scores.ask("x", lambda of: of.position)
    with pytest.raises(StoreUnavailableError):
        engine.scores.close()
