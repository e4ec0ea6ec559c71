"""
Which days are working days in mainland China, and counting along them.

The only file that imports chinese_calendar (the State Council's notices, year by year) and
lunar_python (lunar dates of years without a notice). Notices loaded beside them are overlays.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, compress
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, get_args

import chinese_calendar

from paidan.policies.errors import CalendarHorizonError, CalendarRangeError
from paidan.policies.known import NOTHING_LOADED, Known, days_of, holding, library_notices
from paidan.policies.notices import Notice
from paidan.policies.schema import NO_OWN_DAYS, OwnDays

UnknownYear = Literal["provisional", "refuse"]

FIRST_ON: Final = date(1990, 1, 1)
LAST_ON: Final = date(2100, 12, 31)
_FIRST: Final = FIRST_ON.toordinal()
_LAST: Final = LAST_ON.toordinal()
_WEEK: Final = 7
_MONDAY_TO_FRIDAY: Final = 5

# The regulation's names, where the library shortens them.
_OFFICIAL_NAMES: Final = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}


class DayKind(StrEnum):
    """Why a day is worked or not; `makeup` is a weekend day worked in exchange for a holiday (调休上班)."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    OWN_OFF = "own_off"
    OWN_WORK = "own_work"


@dataclass(frozen=True, slots=True)
class Day:
    """
    One civil day in Beijing and what the calendar says of it.

    `holiday` is the Chinese name of the holiday it belongs to, on a make-up day of the one it
    makes up for, else None. `provisional` is true where no notice covers the day yet.
    """

    on: date
    working: bool
    kind: DayKind
    holiday: str | None
    provisional: bool


class _Table(NamedTuple):
    """Counting for an unbroken run of days: `ranks[i]` working days lie in the `i` days after `base`."""

    base: int
    ranks: tuple[int, ...]
    working: tuple[int, ...]

    def holds(self, ordinal: int) -> bool:
        return self.base < ordinal < self.base + len(self.ranks)


@functools.cache
def statutory_holidays(year: int) -> Mapping[int, str]:
    """
    Give the 13 days off that the law itself fixes for `year`: date ordinal to Chinese name.

    Source: 全国年节及纪念日放假办法 art. 2 as revised in force from 2025-01-01, read for any year,
    earlier ones too. Fewer than 13 where two holidays fall on one day, as in 2031.
    """
    # Loaded here because an ordinary deadline never leaves the years with a notice.
    from lunar_python import Lunar  # noqa: PLC0415

    def lunar(month: int, day: int) -> int:
        return date.fromisoformat(Lunar.fromYmd(year, month, day).getSolar().toYmd()).toordinal()

    new_year = lunar(1, 1)
    qingming = date.fromisoformat(Lunar.fromYmd(year, 1, 1).getJieQiTable()["清明"].toYmd())
    # 国庆节 stands last: where 中秋节 falls on it, the notices keep that name (2020-10-01).
    return MappingProxyType(
        {date(year, 1, 1).toordinal(): "元旦"}
        | dict.fromkeys(range(new_year - 1, new_year + 3), "春节")
        | {qingming.toordinal(): "清明节"}
        | {date(year, 5, day).toordinal(): "劳动节" for day in (1, 2)}
        | {lunar(5, 5): "端午节", lunar(8, 15): "中秋节"}
        | {date(year, 10, day).toordinal(): "国庆节" for day in (1, 2, 3)}
    )


class WorkCalendar:
    """
    One edition of which days are working days in mainland China, with counting along them.

    Days from `known_from_on` through `horizon_on` are as the State Council's yearly notices set
    them. Outside, Monday to Friday less `statutory_holidays`: no shifted days and no days in lieu,
    since a notice decides both, and each such day is provisional. All dates are civil dates in
    Beijing; a datetime is refused with TypeError, for its date may be another one there.

    Not final before the next notice: it may still change the last three days of `horizon_on`'s
    year, as those for 2007, 2008, 2012 and 2019 did in the Decembers before.

    Every method raises `CalendarRangeError` when it needs a day outside 1990..2100 and, with
    `unknown_year="refuse"`, `CalendarHorizonError` when it needs one that no notice covers.
    Safe to share between threads. Source: settings `cal.unknown_year`, `wd.makeup_days`.

    >>> work_calendar().nth_working_day_after(date(2026, 5, 8), 1).isoformat()
    '2026-05-09'
    """

    def __init__(
        self,
        *,
        makeup_days: bool = True,
        unknown_year: UnknownYear = "provisional",
        known: Known = NOTHING_LOADED,
        own: OwnDays = NO_OWN_DAYS,
    ) -> None:
        if unknown_year not in get_args(UnknownYear):
            raise ValueError(f"unknown_year is {unknown_year!r}: write one of {get_args(UnknownYear)}")
        self.makeup_days: Final = makeup_days
        self.unknown_year: Final = unknown_year
        self.known: Final = known
        self.own: Final = own
        self._own: Final = {
            **{_ordinal(on): False for on in own.off}, **{_ordinal(on): True for on in own.work}
        }  # fmt: skip
        years = _library_years()
        self._off, self._makeup = _library_days()
        last, beside = years[-1], []
        if known.notices or known.on or (known.through or last) < last:
            run = holding(known, _library())
            self._off, self._makeup = days_of(run.values())
            last = max(run, default=years[0] - 1)
            beside = [notice for notice in run.values() if notice not in _library()]
        self.known_from_on: Final = date(years[0], 1, 1)
        self.horizon_on: Final = date(last, 12, 31)
        self._known: Final = range(self.known_from_on.toordinal(), self.horizon_on.toordinal() + 1)
        self.edition: Final = "; ".join(
            [
                f"chinese-calendar {chinese_calendar.__version__}",
                f"{self.known_from_on}..{self.horizon_on}",
                *map(str, beside),
                *([] if known.on is None else [f"known on {known.on}"]),
                *([] if own == NO_OWN_DAYS else [str(own)]),
                *([] if makeup_days else ["wd.makeup_days=false"]),
                *([] if unknown_year == "provisional" else [f"cal.unknown_year={unknown_year}"]),
            ]
        )
        self._table = self._tabulate(self.known_from_on.year, max(self.known_from_on.year, last))

    def as_known_on(self, on: date) -> "WorkCalendar":
        """
        Give this edition as it was known on a day: without the notices published later.

        A year the library holds counts as known from the day its notice was published, a changed
        year in its first version until the change (`policies/calendars`).

        >>> work_calendar().as_known_on(date(2019, 3, 1)).is_working(date(2019, 5, 2))
        True
        """
        return self._with(self.known._replace(on=on))

    def with_notice(self, notice: Notice) -> "WorkCalendar":
        """Give the edition that knows `notice` too."""
        return self._with(self.known._replace(notices=(*self.known.notices, notice)))

    def _with(self, known: Known) -> "WorkCalendar":
        return work_calendar(
            makeup_days=self.makeup_days, unknown_year=self.unknown_year, known=known, own=self.own
        )

    def __repr__(self) -> str:
        return f"<WorkCalendar {self.edition}>"

    def day(self, on: date) -> Day:
        """Describe the day `on`."""
        ordinal = _ordinal(on)
        working = self._works(ordinal)
        provisional = ordinal not in self._known
        if ordinal in self._own:
            kind = DayKind.OWN_WORK if working else DayKind.OWN_OFF
            return Day(on=on, working=working, kind=kind, holiday=None, provisional=False)
        holiday = self._makeup.get(ordinal) if not provisional else None
        if holiday:
            kind = DayKind.MAKEUP
        elif holiday := (statutory_holidays(on.year) if provisional else self._off).get(ordinal):
            kind = DayKind.HOLIDAY
        else:
            kind = DayKind.WORKDAY if _is_weekday(ordinal) else DayKind.WEEKEND
        return Day(on=on, working=working, kind=kind, holiday=holiday, provisional=provisional)

    def days(self, after: date, through: date) -> Iterator[Day]:
        """Describe each day later than `after` up to and including `through`; none if there is none."""
        for ordinal in range(_ordinal(after) + 1, _ordinal(through) + 1):
            yield self.day(date.fromordinal(ordinal))

    def is_working(self, on: date) -> bool:
        """Say whether `on` is a working day."""
        return self._works(_ordinal(on))

    def nth_working_day_after(self, on: date, count: int) -> date:
        """
        Give the `count`-th working day strictly after `on`, which itself never counts.

        Source: 民法典 art. 201. A `count` below 1 raises ValueError.
        """
        return date.fromordinal(self.nth_working_ordinal_after(_ordinal(on), count))

    def nth_working_ordinal_after(self, ordinal: int, count: int) -> int:
        """Do as `nth_working_day_after` with date ordinals (`date.toordinal`): two look-ups, for columns."""
        base, ranks, working = self._table
        if ordinal >= base and count > 0:
            try:
                return working[ranks[ordinal - base] + count - 1]
            except IndexError:  # past the table's end; asking first would cost every call
                pass
        if count < 1:
            raise ValueError(f"count is {count}: working days after a day are counted from 1")
        # Never `self._table` here: another thread may just have put a shorter one there.
        table = self._covering(ordinal + 1)
        while (place := table.ranks[ordinal - table.base] + count - 1) >= len(table.working):
            table = self._covering(table.base + len(table.ranks))
        return table.working[place]

    def first_working_day_from(self, on: date) -> date:
        """Give `on` if it is a working day, else the next one."""
        return date.fromordinal(self.nth_working_ordinal_after(_ordinal(on) - 1, 1))

    def working_days_from(self, first: date, end: date) -> int:
        """Count the working days from `first` on that come before `end`; below 0 where `end` is earlier."""
        begins, ends = _ordinal(first), _ordinal(end)
        table = self._covering(begins)
        while not (table.holds(begins) and table.holds(ends)):  # another thread may put a shorter one there
            table = self._covering(ends if table.holds(begins) else begins)
        return table.ranks[ends - 1 - table.base] - table.ranks[begins - 1 - table.base]

    def earliest_possible(self, on: date, count: int) -> date:
        """
        Give the earliest date the `count`-th working day after `on` may turn out to be.

        A later notice can make any provisional day a working day that is no statutory holiday
        (no weekend day, though, where make-up days do not count). Known days are taken as known,
        so within the horizon this is `nth_working_day_after`.
        """
        ordinal = _ordinal(on)
        counted = self.nth_working_ordinal_after(ordinal, count)
        if ordinal + 1 in self._known and counted in self._known:
            return date.fromordinal(counted)
        while count:
            ordinal += 1
            count -= self._may_work(ordinal)
        return date.fromordinal(ordinal)

    def add_working_time(
        self, start: datetime, duration: timedelta, *, opens: time, closes: time
    ) -> datetime:
        """
        Give the instant at which `duration` of office hours has passed since `start`.

        Office hours run on working days from `opens` to before `closes`; a start outside them
        counts from the next opening, and a duration used up at closing time ends then. Naive
        Beijing times in and out. ValueError for an aware time, a duration that is not positive,
        or an office that does not close after it opens on the same day.
        """
        if any(moment.tzinfo is not None for moment in (start, opens, closes)):
            raise ValueError("start, opens and closes are naive Beijing times: convert, then drop tzinfo")
        if duration <= timedelta(0):
            raise ValueError(f"duration is {duration}: give a positive one")
        if opens >= closes:
            raise ValueError(f"office hours {opens}..{closes}: closing comes after opening on the same day")
        on, used = start.date(), timedelta(0)
        if start.time() >= closes or not self.is_working(on):
            on = self.nth_working_day_after(on, 1)
        else:
            used = max(start - datetime.combine(on, opens), timedelta(0))
        office_day = datetime.combine(on, closes) - datetime.combine(on, opens)
        full_days, rest = divmod(used + duration, office_day)
        if not rest:
            full_days, rest = full_days - 1, office_day
        if full_days:
            on = self.nth_working_day_after(on, full_days)
        return datetime.combine(on, opens) + rest

    def _works(self, ordinal: int) -> bool:
        base, ranks, _ = self._covering(ordinal)
        return ranks[ordinal - base] > ranks[ordinal - base - 1]

    def _may_work(self, ordinal: int) -> bool:
        if ordinal in self._known or ordinal in self._own:
            return self._works(ordinal)
        may_be_shifted = self.makeup_days or _is_weekday(ordinal)
        return may_be_shifted and ordinal not in statutory_holidays(date.fromordinal(ordinal).year)

    def _covering(self, ordinal: int) -> _Table:
        """Give a table that holds `ordinal`, growing the shared one by whole years if it must."""
        table = self._table
        if table.holds(ordinal):
            return table
        if not _FIRST <= ordinal <= _LAST:
            nearest = min(max(ordinal, date.min.toordinal()), date.max.toordinal())
            raise CalendarRangeError(date.fromordinal(nearest), first_on=FIRST_ON, last_on=LAST_ON)
        on = date.fromordinal(ordinal)
        if self.unknown_year == "refuse":
            raise CalendarHorizonError(
                on, edition=self.edition, known_from_on=self.known_from_on, horizon_on=self.horizon_on
            )
        first_year = date.fromordinal(table.base + 1).year
        last_year = date.fromordinal(table.base + len(table.ranks) - 1).year
        grown = self._tabulate(min(first_year, on.year), max(last_year, on.year))
        self._table = grown
        return grown

    def _tabulate(self, first_year: int, last_year: int) -> _Table:
        first, last = date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal()
        off = set(self._off)
        for year in range(first_year, last_year + 1):
            if not self.known_from_on.year <= year <= self.horizon_on.year:
                off.update(statutory_holidays(year))
        makeup = self._makeup if self.makeup_days else {}
        days = range(first, last + 1)
        flags = [day in makeup or (_is_weekday(day) and day not in off) for day in days]
        for day, works in self._own.items():
            if first <= day <= last:
                flags[day - first] = works
        return _Table(first - 1, tuple(accumulate(flags, initial=0)), tuple(compress(days, flags)))


def work_calendar(
    *,
    makeup_days: bool = True,
    unknown_year: UnknownYear = "provisional",
    known: Known = NOTHING_LOADED,
    own: OwnDays = NO_OWN_DAYS,
) -> WorkCalendar:
    """Give the one shared `WorkCalendar` with these settings and notices, built at the first call."""
    return _shared(makeup_days, unknown_year, known, own)


@functools.lru_cache(maxsize=64)
def _shared(
    makeup_days: bool,  # noqa: FBT001 - a cache key
    unknown_year: UnknownYear,
    known: Known,
    own: OwnDays,
) -> WorkCalendar:
    return WorkCalendar(makeup_days=makeup_days, unknown_year=unknown_year, known=known, own=own)


def library_notice(year: int) -> Notice | None:
    """Give what the library holds of `year` as the notice it comes from, None where it holds nothing."""
    return next((notice for notice in _library() if notice.year == year), None)


@functools.cache
def _library_days() -> tuple[dict[int, str], dict[int, str]]:
    return _by_ordinal(chinese_calendar.holidays), _by_ordinal(chinese_calendar.workdays)


@functools.cache
def _library_years() -> range:
    return range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)


@functools.cache
def _library() -> tuple[Notice, ...]:
    version = f"chinese-calendar {chinese_calendar.__version__}"
    return library_notices(_library_years(), *_library_days(), version)


def _by_ordinal(names: Mapping[date, str]) -> dict[int, str]:
    chinese = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
    return {on.toordinal(): _OFFICIAL_NAMES.get(chinese[name], chinese[name]) for on, name in names.items()}


def _is_weekday(ordinal: int) -> bool:
    return (ordinal - 1) % _WEEK < _MONDAY_TO_FRIDAY  # ordinal 1 is a Monday


def _ordinal(on: date) -> int:
    if isinstance(on, datetime):
        raise TypeError(f"{on!r} is a datetime: give its civil date in Beijing")
    return on.toordinal()
