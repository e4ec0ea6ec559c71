"""Editions of the calendar: notices read strictly, laid over the library's years, known from a day on."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.notices import NOTICE_2027, notice

from paidan.policies import calendar as module
from paidan.policies.calendar import DayKind, library_notice, statutory_holidays, work_calendar
from paidan.policies.editions import changed_days, check_follows, from_text, here, notice_of, to_text
from paidan.policies.errors import CalendarHorizonError, PolicyError
from paidan.policies.known import Known, superseded
from paidan.policies.notices import to_toml

CALENDAR = work_calendar()
_BACKWARDS = "2027-01-03/2027-01-01"
TODAY = date(2026, 12, 1)
ALL_DAYS = (date(2003, 12, 31), date(2027, 12, 31))


def codes(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(PolicyError) as told:
        notice_of(text.encode(), "notice.toml")
    return [(one.code, one.where, one.value) for one in told.value.mistakes]


# Reading.


def test_a_notice_file_is_read_into_days_off_and_days_worked() -> None:
    read = notice_of(NOTICE_2027.encode(), "2027.toml")
    assert (read.year, read.notice, read.published_on) == (2027, "试验通知〔2026〕1号", date(2026, 11, 4))
    assert read.off[:3] == tuple((date(2027, 1, day), "元旦") for day in (1, 2, 3))
    assert (date(2027, 2, 20), "春节") in read.work


def test_a_notice_is_written_back_as_it_is_read() -> None:
    read = notice_of(NOTICE_2027.encode(), "2027.toml")
    assert notice_of(to_toml(read).encode(), "again.toml") == read
    assert to_toml(notice_of(to_toml(read).encode(), "")) == to_toml(read)


@pytest.mark.parametrize("year", range(2004, CALENDAR.horizon_on.year + 1))
def test_every_year_of_the_library_is_a_notice_without_a_mistake(year: int) -> None:
    own = library_notice(year)
    assert own is not None
    assert notice_of(to_toml(own).encode(), str(year)) == own


@pytest.mark.parametrize(
    ("old", "new", "mistakes"),
    [
        ("year = 2027", "year = 1027", [("notice_year", "", "1027")]),
        ("year = 2027", 'year = "2027"', [("notice_year", "", "2027")]),
        ("year = 2027\n", "", [("key_missing", "", "")]),
        ("published_on = 2026-11-04", 'published_on = "2026-11-04"', [("day_wanted", "", "2026-11-04")]),
        ("published_on = 2026-11-04", "published_on = 2062-11-04", [("notice_published", "", "2062-11-04")]),
        ("[[holiday]]", "[[holidays]]", [("key_missing", "", ""), ("key_unknown", "", "holidays")]),
        ("notice =", "number =", [("key_missing", "", ""), ("key_unknown", "", "number")]),
        ('work = ["2027-05-08"]', "worked = []", [("key_unknown", "[[holiday]] 劳动节", "worked")]),
        ('name = "元旦"\n', "", [("key_missing", "[[holiday]]", "")]),
        ('"2027-06-09"', '"2027-6-9"', [("notice_day", "[[holiday]] 端午节", "2027-6-9")]),
        ('"2027-06-09"', "2027-06-09", [("notice_day", "[[holiday]] 端午节", "2027-06-09")]),
        ('"2027-06-09"', "", [("notice_no_day", "[[holiday]] 端午节", "")]),
        ("01-01/2027-01-03", "01-03/2027", [("notice_day", "[[holiday]] 元旦", "2027")]),
        ("-01-03", "-03-03", [("notice_run", "[[holiday]] 元旦", "2027-01-01/2027-03-03")]),
        ("01-01/2027-01-03", "01-03/2027-01-01", [("notice_run", "[[holiday]] 元旦", _BACKWARDS)]),
        ('"2027-05-08"', '"2027-05-07"', [("notice_work_weekday", "劳动节", "2027-05-07")]),
        ('"2027-05-08"', '"2028-01-08"', [("notice_day_outside", "劳动节", "2028-01-08")]),
        ('"2027-01-01/', '"2026-12-28/', [("notice_day_outside", "元旦", "2026-12-28")]),
        ('"2027-05-08"', '"2027-02-20"', [("notice_day_twice", "春节", "2027-02-20 (劳动节)")]),
        ("05-01/2027-05-05", "05-02/2027-05-05", [("notice_statutory", "劳动节", "2027-05-01")]),
        ("[[holiday]]", "[[holiday", [("toml_invalid", "", "")]),
    ],
)  # fmt: skip
def test_a_mistake_in_a_notice_is_said_where_it_stands(
    old: str, new: str, mistakes: list[tuple[str, str, str]]
) -> None:
    assert old in NOTICE_2027
    every = old == "[[holiday]]"
    found = codes(NOTICE_2027.replace(old, new) if every else NOTICE_2027.replace(old, new, 1))
    if mistakes[0][0] == "toml_invalid":
        assert [code for code, *_ in found] == ["toml_invalid"]
    else:
        assert found == mistakes


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(PolicyError) as told:
        notice_of(b"\xff\xfe", "notice.toml")
    assert [one.code for one in told.value.mistakes] == ["file_encoding"]


# Overlays.


def test_a_loaded_year_is_known_and_the_edition_names_its_notice() -> None:
    with_it = CALENDAR.with_notice(notice())
    assert with_it.horizon_on == date(2027, 12, 31)
    assert with_it.edition == (
        f"{CALENDAR.edition.split(';')[0]}; 2004-01-01..2027-12-31; 2027 试验通知〔2026〕1号 (2026-11-04)"
    )
    made_up = with_it.day(date(2027, 2, 20))
    assert (made_up.working, made_up.kind, made_up.provisional) == (True, DayKind.MAKEUP, False)
    assert not with_it.day(date(2027, 2, 12)).working
    assert with_it.day(date(2028, 1, 1)).provisional


@given(st.dates(date(2004, 1, 1), date(2026, 12, 28)))
def test_a_notice_leaves_every_day_alone_that_it_does_not_speak_of(on: date) -> None:
    assert CALENDAR.with_notice(notice()).day(on) == CALENDAR.day(on)


def test_a_notice_may_change_the_last_days_of_the_december_before() -> None:
    eve = notice(('"2027-01-01/2027-01-03"', '"2026-12-31/2027-01-02"]\nwork = ["2027-01-03"'))
    with_it = CALENDAR.with_notice(eve)
    assert not with_it.is_working(date(2026, 12, 31))
    assert with_it.nth_working_day_after(date(2026, 12, 30), 1) == date(2027, 1, 3)
    days = [change.after.on for change in changed_days(CALENDAR, with_it, eve)][:3]
    assert days == [date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 3)]


def test_of_two_notices_for_one_year_the_one_published_later_holds_whatever_came_first() -> None:
    first = notice()
    changed = notice(("2026-11-04", "2027-03-01"), ('"2027-06-09"', '"2027-06-07/2027-06-09"'))
    for order in ((first, changed), (changed, first)):
        calendar = work_calendar(known=Known(order))
        assert not calendar.is_working(date(2027, 6, 8))
        assert calendar.as_known_on(date(2027, 2, 28)).is_working(date(2027, 6, 8))


def test_a_notice_that_leaves_a_gap_is_refused() -> None:
    check_follows(notice(), CALENDAR, "n.toml")
    check_follows(notice(), CALENDAR.with_notice(notice()), "n.toml")
    with pytest.raises(PolicyError) as told:
        check_follows(notice(), work_calendar(known=Known(through=2025)), "n.toml")
    (mistake,) = told.value.mistakes
    assert (mistake.code, mistake.value, mistake.allowed) == ("notice_gap", "2027", ("2004..2026",))


def test_without_make_up_days_a_loaded_make_up_day_is_named_but_not_worked() -> None:
    calendar = work_calendar(makeup_days=False).with_notice(notice())
    day = calendar.day(date(2027, 2, 20))
    assert (day.working, day.kind) == (False, DayKind.MAKEUP)


def test_a_refusing_calendar_answers_for_a_loaded_year() -> None:
    refusing = work_calendar(unknown_year="refuse")
    with pytest.raises(CalendarHorizonError):
        refusing.is_working(date(2027, 1, 4))
    loaded = refusing.with_notice(notice())
    assert loaded.is_working(date(2027, 1, 4))
    assert changed_days(refusing, loaded, notice())


# As known on a day.


def test_the_calendar_as_known_today_is_the_calendar() -> None:
    known = CALENDAR.as_known_on(TODAY)
    assert [*known.days(*ALL_DAYS)] == [*CALENDAR.days(*ALL_DAYS)]


def test_the_labour_day_of_2019_was_one_day_until_22_march() -> None:
    before, after = (CALENDAR.as_known_on(date(2019, 3, day)) for day in (21, 22))
    assert "2019 国办发明电〔2018〕15号 (2018-12-06); known on 2019-03-21" in before.edition
    assert before.nth_working_day_after(date(2019, 4, 30), 1) == date(2019, 5, 2)
    assert after.nth_working_day_after(date(2019, 4, 30), 1) == date(2019, 5, 5)
    assert CALENDAR.nth_working_day_after(date(2019, 4, 30), 1) == date(2019, 5, 5)
    of_2019 = library_notice(2019)
    assert of_2019 is not None
    assert [
        (change.after.on.strftime("%m-%d"), change.before.working, change.after.working)
        for change in changed_days(before, after, of_2019)
    ] == [
        ("04-28", False, True), ("05-02", True, False), ("05-03", True, False), ("05-04", False, False),
        ("05-05", False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("on", "day", "before", "after"),
    [
        ("2015-05-12", "2015-09-03", True, False),
        ("2015-05-12", "2015-09-06", False, True),
        ("2020-01-26", "2020-01-31", True, False),
        ("2020-01-26", "2020-02-01", True, False),
        ("2018-12-05", "2018-12-31", True, False),
        ("2018-12-05", "2018-12-29", False, True),
    ],
)
def test_other_changes_were_unknown_the_day_before(on: str, day: str, *, before: bool, after: bool) -> None:
    known_on, asked = date.fromisoformat(on), date.fromisoformat(day)
    assert CALENDAR.as_known_on(known_on).is_working(asked) is before
    assert CALENDAR.as_known_on(known_on + timedelta(days=1)).is_working(asked) is after


@pytest.mark.parametrize("year", range(2004, 2027))
def test_a_year_is_provisional_until_its_first_notice_is_published(year: int) -> None:
    first = next((one for one in superseded() if one.year == year), None) or library_notice(year)
    assert first is not None
    assert date(year - 1, 10, 1) <= first.published_on <= date(year - 1, 12, 31)
    told = CALENDAR.as_known_on(first.published_on)
    untold = CALENDAR.as_known_on(first.published_on - timedelta(days=1))
    assert (told.horizon_on.year, untold.horizon_on.year) == (year, year - 1)
    assert untold.day(date(year, 5, 1)).provisional
    assert untold.day(date(year, 10, 2)).kind is DayKind.HOLIDAY, "the law's own holiday all the same"
    assert not told.day(date(year, 5, 1)).provisional


def test_every_year_of_the_library_has_a_publication_date_of_its_own() -> None:
    assert all(not one.notice.startswith("chinese-calendar") for one in module._library())


def test_a_loaded_notice_is_not_known_before_it_is_published() -> None:
    loaded = CALENDAR.with_notice(notice())
    assert loaded.as_known_on(date(2026, 11, 3)).horizon_on == date(2026, 12, 31)
    assert loaded.as_known_on(date(2026, 11, 4)).horizon_on == date(2027, 12, 31)


def test_nothing_was_known_before_the_first_notice() -> None:
    nothing = CALENDAR.as_known_on(date(2003, 6, 1))
    assert nothing.horizon_on < nothing.known_from_on
    day = nothing.day(date(2004, 1, 23))
    assert (day.provisional, day.kind) == (True, DayKind.HOLIDAY)
    assert day.on.toordinal() in statutory_holidays(2004)


# Kept as text.


def test_what_is_known_is_kept_as_text_with_the_librarys_years_named() -> None:
    known = here(Known((notice(),), on=TODAY))
    assert known.through == CALENDAR.horizon_on.year
    assert from_text(to_text(known)) == known
    assert from_text("") == Known()


def test_a_library_that_knows_more_changes_nothing_that_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, newer = to_text(here(Known())), (*module._library(), notice())
    monkeypatch.setattr(module, "_library_years", lambda: range(2004, 2028))
    monkeypatch.setattr(module, "_library", lambda: newer)
    later = module.WorkCalendar(known=from_text(kept))
    assert later.horizon_on == date(2026, 12, 31)
    assert [*later.days(*ALL_DAYS)] == [*CALENDAR.days(*ALL_DAYS)]
