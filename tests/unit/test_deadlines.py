"""Due times: exact to the second, the same by every way of asking, explained so that one can count again."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidan.engine.due import Calculator
from paidan.policies import registry
from paidan.policies.errors import CalendarHorizonError
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import Limit
from paidan.workflows.records import BEIJING

DOCUMENT = registry.document("JY")


def reckoner(**settings):
    return Rulebook(DOCUMENT.policy(DOCUMENT.versions[0], settings)).reckoner


PLAIN = reckoner()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


moments = st.datetimes(datetime(2025, 12, 1), datetime(2027, 6, 1)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=BEIJING)
)


@pytest.mark.parametrize(
    ("rule", "facts", "due_at"),
    [
        ("JY-T01", {"received_at": "2026-03-02 23:45"}, "2026-03-03T00:15:00+08:00"),
        ("JY-T02", {"registered_at": "2026-10-01 09:00"}, "2026-10-01T09:30:00+08:00"),
        ("JY-T03", {"unit_received_at": "2026-05-08 16:00"}, "2026-05-09T23:59:59+08:00"),
        ("JY-T03", {"unit_received_at": "2026-09-30 16:00"}, "2026-10-08T23:59:59+08:00"),
        ("JY-T04", {"received_at": "2026-09-30 16:00"}, "2026-10-01T16:00:00+08:00"),
        ("JY-T05", {"received_at": "2026-03-02 09:00"}, "2026-03-02T10:00:00+08:00"),
        (
            "JY-T05",
            {"received_at": "2026-03-02 09:00", "urgent_flagged_at": "2026-03-02 12:00"},
            "2026-03-02T13:00:00+08:00",
        ),
        (
            "JY-T05",
            {"received_at": "2026-03-02 09:00", "urgent_flagged_at": "2026-03-03 08:30"},
            "2026-03-03T09:00:00+08:00",
        ),
        ("JY-T06", {"unit_received_at": "2026-05-08 16:00"}, "2026-05-09T23:59:59+08:00"),
        ("JY-T07", {"unit_received_at": "2026-05-08 16:00"}, "2026-05-11T23:59:59+08:00"),
        ("JY-T08", {"unit_received_at": "2026-05-08 16:00"}, "2026-05-14T23:59:59+08:00"),
        (
            "JY-T08",
            {"unit_received_at": "2026-05-08 16:00", "order_due": "2026-05-12"},
            "2026-05-12T23:59:59+08:00",
        ),
        (
            "JY-T09",
            {"unit_received_at": "2026-05-08 16:00", "order_due": "2026/5/20 9:30"},
            "2026-05-20T09:30:00+08:00",
        ),
        ("JY-T09", {"unit_received_at": "2026-05-08 16:00"}, None),
        ("JY-T03", {"received_at": "2026-05-08 16:00"}, None),
        ("JY-S01", {"received_at": "2026-05-08 16:00"}, None),
    ],
)
def test_every_limit_of_jy_answers_due(rule, facts, due_at):
    assert Calculator().ask(rule, facts).due_at == due_at


@given(moments, st.integers(1, 15))
def test_working_days_equal_a_walk_day_by_day(start, count):
    due = PLAIN.due(Limit(working_days=count), start, {})
    day, left = start.date(), count
    while left:
        day += timedelta(days=1)
        left -= PLAIN.calendar.is_working(day)
    assert due.at == datetime.combine(day, time(23, 59, 59), BEIJING)


@given(moments, st.integers(1, 15))
def test_the_working_lists_exactly_the_days_that_make_the_answer(start, count):
    working = PLAIN.working(Limit(working_days=count), start, {})
    assert working.days[0].on == start.date() + timedelta(days=1)
    assert working.days[-1].on == working.due.at.date()
    assert working.days[-1].working
    assert sum(day.working for day in working.days) == count


@given(moments, moments, st.integers(1, 10))
def test_a_later_start_is_never_due_earlier(one, other, count):
    first, second = sorted((one, other))
    for limit in (Limit(working_days=count), Limit(hours=count), Limit(minutes=count)):
        assert PLAIN.due(limit, first, {}).at <= PLAIN.due(limit, second, {}).at


@given(moments, moments, st.integers(1, 10))
def test_the_smallest_of_two_is_one_of_them_and_provisional_only_if_it_could_move(start, given_due, count):
    part = Limit(working_days=count)
    due = PLAIN.due(Limit(smallest_of=(part, Limit(at=("order_due",)))), start, {"order_due": given_due})
    alone = PLAIN.due(part, start, {})
    assert due.at == min(alone.at, given_due)
    assert due.earliest <= due.at
    if given_due <= alone.earliest:
        assert not due.provisional
    elif alone.provisional and alone.earliest < due.at:
        assert due.provisional


@given(moments)
def test_a_limit_is_provisional_exactly_when_its_last_day_is_past_the_horizon(start):
    due = PLAIN.due(Limit(working_days=5), start, {})
    assert due.provisional == (due.at.date() > PLAIN.calendar.horizon_on)


def test_past_the_horizon_statutory_holidays_are_off_and_nothing_crashes():
    due = PLAIN.due(Limit(working_days=1), at("2027-02-04 10:00"), {})
    assert due.at == at("2027-02-09 23:59:59")  # Friday 5 is New Year's Eve, 6 to 8 the festival
    assert due.provisional


def test_told_to_refuse_unknown_years_it_says_so():
    with pytest.raises(CalendarHorizonError):
        reckoner(**{"cal.unknown_year": "refuse"}).due(Limit(working_days=2), at("2026-12-31 10:00"), {})


def test_hours_run_through_nights_and_holidays():
    assert PLAIN.due(Limit(hours=24), at("2026-09-30 23:59:59"), {}).at == at("2026-10-01 23:59:59")
