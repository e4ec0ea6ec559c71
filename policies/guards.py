"""What a policy refuses or notes about a command, each point with rule, clause and reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from paidan.policies.clocks import window
from paidan.policies.rulebook import Rulebook, holds
from paidan.policies.schema import CaseRule, GuardRule
from paidan.workflows.attributes import ATTRIBUTE_OF, ROLES, Holds
from paidan.workflows.records import Command, Facts, Finding, Order


def objections(order: Order, command: Command, rules: Rulebook) -> tuple[Finding, ...]:
    """Give one finding for each rule that the command breaks; of two for one rule, the one that refuses."""
    guards = rules.guards.get(command.event, ())
    found: dict[str, Finding] = {}
    for guard in guards:
        if guard.effect != "tell" and applies(guard, order.facts, command.attributes):
            for finding in _judge(guard, order, command, rules):
                if finding.rule not in found or (finding.refuses and not found[finding.rule].refuses):
                    found[finding.rule] = finding
    if command.event == "hold_talk":
        for finding in _of_talk(order, command, rules):
            found.setdefault(finding.rule, finding)
    if not command.attributes.keys().isdisjoint(("exclusion", "finding")):
        for finding in _listed(order, command, rules):
            found.setdefault(finding.rule, finding)
    return tuple(found.values())


def advice(order: Order, command: Command, rules: Rulebook) -> tuple[Finding, ...]:
    """Give what a rule would have said of the command without objecting to it."""
    return tuple(
        finding
        for guard in rules.guards.get(command.event, ())
        if guard.effect == "tell" and applies(guard, order.facts, command.attributes)
        for finding in _judge(guard, order, command, rules)
    )


def applies(rule: GuardRule | CaseRule, facts: Facts, said: Mapping[str, Any]) -> bool:
    """Whether a row speaks of an order with such facts, and of something that says this."""
    return (
        holds(rule.when, facts)
        and all(said.get(name) == value for name, value in rule.said.items())
        and not any(holds(when, facts) for when in rule.unless)
    )


def _judge(guard: GuardRule, order: Order, command: Command, rules: Rulebook) -> Iterator[Finding]:
    override = guard.override
    said = command.attributes
    if override and command.role in override.roles and all(said.get(name) for name in override.needs):
        return

    def finding(code: str, **details: Any) -> Finding:
        labels = (guard.zh, guard.en)
        return Finding(code, guard.rule, guard.clause, guard.effect == "refuse", details, labels)

    if guard.only_roles and command.role and command.role not in guard.only_roles:
        yield finding("not_role", roles=guard.only_roles, role=command.role)
    for name in guard.within:
        clock = window(order.clocks, name, order.facts)
        if clock is not None and command.at > clock.due_at:
            cited = rules.clocks[name]
            refuses = guard.effect == "refuse"
            yield Finding("window_passed", name, cited.clause, refuses, {"due_at": clock.due_at})
    for code, details in _unmet(guard, order, command):
        yield finding(code, **details)
    missing = tuple(names for names in guard.needs if not _said(names, order, command, rules))
    if missing:
        yield finding("not_said", missing=missing)
    lacking = tuple(name for name, value in guard.requires.items() if not holds({name: value}, order.facts))
    if lacking:
        yield finding("not_yet", facts=lacking)


def _unmet(guard: GuardRule, order: Order, command: Command) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give what stands against the command whatever it says: never, too late, too many, too few."""
    facts = order.facts
    if guard.never:
        yield "not_at_all", {}
    due_at = facts.get(guard.not_after) if guard.not_after else None
    if due_at is not None and command.at > due_at:
        yield "order_overdue", {"due_at": due_at}
    if guard.at_most and (facts.get(guard.at_most[0]) or 0) >= guard.at_most[1]:
        yield "too_many", {"fact": guard.at_most[0], "most": guard.at_most[1]}
    if guard.at_least and (facts.get(guard.at_least[0]) or 0) < guard.at_least[1]:
        yield "too_few", {"fact": guard.at_least[0], "least": guard.at_least[1]}


def _of_talk(order: Order, command: Command, rules: Rulebook) -> Iterator[Finding]:
    """Give what stands against holding a talk of its level: by whom, with whom."""
    talk = rules.talks.get(order.facts.get("level", ""))
    if talk is None:
        return
    attended, role = command.attributes.get("attended", ""), command.role
    unit = command.unit or order.facts.get("unit") or ""

    def finding(code: str, *, refuses: bool = True, **details: Any) -> Finding:
        return Finding(code, talk.rule, talk.clause, refuses, details, (talk.zh, talk.en))

    held_by = tuple(one for names in talk.held_by for one in names.split("|"))
    if held_by and role and role not in held_by:
        yield finding("not_role", roles=held_by, role=role)
        return
    others = (
        [names for names in talk.held_by if role not in names.split("|")] if len(talk.held_by) > 1 else ()
    )
    for wanted, refuses in ((others, True), (talk.attends, False)):
        absent = tuple(names for names in wanted if not _attended(names, attended, unit))
        if absent and not attended:
            yield finding("not_said", refuses=refuses, missing=("attended",))
        elif absent:
            yield finding("not_attending", refuses=refuses, absent=absent)


def _attended(names: str, attended: str, unit: str) -> bool:
    """Whether one of the roles, or the unit for that of any of its own people, is among those who came."""
    known = [spelled for name in names.split("|") for spelled in (name, ROLES[name])]
    if names == "handling_unit":
        known.append(unit or names)
    return any(one in attended for one in known)


def _listed(order: Order, command: Command, rules: Rulebook) -> Iterator[Finding]:
    """Give what the lists of exclusion situations and of findings object to."""
    said = command.attributes
    if command.event == "request_exclusion":
        exclusion = rules.exclusions.get(said.get("exclusion", ""))
        if exclusion is not None and not said.get("evidence"):
            yield Finding("not_said", exclusion.rule, exclusion.clause, details={"missing": ("evidence",)})
    finding = rules.findings.get(said.get("finding", ""))
    case_type = order.facts.get("case_type")
    if finding is not None and case_type is not None and case_type not in finding.case_types:
        details = {"case_type": case_type, "finding": finding.finding}
        yield Finding("finding_outside", finding.rule, finding.clause, refuses=False, details=details)


def _said(names: str, order: Order, command: Command, rules: Rulebook) -> bool:
    """
    Whether one of the alternatives is said; the first that is said at all decides.

    A flag must be true, a time must not lie after the command unless a clock waits for it. A fact
    of the order may stand in.
    """
    for name in names.split("|"):
        attribute = ATTRIBUTE_OF.get(name)
        value = order.facts.get(name) if attribute is None else command.attributes.get(name)
        if value is None:
            continue
        if attribute is not None and attribute.holds is Holds.FLAG:
            return bool(value)
        timed = attribute is not None and attribute.holds is Holds.INSTANT and name not in rules.awaited
        return not timed or bool(value <= command.at)
    return False
