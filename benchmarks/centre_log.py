"""The log of a hotline centre up to a time: orders at every stage, some sent to and fro, two very long."""

import csv
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from log_maker import SATISFACTION, unit_names

LONG, MOST = "GD-LONG", "GD-MOST"
"""An order that went back and forth thirty times, and one of a thousand entries."""
_COLUMNS = (
    "order_id", "event", "seq", "at", "recorded_at", "actor", "role", "unit", "order_due", "urgent",
    "anonymous", "category", "evidence", "outcome", "satisfaction", "result", "source", "owner", "reason",
    "report", "backdated", "entry", "field", "before", "after",
)  # fmt: skip
_CENTRE = {"actor": "王二", "role": "dispatcher"}
_LEADER = {"actor": "郑主任", "role": "centre_head"}
_DAYS = 85
_STUCK = 0.06
"""Of all orders, so many stop half way; below, so many have this or that happen to them."""
_RETURNED, _EXTENDED, _URGED, _NOTED, _DONE_AGAIN, _MENDED = 0.15, 0.25, 0.4, 0.5, 0.05, 0.02
_ROUNDS = 30
_MOST = 1000

Step = tuple[str, float, dict[str, str]]
"""An event, at most so many minutes after the one before, and what it says."""


def write_centre_log(path: Path, orders: int, until: datetime, *, units: int = 40, seed: int = 1) -> int:
    """Write a log of `orders` lives of some ten events, received over twelve weeks; give the events."""
    chance = random.Random(seed)
    named = unit_names(units)
    events = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for order_id, steps in _lives(orders, named, chance):
            at = until - timedelta(days=_DAYS * chance.random())
            if order_id in (LONG, MOST):
                at = until - timedelta(days=_DAYS)
            due = at + timedelta(days=chance.choice((5, 10, 15)))
            for seq, (event, most, said) in enumerate(steps, start=1):
                at += timedelta(seconds=chance.randrange(int(60 * most) + 1))
                learned = at + timedelta(hours=5) if "backdated" in said else at
                if learned > until:
                    break
                row = {"order_id": order_id, "event": event, "seq": seq, **said}
                row["at"] = at.isoformat(" ", "seconds")
                due += timedelta(days=5) if event == "approve_extension" else timedelta()
                if event in ("receive", "approve_extension"):
                    row["order_due"] = due.isoformat(" ", "seconds")
                row["recorded_at"] = learned.isoformat(" ", "seconds")
                writer.writerow(row)
                events += 1
    return events


def _lives(orders: int, units: Sequence[str], chance: random.Random) -> Iterator[tuple[str, list[Step]]]:
    yield LONG, _long(units)
    yield MOST, _most(units[0])
    for number in range(orders - 2):
        steps = _life(number, units, chance)
        if chance.random() < _STUCK:
            steps = steps[: chance.randrange(1, 6)]
        yield f"GD{number:07d}", steps


def _life(number: int, units: Sequence[str], chance: random.Random) -> list[Step]:
    unit, other = chance.sample(units, 2)
    marks = {"urgent": "是" if number % 20 == 0 else "", "anonymous": "是" if number % 15 == 0 else ""}
    steps: list[Step] = [("receive", 0, marks), ("register", 25, _CENTRE)]
    if chance.random() < _RETURNED:
        steps += [
            ("dispatch", 25, {"unit": other, "category": "dispatched", **_CENTRE}),
            ("request_return", 400, {**_of(other), "reason": "非本单位职责", "owner": unit}),
            ("approve_return", 200, _CENTRE),
        ]
    steps += [
        ("dispatch", 25, {"unit": unit, "category": "dispatched", **_CENTRE}),
        ("accept", 600, _of(unit)),
        ("contact", 500, {**_of(unit), "evidence": f"rec-{number}"}),
    ]
    if chance.random() < _EXTENDED:
        steps += [
            ("request_extension", 1500, {**_of(unit), "reason": "需多部门会商", "report": f"ext-{number}"}),
            ("approve_extension", 600, _LEADER),
        ]
    if chance.random() < _URGED:
        steps.append(("urge", 900, _CENTRE))
    if chance.random() < _NOTED:
        steps.append(("note", 900, {**_of(unit), "reason": "已与当事人约定上门时间"}))
    end = [*_end(number, unit, chance)]
    if chance.random() < _MENDED:
        end[0][2]["backdated"] = "系统故障补录"
    steps += end
    if chance.random() < _DONE_AGAIN:
        steps += [
            ("redo", 3000, {**_CENTRE, "unit": unit, "reason": "诉求未解决"}),
            ("accept", 500, _of(unit)),
        ]
        steps += _end(number, unit, chance)
    if chance.random() < _MENDED:
        said = {"entry": "1", "field": "case_type", "before": "", "after": "help", "reason": "录入有误"}
        steps.append(("correct", 600, {**_LEADER, **said}))
    return steps


def _end(number: int, unit: str, chance: random.Random) -> Iterator[Step]:
    yield "resolve", 5000, {**_of(unit), "outcome": "resolved", "evidence": f"rep-{number}"}
    satisfaction = chance.choice(SATISFACTION)
    said = {"result": "effective", "outcome": "resolved", "source": "district", "satisfaction": satisfaction}
    yield "revisit", 1500, {"actor": "孙回访", "role": "supervisor", **said}
    yield "close", 600, _CENTRE


def _long(units: Sequence[str]) -> list[Step]:
    steps: list[Step] = [("receive", 0, {}), ("register", 5, _CENTRE)]
    for number in range(_ROUNDS):
        unit = units[number % len(units)]
        steps += [
            ("dispatch", 30, {"unit": unit, "category": "dispatched", **_CENTRE}),
            ("accept", 30, _of(unit)),
            ("request_return", 300, {**_of(unit), "reason": "非本单位职责", "owner": units[-1]}),
            ("urge", 300, _CENTRE),
            ("approve_return", 300, _CENTRE),
        ]
    return steps


def _most(unit: str) -> list[Step]:
    steps: list[Step] = [
        ("receive", 0, {}), ("register", 5, _CENTRE),
        ("dispatch", 5, {"unit": unit, "category": "dispatched", **_CENTRE}), ("accept", 30, _of(unit)),
    ]  # fmt: skip
    noted: Step = ("note", 60, {**_of(unit), "reason": "已与当事人联系，约定再次上门"})
    return [*steps, *[noted] * (_MOST - len(steps))]


def _of(unit: str) -> dict[str, str]:
    return {"actor": f"{unit}经办", "role": "handling_unit", "unit": unit}
