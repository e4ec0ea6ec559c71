"""
What the orders of a store must be, kept beside it by plain means.

The model hears what was committed and what was answered. It folds the states by a table of its own (the
life of CONTRACT section 2 as text, not as the engine's value), and counts time-outs by hand.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from paidan.engine.evolve import evolve
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import EVENT_OF, case_id
from paidan.workflows.records import Clock, Entry, Order
from simulation.commands import Asked

LEADS_TO = {
    "receive": "received", "register": "registered", "dispatch": "dispatched", "redo": "dispatched",
    "approve_return": "returned", "approve_extension": "extended", "resolve": "resolved",
    "close": "closed", "hand_back": "handed_back",
}  # fmt: skip
"""States that an event leads to wherever it is allowed."""
_OF_ENTRIES = ("at", "unit", "actor", "role")


CASES_LEAD_TO = {
    "propose_supervision": "proposed", "open_supervision": "supervised", "issue_sheet": "supervised",
    "end_supervision": "ended", "drop_supervision": "dropped", "open_enquiry": "filed",
    "receive_enquiry": "received", "withdraw_enquiry": "withdrawn", "open_extension": "asked",
    "examine_extension": "examined", "report_extension": "reported", "grant_extension": "granted",
    "deny_extension": "denied", "lapse_extension": "lapsed", "open_talk": "proposed",
    "arrange_talk": "arranged", "hold_talk": "held", "confirm_rectified": "rectified",
    "deny_rectified": "unrectified", "drop_talk": "dropped", "open_topic": "submitted",
    "meet_on_topic": "settled", "withdraw_topic": "withdrawn",
}  # fmt: skip
"""The same of the events of cases."""
_SIGNED = {
    "filed": "reviewed", "reviewed": "agreed", "agreed": "endorsed", "received": "endorsed",
    "endorsed": "decided",
}  # fmt: skip


def case_after(state: str, event: str, said: Mapping[str, Any]) -> str:
    """Give the state of a case after an allowed event."""
    if event == "answer_sheet":
        return "replied" if said.get("met") else "unmet"
    if event == "sign_enquiry":
        return _SIGNED[state]
    if event == "endorse_topic":
        return {"submitted": "endorsed", "endorsed": "settled"}[state]
    return CASES_LEAD_TO.get(event, state)


def state_after(state: str, event: str, *, contacted: bool) -> str:
    """Give the state after an allowed event, from the table of the contract."""
    if event in ("accept", "send_back"):
        return "contacted" if contacted else "accepted"
    if event == "contact":
        return "contacted" if state == "accepted" else state
    if event == "revisit":
        return state if state == "closed" else "revisited"
    return LEADS_TO.get(event, state)


@dataclass
class Told:
    """
    One order: the log as it was committed, and what it makes by plain means and by the engine's fold.

    `now` is the log as its corrections say it should have been, `settled` whether the last transaction
    corrected anything: then nothing may be left to raise. `private` is what the vault must hold.
    """

    rules: Rulebook
    order: Order
    log: list[Entry] = field(default_factory=list)
    now: list[Entry] = field(default_factory=list)
    settled: bool = False
    private: dict[tuple[int, str], str] = field(default_factory=dict)
    erased: bool = False
    state: str = ""
    contacted: bool = False
    standing: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    by_actor: Counter[str] = field(default_factory=Counter)
    fresh: set[tuple[str, datetime]] = field(default_factory=set)
    """Rule and due time of the clocks that the last transaction started or moved."""

    def take(self, entries: tuple[Entry, ...]) -> None:
        """Take in what one transaction wrote."""
        before = [(clock.rule, clock.due_at) for clock in self.order.clocks]
        for entry in entries:
            self.add(entry)
        self.settled = any(entry.event == "correct" for entry in entries)
        after = [(clock.rule, clock.due_at) for clock in self.order.clocks]
        self.fresh = {now for place, now in enumerate(after) if before[place : place + 1] != [now]}

    def add(self, entry: Entry) -> None:
        """Take in the next entry."""
        self.log.append(entry)
        self.now.append(entry)
        if entry.event == "correct":
            self._correct(**entry.attributes)
        else:
            self.order = evolve(self.order, entry, self.rules)
        if case_id(entry.order_id):
            self.state = case_after(self.state, entry.event, entry.attributes)
        else:
            self.state = state_after(self.state, entry.event, contacted=self.contacted)
        self.contacted |= entry.event == "contact"
        if entry.event == "time_out":
            self.standing[entry.rule, entry.at] += 1
        elif entry.event == "time_out_withdrawn":
            self.standing[entry.rule, entry.attributes["due_at"]] -= 1
        if entry.event == "erase":
            self.private.clear()
            self.erased = True
        if entry.actor and not EVENT_OF[entry.event].by_engine:
            self.by_actor[entry.actor] += 1

    def _correct(self, *, entry: int, field: str, after: Any = None, **_: Any) -> None:
        one = self.now[entry - 1]
        if field in _OF_ENTRIES:
            changed: dict[str, Any] = {field: after or ""}
            self.now[entry - 1] = one._replace(**changed)
        else:
            said = {name: value for name, value in one.attributes.items() if name != field}
            self.now[entry - 1] = one._replace(attributes=said | ({} if after is None else {field: after}))
        self.order = self.anew()

    def anew(self) -> Order:
        """Give what the whole log makes, entry by entry, as corrected."""
        order = Order(self.order.order_id)
        for entry in self.now:
            order = evolve(order, entry, self.rules)
        return order

    def missed(self, now: datetime) -> Iterator[Clock]:
        """Give the duties whose time has passed and that were not done in it."""
        for clock in self.order.clocks:
            undone = clock.done_at is None or clock.done_at > clock.due_at
            duty = self.rules.clocks[clock.rule].kind == "duty"
            if duty and undone and not clock.void and clock.due_at < now:
                yield clock


@dataclass
class Answered:
    """A command that was sent: how often, and what was answered, None while no answer arrived."""

    asked: Asked
    outcome: Any = None
    committed: bool = False


@dataclass
class Model:
    """
    All orders of one store, and all commands sent to it.

    `may` are the roles that may speak of the past, `vault` says whether there is one.
    """

    may: tuple[str, ...] = ()
    vault: bool = False
    orders: dict[str, Told] = field(default_factory=dict)
    commands: dict[int, Answered] = field(default_factory=dict)
    notices_from: datetime | None = None
    last: dict[str, datetime] = field(default_factory=dict)
    """When anything was last recorded of an order or of a case about it."""
    skewed: set[str] = field(default_factory=set)
    """Orders of whose cases something was recorded later than what came after it: a clock was set back."""

    def seq(self, order_id: str) -> int:
        """Give the last `seq` of an order, 0 where there is none."""
        told = self.orders.get(order_id)
        return len(told.log) if told else 0
