"""What an auditor asks of live orders: whether the log holds, what was changed in it, who just made it."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from paidan.engine.access.tokens import Account, Accounts
from paidan.engine.audit.checking import Check, Checking, Kept
from paidan.engine.audit.deviations import Deviated, deviations_of
from paidan.engine.audit.endings import Ended, Ending, Endings, ended_of, endings
from paidan.engine.audit.found import Found, Of, Progress
from paidan.engine.audit.marks import Mark, marks_of
from paidan.engine.clock import Clock
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.governing import Governing, rules_of, rules_of_log
from paidan.storage.port import Kept as KeptOrder
from paidan.storage.port import Store
from paidan.workflows.cases import case_id
from paidan.workflows.records import BEIJING, Entry

if TYPE_CHECKING:
    from paidan.engine.audit.keys import Signer
    from paidan.engine.audit.verify import Verified
    from paidan.engine.scoring.run import Run

__all__ = ("Auditing", "Check", "Deviated", "Ending", "Endings", "Kept", "Mark", "Progress")

V = TypeVar("V", Mark, Deviated)

_CHAIN = " chain"
"""The log as something to look at, where else an order is named: no order's id begins with a space."""
_RESULT = re.compile(r"chain:(holds|broken):([0-9]+):([0-9]+):([0-9]+)")

_MONTH = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])")


class Auditing:
    """
    The lists of an auditor, folded from the log, and the verification; safe to share between threads.

    Each list is read once in a thread of its own and brought up to date when it is looked at: until it has
    been read it is None, and its progress says how far that is.
    """

    def __init__(
        self,
        store: Store,
        governing: Governing,
        clock: Clock,
        accounts: Accounts,
        signer: "Callable[[], Signer | None]",
        *,
        run: "Callable[[datetime], Run]",
    ) -> None:
        self._store = store
        self._governing = governing
        self._clock = clock
        self._accounts = accounts
        self._signer = signer
        self._run = run
        self.seals: Path | None = None
        """The folder that this engine seals into, None where it does not."""
        self.marks: Found[tuple[Mark, ...], Sequence[Mark]] = Found(
            store, partial(self._read, marks_of), partial(self._again, marks_of), _latest
        )
        """Corrections, what was back-dated, identities shown and erased; the latest first."""
        self.endings: Found[Ended, Endings] = Found(store, self._all_ended, self._ended, endings)
        """Duties done shortly before their limit, the latest first."""
        self.deviations: Found[tuple[Deviated, ...], Sequence[Deviated]] = Found(
            store, partial(self._read, self._deviated), partial(self._again, self._deviated), _latest
        )
        """What is in the log against a rule, the latest first. It takes the longest to read."""
        self.checking = Checking(self._verify, store.settled, clock.now, self._keep)
        """Whether the log holds."""

    @property
    def verified(self) -> Kept | None:
        """The last verification that came to its end, in any process; None where there is none."""
        for one in self._accounts.sights(_CHAIN, most=1):
            if result := _RESULT.fullmatch(one.what):
                said, *numbers = result.groups()
                return Kept(one.name, one.at, said == "holds", *map(int, numbers))
        return None

    def begin(self) -> None:
        """Begin to read the lists that are read quickly, so that nobody waits for them later."""
        self.marks.begin()
        self.endings.begin()

    def stop(self) -> None:
        """Let go of what is under way."""
        for one in (self.marks, self.endings, self.deviations, self.checking):
            one.stop()

    def pack(self, month: str, *, by: Account | None = None, seals: Path | None = None) -> Iterator[bytes]:
        """
        Give the auditor's pack of a month such as `2026-03`, a zip, piece by piece.

        With `by` each order is written down as looked at before anything of it is given. Raises `UsageError`
        for no month, or one that has not begun.
        """
        from paidan.engine.audit.pack import Wanted, pack  # noqa: PLC0415 - who packs nothing loads it not

        begins_at, ends_at = _month(month)
        if begins_at > self._clock.now():
            raise UsageError("audit.month_ahead", month=month)
        return pack(
            Wanted(
                store=self._store, books=self._governing.books(), month=month, begins_at=begins_at,
                ends_at=ends_at, now=self._clock.now(), run=self._run, seals=seals or self.seals,
                signer=self._signer(),
                seen=(lambda ids: self._accounts.saw(by, ids, "pack")) if by else (lambda _: None),
            )
        )  # fmt: skip

    def _keep(self, by: Account, check: Check) -> None:
        """Write down that somebody verified the log, and with what result, where it is written who looked."""
        found = check.found
        assert found is not None  # noqa: S101 - nothing else is to be kept
        result = "holds" if found.holds else "broken"
        self._accounts.saw(
            by, [_CHAIN], f"chain:{result}:{check.position}:{found.entries}:{len(found.faults)}"
        )

    def _verify(self, told: Callable[[int], object]) -> "Verified":
        from paidan.engine.audit.verify import verify  # noqa: PLC0415 - who verifies nothing loads it not

        signer = self._signer()
        seals = self.seals if signer is not None else None
        if seals is not None and not seals.is_dir():
            seals = None
        return verify(self._store, self._governing.fold, seals, signer.checker if signer else None, told=told)

    def _read(
        self, found: Callable[[Sequence[Entry]], tuple[V, ...]]
    ) -> Generator[Of[tuple[V, ...]], None, None]:
        for order_id, log in groupby(self._store.entries(), key=attrgetter("order_id")):
            entries = tuple(log)
            yield Of(order_id, found(entries) or None, len(entries))

    def _again(
        self, found: Callable[[Sequence[Entry]], tuple[V, ...]], order_id: str
    ) -> tuple[V, ...] | None:
        return found(tuple(self._store.entries(order_id))) or None

    def _deviated(self, log: Sequence[Entry]) -> tuple[Deviated, ...]:
        if case_id(log[0].order_id):
            return ()
        return deviations_of(log, rules_of_log(self._governing.books(), log), self._clock.now())

    def _all_ended(self) -> Generator[Of[Ended], None, None]:
        for kept in self._store.orders():
            yield Of(kept.order.order_id, self._ended_of(kept), kept.order.seq)

    def _ended(self, order_id: str) -> Ended | None:
        kept = self._store.order(order_id)
        return None if kept is None else self._ended_of(kept)

    def _ended_of(self, kept: KeptOrder) -> Ended | None:
        try:
            rules = rules_of(self._governing.books(), kept)
        except NotFoundError:  # of a version that is gone
            return None
        return ended_of(kept.order, rules)


def _latest(found: Iterable[tuple[V, ...]]) -> Sequence[V]:
    return sorted(chain.from_iterable(found), key=attrgetter("place"), reverse=True)


def _month(month: str) -> tuple[datetime, datetime]:
    """Give when a month begins and ends, by Beijing time; raises `UsageError`."""
    read = _MONTH.fullmatch(month)
    if read is None:
        raise UsageError("audit.month", month=month)
    year, number = int(read[1]), int(read[2])
    after = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004 - December
    return datetime(year, number, 1, tzinfo=BEIJING), datetime(*after, 1, tzinfo=BEIJING)
