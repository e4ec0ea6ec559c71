"""A command with a key is done once; a command on an order that has gone on is refused as a conflict."""

import sys
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from support.stores import KINDS, ON_DISK

from paidan.engine import Engine
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import NotFoundError, UsageError
from paidan.storage.errors import ConflictError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)  # a Monday


@pytest.fixture(params=KINDS)
def place(request, place_of):
    return place_of(request.param)


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture
def engine(place, clock):
    with Engine.open(place.url, clock=clock) as opened:
        yield opened


def seen(outcome):
    """What a caller can tell of an answer, its reasons in words included."""
    said = (outcome.reasons("zh"), outcome.reasons("en"), outcome.rules.policy.version, outcome.accepted)
    return outcome, said


def test_the_same_command_under_its_key_gets_the_stored_answer(engine, clock):
    first = engine.submit("A", "receive", key="K", area="一村", urgent="是")
    assert not first.again
    clock.advance_to(NINE + timedelta(minutes=10))
    engine.submit("A", "register")
    clock.advance_to(NINE + timedelta(hours=9))
    log = engine.history("A")
    again = engine.submit("A", "receive", key="K", area="一村", urgent=True)
    assert again.again
    assert seen(again) == seen(first)
    assert again.order.state == "received", "as it then was"
    assert engine.history("A") == log, "nothing is written, not even what is overdue by now"


def test_an_answer_holds_the_time_outs_that_came_before_the_command(engine, clock):
    engine.submit("A", "receive")
    clock.advance_to(NINE + timedelta(hours=1))
    first = engine.submit("A", "register", key="K")
    assert [entry.rule for entry in first.raised] == ["JY-T01"]
    assert seen(engine.submit("A", "register", key="K")) == seen(first)


def test_a_refusal_is_an_answer_too_and_stays_one(engine, clock):
    engine.submit("A", "receive", urgent="是")
    clock.advance_to(NINE + timedelta(hours=1))
    refused = engine.submit("A", "close", key="K", unit="甲科")
    assert not refused.accepted
    assert refused.raised
    engine.submit("A", "register")
    again = engine.submit("A", "close", key="K", unit="甲科")
    assert again.again
    assert seen(again) == seen(refused)


def test_a_refusal_by_a_rule_comes_back_with_rule_clause_and_reason(engine, clock):
    for minutes, event, said in (
        (0, "receive", {}), (10, "register", {}),
        (20, "dispatch", {"unit": "甲科", "order_due": "2026-03-20"}), (60, "accept", {}),
    ):  # fmt: skip
        clock.advance_to(NINE + timedelta(minutes=minutes))
        assert engine.submit("A", event, **said).accepted
    clock.advance_to(NINE + timedelta(days=2))
    asked = {"reason": "非本单位", "owner": "乙所", "basis": "三定方案"}
    first = engine.submit("A", "request_return", key="K", **asked)
    clock.advance_to(NINE + timedelta(days=9))
    again = engine.submit("A", "request_return", key="K", **asked)
    assert seen(again) == seen(first)
    assert again.reasons()[0].text == "申请退单的期限已于2026-03-03 23:59:59届满，逾期不予受理"


def test_a_refused_beginning_leaves_no_order_and_is_answered_again(engine):
    refused = engine.submit("A", "receive", key="K", at="2026-01-01")
    assert not refused.accepted
    assert seen(engine.submit("A", "receive", key="K", at="2026-01-01")) == seen(refused)
    with pytest.raises(NotFoundError):
        engine.order("A")


@pytest.mark.parametrize(
    ("order", "event", "said"),
    [
        ("A", "receive", {"area": "二村"}),
        ("A", "receive", {}),
        ("A", "receive", {"area": "一村", "actor": "某"}),
        ("A", "receive", {"area": "一村", "phone": "13912345678"}),
        ("A", "note", {}),
        ("B", "receive", {"area": "一村"}),
    ],
)
def test_another_command_under_the_key_is_a_conflict_and_writes_nothing(engine, order, event, said):
    engine.submit("A", "receive", key="K", area="一村")
    with pytest.raises(ConflictError) as told:
        engine.submit(order, event, key="K", **said)
    assert told.value.code == "live.key_taken"
    assert told.value.details == {"key": "K", "order": "A"}
    assert len(engine.history("A")) == 1
    with pytest.raises(NotFoundError):
        engine.order("B")


def test_what_could_not_be_asked_uses_up_no_key(engine):
    for attempt in (
        lambda: engine.submit("A", "register", key="K"),
        lambda: engine.submit("A", "x", key="K"),
    ):
        with pytest.raises((NotFoundError, UsageError)):
            attempt()
    with pytest.raises(ConflictError):
        engine.submit("A", "receive", key="K", expected=3)
    assert engine.submit("A", "receive", key="K").accepted


def test_a_stale_expectation_is_a_conflict_and_writes_nothing(engine, clock):
    assert engine.submit("A", "receive", expected=0).accepted
    clock.advance_to(NINE + timedelta(minutes=1))
    for expected in (0, 2):
        with pytest.raises(ConflictError) as told:
            engine.submit("A", "register", expected=expected)
        assert told.value.code == "live.order_elsewhere"
        assert told.value.details == {"order": "A", "expected": expected, "found": 1}
    assert engine.submit("A", "register", expected=1).accepted
    with pytest.raises(ConflictError):
        engine.submit("A", "receive", expected=0)


def test_an_expectation_is_of_what_could_be_read_not_of_what_is_overdue(engine, clock):
    engine.submit("A", "receive")
    clock.advance_to(NINE + timedelta(hours=1))
    outcome = engine.submit("A", "register", expected=engine.order("A").seq)
    assert [entry.seq for entry in (*outcome.raised, *outcome.entries)] == [2, 3]


def test_a_repeated_command_needs_no_new_expectation(engine):
    first = engine.submit("A", "receive", key="K", expected=0)
    assert engine.submit("A", "receive", key="K", expected=0) == first
    assert len(engine.history("A")) == 1


def test_a_key_too_long_or_broken_makes_no_sense(engine):
    for key in ("k" * 201, "a\0b"):
        with pytest.raises(UsageError):
            engine.submit("A", "receive", key=key)


def test_sixteen_callers_with_one_key_are_one_command(place, clock):
    engines = [Engine.open(place.url, clock=clock) for _ in range(4)]
    barrier, answers = Barrier(16), []

    def call(engine):
        barrier.wait()
        answers.append(engine.submit("A", "receive", key="K"))

    threads = [Thread(target=call, args=(engines[number % 4],)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert sum(not one.again for one in answers) == 1
    assert all(one == answers[0] for one in answers)
    assert len(engines[0].history("A")) == 1
    for engine in engines:
        engine.close()


def test_of_sixteen_callers_who_saw_the_same_one_wins(place, clock):
    engines = [Engine.open(place.url, clock=clock) for _ in range(4)]
    engines[0].submit("A", "receive")
    barrier, won, lost = Barrier(16), [], []

    def call(engine, number):
        barrier.wait()
        try:
            won.append(engine.submit("A", "note", expected=1, actor=str(number)))
        except ConflictError as error:
            lost.append(error.details["found"])

    threads = [Thread(target=call, args=(engines[number % 4], number)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), lost) == (1, [2] * 15)
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("kind", ON_DISK)
def test_the_command_line_says_conflicts_with_exit_code_six(kind, place_of, monkeypatch, capsys):
    url = place_of(kind).url

    def paidan_says(*words):
        monkeypatch.setattr(sys, "argv", ["paidan", *words, "--db", url])
        with pytest.raises(SystemExit) as ended:
            run()
        return ended.value.code or 0, *capsys.readouterr()

    first = paidan_says("submit", "A", "receive", "--key", "K", "--expect", "0", "--format", "json")
    assert first[0] == 0, first
    again = paidan_says("submit", "A", "receive", "--key", "K", "--expect", "0", "--format", "json")
    assert again[1] == first[1].replace('"again": false', '"again": true')
    code, _, told = paidan_says("submit", "A", "note", "--key", "K")
    assert (code, "键 K 已用于工单 A" in told) == (6, True)
    code, _, told = paidan_says("submit", "A", "register", "--expect", "4", "--lang", "en")
    assert (code, "order A is at entry 1, not 4" in told) == (6, True)
    code, _, told = paidan_says("submit", "A", "register", "key=K")
    assert (code, "--key" in told) == (2, True)
    assert "未重复执行" in paidan_says("submit", "A", "receive", "--key", "K")[2]
