"""
What is counted of a unit's month: the measures of `policies.schema.MEASURES`.

A population is a set of the unit's orders; every other measure says something of an order in one,
so that a numerator is always part of its denominator. An order counts for the unit of its last
dispatch: accepted in the month of its acceptance, closed and evaluated in that of its closing
(setting `attr.callback`: evaluated in the month of the callback).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from paidan.policies.score_schema import POPULATIONS
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.records import Contact, OrderRecord, month_of

OUTCOME_MEASURES = ("resolved", "explained", "recorded", "unresolved")
SATISFACTION_MEASURES = ("satisfied", "basically_satisfied", "neutral", "dissatisfied")

_Orders = tuple[OrderRecord, ...]


class Tally:
    """The orders of every unit in one month, counted under one card."""

    def __init__(self, card: Card, records: Iterable[OrderRecord], month: str) -> None:
        self.card = card
        self.month = month
        accepted: dict[str, list[OrderRecord]] = defaultdict(list)
        assisted: dict[str, list[OrderRecord]] = defaultdict(list)
        closed: dict[str, list[OrderRecord]] = defaultdict(list)
        called: dict[str, list[OrderRecord]] = defaultdict(list)
        for record in records:
            unit = record.unit
            if unit is None:
                continue
            if record.accepted and month_of(record.accepted.at) == month:
                accepted[unit].append(record)
                for other in record.assisting:
                    assisted[other].append(record)
            if record.closed:
                here = month_of(record.closed.at) == month
                if here:
                    closed[unit].append(record)
                if any(self._in_month(one.at, here=here) for one in record.callbacks):
                    called[unit].append(record)
        self._accepted, self._assisted, self._closed = accepted, assisted, closed
        self._called = called
        self._known: dict[tuple[str, str, str], _Orders] = {}

    def orders(self, unit: str, measure: str, item: str = "") -> _Orders:
        """
        Give the orders that a measure counts for a unit, in order of id.

        `item` names the score item, whose callbacks decide; empty means those of the status.
        """
        key = (unit, measure, item)
        known = self._known.get(key)
        if known is None:
            if measure in POPULATIONS:
                found = self._population(unit, measure, item)
            else:
                base = self.orders(unit, base_of(measure), item)
                found = [one for one in base if self.says(one, measure, item)]
            known = self._known[key] = tuple(sorted(found, key=lambda record: record.order_id))
        return known

    def among(self, unit: str, of: str, measure: str, item: str) -> _Orders:
        """Give the orders of the population `of` that a measure counts too."""
        if measure in POPULATIONS:
            members = {record.order_id for record in self.orders(unit, measure, item)}
            return tuple(one for one in self.orders(unit, of, item) if one.order_id in members)
        return tuple(one for one in self.orders(unit, of, item) if self.says(one, measure, item))

    def says(self, record: OrderRecord, measure: str, item: str) -> bool:
        """Whether a measure that is no population holds of an order."""
        if measure == "closed_late":
            return record.clock is not None and record.clock.verdict == "late"
        if measure == "contacted":
            return self.contact(record) is not None
        evaluation = self.card.evaluation(record, item)
        if evaluation is None:
            return False
        return measure in (evaluation.outcome, evaluation.satisfaction)

    def contact(self, record: OrderRecord) -> Contact | None:
        """Give the first contact that counts, one with the evidence that the measure needs."""
        rule = self.card.measures.get("contacted")
        needed = bool(rule and rule.needs)
        return next((one for one in record.contacts if one.evidence or not needed), None)

    @property
    def units(self) -> frozenset[str]:
        """The units that accepted, closed or were called back about something this month."""
        return frozenset(self._accepted) | frozenset(self._closed) | frozenset(self._called)

    @property
    def provisional(self) -> bool:
        """Whether a deadline of a counted order may still move."""
        return any(
            record.provisional
            for orders in (self._accepted, self._closed, self._called)
            for records in orders.values()
            for record in records
        )

    def _population(self, unit: str, measure: str, item: str) -> list[OrderRecord]:
        if measure == "accepted":
            return self._accepted.get(unit, [])
        if measure == "undertaken":
            return self._accepted.get(unit, []) + self._assisted.get(unit, [])
        if measure == "closed":
            return self._closed.get(unit, [])
        return [record for record in self._called.get(unit, []) if self._called_back(record, measure, item)]

    def _called_back(self, record: OrderRecord, measure: str, item: str) -> bool:
        here = record.closed is not None and month_of(record.closed.at) == self.month
        if measure == "callbacks":
            return any(self._in_month(one.at, here=here) for one in self.card.callbacks(record, item))
        evaluation = self.card.evaluation(record, item)
        return evaluation is not None and self._in_month(evaluation.at, here=here)

    def _in_month(self, at: datetime, *, here: bool) -> bool:
        """Whether a callback made `at` counts this month; `here` says that its order closed in it."""
        return month_of(at) == self.month if self.card.by_callback else here


def base_of(measure: str) -> str:
    """Name the population that a measure speaks of where no other is given."""
    if measure in POPULATIONS:
        return measure
    return "closed" if measure == "closed_late" else "evaluated"
