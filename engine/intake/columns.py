"""A column of a file as a preview sees it: how many cells are filled, and what they became."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from paidan.engine.intake.mapping import OWN
from paidan.engine.intake.tables import Meaning, Rejected, Table
from paidan.engine.intake.values import BadValueError, attribute
from paidan.engine.masking import masked, masked_name
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, Holds
from paidan.workflows.records import Command

_DISTINCT = 1000
"""Different values of a column that are told apart, and different rejected ones."""
_READINGS = 6
"""Different readings that are kept of one value."""
_OF_EVENT = ("event", "at", "actor", "role", "recorded_at")
"""What a row says of its own event, and not of those that a column of times beside it tells."""
_SAID_NOT = frozenset(("?", "？", "未评价"))


@dataclass(slots=True)
class Column:
    """
    A column of a file: what it is read as, and what its cells became.

    `kind` is `events`, `column`, `identity` or `unread`; `listed` columns hold words of a list. `counts`
    has each different value and how often it stands there, of what is no word of a list, number or time
    only a hash. `became` gives the readings of a value in our terms, masked as an import masks them; a
    value without any said nothing. `more` says that there are values beyond these.
    """

    header: str
    means: Meaning
    filled: int = 0
    more: bool = False
    counts: Counter[str | int] = field(default_factory=Counter)
    became: dict[str | int, dict[Any, None]] = field(default_factory=dict)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    why: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    kind: str = field(init=False)
    listed: bool = field(init=False)
    _spelled: bool = field(init=False)

    def __post_init__(self) -> None:
        """Settle what kind of column it is, and which of its values may be kept as they are."""
        name = self.means.column
        holds = ATTRIBUTE_OF[name].holds if name in ATTRIBUTE_OF else None
        if self.means.events:
            self.kind = "events"
        elif name in IDENTITY:
            self.kind = "identity"
        else:
            self.kind = "column" if name in OWN or holds else "unread"
        self.listed = holds in (Holds.FLAG, Holds.CHOICE) or name in ("event", "role")
        plain = holds not in (None, Holds.TEXT) or name in ("at", "recorded_at")
        self._spelled = self.listed or plain or self.kind == "events"

    @property
    def silent(self) -> dict[str, int]:
        """Words that said nothing in any row, though none is rejected; and how often they stand there."""
        refused = {value for value, _ in self.rejected}
        return {
            one: count
            for one, count in self.counts.items()
            if isinstance(one, str) and one not in self.became and masked(one) not in refused
        }

    def count(self, text: str) -> None:
        """Count a cell that is filled."""
        self.filled += 1
        key = self._key(text)
        if key in self.counts or len(self.counts) < _DISTINCT:
            self.counts[key] += 1
        else:
            self.more = True

    def note(self, text: str, value: Any) -> None:
        """Keep what a value was read as."""
        key = self._key(text)
        if key in self.counts:
            known = self.became.setdefault(key, {})
            if len(known) < _READINGS:
                known[value] = None

    def wants(self, text: str) -> bool:
        """Whether it is to be noted what a value was read as: once, save where rows may read it otherwise."""
        return self.means.column == "event" or self._key(text) not in self.became

    def refuse(self, one: Rejected) -> None:
        """Count a cell for which its row is rejected."""
        key = (one.value, one.code)
        if key not in self.rejected and len(self.rejected) >= _DISTINCT:
            key = ("", one.code)
        self.rejected[key] += 1
        self.why.setdefault(key, one.details)

    def _key(self, text: str) -> str | int:
        """Keep words of lists, numbers and times as they are: all else may speak of somebody."""
        return text if self._spelled else hash(text)

    def shown(self, text: str | int) -> str:
        """Give a value as the file writes it, or nothing where that is for nobody to see."""
        if not isinstance(text, str) or not self.listed:
            return masked(text) if isinstance(text, str) and text in self.became else ""
        return masked(text) if text in self.became or self._harmless(text) else ""

    def _harmless(self, text: str) -> bool:
        """Whether a value that said nothing is still a word that could be read."""
        if text in _SAID_NOT or self.means.column not in ATTRIBUTE_OF:
            return text in _SAID_NOT
        try:
            attribute(self.means.column, text)
        except BadValueError:
            return False
        return True


@dataclass(slots=True)
class Seen:
    """A file as it was read: its columns, and the row that is being read."""

    columns: list[Column]
    row: Sequence[str] = ()
    counted: bool = False

    def count(self, cells: Sequence[str]) -> None:
        """Count the cells of a row."""
        for column, cell in zip(self.columns, cells, strict=False):
            if text := cell.strip():
                column.count(text)

    def note(self, table: Table, command: Command, told: Sequence[str]) -> None:
        """Note what a command made of the row, of which it is one event."""
        at_in = table.heading("at", told)
        beside = any(column.means.column == "at" and column.header != at_in for column in self.columns)
        for place, column in enumerate(self.columns):
            text = self.row[place].strip()
            name, events = column.means
            if not text:
                continue
            if events:
                if command.event in events and column.header == at_in:
                    column.note(text, command.at)
            elif column.kind == "column" and not (beside and name in _OF_EVENT) and column.wants(text):
                value = _said(command, name)
                if value is not None and table.place(name, self.row) == place:
                    column.note(text, value)


def _said(command: Command, name: str) -> Any:
    if name == "order_id":
        return masked_name(command.order_id)
    if name == "seq":
        return command.seq or None
    return getattr(command, name) or None if name in OWN else command.attributes.get(name)
