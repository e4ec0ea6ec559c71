"""What several callers write is committed together, and fails each for itself."""

import ctypes
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from datetime import datetime
from functools import partial
from threading import Barrier, Event, Semaphore, Thread, get_ident
from typing import Any, cast

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus
from support.stores import ON_DISK, SqlitePlace

from paidan.storage import open_store
from paidan.storage.errors import ConflictError, StoreError, StoreUnavailableError, UnstorableError
from paidan.storage.port import About, Kept, KeptAnswer
from paidan.storage.postgres_wire import Wire
from paidan.workflows.records import BEIJING, Entry, Order

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def adding(order_id, note=""):
    """Give a work that receives an order."""
    entry = Entry(order_id, 1, "receive", "", "received", NINE, NINE, note=note)
    return lambda transaction: transaction.keep(Kept(Order(order_id, "received", 1), "P"), [entry], None)


def going_on(order_id, seq):
    """Give a work that looks at an order and adds an entry to it."""
    entry = Entry(order_id, seq, "note", "received", "received", NINE, NINE)
    after = Kept(Order(order_id, "received", seq), "P")
    return lambda transaction: transaction.keep(after, [entry], transaction.order(order_id))


class Desk:
    """A store with callers in threads: what came of each, and what the database was told to do."""

    def __init__(self, place):
        self.place = place
        self.store = cast("Any", open_store(place.url, "P"))
        self.came: dict[str, Any] = {}
        self.told: list[str] = []
        self.trips = 0
        if place.kind == "sqlite":
            self.store._cursor.connection.set_trace_callback(self.told.append)
        self.threads: list[Thread] = []
        self.writers = len(self.store._writer._free)

    def call(self, name, work):
        def run():
            try:
                self.came[name] = self.store.write(work, About(name))
            except BaseException as error:  # noqa: BLE001 - told to the test
                self.came[name] = error

        self.threads.append(Thread(target=run))
        self.threads[-1].start()
        return self.threads[-1]

    @contextmanager
    def held(self):
        """Have callers hold every writer, so that all others wait."""
        held, go = Semaphore(0), Event()

        def hold(_):
            held.release()
            assert go.wait(10)

        for number in range(self.writers):
            self.call(f"holder {number}", hold)
            assert held.acquire(timeout=10)
        yield
        time.sleep(0.03)  # longer than a group takes up others: they are a group of their own
        go.set()
        self.join()
        assert [self.came.pop(f"holder {number}") for number in range(self.writers)] == [None] * self.writers

    def call_together(self, works):
        """Have `works` wait until all of them do."""
        with self.held():
            for name, work in works.items():
                waiting = len(self.store._writer._queue)
                self.call(name, work)
                until = time.monotonic() + 10
                while len(self.store._writer._queue) == waiting and time.monotonic() < until:
                    time.sleep(0.001)

    def join(self):
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive(), "a caller was left waiting"

    def count(self, statement):
        return sum(one.startswith(statement) for one in self.told)

    def kept(self):
        """Give the order ids that another connection reads."""
        return sorted(one for (one,) in self.place.run("SELECT order_id FROM paidan_entry"))


@pytest.fixture
def desk_of(place_of, monkeypatch):
    with ExitStack() as opened:

        def make(kind):
            made = Desk(place_of(kind))
            opened.callback(made.store.close)
            if kind == "postgresql":
                trip = Wire.trip

                def noted(wire, steps):
                    whole = wire._link.transaction_status == TransactionStatus.IDLE and steps[0][1] != "BEGIN"
                    made.told.extend(name or text for name, text, _ in steps)
                    made.told.extend(["COMMIT"] * whole)
                    made.trips += 1
                    return trip(wire, steps)

                monkeypatch.setattr(Wire, "trip", noted)
            return made

        yield make


@pytest.fixture(params=ON_DISK)
def desk(request, desk_of):
    return desk_of(request.param)


@pytest.fixture
def on_sqlite(desk_of):
    return desk_of("sqlite")


@pytest.fixture
def on_postgresql(desk_of):
    return desk_of("postgresql")


def test_all_who_wait_are_written_in_one_commit(desk):
    desk.call_together({f"W{number:02}": adding(f"W{number:02}") for number in range(20)})
    assert set(desk.came.values()) == {None}
    assert desk.kept() == sorted(desk.came)
    assert desk.count("COMMIT") == desk.writers + 1, "of those who held them up, and of all the others"


def test_sqlite_writes_a_group_a_statement_for_each_kind_of_row(on_sqlite):
    on_sqlite.call_together({f"W{number:02}": adding(f"W{number:02}") for number in range(20)})
    on_sqlite.told.clear()
    on_sqlite.call_together({f"W{number:02}": going_on(f"W{number:02}", 2) for number in range(20)})
    assert on_sqlite.count("SELECT paidan_order") == 0, "what they became is remembered"
    assert on_sqlite.count("COMMIT") == 2


def test_postgresql_makes_one_trip_for_a_group_it_remembers_and_two_for_another(on_postgresql):
    desk = on_postgresql
    desk.call_together({f"W{number:02}": adding(f"W{number:02}") for number in range(20)})
    for trips, seq in ((1, 2), (2, 3)):
        desk.told.clear()
        with desk.held():
            desk.trips = 0
            for number in range(20):
                desk.call(f"W{number:02}", going_on(f"W{number:02}", seq))
            while len(desk.store._writer._queue) < 20:
                time.sleep(0.001)
        assert desk.trips == trips + desk.writers, "with those who held the writers"
        assert desk.count("paidan_stands") == (20 if trips == 1 else 0)
        assert desk.count("paidan_free") == (0 if trips == 1 else 1)
        desk.store._memory.forget()
    assert len(desk.kept()) == 60


def test_each_gets_its_own_result_and_sees_what_those_before_it_wrote(desk):
    desk.call_together({"A": adding("A"), "B": adding("B")})
    desk.came.clear()
    desk.call_together({n: lambda one, n=n: (going_on(n, 2)(one), n, one.order(n).order.seq) for n in "AB"})
    assert desk.came == {"A": (None, "A", 2), "B": (None, "B", 2)}


def test_several_works_on_one_order_each_build_on_the_one_before(desk):
    desk.store.write(adding("A"))

    def one_more(transaction):
        seq = transaction.order("A").order.seq + 1
        going_on("A", seq)(transaction)
        return seq

    with desk.held():
        for _ in range(6):
            waiting = len(desk.store._writer._queue)
            desk.threads.append(
                Thread(target=lambda: desk.told.append(desk.store.write(one_more, About("A"))))
            )
            desk.threads[-1].start()
            while len(desk.store._writer._queue) == waiting:
                time.sleep(0.001)
    assert sorted(one for one in desk.told if isinstance(one, int)) == list(range(2, 8))
    assert [one.seq for one in desk.store.entries("A")] == list(range(1, 8))
    assert desk.store.order("A").order.seq == 7


@settings(max_examples=15)
@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_what_raises_is_undone_alone_wherever_it_stands(tmp_path_factory, plan):
    desk = Desk(SqlitePlace(tmp_path_factory.mktemp("group") / "orders.db"))

    def failing(order_id):
        def work(transaction):
            adding(order_id)(transaction)
            raise ValueError(order_id)

        return work

    names = {f"W{at:02}": good for at, good in enumerate(plan)}
    desk.call_together({name: (adding if good else failing)(name) for name, good in names.items()})
    for (name, came), good in zip(sorted(desk.came.items()), plan, strict=True):
        assert came is None if good else (type(came), came.args) == (ValueError, (name,))
    assert desk.kept() == [name for name, good in names.items() if good]
    desk.store.close()


def test_a_work_that_the_database_refuses_is_undone_alone(desk):
    desk.call_together({"A": adding("A"), "again": adding("A"), "B": adding("B")})
    assert isinstance(desk.came.pop("again"), ConflictError)
    assert set(desk.came.values()) == {None}
    assert desk.kept() == ["A", "B"]


def test_a_work_that_was_written_and_raises_takes_nobody_along(desk):
    def failing(transaction):
        adding("F")(transaction)
        transaction.entries("F")  # what was kept is written by now
        raise ValueError

    desk.call_together({"A": adding("A"), "F": failing, "B": adding("B")})
    assert type(desk.came.pop("F")) is ValueError
    assert desk.came == {"A": None, "B": None}
    assert desk.kept() == ["A", "B"]


@pytest.mark.parametrize("passed_over", [True, False])
def test_what_one_kept_and_cannot_be_written_fails_nobody_else(desk, passed_over):
    def unstorable(transaction):
        adding("U")(transaction)
        after = Kept(Order("U", "received", 2, {"what": object()}), "P")
        entry = Entry("U", 2, "note", "received", "received", NINE, NINE)
        transaction.keep(after, [entry], transaction.order("U"))

    def reading(transaction):
        with suppress(StoreError) if passed_over else nullcontext():
            transaction.entries("R")  # what others kept is written before
        adding("R")(transaction)

    desk.call_together({"A": adding("A"), "U": unstorable, "R": reading, "B": adding("B")})
    assert isinstance(desk.came.pop("U"), UnstorableError)
    assert desk.came == dict.fromkeys("ABR")
    assert desk.kept() == ["A", "B", "R"]


def test_a_commit_that_fails_fails_only_for_whom_it_fails_alone_too(desk):
    desk.place.run(
        "CREATE TABLE more (of_order VARCHAR REFERENCES paidan_order DEFERRABLE INITIALLY DEFERRED)"
    )

    def lacking_its_order(transaction):
        transaction.execute("INSERT INTO more VALUES ('nobody')")

    desk.call_together({"A": adding("A"), "spoils": lacking_its_order, "B": adding("B")})
    assert isinstance(desk.came.pop("spoils"), ConflictError)
    assert desk.came == {"A": None, "B": None}
    assert desk.kept() == ["A", "B"]


def test_a_command_with_a_key_is_one_of_a_group_and_asked_for_by_one_at_a_time(desk):
    given, times = [], 4

    def keyed(key):
        def work(transaction):
            found = transaction.answer(key)
            if found is None:
                seq = 1 + (transaction.order(key).order.seq if transaction.order(key) else 0)
                (going_on(key, seq) if seq > 1 else adding(key))(transaction)
                transaction.keep_answer(KeptAnswer(key, key, "", NINE, 1, 0, 1))
            given.append((key, found is None))

        return lambda: desk.store.write(work, About(key, key))

    with desk.held():
        for key in "ABC" * times:
            desk.threads.append(Thread(target=keyed(key)))
            desk.threads[-1].start()
    assert Counter(one for one in given if one[1]) == dict.fromkeys([(key, True) for key in "ABC"], 1)
    assert len(given) == 3 * times
    assert desk.kept() == ["A", "B", "C"]
    keyed("A")()
    assert given[-1] == ("A", False)


def test_who_wants_a_key_that_another_holds_waits_alone(on_postgresql):
    with psycopg.connect(on_postgresql.place.dsn) as other:
        other.execute("SELECT pg_advisory_xact_lock(x'70616902'::int, hashtext('K'))")
        with on_postgresql.held():
            works = {"A": About("A", "K"), "B": About("B", "L"), "C": About("C")}
            for name, about in works.items():

                def work(transaction, name=name, about=about):
                    if not about.key or transaction.answer(about.key) is None:
                        adding(name)(transaction)

                write = partial(on_postgresql.store.write, work, about)
                on_postgresql.threads.append(Thread(target=write))
                on_postgresql.threads[-1].start()
                time.sleep(0.01)
            on_postgresql.threads, waiting = on_postgresql.threads[:-3], on_postgresql.threads[-3:]
        for thread in waiting[1:]:
            thread.join(10)
        waiting[0].join(0.2)
        assert on_postgresql.kept() == ["B", "C"]
    waiting[0].join(10)
    assert on_postgresql.kept() == ["A", "B", "C"]


def test_who_wants_an_order_that_another_holds_waits_alone(on_postgresql):
    def new(order_id):
        return lambda one: adding(order_id)(one) if one.order(order_id) is None else None

    desk = on_postgresql
    for order_id in "AB":
        desk.store.write(adding(order_id))
    with psycopg.connect(desk.place.dsn) as other:
        other.execute("SELECT FROM paidan_order WHERE order_id = 'A' FOR UPDATE")
        other.execute("SELECT pg_advisory_xact_lock(x'70616903'::int, hashtext('N'))")
        works = {"A": going_on("A", 2), "B": going_on("B", 2), "N": new("N"), "O": new("O")}
        with desk.held():
            for name, work in works.items():
                desk.call(name, work)
                time.sleep(0.01)
            desk.threads, waiting = desk.threads[: desk.writers], desk.threads[desk.writers :]
        waiting[1].join(10)
        waiting[3].join(10)
        assert desk.came == {"B": None, "O": None}
    desk.threads = waiting
    desk.join()
    assert desk.came == dict.fromkeys("ABNO")
    assert desk.kept() == ["A", "A", "B", "B", "N", "O"]


def test_a_group_whose_connection_is_cut_is_told_so_and_keeps_nothing(on_postgresql):
    def cut(transaction):
        adding("C")(transaction)
        on_postgresql.place.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )

    on_postgresql.call_together({"A": adding("A"), "C": cut, "B": adding("B")})
    assert {type(came) for came in on_postgresql.came.values()} == {StoreUnavailableError}
    assert on_postgresql.kept() == []


def test_a_full_disk_is_told_to_all_and_what_was_told_done_is_there(on_sqlite):
    desk = on_sqlite
    limit = desk.store._cursor.execute("PRAGMA page_count").fetchone()[0]
    desk.store._cursor.execute(f"PRAGMA max_page_count = {limit + 6}")
    desk.call_together({f"W{number}": adding(f"W{number}", "长" * 4000) for number in range(8)})
    kinds = Counter(type(came) for came in desk.came.values())
    assert kinds[StoreUnavailableError] >= 1
    assert kinds.keys() <= {StoreUnavailableError, type(None)}
    assert desk.kept() == sorted(name for name, came in desk.came.items() if came is None)
    desk.store._cursor.execute("PRAGMA max_page_count = 100000")
    desk.store.write(adding("X"))
    assert "X" in desk.kept()


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_a_leader_that_is_interrupted_leaves_nobody_waiting_and_nothing_undone(desk, interruption):
    def interrupted(transaction):
        adding("I")(transaction)
        raise interruption

    desk.call_together({"A": adding("A"), "I": interrupted, "B": adding("B"), "C": adding("C")})
    assert desk.kept() == sorted(name for name, came in desk.came.items() if came is None)
    told = {name: type(came) for name, came in desk.came.items() if came is not None}
    assert told.pop("I") in (interruption, StoreUnavailableError)
    assert set(told.values()) <= {interruption}, "at most the one that led"
    assert len(told) <= 1
    desk.store.write(adding("X"))


def test_one_who_stops_waiting_is_not_written_and_holds_up_nobody(desk):
    known = []

    def gone():
        known.append(get_ident())
        try:
            desk.store.write(adding("G"), About("G"))
        except BaseException as error:  # noqa: BLE001 - told to the test
            desk.came["G"] = error

    with desk.held():
        thread = Thread(target=gone)
        thread.start()
        while not desk.store._writer._queue:
            time.sleep(0.001)
        desk.call("B", adding("B"))
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(known[0]), ctypes.py_object(KeyboardInterrupt)
        )
        thread.join(10)
        assert type(desk.came.pop("G")) is KeyboardInterrupt
    assert desk.came == {"B": None}
    assert desk.kept() == ["B"]


def test_a_transaction_within_a_transaction_is_refused_and_harms_nobody_else(desk):
    desk.call_together(
        {"A": adding("A"), "N": lambda _: desk.store.write(adding("M"), About("M")), "B": adding("B")}
    )
    assert isinstance(desk.came.pop("N"), StoreUnavailableError)
    assert set(desk.came.values()) == {None}
    assert desk.kept() == ["A", "B"]


def test_sixteen_callers_are_each_told_only_what_is_on_disk_then(desk):
    barrier = Barrier(16)
    wrong: list[str] = []

    def call(caller):
        barrier.wait()
        for number in range(20):
            order_id = f"{caller}-{number}"
            desk.store.write(adding(order_id), About(order_id))
            if not list(other.entries(order_id)):
                wrong.append(order_id)

    other = open_store(desk.place.url, "P")
    threads = [Thread(target=call, args=(caller,)) for caller in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert wrong == []
    assert len(desk.kept()) == 320
    assert desk.count("COMMIT") < 320


def test_after_close_nothing_is_written_and_everyone_is_told(desk):
    desk.store.close()
    with pytest.raises(StoreUnavailableError):
        desk.store.write(adding("A"), About("A"))
    assert desk.kept() == []
