"""
What follows from a period (约谈、通报、评优) for whom, and the months, orders or findings that led there.

`because` codes name sentences of `engine.messages` (`because.…`); nothing here is language.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from paidan.policies.schema import TalkRule
from paidan.policies.score_schema import ConsequenceRule, Repeats
from paidan.policies.scoring.adjustments import Adjustment, AdjustmentLine
from paidan.policies.scoring.periods import containing
from paidan.policies.scoring.records import OrderRecord, month_of
from paidan.policies.scoring.results import PeriodScore
from paidan.policies.scoring.scores import Places, Scoring

VERIFIED = ("founded", "partly_founded")
"""Findings at closing that verify a complaint (属实、部分属实)."""


class Step(NamedTuple):
    """A unit's rank in a period among so many; None where it took no part. `low`: it was in the zone."""

    period: str
    rank: int | None
    among: int
    low: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """
    What a rule draws from a period for a unit: how, because of what.

    `trail` are the rankings behind it, oldest first; `orders` the orders; `entered` what was entered
    by hand. `talk` says who holds what follows, where that is a talk, a meeting or a report; `held` is
    the entry by which its own points were taken off once it had been held.
    """

    rule: ConsequenceRule
    unit: str
    period: str
    because: str
    details: Mapping[str, Any] = field(default_factory=dict)
    trail: tuple[Step, ...] = ()
    orders: tuple[str, ...] = ()
    entered: tuple[Adjustment, ...] = ()
    talk: TalkRule | None = None
    held: AdjustmentLine | None = None


class Consequences:
    """The consequences of a run's periods; keeps what it has worked out, since later ones look back."""

    def __init__(self, scoring: Scoring) -> None:
        self._scoring = scoring
        self._card = scoring.card
        self._of_month: dict[str, tuple[Consequence, ...]] = {}
        self._zones: dict[tuple[str, str, tuple[str, ...]], frozenset[str]] = {}
        self._cases: dict[str, dict[str, list[_Told]]] = {}

    def of(self, score: PeriodScore) -> tuple[Consequence, ...]:
        """Give the consequences of a scored period alone, by rule and unit."""
        name = score.period.name
        if score.period.span == "month":
            if name not in self._of_month:
                self._of_month[name] = self._highest(self._found(score))
            return self._of_month[name]
        return tuple(self._found(score))

    def _found(self, score: PeriodScore) -> list[Consequence]:
        rules = [rule for rule in self._card.consequences if rule.span == score.period.span]
        found = [one for rule in rules if not self._gated(rule, score) for one in self._of_rule(rule, score)]
        return sorted(found, key=lambda one: (one.rule.rule, one.unit))

    @staticmethod
    def _highest(found: Iterable[Consequence]) -> tuple[Consequence, ...]:
        """Keep of the consequences with a level the highest of each unit, of equals the first."""
        kept: list[Consequence] = []
        best: dict[str, Consequence] = {}
        for one in found:
            if not one.rule.level:
                kept.append(one)
            elif one.unit not in best or one.rule.level > best[one.unit].rule.level:
                best[one.unit] = one
        return tuple(sorted((*kept, *best.values()), key=lambda one: (one.rule.rule, one.unit)))

    def _gated(self, rule: ConsequenceRule, score: PeriodScore) -> bool:
        """Whether a finding about every month of the period holds the rule back."""
        return (
            bool(rule.gate)
            and rule.gated
            and all(
                any(one.code == rule.gate for one in self._scoring.findings(month, ""))
                for month in score.months
            )
        )

    def _of_rule(self, rule: ConsequenceRule, score: PeriodScore) -> Iterator[Consequence]:
        if rule.bottom:
            yield from self._by_rank(rule, score)
        elif rule.repeats is not None:
            yield from self._by_repeats(rule, rule.repeats, score)
        elif rule.on:
            yield from self._by_case(rule, score)
        else:
            yield from self._by_entry(rule, score)

    # ---- by rank ---------------------------------------------------------------------------------

    def _by_rank(self, rule: ConsequenceRule, score: PeriodScore) -> Iterator[Consequence]:
        for unit in sorted(self._zone(score, rule.bottom, rule.pools)):
            if not self._stands(rule, score, unit):
                continue
            name = score.period.name
            if rule.streak is not None:
                trail = self._run(rule, name, unit)
                most = rule.streak.most
                if len(trail) < rule.streak.least or (most is not None and len(trail) > most):
                    continue
                if not self._talked(rule, trail, unit):
                    continue
                yield self._consequence(rule, score, unit, "streak", trail=trail, times=len(trail))
            elif rule.times:
                trail = self._counted(rule, name, unit)
                if len(trail) == rule.times:
                    yield self._consequence(rule, score, unit, "times", trail=trail, times=len(trail))
            else:
                trail = (self._step(score, unit, low=True),)
                yield self._consequence(rule, score, unit, "bottom", trail=trail)

    def _zone(self, score: PeriodScore, bottom: Places, pools: tuple[str, ...]) -> frozenset[str]:
        key = (score.period.name, str(bottom), pools)
        if key not in self._zones:
            self._zones[key] = self._scoring.last(score, bottom, pools)
        return self._zones[key]

    def _run(self, rule: ConsequenceRule, month: str, unit: str) -> tuple[Step, ...]:
        """Give the rankings in the zone that run up to a month, oldest first."""
        streak = rule.streak
        steps: list[Step] = []
        for earlier in reversed(self._scoring.history(month)):
            score = self._scoring.at(earlier)
            scored = score.unit(unit)
            if scored is None or scored.key is None:
                if streak is not None and streak.gap == "break":
                    break
            elif unit in self._zone(score, rule.bottom, rule.pools):
                steps.append(self._step(score, unit, low=True))
            elif streak is None or streak.recovery:
                break
        return tuple(reversed(steps))

    def _counted(self, rule: ConsequenceRule, month: str, unit: str) -> tuple[Step, ...]:
        """Give the months in the zone up to a month since the count began, oldest first."""
        counted = self._scoring.history(month)
        if rule.since == "year":
            year = containing(month, "year", self._card.spans).months
            counted = tuple(one for one in counted if one in year)
        scores = [self._scoring.at(one) for one in counted]
        return tuple(
            self._step(score, unit, low=True)
            for score in scores
            if unit in self._zone(score, rule.bottom, rule.pools)
        )

    def _talked(self, rule: ConsequenceRule, trail: Sequence[Step], unit: str) -> bool:
        """Whether a rule that asks for earlier talks finds them in the months of the run before this one."""
        if not rule.talks:
            return True
        earlier = [
            one.rule.kind
            for step in trail[:-1]
            for one in self.of(self._scoring.at(step.period))
            if one.unit == unit
        ]
        return all(earlier.count(kind) >= number for kind, number in rule.talks.items())

    @staticmethod
    def _step(score: PeriodScore, unit: str, *, low: bool) -> Step:
        found = score.unit(unit)
        group = found.group if found else None
        among = len(score.keys(group)) if group is not None else 0
        return Step(score.period.name, found.rank if found else None, among, low)

    def _stands(self, rule: ConsequenceRule, score: PeriodScore, unit: str) -> bool:
        """Whether no finding about the unit lifts the rule, and one that it needs is there."""
        codes = {one.code for month in score.months for one in self._scoring.findings(month, unit)}
        return rule.lifted_by not in codes and (not rule.needs or rule.needs in codes)

    # ---- by cases --------------------------------------------------------------------------------

    def _by_repeats(
        self, rule: ConsequenceRule, repeats: Repeats, score: PeriodScore
    ) -> Iterator[Consequence]:
        month = score.period.name
        window = containing(month, repeats.window, self._card.spans)
        of_unit = repeats.of == "verified_repeats" and not repeats.per_order
        for told in self._groups(repeats).values():
            inside = sorted(one for one in told if month_of(one.at) in window.months)
            if len(inside) < repeats.least:
                continue
            reached = inside[repeats.least - 1]
            unit = reached.unit
            scored = score.unit(unit)
            if month_of(reached.at) != month or scored is None:
                continue
            if rule.pools and scored.pool not in rule.pools:
                continue
            orders = tuple(dict.fromkeys(one.order_id for one in inside[: repeats.least]))
            yield self._consequence(
                rule, score, unit, repeats.of, orders=orders, times=repeats.least, window=window.name,
                at=reached.at, of="" if of_unit else reached.root,
            )  # fmt: skip

    def _groups(self, repeats: Repeats) -> "Mapping[str, list[_Told]]":
        """Sort the cases of a run by what they are counted over: a unit, or a demand."""
        key = f"{repeats.of} {repeats.per_order}"
        if key not in self._cases:
            records = self._scoring.records
            groups: dict[str, list[_Told]] = defaultdict(list)
            for record in records.values():
                if repeats.of == "verified_repeats":
                    if record.repeat_of and record.finding in VERIFIED and record.closed and record.unit:
                        root = _root(record, records)
                        told = _Told(record.closed.at, record.order_id, record.closed.seq, record.unit, root)
                        groups[f"{record.unit} {root}" if repeats.per_order else record.unit].append(told)
                elif record.dissatisfied:
                    root = _root(record, records)
                    groups[root] += [
                        _Told(case.at, record.order_id, case.seq, case.unit, root)
                        for case in record.dissatisfied
                    ]
            self._cases[key] = groups
        return self._cases[key]

    def _by_case(self, rule: ConsequenceRule, score: PeriodScore) -> Iterator[Consequence]:
        tally = self._scoring.tally(score.months)
        for unit in score.units:
            cases = tally.cases(unit.unit, (rule.on,))
            if cases and (not rule.pools or unit.pool in rule.pools):
                orders = tuple(dict.fromkeys(case.record.order_id for case in cases))
                yield self._consequence(rule, score, unit.unit, rule.on, orders=orders, times=len(cases))

    def _by_entry(self, rule: ConsequenceRule, score: PeriodScore) -> Iterator[Consequence]:
        for unit in score.units:
            entered = [line.adjustment for line in unit.adjustments if line.counted]
            found = [one for one in (*entered, *unit.findings) if one.code in rule.entered]
            if rule.pools and unit.pool not in rule.pools:
                continue
            for one in found:
                yield self._consequence(
                    rule, score, unit.unit, "entered", entered=(one,), at=one.at, note=one.note,
                    orders=(one.order_id,) if one.order_id else (),
                )  # fmt: skip

    # ---- what is told ----------------------------------------------------------------------------

    def _consequence(
        self, rule: ConsequenceRule, score: PeriodScore, unit: str, because: str, *,
        trail: tuple[Step, ...] = (), orders: tuple[str, ...] = (), entered: tuple[Adjustment, ...] = (),
        **details: Any,
    ) -> Consequence:  # fmt: skip
        return Consequence(
            rule=rule, unit=unit, period=score.period.name, because=because, details=details, trail=trail,
            orders=orders, entered=entered, talk=self._card.talks.get(rule.kind),
            held=self._held(self._card.talks.get(rule.kind), score, unit),
        )  # fmt: skip

    def _held(self, talk: TalkRule | None, score: PeriodScore, unit: str) -> AdjustmentLine | None:
        """Give the first entry of the talk's own points after the months that led to it."""
        if talk is None or not talk.adjustment or not score.months:
            return None
        for month in self._scoring.existing(self._scoring.months_after(score.months[-1])):
            for line in self._scoring.adjustments(month, unit):
                if line.rule.code == talk.adjustment:
                    return line
        return None


class _Told(NamedTuple):
    """A case that may be one of many: when, of which order and entry, on whose account, of what demand."""

    at: Any
    order_id: str
    seq: int
    unit: str
    root: str


def _root(record: OrderRecord, records: Mapping[str, OrderRecord]) -> str:
    """Name the first order of a demand: follow what each is a repeat of."""
    seen = {record.order_id}
    name = record.repeat_of or record.order_id
    while name in records and records[name].repeat_of and name not in seen:
        seen.add(name)
        name = records[name].repeat_of
    return min(seen) if name in seen else name
