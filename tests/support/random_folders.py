"""Random months (`support.random_months`) as the files that people have, replayed into folders."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count, islice
from pathlib import Path
from typing import Any

from paidan.engine.runs import Replay, replay_files
from paidan.workflows.records import BEIJING
from support.logs import write_log
from support.random_months import World, world


def listed(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    """A table of texts written to a file."""
    path.write_text("".join(",".join(row) + "\n" for row in (header, *rows)), encoding="utf-8")
    return path


def worlds(policy: str) -> list[World]:
    """The first three random months of a policy with a good number of orders, units and entries."""
    found = (world(policy, seed) for seed in count())
    rich = (one for one in found if len(one.orders) >= 15 and len(one.entered) >= 4)
    return list(islice((one for one in rich if one.listings and len(one.listings) < 9), 3))


def cell(value: Any) -> Any:
    """What a log says of a value."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return value.isoformat(" ") if isinstance(value, datetime) else value


def world_folder(base: Path, one: World, *, roster: bool) -> Path:
    """The month of `support.random_months.world` replayed from files, with or without its units."""
    base.mkdir()
    rows = [
        (order_id, event.event, cell(event.at), {
            "unit": event.unit, "role": event.role,
            **{name: cell(value) for name, value in event.said.items()},
        })
        for order_id, events in one.orders.items()
        for event in events
    ]  # fmt: skip
    units = None
    if roster:
        dated = [[str(day or "") for day in (of.from_on, of.to_on)] for of in one.listings]
        listed_rows = [(of.unit, of.pool, *days) for of, days in zip(one.listings, dated, strict=True)]
        units = listed(base / "units.csv", ("unit", "pool", "from", "to"), listed_rows)
    header = ("unit", "at", "code", "points", "order_id", "good", "confirmed_by")
    entered = [[str(cell(getattr(row, name))) for name in header] for row in one.entered]
    what = Replay(
        logs=[write_log(base / "log.csv", rows)], units=units,
        adjustments=listed(base / "entered.csv", header, entered), as_of=one.as_of.replace(tzinfo=BEIJING),
    )  # fmt: skip
    replay_files(what, {one.policy: base / "run"})
    return base / "run"
