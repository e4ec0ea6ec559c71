"""The scoring rows of a policy, indexed: what is scored, of whose callbacks, with what adjustments."""

from paidan.policies.schema import Policy
from paidan.policies.score_schema import (
    AdjustmentRule,
    CapRule,
    ConfirmationRule,
    EvaluationRule,
    Item,
    MeasureRule,
    RankingRule,
    StatusRule,
    TotalRule,
)
from paidan.policies.scoring.records import Callback, OrderRecord

GOOD = ("satisfied", "basically_satisfied")
"""The answers that are basically satisfied or better."""


class Card:
    """What a policy says about scoring a month. Immutable after construction."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.items: tuple[Item, ...] = policy.of(Item)
        self.statuses: tuple[StatusRule, ...] = policy.of(StatusRule)
        self.total: TotalRule | None = next(iter(policy.of(TotalRule)), None)
        self.ranking: RankingRule | None = next(iter(policy.of(RankingRule)), None)
        self.measures: dict[str, MeasureRule] = {rule.name: rule for rule in policy.of(MeasureRule)}
        self.adjustments: dict[str, AdjustmentRule] = {rule.code: rule for rule in policy.of(AdjustmentRule)}
        self.confirmations: dict[str, ConfirmationRule] = {
            code: rule for rule in policy.of(ConfirmationRule) for code in rule.codes
        }
        self.caps: dict[str, CapRule] = {rule.side: rule for rule in policy.of(CapRule)}
        self.by_callback = policy.settings["attr.callback"] == "callback_month"
        evaluations: tuple[EvaluationRule, ...] = policy.of(EvaluationRule)
        self._for_status = (
            frozenset(source for rule in evaluations for source in rule.sources) if evaluations else None
        )
        self._for_item = {
            name: frozenset(source for rule in evaluations if name in rule.items for source in rule.sources)
            for rule in evaluations
            for name in rule.items
        }

    def items_of(self, pool: str | None) -> tuple[Item, ...]:
        """Give the items that score a unit of that pool."""
        return tuple(item for item in self.items if not item.pools or pool in item.pools)

    def item(self, name: str, pool: str | None) -> Item | None:
        """Give the item of that name for a pool, if it has one."""
        return next((item for item in self.items_of(pool) if item.name == name), None)

    def sources(self, item: str) -> frozenset[str] | None:
        """Give the sources of callbacks that count for an item, for the status where `item` is empty."""
        return self._for_item.get(item) if item else self._for_status

    def callbacks(self, record: OrderRecord, item: str) -> tuple[Callback, ...]:
        """Give the callbacks of an order whose source counts for an item; not said counts."""
        sources = self.sources(item)
        if sources is None:
            return record.callbacks
        return tuple(one for one in record.callbacks if not one.source or one.source in sources)

    def evaluation(self, record: OrderRecord, item: str) -> Callback | None:
        """Give the evaluation of an order: its last effective callback that counts for an item."""
        for one in reversed(self.callbacks(record, item)):
            if one.effective:
                return one
        return None

    def good(self, record: OrderRecord | None) -> bool:
        """Whether an order was evaluated basically satisfied or better."""
        evaluation = self.evaluation(record, "") if record else None
        return evaluation is not None and evaluation.satisfaction in GOOD
