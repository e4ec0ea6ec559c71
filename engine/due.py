"""One due time asked by rule and facts, as `due` answers it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from paidan.engine.errors import UsageError
from paidan.engine.explain import working_lines
from paidan.engine.intake.values import instant
from paidan.engine.messages.reasons import moment
from paidan.engine.messages.reminders import reminder_lines
from paidan.policies import registry
from paidan.policies.citation import Cited
from paidan.policies.deadlines import Due, Working
from paidan.policies.errors import UnknownPolicyError, UnknownRuleError
from paidan.policies.known import NOTHING_LOADED, Known
from paidan.policies.reminders import ASKED_BY, Period, Reminder, due_of, period_of
from paidan.policies.rulebook import STARTS, Rulebook
from paidan.policies.schema import ExtensionRule, ReminderRule

FACTS = (*STARTS.values(), "urgent_flagged_at", "order_due", "law_due")
_DUE_FACTS = frozenset(("order_due", "law_due"))
PERIODS = {
    "day": "2026-03-05",
    "week": "2026-W10",
    "month": "2026-03",
    "quarter": "2026Q1",
    "year": "2026",
}
"""What tells a reminder the period it is asked for, and how it is written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A due time with its working; `due` is None where the rule sets no limit on these facts."""

    rule: Cited
    version: str
    calendar: str
    due: Due | None
    working: Working | Reminder | None
    rules: Rulebook
    needs: str = ""
    """The fact that was missing, where the limit only lacked one."""

    @property
    def due_at(self) -> str | None:
        """The due time as files write it."""
        return self.due.at.isoformat() if self.due else None

    @property
    def provisional(self) -> bool:
        """Whether a later calendar could move it."""
        return self.due is not None and self.due.provisional

    @property
    def text(self) -> str:
        """The due time as people read it."""
        return moment(self.due.at) if self.due else ""

    def lines(self, lang: str) -> Iterator[str]:
        """Tell how it was counted."""
        if isinstance(self.working, Reminder):
            return reminder_lines(self.working, lang)
        return working_lines(self.working, self.rules, lang) if self.working else iter(())


class Calculator:
    """Answers `due` under one choice of settings, keeping the rulebooks it made."""

    def __init__(
        self,
        policy: str | None = None,
        settings: Mapping[str, str] | None = None,
        known: Known = NOTHING_LOADED,
    ) -> None:
        self._policy = policy
        self._settings = settings or {}
        self._known = known
        self._books: dict[str, registry.Books] = {}

    def ask(self, rule_id: str, facts: Mapping[str, str]) -> Answer:
        """
        Answer one question; times and periods are text.

        Raises `UnknownRuleError` for a rule no document has, `UsageError` for a fact, time or period
        that is none.
        """
        known = _read({name: text for name, text in facts.items() if name not in PERIODS})
        books = self._of(rule_id)
        periods = _periods(facts, books.latest)
        starts = [
            at.date() for name in FACTS if (at := known.get(name)) is not None and name not in _DUE_FACTS
        ]
        starts += [period.first_on for period in periods.values()]
        rules = books.governing(min(starts))[0] if starts else books.latest
        reminders = [rule for rule in rules.policy.of(ReminderRule) if rule.rule == rule_id]
        if reminders:
            return _remind(reminders, _periods(facts, rules), rules)
        rule = rules.clocks.get(rule_id) or rules.extension_of.get(rule_id)
        if rule is None:
            return Answer(
                rules.rule(rule_id), rules.policy.version, rules.calendar.edition, None, None, rules
            )
        clock = rules.clocks[rule.clock] if isinstance(rule, ExtensionRule) else rule
        needs = STARTS[clock.starts]
        started_at = known.get(needs)
        due = working = None
        if started_at is not None:
            due = rules.reckoner.due(rule.limit, started_at, known)
            working = rules.reckoner.working(rule.limit, started_at, known)
            needs = "" if due or not rule.limit.at else ", ".join(rule.limit.at)
        return Answer(rule, rules.policy.version, rules.calendar.edition, due, working, rules, needs)

    def _of(self, rule_id: str) -> registry.Books:
        name = self._policy or rule_id.partition("-")[0]
        if name not in self._books:
            try:
                found = registry.document(name)
            except UnknownPolicyError:
                if self._policy:
                    raise
                raise UnknownRuleError(rule_id, "") from None
            self._books[name] = registry.Books(found, self._settings, None, self._known)
        return self._books[name]


def _remind(rows: Sequence[ReminderRule], periods: Mapping[str, Period], rules: Rulebook) -> Answer:
    """Answer by the first row that recurs as often as a period told, or can be asked for it."""
    version, calendar = rules.policy.version, rules.calendar.edition
    able = ((row, periods[kind]) for row in rows for kind in ASKED_BY[row.every] if kind in periods)
    row, period = min(able, key=lambda one: one[0].every != one[1].every, default=(rows[0], None))
    if period is None:
        kinds = dict.fromkeys(kind for row in rows for kind in ASKED_BY[row.every])
        return Answer(row, version, calendar, None, None, rules, ", ".join(kinds))
    found = due_of(row, period, rules.calendar)
    return Answer(row, version, calendar, found.due if found else None, found, rules)


def _periods(facts: Mapping[str, str], rules: Rulebook) -> dict[str, Period]:
    periods: dict[str, Period] = {}
    for name, example in PERIODS.items():
        if name in facts:
            try:
                periods[name] = period_of(rules.policy, name, facts[name].strip())
            except ValueError:
                raise UsageError("cli.due_period", name=name, value=facts[name], allowed=example) from None
    return periods


def _read(facts: Mapping[str, str]) -> dict[str, datetime]:
    known: dict[str, datetime] = {}
    for name, text in facts.items():
        if name not in FACTS:
            raise UsageError("cli.due_fact", name=name, allowed=", ".join((*FACTS, *PERIODS)))
        at = instant(text.strip(), end_of_day=name in _DUE_FACTS)
        if at is None:
            raise UsageError("value_no_time", column=name, value=text, allowed="2026-05-08 16:00")
        known[name] = at.replace(microsecond=0)
    return known
