"""What may be done with an order now, until when, by whom; and why the rest may not."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from paidan.engine.backdating import permitted
from paidan.engine.corrections import CORRECT
from paidan.engine.decide import decide, life_of, raise_overdue
from paidan.policies.citation import When
from paidan.policies.clocks import window
from paidan.policies.guards import advice, applies
from paidan.policies.rulebook import Rulebook, holds
from paidan.policies.schema import Ending
from paidan.workflows.definition import Event
from paidan.workflows.facts import sets
from paidan.workflows.records import NOTHING, Command, Finding, Order


class TimeLeft(NamedTuple):
    """A limit on an event: the rule, its clause, whether duty or window, and its last second."""

    rule: str
    clause: str
    kind: str
    due_at: datetime
    provisional: bool


class Whose(NamedTuple):
    """Whose business an event is, and which rule says so."""

    roles: tuple[str, ...]
    rule: str
    clause: str


class Available(NamedTuple):
    """
    One event as it stands for an order now.

    `needs` are the attributes it must say to be allowed, alternatives joined by `|`. `findings`
    are those that refuse it otherwise, and those that would be noted; `advice` what a rule wants
    said and nobody insists on. `limits` are the clocks it would end, soonest first; `whose` is
    empty where no rule names a role. `follows` are the events of the order that bring it about for a
    case: one of them is submitted to the order, the event itself never.
    """

    event: str
    allowed: bool
    needs: tuple[str, ...]
    limits: tuple[TimeLeft, ...]
    whose: tuple[Whose, ...]
    findings: tuple[Finding, ...]
    advice: tuple[Finding, ...] = ()
    follows: tuple[str, ...] = ()

    @property
    def until(self) -> datetime | None:
        """The soonest limit, or None where none runs."""
        return self.limits[0].due_at if self.limits else None


def available(order: Order, rules: Rulebook, now: datetime) -> tuple[Available, ...]:
    """
    Try every event that anyone may submit by the one decision, with nothing said; writes nothing.

    Of a case also what follows its order now.
    """
    order = raise_overdue(order, now, rules).order
    life = life_of(order.order_id)
    return tuple(
        _tried(one, order, rules, now)
        for one in life.workflow.events
        if not (one.by_engine or one.apart)
        or (one.follows and life.target(order.state, one.name, order.facts, NOTHING) is not None)
    )


_CORRECTION = ("entry", "field", "reason")
"""What a correction says at least, beside what should stand there."""


def _tried(one: Event, order: Order, rules: Rulebook, now: datetime) -> Available:
    event = one.name
    command = Command(order.order_id, event, now)
    decision = decide(order, command, rules)
    if event == CORRECT:
        roles = permitted(rules)
        return Available(event, bool(roles), _CORRECTION, (), (Whose(roles, "", ""),), ())
    findings = decision.findings if decision.refused else ()
    unsaid = [found for found in findings if found.code == "not_said" and found.refuses]
    others = tuple(found for found in decision.findings if found not in unsaid)
    needs = tuple(dict.fromkeys(name for found in unsaid for name in found.details["missing"]))
    return Available(
        event=event,
        allowed=not any(found.refuses for found in others),
        needs=needs,
        limits=_limits(event, order, rules),
        whose=tuple(whose(command, order, rules)),
        findings=others,
        advice=advice(order, command, rules),
        follows=one.follows,
    )


def whose(command: Command, order: Order, rules: Rulebook) -> Iterator[Whose]:
    """Give whose business the command is by rule, and who alone may do it."""
    for role in rules.roles.get(command.event, ()):
        if holds(role.when, order.facts):
            yield Whose(role.roles, role.rule, role.clause)
    for guard in rules.guards.get(command.event, ()):
        if guard.only_roles and applies(guard, order.facts, command.attributes):
            yield Whose(guard.only_roles, guard.rule, guard.clause)
    talk = rules.talks.get(order.facts.get("level", "")) if command.event == "hold_talk" else None
    if talk is not None and talk.held_by:
        roles = tuple(one for names in talk.held_by for one in names.split("|"))
        yield Whose(roles, talk.rule, talk.clause)


def _limits(event: str, order: Order, rules: Rulebook) -> tuple[TimeLeft, ...]:
    limits: list[TimeLeft] = []
    for name, endings in rules.ends.get(event, {}).items():
        clock = window(order.clocks, name, order.facts)
        if clock is None or clock.void or clock.shut or clock.done_at is not None:
            continue
        if any(holds(_asked_before(ending, event), order.facts) for ending in endings):
            rule = rules.clocks[name]
            limits.append(TimeLeft(name, rule.clause, rule.kind, clock.due_at, clock.provisional))
    return tuple(sorted(limits, key=lambda limit: limit.due_at))


def _asked_before(ending: Ending, event: str) -> When:
    """Give what an ending asks of the facts as they are; what the event itself would tell is open."""
    told = sets(event)
    return {name: value for name, value in ending.when.items() if name not in told}
