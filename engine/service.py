"""
What can be done with live orders: ask something of one, raise what is overdue, look, rebuild.

A command is read, loaded, decided and written under one lock, so that nothing comes between
what was decided on and what is written. Whatever was overdue by then is written first.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby, islice
from operator import attrgetter
from time import perf_counter
from typing import NamedTuple

from paidan.engine.answers import body_of, check_expected, check_same, entries_of
from paidan.engine.backdating import not_let_in
from paidan.engine.calendar_load import Adopted, CalendarLoad, Recount, adopt, touched
from paidan.engine.clock import Clock
from paidan.engine.corrections import corrected
from paidan.engine.decide import LIFE, decide, raise_overdue, recompute
from paidan.engine.differences import Difference, of_entries
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.evolve import fold
from paidan.engine.import_order import Taken, take_in
from paidan.engine.intake.commands import Asked
from paidan.engine.messages.reasons import reason
from paidan.engine.telemetry import (
    CALENDAR_LOADED,
    COMMAND_ACCEPTED,
    COMMAND_REFUSED,
    COMMAND_REPEATED,
    ESCALATED,
    IDENTITIES_ERASED,
    IDENTITIES_UNMASKED,
    KEY_ROTATED,
    REBUILT,
    STORE_FAILED,
    SWEPT,
    TIME_OUT_RAISED,
    WARNED,
    Journal,
)
from paidan.policies.calendar import WorkCalendar
from paidan.policies.clocks import Verdict, alarms, verdict, verdict_recorded
from paidan.policies.editions import Loaded, notice_of
from paidan.policies.notices import Notice
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook, calendar_for
from paidan.policies.scoring.records import OrderRecord, record_of
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import Change, Fold, Kept, KeptAnswer, KeptNotice, Reading, Store, Transaction
from paidan.storage.vault import Identity, Vault
from paidan.workflows.definition import START
from paidan.workflows.records import NOTHING, Command, Entry, Finding, Order

_BATCH = 200
"""Clocks claimed at once: few enough that a command never waits long for the write lock."""
_TOLD_AS = {"warn": WARNED, "time_out": TIME_OUT_RAISED, "escalate": ESCALATED}


class Reason(NamedTuple):
    """Why, in words: rule and clause (empty for what the life of an order forbids), the sentence."""

    rule: str
    clause: str
    text: str
    refuses: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What came of a command.

    `entries` are those it wrote, none when refused; `raised` the time-outs (with any warnings and
    escalations) that had to be written
    before it and stay even then. `order` is the order as it then was, `findings` what a rule or the
    life of the order refused or noted, `dropped` how many identity attributes no vault has kept.
    `again` says that it was all decided before, under the same key, and nothing was done now.
    """

    order: Order
    entries: tuple[Entry, ...]
    raised: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    dropped: Mapping[str, int]
    rules: Rulebook = field(repr=False, compare=False)
    again: bool = field(default=False, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the command was written."""
        return bool(self.entries)

    def reasons(self, lang: str = "zh") -> tuple[Reason, ...]:
        """Say the findings in `lang` (zh or en), each with rule and clause."""
        return tuple(
            Reason(one.rule, one.clause, reason(one, self.rules, lang), one.refuses) for one in self.findings
        )


class Unmasked(NamedTuple):
    """What came of asking for the identities of an order: none were given where it was refused."""

    outcome: Outcome
    identities: tuple[Identity, ...]


class Erased(NamedTuple):
    """
    What came of erasing the identities of an order.

    `scrubbed` is false while bytes of them may still lie in a file of the store, because somebody reads
    what was there before: to be asked again, which is refused and finishes the work.
    """

    outcome: Outcome
    scrubbed: bool


class Deadline(NamedTuple):
    """
    A row of `deadlines` as of now; the first columns are those of a replay.

    `verdict` goes by when things happened, and counts. `learned_at` says when the ending became known,
    where that was later; `verdict_recorded` is the verdict by that, where it is another.
    """

    order_id: str
    rule: str
    unit: str
    kind: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    verdict: Verdict
    provisional: bool
    policy: str
    clause: str
    learned_at: datetime | None = None
    verdict_recorded: Verdict | None = None


class Service:
    """Live orders in a store, under the rules of one document and by one clock."""

    def __init__(
        self, store: Store, books: Books, clock: Clock, journal: Journal, vault: Vault | None = None
    ) -> None:
        self._store = store
        self._vault = vault
        self._known: tuple[tuple[KeptNotice, ...], Books] = ((), books)
        self._clock = clock
        self._journal = journal

    def submit(self, asked: Asked, *, key: str = "", expected: int | None = None) -> Outcome:
        """
        Ask something of an order; what is refused is told with its reason and writes nothing.

        The time is the engine's; another, and a correction, take a role that may and a reason
        (`engine.backdating`). What was answered under `key` is answered again,
        whatever has become of the order. `expected` is the `seq` at which the caller saw the order, 0
        for one that is not there yet.

        Raises `NotFoundError` for an order that has no log, unless the event is one that begins an
        order; `ConflictError` where the key stands for another command, or the order is elsewhere.
        """
        began = perf_counter()
        with self._failures_told("submit"):
            outcome = self._store.write(lambda transaction: self._answered(transaction, asked, key, expected))
        self._tell_answer(asked, key, outcome, _seconds_since(began))
        return outcome

    def take_in(self, orders: Sequence[Sequence[Command]], *, enforce: bool) -> list[Taken]:
        """
        Carry on orders by what a log tells of them, all of these in one transaction.

        Each comes with its commands as they were learned; an order that has no log begins with the
        first, whatever it is, under the rules of its time. See `paidan.engine.import_order.take_in`.
        """
        with self._failures_told("import"):
            done = self._store.write(
                lambda transaction: list(self._taken_in(transaction, orders, enforce=enforce))
            )
            if any(_erases(taken.entries) for taken in done):
                self._store.scrub()
            return done

    def _taken_in(
        self, transaction: Transaction, orders: Sequence[Sequence[Command]], *, enforce: bool
    ) -> Iterator[Taken]:
        books = self._books(transaction)
        now = self._now(books)
        for commands in orders:
            order_id = commands[0].order_id
            kept = transaction.order(order_id)
            log: tuple[Entry, ...] = ()
            if kept is None:
                order, rules = Order(order_id), books.governing(commands[0].at.date())[0]
            else:
                order, rules = kept.order, _rules(books, kept)
                log = transaction.entries(order_id)
            taken = take_in(transaction, (order, log), commands, rules, now, enforce=enforce)
            if taken.entries:
                last = taken.entries[-1].recorded_at
                transaction.keep(_kept(taken.order, rules, last), taken.entries, kept)
            if _erases(taken.entries):
                transaction.erase(order_id)
            yield taken

    def unmask(self, asked: Asked) -> Unmasked:
        """
        Give the identities of an order, once the log says who asked and why.

        Raises `UsageError` where there is no vault, `NotFoundError` for an order that has no log.
        """
        vault = self._opened()

        def unmasked(transaction: Transaction) -> Unmasked:
            outcome = self._decided(transaction, asked, None)
            found = vault.read(transaction, asked.order_id) if outcome.accepted else ()
            return Unmasked(outcome, found)

        with self._failures_told("unmask"):
            done = self._store.write(unmasked)
        if done.outcome.accepted:
            seq, values = done.outcome.entries[0].seq, len(done.identities)
            self._journal.tell(IDENTITIES_UNMASKED, order=asked.order_id, seq=seq, values=values)
        return done

    def erase(self, asked: Asked) -> Erased:
        """Destroy the identities of an order for good; raises as `unmask`."""
        self._opened()

        def erased(transaction: Transaction) -> Outcome:
            outcome = self._decided(transaction, asked, None)
            if outcome.accepted:
                transaction.erase(asked.order_id)
            return outcome

        with self._failures_told("erase"):
            outcome = self._store.write(erased)
            scrubbed = self._store.scrub()
        if outcome.accepted:
            seq = outcome.entries[0].seq
            self._journal.tell(IDENTITIES_ERASED, order=asked.order_id, seq=seq, scrubbed=scrubbed)
        return Erased(outcome, scrubbed)

    def rotate_key(self, key: bytes) -> bool:
        """Put another master key in place, and say whether no file holds the old one's work."""
        vault = self._opened()
        with self._failures_told("rotate"):
            self._vault = self._store.write(lambda transaction: vault.rotate(transaction, key))
            scrubbed = self._store.scrub()
        self._journal.tell(KEY_ROTATED, scrubbed=scrubbed)
        return scrubbed

    def _opened(self) -> Vault:
        if self._vault is None:
            raise UsageError("live.no_vault")
        return self._vault

    def sweep(self) -> int:
        """
        Raise a `time_out` for every duty that passed undone, and say how many entries were written.

        With them come the warnings and escalations that the site asked for (`warn.before`,
        `escalate.after`). Each is raised once, with the time it was due as its time, however many
        sweepers there are and however often they are stopped. Nothing to raise costs one look at an
        index.
        """
        began = perf_counter()
        total = latest = 0
        with self._failures_told("sweep"):
            while self._store.due(self._clock.now(), 1):
                raised = self._store.write(self._raise_batch)
                if not raised:  # another sweeper was here first, or a clock has lost its order
                    break
                for order, entries in raised:
                    self._tell(entries, order)
                    total += len(entries)
                    latest = max(latest, *map(_late_seconds, entries), 0)
        self._journal.tell(SWEPT, raised=total, seconds=_seconds_since(began), late_seconds=latest)
        return total

    def longest_due_at(self) -> datetime | None:
        """Give when what has waited longest to be raised should have been, None where nothing waits."""
        now = self._clock.now()
        for order_id in self._store.due(now, 1):
            kept = self._store.order(order_id)
            if kept is not None:
                return min((at for at in kept.wakes if at is not None and at < now), default=None)
        return None

    def order(self, order_id: str) -> tuple[Order, Rulebook]:
        """Give an order with what governs it; raises `NotFoundError` where it has no log."""
        kept = self._store.order(order_id)
        if kept is None:
            raise _missing(order_id)
        return kept.order, _rules(self._books(self._store), kept)

    def history(self, order_id: str) -> tuple[Entry, ...]:
        """Give the log of an order; raises `NotFoundError` where it has none."""
        entries = tuple(self._store.entries(order_id))
        if not entries:
            raise _missing(order_id)
        return entries

    def deadlines(self, order_id: str | None = None) -> Iterator[Deadline]:
        """Give every clock of one order, or of all, with what it came to as of now."""
        now = self._clock.now()
        if order_id is not None:
            order, rules = self.order(order_id)
            yield from _deadlines(order, rules, now)
            return
        books = self._books(self._store)
        for kept in self._store.orders():
            yield from _deadlines(kept.order, _rules(books, kept), now)

    def differences(self, order_id: str | None = None) -> Iterator[tuple[str, tuple[Difference, ...]]]:
        """Give every order, or one, with what its records say otherwise than what holds now."""
        now = self._clock.now()
        books = self._books(self._store)
        logs = self._store.entries() if order_id is None else iter(self.history(order_id))
        for one, log in groupby(logs, key=attrgetter("order_id")):
            entries = tuple(log)
            yield one, of_entries(one, entries, _governing(books, entries), now)

    def records(self, as_of: datetime) -> Iterator[OrderRecord]:
        """Give what scoring needs of every order, in order of id, by what was written up to a time."""
        books = self._books(self._store)
        for order_id, log in groupby(self._store.entries(), key=attrgetter("order_id")):
            entries = tuple(entry for entry in log if entry.recorded_at <= as_of)
            if entries:
                rules = _governing(books, entries)
                yield record_of(fold(order_id, entries, rules), corrected(entries), rules, as_of)

    def rebuild(self) -> bool:
        """Drop what is folded, fold every log anew, and say whether anything differed."""
        differed = self._store.write(lambda transaction: transaction.rebuild(self.fold(transaction)))
        self._journal.tell(REBUILT, differed=differed)
        return differed

    def differing(self, most: int) -> tuple[str, ...]:
        """Name those of the first `most` orders that are kept otherwise than their log folds to."""
        fold = self.fold()
        found: list[str] = []
        for kept in islice(self._store.orders(), most):
            order_id = kept.order.order_id
            # What was written since the order was read is none of its fold.
            log = tuple(islice(self._store.entries(order_id), kept.order.seq))
            if not log or fold(order_id, log)._replace(head=kept.head) != kept:  # `verify` checks the head
                found.append(order_id)
        return tuple(found)

    def fold(self, reading: Reading | None = None) -> Fold:
        """Give what makes of a log what a store keeps beside it, by the rules as they now stand."""
        return partial(_folded, self._books(reading or self._store))

    def calendar(self) -> WorkCalendar:
        """Give the working calendar by which new deadlines are counted now."""
        books = self._books(self._store)
        notices = (*books.known.notices, *(one.notice for one in books.loaded))
        return calendar_for(books.latest.policy, books.known._replace(notices=notices))

    def load_calendar(self, notice: Notice, file: str) -> CalendarLoad:
        """
        Count by `notice` from now on, and every clock again that it moves or makes certain.

        Each order is changed in a transaction of its own, one `recompute` a clock. Loading what is
        loaded already only counts again, so that a load cut short is finished by another. Raises
        `PolicyError` for a notice that leaves a gap.
        """
        known = self._store.write(lambda transaction: self._adopted(transaction, notice, file))
        changes = touched(known)
        orders = [kept.order.order_id for kept in self._store.orders() if changes.may_move(kept.order.clocks)]
        recounts: list[Recount] = []
        for order_id in orders:
            recounts += self._store.write(partial(self._recounted, order_id))
        self._journal.tell(
            CALENDAR_LOADED,
            notice=str(notice),
            horizon_on=str(known.after.horizon_on),
            recomputed=len(recounts),
        )
        return CalendarLoad(notice, known.before, known.after, changes.days, tuple(recounts))

    def _adopted(self, transaction: Transaction, notice: Notice, file: str) -> Adopted:
        return adopt(transaction, self._books(transaction), notice, file, self._clock.now())

    def _recounted(self, order_id: str, transaction: Transaction) -> tuple[Recount, ...]:
        kept = transaction.order(order_id)
        if kept is None:
            return ()
        books = self._books(transaction)
        rules = _rules(books, kept)
        now = self._now(books, kept)
        decision = recompute(kept.order, transaction.entries(order_id), now, rules)
        if decision.entries:
            last = decision.entries[-1].recorded_at
            transaction.keep(_kept(decision.order, rules, last), decision.entries, kept)
        return tuple(Recount.of(entry, rules) for entry in decision.entries if entry.event == "recompute")

    def _books(self, reading: Reading) -> Books:
        """Give the rules with the notices that are loaded now, by whichever process."""
        loaded = reading.notices()
        known, books = self._known
        if loaded != known:
            read = [Loaded(one.loaded_at, notice_of(one.text.encode(), str(one.year))) for one in loaded]
            books = books.with_loaded(read)
            self._known = (loaded, books)
        return books

    def _now(self, books: Books, kept: Kept | None = None) -> datetime:
        """
        Give the time, never before the last notice was loaded: what is written after it says so.

        Nor before the last entry of an order, though the machine's clock be set back or another
        machine's be behind: what is learned later is never recorded earlier.
        """
        now = self._clock.now()
        if books.loaded:
            now = max(now, books.loaded[-1].at)
        return now if kept is None or kept.recorded_at is None else max(now, kept.recorded_at)

    def _answered(self, transaction: Transaction, asked: Asked, key: str, expected: int | None) -> Outcome:
        if not key:
            return self._decided(transaction, asked, expected)
        body = body_of(asked)
        known = transaction.answer(key)
        if known is not None:
            check_same(known, body)
            return self._again(transaction, known)
        outcome = self._decided(transaction, asked, expected)
        order = outcome.order
        answer = KeptAnswer(
            key, order.order_id, body, self._now(self._books(transaction)), order.seq,
            len(outcome.raised), len(outcome.entries), outcome.findings, outcome.dropped,
        )  # fmt: skip
        transaction.keep_answer(answer)
        return outcome

    def _again(self, transaction: Transaction, known: KeptAnswer) -> Outcome:
        """Give an answer as it was: its entries are in the log, and the order is what they fold to."""
        books = self._books(transaction)
        log = transaction.entries(known.order_id)[: known.seq]
        if log:
            rules = _governing(books, log)
            order = fold(known.order_id, log, rules)
        else:
            order, rules = Order(known.order_id), books.governing(known.at.date())[0]
        raised, written = entries_of(known, log)
        return Outcome(order, written, raised, known.findings, known.dropped, rules, again=True)

    def _decided(self, transaction: Transaction, asked: Asked, expected: int | None) -> Outcome:
        kept = transaction.order(asked.order_id)  # first: what else must be read comes along with it
        books = self._books(transaction)
        now = self._now(books, kept)
        check_expected(asked.order_id, kept, expected)
        if kept is None:
            if LIFE.target(START, asked.event, NOTHING, asked.attributes) is None:
                raise _missing(asked.order_id)
            order, rules = Order(asked.order_id), books.governing((asked.at or now).date())[0]
        else:
            order, rules = kept.order, _rules(books, kept)
        raised = raise_overdue(order, now, rules)
        order, entries = raised.order, raised.entries

        def log() -> tuple[Entry, ...]:
            return (*transaction.entries(asked.order_id), *raised.entries)

        findings = not_let_in(asked, now, order, rules, books)
        written: tuple[Entry, ...] = ()
        if not findings:
            command = Command(
                asked.order_id, asked.event, asked.at or now, asked.actor, asked.role, asked.unit,
                asked.attributes, now,
            )  # fmt: skip
            decision = decide(order, command, rules, log=log)
            order, written, findings = decision.order, decision.entries, decision.findings
            entries += written
        if entries:
            transaction.keep(_kept(order, rules, entries[-1].recorded_at), entries, kept)
        dropped = asked.dropped
        if written and asked.private.values and self._vault and not order.facts.get("erased"):
            self._vault.keep(transaction, order.order_id, written[0].seq, asked.private.values)
            dropped = NOTHING
        return Outcome(order, written, raised.entries, findings, dropped, rules)

    def _raise_batch(self, transaction: Transaction) -> list[tuple[Order, tuple[Entry, ...]]]:
        books = self._books(transaction)
        changes: list[Change] = []
        for kept in transaction.claim(self._now(books), _BATCH):
            rules = _rules(books, kept)
            now = self._now(books, kept)
            raised = raise_overdue(kept.order, now, rules)
            last = raised.entries[-1].recorded_at if raised.entries else kept.recorded_at
            changes.append(Change(_kept(raised.order, rules, last), raised.entries, kept))
        transaction.keep_all(changes)
        return [(after.order, tuple(entries)) for after, entries, _ in changes]

    @contextmanager
    def _failures_told(self, doing: str) -> Iterator[None]:
        try:
            yield
        except StoreUnavailableError as error:
            self._journal.tell(STORE_FAILED, doing=doing, code=error.code)
            raise

    def _tell_answer(self, asked: Asked, key: str, outcome: Outcome, seconds: float) -> None:
        tell, of = self._journal.tell, {"order": asked.order_id, "command": asked.event}
        if outcome.again:
            tell(COMMAND_REPEATED, **of, key=key, seconds=seconds)
            return
        self._tell(outcome.raised, outcome.order)
        if outcome.accepted:
            first = outcome.entries[0]
            tell(COMMAND_ACCEPTED, **of, seq=first.seq, state=first.to_state, seconds=seconds)
        else:
            broken = [one.rule or one.code for one in outcome.findings if one.refuses]
            tell(COMMAND_REFUSED, **of, rules=broken, seconds=seconds)

    def _tell(self, raised: Sequence[Entry], order: Order) -> None:
        for entry in raised:
            due_at = entry.attributes.get("due_at", entry.at)
            self._journal.tell(
                _TOLD_AS[entry.event], order=order.order_id, rule=entry.rule, unit=entry.unit,
                due_at=due_at.isoformat(), late_seconds=_late_seconds(entry),
            )  # fmt: skip


def _erases(entries: Sequence[Entry]) -> bool:
    """Say whether identities were erased where a log comes from: then they are here too."""
    return any(entry.event == "erase" for entry in entries)


def _folded(books: Books, order_id: str, entries: Sequence[Entry]) -> Kept:
    rules = _governing(books, entries)
    return _kept(fold(order_id, entries, rules), rules, entries[-1].recorded_at)


def _governing(books: Books, log: Sequence[Entry]) -> Rulebook:
    return books.governing(corrected(log)[0].at.date())[0]


def _rules(books: Books, kept: Kept) -> Rulebook:
    try:
        return books.of(kept.policy)
    except KeyError:
        raise NotFoundError("live.version_gone", version=kept.policy, order=kept.order.order_id) from None


def _kept(order: Order, rules: Rulebook, recorded_at: datetime | None) -> Kept:
    coming = [alarms(clock, rules) for clock in order.clocks]
    wakes = tuple([one[0].at if one else None for one in coming])
    return Kept(order, rules.policy.version, wakes, recorded_at=recorded_at)


def _deadlines(order: Order, rules: Rulebook, now: datetime) -> Iterator[Deadline]:
    for clock in order.clocks:
        rule = rules.clocks[clock.rule]
        came_to, recorded = verdict(clock, rules, now), verdict_recorded(clock, rules, now)
        yield Deadline(
            order.order_id, clock.rule, clock.unit, rule.kind, clock.started_at, clock.due_at, clock.done_at,
            came_to, clock.provisional, rules.policy.version, rule.clause,
            clock.learned_at, None if recorded == came_to else recorded,
        )  # fmt: skip


def _seconds_since(began: float) -> float:
    return round(perf_counter() - began, 6)


def _late_seconds(entry: Entry) -> int:
    """Say how long after its time something was written."""
    return int((entry.recorded_at - entry.at).total_seconds())


def _missing(order_id: str) -> NotFoundError:
    return NotFoundError("live.order_unknown", order=order_id)
