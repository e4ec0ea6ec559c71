"""
Reminders of the five documents: each row's day as counted by hand, under each reading, and on which days.

A row is carried when one of `BY_HAND` fails once it is deleted or shifted.
"""

import copy
from collections import Counter
from datetime import date
from typing import Any

import pytest
from support.lives import beijing, mutants, with_rows

from paidan.policies.calendar import work_calendar
from paidan.policies.errors import CalendarHorizonError, PolicyError, SettingError
from paidan.policies.registry import document
from paidan.policies.reminders import ASKED_BY, due_of, falling_in, period_of
from paidan.policies.rulebook import calendar_for
from paidan.policies.schema import PERIODS, ReminderRule, carrier

FIVE = ("BS", "JY", "SW", "YY", "ZZ")
EXCLUSIVE = {"fixed_date.inclusive": False}
SHIFTED = {"fixed_date.holiday_shift": "next_working_day"}
CENTRE, OFFICE, SECTION, UNIT = (
    ("centre_head",),
    ("hotline_office",),
    ("licensing_section",),
    ("handling_unit",),
)
LEADERS = ("hotline_branch_leader", "main_leader")

# rule, period asked for, settings, day due, whose business. In 2026 the 5th of April is a Sunday and
# 清明节, off until Monday; the 1st to 7th of October are off; 9 May is a Saturday worked in exchange.
BY_HAND: tuple[tuple[str, str, dict[str, Any], str | None, tuple[str, ...]], ...] = (
    ("JY-R09", "week 2026-W10", {}, "2026-03-08", LEADERS),
    ("JY-R09", "week 2026-W53", {}, "2027-01-03", LEADERS),
    ("JY-R09", "month 2026-03 by week", {}, "2026-03-29", LEADERS),
    ("JY-P02", "month 2026-03", {}, "2026-04-05", CENTRE),
    ("JY-P02", "month 2026-12", {}, "2027-01-05", CENTRE),
    ("JY-P02", "month 2026-03", EXCLUSIVE, "2026-04-04", CENTRE),
    ("JY-P02", "month 2026-03", SHIFTED, "2026-04-07", CENTRE),
    ("JY-P02", "month 2026-03", {"publish.day": 10}, "2026-04-10", CENTRE),
    ("JY-P02", "month 2026-01", {"publish.day": 31}, "2026-02-28", CENTRE),
    ("JY-P02", "year 2026", {}, "2026-12-05", CENTRE),
    ("JY-P02", "year 2026", EXCLUSIVE, "2026-12-04", CENTRE),
    ("JY-P02", "year 2026", SHIFTED, "2026-12-07", CENTRE),
    ("JY-P02", "year 2026", {"publish.day": 31}, "2026-12-31", CENTRE),
    ("JY-P03", "year 2026", {}, "2026-11-30", CENTRE),
    ("JY-P03", "year 2026", {"year.basis": "calendar"}, "2026-11-30", CENTRE),
    ("JY-P05", "year 2026", {}, "2026-10-31", CENTRE),
    ("JY-P05", "year 2026", {"year.basis": "calendar"}, "2026-12-31", CENTRE),
    ("BS-T05", "month 2026-03", {}, "2026-04-05", SECTION),
    ("BS-T05", "month 2025-12", {}, "2026-01-05", SECTION),
    ("BS-T05", "month 2026-03", EXCLUSIVE, "2026-04-04", SECTION),
    ("BS-T05", "month 2026-09", SHIFTED, "2026-10-08", SECTION),
    ("BS-T05", "month 2026-02", SHIFTED, "2026-03-05", SECTION),
    ("BS-T05", "month 2026-03", EXCLUSIVE | SHIFTED, "2026-04-07", SECTION),
    ("BS-T06", "month 2026-03", {}, "2026-03-25", UNIT),
    ("BS-T06", "month 2026-03", EXCLUSIVE, "2026-03-24", UNIT),
    ("BS-T06", "month 2026-04", SHIFTED, "2026-04-27", UNIT),
    ("BS-P04", "day 2026-03-07", {}, "2026-03-07", UNIT),
    ("BS-P04", "day 2026-03-07", {"bs.daily_review": "working_days"}, None, UNIT),
    ("BS-P04", "day 2026-05-09", {"bs.daily_review": "working_days"}, "2026-05-09", UNIT),
    ("BS-P04", "month 2026-05 by day", {}, "2026-05-31", UNIT),
    ("BS-P04", "month 2026-05 by day", {"bs.daily_review": "working_days"}, "2026-05-29", UNIT),
    ("BS-P05", "week 2026-W10", {}, "2026-03-08", UNIT),
    ("BS-P05", "month 2026-05 by week", {}, "2026-05-31", UNIT),
    ("BS-C01", "week 2026-W10", {}, "2026-03-08", UNIT),
    ("BS-C01", "month 2026-05 by week", {}, "2026-05-31", UNIT),
    ("BS-P06", "month 2026-02", {}, "2026-02-28", UNIT),
    ("BS-P07", "quarter 2026Q1", {}, "2026-01-31", ("unit_head",)),
    ("BS-P07", "quarter 2026Q4", {}, "2026-10-31", ("unit_head",)),
    ("BS-P07", "quarter 2026Q1", {"bs.quarter_basis": "calendar"}, "2026-03-31", ("unit_head",)),
    ("BS-P08", "quarter 2026Q2", {}, "2026-04-30", SECTION),
    ("YY-P01", "month 2026-03", {}, "2026-04-05", OFFICE),
    ("YY-P01", "month 2026-03", EXCLUSIVE, "2026-04-04", OFFICE),
    ("YY-P01", "month 2026-03", SHIFTED, "2026-04-07", OFFICE),
    ("YY-P01", "month 2026-03", {"publish.day": 1}, "2026-04-01", OFFICE),
    ("YY-P01", "quarter 2026Q1", {}, "2026-04-05", (*OFFICE, "main_leader")),
    ("YY-P01", "quarter 2026Q4", {}, "2027-01-05", (*OFFICE, "main_leader")),
    ("YY-P01", "quarter 2026Q1", EXCLUSIVE, "2026-04-04", (*OFFICE, "main_leader")),
    ("YY-P01", "quarter 2026Q1", SHIFTED, "2026-04-07", (*OFFICE, "main_leader")),
    ("YY-P01", "year 2026", {}, "2027-01-05", OFFICE),
    ("YY-P01", "year 2026", EXCLUSIVE, "2027-01-04", OFFICE),
    ("YY-P01", "year 2024", SHIFTED, "2025-01-06", OFFICE),
    ("YY-R09", "month 2026-03", {}, "2026-04-05", OFFICE),
    ("YY-R09", "month 2026-03", EXCLUSIVE, "2026-04-04", OFFICE),
    ("YY-R09", "month 2026-03", SHIFTED, "2026-04-07", OFFICE),
    ("YY-R09", "month 2026-03", {"publish.day": 1}, "2026-04-01", OFFICE),
    ("SW-R04", "year 2015", {}, "2015-12-05", ("leading_group", *OFFICE)),
    ("SW-R04", "year 2015", EXCLUSIVE, "2015-12-04", ("leading_group", *OFFICE)),
    ("SW-R04", "year 2015", SHIFTED, "2015-12-07", ("leading_group", *OFFICE)),
    ("SW-R04", "year 2015", {"publish.day": 9}, "2015-12-09", ("leading_group", *OFFICE)),
    ("SW-T05", "month 2015-03", {}, "2015-03-31", UNIT),
    ("SW-T05", "month 2024-02", {}, "2024-02-29", UNIT),
)
CARRIED = {line[0] for line in BY_HAND}
EACH_LINE = pytest.mark.parametrize(
    "line", [pytest.param(one, id=" ".join(map(str, one[:3]))) for one in BY_HAND]
)


def policy_of(name, settings=None, found=None):
    found = found or document(name)
    return found.policy(found.versions[0], settings or {})


def row_of(policy, rule, every):
    rows = [row for row in policy.of(ReminderRule) if row.rule == rule and every in ASKED_BY[row.every]]
    assert rows, f"{rule} is not asked for by {every}"
    return min(rows, key=lambda row: row.every != every)


def reminder(line, found=None):
    rule, asked, settings, *_ = line
    every, name, *_ = asked.split()
    policy = policy_of(rule[:2], settings, found)
    return due_of(row_of(policy, rule, every), period_of(policy, every, name), calendar_for(policy))


def check(line, found=None):
    told, (_, asked, _, day, roles) = reminder(line, found), line
    if day is None:
        assert told is None
        return
    assert told.due.at == beijing(f"{day} 23:59:59")
    assert told.rule.roles == roles
    every, name, *recurs = asked.split()
    assert (told.rule.every, told.last_of) == ((recurs[1], name) if recurs else (every, ""))


def check_all(name, found):
    for line in BY_HAND:
        if line[0].startswith(name):
            check(line, found)


@EACH_LINE
def test_a_reminder_is_due_on_the_day_counted_by_hand(line):
    check(line)


def changes():
    """Every reminder row of the documents deleted, and each small change of it; how often it recurs too."""
    for name in FIVE:
        found = document(name)
        yield from ((name, *one) for one in mutants(found, ("reminder",)))
        for position, row in enumerate(found.versions[0].rows.get("reminder", ())):
            for every in PERIODS:
                if every != row["every"]:
                    rows = copy.deepcopy(dict(found.versions[0].rows))
                    rows["reminder"][position]["every"] = every
                    yield name, f"{row['rule']} reminder every = {every}", rows


CHANGES = list(changes())


@pytest.mark.parametrize(("name", "rows"), [pytest.param(one[0], one[2], id=one[1]) for one in CHANGES])
def test_a_deleted_or_shifted_reminder_is_noticed(name, rows):
    found = with_rows(document(name), rows)
    with pytest.raises((AssertionError, PolicyError, SettingError)):
        check_all(name, found)


def test_every_reminder_row_is_among_the_changed_ones_and_what_carries_its_rule():
    rows = {name: policy_of(name).of(ReminderRule) for name in FIVE}
    assert {row.rule for found in rows.values() for row in found} == CARRIED
    assert {carrier(row) for found in rows.values() for row in found} == {"reminder"}
    deleted = Counter(title.split()[0] for _, title, _ in CHANGES if title.endswith("deleted"))
    assert deleted == Counter(row.rule for found in rows.values() for row in found)


def titles(reminders):
    return [f"{one.due.at:%m-%d} {one.rule.rule} {one.period.name}" for one in reminders]


def test_a_month_lists_what_falls_due_in_it_in_order_of_time():
    assert titles(falling_in(policy_of("JY"), "2026-11")) == [
        "11-01 JY-R09 2026-W44",
        "11-05 JY-P02 2026-10",
        "11-08 JY-R09 2026-W45",
        "11-15 JY-R09 2026-W46",
        "11-22 JY-R09 2026-W47",
        "11-29 JY-R09 2026-W48",
        "11-30 JY-P03 2026",
    ]
    assert titles(falling_in(policy_of("SW"), "2015-02")) == ["02-28 SW-T05 2015-02"]
    assert titles(falling_in(policy_of("YY"), "2027-01")) == [
        "01-05 YY-P01 2026-12",
        "01-05 YY-P01 2026Q4",
        "01-05 YY-P01 2026",
        "01-05 YY-R09 2026-12",
    ]
    assert falling_in(policy_of("ZZ"), "2026-03") == []


def test_a_daily_reminder_is_listed_on_each_day_it_is_due():
    told = [one for one in falling_in(policy_of("BS"), "2026-05") if one.rule.every == "day"]
    assert [one.due.at.day for one in told] == list(range(1, 32))
    working = policy_of("BS", {"bs.daily_review": "working_days"})
    told = [one for one in falling_in(working, "2026-05") if one.rule.every == "day"]
    assert [one.due.at.day for one in told] == [6, 7, 8, 9, *range(11, 16), *range(18, 23), *range(25, 30)]


def test_a_shift_moves_a_reminder_into_the_month_it_falls_due_in():
    policy = policy_of("YY", {"publish.day": 31} | SHIFTED)
    assert titles(falling_in(policy, "2026-05")) == []
    assert titles(falling_in(policy, "2026-06")) == [
        "06-01 YY-P01 2026-04", "06-01 YY-R09 2026-04", "06-30 YY-P01 2026-05", "06-30 YY-R09 2026-05",
    ]  # fmt: skip


@pytest.mark.parametrize("settings", [{}, EXCLUSIVE, SHIFTED, EXCLUSIVE | SHIFTED])
@pytest.mark.parametrize("name", FIVE)
def test_over_two_years_each_period_is_listed_once(name, settings):
    unread = document(name).unread
    policy = policy_of(name, {key: value for key, value in settings.items() if key not in unread})
    months = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]
    listed = Counter((one.rule.rule, one.period) for month in months for one in falling_in(policy, month))
    assert set(listed.values()) <= {1}
    times = {"day": 730, "week": 104, "month": 24, "quarter": 8, "year": 2}
    for row in policy.of(ReminderRule):
        found = [period for rule, period in listed if (rule, period.every) == (row.rule, row.every)]
        assert len(found) == times[row.every]


def test_a_day_that_no_calendar_can_move_is_never_provisional():
    for line in BY_HAND:
        told = reminder(line)
        if told and "fixed_date.holiday_shift" not in line[2]:
            assert not told.due.provisional
    refuse = {"cal.unknown_year": "refuse"}
    assert titles([reminder(("YY-P01", "year 2026", refuse))]) == ["01-05 YY-P01 2026"]


def test_a_day_past_the_horizon_that_gives_way_to_a_day_off_is_provisional():
    due = reminder(("YY-P01", "year 2026", SHIFTED)).due
    assert due.at == beijing("2027-01-05 23:59:59")
    assert due.provisional
    # A Saturday may yet be worked in exchange, and then nothing gives way.
    due = reminder(("BS-T05", "month 2027-05", SHIFTED)).due
    assert due.at == beijing("2027-06-07 23:59:59")
    assert due.provisional
    assert due.earliest == beijing("2027-06-05 23:59:59")
    with pytest.raises(CalendarHorizonError):
        reminder(("YY-P01", "year 2026", SHIFTED | {"cal.unknown_year": "refuse"}))


def test_a_day_review_of_working_days_is_provisional_past_the_horizon():
    told = reminder(("BS-P04", "day 2027-03-01", {"bs.daily_review": "working_days"}))
    assert told.due.provisional
    assert not reminder(("BS-P04", "day 2027-03-01", {})).due.provisional


def test_the_days_passed_over_are_told_one_by_one():
    told = reminder(("BS-T05", "month 2026-03", SHIFTED))
    assert [(day.on, day.working) for day in told.days] == [
        (date(2026, 4, 5), False),
        (date(2026, 4, 6), False),
        (date(2026, 4, 7), True),
    ]
    assert told.named_on == date(2026, 4, 5)


@pytest.mark.parametrize(
    ("every", "name"),
    [
        ("day", "2026-02-29"), ("day", "2026-W10-1"), ("week", "2025-W53"), ("week", "2026-10"),
        ("month", "2026-13"), ("month", "2026-3"), ("quarter", "2026Q5"), ("quarter", "2026"),
        ("year", "26"), ("year", "1989"), ("year", "2026-03"), ("month", "2100-01"),
    ],
)  # fmt: skip
def test_a_period_that_does_not_exist_is_none(every, name):
    with pytest.raises(ValueError, match=r"."):
        period_of(policy_of("BS"), every, name)


def test_what_recurs_by_the_year_is_not_asked_for_by_the_month():
    policy = policy_of("JY")
    row = row_of(policy, "JY-P03", "year")
    with pytest.raises(ValueError, match="month"):
        due_of(row, period_of(policy, "month", "2026-03"), work_calendar())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"every": "fortnight"}, "name_unknown"),
        ({"due": {"day": 0}}, "day_number"),
        ({"due": {"day": 32}}, "day_number"),
        ({"every": "year", "due": {"month": 13}}, "month_number"),
        ({"due": {"shift": "previous_working_day"}}, "name_unknown"),
        ({"due": {"weekday": 1}}, "key_unknown"),
        ({"due": 5}, "table_wanted"),
        ({"due": {"month": 11}}, "reminder_unfit"),
        ({"every": "year", "due": {"month": 11, "following": True}}, "reminder_unfit"),
        ({"every": "year", "due": {"day": 5}}, "reminder_unfit"),
        ({"every": "week", "due": {"following": True}}, "reminder_unfit"),
        ({"every": "week", "due": {"day": 5}}, "reminder_unfit"),
        ({"due": {"inclusive": False}}, "reminder_unfit"),
        ({"days": "working_days"}, "reminder_unfit"),
        ({"roles": ["nobody"]}, "name_unknown"),
        ({"rule": "SW-T05"}, "rule_twice"),
    ],
)
def test_a_reminder_that_says_nothing_of_its_period_is_not_read(said, code):
    found = document("SW")
    row = {"rule": "SW-T06", "clause": "六", "zh": "报送", "en": "Report", "every": "month", **said}
    rows = copy.deepcopy(dict(found.versions[0].rows))
    rows["reminder"].append(row)
    with pytest.raises(PolicyError) as refused:
        policy_of("SW", found=with_rows(found, rows))
    assert code in {mistake.code for mistake in refused.value.mistakes}


def test_one_rule_may_remind_of_several_things_that_recur_differently():
    rows = [row for row in policy_of("YY").of(ReminderRule) if row.rule == "YY-P01"]
    assert [row.every for row in rows] == ["month", "quarter", "year"]
