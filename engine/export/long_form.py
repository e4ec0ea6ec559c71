"""A live log as the long form that `replay` reads."""

import csv
from collections.abc import Iterable
from datetime import datetime
from typing import TextIO

from paidan.workflows.attributes import ATTRIBUTES
from paidan.workflows.records import Entry
from paidan.workflows.work_order import WORK_ORDER

_ENTRY = ("order_id", "event", "at", "actor", "role", "unit", "recorded_at")
_SAID = tuple(one.name for one in ATTRIBUTES)
COLUMNS = _ENTRY + _SAID


def write_long_form(entries: Iterable[Entry], file: TextIO) -> int:
    """
    Write the entries that someone submitted, one row each, and say how many.

    What the engine wrote itself is left out: a replay writes it anew. The columns are always
    the same, an attribute nobody said is empty, times are Beijing time with their offset.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    events = WORK_ORDER.event_of
    written = 0
    for entry in entries:
        if events[entry.event].by_engine:
            continue
        said = entry.attributes
        told = (entry.order_id, entry.event, entry.at.isoformat(), entry.actor, entry.role, entry.unit)
        writer.writerow((*told, entry.recorded_at.isoformat(), *(_text(said.get(name)) for name in _SAID)))
        written += 1
    return written


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else str(value)
