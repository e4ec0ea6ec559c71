"""A limit as people read it: how urgent it is, what is left, and when that is."""

from datetime import date, datetime, timedelta

from paidan.engine.console.pages import minutes
from paidan.engine.messages import say
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import BEIJING

_HOUR = timedelta(hours=1)
_SOON = timedelta(hours=2)
"""Of office hours: less than this is left, and a limit burns."""


def look(due_at: datetime, now: datetime, rules: Rulebook) -> str:
    """Say how urgent a limit is, by the working time that is left: `late`, `soon` or `fine`."""
    if due_at < now:
        return "late"
    if due_at - now <= _HOUR or rules.reckoner.office_time(now, due_at) <= _SOON:
        return "soon"
    return "fine"


def left(due_at: datetime, now: datetime, rules: Rulebook, lang: str) -> str:
    """Say how long there is still, natural and working, or by how much it is late."""
    seconds = (due_at - now).total_seconds()
    if seconds < 0:
        return say("console.late_by", lang, time=minutes(seconds, lang))
    working = rules.reckoner.office_time(now, due_at).total_seconds()
    return say("console.left", lang, time=minutes(seconds, lang), working=minutes(working, lang))


def when(at: datetime, now: datetime, lang: str) -> str:
    """Say a day as it is called from now, with the time."""
    local = at.astimezone(BEIJING)
    days = (local.date() - now.astimezone(BEIJING).date()).days
    code = {-1: "console.yesterday", 0: "console.today", 1: "console.tomorrow"}.get(days)
    named = say(code, lang) if code else day(local.date(), lang)
    return f"{named} {local:%H:%M}"


def day(on: date, lang: str) -> str:
    """Say a day of the year and of the week."""
    return say("console.day", lang, month=on.month, day=on.day, weekday=say(f"weekday.{on.weekday()}", lang))
