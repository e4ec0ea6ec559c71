"""
What is told of an entry of the log, to which roles; and whether it still stands.

Pure. A memo is of a clock (`warn`, `time_out`, `escalate`), of its withdrawal, or of a case that came to
wait for somebody; reminders are in `engine.reminding`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from paidan.policies.citation import Cited
from paidan.policies.rulebook import Rulebook, holds
from paidan.storage.port import Memo
from paidan.workflows.anywhere import ANYWHERE
from paidan.workflows.attributes import UNIT_ROLES
from paidan.workflows.cases import case_id, ended, workflow_of
from paidan.workflows.definition import START, Event
from paidan.workflows.records import Clock, Entry, Facts, Order

WITHDRAWN = "time_out_withdrawn"
REMINDER = "reminder"
_OF_CLOCKS = ("warn", "time_out", "escalate")
TOLD = frozenset((*_OF_CLOCKS, WITHDRAWN))
"""Entries of an order or a case that are told whatever they come to."""
_UNIT = "handling_unit"
_ANYWHERE = frozenset(event.name for event in ANYWHERE)


class Asked(NamedTuple):
    """Which role is asked to do what, by which rule, if one says so."""

    role: str
    events: tuple[str, ...] = ()
    rule: Cited | None = None


def concerns(entry: Entry) -> bool:
    """Whether anybody is told of an entry."""
    return entry.event in TOLD or _moved(entry)


def memos_of(entry: Entry, order: Order, rules: Rulebook, told: Iterable[Memo], now: datetime) -> list[Memo]:
    """
    Give what is told of an entry that concerns somebody, to each role once; `order` is as it stands by now.

    `told` is what was told about the order before: its withdrawal goes to the same. What stands no more is
    given as over.
    """
    facts = order.facts
    unit = entry.unit or str(facts.get("unit") or "")
    if entry.event == WITHDRAWN:
        made = [
            _memo(entry, one.role, one.unit, now, one.said, due_at=entry.attributes.get("due_at"))
            for one in told
            if withdraws(entry, one) and (one.stands or one.sent_at is not None)
        ]
    elif entry.event in _OF_CLOCKS:
        due_at = entry.at if entry.event == "time_out" else entry.attributes.get("due_at")
        said = _cited(rules.rule(entry.rule))
        made = [
            _memo(entry, role, unit, now, said, due_at=due_at)
            for role in _of_clock(entry, order, unit, rules)
        ]
    else:
        running = [one.due_at for one in order.clocks if _runs(one)]
        made = [
            _memo(
                entry, one.role, unit, now,
                {**(_cited(one.rule) if one.rule else {}), "asked": one.events, "state": entry.to_state},
                rule=one.rule.rule if one.rule else entry.rule, due_at=min(running, default=None),
            )
            for one in _of_case(entry, facts, unit, rules)
        ]  # fmt: skip
    once = {(one.role, one.unit): one for one in reversed(made)}
    return [_as_it_stands(one, order) for one in reversed(once.values())]


def why_over(memo: Memo, order: Order) -> str:
    """
    Say why what was told stands no more, by the order or case as it is; empty where it does.

    `met`: it was done, moved or void. `passed`: what was warned of has come, and is told by itself.
    `gone_on`: the case waits for that no longer. What tells of a withdrawal, or that a count was passed, is
    news, and stands until somebody has read it.
    """
    if memo.event in _OF_CLOCKS:
        if memo.due_at is None:
            return ""
        running = any(
            one.rule == memo.rule and one.due_at == memo.due_at and _runs(one) for one in order.clocks
        )
        passed = memo.event == "warn" and any(
            one.rule == memo.rule and one.raised_at == memo.due_at for one in order.clocks
        )
        return "passed" if running and passed else "" if running else "met"
    if memo.event in (WITHDRAWN, REMINDER):
        return ""
    return "" if order.state == memo.said.get("state") else "gone_on"


def withdraws(entry: Entry, memo: Memo) -> bool:
    """Whether an entry takes back what a memo told."""
    if entry.event != WITHDRAWN:
        return False
    said = entry.attributes
    if memo.event == "time_out":
        return memo.seq == said.get("time_out")
    return memo.event == "escalate" and memo.seq in said.get("escalations", ())


def goes_on(entry: Entry, memo: Memo) -> bool:
    """Whether an entry takes a case on from what a memo waited for."""
    return entry.from_state != entry.to_state and memo.seq < entry.seq and "state" in memo.said


def climbs_at(memo: Memo, rules: Rulebook) -> datetime | None:
    """Say when somebody above is told, should nobody take it; None where nobody is."""
    if not memo.stands or not rules.climbs or memo.event == WITHDRAWN:
        return None
    if rules.ladder.above(memo.role) is None:
        return None
    from_at = memo.told_at
    if memo.event == REMINDER and memo.due_at is not None:
        from_at = max(from_at, memo.due_at)
    return from_at + _wait(int(memo.said.get("climbed", 0)), rules)


def climbed(memo: Memo, rules: Rulebook, now: datetime) -> Memo | None:
    """Give what is told to the next above of something nobody took."""
    above = rules.ladder.above(memo.role)
    if above is None:
        return None
    said = {**memo.said, "climbed": int(memo.said.get("climbed", 0)) + 1, "from": memo.role}
    return memo._replace(
        role=above, told_at=now, wake_at=now, said=said, climbed_from=memo.number, sent_at=None, number=0
    )


def _wait(climbed_before: int, rules: Rulebook) -> timedelta:
    return rules.climbs[min(climbed_before, len(rules.climbs) - 1)]


def _memo(
    entry: Entry, role: str, unit: str, now: datetime, said: Mapping[str, Any], *, due_at: datetime | None,
    rule: str | None = None,
) -> Memo:  # fmt: skip
    told = {name: value for name, value in said.items() if name not in ("climbed", "from")}
    cited = entry.rule if rule is None else rule
    return Memo(
        entry.order_id, entry.seq, entry.event, cited, "", role, unit, entry.at, due_at, now, now, told
    )


def _as_it_stands(memo: Memo, order: Order) -> Memo:
    over = why_over(memo, order)
    return memo._replace(over=over, wake_at=None) if over else memo


def _of_clock(entry: Entry, order: Order, unit: str, rules: Rulebook) -> list[str]:
    """
    Name the roles of the events that end a clock, else the unit; of what is escalated, those above them.

    What passed no clock, but a count, is the office's.
    """
    rule = rules.clocks.get(entry.rule)
    if rule is None:
        return [rules.ladder.office]
    roles: list[str] = []
    for ending in rule.ends:
        if holds(ending.when, order.facts):
            named = (
                [ending.role]
                if ending.role
                else [role for role, _ in _whose(ending.event, order.facts, rules)]
            )
            roles += named
    roles = [_there(role, unit, rules) for role in roles or [_UNIT]]
    if entry.event == "escalate":
        rungs = 1 + sum(one < entry.seq for one in _escalations(entry, order))
        roles = [rules.ladder.up(role, rungs) for role in roles]
    return list(dict.fromkeys(roles))


def _escalations(entry: Entry, order: Order) -> tuple[int, ...]:
    found = (one.escalations for one in order.clocks if entry.seq in one.escalations)
    return next(found, ())


def _of_case(entry: Entry, facts: Facts, unit: str, rules: Rulebook) -> Iterator[Asked]:
    """
    Give who may take a case on from the state it came into.

    When it is opened its unit is told too. Where no rule names anybody, the office.
    """
    workflow = workflow_of(entry.order_id)
    nexts = dict.fromkeys(
        move.event
        for move in workflow.moves
        if entry.to_state in move.sources and move.event not in _ANYWHERE
    )
    by_role: dict[str, list[tuple[str, Cited]]] = {}
    unnamed: list[str] = []
    for name in nexts:
        whose = list(_whose_in_case(workflow.event_of[name], facts, rules))
        for role, rule in whose:
            by_role.setdefault(_there(role, unit, rules), []).append((name, rule))
        if not whose and (not workflow.event_of[name].by_engine or workflow.event_of[name].follows):
            unnamed.append(name)
    for role, acts in by_role.items():
        yield Asked(role, tuple(dict.fromkeys(name for name, _ in acts)), acts[0][1])
    if not by_role:
        yield Asked(rules.ladder.office, tuple(unnamed))
    if entry.from_state == START and unit and _UNIT not in by_role:
        yield Asked(_UNIT)


def _whose_in_case(event: Event, facts: Facts, rules: Rulebook) -> Iterator[tuple[str, Cited]]:
    for name in (event.name, *event.follows):
        yield from _whose(name, facts, rules)


def _whose(event: str, facts: Facts, rules: Rulebook) -> Iterator[tuple[str, Cited]]:
    """Give the roles whose business an event is, and those that alone may do it."""
    for row in rules.roles.get(event, ()):
        if holds(row.when, facts):
            yield from ((role, row) for role in row.roles)
    for guard in rules.guards.get(event, ()):
        if (
            guard.effect == "refuse"
            and holds(guard.when, facts)
            and not any(holds(one, facts) for one in guard.unless)
        ):
            yield from ((role, guard) for role in guard.only_roles)


def _there(role: str, unit: str, rules: Rulebook) -> str:
    """Give the role, or the office where it is one of a unit and nobody knows which."""
    return rules.ladder.office if role in UNIT_ROLES and not unit else role


def _cited(rule: Cited) -> Mapping[str, str]:
    return {"clause": rule.clause, "zh": rule.zh, "en": rule.en}


def _runs(clock: Clock) -> bool:
    return clock.done_at is None and not clock.void and not clock.shut


def _moved(entry: Entry) -> bool:
    """Whether an entry brings a case into another state, from which something leads on."""
    return (
        entry.from_state != entry.to_state
        and case_id(entry.order_id) is not None
        and not ended(entry.order_id, entry.to_state)
    )
