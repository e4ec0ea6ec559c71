"""What IEEE 1849 asks of a log, held against a file: tags, types, keys, globals, classifiers, extensions."""

import gzip
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element, parse

SPACE = "{http://www.xes-standard.org/}"
PARTS = ("extension", "global", "classifier", "attribute", "trace", "event")
TYPES = ("string", "date", "int", "float", "boolean", "id", "list")
STANDARD = {
    prefix: f"http://www.xes-standard.org/{prefix}.xesext"
    for prefix in ("concept", "lifecycle", "org", "time")
}
TYPE_OF = {"concept:name": "string", "time:timestamp": "date", "org:resource": "string", "org:role": "string",
           "org:group": "string", "lifecycle:transition": "string"}  # fmt: skip
NAME = re.compile(r"[^\W\d][\w.:-]*")
NC_NAME = re.compile(r"[^\W\d][\w.-]*")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
DECIMAL = re.compile(r"\d+(\.\d+)?")
LONG = 2**63


def parsed(path: Path) -> Element:
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        return parse(file).getroot()  # noqa: S314 - a file of our own


def name_of(element: Element) -> str:
    assert element.tag.startswith(SPACE), element.tag
    return element.tag.removeprefix(SPACE)


def check_xes(path: Path) -> Element:
    """Raise where a file is no sound log, and give it."""
    log = parsed(path)
    assert name_of(log) == "log"
    assert DECIMAL.fullmatch(log.get("xes.version", ""))
    assert set(log.get("xes.features", "").split()) <= {"nested-attributes"}
    kinds = [name_of(one) for one in log]
    places = [PARTS.index("attribute" if kind in TYPES else kind) for kind in kinds]
    assert places == sorted(places), "what stands in a log has its order"
    prefixes = _extensions(log)
    globals_: dict[str, dict[str, str]] = {scope: {} for scope in ("trace", "event")}
    for one in log.iter(f"{SPACE}global"):
        check_attributes(one, prefixes)
        globals_[one.attrib["scope"]].update({each.attrib["key"]: name_of(each) for each in one})
    for one in log.iter(f"{SPACE}classifier"):
        assert NC_NAME.fullmatch(one.attrib["name"])
        assert set(one.attrib["keys"].split()) <= globals_[one.get("scope", "event")].keys()
    check_attributes((one for one in log if name_of(one) in TYPES), prefixes)
    for trace in log.iter(f"{SPACE}trace"):
        kinds = [name_of(one) for one in trace]
        assert kinds == sorted(kinds, key="event".__eq__), "attributes first, then events"
        _component([one for one in trace if name_of(one) != "event"], globals_["trace"], prefixes)
    for event in log.iter(f"{SPACE}event"):
        _component(list(event), globals_["event"], prefixes)
    return log


def _extensions(log: Element) -> set[str]:
    found: set[str] = set()
    for one in log.iter(f"{SPACE}extension"):
        prefix = one.attrib["prefix"]
        assert NC_NAME.fullmatch(one.attrib["name"])
        assert NC_NAME.fullmatch(prefix)
        assert one.attrib["uri"] == STANDARD.get(prefix, one.attrib["uri"])
        assert prefix not in found
        found.add(prefix)
    return found


def _component(attributes: list[Element], declared: dict[str, str], prefixes: set[str]) -> None:
    keys = {one.attrib["key"]: name_of(one) for one in attributes}
    assert declared.items() <= keys.items(), "a global attribute is on every component"
    check_attributes(attributes, prefixes)


def check_attributes(attributes: Iterable[Element], prefixes: set[str], *, in_list: bool = False) -> None:
    keys: set[str] = set()
    for one in attributes:
        kind, key = name_of(one), one.attrib["key"]
        assert kind in TYPES
        assert NAME.fullmatch(key), key
        assert ":" not in key or key.partition(":")[0] in prefixes, key
        assert in_list or key not in keys, f"{key} stands twice"
        keys.add(key)
        assert TYPE_OF.get(key, kind) == kind
        if kind == "list":
            (values,) = one
            assert name_of(values) == "values"
            check_attributes(values, prefixes, in_list=True)
        else:
            _check_value(kind, one.attrib["value"])
            check_attributes(one, prefixes)


def _check_value(kind: str, value: str) -> None:
    if kind == "date":
        assert DATE_TIME.fullmatch(value), value
        datetime.fromisoformat(value)
    elif kind == "int":
        assert -LONG <= int(value) < LONG
    elif kind == "float":
        float(value)
    elif kind == "boolean":
        assert value in ("true", "false", "0", "1")
