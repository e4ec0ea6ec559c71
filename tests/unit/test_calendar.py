"""What the working calendar promises: notices where there are any, the law's own holidays elsewhere."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidan.policies import calendar as module
from paidan.policies.calendar import Day, DayKind, WorkCalendar, statutory_holidays, work_calendar
from paidan.policies.errors import CalendarHorizonError, CalendarRangeError
from paidan.workflows.errors import PaidanError

CALENDAR = work_calendar()
NO_MAKEUP = work_calendar(makeup_days=False)
REFUSING = work_calendar(unknown_year="refuse")
KNOWN = [
    date.fromordinal(ordinal)
    for ordinal in range(CALENDAR.known_from_on.toordinal(), CALENDAR.horizon_on.toordinal() + 1)
]
OFFICE = {"opens": time(9), "closes": time(17)}
ONE_DAY = timedelta(days=1)

editions = st.sampled_from([CALENDAR, NO_MAKEUP])
dates = st.dates(date(1995, 1, 1), date(2045, 12, 31))
around_the_horizon = st.dates(date(2026, 9, 1), date(2027, 10, 31))
counts = st.integers(1, 60)


def by_name(year: int) -> dict[str, list[str]]:
    days: dict[str, list[str]] = {}
    for ordinal, name in statutory_holidays(year).items():
        days.setdefault(name, []).append(date.fromordinal(ordinal).strftime("%m-%d"))
    return days


def walked(calendar: WorkCalendar, on: date, count: int) -> date:
    while count:
        on += ONE_DAY
        count -= calendar.is_working(on)
    return on


# Known years.


def test_every_known_day_is_worked_exactly_when_the_library_says_so() -> None:
    assert [on for on in KNOWN if CALENDAR.is_working(on) != chinese_calendar.is_workday(on)] == []


def test_known_days_carry_the_librarys_holiday_under_its_official_chinese_name() -> None:
    chinese = {
        "New Year's Day": "元旦",
        "Spring Festival": "春节",
        "Tomb-sweeping Day": "清明节",
        "Labour Day": "劳动节",
        "Dragon Boat Festival": "端午节",
        "Mid-autumn Festival": "中秋节",
        "National Day": "国庆节",
        "Anti-Fascist 70th Day": "中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日",
        None: None,
    }
    expected = {on: chinese[chinese_calendar.get_holiday_detail(on)[1]] for on in KNOWN}
    days = CALENDAR.days(CALENDAR.known_from_on - ONE_DAY, CALENDAR.horizon_on)
    assert {day.on: day.holiday for day in days} == expected


def test_no_known_day_is_provisional_and_both_neighbours_of_the_known_years_are() -> None:
    days = [*CALENDAR.days(CALENDAR.known_from_on - 2 * ONE_DAY, CALENDAR.horizon_on + ONE_DAY)]
    assert [day.on for day in days if day.provisional] == [days[0].on, days[-1].on]


def test_the_horizon_is_the_last_day_of_the_last_year_in_the_librarys_data() -> None:
    years = {on.year for on in chinese_calendar.holidays}
    assert CALENDAR.known_from_on == date(min(years), 1, 1)
    assert CALENDAR.horizon_on == date(max(years), 12, 31)


@pytest.mark.parametrize(
    ("day", "working", "kind", "holiday"),
    [
        ("2026-05-08", True, DayKind.WORKDAY, None),
        ("2026-05-09", True, DayKind.MAKEUP, "劳动节"),
        ("2026-05-10", False, DayKind.WEEKEND, None),
        ("2026-10-01", False, DayKind.HOLIDAY, "国庆节"),
        ("2026-09-26", False, DayKind.HOLIDAY, "中秋节"),
    ],
)
def test_a_day_says_whether_and_why_it_is_worked(
    day: str, kind: DayKind, holiday: str | None, *, working: bool
) -> None:
    on = date.fromisoformat(day)
    expected = Day(on=on, working=working, kind=kind, holiday=holiday, provisional=False)
    assert CALENDAR.day(on) == expected


def test_one_working_day_after_a_friday_is_the_make_up_saturday() -> None:
    assert CALENDAR.nth_working_day_after(date(2026, 5, 8), 1) == date(2026, 5, 9)


def test_one_working_day_before_national_day_ends_after_the_whole_holiday() -> None:
    assert CALENDAR.nth_working_day_after(date(2026, 9, 30), 1) == date(2026, 10, 8)


def test_a_saturday_receipt_is_due_on_monday_when_the_saturday_is_not_made_up() -> None:
    assert CALENDAR.nth_working_day_after(date(2026, 5, 16), 1) == date(2026, 5, 18)


def test_the_first_working_day_from_a_day_may_be_that_day() -> None:
    assert CALENDAR.first_working_day_from(date(2026, 5, 9)) == date(2026, 5, 9)
    assert CALENDAR.first_working_day_from(date(2026, 10, 1)) == date(2026, 10, 8)


def test_without_make_up_days_a_make_up_saturday_is_named_but_not_worked() -> None:
    day = NO_MAKEUP.day(date(2026, 5, 9))
    assert (day.working, day.kind, day.holiday) == (False, DayKind.MAKEUP, "劳动节")
    assert NO_MAKEUP.nth_working_day_after(date(2026, 5, 8), 1) == date(2026, 5, 11)


# Years without a notice.


def test_the_statutory_holidays_of_2027_are_the_thirteen_days_of_the_regulation() -> None:
    # The lunar ones checked against the Hong Kong Observatory and Meeus' algorithms: the new moon of
    # 6 February comes at 23:56 Beijing time, which is why ICU 78 has New Year a day late.
    assert by_name(2027) == {
        "元旦": ["01-01"],
        "春节": ["02-05", "02-06", "02-07", "02-08"],
        "清明节": ["04-05"],
        "劳动节": ["05-01", "05-02"],
        "端午节": ["06-09"],
        "中秋节": ["09-15"],
        "国庆节": ["10-01", "10-02", "10-03"],
    }


def test_a_new_moon_just_after_midnight_begins_the_lunar_year_on_the_later_day() -> None:
    assert by_name(2030)["春节"] == ["02-02", "02-03", "02-04", "02-05"]


def test_a_mid_autumn_on_national_day_is_one_day_off_under_the_name_of_national_day() -> None:
    assert len(statutory_holidays(2031)) == 12
    assert CALENDAR.day(date(2031, 10, 1)).holiday == "国庆节"


@pytest.mark.parametrize("year", range(2008, CALENDAR.horizon_on.year + 1))
def test_the_computed_lunar_holidays_agree_with_the_notices_since_they_are_days_off(year: int) -> None:
    lunar = {"清明节", "端午节", "中秋节"}
    for ordinal, name in statutory_holidays(year).items():
        if name in lunar:
            assert not CALENDAR.is_working(date.fromordinal(ordinal))
    eve_to_third = [date.fromordinal(day) for day, name in statutory_holidays(year).items() if name == "春节"]
    assert {CALENDAR.day(on).holiday for on in eve_to_third[1:]} == {"春节"}


@pytest.mark.parametrize("year", range(2025, CALENDAR.horizon_on.year + 1))
def test_all_statutory_holidays_are_days_off_in_the_notices_since_the_revision(year: int) -> None:
    days = [CALENDAR.day(date.fromordinal(ordinal)) for ordinal in statutory_holidays(year)]
    assert len(days) == 13
    assert {day.kind for day in days} == {DayKind.HOLIDAY}


@pytest.mark.parametrize("year", [1990, 2003, 2027, 2033, 2100])
def test_without_a_notice_monday_to_friday_less_the_statutory_holidays_is_worked(year: int) -> None:
    days = [*CALENDAR.days(date(year - 1, 12, 31), date(year, 12, 31))]
    assert all(day.provisional for day in days)
    assert all(day.kind != DayKind.MAKEUP for day in days)
    off = statutory_holidays(year)
    assert [day.on for day in days if day.working] == [
        day.on for day in days if day.on.weekday() < 5 and day.on.toordinal() not in off
    ]
    assert {day.on.toordinal(): day.holiday for day in days if day.holiday} == off


def test_a_december_deadline_is_counted_into_the_year_without_a_notice() -> None:
    assert CALENDAR.nth_working_day_after(date(2026, 12, 30), 2) == date(2027, 1, 4)
    assert CALENDAR.day(date(2027, 1, 4)).provisional


def test_a_refusing_calendar_stops_at_the_horizon_and_says_what_to_do() -> None:
    assert REFUSING.nth_working_day_after(date(2026, 12, 30), 1) == date(2026, 12, 31)
    with pytest.raises(CalendarHorizonError) as caught:
        REFUSING.nth_working_day_after(date(2026, 12, 30), 2)
    assert isinstance(caught.value, PaidanError)
    assert (caught.value.on, caught.value.edition) == (date(2027, 1, 1), REFUSING.edition)
    assert (caught.value.known_from_on, caught.value.horizon_on) == (date(2004, 1, 1), date(2026, 12, 31))
    assert str(caught.value).endswith(
        "knows 2004-01-01..2026-12-31, but 2027-01-01 was needed: install a chinese-calendar release "
        "that carries 2027, or set cal.unknown_year = provisional"
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda: REFUSING.day(date(2027, 1, 1)),
        lambda: REFUSING.is_working(date(2003, 12, 31)),
        lambda: REFUSING.first_working_day_from(date(2027, 1, 1)),
        lambda: REFUSING.earliest_possible(date(2026, 12, 31), 1),
        lambda: [*REFUSING.days(date(2026, 12, 31), date(2027, 1, 1))],
        lambda: REFUSING.add_working_time(datetime(2026, 12, 31, 16), timedelta(hours=2), **OFFICE),
    ],
)
def test_a_refusing_calendar_answers_no_question_that_needs_an_unknown_day(ask: Callable[[], object]) -> None:
    with pytest.raises(CalendarHorizonError):
        ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: CALENDAR.day(date(2101, 1, 1)),
        lambda: CALENDAR.is_working(date(1989, 12, 31)),
        lambda: CALENDAR.nth_working_day_after(date(2026, 5, 8), 30_000),
        lambda: CALENDAR.nth_working_day_after(date.max, 1),
        lambda: CALENDAR.nth_working_ordinal_after(-1, 1),
        lambda: CALENDAR.first_working_day_from(date.min),
    ],
)
def test_days_outside_1990_to_2100_are_refused_with_the_bounds_named(ask: Callable[[], object]) -> None:
    with pytest.raises(CalendarRangeError, match=r"1990-01-01\.\.2100-12-31") as caught:
        ask()
    assert isinstance(caught.value, PaidanError)
    assert not caught.value.first_on <= caught.value.on <= caught.value.last_on


def test_the_first_and_the_last_working_day_within_the_bounds_can_be_reached() -> None:
    assert WorkCalendar().nth_working_day_after(date(1989, 12, 31), 1) == date(1990, 1, 2)
    assert CALENDAR.nth_working_day_after(date(2100, 12, 30), 1) == date(2100, 12, 31)


# Counting.


@given(editions, dates | around_the_horizon, counts)
def test_counting_by_table_equals_walking_day_by_day(calendar: WorkCalendar, on: date, count: int) -> None:
    expected = walked(calendar, on, count)
    assert calendar.nth_working_day_after(on, count) == expected
    assert calendar.nth_working_ordinal_after(on.toordinal(), count) == expected.toordinal()


@given(editions, dates | around_the_horizon)
def test_the_first_working_day_is_reached_over_days_that_are_not_worked(
    calendar: WorkCalendar, on: date
) -> None:
    first = calendar.first_working_day_from(on)
    assert [day.on for day in calendar.days(on - ONE_DAY, first) if day.working] == [first]


@given(editions, dates | around_the_horizon, counts)
def test_the_earliest_possible_day_is_never_later_and_within_the_known_years_the_same(
    calendar: WorkCalendar, on: date, count: int
) -> None:
    counted, earliest = calendar.nth_working_day_after(on, count), calendar.earliest_possible(on, count)
    assert on < earliest <= counted
    if calendar.known_from_on <= on and counted <= calendar.horizon_on:
        assert earliest == counted


def test_a_later_notice_may_make_a_provisional_weekend_worked_but_no_statutory_holiday() -> None:
    assert CALENDAR.earliest_possible(date(2026, 12, 30), 2) == date(2027, 1, 2)
    assert CALENDAR.earliest_possible(date(2027, 2, 4), 1) == date(2027, 2, 9)
    assert CALENDAR.earliest_possible(date(2003, 12, 26), 5) == date(2003, 12, 31)


def test_without_make_up_days_a_provisional_weekend_stays_free() -> None:
    assert NO_MAKEUP.earliest_possible(date(2026, 12, 30), 2) == date(2027, 1, 4)


@pytest.mark.parametrize("year", range(2025, CALENDAR.horizon_on.year + 1))
def test_the_earliest_possible_day_held_once_the_notice_under_todays_law_came(
    year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = WorkCalendar()
    monkeypatch.setattr(before, "_known", range(KNOWN[0].toordinal(), date(year, 1, 1).toordinal()))
    for on in (on for on in KNOWN if date(year - 1, 12, 15) <= on < date(year, 12, 1)):
        for count in (1, 2, 5, 15):
            assert before.earliest_possible(on, count) <= CALENDAR.nth_working_day_after(on, count)


@pytest.mark.parametrize("count", [0, -1])
def test_a_count_below_one_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"count is {count}"):
        CALENDAR.nth_working_day_after(date(2026, 5, 8), count)


def test_a_datetime_is_refused_because_its_date_may_be_another_one_in_beijing() -> None:
    with pytest.raises(TypeError, match="give its civil date in Beijing"):
        CALENDAR.nth_working_day_after(datetime(2026, 5, 8, 17, tzinfo=UTC), 1)


def test_days_run_from_the_one_after_the_first_through_the_last() -> None:
    days = CALENDAR.days(date(2026, 5, 7), date(2026, 5, 9))
    assert [day.on.day for day in days] == [8, 9]
    assert [*CALENDAR.days(date(2026, 5, 9), date(2026, 5, 9))] == []


# Office hours.


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-05-08 10:00", 2, "2026-05-08 12:00"),
        ("2026-05-08 16:00", 2, "2026-05-09 10:00"),
        ("2026-05-08 09:00", 8, "2026-05-08 17:00"),
        ("2026-05-08 08:00", 1, "2026-05-08 10:00"),
        ("2026-05-08 17:00", 1, "2026-05-09 10:00"),
        ("2026-09-30 16:30", 1, "2026-10-08 09:30"),
        ("2026-10-03 12:00", 24, "2026-10-10 17:00"),
    ],
)
def test_office_hours_are_counted_on_working_days_between_opening_and_closing(
    start: str, hours: int, end: str
) -> None:
    reached = CALENDAR.add_working_time(datetime.fromisoformat(start), timedelta(hours=hours), **OFFICE)
    assert reached == datetime.fromisoformat(end)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 3, 1)), st.integers(1, 6000))
def test_office_time_passes_only_within_office_hours_and_adds_up(start: datetime, minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    end = CALENDAR.add_working_time(start, duration, **OFFICE)
    passed = timedelta(0)
    for day in CALENDAR.days(start.date() - ONE_DAY, end.date()):
        if day.working:
            opening, closing = (datetime.combine(day.on, OFFICE[edge]) for edge in ("opens", "closes"))
            passed += max(min(end, closing) - max(start, opening), timedelta(0))
    assert passed == duration
    assert CALENDAR.is_working(end.date())
    assert OFFICE["opens"] < end.time() <= OFFICE["closes"]


@pytest.mark.parametrize(
    ("start", "duration", "office", "complaint"),
    [
        (datetime(2026, 5, 8, 10, tzinfo=UTC), ONE_DAY, OFFICE, "naive Beijing times"),
        (datetime(2026, 5, 8, 10), timedelta(0), OFFICE, "give a positive one"),
        (datetime(2026, 5, 8, 10), ONE_DAY, {"opens": time(17), "closes": time(9)}, "office hours"),
    ],
)
def test_office_hours_that_make_no_sense_are_refused(
    start: datetime, duration: timedelta, office: dict[str, time], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        CALENDAR.add_working_time(start, duration, **office)


# Editions.


def test_an_edition_names_its_source_its_reach_and_every_option_that_is_not_the_default() -> None:
    source = (
        f"chinese-calendar {chinese_calendar.__version__}; {CALENDAR.known_from_on}..{CALENDAR.horizon_on}"
    )
    assert CALENDAR.edition == source
    assert WorkCalendar(makeup_days=False, unknown_year="refuse").edition == (
        f"{source}; wd.makeup_days=false; cal.unknown_year=refuse"
    )
    assert repr(CALENDAR) == f"<WorkCalendar {source}>"


def test_one_calendar_is_shared_by_all_who_ask_for_the_same_settings() -> None:
    assert work_calendar(makeup_days=True, unknown_year="provisional") is CALENDAR
    assert work_calendar(makeup_days=False) is not CALENDAR


def test_a_misspelt_reading_of_unknown_years_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown_year is 'guess'"):
        work_calendar(unknown_year="guess")  # type: ignore[arg-type]


def test_threads_growing_one_calendar_get_the_answers_of_one_alone() -> None:
    fresh, years = WorkCalendar(), [*range(2060, 2020, -1), *range(1995, 2021)]
    with ThreadPoolExecutor(8) as pool:
        reached = [*pool.map(lambda year: fresh.nth_working_day_after(date(year, 12, 28), 40), years)]
    assert reached == [CALENDAR.nth_working_day_after(date(year, 12, 28), 40) for year in years]


def test_the_lunar_library_is_loaded_only_for_a_year_without_a_notice() -> None:
    root = Path(module.__file__).parents[1]
    program = f"""
import sys, importlib.machinery as m, importlib.util as u
spec = m.ModuleSpec("paidan", None, is_package=True)
spec.submodule_search_locations = [{str(root)!r}]
sys.modules["paidan"] = u.module_from_spec(spec)
from datetime import date
from paidan.policies.calendar import work_calendar
work_calendar().nth_working_day_after(date(2026, 5, 8), 5)
assert "lunar_python" not in sys.modules
work_calendar().nth_working_day_after(date(2026, 12, 31), 5)
assert "lunar_python" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
