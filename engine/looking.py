"""What can be seen of live orders: as they stand, their logs, their deadlines, what scoring needs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby, islice
from operator import attrgetter

from paidan.engine.blame import Blame, blame_of
from paidan.engine.clock import Clock
from paidan.engine.corrections import corrected
from paidan.engine.custody import Custody, custody_of
from paidan.engine.differences import Difference, of_entries
from paidan.engine.errors import NotFoundError
from paidan.engine.evolve import fold
from paidan.engine.governing import Governing, rules_of, rules_of_log
from paidan.engine.ledger import Wanted, ledger
from paidan.engine.ledger_lines import Line
from paidan.engine.lives import Deadline, Life
from paidan.engine.pingpong import PingPong, hops_of, pingpong
from paidan.engine.progress import counted
from paidan.policies.clocks import verdict, verdict_recorded
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import OrderRecord, record_of
from paidan.storage.port import Store
from paidan.workflows.cases import case_id
from paidan.workflows.records import Entry, Order


class Looking:
    """Reads live orders and writes nothing."""

    def __init__(self, store: Store, governing: Governing, clock: Clock) -> None:
        self._store = store
        self._governing = governing
        self._clock = clock

    def longest_due_at(self) -> datetime | None:
        """Give when what has waited longest to be raised should have been, None where nothing waits."""
        now = self._clock.now()
        for order_id in self._store.due(now, 1):
            kept = self._store.order(order_id)
            if kept is not None:
                return min((at for at in kept.wakes if at is not None and at < now), default=None)
        return None

    def order(self, order_id: str) -> tuple[Order, Rulebook]:
        """Give an order with what governs it; raises `NotFoundError` where it has no log."""
        kept = self._store.order(order_id)
        if kept is None:
            raise NotFoundError("live.order_unknown", order=order_id)
        return kept.order, rules_of(self._governing.books(), kept)

    def history(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of an order; raises `NotFoundError` where it has none."""
        entries = tuple(self._store.entries(order_id))
        if not entries:
            raise NotFoundError("live.order_unknown", order=order_id)
        return entries

    def deadlines(self, order_id: str | None = None, *, cases: bool = False) -> Iterator[Deadline]:
        """Give every clock of one order or case, or of all orders, with what it came to as of now."""
        now = self._clock.now()
        if order_id is not None:
            order, rules = self.order(order_id)
            yield from _deadlines(order, rules, now)
            return
        books = self._governing.books()
        for kept in self._store.orders():
            if cases or not case_id(kept.order.order_id):
                yield from _deadlines(kept.order, rules_of(books, kept), now)

    def orders_after(self, order_id: str, most: int) -> tuple[Order, ...]:
        """Give the orders that follow an id, without cases, at most so many."""
        found: list[Order] = []
        while len(found) < most and (page := self._store.orders_after(order_id, most)):
            order_id = page[-1].order.order_id
            found += [kept.order for kept in page if not case_id(kept.order.order_id)]
        return tuple(found[:most])

    def cases(self, about: str = "", workflow: str = "") -> Iterator[tuple[Order, Rulebook]]:
        """Give the cases about an order or a unit, or all, in order of id; of one workflow where named."""
        books = self._governing.books()
        for one in self._store.beside(about):
            case = case_id(one)
            kept = self._store.order(one) if case and workflow in ("", case.workflow) else None
            if kept is not None:
                yield kept.order, rules_of(books, kept)

    def differences(self, order_id: str | None = None) -> Iterator[tuple[str, tuple[Difference, ...]]]:
        """Give every order, or one, with what its records say otherwise than what holds now."""
        now = self._clock.now()
        books = self._governing.books()
        logs = self._store.entries() if order_id is None else iter(self.history(order_id))
        for one, log in groupby(logs, key=attrgetter("order_id")):
            entries = tuple(log)
            if order_id is None and case_id(one):
                continue
            yield one, of_entries(one, entries, rules_of_log(books, entries), now)

    def custody(self, order_id: str) -> Custody:
        """Give who held an order when; raises `NotFoundError` where it has no log."""
        log = self.history(order_id)
        return custody_of(order_id, log, rules_of_log(self._governing.books(), log), self._clock.now())

    def blame(self, order_id: str | None = None) -> Iterator[Blame]:
        """Give the overdues, of one order or of all, that an earlier unit had a part in."""
        now = self._clock.now()
        books = self._governing.books()
        logs = self._logs() if order_id is None else iter([(order_id, self.history(order_id))])
        for one, log in logs:
            if sum(entry.event == "dispatch" for entry in log) > 1:
                yield from blame_of(one, log, rules_of_log(books, log), now)

    def pingpong(self, month: str) -> PingPong:
        """Give the returns between units in a month, or of all times where it is empty."""
        return pingpong((hops_of(corrected(log)) for _, log in self._logs()), month)

    def ledger(self, name: str, *, unit: str, month: str, open_only: bool) -> tuple[Line, ...]:
        """Give the lines of a list that people work by, as of now."""
        books = self._governing.books()

        def read(wanted: Wanted) -> Iterator[tuple[Sequence[Entry], Rulebook]]:
            for order_id, log in self._logs():
                events, says = {one.event for one in log}, partial(_says, log)
                if not case_id(order_id) and wanted(order_id, events, says):
                    yield log, rules_of_log(books, log)

        now = self._clock.now()
        return ledger(name, books, read, now, unit=unit, month=month, open_only=open_only)

    def governed(self) -> Iterator[tuple[tuple[Entry, ...], Rulebook]]:
        """Give the log of every order and case, in order of id, with the rules that govern it."""
        books = self._governing.books()
        for _, log in self._logs():
            yield log, rules_of_log(books, log)

    def _logs(self) -> Iterator[tuple[str, tuple[Entry, ...]]]:
        for order_id, log in self._grouped():
            yield order_id, tuple(log)

    def _grouped(self) -> Iterator[tuple[str, Iterator[Entry]]]:
        """Give the log order by order, counted for whoever watches."""
        entries = counted(self._store.entries(), "entries", self._store.settled)
        return groupby(entries, key=attrgetter("order_id"))

    def lives(self) -> Iterator[Life]:
        """Give every order and every case whole, in order of id."""
        now = self._clock.now()
        books = self._governing.books()
        for order_id, log in self._logs():
            rules = rules_of_log(books, log)
            yield Life(log, tuple(_deadlines(fold(order_id, log, rules), rules, now)), rules)

    def records(self, as_of: datetime) -> Iterator[OrderRecord]:
        """Give what scoring needs of every order, in order of id, by what was written up to a time."""
        books = self._governing.books()
        for order_id, log in self._grouped():
            entries = tuple(entry for entry in log if entry.recorded_at <= as_of)
            if entries and not case_id(order_id):
                rules = rules_of_log(books, entries)
                yield record_of(fold(order_id, entries, rules), corrected(entries), rules, as_of)

    def differing(self, most: int) -> tuple[str, ...]:
        """Name those of the first `most` orders that are kept otherwise than their log folds to."""
        folded = self._governing.fold()
        found: list[str] = []
        for kept in islice(self._store.orders(), most):
            order_id = kept.order.order_id
            # What was written since the order was read is none of its fold.
            log = tuple(islice(self._store.entries(order_id), kept.order.seq))
            if not log or folded(order_id, log)._replace(head=kept.head) != kept:  # `verify` checks the head
                found.append(order_id)
        return tuple(found)


def _says(log: Sequence[Entry], word: str) -> bool:
    return any(word in one.attributes or word in one.attributes.values() for one in log)


def _deadlines(order: Order, rules: Rulebook, now: datetime) -> Iterator[Deadline]:
    for clock in order.clocks:
        rule = rules.clocks[clock.rule]
        came_to, recorded = verdict(clock, rules, now), verdict_recorded(clock, rules, now)
        yield Deadline(
            order.order_id, clock.rule, clock.unit, rule.kind, clock.started_at, clock.due_at, clock.done_at,
            came_to, clock.provisional, rules.policy.version, rule.clause,
            clock.learned_at, None if recorded == came_to else recorded,
        )  # fmt: skip
