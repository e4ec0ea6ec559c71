"""The store in the memory of this process: for tests, trials and simulations; it ends with the process."""

import re
import secrets
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from operator import attrgetter
from threading import Lock, RLock
from typing import Any, TypeVar

from paidan.storage.encoding import from_text, to_text
from paidan.storage.errors import (
    ConflictError,
    StoreAddressError,
    StoreMissingError,
    StoreUnavailableError,
)
from paidan.storage.examine import examine
from paidan.storage.port import (
    MARKED,
    NUMBER_MOST,
    About,
    Change,
    Cursor,
    Examined,
    Fed,
    Fold,
    Kept,
    KeptAnswer,
    KeptFiling,
    KeptNotice,
    KeptSession,
    KeptToken,
    Link,
    Linked,
    Memo,
    Sealed,
    Sight,
    SightPlace,
    Transaction,
)
from paidan.storage.rows import Rows, as_text
from paidan.workflows.cases import case_id
from paidan.workflows.records import Entry

T = TypeVar("T")
K = TypeVar("K")
Row = tuple[Any, ...]

_ADDRESS = re.compile(r"memory://(?P<name>[\w.-]*)")
_WAKE = 10
"""Where a clock's row says when it wakes a sweep, if ever."""
_SEQ, _RECORDED = 2, 6
"""Where an order's row has its `seq`, an entry's when it was recorded."""
_HASH, _POSITION = 13, 14
_SAID, _GONE = 2, 3
"""Where a feed's row has what it said of the order, and which export lacked it first."""
_ROWS = Rows(as_text)


class _Kept:
    """
    What one store holds, in rows as a database would; whoever touches it holds `lock`.

    `waking` lists the clocks that wake a sweep, in order of when, `written` the log in order of position,
    which is a place in it counted from 1. A change puts what undoes it on `undo`.
    """

    def __init__(self, policy: str, settings: Mapping[str, str], calendar: str) -> None:
        self.policy, self.settings, self.calendar = policy, dict(settings), calendar
        self.store_id = secrets.token_hex(16)
        self.lock = RLock()
        self.logs: dict[str, list[Row]] = {}
        self.written: list[Row] = []
        self.orders: dict[str, tuple[Row, tuple[Row, ...]]] = {}
        self.cases: defaultdict[str, set[str]] = defaultdict(set)
        self.waking: list[tuple[str, str, int]] = []
        self.notices: list[Row] = []
        self.filings: list[Row] = []
        self.memos: list[Memo] = []
        self.tokens: dict[str, KeptToken] = {}
        self.sights: list[Sight] = []
        self.sessions: dict[str, KeptSession] = {}
        self.told: set[Row] = set()
        self.answers: dict[str, Row] = {}
        self.cursors: dict[str, int] = {}
        self.held: defaultdict[str, Lock] = defaultdict(Lock)
        self.vault = ""
        self.order_keys: dict[str, bytes] = {}
        self.sealed: dict[str, tuple[Sealed, ...]] = {}
        self.feeds: dict[tuple[str, str], Row] = {}
        self.undo: list[Callable[[], object]] = []

    def put(self, order_id: str, row: tuple[Row, tuple[Row, ...]] | None) -> None:
        """Keep what an order is, or nothing any more, and the clocks that wake with it."""
        before = self.orders.get(order_id)
        self.undo.append(lambda: self._put(order_id, before))
        self._put(order_id, row)

    def _put(self, order_id: str, row: tuple[Row, tuple[Row, ...]] | None) -> None:
        was = _waking_of(order_id, self.orders.pop(order_id, None))
        now = _waking_of(order_id, row)
        for one in was - now:
            place = bisect_left(self.waking, one)
            if place < len(self.waking) and self.waking[place] == one:
                del self.waking[place]
        for one in now - was:
            insort(self.waking, one)
        if row is not None:
            self.orders[order_id] = row
            if case := case_id(order_id):
                self.cases[case.about].add(order_id)

    def change(self, held: dict[K, T], name: K, value: T | None) -> None:
        """Put a value under a name, or take it out."""
        before = held.get(name)
        self.undo.append(lambda: _set(held, name, before))
        _set(held, name, value)

    def append(self, row: Row) -> None:
        """Append to a log; raises `ConflictError` for a gap or a double."""
        order_id, seq = row[:2]
        log = self.logs.get(order_id)
        if seq != 1 + len(log or ()):
            raise ConflictError("store_conflict", why="the log is gapless: seq is not the next one")
        row = (*row, len(self.written) + 1)
        if log is None:
            self.undo.append(lambda: self.logs.pop(order_id))
            self.logs[order_id] = [row]
        else:
            self.undo.append(log.pop)
            log.append(row)
        self.undo.append(self.written.pop)
        self.written.append(row)

    def order(self, order_id: str) -> Kept | None:
        """Give an order."""
        found = self.orders.get(order_id)
        return None if found is None else _ROWS.kept(*found)

    def beside(self, order_id: str) -> tuple[str, ...]:
        """Name the cases about an order."""
        found = self.cases.get(order_id, ()) if order_id else chain.from_iterable(self.cases.values())
        return tuple(sorted(one for one in found if one in self.orders))

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """Name orders with clocks that wake before an instant."""
        overdue = bisect_left(self.waking, (to_text(before), "", 0))
        return tuple(dict.fromkeys(one[1] for one in islice(self.waking, min(most, overdue))))

    def memo(self, number: int) -> Memo | None:
        """Give what was told under a number."""
        return self.memos[number - 1] if 0 < number <= len(self.memos) else None

    def read_notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices."""
        return tuple(map(_ROWS.notice_of, self.notices))

    def read_filings(self) -> tuple[KeptFiling, ...]:
        """Give the directories that were filed."""
        return tuple(map(_ROWS.filing_of, self.filings))


class MemoryStore:
    """The port `paidan.storage.port.Store` in memory: one writer at a time, nothing survives the process."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept
        self._closed = False
        self.policy, self.calendar, self.store_id = kept.policy, kept.calendar, kept.store_id
        self.settings: Mapping[str, str] = dict(kept.settings)

    def write(self, work: Callable[[Transaction], T], about: About | None = None) -> T:  # noqa: ARG002 - all works run alone
        """Run `work` alone; what is raised inside undoes what it changed."""
        kept = self._open()
        with kept.lock:
            kept.undo.clear()
            try:
                return work(_MemoryTransaction(kept))
            except BaseException:
                while kept.undo:
                    kept.undo.pop()()
                raise

    def drain(self, work: Callable[[Transaction], T]) -> Iterator[T]:
        """Run `work` until it finds nothing."""
        while found := self.write(work):
            yield found

    def order(self, order_id: str) -> Kept | None:
        """Give an order as last written."""
        kept = self._open()
        with kept.lock:
            return kept.order(order_id)

    def beside(self, order_id: str) -> tuple[str, ...]:
        """Name the cases about an order as last written."""
        kept = self._open()
        with kept.lock:
            return kept.beside(order_id)

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """Name orders with clocks that wake before an instant."""
        kept = self._open()
        with kept.lock:
            return kept.due(before, most)

    def orders(self, order_ids: Collection[str] | None = None) -> Iterator[Kept]:
        """Give every order, or those of some, as of one moment."""
        kept = self._open()
        with kept.lock:
            wanted = kept.orders if order_ids is None else kept.orders.keys() & set(order_ids)
            found = [(one, kept.orders[one]) for one in sorted(wanted)]
        for _, one in found:
            yield _ROWS.kept(*one)

    def entries(self, order_id: str | None = None) -> Iterator[Entry]:
        """Give the log as of one moment."""
        yield from map(_ROWS.entry_of, self._log(order_id))

    def linked(self, order_id: str | None = None) -> Iterator[Linked]:
        """Give the log as it lies there, as of one moment."""
        yield from map(_ROWS.linked_of, self._log(order_id))

    def examined(self) -> Iterator[Examined]:
        """Give every order held against its chain, as of one moment."""
        kept = self._open()
        with kept.lock:
            logged, folded = self._log(None), sorted(kept.orders.items())
        joined = chain.from_iterable(_joined(*one) for _, one in folded)
        yield from examine(_ROWS, logged, joined)

    def links(self, until: int, after: int | None = None, *, checked: bool = False) -> Iterator[Link]:
        """Give the chain in order of position."""
        kept = self._open()
        with kept.lock:
            found = kept.written[after or 0 : until]
        for row in found:
            if checked:
                seq = row[1]
                before = kept.logs[row[0]][seq - 2][_HASH] if seq > 1 else None
                yield _ROWS.link_of((*row, before))
            else:
                yield Link(row[_POSITION], row[1], row[_HASH])

    def settled(self) -> int:
        """Give the position of the last entry."""
        return len(self._open().written)

    def written(self, after: int, most: int) -> tuple[Linked, ...]:
        """Give the entries that follow a position."""
        kept = self._open()
        with kept.lock:
            return tuple(map(_ROWS.linked_of, kept.written[after : after + most]))

    def position_of(self, name: str) -> int | None:
        """Give where a cursor stands."""
        return self._open().cursors.get(name)

    @contextmanager
    def cursor(self, name: str, start: int = 0) -> Iterator[Cursor | None]:
        """Lend a cursor to one holder at a time."""
        kept = self._open()
        with kept.lock:
            held = kept.held[name]
        if not held.acquire(blocking=False):
            yield None
            return
        cursor = Cursor(kept.cursors.setdefault(name, start))
        try:
            yield cursor
        finally:
            kept.cursors[name] = cursor.position
            held.release()

    def notices(self) -> tuple[KeptNotice, ...]:
        """Give the holiday notices as last written."""
        kept = self._open()
        with kept.lock:
            return kept.read_notices()

    def filings(self) -> tuple[KeptFiling, ...]:
        """Give the directories that were filed as last written."""
        kept = self._open()
        with kept.lock:
            return kept.read_filings()

    def token(self, number: str) -> KeptToken | None:
        """Give a token."""
        kept = self._open()
        with kept.lock:
            return kept.tokens.get(number)

    def session(self, digest: str) -> KeptSession | None:
        """Give a session."""
        kept = self._open()
        with kept.lock:
            return kept.sessions.get(digest)

    def tokens(self) -> tuple[KeptToken, ...]:
        """Give every token."""
        kept = self._open()
        with kept.lock:
            return tuple(kept.tokens.values())

    def sights(
        self, order_id: str, name: str, since: datetime, before: SightPlace, most: int
    ) -> tuple[Sight, ...]:
        """Give who looked at an order, or at what somebody looked."""
        kept = self._open()
        with kept.lock:
            found = (
                one
                for one in sorted(kept.sights, key=attrgetter("place"), reverse=True)
                if order_id in ("", one.order_id) and name in ("", one.name)
                if one.at >= since and one.place < before
            )
            return tuple(islice(found, most))

    def orders_after(self, order_id: str, most: int) -> tuple[Kept, ...]:
        """Give the orders that follow an id."""
        kept = self._open()
        with kept.lock:
            ids = sorted(one for one in kept.orders if one > order_id)[:most]
            return tuple(_ROWS.kept(*kept.orders[one]) for one in ids)

    def memo(self, number: int) -> Memo | None:
        """Give what was told under a number."""
        kept = self._open()
        with kept.lock:
            return kept.memo(number)

    def inbox(
        self, *, standing: bool, role: str = "", unit: str = "", before: int = NUMBER_MOST,
        most: int = NUMBER_MOST,
    ) -> Iterator[Memo]:  # fmt: skip
        """Give memos, or those that stand, the newest first."""
        found = (
            one
            for one in reversed(self._memos())
            if one.number < before and role in ("", one.role) and unit in ("", one.unit)
            if one.stands or not standing
        )
        yield from islice(found, most)

    def memos_of(self, order_id: str) -> tuple[Memo, ...]:
        """Give every memo about an order."""
        return tuple(one for one in self._memos() if one.order_id == order_id)

    def waking_memos(self, until: datetime, most: int) -> tuple[Memo, ...]:
        """Give memos that wake at or before an instant."""
        waking = [(one.wake_at, one.number, one) for one in self._memos() if one.wake_at is not None]
        return tuple(one for wake_at, _, one in sorted(waking)[:most] if wake_at <= until)

    def _memos(self) -> list[Memo]:
        kept = self._open()
        with kept.lock:
            return list(kept.memos)

    def vault(self) -> str:
        """Give by what the vault's master key is known."""
        kept = self._open()
        with kept.lock:
            return kept.vault

    def scrub(self) -> bool:
        """Leave nothing behind: there are no files."""
        return True

    def close(self) -> None:
        """Let go; what a name stands for stays until the process ends."""
        self._closed = True

    def _log(self, order_id: str | None) -> list[Row]:
        kept = self._open()
        with kept.lock:
            wanted = sorted(kept.logs) if order_id is None else [order_id]
            return [row for one in wanted for row in kept.logs.get(one, ())]

    def _open(self) -> _Kept:
        if self._closed:
            raise StoreUnavailableError("db_away", why="closed")
        return self._kept


class _MemoryTransaction:
    """What `work` writes with, while the store's lock is held."""

    def __init__(self, kept: _Kept) -> None:
        self._kept = kept

    def order(self, order_id: str) -> Kept | None:
        return self._kept.order(order_id)

    def beside(self, order_id: str) -> tuple[str, ...]:
        """Name the cases about an order."""
        return self._kept.beside(order_id)

    def risks(self) -> tuple[Entry, ...]:
        """Give every entry that flags an order as a risk."""
        found = (_ROWS.entry_of(row) for _, log in sorted(self._kept.logs.items()) for row in log)
        return tuple(one for one in found if one.event == "flag_risk")

    def claim(self, before: datetime, most: int) -> tuple[Kept, ...]:
        found = [self._kept.order(order_id) for order_id in self._kept.due(before, most)]
        return tuple([kept for kept in found if kept is not None])

    def notices(self) -> tuple[KeptNotice, ...]:
        return self._kept.read_notices()

    def filings(self) -> tuple[KeptFiling, ...]:
        return self._kept.read_filings()

    def file_directory(self, filing: KeptFiling) -> None:
        row = _ROWS.filing_row(filing)
        self._kept.undo.append(self._kept.filings.pop)
        self._kept.filings.append(row)

    def token(self, number: str) -> KeptToken | None:
        return self._kept.tokens.get(number)

    def keep_token(self, token: KeptToken) -> None:
        if token.number in self._kept.tokens:
            raise ConflictError("store_conflict", why=f"there is a token {token.number}")
        self._kept.change(self._kept.tokens, token.number, _ROWS.token_of(_ROWS.token_row(token)))

    def end_token(self, token: KeptToken) -> None:
        kept = self._kept.tokens[token.number]
        ended = kept._replace(ended_at=token.ended_at, ended_by=token.ended_by)
        self._kept.change(self._kept.tokens, token.number, _ROWS.token_of(_ROWS.token_row(ended)))

    def keep_session(self, session: KeptSession) -> None:
        kept = _ROWS.session_of(_ROWS.session_row(session))
        self._kept.change(self._kept.sessions, session.digest, kept)

    def see_session(self, digest: str, seen_at: datetime) -> None:
        session = self._kept.sessions.get(digest)
        if session is not None:
            self.keep_session(session._replace(seen_at=seen_at))

    def end_session(self, digest: str) -> None:
        if digest in self._kept.sessions:
            self._kept.change(self._kept.sessions, digest, None)

    def end_sessions(self, before: datetime) -> None:
        for one in [one for one in self._kept.sessions.values() if one.seen_at < before]:
            self.end_session(one.digest)

    def keep_sights(self, sights: Iterable[Sight]) -> None:
        for one in sights:
            self._kept.undo.append(self._kept.sights.pop)
            position = len(self._kept.sights) + 1
            self._kept.sights.append(_ROWS.sight_of((*_ROWS.sight_row(one), position)))

    def memo(self, number: int) -> Memo | None:
        return self._kept.memo(number)

    def put_memo(self, memo: Memo) -> bool:
        kept, once = self._kept, (memo.order_id, memo.seq, memo.rule, memo.period, memo.role, memo.unit)
        if once in kept.told:
            return False
        told = _ROWS.memo_of((*_ROWS.memo_row(memo), len(kept.memos) + 1))
        kept.undo += [lambda: kept.told.discard(once), kept.memos.pop]
        kept.told.add(once)
        kept.memos.append(told)
        return True

    def mark_memo(self, memo: Memo) -> None:
        kept, place = self._kept, memo.number - 1
        before = kept.memos[place]
        kept.undo.append(lambda: kept.memos.__setitem__(place, before))
        kept.memos[place] = before._replace(**{name: getattr(memo, name) for name in MARKED})

    def entries(self, order_id: str) -> tuple[Entry, ...]:
        return tuple(map(_ROWS.entry_of, self._kept.logs.get(order_id, ())))

    def orders(self, order_ids: Collection[str]) -> Mapping[str, tuple[Kept, tuple[Entry, ...]]]:
        found = ((order_id, self._kept.order(order_id)) for order_id in order_ids)
        return {order_id: (kept, self.entries(order_id)) for order_id, kept in found if kept is not None}

    def last_recorded_at(self) -> datetime | None:
        last = max((row[_RECORDED] for log in self._kept.logs.values() for row in log), default=None)
        return None if last is None else from_text(last)

    def load_notice(self, notice: KeptNotice) -> None:
        row = _ROWS.notice_row(notice)
        self._kept.undo.append(self._kept.notices.pop)
        self._kept.notices.append(row)

    def answer(self, key: str) -> KeptAnswer | None:
        found = self._kept.answers.get(key)
        return None if found is None else _ROWS.answer_of(found)

    def keep_answer(self, answer: KeptAnswer) -> None:
        if answer.key in self._kept.answers:
            raise ConflictError("store_conflict", why=f"there is an answer under {answer.key}")
        row = _ROWS.answer_row(answer)
        self._kept.undo.append(lambda: self._kept.answers.pop(answer.key, None))
        self._kept.answers[answer.key] = row

    def vault(self) -> str:
        return self._kept.vault

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        kept, before = self._kept, self._kept.vault
        if rewrap is not None:
            for order_id, wrapped in tuple(kept.order_keys.items()):
                kept.change(kept.order_keys, order_id, rewrap(order_id, wrapped))
        kept.undo.append(lambda: setattr(kept, "vault", before))
        kept.vault = known_by

    def order_key(self, order_id: str) -> bytes | None:
        return self._kept.order_keys.get(order_id)

    def keep_order_key(self, order_id: str, wrapped: bytes) -> None:
        if order_id in self._kept.order_keys:
            raise ConflictError("store_conflict", why=f"{order_id} has a key")
        self._kept.change(self._kept.order_keys, order_id, wrapped)

    def sealed(self, order_id: str) -> tuple[Sealed, ...]:
        return self._kept.sealed.get(order_id, ())

    def keep_sealed(self, order_id: str, values: Iterable[Sealed]) -> None:
        held = self.sealed(order_id)
        added = tuple(values)
        if {one[:2] for one in held} & {one[:2] for one in added}:
            raise ConflictError("store_conflict", why=f"the vault holds that of {order_id}")
        self._kept.change(self._kept.sealed, order_id, tuple(sorted((*held, *added))))

    def erase(self, order_id: str) -> None:
        self._kept.change(self._kept.order_keys, order_id, None)
        self._kept.change(self._kept.sealed, order_id, None)

    def fed(self, feed: str, order_ids: Collection[str]) -> Mapping[str, str]:
        found = ((one, self._kept.feeds.get((feed, one))) for one in order_ids)
        return {one: row[_SAID] for one, row in found if row is not None}

    def keep_fed(self, feed: str, export: str, said: Mapping[str, str]) -> None:
        for order_id, one in said.items():
            self._seen(feed, export, order_id, one)

    def seen_fed(self, feed: str, export: str, order_ids: Collection[str]) -> None:
        for order_id, said in self.fed(feed, order_ids).items():
            self._seen(feed, export, order_id, said)

    def _seen(self, feed: str, export: str, order_id: str, said: str) -> None:
        last, before, _, gone = self._kept.feeds.get((feed, order_id), ("", "", "", ""))
        if last != export or gone:
            before = "" if gone else last
        self._kept.change(self._kept.feeds, (feed, order_id), (export, before, said, ""))

    def exports(self, feed: str) -> tuple[Fed, ...]:
        found = Counter(
            (row[0], row[1], row[_GONE]) for (of, _), row in self._kept.feeds.items() if of == feed
        )
        return tuple(Fed(*course, count) for course, count in sorted(found.items()))

    def gone_fed(self, feed: str, export: str, since: Collection[str]) -> tuple[str, ...]:
        told: list[str] = []
        for (of, order_id), row in sorted(self._kept.feeds.items()):
            if of != feed or row[0] == export:
                continue
            if row[_GONE] not in ("", export):
                self._kept.change(self._kept.feeds, (of, order_id), None)
            elif row[0] in since:
                self._kept.change(self._kept.feeds, (of, order_id), (*row[:_GONE], export))
                told.append(order_id)
        return tuple(told)

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        lines, head = _ROWS.entry_rows(entries, before.head if before else "")
        self._put(after._replace(head=head), lines, before)

    def _put(self, after: Kept, lines: Sequence[Row], before: Kept | None) -> None:
        order_id = after.order.order_id
        for line in lines:
            self._kept.append(line)
        there = self._kept.orders.get(order_id)
        seq = None if there is None else there[0][_SEQ]
        if seq != (None if before is None else before.order.seq):
            raise ConflictError("store_conflict", why=f"order is at seq {seq}")
        clocks = zip(after.order.clocks, after.wakes, strict=True)
        self._kept.put(order_id, (_ROWS.order_row(after), tuple(_ROWS.clock_row(*one) for one in clocks)))

    def keep_all(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.keep(*change)

    def rebuild(self, fold: Fold) -> bool:
        kept = self._kept
        stray = kept.orders.keys() - kept.logs.keys()
        for order_id in stray:
            kept.put(order_id, None)
        differs = bool(stray)
        for order_id in sorted(kept.logs):
            head = kept.logs[order_id][-1][_HASH]
            anew = fold(order_id, self.entries(order_id))._replace(head=head)
            differs |= self._unreadable_or_other(order_id, anew)
            kept.put(order_id, None)
            self._put(anew, (), None)
        return differs

    def _unreadable_or_other(self, order_id: str, anew: Kept) -> bool:
        try:
            return self.order(order_id) != anew
        except (ValueError, TypeError):
            return True


_KNOWN: dict[str, _Kept] = {}
_KNOWN_LOCK = RLock()


def open_memory(
    url: str,
    policy: str,
    settings: Mapping[str, str] | None = None,
    *,
    calendar: Callable[[], str] = str,
    create: bool = True,
) -> MemoryStore:
    """
    Open the store that `url` names in this process (`memory://name`), or make it; `memory://` is always new.

    Made and opened as `open_sqlite` does; raises `StoreAddressError` and `StoreMissingError`.
    """
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise StoreAddressError("db_address", url=url)
    name = found["name"]
    with _KNOWN_LOCK:
        kept = _KNOWN.get(name)
        if kept is None:
            if not create:
                raise StoreMissingError("db_missing", url=url)
            kept = _Kept(policy, settings or {}, calendar())
            if name:
                _KNOWN[name] = kept
    return MemoryStore(kept)


def forget_memory(url: str) -> None:
    """Drop what a name stands for; a store that is still open keeps it."""
    with _KNOWN_LOCK:
        _KNOWN.pop(url.removeprefix("memory://"), None)


def _set(held: dict[K, T], name: K, value: T | None) -> None:
    if value is None:
        held.pop(name, None)
    else:
        held[name] = value


def _waking_of(order_id: str, row: tuple[Row, tuple[Row, ...]] | None) -> set[tuple[str, str, int]]:
    if row is None:
        return set()
    return {(one[_WAKE], order_id, place) for place, one in enumerate(row[1]) if one[_WAKE]}


def _joined(of_order: Row, clocks: tuple[Row, ...]) -> list[Row]:
    """Give an order's row once for each of its clocks, as a database joins them."""
    return [(*of_order, place, *clock) for place, clock in enumerate(clocks)] or [(*of_order, None)]
