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
from paidan.policies.schema import Limit
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
        self._back = 1 if settings["wd.count_receipt_day"] else 0
        self._opens: time = settings["office.opens"]
        self._closes: time = settings["office.closes"]
        self._next_day = settings["wd.after_hours_receipt"] == "next_day"
        self._moved = settings["wd.nonworking_receipt"] == "received_on_next_working_day"
        self._office_hours = settings["hours.calendar"] == "working_hours"
        self._less = timedelta(0) if settings["limit.inclusive"] else _SECOND
        self._counted: dict[tuple[int, int], Due] = {}

    def due(self, limit: Limit, started_at: datetime, facts: Facts) -> Due | None:
        """
        Say when a clock started at `started_at` runs out; None where the limit rests on an unknown fact.

        `started_at` is an aware instant. Raises the calendar's errors for impossible years.
        """
        if limit.working_days is not None:
            return self._working_days(self._counted_from(limit, started_at, facts), limit.working_days)
        if limit.smallest_of:
            parts = [due for part in limit.smallest_of if (due := self.due(part, started_at, facts))]
            return _smallest(parts) if parts else None
        if limit.at:
            given = facts.get(limit.at)
            if given is None:
                return None
            return _certain(given - self._less)
        span = timedelta(minutes=limit.minutes or 0, hours=limit.hours or 0)
        start = self._counted_from(limit, started_at, facts)
        if self._office_hours:
            local = start.astimezone(BEIJING).replace(tzinfo=None)
            end = self.calendar.add_working_time(local, span, opens=self._opens, closes=self._closes)
            at = end.replace(tzinfo=BEIJING) - self._less
            certain = self.calendar.known_from_on <= local.date() and end.date() <= self.calendar.horizon_on
            return _certain(at) if certain else Due(at, provisional=True, earliest=start)
        return _certain(start + span - self._less)

    def working(self, limit: Limit, started_at: datetime, facts: Facts) -> Working | None:
        """Say how `due` came to its answer; None where it has none."""
        due = self.due(limit, started_at, facts)
        if due is None:
            return None
        counted_from = self._counted_from(limit, started_at, facts)
        parts = tuple(
            working for part in limit.smallest_of if (working := self.working(part, started_at, facts))
        )
        days: tuple[Day, ...] = ()
        if limit.working_days is not None:
            first = self._receipt_on(counted_from) - self._back * _DAY
            days = tuple(self.calendar.days(first, due.at.date()))
        elif self._office_hours and not (limit.at or limit.smallest_of):
            days = tuple(self.calendar.days(counted_from.date() - _DAY, due.at.date()))
        return Working(limit, started_at, counted_from, due, days, parts)

    def _counted_from(self, limit: Limit, started_at: datetime, facts: Facts) -> datetime:
        if limit.since:
            since = facts.get(limit.since)
            if since is not None and since > started_at:
                return since  # type: ignore[no-any-return]
        return started_at

    def _receipt_on(self, at: datetime) -> date:
        local = at.astimezone(BEIJING)
        on = local.date()
        if self._next_day and local.time() > self._closes:
            on += _DAY
        return self.calendar.first_working_day_from(on) if self._moved else on

    def _working_days(self, start: datetime, count: int) -> Due:
        on = self._receipt_on(start)
        key = (on.toordinal(), count)
        known = self._counted.get(key)
        if known is not None:
            return known
        calendar = self.calendar
        first = on - self._back * _DAY
        last = calendar.nth_working_day_after(first, count)
        at = datetime.combine(last, self._day_end, BEIJING)
        if last <= calendar.horizon_on and first >= calendar.known_from_on:
            due = _certain(at)
        else:
            earliest = calendar.earliest_possible(first, count)
            due = Due(at, provisional=True, earliest=datetime.combine(earliest, self._day_end, BEIJING))
        self._counted[key] = due
        return due


def _certain(at: datetime) -> Due:
    return Due(at, provisional=False, earliest=at)


def _smallest(parts: list[Due]) -> Due:
    """Give the smallest; it is provisional only if a moving calendar could change it."""
    least = min(parts)
    earliest = min(part.earliest for part in parts)
    return Due(least.at, provisional=earliest < least.at or least.provisional, earliest=earliest)
