"""
Duties done within minutes before their limit (卡点办结): one is nothing, a unit that does it often a pattern.

Only what was done in time counts here; what was done late stands among the verdicts. The minutes are at most
a tenth of the time there was: what must be done within half an hour is not done at the last minute when ten
are left.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import BEIJING, Order

MINUTES_MOST = 60
"""Nobody is shown more than what was done within an hour before its limit."""
_MOST = timedelta(minutes=MINUTES_MOST)
_PART = 10


class Ending(NamedTuple):
    """A duty done shortly before its limit."""

    order_id: str
    rule: str
    clause: str
    unit: str
    started_at: datetime
    due_at: datetime
    done_at: datetime

    @property
    def left(self) -> timedelta:
        """How long before the limit it was done."""
        return self.due_at - self.done_at

    @property
    def when(self) -> datetime:
        """When it was done."""
        return self.done_at

    @property
    def who(self) -> str:
        """Nobody is named: a duty is a unit's."""
        return ""

    @property
    def place(self) -> tuple[datetime, str, int, str]:
        """What it is sorted by."""
        return self.done_at, self.order_id, 0, f"{self.rule} {self.started_at.isoformat()}"


class Ended(NamedTuple):
    """The duties of an order that were done shortly before their limit, and all that were met."""

    last: tuple[Ending, ...]
    met: tuple[tuple[str, str, str], ...]
    """unit, month, rule"""


class Endings(NamedTuple):
    """Every such duty, the latest first; and how many duties were met by unit, month and rule."""

    last: Sequence[Ending]
    met: Mapping[tuple[str, str, str], int]


def ended_of(order: Order, rules: Rulebook) -> Ended | None:
    """Give what was done of an order's duties, None where nothing was done in time."""
    last, met = [], []
    for clock in order.clocks:
        if clock.done_at is None or clock.void or clock.done_at > clock.due_at:
            continue
        rule = rules.clocks[clock.rule]
        if rule.kind != "duty":
            continue
        met.append(_met(clock.unit, month_of(clock.done_at), clock.rule))
        left = clock.due_at - clock.done_at
        if left <= _MOST and left * _PART <= clock.due_at - clock.started_at:
            last.append(
                Ending(
                    order.order_id, clock.rule, rule.clause, clock.unit, clock.started_at, clock.due_at,
                    clock.done_at,
                )
            )  # fmt: skip
    return Ended(tuple(last), _same(tuple(met))) if met else None


def endings(found: Iterable[Ended]) -> Endings:
    """Give what was found of all orders as one."""
    every = tuple(found)
    last = sorted(chain.from_iterable(one.last for one in every), key=attrgetter("place"), reverse=True)
    return Endings(last, Counter(chain.from_iterable(one.met for one in every)))


class UnitTold(NamedTuple):
    """How many duties a unit did at the last minute, of how many that it met."""

    unit: str
    number: int
    met: int


def within(found: Endings, minutes: int) -> Sequence[Ending]:
    """Give those that were done at most so many minutes before their limit."""
    most = timedelta(minutes=minutes)
    return [one for one in found.last if one.left <= most]


def by_unit(found: Endings, last: Iterable[Ending], unit: str, month: str, rule: str) -> Sequence[UnitTold]:
    """Give what each unit did of those asked for (empty is any), who did it most first."""

    def asked(of: str, at: str, by: str) -> bool:
        return unit in ("", of) and month in ("", at) and rule in ("", by)

    met: Counter[str] = Counter()
    for (of, at, by), number in found.met.items():
        if asked(of, at, by):
            met[of] += number
    numbers = Counter(one.unit for one in last if asked(one.unit, month_of(one.done_at), one.rule))
    return [UnitTold(of, number, met[of]) for of, number in numbers.most_common()]


def month_of(at: datetime) -> str:
    """Name the month of an instant, by Beijing time."""
    local = at.astimezone(BEIJING)
    return f"{local.year:04}-{local.month:02}"


@lru_cache(maxsize=10_000)
def _met(unit: str, month: str, rule: str) -> tuple[str, str, str]:
    return unit, month, rule


@lru_cache(maxsize=10_000)  # most orders meet the same duties of the same units: one value for all of them
def _same(met: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, str, str], ...]:
    return met
