"""
Says whether this machine and a database are fit to keep orders, check by check, and what to do if not.

A check is a function of what it is to look at; it gives a line for each thing it looked at. Another
check is another function in one of the two lists.
"""

import locale
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from paidan.engine import calendars
from paidan.engine.app import Engine
from paidan.engine.clock import Clock, SystemClock
from paidan.engine.keys import given_key
from paidan.policies.calendar import work_calendar
from paidan.storage import examine_store
from paidan.storage.errors import KeyMissingError, StoreMissingError, StoreUnavailableError
from paidan.storage.vault import Vault
from paidan.workflows.errors import PaidanError
from paidan.workflows.records import NOTHING

if TYPE_CHECKING:
    from paidan.storage.examination import Examined

T = TypeVar("T")

_PYTHON = (3, 11)
_SQLITE = (3, 27)
"""The first that backs a database up by `VACUUM INTO`."""
_LIBRARIES = ("sqlalchemy", "sqlmodel", "alembic", "structlog", "transitions", "chinese-calendar")
_EXTRAS = ("psycopg", "pyarrow", "prometheus-client")
_NOTICE_MONTH = 11
"""The State Council's notice of a year appears in October or November of the one before."""
_LITTLE_BYTES, _NO_BYTES = 1 << 30, 100 << 20
_SKEW_SECONDS, _FAR_SECONDS = 2, 60
_LAG_SECONDS = 60
"""Longer than this after its due time, a time-out has no sweeper that would raise it."""
_FOLDED = 200
"""Orders that are folded anew and compared; all of them are what `rebuild` is for."""


class Level(StrEnum):
    """How well it is: `fail` needs somebody now, `warn` before long."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Line(NamedTuple):
    """What one check found; the sentence is `doctor.` and `code`, or that of the `error`."""

    check: str
    level: Level
    code: str = ""
    details: Mapping[str, Any] = NOTHING
    error: PaidanError | None = None


class Looked(NamedTuple):
    """What there is to look at of a database: the time, what was seen of it, an engine on it."""

    now: datetime
    db: "Examined"
    engine: Engine


def check_python(_: datetime) -> Iterator[Line]:
    """Look at Python, and the SQLite that comes with it."""
    for name, found, least in (
        ("Python", sys.version_info[:3], _PYTHON),
        ("SQLite", sqlite3.sqlite_version_info, _SQLITE),
    ):
        said = {"name": name, "found": _dotted(found), "least": _dotted(least)}
        if found < least:
            yield Line("python", Level.FAIL, "too_old", said)
        else:
            yield Line("python", Level.OK, "version", said)


def check_libraries(_: datetime) -> Iterator[Line]:
    """Look at the libraries that orders are kept with, and those of the extras that are there."""
    found = {name: _version(name) for name in (*_LIBRARIES, *_EXTRAS)}
    missing = [name for name in _LIBRARIES if not found[name]]
    if missing:
        yield Line("libraries", Level.FAIL, "missing", {"names": ", ".join(missing)})
    there = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    yield Line("libraries", Level.OK, "libraries", {"found": there})


def check_calendar(now: datetime) -> Iterator[Line]:
    """Ask how far the calendar of this machine knows, which a new database starts with."""
    yield _horizon("calendar", work_calendar(known=calendars.known()).horizon_on, now)


def check_time_zone(now: datetime) -> Iterator[Line]:
    """Look at the machine's zone: paidan speaks Beijing time whatever it is, others may not."""
    here = now.astimezone()
    fine = here.utcoffset() == now.utcoffset()
    said = {"zone": here.tzname() or "?", "offset": here.strftime("%z")}
    yield Line("time_zone", Level.OK if fine else Level.WARN, "zone" if fine else "other_zone", said)


def check_terminal(_: datetime) -> Iterator[Line]:
    """Look at the encoding that is asked of the terminal, since paidan writes UTF-8."""
    found = locale.getencoding()
    fine = found.lower().replace("-", "").replace("_", "") == "utf8"
    yield Line(
        "terminal",
        Level.OK if fine else Level.WARN,
        "encoding" if fine else "other_encoding",
        {"found": found},
    )


def check_durability(looked: Looked) -> Iterator[Line]:
    """Look at the settings that keep what was acknowledged through a loss of power."""
    for name, (found, wanted) in looked.db.settings.items():
        said = {"name": name, "found": found, "wanted": wanted}
        fine = found == wanted
        yield Line(
            "durability", Level.OK if fine else Level.FAIL, "setting" if fine else "other_setting", said
        )


def check_append_only(looked: Looked) -> Iterator[Line]:
    """Look at the triggers by which the database itself keeps the log."""
    missing = looked.db.missing
    if missing:
        yield Line("append_only", Level.FAIL, "triggers_missing", {"names": ", ".join(missing)})
    else:
        yield Line("append_only", Level.OK, "triggers")


def check_vault(looked: Looked) -> Iterator[Line]:
    """Ask for the master key that is at hand here, and whether it is the vault's; it opens nothing."""
    key = given_key(None)
    if not looked.db.vault:
        yield Line("vault", Level.OK, "no_vault" if key is None else "vault_to_come")
    elif key is None:
        raise KeyMissingError("vault_key_missing")
    else:
        Vault(key, looked.db.vault)
        yield Line("vault", Level.OK, "vault")


def check_disk(looked: Looked) -> Iterator[Line]:
    """Look for room where the file lies; a server's disk cannot be seen from here."""
    free = looked.db.free_bytes
    if free is not None:
        level = Level.FAIL if free < _NO_BYTES else Level.WARN if free < _LITTLE_BYTES else Level.OK
        code = "disk" if level is Level.OK else "disk_little"
        yield Line("disk", level, code, {"free": f"{free / (1 << 30):,.1f} GiB"})


def check_clock(looked: Looked) -> Iterator[Line]:
    """Hold the server's clock beside ours: several processes share orders, and their clocks say when."""
    if looked.db.ahead_seconds is not None:
        apart = abs(looked.db.ahead_seconds)
        level = Level.FAIL if apart > _FAR_SECONDS else Level.WARN if apart > _SKEW_SECONDS else Level.OK
        yield Line("clock", level, "clock" if level is Level.OK else "clock_apart", {"seconds": f"{apart:g}"})


def check_horizon(looked: Looked) -> Iterator[Line]:
    """Ask how far the database's own calendar knows, and how many running deadlines go past it."""
    yield _horizon("horizon", looked.engine.calendar().horizon_on, looked.now)
    if looked.db.provisional:
        yield Line("horizon", Level.WARN, "provisional", {"count": looked.db.provisional})


def check_sweeping(looked: Looked) -> Iterator[Line]:
    """Look for what is overdue and not raised: somebody has to sweep."""
    due = looked.engine.longest_due_at()
    if due is not None and looked.now - due > timedelta(seconds=_LAG_SECONDS):
        minutes = int((looked.now - due).total_seconds() // 60)
        yield Line("sweeping", Level.WARN, "not_swept", {"due": due.isoformat(), "minutes": minutes})
    else:
        yield Line("sweeping", Level.OK, "swept")


def check_folded(looked: Looked) -> Iterator[Line]:
    """Hold orders as they are kept beside what their log makes of them."""
    differing = looked.engine.differing(_FOLDED)
    if differing:
        said = {"orders": ", ".join(differing[:5]), "count": len(differing)}
        yield Line("folded", Level.FAIL, "folded_differs", said)
    else:
        yield Line("folded", Level.OK, "folded", {"most": _FOLDED})


OF_MACHINE: tuple[Callable[[datetime], Iterator[Line]], ...] = (
    check_python,
    check_libraries,
    check_calendar,
    check_time_zone,
    check_terminal,
)
OF_DATABASE: tuple[Callable[[Looked], Iterator[Line]], ...] = (
    check_durability,
    check_append_only,
    check_vault,
    check_disk,
    check_clock,
    check_horizon,
    check_sweeping,
    check_folded,
)


def diagnose(url: str | None = None, clock: Clock | None = None) -> Iterator[Line]:
    """
    Give a line for everything looked at: this machine and, where one is named, a database.

    Changes nothing that opening would not. A database that is away, missing or of another version gives
    a line that says so; raises `StoreAddressError` for an address that names none.
    """
    clock = clock or SystemClock()
    for check in OF_MACHINE:
        yield from _found(check, clock.now())
    if url:
        yield from _of_database(url, clock)


def exit_code(lines: list[Line]) -> int:
    """Give 7 where the database is away, 4 where a check failed, else 0."""
    if any(isinstance(line.error, StoreUnavailableError) for line in lines):
        return 7
    return 4 if any(line.level is Level.FAIL for line in lines) else 0


def _of_database(url: str, clock: Clock) -> Iterator[Line]:
    try:
        db = examine_store(url, clock.now)
    except (StoreMissingError, StoreUnavailableError) as error:
        yield Line("database", Level.FAIL, error=error)
        return
    said = {"database": db.database, "found": db.version, "wanted": db.wanted}
    if db.version is None:
        yield Line("database", Level.FAIL, "no_tables", said)
    elif db.version != db.wanted:
        code = "tables_older" if db.version < db.wanted else "tables_later"
        yield Line("database", Level.FAIL, code, said)
    else:
        yield Line("database", Level.OK, "database", said)
        try:
            with Engine.open(url, None, clock=clock, log_only=True) as engine:
                for check in OF_DATABASE:
                    yield from _found(check, Looked(clock.now(), db, engine))
        except PaidanError as error:
            yield Line("database", Level.FAIL, error=error)


def _found(check: Callable[[T], Iterator[Line]], looked: T) -> Iterator[Line]:
    try:
        yield from check(looked)
    except PaidanError as error:
        yield Line(check.__name__.removeprefix("check_"), Level.FAIL, error=error)


def _horizon(check: str, horizon_on: date, now: datetime) -> Line:
    """Say how far a calendar knows; near the end of its last year the next notice should be there."""
    known_until = now.year if now.month < _NOTICE_MONTH else now.year + 1
    if horizon_on.year >= known_until:
        return Line(check, Level.OK, "horizon", {"on": horizon_on})
    return Line(check, Level.WARN, "horizon_near", {"on": horizon_on, "year": horizon_on.year + 1})


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
