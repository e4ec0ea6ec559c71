"""Reminders as sentences."""

from collections.abc import Iterator

from paidan.engine.messages import say
from paidan.engine.messages.reasons import moment, role_label
from paidan.policies.reminders import Reminder
from paidan.policies.schema import ReminderRule


def reminder_lines(reminder: Reminder, lang: str = "zh") -> Iterator[str]:
    """Tell when a reminder is due: its period, the day the rule names, each day off after it, by whom."""
    rule, period, due = reminder.rule, reminder.period, reminder.due
    first, last = period.first_on.isoformat(), period.last_on.isoformat()
    yield say("remind.period", lang, period=period.name, first=first, last=last)
    if reminder.last_of:
        yield say("remind.last", lang, asked=reminder.last_of)
    if not rule.due.inclusive:
        yield say("remind.excluded", lang, day=reminder.named_on.isoformat())
    for day in reminder.days:
        kind = say(f"day.{day.kind}", lang, holiday=day.holiday or "")
        weekday = say(f"weekday.{day.on.weekday()}", lang)
        code = "remind.on" if day.working else "remind.off"
        marked = say("explain.unknown_day", lang) if day.provisional else ""
        yield say(code, lang, day=day.on.isoformat(), weekday=weekday, kind=kind) + marked
    provisional = say("explain.provisional", lang) if due.provisional else ""
    yield say("explain.due", lang, limit=_due_on_text(rule, lang), due=moment(due.at)) + provisional
    if rule.roles:
        roles = say("comma", lang).join(role_label(one, lang) for one in rule.roles)
        yield say("remind.roles", lang, roles=roles)


def _due_on_text(rule: ReminderRule, lang: str) -> str:
    due = rule.due
    if rule.every == "day":
        return say("limit.same_day", lang)
    day = say("remind.day", lang, day=due.day) if due.day else say("remind.last_day", lang)
    if due.month is not None:
        return say("remind.of_month", lang, month=due.month, day=day)
    if due.following:
        return say("remind.following", lang, day=day)
    return say("remind.same_month", lang, day=day) if due.day else say("remind.period_end", lang)
