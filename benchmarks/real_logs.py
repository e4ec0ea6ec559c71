"""
Two public logs replayed whole: `python benchmarks/real_logs.py FOLDER [POLICY ...]`.

FOLDER holds `helpdesk.xes.gz` and `receipt.csv`, the test inputs of pm4py-core, which are not part of
this project. Each is replayed with its mapping of `docs/howto/mappings/`; printed is what became of
every event, and for `receipt.csv` how many cases are late by their own deadline beside what the data
say. Ends with 1 where an event is unaccounted for or a difference is not the one explained.
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import run_engine  # noqa: F401 - binds the checkout as `paidan`

from paidan.engine.runs import Replay, replay_files

ROOT = Path(__file__).resolve().parents[1]
LOGS = ("helpdesk.xes.gz", "receipt.csv")
CLOSING_CLOCK = {"JY": "JY-T09", "SW": "SW-T04", "ZZ": "ZZ-T03"}
"""The clock of each document that is due at `order_due`; BS and YY have none for such an order."""


def replay(log: Path, policy: str, out: Path) -> dict[str, Any]:
    """Replay a log under a policy and print its accounting."""
    mapping = ROOT / "docs" / "howto" / "mappings" / f"{log.name.partition('.')[0]}.toml"
    began = perf_counter()
    (summary,) = replay_files(Replay(logs=[log], mapping=mapping), {policy: out})
    took = perf_counter() - began
    counts, (told,) = summary["events"], summary["inputs"]
    with (out / "deviations.csv").open(encoding="utf-8", newline="") as file:
        deviations = Counter(row["rule"] or "life of the order" for row in csv.DictReader(file))
    print(f"\n{log.name} under {policy} ({took:.1f} s)")
    print(f"  rows {told['rows']}, from columns of times {told['from_columns']}, skipped {told['skipped']}")
    print(f"  events {counts}")
    print(f"  added at beginnings, not counted {summary['mapping']['added']}")
    print(f"  orders {summary['orders']['total']}: {summary['orders']['by_state']}")
    print(f"  deviations {dict(deviations.most_common())}")
    return summary


def own_lateness(log: Path) -> tuple[set[str], set[str]]:
    """Give the cases that end after their deadline by the data alone, and those of them within its second."""
    late: set[str] = set()
    within: set[str] = set()
    with log.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["case:enddate"]:
                end, due = (datetime.fromisoformat(row[name]) for name in ("case:enddate", "case:deadline"))
                if end > due:
                    late.add(row["case:concept:name"])
                    if end.replace(microsecond=0) == due.replace(microsecond=0):
                        within.add(row["case:concept:name"])
    return late, within


def compare(log: Path, rule: str, out: Path) -> bool:
    """Print the verdicts of a closing clock beside the data's own, and say whether all is explained."""
    with (out / "deadlines.csv").open(encoding="utf-8", newline="") as file:
        verdicts = {row["order_id"]: row["verdict"] for row in csv.DictReader(file) if row["rule"] == rule}
    ours = {order for order, verdict in verdicts.items() if verdict == "late"}
    theirs, within = own_lateness(log)
    print(f"  {rule} {dict(Counter(verdicts.values()))}; late by the data {len(theirs)}")
    print(
        f"  late by the data alone: {sorted(theirs - ours)}, all within one second: {theirs - ours == within}"
    )
    print(f"  late by us alone: {sorted(ours - theirs)}")
    return ours == theirs - within


def main() -> int:
    """Replay both logs under each policy."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("folder", type=Path)
    parser.add_argument("policies", nargs="*", default=["JY", "YY"])
    asked = parser.parse_args()
    fine = True
    with tempfile.TemporaryDirectory() as scratch:
        for log in (asked.folder / name for name in LOGS):
            for policy in asked.policies:
                out = Path(scratch) / f"{log.name}-{policy}"
                counts = replay(log, policy, out)["events"]
                fine &= counts["read"] == sum(counts[name] for name in counts if name != "read")
                if log.name == "receipt.csv" and policy in CLOSING_CLOCK:
                    fine &= compare(log, CLOSING_CLOCK[policy], out)
    print("\nevery event is accounted for" if fine else "\nsomething is not accounted for")
    return not fine


if __name__ == "__main__":
    sys.exit(main())
