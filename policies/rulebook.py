"""A policy made ready to be applied: with its calendar and roster, indexed by event."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from paidan.policies.calendar import WorkCalendar, work_calendar
from paidan.policies.citation import When
from paidan.policies.deadlines import Reckoner
from paidan.policies.errors import UnknownRuleError
from paidan.policies.known import NOTHING_LOADED, Known
from paidan.policies.ladder import Ladder
from paidan.policies.reader import nearest
from paidan.policies.roster import Roster
from paidan.policies.schema import (
    AnyRule,
    CaseRule,
    ClockRule,
    Ending,
    EscalationRule,
    ExclusionRule,
    ExtensionRule,
    FindingRule,
    GuardRule,
    LedgerRule,
    Policy,
    RoleRule,
    TalkRule,
)
from paidan.policies.score_schema import MeasureRule
from paidan.policies.spans import spans
from paidan.workflows.cases import EVENTS, OF_CASES, OPENINGS
from paidan.workflows.definition import Workflow
from paidan.workflows.facts import sets
from paidan.workflows.records import BEIJING, Facts

STARTS = {
    "receive": "received_at",
    "register": "registered_at",
    "dispatch": "unit_received_at",
    "accept": "accepted_at",
    "flag_risk": "risk_flagged_at",
    "redo": "redispatched_at",
    "issue_sheet": "sheet_at",
}
"""Which fact tells when a clock of that starting event began."""
PER_DISPATCH = frozenset({"dispatch", "accept", "flag_risk", "redo"})
"""Events whose clocks run in the dispatch they fall into; every other clock is the order's."""
ANEW = frozenset({"dispatch", "redo", "issue_sheet"})
"""Events that start their clocks again; of the others the first one counts (`accept`: of a dispatch)."""
AGAIN = frozenset({"issue_sheet"})
"""Of these, those of a case: what they start runs once at a time, and its limit is set anew."""


class Rulebook:
    """
    One version of a policy, its settings, calendar edition and roster: all that judging needs.

    Immutable after construction, save for the reckoner's memory of counted days. `editions` are
    the same rules under each calendar edition with the instant it came into force; there are none
    where one edition counts for every entry.
    """

    editions: tuple[tuple[datetime, Self], ...] = ()

    def __init__(
        self, policy: Policy, roster: Roster | None = None, calendar: WorkCalendar | None = None
    ) -> None:
        self.policy = policy
        self.roster = roster or Roster(None, next(iter(policy.pools)))
        self.calendar = calendar or calendar_for(policy)
        self.reckoner = Reckoner(policy.settings, self.calendar)
        clocks: tuple[ClockRule, ...] = policy.of(ClockRule)
        guards: tuple[GuardRule, ...] = policy.of(GuardRule)
        roles: tuple[RoleRule, ...] = policy.of(RoleRule)
        self.clocks: Mapping[str, ClockRule] = {rule.rule: rule for rule in clocks}
        self.replacers: Mapping[str, tuple[ClockRule, ...]] = {
            name: tuple(rule for rule in clocks if rule.replaces == name) for name in self.clocks
        }
        self.forms: Mapping[str, frozenset[str]] = {
            name: frozenset((name, *(rule.rule for rule in rules))) for name, rules in self.replacers.items()
        }
        """Every rule that a clock started by a rule can come to stand for."""
        self.starting: Mapping[str, tuple[ClockRule, ...]] = _grouped(
            (rule.starts, rule) for rule in clocks if not rule.replaces and not rule.on_request
        )
        self.limited_by_order: Mapping[str, tuple[ClockRule, ...]] = _grouped(
            (event, rule) for event, rules in self.starting.items() for rule in rules if rule.limit.at
        )
        """By event, the clocks it starts whose limit the order says, or does not."""
        self.ends: Mapping[str, Mapping[str, tuple[Ending, ...]]] = {
            event: _grouped(
                (rule.rule, ending) for rule in clocks for ending in rule.ends if ending.event == event
            )
            for event in {ending.event for rule in clocks for ending in rule.ends}
        }
        """By event, the endings it brings to the clocks of which rules."""
        self.met_by_contact = frozenset(
            name for name, ends in self.ends.get("contact", {}).items() if any(not one.role for one in ends)
        )
        """Rules whose clocks a first contact ends, whoever made it, and be it before they start."""
        self.awaited = frozenset(one.not_before for rule in clocks for one in rule.ends if one.not_before)
        """Attributes that say when something is done, if later than the event."""
        self.guards: Mapping[str, tuple[GuardRule, ...]] = _grouped((rule.on, rule) for rule in guards)
        self.asked: Mapping[str, tuple[ClockRule, ...]] = _grouped(
            (ending.event, rule) for rule in clocks if rule.on_request for ending in rule.ends
        )
        """By event, the clocks that a request makes, whole, when it comes."""
        self.extensions: Mapping[str, ExtensionRule] = {rule.clock: rule for rule in policy.of(ExtensionRule)}
        self.extension_of: Mapping[str, ExtensionRule] = {
            rule.rule: rule for rule in self.extensions.values()
        }
        self.escalations: Mapping[str, tuple[EscalationRule, ...]] = _grouped(
            (rule.on, rule) for rule in policy.of(EscalationRule)
        )
        self._of_cases(policy)
        self.exclusions: Mapping[str, ExclusionRule] = {
            rule.situation: rule for rule in policy.of(ExclusionRule)
        }
        self.findings: Mapping[str, FindingRule] = {rule.finding: rule for rule in policy.of(FindingRule)}
        self.roles: Mapping[str, tuple[RoleRule, ...]] = _grouped((rule.on, rule) for rule in roles)
        measures: tuple[MeasureRule, ...] = policy.of(MeasureRule)
        self.scored = frozenset(name for rule in measures for name in rule.clocks)
        """Rules whose clocks a measure is judged by: scoring keeps what they came to."""
        self.on_order_due = next((rule.rule for rule in measures if rule.order_due), None)
        """The rule by which an order's first close is held against the order's own limit, if any."""
        turning = frozenset(fact for rule in clocks if rule.replaces for fact in rule.when)
        self.turning = frozenset(event.name for event in EVENTS if turning & sets(event.name))
        """Events that can make one clock into another."""
        self.warnings = spans(policy.settings["warn.before"])[::-1]
        """How long before the limit of a duty it is warned of, longest first."""
        self.rungs = spans(policy.settings["escalate.after"])
        """How long after the limit of a duty still undone it is escalated, shortest first."""
        self.ladder = Ladder(policy)
        self.climbs = spans(policy.settings["tell.climb_after"])
        """How long something told stays untaken before the next above is told, rung by rung."""
        self._cited: Mapping[str, AnyRule] = {rule.rule: rule for rule in reversed(policy.rules)}
        self.order_of = {rule.rule: position for position, rule in enumerate(clocks)}

    def _of_cases(self, policy: Policy) -> None:
        self.cases: Mapping[str, tuple[CaseRule, ...]] = _grouped(
            (rule.on, rule) for rule in policy.of(CaseRule)
        )
        """By event of an order, what opens a case beside it."""
        talks: tuple[TalkRule, ...] = policy.of(TalkRule)
        self.talks: Mapping[str, TalkRule] = {rule.level: rule for rule in talks}
        """Who holds a talk of which level, and who attends."""
        self.ledgers: Mapping[str, tuple[LedgerRule, ...]] = _grouped(
            (rule.name, rule) for rule in policy.of(LedgerRule)
        )
        """By name, the lists that orders stand on."""
        self.heard = frozenset((*self.cases, *_followed(OPENINGS[rule.does] for rule in policy.of(CaseRule))))
        """The events of an order that can do anything to a case beside it."""

    def with_later(self, later: Sequence[tuple[datetime, WorkCalendar]]) -> Self:
        """Give these rules under the last of the editions that came into force `later`, aware of all."""
        since = [(datetime.min.replace(tzinfo=BEIJING), self.calendar), *later]
        books = tuple([(at, self._under(calendar)) for at, calendar in since])
        for _, book in books:
            book.editions = books
        return books[-1][1]

    def at(self, recorded_at: datetime) -> Self:
        """Give these rules under the edition that was in force when an entry was written."""
        for since, book in reversed(self.editions):
            if since <= recorded_at:
                return book
        return self

    @cached_property
    def alone(self) -> Self:
        """These rules under this edition for every entry, whenever it was written."""
        return self._under(self.calendar) if self.editions else self

    def _under(self, calendar: WorkCalendar) -> Self:
        book = copy(self)
        vars(book).pop("alone", None)
        book.calendar, book.editions = calendar, ()
        book.reckoner = Reckoner(self.policy.settings, calendar)
        return book

    def clock(self, rule_id: str) -> ClockRule:
        """Give the clock of that rule id; `UnknownRuleError` when the policy has none."""
        try:
            return self.clocks[rule_id]
        except KeyError:
            raise UnknownRuleError(rule_id, nearest(rule_id, self.clocks)) from None

    def rule(self, rule_id: str) -> AnyRule:
        """Give the first row that cites the rule id; `UnknownRuleError` when none does."""
        try:
            return self._cited[rule_id]
        except KeyError:
            raise UnknownRuleError(rule_id, nearest(rule_id, self._cited)) from None

    def behind(self, rule_id: str, event: str) -> AnyRule:
        """Give the row by which the engine wrote an entry of `event`; raises as `rule`."""
        opening = [row for rows in self.cases.values() for row in rows if row.rule == rule_id]
        if event in OF_CASES and opening:
            return next((row for row in opening if row.does == event), opening[0])
        return self.clocks.get(rule_id) or self.rule(rule_id)


def calendar_for(policy: Policy, known: Known = NOTHING_LOADED) -> WorkCalendar:
    """Give the calendar edition that a policy asks for, of what is known."""
    return work_calendar(
        makeup_days=policy.settings["wd.makeup_days"] == "working",
        unknown_year=policy.settings["cal.unknown_year"],
        known=known,
        own=policy.own_days,
    )


def holds(when: When, facts: Facts) -> bool:
    """
    Whether every fact of the conjunction has its value, or one of a list of values.

    A fact never said is false, 0 or empty.

    >>> holds({"urgent": False, "dispatches": 0}, {})
    True
    """
    for name, wanted in when.items():
        value = facts.get(name)
        if value != wanted and (value is not None or wanted) and not _among(value, wanted):
            return False
    return True


def _among(value: Any, wanted: Any) -> bool:
    return isinstance(wanted, list) and value in wanted


def _followed(workflows: Iterable[Workflow]) -> Iterator[str]:
    for workflow in workflows:
        for event in workflow.events:
            yield from event.follows


def _grouped(pairs: Any) -> dict[Any, tuple[Any, ...]]:
    groups: dict[Any, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}
