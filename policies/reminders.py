"""
When that which recurs by the calendar is due: rankings to publish, reports, reviews, training, talks.

A reminder follows no order. It is due by the last second of a day in Beijing, and concerns a period:
a day, a week from Monday to Sunday, a month, or a quarter or year as the document has them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from paidan.policies.calendar import Day, WorkCalendar
from paidan.policies.deadlines import Due
from paidan.policies.rulebook import calendar_for
from paidan.policies.schema import Policy, ReminderRule
from paidan.policies.score_schema import SpanRule
from paidan.policies.scoring import periods
from paidan.policies.scoring.periods import days_of, month_after
from paidan.workflows.records import BEIJING

ASKED_BY: Final = {
    "day": ("day", "month"),
    "week": ("week", "month"),
    "month": ("month",),
    "quarter": ("quarter",),
    "year": ("year",),
}
"""By how often a reminder recurs, the kinds of period it may be asked for."""
_YEAR: Final = r"(199\d|20\d\d)"
_FORMS: Final = {
    "day": re.compile(rf"{_YEAR}-(\d\d)-(\d\d)"),
    "week": re.compile(rf"{_YEAR}-W(\d\d)"),
    "month": re.compile(rf"{_YEAR}-(\d\d)"),
    "quarter": re.compile(rf"{_YEAR}Q([1-4])"),
    "year": re.compile(_YEAR),
}
_DAY: Final = timedelta(days=1)
_DAY_END: Final = time(23, 59, 59)
_LONGEST_SHIFT: Final = timedelta(days=31)
"""No run of days off is longer."""


class Period(NamedTuple):
    """A day, week, month, quarter or year (`every`), as it is written, with its first and last day."""

    every: str
    name: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class Reminder:
    """
    A reminder for one period: when it is due, and how that came about.

    `named_on` is the day that the rule names; `days` are those looked at to find a working day.
    `last_of` is the longer period asked for, of which this is the last.
    """

    rule: ReminderRule
    period: Period
    named_on: date
    due: Due
    days: tuple[Day, ...] = ()
    last_of: str = ""


def period_of(policy: Policy, every: str, name: str) -> Period:
    """
    Read `2026-03-05`, `2026-W10`, `2026-03`, `2026Q1` or `2026`, whichever `every` says.

    A quarter or year begins where the document says, and is named by the year in which it ends.
    ValueError where there is none such from 1990 to 2099.
    """
    told = _FORMS[every].fullmatch(name)
    if told is None:
        raise ValueError(f"{name!r} is no {every}")
    year, *numbers = map(int, told.groups())
    if every == "day":
        on = date(year, *numbers)
        return Period(every, name, on, on)
    if every == "week":
        first_on = date.fromisocalendar(year, numbers[0], 1)
        return Period(every, name, first_on, first_on + 6 * _DAY)
    months = periods.period(name, {span.name: span for span in policy.of(SpanRule)}).months
    return Period(every, name, days_of(months[0])[0], days_of(months[-1])[1])


def due_of(rule: ReminderRule, asked: Period, calendar: WorkCalendar) -> Reminder | None:
    """
    Say when a reminder is due for a period of one of the kinds in `ASKED_BY`.

    For a month, one that recurs by day or week is answered with the last time in it. None where it is
    not due at all: on a day off, if only working days count. Raises the calendar's errors where it
    needs a day that the calendar does not know.
    """
    if asked.every == rule.every:
        return _due(rule, asked, calendar)
    if asked.every not in ASKED_BY[rule.every]:
        raise ValueError(f"what recurs every {rule.every} is not asked for by {asked.every}")
    for own in _within(rule.every, asked):
        found = _due(rule, own, calendar)
        if found is not None:
            return Reminder(rule, own, found.named_on, found.due, found.days, asked.name)
    return None


def falling_in(policy: Policy, month: str, calendar: WorkCalendar | None = None) -> list[Reminder]:
    """
    Give every reminder of a policy that falls due in a month, written like `2026-03`, in order of time.

    It is due in it: the one of 5 March speaks of February. Raises as `period_of` and `due_of`.
    """
    asked = period_of(policy, "month", month)
    known = calendar or calendar_for(policy)
    found = [
        one
        for rule in policy.of(ReminderRule)
        for own in _around(policy, rule.every, asked)
        if asked.first_on - _LONGEST_SHIFT <= _last_on(rule, own) <= asked.last_on
        and (one := _due(rule, own, known))
        and asked.first_on <= one.due.at.date() <= asked.last_on
    ]
    return sorted(found, key=lambda one: one.due.at)


def _due(rule: ReminderRule, period: Period, calendar: WorkCalendar) -> Reminder | None:
    named_on, last_on = _named_on(rule, period), _last_on(rule, period)
    if rule.days == "working_days":
        day = calendar.day(last_on)
        due = Due(_end_of(last_on), day.provisional, _end_of(last_on))
        return Reminder(rule, period, named_on, due, (day,)) if day.working else None
    if rule.due.shift == "none":
        due = Due(_end_of(last_on), provisional=False, earliest=_end_of(last_on))
        return Reminder(rule, period, named_on, due)
    before = last_on - _DAY
    shifted_on = calendar.first_working_day_from(last_on)
    days = tuple(calendar.days(before, shifted_on))
    provisional = any(day.provisional for day in days)
    earliest = calendar.earliest_possible(before, 1) if provisional else shifted_on
    return Reminder(rule, period, named_on, Due(_end_of(shifted_on), provisional, _end_of(earliest)), days)


def _named_on(rule: ReminderRule, period: Period) -> date:
    due, last_on = rule.due, period.last_on
    if rule.every in ("day", "week"):
        return last_on
    month = f"{last_on:%Y-%m}" if due.month is None else f"{last_on.year}-{due.month:02}"
    first, last = days_of(month_after(month) if due.following else month)
    return last if due.day is None else first.replace(day=min(due.day, last.day))


def _last_on(rule: ReminderRule, period: Period) -> date:
    """Give the last day that is in time, days off not looked at."""
    return _named_on(rule, period) - (_DAY if not rule.due.inclusive else timedelta(0))


def _within(every: str, period: Period) -> Iterator[Period]:
    """Give the days or weeks that end in a period, the last first."""
    on = period.last_on
    while on >= period.first_on:
        if every == "day":
            yield Period(every, on.isoformat(), on, on)
        elif on.isoweekday() == 7:  # noqa: PLR2004 - Sunday
            year, week, _ = on.isocalendar()
            yield Period(every, f"{year}-W{week:02}", on - 6 * _DAY, on)
        on -= _DAY


def _around(policy: Policy, every: str, month: Period) -> Iterator[Period]:
    """Give the periods of a kind that a reminder due in the month may speak of, in order."""
    if every in ("day", "week"):
        yield from reversed([*_within(every, month)])
        return
    numbers = {"month": [f"-{n:02}" for n in range(1, 13)], "quarter": ["Q1", "Q2", "Q3", "Q4"], "year": [""]}
    for year in range(month.first_on.year - 1, month.first_on.year + 2):
        for number in numbers[every]:
            try:
                yield period_of(policy, every, f"{year}{number}")
            except ValueError:  # before 1990 or past 2099: nothing is asked of those years
                continue


def _end_of(on: date) -> datetime:
    return datetime.combine(on, _DAY_END, BEIJING)
