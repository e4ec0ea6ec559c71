"""
What somebody would write in an afternoon: the peer of `benchmarks/replay.py`, in a process of its own.

`transitions` moves one model an order, `chinese_calendar` says day by day which days count, `csv`
reads and writes. It computes four due times and their verdicts (JY-T03, T06 or T07, T08, T09) and writes
two tables; it checks no rule, drops no duplicate, keeps no record for scoring and cites nothing.
"""

import csv
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
from transitions import Machine

STATES = ["new", "received", "registered", "dispatched", "accepted", "contacted", "resolved", "revisited",
          "closed"]  # fmt: skip
MOVES: list[Any] = [
    ["receive", "new", "received"],
    ["register", "received", "registered"],
    ["dispatch", "registered", "dispatched"],
    ["accept", "dispatched", "accepted"],
    ["contact", "accepted", "contacted"],
    ["resolve", ["accepted", "contacted"], "resolved"],
    ["revisit", "resolved", "revisited"],
    ["close", ["resolved", "revisited"], "closed"],
]
_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


class Order:
    """A model for the machine."""

    state: str
    trigger: Any


def working_day_after(on: date, count: int) -> date:
    """Count working days one by one."""
    while count:
        on += _DAY
        count -= chinese_calendar.is_workday(on)
    return on


def end_of(on: date) -> datetime:
    """Give the last second of a day."""
    return datetime.combine(on, _LAST_SECOND)


def verdict(done: datetime | None, due: datetime, now: datetime) -> str:
    """Say what became of a due time."""
    if done is not None:
        return "met" if done <= due else "late"
    return "overdue" if due < now else "open"


def main(log: Path, out: Path) -> None:
    """Replay a log into two tables."""
    orders: dict[str, list[tuple[datetime, dict[str, str]]]] = {}
    with log.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            orders.setdefault(row["order_id"], []).append((datetime.fromisoformat(row["at"]), row))
    now = max(at for rows in orders.values() for at, _ in rows)
    machine = Machine(
        model=None, states=STATES, transitions=MOVES, initial="new", auto_transitions=False,
        ignore_invalid_triggers=True,
    )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    with (
        (out / "transitions.csv").open("w", encoding="utf-8", newline="") as moved,
        (out / "deadlines.csv").open("w", encoding="utf-8", newline="") as due,
    ):
        transitions, deadlines = csv.writer(moved), csv.writer(due)
        for order_id in sorted(orders):
            order = Order()
            machine.add_model(order)
            first: dict[str, tuple[datetime, dict[str, str]]] = {}
            for at, row in sorted(orders[order_id], key=lambda one: one[0]):
                event = row["event"]
                before = order.state
                order.trigger(event)
                first.setdefault(event, (at, row))
                transitions.writerow((order_id, event, before, order.state, at.isoformat(), row["unit"]))
            machine.remove_model(order)
            if "dispatch" in first:
                deadlines.writerows(_deadlines(order_id, first, now))


def _deadlines(
    order_id: str, first: dict[str, tuple[datetime, dict[str, str]]], now: datetime
) -> list[tuple[str, ...]]:
    sent, row = first["dispatch"]
    limit = datetime.fromisoformat(first["receive"][1]["order_due"])
    on = sent.date()
    returns = 2 if row["site_visit"] else 1
    dues = (
        ("T03", end_of(working_day_after(on, 1)), "accept"),
        ("T07" if row["site_visit"] else "T06", end_of(working_day_after(on, returns)), "request_return"),
        ("T08", min(end_of(working_day_after(on, 5)), limit), "request_extension"),
        ("T09", limit, "close"),
    )
    rows: list[tuple[str, ...]] = []
    for rule, due, event in dues:
        done = first[event][0] if event in first else None
        came_to = verdict(done, due, now)
        rows.append((order_id, rule, row["unit"], sent.isoformat(), due.isoformat(),
                     done.isoformat() if done else "", came_to))  # fmt: skip
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
