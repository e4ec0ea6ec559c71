"""What a store's `work` writes with, in SQL: the same rows by the same statements on every database."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine.interfaces import DBAPICursor

from paidan.storage.errors import ConflictError
from paidan.storage.port import Fold, Kept, KeptAnswer, KeptNotice, Sealed
from paidan.storage.rows import Rows
from paidan.storage.sql import Statements
from paidan.workflows.records import Entry

Step = tuple[str, Sequence[Any]]
"""A statement with its parameters."""


class SqlTransaction:
    """
    The port's `Transaction` on the cursor of a transaction that is open.

    It locks nothing: that is how one database differs from another.
    """

    def __init__(self, cursor: DBAPICursor, sql: Statements, rows: Rows) -> None:
        self._cursor = cursor
        self._sql = sql
        self._rows = rows

    def order(self, order_id: str) -> Kept | None:
        """Give an order."""
        found = self._cursor.execute(self._sql.order, (order_id,)).fetchall()
        return self._rows.kept_of(found) if found else None

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """Name orders with clocks that wake before an instant."""
        return named(self._cursor.execute(self._sql.due, (self._rows.instant(before), most)).fetchall())

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices."""
        return tuple(map(self._rows.notice_of, self._cursor.execute(self._sql.notices).fetchall()))

    def entries(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of one order."""
        return tuple(map(self._rows.entry_of, self._cursor.execute(self._sql.log, (order_id,)).fetchall()))

    def last_recorded_at(self) -> datetime | None:
        """Give when the last entry was written."""
        (last,) = self._cursor.execute(self._sql.last_recorded).fetchone()
        return None if last is None else self._rows.read_instant(last)

    def load_notice(self, notice: KeptNotice) -> None:
        """Keep a holiday notice."""
        self._cursor.execute(self._sql.load_notice, self._rows.notice_row(notice))

    def answer(self, key: str) -> KeptAnswer | None:
        """Give the answer kept under a key."""
        found = self._cursor.execute(self._sql.answer, (key,)).fetchone()
        return None if found is None else self._rows.answer_of(found)

    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer."""
        self._cursor.execute(self._sql.keep_answer, self._rows.answer_row(answer))

    def vault(self) -> str:
        """Give by what the vault's master key is known."""
        found = self._cursor.execute(self._sql.vault).fetchone()
        return "" if found is None else str(found[0])

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        """Make a vault, or wrap every order's key anew."""
        execute = self._cursor.execute
        if rewrap is not None:
            for order_id, wrapped in execute(self._sql.order_keys).fetchall():
                if any(wrapped):
                    execute(self._sql.change_order_key, (rewrap(order_id, wrapped), order_id))
        execute(self._sql.forget_vault)
        execute(self._sql.new_vault, (1, known_by))

    def order_key(self, order_id: str) -> bytes | None:
        """Give the wrapped key of an order."""
        found = self._cursor.execute(self._sql.order_key, (order_id,)).fetchone()
        return found[0] if found is not None and any(found[0]) else None

    def keep_order_key(self, order_id: str, wrapped: bytes) -> None:
        """Keep the key of an order."""
        self._cursor.execute(self._sql.keep_order_key, (order_id, wrapped))

    def sealed(self, order_id: str) -> tuple[Sealed, ...]:
        """Give what the vault holds of an order."""
        return tuple(Sealed(*row) for row in self._cursor.execute(self._sql.sealed, (order_id,)).fetchall())

    def keep_sealed(self, order_id: str, values: Iterable[Sealed]) -> None:
        """Put values into the vault."""
        for value in values:
            self._cursor.execute(self._sql.keep_sealed, (order_id, *value))

    def erase(self, order_id: str) -> None:
        """Destroy the key of an order, by zeros in its place, and all that it encrypts."""
        wrapped = self.order_key(order_id)
        if wrapped is not None:
            self._cursor.execute(self._sql.change_order_key, (bytes(len(wrapped)), order_id))
            self._cursor.execute(self._sql.forget_sealed, (order_id,))

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        """Append entries to the log of an order and keep what it is after them."""
        lines, head = self._rows.entry_rows(entries, before.head if before else "")
        self._put(after._replace(head=head), lines, before)

    def _put(self, after: Kept, lines: Sequence[Sequence[Any]], before: Kept | None) -> None:
        sql, rows = self._sql, self._rows
        steps: list[Step] = [(sql.append, line) for line in lines]
        order_id, *changed = rows.order_row(after)
        had: Sequence[Any] = ()
        were: Sequence[datetime | None] = ()
        if before is None:
            steps.append((sql.new_order, (order_id, *changed)))
        else:
            steps.append((sql.change_order, (*changed, order_id, before.order.seq)))
            had, were = before.order.clocks, before.wakes
        ordered = len(steps) - 1
        known = len(had)
        for place, (clock, wake_at) in enumerate(zip(after.order.clocks, after.wakes, strict=True)):
            if place >= known:
                steps.append((sql.new_clock, (order_id, place, *rows.clock_row(clock, wake_at))))
            elif clock != had[place] or wake_at != were[place]:
                steps.append((sql.change_clock, (*rows.clock_row(clock, wake_at), order_id, place)))
        if len(after.order.clocks) < known:  # a correction can leave an order without one that it had
            steps.append((sql.forget_clocks_from, (order_id, len(after.order.clocks))))
        if self._run(steps, ordered) != 1:
            raise ConflictError(
                "store_conflict", why=f"order is not at seq {before.order.seq if before else 0}"
            )

    def rebuild(self, fold: Fold) -> bool:
        """Drop what is folded, fold every log anew, and say whether anything differed."""
        execute = self._cursor.execute
        stray = (self._sql.forget_stray_clocks, self._sql.forget_stray_orders)
        gone = [execute(statement).rowcount for statement in stray]
        differs = any(gone)
        for (order_id,) in execute(self._sql.logged).fetchall():
            log = execute(self._sql.log, (order_id,)).fetchall()
            entries = tuple(map(self._rows.entry_of, log))
            anew = fold(order_id, entries)._replace(head=self._rows.linked_of(log[-1]).hash)
            differs |= self._unreadable_or_other(order_id, anew)
            execute(self._sql.forget_clocks, (order_id,))
            execute(self._sql.forget, (order_id,))
            self._put(anew, (), None)
        return differs

    def _run(self, steps: Sequence[Step], counted: int) -> int:
        """Run statements one after the other, and say how many rows the one at `counted` touched."""
        execute = self._cursor.execute
        touched = 0
        for place, (statement, row) in enumerate(steps):
            found = execute(statement, row)
            if place == counted:
                touched = found.rowcount
                if touched != 1:
                    break
        return touched

    def _unreadable_or_other(self, order_id: str, anew: Kept) -> bool:
        try:
            return self.order(order_id) != anew
        except (ValueError, TypeError):
            return True


def named(found: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """Give the order ids of rows, each once, as they came."""
    return tuple(dict.fromkeys(order_id for (order_id,) in found))
