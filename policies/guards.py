"""What a policy refuses or notes about a command, each point with rule, clause and reason."""

from collections.abc import Iterator

from paidan.policies.clocks import window
from paidan.policies.rulebook import Rulebook, holds
from paidan.policies.schema import GuardRule
from paidan.workflows.attributes import ATTRIBUTE_OF, Holds
from paidan.workflows.records import Command, Finding, Order


def objections(order: Order, command: Command, rules: Rulebook) -> tuple[Finding, ...]:
    """Give one finding for each rule that the command breaks; of two for one rule, the one that refuses."""
    guards = rules.guards.get(command.event)
    if not guards:
        return ()
    found: dict[str, Finding] = {}
    for guard in guards:
        if _applies(guard, order):
            for finding in _judge(guard, order, command, rules):
                if finding.rule not in found or (finding.refuses and not found[finding.rule].refuses):
                    found[finding.rule] = finding
    return tuple(found.values())


def _applies(guard: GuardRule, order: Order) -> bool:
    return holds(guard.when, order.facts) and not any(holds(when, order.facts) for when in guard.unless)


def _judge(guard: GuardRule, order: Order, command: Command, rules: Rulebook) -> Iterator[Finding]:
    said = command.attributes
    override = guard.override
    if override and command.role in override.roles and all(said.get(name) for name in override.needs):
        return
    refuses = guard.effect == "refuse"
    for name in guard.within:
        clock = window(order.clocks, name, order.facts)
        if clock is not None and command.at > clock.due_at:
            cited = rules.clocks[name]
            yield Finding("window_passed", name, cited.clause, refuses, {"due_at": clock.due_at})
    due_at = order.facts.get(guard.not_after) if guard.not_after else None
    if due_at is not None and command.at > due_at:
        yield Finding("order_overdue", guard.rule, guard.clause, refuses, {"due_at": due_at})
    if guard.at_most:
        counted, most = guard.at_most
        if (order.facts.get(counted) or 0) >= most:
            yield Finding("too_many", guard.rule, guard.clause, refuses, {"most": most, "fact": counted})
    missing = tuple(
        names for names in guard.needs if not any(_said(name, command) for name in names.split("|"))
    )
    if missing:
        yield Finding("not_said", guard.rule, guard.clause, refuses, {"missing": missing})
    if guard.refused:
        yield Finding("not_allowed", guard.rule, guard.clause, refuses)


def _said(name: str, command: Command) -> bool:
    """Whether the command says it; a time must not lie after the command itself."""
    value = command.attributes.get(name)
    if value is None:
        return False
    return ATTRIBUTE_OF[name].holds is not Holds.INSTANT or bool(value <= command.at)
