"""Warnings before a limit and escalations after it: each told once, at its own time, however late."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.decide import decide, raise_overdue
from paidan.engine.evolve import fold
from paidan.policies import registry
from paidan.policies.errors import SettingError
from paidan.policies.spans import spans
from paidan.workflows.records import BEIJING, Command, Entry, Order

ASKED = {"warn.before": "10m,2h", "escalate.after": "1h,1d"}
MONDAY = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
BOOKS = {
    name: registry.Books(registry.document(name), ASKED, None).latest
    for name in ("JY", "BS", "YY", "SW", "ZZ")
}


def at(text):
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=BEIJING)


class Desk:
    def __init__(self, url, **asked):
        self.clock = SimulatedClock(MONDAY)
        self.engine = Engine.open(url, settings={**ASKED, **asked}, clock=self.clock)

    def do(self, when, event, **said):
        self.clock.advance_to(at(when))
        outcome = self.engine.submit("A", event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def sweep(self, when):
        self.clock.advance_to(at(when))
        return self.engine.sweep()

    def log(self, rule):
        return [(one.event, f"{one.at:%d %H:%M}") for one in self.engine.history("A") if one.rule == rule]


@pytest.fixture(params=KINDS)
def desk(request, place_of):
    one = Desk(place_of(request.param).url)
    yield one
    one.engine.close()


def test_a_duty_is_warned_of_times_out_and_is_escalated_once_each(desk):
    desk.do("02 09:00", "receive")
    assert [desk.sweep(when) for when in ("02 09:20", "02 09:21", "02 09:22")] == [0, 1, 0]
    assert desk.log("JY-T01") == [("warn", "02 09:20")], "two hours are longer than the limit of half an hour"
    assert [desk.sweep(when) for when in ("02 09:31", "02 09:32", "02 10:31", "02 10:32")] == [1, 0, 1, 0]
    desk.sweep("20 09:00")
    assert desk.sweep("30 09:00") == 0
    assert desk.log("JY-T01") == [
        ("warn", "02 09:20"), ("time_out", "02 09:30"), ("escalate", "02 10:30"), ("escalate", "03 09:30"),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_clocks_due_in_the_same_second_the_one_done_late_is_not_escalated_again(kind, place_of):
    clock = SimulatedClock(MONDAY)
    with Engine.open(place_of(kind).url, "ZZ", settings=ASKED, clock=clock) as engine:
        life: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("02 09:00", "receive", {"order_due": "2026-03-03"}), ("02 09:10", "register", {}),
            ("02 09:20", "dispatch", {"unit": "甲科"}), ("02 09:30", "accept", {}),
            ("02 09:35", "request_return", {"reason": "非本单位"}),
            ("04 00:10", "resolve", {"outcome": "resolved"}), ("04 00:15", "approve_return", {}),
            ("04 00:20", "dispatch", {"unit": "乙所"}), ("04 00:30", "accept", {}),
        )  # fmt: skip
        for when, event, said in life:
            clock.advance_to(at(when))
            assert engine.submit("A", event, **said).accepted, event
        for when, raised in (("04 02:00", 1), ("04 03:00", 0), ("05 04:00", 1), ("05 05:00", 0)):
            clock.advance_to(at(when))
            assert engine.sweep() == raised, when
        told = [(one.unit, f"{one.at:%d %H:%M}") for one in engine.history("A") if one.event == "escalate"]
        assert told == [("乙所", "04 00:59"), ("乙所", "04 23:59")]


def test_what_is_done_is_warned_of_and_escalated_no_more(desk):
    desk.do("02 09:00", "receive")
    desk.do("02 09:10", "register")
    desk.sweep("02 12:00")
    assert desk.log("JY-T01") == []
    desk.do("02 12:00", "dispatch", unit="甲科", order_due="2026-03-20")
    desk.do("05 12:00", "accept")
    assert [event for event, _ in desk.log("JY-T03")] == ["warn", "warn", "time_out", "escalate", "escalate"]
    before = len(desk.engine.history("A"))
    assert [one for one in desk.engine.history("A")[before:] if one.rule == "JY-T03"] == []


def test_after_an_outage_all_is_told_at_the_time_it_was_due_and_in_that_order(desk):
    desk.do("02 09:00", "receive")
    assert desk.sweep("05 09:00") > 0
    told = [one for one in desk.engine.history("A") if one.event != "receive"]
    assert all(earlier.at <= later.at for earlier, later in pairwise(told))
    assert {one.recorded_at for one in told} == {at("05 09:00")}
    assert [event for event, _ in desk.log("JY-T01")] == ["warn", "time_out", "escalate", "escalate"]


def test_a_time_out_withdrawn_lists_the_escalations_it_had_caused(desk):
    desk.do("02 09:00", "receive")
    desk.do("02 09:10", "register")
    desk.do("02 09:20", "dispatch", unit="甲科", order_due="2026-03-03 12:00:00")
    desk.do("02 10:00", "accept")
    desk.do("02 10:30", "contact", evidence="通话录音")
    desk.do("02 11:00", "request_extension", reason="需会商", report="专题报告")
    desk.sweep("04 15:00")
    caused = [one.seq for one in desk.engine.history("A") if (one.event, one.rule) == ("escalate", "JY-T09")]
    assert len(caused) == 2
    desk.do("04 16:00", "approve_extension", role="centre_head", order_due="2026-03-06 12:00:00")
    (withdrawn,) = [one for one in desk.engine.history("A") if one.event == "time_out_withdrawn"]
    assert list(withdrawn.attributes["escalations"]) == caused
    desk.sweep("06 13:30")
    due = [moment for event, moment in desk.log("JY-T09") if event == "time_out"]
    assert due == ["03 12:00", "06 12:00"], "the new limit is warned of and timed out anew"
    assert desk.log("JY-T09")[-4:-1] == [("warn", "06 10:00"), ("warn", "06 11:50"), ("time_out", "06 12:00")]


def test_what_was_told_is_what_the_log_folds_to(desk):
    desk.do("02 09:00", "receive")
    desk.sweep("02 13:00")
    assert desk.engine.rebuild() is False


@pytest.mark.parametrize("said", ["2w", "0h", "", "1h;2h", "-1h", "2h,"])
def test_a_span_that_is_none_is_refused_with_an_example(said):
    with pytest.raises(SettingError) as told:
        registry.Books(registry.document("JY"), {"warn.before": said}, None)
    assert "30m,2h,1d" in told.value.mistake.allowed


def test_spans_are_kept_shortest_first_each_once():
    chosen = registry.document("JY").choose({"warn.before": "1d, 30m,24h"})
    assert chosen["warn.before"] == "30m,1d"
    assert spans(chosen["warn.before"]) == (timedelta(minutes=30), timedelta(days=1))


EVENTS = (
    "sweep receive register dispatch contact accept resolve revisit request_return approve_return "
    "request_extension approve_extension redo flag_urgent close"
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(EVENTS.split()),
        st.sampled_from([1, 60, 1201, 3600, 7200, 50_000, 86_400, 200_000]),
        st.sampled_from([None, 3, 40]),
    ),
    max_size=14,
)


def lived(steps, rules, *, sweeps):
    order = Order("O")
    log: list[Entry] = []
    now = MONDAY
    for event, later, due_hours in (("receive", 1, 30), *steps):
        now += timedelta(seconds=later)
        if event == "sweep" and not sweeps:
            continue
        raised = raise_overdue(order, now, rules)
        order = raised.order
        log += raised.entries
        if event != "sweep":
            said: dict[str, Any] = {"category": "complaint"} if event == "register" else {}
            if due_hours and event in ("receive", "dispatch", "approve_extension"):
                said["order_due"] = now + timedelta(hours=due_hours)
            command = Command("O", event, now, unit="甲", attributes=said)
            decision = decide(order, command, rules, observe=True)
            order = decision.order
            log += decision.entries
    raised = raise_overdue(order, now + timedelta(days=60), rules)
    return raised.order, [*log, *raised.entries]


@pytest.mark.parametrize("policy", sorted(BOOKS))
@settings(max_examples=80, deadline=None)
@given(steps=STEPS)
def test_whoever_sweeps_and_however_often_the_log_is_the_same(policy, steps):
    rules = BOOKS[policy]
    order, log = lived(steps, rules, sweeps=True)
    assert [one._replace(recorded_at=one.at) for one in log] == [
        one._replace(recorded_at=one.at) for one in lived(steps, rules, sweeps=False)[1]
    ]
    assert fold("O", log, rules) == order
    told = Counter((one.event, one.rule, one.at) for one in log if "due_at" in one.attributes)
    clocks = Counter(clock.rule for clock in order.clocks)
    if not any(one.event in ("time_out_withdrawn", "approve_extension", "flag_urgent") for one in log):
        assert all(times <= clocks[rule] for (_, rule, _), times in told.items())
