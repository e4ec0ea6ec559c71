"""
Logs as OCEL 2.0 in JSON: orders, units, deadlines and cases as objects, each entry as an event of them.

Cases are of the type of their workflow. Events relate to their order or case, to what a case is about,
to the unit, and to the deadlines they start, end or speak of. What of an object changes has the time of
each change; what never does has the beginning of 1970, as the standard asks.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from paidan.engine.export.logs import Contents
from paidan.engine.export.xes import clause_of
from paidan.engine.export.xes_tags import present
from paidan.engine.lives import Deadline, Life
from paidan.engine.messages.reasons import event_label
from paidan.policies.clocks import Verdict
from paidan.workflows.attributes import ATTRIBUTE_OF, SAYABLE, WRITTEN, Holds
from paidan.workflows.cases import EVENT_OF, CaseId, case_id
from paidan.workflows.records import Entry

_ALWAYS = "1970-01-01T00:00:00Z"
_STRING = "string"
_HOLDS = {Holds.FLAG: "boolean", Holds.NUMBER: "integer", Holds.INSTANT: "time", Holds.DUE: "time"}
_VALUES: Mapping[type, str] = {bool: "boolean", int: "integer", datetime: "time"}
_OF_ENTRY = ("seq", "label", "actor", "role", "from_state", "to_state", "rule", "recorded_at")
_OF_DEADLINE = ("rule", "kind", "policy", "clause", "started_at", "due_at", "done_at", "provisional")
_OF_ORDER = SAYABLE["receive"].difference((*WRITTEN, "backdated"))
"""What an event says that is true of its order from then on."""
_UNDECIDED = (Verdict.OPEN, Verdict.VOID)
_HANDS_OVER = ("dispatch", "redo")
_AS_TEXT = ("before", "after")
"""What a correction says of any field: text, whatever the field holds."""
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)

Links = list[dict[str, str]]


def write_ocel(lives: Iterable[Life], file: IO[bytes], lang: str = "zh") -> Contents:
    """
    Write a log, its events labelled in a language, and say how much it holds.

    Events are written as they come, objects set aside on disk until the events are done; of orders and
    units the ids alone are kept.
    """
    types, kinds = _Types(), _Types()
    orders, units, abouts = set[str](), set[str](), set[str]()
    cases = by_engine = deadlines = 0
    with TemporaryFile() as aside:
        events, objects = _Items(file, '{"events":['), _Items(aside, "")
        for life in lives:
            first = life.entries[0]
            case = case_id(first.order_id)
            own = _own(first.order_id, case)
            about = _about(case, life) if case else ""
            if case:
                cases += 1
                abouts.add(about)
            else:
                orders.add(own)
            by_engine += sum(EVENT_OF[one.event].by_engine for one in life.entries)
            deadlines += len(life.deadlines)
            named = {*(one.unit for one in life.entries), *(one.unit for one in life.deadlines)}
            units.update(f"unit:{name}" for name in named if name)
            spoken = _spoken(life, own)
            for entry in life.entries:
                links = _links((own, "of"), (about, "about"), (_unit(entry.unit), "handled by"))
                events.put(_event(entry, life, lang, [*links, *spoken.get(entry.seq, ())], types))
            objects.put(_subject(own, about, life, kinds))
            for number, due in enumerate(life.deadlines, start=1):
                objects.put(_deadline(own, number, due, kinds.of("deadline")))
        for one in sorted(units | abouts - orders):
            kind, _, name = one.partition(":")
            objects.put({
                "id": one, "type": kind, "relationships": [],
                "attributes": [_value("name", _ALWAYS, name, kinds.of(kind))],
            })  # fmt: skip
        file.write(b'],"objects":[')
        aside.seek(0)
        shutil.copyfileobj(aside, file)
    file.write(b'],"eventTypes":' + types.told() + b',"objectTypes":' + kinds.told() + b"}\n")
    return Contents(len(orders), cases, events.count, by_engine, deadlines)


class _Items:
    """The members of an array on their way to a file."""

    def __init__(self, file: IO[bytes], begin: str) -> None:
        self._file = file
        self.count = 0
        file.write(begin.encode())

    def put(self, one: Mapping[str, Any]) -> None:
        self._file.write((b"," if self.count else b"") + _bytes(one))
        self.count += 1


class _Types:
    """The types met so far, each with its attributes and what these hold."""

    def __init__(self) -> None:
        self._types: dict[str, dict[str, str]] = {}

    def of(self, name: str) -> dict[str, str]:
        return self._types.setdefault(name, {})

    def told(self) -> bytes:
        return _bytes(
            [
                {"name": name, "attributes": [{"name": of, "type": kind} for of, kind in sorted(has.items())]}
                for name, has in sorted(self._types.items())
            ]
        )


def _bytes(value: Any) -> bytes:
    return _JSON.encode(value).encode(errors="replace")  # half a character is none


def _own(order_id: str, case: CaseId | None) -> str:
    return f"{case.workflow if case else 'order'}:{order_id}"


def _about(case: CaseId, life: Life) -> str:
    """Name what a case is about: its unit where it bears the unit's name, else an order."""
    of_unit = any(entry.unit == case.about for entry in life.entries)
    return f"unit:{case.about}" if of_unit else f"order:{case.about}"


def _unit(name: str) -> str:
    return f"unit:{name}" if name else ""


def _links(*links: tuple[str, str]) -> Links:
    return [{"objectId": one, "qualifier": how} for one, how in links if one]


def _spoken(life: Life, own: str) -> dict[int, Links]:
    """Give, by `seq`, the deadlines that run from an entry, that it ends, or that it speaks of."""
    found: dict[int, Links] = {}
    told = [entry for entry in life.entries if not EVENT_OF[entry.event].by_engine] or life.entries
    for number, one in enumerate(life.deadlines, start=1):
        ends = (entry for entry in told if entry.at == one.done_at and _ends(entry, one, life))
        links = [(_beginning(one, told, life), "runs from")]
        links += [(entry, "ended by") for entry in islice(ends, 1)]
        links += [(entry, "told by") for entry in life.entries if _tells_of(entry, one)]
        for entry, how in links:
            found.setdefault(entry.seq, []).extend(_links((_named(own, number), how)))
    return found


def _ends(entry: Entry, one: Deadline, life: Life) -> bool:
    return one.rule in life.rules.ends.get(entry.event, ())


def _beginning(one: Deadline, told: Sequence[Entry], life: Life) -> Entry:
    """Give the entry that a deadline runs from: that which starts it, else the last before it started."""
    then = [entry for entry in told if entry.at == one.started_at]
    starting = life.rules.starting
    for entry in then:
        if any(rule.rule == one.rule for rule in starting.get(entry.event, ())):
            return entry
    return (then or [entry for entry in told if entry.at < one.started_at][-1:] or told)[0]


def _tells_of(entry: Entry, one: Deadline) -> bool:
    said = entry.attributes
    if entry.rule != one.rule or not EVENT_OF[entry.event].by_engine:
        return False
    if "started_at" in said:
        return bool(said["started_at"] == one.started_at)
    return bool(said.get("due_at", entry.at) == one.due_at)


def _named(own: str, number: int) -> str:
    return f"deadline:{own.partition(':')[2]}/{number}"


def _event(entry: Entry, life: Life, lang: str, links: Links, types: _Types) -> dict[str, Any]:
    by_engine = EVENT_OF[entry.event].by_engine
    has = types.of(entry.event)
    said = {
        "label": event_label(entry.event, lang),
        "seq": entry.seq,
        "actor": entry.actor,
        "role": entry.role,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "by_engine": by_engine,
        "recorded_at": None if entry.recorded_at == entry.at else entry.recorded_at,
        "rule": entry.rule,
        "clause": clause_of(entry, life.rules),
        **entry.attributes,
    }
    told = [_value(name, "", value, has) for name, value in said.items() if present(value)]
    return {
        "id": f"{entry.order_id}#{entry.seq}",
        "type": entry.event,
        "time": entry.at.isoformat(),
        "attributes": told,
        "relationships": links,
    }


def _value(name: str, at: str, value: Any, has: dict[str, str]) -> dict[str, Any]:
    """Give a value with its name, and its time where it has one; what it holds is noted in `has`."""
    known = ATTRIBUTE_OF.get(name)
    kind = _STRING if name in _AS_TEXT else _HOLDS.get(known.holds, _STRING) if known else ""
    kind = has.setdefault(name, kind or _VALUES.get(type(value), _STRING))
    if isinstance(value, datetime):
        value = value.isoformat()
    elif isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    elif kind == _STRING:
        value = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return {"name": name, **({"time": at} if at else {}), "value": value}


def _subject(own: str, about: str, life: Life, kinds: _Types) -> dict[str, Any]:
    """Give the object of an order or a case: its policy, and what changed with each entry."""
    kind = own.partition(":")[0]
    has = kinds.of(kind)
    name = own.partition(":")[2]
    values = [_value("name", _ALWAYS, name, has), _value("policy", _ALWAYS, life.rules.policy.version, has)]
    unit = state = ""
    for entry in life.entries:
        at = entry.at.isoformat()
        if entry.to_state not in ("", state):
            state = entry.to_state
            values.append(_value("state", at, state, has))
        if entry.event in _HANDS_OVER and entry.unit not in ("", unit):
            unit = entry.unit
            values.append(_value("unit", at, unit, has))
        if kind == "order" and not EVENT_OF[entry.event].by_engine:
            said = entry.attributes
            values += [_value(name, at, said[name], has) for name in said if name in _OF_ORDER]
    links = _links((about, "about"), (_unit(unit), "handled by"))
    return {"id": own, "type": kind, "attributes": values, "relationships": links}


def _deadline(own: str, number: int, one: Deadline, has: dict[str, str]) -> dict[str, Any]:
    """Give the object of a deadline; a verdict that nothing can change has the time it stands since."""
    told = {name: getattr(one, name) for name in _OF_DEADLINE}
    values = [_value(name, _ALWAYS, value, has) for name, value in told.items() if present(value)]
    since = one.done_at or (None if one.verdict in _UNDECIDED else one.due_at)
    at = since.isoformat() if since else _ALWAYS
    values.append(_value("verdict", at, str(one.verdict), has))
    links = _links((own, "limit of"), (_unit(one.unit), "runs for"))
    return {"id": _named(own, number), "type": "deadline", "attributes": values, "relationships": links}
