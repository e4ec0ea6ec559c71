"""How the lists of an auditor are chosen from and given page by page, wherever they are shown."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from paidan.engine.audit.endings import month_of
from paidan.engine.errors import UsageError

Place = tuple[datetime, str, int, str]


class Row(Protocol):
    """A line of a list; the latest comes first."""

    @property
    def unit(self) -> str:
        """The unit it is of."""

    @property
    def who(self) -> str:
        """Whose doing it was."""

    @property
    def rule(self) -> str:
        """The rule it is of."""

    @property
    def when(self) -> datetime:
        """When it was written or done."""

    @property
    def place(self) -> Place:
        """Where it stands; no two are alike."""


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a list is asked for; what is empty is any."""

    unit: str = ""
    month: str = ""
    person: str = ""
    rule: str = ""


def _says(row: Row) -> tuple[str, str, str, str]:
    """Give what a row would be chosen by, as `Choice` has it."""
    return row.unit, month_of(row.when), row.who, row.rule


def page(rows: Sequence[R], choice: Choice, after: str, most: int) -> tuple[list[R], str]:
    """
    Give the rows that are asked for and stand after a place, at most so many, and the place to go on from.

    An empty place is the beginning, as an answer the end. Raises `UsageError` for what is no place.
    """
    found = list(islice(_chosen(rows, choice, _start(rows, after)), most + 1))
    following = _written(found[most - 1].place) if len(found) > most else ""
    return found[:most], following


def counts(rows: Sequence[Row], choice: Choice) -> tuple[int, Mapping[str, Counter[str]]]:
    """Give how many are asked for, and of each thing to choose by how many each value would give."""
    names = [one.name for one in fields(Choice)]
    asked = {place: value for place, name in enumerate(names) if (value := getattr(choice, name))}
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    total = 0
    for says, number in Counter(map(_says, rows)).items():  # many rows say the same
        off = [place for place, value in asked.items() if says[place] != value]
        total += number * (not off)
        for place in range(len(names)) if not off else off if len(off) == 1 else ():
            if says[place]:
                found[names[place]][says[place]] += number
    return total, found


def _chosen(rows: Sequence[R], choice: Choice, start: int) -> Iterator[R]:
    for row in islice(rows, start, None):
        if (
            choice.unit in ("", row.unit)
            and choice.person in ("", row.who)
            and choice.rule in ("", row.rule)
            and choice.month in ("", month_of(row.when))
        ):
            yield row


def _start(rows: Sequence[Row], after: str) -> int:
    """Give the number of the first row after a place; the rows go down."""
    if not after:
        return 0
    place = _read(after)
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle].place >= place:
            low = middle + 1
        else:
            high = middle
    return low


def _written(place: Place) -> str:
    at, *rest = place
    return json.dumps([at.isoformat(), *rest], ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> Place:
    try:
        at, order_id, seq, rest = json.loads(text)
        found = datetime.fromisoformat(at), order_id, seq, rest
        if found[0].tzinfo is not None and [type(one) for one in found[1:]] == [str, int, str]:
            return found
    except (ValueError, TypeError, RecursionError):
        pass
    raise UsageError("audit.place", place=text)
