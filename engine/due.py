"""One due time asked by rule and facts, as `due` answers it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from paidan.engine.errors import UsageError
from paidan.engine.explain import working_lines
from paidan.engine.intake.values import instant
from paidan.engine.messages.reasons import moment
from paidan.policies import registry
from paidan.policies.citation import Cited
from paidan.policies.deadlines import Due, Working
from paidan.policies.errors import UnknownPolicyError, UnknownRuleError
from paidan.policies.known import NOTHING_LOADED, Known
from paidan.policies.rulebook import STARTS, Rulebook
from paidan.policies.schema import ExtensionRule

FACTS = (*STARTS.values(), "urgent_flagged_at", "order_due", "law_due")
_DUE_FACTS = frozenset(("order_due", "law_due"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A due time with its working; `due` is None where the rule sets no limit on these facts."""

    rule: Cited
    version: str
    calendar: str
    due: Due | None
    working: Working | None
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
        Answer one question; times are text.

        Raises `UnknownRuleError` for a rule no document has, `UsageError` for a fact or time that
        is none.
        """
        known = _read(facts)
        books = self._of(rule_id)
        starts = [at for name in FACTS if (at := known.get(name)) is not None and name not in _DUE_FACTS]
        rules = books.governing(min(starts).date())[0] if starts else books.latest
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


def _read(facts: Mapping[str, str]) -> dict[str, datetime]:
    known: dict[str, datetime] = {}
    for name, text in facts.items():
        if name not in FACTS:
            raise UsageError("cli.due_fact", name=name, allowed=", ".join(FACTS))
        at = instant(text.strip(), end_of_day=name in _DUE_FACTS)
        if at is None:
            raise UsageError("value_no_time", column=name, value=text, allowed="2026-05-08 16:00")
        known[name] = at.replace(microsecond=0)
    return known
