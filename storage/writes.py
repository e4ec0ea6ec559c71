"""What is to be written: kept in memory until a whole transaction's goes to the database at once."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from paidan.storage.port import Kept, KeptAnswer
from paidan.storage.rows import Rows

Row = Sequence[Any]


class Writes(NamedTuple):
    """Rows by statement, in the order in which they must be written."""

    append: list[Row]
    new_order: list[Row]
    change_order: list[Row]
    advance_order: list[Row]
    new_clock: list[Row]
    change_clock: list[Row]
    forget_clocks_from: list[Row]
    keep_answer: list[Row]

    @classmethod
    def of(cls, lines: list[Row]) -> "Writes":
        """Begin with lines of the log."""
        return cls(lines, [], [], [], [], [], [], [])

    def add(self, rows: Rows, after: Kept, before: Kept | None) -> None:
        """Add what became of one order: itself, those of its clocks that changed."""
        order_id = after.order.order_id
        had: Sequence[Any] = ()
        were: Sequence[Any] = ()
        if before is None:
            self.new_order.append(rows.order_row(after))
        else:
            had, were = before.order.clocks, before.wakes
            if after.order.facts is before.order.facts and after.policy == before.policy:
                self.advance_order.append((*rows.advanced_row(after), order_id, before.order.seq))
            else:
                self.change_order.append((*rows.order_row(after)[1:], order_id, before.order.seq))
        known = len(had)
        for place, (clock, wake_at) in enumerate(zip(after.order.clocks, after.wakes, strict=True)):
            if place >= known:
                self.new_clock.append((order_id, place, *rows.clock_row(clock, wake_at)))
            elif (clock is not had[place] and clock != had[place]) or wake_at != were[place]:
                self.change_clock.append((*rows.clock_row(clock, wake_at), order_id, place))
        if len(after.order.clocks) < known:  # a correction can leave an order without one that it had
            self.forget_clocks_from.append((order_id, len(after.order.clocks)))

    def named(self) -> Iterator[tuple[str, list[Row]]]:
        """Give the statements that write something, with their rows."""
        return ((name, rows) for name, rows in zip(self._fields, self, strict=True) if rows)


class Unsent:
    """
    What was kept and is not yet written.

    `orders` says of each order what it is now and what the database has, None where it has none.
    """

    __slots__ = ("answers", "lines", "orders")

    def __init__(self) -> None:
        self.lines: list[Row] = []
        self.orders: dict[str, tuple[Kept, Kept | None]] = {}
        self.answers: dict[str, KeptAnswer] = {}

    def __bool__(self) -> bool:
        return bool(self.lines or self.orders or self.answers)

    def keep(self, after: Kept, lines: Sequence[Row], before: Kept | None) -> None:
        """Keep what became of an order, and the lines of its log that say so."""
        order_id = after.order.order_id
        self.lines += lines
        if order_id in self.orders:
            before = self.orders[order_id][1]
        self.orders[order_id] = (after, before)

    def add(self, later: "Unsent") -> None:
        """Add what was kept after this."""
        self.lines += later.lines
        for after, before in later.orders.values():
            self.keep(after, (), before)
        self.answers.update(later.answers)

    def writes(self, rows: Rows) -> Writes:
        """Give the rows that write it."""
        writes = Writes.of(self.lines)
        for after, before in self.orders.values():
            writes.add(rows, after, before)
        writes.keep_answer.extend(map(rows.answer_row, self.answers.values()))
        return writes
