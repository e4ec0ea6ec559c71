"""
The scores of live orders: asked for while the log goes on, answered from a state of it that is told.

One thread keeps the orders (`engine.records`), takes a snapshot of them where they have changed, and makes
the answers. Whoever asks gets the last answer at once; the next is made meanwhile. New snapshots are not
taken the whole time: making answers costs at most about a tenth of it. Kept are the answers of the present
snapshot and of the one before, so many at most.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Any, Generic, NamedTuple, TypeVar, cast

from paidan.engine.clock import Clock
from paidan.engine.errors import InputError
from paidan.engine.governing import Governing
from paidan.engine.intake.rosters import read_roster
from paidan.engine.records import Progress, Records, StoppedError
from paidan.engine.scoring.run import Run
from paidan.engine.scoring.score import Scorings
from paidan.engine.turns import giving_way
from paidan.policies.registry import Books
from paidan.policies.roster import Roster
from paidan.policies.scoring.records import month_of
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import Store

T = TypeVar("T")

_ANSWERS = 24
"""So many are kept at most."""
_READINGS = 3
"""Of a snapshot, so many sets of choices keep what they counted."""
_PARTS = 6
"""Of a snapshot, so many parts of answers are kept."""
_REST = 10
"""So many times as long as making answers took passes before the next snapshot is taken."""
_LONGEST_REST_SECONDS = 120.0


@dataclass(eq=False)
class Snapshot:
    """The orders of one state of the log, unchanged up to `as_of`, with what was counted of them."""

    run: Run
    mark: tuple[Hashable, ...]
    position: int
    as_of: datetime
    _counted: "OrderedDict[tuple[tuple[str, str], ...], Scorings]" = field(default_factory=OrderedDict)
    _made: "OrderedDict[Hashable, Any]" = field(default_factory=OrderedDict)

    def scorings(self, choices: Mapping[str, str]) -> Scorings:
        """Give the scorings under some choices."""
        key = tuple(sorted(choices.items()))
        found = self._counted.pop(key, None) or Scorings(self.run, choices)
        self._counted[key] = found
        if len(self._counted) > _READINGS:
            self._counted.popitem(last=False)
        return found

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what several answers are made of, made once and kept for a while."""
        made: T = self._made.pop(key) if key in self._made else make()
        self._made[key] = made
        if len(self._made) > _PARTS:
            self._made.popitem(last=False)
        return made


@dataclass
class _Made:
    """An answer, or the error in its place, and the number of the round in which it was last looked at."""

    value: Any
    error: Exception | None
    snapshot: Snapshot | None
    round: int


class Answer(NamedTuple, Generic[T]):
    """What was asked for, up to when and to which position it holds; `newer`: the log has gone on since."""

    value: T
    as_of: datetime
    position: int
    newer: bool


class Scores:
    """
    Answers made of the scores of a store's live orders; safe to share between threads.

    `units` is the roster or its file, `adjustments` the file of what was entered by hand; a file is read
    again when it has changed.
    """

    def __init__(
        self, store: Store, governing: Governing, clock: Clock,
        *, units: Roster | Path | None = None, adjustments: Path | None = None, rest: float = _REST,
    ) -> None:  # fmt: skip
        self._store, self._governing, self._clock = store, governing, clock
        self._units, self._adjustments, self._rest = units, adjustments, rest
        self._turn = Condition()
        self._closed = False
        self._records = Records(store, lambda: self._closed)
        self._rostered: tuple[Hashable, Books | None] = (None, None)
        self._wanted: dict[Hashable, Callable[[Snapshot], Any]] = {}
        self._answers: OrderedDict[Hashable, _Made] = OrderedDict()
        self._snapshots: tuple[Snapshot, ...] = ()
        self._round = 0
        self._rest_until = 0.0
        self._worker: Thread | None = None

    def ask(self, key: Hashable, make: Callable[[Snapshot], T], *, patience: float = 0.0) -> Answer[T] | None:
        """
        Give what `make` makes of a snapshot, always the same for the same `key`; None where it is not yet.

        It is made in the background and waited for so many seconds at most: for the first answer, or for one
        of the log as it is now in place of an older one. Raises what `make` raises.
        """
        until = monotonic() + patience
        with self._turn:
            after = self._round
            if key not in self._answers or monotonic() >= self._rest_until:
                self._want(key, make)
                while not self._closed and not self._answered(key, after):
                    if (left := until - monotonic()) <= 0:
                        break
                    self._turn.wait(left)
            if self._closed:
                raise StoreUnavailableError("db_away", why="closed")
            made = self._answers.get(key)
            if made is None:
                return None
            self._answers.move_to_end(key)
            if made.error is not None:
                raise made.error
            value, of = made.value, cast("Snapshot", made.snapshot)
            as_of, position = of.as_of, of.position
        return Answer(value, as_of, position, self._store.settled() > position)

    @property
    def progress(self) -> Progress:
        """How much of the log was read for the first answer."""
        return self._records.progress

    def close(self) -> None:
        """Make no more answers; what is under way ends soon."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
            worker = self._worker
        if worker is not None:
            worker.join()

    def _want(self, key: Hashable, make: Callable[[Snapshot], Any]) -> None:
        self._wanted[key] = make
        if self._worker is None:
            self._worker = Thread(target=self._work, name="paidan scores", daemon=True)
            self._worker.start()
        self._turn.notify_all()

    def _answered(self, key: Hashable, after: int) -> bool:
        made = self._answers.get(key)
        return made is not None and made.round > after

    # ---- in the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._turn:
                while not self._closed and not self._wanted:
                    self._turn.wait()
                if self._closed:
                    return
                wanted, self._wanted = self._wanted, {}
                self._round += 1
            with giving_way():
                try:
                    self._make(wanted)
                except StoppedError:
                    return

    def _make(self, wanted: Mapping[Hashable, Callable[[Snapshot], Any]]) -> None:
        try:
            snapshot = self._newest()
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - it is for whoever asked
            for key in wanted:
                self._keep(key, _Made(None, error, None, self._round))
            return
        for key, make in wanted.items():
            self._answer(key, make, snapshot)

    def _answer(self, key: Hashable, make: Callable[[Snapshot], Any], snapshot: Snapshot) -> None:
        """Keep the answer of a snapshot, which is made where it is not there yet."""
        began = monotonic()
        had = self._answers.get(key)
        if had is not None and had.snapshot is snapshot:
            self._keep(key, replace(had, round=self._round))
            return
        value, failed = None, None
        try:
            value = make(snapshot)
        except Exception as error:  # noqa: BLE001 - as above
            failed = error
        self._keep(key, _Made(value, failed, snapshot, self._round))
        rest = min(self._rest * (monotonic() - began), _LONGEST_REST_SECONDS)
        self._rest_until = max(self._rest_until, monotonic() + rest)

    def _keep(self, key: Hashable, made: _Made) -> None:
        with self._turn:
            self._answers[key] = made
            while len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)
            self._turn.notify_all()

    def _newest(self) -> Snapshot:
        """Give a snapshot of the orders as they are now; the last one while no other is to be taken."""
        if self._snapshots and monotonic() < self._rest_until:
            return self._snapshots[-1]
        files = tuple(_stamp(one) for one in (self._units, self._adjustments))
        books = self._books(files[0])
        records = self._records
        records.catch_up(books, self._clock.now())
        as_of = cast("datetime", records.as_of)
        mark = (records.changes, files, month_of(as_of))
        if not self._snapshots or self._snapshots[-1].mark != mark:
            run = Run(
                document=books.document, settings=books.chosen, as_of=as_of, records=records.all(),
                roster=books.roster, adjustments=self._adjustments,
            )  # fmt: skip
            self._snapshots = (*self._snapshots[-1:], Snapshot(run, mark, records.position, as_of))
            with self._turn:
                for key in [key for key, one in self._answers.items() if one.snapshot not in self._snapshots]:
                    del self._answers[key]
        newest = self._snapshots[-1]
        newest.position, newest.as_of = records.position, as_of
        return newest

    def _books(self, stamp: Hashable) -> Books:
        """Give the rules as they now stand, with the roster that the file now holds."""
        books = self._governing.books()
        if not isinstance(self._units, Path):
            return books
        if self._rostered[0] != (id(books), stamp):
            roster, rejected = read_roster(self._units, books.document.pools)
            if rejected:
                raise InputError(rejected[0].code, **rejected[0].details)
            made = Books(books.document, books.chosen, roster, books.known, books.loaded)
            self._rostered = ((id(books), stamp), made)
        return cast("Books", self._rostered[1])


def _stamp(file: Roster | Path | None) -> Hashable:
    """Say what tells one state of a file from another; a file that is away is told when it is read."""
    if not isinstance(file, Path):
        return None
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
