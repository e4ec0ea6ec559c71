"""The month as the three files a street would hand over: log, units, adjustments."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from pathlib import Path

from paidan.engine.demo.chance import Draw
from paidan.engine.demo.entries import Adjustment, demo_adjustments
from paidan.engine.demo.life import Case
from paidan.engine.demo.month import MONTH, SEED, Month, demo_month
from paidan.engine.demo.street import demo_units
from paidan.workflows.attributes import ATTRIBUTE_OF, ATTRIBUTES, IDENTITY, Holds
from paidan.workflows.records import Command

_PLACED = ("order_id", "event", "at", "actor", "role", "unit")
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class DemoFiles:
    """Where the files lie, and the month that they are good to score."""

    orders: Path
    units: Path
    adjustments: Path
    month: str = MONTH


def write_demo(folder: Path, seed: int = SEED) -> DemoFiles:
    """Write `orders.csv`, `units.csv` and `adjustments.csv` into `folder`, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    month = demo_month(seed)
    files = DemoFiles(folder / "orders.csv", folder / "units.csv", folder / "adjustments.csv")
    _write(files.orders, (*_PLACED, *_said(month), *IDENTITY), _log(month))
    _write(
        files.units, ("unit", "pool", "name", "category", "counterpart"),
        ((one.unit, one.pool, one.name, one.category, one.counterpart) for one in demo_units()),
    )  # fmt: skip
    _write(files.adjustments, Adjustment._fields, demo_adjustments(month))
    return files


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _said(month: Month) -> tuple[str, ...]:
    """Name the attributes that the month's events say, in the order of the table of attributes."""
    said = {name for command in month.commands for name in command.attributes}
    return tuple(attribute.name for attribute in ATTRIBUTES if attribute.name in said)


def _log(month: Month) -> Iterable[tuple[str, ...]]:
    columns = _said(month)
    callers = {case.order_id: _caller(month.seed, case) for case in month.cases}
    nobody = ("",) * len(IDENTITY)
    for command in month.commands:
        yield (
            command.order_id, command.event, f"{command.at:%Y-%m-%d %H:%M:%S}", command.actor, command.role,
            command.unit, *(_text(name, command) for name in columns),
            *(callers[command.order_id] if command.event == "receive" else nobody),
        )  # fmt: skip


def _text(name: str, command: Command) -> str:
    value = command.attributes.get(name)
    return "" if value is None else _shown(name, value)


@cache
def _shown(name: str, value: object) -> str:
    attribute = ATTRIBUTE_OF[name]
    if attribute.holds is Holds.FLAG:
        return "是" if value else "否"
    if attribute.choices is not None:
        return attribute.choices[str(value)]
    if isinstance(value, datetime):
        whole_day = attribute.holds is Holds.DUE and value.time() == _LAST_SECOND
        return f"{value:%Y-%m-%d}" if whole_day else f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


def _caller(seed: int, case: Case) -> tuple[str, str, str, str]:
    """Invent who called: caller, phone, address, content (`IDENTITY`); nobody could take it for real."""
    draw = Draw(seed, "caller", case.order_id)
    address = f"虚构路{draw.whole(1, 999)}弄{draw.whole(1, 60)}号"
    content = f"【虚构】诉求人反映{address}附近{case.topic.text},希望相关部门处理并回复。"
    if case.anonymous:
        return "", "", address, content
    name = f"虚构{draw.one('甲乙丙丁戊己庚辛壬癸')}{draw.one(('先生', '女士'))}"
    return name, f"000{draw.whole(0, 99999999):08d}", address, content
