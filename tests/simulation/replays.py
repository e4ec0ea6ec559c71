"""A live log taken out and replayed as recorded: it must come out as it is."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from paidan.engine import Engine
from paidan.engine.intake.events import read_logs
from paidan.engine.replay_order import replay_order
from paidan.workflows.records import Entry
from simulation.model import Model

_BY_ENGINE = ("warn", "time_out", "time_out_withdrawn", "escalate", "recompute")


def replayed(engine: Engine, model: Model, now: datetime, file: Path, *, recounted: bool) -> Iterator[str]:
    """
    Say where the export of the log, replayed as recorded, is not the log.

    Unless every clock was `recounted` when a notice was loaded, orders that this moved are passed over:
    a load that was cut short counts them when it is finished.
    """
    rows = engine.export(file)
    read = read_logs([file])
    file.unlink()
    if read.rejected or read.read != rows:
        yield f"of {rows} rows of the export {read.read} were read, rejected {read.rejected[:3]}"
    for order_id, told in model.orders.items():
        commands = read.of(order_id, as_recorded=True)
        done = replay_order(order_id, commands, told.rules, now, enforce=True, as_recorded=True)
        entries, log = [*map(_plain, done.entries)], [*map(_plain, told.log)]
        if not recounted and any(one.event == "recompute" for one in (*entries, *log)):
            continue
        if done.refused or entries != log:
            place = next(
                (at for at, two in enumerate(zip(entries, log, strict=False)) if two[0] != two[1]), -1
            )
            yield (
                f"{order_id} replayed as recorded: {done.refused} refused, {len(entries)} of {len(log)} "
                f"entries, first differs {entries[place : place + 1]}, it was {log[place : place + 1]}"
            )
        elif done.order != told.order:
            yield f"{order_id} replayed as recorded is {done.order}, it is {told.order}"


def _plain(one: Entry) -> Entry:
    """Give an entry but for when the engine wrote it: a sweep comes when it comes."""
    return one._replace(recorded_at=one.at) if one.event in _BY_ENGINE else one
