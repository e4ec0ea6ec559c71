"""
How the records of the port become rows, and come back; the same for every store.

Row order is the order of the table's columns, so that a record becomes a row without names. Only how
an instant lies in a cell differs from one database to another: see `Instants`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from paidan.storage.encoding import from_json, from_text, to_json, to_text
from paidan.storage.errors import UnstorableError
from paidan.storage.port import Kept, KeptAnswer, KeptNotice
from paidan.workflows.records import BEIJING, Clock, Entry, Finding, Order

_ORDER_CELLS = 5
"""Cells of `paidan_order` in front of those of a joined clock, of which the first is its position."""


class Instants(NamedTuple):
    """How an instant is written into a cell and read from it, always in Beijing time."""

    write: Callable[[datetime], Any]
    read: Callable[[Any], datetime]


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise UnstorableError("time_naive", at=at.isoformat())
    return at


def _in_beijing(at: datetime) -> datetime:
    return at.astimezone(BEIJING)


AS_TEXT = Instants(to_text, from_text)
"""For a database without instants: UTC text, which sorts as they do."""

AS_INSTANT = Instants(_aware, _in_beijing)
"""For a database that knows instants with their offset."""


class Rows:
    """Records to rows and back, for a database that keeps instants in one of the two ways."""

    __slots__ = ("instant", "read_instant")

    def __init__(self, instants: Instants) -> None:
        self.instant, self.read_instant = instants

    def entry_row(self, entry: Entry) -> tuple[Any, ...]:
        """Give the row of an entry."""
        instant = self.instant
        return (
            entry.order_id, entry.seq, entry.event, entry.from_state, entry.to_state, instant(entry.at),
            instant(entry.recorded_at), entry.actor, entry.role, entry.unit, entry.rule, entry.note,
            to_json(entry.attributes),
        )  # fmt: skip

    def entry_of(self, row: Sequence[Any]) -> Entry:
        """Give the entry of a row."""
        order_id, seq, event, before, after, at, recorded_at, actor, role, unit, rule, note, said = row
        read = self.read_instant
        return Entry(
            order_id, seq, event, before, after, read(at), read(recorded_at), actor, role, unit, rule,
            note, from_json(said),
        )  # fmt: skip

    def notice_row(self, notice: KeptNotice) -> tuple[Any, ...]:
        """Give the row of a holiday notice."""
        return (notice.year, notice.text, self.instant(notice.loaded_at))

    def notice_of(self, row: Sequence[Any]) -> KeptNotice:
        """Give the holiday notice of a row."""
        year, text, loaded_at = row
        return KeptNotice(year, text, self.read_instant(loaded_at))

    def answer_row(self, answer: KeptAnswer) -> tuple[Any, ...]:
        """Give the row of an answer."""
        findings = [(one.code, one.rule, one.clause, one.refuses, one.details) for one in answer.findings]
        return (
            answer.key, answer.order_id, answer.body, self.instant(answer.at), answer.seq, answer.raised,
            answer.written, to_json({"findings": findings}), to_json(answer.dropped),
        )  # fmt: skip

    def answer_of(self, row: Sequence[Any]) -> KeptAnswer:
        """Give the answer of a row."""
        key, order_id, body, at, seq, raised, written, findings, dropped = row
        found = tuple(Finding(*one) for one in from_json(findings)["findings"])
        return KeptAnswer(
            key, order_id, body, self.read_instant(at), seq, raised, written, found, from_json(dropped)
        )

    def order_row(self, kept: Kept) -> tuple[Any, ...]:
        """Give the row of an order without its clocks."""
        order = kept.order
        return (order.order_id, order.state, order.seq, kept.policy, to_json(order.facts))

    def clock_row(self, clock: Clock, wake_at: datetime | None) -> tuple[Any, ...]:
        """Give the row of a clock without its key."""
        done_at, raised_at, told_at, instant = clock.done_at, clock.raised_at, clock.told_at, self.instant
        return (
            clock.rule, clock.unit, clock.dispatch, instant(clock.started_at), instant(clock.due_at),
            clock.provisional, None if done_at is None else instant(done_at), clock.void, clock.shut,
            None if raised_at is None else instant(raised_at),
            None if wake_at is None else instant(wake_at),
            None if told_at is None else instant(told_at), ",".join(map(str, clock.escalations)),
        )  # fmt: skip

    def kept(self, of_order: Sequence[Any], of_clocks: Iterable[Sequence[Any]]) -> Kept:
        """Give the order that its row and those of its clocks make."""
        order_id, state, seq, policy, facts = of_order
        read = self.read_instant
        clocks: list[Clock] = []
        wakes: list[datetime | None] = []
        for row in of_clocks:
            rule, unit, dispatch, started, due, provisional, done, void, shut, raised, wake, told, by = row
            clocks.append(
                Clock(
                    rule,
                    unit,
                    dispatch,
                    read(started),
                    read(due),
                    bool(provisional),
                    None if done is None else read(done),
                    bool(void),
                    bool(shut),
                    None if raised is None else read(raised),
                    None if told is None else read(told),
                    tuple(map(int, by.split(","))) if by else (),
                )
            )
            wakes.append(None if wake is None else read(wake))
        return Kept(Order(order_id, state, seq, from_json(facts), tuple(clocks)), policy, tuple(wakes))

    def kept_of(self, joined: Sequence[Sequence[Any]]) -> Kept:
        """Give the order that the joined rows of one order id make; without clocks their cells are empty."""
        first = joined[0]
        clocks = joined if first[_ORDER_CELLS] is not None else ()
        return self.kept(first[:_ORDER_CELLS], [row[_ORDER_CELLS + 1 :] for row in clocks])

    def each_kept(self, joined: Iterable[Sequence[Any]]) -> Iterator[Kept]:
        """Give every order that the joined rows make, which come in order of order id."""
        for _, of_one in groupby(joined, key=itemgetter(0)):
            yield self.kept_of(list(of_one))
