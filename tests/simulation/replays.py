"""A live log taken out and replayed as recorded: it must come out as it is."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from paidan.engine import Engine
from paidan.engine.intake.events import Log, read_logs
from paidan.engine.replay_cases import replay_cases
from paidan.engine.replay_order import Replayed, replay_order
from paidan.workflows.cases import EVENT_OF, about, case_id
from paidan.workflows.records import Entry
from simulation.model import Model


def replayed(engine: Engine, model: Model, now: datetime, file: Path, *, recounted: bool) -> Iterator[str]:
    """
    Say where the export of the log, replayed as recorded, is not the log.

    Unless every clock was `recounted` when a notice was loaded, orders that this moved are passed over, and
    the cases about them: a load that was cut short counts them when it is finished.
    """
    rows = engine.export(file)
    read = read_logs([file])
    file.unlink()
    if read.rejected or read.read != rows:
        yield f"of {rows} rows of the export {read.read} were read, rejected {read.rejected[:3]}"
    passed_over: set[str] = set()
    for order_id, done in _replayed(read, engine, model, now):
        told = model.orders[order_id]
        entries, log = [*map(_plain, done.entries)], [*map(_plain, told.log)]
        moved = about(order_id) in passed_over or any(one.event == "recompute" for one in (*entries, *log))
        if not recounted and moved:  # and what its cases have heard of it
            passed_over.add(order_id)
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


def _replayed(log: Log, engine: Engine, model: Model, now: datetime) -> Iterator[tuple[str, Replayed]]:
    """
    Replay every order, and the cases about it.

    Not the cases of an order about which something was recorded before what had happened: there the
    clock of a machine says another order of things than the log.
    """
    books = engine._governing.books()
    told = {one: list(log.of(one, as_recorded=True)) for one in log.orders}
    for order_id in [one for one in model.orders if not case_id(one)]:
        rules = model.orders[order_id].rules
        done = replay_order(order_id, told.get(order_id, ()), rules, now, enforce=True, as_recorded=True)
        yield order_id, done
        own = {one: rows for one, rows in told.items() if one != order_id and about(one) == order_id}
        if order_id not in model.skewed:
            for case, _ in replay_cases(done.heard, own, books, now, enforce=True, as_recorded=True):
                yield case.order.order_id, case


def _plain(one: Entry) -> Entry:
    """Give an entry but for when the engine wrote it: a sweep comes when it comes."""
    return one._replace(recorded_at=one.at) if EVENT_OF[one.event].by_engine else one
