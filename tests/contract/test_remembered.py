"""What a process remembers of orders on PostgreSQL is a guess: that others wrote too is never missed."""

from contextlib import ExitStack
from datetime import datetime
from functools import partial
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest

from paidan.storage import open_store
from paidan.storage.errors import ConflictError, StoreUnavailableError
from paidan.storage.port import About, Kept, KeptAnswer, KeptNotice
from paidan.storage.postgres_wire import Wire
from paidan.workflows.records import BEIJING, Entry, Order

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
A = About("A")


def step(transaction, order_id="A", **facts):
    """Add an entry to an order, or receive it; give the `seq` it has then."""
    before = transaction.order(order_id)
    seq = 1 + (before.order.seq if before else 0)
    entry = Entry(order_id, seq, "note", "received" if before else "", "received", NINE, NINE)
    transaction.keep(Kept(Order(order_id, "received", seq, facts), "P"), [entry], before)
    return seq


def answered(transaction):
    """Add an entry under a key, once; say whether it did."""
    if transaction.answer("K") is not None:
        return False
    seq = step(transaction)
    transaction.keep_answer(KeptAnswer("K", "A", "body", NINE, seq, 0, 1))
    return True


@pytest.fixture
def trips(monkeypatch):
    """Note the statements of each trip to a server, under their names."""
    made: list[list[str]] = []
    trip = Wire.trip

    def noted(wire, steps):
        made.append([name or text for name, text, _ in steps])
        return trip(wire, steps)

    monkeypatch.setattr(Wire, "trip", noted)
    return made


@pytest.fixture
def place(place_of):
    return place_of("postgresql")


@pytest.fixture
def stores(place):
    """Give two stores on one database, as two processes have them; each remembers order A."""
    with ExitStack() as opened:
        both = [open_store(place.url, "P") for _ in range(2)]
        for store in both:
            opened.callback(store.close)
            store.write(step, A)
        yield both


def seqs(store, order_id="A"):
    return [entry.seq for entry in store.entries(order_id)]


def test_what_another_wrote_of_an_order_is_seen(stores, trips):
    here, there = stores  # `here` remembers A at 1, it stands at 2
    assert here.write(step, A) == 3
    assert len(trips) == 3, "one that fails, and two as where nothing is remembered"
    assert there.write(step, A) == 4
    assert here.write(step, A) == 5
    assert seqs(here) == [1, 2, 3, 4, 5]


def test_what_nobody_else_wrote_takes_one_trip_again_and_again(stores, trips):
    _, there = stores
    for seq in (3, 4, 5):
        assert there.write(step, A) == seq
    assert [one[0] for one in trips] == ["paidan_share"] * 3


def test_what_is_told_without_writing_is_told_of_what_stands(stores, trips):
    here, there = stores
    assert here.write(lambda one: one.order("A").order.seq, A) == 2
    trips.clear()
    assert there.write(lambda one: one.order("A").order.seq, A) == 2
    assert len(trips) == 1, "what was remembered is so"


def test_what_is_raised_is_raised_of_what_stands(stores):
    here, _ = stores

    def refused(transaction):
        seq = transaction.order("A").order.seq
        raise ValueError(seq)

    with pytest.raises(ValueError, match="2"):
        here.write(refused, A)
    with pytest.raises(ConflictError):
        here.write(lambda one: one.keep(Kept(Order("A", "received", 2), "P"), [], None), A)


def test_an_order_that_is_not_so_new_is_found(stores, trips):
    here, there = stores
    new = About("B", new=True)
    assert here.write(lambda one: step(one, "B"), new) == 1
    assert len(trips) == 1
    assert there.write(lambda one: step(one, "B"), new) == 2
    assert seqs(here, "B") == [1, 2]


def test_a_key_that_another_answered_is_not_answered_again(stores):
    here, there = stores
    keyed = About("A", "K")
    assert there.write(answered, keyed)
    assert not here.write(answered, keyed)
    assert not there.write(answered, keyed)
    assert seqs(here) == [1, 2, 3]


def test_a_key_of_another_order_is_found_too(stores):
    here, there = stores
    assert there.write(answered, About("A", "K"))
    here.write(lambda one: step(one, "B"), About("B", new=True))
    assert here.write(lambda one: one.answer("K").order_id, About("B", "K")) == "A"


def test_a_notice_that_another_loaded_counts_at_once(stores):
    here, there = stores
    here.write(step, A)
    there.write(lambda one: one.load_notice(KeptNotice(2026, "{}", NINE)))
    assert here.write(lambda one: len(one.notices()), A) == 1
    here.write(lambda one: step(one, "N"), About("N", new=True))
    there.write(lambda one: one.load_notice(KeptNotice(2027, "{}", NINE)))
    assert here.write(lambda one: len(one.notices()), About("M", new=True)) == 2


def test_what_another_folded_anew_is_seen_though_no_entry_came(stores):
    here, there = stores
    assert here.write(step, A) == 3

    def anew(order_id, entries):
        return Kept(Order(order_id, "received", len(entries), {"unit": "乙科"}), "P")

    assert there.write(lambda one: one.rebuild(anew))
    assert here.write(lambda one: one.order("A").order.facts, A) == {"unit": "乙科"}


def test_an_order_that_another_holds_is_waited_for(stores, place):
    _, there = stores
    came = []
    with psycopg.connect(place.dsn) as other:
        other.execute("SELECT FROM paidan_order WHERE order_id = 'A' FOR UPDATE")
        thread = Thread(target=lambda: came.append(there.write(step, A)))
        thread.start()
        thread.join(0.3)
        assert came == []
    thread.join(10)
    assert came == [3]


def test_of_a_trip_that_fails_nothing_is_kept(stores, place):
    _, there = stores
    place.run("ALTER TABLE paidan_order ADD CHECK (seq < 3)")
    with pytest.raises(ConflictError):
        there.write(step, A)
    place.run("ALTER TABLE paidan_order DROP CONSTRAINT paidan_order_seq_check")
    assert seqs(there) == [1, 2]
    assert there.write(step, A) == 3


def test_a_restart_of_the_server_is_not_told_to_who_asks_next(stores, place, trips):
    _, there = stores
    place.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    assert there.write(step, A) == 3
    assert len(trips) == 3, "one into the void, that asked for no commit"
    assert seqs(there) == [1, 2, 3]


def test_who_is_cut_off_while_all_is_one_trip_is_told_so(stores, place, trips):
    _, there = stores
    place.run("""CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NEW; END $$""")
    place.run("CREATE TRIGGER cut BEFORE INSERT ON paidan_entry FOR EACH ROW EXECUTE FUNCTION cut()")
    with pytest.raises(StoreUnavailableError, match="terminating connection"):
        there.write(step, A)
    assert len(trips) == 1, "whether it was committed nobody knows: it is not asked again"
    place.run("DROP TRIGGER cut ON paidan_entry")
    assert there.write(step, A) == 3
    assert seqs(there) == [1, 2, 3]


def test_processes_that_race_for_orders_leave_each_whole(place):
    ids = [f"R{number}" for number in range(3)]
    told: list[tuple[str, int]] = []
    barrier = Barrier(12)

    def call(store, caller):
        barrier.wait()
        for number in range(30):
            order_id = ids[(caller + number) % len(ids)]
            about = About(order_id, f"{caller}-{number}" if number % 3 == 0 else "", new=number < 3)
            told.append((order_id, store.write(lambda one, of=order_id: step(one, of), about)))

    with ExitStack() as opened:
        stores = [open_store(place.url, "P") for _ in range(3)]
        for store in stores:
            opened.callback(store.close)
        threads = [Thread(target=call, args=(stores[caller % 3], caller)) for caller in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for order_id in ids:
            mine = sorted(seq for one, seq in told if one == order_id)
            assert mine == seqs(stores[0], order_id) == list(range(1, len(mine) + 1)), "one winner a version"
        assert len(told) == 360
        assert not any(link.broken for link in stores[0].links(10**9, checked=True))


def test_no_more_is_remembered_than_there_is_room_for(place, monkeypatch):
    monkeypatch.setattr("paidan.storage.postgres_memory.REMEMBERED", 2)
    store: Any = open_store(place.url, "P")
    for order_id in "ABC":
        store.write(partial(step, order_id=order_id), About(order_id, new=True))
    taken = {one: store._memory.take({About(one)}) is not None for one in "ABC"}
    assert taken == {"A": False, "B": True, "C": True}
    store.close()


def test_what_was_written_is_remembered_as_it_lies_there(stores):
    _, there = stores
    remembered, number = there._memory.take({A}).orders["A"]
    assert remembered._replace(recorded_at=None) == there.order("A")._replace(recorded_at=None)
    assert there._memory.take({A}) is None, "who took it has it alone"
    assert int(number) > 0
