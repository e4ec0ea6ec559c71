"""
Chance and time for the generator: the same seed gives the same draws on every machine.

Everything rests on `Random.random`, whose sequence Python keeps for good, and on whole seconds;
no library of floating functions, no order of sets, no clock of the machine has a say.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from paidan.policies.registry import document
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import BEIJING

T = TypeVar("T")

OFFICE = (time(8, 30), time(17, 30))
WAKING = (time(8, 0), time(21, 0))
_DAY = timedelta(days=1)


class Draw:
    """One stream of chance; streams with different names do not disturb each other."""

    def __init__(self, *name: object) -> None:
        self._random = Random(":".join(str(part) for part in name))  # noqa: S311 - no secret, a demonstration

    def share(self) -> float:
        """Give a number from 0 up to but not including 1."""
        return self._random.random()

    def chance(self, likely: float) -> bool:
        """Say yes with that probability."""
        return self.share() < likely

    def whole(self, low: int, high: int) -> int:
        """Give a whole number from `low` to `high`, both included."""
        return low + int(self.share() * (high - low + 1))

    def one(self, values: Sequence[T]) -> T:
        """Give one of the values."""
        return values[int(self.share() * len(values))]

    def weighted(self, weights: Mapping[T, int]) -> T:
        """Give a key, each as likely as its weight."""
        left = self.share() * sum(weights.values())
        for value, weight in weights.items():
            left -= weight
            if left < 0:
                return value
        raise ValueError("no weight is positive")

    def shuffled(self, values: Sequence[T]) -> list[T]:
        """Give the values in another order."""
        mixed = list(values)
        for last in range(len(mixed) - 1, 0, -1):
            other = int(self.share() * (last + 1))
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def soon(self, after: datetime, low: int, high: int) -> datetime:
        """Give a time from `low` to `high` minutes after `after`, to the second."""
        return after + timedelta(seconds=self.whole(low * 60, high * 60))


class Limits:
    """Due times as JY and paidan's own calendar work them out."""

    def __init__(self, on: date) -> None:
        rules = document("JY")
        self._rules = Rulebook(rules.policy(rules.version_on(on)[0]))
        self.calendar = self._rules.calendar

    def due(self, rule: str, started_at: datetime, **facts: datetime | None) -> datetime:
        """Give the last second of the clock `rule` that started then."""
        due = self._rules.reckoner.due(self._rules.clock(rule).limit, started_at, facts)
        if due is None:
            raise ValueError(f"{rule} needs more facts than {sorted(facts)}")
        return due.at

    def days(self, after: datetime, working_days: int) -> datetime:
        """Give the last second of the working day that many after `after`."""
        on = self.calendar.nth_working_day_after(after.date(), working_days)
        return datetime.combine(on, time(23, 59, 59), BEIJING)

    def office(self, draw: Draw, after: datetime, until: datetime) -> datetime:
        """Give a time in office hours on a working day, rather early than late between the two."""
        return self._inside(draw, after, until, OFFICE, working=True)

    def waking(self, draw: Draw, after: datetime, until: datetime) -> datetime:
        """Give a time between the two at which one may telephone, on whatever day."""
        return self._inside(draw, after, until, WAKING, working=False)

    def _inside(
        self, draw: Draw, after: datetime, until: datetime, hours: tuple[time, time], *, working: bool
    ) -> datetime:
        if until < after:
            raise ValueError(f"nothing lies between {after} and {until}")
        stretches: list[tuple[datetime, int]] = []
        on = after.date()
        while on <= until.date():
            if not working or self.calendar.is_working(on):
                opens = max(datetime.combine(on, hours[0], BEIJING), after)
                closes = min(datetime.combine(on, hours[1], BEIJING), until)
                if closes > opens:
                    stretches.append((opens, int((closes - opens).total_seconds())))
            on += _DAY
        share = min(draw.share(), draw.share())
        if not stretches:
            return after + timedelta(seconds=int(share * (until - after).total_seconds()))
        left = int(share * sum(length for _, length in stretches))
        for opens, length in stretches:
            if left < length:
                return opens + timedelta(seconds=left)
            left -= length
        raise ValueError("a share is less than 1")
