"""
The values every layer shares: what is asked, what was written, what an order is now.

They are named tuples: immutable, and cheap enough to make one for every event of a million.
Instants are aware datetimes in Beijing time (`BEIJING`); storage writes them as UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The one civil time of the rules; the mainland has kept no daylight saving since 1991."""

Facts = Mapping[str, Any]
"""Facts of an order by name (`workflows.facts`); a name that is absent was never said."""

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Private:
    """
    What only a vault may keep: identity attributes, and texts as they were before they were masked.

    By the name under which they were said. It shows itself to no log and no traceback.
    """

    values: Mapping[str, str] = field(default_factory=dict, repr=False)


NOTHING_PRIVATE = Private()


class Command(NamedTuple):
    """
    Something asked of an order. `at` says when it happened, `recorded_at` when we learned it.

    `private` is empty but on the way from a file into a vault; nothing decides on it.
    """

    order_id: str
    event: str
    at: datetime
    actor: str = ""
    role: str = ""
    unit: str = ""
    attributes: Mapping[str, Any] = NOTHING
    recorded_at: datetime | None = None
    source: str = ""
    row: int = 0
    seq: int = 0
    """the number of its entry in the log it comes from; 0 where that does not say"""
    private: Private = NOTHING_PRIVATE
    rule: str = ""
    """the rule by which the engine asks; nobody else's command has one"""

    @property
    def learned_at(self) -> datetime:
        """When it became known: `recorded_at`, or `at` where nothing else was said."""
        return self.recorded_at or self.at


class Entry(NamedTuple):
    """One line of an order's log. `seq` is gapless from 1; nothing is ever changed or taken out."""

    order_id: str
    seq: int
    event: str
    from_state: str
    to_state: str
    at: datetime
    recorded_at: datetime
    actor: str = ""
    role: str = ""
    unit: str = ""
    rule: str = ""
    note: str = ""
    attributes: Mapping[str, Any] = NOTHING


class Clock(NamedTuple):
    """
    One running, ended or void limit of an order (a row of `deadlines`).

    `dispatch` is the number of the dispatch it runs in, 0 for a clock of the whole order;
    `shut` marks a window that closed with its order; `raised_at` is the due time for which
    a `time_out` stands in the log, `raised_by` the `seq` of that entry. `told_at` is the moment of the
    last warning, time-out or escalation told of this due time, `escalations` are the entries (`seq`)
    that escalated it. `learned_at` says when its ending became known, where that was later than `done_at`.
    """

    rule: str
    unit: str
    dispatch: int
    started_at: datetime
    due_at: datetime
    provisional: bool
    done_at: datetime | None = None
    void: bool = False
    shut: bool = False
    raised_at: datetime | None = None
    told_at: datetime | None = None
    escalations: tuple[int, ...] = ()
    raised_by: int = 0
    learned_at: datetime | None = None


class Order(NamedTuple):
    """A work order (工单) as the fold of its log leaves it."""

    order_id: str
    state: str = ""
    seq: int = 0
    facts: Facts = NOTHING
    clocks: tuple[Clock, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What the definition or a rule does not allow about a command, with the reason as a value.

    `code` names a sentence of `engine.messages`, `details` fills it. `rule` is empty only for a
    structural finding (`code` then names what the life of the order forbids). `refuses` is false
    where the point is noted and never refused. `labels` are the Chinese and English words of the row that
    objects, where its rule has several.
    """

    code: str
    rule: str = ""
    clause: str = ""
    refuses: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)
    labels: tuple[str, str] = field(default=("", ""), compare=False)
