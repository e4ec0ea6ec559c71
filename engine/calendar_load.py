"""A holiday notice taken in, on this machine or by a store of live orders: what it changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

from paidan.engine import calendars
from paidan.policies.calendar import WorkCalendar, work_calendar
from paidan.policies.editions import DayChange, changed_days, check_follows, here, notice_of
from paidan.policies.known import Known
from paidan.policies.notices import Notice, to_toml
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook, calendar_for
from paidan.storage.port import KeptNotice, Transaction
from paidan.workflows.records import Clock, Entry

_SECOND = timedelta(seconds=1)


class Recount(NamedTuple):
    """A clock counted again: due `before` and `after`, and whether that is certain now."""

    order_id: str
    rule: str
    clause: str
    unit: str
    started_at: datetime
    before: datetime
    after: datetime
    provisional: bool

    @classmethod
    def of(cls, entry: Entry, rules: Rulebook) -> Self:
        """Read a `recompute` entry."""
        said = entry.attributes
        return cls(
            entry.order_id, entry.rule, rules.clocks[entry.rule].clause, entry.unit, said["started_at"],
            said["before"], said["after"], said["provisional"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalendarLoad:
    """What loading a notice did: the calendar before and after, the days and the clocks it changed."""

    notice: Notice
    before: WorkCalendar
    after: WorkCalendar
    days: tuple[DayChange, ...]
    recounts: tuple[Recount, ...]


class Adopted(NamedTuple):
    """A notice that counts, with the calendar without it and with it."""

    notice: Notice
    before: WorkCalendar
    after: WorkCalendar


@dataclass(frozen=True, slots=True)
class Touched:
    """The days a notice changed."""

    days: tuple[DayChange, ...]

    def may_move(self, clocks: Iterable[Clock]) -> bool:
        """Whether one of the clocks was provisional, or ran over a changed day."""
        first = min((day.after.on for day in self.days), default=date.max)
        last = max((day.after.on for day in self.days), default=date.min)
        return any(
            clock.provisional or (clock.started_at.date() <= last and clock.due_at.date() >= first)
            for clock in clocks
        )


def touched(adopted: Adopted) -> Touched:
    """Say which days the notice changed."""
    return Touched(changed_days(adopted.before, adopted.after, adopted.notice))


def adopt(transaction: Transaction, books: Books, notice: Notice, file: str, now: datetime) -> Adopted:
    """
    Keep a notice unless it is kept already, from an instant later than everything written so far.

    So every entry says by its `recorded_at` which notices it was counted with, even within one second.
    Raises `PolicyError` where the notice leaves a gap.
    """
    loaded = [one.notice for one in books.loaded]
    new = notice not in loaded
    earlier = loaded if new else loaded[: loaded.index(notice)]
    known = books.known._replace(notices=(*books.known.notices, *earlier))
    before = calendar_for(books.latest.policy, known)
    check_follows(notice, before, file)
    if new and notice not in books.known.notices:
        last = transaction.last_recorded_at()
        loaded_at = now if last is None else max(now, last + _SECOND)
        if books.loaded:
            loaded_at = max(loaded_at, books.loaded[-1].at)
        transaction.load_notice(KeptNotice(notice.year, to_toml(notice), loaded_at))
    return Adopted(notice, before, before.with_notice(notice))


def load_here(file: Path) -> tuple[CalendarLoad, Path]:
    """
    Install the notice in `file` on this machine; say what it changes and where it was put.

    Raises `PolicyError` for a notice with mistakes, or of a year that would leave a gap.
    """
    notice = notice_of(file.read_bytes(), str(file))
    others = tuple(one for one in calendars.installed() if one != notice)
    before = work_calendar(known=here(Known(others)))
    check_follows(notice, before, str(file))
    after = before.with_notice(notice)
    path = calendars.install(notice)
    return CalendarLoad(notice, before, after, changed_days(before, after, notice), ()), path
