"""
Logs for a reader outside: `python tests/outside/write_logs.py FOLDER [DATA]`.

Writes into FOLDER the demo's month, and the public logs that lie in DATA (`helpdesk.xes.gz`, `receipt.csv`),
as `export` writes them, each with the counts that any reader must find in it (`counted.json`). Counted
is by the standard library alone. Run by `.ci/run outside`, which lets pm4py read them.
"""

import gzip
import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, parse

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests")]
import run_engine  # noqa: F401 - binds the checkout as `paidan`
from support.as_xes import as_xes

from paidan.engine.demo.files import write_demo
from paidan.engine.export.logs import write_log
from paidan.engine.export.xes_source import write_with_source
from paidan.engine.runs import Replay, Run, replay_files

SPACE = "{http://www.xes-standard.org/}"
MAPPINGS = CHECKOUT / "docs" / "howto" / "mappings"


def main(folder: Path, data: Path | None) -> None:
    """Write the logs and what is in them."""
    folder.mkdir(parents=True, exist_ok=True)
    counted: dict[str, dict[str, Any]] = {}
    orders = write_demo(folder / "demo").orders
    _export("demo", _replayed(folder / "demo-run", orders), folder, counted)
    for name, source in _sources(folder, data):
        mapping = MAPPINGS / f"{name}.toml"
        run = _replayed(folder / f"{name}-run", source, mapping)
        _export(name, run, folder, counted)
        out = folder / f"{name}.with-source.xes.gz"
        write_with_source(run, source, out, mapping)
        counted[out.name] = _in_xes(out) | {"source": str(source)}
    (folder / "counted.json").write_text(json.dumps(counted, indent=1), encoding="utf-8")


def _sources(folder: Path, data: Path | None) -> Iterable[tuple[str, Path]]:
    if data is not None:
        yield "helpdesk", data / "helpdesk.xes.gz"
        yield "receipt", as_xes(data / "receipt.csv", folder / "receipt.source.xes")


def _replayed(out: Path, log: Path, mapping: Path | None = None) -> Run:
    replay_files(Replay(logs=[log], mapping=mapping), {"JY": out})
    return Run(out)


def _export(name: str, run: Run, folder: Path, counted: dict[str, dict[str, Any]]) -> None:
    for ending, count in ((".xes", _in_xes), (".xes.gz", _in_xes), (".jsonocel", _in_ocel)):
        path = folder / f"{name}{ending}"
        write_log(run.lives(), path)
        counted[path.name] = count(path)


def _in_xes(path: Path) -> dict[str, Any]:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        log = parse(file).getroot()  # noqa: S314 - a file of our own
    traces = log.findall(f"{SPACE}trace")
    told = [
        (_of(trace, "concept:name"), _of(event, "concept:name"), _of(event, "time:timestamp"))
        for trace in traces
        for event in trace.findall(f"{SPACE}event")
    ]
    return {
        "traces": len(traces),
        "events": len(told),
        "activities": len({activity for _, activity, _ in told}),
        "moments": moments((case, activity, datetime.fromisoformat(at)) for case, activity, at in told),
        "late": sum(_of(trace, "paidan:JY-T09.verdict") == "late" for trace in traces),
    }


def _of(element: Element, key: str) -> str:
    return next((one.attrib.get("value", "") for one in element if one.attrib.get("key") == key), "")


def _in_ocel(path: Path) -> dict[str, Any]:
    log = json.loads(path.read_text("utf-8"))
    events = log["events"]
    deadlines = [one for one in log["objects"] if one["type"] == "deadline"]
    return {
        "events": len(events),
        "activities": len(log["eventTypes"]),
        "objects": len(log["objects"]),
        "types": len(log["objectTypes"]),
        "relations": sum(len(one["relationships"]) for one in events),
        "between": sum(len(one["relationships"]) for one in log["objects"]),
        "moments": moments((one["id"], one["type"], datetime.fromisoformat(one["time"])) for one in events),
        "late": sum({"verdict": "late"}.items() <= _values(one).items() for one in deadlines),
    }


def _values(one: dict[str, Any]) -> dict[str, Any]:
    return {value["name"]: value["value"] for value in one["attributes"]}


def moments(told: Iterable[tuple[str, str, datetime]]) -> str:
    """Give a digest of what happened to what when, to the millisecond, in whatever order it is given."""
    lines = sorted(f"{of}\t{what}\t{round(at.timestamp() * 1000)}" for of, what, at in told)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
