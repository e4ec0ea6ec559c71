"""
What stands beside the scores: orders left out of rates with the figures without that, orders to look at.

The comparison is `engine.scoring.compared`'s, the lists are those of `policies.scoring.listings`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paidan.engine.scoring import Run, Scored
from paidan.engine.scoring.compared import bared
from paidan.policies.schema import ExclusionRule, FindingRule
from paidan.policies.scoring.comparison import Comparison
from paidan.policies.scoring.listings import Listed, contradictions, worklist
from paidan.policies.scoring.records import Exclusion, OrderRecord
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """
    An order that left rates of a unit of a pool.

    `rule` says so, `items` are the rates; `asked` is the request, None where none was needed.
    """

    unit: str
    pool: str | None
    record: OrderRecord
    rule: str
    items: tuple[str, ...]
    asked: Exclusion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLeftOut:
    """A request to leave an order out that does not count, and `because` of what (`Card.objection`)."""

    unit: str
    order_id: str
    asked: Exclusion
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asides:
    """
    Orders left out of rates, requests that do not count, and orders that somebody should look at.

    `comparison` sets the period without exclusions beside the period as scored; None where no order
    was left out.
    """

    left_out: tuple[LeftOut, ...]
    refused: tuple[NotLeftOut, ...]
    comparison: Comparison | None
    contradictions: tuple[Listed, ...]
    worklist: tuple[Listed, ...]


def asides(run: Run, told: Scored, choices: Mapping[str, Any] | None = None) -> Asides:
    """Gather what stands beside a scored period of a run."""
    scoring, score = told.scoring, told.score
    left_out = tuple(_left_out(scoring, score))
    return Asides(
        left_out=left_out,
        refused=tuple(_refused(scoring, score)),
        comparison=bared(run, score.period.name, told, choices).comparison if left_out else None,
        contradictions=contradictions(scoring, score),
        worklist=worklist(scoring, score),
    )


def _left_out(scoring: Scoring, score: PeriodScore) -> Iterator[LeftOut]:
    card, tally = scoring.card, scoring.tally(score.months)
    rules = (*card.policy.of(ExclusionRule), *(one for one in card.policy.of(FindingRule) if one.items))
    named = frozenset(item for rule in rules for item in rule.items)
    for unit in score.units:
        found: dict[tuple[str, str], list[str]] = {}
        records: dict[str, OrderRecord] = {}
        for item in card.items_of(unit.pool):
            if item.name not in named or not item.of:
                continue
            for record in tally.excluded(unit.unit, item.of, item.name):
                records[record.order_id] = record
                rule = card.leaves(record, item.name)
                found.setdefault((record.order_id, rule), []).append(item.name)
        for (order, rule), items in sorted(found.items()):
            asked = next((one for one in records[order].exclusions if not card.objection(one)), None)
            yield LeftOut(
                unit=unit.unit,
                pool=unit.pool,
                record=records[order],
                rule=rule,
                items=tuple(items),
                asked=asked,
            )


def _refused(scoring: Scoring, score: PeriodScore) -> Iterator[NotLeftOut]:
    card = scoring.card
    if not card.policy.of(ExclusionRule):
        return
    records = {
        record.order_id: record
        for months in (scoring.index.closed, scoring.index.called)
        for month in score.months
        for record in months.get(month, ())
    }
    for record in sorted(records.values(), key=lambda one: (one.unit or "", one.order_id)):
        for asked in record.exclusions:
            if because := card.objection(asked):
                yield NotLeftOut(
                    unit=record.unit or "", order_id=record.order_id, asked=asked, because=because
                )
