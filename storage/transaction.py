"""What a store's `work` writes with, in SQL: the same rows by the same statements on every database."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from paidan.storage.errors import ConflictError
from paidan.storage.port import Change, Fold, Kept, KeptAnswer, KeptFiling, KeptNotice, Memo, Sealed
from paidan.storage.rows import Rows, beside
from paidan.storage.sql import Statements
from paidan.workflows.cases import MARK
from paidan.workflows.records import Entry

Row = Sequence[Any]


class Writes(NamedTuple):
    """The rows that some changes write, by statement, in the order in which they must be written."""

    append: list[Row]
    new_order: list[Row]
    change_order: list[Row]
    advance_order: list[Row]
    new_clock: list[Row]
    change_clock: list[Row]
    forget_clocks_from: list[Row]

    def add(self, rows: Rows, after: Kept, lines: Sequence[Row], before: Kept | None) -> None:
        """Add what became of one order: the lines of its log, itself, those of its clocks that changed."""
        self.append.extend(lines)
        order_id = after.order.order_id
        had: Sequence[Any] = ()
        were: Sequence[datetime | None] = ()
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
            elif clock != had[place] or wake_at != were[place]:
                self.change_clock.append((*rows.clock_row(clock, wake_at), order_id, place))
        if len(after.order.clocks) < known:  # a correction can leave an order without one that it had
            self.forget_clocks_from.append((order_id, len(after.order.clocks)))


class SqlTransaction:
    """
    The port's `Transaction` on the cursor of a transaction that is open.

    It locks nothing: that is how one database differs from another.
    """

    def __init__(self, cursor: Any, sql: Statements, rows: Rows) -> None:
        self._cursor = cursor
        self._sql = sql
        self._rows = rows

    def order(self, order_id: str) -> Kept | None:
        """Give an order."""
        found = self._execute(self._sql.order, (order_id,)).fetchall()
        return self._rows.kept_of(found) if found else None

    def beside(self, order_id: str) -> tuple[str, ...]:
        """Name the cases about an order."""
        return cases_beside(self._execute, self._sql, order_id)

    def claim(self, before: datetime, most: int) -> tuple[Kept, ...]:
        """Give orders with clocks that wake before an instant."""
        return self._several(
            named(self._execute(self._sql.due, (self._rows.instant(before), most)).fetchall())
        )

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices."""
        return tuple(map(self._rows.notice_of, self._execute(self._sql.notices).fetchall()))

    def filings(self) -> tuple[KeptFiling, ...]:
        """Give the directories that were filed."""
        return tuple(map(self._rows.filing_of, self._execute(self._sql.filings).fetchall()))

    def file_directory(self, filing: KeptFiling) -> None:
        """Keep a directory."""
        self._execute(self._sql.file_directory, self._rows.filing_row(filing))

    def memo(self, number: int) -> Memo | None:
        """Give what was told under a number."""
        found = self._execute(self._sql.memo, (number,)).fetchone()
        return None if found is None else self._rows.memo_of(found)

    def put_memo(self, memo: Memo) -> bool:
        """Put a memo into the inbox, unless it is there."""
        return bool(self._execute(self._sql.put_memo, self._rows.memo_row(memo)).rowcount)

    def mark_memo(self, memo: Memo) -> None:
        """Keep what became of a memo."""
        self._execute(self._sql.mark_memo, self._rows.marked_row(memo))

    def entries(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of one order."""
        return tuple(map(self._rows.entry_of, self._execute(self._sql.log, (order_id,)).fetchall()))

    def last_recorded_at(self) -> datetime | None:
        """Give when the last entry was written."""
        (last,) = self._execute(self._sql.last_recorded).fetchone()
        return None if last is None else self._rows.read_instant(last)

    def load_notice(self, notice: KeptNotice) -> None:
        """Keep a holiday notice."""
        self._execute(self._sql.load_notice, self._rows.notice_row(notice))

    def answer(self, key: str) -> KeptAnswer | None:
        """Give the answer kept under a key."""
        found = self._execute(self._sql.answer, (key,)).fetchone()
        return None if found is None else self._rows.answer_of(found)

    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer."""
        self._execute(self._sql.keep_answer, self._rows.answer_row(answer))

    def vault(self) -> str:
        """Give by what the vault's master key is known."""
        found = self._execute(self._sql.vault).fetchone()
        return "" if found is None else str(found[0])

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        """Make a vault, or wrap every order's key anew."""
        execute = self._execute
        if rewrap is not None:
            for order_id, wrapped in execute(self._sql.order_keys).fetchall():
                if any(wrapped):
                    execute(self._sql.change_order_key, (rewrap(order_id, wrapped), order_id))
        execute(self._sql.forget_vault)
        execute(self._sql.new_vault, (1, known_by))

    def order_key(self, order_id: str) -> bytes | None:
        """Give the wrapped key of an order."""
        found = self._execute(self._sql.order_key, (order_id,)).fetchone()
        return found[0] if found is not None and any(found[0]) else None

    def keep_order_key(self, order_id: str, wrapped: bytes) -> None:
        """Keep the key of an order."""
        self._execute(self._sql.keep_order_key, (order_id, wrapped))

    def sealed(self, order_id: str) -> tuple[Sealed, ...]:
        """Give what the vault holds of an order."""
        return tuple(Sealed(*row) for row in self._execute(self._sql.sealed, (order_id,)).fetchall())

    def keep_sealed(self, order_id: str, values: Iterable[Sealed]) -> None:
        """Put values into the vault."""
        for value in values:
            self._execute(self._sql.keep_sealed, (order_id, *value))

    def erase(self, order_id: str) -> None:
        """Destroy the key of an order, by zeros in its place, and all that it encrypts."""
        wrapped = self.order_key(order_id)
        if wrapped is not None:
            self._execute(self._sql.change_order_key, (bytes(len(wrapped)), order_id))
            self._execute(self._sql.forget_sealed, (order_id,))

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        """Append entries to the log of an order and keep what it is after them."""
        self.keep_all([Change(after, tuple(entries), before)])

    def keep_all(self, changes: Iterable[Change]) -> None:
        """Keep changes of several orders."""
        writes = Writes([], [], [], [], [], [], [])
        for after, entries, before in changes:
            lines, head = self._rows.entry_rows(entries, before.head if before else "")
            writes.add(self._rows, after._replace(head=head), lines, before)
        self._put(writes)

    def _put(self, writes: Writes) -> None:
        known = (*writes.change_order, *writes.advance_order)
        if self._write(writes) != len(known):
            told = ", ".join(f"{order_id} is not at seq {seq}" for *_, order_id, seq in known)
            raise ConflictError("store_conflict", why=told)

    def rebuild(self, fold: Fold) -> bool:
        """Drop what is folded, fold every log anew, and say whether anything differed."""
        execute = self._execute
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
            writes = Writes([], [], [], [], [], [], [])
            writes.add(self._rows, anew, (), None)
            self._put(writes)
        return differs

    def _execute(self, statement: str, row: Row = ()) -> Any:
        return self._cursor.execute(statement, row)

    def _write(self, writes: Writes) -> int:
        """Write the rows in their order, and say how many orders were changed."""
        changed = 0
        for name, rows in zip(Writes._fields, writes, strict=True):
            if rows:
                self._cursor.executemany(getattr(self._sql, name), rows)
                if rows is writes.change_order or rows is writes.advance_order:
                    changed += self._cursor.rowcount
        return changed

    def _several(self, order_ids: Sequence[str]) -> tuple[Kept, ...]:
        """Give those of some orders that are there, in the order named."""
        found = self._execute(self._sql.several, (self._listed(order_ids),)).fetchall()
        kept = {one.order.order_id: one for one in self._rows.each_kept(found)}
        return tuple([kept[order_id] for order_id in order_ids if order_id in kept])

    def _listed(self, order_ids: Sequence[str]) -> Any:
        """Give ids as the one parameter of a statement that speaks of several orders."""
        return json.dumps(order_ids)

    def _unreadable_or_other(self, order_id: str, anew: Kept) -> bool:
        try:
            return self.order(order_id) != anew
        except (ValueError, TypeError):
            return True


def cases_beside(execute: Callable[..., Any], sql: Statements, order_id: str) -> tuple[str, ...]:
    """Name the cases about an order, or all, as they lie in a database."""
    if order_id:
        found = execute(sql.beside, (order_id + MARK, order_id + MARK + _LAST)).fetchall()
    else:
        found = execute(sql.cases, (f"%{MARK}%",)).fetchall()
    return beside(order_id, named(found))


_LAST = "\U0010ffff"
"""Sorts after every character of an id."""


def named(found: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """Give the order ids of rows, each once, as they came."""
    return tuple(dict.fromkeys(order_id for (order_id,) in found))
