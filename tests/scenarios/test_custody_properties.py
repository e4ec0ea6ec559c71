"""Whatever happens to an order, its stretches are one unbroken line that sums to the whole, to the second."""

from datetime import datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.late_lives import Lived, steps
from support.lives import beijing

from paidan.engine.blame import blame_of
from paidan.engine.custody import by_time, custody_of, stretches
from paidan.engine.custody_told import percents
from paidan.engine.intake.events import read_logs
from paidan.engine.replay_order import replay_order
from paidan.policies import registry
from paidan.workflows.records import BEIJING, Command
from paidan.workflows.work_order import EVENTS

BOOKS = {name: registry.Books(registry.document(name), {}, None).latest for name in registry.names()}
START = beijing("2026-12-24 08:00")
"""A week before the end of what the calendar knows."""
NOUGHT = timedelta(0)


def check(order_id, log, rules, as_of):
    """The stretches of a log, all of what must hold of them checked."""
    found = custody_of(order_id, log, rules, as_of)
    told = by_time(order_id, log, rules, as_of)
    first, last = (one.at.replace(microsecond=0) for one in (told[0], told[-1]))
    assert found.stretches[0].began_at == first
    assert found.stretches[-1].ended_at in (last, max(last, as_of.replace(microsecond=0)))
    assert all(one.ended_at == other.began_at for one, other in pairwise(found.stretches))
    assert all(one[:3] != other[:3] for one, other in pairwise(found.stretches)), "a change or no end"
    assert all(one.natural > NOUGHT for one in found.stretches[:-1])
    assert all(NOUGHT <= one.working <= one.natural for one in found.stretches)
    for of in (found.stretches, found.parts):
        assert sum((one.natural for one in of), NOUGHT) == found.whole_natural
        assert sum((one.working for one in of), NOUGHT) == found.whole_working
    assert found.whole_natural == found.stretches[-1].ended_at - first
    for shares, whole in (
        ([one.natural_share for one in found.parts], found.whole_natural),
        ([one.working_share for one in found.parts], found.whole_working),
    ):
        if whole:
            assert sum(share or 0 for share in shares) == 1
            assert sum(Fraction(one.removesuffix("%")) for one in percents(shares)) == 100
        else:
            assert set(shares) == {None}
    return found.stretches


@pytest.mark.parametrize("policy", ["JY", "ZZ"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps(notices=False))
def test_a_live_log_with_all_its_corrections_says_what_its_replay_by_time_says(policy, told):
    with TemporaryDirectory() as folder:
        lived = Lived("memory://", policy, Path(folder))
        for step in told:
            lived.take(step)
        rules, log = lived.engine.rules("A"), lived.engine.history("A")
        now = lived.now(rules)
        live = check("A", log, rules, now)
        lived.engine.export(Path(folder) / "log.csv")
        read = read_logs([Path(folder) / "log.csv"])
        done = replay_order("A", read.of("A"), rules, now)
    assert [one[:5] for one in live] == [one[:5] for one in stretches("A", done.entries, rules, now)]


TOLD = st.lists(
    st.tuples(
        st.sampled_from([one.name for one in EVENTS if not (one.by_engine or one.name == "correct")]),
        st.sampled_from([0, 0, 1, 59, 3600, 40_000, 86_400, 500_000]),
        st.sampled_from(["", "甲", "乙"]),
    ),
    min_size=1,
    max_size=14,
)


@pytest.mark.parametrize("policy", ["JY", "ZZ"])
@settings(max_examples=60)
@given(TOLD, st.sampled_from([0, 1, 1_000_000]))
def test_any_log_observed_sums_to_the_whole_wherever_it_begins(policy, told, later):
    at, commands = START, []
    for event, gap, unit in told:
        at += timedelta(seconds=gap)
        said = {"order_due": START + timedelta(days=5)} if event in ("receive", "dispatch") else {}
        commands.append(Command("O", event, at, unit=unit, attributes=said))
    as_of = at + timedelta(seconds=later)
    log = replay_order("O", commands, BOOKS[policy], as_of).entries
    check("O", log, BOOKS[policy], as_of)


TIMES = st.datetimes(datetime(2025, 12, 20), datetime(2027, 3, 1)).map(lambda at: at.replace(tzinfo=BEIJING))


def by_days(start, end):
    """Office time as anybody would count it: day by day."""
    reckoner, summed, on = BOOKS["JY"].reckoner, NOUGHT, start.date()
    while on <= end.date():
        opens, closes = (datetime.combine(on, at, BEIJING) for at in (time(8, 30), time(17, 30)))
        if reckoner.calendar.is_working(on):
            summed += max(min(end, closes) - max(start, opens), NOUGHT)
        on += timedelta(days=1)
    return summed


@settings(max_examples=60)
@given(st.lists(TIMES, min_size=3, max_size=3))
def test_office_time_is_that_of_its_days_and_of_its_parts(three):
    first, between, last = sorted(three)
    reckoner = BOOKS["JY"].reckoner
    whole = reckoner.office_time(first, last)
    assert whole == by_days(first, last) == -reckoner.office_time(last, first)
    assert whole == reckoner.office_time(first, between) + reckoner.office_time(between, last)
    assert reckoner.office_time(first, reckoner.after_office_time(first, whole)) == whole


SENT = st.tuples(
    st.sampled_from(["甲", "乙", "丙"]),
    st.sampled_from([20, 50, 90]),
    st.booleans(),
    st.sampled_from([0, 1, 60]),
    st.sampled_from([False] * 7 + [True]),
)


@settings(max_examples=100)
@given(
    st.lists(SENT, min_size=2, max_size=4), st.sampled_from([5, 24, 70]), st.sampled_from([1, 10, 30, 60]),
    st.sampled_from([0, 1, 100]),
)  # fmt: skip
def test_a_ruling_as_proposed_moves_that_overdue_and_no_other(sent, left, answered, more):
    """An order goes from unit to unit, hours here and there; the last has some left of the limit."""
    rules = BOOKS["ZZ"]
    at, commands = beijing("2026-03-02 09:00"), []

    def say(event, hours=0, **said):
        nonlocal at
        at += timedelta(hours=hours)
        unit = said.pop("unit", "")
        commands.append(Command("O", event, at, unit=unit, role=said.pop("role", ""), attributes=said))

    taken = sum(1 + waits + hours * asks for _, hours, asks, waits, _ in sent[:-1]) + 1
    say("receive", order_due=at + timedelta(hours=taken + left))
    for place, (unit, hours, asks, waits, fresh) in enumerate(sent):
        say("dispatch", 1, unit=unit, **({"order_due": at + timedelta(days=4)} if fresh else {}))
        if place < len(sent) - 1:
            if asks:
                say("request_return", hours, unit=unit)
            say("approve_return", waits)
    say("resolve", answered)
    as_of = at + timedelta(hours=more)

    def found():
        return blame_of("O", replay_order("O", commands, rules, as_of).entries, rules, as_of)

    before = found()
    for one in before:
        assert one.ruling is None
        assert one.unit not in {cause.unit for cause in one.causes}
        assert all(cause.given_up_at > cause.window_due_at for cause in one.causes)
        assert all(cause.given_up_at <= one.limit.due_at for cause in one.causes)
        assert one.without_at <= (one.limit.done_at or as_of)
        assert one.would_be_kept == bool(one.proposed)
    proposed = [one for one in before if one.proposed]
    for one in proposed:
        _, event, unit, role, due = one.command
        told = {"unit": unit.partition("=")[2], "role": role.partition("=")[2]}
        say(event, **told, order_due=beijing(due.partition("=")[2]))
    assert [(one.limit, one.ruling.unit if one.ruling else "") for one in found()] == [
        (one.limit, one.proposed) for one in before
    ]
