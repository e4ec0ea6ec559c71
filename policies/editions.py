"""
Editions of the calendar over time: which notices are known, kept as text, and what one more changes.

A store and a run folder keep a `Known` as text, so that they answer the same wherever and whenever
they are opened. `Loaded` is a notice with the instant from which a store knew it.
"""

import json
from datetime import date, datetime, timedelta
from typing import NamedTuple

from paidan.policies.calendar import Day, WorkCalendar, statutory_holidays, work_calendar
from paidan.policies.errors import Mistake, PolicyError
from paidan.policies.known import Known
from paidan.policies.notices import Notice, read_notice, to_toml


class Loaded(NamedTuple):
    """A notice and the instant from which clocks are counted with it."""

    at: datetime
    notice: Notice


class DayChange(NamedTuple):
    """A day before and after a notice was loaded."""

    before: Day
    after: Day


def notice_of(content: bytes, file: str) -> Notice:
    """Read a notice file; raises `PolicyError` with every mistake in it."""
    return read_notice(content, file, statutory_holidays)


def check_follows(notice: Notice, calendar: WorkCalendar, file: str) -> None:
    """Raise `PolicyError` for a notice of a year that would leave a gap, or one before all that is known."""
    first, last = calendar.known_from_on.year, calendar.horizon_on.year + 1
    if not first <= notice.year <= last:
        mistake = Mistake("notice_gap", file, "", "year", str(notice.year), (f"{first}..{last}",))
        raise PolicyError((mistake,))


def changed_days(before: WorkCalendar, after: WorkCalendar, notice: Notice) -> tuple[DayChange, ...]:
    """Give the days `notice` speaks of that `after` takes otherwise than `before`."""
    eve = notice.first_on - timedelta(days=1)
    lenient = [
        # one that refuses unknown years could not be compared
        work_calendar(makeup_days=one.makeup_days, known=one.known, own=one.own)
        for one in (before, after)
    ]
    pairs = zip(*(one.days(eve, notice.last_on) for one in lenient), strict=True)
    return tuple(
        DayChange(was, now)
        for was, now in pairs
        if (was.working, was.kind, was.holiday) != (now.working, now.kind, now.holiday)
    )


def here(known: Known) -> Known:
    """Give `known` with the library's years named, so that a later library changes nothing."""
    if known.through is not None:
        return known
    return known._replace(through=work_calendar().horizon_on.year)


def to_text(known: Known) -> str:
    """Write what is known so that `from_text` reads it back."""
    told = {
        "through": known.through,
        "on": known.on.isoformat() if known.on else None,
        "notices": [to_toml(notice) for notice in known.notices],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def from_text(text: str) -> Known:
    """Read what `to_text` wrote; an empty text is all that the library knows."""
    if not text:
        return Known()
    told = json.loads(text)
    notices = tuple(notice_of(one.encode(), "calendar.json") for one in told["notices"])
    return Known(notices, told["through"], date.fromisoformat(told["on"]) if told["on"] else None)
