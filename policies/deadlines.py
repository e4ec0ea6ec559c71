"""
When a limit runs out, and how that was counted.

Working days follow 民法典 art. 201 and 203: the first day is not counted, the last one ends at
24:00 Beijing time, kept as its last second. Minutes and hours run through nights and holidays.
Each of these readings is a setting; a result past the calendar's horizon is marked provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from paidan.policies.calendar import Day, WorkCalendar
from paidan.policies.schema import Limit, Split
from paidan.workflows.records import BEIJING, Facts

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Due(NamedTuple):
    """The last second that is on time; `earliest` is the first it could become if a calendar moves it."""

    at: datetime
    provisional: bool
    earliest: datetime


@dataclass(frozen=True, slots=True)
class Working:
    """
    How a due time was counted, for a reader with nothing else.

    `days` are the days after `counted_from` one by one (empty for hours and for a given time);
    `parts` are the limits of which `due` is the smallest.
    """

    limit: Limit
    started_at: datetime
    counted_from: datetime
    due: Due
    days: tuple[Day, ...] = ()
    parts: tuple["Working", ...] = ()


class Reckoner:
    """The arithmetic of time under one calendar edition and one choice of settings."""

    def __init__(self, settings: Mapping[str, Any], calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.settings = settings
        self._day_end: time = settings["wd.day_end"]
        self._first_day: bool = settings["wd.count_receipt_day"]
        self._opens: time = settings["office.opens"]
        self._closes: time = settings["office.closes"]
        self._next_day = settings["wd.after_hours_receipt"] == "next_day"
        self._moved = settings["wd.nonworking_receipt"] == "received_on_next_working_day"
        self._office_hours = settings["hours.calendar"] == "working_hours"
        self._less = timedelta(0) if settings["limit.inclusive"] else _SECOND
        self._at_opening = settings["hours.after_hours"] == "next_opening"
        self._counted: dict[tuple[int, int, time, int], Due] = {}

    def due(self, limit: Limit, started_at: datetime, facts: Facts) -> Due | None:
        """
        Say when a clock started at `started_at` runs out; None where the limit rests on an unknown fact.

        `started_at` is an aware instant. Raises the calendar's errors for impossible years.
        """
        if limit.at:
            given = next((at for name in limit.at if (at := facts.get(name)) is not None), None)
            return None if given is None else _certain(given - self._less)
        if limit.smallest_of:
            parts = [due for part in limit.smallest_of if (due := self.due(part, started_at, facts))]
            return _smallest(parts) if parts else None
        if limit.split:
            chosen = self._chosen(limit.split, started_at)
            return None if chosen is None else self.due(chosen, started_at, facts)
        start = self._counted_from(limit, started_at, facts)
        if limit.working_days is not None or limit.days is not None:
            return self._by_days(limit, start)
        due = self._by_hours(limit, start)
        if start.date() > max(self.calendar.horizon_on, started_at.astimezone(BEIJING).date()):
            return due._replace(provisional=True, earliest=min(due.earliest, started_at))
        return due

    def working(self, limit: Limit, started_at: datetime, facts: Facts) -> Working | None:
        """Say how `due` came to its answer; None where it has none."""
        due = self.due(limit, started_at, facts)
        if due is None:
            return None
        if limit.split and (chosen := self._chosen(limit.split, started_at)):
            return self.working(chosen, started_at, facts)
        counted_from = self._counted_from(limit, started_at, facts)
        parts = tuple(
            working for part in limit.smallest_of if (working := self.working(part, started_at, facts))
        )
        days: tuple[Day, ...] = ()
        if limit.working_days is not None:
            first = self._receipt_on(counted_from) - self._back(limit) * _DAY
            days = tuple(self.calendar.days(first, due.at.date()))
        elif self._office_hours and not (limit.at or limit.smallest_of or limit.days is not None):
            days = tuple(self.calendar.days(counted_from.date() - _DAY, due.at.date()))
        return Working(limit, started_at, counted_from, due, days, parts)

    def office_time(self, start: datetime, end: datetime) -> timedelta:
        """
        Say how much of the time from `start` to `end` lay in office hours on working days.

        Additive: what is cut in two has the same in its parts. Hours are those of `office.opens` and
        `office.closes`. Raises the calendar's errors for impossible years.
        """
        first, last = start.astimezone(BEIJING), end.astimezone(BEIJING)
        days = self.calendar.working_days_from(first.date(), last.date())
        return days * self.office_day + self._worked_by(last) - self._worked_by(first)

    def after_office_time(self, start: datetime, duration: timedelta) -> datetime:
        """Say when so much of office hours has passed since `start`; `start` itself where it is none."""
        if duration <= timedelta(0):
            return start
        local = start.astimezone(BEIJING).replace(tzinfo=None)
        end = self.calendar.add_working_time(local, duration, opens=self._opens, closes=self._closes)
        return end.replace(tzinfo=BEIJING)

    @property
    def office_day(self) -> timedelta:
        """How long an office is open on a working day."""
        return _since_midnight(self._closes) - _since_midnight(self._opens)

    def known(self, start: datetime, end: datetime) -> bool:
        """Whether a notice covers every day from `start` to `end`, so that no working day may still move."""
        first, last = start.astimezone(BEIJING).date(), end.astimezone(BEIJING).date()
        return self.calendar.known_from_on <= first and last <= self.calendar.horizon_on

    def _worked_by(self, local: datetime) -> timedelta:
        """Give the office hours of a day that had passed by a time of that day."""
        if not self.calendar.is_working(local.date()):
            return timedelta(0)
        passed = _since_midnight(local.time()) - _since_midnight(self._opens)
        return min(max(passed, timedelta(0)), self.office_day)

    def _chosen(self, split: Split, started_at: datetime) -> Limit | None:
        told = started_at.astimezone(BEIJING).time()
        early = told <= split.at if split.inclusive else told < split.at
        return split.before if early else split.after

    def _counted_from(self, limit: Limit, started_at: datetime, facts: Facts) -> datetime:
        if limit.counted_from:
            exactly: datetime | None = facts.get(limit.counted_from)
            return exactly or started_at
        if limit.since:
            since: datetime | None = facts.get(limit.since)
            if since is not None and since > started_at:
                return since
        return self._opening(started_at) if self._at_opening and _from_an_instant(limit) else started_at

    def _back(self, limit: Limit) -> int:
        """Give how many days before the first the counting starts: 1 where the first day counts."""
        return int(self._first_day if limit.first_day is None else limit.first_day)

    def _opening(self, at: datetime) -> datetime:
        """Give `at`, or the next opening where it lies outside office hours."""
        local = at.astimezone(BEIJING)
        on, told = local.date(), local.time()
        if self.calendar.is_working(on) and told < self._closes:
            return at if told >= self._opens else datetime.combine(on, self._opens, BEIJING)
        return datetime.combine(self.calendar.first_working_day_from(on + _DAY), self._opens, BEIJING)

    def _receipt_on(self, at: datetime) -> date:
        local = at.astimezone(BEIJING)
        on = local.date()
        if self._next_day and local.time() > self._closes:
            on += _DAY
        return self.calendar.first_working_day_from(on) if self._moved else on

    def _by_hours(self, limit: Limit, start: datetime) -> Due:
        span = timedelta(minutes=limit.minutes or 0, hours=limit.hours or 0)
        if not self._office_hours:
            return _certain(start + span - self._less)
        local = start.astimezone(BEIJING).replace(tzinfo=None)
        end = self.calendar.add_working_time(local, span, opens=self._opens, closes=self._closes)
        at = end.replace(tzinfo=BEIJING) - self._less
        certain = self.calendar.known_from_on <= local.date() and end.date() <= self.calendar.horizon_on
        return _certain(at) if certain else Due(at, provisional=True, earliest=start)

    def _by_days(self, limit: Limit, start: datetime) -> Due:
        ends_at = limit.time if isinstance(limit.time, time) else self._day_end
        if limit.time == "start":
            ends_at = start.astimezone(BEIJING).time()
        if limit.days is not None:
            last = start.astimezone(BEIJING).date() + max(limit.days - self._back(limit), 0) * _DAY
            return _certain(datetime.combine(last, ends_at, BEIJING))
        on = self._receipt_on(start)
        back = self._back(limit)
        key = (on.toordinal(), limit.working_days or 0, ends_at, back)
        known = self._counted.get(key)
        if known is None:
            known = self._counted[key] = self._working_days(
                on - back * _DAY, limit.working_days or 0, ends_at
            )
        return known

    def _working_days(self, first: date, count: int, ends_at: time) -> Due:
        calendar = self.calendar
        last = calendar.nth_working_day_after(first, count)
        at = datetime.combine(last, ends_at, BEIJING)
        if last <= calendar.horizon_on and first >= calendar.known_from_on:
            return _certain(at)
        earliest = calendar.earliest_possible(first, count)
        return Due(at, provisional=True, earliest=datetime.combine(earliest, ends_at, BEIJING))


def _from_an_instant(limit: Limit) -> bool:
    """Whether the time of day of the start matters: not where whole days are counted to their end."""
    return limit.minutes is not None or limit.hours is not None or limit.time == "start"


def _since_midnight(told: time) -> timedelta:
    return timedelta(hours=told.hour, minutes=told.minute, seconds=told.second, microseconds=told.microsecond)


def _certain(at: datetime) -> Due:
    return Due(at, provisional=False, earliest=at)


def _smallest(parts: list[Due]) -> Due:
    """Give the smallest; it is provisional only if a moving calendar could change it."""
    least = min(parts)
    earliest = min(part.earliest for part in parts)
    return Due(least.at, provisional=earliest < least.at or least.provisional, earliest=earliest)
