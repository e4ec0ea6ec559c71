"""
The port: what the engine asks of any store, in few verbs.

A store keeps the log, and beside it what the log folds to, so that an order need not be folded
anew for every command. It knows the words of `workflows` and no rule.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from paidan.storage.chain import Broken
from paidan.workflows.records import NOTHING, Entry, Finding, Order

T = TypeVar("T")

NUMBER_MOST = 2**31 - 1
"""Every memo has a lower number."""
LEASE_SECONDS = 30
"""How long a cursor may be held where the database cannot tell that its holder has died."""


class Kept(NamedTuple):
    """
    An order as a store keeps it: the fold of its log, and the policy version that governs it.

    `wakes` says of each clock of the order, in their order, when something of it is to be raised next,
    None where nothing is to come; a store wakes only for these.
    `head` is the hash of its last entry, which the store counts, `recorded_at` is when that was written.
    """

    order: Order
    policy: str
    wakes: tuple[datetime | None, ...] = ()
    head: str = ""
    recorded_at: datetime | None = None


class Linked(NamedTuple):
    """
    An entry as it lies in a store: its place in the order in which all were learned, its hash.

    Places only rise; some are never taken.
    """

    position: int
    entry: Entry
    hash: str


class Link(NamedTuple):
    """
    What a running digest needs of an entry.

    `broken` says what is wrong with it where that was looked at, else nothing.
    """

    position: int
    seq: int
    hash: str
    broken: Broken | None = None


class Examined(NamedTuple):
    """
    An order as it lies in a store, held against its chain.

    `broken` is its first entry that does not hold; `entries` are then none. `length` is that of its
    log, `head` the hash of the last, `kept` what it was folded to, None where that is not there
    or cannot be read.
    """

    order_id: str
    entries: tuple[Entry, ...]
    length: int
    head: str
    kept: Kept | None
    broken: Broken | None


@dataclass(slots=True)
class Cursor:
    """Up to which position a subscriber was given the log; whoever holds it moves it on."""

    position: int


class Change(NamedTuple):
    """What became of one order: as it is now, what was written of it, as it was (None where it is new)."""

    after: Kept
    entries: Sequence[Entry]
    before: Kept | None


Fold = Callable[[str, Sequence[Entry]], Kept]
"""What the whole log of one order makes of it."""


class KeptNotice(NamedTuple):
    """A holiday notice as the file it was read from, and the instant from which it counts here."""

    year: int
    text: str
    loaded_at: datetime


class KeptFiling(NamedTuple):
    """A directory (通讯录) as text, the day from which it counts, and who filed it when."""

    from_on: date
    text: str
    loaded_at: datetime
    loaded_by: str


class Memo(NamedTuple):
    """
    Something that was told to a role, of `unit` where each unit has one; it lies in that role's inbox.

    Of an entry of an order or a case (`order_id`, `seq`, `event`), or a reminder: then there is no order,
    `period` is the one it speaks of and `seq` tells rows of one rule apart. These, `rule`, `role` and `unit`
    are what is told only once. `at` is when it came about, `due_at` until when something must be done.

    `wake_at` is when its teller must look at it next, None where nothing is to come: first to hand it to the
    notifier (`sent_at`), then to let it climb. `over` says why it stands no more. `said` is the rest of what
    was told.
    """

    order_id: str
    seq: int
    event: str
    rule: str
    period: str
    role: str
    unit: str
    at: datetime
    due_at: datetime | None
    told_at: datetime
    wake_at: datetime | None
    said: Mapping[str, Any] = NOTHING
    climbed_from: int = 0
    """the number of the memo that nobody took, 0 where it did not climb"""
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    acknowledged_as: str = ""
    """the role in which somebody acknowledged it, if they said one"""
    over: str = ""
    number: int = 0
    """by which it is known in its store, counted up"""

    @property
    def stands(self) -> bool:
        """Whether somebody should still look at it."""
        return self.acknowledged_at is None and not self.over


MARKED = ("wake_at", "sent_at", "acknowledged_at", "acknowledged_by", "acknowledged_as", "over")
"""What becomes of a memo after it was told."""


class KeptToken(NamedTuple):
    """
    A token that somebody outside is known by, without what it is: only a digest of that.

    `number` is drawn by chance when it is issued. `name`, `role` and `unit` are whose it is.
    """

    number: str
    digest: str
    name: str
    role: str
    unit: str
    issued_at: datetime
    issued_by: str
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""


class Sight(NamedTuple):
    """
    That somebody looked at an order, when, in which role, by which token, and at what of it.

    `position` is its place among all, 0 for one that is not kept yet.
    """

    order_id: str
    at: datetime
    name: str
    role: str
    unit: str
    token: str
    what: str
    position: int = 0

    @property
    def place(self) -> "SightPlace":
        """Where it stands among all, in the order of time."""
        return self.at, self.position


class KeptSession(NamedTuple):
    """
    That somebody is signed in with a token, from when, and when they last did anything.

    It is known by a digest of what their browser holds. Through one for a `wall` there is only something
    to see.
    """

    digest: str
    token: str
    began_at: datetime
    seen_at: datetime
    wall: bool = False


SightPlace = tuple[datetime, int]
"""A time and a position: sights are given in the order of both, the latest first."""


class KeptAnswer(NamedTuple):
    """
    What came of a command that was given a key, so that the same command gets the same answer.

    `body` is a digest of what was asked. The order stood at `seq` afterwards: of its entries the last
    `written` are the command's own, the `raised` before these were overdue when it came.
    """

    key: str
    order_id: str
    body: str
    at: datetime
    seq: int
    raised: int
    written: int
    findings: tuple[Finding, ...] = ()
    dropped: Mapping[str, int] = NOTHING


class Fed(NamedTuple):
    """
    How many orders of a feed have the same course: last in `export`, and in `before` in front of that.

    `gone` is the first export that lacked them, empty while none did.
    """

    export: str
    before: str
    gone: str
    orders: int


class About(NamedTuple):
    """
    The one order that a work asks for, and the key, where it asks for one.

    `new` says that the order is likely not there yet: a store may go by that, and look.
    """

    order_id: str
    key: str = ""
    new: bool = False


class Sealed(NamedTuple):
    """A value of the vault as it lies there, encrypted: of which entry of an order, under which name."""

    seq: int
    name: str
    sealed: bytes


class Reading(Protocol):
    """What can be read, inside a transaction and outside."""

    def notices(self) -> tuple[KeptNotice, ...]:
        """
        Give the holiday notices loaded since the store was made, in the order they were.

        Inside a transaction nobody else loads one until the transaction ends.
        """
        ...

    def filings(self) -> tuple[KeptFiling, ...]:
        """Give the directories that were filed, in the order they were."""
        ...

    def order(self, order_id: str) -> Kept | None:
        """
        Give an order, or None where it has no log.

        Inside a transaction nobody else changes that order until the transaction ends.
        """
        ...

    def beside(self, order_id: str) -> tuple[str, ...]:
        """
        Name the cases kept about an order or a unit, in order of id; all there are for an empty name.

        Inside a transaction they are those that were there when the order was read: who opens one holds it.
        """
        ...

    def token(self, number: str) -> KeptToken | None:
        """Give the token of a number, or None."""
        ...

    def memo(self, number: int) -> Memo | None:
        """
        Give what was told under a number, or None.

        Inside a transaction nobody else marks it until the transaction ends.
        """
        ...


class Transaction(Reading, Protocol):
    """Everything written here is there together after the commit, or not at all."""

    def claim(self, before: datetime, most: int) -> tuple[Kept, ...]:
        """
        Give orders with clocks that wake before an instant, each once, the earliest first.

        At most `most` clocks are looked at. Nobody else claims or changes these orders until the
        transaction ends; those that another holds just now are passed over.
        """
        ...

    def keep_all(self, changes: Iterable[Change]) -> None:
        """Keep changes of several orders, each as `keep` does."""
        ...

    def keep(self, after: Kept, entries: Iterable[Entry], before: Kept | None) -> None:
        """
        Append `entries` to the log of an order, chained to those before, and keep what it is after them.

        `before` is what `order` gave, None for a new order. Raises `ConflictError` where the
        store holds something else, or where `seq` would have a gap or a double.
        """
        ...

    def entries(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of one order."""
        ...

    def orders(self, order_ids: Collection[str]) -> Mapping[str, tuple[Kept, tuple[Entry, ...]]]:
        """Give those of some orders that have a log, each with it: as `order` and `entries`, at once."""
        ...

    def risks(self) -> tuple[Entry, ...]:
        """Give every entry that flags an order as a risk, by order id and `seq`; it looks at every order."""
        ...

    def last_recorded_at(self) -> datetime | None:
        """
        Give when the last entry of any order was written, None where there is none.

        Nobody else writes an entry until the transaction ends.
        """
        ...

    def answer(self, key: str) -> KeptAnswer | None:
        """
        Give the answer kept under a key, or None.

        Nobody else keeps one under that key until the transaction ends. To be asked before `order`:
        who holds an order never waits for a key.
        """
        ...

    def keep_answer(self, answer: KeptAnswer) -> None:
        """Keep an answer; raises `ConflictError` where one is kept under its key."""
        ...

    def load_notice(self, notice: KeptNotice) -> None:
        """Keep a holiday notice; none is ever changed or taken out."""
        ...

    def file_directory(self, filing: KeptFiling) -> None:
        """Keep a directory; none is ever changed."""
        ...

    def keep_token(self, token: KeptToken) -> None:
        """Keep a new token; raises `ConflictError` where there is one of its number."""
        ...

    def end_token(self, token: KeptToken) -> None:
        """Keep when and by whom a token was ended; nothing else of one is ever changed."""
        ...

    def keep_session(self, session: KeptSession) -> None:
        """Keep a new session."""
        ...

    def see_session(self, digest: str, seen_at: datetime) -> None:
        """Keep when somebody last did anything in a session; one that is gone stays so."""
        ...

    def end_session(self, digest: str) -> None:
        """Take a session out, if it is there."""
        ...

    def end_sessions(self, before: datetime) -> None:
        """Take out the sessions in which nobody has done anything since a time."""
        ...

    def keep_sights(self, sights: Iterable[Sight]) -> None:
        """Keep who looked at orders; none is ever changed or taken out."""
        ...

    def put_memo(self, memo: Memo) -> bool:
        """Put a memo into the inbox, under the next number; False where the same was told to the same."""
        ...

    def mark_memo(self, memo: Memo) -> None:
        """Keep what became of a memo: when it wakes, was sent and acknowledged, and why it is over."""
        ...

    def vault(self) -> str:
        """Give by what the master key of the store's vault is known, empty where there is no vault."""
        ...

    def adopt_vault(self, known_by: str, rewrap: Callable[[str, bytes], bytes] | None = None) -> None:
        """
        Make a vault, or put its master key in place of another by which every order's key is wrapped anew.

        Nobody else writes until the transaction ends.
        """
        ...

    def order_key(self, order_id: str) -> bytes | None:
        """Give the wrapped key of an order, None where it has none. To be asked after `order`."""
        ...

    def keep_order_key(self, order_id: str, wrapped: bytes) -> None:
        """Keep the first key of an order."""
        ...

    def sealed(self, order_id: str) -> tuple[Sealed, ...]:
        """Give what the vault holds of an order, by `seq` and name."""
        ...

    def keep_sealed(self, order_id: str, values: Iterable[Sealed]) -> None:
        """Put values of an order into the vault."""
        ...

    def erase(self, order_id: str) -> None:
        """Destroy the key of an order and all that it encrypts."""
        ...

    def fed(self, feed: str, order_ids: Collection[str]) -> Mapping[str, str]:
        """Give what a feed said last of some orders, as it was kept; those it never held are left out."""
        ...

    def keep_fed(self, feed: str, export: str, said: Mapping[str, str]) -> None:
        """Keep that an export holds orders, and what it says of each."""
        ...

    def seen_fed(self, feed: str, export: str, order_ids: Collection[str]) -> None:
        """Keep that an export holds orders, as far as the feed is known to; what it said of them stays."""
        ...

    def exports(self, feed: str) -> tuple[Fed, ...]:
        """Give the exports that the orders of a feed were last in, each course with its number of orders."""
        ...

    def gone_fed(self, feed: str, export: str, since: Collection[str]) -> tuple[str, ...]:
        """
        Name the orders of a feed that were last in an export of `since`, and note that this one lacks them.

        Those that an earlier one lacked are no more told, and forgotten. Asked again it gives the same.
        """
        ...

    def rebuild(self, fold: Fold) -> bool:
        """Drop all that is folded, fold every log anew, and say whether anything differed."""
        ...


class Store(Reading, Protocol):
    """
    One place where orders are kept; safe to share between threads.

    Every verb raises `StoreUnavailableError` when the world does not answer.
    """

    def due(self, before: datetime, most: int) -> tuple[str, ...]:
        """
        Name orders with clocks that wake before an instant, each once, the earliest first.

        At most `most` clocks are looked at.
        """
        ...

    @property
    def policy(self) -> str:
        """The document the store was made for."""
        ...

    @property
    def settings(self) -> Mapping[str, str]:
        """The readings it was made with, by setting; those that are not here have their default."""
        ...

    @property
    def calendar(self) -> str:
        """What its calendar knew when it was made, as text; empty where nobody said."""
        ...

    @property
    def store_id(self) -> str:
        """What tells it from every other store, drawn when it was made."""
        ...

    def write(self, work: Callable[[Transaction], T], about: About | None = None) -> T:
        """
        Run `work` in one transaction, commit it durably, give its result.

        What is raised inside undoes what `work` did. It may be run again from its start when another
        writer got there first, so it changes nothing but the transaction. A store may run the works of
        several callers in one transaction, each whole; `about` says all that `work` asks for, where
        that is known, which spares waiting.
        """
        ...

    def drain(self, work: Callable[[Transaction], T]) -> Iterator[T]:
        """
        Run `work` again and again as `write` does, until it finds nothing; give what it found each time.

        What is found is committed when it is given. Runs may overlap, so `work` must claim what it takes.
        """
        ...

    def vault(self) -> str:
        """Give by what the master key of the vault is known, empty where there is no vault."""
        ...

    def scrub(self) -> bool:
        """
        Leave no byte of what was destroyed in the files the store itself writes; say whether that is done.

        It is not while somebody still reads what was there before: to be asked again later.
        """
        ...

    def orders(self, order_ids: Collection[str] | None = None) -> Iterator[Kept]:
        """Give every order, in order of id, as of one moment; or those of some that have a log."""
        ...

    def entries(self, order_id: str | None = None) -> Iterator[Entry]:
        """Give the log, in order of order id and `seq`, as of one moment; or that of one order."""
        ...

    def linked(self, order_id: str | None = None) -> Iterator[Linked]:
        """Give what `entries` gives, as it lies there."""
        ...

    def examined(self) -> Iterator[Examined]:
        """
        Give every order that has a log or is folded, in order of id, as of one moment.

        What cannot be read is told and never raised: anybody may have written it.
        """
        ...

    def links(self, until: int, after: int | None = None, *, checked: bool = False) -> Iterator[Link]:
        """
        Give the chain in order of position, up to one and beginning after another.

        `checked` holds each entry against its hash and the entry before it in its order.
        """
        ...

    def session(self, digest: str) -> KeptSession | None:
        """Give the session of a digest, or None."""
        ...

    def tokens(self) -> tuple[KeptToken, ...]:
        """Give every token there ever was, in the order they were issued."""
        ...

    def sights(
        self, order_id: str, name: str, since: datetime, before: SightPlace, most: int
    ) -> tuple[Sight, ...]:
        """
        Give who looked at an order, or at what somebody looked, the latest first, at most so many.

        An empty `order_id` or `name` stands for any; only those from `since` on that stand before a place.
        """
        ...

    def orders_after(self, order_id: str, most: int) -> tuple[Kept, ...]:
        """Give the orders that follow an id, in order of id, at most so many; cases are among them."""
        ...

    def inbox(
        self, *, standing: bool, role: str = "", unit: str = "", before: int = NUMBER_MOST,
        most: int = NUMBER_MOST,
    ) -> Iterator[Memo]:  # fmt: skip
        """
        Give the memos of a role and a unit, empty is any, the newest first, at most so many.

        `standing` those only that somebody should still look at; `before` those with a lower number.
        """
        ...

    def memos_of(self, order_id: str) -> tuple[Memo, ...]:
        """Give every memo about an order or a case, in order of number."""
        ...

    def waking_memos(self, until: datetime, most: int) -> tuple[Memo, ...]:
        """Give memos that wake at or before an instant, at most so many, in order of when and number."""
        ...

    def settled(self) -> int:
        """Give the position up to which no entry will come any more, 0 where there is none at all."""
        ...

    def written(self, after: int, most: int) -> tuple[Linked, ...]:
        """
        Give the entries that follow a position, at most so many.

        None is ever skipped: what another transaction may still write below a position holds back
        what lies above it.
        """
        ...

    def position_of(self, name: str) -> int | None:
        """Give where the cursor of that name stands, or None."""
        ...

    def cursor(self, name: str, start: int = 0) -> AbstractContextManager[Cursor | None]:
        """
        Lend the cursor of that name, a new one at `start`; None while another holds it, here or elsewhere.

        Where it was moved to is kept when it is given back, however that comes about. Who holds it for
        longer than `LEASE_SECONDS` may find that another has taken it: then nothing is kept.
        """
        ...

    def close(self) -> None:
        """Let go of everything; a second call does nothing."""
        ...
