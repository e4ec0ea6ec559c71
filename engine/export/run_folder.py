"""The folder a replay writes: four tables, the order records for scoring, a summary."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from paidan.engine.intake.tables import Rejected
from paidan.engine.messages import say
from paidan.policies.clocks import Verdict
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import OrderRecord, to_json
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
SUMMARY = "summary.json"
UNITS = "units.csv"
ADJUSTMENTS = "adjustments.csv"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=datetime.isoformat)
POLICY = "policy.zip"
"""The rule files as they were."""


class RunFolder:
    """
    A run folder being written.

    Files are written beside their names and take them only when all are whole, so that a run that
    fails leaves an earlier one as it was.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, TextIO] = {}
        self._writers: dict[str, Any] = {}
        self._kept: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, columns in TABLES.items():
            file = self._open(f"{name}.csv")
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            self._writers[name] = writer
        self._open(RECORDS)
        self._open(SAID)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
        for name in self._files:
            if kind is None:
                self._beside(name).replace(self.folder / name)
            else:
                self._beside(name).unlink(missing_ok=True)
        if kind is None:
            for name in (UNITS, ADJUSTMENTS):
                (self.folder / name).unlink(missing_ok=True)
            for name, content in self._kept.items():
                (self.folder / name).write_bytes(content)

    def transitions(self, entries: Sequence[Entry], rules: Rulebook) -> None:
        """Write an order's log; a time-out is noted with the label of its rule."""
        self._writers["transitions"].writerows(
            [
                (e.order_id, e.seq, e.event, e.from_state, e.to_state, written(e.at), e.actor, e.role, e.unit,
                 e.rule, rules.clocks[e.rule].zh if e.rule else "")
                for e in entries
            ]
        )  # fmt: skip

    def deadlines(self, order: Order, verdicts: Sequence[Verdict], rules: Rulebook) -> None:
        """Write an order's clocks with what they came to."""
        version = rules.policy.version
        self._writers["deadlines"].writerows(
            [
                (order.order_id, c.rule, c.unit, rules.clocks[c.rule].kind, written(c.started_at),
                 written(c.due_at), written(c.done_at) if c.done_at else "", came_to,
                 "true" if c.provisional else "false", version, rules.clocks[c.rule].clause)
                for c, came_to in zip(order.clocks, verdicts, strict=True)
            ]
        )  # fmt: skip

    def deviation(self, command: Command, finding: Finding, reason: str, refused: bool) -> None:  # noqa: FBT001
        """Write one broken rule of one event."""
        self._writers["deviations"].writerow(
            (command.order_id, command.source, command.row, command.event, written(command.at), finding.rule,
             finding.clause, reason, "refused" if refused else "applied")
        )  # fmt: skip

    def rejected(self, one: Rejected) -> None:
        """Write one row that could not be read."""
        reason = say(one.code, **one.details)
        self._writers["rejected"].writerow((one.source, one.row, one.order_id, one.column, one.value, reason))

    def record(self, record: OrderRecord) -> None:
        """Write what scoring needs of an order."""
        self._files[RECORDS].write(_JSON.encode(to_json(record)) + "\n")

    def said(self, order_id: str, entries: Sequence[Entry]) -> None:
        """Write what the events of an order said, by `seq`, so that its log can be folded again."""
        said = {e.seq: e.attributes for e in entries if e.attributes}
        if said:
            self._files[SAID].write(_JSON.encode({"order_id": order_id, "said": said}) + "\n")

    def keep(self, name: str, source: Path) -> None:
        """Keep a copy of a file that will be read again."""
        self._kept[name] = source.read_bytes()

    def keep_policy(self, files: Mapping[str, bytes]) -> None:
        """Keep the rule files, packed the same way whenever they are the same."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        self._kept[POLICY] = packed.getvalue()

    def summary(self, summary: dict[str, Any]) -> None:
        """Write the summary."""
        self._open(SUMMARY).write(json.dumps(summary, ensure_ascii=False, indent=2) + "\n")

    def _open(self, name: str) -> TextIO:
        file = self._beside(name).open("w", encoding="utf-8", newline="")
        self._files[name] = file
        return file

    def _beside(self, name: str) -> Path:
        return self.folder / f".{name}.partial"


_WRITTEN: dict[datetime, str] = {}
_REMEMBERED = 50_000


def written(at: datetime) -> str:
    """
    Write an instant as the files do: ISO 8601, Beijing time, whole seconds.

    An instant stands in several rows (an event, the clocks it starts and ends), so texts are kept.
    """
    text = _WRITTEN.get(at)
    if text is None:
        if len(_WRITTEN) > _REMEMBERED:
            _WRITTEN.clear()
        local = at if at.tzinfo is BEIJING else at.astimezone(BEIJING)
        text = _WRITTEN[at] = datetime.combine(local, local.time()).isoformat() + "+08:00"
    return text
