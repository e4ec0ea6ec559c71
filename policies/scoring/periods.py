"""Months, quarters and years as the documents bound them, named as CONTRACT section 5 writes them."""

import calendar
import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from paidan.policies.score_schema import SpanRule

_MONTH = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(?!000[01])([0-9]{4})Q([1-4])")
_YEAR = re.compile(r"(?!000[01])[0-9]{4}")
_LENGTHS = {"quarter": 3, "year": 12}


class Period(NamedTuple):
    """A period by `name` (`2026-03`, `2026Q1`, `2026`), its `span`, and the months it has, in order."""

    name: str
    span: str
    months: tuple[str, ...]


def period(name: str, spans: Mapping[str, SpanRule]) -> Period:
    """
    Read the name of a month, a quarter or a year; ValueError where it is none.

    A year is named after the one it ends in, a quarter after the year it belongs to: where quarters
    begin in November, `2026Q1` is November 2025 to January 2026.

    >>> period("2026Q2", {}).months
    ('2026-04', '2026-05', '2026-06')
    """
    if _MONTH.fullmatch(name):
        return Period(name, "month", (name,))
    if found := _QUARTER.fullmatch(name):
        begins, length = _bounds("quarter", spans)
        first = int(found[1]) * 12 + begins - (12 if begins else 0) + 3 * (int(found[2]) - 1)
        return Period(name, "quarter", _run(first, length))
    if _YEAR.fullmatch(name):
        begins, length = _bounds("year", spans)
        last = int(name) * 12 + (begins + length - 1) % 12
        return Period(name, "year", _run(last - length + 1, length))
    raise ValueError(name)


def containing(month: str, span: str, spans: Mapping[str, SpanRule]) -> Period:
    """Give the first quarter or year that has the month; where two overlap, the one that ends sooner."""
    at = int(month[:4])
    names = [f"{year}{part}" for year in (at, at + 1) for part in _PARTS[span]]
    return next(found for name in names if month in (found := period(name, spans)).months)


_PARTS = {"quarter": ("Q1", "Q2", "Q3", "Q4"), "year": ("",)}


def month_before(month: str) -> str:
    """
    Name the month before.

    >>> month_before("2026-01")
    '2025-12'
    """
    return _name(_number(month) - 1)


def month_after(month: str) -> str:
    """
    Name the month after.

    >>> month_after("2025-12")
    '2026-01'
    """
    return _name(_number(month) + 1)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Name the months from the first to the last, both included."""
    return _run(_number(first), _number(last) - _number(first) + 1)


def days_of(month: str) -> tuple[date, date]:
    """
    Give the first and last day of a month; ValueError where it is none.

    >>> days_of("2026-02")[1].isoformat()
    '2026-02-28'
    """
    first = date.fromisoformat(f"{month}-01")
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _bounds(span: str, spans: Mapping[str, SpanRule]) -> tuple[int, int]:
    """Give the month a span begins in, from 0, and its length; the calendar's where no rule says."""
    rule = spans.get(span)
    return (rule.begins_in - 1, rule.months) if rule else (0, _LENGTHS[span])


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _name(number: int) -> str:
    year, month = divmod(number, 12)
    return f"{year:04d}-{month + 1:02d}"


def _run(first: int, length: int) -> tuple[str, ...]:
    return tuple(_name(first + at) for at in range(length))
