"""
What is counted of a unit's period: the measures of `policies.score_schema.MEASURES`.

A population is a set of the unit's orders; a saying says something of an order in one, so that a
numerator is always part of its denominator. An order counts for the unit of its last dispatch:
accepted in the month of its acceptance, closed and evaluated in that of its closing (setting
`attr.callback`: evaluated in the month of the callback). A case is an event or a limit that counts
by itself, for the unit that bears it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.policies.score_schema import OUTCOMES_SAID, POPULATIONS, SATISFACTION_SAID
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.records import (
    Callback,
    Case,
    Contact,
    Judged,
    OrderRecord,
    Return,
    Ruling,
    month_of,
)

_PROCESS = len("process_")
_TIMING = ("on_time", "closed_late")
_NONCOMPLIANT = "noncompliant"


class CaseOf(NamedTuple):
    """A case of a measure: the order, the entry or limit it rests on, the unit that bears it, since when."""

    record: OrderRecord
    measure: str
    unit: str
    month: str
    seq: int
    why: Return | Judged | Case
    ruling: Ruling | None = None


class Index:
    """The orders of a run by the months they count in; made once for all periods."""

    def __init__(self, card: Card, records: Iterable[OrderRecord]) -> None:
        self.accepted: dict[str, list[OrderRecord]] = defaultdict(list)
        self.closed: dict[str, list[OrderRecord]] = defaultdict(list)
        self.called: dict[str, list[OrderRecord]] = defaultdict(list)
        self.cases: dict[str, list[CaseOf]] = defaultdict(list)
        self.units: set[str] = set()
        """Every unit that ever held an order or bears a case."""
        overdue = card.measures.get("overdue")
        limits = frozenset(overdue.clocks) if overdue else frozenset()
        for record in records:
            if record.returns or record.unmet or limits:
                for case in _cases(record, limits):
                    self.cases[case.month].append(case)
                    self.units.add(case.unit)
            if record.earlier_units:
                self.units.update(record.earlier_units)
            if record.unit is not None:
                self.units.add(record.unit)
                self._add(record, by_callback=card.by_callback)

    def _add(self, record: OrderRecord, *, by_callback: bool) -> None:
        if record.accepted is not None:
            self.accepted[month_of(record.accepted.at)].append(record)
        if record.closed is not None:
            closed_in = month_of(record.closed.at)
            self.closed[closed_in].append(record)
            if record.callbacks and not by_callback:
                self.called[closed_in].append(record)
        if record.callbacks and by_callback:
            for month in {month_of(one.at) for one in record.callbacks}:
                self.called[month].append(record)

    @property
    def months(self) -> frozenset[str]:
        """The months in which anything counts."""
        return frozenset((*self.accepted, *self.closed, *self.called, *self.cases))


class Tally:
    """The orders of every unit in one or several months, counted under one card."""

    def __init__(self, card: Card, index: Index, months: Sequence[str]) -> None:
        self.card = card
        self.months = frozenset(months)
        self._accepted = _by_unit(index.accepted, months)
        self._closed = _by_unit(index.closed, months)
        self._called = _by_unit(index.called, months)
        self._assisted: dict[str, list[OrderRecord]] = defaultdict(list)
        for records in self._accepted.values():
            for record in records:
                for other in record.assisting:
                    self._assisted[other].append(record)
        self._cases: dict[str, list[CaseOf]] = defaultdict(list)
        for month in months:
            for case in index.cases.get(month, ()):
                self._cases[case.unit].append(case)
        self._known: dict[tuple[str, str, str], tuple[OrderRecord, ...]] = {}
        self._evaluations: dict[str, dict[str, Callback | None]] = {}
        self._alike: dict[object, dict[str, Callback | None]] = {}

    def orders(self, unit: str, measure: str, item: str = "") -> tuple[OrderRecord, ...]:
        """
        Give the orders that a population or saying counts for a unit, in order of id.

        `item` names the score item, whose callbacks and exclusions decide; empty means those of the
        status.
        """
        key = (unit, measure, item)
        known = self._known.get(key)
        if known is None:
            if measure in POPULATIONS:
                found = self._population(unit, measure, item)
                found.sort(key=_by_id)
            else:
                base = self.orders(unit, base_of(measure), item)
                found = [one for one in base if self.says(one, measure, item)]
            known = self._known[key] = tuple(found)
        return known

    def among(self, unit: str, of: str, measure: str, item: str) -> tuple[OrderRecord, ...]:
        """Give the orders of the population `of` that a measure counts too."""
        if measure == of:
            return self.orders(unit, of, item)
        if measure in POPULATIONS:
            members = {record.order_id for record in self.orders(unit, measure, item)}
            return tuple(one for one in self.orders(unit, of, item) if one.order_id in members)
        return tuple(one for one in self.orders(unit, of, item) if self.says(one, measure, item))

    def cases(self, unit: str, measures: Iterable[str]) -> tuple[CaseOf, ...]:
        """Give the cases of these measures that a unit bears, one for each entry, in order of id."""
        wanted = frozenset(measures)
        found = {
            (one.record.order_id, one.seq, type(one.why)): one
            for one in self._cases.get(unit, ())
            if one.measure in wanted
        }
        return tuple(sorted(found.values(), key=lambda one: (one.record.order_id, one.seq)))

    def says(self, record: OrderRecord, measure: str, item: str) -> bool:
        """Whether a saying holds of an order."""
        if measure in _TIMING:
            return bool(self.missed(record, "on_time")) is (measure == "closed_late")
        if measure == "contacted":
            return self.contact(record) is not None
        if measure == "called":
            return bool(record.callbacks)
        evaluation = self.evaluation(record, item)
        return evaluation is not None and _answered(evaluation, measure)

    def evaluation(self, record: OrderRecord, item: str) -> Callback | None:
        """Give the evaluation of an order for an item: the last callback of the period that counts."""
        known = self._evaluations.get(item)
        if known is None:
            known = self._evaluations[item] = self._alike.setdefault(self.card.alike(item), {})
        order_id = record.order_id
        if order_id not in known:
            known[order_id] = self._evaluation(record, item)
        return known[order_id]

    def _evaluation(self, record: OrderRecord, item: str) -> Callback | None:
        card = self.card
        for one in reversed(card.callbacks(record, item)):
            if card.counts(one, item) and (not card.by_callback or month_of(one.at) in self.months):
                return one
        return None

    def contact(self, record: OrderRecord) -> Contact | None:
        """Give the first contact that counts: with the evidence the measure needs, and in time if it must."""
        rule = self.card.measures.get("contacted")
        if rule is None:
            return record.contacts[0] if record.contacts else None
        if rule.clocks and rule.timely and self.missed(record, "contacted"):
            return None
        return next((one for one in record.contacts if one.evidence or not rule.needs), None)

    def missed(self, record: OrderRecord, measure: str) -> tuple[Judged, ...]:
        """Give the limits of the last dispatch that a measure is judged by and that were missed."""
        return tuple([one for one in self.limits(record, measure) if one.missed])

    def limits(self, record: OrderRecord, measure: str) -> tuple[Judged, ...]:
        """Give the limits of the last dispatch that a measure is judged by."""
        rule = self.card.measures.get(measure)
        if rule is None:
            return ()
        names = (*rule.clocks, rule.rule) if rule.order_due else rule.clocks
        now = (0, record.dispatch)
        return tuple([one for one in record.judged if one.rule in names and one.dispatch in now])

    def excluded(self, unit: str, of: str, item: str) -> tuple[OrderRecord, ...]:
        """Give the orders that leave a population because an exclusion, a finding or a return says so."""
        return tuple(
            one
            for one in sorted(self._all(unit, of, item), key=_by_id)
            if self._belongs(one, of, item) and self.card.leaves(one, item)
        )

    @property
    def units(self) -> frozenset[str]:
        """The units that accepted, closed, were called back about or bear something in the period."""
        return frozenset((*self._accepted, *self._closed, *self._called, *self._cases)) - {""}

    @property
    def provisional(self) -> bool:
        """Whether a deadline of a counted order may still move."""
        return any(
            record.provisional
            for orders in (self._accepted, self._closed, self._called)
            for records in orders.values()
            for record in records
        ) or any(case.record.provisional for cases in self._cases.values() for case in cases)

    def _population(self, unit: str, measure: str, item: str) -> list[OrderRecord]:
        found = [one for one in self._all(unit, measure, item) if self._belongs(one, measure, item)]
        if measure in ("accepted", "undertaken") or not item:
            return found
        leaves = self.card.leaves
        return [one for one in found if not leaves(one, item)]

    def _all(self, unit: str, measure: str, item: str) -> list[OrderRecord]:  # noqa: ARG002 - one shape
        if measure == "accepted":
            return self._accepted.get(unit, [])
        if measure == "undertaken":
            return self._accepted.get(unit, []) + self._assisted.get(unit, [])
        if measure in ("closed", "closed_named"):
            return self._closed.get(unit, [])
        return self._called.get(unit, [])

    def _belongs(self, record: OrderRecord, measure: str, item: str) -> bool:
        if measure == "closed_named":
            return not record.anonymous
        if measure == "evaluated":
            return self.evaluation(record, item) is not None
        if measure == "callbacks":
            made = self.card.callbacks(record, item)
            return any(not self.card.by_callback or month_of(one.at) in self.months for one in made)
        return True


def _answered(evaluation: Callback, measure: str) -> bool:
    """Whether an evaluation gave an answer."""
    if measure in OUTCOMES_SAID:
        return evaluation.outcome == measure
    if measure in SATISFACTION_SAID:
        return evaluation.satisfaction == measure
    return evaluation.process_satisfaction == measure[_PROCESS:]


def base_of(measure: str) -> str:
    """Name the population that a measure speaks of where no other is given."""
    if measure in POPULATIONS:
        return measure
    return "closed" if measure in ("closed_late", "on_time", "called") else "evaluated"


def _by_id(record: OrderRecord) -> str:
    return record.order_id


def _by_unit(by_month: dict[str, list[OrderRecord]], months: Sequence[str]) -> dict[str, list[OrderRecord]]:
    """Sort the orders of some months by unit, an order that counts in several of them once."""
    found: dict[str, list[OrderRecord]] = defaultdict(list)
    for month in months:
        for record in by_month.get(month, ()):
            found[record.unit or ""].append(record)
    if len(months) > 1:
        for unit, records in found.items():
            found[unit] = list({record.order_id: record for record in records}.values())
    return found


def _cases(record: OrderRecord, limits: frozenset[str]) -> Iterable[CaseOf]:
    """Give every case of an order, whenever it was."""
    for asked in record.returns:
        told = asked.told if asked.told is not None else asked.contacted
        noncompliant = asked.kind == _NONCOMPLIANT
        if asked.late:
            yield _case(record, "late_noncompliant" if noncompliant else "late_returns", asked.unit, asked)
        if noncompliant and not told:
            yield _case(record, "uncontacted_returns", asked.unit, asked)
    for reply in record.unmet:
        yield _case(record, "unmet_replies", reply.unit, reply)
    yield from overdue(record, limits)


def _case(record: OrderRecord, measure: str, unit: str, why: Return | Case) -> CaseOf:
    return CaseOf(record, measure, unit, month_of(why.at), why.seq, why)


def _same(named: datetime, due_at: datetime) -> bool:
    """Whether a time that somebody wrote down to the second is that of a limit."""
    return named.replace(microsecond=0) == due_at.replace(microsecond=0)


def overdue(record: OrderRecord, limits: frozenset[str]) -> Iterable[CaseOf]:
    """
    Give the limits that passed while a unit held the order, each moved by the ruling on it.

    A ruling speaks of the limit that it names, else of the latest that had passed; the last one stands.
    """
    passed = sorted(
        (one for one in record.judged if one.rule in limits and one.missed and one.held),
        key=lambda one: (one.due_at, one.dispatch),
    )
    moved: dict[int, Ruling] = {}
    for ruling in record.rulings:
        before = [
            at
            for at, one in enumerate(passed)
            if one.due_at <= ruling.at and (ruling.due_at is None or _same(ruling.due_at, one.due_at))
        ]
        if before and ruling.unit:
            moved[before[-1]] = ruling
    for at, one in enumerate(passed):
        ruled = moved.get(at)
        unit = ruled.unit if ruled else one.unit
        if unit:
            yield CaseOf(record, "overdue", unit, month_of(one.due_at), one.dispatch, one, ruled)
