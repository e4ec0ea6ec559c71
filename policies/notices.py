"""
A State Council holiday notice (放假通知) as a small TOML file: one year, whole, as it then stood.

    year = 2027
    notice = "国办发明电〔2026〕N号"
    published_on = 2026-11-04

    [[holiday]]
    name = "元旦"
    off = ["2027-01-01/2027-01-03"]
    work = ["2027-01-09"]

`off` lists the days off, alone or as first/last, weekends among them included; `work` the weekend
days worked in exchange. A notice may also speak of the last three days of the December before.
One that changes an earlier one states the whole year again.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any, Final

from paidan.policies import reader as r
from paidan.policies.errors import PolicyError
from paidan.policies.reader import Findings, Reader

Named = tuple[tuple[date, str], ...]
"""Days with the name of the holiday each belongs to, or is worked for; in order."""

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_YEARS: Final = range(1990, 2101)
_LAW_OF: Final = 2025
"""The regulation as it stands fixes the days off from this year on; older notices followed older ones."""


@dataclass(frozen=True, slots=True)
class Notice:
    """
    What a notice says of its year: days off and weekend days worked, each under its holiday.

    `notice` is its number, or its title; `published_on` the day it became known.
    """

    year: int
    notice: str
    published_on: date
    off: Named
    work: Named

    @property
    def first_on(self) -> date:
        """The first day that the notice may speak of."""
        return date(self.year - 1, 12, 29)

    @property
    def last_on(self) -> date:
        """The last day that the notice may speak of."""
        return date(self.year, 12, 31)

    def __str__(self) -> str:
        return f"{self.year} {self.notice} ({self.published_on})"


def read_notice(content: bytes, file: str, statutory: Callable[[int], Mapping[int, str]]) -> Notice:
    """
    Read a notice file strictly; raises `PolicyError` with every mistake found.

    `statutory` gives the days off that the law fixes for a year, by date ordinal; from 2025 on
    each of them must be among the days off.
    """
    findings = Findings(file)
    notice: Notice | None = None
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        findings.add("file_encoding", value=f"byte {error.start}")
    except tomllib.TOMLDecodeError as error:
        findings.add("toml_invalid", value=str(error))
    else:
        notice = _notice(raw, findings)
        if notice is not None:
            _check(notice, statutory, findings)
    if notice is None or findings.mistakes:
        raise PolicyError(tuple(dict.fromkeys(findings.mistakes)))
    return notice


def to_toml(notice: Notice) -> str:
    """
    Write a notice as the file that `read_notice` reads back to the same value.

    The same notice is always written the same, whoever wrote it first.
    """
    lines = [
        f"year = {notice.year}",
        f"notice = {_quoted(notice.notice)}",
        f"published_on = {notice.published_on}",
    ]
    for name in dict.fromkeys(name for _, name in sorted(notice.off + notice.work)):
        off = ", ".join(_runs(on for on, of in notice.off if of == name))
        work = ", ".join(f'"{on}"' for on, of in notice.work if of == name)
        lines += ["", "[[holiday]]", f"name = {_quoted(name)}", f"off = [{off}]", f"work = [{work}]"]
    return "\n".join(lines) + "\n"


def _notice(raw: Mapping[str, Any], findings: Findings) -> Notice | None:
    reader = Reader(raw, "", findings)
    year = reader.take("year", _year, required=True)
    title = reader.take("notice", r.text, required=True)
    published_on = reader.take("published_on", _published, required=True)
    rows = reader.take("holiday", _tables, required=True) or ()
    reader.finish()
    off: list[tuple[date, str]] = []
    work: list[tuple[date, str]] = []
    for row in rows:
        inner = Reader(row, f"[[holiday]] {row.get('name', '')}".strip(), findings)
        name = inner.take("name", r.text, required=True)
        free = inner.take("off", _runs_of_days, required=True) or ()
        made_up = inner.take("work", r.several(_day)) or ()
        inner.finish()
        if row.get("off") == []:
            inner.note("notice_no_day", "off")
        if name:
            off += [(on, name) for on in free]
            work += [(on, name) for on in made_up if on]
    if year is None or title is None or published_on is None:
        return None
    if not date(year - 1, 1, 1) <= published_on <= date(year, 12, 31):
        reader.note("notice_published", "published_on", published_on, (str(year - 1), str(year)))
    return Notice(year, title, published_on, tuple(sorted(off)), tuple(sorted(work)))


def _check(notice: Notice, statutory: Callable[[int], Mapping[int, str]], findings: Findings) -> None:
    seen: dict[date, str] = {}
    for on, name in chain(notice.off, notice.work):
        if not notice.first_on <= on <= notice.last_on:
            findings.add("notice_day_outside", name, value=on, allowed=_span(notice))
        if on in seen:
            findings.add("notice_day_twice", name, value=f"{on} ({seen[on]})")
        seen[on] = name
    for on, name in notice.work:
        if on.weekday() < _SATURDAY:
            findings.add("notice_work_weekday", name, "work", on)
    if notice.year >= _LAW_OF and not findings.mistakes:
        off = {on for on, _ in notice.off}
        for ordinal, name in sorted(statutory(notice.year).items()):
            if (on := date.fromordinal(ordinal)) not in off:
                findings.add("notice_statutory", name, "off", on)


def _span(notice: Notice) -> tuple[str]:
    return (f"{notice.first_on}..{notice.last_on}",)


def _runs(days: Iterable[date]) -> Iterable[str]:
    """Write days in order as they are listed: alone, or first/last where they follow each other."""
    run: list[date] = []
    for on in (*days, date.max):
        if run and on != run[-1] + _DAY:
            yield f'"{run[0]}"' if len(run) == 1 else f'"{run[0]}/{run[-1]}"'
            run = []
        run.append(on)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _year(reader: Reader, key: str, value: Any) -> int | None:
    if type(value) is int and value in _YEARS:
        return value
    reader.note("notice_year", key, value, (f"{_YEARS[0]}..{_YEARS[-1]}",))
    return None


def _published(reader: Reader, key: str, value: Any) -> date | None:
    if type(value) is date:
        return value
    reader.note("day_wanted", key, value)
    return None


def _tables(reader: Reader, key: str, value: Any) -> tuple[Mapping[str, Any], ...]:
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return tuple(value)
    reader.note("rows_wanted", key)
    return ()


def _day(reader: Reader, key: str, value: Any) -> date | None:
    try:
        on = date.fromisoformat(value)
    except (ValueError, TypeError):
        reader.note("notice_day", key, value)
        return None
    if on.isoformat() != value:
        reader.note("notice_day", key, value)
    return on


def _runs_of_days(reader: Reader, key: str, value: Any) -> tuple[date, ...]:
    days: list[date] = []
    for run in r.several(lambda _, __, one: one)(reader, key, value) or ():
        ends = run.split("/") if isinstance(run, str) else [run]
        first, last = _day(reader, key, ends[0]), _day(reader, key, ends[-1])
        if first is None or last is None:
            continue
        if len(ends) > 2 or last < first or (last - first).days > 31:  # noqa: PLR2004 - a month is no holiday
            reader.note("notice_run", key, run)
            continue
        days += [first + count * _DAY for count in range((last - first).days + 1)]
    return tuple(days)
