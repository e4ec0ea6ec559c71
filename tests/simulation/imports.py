"""An importer that can be killed: it brings log files into live orders, each again until it is whole."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from paidan.engine import Engine
from paidan.workflows.records import BEIJING, Entry

FILES, ORDERS = 12, 70
"""Files of a campaign, and orders in each: several transactions, so that a kill finds one half brought."""
_BEGAN = datetime(2026, 2, 2, 8, tzinfo=BEIJING)
"""Before any campaign begins: what a file tells has happened by the time it is brought."""
_LIFE = ("receive", "register", "dispatch", "accept", "contact", "resolve", "revisit", "close")


def order_in(rng: Random) -> str:
    """Name an order of a file, brought or not."""
    return f"old-{rng.randrange(FILES)}-{rng.randrange(ORDERS)}"


def written(folder: Path) -> tuple[Path, ...]:
    """Write the files; the actor of a row is its own, so that the log tells which it became."""
    return tuple(_written(folder / f"import-{number}.csv", number) for number in range(FILES))


def _written(file: Path, number: int) -> Path:
    rng, row = Random(number), 0
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("order_id", "event", "at", "actor", "unit", "order_due"))
        for order in range(ORDERS):
            at = _BEGAN + timedelta(seconds=rng.randrange(1_500_000))
            for event in _LIFE[: rng.randint(2, len(_LIFE))]:
                row += 1
                due = "2026-03-01" if event == "dispatch" else ""
                unit = "甲科" if event == "dispatch" else ""
                rows.writerow(
                    (f"old-{number}-{order}", event, at.isoformat(), f"{file.stem}.{row}", unit, due)
                )
                at += timedelta(seconds=rng.randrange(1, 40_000))
    return file


def bring(engine: Engine, files: Sequence[Path], first: int) -> Iterator[int]:
    """Import the files in turn for ever, and say which is in; raises where one that was in added anything."""
    number, there = first, set[Path]()
    while True:
        file = files[number % len(files)]
        done = engine.import_logs([file])
        if not done.whole or (file in there and done.applied):
            raise AssertionError(f"{file.name} was not whole, or came twice: {done}")
        there.add(file)
        yield number
        number += 1


def faults_of(files: Iterable[Path], logs: Mapping[str, Sequence[Entry]]) -> list[str]:
    """Say which rows of files that were brought are not in the log, or more than once."""
    faults = []
    for file in files:
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                times = Counter(one.actor for one in logs.get(row["order_id"], ()))[row["actor"]]
                if times != 1:
                    faults.append(f"{row['actor']} stands {times} times in the log of {row['order_id']}")
    return faults
