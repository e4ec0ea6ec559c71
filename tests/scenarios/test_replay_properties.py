"""Whatever happens to an order, under whichever document: nothing is lost and every clock has one verdict."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidan.engine.evolve import fold
from paidan.engine.replay_order import replay_order
from paidan.policies import registry
from paidan.policies.clocks import Verdict, missed, verdict
from paidan.workflows.attributes import ATTRIBUTE_OF, SAYABLE, Holds
from paidan.workflows.records import BEIJING, Command
from paidan.workflows.work_order import EVENTS

BOOKS = {name: registry.Books(registry.document(name), {}, None).latest for name in registry.names()}
ASKED = [event.name for event in EVENTS if not event.by_engine and event.name != "correct"]
"""What happens to an order; what corrects its log is lived in `test_late_truth`."""
USUAL = ["receive", "register", "dispatch", "contact", "accept", "resolve", "revisit", "close"]
START = datetime(2026, 4, 27, 8, tzinfo=BEIJING)
AS_OF = START + timedelta(days=40)


def values(name):
    attribute = ATTRIBUTE_OF[name]
    if attribute.holds is Holds.FLAG:
        return st.booleans()
    if attribute.choices:
        return st.sampled_from(sorted(attribute.choices))
    if attribute.holds is Holds.TEXT:
        return st.sampled_from(["甲", "乙"])
    return st.integers(0, 30 * 86400).map(lambda second: START + timedelta(seconds=second))


@st.composite
def lives(draw):
    """A usual life in order of time, with other events thrown in anywhere."""
    events = [*USUAL[: draw(st.integers(1, 8))]]
    for event in draw(st.lists(st.sampled_from(ASKED), max_size=8)):
        events.insert(draw(st.integers(0, len(events))), event)
    at = START
    commands = []
    for place, event in enumerate(events):
        at += timedelta(seconds=draw(st.sampled_from([0, 1, 60, 1800, 1801, 3600, 40_000, 86_400, 300_000])))
        sayable = sorted(SAYABLE.get(event, ()))
        said = draw(st.lists(st.sampled_from(sayable), unique=True, max_size=4)) if sayable else []
        commands.append(
            Command("O", event, at, unit=draw(st.sampled_from(["", "甲", "乙"])), row=place,
                    role=draw(st.sampled_from(["", "", "centre_head", "hotline_office", "city_office"])),
                    attributes={name: draw(values(name)) for name in said})
        )  # fmt: skip
    return commands


def time_outs(entries):
    return Counter((entry.rule, entry.at) for entry in entries if entry.event == "time_out")


@pytest.mark.parametrize("policy", sorted(BOOKS))
@pytest.mark.parametrize("enforce", [False, True], ids=["observe", "enforce"])
@settings(max_examples=60)
@given(commands=lives())
def test_nothing_is_lost_and_every_missed_duty_times_out_once(policy, enforce, commands):
    rules = BOOKS[policy]
    done = replay_order("O", iter(commands), rules, AS_OF, enforce=enforce)
    assert done.applied + done.refused + done.after_as_of == len(commands)
    assert enforce or not done.refused
    assert [entry.seq for entry in done.entries] == list(range(1, len(done.entries) + 1))
    state = ""
    for entry in done.entries:
        assert entry.from_state == state
        state = entry.to_state
    assert state == done.order.state
    assert [entry.at for entry in done.entries] == sorted(entry.at for entry in done.entries)
    assert all(deviation.finding.refuses for deviation in done.deviations if deviation.refused) or enforce
    late = Counter((c.rule, c.due_at) for c in done.order.clocks if missed(c, rules, AS_OF))
    assert time_outs(done.entries) == late
    for clock in done.order.clocks:
        came_to = verdict(clock, rules, AS_OF)
        assert (came_to in (Verdict.MET, Verdict.LATE)) == (clock.done_at is not None)
        assert clock.started_at <= AS_OF


@pytest.mark.parametrize("policy", sorted(BOOKS))
@pytest.mark.parametrize("enforce", [False, True], ids=["observe", "enforce"])
@settings(max_examples=60)
@given(commands=lives())
def test_as_recorded_and_by_time_agree_where_everything_was_learned_at_once(policy, enforce, commands):
    rules = BOOKS[policy]
    by_time = replay_order("O", iter(commands), rules, AS_OF, enforce=enforce)
    recorded = replay_order("O", iter(commands), rules, AS_OF, enforce=enforce, as_recorded=True)

    def rows(done):
        clocks = done.order.clocks
        return [(c.rule, c.unit, c.started_at, c.due_at, c.done_at, verdict(c, rules, AS_OF)) for c in clocks]

    assert rows(by_time) == rows(recorded)
    withdrawn = Counter(
        (entry.rule, entry.attributes["due_at"])
        for entry in recorded.entries
        if entry.event == "time_out_withdrawn"
    )
    assert time_outs(recorded.entries) - withdrawn == time_outs(by_time.entries)
    assert by_time.deviations == recorded.deviations


@pytest.mark.parametrize("policy", sorted(BOOKS))
@settings(max_examples=60)
@given(commands=lives())
def test_the_order_is_the_fold_of_its_log(policy, commands):
    rules = BOOKS[policy]
    done = replay_order("O", iter(commands), rules, AS_OF, as_recorded=True)
    assert fold("O", done.entries, rules) == done.order
