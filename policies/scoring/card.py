"""The scoring rows of a policy, indexed: what is scored, of whose callbacks, with what adjustments."""

from collections.abc import Iterable, Mapping
from typing import Any

from paidan.policies.schema import ExclusionRule, FindingRule, GuardRule, Policy, RoleRule, TalkRule
from paidan.policies.score_schema import (
    RECOGNISED_RETURN,
    AdjustmentRule,
    CapRule,
    ClassesRule,
    ConfirmationRule,
    ConsequenceRule,
    EvaluationRule,
    GradeRule,
    InForceRule,
    Item,
    MeasureRule,
    PeriodScoreRule,
    RankingRule,
    SpanRule,
    StatusRule,
    TargetRule,
    TotalRule,
)
from paidan.policies.scoring.periods import month_after
from paidan.policies.scoring.records import Callback, Exclusion, OrderRecord, month_of

GOOD = ("satisfied", "basically_satisfied")
"""The answers that are basically satisfied or better."""
_NO_ITEMS: frozenset[str] = frozenset()


class Card:
    """
    What a policy says about scoring a period. Immutable after construction.

    With `exclusions` false no order leaves a rate: the figures as they would be without.
    """

    def __init__(self, policy: Policy, *, exclusions: bool = True) -> None:
        self.policy = policy
        self.excludes = exclusions
        self.items: tuple[Item, ...] = policy.of(Item)
        self.statuses: tuple[StatusRule, ...] = policy.of(StatusRule)
        self.total: TotalRule | None = _first(policy.of(TotalRule))
        self.ranking: RankingRule | None = _first(policy.of(RankingRule))
        self.classes: ClassesRule | None = _first(policy.of(ClassesRule))
        self.grades: GradeRule | None = _first(policy.of(GradeRule))
        self.spans: Mapping[str, SpanRule] = {rule.name: rule for rule in policy.of(SpanRule)}
        self.period_scores: Mapping[str, PeriodScoreRule] = {
            rule.span: rule for rule in policy.of(PeriodScoreRule)
        }
        self.in_force: tuple[InForceRule, ...] = policy.of(InForceRule)
        self.targets: tuple[TargetRule, ...] = policy.of(TargetRule)
        self.measures: Mapping[str, MeasureRule] = {rule.name: rule for rule in policy.of(MeasureRule)}
        self.adjustments: Mapping[str, AdjustmentRule] = {
            rule.code: rule for rule in policy.of(AdjustmentRule)
        }
        self.confirmations: Mapping[str, ConfirmationRule] = {
            code: rule for rule in policy.of(ConfirmationRule) for code in rule.codes
        }
        self.caps: Mapping[str, CapRule] = {rule.side: rule for rule in policy.of(CapRule)}
        self.consequences: tuple[ConsequenceRule, ...] = policy.of(ConsequenceRule)
        talks: tuple[TalkRule, ...] = policy.of(TalkRule)
        self.talks: Mapping[str, TalkRule] = {rule.level: rule for rule in talks}
        self.findings: frozenset[str] = frozenset(
            code
            for rule in self.consequences
            for code in (*rule.entered, rule.lifted_by, rule.needs)
            if code and code not in self.adjustments
        )
        """Codes of findings made by hand about a unit, without points."""
        self.gates: frozenset[str] = frozenset(rule.gate for rule in self.consequences if rule.gate)
        """Codes of findings made by hand about a whole month."""
        self.by_callback = policy.settings["attr.callback"] == "callback_month"
        self.late_callbacks = policy.settings["attr.late_callback"] != "ignore"
        self._published_on = int(policy.settings["publish.day"])
        self._exclusions: Mapping[str, ExclusionRule] = {
            rule.situation: rule for rule in policy.of(ExclusionRule)
        }
        self._findings: Mapping[str, FindingRule] = {rule.finding: rule for rule in policy.of(FindingRule)}
        self._approvers = _only_roles(policy, "approve_exclusion")
        self._recognisers = _only_roles(policy, "approve_return")
        self._read_evaluations(policy.of(EvaluationRule))
        self._items_of: dict[str | None, tuple[Item, ...]] = {}

    def _read_evaluations(self, rules: Iterable[EvaluationRule]) -> None:
        told = tuple(rules)
        self._sources: dict[str, frozenset[str]] = {}
        self._counts: dict[str, str] = {}
        for rule in told:
            for name in (*rule.items, ""):
                if rule.sources:
                    self._sources[name] = self._sources.get(name, _NO_ITEMS) | frozenset(rule.sources)
                if rule.counts:
                    self._counts[name] = rule.counts

    def alike(self, item: str) -> tuple[frozenset[str] | None, str | None]:
        """Give what decides which callbacks evaluate an order for an item: alike items share them."""
        return self._sources.get(item), self._counts.get(item)

    def items_of(self, pool: str | None) -> tuple[Item, ...]:
        """Give the items that score a unit of that pool."""
        found = self._items_of.get(pool)
        if found is None:
            found = tuple(item for item in self.items if not item.pools or pool in item.pools)
            self._items_of[pool] = found
        return found

    def item(self, name: str, pool: str | None) -> Item | None:
        """Give the item of that name for a pool, if it has one."""
        return next((item for item in self.items_of(pool) if item.name == name), None)

    def group_of(self, pool: str | None) -> int | None:
        """Give the number of the class a pool is ranked in, None where it is not ranked."""
        if pool is None or self.classes is None:
            return None
        return next((at for at, group in enumerate(self.classes.groups) if pool in group), None)

    def left_out(self, pool: str | None) -> ClassesRule | None:
        """Give the rule by which the units of a pool have no total, or are not assessed at all."""
        rule = self.classes
        if rule is None or pool is None or any(pool in group for group in rule.groups):
            return None
        return rule

    def callbacks(self, record: OrderRecord, item: str) -> tuple[Callback, ...]:
        """Give the callbacks of an order whose source counts for an item; not said counts."""
        found = record.callbacks
        sources = self._sources.get(item)
        if sources is not None:
            found = tuple([one for one in found if not one.source or one.source in sources])
        if not self.late_callbacks and record.closed is not None:
            found = tuple(one for one in found if self._in_time(one, month_of(record.closed.at)))
        return found

    def _in_time(self, callback: Callback, month: str) -> bool:
        """Whether a callback came before the month was published: by that day of the next month."""
        made = month_of(callback.at)
        return made <= month or (made == month_after(month) and callback.at.day <= self._published_on)

    def counts(self, callback: Callback, item: str) -> bool:
        """Whether a callback evaluates an order for an item: an effective, a connected, or any one."""
        wanted = self._counts.get(item)
        if wanted == "effective":
            return callback.effective
        return wanted != "connected" or callback.connected

    def leaves(self, record: OrderRecord, item: str) -> str:
        """Give the rule by which an order leaves an item's rate; empty where it stays."""
        if not item or not self.excludes:
            return ""
        if record.exclusions:
            for one in record.exclusions:
                rule = self._exclusions.get(one.situation)
                if rule is not None and item in rule.items and not self.objection(one):
                    return rule.rule
        if record.finding:
            finding = self._findings.get(record.finding)
            if finding is not None and _not_evaluated(finding, record, item):
                return finding.rule
        if record.returned is not None:
            rule = self._exclusions.get(RECOGNISED_RETURN)
            if rule is not None and item in rule.items and _may(record.returned.role, self._recognisers):
                return rule.rule
        return ""

    def objection(self, exclusion: Exclusion) -> str:
        """Say why a request to leave an order out does not count: `line` codes; empty where it does."""
        if exclusion.situation not in self._exclusions:
            return "situation_unknown"
        if not exclusion.evidence:
            return "exclusion_bare"
        if exclusion.decided != "approved":
            return "exclusion_refused" if exclusion.decided else "exclusion_pending"
        return "" if _may(exclusion.role, self._approvers) else "exclusion_role"

    def good(self, record: OrderRecord | None) -> bool:
        """Whether an order was evaluated basically satisfied or better."""
        if record is None:
            return False
        for one in reversed(self.callbacks(record, "")):
            if self.counts(one, ""):
                return one.satisfaction in GOOD
        return False

    def outside(self, months: Iterable[str]) -> tuple[InForceRule, ...]:
        """Give the rules in whose range one of the months does not lie, or whose range is not known."""
        named = tuple(months)
        return tuple(
            rule
            for rule in self.in_force
            if rule.first_month is None or any(not _covers(rule, month) for month in named)
        )


def _first(rules: tuple[Any, ...]) -> Any:
    return rules[0] if rules else None


def _not_evaluated(finding: FindingRule, record: OrderRecord, item: str) -> bool:
    """Whether a finding takes an order out of an item; one outside its case types takes none."""
    return not finding.evaluated and item in finding.items and record.case_type in finding.case_types


def _covers(rule: InForceRule, month: str) -> bool:
    return (rule.first_month or "") <= month <= (rule.last_month or "9999-12")


def _only_roles(policy: Policy, event: str) -> frozenset[str]:
    """Name who alone may do something, by guard or by role; empty: anybody."""
    guards: tuple[GuardRule, ...] = policy.of(GuardRule)
    roles: tuple[RoleRule, ...] = policy.of(RoleRule)
    named = [set(rule.only_roles) for rule in guards if rule.on == event and rule.only_roles]
    named += [set(rule.roles) for rule in roles if rule.on == event and not rule.when]
    return frozenset().union(*named)


def _may(role: str, roles: frozenset[str]) -> bool:
    return not role or not roles or role in roles
