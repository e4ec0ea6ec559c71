"""Long-form logs written for a test, replayed, and read back."""

import csv
import json
from pathlib import Path

from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

HEADER = ("order_id", "event", "at", "actor", "role", "unit", "recorded_at")


def write_log(path: Path, rows, encoding="utf-8"):
    """Rows are (order_id, event, at, attributes); columns are whatever any row says."""
    said = list(dict.fromkeys(name for *_, one in rows for name in one))
    header = [*HEADER, *(name for name in said if name not in HEADER)]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for order_id, event, at, one in rows:
            full = {"order_id": order_id, "event": event, "at": at, **one}
            writer.writerow([full.get(name, "") for name in header])
    return path


def run(tmp_path: Path, rows, name="log.csv", **options):
    log = write_log(tmp_path / name, rows)
    out = tmp_path / options.pop("out", "out")
    summary = replay(Request(logs=(log,), document=document("JY"), out=out, **options))
    return summary, out


def table(out: Path, name: str):
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary_of(out: Path):
    return json.loads((out / "summary.json").read_text("utf-8"))


def life(order_id: str = "GD1", **more):
    """A plain life that keeps every rule."""
    return [
        (order_id, "receive", "2026-03-02 09:00:00", {"order_due": "2026-03-20 18:00:00", **more}),
        (order_id, "register", "2026-03-02 09:10:00", {}),
        (order_id, "dispatch", "2026-03-02 09:20:00", {"unit": "A", "category": "dispatched"}),
        (order_id, "contact", "2026-03-02 10:00:00", {"evidence": "rec-1"}),
        (order_id, "accept", "2026-03-02 11:00:00", {"unit": "A"}),
        (order_id, "resolve", "2026-03-05 11:00:00", {"outcome": "resolved"}),
        (order_id, "revisit", "2026-03-06 11:00:00",
         {"result": "effective", "outcome": "resolved", "satisfaction": "satisfied", "source": "district"}),
        (order_id, "close", "2026-03-06 12:00:00", {}),
    ]  # fmt: skip
