"""What a run of the month shows: who was late by which clause, what else was broken, what to look at."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from paidan.engine.inert import records
from paidan.engine.runs import Run
from paidan.policies.schema import ClockRule

CENTRE = "城运中心"
"""Who registers and dispatches (JY-T01, JY-T02), and holds what no unit held."""
_LATE = ("late", "overdue")
_OF_THE_CENTRE = ("JY-T01", "JY-T02")
_COUNTED_IN_DAYS = "JY-T03"
_TELLING = 3
"""A unit that was late less often is named only where none was late so often."""


class Lateness(NamedTuple):
    """What a limit came to over the month, and the unit that missed it in the greatest share of cases."""

    clock: ClockRule
    met: int
    late: int
    overdue: int
    worst: str
    worst_missed: int
    worst_of: int


class Example(NamedTuple):
    """A missed limit worth explaining: the one whose days took the longest."""

    order_id: str
    rule: str


class Report(NamedTuple):
    """The lateness by rule, how often each other rule was broken, and an example."""

    lateness: tuple[Lateness, ...]
    broken: tuple[tuple[str, int], ...]
    impossible: int
    example: Example | None


def report(run: Run) -> Report:
    """Read a run folder of the demo month."""
    counts: Counter[tuple[str, str]] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    judged: Counter[tuple[str, str]] = Counter()
    example: Example | None = None
    longest = 0.0
    for rows in _orders(run.folder / "deadlines.csv"):
        holder = next((row["unit"] for row in reversed(rows) if row["unit"]), CENTRE)
        for row in rows:
            rule, verdict = row["rule"], row["verdict"]
            counts[rule, verdict] += 1
            if verdict not in ("met", *_LATE):
                continue
            unit = CENTRE if rule in _OF_THE_CENTRE else row["unit"] or holder
            judged[rule, unit] += 1
            if verdict in _LATE:
                missed[rule, unit] += 1
                if rule == _COUNTED_IN_DAYS and verdict == "late" and (span := _span(row)) > longest:
                    longest, example = span, Example(row["order_id"], rule)
    clocks = run.books.latest.clocks
    broken = Counter(row["rule"] for rows in _orders(run.folder / "deviations.csv") for row in rows)
    impossible = broken.pop("", 0)
    return Report(
        tuple(_lateness(clock, counts, missed, judged) for clock in clocks.values()),
        tuple(sorted(broken.items())), impossible, example,
    )  # fmt: skip


def _lateness(
    clock: ClockRule, counts: Counter[tuple[str, str]], missed: Counter[tuple[str, str]],
    judged: Counter[tuple[str, str]],
) -> Lateness:  # fmt: skip
    counted = {unit: count for (rule, unit), count in missed.items() if rule == clock.rule}

    def share(unit: str) -> tuple[bool, Fraction, int, str]:
        often = counted[unit] >= _TELLING
        part = Fraction(counted[unit], judged[clock.rule, unit]) if often else Fraction(0)
        return often, part, counted[unit], unit

    worst = max(counted, key=share, default="")
    return Lateness(
        clock,
        met=counts[clock.rule, "met"],
        late=counts[clock.rule, "late"],
        overdue=counts[clock.rule, "overdue"],
        worst=worst,
        worst_missed=missed[clock.rule, worst],
        worst_of=judged[clock.rule, worst],
    )


def _orders(path: Path) -> Iterator[list[dict[str, str]]]:
    """Give the rows of each order together, as they stand."""
    rows: list[dict[str, str]] = []
    for row in records(path):
        if rows and row["order_id"] != rows[0]["order_id"]:
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows


def _span(row: dict[str, str]) -> float:
    started_at, due_at = (datetime.fromisoformat(row[name]) for name in ("started_at", "due_at"))
    return (due_at - started_at).total_seconds()
