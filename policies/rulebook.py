"""A policy made ready to be applied: with its calendar and roster, indexed by event."""

from collections.abc import Mapping
from typing import Any

from paidan.policies.calendar import WorkCalendar, work_calendar
from paidan.policies.deadlines import Reckoner
from paidan.policies.errors import UnknownRuleError
from paidan.policies.reader import nearest
from paidan.policies.roster import Roster
from paidan.policies.schema import AnyRule, ClockRule, Ending, GuardRule, Policy, RoleRule, When
from paidan.workflows.facts import sets
from paidan.workflows.records import Facts
from paidan.workflows.work_order import EVENTS

PER_DISPATCH = frozenset({"dispatch", "accept", "redo"})
"""Events whose clocks run in a dispatch; every other clock is the order's, once."""


class Rulebook:
    """
    One version of a policy, its settings, calendar edition and roster: all that judging needs.

    Immutable after construction, save for the reckoner's memory of counted days.
    """

    def __init__(
        self, policy: Policy, roster: Roster | None = None, calendar: WorkCalendar | None = None
    ) -> None:
        self.policy = policy
        self.roster = roster or Roster(None, next(iter(policy.pools)))
        self.calendar = calendar or calendar_for(policy.settings)
        self.reckoner = Reckoner(policy.settings, self.calendar)
        clocks: tuple[ClockRule, ...] = policy.of(ClockRule)
        guards: tuple[GuardRule, ...] = policy.of(GuardRule)
        roles: tuple[RoleRule, ...] = policy.of(RoleRule)
        self.clocks: Mapping[str, ClockRule] = {rule.rule: rule for rule in clocks}
        self.replacers: Mapping[str, tuple[ClockRule, ...]] = {
            name: tuple(rule for rule in clocks if rule.replaces == name) for name in self.clocks
        }
        self.starting: Mapping[str, tuple[ClockRule, ...]] = _grouped(
            (rule.starts, rule) for rule in clocks if not rule.replaces
        )
        self.ends: Mapping[str, Mapping[str, tuple[Ending, ...]]] = {
            event: _grouped(
                (rule.rule, ending) for rule in clocks for ending in rule.ends if ending.event == event
            )
            for event in {ending.event for rule in clocks for ending in rule.ends}
        }
        """By event, the endings it brings to the clocks of which rules."""
        self.guards: Mapping[str, tuple[GuardRule, ...]] = _grouped((rule.on, rule) for rule in guards)
        self.roles: Mapping[str, tuple[RoleRule, ...]] = _grouped((rule.on, rule) for rule in roles)
        turning = frozenset(fact for rule in clocks if rule.replaces for fact in rule.when)
        self.turning = frozenset(event.name for event in EVENTS if turning & sets(event.name))
        """Events that can make one clock into another."""
        self.order_of = {rule.rule: position for position, rule in enumerate(clocks)}

    def clock(self, rule_id: str) -> ClockRule:
        """Give the clock of that rule id; `UnknownRuleError` when the policy has none."""
        try:
            return self.clocks[rule_id]
        except KeyError:
            raise UnknownRuleError(rule_id, nearest(rule_id, self.clocks)) from None

    def rule(self, rule_id: str) -> AnyRule:
        """Give the first row that cites the rule id; `UnknownRuleError` when none does."""
        try:
            return self.policy.cited(rule_id)
        except KeyError:
            raise UnknownRuleError(rule_id, nearest(rule_id, {r.rule for r in self.policy.rules})) from None


def calendar_for(settings: Mapping[str, Any]) -> WorkCalendar:
    """Give the calendar edition that the settings ask for."""
    return work_calendar(
        makeup_days=settings["wd.makeup_days"] == "working", unknown_year=settings["cal.unknown_year"]
    )


def holds(when: When, facts: Facts) -> bool:
    """
    Whether every fact of the conjunction has its value; a fact never said is false, 0 or empty.

    >>> holds({"urgent": False, "dispatches": 0}, {})
    True
    """
    for name, wanted in when.items():
        value = facts.get(name)
        if value != wanted and (value is not None or wanted):
            return False
    return True


def _grouped(pairs: Any) -> dict[Any, tuple[Any, ...]]:
    groups: dict[Any, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
