"""
Months written in a few words an order, replayed and scored in process as CONTRACT section 7 prints them.

`life` writes an order as rows of the long form, `scored` replays rows under a document and scores a
period; `item`, `total`, `ranks`, `consequences` read what came out, exact. Nothing here knows a rule.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from paidan.engine import scoring
from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.intake.values import attribute, instant
from paidan.engine.replay_order import replay_order
from paidan.policies.registry import Books, document
from paidan.policies.roster import Roster, Unit
from paidan.policies.scoring.records import OrderRecord, record_of
from paidan.workflows.attributes import SAYABLE
from paidan.workflows.records import BEIJING, Command

Row = tuple[str, str, str, dict[str, Any]]
"""order, event, time, what the event says besides (`unit`, `role`, `actor` and attributes)"""
Event = tuple[str, str, dict[str, Any]]
Scores = dict[str, Any]

AUTO = "auto"
_SAID_ON = {
    **dict.fromkeys(
        ("urgent", "anonymous", "channel", "case_type", "law_due", "repeat_of", "area", "order_due"),
        "receive",
    ),
    **dict.fromkeys(("category", "assisting", "handling_class", "site_visit", "hazard"), "dispatch"),
    "finding": "close",
}
"""On which event `life` says an attribute that it does not name itself."""
_COLUMNS = ("unit", "role", "actor")


def life(
    order_id: str,
    unit: str = "A",
    *,
    received: str | None = AUTO,
    accepted: str | None = "2026-03-02 09:00",
    contact: str | None = AUTO,
    evidence: str = "rec",
    resolved: str | None = AUTO,
    outcome: str = "resolved",
    callbacks: Iterable[str | Mapping[str, Any]] = (),
    closed: str | None = "2026-03-06 12:00",
    due: str | None = AUTO,
    also: Iterable[Event] = (),
    **said: Any,
) -> list[Row]:
    """
    An order received, dispatched to `unit`, accepted, contacted, resolved, called back, closed.

    A time that is None leaves the event out. `auto`: received an hour before the acceptance (or the
    first other time given), registered and dispatched ten and twenty minutes later, contacted an hour
    after the acceptance, resolved two hours before the close, due two weeks after the receipt. A
    callback is "outcome/satisfaction[/process_satisfaction]", effective, an hour before the close (or
    the resolution); or a dict of `at` and attributes, so taken. `also` holds further events. Other
    words are attributes of the receipt, the dispatch or the close, or `<event>__<attribute>`.
    """
    told: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, value in said.items():
        event, _, of_event = name.partition("__")
        if of_event:
            told[event][of_event] = value
        else:
            told[_SAID_ON[name]][name] = value
    times = [one for one in (accepted, resolved, closed, contact) if one and one != AUTO]
    if received == AUTO:
        received = _later(times[0], hours=-1)
    start = received or times[0]
    if resolved == AUTO:
        resolved = _later(closed, hours=-2) if closed else None
    if contact == AUTO:
        contact = _later(accepted, hours=1) if accepted else None
    if due == AUTO:
        due = _later(start, days=14)
    if due:
        told["receive"]["order_due"] = due
    events: list[Event] = []
    if received:
        events.append(("receive", received, told["receive"]))
        events.append(("register", _later(received, minutes=10), told["register"]))
    events.append(("dispatch", _later(start, minutes=20), {"unit": unit, **told["dispatch"]}))
    if accepted:
        events.append(("accept", accepted, told["accept"]))
    if contact:
        events.append(("contact", contact, {"evidence": evidence, **told["contact"]}))
    if resolved:
        events.append(("resolve", resolved, {"outcome": outcome, **told["resolve"]}))
    usual = _later(closed, hours=-1) if closed else _later(resolved or start, hours=1)
    events += [_revisit(one, usual) for one in callbacks]
    if closed:
        events.append(("close", closed, told["close"]))
    return [(order_id, *event) for event in (*events, *also)]


def _revisit(one: str | Mapping[str, Any], usual: str) -> Event:
    if isinstance(one, str):
        answers = dict(zip(("outcome", "satisfaction", "process_satisfaction"), one.split("/"), strict=False))
        return "revisit", usual, {"result": "effective", **answers}
    return "revisit", one.get("at", usual), {name: value for name, value in one.items() if name != "at"}


def _later(text: str, **passed: int) -> str:
    return str(datetime.fromisoformat(text) + timedelta(**passed))


def lives(count: int, name: str = "G", **said: Any) -> list[Row]:
    """So many orders alike, named G1, G2, …; the words are those of `life`."""
    return [row for number in range(1, count + 1) for row in life(f"{name}{number}", **said)]


def scored(
    policy: str,
    rows: Iterable[Row],
    *,
    period: str = "2026-03",
    units: Mapping[str, str] | Sequence[Unit] | None = None,
    adjustments: Iterable[Mapping[str, Any]] = (),
    settings: Mapping[str, Any] | None = None,
    as_of: str | None = None,
) -> Scores:
    """
    The rows replayed under a policy and a period of them scored, as `score --format json` prints it.

    `period` is a month, `2026Q1` or a year. `units` lists the units of each pool in a text, or are
    `Unit`s. `adjustments` are rows of the adjustments file by column; one that is rejected fails.
    `as_of` is the end of the period unless said, the last event's time where that is later.
    """
    listed = list(rows)
    last = max(time_of(at) for _, _, at, _ in listed)
    end = time_of(as_of) if as_of else max(last, end_of(policy, period))
    return scored_run(policy, listed, period=period, roster=roster_of(policy, units), adjustments=adjustments,
                      settings=settings or {}, as_of=end)  # fmt: skip


def scored_run(
    policy: str,
    rows: Sequence[Row],
    *,
    period: str,
    roster: Roster | None,
    adjustments: Iterable[Mapping[str, Any]],
    settings: Mapping[str, Any],
    as_of: datetime,
) -> Scores:
    """Score rows by what the engine gives for a run: the one place that knows how the engine is asked."""
    found = document(policy)
    with TemporaryDirectory() as folder:
        path = entered_file(Path(folder), adjustments)
        if path:
            faults = read_adjustments(path, found.policy(found.versions[-1], settings), roster)[1]
            assert not faults, faults[0]
        run = scoring.Run(
            document=found,
            settings=settings,
            as_of=as_of,
            records=tuple(records_of(_books(policy, tuple(sorted(settings.items())), roster), rows, as_of)),
            roster=roster,
            adjustments=path,
        )
        return scoring.as_json(scoring.score(run, period))


def records_of(books: Books, rows: Sequence[Row], as_of: datetime) -> Iterator[OrderRecord]:
    """What scoring needs of the rows' orders, replayed under rules as of a time."""
    orders: dict[str, list[Command]] = defaultdict(list)
    for order_id, event, at, said in rows:
        orders[order_id].append(_command(order_id, event, at, said))
    for order_id, commands in sorted(orders.items()):
        commands.sort(key=lambda one: one.at)
        book, _ = books.governing(commands[0].at.date())
        done = replay_order(order_id, commands, book, as_of)
        if done.entries:
            yield record_of(done.order, done.entries, book, as_of)


@cache
def _books(policy: str, settings: tuple[tuple[str, Any], ...], roster: Roster | None) -> Books:
    return Books(document(policy), dict(settings), roster)


def _command(order_id: str, event: str, at: str, said: Mapping[str, Any]) -> Command:
    columns = {name: said[name] for name in _COLUMNS if name in said}
    attributes = {}
    for name, value in said.items():
        if name not in columns and value not in (None, ""):
            assert name in SAYABLE.get(event, ()), f"{event} says no {name}"
            attributes[name] = attribute(name, str(value))
    return Command(order_id, event, time_of(at), attributes=attributes, **columns)


def time_of(text: str) -> datetime:
    """The instant that a text says."""
    at = instant(text)
    assert at is not None, text
    return at


_YEAR_ENDS_IN = {"JY": 10, "BS": 10, "SW": 11}


def end_of(policy: str, period: str) -> datetime:
    """The last second of a period; BS quarters end with January, April, July, October."""
    year, *rest = period.replace("Q", "-Q").split("-")
    if not rest:
        month = _YEAR_ENDS_IN.get(policy, 12)
    elif rest[0].startswith("Q"):
        month = int(rest[0][1:]) * 3 - (2 if policy == "BS" else 0)
    else:
        month = int(rest[0])
    next_month = date(int(year) + month // 12, month % 12 + 1, 1)
    return datetime(next_month.year, next_month.month, 1, tzinfo=BEIJING) - timedelta(seconds=1)


@cache
def _roster_of(units: tuple[Unit, ...], first_pool: str) -> Roster:
    return Roster(units, first_pool)


def roster_of(policy: str, units: Mapping[str, str] | Sequence[Unit] | None) -> Roster | None:
    """The roster of units by pool, or of `Unit`s; None lists nobody."""
    if units is None:
        return None
    if isinstance(units, Mapping):
        units = [Unit(unit, pool) for pool, names in units.items() for unit in names.split()]
    return _roster_of(tuple(units), next(iter(document(policy).pools)))


def entered_file(folder: Path, adjustments: Iterable[Mapping[str, Any]]) -> Path | None:
    """An adjustments file of the rows in a folder; None where there are none."""
    entered = list(adjustments)
    if not entered:
        return None
    path = folder / "adjustments.csv"
    columns = ["unit", "at", "code", *dict.fromkeys(name for one in entered for name in one)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(columns)), restval="")
        writer.writeheader()
        writer.writerows(entered)
    return path


def entry(unit: str, code: str, points: str = "", at: str = "2026-03-15", **more: Any) -> dict[str, Any]:
    """A row of the adjustments file."""
    return {"unit": unit, "at": at, "code": code, "points": points, **more}


def rejected(policy: str, entered: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> str:
    """Why the row of the adjustments file is not taken under a policy; empty where it is."""
    found = document(policy)
    with TemporaryDirectory() as folder:
        path = entered_file(Path(folder), [entered])
        assert path is not None
        faults = read_adjustments(path, found.policy(found.versions[-1], settings or {}))[1]
        return faults[0].code if faults else ""


def of(scores: Scores, unit: str) -> dict[str, Any]:
    """What is printed of a unit."""
    found: list[dict[str, Any]] = [one for one in scores["units"] if one["unit"] == unit]
    assert len(found) == 1, f"{unit} is listed {len(found)} times"
    return found[0]


def item(scores: Scores, unit: str, name: str) -> Fraction | None:
    """The exact points of an item, None where they are undefined."""
    return _fraction(of(scores, unit)["items"][name]["exact"])


def counts(scores: Scores, unit: str, name: str) -> tuple[str | None, str | None]:
    """Numerator and denominator of an item as printed."""
    found = of(scores, unit)["items"][name]
    return found["numerator"], found["denominator"]


def rate(scores: Scores, unit: str, name: str) -> Fraction | None:
    """A rate of a unit, None where it is undefined."""
    return _fraction(of(scores, unit)["rates"][name]["exact"])


def total(scores: Scores, unit: str) -> Fraction | None:
    """The exact total, None where it is undefined."""
    return _fraction(of(scores, unit)["exact"])


def grade(scores: Scores, unit: str) -> str | None:
    """The grade of a unit."""
    found: str | None = of(scores, unit)["grade"]
    return found


def status(scores: Scores, unit: str) -> str:
    """The status of a unit."""
    return str(of(scores, unit)["status"])


def ranks(scores: Scores) -> dict[str, int | None]:
    """The rank of every unit listed."""
    return {one["unit"]: one["rank"] for one in scores["units"]}


def consequences(scores: Scores, *rules: str) -> list[tuple[str, str, str]]:
    """The consequences as sorted (rule, unit, kind), of these rules only where some are named."""
    found = [(one["rule"], one["unit"], one["kind"]) for one in scores["consequences"]]
    return sorted(one for one in found if not rules or one[0] in rules)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
