"""
Logs as XES (IEEE 1849): a trace for each order and each case, an event for each entry of its log.

Every entry is there; `paidan:by_engine` tells what the engine wrote from what was told to it. A trace
holds its deadlines whole in the list `paidan:deadlines`, and those last started of each rule as
`paidan:RULE.due_at`, `.verdict` and `.clause`, since many tools show no lists. A case is a trace of its
own that names in `paidan:about` what it is about. `engine.intake.xes` reads such a log as what it was.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from paidan.engine.corrections import CORRECT
from paidan.engine.export.logs import Contents
from paidan.engine.export.xes_tags import EXTENSIONS, OUR_EXTENSION, OURS, listed, present, tag
from paidan.engine.lives import Deadline, Life
from paidan.engine.messages.reasons import event_label
from paidan.workflows.cases import EVENT_OF, case_id, workflow_of
from paidan.workflows.records import Entry

if TYPE_CHECKING:
    from paidan.policies.rulebook import Rulebook

_DEADLINES = f"{OURS}:deadlines"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OPEN = (
    '<log xes.version="1849.2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">\n'
)
_GLOBALS = """\
  <global scope="trace">
    <string key="concept:name" value="-"/>
    <string key="paidan:workflow" value="-"/>
    <string key="paidan:policy" value="-"/>
    <string key="paidan:state" value="-"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="-"/>
    <string key="lifecycle:transition" value="complete"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00+00:00"/>
    <int key="paidan:seq" value="0"/>
    <string key="paidan:label" value="-"/>
    <string key="paidan:to_state" value="-"/>
    <boolean key="paidan:by_engine" value="false"/>
  </global>
  <classifier name="Activity" scope="event" keys="concept:name"/>
  <classifier name="Label" scope="event" keys="paidan:label"/>
  <string key="lifecycle:model" value="standard"/>
"""


def write_xes(lives: Iterable[Life], file: IO[bytes], lang: str = "zh") -> Contents:
    """Write a log, its events labelled in a language, one trace after another, and say how much it holds."""
    file.write(f"{_HEAD}{_OPEN}{EXTENSIONS}{OUR_EXTENSION}{_GLOBALS}".encode())
    orders = cases = events = by_engine = deadlines = 0
    for life in lives:
        of_case = case_id(life.entries[0].order_id) is not None
        cases, orders = cases + of_case, orders + (not of_case)
        events += len(life.entries)
        by_engine += sum(EVENT_OF[entry.event].by_engine for entry in life.entries)
        deadlines += len(life.deadlines)
        file.write("".join(_trace(life, lang)).encode())
    file.write(b"</log>\n")
    return Contents(orders, cases, events, by_engine, deadlines)


def _trace(life: Life, lang: str) -> Iterator[str]:
    first, last = life.entries[0], life.entries[-1]
    case = case_id(first.order_id)
    said: dict[str, Any] = {
        "concept:name": first.order_id,
        f"{OURS}:workflow": workflow_of(first.order_id).name,
        f"{OURS}:about": case.about if case else "",
        f"{OURS}:policy": life.rules.policy.version,
        f"{OURS}:state": last.to_state or "-",
    }
    yield f"  <trace>\n    {_tags(said)}{''.join(deadline_tags(life.deadlines).values())}\n"
    for entry in life.entries:
        yield f"    <event>{_tags(_event(entry, life, lang))}</event>\n"
    yield "  </trace>\n"


def _event(entry: Entry, life: Life, lang: str) -> dict[str, Any]:
    by_engine = EVENT_OF[entry.event].by_engine
    return {
        "concept:name": entry.event,
        "lifecycle:transition": "complete",
        "time:timestamp": entry.at,
        "org:resource": entry.actor,
        "org:role": entry.role,
        "org:group": entry.unit,
        f"{OURS}:seq": entry.seq,
        f"{OURS}:label": event_label(entry.event, lang),
        f"{OURS}:from_state": entry.from_state,
        f"{OURS}:to_state": entry.to_state or "-",
        f"{OURS}:by_engine": by_engine,
        f"{OURS}:settled": True if life.settled and entry.event == CORRECT else None,
        f"{OURS}:recorded_at": None if entry.recorded_at == entry.at else entry.recorded_at,
        f"{OURS}:rule": entry.rule,
        f"{OURS}:clause": clause_of(entry, life.rules),
        **entry.attributes,
    }


def clause_of(entry: Entry, rules: "Rulebook") -> str:
    """Give the clause by which the engine wrote an entry, empty where it wrote it by none."""
    return rules.behind(entry.rule, entry.event).clause if entry.rule else ""


def deadline_tags(deadlines: Sequence[Deadline]) -> dict[str, str]:
    """Write the deadlines of a trace by key: the last of each rule as plain attributes, all as a list."""
    tags: dict[str, str] = {}
    for rule, one in {one.rule: one for one in deadlines}.items():
        flat = {"due_at": one.due_at, "verdict": one.verdict, "clause": one.clause}
        for name, value in flat.items():
            key = f"{OURS}:{rule}.{name}"
            tags[key] = tag(key, value)
    if deadlines:
        tags[_DEADLINES] = listed(_DEADLINES, map(_deadline, deadlines))
    return tags


def _deadline(one: Deadline) -> str:
    told = {f"{OURS}:{name}": getattr(one, name) for name in _OF_DEADLINE}
    return tag(f"{OURS}:deadline", one.rule, _tags(told))


_OF_DEADLINE = (
    "unit", "kind", "started_at", "due_at", "done_at", "verdict", "provisional", "policy", "clause",
    "learned_at", "verdict_recorded",
)  # fmt: skip


def _tags(said: dict[str, Any]) -> str:
    return "".join([tag(key, value) for key, value in said.items() if present(value)])
