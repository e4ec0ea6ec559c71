"""What a store's `work` writes with, in SQL: the same rows by the same statements on every database."""

from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from paidan.storage.encoding import from_text, to_text
from paidan.storage.errors import ConflictError
from paidan.storage.port import (
    Change,
    Fed,
    Fold,
    Kept,
    KeptAnswer,
    KeptFiling,
    KeptNotice,
    KeptSession,
    KeptToken,
    Memo,
    Sealed,
    Sight,
)
from paidan.storage.rows import Rows, beside
from paidan.storage.sql import Statements
from paidan.storage.writes import Row, Unsent, Writes
from paidan.workflows.cases import MARK
from paidan.workflows.records import Entry

T = TypeVar("T")

REMEMBERED = 2048
"""Orders of which a writer remembers what they are; those written longest ago go first."""


class SqlTransaction:
    """
    The port's `Transaction` on the cursor of a transaction that is open, for one work after another.

    What a work keeps is written before any other statement is run, at the latest before the commit; so
    that of a work which raises before there is usually nothing to undo. `known` are the orders that
    nobody else changes, as they lie in the database. It locks nothing: that is how one database differs
    from another.
    """

    def __init__(
        self, cursor: Any, sql: Statements, rows: Rows, known: MutableMapping[str, Kept] | None = None
    ) -> None:
        self._cursor = cursor
        self._sql = sql
        self._rows = rows
        self._known: MutableMapping[str, Kept] = {} if known is None else known
        self._loaded: tuple[KeptNotice, ...] | None = None
        self._unsent, self._own = Unsent(), Unsent()
        self._failed = False
        self.sent = False
        """Whether something of the last work was written."""

    def run(self, work: Callable[["SqlTransaction"], T]) -> T:
        """Run a work; where it raises, what it kept is forgotten, but for what was `sent`."""
        self.sent = False
        try:
            result = work(self)
        except BaseException:
            self._own = Unsent()
            raise
        self._settle()
        return result

    def write_kept(self) -> None:
        """Write what works kept and is not yet written; where that failed once, nothing can be committed."""
        if self._failed:  # a work passed over it, or took what others kept for its own
            raise ConflictError("store_conflict", why="a statement failed, and everything with it")
        self.sent = self.sent or bool(self._own)
        self._settle()
        unsent, self._unsent = self._unsent, Unsent()
        for order_id, (after, _) in unsent.orders.items():
            self._known.pop(order_id, None)
            self._known[order_id] = after
        if unsent:
            self._failed = True
            self._put(unsent.writes(self._rows))
            self._failed = False

    def forget(self) -> None:
        """Forget what is known and what was kept: others wrote, or all was undone."""
        self._known.clear()
        self._loaded = None
        self._unsent, self._own = Unsent(), Unsent()
        self._failed = False

    def order(self, order_id: str) -> Kept | None:
        """Give an order."""
        for unsent in (self._own, self._unsent):
            if order_id in unsent.orders:
                return unsent.orders[order_id][0]
        found = self._known.get(order_id)
        if found is None and (found := self._read_order(order_id)) is not None:
            self._known[order_id] = found
        return found

    def beside(self, order_id: str) -> tuple[str, ...]:
        """Name the cases about an order."""
        return cases_beside(self._read, self._sql, order_id)

    def risks(self) -> tuple[Entry, ...]:
        """Give every entry that flags an order as a risk."""
        found = self._read(self._sql.risks, ('%"risk":true%', "flag_risk")).fetchall()
        return tuple(map(self._rows.entry_of, found))

    def claim(self, before: datetime, most: int) -> tuple[Kept, ...]:
        """Give orders with clocks that wake before an instant."""
        return self._several(named(self._read(self._sql.due, (to_text(before), most)).fetchall()))

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices."""
        if self._loaded is None:
            self._loaded = tuple(map(self._rows.notice_of, self._read(self._sql.notices).fetchall()))
        return self._loaded

    def filings(self) -> tuple[KeptFiling, ...]:
        """Give the directories that were filed."""
        return tuple(map(self._rows.filing_of, self._read(self._sql.filings).fetchall()))

    def file_directory(self, filing: KeptFiling) -> None:
        """Keep a directory."""
        self.execute(self._sql.file_directory, self._rows.filing_row(filing))

    def token(self, number: str) -> KeptToken | None:
        """Give a token."""
        found = self._read(self._sql.token, (number,)).fetchone()
        return None if found is None else self._rows.token_of(found)

    def keep_token(self, token: KeptToken) -> None:
        """Keep a new token."""
        self.execute(self._sql.keep_token, self._rows.token_row(token))

    def end_token(self, token: KeptToken) -> None:
        """Keep when and by whom a token was ended."""
        *_, ended_at, ended_by = self._rows.token_row(token)
        self.execute(self._sql.end_token, (ended_at, ended_by, token.number))

    def keep_session(self, session: KeptSession) -> None:
        """Keep a new session."""
        self.execute(self._sql.keep_session, self._rows.session_row(session))

    def see_session(self, digest: str, seen_at: datetime) -> None:
        """Keep when somebody last did anything in a session."""
        self.execute(self._sql.see_session, (to_text(seen_at), digest))

    def end_session(self, digest: str) -> None:
        """Take a session out."""
        self.execute(self._sql.end_session, (digest,))

    def end_sessions(self, before: datetime) -> None:
        """Take out the sessions in which nobody has done anything since a time."""
        self.execute(self._sql.end_sessions, (to_text(before),))

    def keep_sights(self, sights: Iterable[Sight]) -> None:
        """Keep who looked at orders."""
        for one in sights:
            self.execute(self._sql.keep_sight, self._rows.sight_row(one))

    def memo(self, number: int) -> Memo | None:
        """Give what was told under a number."""
        found = self._read(self._sql.memo, (number,)).fetchone()
        return None if found is None else self._rows.memo_of(found)

    def put_memo(self, memo: Memo) -> bool:
        """Put a memo into the inbox, unless it is there."""
        return bool(self.execute(self._sql.put_memo, self._rows.memo_row(memo)).rowcount)

    def mark_memo(self, memo: Memo) -> None:
        """Keep what became of a memo."""
        self.execute(self._sql.mark_memo, self._rows.marked_row(memo))

    def entries(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of one order."""
        return tuple(map(self._rows.entry_of, self._read(self._sql.log, (order_id,)).fetchall()))

    def orders(self, order_ids: Collection[str]) -> Mapping[str, tuple[Kept, tuple[Entry, ...]]]:
        """Give those of some orders that have a log, each with it."""
        there = self._several(tuple(order_ids))
        if not there:
            return {}
        logs: dict[str, list[Entry]] = {kept.order.order_id: [] for kept in there}
        for row in self._read(self._sql.logs_of, (self._sql.list_of(logs),)).fetchall():
            logs[row[0]].append(self._rows.entry_of(row))
        return {kept.order.order_id: (kept, tuple(logs[kept.order.order_id])) for kept in there}

    def last_recorded_at(self) -> datetime | None:
        """Give when the last entry was written."""
        (last,) = self._read(self._sql.last_recorded).fetchone()
        return None if last is None else from_text(last)

    def load_notice(self, notice: KeptNotice) -> None:
        """Keep a holiday notice."""
        self.execute(self._sql.load_notice, self._rows.notice_row(notice))
        self._loaded = None

    def answer(self, key: str) -> KeptAnswer | None:
        """Give the answer kept under a key."""
        kept = self._own.answers.get(key) or self._unsent.answers.get(key)
        return kept or self._read_answer(key)

    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer."""
        if answer.key in self._own.answers or answer.key in self._unsent.answers:
            raise ConflictError("store_conflict", why=f"there is an answer under {answer.key}")
        self._own.answers[answer.key] = answer

    def vault(self) -> str:
        """Give by what the vault's master key is known."""
        found = self._read(self._sql.vault).fetchone()
        return "" if found is None else str(found[0])

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        """Make a vault, or wrap every order's key anew."""
        execute = self.execute
        if rewrap is not None:
            for order_id, wrapped in execute(self._sql.order_keys).fetchall():
                if any(wrapped):
                    execute(self._sql.change_order_key, (rewrap(order_id, wrapped), order_id))
        execute(self._sql.forget_vault)
        execute(self._sql.new_vault, (1, known_by))

    def order_key(self, order_id: str) -> bytes | None:
        """Give the wrapped key of an order."""
        found = self._read(self._sql.order_key, (order_id,)).fetchone()
        return found[0] if found is not None and any(found[0]) else None

    def keep_order_key(self, order_id: str, wrapped: bytes) -> None:
        """Keep the key of an order."""
        self.execute(self._sql.keep_order_key, (order_id, wrapped))

    def sealed(self, order_id: str) -> tuple[Sealed, ...]:
        """Give what the vault holds of an order."""
        return tuple(Sealed(*row) for row in self._read(self._sql.sealed, (order_id,)).fetchall())

    def keep_sealed(self, order_id: str, values: Iterable[Sealed]) -> None:
        """Put values into the vault."""
        for value in values:
            self.execute(self._sql.keep_sealed, (order_id, *value))

    def erase(self, order_id: str) -> None:
        """Destroy the key of an order, by zeros in its place, and all that it encrypts."""
        wrapped = self.order_key(order_id)
        if wrapped is not None:
            self.execute(self._sql.change_order_key, (bytes(len(wrapped)), order_id))
            self.execute(self._sql.forget_sealed, (order_id,))

    def fed(self, feed: str, order_ids: Collection[str]) -> Mapping[str, str]:
        """Give what a feed said last of some orders."""
        return dict(self._read(self._sql.fed, (feed, self._sql.list_of(order_ids))).fetchall())

    def keep_fed(self, feed: str, export: str, said: Mapping[str, str]) -> None:
        """Keep that an export holds orders."""
        if said:
            self._keep_fed([(feed, order_id, export, "", one, "") for order_id, one in sorted(said.items())])

    def seen_fed(self, feed: str, export: str, order_ids: Collection[str]) -> None:
        """Keep that an export holds orders, as far as the feed is known to."""
        listed = self._sql.list_of(sorted(order_ids))
        self.execute(self._sql.seen_fed, (export, feed, listed, export))

    def exports(self, feed: str) -> tuple[Fed, ...]:
        """Give the exports that the orders of a feed were last in."""
        return tuple(Fed(*row) for row in self._read(self._sql.exports, (feed,)).fetchall())

    def gone_fed(self, feed: str, export: str, since: Collection[str]) -> tuple[str, ...]:
        """Name the orders of a feed that were last in an export of some."""
        self.execute(self._sql.forget_fed, (feed, export, export))
        listed = self._sql.list_of(sorted(since))
        self.execute(self._sql.go_fed, (export, feed, listed))
        return named(self._read(self._sql.gone_fed, (feed, listed, export)).fetchall())

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        """Append entries to the log of an order and keep what it is after them."""
        self.keep_all([Change(after, tuple(entries), before)])

    def keep_all(self, changes: Iterable[Change]) -> None:
        """Keep changes of several orders."""
        for after, entries, before in changes:
            self._check_stands(after.order.order_id, before)
            lines, head = self._rows.entry_rows(entries, before.head if before else "")
            self._own.keep(
                Kept(after.order, after.policy, after.wakes, head, after.recorded_at), lines, before
            )

    def _check_stands(self, order_id: str, before: Kept | None) -> None:
        """Refuse what was decided on another state of an order than the one that stands."""
        if before is None:  # a new one: that it is, the database says
            new = order_id not in self._own.orders and order_id not in self._unsent.orders
            if new and order_id not in self._known:
                return
        stands = self.order(order_id)
        if before is None or stands is None or stands.order.seq != before.order.seq:
            seq = before.order.seq if before else 0
            raise ConflictError("store_conflict", why=f"{order_id} is not at seq {seq}")

    def _put(self, writes: Writes) -> None:
        known = (*writes.change_order, *writes.advance_order)
        if self._write(writes) != len(known):
            told = ", ".join(f"{order_id} is not at seq {seq}" for *_, order_id, seq in known)
            raise ConflictError("store_conflict", why=told)

    def rebuild(self, fold: Fold) -> bool:
        """Drop what is folded, fold every log anew, and say whether anything differed."""
        execute = self.execute
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
            writes = Writes.of([])
            writes.add(self._rows, anew, None)
            self._put(writes)
        self._known.clear()
        return differs

    def execute(self, statement: str, row: Row = ()) -> Any:
        """Run a statement that writes, after what was kept before it."""
        self.write_kept()
        self.sent = True
        return self._run(statement, row)

    def _read(self, statement: str, row: Row = ()) -> Any:
        self.write_kept()
        return self._run(statement, row)

    def _run(self, statement: str, row: Row) -> Any:
        return self._cursor.execute(statement, row)

    def _keep_fed(self, rows: Sequence[Row]) -> None:
        self.write_kept()
        self.sent = True
        self._cursor.executemany(self._sql.keep_fed, rows)

    def _read_order(self, order_id: str) -> Kept | None:
        found = self._run(self._sql.order, (order_id,)).fetchall()  # nothing unsent is of it
        return self._rows.kept_of(found) if found else None

    def _read_answer(self, key: str) -> KeptAnswer | None:
        found = self._run(self._sql.answer, (key,)).fetchone()  # nothing unsent is of it
        return None if found is None else self._rows.answer_of(found)

    def _write(self, writes: Writes) -> int:
        """Write the rows in their order, and say how many orders were changed."""
        changed = 0
        for name, rows in writes.named():
            self._cursor.executemany(getattr(self._sql, name), rows)
            if rows is writes.change_order or rows is writes.advance_order:
                changed += self._cursor.rowcount
        return changed

    def _settle(self) -> None:
        """Put what the last work kept with what those before it did."""
        if self._unsent:
            self._unsent.add(self._own)
        else:
            self._unsent = self._own
        self._own = Unsent()

    def _several(self, order_ids: Sequence[str]) -> tuple[Kept, ...]:
        """Give those of some orders that are there, in the order named."""
        found = self._read(self._sql.several, (self._sql.list_of(order_ids),)).fetchall()
        kept = {one.order.order_id: one for one in self._rows.each_kept(found)}
        self._known.update(kept)
        return tuple([kept[order_id] for order_id in order_ids if order_id in kept])

    def _unreadable_or_other(self, order_id: str, anew: Kept) -> bool:
        try:
            return self._read_order(order_id) != anew
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
