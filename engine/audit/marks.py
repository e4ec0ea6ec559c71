"""What an auditor looks at in a log: corrections, what was back-dated, identities shown and erased."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from paidan.engine.corrections import CORRECT, correction
from paidan.workflows.records import Entry

KINDS = ("correct", "backdated", "unmask", "erase")
TIMES = ("correct", "backdated")
"""What changes when something happened, or what was said of it."""
IDENTITIES = ("unmask", "erase")


class Mark(NamedTuple):
    """
    An entry that is looked at again: who wrote it when, from what to what, and why.

    `unit` is the one the entry names, else the one the order was with. `of` is the entry a correction is of,
    `event` what happened then; `before` of what is back-dated is when it was written, `after` when it is
    said to have been.
    """

    kind: str
    order_id: str
    seq: int
    recorded_at: datetime
    event: str
    actor: str
    role: str
    unit: str
    of: int
    field: str
    before: Any
    after: Any
    why: str

    rule: str = ""
    """none: a mark is of no rule"""

    @property
    def when(self) -> datetime:
        """When it was written."""
        return self.recorded_at

    @property
    def who(self) -> str:
        """Who wrote it."""
        return self.actor

    @property
    def place(self) -> tuple[datetime, str, int, str]:
        """What it is sorted by: when it was written, its order, its number."""
        return self.recorded_at, self.order_id, self.seq, ""


def marks_of(log: Sequence[Entry]) -> tuple[Mark, ...]:
    """Give the marks of an order's log, in its order."""
    found = []
    unit = ""
    for one in log:
        said = one.attributes
        if one.event == "dispatch" and one.unit:
            unit = one.unit
        if one.event == CORRECT:
            made = correction(said)
            event = log[made.entry - 1].event if 0 < made.entry <= len(log) else ""
            found.append(_mark(CORRECT, one, unit, str(said.get("reason", "")))._replace(
                event=event, of=made.entry, field=made.field, before=made.before, after=made.after
            ))  # fmt: skip
        elif one.event in IDENTITIES:
            found.append(_mark(one.event, one, unit, str(said.get("reason", ""))))
        elif "backdated" in said:
            mark = _mark("backdated", one, unit, str(said["backdated"]))
            found.append(mark._replace(of=one.seq, field="at", before=one.recorded_at, after=one.at))
    return tuple(found)


def _mark(kind: str, one: Entry, unit: str, why: str) -> Mark:
    return Mark(
        kind, one.order_id, one.seq, one.recorded_at, one.event, one.actor, one.role, one.unit or unit,
        0, "", None, None, why,
    )  # fmt: skip
