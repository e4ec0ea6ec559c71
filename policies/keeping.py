"""What is kept with care: for how long, and who may see it (`[[keeping]]`)."""

import calendar
from datetime import date
from typing import NamedTuple

from paidan.policies.rulebook import Rulebook, holds
from paidan.policies.schema import KeepingRule
from paidan.workflows.attributes import UNIT_ROLES
from paidan.workflows.records import Facts, Finding


class KeptUntil(NamedTuple):
    """The last day on which something must still be there, and the rule that says so."""

    on: date
    rule: KeepingRule


def kept_until(what: str, closed_on: date, facts: Facts, rules: Rulebook) -> KeptUntil | None:
    """
    Say until when something of an order closed on a day is kept, by the longest rule; None where none speaks.

    So many months after the day, or the last day of that month where it has no such day.
    """
    found = [
        KeptUntil(_months_after(closed_on, rule.months), rule)
        for rule in _speaking(what, facts, rules)
        if rule.months
    ]
    return max(found, key=lambda one: one.on, default=None)


def withheld(what: str, role: str, unit: str, facts: Facts, rules: Rulebook) -> tuple[Finding, ...]:
    """
    Say which rules keep something of an order from a role; nothing where it may be seen.

    A role that every unit has may see it for the unit the order is with, and for no other.
    """
    found: list[Finding] = []
    for rule in _speaking(what, facts, rules):
        details = {"roles": rule.roles, "role": role}
        if role not in rule.roles:
            found.append(Finding("not_to_be_seen", rule.rule, rule.clause, details=details))
        elif role in UNIT_ROLES and (not unit or unit != facts.get("unit")):
            details |= {"unit": unit, "holder": facts.get("unit") or ""}
            found.append(Finding("not_its_unit", rule.rule, rule.clause, details=details))
    return tuple(found)


def _speaking(what: str, facts: Facts, rules: Rulebook) -> list[KeepingRule]:
    rows: tuple[KeepingRule, ...] = rules.policy.of(KeepingRule)
    return [rule for rule in rows if rule.what == what and holds(rule.when, facts)]


def _months_after(on: date, months: int) -> date:
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))
