"""A large long-form log of plain lives, the same for the same size: what the benchmarks read."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

COLUMNS = (
    "order_id", "event", "at", "actor", "role", "unit", "order_due", "urgent", "anonymous", "category",
    "site_visit", "evidence", "outcome", "satisfaction", "result", "source", "owner", "reason", "basis",
)  # fmt: skip
SATISFACTION = ("satisfied", "basically_satisfied", "neutral")


def unit_names(count: int) -> list[str]:
    """Name so many units."""
    return [f"单位{number:02d}" for number in range(count)]


def write_log(path: Path, orders: int, seed: int = 1, *, units: int = 40, days: int = 80) -> int:
    """
    Write a log of `orders` lives of eight events each, received over so many days; give the events.

    The days begin on 5 January 2026.
    """
    chance = random.Random(seed)
    named = unit_names(units)
    start = datetime(2026, 1, 5, 8)
    events = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number in range(orders):
            received = start + timedelta(seconds=chance.randrange(days * 86400))
            due = received + timedelta(days=chance.choice((5, 10, 15)))
            unit = chance.choice(named)
            told = received
            blank = dict.fromkeys(COLUMNS, "")
            lives = (
                ("receive", 0, {"order_due": due.isoformat(" "), "urgent": "是" if number % 20 == 0 else "",
                                "anonymous": "是" if number % 15 == 0 else ""}),
                ("register", 25, {"role": "dispatcher"}),
                ("dispatch", 25, {"unit": unit, "category": "dispatched", "role": "dispatcher"}),
                ("accept", 1500, {"unit": unit, "role": "handling_unit"}),
                ("contact", 900, {"evidence": f"rec-{number}"}),
                ("resolve", 6000, {"outcome": "resolved", "evidence": f"rep-{number}"}),
                ("revisit", 1500, {"result": "effective", "outcome": "resolved", "source": "district",
                                   "satisfaction": chance.choice(SATISFACTION)}),
                ("close", 600, {}),
            )  # fmt: skip
            for event, most, said in lives:
                told += timedelta(seconds=chance.randrange(60 * most + 1))
                row = {
                    **blank,
                    "order_id": f"GD{number:07d}",
                    "event": event,
                    "at": told.isoformat(" "),
                    **said,
                }
                writer.writerow(row.values())
                events += 1
    return events
