"""The folder a replay writes: four tables, the order records for scoring, a summary."""

import codecs
import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TextIO

from paidan.engine.inert import Inert, cells, inert, lines_to, text_of
from paidan.engine.intake import adjustments, rosters
from paidan.engine.intake.forms import as_csv
from paidan.engine.intake.tables import Rejected
from paidan.engine.masking import masked, masked_name
from paidan.engine.messages import say
from paidan.policies.clocks import Verdict
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import OrderRecord, to_json
from paidan.workflows.cases import case_id
from paidan.workflows.records import BEIJING, Command, Entry, Finding, Order

TABLES = {
    "transitions": (
        "order_id", "seq", "event", "from_state", "to_state", "at", "actor", "role", "unit", "rule", "note",
    ),
    "deadlines": (
        "order_id", "rule", "unit", "kind", "started_at", "due_at", "done_at", "verdict", "provisional",
        "policy", "clause",
    ),
    "deviations": ("order_id", "source", "row", "event", "at", "rule", "clause", "reason", "action"),
    "rejected": ("source", "row", "order_id", "column", "value", "reason"),
}  # fmt: skip
RECORDS = "orders.jsonl"
SAID = "attributes.jsonl"
_OF_ORDERS = ("transitions.csv", "deadlines.csv", "deviations.csv", SAID)
_OF_CASES = tuple(f"case_{name}" for name in _OF_ORDERS)
"""The same of the cases beside the orders."""
ORDER_FILES = (*_OF_ORDERS, RECORDS, *_OF_CASES)
"""The files with lines of every order, order by order."""
REJECTED = "rejected.csv"
IN_PARQUET = {
    **{f"{name}.parquet": name for name in TABLES},
    **{f"case_{name}.parquet": name for name in TABLES if name != "rejected"},
}
"""What may stand beside the tables for other tools, and of which table each is."""
SUMMARY = "summary.json"
UNITS = "units.csv"
ADJUSTMENTS = "adjustments.csv"
_JSON = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat, check_circular=False
)
POLICY = "policy.zip"
"""The rule files as they were, and what the calendar knew."""
CALENDAR = "calendar.json"
"""In the pack: the notices loaded, the library's last year, the day as known on."""


class Lines(NamedTuple):
    """Where the lines of orders go, or those of cases."""

    transitions: Any
    deadlines: Any
    deviations: Any
    said: TextIO

    @classmethod
    def to(cls, files: Sequence[TextIO], writer: Callable[[TextIO], Any]) -> Self:
        """Write to open files, in the order of the fields; `writer` gives what writes the many rows."""
        transitions, deadlines, deviations, said = files
        return cls(writer(transitions), writer(deadlines), lines_to(deviations), said)


def _lines_unbroken(file: TextIO) -> Any:
    """Write as `lines_to`, in half the time, rows without a carriage return."""
    return csv.writer(file, lineterminator="\n")


class OrderFiles:
    """The files that hold some lines of every order, open to be written order by order."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        """Open each file of `ORDER_FILES` at its path in `paths`, empty."""
        self._files = {name: paths[name].open("w", encoding="utf-8", newline="") for name in ORDER_FILES}
        self._words = Inert()
        self._lines_by(_lines_unbroken)

    def heads(self) -> None:
        """Write the column names of the tables."""
        for lines in (self._orders, self._cases):
            for name in ("transitions", "deadlines", "deviations"):
                getattr(lines, name).writerow(TABLES[name])

    def _lines_by(self, writer: Callable[[TextIO], Any]) -> None:
        self._orders, self._cases = (
            Lines.to([self._files[name] for name in names], writer) for names in (_OF_ORDERS, _OF_CASES)
        )

    def _of(self, order_id: str) -> Lines:
        """Give where the lines of an order go, once its words are cells."""
        if self._words.broken or "\r" in order_id:
            self._words.broken = False
            self._lines_by(lines_to)
        return self._cases if case_id(order_id) else self._orders

    def transitions(self, entries: Sequence[Entry], rules: Rulebook) -> None:
        """Write the log of an order or a case; what the engine raised is noted with the label of its rule."""
        order_id = entries[0].order_id
        named, cell = inert(order_id), self._words
        rows = [
            (named, e.seq, e.event, e.from_state, e.to_state, written(e.at), cell[e.actor], cell[e.role],
             cell[e.unit], e.rule, cell[rules.behind(e.rule, e.event).zh] if e.rule else "")
            for e in entries
        ]  # fmt: skip
        self._of(order_id).transitions.writerows(rows)

    def deadlines(self, order: Order, verdicts: Sequence[Verdict], rules: Rulebook) -> None:
        """Write the clocks of an order or a case with what they came to."""
        version = rules.policy.version
        named, cell = inert(order.order_id), self._words
        rows = [
            (named, c.rule, cell[c.unit], rules.clocks[c.rule].kind, written(c.started_at),
             written(c.due_at), written(c.done_at) if c.done_at else "", came_to,
             "true" if c.provisional else "false", version, cell[rules.clocks[c.rule].clause])
            for c, came_to in zip(order.clocks, verdicts, strict=True)
        ]  # fmt: skip
        self._of(order.order_id).deadlines.writerows(rows)

    def deviation(self, command: Command, finding: Finding, reason: str, refused: bool) -> None:  # noqa: FBT001
        """Write one broken rule of one event."""
        self._of(command.order_id).deviations.writerow(
            (inert(command.order_id), inert(command.source), command.row, command.event, written(command.at),
             finding.rule, inert(finding.clause), inert(reason), "refused" if refused else "applied")
        )  # fmt: skip

    def record(self, record: OrderRecord) -> None:
        """Write what scoring needs of an order."""
        self._files[RECORDS].write(to_json(record).decode() + "\n")

    def said(self, order_id: str, entries: Sequence[Entry]) -> None:
        """Write what the events of an order said, by `seq`, so that its log can be folded again."""
        said = {e.seq: e.attributes for e in entries if e.attributes}
        if said:
            self._of(order_id).said.write(_JSON.encode({"order_id": order_id, "said": said}) + "\n")

    def append(self, folder: Path) -> None:
        """Append what lies in `folder` under the files' own names."""
        for name, file in self._files.items():
            file.flush()
            with (folder / name).open("rb") as more:
                shutil.copyfileobj(more, file.buffer)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()


class RunFolder:
    """
    A run folder being written.

    Files are written beside their names and take them only when all are whole, so that a run that
    fails leaves an earlier one as it was. `orders` are the files with lines of every order.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.orders = OrderFiles({name: self._beside(name) for name in ORDER_FILES})
        self.orders.heads()
        self._rejected = self._open(REJECTED)
        self._summary = self._open(SUMMARY)
        self._writer = lines_to(self._rejected)
        self._writer.writerow(TABLES["rejected"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (self.orders, self._rejected, self._summary):
            file.close()
        for name in (*ORDER_FILES, REJECTED, SUMMARY):
            if kind is None:
                self._beside(name).replace(self.folder / name)
            else:
                self._beside(name).unlink(missing_ok=True)
        if kind is None:
            for name in (UNITS, ADJUSTMENTS, *IN_PARQUET):  # of an earlier run
                (self.folder / name).unlink(missing_ok=True)
            for name, content in self._kept.items():
                (self.folder / name).write_bytes(content)

    @contextmanager
    def lend(self, count: int) -> Iterator[list[Path]]:
        """Give `count` empty folders to prepare `orders` in; afterwards they are gone."""
        beside = self._beside("shares")
        shutil.rmtree(beside, ignore_errors=True)
        folders = [beside / str(number) for number in range(count)]
        try:
            for folder in folders:
                folder.mkdir(parents=True)
            yield folders
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def rejected(self, one: Rejected) -> None:
        """Write one row that could not be read."""
        self._writer.writerow(rejected_row(one))

    def keep(self, name: str, source: Path) -> None:
        """Keep a copy of a file that will be read again, as CSV, what it notes in free text masked."""
        self._kept[name] = _shown(as_csv(source, _ENTERED[name]))

    def keep_policy(self, files: Mapping[str, bytes]) -> None:
        """Keep the rule files, packed the same way whenever they are the same."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        self._kept[POLICY] = packed.getvalue()

    def summary(self, summary: dict[str, Any]) -> None:
        """Write the summary."""
        self._summary.write(json.dumps(summary, ensure_ascii=False, indent=2) + "\n")

    def _open(self, name: str) -> TextIO:
        return self._beside(name).open("w", encoding="utf-8", newline="")

    def _beside(self, name: str) -> Path:
        return self.folder / f".{name}.partial"


def rejected_row(one: Rejected) -> tuple[Any, ...]:
    """Give the line of `rejected` for a row that could not be read, in cells that are inert."""
    return tuple(
        cells((one.source, one.row, one.order_id, one.column, one.value, say(one.code, **one.details)))
    )


def _shown(content: bytes) -> bytes:
    """Give a CSV file as it is, or written anew where a cell had to be masked or made inert."""
    bom = content.startswith(codecs.BOM_UTF8)
    try:
        encoding, text = "utf-8", content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        encoding, text = "gb18030", content.decode("gb18030")
    head, *rows = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    free = {place for place, name in enumerate(head) if name.strip() in _FREE}
    shown = [
        [inert((masked if n in free else masked_name)(text_of(cell))) for n, cell in enumerate(row)]
        for row in rows
    ]
    if shown == rows:
        return content
    file = io.StringIO()
    lines_to(file).writerows([head, *shown])
    return codecs.BOM_UTF8 * bom + file.getvalue().encode(encoding)


_ENTERED = {UNITS: rosters.REQUIRED, ADJUSTMENTS: adjustments.REQUIRED}
"""What the files that are kept must have."""
_FREE = frozenset(("note", "confirmed_by", "name"))
"""Columns of the files that are kept which hold free text; others name units, orders, codes."""

_DAYS: dict[int, str] = {}
_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))


def written(at: datetime) -> str:
    """
    Write an instant as the files do: ISO 8601, Beijing time, whole seconds.

    Put together from known days and numbers, which takes half as long as `isoformat`: a replay of a
    million events writes more than three million instants.

    >>> written(datetime(2026, 3, 2, 9, 5, tzinfo=BEIJING))
    '2026-03-02T09:05:00+08:00'
    """
    if at.tzinfo is not BEIJING:
        at = at.astimezone(BEIJING)
    number = at.toordinal()
    day = _DAYS.get(number)
    if day is None:
        day = _DAYS[number] = at.date().isoformat()
    return f"{day}T{_TWO_DIGITS[at.hour]}:{_TWO_DIGITS[at.minute]}:{_TWO_DIGITS[at.second]}+08:00"
