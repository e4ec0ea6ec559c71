"""The cases about an order as a transaction holds them, and what is done to them by what happens to it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import takewhile

from paidan.engine.cases import Heard, Standing, asked_by, noted, opened, stepped
from paidan.engine.governing import kept_after, rules_of
from paidan.policies.registry import Books
from paidan.storage.port import Change, Transaction
from paidan.workflows.attributes import ORDER_ENTRY
from paidan.workflows.cases import EVENT_OF
from paidan.workflows.records import Entry, Finding


class Beside:
    """The cases about an order, to follow it once."""

    def __init__(self, transaction: Transaction, order_id: str, books: Books) -> None:
        self._transaction = transaction
        self._books = books
        known = {one: transaction.order(one) for one in transaction.beside(order_id)}
        self._there = {one: kept for one, kept in known.items() if kept is not None}
        self._written: dict[str, Standing] = {}

    @property
    def recorded_at(self) -> datetime | None:
        """When anything was last written of a case; what the order is told later is not recorded earlier."""
        return max((kept.recorded_at for kept in self._there.values() if kept.recorded_at), default=None)

    def follow(self, told: Sequence[Heard]) -> None:
        """Do to the cases what the order's entries ask of them, and keep them."""
        cases = {one: Standing(kept.order, rules_of(self._books, kept)) for one, kept in self._there.items()}
        for one in told:
            for command in asked_by(one, [cases[case].order for case in sorted(cases)]):
                case = cases.get(command.order_id) or opened(command, self._books)
                cases[command.order_id] = stepped(case, command, one.when)
        self._written = {one: case for one, case in cases.items() if case.entries or case.findings}
        self._transaction.keep_all(
            Change(
                kept_after(case.order, case.rules, case.entries[-1].recorded_at),
                case.entries,
                self._there.get(one),
            )
            for one, case in self._written.items()
            if case.entries
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What cases objected to, as notes."""
        return tuple(noted(one, name) for name, case in self._written.items() for one in case.findings)

    @property
    def followed(self) -> tuple[Entry, ...]:
        """What the order's entries brought about."""
        return _in_order(entry for case in self._written.values() for entry in _following(case.entries))

    @property
    def late(self) -> tuple[Entry, ...]:
        """What was overdue of the cases that follow, and was written first."""
        return tuple(
            entry
            for case in self._written.values()
            for entry in takewhile(lambda one: ORDER_ENTRY not in one.attributes, case.entries)
        )

    def following(self, of: Collection[Entry]) -> tuple[Entry, ...]:
        """Give what these entries of the order brought about when they were written."""
        by = {entry.seq for entry in of}
        return _in_order(
            entry
            for case in self._there
            for entry in _following(self._transaction.entries(case))
            if entry.attributes[ORDER_ENTRY] in by
        )


def _in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Give what cases did as the order's entries brought it about, so that it is told again the same way."""
    return tuple(sorted(entries, key=lambda one: (one.attributes[ORDER_ENTRY], one.order_id, one.seq)))


def _following(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Give of what was written of a case what an entry of its order asked for."""
    for entry in entries:
        if ORDER_ENTRY in entry.attributes and EVENT_OF[entry.event].by_engine:
            yield entry
