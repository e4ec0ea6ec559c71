"""
A month's scores: status, items, adjustments, total and rank of every unit (CONTRACT sections 7, 8).

Everything is exact. `Scoring` keeps what it counted of a month, since a later month may need it.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from paidan.policies.roster import Roster
from paidan.policies.schema import Policy
from paidan.policies.score_schema import Item, StatusRule
from paidan.policies.scoring.adjustments import Adjustment, AdjustmentLine, capped, judge
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.counting import Tally
from paidan.policies.scoring.items import ItemScore, Rate, Standing, rates, score_item, standings
from paidan.policies.scoring.ranking import DECIDING_ITEM, competition, ranking_key
from paidan.policies.scoring.records import OrderRecord, first_month

ASSESSED = "assessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScore:
    """
    A unit's month. `total` and `rank` are None where the rules leave them undefined.

    `rules` names what each figure rests on: `status`, `total`, `rank`, `bonus`, `deduction`.
    """

    unit: str
    pool: str | None
    status: str
    items: tuple[ItemScore, ...]
    rates: Mapping[str, Rate]
    adjustments: tuple[AdjustmentLine, ...]
    bonus: Fraction
    deduction: Fraction
    total: Fraction | None
    rank: int | None
    ranked: bool
    rules: Mapping[str, str | None]

    def item(self, name: str) -> ItemScore | None:
        """Give the score of an item, None where it does not apply to the unit."""
        return next((one for one in self.items if one.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthScore:
    """The month of every unit: those of the roster in its order, then others seen, by name."""

    version: str
    month: str
    provisional: bool
    settings: Mapping[str, Any]
    units: tuple[UnitScore, ...]

    def unit(self, name: str) -> UnitScore | None:
        """Give the score of a unit, None where it is not listed."""
        return next((one for one in self.units if one.unit == name), None)


class Scoring:
    """A policy's scoring over the orders and adjustments of a run."""

    def __init__(
        self,
        policy: Policy,
        records: Iterable[OrderRecord],
        adjustments: Sequence[Adjustment] = (),
        roster: Roster | None = None,
    ) -> None:
        self.card = Card(policy)
        self.records: Mapping[str, OrderRecord] = {record.order_id: record for record in records}
        self.roster = roster or Roster(None, next(iter(policy.pools)))
        self.first_month = first_month(self.records.values())
        self._adjusted: dict[tuple[str, str], list[Adjustment]] = defaultdict(list)
        for one in adjustments:
            self._adjusted[one.unit, one.month].append(one)
        self._seen = {one.unit for one in adjustments}
        for record in self.records.values():
            self._seen.update((*((record.unit,) if record.unit else ()), *record.earlier_units))
        self._tallies: dict[str, Tally] = {}

    def tally(self, month: str) -> Tally:
        """Give the counts of a month."""
        if month not in self._tallies:
            self._tallies[month] = Tally(self.card, self.records.values(), month)
        return self._tallies[month]

    def pools(self, month: str) -> dict[str, str | None]:
        """
        Name the pool of every unit listed in a month.

        A unit that the roster does not list then is among them if it was seen in the log; one that
        the roster lists at other times only if it has orders or adjustments this month.
        """
        first, last = days_of(month)
        active = {*self.tally(month).units, *(unit for unit, then in self._adjusted if then == month)}
        names = [*dict.fromkeys(unit.unit for unit in self.roster.units)]
        names += sorted(self._seen.difference(names))
        pools = {name: self.roster.pool_in(name, first, last) for name in names}
        return {
            name: pool
            for name, pool in pools.items()
            if pool is not None or name not in self.roster.listings or name in active
        }

    def status(self, month: str, unit: str) -> StatusRule | None:
        """Give the rule that makes a unit's month other than normal: the first that holds, or None."""
        tally = self.tally(month)
        for rule in self.card.statuses:
            some = all(tally.orders(unit, measure) for measure in rule.some)
            if some and not any(tally.orders(unit, measure) for measure in rule.none):
                return rule
        return None

    def standings(self, month: str, item: Item, pool: str) -> Mapping[str, Standing]:
        """Give the volume table of a pool."""
        return standings(self.tally(month), item, [u for u, its in self.pools(month).items() if its == pool])

    def month(self, month: str) -> MonthScore:
        """Score a month, written like `2026-03`."""
        tables = {
            (item.rule, pool): self.standings(month, item, pool)
            for item in self.card.items
            if item.kind == "rank_bands"
            for pool in item.pools or self.card.policy.pools
        }
        units = []
        for unit, pool in self.pools(month).items():
            of_pool = {rule: table for (rule, its), table in tables.items() if its == pool}
            units.append(self._unit(month, unit, pool, of_pool))
        return MonthScore(
            version=self.card.policy.version,
            month=month,
            provisional=self.tally(month).provisional,
            settings=self.card.policy.changed,
            units=tuple(self._ranked(units)),
        )

    def _unit(
        self, month: str, unit: str, pool: str | None, tables: Mapping[str, Mapping[str, Standing]]
    ) -> UnitScore:
        tally, card = self.tally(month), self.card
        status = self.status(month, unit)
        places = {rule: table[unit] for rule, table in tables.items() if unit in table}
        items = [score_item(tally, item, unit, places.get(item.rule)) for item in card.items_of(pool)]
        if status is not None:
            full = status.performance == "full"
            items = [replace(one, points=one.most if full else None) for one in items]
        lines = self.adjustments(month, unit)
        bonus, deduction = capped(card, lines, "bonus"), capped(card, lines, "deduction")
        total = self._total(items, bonus - deduction) if _has_total(status) else None
        volume = next(iter(places.values()), None)
        return UnitScore(
            unit=unit,
            pool=pool,
            status=status.status if status else ASSESSED,
            items=tuple(items),
            rates=rates(tally, unit, pool, volume),
            adjustments=lines,
            bonus=bonus,
            deduction=deduction,
            total=total,
            rank=None,
            ranked=total is not None and pool is not None and (status is None or status.ranked),
            rules={
                "status": status.rule if status else None,
                "total": card.total.rule if card.total else None,
                "rank": card.ranking.rule if card.ranking else None,
                **{
                    side: cap.rule if (cap := card.caps.get(side)) else None
                    for side in ("bonus", "deduction")
                },
            },
        )

    def _total(self, items: Sequence[ItemScore], adjusted: Fraction) -> Fraction | None:
        rule = self.card.total
        if rule is None:
            return None
        points = {item.name: item.points for item in items}
        total = adjusted
        for name in rule.items:
            got = points.get(name)
            if got is None:
                return None
            total += got
        return total if rule.floor is None else max(rule.floor, total)

    def adjustments(self, month: str, unit: str) -> tuple[AdjustmentLine, ...]:
        """Judge the adjustments of a unit's month, with those carried into it."""
        rule = self.card.total
        carries = rule is not None and rule.unassessed == "carry_forward"
        status = self.status(month, unit)
        own = [judge(self.card, one, self.records) for one in self._entered(month, unit)]
        if not _has_total(status):
            because = "carried_forward" if carries else "month_not_assessed"
            cites = status.rule if status else ""
            return tuple(
                replace(line, counted=False, because=because, cites=cites) if line.counted else line
                for line in own
            )
        if carries:
            own[:0] = [
                judge(self.card, one, self.records, carried=True) for one in self._carried_into(month, unit)
            ]
        return tuple(own)

    def _carried_into(self, month: str, unit: str) -> list[Adjustment]:
        """Give the adjustments of the months without a total just before this one, oldest first."""
        found: list[Adjustment] = []
        earlier = month_before(month)
        while self.first_month and earlier >= self.first_month:
            if _has_total(self.status(earlier, unit)):
                break
            found[:0] = self._entered(earlier, unit)
            earlier = month_before(earlier)
        return found

    def _entered(self, month: str, unit: str) -> list[Adjustment]:
        return sorted(self._adjusted.get((unit, month), []), key=lambda one: (one.at, one.row))

    def _ranked(self, units: Sequence[UnitScore]) -> list[UnitScore]:
        rule = self.card.ranking
        if rule is None:
            return list(units)
        keys: dict[str, dict[str, tuple[Fraction, ...]]] = defaultdict(dict)
        for one in units:
            if one.ranked and one.pool is not None and one.total is not None:
                deciding = one.item(DECIDING_ITEM)
                keys[one.pool][one.unit] = ranking_key(rule, one.total, deciding.points if deciding else None)
        ranks = {pool: competition(of_pool) for pool, of_pool in keys.items()}
        return [replace(one, rank=ranks.get(one.pool or "", {}).get(one.unit)) for one in units]


def days_of(month: str) -> tuple[date, date]:
    """
    Give the first and last day of a month; ValueError where it is none.

    >>> days_of("2026-02")[1].isoformat()
    '2026-02-28'
    """
    first = date.fromisoformat(f"{month}-01")
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def month_before(month: str) -> str:
    """
    Name the month before.

    >>> month_before("2026-01")
    '2025-12'
    """
    first = days_of(month)[0]
    year, number = (first.year, first.month - 1) if first.month > 1 else (first.year - 1, 12)
    return f"{year:04d}-{number:02d}"


def _has_total(status: StatusRule | None) -> bool:
    return status is None or status.performance == "full"
