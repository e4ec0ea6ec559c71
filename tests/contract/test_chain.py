"""The chain of a log: what is hashed, how it is written, and what every store says of it."""

import hashlib
import json
import string
from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from support.stores import KINDS

from paidan.storage import open_store
from paidan.storage.chain import FIRST, canonical, hash_of, running
from paidan.storage.encoding import to_text
from paidan.storage.errors import UnstorableError
from paidan.storage.port import Kept, Linked
from paidan.storage.rows import Rows, as_instant, as_text
from paidan.workflows.attributes import ATTRIBUTES
from paidan.workflows.facts import FACTS
from paidan.workflows.records import BEIJING, Entry, Order

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(string.ascii_letters + string.digits + "_.@ ", min_size=1, max_size=8).filter("@".__ne__)
instants = st.datetimes(timezones=st.sampled_from([BEIJING])).filter(lambda at: at.year > 1)
whole = st.integers(1 - 2**53, 2**53 - 1)
plain = st.none() | st.booleans() | whole | texts | instants
values = plain | st.lists(plain, max_size=3).map(tuple) | st.dictionaries(names, plain, max_size=2)
attributes = st.dictionaries(names, values, max_size=4)
entries = st.builds(
    Entry, texts, st.integers(1, 2**53 - 1), texts, texts, texts, instants, instants, texts, texts, texts,
    texts, texts, attributes,
)  # fmt: skip


def as_said(value):
    """Give a value as JSON knows it, by other means than ours."""
    if isinstance(value, datetime):
        return {"@": to_text(value)}
    if isinstance(value, tuple | list):
        return [as_said(one) for one in value]
    return {name: as_said(one) for name, one in value.items()} if isinstance(value, dict) else value


def independently(entry, previous):
    """Hash an entry as a stranger would, with a library for RFC 8785."""
    said = {**as_said(entry._asdict()), "previous": previous}
    said |= {"at": to_text(entry.at), "recorded_at": to_text(entry.recorded_at)}
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


@given(attributes)
def test_attributes_are_written_as_rfc_8785_says(said):
    assert canonical(said).encode() == rfc8785.dumps(as_said(said))


@given(st.lists(entries, max_size=3), st.sampled_from([as_text, as_instant]))
def test_each_entry_is_hashed_with_all_it_says_and_the_hash_before_it(log, instants):
    rows, head = Rows(instants).entry_rows(log, "")
    previous = FIRST
    for entry, row in zip(log, rows, strict=True):
        previous = independently(entry, previous)
        assert row[-1] == previous
    assert head == (previous if log else "")


@given(entries, entries)
def test_what_differs_has_another_hash(one, other):
    hashes = {Rows(as_text).entry_rows([each], "")[1] for each in (one, other)}
    assert len(hashes) == (1 if as_said(one._asdict()) == as_said(other._asdict()) else 2)


@pytest.mark.parametrize("said", [{"n": 2**53}, {"n": -(2**53)}, {"n": 0.5}, {"n": (1, (2.0,))},
                                  {"n": {"m": 2**60}}, {"名": 1}, {"n": {"名": 1}}])  # fmt: skip
def test_what_two_readers_would_write_differently_is_refused(said):
    with pytest.raises(UnstorableError):
        canonical(said)


def test_every_name_of_ours_is_ascii():
    assert all(one.name.isascii() for one in ATTRIBUTES)
    assert all(one.name.isascii() for one in FACTS)


def test_the_hash_of_an_entry_is_for_ever():
    entry = Entry(
        "甲-1", 2, "accept", "dispatched", "accepted", NINE, NINE + timedelta(minutes=1), "张三",
        "handling_unit", "甲科", "", "“引号”\n", {"order_due": NINE, "urgent": True, "list": ("b", 1, None)},
    )  # fmt: skip
    text = (
        '{"actor":"张三","at":"2026-03-02T01:00:00+00:00","attributes":{"list":["b",1,null],"order_due":'
        '{"@":"2026-03-02T01:00:00+00:00"},"urgent":true},"event":"accept","from_state":"dispatched",'
        '"note":"“引号”\\n","order_id":"甲-1","previous":"' + "0" * 64 + '","recorded_at":'
        '"2026-03-02T01:01:00+00:00","role":"handling_unit","rule":"","seq":2,"to_state":"accepted","unit":"甲科"}'
    )
    ((*said, of_entry),), _ = Rows(as_text).entry_rows([entry], "")
    assert of_entry == hash_of(said, FIRST) == hashlib.sha256(text.encode()).hexdigest()
    assert json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":")) == text


# ---- what every store says of its chain ----


def entry(seq=1, order_id="A", **changed):
    at = NINE + timedelta(minutes=seq)
    return Entry(order_id, seq, "receive", "", "received", at, at, **changed)


def put(store, order_id, *seqs):
    def keep(transaction):
        before = transaction.order(order_id)
        after = Kept(Order(order_id, "received", seqs[-1]), "P@2026")
        transaction.keep(after, [entry(seq, order_id, attributes={"n": seq}) for seq in seqs], before)

    store.write(keep)


@pytest.fixture(params=KINDS)
def store(request, place_of):
    made = open_store(place_of(request.param).url, "P")
    yield made
    made.close()


@pytest.fixture
def written(store):
    put(store, "B", 1, 2)
    put(store, "A", 1)
    put(store, "B", 3)
    return store


def test_each_order_has_a_chain_of_its_own_and_its_head(written):
    for order_id in "AB":
        log = list(written.linked(order_id))
        assert [one.entry for one in log] == list(written.entries(order_id))
        previous = FIRST
        for one in log:
            previous = independently(one.entry, previous)
            assert one.hash == previous
        assert written.order(order_id).head == previous


def test_the_log_is_given_by_position_piece_by_piece(written):
    assert [(one.entry.order_id, one.entry.seq) for one in written.written(0, 10)] == [
        ("B", 1), ("B", 2), ("A", 1), ("B", 3),
    ]  # fmt: skip
    positions = [one.position for one in written.written(0, 10)]
    assert positions == sorted(positions)
    assert written.settled() == positions[-1]
    assert [one.position for one in written.written(positions[0], 2)] == positions[1:3]
    assert written.written(positions[-1], 10) == ()
    assert sorted(written.linked(), key=lambda one: one.position) == list(written.written(0, 10))


def test_links_are_the_chain_by_position(written):
    by_position = {one.position: (one.entry.seq, one.hash) for one in written.linked()}
    last = written.settled()
    for checked in (False, True):
        assert {one.position: one[1:3] for one in written.links(last, checked=checked)} == by_position
        (second, *_) = [one.position for one in written.links(last, 1, checked=checked)]
        assert second == 2
        assert all(one.broken is None for one in written.links(last, checked=checked))
    assert list(written.links(0)) == []


def test_every_order_is_examined_with_its_entries_and_what_it_was_folded_to(written):
    found = {one.order_id: one for one in written.examined()}
    assert list(found) == ["A", "B"]
    for order_id, one in found.items():
        assert one.broken is None
        assert one.entries == tuple(written.entries(order_id))
        assert (one.length, one.kept) == (len(one.entries), written.order(order_id))
        assert one.head == one.kept.head


def test_an_order_that_is_rebuilt_keeps_its_head(written):
    heads = [one.head for one in written.orders()]
    fold = lambda order_id, log: Kept(Order(order_id, "received", len(log)), "P@2026")  # noqa: E731
    assert written.write(lambda transaction: transaction.rebuild(fold)) is False
    assert [one.head for one in written.orders()] == heads
    put(written, "B", 4)
    assert all(one.broken is None for one in written.examined())


def test_a_transaction_undone_leaves_no_hole_in_the_chain(written):
    def work(transaction):
        transaction.keep(Kept(Order("C", "received", 1), "P@2026"), [entry(1, "C")], None)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        written.write(work)
    put(written, "C", 1)
    given: list[Linked] = []
    while more := written.written(given[-1].position if given else 0, 10):
        given += more
    assert [one.entry.order_id for one in given] == ["B", "B", "A", "B", "C"]
    assert all(one.broken is None for one in written.examined())


def test_a_store_is_told_from_every_other(store, place_of, request):
    kind = request.node.callspec.params["store"]
    other = open_store(place_of(kind).url, "P")
    assert len(store.store_id) == len(other.store_id) == 32
    assert store.store_id != other.store_id
    other.close()


def test_the_digest_over_all_says_what_stands_where():
    one = running(FIRST, 1, "ab" * 32)
    assert one == hashlib.sha256(bytes(32) + bytes(7) + b"\1" + b"\xab" * 32).hexdigest()
    assert running(FIRST, 2, "ab" * 32) != one


# ---- cursors ----


def test_a_cursor_is_kept_by_name_and_moved_by_who_holds_it(store):
    assert store.position_of("mail") is None
    with store.cursor("mail") as cursor:
        assert cursor.position == 0
        cursor.position = 7
    assert store.position_of("mail") == 7
    with store.cursor("mail", 3) as cursor:
        assert cursor.position == 7
    with store.cursor("report", 3) as cursor:
        assert cursor.position == 3
    assert (store.position_of("mail"), store.position_of("report")) == (7, 3)


def test_a_cursor_stays_where_it_came_to_when_its_holder_fails(store):
    def fail():
        with store.cursor("mail") as cursor:
            cursor.position = 5
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert store.position_of("mail") == 5


def test_a_cursor_is_held_by_one_at_a_time(store):
    with store.cursor("mail") as cursor:
        cursor.position = 1
        with store.cursor("mail") as other:
            assert other is None
        with store.cursor("report") as other:
            assert other is not None
    with store.cursor("mail") as cursor:
        assert cursor.position == 1


@pytest.mark.parametrize("held_until", ["0", "CAST(strftime('%s', 'now') AS INTEGER) + 1000000"])
def test_a_lease_that_is_over_or_of_another_clock_is_taken_and_its_holder_keeps_nothing(place_of, held_until):
    place = place_of("sqlite")
    store = open_store(place.url, "P")
    with store.cursor("mail") as slow:
        assert slow is not None
        slow.position = 3
        place.run(f"UPDATE paidan_cursor SET held_until = {held_until}")
        with store.cursor("mail") as quick:
            assert quick is not None
            assert quick.position == 0
            quick.position = 9
    assert store.position_of("mail") == 9
    store.close()


def test_what_commits_late_with_a_smaller_position_holds_back_what_lies_above_it(place_of):
    place = place_of("postgresql")
    store, other = (open_store(place.url, "P") for _ in range(2))
    put(store, "A", 1)
    drawn, commit = Event(), Event()

    def slow(transaction):
        transaction.keep(Kept(Order("B", "received", 1), "P@2026"), [entry(1, "B")], None)
        assert len(transaction.entries("B")) == 1, "what is read back has its position"
        drawn.set()
        assert commit.wait(10)

    thread = Thread(target=lambda: other.write(slow))
    thread.start()
    assert drawn.wait(10)
    put(store, "C", 1)
    assert [one.entry.order_id for one in store.written(0, 10)] == ["A"]
    (first,) = store.written(0, 10)
    given: list[Linked] = []
    waiting = Thread(target=lambda: given.extend(store.written(first.position, 10)))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive(), "it waits for who is under way"
    commit.set()
    waiting.join(10)
    thread.join()
    assert [one.entry.order_id for one in given] == ["B", "C"]
    for one in (store, other):
        one.close()
