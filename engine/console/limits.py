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
    """Say how urgent a limit is: `late`; `soon` today, or with little working time left; else `fine`."""
    if due_at < now:
        return "late"
    today = due_at.astimezone(BEIJING).date() == now.astimezone(BEIJING).date()
    if today or due_at - now <= _HOUR or rules.reckoner.office_time(now, due_at) <= _SOON:
        return "soon"
    return "fine"


def left(due_at: datetime, now: datetime, rules: Rulebook, lang: str) -> str:
    """Say how long there is still, natural and working, or by how much it is late."""
    natural, working = left_natural(due_at, now, lang), left_working(due_at, now, rules, lang)
    return say("console.left", lang, time=natural, working=working) if working else natural


def left_natural(due_at: datetime, now: datetime, lang: str) -> str:
    """Say how long there is still, or by how much it is late."""
    time = minutes((due_at - now).total_seconds(), lang)
    return say("console.late_by", lang, time=time) if due_at < now else time


def left_working(due_at: datetime, now: datetime, rules: Rulebook, lang: str) -> str:
    """Say how much working time there is still; nothing where it is late."""
    if due_at < now:
        return ""
    working = rules.reckoner.office_time(now, due_at).total_seconds()
    return say("console.working", lang, time=minutes(working, lang))


def when(at: datetime, now: datetime, lang: str) -> str:
    """Say a day as it is called from now, with the time, and with its year where that is another."""
    local, today = at.astimezone(BEIJING), now.astimezone(BEIJING).date()
    code = {-1: "console.yesterday", 0: "console.today", 1: "console.tomorrow"}.get(
        (local.date() - today).days
    )
    named = say(code, lang) if code else day(local.date(), lang)
    if not code and local.year != today.year:
        named = say("console.year", lang, year=local.year, day=named)
    return f"{named} {local:%H:%M}"


def day(on: date, lang: str) -> str:
    """Say a day of the year and of the week."""
    return say("console.day", lang, date=month_day(on, lang), weekday=say(f"weekday.{on.weekday()}", lang))


def month_day(on: date, lang: str) -> str:
    """Say a day of the year."""
    return say("console.date", lang, month=on.month, day=on.day)
