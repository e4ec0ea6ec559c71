"""
What happens to the cases about an order when something happens to the order.

Pure, and the same for live orders, imports and replays: an entry of an order asks something of a case,
never the other way round. What the order's log says is a fact; whether its case follows, the case's own
workflow and guards decide.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

from paidan.engine.decide import Decision, decide, life_of, raise_overdue
from paidan.engine.evolve import evolve
from paidan.policies.guards import applies
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ORDER_ENTRY, WRITTEN
from paidan.workflows.cases import EVENT_OF, OPENINGS, CaseId, case_id, ended, follower, workflow_of
from paidan.workflows.definition import START
from paidan.workflows.records import NOTHING, Command, Entry, Facts, Finding, Order

_GROUND = "add_ground"
_TOLD_AT_OPENING = ("handling_class", "order_due")
"""Facts of the order that its case is told when it is opened."""


_ALARMS = frozenset({"warn", "time_out", "escalate"})
"""What the engine writes of a limit, some time after it passed."""


class Heard(NamedTuple):
    """
    An entry of an order, the order's facts after it, the rules that the order is under.

    `when` is its place among what happens to the cases, whenever it was written: what a limit brings
    about happens when the limit passes, or when what made it pass became known.
    """

    entry: Entry
    facts: Facts
    rules: Rulebook
    when: datetime

    @property
    def alarm(self) -> bool:
        """Whether a passed limit brought it about, which nothing within that second comes after."""
        return self.entry.event in _ALARMS


class Standing(NamedTuple):
    """A case as it stands, the rules it is under, and what was written of it."""

    order: Order
    rules: Rulebook
    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()


def heard(decision: Decision, rules: Rulebook, last: datetime | None) -> list[Heard]:
    """Give of the entries of a decision those that can do anything to a case; `last` is the one before."""
    facts = decision.order.facts
    told = [
        Heard(entry, facts, rules, _when(entry, last))
        for entry in decision.entries
        if entry.event in rules.heard and _speaks(entry, rules, facts)
    ]
    return [] if told and case_id(decision.order.order_id) else told


def _speaks(entry: Entry, rules: Rulebook, facts: Facts) -> bool:
    """Whether an entry can do anything to a case; few do, so that other orders pay nothing."""
    for one in _FOLLOWERS.get(entry.event, ()):
        if one not in _SELDOM or _SELDOM[one](facts):
            return True
    said = entry.attributes
    for row in rules.cases.get(entry.event, ()):
        if row.of and entry.rule not in row.of:
            continue
        if all([said.get(name) == value for name, value in row.said.items()]):  # noqa: C419 - as above
            return True
    return False


_FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    event: tuple(one.name for one in EVENT_OF.values() if event in one.follows)
    for event in {event for one in EVENT_OF.values() for event in one.follows}
}
"""What cases do after an event of their order."""
_SELDOM: Mapping[str, Callable[[Facts], Any]] = {
    "lapse_extension": lambda facts: facts.get("extension_requests"),
    "dispatch_after_talk": lambda facts: facts.get("category") == "talk_first",
}
"""What follows events of every order, and of which orders alone it says anything."""


def _when(entry: Entry, last: datetime | None) -> datetime:
    if entry.event not in _ALARMS:
        return entry.recorded_at
    return entry.at if last is None else max(entry.at, last)


def heard_in(log: Sequence[Entry], rules: Rulebook) -> list[Heard]:
    """Give of the whole log of an order by time the entries that can do anything to a case."""
    told: list[Heard] = []
    heard = [entry for entry in log if entry.event in rules.heard]
    likely = {
        "extension_requests": any([entry.event == "request_extension" for entry in heard]),  # noqa: C419 - costs less
        "category": "talk_first" if any([_talked_first(entry) for entry in log]) else None,  # noqa: C419
    }
    speaks = any([_speaks(entry, rules, likely) for entry in heard])  # noqa: C419
    if speaks and not case_id(log[0].order_id):
        order = Order(log[0].order_id)
        for entry in log:
            order = evolve(order, entry, rules)
            if entry.event in rules.heard and _speaks(entry, rules, order.facts):
                told.append(Heard(entry, order.facts, rules, entry.at))
    return told


def _talked_first(entry: Entry) -> bool:
    return bool(entry.attributes) and entry.attributes.get("category") == "talk_first"


def asked_by(one: Heard, cases: Sequence[Order]) -> Iterator[Command]:
    """
    Give what an entry of an order asks of the cases about it, `cases` as they stand, a new one included.

    A case does what its life allows, even one that is over. Where one of a kind is open no other is
    opened; one just opened hears the entry too.
    """
    entry, facts, rules, _ = one
    taken: set[str] = set()
    standing = {
        workflow_of(case.order_id).name: case for case in cases if not ended(case.order_id, case.state)
    }
    for case in cases:
        workflow = workflow_of(case.order_id)
        event = follower(workflow, entry.event)
        if event and life_of(case.order_id).target(case.state, event, case.facts, entry.attributes):
            taken.add(workflow.name)
            yield _command(case.order_id, event, entry, entry.attributes)
    for row in rules.cases.get(entry.event, ()):
        kind = OPENINGS[row.does].name
        if kind in taken or not applies(row, facts, entry.attributes):
            continue
        if row.of and entry.rule not in row.of:
            continue
        taken.add(kind)
        said = dict(entry.attributes)
        said |= {name: value for name, value in (("ground", row.ground), ("level", row.level)) if value}
        opened = standing.get(kind)
        if opened is None:
            said |= {name: facts[name] for name in _TOLD_AT_OPENING if facts.get(name) is not None}
            unit = entry.unit or facts.get("unit") or ""
            new = _next(entry.order_id, kind, cases)
            yield _command(new, row.does, entry, said, rule=row.rule, unit=unit)
            event, life = follower(OPENINGS[row.does], entry.event), life_of(new)
            begun = life.target(START, row.does, NOTHING, said) or START
            if event and life.target(begun, event, NOTHING, said):
                yield _command(new, event, entry, entry.attributes, unit=unit)
        else:
            life = life_of(opened.order_id)
            for event in (row.does, _GROUND):
                known = event in life.workflow.event_of
                if known and life.target(opened.state, event, opened.facts, said):
                    yield _command(opened.order_id, event, entry, said, rule=row.rule)
                    break


def _next(order_id: str, kind: str, cases: Sequence[Order]) -> str:
    """Give the id of the next case of a kind about an order: they are counted, whoever opened them."""
    taken = {case.order_id for case in cases}
    return next(one for number in count(1) if (one := str(CaseId(order_id, kind, str(number)))) not in taken)


def _command(
    order_id: str, event: str, entry: Entry, said: Mapping[str, Any], *, rule: str = "", unit: str = ""
) -> Command:
    told = {name: value for name, value in said.items() if name not in WRITTEN}
    return Command(
        order_id, event, entry.at, entry.actor, entry.role, unit or entry.unit,
        {**told, ORDER_ENTRY: entry.seq}, entry.recorded_at, source=entry.order_id, rule=rule,
    )  # fmt: skip


def opened(command: Command, books: Books) -> Standing:
    """Give a case before its first entry, under the rules in force when it is opened."""
    return Standing(Order(command.order_id), books.governing(command.at.date())[0])


def stepped(case: Standing, command: Command, when: datetime) -> Standing:
    """Give a case after what an entry asks of it, written or refused; first what is overdue by `when`."""
    raised = raise_overdue(case.order, command.learned_at, case.rules, before=when)
    decision = decide(raised.order, command, case.rules)
    entries = (*case.entries, *raised.entries, *decision.entries)
    return Standing(decision.order, case.rules, entries, (*case.findings, *decision.findings))


def noted(finding: Finding, case: str) -> Finding:
    """Give what a case objected to as a note: the order's log says it all the same, the case stays."""
    unmoved = {"unmoved": case} if finding.refuses else {}
    return replace(finding, refuses=False, details={**finding.details, **unmoved})
