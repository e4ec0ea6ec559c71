"""Spans of time as a site writes them in a setting: `30m,2h,1d`, in natural minutes, hours and days."""

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SPAN: Final = re.compile(r"([1-9]\d{0,4})([mhd])")
NO_SPANS: Final = "none"


def spans(text: str) -> tuple[timedelta, ...]:
    """
    Read spans, shortest first, each once; raises `ValueError` for what is none.

    >>> [str(span) for span in spans("2h, 30m")]
    ['0:30:00', '2:00:00']
    """
    if text.strip() == NO_SPANS:
        return ()
    return tuple(sorted({_span(part.strip()) for part in text.split(",")}))


def written(text: str) -> str:
    """
    Write spans the one way: shortest first, each once; raises `ValueError`.

    >>> written("2h, 30m, 120m")
    '30m,2h'
    """
    of = {_span(part.strip()): part.strip() for part in reversed(text.split(","))}
    return ",".join(of[span] for span in sorted(of))


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * _UNITS[found[2]]
