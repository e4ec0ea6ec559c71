"""
A long log told in our events: what a mapping says of activities, times of the order, beginnings.

An activity is an event, several events, one of several by where the order stands, or is passed over.
What depends on the rest of an order is worked out when the table is opened, in the order of time;
a time in a column is an event of a row that holds it. What is added at the beginning of an order
has no row (it is given as row 0) and counts apart.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from paidan.engine.intake.mapping import FirstAllowed, LogMapping
from paidan.engine.intake.tables import Cells, Meaning, Table, fitted
from paidan.engine.intake.values import event_names, instant
from paidan.workflows.definition import START
from paidan.workflows.work_order import WORK_ORDER

_SAID_NOT = frozenset(("", "?", "？"))
_BEFORE, _ROW, _AFTER = range(3)
"""What comes first in the same second: times that open an order, rows, other times."""
_OPENING = frozenset(("receive", "register", "dispatch"))
"""Events that open an order."""


class Added(NamedTuple):
    """An event that has no row of its own: when, who is said to have told it, from which column."""

    event: str
    at: str
    actor: str = ""
    heading: str = ""


@dataclass(slots=True)
class Plan:
    """What is settled of a table beforehand, by the number of the row."""

    chosen: dict[int, str] = field(default_factory=dict)
    before: dict[int, list[Added]] = field(default_factory=dict)
    after: dict[int, list[Added]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)


class Step(NamedTuple):
    """One thing of an order in the order of time: a row of the log, or times told in a row's column."""

    at: datetime
    place: tuple[int, int]
    row: int
    activity: str
    added: tuple[Added, ...] = ()
    raw: int = 0


def told(table: Table, mapping: LogMapping | None) -> Table:
    """Give `table` in our events; itself where no mapping speaks of events."""
    if mapping is None or not (mapping.events or mapping.skip or mapping.times or mapping.first):
        return table
    times = {table.header.index(name): events for name, events in mapping.times.items()}
    header = ["" if position in times else name for position, name in enumerate(table.header)]
    header += [name for name in ("actor", "role", "recorded_at") if name not in header]
    plan = _Planner(table, mapping, times).plan()
    return Told(table.path, table.name, table.sha256, (*header, ""), table, mapping, plan)


@dataclass(frozen=True, slots=True)
class Told(Table):
    """`base` as `mapping` tells it; the last cell of a row is the column an added time stood in."""

    base: Table
    mapping: LogMapping
    plan: Plan

    @property
    def zone(self) -> tzinfo:
        """The zone of the log's times."""
        return self.base.zone

    @property
    def told(self) -> Mapping[str, Any]:
        """How many rows were passed over and why, and how many events columns of times told."""
        plan, why = self.plan, self.mapping.skip
        skipped = {name: {"rows": rows, "why": why[name]} for name, rows in sorted(plan.skipped.items())}
        return {**self.base.told, "skipped": skipped, "from_columns": dict(sorted(plan.times.items()))}

    @property
    def means(self) -> tuple[Meaning, ...]:
        """What each column says: a time of the order, or what it says in `base`."""
        times = {self.base.header.index(name): Meaning("", told) for name, told in self.mapping.times.items()}
        return tuple(times.get(place, one) for place, one in enumerate(self.base.means))

    def numbered(self) -> Iterator[tuple[int, Cells]]:
        """Give a row for each event; None for a row that is passed over."""
        plan, events, skip = self.plan, self.mapping.events, self.mapping.skip
        place = self.base.header.index("event")
        more = [""] * (len(self.header) - len(self.base.header))
        for number, row in self.base.numbered():
            fit = fitted(self.base, number, row) if type(row) is list else row
            if type(fit) is not list:
                yield number, fit
                continue
            own = fit + more  # what is given is the reader's own: it may lengthen it
            for one in plan.before.get(number, ()):
                yield number if one.heading else 0, self._added(own, one)
            activity = own[place].strip()
            meant = events.get(activity, activity)
            if activity in skip:
                yield number, None
            elif isinstance(meant, str):
                yield number, own.copy()
            else:
                if isinstance(meant, FirstAllowed):
                    meant = (plan.chosen.get(number, meant.events[-1]),)
                for event in meant:
                    cells = own.copy()
                    cells[place] = event
                    yield number, cells
            for one in plan.after.get(number, ()):
                yield number, self._added(own, one)

    def heading(self, column: str, cells: Sequence[str]) -> str:
        """Give the file's own name of a column; of an added time the column it stood in."""
        last = len(self.header) - 1
        if column == "at" and len(cells) > last and cells[last]:
            return cells[last]
        return self.base.heading(column, cells)

    def sample(self, column: str, count: int) -> list[str]:
        """Give what stands in a column of `base`."""
        return self.base.sample(column, count)

    def _added(self, cells: list[str], one: Added) -> list[str]:
        """Give the row's cells with the event and time of what is added, and nobody who did it."""
        cells = cells.copy()
        said = {"event": one.event, "at": one.at, "actor": one.actor, "role": "", "recorded_at": ""}
        for column, text in said.items():
            cells[self.header.index(column)] = text
        cells[-1] = one.heading
        return cells


class _Planner:
    """One reading of a table, order by order, before its rows are given."""

    def __init__(self, table: Table, mapping: LogMapping, times: Mapping[int, tuple[str, ...]]) -> None:
        self._table = table
        self._mapping = mapping
        self._times = times
        self._steps: dict[str, list[Step]] = {}
        self._met: set[tuple[str, int, str]] = set()
        self._plan = Plan()

    def plan(self) -> Plan:
        """Read the table and settle what depends on the rest of an order."""
        header = self._table.header
        place = [header.index(name) for name in ("order_id", "event", "at")]
        for number, row in self._table.numbered():
            fit = fitted(self._table, number, row) if type(row) is list else row
            if type(fit) is not list:
                continue
            order_id, activity, at = (fit[position].strip() for position in place)
            for position, events in self._times.items():
                self._time(order_id, number, position, fit[position].strip(), events)
            if activity in self._mapping.skip:
                self._plan.skipped[activity] += 1
            elif (moment := instant(at, zone=self._table.zone)) is not None:
                step = Step(moment, (_ROW, number), number, activity, (), hash(tuple(fit)))
                self._steps.setdefault(order_id, []).append(step)
        for steps in self._steps.values():
            self._order(sorted(steps))
        return self._plan

    def _time(self, order_id: str, number: int, position: int, text: str, events: tuple[str, ...]) -> None:
        """Take each different time in a column once per order, with the first row it stands in."""
        if text in _SAID_NOT or (order_id, position, text) in self._met:
            return
        self._met.add((order_id, position, text))
        heading = self._table.heading(self._table.header[position], ())
        added = tuple(Added(event, text, "", heading) for event in events)
        self._plan.times.update(events)
        moment = instant(text, zone=self._table.zone)
        opens = events[0] in _OPENING
        if moment is None:  # its rejection is told in the row
            self._plan.after.setdefault(number, []).extend(added)
            return
        step = Step(moment, (_BEFORE if opens else _AFTER, position), number, "", added)
        self._steps.setdefault(order_id, []).append(step)

    def _order(self, steps: list[Step]) -> None:
        """Go through an order's life in time and choose, begin and place what is added."""
        mapping, plan = self._mapping, self._plan
        rows = [step.row for step in steps]
        state = START
        seen: dict[int, str] = {}
        for number, step in enumerate(steps):
            if step.added:
                meant: tuple[str, ...] | FirstAllowed = tuple(one.event for one in step.added)
            else:
                meant = mapping.events.get(step.activity, (event_names().get(step.activity, ""),))
            events = meant.events if isinstance(meant, FirstAllowed) else meant
            if number == 0 and mapping.first:
                state = self._begin(step, events, min(rows))
            if not step.added and step.raw in seen:  # the same row again will be rejected as such
                plan.chosen[step.row] = seen[step.raw]
                continue
            if isinstance(meant, FirstAllowed):
                events = (next((one for one in events if (state, one) in _MOVES), events[-1]),)
                plan.chosen[step.row] = seen[step.raw] = events[0]
            elif step.added:
                late = step.place[0] == _AFTER
                where = plan.after if late else plan.before
                where.setdefault(max(rows) if late else min(rows), []).extend(step.added)
            for event in events:
                state = _after(state, event)

    def _begin(self, step: Step, events: tuple[str, ...], row: int) -> str:
        """Add what the order's first event presupposes, at that event's time."""
        chain = self._mapping.first
        reached = [chain.index(one) for one in events if one in chain]
        lacking = chain[: reached[0]] if reached else chain
        at = step.added[0].at if step.added else step.at.isoformat()
        added = [Added(one, at, self._mapping.name) for one in lacking]
        self._plan.before.setdefault(row, [])[:0] = added
        state = START
        for one in lacking:
            state = _after(state, one)
        return state


_MOVES = {
    (source, move.event): move.target or source
    for move in reversed(WORK_ORDER.moves)
    for source in move.sources
}
"""Where an event leads from a state; conditions are left to the replay, which says what they forbid."""
_SPOKEN = {move.event: move.target for move in reversed(WORK_ORDER.moves) if move.target}


def _after(state: str, event: str) -> str:
    known = WORK_ORDER.event_of.get(event)
    if known is None:
        return state
    stays = state != START and not known.reopens
    return _MOVES.get((state, event)) or (state if stays else _SPOKEN.get(event) or state)
