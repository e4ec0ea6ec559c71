"""When reminders of what recurs are put into the inbox of their roles, and for which units."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from paidan.engine.directory import pools_on
from paidan.engine.telling import REMINDER
from paidan.policies.directory import Filings
from paidan.policies.reminders import Reminder, falling_in
from paidan.policies.rulebook import Rulebook
from paidan.storage.port import Memo
from paidan.workflows.attributes import UNIT_ROLES
from paidan.workflows.records import BEIJING

_DAY = timedelta(days=1)


def told_at(reminder: Reminder, days: int) -> datetime:
    """Give the moment: the beginning of the day so many days before it is due, or of its period if later."""
    return _midnight(max(reminder.period.first_on, reminder.due.at.date() - days * _DAY))


def reminders(rules: Rulebook, filings: Filings, since: date | None, now: datetime) -> Iterator[Memo]:
    """
    Give the memos of every reminder whose moment came after the day `since` and by `now`, to each role.

    Where nobody has looked before (`since` is None), of what is not past due. A role that each unit
    has is told for each unit of the roster, else of the directory, else once for all. Raises the calendar's
    errors.
    """
    days = rules.policy.settings["tell.remind_days"]
    calendar = rules.at(now).calendar
    for month in _months(since or now.date(), now.date() + days * _DAY):
        for one in falling_in(rules.policy, month, calendar):
            at = told_at(one, days)
            if at <= now and (one.due.at >= now if since is None else since < at.date()):
                yield from _memos(one, at, now, rules, filings)


def _memos(one: Reminder, at: datetime, now: datetime, rules: Rulebook, filings: Filings) -> Iterator[Memo]:
    rule = one.rule
    said = {"clause": rule.clause, "zh": rule.zh, "en": rule.en}
    first_pool = next(iter(rules.policy.pools))
    units = tuple(pools_on(rules.roster, filings.on(at.date()), at.date(), first_pool)) or ("",)
    for role in rule.roles or (rules.ladder.office,):
        for unit in units if role in UNIT_ROLES else ("",):
            yield Memo(
                "", 0, REMINDER, rule.rule, one.period.name, role, unit, at, one.due.at, now, now, said
            )


def _months(first_on: date, last_on: date) -> Iterator[str]:
    on = first_on.replace(day=1)
    while on <= last_on:
        yield f"{on:%Y-%m}"
        on = (on + 31 * _DAY).replace(day=1)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), BEIJING)
