"""
Working-day arithmetic beside `chinese_calendar` asked day by day, and due times per second.

Both give the same dates, which is checked before anything is measured. A due time is what a rule makes of
an instant: JY-T03 (one working day) and JY-T08 (five, or the order's limit if that is earlier).
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import run_engine  # noqa: F401 - binds the checkout as `paidan`
from plain_loop import working_day_after
from rounds import in_turn, lines, machine

from paidan.policies.calendar import work_calendar
from paidan.policies.registry import Books, document
from paidan.workflows.records import BEIJING

COUNTS = (1, 5, 10)
FIRST_ON = date(2025, 1, 1)
DAYS = 700
"""From 2025 into 2026, and ten working days later still inside what both calendars know."""
PEER = "day by day"


def dates(chance: random.Random, count: int) -> list[date]:
    """Give dates at random."""
    return [FIRST_ON + timedelta(days=chance.randrange(DAYS)) for _ in range(count)]


def timed(count_on: Callable[[date, int], date], on: list[date], count: int) -> float:
    """Give answers per second."""
    began = perf_counter()
    for one in on:
        count_on(one, count)
    return len(on) / (perf_counter() - began)


def due_times(rule_id: str, starts: list[datetime]) -> float:
    """Give due times per second, by rules made anew so that nothing is remembered from before."""
    rules = Books(document("JY"), {}, None).latest
    limit = rules.clock(rule_id).limit
    due = rules.reckoner.due
    facts = {"order_due": starts[0] + timedelta(days=9)}
    began = perf_counter()
    for start in starts:
        due(limit, start, facts)
    return len(starts) / (perf_counter() - began)


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="few dates: a look, not a figure")
    chosen = parser.parse_args()
    chance = random.Random(1)
    few, many = (200, 5_000) if chosen.quick else (2_000, 200_000)
    calendar = work_calendar()
    on = dates(chance, many)
    for count in COUNTS:
        for one in on[:few]:
            if calendar.nth_working_day_after(one, count) != working_day_after(one, count):
                raise SystemExit(f"the calendars differ at {one} + {count}")
    print(machine())
    print(f"{chosen.rounds} rounds; {many:,} dates by table, {few:,} {PEER}")
    for count in COUNTS:
        contenders = {
            "table": partial(timed, calendar.nth_working_day_after, on, count),
            PEER: partial(timed, working_day_after, on[:few], count),
        }
        print(f"+{count} working days")
        print("\n".join(lines(in_turn(contenders, chosen.rounds), "answers/s", PEER)))
    starts = [
        datetime(one.year, one.month, one.day, tzinfo=BEIJING) + timedelta(seconds=chance.randrange(86_400))
        for one in on
    ]
    print("due times")
    for rule_id in ("JY-T03", "JY-T08"):
        rate = statistics.median(due_times(rule_id, starts) for _ in range(chosen.rounds))
        print(f"{rule_id:>24}: {rate:>12,.0f} due times/s")


if __name__ == "__main__":
    main()
