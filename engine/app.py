"""The composition root: the only place that joins a store, a policy, a clock and a scheduler."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

from paidan.engine import calendars
from paidan.engine.access.sessions import Sessions
from paidan.engine.access.tokens import Accounts
from paidan.engine.auditing import Auditing
from paidan.engine.availability import Available, available
from paidan.engine.blame import Blame
from paidan.engine.board import Board, Running
from paidan.engine.calendar_load import CalendarLoad
from paidan.engine.clock import Clock, SystemClock
from paidan.engine.custody import Custody
from paidan.engine.differences import Difference
from paidan.engine.directory import DirectoryLoad, filings_of, load_directory
from paidan.engine.errors import InputError, UsageError
from paidan.engine.export.long_form import write_long_form
from paidan.engine.export.table import Encoding, Form, What, Written, chosen, encoded, save, whole
from paidan.engine.governing import Governing
from paidan.engine.inbox import CURSOR, REMINDED, Inbox
from paidan.engine.intake.commands import asked, asked_apart, checked_key
from paidan.engine.intake.values import role_names
from paidan.engine.keys import given_key
from paidan.engine.ledger_lines import Line
from paidan.engine.lives import Deadline
from paidan.engine.looking import Looking
from paidan.engine.notifying import Notifier, notifier_of
from paidan.engine.outbox import MOST, Handler, Subscription, deliver
from paidan.engine.outcomes import Erased, Outcome, Unmasked
from paidan.engine.pingpong import PingPong
from paidan.engine.progress import counted
from paidan.engine.service import Service
from paidan.engine.telemetry import DIRECTORY_FILED, LOG_IMPORTED, SEALED, STORE_OPENED, VAULT_MADE, Journal
from paidan.policies import editions
from paidan.policies.calendar import WorkCalendar
from paidan.policies.directory import Filings
from paidan.policies.loader import Document
from paidan.policies.reader import shown
from paidan.policies.registry import Books, document
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook
from paidan.storage import open_store
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import NUMBER_MOST, Linked, Memo, Store
from paidan.storage.vault import LogOnly, Vault, vault_of
from paidan.workflows.records import BEIJING, Entry, Order

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from sqlalchemy import Engine as HostEngine

    from paidan.engine.audit.keys import Signer
    from paidan.engine.audit.seals import Seal
    from paidan.engine.audit.verify import Verified
    from paidan.engine.export.logs import Contents
    from paidan.engine.import_log import Imported
    from paidan.engine.intake.tables import Rejected
    from paidan.engine.metrics import Metrics
    from paidan.engine.scheduler import Scheduler
    from paidan.engine.scores import Scores
    from paidan.engine.scoring.run import Run
    from paidan.policies.scoring.records import OrderRecord

FIRST_POLICY = "JY"
"""What a new store is made for when nobody says."""


class Engine:
    """
    Live work orders: submit, look, keep time. Safe to share between threads.

    Open one with `Engine.open`; it is a context manager. Nothing runs by itself before `start`.
    """

    def __init__(
        self,
        store: Store,
        books: Books,
        clock: Clock,
        *,
        key: bytes | Path | str | None = None,
        metrics: "Metrics | None" = None,
        vault: Vault | None = None,
        units: Roster | Path | None = None,
        adjustments: Path | None = None,
    ) -> None:
        self.policy = books.document.name
        self.books = books
        self._choices = books.document.choices
        self._store = store
        self._clock = clock
        self._key = key
        self._metrics = metrics
        self._journal = Journal(metrics.heard if metrics else None)
        self._governing = Governing(store, books, clock)
        self._looking = Looking(store, self._governing, clock)
        self._service = Service(store, self._governing, clock, self._journal, vault)
        if metrics:
            metrics.watch(self._lag_seconds)
        self._inbox = Inbox(store, self._governing, self._journal)
        self._accounts = Accounts(store, clock)
        self._sessions = Sessions(store, clock, self._accounts)
        self._board = Board(store, self._governing, clock)
        self._auditing = Auditing(
            store, self._governing, clock, self._accounts, self._signing, run=self.run_at
        )
        self._entered = units, adjustments
        self._scores: Scores | None = None
        self._scheduler: Scheduler | None = None
        self._subscriptions: dict[str, Subscription] = {}
        self._closed = False
        self._turn = Lock()

    @classmethod
    def open(
        cls,
        url: "str | HostEngine",
        policy: str | None = FIRST_POLICY,
        *,
        settings: Mapping[str, Any] | None = None,
        units: Roster | Path | str | None = None,
        clock: Clock | None = None,
        create: bool = True,
        metrics: "CollectorRegistry | None" = None,
        key: bytes | Path | str | None = None,
        log_only: bool = False,
        adjustments: Path | str | None = None,
    ) -> Self:
        """
        Open the orders in a database; a new one is made unless `create` is false.

        `url` says where: `sqlite:///orders.db`, `postgresql+psycopg://user@host/database` (extra
        `postgres`), or `memory://` for orders that end with the engine. Or it is a host's own
        `sqlalchemy.Engine`, on an SQLite file or on PostgreSQL by psycopg: we connect as it does, on
        connections of our own, and keep our tables, whose names begin with `paidan_`, beside the host's.
        `policy` is a shipped document or the path to a folder, `None` whatever the database was made
        for. `settings` choose its readings when it is made and stay with it, `units` is the roster,
        `adjustments` the file of what was entered by hand, which only `scores` reads.
        The holiday notices installed when it is made stay with it too; `load_calendar` adds others.
        `metrics` is the Prometheus registry that the engine's measures are kept in until it is closed
        (extra `metrics`); one engine a registry.

        `key` is the master key of the vault, or its file, else the file that `PAIDAN_KEY_FILE` names; it
        also seals the log. Opened with one, a database that has no vault gets one; a database that has
        a vault opens with its key alone. Without a vault identities are dropped. `log_only` needs no
        key and opens what is there for reading: whatever would write raises `KeyMissingError`.

        Raises `UsageError` where the database was made for another policy or other settings, the
        errors of `paidan.storage.errors` where it cannot be opened, those of
        `paidan.policies.errors` for the rules.
        """
        asked = document(policy or FIRST_POLICY)
        chosen = _changed(asked, settings or {})
        master = None if log_only else given_key(key)
        store = open_store(url, asked.name, chosen, calendar=_known_here, create=create and not log_only)
        try:
            found = asked if policy is not None or store.policy == asked.name else document(store.policy)
            _check_same(found.name, store, None if settings is None else chosen)
            books = books_of(store, found, units)
            made = not log_only and master is not None and not store.vault()
            vault = None if log_only else vault_of(store, master)
            lent = cast("Store", LogOnly(store)) if log_only else store
            engine = cls(
                lent, books, clock or SystemClock(), key=key, metrics=_measured(metrics), vault=vault,
                units=units if units is None or isinstance(units, Roster) else Path(units),
                adjustments=None if adjustments is None else Path(adjustments),
            )  # fmt: skip
        except BaseException:
            store.close()
            raise
        engine._journal.tell(STORE_OPENED, policy=store.policy, settings=dict(store.settings))
        if made:
            engine._journal.tell(VAULT_MADE)
        return engine

    def submit(
        self,
        order_id: str,
        event: str,
        /,
        *,
        actor: str = "",
        role: str = "",
        unit: str = "",
        at: datetime | str | None = None,
        key: str = "",
        expected: int | None = None,
        dry_run: bool = False,
        **attributes: Any,
    ) -> Outcome:
        """
        Submit an event of an order, which happens now, by the engine's clock.

        Another `at` takes a role that may say so (setting `late.permission`) and a reason, the
        attribute `backdated`; so does `correct`: `entry, field, before, after, reason`.

        Attributes may be text as in a file. Refusals are values: see `Outcome`. A command with a `key`
        is done once: the same again gets the answer of the first time, accepted or refused. `expected`
        is the `seq` at which the caller saw the order, 0 for a new one. With `dry_run` it is decided and
        nothing is written, whatever its key. Raises `UsageError` for what
        makes no sense as it stands, `NotFoundError` for an order nobody received,
        `paidan.storage.errors.ConflictError` where the key was given to another command or the order
        has gone on.
        """
        command = asked(
            order_id,
            event,
            attributes,
            actor=actor,
            role=role,
            unit=unit,
            at=at,
            also=self._choices,
        )
        checked = checked_key(key)
        if dry_run:
            return self._service.tried(command, expected=expected)
        return self._service.submit(command, key=checked, expected=expected)

    def import_logs(
        self,
        files: Iterable[Path | str],
        *,
        mapping: Path | str | None = None,
        enforce: bool = False,
        feed: str = "",
        on_rejected: "Callable[[Rejected], object]" = lambda _: None,
        on_progress: Callable[[int, int], object] = lambda _, __: None,
    ) -> "Imported":
        """
        Take the events of log files into the live orders: any form and `mapping` that `replay` reads.

        A file is trusted about when things happened, and each entry says which row it came from. What
        a rule objects to is applied all the same, or refused with `enforce`. Rows that are there already
        are passed over, so an import that was cut short is finished by another. Duties that were
        missed are timed out, and time-outs that the files disprove are withdrawn. What the files say of
        people goes into the vault, where there is one, with the entry that says it.

        A file in wide form is an export that comes again: what it says otherwise than last time becomes
        new events and corrections, what it lacks is told (`Imported.corrected`, `emptied`, `vanished`). It
        follows on the last with the same headers that held many of its orders, or on the last of that `feed`.

        `on_rejected` is given each row that cannot be read, `on_progress` how many events are done,
        of how many. Raises `InputError` for a file that cannot be taken at all, `MappingError`.
        """
        from paidan.engine.import_log import import_tables  # noqa: PLC0415 - an engine that imports nothing
        from paidan.engine.intake.forms import open_logs  # noqa: PLC0415 - reads no files
        from paidan.engine.intake.mapping import read_mapping  # noqa: PLC0415
        from paidan.engine.intake.private import PrivateReader  # noqa: PLC0415

        mapped = None if mapping is None else read_mapping(Path(mapping))
        imported = import_tables(
            open_logs(map(Path, files), mapped), self._choices, self.now(),
            self._service, enforce=enforce, feed=feed,
            on_rejected=on_rejected, on_progress=on_progress,
            reader=PrivateReader if self._service.keeps_identities else None,
        )  # fmt: skip
        self._journal.tell(
            LOG_IMPORTED, files=[one["name"] for one in imported.inputs], read=imported.read,
            applied=imported.applied, refused=imported.refused, rejected=imported.rejected,
            already_there=imported.already_there,
        )  # fmt: skip
        return imported

    def unmask(
        self, order_id: str, /, *, reason: str, actor: str, role: str = "", unit: str = ""
    ) -> Unmasked:
        """
        Give what the vault holds of an order, and write into its log who asked for it and why.

        Identity attributes come under their names, texts that were masked under the name of their
        attribute, as they were said. Refused where the identities were erased, or where a rule keeps them
        from the role; a role that every unit has is asked for its `unit`. Raises `UsageError` without
        reason or actor, or where the database has no vault; `NotFoundError`.
        """
        return self._service.unmask(
            asked_apart(order_id, "unmask", reason=reason, actor=actor, role=role, unit=unit)
        )

    def erase(self, order_id: str, /, *, reason: str, actor: str, role: str = "") -> Erased:
        """
        Destroy the identities of an order for good, and write into its log who did so and why.

        The log stays whole; what the order says of its caller from now on is dropped. Once only.
        Backups hold what they held: see the how-to. Raises as `unmask`.
        """
        return self._service.erase(asked_apart(order_id, "erase", reason=reason, actor=actor, role=role))

    def rotate_key(self, key: bytes | Path | str) -> bool:
        """
        Put another master key in place of the one this was opened with: the old one opens nothing more.

        Gives false while bytes of the old key's work may lie in a file of the database, because somebody
        reads what was there before. Other processes must be started anew.
        """
        rotated = self._service.rotate_key(cast("bytes", given_key(key)))
        self._key = key
        return rotated

    def available(self, order_id: str) -> tuple[Available, ...]:
        """Say of every event whether it may be done now, until when, by whom; or what stands against it."""
        order, rules = self._looking.order(order_id)
        return available(order, rules, self._clock.now())

    def order(self, order_id: str) -> Order:
        """Give an order as it is; raises `NotFoundError`."""
        return self._looking.order(order_id)[0]

    def orders_after(self, order_id: str = "", most: int = 100) -> tuple[Order, ...]:
        """Give the orders that follow an id, in order of id, at most so many; cases are none of them."""
        return self._looking.orders_after(order_id, most)

    def running(self) -> tuple[Running, ...]:
        """
        Give every order and case that is under way, with the limits that run, soonest due first.

        As of the last entry written, by whichever process. The first call reads every order; later ones
        what has changed.
        """
        return self._board.running().running

    @property
    def board(self) -> Board:
        """What is under way, for whoever must not wait until it is up to date; see there."""
        return self._board

    def read_ahead(self) -> None:
        """Begin to read what pages are made of, in threads: what is under way, then an auditor's lists."""
        self._board.begin().add_done_callback(lambda _: self._auditing.begin())

    @property
    def scores(self) -> "Scores":
        """Answers made of scores in the background, while the log goes on; see there."""
        from paidan.engine.scores import Scores  # noqa: PLC0415 - only who looks at scores loads it

        with self._turn:
            if self._closed:
                raise StoreUnavailableError("db_away", why="closed")
            if self._scores is None:
                units, adjustments = self._entered
                self._scores = Scores(
                    self._store, self._governing, self._clock, units=units, adjustments=adjustments
                )
            return self._scores

    @property
    def entered(self) -> tuple[Roster | Path | None, Path | None]:
        """The roster, or its file, and the file of what was entered by hand, as they were given."""
        return self._entered

    @property
    def accounts(self) -> Accounts:
        """Who may call from outside, and who looked at which order."""
        return self._accounts

    @property
    def sessions(self) -> Sessions:
        """Who is signed in to the console."""
        return self._sessions

    @property
    def journal(self) -> Journal:
        """What this engine tells its operator."""
        return self._journal

    @property
    def auditing(self) -> Auditing:
        """What an auditor looks at: whether the log holds, what was changed in it, the pack of a month."""
        return self._auditing

    def rules(self, order_id: str) -> Rulebook:
        """Give the rules that govern an order; raises `NotFoundError`."""
        return self._looking.order(order_id)[1]

    def history(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of an order; raises `NotFoundError`."""
        return self._looking.history(order_id)

    def cases(self, about: str = "", workflow: str = "") -> tuple[Order, ...]:
        """
        Give the cases about an order or a unit, or all there are, in order of id.

        Of one workflow where it is named: `supervision`, `enquiry`, `extension`, `talk`, `topic`. A case is
        read, submitted to and explained as an order is, by its id.
        """
        return tuple(order for order, _ in self._looking.cases(about, workflow))

    def linked(self, order_id: str) -> tuple[Linked, ...]:
        """Give the log of an order with position and hash of each entry; empty where there is none."""
        return tuple(self._store.linked(order_id))

    def deadlines(self, order_id: str | None = None) -> tuple[Deadline, ...]:
        """Give the clocks of an order, or of all in order of id, with their verdicts as of now."""
        return tuple(self._looking.deadlines(order_id))

    def differences(self, order_id: str | None = None) -> tuple[tuple[str, tuple[Difference, ...]], ...]:
        """
        Give each order, in order of id, with the clocks that the records show otherwise than holds now.

        Of one order alone where it is named; raises `NotFoundError` where it has no log.
        """
        return tuple(self._looking.differences(order_id))

    def custody(self, order_id: str) -> Custody:
        """Give who held an order when, in natural and working time, as of now; raises `NotFoundError`."""
        return self._looking.custody(order_id)

    def blame(self, order_id: str | None = None) -> tuple[Blame, ...]:
        """
        Give the overdues, of one order or of all, that an earlier unit's late return had a part in.

        Each proposes who should bear it; only the event `rule_overdue` moves it. Raises `NotFoundError`.
        """
        return tuple(self._looking.blame(order_id))

    def pingpong(self, month: str = "") -> PingPong:
        """Give the returns between units in a month such as `2026-03`, or of all times."""
        return self._looking.pingpong(month)

    def ledger(
        self, name: str, *, unit: str = "", month: str = "", open_only: bool = False
    ) -> tuple[Line, ...]:
        """
        Give the lines of a list that people work by, as of now: what is open and due soonest comes first.

        `risk`, `staged`, `redo`, `repeats`, `joint` or `chronic`: those that the document has. Of a unit, of
        those that came onto it in a month such as `2026-03`, of what is still to be done alone. Raises
        `UsageError` for another name.
        """
        return self._looking.ledger(name, unit=unit, month=month, open_only=open_only)

    def sweep(self) -> int:
        """Raise what is overdue, once, and say how many time-outs were raised."""
        return self._service.sweep()

    def longest_due_at(self) -> datetime | None:
        """Give the due time of what has been overdue longest and is not raised yet; None where all is."""
        return self._looking.longest_due_at()

    def tell(self, notify: Notifier | Path | str | None = None) -> int:
        """
        Put into the inbox of each role what concerns it by now, once, and say how many memos that were.

        Warnings, time-outs and their withdrawal, escalations, cases that wait for somebody, reminders of what
        recurs; and what nobody took in time, to the next above (setting `tell.climb_after`). Each is told to
        the engine's log and to `notify`: a callable that is given plain values, or the path of a file for a
        line of JSON each. What the notifier raises is raised when the rest is done, and that memo is handed
        to it again. One process does so at a time: where another is just telling nothing is done.
        """
        return self._inbox.tell(notifier_of(notify))

    def inbox(
        self, role: str = "", unit: str = "", *, standing: bool = True, before: int = NUMBER_MOST,
        most: int = NUMBER_MOST,
    ) -> tuple[Memo, ...]:  # fmt: skip
        """
        Give what was told to a role, or to all, the newest first; of one unit where it is named.

        `standing`: only what nobody took yet and what is not over. At most so many, with lower numbers than
        `before`. Raises `UsageError` for no role.
        """
        return tuple(
            self._store.inbox(standing=standing, role=_role(role), unit=unit, before=before, most=most)
        )

    def acknowledge(self, *numbers: int, actor: str, role: str = "") -> tuple[Memo, ...]:
        """
        Note that somebody took notice of what was told under these numbers; it climbs no more.

        Twice is harmless: who was first stays. Raises `NotFoundError`, changing nothing, where one is
        unknown, `UsageError` without an actor or for no role.
        """
        return self._inbox.acknowledge(numbers, actor, _role(role))

    def start(
        self,
        every_seconds: float = 1.0,
        *,
        seals: Path | str | None = None,
        notify: Notifier | Path | str | None = None,
    ) -> None:
        """
        Sweep every so many seconds, tell (`tell`), and serve subscribers, in threads; again does nothing.

        With a folder of `seals` the log is sealed into it once a day, and at once where a day was missed.
        `notify` is given what is told, as with `tell`: the same wherever an engine runs on these orders.
        """
        from paidan.engine.scheduler import Scheduler  # noqa: PLC0415 - only a running engine loads it

        with self._turn:
            if self._closed:
                raise StoreUnavailableError("db_away", why="closed")
            if self._scheduler is None:
                daily = None if seals is None else self._daily_seal(Path(seals))
                self._auditing.seals = None if seals is None else Path(seals)
                tell = partial(self._inbox.tell, notifier_of(notify))
                self._scheduler = Scheduler(self.sweep, every_seconds, self._journal, daily, tell)
                self._scheduler.start()
                for one in self._subscriptions.values():
                    one.start()

    def stop(self) -> None:
        """Stop sweeping and delivering; waits for what is under way."""
        with self._turn:
            scheduler, self._scheduler = self._scheduler, None
            subscriptions = tuple(self._subscriptions.values())
        for one in subscriptions:  # a handler of one may be stopping the engine too
            one.stop()
        if scheduler is not None:
            scheduler.stop()

    def subscribe(self, name: str, handler: Handler, *, from_start: bool = True) -> None:
        """
        Give every committed entry to `handler`, at least once, those of an order in their order.

        A cursor of that name is kept in the database, so that a name goes on where it stopped, in
        whichever process; a new one begins with the first entry of the log, or with what is written
        from now on. It is served in a thread of its own while the engine runs (`start`). A handler
        that raises is given the same entry again, after one second, then two, up to a minute; others
        do not wait for it. It should take seconds at most: see `paidan.storage.port.LEASE_SECONDS`.
        Raises `UsageError` for a name that is taken in this engine, or is none.
        """
        one = Subscription(self._store, _subscriber(name), handler, self._journal)
        if not from_start and self._store.position_of(name) is None:
            with self._store.cursor(name, self._store.settled()):
                pass
        with self._turn:
            if name in self._subscriptions:
                raise UsageError("live.subscriber_taken", name=name)
            self._subscriptions[name] = one
            if self._scheduler is not None:
                one.start()

    def deliver(self, name: str, handler: Handler, most: int = MOST) -> int:
        """
        Give `handler` here and now what the subscriber of that name has not had, and say how many.

        For a host with a loop of its own, instead of `subscribe`. At most `most` at once, 0 where there
        are none or another process is just giving them. What the handler raises is raised, and that entry
        comes again.
        """
        return deliver(self._store, _subscriber(name), handler, most=most)

    def entries_after(self, cursor: int = 0, most: int = MOST) -> tuple[Linked, ...]:
        """
        Give the entries that follow a position in the log, at most so many, each with position and hash.

        For a host that keeps its own cursor: the position of the last entry it has dealt with, 0 at first.
        None that is committed later will come before one that was given.
        """
        return self._store.written(cursor, most)

    def verify(self, seals: Path | str | None = None, public: Path | str | None = None) -> "Verified":
        """
        Hold the log against its chain, what is kept beside it against its fold, both against the seals.

        Seals are checked by the key in the file `public`, or by the master key. Raises `InputError`
        where a folder or file is missing, `UsageError` where there is no key to check seals by.
        """
        from paidan.engine.audit.verify import verify_by  # noqa: PLC0415 - who verifies nothing loads it not

        return verify_by(self._store, self._governing.fold, seals, public, self._key)

    def seal(self, folder: Path | str, public: Path | str | None = None) -> "Seal | None":
        """
        Seal what was written since the last seal in `folder`, or give None where nothing was.

        After the master key was replaced the file `public` holds the key that checks the last seal.
        Raises `BrokenError` for a log that does not hold, `UsageError` without a master key.
        """
        from paidan.engine.audit import keys, seals  # noqa: PLC0415 - it brings what signs

        older = None if public is None else keys.checker(public)
        return self._told_sealed(seals.seal(self._store, Path(folder), self._signer(), self.now(), older))

    def _daily_seal(self, folder: Path) -> Callable[[], object]:
        from paidan.engine.audit import seals  # noqa: PLC0415 - it brings what signs

        signer = self._signer()
        return lambda: self._told_sealed(seals.seal_of_the_day(self._store, folder, signer, self.now()))

    def _signer(self) -> "Signer":
        from paidan.engine.audit.keys import signer  # noqa: PLC0415 - it brings what signs

        return signer(self._key)

    def _signing(self) -> "Signer | None":
        """Give what signs, where there is a master key."""
        return None if given_key(self._key) is None else self._signer()

    def _told_sealed(self, made: "Seal | None") -> "Seal | None":
        if made is not None:
            self._journal.tell(SEALED, number=made.number, position=made.position, entries=made.entries)
        return made

    def load_calendar(self, file: Path | str) -> CalendarLoad:
        """
        Count by the holiday notice in a file from now on, and count again what it moves.

        Every clock whose due time it changes, or makes certain, gets a `recompute` entry with both
        times; a time-out that no longer stands is withdrawn. Loading the same notice again finishes
        a load that was cut short, else does nothing. Raises `PolicyError` for a notice with
        mistakes, or of a year that would leave a gap.
        """
        path = Path(file)
        return self._service.load_calendar(editions.notice_of(path.read_bytes(), str(path)), str(path))

    def load_directory(
        self, file: Path | str, /, *, actor: str, from_on: date | None = None
    ) -> DirectoryLoad:
        """
        Keep the directory (通讯录) in a file, whole, as it stands from a day on: today, if none is said.

        The last that is loaded answers for its day and those after it; what was loaded before it stays
        and answers for the days before. The same again does nothing. Raises `InputError` for a file that
        cannot be taken, `RejectedRowsError` where a row is not right, `UsageError` without an actor.
        """
        done = load_directory(self._store, Path(file), actor, self.now(), from_on)
        if done.new:
            self._journal.tell(DIRECTORY_FILED, from_on=str(done.from_on), posts=len(done.directory.holdings))
        return done

    def directory(self) -> Filings:
        """Give who holds which post when, by every directory that was loaded."""
        return filings_of(self._store.filings())

    def calendar(self) -> WorkCalendar:
        """Give the working calendar by which new deadlines are counted now, loaded notices included."""
        return self._governing.calendar()

    def differing(self, most: int = 200) -> tuple[str, ...]:
        """Name those of the first `most` orders that are not kept as their log says; `rebuild` mends."""
        return self._looking.differing(most)

    def rebuild(self) -> bool:
        """Fold every order anew from the log, and say whether anything was not as it should be."""
        return self._service.rebuild()

    def export(self, file: Path | str | TextIO) -> int:
        """
        Write the log as the CSV that `replay` reads, in UTF-8; gives the number of rows.

        A path takes the file only when it is whole.
        """
        if not isinstance(file, str | Path):
            return write_long_form(self._linked(), file)
        path = Path(file)
        with whole(path) as beside, encoded(beside, "utf-8", path.name) as opened:
            return write_long_form(self._linked(), opened)

    def tabulate(
        self, what: str, file: Path | str, *, form: str = "csv", encoding: str = "utf-8", lang: str = "zh"
    ) -> Written:
        """
        Write a table of all orders and cases to a file, and say what came of it.

        `what` is `entries` (what was submitted, as `export` writes it), `transitions`, `deadlines`,
        `deviations` or `histories`; `form` is `csv`, `jsonl`, `parquet` or `xlsx` (the last two need the
        extra `files`). CSV is in `encoding`, UTF-8 with a byte order mark or `gb18030`. Rows are written
        as they are read. Raises `UsageError` for another word, `InputError` as `engine.export.table.save`.
        """
        from paidan.engine.export import listings  # noqa: PLC0415 - an engine that writes no tables

        asked = chosen(What, "what", what)
        looking = self._looking
        if asked is What.deadlines:
            sheet = listings.deadlines(looking.deadlines(cases=True), lang)
        elif asked is What.transitions:
            sheet = listings.transitions(looking.governed(), lang)
        elif asked is What.deviations:
            sheet = listings.deviations(looking.governed(), self.now(), lang)
        elif asked is What.histories:
            sheet = listings.histories(looking.governed(), self.directory(), lang)
        else:  # for programs it is a log under its own names, for people a workbook
            named = "en" if form == Form.csv else lang
            sheet = listings.entries(self._linked(), named)
        return save(
            sheet, Path(file), chosen(Form, "form", form), encoding=chosen(Encoding, "encoding", encoding)
        )

    def _linked(self) -> "Iterable[Linked]":
        return counted(self._store.linked(), "exporting", self._store.settled)

    def export_log(self, file: Path | str, form: str = "", lang: str = "zh") -> "Contents":
        """
        Write the log with its deadlines for other tools, as `xes` or `ocel`; gives how much it holds.

        Where no form is named the file's name says it (`.xes`, `.xes.gz`, `.jsonocel`); events are labelled
        in `lang`. The file takes its name when it is whole. Raises `UsageError` for another form,
        `InputError` where it cannot be written.
        """
        from paidan.engine.export.logs import write_log  # noqa: PLC0415 - only who exports needs it

        return write_log(self._looking.lives(), Path(file), form, lang)

    def records(self, as_of: datetime | None = None) -> "tuple[OrderRecord, ...]":
        """Give what scoring needs of every order, in order of id, as of now or as known at a time."""
        return tuple(self._looking.records(as_of or self.now()))

    def run_at(self, as_of: datetime) -> "Run":
        """
        Give the live orders as a run to score, by what was written up to a time.

        With the roster and what was entered by hand as their files now are; raises as `open` for them.
        """
        from paidan.engine.scoring.run import Run  # noqa: PLC0415 - only who scores loads it

        books = self._governing.books()
        units, adjustments = self._entered
        return Run(
            document=books.document, settings=books.chosen, as_of=as_of.astimezone(BEIJING),
            records=self.records(as_of), roster=_roster(units, books.document), adjustments=adjustments,
            calendar=books.latest.calendar.edition,
        )  # fmt: skip

    def now(self) -> datetime:
        """Give the engine's time."""
        return self._clock.now()

    def close(self) -> None:
        """Stop, and let go of the database; what is under way ends, a second call does nothing."""
        with self._turn:
            self._closed = True
        self.stop()
        self._board.stop()
        self._auditing.stop()
        if self._scores is not None:
            self._scores.close()
        self._store.close()
        if self._metrics:
            self._metrics.take_out()

    def _lag_seconds(self) -> float:
        due = self._looking.longest_due_at()
        return 0.0 if due is None else (self.now() - due).total_seconds()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def books_of(store: Store, found: Document, units: Roster | Path | str | None) -> Books:
    """Give the rules of a store's document, as it was chosen when the store was made, with a roster."""
    return Books(found, store.settings, _roster(units, found), editions.from_text(store.calendar))


def _changed(asked: Document, settings: Mapping[str, Any]) -> dict[str, str]:
    """Give the settings that differ from the defaults, as text; raises `SettingError`."""
    chosen = asked.choose(settings)
    return {name: shown(value) for name, value in chosen.items() if value != asked.defaults[name]}


def _check_same(policy: str, store: Store, chosen: Mapping[str, str] | None) -> None:
    """Refuse a policy or readings other than those the store was made with."""
    if policy != store.policy:
        raise UsageError("live.db_policy", asked=policy, found=store.policy)
    if chosen is not None and chosen != store.settings:
        raise UsageError("live.db_settings", asked=_listed(chosen), found=_listed(store.settings))


def _subscriber(name: str) -> str:
    """Read the name of a subscriber; raises `UsageError` for none, and for that of the teller."""
    if name in (CURSOR, REMINDED):
        raise UsageError("live.subscriber_taken", name=name)
    return checked_key(name)


def _role(name: str) -> str:
    """Read a role by identifier or label; raises `UsageError` for none."""
    if name and name not in role_names():
        raise UsageError("inbox.role_unknown", role=name)
    return role_names().get(name, "")


def _measured(registry: "CollectorRegistry | None") -> "Metrics | None":
    if registry is None:
        return None
    from paidan.engine.metrics import Metrics  # noqa: PLC0415 - an extra

    return Metrics(registry)


def _known_here() -> str:
    return editions.to_text(calendars.known())


def _listed(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items())) or "–"


def _roster(units: Roster | Path | str | None, found: Document) -> Roster | None:
    if units is None or isinstance(units, Roster):
        return units
    from paidan.engine.intake.rosters import read_roster  # noqa: PLC0415 - most engines get none, or one ready

    roster, rejected = read_roster(Path(units), found.pools)
    if rejected:
        raise InputError(rejected[0].code, **rejected[0].details)
    return roster
