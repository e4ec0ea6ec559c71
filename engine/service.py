"""
What can be done with live orders: ask something of one, raise what is overdue, count anew, rebuild.

A command is read, loaded, decided and written under one lock, so that nothing comes between
what was decided on and what is written. Whatever was overdue by then is written first.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from time import perf_counter
from typing import NoReturn

from paidan.engine.answers import body_of, check_expected, check_same, entries_of
from paidan.engine.backdating import not_let_in
from paidan.engine.beside import Beside
from paidan.engine.calendar_load import Adopted, CalendarLoad, Recount, adopt, touched
from paidan.engine.cases import Heard, heard
from paidan.engine.clock import Clock
from paidan.engine.collector import without_cycles
from paidan.engine.decide import decide, life_of, raise_overdue, recompute
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.evolve import fold
from paidan.engine.feeds import Feed, Feeds, not_whole, since
from paidan.engine.governing import Governing, kept_after, rules_of, rules_of_log
from paidan.engine.import_cases import Bringing, Told
from paidan.engine.import_order import Taken
from paidan.engine.intake.commands import Asked
from paidan.engine.ledger import marks_noted
from paidan.engine.outcomes import Erased, Outcome, Unmasked
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
from paidan.policies.keeping import withheld
from paidan.policies.notices import Notice
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.storage.errors import StoreUnavailableError
from paidan.storage.port import About, Change, Kept, KeptAnswer, Store, Transaction
from paidan.storage.vault import Vault
from paidan.workflows.attributes import IDENTITY, ORDER_ENTRY
from paidan.workflows.cases import case_id
from paidan.workflows.definition import START
from paidan.workflows.records import NOTHING, Command, Entry, Finding, Order

_BATCH = 200
"""Clocks claimed at once: few enough that a command never waits long for the write lock."""
_TOLD_AS = {"warn": WARNED, "time_out": TIME_OUT_RAISED, "escalate": ESCALATED}


class _Tried(Exception):  # noqa: N818 - no error: it undoes what was tried
    """What would come of a command."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Service:
    """Live orders in a store, under the rules of one document and by one clock."""

    def __init__(
        self, store: Store, governing: Governing, clock: Clock, journal: Journal, vault: Vault | None = None
    ) -> None:
        self._store = store
        self._governing = governing
        self._clock = clock
        self._journal = journal
        self._vault = vault

    def tried(self, asked: Asked, *, expected: int | None = None) -> Outcome:
        """Decide as `submit` does, and leave everything as it was; raises as it does."""

        def undone(transaction: Transaction) -> NoReturn:
            raise _Tried(self._decided(transaction, asked, expected))

        try:
            with self._failures_told("submit"):
                return self._store.write(undone, About(asked.order_id))
        except _Tried as tried:
            return tried.outcome

    def submit(self, asked: Asked, *, key: str = "", expected: int | None = None) -> Outcome:
        """
        Ask something of an order; what is refused is told with its reason and writes nothing.

        The time is the engine's; another, and a correction, take a role that may and a reason
        (`engine.backdating`). What was answered under `key` is answered again, whatever has become of
        the order. `expected` is the `seq` at which the caller saw the order, 0 for one that is not there
        yet.

        Raises `NotFoundError` for an order that has no log, unless the event is one that begins an
        order; `ConflictError` where the key stands for another command, or the order is elsewhere.
        """
        began = perf_counter()
        with self._failures_told("submit"):
            outcome = self._store.write(
                lambda transaction: self._answered(transaction, asked, key, expected),
                About(asked.order_id, key, _begins(asked)),
            )
        if self._journal.listened:
            self._tell_answer(asked, key, outcome, _seconds_since(began))
        return outcome

    def take_in(self, told: Sequence[Told], *, enforce: bool, feeds: Feeds = NOTHING) -> list[Taken]:
        """
        Carry on orders and the cases about them by what a log tells of them, all in one transaction.

        Each comes with its commands as they were learned; one that has no log begins with the first,
        whatever it is, under the rules of its time. What rows said of people goes into the vault under
        the entries that say them, unless the order was erased. What exports said last of an order (`feeds`)
        is kept with what came of it. See `paidan.engine.import_cases`.
        """
        with self._failures_told("import"):
            done = self._store.write(
                lambda transaction: self._taken_in(transaction, told, enforce=enforce, feeds=feeds)
            )
            if any(_erases(taken.entries) for taken in done):
                self._store.scrub()
            return done

    def fed(self, feed: Feed, order_ids: Collection[str]) -> Mapping[str, str]:
        """Give what a feed said last of some orders (`feeds.said_of`)."""
        with self._failures_told("import"):
            return self._store.write(lambda transaction: transaction.fed(feed.key, order_ids))

    def seen_fed(self, feed: Feed, order_ids: Collection[str]) -> None:
        """Note that an export holds orders of which nothing is to be taken in."""
        with self._failures_told("import"):
            self._store.write(lambda transaction: transaction.seen_fed(feed.key, feed.export, order_ids))

    def vanished(self, feed: Feed) -> tuple[str, ...]:
        """Name the orders that an export, which is taken in whole, lacks and the one before it held."""

        def gone(transaction: Transaction) -> tuple[str, ...]:
            exports = since(feed, transaction.exports(feed.key))
            return transaction.gone_fed(feed.key, feed.export, exports)

        with self._failures_told("import"):
            return self._store.write(gone)

    def _taken_in(
        self, transaction: Transaction, told: Sequence[Told], *, enforce: bool, feeds: Feeds
    ) -> list[Taken]:
        books = self._governing.books(transaction)
        bringing = Bringing(
            transaction, transaction.orders, books, self._governing.now(books), enforce=enforce,
            feeds=feeds, held=lambda order_id: self._identities(transaction, order_id),
        )  # fmt: skip
        refused: set[str] = set()
        changes: list[Change] = []
        done: list[Taken] = []
        for taken, rules, before, erased in bringing.bring(told):
            order_id = taken.order.order_id
            if taken.entries:
                last = taken.entries[-1].recorded_at
                changes.append(Change(kept_after(taken.order, rules, last, before), taken.entries, before))
            if _erases(taken.entries):
                _erase(transaction, order_id)
            there = before.order.seq if before else 0
            held = NOTHING if erased else self._held(transaction, taken, there)
            if taken.refusals:
                refused.add(order_id)
            done.append(taken._replace(private={}, held=held))
        transaction.keep_all(changes)
        for feed in {one.key: one for one in feeds.values()}.values():
            said = {one.about: one.said[feed.key] for one in told if feed.key in one.said}
            kept = {one: not_whole(what) if one in refused else what for one, what in said.items()}
            transaction.keep_fed(feed.key, feed.export, kept)
        return done

    def _identities(self, transaction: Transaction, order_id: str) -> Mapping[tuple[int, str], str]:
        """Give what the vault holds of an order, by entry and name."""
        found = self._vault.read(transaction, order_id) if self._vault else ()
        return {(one.seq, one.name): one.value for one in found}

    def _held(self, transaction: Transaction, taken: Taken, before: int) -> Mapping[str, int]:
        """Keep what rows said of people under the entries after `before`; count what of it all is held."""
        order = taken.order
        if self._vault is None or not taken.private or order.facts.get("erased"):
            return NOTHING
        new = {seq: one.values for seq, one in taken.private.items() if seq > before}
        if new:
            self._vault.keep(transaction, order.order_id, new)
        sealed = {(one.seq, one.name) for one in transaction.sealed(order.order_id)}
        return Counter(
            name
            for seq, one in taken.private.items()
            for name in one.values
            if name in IDENTITY and (seq, name) in sealed
        )

    @property
    def keeps_identities(self) -> bool:
        """Whether there is a vault."""
        return self._vault is not None

    def unmask(self, asked: Asked) -> Unmasked:
        """
        Give the identities of an order, once the log says who asked and why.

        Refused where a rule keeps them from the role (`[[keeping]]`). Raises `UsageError` where there is
        no vault, `NotFoundError` for an order that has no log.
        """
        vault = self._opened()

        def unmasked(transaction: Transaction) -> Unmasked:
            outcome = self._decided(transaction, asked, None)
            if not outcome.accepted:
                return Unmasked(outcome, ())
            beside = {one: vault.read(transaction, one) for one in transaction.beside(asked.order_id)}
            held = {one: found for one, found in beside.items() if found}
            return Unmasked(outcome, vault.read(transaction, asked.order_id), held)

        with self._failures_told("unmask"):
            done = self._store.write(unmasked)
        if done.outcome.accepted:
            seq = done.outcome.entries[0].seq
            values = len(done.identities) + sum(map(len, done.beside.values()))
            self._journal.tell(IDENTITIES_UNMASKED, order=asked.order_id, seq=seq, values=values)
        return done

    def erase(self, asked: Asked) -> Erased:
        """Destroy the identities of an order for good; raises as `unmask`."""
        self._opened()

        def erased(transaction: Transaction) -> Outcome:
            outcome = self._decided(transaction, asked, None)
            if outcome.accepted:
                _erase(transaction, asked.order_id)
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
            if self._store.due(self._clock.now(), 1):
                with without_cycles():
                    # None is found where another sweeper was here first, or a clock has lost its order.
                    for entries in chain.from_iterable(self._store.drain(self._raise_batch)):
                        self._tell(entries)
                        total += len(entries)
                        latest = max(latest, *map(_late_seconds, entries), 0)
        self._journal.tell(SWEPT, raised=total, seconds=_seconds_since(began), late_seconds=latest)
        return total

    def rebuild(self) -> bool:
        """Drop what is folded, fold every log anew, and say whether anything differed."""
        differed = self._store.write(
            lambda transaction: transaction.rebuild(self._governing.fold(transaction))
        )
        self._journal.tell(REBUILT, differed=differed)
        return differed

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
        return adopt(transaction, self._governing.books(transaction), notice, file, self._clock.now())

    def _recounted(self, order_id: str, transaction: Transaction) -> tuple[Recount, ...]:
        kept = transaction.order(order_id)
        if kept is None:
            return ()
        books = self._governing.books(transaction)
        rules = rules_of(books, kept)
        now, log = self._governing.now(books, kept), transaction.entries(order_id)
        decision = recompute(kept.order, log, now, rules)
        told = heard(decision, rules, kept.recorded_at)
        beside = Beside(transaction, order_id, books) if told else None
        if beside and beside.recorded_at and beside.recorded_at > now:
            decision = recompute(kept.order, log, beside.recorded_at, rules)
            told = heard(decision, rules, kept.recorded_at)
        if decision.entries:
            last = decision.entries[-1].recorded_at
            transaction.keep(kept_after(decision.order, rules, last, kept), decision.entries, kept)
        if beside:
            beside.follow(told)
        return tuple(Recount.of(entry, rules) for entry in decision.entries if entry.event == "recompute")

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
            key, order.order_id, body, self._governing.now(self._governing.books(transaction)), order.seq,
            len(outcome.raised), len(outcome.entries), outcome.findings, outcome.dropped,
        )  # fmt: skip
        transaction.keep_answer(answer)
        return outcome

    def _again(self, transaction: Transaction, known: KeptAnswer) -> Outcome:
        """Give an answer as it was: its entries are in the log, and the order is what they fold to."""
        books = self._governing.books(transaction)
        log = transaction.entries(known.order_id)[: known.seq]
        if log:
            rules = rules_of_log(books, log)
            order = fold(known.order_id, log, rules)
        else:
            order, rules = Order(known.order_id), books.governing(known.at.date())[0]
        raised, written = entries_of(known, log)
        told = [entry for entry in (*raised, *written) if entry.event in rules.heard]
        followed = Beside(transaction, known.order_id, books).following(told) if told else ()
        return Outcome(order, written, raised, known.findings, known.dropped, rules, followed, again=True)

    def _decided(
        self, transaction: Transaction, asked: Asked, expected: int | None, since: datetime | None = None
    ) -> Outcome:
        kept = transaction.order(asked.order_id)  # first: what else must be read comes along with it
        check_expected(asked.order_id, kept, expected)
        about, aside = self._caught_up(transaction, asked.order_id)
        if about:
            kept = transaction.order(asked.order_id)
        books = self._governing.books(transaction)
        now = max(filter(None, (self._governing.now(books, kept), about and about.recorded_at, since)))
        order, rules = _begun(asked, kept, books, now)
        raised = raise_overdue(order, now, rules)
        order, entries = raised.order, raised.entries
        told = heard(raised, rules, kept.recorded_at if kept else None) if entries else []

        def log() -> tuple[Entry, ...]:
            return (*transaction.entries(asked.order_id), *raised.entries)

        findings = not_let_in(asked, now, order, rules, books)
        if asked.event == "unmask" and not findings:
            findings = withheld("identity", asked.role, asked.unit, order.facts, rules)
        written: tuple[Entry, ...] = ()
        if not findings:
            said = {**asked.attributes, ORDER_ENTRY: about.order.seq} if about else asked.attributes
            command = Command(
                asked.order_id, asked.event, asked.at or now, asked.actor, asked.role, asked.unit,
                said, now,
            )  # fmt: skip
            decision = decide(order, command, rules, log=log)
            order, written, findings = decision.order, decision.entries, decision.findings
            entries += written
            findings += _marks(written, transaction, rules)
            told += heard(decision, rules, now)
        beside = Beside(transaction, asked.order_id, books) if told else None
        if beside and beside.recorded_at and beside.recorded_at > now:
            return self._decided(transaction, asked, expected, beside.recorded_at)
        if entries:
            transaction.keep(kept_after(order, rules, entries[-1].recorded_at, kept), entries, kept)
        followed: tuple[Entry, ...] = ()
        if beside:
            beside.follow(told)
            findings += beside.findings
            followed, aside = beside.followed, beside.late
        dropped = asked.dropped
        erased = order.facts.get("erased") or (about and about.order.facts.get("erased"))
        if written and asked.private.values and self._vault and not erased:
            self._vault.keep(transaction, order.order_id, {written[0].seq: asked.private.values})
            dropped = NOTHING
        return Outcome(order, written, raised.entries, findings, dropped, rules, followed, aside)

    def _caught_up(self, transaction: Transaction, case: str) -> tuple[Kept | None, tuple[Entry, ...]]:
        """Raise what is overdue of the order that a case is about, before anything is asked of the case."""
        of = case_id(case)
        kept = transaction.order(of.about) if of else None
        if kept is None:
            return None, ()
        books = self._governing.books(transaction)
        now = self._governing.now(books, kept)
        if not any(at is not None and at < now for at in kept.wakes):
            return kept, ()
        raised = self._raised(transaction, [kept], books)
        then = transaction.order(kept.order.order_id) if any(raised) else kept
        return then, tuple(chain.from_iterable(raised))

    def _raise_batch(self, transaction: Transaction) -> list[tuple[Entry, ...]]:
        books = self._governing.books(transaction)
        claimed = transaction.claim(self._governing.now(books), _BATCH)
        orders = [kept for kept in claimed if not case_id(kept.order.order_id)]
        raised = self._raised(transaction, orders, books)
        cases = [kept.order.order_id for kept in claimed if case_id(kept.order.order_id)]
        for one in cases:  # what their orders ask of them by then comes first, whoever sweeps those
            raised.append(self._caught_up(transaction, one)[1])
        return raised + self._raised(transaction, list(filter(None, map(transaction.order, cases))), books)

    def _raised(
        self, transaction: Transaction, those: Sequence[Kept], books: Books
    ) -> list[tuple[Entry, ...]]:
        """Raise what is overdue of each, and of the cases that follow; all but what followed is given."""
        changes: list[Change] = []
        beside: list[tuple[Beside, list[Heard]]] = []
        for kept in those:
            rules = rules_of(books, kept)
            now = self._governing.now(books, kept)
            raised = raise_overdue(kept.order, now, rules)
            if told := heard(raised, rules, kept.recorded_at):
                cases = Beside(transaction, kept.order.order_id, books)
                if cases.recorded_at and cases.recorded_at > now:
                    raised = raise_overdue(kept.order, cases.recorded_at, rules)
                    told = heard(raised, rules, kept.recorded_at)
                beside.append((cases, told))
            last = raised.entries[-1].recorded_at if raised.entries else kept.recorded_at
            changes.append(Change(kept_after(raised.order, rules, last, kept), raised.entries, kept))
        if changes:
            transaction.keep_all(changes)
        for cases, told in beside:
            cases.follow(told)
        return [*(tuple(one.entries) for one in changes), *(cases.late for cases, _ in beside)]

    def _failures_told(self, doing: str) -> "_FailuresTold":
        return _FailuresTold(self._journal, doing)

    def _tell_answer(self, asked: Asked, key: str, outcome: Outcome, seconds: float) -> None:
        tell, of = self._journal.tell, {"order": asked.order_id, "command": asked.event}
        if outcome.again:
            tell(COMMAND_REPEATED, **of, key=key, seconds=seconds)
            return
        self._tell((*outcome.aside, *outcome.raised))
        if outcome.accepted:
            first = outcome.entries[0]
            tell(COMMAND_ACCEPTED, **of, seq=first.seq, state=first.to_state, seconds=seconds)
        else:
            broken = [one.rule or one.code for one in outcome.findings if one.refuses]
            tell(COMMAND_REFUSED, **of, rules=broken, seconds=seconds)

    def _tell(self, raised: Sequence[Entry]) -> None:
        if not self._journal.listened:
            return
        for entry in raised:
            due_at = entry.attributes.get("due_at", entry.at)
            self._journal.tell(
                _TOLD_AS[entry.event], order=entry.order_id, rule=entry.rule, unit=entry.unit,
                due_at=due_at.isoformat(), late_seconds=_late_seconds(entry),
            )  # fmt: skip


class _FailuresTold:
    """Tells of a store that fails within; what it raises goes on. Made for every command."""

    __slots__ = ("_doing", "_journal")

    def __init__(self, journal: Journal, doing: str) -> None:
        self._journal = journal
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, StoreUnavailableError):
            self._journal.tell(STORE_FAILED, doing=self._doing, code=error.code)


def _begun(asked: Asked, kept: Kept | None, books: Books, now: datetime) -> tuple[Order, Rulebook]:
    """Give what a command is asked of, and its rules; raises `NotFoundError` where nothing can begin so."""
    if kept is not None:
        return kept.order, rules_of(books, kept)
    if not _begins(asked):
        raise NotFoundError("live.order_unknown", order=asked.order_id)
    return Order(asked.order_id), books.governing((asked.at or now).date())[0]


def _begins(asked: Asked) -> bool:
    """Say whether an order or a case can begin with a command."""
    return life_of(asked.order_id).target(START, asked.event, NOTHING, asked.attributes) is not None


def _marks(written: Sequence[Entry], transaction: Transaction, rules: Rulebook) -> tuple[Finding, ...]:
    """Note a mark of a risk order that another has, where the document keeps a list of them."""
    if not written or written[0].event != "flag_risk" or "risk" not in rules.ledgers:
        return ()
    return marks_noted(written[0], transaction.risks(), rules)


def _erase(transaction: Transaction, order_id: str) -> None:
    """Destroy the identities of an order for good, and what was said of them in the cases about it."""
    for one in (order_id, *transaction.beside(order_id)):
        transaction.erase(one)


def _erases(entries: Sequence[Entry]) -> bool:
    """Say whether identities were erased where a log comes from: then they are here too."""
    return any(entry.event == "erase" for entry in entries)


def _seconds_since(began: float) -> float:
    return round(perf_counter() - began, 6)


def _late_seconds(entry: Entry) -> int:
    """Say how long after its time something was written."""
    return int((entry.recorded_at - entry.at).total_seconds())
