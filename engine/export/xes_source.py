"""
The XES log that a replay was made from, whole again, with what the replay made of it.

Every trace, event and attribute of the original stands as it stood there, save identities, which are left
out, and texts that hold some, which are masked. Added are, under our prefix: to a trace the deadlines of
its order; to an event the events it was read as, that it was passed over, or why it was rejected. Rows
and orders are matched by the very reading that the replay used.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from paidan.engine.errors import InputError
from paidan.engine.export.logs import packed
from paidan.engine.export.run_folder import REJECTED
from paidan.engine.export.xes import deadline_tags
from paidan.engine.export.xes_tags import OUR_EXTENSION, OURS, present, quoted, tag, typed
from paidan.engine.intake.forms import open_log
from paidan.engine.intake.mapping import LogMapping, read_mapping
from paidan.engine.intake.replayed_lives import deadlines_at
from paidan.engine.intake.tables import Rejected
from paidan.engine.intake.told import Told
from paidan.engine.intake.values import event_names, instant
from paidan.engine.intake.xes import CASE, Xes
from paidan.engine.intake.xes_nodes import Node, read_nodes
from paidan.engine.masking import masked_said
from paidan.engine.runs import Run, deadline
from paidan.workflows.attributes import IDENTITY
from paidan.workflows.records import NOTHING

_XMLNS = "http://www.xes-standard.org/"
_NESTED = "nested-attributes"
_TRACE_NAME = "concept:name"


class Restored(NamedTuple):
    """How much was written, how many attributes of whom were left out, how many texts were masked."""

    traces: int
    events: int
    orders: int
    deadlines: int
    left_out: Mapping[str, int]
    masked: int


class Read(NamedTuple):
    """What became of one event: its order, the events it was read as, that it was passed over."""

    order_id: str = ""
    events: tuple[str, ...] = ()
    passed: bool = False


def write_with_source(run: Run, source: Path, out: Path, mapping: Path | None = None) -> Restored:
    """
    Write the log that a run was made from with what the run made of it.

    Raises `InputError` where `source` is no XES file or not one that the run read, or where `mapping` is
    not the one it was read by.
    """
    read = None if mapping is None else read_mapping(mapping)
    _check(run, source, read)
    # Opened before anything is written: a log that cannot be read leaves no file.
    rows = _rows(source, read)
    with packed(out) as file:
        restoring = _Restoring(run, source.name, read, rows)
        for text in restoring.texts(read_nodes(source)):
            file.write(text.encode(errors="replace"))
    return restoring.done()


def _check(run: Run, source: Path, mapping: LogMapping | None) -> None:
    try:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise InputError("file_missing", exit_code=5, file=str(source)) from None
    except OSError as error:
        raise InputError("file_unreadable_input", file=str(source), why=error.strerror or "") from None
    if digest not in [one["sha256"] for one in run.summary["inputs"]]:
        raise InputError("logs_out.source_other", file=str(source), folder=str(run.folder))
    known = run.summary.get("mapping", NOTHING)
    if known.get("sha256") != (mapping.sha256 if mapping else None):
        raise InputError("logs_out.source_mapping", folder=str(run.folder), mapping=known.get("name", "–"))


def _rows(source: Path, mapping: LogMapping | None) -> Iterator[Read]:
    """Give what was read of each event of the file, in its order."""
    table = open_log(source, mapping)
    base = table
    while not isinstance(base, Xes):
        inner = getattr(base, "base", None)
        if inner is None:
            raise InputError("logs_out.source_form", file=str(source))
        base = inner
    place, event = table.header.index("order_id"), table.header.index("event")
    by_column = isinstance(table, Told)  # the last cell then names the column that an added event stood in

    def reads() -> Iterator[Read]:
        now, found = 0, Read()
        for number, cells in table.numbered():
            if not number:  # what a mapping adds is no event of the file
                continue
            if number != now and now:
                yield found
                found = Read()
            now = number
            if cells is None:
                found = found._replace(passed=True)
            elif not isinstance(cells, Rejected) and not (by_column and cells[-1]):
                names = event_names()
                named = names.get(cells[event].strip(), "")
                meant = (*found.events, named) if named else found.events
                found = Read(cells[place].strip(), meant)
        if now:
            yield found

    return reads()


class _Restoring:
    """The original on its way into the new file."""

    def __init__(self, run: Run, name: str, mapping: LogMapping | None, rows: Iterator[Read]) -> None:
        self._rows = rows
        self._deadlines = deadlines_at(run.folder)
        self._rejected = _rejected(run.folder, name)
        self._columns = mapping.columns if mapping else NOTHING
        self._left_out: Counter[str] = Counter()
        self._orders: set[str] = set()
        self._traces = self._events = self._due = self._masked = 0

    def done(self) -> Restored:
        """Give how much it was."""
        left_out = dict(sorted(self._left_out.items()))
        return Restored(
            self._traces, self._events, len(self._orders), self._due, left_out, self._masked
        )  # fmt: skip

    def texts(self, nodes: Iterator[Node]) -> Iterator[str]:
        """Give the text of the new file piece by piece, a trace at a time."""
        log = next(nodes)
        said = {"xmlns": _XMLNS, **log.attributes}
        features = said.get("xes.features", "").split()
        said["xes.features"] = " ".join(features if _NESTED in features else (*features, _NESTED))
        yield '<?xml version="1.0" encoding="UTF-8"?>\n' + _start("log", said) + ">\n"
        declared = False
        for node in nodes:
            if node.name == "extension":
                declared = declared or node.attributes.get("prefix") == OURS
            elif not declared:
                declared = True
                yield OUR_EXTENSION
            if node.name == "trace":
                yield self._trace(node)
            elif node.name == "event":
                yield f"  {self._event(node, next(self._rows), self._own([node]), _Ours())}\n"
            else:
                yield f"  {self._tags(node, '', NOTHING)}\n"
        yield "</log>\n"

    def _trace(self, node: Node) -> str:
        self._traces += 1
        about = [one for one in node.inner if one.name != "event"]
        events = [one for one in node.inner if one.name == "event"]
        rows = [next(self._rows) for _ in events]
        own = self._own(about, CASE)
        ours = _Ours()
        for order_id in dict.fromkeys(row.order_id for row in rows if row.order_id):
            self._orders.add(order_id)
            due = [deadline(row) for row in self._deadlines(order_id)]
            self._due += len(due)
            ours.put(deadline_tags(due))
        said = "".join([self._tags(one, CASE, own) for one in about if one.key not in ours.tags])
        lines = [
            f"    {self._event(one, row, {**own, **self._own([one])}, _Ours())}\n"
            for one, row in zip(events, rows, strict=True)
        ]
        return f"  <trace>\n    {said}{ours}\n{''.join(lines)}  </trace>\n"

    def _event(self, node: Node, row: Read, own: Mapping[str, str], ours: "_Ours") -> str:
        self._events += 1
        became = {
            f"{OURS}:read_as": "; ".join(row.events),
            f"{OURS}:passed_over": row.passed or None,
            f"{OURS}:rejected": "; ".join(self._rejected.get(self._events, ())),
        }
        ours.put({key: tag(key, value) for key, value in became.items() if present(value)})
        said = [self._tags(one, "", own) for one in node.inner if one.key not in ours.tags]
        return f"<event>{''.join(said)}{ours}</event>"

    def _own(self, nodes: Sequence[Node], prefix: str = "") -> dict[str, str]:
        """Give what the attributes of a trace or an event say of a caller, by identity attribute."""
        own: dict[str, str] = {}
        for node in nodes:
            for one in node.inner if node.name == "event" else [node]:
                if (name := self._identity(one.key, prefix)) and one.attributes.get("value"):
                    own[name] = one.attributes["value"]
        return own

    def _identity(self, key: str, prefix: str) -> str:
        """Name the identity attribute that a key is, empty where it is none."""
        name = self._columns.get(prefix + key, key)
        return name if name in IDENTITY else ""

    def _tags(self, node: Node, prefix: str, own: Mapping[str, str]) -> str:
        """Write a tag with what stands in it, without what names a caller."""
        if name := self._identity(node.key, prefix):
            self._left_out[name] += 1
            return ""
        inner = "".join([self._tags(one, prefix, own) for one in node.inner])
        attributes = node.attributes
        text = attributes.get("value")
        if text is not None and not (prefix == CASE and node.key == _TRACE_NAME):
            shown = self._shown(node, prefix, text, own)
            if shown != text:  # a number that is masked is text
                self._masked += 1
                return typed("string", node.key, shown, inner)
        start = _start(node.name, attributes)
        return f"{start}>{inner}</{node.name}>" if inner else f"{start}/>"

    def _shown(self, node: Node, prefix: str, text: str, own: Mapping[str, str]) -> str:
        if node.name == "date" and instant(text) is not None:
            return text
        return masked_said(self._columns.get(prefix + node.key, node.key), text, own)


class _Ours:
    """What is added to a trace or an event, by key."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}

    def put(self, tags: Mapping[str, str]) -> None:
        self.tags.update(tags)

    def __str__(self) -> str:
        return "".join(self.tags.values())


def _start(name: str, attributes: Mapping[str, str]) -> str:
    said = "".join([f' {key}="{quoted(value)}"' for key, value in attributes.items()])
    return f"<{name}{said}"


def _rejected(folder: Path, source: str) -> dict[int, dict[str, None]]:
    """Give why rows of a file were rejected, by their number."""
    found: dict[int, dict[str, None]] = {}
    with (folder / REJECTED).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["source"] == source:
                found.setdefault(int(row["row"]), {})[row["reason"]] = None
    return found
