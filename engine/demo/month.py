"""
The month: how many orders go which way, when they come, and all their commands in time order.

Orders come in from 18 September to 17 October 2026. National Day (1 to 7 October, with Mid-Autumn
just before it) lies in the middle, and both days worked in exchange, Sunday 20 September and
Saturday 10 October, inside. The log ends with October, the month to score: the orders of late
September reach their limits there, which the holiday pushes back.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

from paidan.engine.demo import faults, street, ways
from paidan.engine.demo.chance import Draw, Limits
from paidan.engine.demo.life import Case, Life
from paidan.workflows.records import BEIJING, Command

SEED = 12345
MONTH = "2026-10"
FIRST_ON, LAST_ON = date(2026, 9, 18), date(2026, 10, 17)
BEGINS_AT = datetime.combine(FIRST_ON, time(0), BEIJING)
ENDS_AT = datetime(2026, 10, 31, 23, 59, 59, tzinfo=BEIJING)

_OF_THE_DAY = (2, 1, 1, 1, 1, 2, 5, 14, 34, 46, 48, 38, 22, 30, 40, 42, 40, 34, 24, 20, 18, 13, 8, 4)
"""How often people call in each hour of the day."""
_WORKED, _OFF = 80, 49
"""How often on a day that is worked, and on one that is not."""

Write = Callable[[Life], None]


class Plan(NamedTuple):
    """So many `orders` go the way `write`; `case` says what must be true of them."""

    orders: int
    write: Write
    case: Mapping[str, Any] = {}


_PLAIN = {"urgent": False, "site_visit": False, "hazard": False}
_SITE = {"urgent": False, "site_visit": True, "hazard": False}
_HAZARD = {"urgent": False, "site_visit": False, "hazard": True}
_SHORT = {**_PLAIN, "working_days": 3}
_LONG = {**_PLAIN, "working_days": 10}
_PATIENT = {**_LONG, "anonymous": False}
_OPEN = {**_PLAIN, "working_days": 30, "anonymous": False}

PLANS = (
    Plan(1220, ways.ordinary),
    Plan(24, ways.ordinary, {"category": "joint"}),
    *(Plan(6, ways.ordinary, {"category": duty}) for duty in ("first_asked", "designated", "backstop")),
    Plan(96, ways.direct, {"unit": "", "urgent": False, "site_visit": False, "hazard": False}),
    Plan(34, ways.handed_back, _PLAIN),
    Plan(54, ways.returned, _LONG),
    Plan(18, ways.returned, {**_SITE, "working_days": 7}),
    Plan(12, ways.returned, {**_HAZARD, "working_days": 7}),
    Plan(20, ways.return_refused, {**_PLAIN, "working_days": 5}),
    Plan(5, ways.resolved_while_asking, _LONG),
    Plan(6, ways.returned_then_handed_back, _PLAIN),
    Plan(90, ways.extended, {**_PLAIN, "working_days": 5}),
    Plan(16, ways.extended_late, _SHORT),
    Plan(14, ways.extension_refused, {**_PLAIN, "working_days": 7}),
    Plan(48, ways.sent_back, {"working_days": 5, "urgent": False}),
    Plan(40, ways.redone, _LONG),
    Plan(18, ways.reopened, _LONG),
    Plan(26, ways.flagged_urgent, {"urgent": False, "anonymous": False}),
    Plan(18, ways.supervised),
    Plan(14, ways.disputed, {**_LONG, "category": "joint"}),
    Plan(10, ways.led, {**_PLAIN, "category": "chronic", "working_days": 20}),
    Plan(16, ways.led, {**_PLAIN, "category": "on_site"}),
    Plan(10, ways.led, {**_PLAIN, "category": "topic"}),
    Plan(6, ways.led, {**_PLAIN, "category": "talk_first"}),
    Plan(4, ways.overridden, _LONG),
    Plan(14, faults.late_return, _LONG),
    Plan(6, faults.late_return, {**_SITE, "working_days": 7}),
    Plan(6, faults.return_after_due, _PLAIN),
    Plan(10, faults.return_incomplete, _LONG),
    Plan(6, faults.return_unprotected, {**_HAZARD, "working_days": 5}),
    Plan(5, faults.return_unseen, {**_SITE, "working_days": 5}),
    Plan(12, faults.late_extension, _SHORT),
    Plan(8, faults.second_extension, {**_PLAIN, "working_days": 5}),
    Plan(10, faults.unchecked, {"anonymous": False}),
    Plan(4, faults.unlimited, _PLAIN),
    Plan(4, faults.closed_twice, _PLAIN),
    Plan(4, faults.accepted_twice, _PLAIN),
    Plan(3, faults.approved_unasked, _LONG),
    Plan(3, faults.resolved_unaccepted, _LONG),
    Plan(3, faults.never_registered, {"anonymous": False}),
    Plan(2, faults.never_dispatched, {"anonymous": False}),
    Plan(6, faults.never_accepted, {**_PLAIN, "anonymous": False}),
    Plan(5, faults.never_contacted, {**_PLAIN, "anonymous": False}),
    Plan(5, faults.unfinished, {**_PLAIN, "anonymous": False, "working_days": 5}),
    Plan(6, faults.unfinished, _OPEN),
    Plan(4, faults.unfinished_extended, {**_OPEN, "working_days": 15}),
    Plan(3, faults.left_returned, _PLAIN),
    Plan(4, faults.left_resolved, _OPEN),
    Plan(4, faults.left_revisited, _OPEN),
    Plan(2, faults.left_dispatched_again, _OPEN),
)
"""Orders that come on any day, to the busy units."""

_BEFORE_IT = (date(2026, 9, 21), date(2026, 9, 24))
_AFTER_THE_HOLIDAY = (date(2026, 10, 8), date(2026, 10, 15))
FIXED = (
    *(
        (Plan(4, faults.unevaluated, {**_SHORT, "unit": unit}), _AFTER_THE_HOLIDAY)
        for unit in street.NOT_EVALUATED
    ),
    (Plan(3, faults.unfinished, {**_OPEN, "unit": street.ONLY_ACCEPTED}), _AFTER_THE_HOLIDAY),
    (Plan(3, faults.accepted_before, {**_PATIENT, "unit": street.NOTHING_ACCEPTED}), _BEFORE_IT),
    (Plan(12, ways.ordinary, _LONG), (date(2026, 9, 14), date(2026, 9, 17))),
)
"""Orders of a certain unit or certain days; the last began before the log does."""


@dataclass(frozen=True, slots=True)
class Month:
    """What was generated: the orders, and their commands by time (and by order and step within a second)."""

    seed: int
    cases: tuple[Case, ...] = field(repr=False)
    commands: tuple[Command, ...] = field(repr=False)
    by_way: Mapping[str, tuple[Case, ...]] = field(repr=False)


@cache
def demo_month(seed: int = SEED) -> Month:
    """Generate the month; the same seed gives the same month anywhere."""
    limits = Limits(FIRST_ON)
    cases: list[Case] = []
    commands: list[Command] = []
    by_way: dict[str, tuple[Case, ...]] = {}
    serials: dict[date, int] = {}
    for received_at, plan in _arrivals(seed, limits):
        on = received_at.date()
        serials[on] = serials.get(on, 0) + 1
        order_id = f"JY{on:%y%m%d}-{serials[on]:03d}"
        case = _case(seed, order_id, received_at, plan, cases)
        life = Life(case, Draw(seed, "life", order_id), limits)
        plan.write(life)
        kept = [command for command in life.commands if BEGINS_AT <= command.at <= ENDS_AT]
        if kept:
            cases.append(case)
            commands += kept
            by_way[case.way] = (*by_way.get(case.way, ()), case)
    commands.sort(key=lambda command: command.at)
    return Month(seed, tuple(cases), tuple(commands), by_way)


def demo_commands(seed: int = SEED) -> Iterator[Command]:
    """Give the month's commands by time, without anybody's identity: what a live engine would have heard."""
    yield from demo_month(seed).commands


def _arrivals(seed: int, limits: Limits) -> list[tuple[datetime, Plan]]:
    draw = Draw(seed, "arrivals")
    days = [FIRST_ON + timedelta(days=day) for day in range((LAST_ON - FIRST_ON).days + 1)]
    busy = {day: _WORKED if limits.calendar.is_working(day) else _OFF for day in days}
    arrivals = [(_time(draw, draw.weighted(busy)), plan) for plan in PLANS for _ in range(plan.orders)]
    for plan, (first_on, last_on) in FIXED:
        for _ in range(plan.orders):
            on = first_on + timedelta(days=draw.whole(0, (last_on - first_on).days))
            arrivals.append((_time(draw, on), plan))
    arrivals.sort(key=lambda arrival: arrival[0])
    return arrivals


def _time(draw: Draw, on: date) -> datetime:
    hour = draw.weighted(dict(enumerate(_OF_THE_DAY)))
    seconds = 0 if draw.chance(0.04) else draw.whole(0, 59)
    return datetime.combine(on, time(hour, draw.whole(0, 59), seconds), BEIJING)


def _case(seed: int, order_id: str, received_at: datetime, plan: Plan, earlier: list[Case]) -> Case:
    draw = Draw(seed, "case", order_id)
    wanted = dict(plan.case)
    unit = wanted.pop("unit", None)
    if unit == "":
        topic = street.answerable(draw)
    else:
        topic = street.topic(draw, unit or "")
        unit = unit or topic.unit or draw.weighted(street.BUSY_NEIGHBOURHOODS)
    signs = {
        "urgent": draw.chance(topic.urgent / 100),
        "anonymous": draw.chance(0.05),
        "site_visit": draw.chance(topic.site / 100),
        "hazard": draw.chance(topic.hazard / 100),
    }
    repeat_of = None
    if plan.write is ways.ordinary and draw.chance(0.08):
        alike = [one.order_id for one in earlier if (one.topic, one.unit) == (topic, unit)]
        repeat_of = draw.one(alike) if alike else None
    return Case(
        order_id=order_id, received_at=received_at, topic=topic, unit=unit, slack=street.slack(seed, unit),
        way=plan.write.__name__, repeat_of=repeat_of, **{**signs, **wanted},
    )  # fmt: skip
