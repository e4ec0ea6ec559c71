"""
One simulation: five documents, several processes each, steps and faults chosen by one seed.

A step is a method of `Simulation`, named in `STEPS` with its weight; to have more, write another. After each
step the invariants are held against every order it touched, at the end against all.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any, cast
from unittest.mock import patch

from paidan.engine import Engine, app
from paidan.engine.errors import NotFoundError
from paidan.policies.registry import Books
from paidan.storage import open_store
from paidan.storage.errors import ConflictError, StoreUnavailableError
from paidan.storage.port import Store
from paidan.workflows.cases import EVENT_OF, OF_CASES, about, case_id
from paidan.workflows.records import BEIJING, Entry, Order
from simulation import beside, invariants
from simulation.beside import ASKED, BY_WHOM
from simulation.commands import Asked, event_for, said_with
from simulation.late import MAY, PERMISSION, correction, of_the_past
from simulation.model import Answered, Model, Told
from simulation.people import shown, speak
from simulation.readers import Reader, UnwillingError
from simulation.replays import replayed
from simulation.world import Batch, Death, Rerun, WatchedStore, World, WorldClock

POLICIES = ("BS", "JY", "SW", "YY", "ZZ")
PROCESSES = 3
EPISODE = 5_000
"""Steps of one world; longer runs take one world after another, so that years and logs stay short."""
_LONGEST_LOG = 24
_ORDERS_AT_WORK = 10
_CASES_AT_WORK = 6
_REMEMBERED = 12
LADDER = {"warn.before": "10m,2h,1d", "escalate.after": "30m,1d,3d"}
"""The warnings and escalations of every other world."""
READERS = 3
"""Subscribers of a store at most."""
CONFLICT = "conflict at commit"
"""The one fault that an engine may tell as a conflict."""


class BrokenError(AssertionError):
    """An invariant does not hold; the message says which, and how to see it again."""


@dataclass
class Desk:
    """The orders under one document: a store, the processes on it, and the model beside it."""

    policy: str
    url: str
    inner: Store
    engines: list[Engine] = field(default_factory=list)
    stores: dict[int, WatchedStore] = field(default_factory=dict)
    model: Model = field(default_factory=Model)
    at_work: list[str] = field(default_factory=list)
    cases: deque[str] = field(default_factory=lambda: deque(maxlen=_CASES_AT_WORK))
    lost: list[int] = field(default_factory=list)
    answered: deque[int] = field(default_factory=lambda: deque(maxlen=40))
    due: list[tuple[datetime, str, int]] = field(default_factory=list)
    """When a clock is due that has no time-out yet, with order and step: what a sweep must not forget."""
    touched: set[str] = field(default_factory=set)
    readers: list[Reader] = field(default_factory=list)
    recounted: bool = True
    """Whether no load of a notice was cut short, or met anybody on its way."""


class Simulation:
    """A world made from `seed`; `url_of` gives a document an empty place, `beneath` may spoil its store."""

    def __init__(
        self,
        seed: str,
        url_of: Callable[[str], str],
        folder: Path,
        *,
        beneath: Callable[[Store], Store] = lambda store: store,
        policies: tuple[str, ...] = POLICIES,
        ladder: bool | None = None,
        vault: bool | None = None,
        permission: str | None = None,
    ) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.folder, self.notice = folder, folder / "2027.toml"
        late = self.rng.random() < 0.5
        start = datetime(2026, 10 if late else 1, 1, 8, tzinfo=BEIJING)
        self.clock = WorldClock(start + timedelta(minutes=self.rng.randint(0, 100_000)))
        self.latest = self.clock.time
        self.world = World()
        self.beneath = beneath
        self.faults: list[str] = []
        self.done: deque[str] = deque(maxlen=_REMEMBERED)
        self.digest = sha256()
        self.steps = 0
        self.number = 0
        self.away_for = 0
        self.counted = Counter[str]()
        self.books: dict[str, Books] = {}
        drawn = self.rng.random() < 0.5
        self.settings = dict(LADDER) if (drawn if ladder is None else ladder) else {}
        drawn = self.rng.random() < 0.6
        self.key = self.rng.randbytes(32) if (drawn if vault is None else vault) else None
        chosen = self.rng.choice(("offices", "offices", "any_role", "nobody"))
        self.settings[PERMISSION] = permission or chosen
        self.desks = [self._desk(policy, url_of(policy)) for policy in policies]

    # ---- running ----

    def run(self, steps: int) -> None:
        """Take so many steps, then hold everything against the model; raises `BrokenError`."""
        try:
            names, weights = tuple(STEPS), tuple(STEPS.values())
            for _ in range(steps):
                self.steps += 1
                self._step(self.rng.choices(names, weights)[0])
            self._end()
        finally:
            for desk in self.desks:
                for engine in desk.engines:
                    engine.close()
                desk.inner.close()

    def _step(self, name: str) -> None:
        desk = self.rng.choice(self.desks)
        self.clock.given.clear()
        self.clock.time += timedelta(seconds=int(self.rng.expovariate(1 / 400)))
        self.latest = max(self.latest, self.clock.time)
        self.world.happened.clear()
        if self.away_for:
            self.away_for -= 1
            self.world.away = self.away_for > 0
        self._said(f"{name} {desk.policy} {self.clock.time:%m-%d %H:%M:%S}")
        getattr(self, name)(desk)
        self.world.plan.clear()
        self.counted[name] += 1
        for fault in self.world.happened:
            self._said(f"  {fault}")
            self.counted[fault] += 1
        self._hold()

    def _said(self, text: str) -> None:
        self.done.append(text)
        self.digest.update(text.encode())

    def _check(self, sentences: Iterable[str], where: str = "") -> None:
        for sentence in sentences:
            self.faults.append(f"{where}: {sentence}" if where else sentence)

    def _hold(self) -> None:
        for desk in self.desks:
            if any(store.unwatched for store in desk.stores.values()):
                self._adopt(desk)
            for order_id in sorted(desk.touched):
                self._hold_order(desk, order_id)
            desk.touched.clear()
        if self.faults:
            self.faults, found = [], self.faults
            history = "\n".join(self.done)
            raise BrokenError(
                f"seed {self.seed}, step {self.steps}:\n"
                + "\n".join(found)
                + f"\nthe last steps:\n{history}\n"
                f"again: python -m tests.simulation --seed {self.seed} --steps {self.steps}"
            )

    def _hold_order(self, desk: Desk, order_id: str) -> None:
        told = desk.model.orders[order_id]
        log = tuple(desk.inner.entries(order_id))
        seen = invariants.Seen(told, log, desk.inner.order(order_id))
        for invariant in invariants.OF_AN_ORDER:
            if log or invariant is not invariants.has_one_time_out_per_missed_duty:
                self._check(invariant(seen), f"{desk.policy} {order_id}")

    def _adopt(self, desk: Desk) -> None:
        """Take what a verb that nobody watched may have written for committed."""
        for store in desk.stores.values():
            store.unwatched = False
        for kept in desk.inner.orders():
            order_id = kept.order.order_id
            more = tuple(desk.inner.entries(order_id))[desk.model.seq(order_id) :]
            if more:
                self._heard(desk, [Batch(order_id, more)])

    def _end(self) -> None:
        self.world.plan.clear()
        self.world.away = False
        for desk in self.desks:
            self.clock.given.clear()
            self.clock.time = self.latest + timedelta(seconds=1)
            self.sweep(desk, calm=True)
            self._hold_vault(desk, desk.model.orders)
            self._end_of_readers(desk)
            self._check(
                replayed(desk.engines[0], desk.model, self.clock.time, self.folder / f"{desk.policy}.csv",
                         recounted=desk.recounted),
                desk.policy,
            )  # fmt: skip
            for order_id, told in desk.model.orders.items():
                desk.touched.add(order_id)
                for invariant in invariants.AT_THE_END:
                    self._check(invariant(told), f"{desk.policy} {order_id}")
            kept = [one.order.order_id for one in desk.inner.orders()]
            if kept != sorted(desk.model.orders):
                self.faults.append(f"{desk.policy}: orders {kept}, committed {sorted(desk.model.orders)}")
            if sum(1 for _ in desk.inner.entries()) != sum(
                len(one.log) for one in desk.model.orders.values()
            ):
                self.faults.append(
                    f"{desk.policy}: the store holds more or fewer entries than were committed"
                )
            self.rebuild(desk, calm=True)
        self._hold()

    def _hold_vault(self, desk: Desk, orders: Iterable[str]) -> None:
        """Hold the vault against what was said of these orders and not erased."""
        vault = desk.engines[0]._service._vault
        if vault is not None:
            for order_id in orders:
                held = desk.inner.write(lambda transaction, of=order_id: vault.read(transaction, of))  # type: ignore[misc]
                self._check(_unlike(held, desk.model.orders[order_id]), desk.policy)

    def _end_of_readers(self, desk: Desk) -> None:
        for reader in desk.readers:
            while desk.engines[0].deliver(reader.name, lambda entry, to=reader: to.take(entry, desk.model)):  # type: ignore[misc]
                reader.sure()
            self._check((*reader.faults, *reader.lacks(desk.model)), desk.policy)

    # ---- desks ----

    def _desk(self, policy: str, url: str) -> Desk:
        first = self._patched(policy, url, lambda store: store)
        first.close()
        desk = Desk(policy, url, open_store(url, policy, create=False))
        desk.model.may, desk.model.vault = MAY[self.settings[PERMISSION]], self.key is not None
        for place in range(PROCESSES):
            desk.engines.append(self._process(desk, place))
        return desk

    def _process(self, desk: Desk, place: int) -> Engine:
        def watched(store: Store) -> Store:
            beneath = self.beneath(store)
            desk.stores[place] = WatchedStore(beneath, self.world, lambda done: self._heard(desk, done))
            return cast("Store", desk.stores[place])

        return self._patched(desk.policy, desk.url, watched)

    def _patched(self, policy: str, url: str, around: Callable[[Store], Store]) -> Engine:
        read = app.books_of

        def opened(*asked: Any, **more: Any) -> Store:
            return around(open_store(*asked, **more))

        def books(*of: Any) -> Books:
            if policy not in self.books:  # the same for every process of a world
                self.books[policy] = read(*of)
            return self.books[policy]

        with patch.object(app, "open_store", opened), patch.object(app, "books_of", books):
            engine = Engine.open(url, policy, settings=self.settings, clock=self.clock, key=self.key)
        engine._journal._heard = self._overheard
        return engine

    def _overheard(self, name: str, fields: Mapping[str, Any]) -> None:
        if found := shown(*fields.values()):
            self.faults.append(f"the journal tells {found} in {name} {dict(fields)}")

    def _heard(self, desk: Desk, batches: list[Batch]) -> None:
        if not batches:
            return
        books = desk.engines[0]._governing.books(desk.inner)
        loaded = books.loaded[-1].at if books.loaded else self.clock.time
        given = (*self.clock.given, self.clock.time, loaded)
        self._check(beside.faults(desk.model, batches), desk.policy)
        for batch in batches:
            of, model = about(batch.order_id), desk.model
            told = model.orders.get(batch.order_id)
            if told is None:
                rules = books.governing(batch.entries[0].at.date())[0]
                told = desk.model.orders[batch.order_id] = Told(rules, Order(batch.order_id))
                if case_id(batch.order_id):
                    order = desk.model.orders.get(of)
                    told.erased = order is not None and order.erased
                    desk.cases.append(batch.order_id)
                else:
                    desk.at_work.append(batch.order_id)
            told.rules = books.of(told.rules.policy.version)
            last = (model.last[of],) if of in model.last else ()
            if batch.entries:
                model.last[of] = max((*last, batch.entries[-1].recorded_at))
                model.skewed |= {of} if model.last[of] > batch.entries[-1].recorded_at else set()
            commit = invariants.Commit(told, batch, max((*given, *last)), desk.model)
            for invariant in invariants.ON_COMMIT:
                self._check(invariant(commit), f"{desk.policy} {batch.order_id}")
            told.take(batch.entries)
            for entry in batch.entries:
                self.counted.update(_kinds(entry))
                if entry.event == "erase":
                    self._erased(model, batch.order_id)
                if entry.actor and not EVENT_OF[entry.event].by_engine:
                    sent = desk.model.commands[int(entry.actor[1:])]
                    sent.committed = True
                    kept = sent.asked.private if desk.model.vault and not told.erased else {}
                    told.private |= {(entry.seq, name): value for name, value in kept.items()}
            for clock in told.order.clocks:
                if clock.raised_at is None and (clock.done_at is None or clock.done_at > clock.due_at):
                    heappush(desk.due, (clock.due_at, batch.order_id, self.steps))
            desk.touched.add(batch.order_id)
            done = len(told.log) > _LONGEST_LOG or (told.state == "handed_back" and self.rng.random() < 0.5)
            if done and batch.order_id in desk.at_work:
                desk.at_work.remove(batch.order_id)

    def _erased(self, model: Model, order_id: str) -> None:
        """What was said of people in the cases about an order goes with the order's."""
        for one, told in model.orders.items():
            if about(one) == order_id:
                told.private.clear()
                told.erased = True

    def _any(self) -> int:
        return self.rng.randrange(PROCESSES)

    # ---- what the world does ----

    def _trouble(self, desk: Desk, share: float = 0.2) -> None:
        """Plan a fault for the step to come, or somebody else's doings in the middle of it."""
        if self.rng.random() >= share:
            return
        name, point, error = self.rng.choice(TROUBLES)
        self.world.plan[point] = (
            name,
            (lambda: self._between(desk)) if error is None else partial(_raise, error),
        )

    def _between(self, desk: Desk) -> None:
        """Somebody else comes in between: another process, or the clock."""
        drawn = self.rng.random()
        if drawn < 0.4:
            self._said("  between: sweep")
            self.sweep(desk, calm=True)
        elif drawn < 0.8:
            self._said("  between: submit")
            self.submit(desk, calm=True)
        else:
            self._said("  between: clock")
            self.jump(desk)

    def _dies(self, desk: Desk, place: int) -> None:
        """The process is gone, and started again on what it left."""
        self.world.plan.clear()
        away, self.world.away = self.world.away, False
        desk.engines[place].close()
        desk.engines[place] = self._process(desk, place)
        self.world.away = away

    # ---- steps ----

    def submit(self, desk: Desk, *, calm: bool = False) -> None:
        """A caller asks something of an order, new or at work."""
        self.number += 1
        rng, model = self.rng, desk.model
        if (len(desk.at_work) < _ORDERS_AT_WORK and rng.random() < 0.3) or not desk.at_work:
            order_id = f"{desk.policy}-{self.number}"
        elif desk.cases and rng.random() < 0.25:
            order_id = rng.choice(desk.cases)
        else:
            order_id = rng.choice(desk.at_work)
        told = model.orders.get(order_id)
        now = self.clock.time
        drawn = rng.random()
        if told and drawn < 0.07:
            event, said = "correct", correction(rng, told, model.may)
        else:
            case = case_id(order_id)
            event = rng.choice(ASKED[case.workflow]) if case else event_for(rng, told.state if told else "")
            said = said_with(rng, event, now)
            if event in BY_WHOM and rng.random() < 0.7:
                said["role"] = BY_WHOM[event]
            if drawn > 0.82:
                of_the_past(rng, said, told, now, model.may)
        private = speak(rng, self.number, said)
        expected = None
        if rng.random() < 0.3:
            expected = max(0, model.seq(order_id) - (rng.random() < 0.2))
        key = f"k{self.number}" if rng.random() < 0.8 else ""
        asked = Asked(self.number, order_id, event, said, key, expected, private)
        model.commands[asked.number] = Answered(asked)
        if not calm:
            self._trouble(desk)
        self._send(desk, asked)
        if key and rng.random() < 0.05:
            self._said("  doubled")
            self._send(desk, asked)

    def retry(self, desk: Desk) -> None:
        """A caller who heard nothing sends the same command with its key again."""
        if desk.lost:
            self._trouble(desk, 0.1)
            number = desk.lost.pop(self.rng.randrange(len(desk.lost)))
            self._send(desk, desk.model.commands[number].asked)

    def again(self, desk: Desk) -> None:
        """A command that was answered long ago arrives once more."""
        if desk.answered:
            self._trouble(desk, 0.1)
            self._send(desk, desk.model.commands[self.rng.choice(desk.answered)].asked)

    def steal(self, desk: Desk) -> None:
        """Somebody gives a key that stands for another command."""
        if not desk.answered:
            return
        asked = desk.model.commands[self.rng.choice(desk.answered)].asked
        engine = desk.engines[self._any()]
        try:
            engine.submit(asked.order_id, asked.event, key=asked.key, actor="stranger")
        except ConflictError as error:
            self._check(() if error.code == "live.key_taken" else (f"told {error} of a key taken",))
        except StoreUnavailableError:
            pass
        else:
            self.faults.append(f"{asked.key} was taken from {asked.actor}")

    def _send(self, desk: Desk, asked: Asked) -> None:
        place = self._any()
        sent = desk.model.commands[asked.number]
        try:
            outcome = desk.engines[place].submit(
                asked.order_id, asked.event, actor=asked.actor, key=asked.key, expected=asked.expected,
                **asked.said,
            )  # fmt: skip
        except StoreUnavailableError:
            self._unheard(desk, asked, "")
        except Death:
            self._unheard(desk, asked, "died")
            self._dies(desk, place)
        except ConflictError as error:
            self._conflict(desk, asked, error)
        except NotFoundError as error:
            self._check((f"{asked.actor} wrote, and was told {error}",) if sent.committed else ())
        else:
            self._said(
                f"  {asked.event} {asked.order_id} {outcome.accepted} {outcome.again} {outcome.order.seq}"
            )
            for invariant in invariants.OF_AN_ANSWER:
                self._check(invariant(desk.model, sent, outcome), f"{desk.policy} {asked.order_id}")
            if sent.outcome is None and sent.committed != outcome.accepted:
                self.faults.append(f"{asked.actor}: committed {sent.committed}, answered {outcome.accepted}")
            sent.outcome = sent.outcome or outcome
            if asked.key and asked.number not in desk.answered:
                desk.answered.append(asked.number)
            if len(desk.model.commands) > 400:
                self._forget(desk)

    def _unheard(self, desk: Desk, asked: Asked, why: str) -> None:
        self._said(f"  unheard {asked.event} {asked.order_id} {why}")
        if asked.key and asked.number not in desk.lost and desk.model.commands[asked.number].outcome is None:
            desk.lost.append(asked.number)

    def _conflict(self, desk: Desk, asked: Asked, error: ConflictError) -> None:
        self._said(f"  conflict {error.code}")
        if error.code == "live.order_elsewhere":
            stale = asked.expected != error.details["found"] == desk.model.seq(asked.order_id)
            self._check(() if stale else (f"{asked.actor} was told {error}, wrongly",))
        elif CONFLICT not in self.world.happened:
            self.faults.append(f"{asked.actor} met {error}, and nobody was there")
        elif asked.key:
            desk.lost.append(asked.number)

    def _forget(self, desk: Desk) -> None:
        """Drop old commands nobody will send again, so that a long simulation stays small."""
        keep = {*desk.lost, *desk.answered}
        old = sorted(number for number in desk.model.commands if number not in keep)
        for number in old[:-100]:
            del desk.model.commands[number]

    def sweep(self, desk: Desk, *, calm: bool = False) -> None:
        """One of the sweepers raises what is overdue."""
        if not calm:
            self._trouble(desk, 0.25)
        place = self._any()
        began = self.clock.time
        try:
            raised = desk.engines[place].sweep()
        except (StoreUnavailableError, ConflictError) as error:
            if isinstance(error, ConflictError) and CONFLICT not in self.world.happened:
                self.faults.append(f"a sweep met {error}, and nobody was there")
            return
        except Death:
            self._dies(desk, place)
            return
        self._said(f"  raised {raised}")
        self._check(self._forgotten(desk, min(began, self.clock.time)), desk.policy)

    def _forgotten(self, desk: Desk, now: datetime) -> Iterator[str]:
        """After a whole sweep nothing that was due when it began is without its time-out."""
        later = []
        while desk.due and desk.due[0][0] < now:
            due_at, order_id, step = heappop(desk.due)
            if step == self.steps:  # perhaps somebody came after the sweep had looked: the next must know
                later.append((due_at, order_id, step))
                continue
            told = desk.model.orders[order_id]
            for clock in told.missed(now):
                if clock.due_at == due_at and clock.raised_at is None:
                    yield f"{order_id}: {clock.rule} due {due_at} has no time-out after a sweep at {now}"
        for one in later:
            heappush(desk.due, one)

    def jump(self, desk: Desk) -> None:  # noqa: ARG002 - the clock is everybody's
        """The clock jumps: on, or as the machine's clock may, back."""
        hours = self.rng.choice((1, 5, 24, 72, 200))
        back = self.rng.random() < 0.3
        self.clock.time += timedelta(hours=hours) * (-1 if back else 1)
        self.latest = max(self.latest, self.clock.time)

    def outage(self, desk: Desk) -> None:  # noqa: ARG002 - away for all
        """The database goes away for some steps."""
        self.away_for = self.rng.randint(2, 12)
        self.world.away = True

    def restart(self, desk: Desk) -> None:
        """A process is closed and opened anew."""
        with suppress(StoreUnavailableError):
            self._dies(desk, self._any())

    def load(self, desk: Desk) -> None:
        """The operator loads the holiday notice, perhaps not for the first time."""
        self._trouble(desk, 0.3)
        place = self._any()
        whole, desk.recounted = desk.recounted, False
        try:
            desk.engines[place].load_calendar(self.notice)
        except (StoreUnavailableError, ConflictError):
            return
        except Death:
            self._dies(desk, place)
            return
        if self.world.away or self.world.plan or self.world.happened:
            return
        desk.recounted = whole
        again = desk.engines[place].load_calendar(self.notice)
        if again.recounts:
            self.faults.append(f"{desk.policy}: the same notice recounted again: {again.recounts}")

    def rebuild(self, desk: Desk, *, calm: bool = False) -> None:
        """The operator has the log verified and folds everything anew, and nothing may differ."""
        if not calm:
            self._trouble(desk, 0.2)
        place = self._any()
        try:
            if (verified := desk.engines[place].verify()).faults:
                self.faults.append(f"{desk.policy}: the chain does not hold: {verified.faults[:3]}")
            if desk.engines[place].rebuild():
                self.faults.append(f"{desk.policy}: rebuild found something that was not the fold of its log")
        except (StoreUnavailableError, ConflictError):
            pass
        except Death:
            self._dies(desk, place)

    def unmask(self, desk: Desk) -> None:
        """Somebody asks whose an order is, and is told what was said, or that it was erased."""
        self._apart(desk, "unmask")

    def erase(self, desk: Desk) -> None:
        """Somebody has the identities of an order erased, perhaps once more."""
        self._apart(desk, "erase")

    def _who_asks(self, policy: str, event: str) -> tuple[str, bool]:
        """Draw the role of somebody who asks, and say whether the rules of YY keep identities from it."""
        if event == "unmask" and policy == "YY" and self.rng.random() < 0.2:
            return "supervisor", True
        return {"YY": "hotline_office", "BS": "licensing_section"}.get(policy, ""), False

    def _apart(self, desk: Desk, event: str) -> None:
        if self.key is None or not desk.model.orders:
            return
        self.number += 1
        order_id = self.rng.choice(
            [one for one in desk.model.orders if not case_id(one)]
            if self.rng.random() < 0.2
            else desk.at_work or [""]
        )
        if not order_id:
            return
        told, said = desk.model.orders[order_id], {"reason": "核对"}
        asked = Asked(
            self.number, order_id, event, said, "", None, speak(self.rng, self.number, said, identity=False)
        )
        sent = desk.model.commands[self.number] = Answered(asked)
        self._trouble(desk)
        place, erased = self._any(), told.erased
        role, barred = self._who_asks(desk.policy, event)
        ask = getattr(desk.engines[place], event)
        try:
            done = ask(order_id, reason=said["reason"], actor=asked.actor, role=role)
        except StoreUnavailableError:
            return
        except ConflictError as error:
            self._check(() if CONFLICT in self.world.happened else (f"{asked.actor} met {error}",))
            return
        except Death:
            self._dies(desk, place)
            return
        self._said(f"  {event} {order_id} {done.outcome.accepted}")
        self.counted[f"{event}, {'done' if done.outcome.accepted else 'refused'}"] += 1
        if not done.outcome.accepted == sent.committed != (erased or barred):
            self.faults.append(f"{order_id}: erased {erased}, {event} accepted {done.outcome.accepted}")
        for invariant in invariants.OF_AN_ANSWER:
            self._check(invariant(desk.model, sent, done.outcome), f"{desk.policy} {order_id}")
        if event == "erase":
            self._hold_vault(desk, [order_id])
        else:
            found = _unlike(done.identities, told) if done.outcome.accepted else map(str, done.identities)
            self._check(found, f"{desk.policy} {order_id}")

    def subscribe(self, desk: Desk) -> None:
        """Somebody begins to follow the log, from its start or from now on."""
        if self.world.away or len(desk.readers) == READERS:
            return
        name, from_start = f"reader {len(desk.readers)}", self.rng.random() < 0.5
        since = {} if from_start else {one: len(told.log) for one, told in desk.model.orders.items()}
        desk.engines[self._any()].subscribe(name, print, from_start=from_start)  # served by `deliver` alone
        desk.readers.append(Reader(name, since))

    def deliver(self, desk: Desk) -> None:
        """A subscriber is given what it has not had, by whichever process; it may fail, or die of it."""
        if not desk.readers:
            return
        reader, place, most = self.rng.choice(desk.readers), self._any(), self.rng.randint(1, 80)
        self._trouble(desk, 0.3)
        handler = reader.handler(self.rng, desk.model, 0.2)
        try:
            handed = desk.engines[place].deliver(reader.name, handler, most)
        except (StoreUnavailableError, ConflictError):
            pass
        except UnwillingError:
            self.counted["a subscriber was unwilling"] += 1
            reader.sure()
        except Death:
            self.counted["a subscriber died"] += 1
            self._dies(desk, place)
        else:
            self._said(f"  delivered {handed}")
            self.counted["delivered"] += handed
            reader.sure()
        self._check(reader.faults, desk.policy)
        reader.faults.clear()

    def look(self, desk: Desk) -> None:
        """Somebody reads an order, and sees what was committed."""
        if not desk.at_work:
            return
        order_id = self.rng.choice(desk.at_work)
        engine, told = desk.engines[self._any()], desk.model.orders[order_id]
        try:
            if engine.order(order_id) != told.order or engine.history(order_id) != tuple(told.log):
                self.faults.append(f"{order_id} is read as {engine.order(order_id)}, it is {told.order}")
            engine.deadlines(order_id)
            engine.available(order_id)
        except StoreUnavailableError:
            pass


STEPS = {
    "submit": 64.0, "retry": 8.0, "again": 4.0, "steal": 0.5, "sweep": 14.0, "jump": 3.0, "outage": 0.3,
    "restart": 0.5, "load": 0.2, "rebuild": 0.2, "look": 2.0,
    "unmask": 1.5, "erase": 0.4, "subscribe": 0.2, "deliver": 3.0,
}  # fmt: skip
"""The steps, by the name of their method, and how often one is chosen beside the others."""


TROUBLES: tuple[tuple[str, str, Callable[[], BaseException] | None], ...] = (
    ("lost before reading", "read", partial(StoreUnavailableError, "db_away", why="connection lost")),
    ("lost before beginning", "begin", partial(StoreUnavailableError, "db_away", why="connection lost")),
    ("disk full while writing", "write", partial(StoreUnavailableError, "db_away", why="disk full")),
    ("disk full at commit", "commit", partial(StoreUnavailableError, "db_away", why="disk full")),
    (CONFLICT, "commit", partial(ConflictError, "store_conflict", why="another was first")),
    ("locks crosswise", "commit", Rerun),
    ("reply lost", "committed", partial(StoreUnavailableError, "db_away", why="connection lost")),
    ("reply lost", "committed", partial(StoreUnavailableError, "db_away", why="connection lost")),
    ("death while writing", "write", Death),
    ("death before commit", "commit", Death),
    ("death after commit", "committed", Death),
    ("others after a look", "looked", None),
    ("others before beginning", "begin", None),
    ("others before beginning", "begin", None),
    ("others after commit", "committed", None),
)
"""What goes wrong, at which point, by which error; without one, somebody else comes in between."""


def _kinds(entry: Entry) -> Iterator[str]:
    """Name what is worth counting of an entry."""
    if entry.event in ("correct", "recompute", "time_out", "time_out_withdrawn"):
        yield f"entry {entry.event}"
    if entry.attributes.get("escalations"):
        yield "entry time_out_withdrawn, with escalations"
    if entry.actor and entry.at != entry.recorded_at:
        yield "entry of the past"
    if entry.event in OF_CASES:
        yield f"entry {entry.event}"


def _unlike(held: Iterable[tuple[int, str, str]], told: Told) -> Iterator[str]:
    """Say what of the identities of an order is not as it was said."""
    found = {(seq, name): value for seq, name, value in held}
    if found != told.private:
        wrong = {of: found.get(of) for of in found.keys() ^ told.private.keys()} or found
        yield f"{told.order.order_id}: the vault holds {wrong}, said was {told.private}"


def _raise(error: Callable[[], BaseException]) -> None:
    raise error()
