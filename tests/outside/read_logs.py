"""
Our logs read by pm4py: `python tests/outside/read_logs.py FOLDER`, by an interpreter of its own.

pm4py is under the AGPL: it is no part of the project, nothing of ours imports it, and this script runs beside
the project alone, on files that `write_logs.py` has made. Prints what pm4py finds, and ends with 1 where
that is not what `counted.json` says, or where an attribute of an original is not what it was.
"""

import contextlib
import hashlib
import io
import json
import sys
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")
with contextlib.redirect_stdout(io.StringIO()):  # it greets
    import pandas as pd
    import pm4py


def main(folder: Path) -> int:
    """Compare every file, print a line for each, and give the exit code."""
    failed = 0
    print(f"pm4py {pm4py.__version__}")
    for name, counted in json.loads((folder / "counted.json").read_text("utf-8")).items():
        source = counted.pop("source", "")
        found = _in_ocel(folder / name) if name.endswith(".jsonocel") else _in_xes(folder / name)
        told = " ".join(f"{key} {value}" for key, value in found.items() if key != "moments")
        differs = [key for key in counted if counted[key] != found[key]]
        lost = _lost(Path(source), folder / name) if source else []
        print(f"{name}: {told}; moments {'differ' if 'moments' in differs else 'equal'}", end="")
        print("; nothing of the original lost" if source and not lost else "")
        for key in differs:
            print(f"  {key}: {counted[key]} written, {found[key]} read")
        for key in lost:
            print(f"  lost or changed: {key}")
        failed += bool(differs or lost)
    return bool(failed)


def _read_xes(path: Path) -> Any:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return pm4py.read_xes(str(path))


def _in_xes(path: Path) -> dict[str, Any]:
    log = _read_xes(path)
    verdict = "case:paidan:JY-T09.verdict"
    late = log[log[verdict] == "late"]["case:concept:name"].nunique() if verdict in log else 0
    return {
        "traces": log["case:concept:name"].nunique(),
        "events": len(log),
        "activities": log["concept:name"].nunique(),
        "moments": _moments(log, "case:concept:name", "concept:name", "time:timestamp"),
        "late": late,
    }


def _in_ocel(path: Path) -> dict[str, Any]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        log = pm4py.read_ocel2_json(str(path))
    return {
        "events": len(log.events),
        "activities": log.events["ocel:activity"].nunique(),
        "objects": len(log.objects),
        "types": log.objects["ocel:type"].nunique(),
        "relations": len(log.relations),
        "between": len(log.o2o),
        "moments": _moments(log.events, "ocel:eid", "ocel:activity", "ocel:timestamp"),
        "late": int((log.objects["verdict"] == "late").sum()),
    }


def _moments(log: Any, *columns: str) -> str:
    times = [round(at.timestamp() * 1000) for at in log[columns[2]]]
    lines = sorted(
        f"{of}\t{what}\t{at}" for of, what, at in zip(log[columns[0]], log[columns[1]], times, strict=True)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _lost(source: Path, restored: Path) -> list[str]:
    """Name the columns of an original that are not, value by value, what they were."""
    was, now = _read_xes(source), _read_xes(restored)
    if len(was) != len(now):
        return ["events"]
    return [column for column in was if column not in now or not _same(was[column], now[column])]


def _same(one: Any, other: Any) -> bool:
    return bool(((one == other) | (pd.isna(one) & pd.isna(other))).all())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
