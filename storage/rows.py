"""
How the records of the port become rows, and come back; the same for every store.

Row order is the order of the table's columns, so that a record becomes a row without names. Only in
which words an instant comes back differs from one database to another.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from paidan.storage.chain import FIRST, Broken, canonical, hash_of
from paidan.storage.encoding import from_json, from_text, to_json, to_text
from paidan.storage.errors import StoreError
from paidan.storage.port import (
    Kept,
    KeptAnswer,
    KeptFiling,
    KeptNotice,
    KeptSession,
    KeptToken,
    Link,
    Linked,
    Memo,
    Sight,
)
from paidan.workflows.cases import case_id
from paidan.workflows.records import Clock, Entry, Finding, Order

_SAID = 13
"""Cells of `paidan_entry` that say something; its hash and its position come after them."""
_AT = 5
"""Where in them its two instants stand."""
ORDER_CELLS = 7
"""Cells of `paidan_order` in front of those of a joined clock, of which the first is its position."""


def as_text(cell: str) -> str:
    """For a database without instants: the UTC text we write, which sorts as they do."""
    return cell


def as_instant(cell: str) -> str:
    """For a database that knows instants: it tells them in words of its own."""
    return to_text(from_text(cell))


def beside(order_id: str, found: Iterable[str]) -> tuple[str, ...]:
    """Give of ids those of cases, about that order where one is named."""
    cases = ((one, case_id(one)) for one in found)
    return tuple(one for one, case in cases if case is not None and order_id in ("", case.about))


class Rows:
    """
    Records to rows and back.

    Instants go and come as text; how a database tells one becomes what we write by `as_written`.
    """

    __slots__ = ("_as_written",)

    def __init__(self, as_written: Callable[[str], str]) -> None:
        self._as_written = as_written

    def entry_rows(self, entries: Iterable[Entry], head: str) -> tuple[list[tuple[Any, ...]], str]:
        """Give the rows of entries that follow one whose hash is `head`, and the hash of their last."""
        rows: list[tuple[Any, ...]] = []
        for entry in entries:
            said = said_of(entry)
            head = hash_of(said, head or FIRST)
            rows.append((*said, head))
        return rows, head

    def entry_of(self, row: Sequence[Any]) -> Entry:
        """Give the entry of a row."""
        order_id, seq, event, before, after, at, recorded_at, actor, role, unit, rule, note, said, *_ = row
        return Entry(
            order_id, seq, event, before, after, from_text(at), from_text(recorded_at), actor, role, unit,
            rule, note, from_json(said),
        )  # fmt: skip

    def linked_of(self, row: Sequence[Any]) -> Linked:
        """Give the entry of a row as it lies there."""
        *_, of_entry, position = row
        return Linked(position, self.entry_of(row), of_entry)

    def checked(self, row: Sequence[Any], previous: str) -> Entry | Broken:
        """Give the entry of a row whose hash says so, after one whose hash is `previous`."""
        of_entry, position = row[_SAID : _SAID + 2]
        what = "hash"
        try:
            entry = self.entry_of(row)
            said = said_of(entry)
            # That the row is written as we write it: one that reads the same is altered all the same.
            lies = (*row[:_AT], *map(self._as_written, row[_AT : _AT + 2]), *row[_AT + 2 : _SAID])
            if hash_of(said, previous) == of_entry and said == lies:
                return entry
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, StoreError):
            what = "unreadable"
        return Broken(position, row[0], row[1], what)

    def link_of(self, row: Sequence[Any]) -> Link:
        """Give the link of an entry's row that has the hash of the entry before it at its end."""
        of_entry, position, previous = row[_SAID:]
        seq = row[1]
        if (seq == 1) != (previous is None):
            return Link(position, seq, of_entry, Broken(position, row[0], seq, "gap"))
        found = self.checked(row, previous or FIRST)
        return Link(position, seq, of_entry, found if isinstance(found, Broken) else None)

    def notice_row(self, notice: KeptNotice) -> tuple[Any, ...]:
        """Give the row of a holiday notice."""
        return (notice.year, notice.text, to_text(notice.loaded_at))

    def notice_of(self, row: Sequence[Any]) -> KeptNotice:
        """Give the holiday notice of a row."""
        year, text, loaded_at = row
        return KeptNotice(year, text, from_text(loaded_at))

    def filing_row(self, filing: KeptFiling) -> tuple[Any, ...]:
        """Give the row of a filed directory."""
        on = filing.from_on.isoformat()
        return (on, filing.text, to_text(filing.loaded_at), filing.loaded_by)

    def filing_of(self, row: Sequence[Any]) -> KeptFiling:
        """Give the filed directory of a row."""
        from_on, text, loaded_at, loaded_by = row
        return KeptFiling(date.fromisoformat(from_on), text, from_text(loaded_at), loaded_by)

    def token_row(self, token: KeptToken) -> tuple[Any, ...]:
        """Give the row of a token."""
        ended_at = None if token.ended_at is None else to_text(token.ended_at)
        issued_at, expires_at = to_text(token.issued_at), to_text(token.expires_at)
        return (*token[:5], issued_at, token.issued_by, expires_at, ended_at, token.ended_by)

    def token_of(self, row: Sequence[Any]) -> KeptToken:
        """Give the token of a row."""
        issued_at, issued_by, expires_at, ended_at, ended_by = row[5:]
        ended = None if ended_at is None else from_text(ended_at)
        return KeptToken._make(
            (*row[:5], from_text(issued_at), issued_by, from_text(expires_at), ended, ended_by)
        )

    def session_row(self, session: KeptSession) -> tuple[Any, ...]:
        """Give the row of a session."""
        digest, token, began_at, seen_at, wall = session
        return (digest, token, to_text(began_at), to_text(seen_at), wall)

    def session_of(self, row: Sequence[Any]) -> KeptSession:
        """Give the session of a row."""
        digest, token, began_at, seen_at, wall = row
        return KeptSession(digest, token, from_text(began_at), from_text(seen_at), bool(wall))

    def sight_row(self, sight: Sight) -> tuple[Any, ...]:
        """Give the row of who looked at an order."""
        return (sight.order_id, to_text(sight.at), *sight[2:7])

    def sight_of(self, row: Sequence[Any]) -> Sight:
        """Give who looked at an order by a row."""
        order_id, at, *rest = row
        return Sight(order_id, from_text(at), *rest)

    def memo_row(self, memo: Memo) -> tuple[Any, ...]:
        """Give the row of a memo without its number."""
        due_at, told_at, wake_at, sent_at, acknowledged_at = (
            None if at is None else to_text(at)
            for at in (memo.due_at, memo.told_at, memo.wake_at, memo.sent_at, memo.acknowledged_at)
        )
        return (
            *memo[:7], to_text(memo.at), due_at, told_at, wake_at, to_json(memo.said), memo.climbed_from,
            sent_at, acknowledged_at, memo.acknowledged_by, memo.acknowledged_as, memo.over,
        )  # fmt: skip

    def marked_row(self, memo: Memo) -> tuple[Any, ...]:
        """Give what becomes of a memo after it was told, and then its number."""
        row = self.memo_row(memo)
        return (row[10], *row[13:], memo.number)

    def memo_of(self, row: Sequence[Any]) -> Memo:
        """Give the memo of a row."""
        read = [None if cell is None else from_text(cell) for cell in (*row[7:11], *row[13:15])]
        return Memo._make((*row[:7], *read[:4], from_json(row[11]), row[12], *read[4:], *row[15:]))

    def answer_row(self, answer: KeptAnswer) -> tuple[Any, ...]:
        """Give the row of an answer."""
        findings = [
            (one.code, one.rule, one.clause, one.refuses, one.details, one.labels) for one in answer.findings
        ]
        return (
            answer.key, answer.order_id, answer.body, to_text(answer.at), answer.seq, answer.raised,
            answer.written, to_json({"findings": findings}), to_json(answer.dropped),
        )  # fmt: skip

    def answer_of(self, row: Sequence[Any]) -> KeptAnswer:
        """Give the answer of a row."""
        key, order_id, body, at, seq, raised, written, findings, dropped = row
        found = tuple(_finding(one) for one in from_json(findings)["findings"])
        return KeptAnswer(key, order_id, body, from_text(at), seq, raised, written, found, from_json(dropped))

    def order_row(self, kept: Kept) -> tuple[Any, ...]:
        """Give the row of an order without its clocks."""
        order = kept.order
        state, seq, head, recorded_at = self.advanced_row(kept)
        return (order.order_id, state, seq, kept.policy, to_json(order.facts), head, recorded_at)

    def advanced_row(self, kept: Kept) -> tuple[Any, ...]:
        """Give what an entry changes of an order's row even where it tells nothing new of it."""
        order, recorded_at = kept.order, kept.recorded_at
        return (order.state, order.seq, kept.head, None if recorded_at is None else to_text(recorded_at))

    def clock_row(self, clock: Clock, wake_at: datetime | None) -> tuple[Any, ...]:
        """Give the row of a clock without its key."""
        done_at, raised_at, told_at, learned_at = (
            clock.done_at, clock.raised_at, clock.told_at, clock.learned_at,
        )  # fmt: skip
        return (
            clock.rule, clock.unit, clock.dispatch, to_text(clock.started_at), to_text(clock.due_at),
            clock.provisional, None if done_at is None else to_text(done_at), clock.void, clock.shut,
            None if raised_at is None else to_text(raised_at),
            None if wake_at is None else to_text(wake_at),
            None if told_at is None else to_text(told_at), ",".join(map(str, clock.escalations)),
            clock.raised_by, None if learned_at is None else to_text(learned_at),
        )  # fmt: skip

    def kept(self, of_order: Sequence[Any], of_clocks: Iterable[Sequence[Any]]) -> Kept:
        """Give the order that its row and those of its clocks make."""
        order_id, state, seq, policy, facts, head, recorded_at = of_order
        clocks: list[Clock] = []
        wakes: list[datetime | None] = []
        for row in of_clocks:
            rule, unit, dispatch, started, due, provisional, done, void, shut, raised, *more = row
            wake, told, by, raised_by, learned = more
            clocks.append(
                Clock(
                    rule,
                    unit,
                    dispatch,
                    from_text(started),
                    from_text(due),
                    bool(provisional),
                    None if done is None else from_text(done),
                    bool(void),
                    bool(shut),
                    None if raised is None else from_text(raised),
                    None if told is None else from_text(told),
                    tuple(map(int, by.split(","))) if by else (),
                    raised_by,
                    None if learned is None else from_text(learned),
                )
            )
            wakes.append(None if wake is None else from_text(wake))
        order = Order(order_id, state, seq, from_json(facts), tuple(clocks))
        last = None if recorded_at is None else from_text(recorded_at)
        return Kept(order, policy, tuple(wakes), head, last)

    def kept_of(self, joined: Sequence[Sequence[Any]]) -> Kept:
        """Give the order that the joined rows of one order id make; without clocks their cells are empty."""
        first = joined[0]
        clocks = joined if first[ORDER_CELLS] is not None else ()
        return self.kept(first[:ORDER_CELLS], [row[ORDER_CELLS + 1 :] for row in clocks])

    def each_kept(self, joined: Iterable[Sequence[Any]]) -> Iterator[Kept]:
        """Give every order that the joined rows make, which come in order of order id."""
        for _, of_one in groupby(joined, key=itemgetter(0)):
            yield self.kept_of(list(of_one))


def _finding(cells: Sequence[Any]) -> Finding:
    code, rule, clause, refuses, details, *labels = cells  # an older store keeps no labels
    return Finding(code, rule, clause, refuses, details, *map(tuple, labels))


def said_of(entry: Entry) -> tuple[Any, ...]:
    """Give what an entry says as it is hashed: its instants are text."""
    return (
        entry.order_id, entry.seq, entry.event, entry.from_state, entry.to_state, to_text(entry.at),
        to_text(entry.recorded_at), entry.actor, entry.role, entry.unit, entry.rule, entry.note,
        canonical(entry.attributes),
    )  # fmt: skip
