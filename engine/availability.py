"""What may be done with an order now, until when, by whom; and why the rest may not."""

from datetime import datetime
from typing import NamedTuple

from paidan.engine.backdating import permitted
from paidan.engine.corrections import CORRECT
from paidan.engine.decide import decide, raise_overdue
from paidan.policies.clocks import window
from paidan.policies.guards import advice
from paidan.policies.rulebook import Rulebook, holds
from paidan.workflows.cases import workflow_of
from paidan.workflows.records import Command, Finding, Order


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
    empty where no rule names a role.
    """

    event: str
    allowed: bool
    needs: tuple[str, ...]
    limits: tuple[TimeLeft, ...]
    whose: tuple[Whose, ...]
    findings: tuple[Finding, ...]
    advice: tuple[Finding, ...] = ()

    @property
    def until(self) -> datetime | None:
        """The soonest limit, or None where none runs."""
        return self.limits[0].due_at if self.limits else None


def available(order: Order, rules: Rulebook, now: datetime) -> tuple[Available, ...]:
    """Try every event that anyone may submit by the one decision, with nothing said; writes nothing."""
    order = raise_overdue(order, now, rules).order
    events = workflow_of(order.order_id).events
    asked = [one for one in events if not one.by_engine and not one.apart]
    return tuple(_tried(event.name, order, rules, now) for event in asked)


_CORRECTION = ("entry", "field", "reason")
"""What a correction says at least, beside what should stand there."""


def _tried(event: str, order: Order, rules: Rulebook, now: datetime) -> Available:
    command = Command(order.order_id, event, now)
    decision = decide(order, command, rules)
    if event == CORRECT:
        roles = permitted(rules)
        return Available(event, bool(roles), _CORRECTION, (), (Whose(roles, "", ""),), ())
    findings = decision.findings if decision.refused else ()
    unsaid = [one for one in findings if one.code == "not_said" and one.refuses]
    others = tuple(one for one in decision.findings if one not in unsaid)
    needs = tuple(dict.fromkeys(name for one in unsaid for name in one.details["missing"]))
    return Available(
        event=event,
        allowed=not any(one.refuses for one in others),
        needs=needs,
        limits=_limits(event, order, rules),
        whose=_whose(event, order, rules),
        findings=others,
        advice=advice(order, command, rules),
    )


def _whose(event: str, order: Order, rules: Rulebook) -> tuple[Whose, ...]:
    found = tuple(
        Whose(rule.roles, rule.rule, rule.clause)
        for rule in rules.roles.get(event, ())
        if holds(rule.when, order.facts)
    )
    talk = rules.talks.get(order.facts.get("level", "")) if event == "hold_talk" else None
    if talk is None or not talk.held_by:
        return found
    roles = tuple(one for names in talk.held_by for one in names.split("|"))
    return (*found, Whose(roles, talk.rule, talk.clause))


def _limits(event: str, order: Order, rules: Rulebook) -> tuple[TimeLeft, ...]:
    limits: list[TimeLeft] = []
    for name, endings in rules.ends.get(event, {}).items():
        clock = window(order.clocks, name, order.facts)
        if clock is None or clock.void or clock.shut or clock.done_at is not None:
            continue
        if any(holds(ending.when, order.facts) for ending in endings):
            rule = rules.clocks[name]
            limits.append(TimeLeft(name, rule.clause, rule.kind, clock.due_at, clock.provisional))
    return tuple(sorted(limits, key=lambda limit: limit.due_at))
