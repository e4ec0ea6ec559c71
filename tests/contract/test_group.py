"""What several callers write to one SQLite file is committed together, and fails each for itself."""

import ctypes
import sqlite3
import time
from collections import Counter
from contextlib import closing
from datetime import datetime
from threading import Barrier, Event, Thread, get_ident
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paidan.storage.errors import ConflictError, StoreUnavailableError
from paidan.storage.port import Kept
from paidan.storage.sqlite import open_sqlite
from paidan.workflows.records import BEIJING, Entry, Order

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def adding(order_id, note=""):
    """Give a work that receives an order."""
    entry = Entry(order_id, 1, "receive", "", "received", NINE, NINE, note=note)
    return lambda transaction: transaction.keep(Kept(Order(order_id, "received", 1), "P"), [entry], None)


class Desk:
    """A store with callers in threads: what came of each, and what the database was told to do."""

    def __init__(self, path):
        self.path = path
        self.store = open_sqlite(f"sqlite:///{path}", "P")
        self.came: dict[str, Any] = {}
        self.told: list[str] = []
        self.store._cursor.connection.set_trace_callback(self.told.append)
        self.threads: list[Thread] = []

    def call(self, name, work):
        def run():
            try:
                self.came[name] = self.store.write(work)
            except BaseException as error:  # noqa: BLE001 - told to the test
                self.came[name] = error

        self.threads.append(Thread(target=run))
        self.threads[-1].start()
        return self.threads[-1]

    def call_together(self, works):
        """Have a first caller hold the writer until all of `works` wait behind it."""
        held, go = Event(), Event()

        def hold(_):
            held.set()
            assert go.wait(10)

        self.call("first", hold)
        assert held.wait(10)
        for name, work in works.items():
            waiting = len(self.store._writer._queue)
            self.call(name, work)
            until = time.monotonic() + 10
            while len(self.store._writer._queue) == waiting and time.monotonic() < until:
                time.sleep(0.001)
        time.sleep(0.03)  # longer than a group takes up others: they are a group of their own
        go.set()
        self.join()
        assert self.came.pop("first") is None

    def join(self):
        for thread in self.threads:
            thread.join(20)
            assert not thread.is_alive(), "a caller was left waiting"

    def count(self, statement):
        return sum(one.startswith(statement) for one in self.told)

    def kept(self):
        """Give the order ids that another connection reads."""
        with closing(sqlite3.connect(self.path)) as connection:
            return [
                one for (one,) in connection.execute("SELECT order_id FROM paidan_entry ORDER BY order_id")
            ]


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "orders.db")
    yield made
    made.store.close()


def test_all_who_wait_are_written_in_one_commit(desk):
    desk.call_together({f"W{number:02}": adding(f"W{number:02}") for number in range(20)})
    assert set(desk.came.values()) == {None}
    assert desk.kept() == sorted(desk.came)
    assert desk.count("COMMIT") == 2, "of the one who held them up, and of all the others"


def test_one_caller_alone_pays_for_no_savepoint(desk):
    for number in range(3):
        desk.store.write(adding(f"W{number}"))
    assert (desk.count("SAVEPOINT"), desk.count("COMMIT")) == (0, 3)


def test_each_gets_its_own_result_and_sees_what_those_before_it_wrote(desk):
    desk.call_together({n: lambda one, n=n: (adding(n)(one), n, one.order("A") is None) for n in "ABC"})
    assert desk.came == {"A": (None, "A", False), "B": (None, "B", False), "C": (None, "C", False)}


@settings(max_examples=15)
@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_what_raises_is_undone_alone_wherever_it_stands(tmp_path_factory, plan):
    desk = Desk(tmp_path_factory.mktemp("group") / "orders.db")

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


def test_a_commit_that_fails_fails_all_and_keeps_nothing(desk):
    def lacking_its_order(transaction):
        execute = transaction._cursor.execute
        execute("CREATE TABLE more (of REFERENCES paidan_order DEFERRABLE INITIALLY DEFERRED)")
        execute("INSERT INTO more VALUES ('nobody')")

    desk.call_together({"A": adding("A"), "spoils": lacking_its_order, "B": adding("B")})
    assert {type(came) for came in desk.came.values()} == {ConflictError}
    assert len(desk.came) == len(set(map(id, desk.came.values()))) == 3
    assert desk.kept() == []
    desk.store.write(adding("A"))
    assert desk.kept() == ["A"]


def test_a_full_disk_is_told_to_all_and_what_was_told_done_is_there(desk):
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
    held, go, known = Event(), Event(), []

    def hold(_):
        held.set()
        assert go.wait(10)

    desk.call("first", hold)
    assert held.wait(10)

    def gone():
        known.append(get_ident())
        try:
            desk.store.write(adding("G"))
        except BaseException as error:  # noqa: BLE001 - told to the test
            desk.came["G"] = error

    thread = Thread(target=gone)
    thread.start()
    while not desk.store._writer._queue:
        time.sleep(0.001)
    desk.call("B", adding("B"))
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(known[0]), ctypes.py_object(KeyboardInterrupt))
    thread.join(10)
    assert type(desk.came.pop("G")) is KeyboardInterrupt
    go.set()
    desk.join()
    assert desk.came == {"first": None, "B": None}
    assert desk.kept() == ["B"]


def test_a_transaction_within_a_transaction_is_refused_and_harms_nobody_else(desk):
    desk.call_together({"A": adding("A"), "N": lambda _: desk.store.write(adding("N")), "B": adding("B")})
    assert isinstance(desk.came.pop("N"), StoreUnavailableError)
    assert set(desk.came.values()) == {None}
    assert desk.kept() == ["A", "B"]


def test_sixteen_callers_are_each_told_only_what_is_on_disk_then(desk):
    barrier, wrong = Barrier(16), []

    def call(caller):
        with closing(sqlite3.connect(desk.path)) as connection:
            barrier.wait()
            for number in range(20):
                order_id = f"{caller}-{number}"
                desk.store.write(adding(order_id))
                found = connection.execute("SELECT 1 FROM paidan_entry WHERE order_id = ?", (order_id,))
                if found.fetchone() is None:
                    wrong.append(order_id)

    threads = [Thread(target=call, args=(caller,)) for caller in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(desk.kept()) == 320
    assert desk.count("COMMIT") < 320


def test_after_close_nothing_is_written_and_everyone_is_told(desk):
    desk.store.close()
    with pytest.raises(StoreUnavailableError):
        desk.store.write(adding("A"))
    assert desk.kept() == []
