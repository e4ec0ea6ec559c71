"""
An order and the cases about it carried on together by what a log tells of them.

As a replay as recorded takes them: the order first, then its cases by what the order's new entries ask of
them and what was asked of them alone, as it was learned.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.cases import Heard, Standing
from paidan.engine.feeds import Feeds
from paidan.engine.governing import rules_of
from paidan.engine.import_order import Feeding, Rows, Taken
from paidan.engine.replay_cases import replay_cases
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.storage.port import Kept, Transaction
from paidan.workflows.records import NOTHING, Command, Entry, Order

Logs = Mapping[str, tuple[Kept, Sequence[Entry]]]
"""What is kept of orders and cases, with their logs, by id."""


NOTHING_HELD: Mapping[tuple[int, str], str] = {}


class Told(NamedTuple):
    """
    What a log tells of an order or a unit, and of the cases about it: by id, as it was learned.

    `said` is what exports say of the order (`feeds.said_of`), by the key of their feed, `before` what they
    said last time.
    """

    about: str
    of: Mapping[str, Sequence[Command]]
    said: Mapping[str, str] = NOTHING
    before: Mapping[str, str] = NOTHING


class Added(NamedTuple):
    """
    What an import adds to an order or a case, under its rules, and what was kept of it `before`.

    `erased` says that the identities of the order were: then none of a case about it is kept.
    """

    taken: Taken
    rules: Rulebook
    before: Kept | None
    erased: bool


class Bringing:
    """What brings logs into the orders of a store, within one transaction."""

    def __init__(
        self,
        transaction: Transaction,
        logs_of: Callable[[Collection[str]], Logs],
        books: Books,
        now: datetime,
        *,
        enforce: bool,
        feeds: Feeds = NOTHING,
        held: Callable[[str], Mapping[tuple[int, str], str]] = lambda _: NOTHING_HELD,
    ) -> None:
        self._feeds = feeds
        self._held = held
        self._transaction = transaction
        self._logs_of = logs_of
        self._books = books
        self._now = now
        self._enforce = enforce

    def bring(self, told: Sequence[Told]) -> Iterator[Added]:
        """Carry on all that is told of: each order, then its cases in order of id."""
        there = self._logs_of([one for each in told for one in each.of])
        for each in told:
            yield from self._brought(each, there)

    def _brought(self, told: Told, there: Logs) -> Iterator[Added]:
        about = told.about
        feeding = (
            Feeding(self._feeds, told.said, told.before, lambda: self._held(about)) if told.said else None
        )
        rows = {
            one: self._rows(one, commands, there, feeding if one == about else None)
            for one, commands in told.of.items()
        }
        of_order = rows.pop(about, None)
        if of_order and not rows and about not in there:
            family, latest = None, []
        else:
            family = self._family(about, there)
            latest = [kept.recorded_at for kept, _ in family.values() if kept.recorded_at]
        for one in (of_order, *rows.values()):
            if one and latest:  # what is learned later is recorded later, whichever of them it is about
                one.not_before(max(latest))
        heard: Sequence[Heard] = ()
        order = family[about][0].order if family and about in family else None
        at_entry = order and order.seq
        if of_order:
            done = of_order.replayed(enforce=self._enforce)
            heard, order = done.heard, done.order
            at_entry = at_entry or 0
            yield Added(
                of_order.taken(done, of_order.rules), of_order.rules, _kept(about, there), erased=False
            )
        if heard or rows:
            family = self._family(about, there) if family is None else family
            cases = {one: found for one, found in family.items() if one != about}
            erased = bool(order and order.facts.get("erased"))
            for added in self._followed(heard, rows, cases, at_entry):
                yield added._replace(erased=erased)

    def _followed(
        self, heard: Sequence[Heard], rows: Mapping[str, Rows], cases: Logs, at_entry: int | None
    ) -> Iterator[Added]:
        replayed = replay_cases(
            heard, {one: of.new for one, of in rows.items()}, self._books,
            max([self._now, *(one.entry.recorded_at for one in heard), *(one.now for one in rows.values())]),
            enforce=self._enforce, as_recorded=True,
            begun={
                one: Standing(kept.order, rules_of(self._books, kept), tuple(log))
                for one, (kept, log) in cases.items()
            },
            known={one: of.known for one, of in rows.items()}, at_entry=at_entry,
        )  # fmt: skip
        for done, rules in replayed:
            case = done.order.order_id
            kept, log = cases.get(case, (None, ()))
            if case in rows or len(done.entries) > len(log):
                of = rows.get(case) or self._rows(case, (), cases)
                yield Added(of.taken(done, rules), rules, kept, erased=False)

    def _rows(
        self, one: str, commands: Sequence[Command], there: Logs, feeding: Feeding | None = None
    ) -> Rows:
        kept, log = there.get(one, (None, ()))
        if kept is not None:
            begun, rules = (kept.order, log), rules_of(self._books, kept)
        else:
            on = commands[0].at if commands else self._now
            begun, rules = (Order(one), log), self._books.governing(on.date())[0]
        return Rows(
            self._transaction, begun, commands, rules, self._now, enforce=self._enforce, feeding=feeding
        )

    def _family(self, about: str, there: Logs) -> Logs:
        """Give what is kept of an order and of all cases about it."""
        ids = (about, *self._transaction.beside(about))
        return {**_those(ids, there), **self._logs_of([one for one in ids if one not in there])}


def _those(ids: Collection[str], there: Logs) -> Logs:
    return {one: there[one] for one in ids if one in there}


def _kept(one: str, there: Logs) -> Kept | None:
    return there[one][0] if one in there else None
