"""
The scores of a period: status, items, adjustments, total and rank of every unit (CONTRACT sections 7, 8).

A month is scored from its orders; a quarter or year from the totals of its ranked months, with the
items and rates of all its orders beside. Everything is exact. `Scoring` keeps what it counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from paidan.policies.roster import Roster
from paidan.policies.schema import Policy
from paidan.policies.score_schema import ClassesRule, Item, StatusRule
from paidan.policies.scoring.adjustments import Adjustment, AdjustmentLine, capped, judge, month_counted
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.counting import Index, Tally
from paidan.policies.scoring.items import (
    ItemScore,
    Standing,
    Table,
    rates,
    reference_table,
    score_item,
    share_table,
    volume_table,
)
from paidan.policies.scoring.periods import (
    Period,
    days_of,
    month_after,
    month_before,
    months_between,
    period,
)
from paidan.policies.scoring.ranking import DECIDING_ITEM, Key, competition, last, ranking_key
from paidan.policies.scoring.records import OrderRecord, began
from paidan.policies.scoring.results import PeriodScore, UnitScore

Tables = Mapping[tuple[str, str | None], Table]
Places = int | str | Mapping[str, int | str]
ASSESSED = "assessed"
NOT_ASSESSED = "not_assessed"


class Scoring:
    """
    A policy's scoring over the orders and adjustments of a run.

    `first_month` and `last_month` are those the run speaks of, by default the first of its log and
    the last in which anything counts. `earlier` gives the scoring of months that another version of
    the document governs. With `exclusions` false, the figures as they would be if no order left a rate.
    """

    def __init__(
        self,
        policy: Policy,
        records: Iterable[OrderRecord],
        adjustments: Sequence[Adjustment] = (),
        roster: Roster | None = None,
        *,
        first_month: str | None = None,
        last_month: str | None = None,
        exclusions: bool = True,
        earlier: "Callable[[str], Scoring] | None" = None,
    ) -> None:
        self.card = Card(policy, exclusions=exclusions)
        self.records: Mapping[str, OrderRecord] = {record.order_id: record for record in records}
        self.roster = roster or Roster(None, next(iter(policy.pools)))
        self.index = Index(self.card, self.records.values())
        self.first_month = first_month or began(self.records.values())
        self.last_month = last_month or max(self.index.months, default=self.first_month)
        self.entered = tuple(adjustments)
        self._earlier = earlier
        self._adjusted: dict[tuple[str, str], list[Adjustment]] = defaultdict(list)
        for one in sorted(adjustments, key=lambda one: (one.at, one.row)):
            self._adjusted[one.unit, month_counted(self.card, one)].append(one)
        self._seen = ({one.unit for one in adjustments} | self.index.units) - {""}
        self._categories = {unit.unit: unit.category for unit in self.roster.units}
        self._tallies: dict[tuple[str, ...], Tally] = {}
        self._scores: dict[str, PeriodScore] = {}

    # ---- what is scored --------------------------------------------------------------------------

    def month(self, name: str) -> PeriodScore:
        """Score a month, or give it as it was scored before; ValueError where that is none."""
        return self.score(name)

    def score(self, name: str) -> PeriodScore:
        """Score a month (`2026-03`), quarter (`2026Q1`) or year (`2026`); ValueError where that is none."""
        if name not in self._scores:
            asked = period(name, self.card.spans)
            scored = self._month(asked) if asked.span == "month" else self._longer(asked)
            self._scores[name] = scored
        return self._scores[name]

    def at(self, month: str) -> PeriodScore:
        """Give the score of a month of the run under the version that governs it."""
        return (self._earlier(month) if self._earlier else self).score(month)

    def existing(self, months: Iterable[str]) -> tuple[str, ...]:
        """Name those of the months that lie between the log's first and the run's last."""
        first, end = self.first_month, self.last_month
        return tuple(month for month in months if first and end and first <= month <= end)

    def history(self, month: str) -> tuple[str, ...]:
        """Name the months of the run up to and including one."""
        return self.existing(months_between(self.first_month or month, month))

    def months_after(self, month: str) -> tuple[str, ...]:
        """Name the months of the run after one."""
        return months_between(month_after(month), self.last_month or month)

    def tally(self, months: Sequence[str]) -> Tally:
        """Give the counts of some months."""
        key = tuple(months)
        if key not in self._tallies:
            self._tallies[key] = Tally(self.card, self.index, key)
        return self._tallies[key]

    def pools(self, months: Sequence[str]) -> dict[str, str | None]:
        """
        Name the pool of every unit listed in some months.

        A unit that the roster does not list then is among them if it was seen in the log; one that
        the roster lists at other times only if it has orders or adjustments in these months.
        """
        first, end = days_of(months[0])[0], days_of(months[-1])[1]
        active = {*self.tally(months).units, *(unit for unit, then in self._adjusted if then in months)}
        names = [*dict.fromkeys(unit.unit for unit in self.roster.units)]
        names += sorted(self._seen.difference(names))
        pools = {name: self.roster.pool_in(name, first, end) for name in names}
        return {
            name: pool
            for name, pool in pools.items()
            if pool is not None or name not in self.roster.listings or name in active
        }

    def table(self, months: Sequence[str], item: Item, pool: str | None) -> Table:
        """Give the table of an item that compares units; empty for an item that compares none."""
        pools = self.pools(months)
        tally = self.tally(months)
        if item.kind == "rank_bands":
            return volume_table(tally, item, [one for one, its in pools.items() if its == pool and pool])
        if item.kind == "share":
            return share_table(tally, item, pools, self._categories)
        if item.kind == "below_reference":
            return reference_table(tally, item, pools)
        return {}

    def status(self, months: Sequence[str], unit: str, span: str = "month") -> StatusRule | None:
        """Give the rule that makes a unit's period other than normal: the first that holds, or None."""
        tally = self.tally(months)
        for rule in self.card.statuses:
            if rule.span in ("month", span) and self._holds(rule, tally, unit):
                return rule
        return None

    @staticmethod
    def _holds(rule: StatusRule, tally: Tally, unit: str) -> bool:
        return (
            all(tally.orders(unit, measure) for measure in rule.some)
            and not any(tally.orders(unit, measure) for measure in rule.none)
            and all(len(tally.orders(unit, measure)) < number for measure, number in rule.fewer.items())
        )

    # ---- a month ---------------------------------------------------------------------------------

    def _month(self, asked: Period) -> PeriodScore:
        return self._whole(asked, asked.months, self._units(asked.months))

    def _whole(self, asked: Period, months: tuple[str, ...], units: Iterable[UnitScore]) -> PeriodScore:
        policy = self.card.policy
        return PeriodScore(
            version=policy.version, period=asked, months=months,
            provisional=self.tally(months).provisional, settings=policy.changed,
            units=self._ranked(tuple(units)), outside=self.card.outside(asked.months),
        )  # fmt: skip

    def _units(self, months: Sequence[str]) -> list[UnitScore]:
        pools = self.pools(months)
        tables: dict[tuple[str, str | None], Table] = {}
        for item in self.card.items:
            for pool in dict.fromkeys(pools.values()) if item.kind == "rank_bands" else (None,):
                if not item.pools or pool is None or pool in item.pools:
                    tables[item.rule + item.name, pool] = self.table(months, item, pool)
        return [self._unit(months, unit, pool, tables) for unit, pool in pools.items()]

    def _unit(self, months: Sequence[str], unit: str, pool: str | None, tables: Tables) -> UnitScore:
        tally, card = self.tally(months), self.card
        other = card.left_out(pool)
        left_out = other if other and other.others == NOT_ASSESSED else None
        status, performance = self.standing(months, unit, pool)
        lines = self.lines(months, unit)
        places = {
            item.name: standing
            for item in card.items_of(pool)
            if (standing := _standing(tables, item, pool, unit)) is not None
        }
        items = [
            _performed(score_item(tally, item, unit, places.get(item.name), lines), performance)
            for item in card.items_of(pool)
        ]
        bonus, deduction = capped(card, lines, "bonus"), capped(card, lines, "deduction")
        total = None if performance == "none" or other else self._total(items, bonus - deduction, lines)
        if total is not None:
            lines = self._superseded(items, lines)
        ranked = total is not None and (status is None or status.ranked)
        group = card.group_of(pool) if ranked else None
        return UnitScore(
            unit=unit, pool=pool, status=NOT_ASSESSED if left_out else status.status if status else ASSESSED,
            items=tuple(items), rates=rates(tally, unit, pool, places.get("volume")), adjustments=lines,
            findings=tuple(one for month in months for one in self.findings(month, unit)),
            bonus=bonus, deduction=deduction, total=total, group=group,
            key=self._key(total, items) if group is not None else None, rank=None,
            grade=self._grade(total), rules=self._rules(status, left_out),
        )  # fmt: skip

    def standing(self, months: Sequence[str], unit: str, pool: str | None) -> tuple[StatusRule | None, str]:
        """Give the rule that decides a unit's status, if one does, and how its items then count."""
        other = self.card.left_out(pool)
        if other is not None and other.others == NOT_ASSESSED:
            return None, "none"
        status = self.status(months, unit)
        return status, status.performance if status else "normal"

    def lines(self, months: Sequence[str], unit: str) -> tuple[AdjustmentLine, ...]:
        """Judge the adjustments of a unit in some months."""
        return tuple(line for month in months for line in self.adjustments(month, unit))

    def item(self, months: Sequence[str], unit: str, pool: str | None, item: Item) -> ItemScore:
        """Score one item of a unit alone."""
        place = self.table(months, item, pool).get(unit)
        scored = score_item(self.tally(months), item, unit, place, self.lines(months, unit))
        return _performed(scored, self.standing(months, unit, pool)[1])

    def _rules(self, status: StatusRule | None, left_out: ClassesRule | None) -> dict[str, str | None]:
        card = self.card
        named = {
            "status": left_out or status, "total": card.total, "rank": card.ranking, "grade": card.grades,
            "bonus": card.caps.get("bonus"), "deduction": card.caps.get("deduction"),
        }  # fmt: skip
        return {name: rule.rule if rule else None for name, rule in named.items()}

    def _total(
        self, items: Sequence[ItemScore], adjusted: Fraction, lines: Iterable[AdjustmentLine]
    ) -> Fraction | None:
        rule = self.card.total
        if rule is None:
            return None
        performance = _performance(items, rule.items)
        if performance is None:
            entered = [line.points for line in lines if line.counted and line.rule.code == rule.entered]
            return entered[-1] if entered else None
        total = performance + adjusted
        return total if rule.floor is None else max(rule.floor, total)

    def _superseded(
        self, items: Sequence[ItemScore], lines: tuple[AdjustmentLine, ...]
    ) -> tuple[AdjustmentLine, ...]:
        """Say of a total entered by hand that it does not count where the items give one."""
        rule = self.card.total
        if rule is None or not rule.entered or _performance(items, rule.items) is None:
            return lines
        return tuple(
            replace(line, counted=False, because="total_computed", cites=rule.rule)
            if line.counted and line.rule.code == rule.entered
            else line
            for line in lines
        )

    def _key(self, total: Fraction | None, items: Sequence[ItemScore]) -> Key | None:
        rule = self.card.ranking
        if rule is None or total is None:
            return None
        deciding = next((one.points for one in items if one.name == DECIDING_ITEM), None)
        return ranking_key(rule, total, deciding)

    def _grade(self, total: Fraction | None) -> str | None:
        if self.card.grades is None or total is None:
            return None
        grades = self.card.grades.grades
        return next((name for name, least in grades.items() if total >= least), list(grades)[-1])

    def _ranked(self, units: tuple[UnitScore, ...]) -> tuple[UnitScore, ...]:
        keys: dict[int, dict[str, Key]] = defaultdict(dict)
        for one in units:
            if one.group is not None and one.key is not None:
                keys[one.group][one.unit] = one.key
        ranks = {group: competition(of_group) for group, of_group in keys.items()}
        return tuple(
            replace(one, rank=ranks[one.group].get(one.unit)) if one.group in ranks else one for one in units
        )

    # ---- a quarter or a year ---------------------------------------------------------------------

    def _longer(self, asked: Period) -> PeriodScore:
        months = self.existing(asked.months)
        if not months:
            return self._whole(asked, asked.months, self._units(asked.months))
        scored = [self.at(month) for month in months]
        units = [self._over(asked, one, months, scored) for one in self._units(months)]
        return self._whole(asked, months, units)

    def _over(
        self, asked: Period, pooled: UnitScore, months: tuple[str, ...], scored: Sequence[PeriodScore]
    ) -> UnitScore:
        """Make a unit's longer period of its months and of the figures pooled over all its orders."""
        monthly = [one for score in scored if (one := score.unit(pooled.unit)) is not None]
        bonus = self._side("bonus", pooled, sum((one.bonus for one in monthly), Fraction(0)))
        deduction = self._side("deduction", pooled, sum((one.deduction for one in monthly), Fraction(0)))
        ranked = [one for one in monthly if one.key is not None]
        total = self._mean(asked.span, pooled, ranked)
        special = self.status(months, pooled.unit, asked.span)
        barred = special is not None and special.span == asked.span
        status, rules = pooled.status, dict(pooled.rules)
        if barred and special is not None:
            total, status, rules["status"] = None, special.status, special.rule
        elif total is not None and status == NOT_ASSESSED:
            status, rules["status"] = ASSESSED, None
        if rule := self.card.period_scores.get(asked.span):
            rules["total"] = rule.rule
        group = None if total is None else self.card.group_of(pooled.pool)
        return replace(
            pooled, status=status, bonus=bonus, deduction=deduction, total=total, group=group,
            key=self._key(total, pooled.items) if group is not None else None, grade=self._grade(total),
            rules=rules,
        )  # fmt: skip

    def _side(self, side: str, pooled: UnitScore, monthly: Fraction) -> Fraction:
        """Give a longer period's bonus or deduction: the months' own, or what one cap leaves of all."""
        cap = self.card.caps.get(side)
        whole = cap is not None and cap.span == "year"
        return capped(self.card, pooled.adjustments, side) if whole else monthly

    def _mean(self, span: str, pooled: UnitScore, ranked: Sequence[UnitScore]) -> Fraction | None:
        rule = self.card.period_scores.get(span)
        totals = [one.total for one in ranked if one.total is not None]
        if rule is None or not totals:
            return None
        if rule.method == "recomputed":
            return pooled.total
        if rule.method == "mean_of_totals" or self.card.total is None:
            return sum(totals, Fraction(0)) / len(totals)
        names = self.card.total.items
        sums = [got for one in ranked if (got := _performance(one.items, names)) is not None]
        if not sums:
            return None
        total = sum(sums, Fraction(0)) / len(sums)
        total += sum(capped(self.card, _counted(ranked, side), side) * sign for side, sign in _SIGNS)
        return total if self.card.total.floor is None else max(self.card.total.floor, total)

    # ---- who is last -----------------------------------------------------------------------------

    def last(self, score: PeriodScore, bottom: Places, pools: Sequence[str]) -> frozenset[str]:
        """Name the units of these pools (none: of all) among the last so many of their class."""
        if isinstance(bottom, Mapping):
            return frozenset().union(*(self.last(score, one, [pool]) for pool, one in bottom.items()))
        if self.card.ranking is None:
            return frozenset()
        found: set[str] = set()
        for group in {one.group for one in score.units if one.group is not None}:
            found |= last(score.keys(group), bottom, self.card.ranking)
        return frozenset(
            one.unit for one in score.units if one.unit in found and (not pools or one.pool in pools)
        )

    # ---- what was entered by hand ----------------------------------------------------------------

    def adjustments(self, month: str, unit: str) -> tuple[AdjustmentLine, ...]:
        """Judge the adjustments of a unit's month, with those carried into it."""
        rule = self.card.total
        carries = rule is not None and rule.unassessed == "carry_forward"
        status = self.status([month], unit)
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

    def findings(self, month: str, unit: str) -> tuple[Adjustment, ...]:
        """Give the findings made by hand about a unit in a month; those of the month for an empty unit."""
        codes = self.card.findings if unit else self.card.gates
        return tuple(one for one in self._adjusted.get((unit, month), ()) if one.code in codes)

    def _carried_into(self, month: str, unit: str) -> list[Adjustment]:
        """Give the adjustments of the months without a total just before this one, oldest first."""
        found: list[Adjustment] = []
        earlier = month_before(month)
        while self.first_month and earlier >= self.first_month:
            if _has_total(self.status([earlier], unit)):
                break
            found[:0] = self._entered(earlier, unit)
            earlier = month_before(earlier)
        return found

    def _entered(self, month: str, unit: str) -> list[Adjustment]:
        return [one for one in self._adjusted.get((unit, month), ()) if one.code in self.card.adjustments]


def _performed(score: ItemScore, performance: str) -> ItemScore:
    """Give an item of a period whose performance is not counted: full, or without points."""
    if performance == "normal":
        return score
    return replace(score, points=score.most if performance == "full" else None)


_SIGNS = (("bonus", 1), ("deduction", -1))


def _counted(ranked: Iterable[UnitScore], side: str) -> list[AdjustmentLine]:
    return [line for one in ranked for line in one.adjustments if line.rule.side == side]


def _performance(items: Sequence[ItemScore], names: Sequence[str]) -> Fraction | None:
    """Sum the points of the named items; None where one is undefined and nothing stands for it."""
    by_name = {item.name: item for item in items}
    got = most = whole = Fraction(0)
    for name in names:
        item = by_name.get(name)
        if item is None or item.most is None:
            return None
        whole += item.most
        if item.points is not None:
            got += item.points
            most += item.most
        elif item.empty != "share_out":
            return None
    if most == whole:
        return got
    return got * whole / most if most else None


def _standing(tables: Tables, item: Item, pool: str | None, unit: str) -> Standing | None:
    table = tables.get((item.rule + item.name, pool if item.kind == "rank_bands" else None))
    return table.get(unit) if table else None


def _has_total(status: StatusRule | None) -> bool:
    return status is None or status.performance != "none"
