"""
What a calendar may know: whose notices, loaded or shipped, and as known on which day.

Pure choice among notices; `policies.calendar` brings the library's tables and does the counting.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from paidan.policies.notices import Named, Notice, read_notice

_SHIPPED: Final = Path(__file__).parent / "calendars"
_DECEMBER: Final = 12
_NEW_YEAR: Final = "元旦"


class Known(NamedTuple):
    """
    What a calendar may know: an edition is this and a version of chinese-calendar.

    `notices` are those loaded beside the library; of two for one year the one published later holds
    (on the same day, the one loaded later). The library's tables count through the year `through`,
    None for all of them. What was published after the day `on` is left out; None leaves nothing out.
    """

    notices: tuple[Notice, ...] = ()
    through: int | None = None
    on: date | None = None


NOTHING_LOADED: Final = Known()


def holding(known: Known, library: Iterable[Notice]) -> Mapping[int, Notice]:
    """Give the notice that holds for each year of the unbroken run that is known."""
    own = [notice for notice in library if known.through is None or notice.year <= known.through]
    years = {notice.year for notice in own}
    first = [notice for notice in superseded() if notice.year in years]
    latest: dict[int, Notice] = {}
    for notice in sorted((*first, *own, *known.notices), key=lambda one: one.published_on):
        if known.on is None or notice.published_on <= known.on:
            latest[notice.year] = notice
    run: dict[int, Notice] = {}
    year = min(years, default=0)
    while year in latest:
        run[year] = latest[year]
        year += 1
    return run


def days_of(notices: Iterable[Notice]) -> tuple[dict[int, str], dict[int, str]]:
    """
    Give days off and days worked in exchange: date ordinal to holiday.

    The notices come in order of year; each overrules the one before it in that one's December.
    """
    off: dict[int, str] = {}
    work: dict[int, str] = {}
    for notice in notices:
        for ours, other, days in ((off, work, notice.off), (work, off, notice.work)):
            for on, name in days:
                ours[on.toordinal()] = name
                other.pop(on.toordinal(), None)
    return off, work


def library_notices(
    years: Iterable[int], off: Mapping[int, str], work: Mapping[int, str], version: str
) -> tuple[Notice, ...]:
    """
    Give the years of a library's tables as notices, with the day each became known.

    Days at the end of December that belong to New Year are the next year's. A year whose notice
    is not listed in `calendars/published.toml` counts as known from the last day before it.
    """
    told = {row["year"]: row for row in _published()}
    nothing: Mapping[str, Any] = {}

    def those(days: Mapping[int, str], year: int) -> Named:
        named = ((date.fromordinal(day), name) for day, name in sorted(days.items()))
        return tuple((on, name) for on, name in named if _year_of(on, name) == year)

    return tuple(
        Notice(
            year,
            told.get(year, nothing).get("notice", version),
            told.get(year, nothing).get("published_on", date(year - 1, 12, 31)),
            those(off, year),
            those(work, year),
        )
        for year in years
    )


@cache
def superseded() -> tuple[Notice, ...]:
    """Give the notices of years that were changed later, as they first stood."""
    files = sorted(path for path in _SHIPPED.glob("*.toml") if path.stem.isdigit())
    return tuple(read_notice(path.read_bytes(), path.name, lambda _: {}) for path in files)


@cache
def _published() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads((_SHIPPED / "published.toml").read_text("utf-8"))["notice"]
    return rows


def _year_of(on: date, name: str) -> int:
    return on.year + (on.month == _DECEMBER and name == _NEW_YEAR)
