"""One cell of text as a value: times, booleans, attributes; or why it is none."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from functools import cache
from typing import Any

from paidan.engine.errors import UsageError
from paidan.workflows.attributes import ATTRIBUTE_OF, OF_EVERY_ENTRY, ROLES, Holds
from paidan.workflows.cases import CASES
from paidan.workflows.records import BEIJING, NOTHING
from paidan.workflows.work_order import WORK_ORDER

Also = Mapping[str, Mapping[str, str]]
"""By attribute, the choices that a document adds to the closed list, with their labels."""

_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?)?"
)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")
_DATE_ONLY = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8}")
_DATE_LONGEST = 11
TIME_EXAMPLES = ("2026-04-05 09:32:09", "2026/4/5 9:32:09")
"""How a time may be written."""
_LAST_SECOND = time(23, 59, 59)
_YEARS = range(1990, 2100)
_CIVIL = datetime(2000, 1, 1)  # noqa: DTZ001 - whatever the zone
_IN_BEIJING = datetime(2000, 1, 1, tzinfo=BEIJING)
_iso = datetime.fromisoformat
_TEXT, _FLAG, _CHOICE, _DUE, _COUNT = Holds.TEXT, Holds.FLAG, Holds.CHOICE, Holds.DUE, Holds.NUMBER
"""A member of an enumeration costs more to look up than a cell of plain text to read."""
_TRUE = frozenset(("true", "1", "是", "yes"))
_FALSE = frozenset(("false", "0", "否", "no"))
_DENIED = frozenset(("evidence", "recording", "report", "basis"))
"""Texts that name a thing one has; `否`, `无` there means there is none."""
_NONE_SUCH = _FALSE | {"无", "没有"}


_WIDE = {
    code: code - 0xFEE0
    for code in (0xFF0D, *range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
"""Full-width digits, letters and hyphen, as the plain ones that mean the same in an id."""


class BadValueError(UsageError):
    """A cell, or a row, that cannot be read: which column, what stood there, what is allowed."""

    def __init__(
        self, code: str, column: str = "", value: str = "", allowed: tuple[str, ...] = (), **more: Any
    ) -> None:
        super().__init__(code, column=column, value=value, allowed="、".join(allowed), **more)
        self.column = column
        self.allowed = allowed

    @property
    def value(self) -> str:
        """What stood there, masked."""
        return str(self.details["value"])


def instant(text: str, *, end_of_day: bool = False, zone: tzinfo = BEIJING) -> datetime | None:
    """
    Read ISO 8601 or `2026/4/5 9:32:09`; without an offset it is the civil time of `zone`.

    A date alone is 00:00:00, or its last second with `end_of_day`. None for anything else, for a
    time that does not exist, and outside the years 1990 to 2099.

    >>> instant("2026/4/5 9:32:09").isoformat()
    '2026-04-05T09:32:09+08:00'
    """
    try:
        at = _iso(text)
    except ValueError:
        loose = _LOOSE.fullmatch(unicodedata.normalize("NFKC", text))  # ２０２６／４／５ ９：３２ too
        if loose is None:
            return None
        try:
            at = datetime(*(int(part or 0) for part in loose.groups()))  # type: ignore[arg-type]  # noqa: DTZ001
        except ValueError:
            return None
    if at.year not in _YEARS:
        return None
    if (
        end_of_day
        and len(text) <= _DATE_LONGEST
        and _DATE_ONLY.fullmatch(unicodedata.normalize("NFKC", text))
    ):
        at = datetime.combine(at.date(), _LAST_SECOND)
    if at.tzinfo is None:
        # A difference gives the zone ten times faster than `replace`, and a log has a million times.
        return _IN_BEIJING + (at - _CIVIL) if zone is BEIJING else _civil(at, zone)
    return at.astimezone(BEIJING)


def _civil(at: datetime, zone: tzinfo) -> datetime | None:
    """Give the instant of a civil time: of an hour that comes twice the first, of one left out none."""
    moment = at.replace(tzinfo=zone).astimezone(BEIJING)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == at else None


def plain_id(text: str) -> str:
    """
    Write the id of an order in an export without outer spaces and with plain digits, letters, hyphens.

    In long form an id is what it is, to the letter.

    >>> plain_id("ＧＤ２０２６－０１ ")
    'GD2026-01'
    """
    text = text.strip()
    return text if text.isascii() else text.translate(_WIDE)


def day(text: str) -> date | None:
    """Read a date alone, or the date of a time; None for anything else."""
    at = instant(text)
    return at.date() if at else None


def flag(text: str) -> bool | None:
    """Read true/false/1/0/是/否; None for anything else."""
    lowered = unicodedata.normalize("NFKC", text).lower()
    return True if lowered in _TRUE else False if lowered in _FALSE else None


def attribute(name: str, text: str, zone: tzinfo = BEIJING, also: Also = NOTHING) -> Any:
    """
    Read the value of an attribute from a text that is not empty; None where it says there is none.

    Raises `BadValueError` with what is allowed. Choices may be written in Chinese; `also` holds
    those that a document adds.
    """
    holds = ATTRIBUTE_OF[name].holds
    if holds is _TEXT:
        return None if name in _DENIED and text.lower() in _NONE_SUCH else text
    if holds is _CHOICE:
        choices = _choices(name)
        if name in also:
            choices = {**choices, **_spelled(also[name])}
        if text not in choices:
            raise BadValueError("value_not_listed", name, text, tuple(dict.fromkeys(choices.values())))
        return choices[text]
    if holds is _FLAG:
        said = flag(text)
        if said is None:
            raise BadValueError("value_no_flag", name, text, ("true", "false", "1", "0", "是", "否"))
        return said
    if holds is _COUNT:
        number = _NUMBER.fullmatch(text)
        if number is None:
            raise BadValueError("value_no_number", name, text, ("1", "2"))
        return int(text)
    return _whole(name, instant(text, end_of_day=holds is _DUE, zone=zone), text)


def field_value(field: str, text: str, zone: tzinfo = BEIJING, also: Also = NOTHING) -> Any:
    """
    Read what a correction says stands in a field, or should; raises `BadValueError` as `attribute`.

    A field is `at`, `unit`, `actor`, `role` or an attribute.
    """
    if field == "at":
        return _whole(field, instant(text, zone=zone), text)
    if field in OF_EVERY_ENTRY:
        return role_names().get(text, text) if field == "role" else text
    if field not in ATTRIBUTE_OF:
        raise BadValueError("field_unknown", "field", field, (*OF_EVERY_ENTRY, *ATTRIBUTE_OF))
    return attribute(field, text, zone, also)


def _whole(name: str, at: datetime | None, text: str) -> datetime:
    if at is None:
        raise BadValueError("value_no_time", name, text, TIME_EXAMPLES)
    return at.replace(microsecond=0) if at.microsecond else at


@cache
def event_names(workflow: str = WORK_ORDER.name) -> dict[str, str]:
    """Every way to write an event of a workflow: its identifier and its Chinese label, to the identifier."""
    events = CASES[workflow].events if workflow in CASES else WORK_ORDER.events
    return {spelled: event.name for event in events for spelled in (event.name, event.zh)}


@cache
def role_names() -> dict[str, str]:
    """Every way to write a role that is on the list."""
    return {spelled: name for name, zh in ROLES.items() for spelled in (name, zh)}


@cache
def _choices(name: str) -> dict[str, str]:
    return _spelled(ATTRIBUTE_OF[name].choices or {})


def _spelled(listed: Mapping[str, str]) -> dict[str, str]:
    return {spelled: one for one, zh in listed.items() for spelled in (one, zh)}
