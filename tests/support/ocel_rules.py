"""What OCEL 2.0 asks of a log in JSON, held against a file: members, declared types, values, links."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

PARTS = ("eventTypes", "events", "objectTypes", "objects")
HOLDS: dict[str, type] = {"string": str, "time": str, "integer": int, "float": float, "boolean": bool}


def check_ocel(path: Path) -> dict[str, Any]:
    """Raise where a file is no sound log, and give it."""
    log: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert tuple(sorted(log)) == PARTS
    objects = [one["id"] for one in log["objects"]]
    assert max(Counter(objects).values(), default=1) == 1
    assert max(Counter(one["id"] for one in log["events"]).values(), default=1) == 1
    known = set(objects)
    for kind, members, more in (("eventTypes", "events", {"time"}), ("objectTypes", "objects", set())):
        types = {one["name"]: {of["name"]: of["type"] for of in one["attributes"]} for one in log[kind]}
        assert len(types) == len(log[kind])
        assert {of for has in types.values() for of in has.values()} <= HOLDS.keys()
        assert types.keys() == {one["type"] for one in log[members]}, "a type for all there is, and no other"
        for one in log[members]:
            assert one.keys() == {"id", "type", "attributes", "relationships", *more}
            assert one["id"]
            if more:
                assert datetime.fromisoformat(one["time"]).tzinfo
            _check_values(one["attributes"], types[one["type"]], timed=not more)
            for link in one["relationships"]:
                assert link.keys() == {"objectId", "qualifier"}
                assert link["objectId"] in known, f"{link['objectId']} of {one['id']}"
                assert link["qualifier"]
    assert all(one["relationships"] for one in log["events"]), "an event is of some object"
    return log


def _check_values(values: list[dict[str, Any]], types: dict[str, str], *, timed: bool) -> None:
    names = [one["name"] for one in values]
    assert timed or len(set(names)) == len(names)
    for one in values:
        assert one.keys() == {"name", "value", *(["time"] if timed else [])}
        holds = types[one["name"]]
        assert type(one["value"]) is HOLDS[holds], one
        if holds == "time":
            assert datetime.fromisoformat(str(one["value"])).tzinfo
        if timed:
            assert datetime.fromisoformat(one["time"]).tzinfo
