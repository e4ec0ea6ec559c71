"""What every store promises (`paidan.storage.port`); a new one joins `KINDS`, excused from nothing."""

import re
import sqlite3
import sys
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Thread

import psycopg
import pytest
from psycopg import errors as pg
from sqlalchemy import insert
from sqlmodel import Session, create_engine, select
from support.stores import KINDS, ON_DISK

from paidan.storage import migrate_store, open_store
from paidan.storage.errors import (
    ConflictError,
    SchemaError,
    StoreAddressError,
    StoreMissingError,
    StoreUnavailableError,
    UnstorableError,
)
from paidan.storage.port import (
    About,
    Change,
    Fed,
    Kept,
    KeptAnswer,
    KeptFiling,
    KeptNotice,
    Memo,
    Sealed,
)
from paidan.storage.postgres_wire import Wire
from paidan.storage.sqlite import open_sqlite
from paidan.storage.tables import CLOCK, SCHEMA_VERSION, ClockRow, EntryRow, UtcDateTime
from paidan.workflows.records import BEIJING, Clock, Entry, Finding, Order

STRAY_CLOCK = """INSERT INTO paidan_clock SELECT 'stray', position, rule, unit, dispatch, started_at, due_at,
    provisional, done_at, void, shut, raised_at, wake_at, told_at, escalations, raised_by,
    learned_at FROM paidan_clock"""


def cell(table, row, place, value):
    """Change a cell of an order's row (0) or of its first clock's (1) in the memory store."""
    of_order, (clock, *more) = table["A"]
    rows = [list(of_order), list(clock)]
    rows[row][place] = value
    table["A"] = tuple(rows[0]), (tuple(rows[1]), *more)


SPOILS = (
    ("UPDATE paidan_order SET state = 'closed'", lambda held: cell(held.orders, 0, 1, "closed")),
    ("UPDATE paidan_order SET facts = 'no json'", lambda held: cell(held.orders, 0, 4, "no json")),
    ("UPDATE paidan_clock SET wake_at = NULL", lambda held: cell(held.orders, 1, 10, None)),
    ("DELETE FROM paidan_clock", lambda held: held.orders.update(A=(held.orders["A"][0], ()))),
    ("DELETE FROM paidan_order", lambda held: held.orders.clear()),
    (
        STRAY_CLOCK,
        lambda held: held.orders.update(stray=(("stray", "", 1, "", "{}", "", None), held.orders["A"][1])),
    ),
    (
        "INSERT INTO paidan_order VALUES ('stray', 'received', 1, 'P@2026', '{}', '', NULL)",
        lambda held: held.orders.update(stray=(("stray", "received", 1, "P@2026", "{}", "", None), ())),
    ),
)
ANOTHER_ENTRY = """SELECT {position}, order_id, {seq}, event, from_state, to_state, at, recorded_at, actor,
    role, unit, rule, note, attributes, hash FROM paidan_entry"""
REPLACED_ENTRY = """INSERT OR REPLACE INTO paidan_entry SELECT position + 1, order_id, seq, event, from_state,
    to_state, at, recorded_at, 'x', role, unit, rule, note, attributes, hash FROM paidan_entry"""
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def later(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def clock(rule="T01", due=30, **changed) -> Clock:
    return Clock(rule, "", 0, NINE, later(due), provisional=False, **changed)


def entry(seq=1, order_id="A", event="receive", **changed) -> Entry:
    return Entry(order_id, seq, event, "", "received", later(seq), later(seq), **changed)


def kept(seq=1, order_id="A", clocks=(), awake=(), **facts) -> Kept:
    wakes = tuple(clock.due_at if wakes else None for clock, wakes in zip(clocks, awake, strict=True))
    return Kept(Order(order_id, "received", seq, facts, tuple(clocks)), "P@2026", wakes)


def bare(found: Kept) -> Kept:
    """Give what was kept without its hash, which the store counts."""
    return found._replace(head="")


def put(store, after, *entries, before=None):
    store.write(lambda transaction: transaction.keep(after, entries, before))


class Opener:
    """Opens the same store again and again."""

    def __init__(self, place):
        self.place = place
        self.kind = place.kind
        self.opened = []

    def __call__(self, policy="P", **said):
        self.opened.append(open_store(self.place.url, policy, **said))
        return self.opened[-1]

    def spoil(self, statement, by_hand):
        """Change what is kept behind the store's back: by SQL, in memory by hand."""
        if self.kind == "memory":
            by_hand(self.place.held)
        elif self.kind == "postgresql":
            self.place.run(f"SET session_replication_role = replica; {statement}")
        else:
            self.place.run(statement)


@pytest.fixture
def opener_of(place_of):
    made = []

    def make(kind):
        made.append(Opener(place_of(kind)))
        return made[-1]

    yield make
    for opener in made:
        for store in opener.opened:
            store.close()


@pytest.fixture(params=KINDS)
def reopen(request, opener_of):
    return opener_of(request.param)


@pytest.fixture
def on_sqlite(opener_of):
    return opener_of("sqlite")


@pytest.fixture
def on_postgresql(opener_of):
    return opener_of("postgresql")


@pytest.fixture
def store(reopen):
    return reopen()


def test_a_new_store_is_empty_and_knows_its_policy(store):
    assert store.policy == "P"
    assert store.order("A") is None
    assert list(store.orders()) == list(store.entries()) == []
    assert store.due(later(10_000), 10) == ()


def test_an_order_comes_back_as_it_was_kept(store):
    after = kept(
        clocks=[
            clock(),
            clock("T02", 90, done_at=later(3), raised_at=later(90), raised_by=7, learned_at=later(4)),
            clock("T03", 5, void=True),
            clock("T04", 7, raised_at=later(7), told_at=later(9), escalations=(3, 12)),
        ],
        awake=[True, False, False, True],
        said_at=NINE, urgent=True, silent=False, count=3, text="“引号”\n@", nothing=None,
    )  # fmt: skip
    put(store, after, entry())
    assert bare(store.order("A")) == after
    assert list(map(bare, store.orders())) == [after]
    facts = store.order("A").order.facts
    assert facts["urgent"] is True
    assert facts["silent"] is False
    assert type(facts["count"]) is int


def test_an_order_may_come_to_have_fewer_clocks(store):
    before = kept(clocks=[clock(), clock("T02", 90), clock("T03", 5)], awake=[True, True, True])
    put(store, before, entry())
    after = kept(2, clocks=[clock("T02", 60)], awake=[True])
    put(store, after, entry(2), before=before)
    assert bare(store.order("A")) == after
    assert [bare(one) for one in store.orders()] == [after]
    assert store.due(later(10), 9) == ()


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=BEIJING),
        datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1999, 1, 1, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    ],
)
def test_instants_come_back_exact_and_in_beijing_time(store, at):
    put(store, kept(at=at), entry(attributes={"at": at, "list": (at, "x")})._replace(at=at))
    fact = store.order("A").order.facts["at"]
    (logged,) = store.entries("A")
    for one in (fact, logged.at, logged.attributes["at"], logged.attributes["list"][0]):
        assert one == at
        assert one.utcoffset() == timedelta(hours=8)


def test_a_time_without_an_offset_is_refused_and_nothing_is_written(store):
    naive = datetime(2026, 3, 2, 9)
    for after, logged in (
        (kept(at=naive), entry()),
        (kept(), entry()._replace(at=naive)),
        (kept(), entry(attributes={"at": naive})),
        (kept(clocks=[clock()._replace(due_at=naive)], awake=[True]), entry()),
    ):
        with pytest.raises(UnstorableError):
            put(store, after, logged)
    assert list(store.entries()) == list(store.orders()) == []


def test_a_value_that_would_not_come_back_is_refused(store):
    with pytest.raises(UnstorableError, match="value_unstorable"):
        put(store, kept(odd={1, 2}), entry())


def test_the_log_is_in_order_of_order_id_and_seq(store):
    for order_id in ("B", "A"):
        put(store, kept(1, order_id), entry(1, order_id))
    put(store, kept(3), entry(2), entry(3), before=store.order("A"))
    assert [(one.order_id, one.seq) for one in store.entries()] == [("A", 1), ("A", 2), ("A", 3), ("B", 1)]
    assert [one.seq for one in store.entries("A")] == [1, 2, 3]
    assert list(store.entries("nobody")) == []


def test_clocks_change_where_they_stand_and_new_ones_come_at_the_end(store):
    put(store, kept(1, clocks=[clock("T01"), clock("T04", 99)], awake=[True, True]), entry())
    after = kept(
        2,
        clocks=[clock("T01", done_at=later(2)), clock("T05", 60), clock("T02", 40)],
        awake=[False, True, True],
    )
    put(store, after, entry(2), before=store.order("A"))
    assert bare(store.order("A")) == after


def test_who_decided_on_something_older_is_told_so(store):
    put(store, kept(1), entry(1))
    old = store.order("A")
    put(store, kept(2), entry(2), before=old)
    with pytest.raises(ConflictError):
        put(store, kept(2), entry(2), before=old)
    with pytest.raises(ConflictError):
        put(store, kept(1), entry(1), before=None)
    with pytest.raises(ConflictError):
        put(store, kept(3), before=old)
    assert store.order("A").order.seq == 2


def test_who_keeps_twice_on_one_look_is_told_so_and_keeps_nothing(store):
    put(store, kept(1), entry(1))

    def work(transaction):
        before = transaction.order("A")
        transaction.keep(kept(2), [entry(2)], before)
        transaction.keep(kept(3), [entry(3)], before)

    with pytest.raises(ConflictError):
        store.write(work)
    assert store.order("A").order.seq == 1
    assert [one.seq for one in store.entries()] == [1]


@pytest.mark.parametrize("seq", [0, 1, 3])
def test_a_gap_or_a_double_in_the_log_is_refused(store, seq):
    put(store, kept(1), entry(1))
    with pytest.raises(ConflictError):
        put(store, kept(seq), entry(seq), before=store.order("A"))
    assert [one.seq for one in store.entries()] == [1]


def test_what_is_raised_inside_undoes_everything(store):
    def work(transaction):
        transaction.keep(kept(), [entry()], None)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.write(work)
    assert list(store.entries()) == list(store.orders()) == []
    put(store, kept(), entry())


def test_work_gives_its_result_and_sees_what_it_wrote(store):
    def work(transaction):
        transaction.keep(kept(clocks=[clock()], awake=[True]), [entry()], None)
        return transaction.order("A").order.seq, [bare(one) for one in transaction.claim(later(31), 5)]

    assert store.write(work) == (1, [kept(clocks=[clock()], awake=[True])])


def test_notices_come_back_in_the_order_they_were_loaded(reopen):
    store = reopen()
    first = KeptNotice(2028, "year = 2028\n# “引号”", later(2))
    second = KeptNotice(2027, "year = 2027\n", later(1))
    assert store.notices() == ()
    store.write(lambda transaction: [transaction.load_notice(one) for one in (first, second)])
    assert store.notices() == store.write(lambda transaction: transaction.notices()) == (first, second)
    store.close()
    assert reopen().notices() == (first, second)


def test_a_notice_goes_with_its_transaction(store):
    def work(transaction):
        transaction.load_notice(KeptNotice(2027, "", NINE))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.write(work)
    assert store.notices() == ()


def test_filings_come_back_in_the_order_they_were_made_and_go_with_their_transaction(reopen):
    store = reopen()
    first = KeptFiling(date(2026, 3, 2), '[{"role":"informant_a","person":"“李”"}]', later(2), "赵一")
    second = KeptFiling(date(2026, 3, 1), "[]", later(1), "")
    assert store.filings() == ()

    def filed(transaction):
        for one in (first, second):
            transaction.file_directory(one)
        return transaction.filings()

    def undone(transaction):
        transaction.file_directory(first)
        raise RuntimeError("no")

    assert store.write(filed) == store.filings() == (first, second)
    with pytest.raises(RuntimeError, match="no"):
        store.write(undone)
    store.close()
    assert reopen().filings() == (first, second)


def test_a_transaction_reads_one_log_and_when_the_last_entry_was_written(store):
    assert store.write(lambda transaction: transaction.last_recorded_at()) is None
    put(store, kept(2), entry(1), entry(2))
    put(store, kept(1, "B"), entry(1, "B", attributes={"at": NINE}))

    def work(transaction):
        return transaction.entries("B"), transaction.entries("nobody"), transaction.last_recorded_at()

    assert store.write(work) == (tuple(store.entries("B")), (), later(2))


def test_several_orders_come_with_their_logs_as_each_alone_would(store):
    put(store, kept(2, "B", [clock(), clock("T02")], [True, False]), entry(1, "B"), entry(2, "B"))
    put(store, kept(1, "A"), entry(1, "A", attributes={"at": NINE}))
    put(store, kept(1, "C"), entry(1, "C"))
    for asked in ([], ["nobody"], ["B", "nobody", "A"]):
        found = store.write(lambda transaction, asked=asked: transaction.orders(asked))
        assert found == {one: (store.order(one), tuple(store.entries(one))) for one in asked if one in "AB"}


def test_some_orders_are_read_in_order_of_id_as_each_alone_would(store):
    put(store, kept(2, "B", [clock(), clock("T02")], [True, False]), entry(1, "B"), entry(2, "B"))
    for order_id in ("甲", "A", "C"):
        put(store, kept(1, order_id), entry(1, order_id))
    for asked in ([], ["nobody"], ["甲", "nobody", "B", "A"]):
        found = [store.order(one) for one in sorted(asked) if one != "nobody"]
        assert list(store.orders(asked)) == found
    assert list(store.orders({"A", "B", "C", "甲"})) == list(store.orders())


def test_what_several_orders_are_is_read_after_what_was_kept_before(store):
    put(store, kept(1, "A"), entry(1, "A"))

    def work(transaction):
        for order_id, before in transaction.orders(["A", "B"]).items():
            transaction.keep(kept(2, order_id), [entry(2, order_id)], before[0])
        transaction.keep(kept(1, "B"), [entry(1, "B")], None)
        return [len(log) for _, log in transaction.orders(["A", "B"]).values()]

    assert store.write(work) == [2, 1]


def test_of_risk_orders_the_flags_are_read_and_nothing_else(store):
    def flagged(order_id, seq, event="flag_risk", facts=None):
        one = entry(seq, order_id, event, attributes={"mark": f"F%_{seq}"})
        return Kept(Order(order_id, "received", seq, facts or {"risk": True}), "P@2026", ()), [one]

    def work(transaction):
        for order_id in ("B", "A"):
            first, log = flagged(order_id, 1)
            transaction.keep(first, log, None)
            last, log = flagged(order_id, 2, "note" if order_id == "B" else "flag_risk")
            transaction.keep(last, log, transaction.order(order_id))
        unflagged, log = flagged("C", 1, facts={"risk": False})
        transaction.keep(unflagged._replace(order=unflagged.order), [log[0]._replace(event="receive")], None)
        return transaction.risks()

    assert [(one.order_id, one.seq, one.event) for one in store.write(work)] == [
        ("A", 1, "flag_risk"), ("A", 2, "flag_risk"), ("B", 1, "flag_risk"),
    ]  # fmt: skip


def test_a_store_keeps_what_it_was_made_with(reopen):
    for known in ("bis 2026", "bis 2027"):
        store = reopen(settings={"a.b": known}, calendar=partial(str, known))
        assert (store.calendar, store.settings) == ("bis 2026", {"a.b": "bis 2026"})
        store.close()


def test_nothing_is_made_where_it_was_not_asked_for(reopen):
    with pytest.raises(StoreMissingError):
        reopen(create=False)
    with pytest.raises(StoreMissingError):
        reopen(create=False)
    reopen().close()
    reopen(create=False).close()


def test_ids_are_in_order_of_their_characters(store):
    ids = ["A", "Z", "a", "é", "甲", "乙", "W-10", "W-9", "W 9"]
    for order_id in ids:
        put(store, kept(1, order_id, [clock()], [True]), entry(1, order_id))
    assert [one.order.order_id for one in store.orders()] == sorted(ids)
    assert [one.order_id for one in store.entries()] == sorted(ids)
    assert list(store.due(later(31), 20)) == sorted(ids)


def test_an_answer_comes_back_as_it_was_kept_and_stands_for_its_key(reopen):
    store = reopen()
    findings = (
        Finding("not_said", "R", "第一条", refuses=False, details={"missing": ("a", "b"), "at": NINE}),
        Finding("no_such_move"),
    )
    one = KeptAnswer("键-1", "A", "b0dy", later(1), 3, 1, 0, findings, {"phone": 2})
    assert store.write(lambda transaction: transaction.answer("键-1")) is None
    store.write(lambda transaction: transaction.keep_answer(one))
    with pytest.raises(ConflictError):
        store.write(lambda transaction: transaction.keep_answer(one._replace(body="other")))
    store.close()
    found = reopen().write(lambda transaction: transaction.answer("键-1"))
    assert found == one
    assert found.at.utcoffset() == timedelta(hours=8)


def test_an_answer_goes_with_its_transaction(store):
    def work(transaction):
        transaction.keep_answer(KeptAnswer("K", "A", "", NINE, 1, 0, 1))
        assert transaction.answer("K")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.write(work)
    assert store.write(lambda transaction: transaction.answer("K")) is None


def test_due_names_orders_whose_clocks_wake_strictly_before_earliest_first_each_once(store):
    put(store, kept(1, "A", [clock(due=30), clock("T02", 20)], [True, True]), entry(1, "A"))
    put(store, kept(1, "B", [clock(due=10), clock("T02", 25)], [False, True]), entry(1, "B"))
    put(store, kept(1, "C", [clock(due=5)], [True]), entry(1, "C"))
    assert store.due(later(40), 10) == ("C", "A", "B")
    assert store.due(later(40), 2) == ("C", "A")
    assert store.due(later(20), 10) == ("C",)
    assert store.due(later(5), 10) == ()
    assert store.due(later(5) + timedelta(seconds=1), 10) == ("C",)


def of_many(number, seq):
    """Give one of many orders at one of its first entries, each a little different."""
    clocks = [clock(due=30 + number), clock("T“02”", 90, done_at=later(3) if number % 2 else None)][: seq + 1]
    said = {"at": NINE + timedelta(microseconds=number), "text": f"'%s' \\ {number}\n@", "nothing": None}
    after = kept(seq, f"W{number:02}", clocks, [number % 3 > 0 or seq > 1] * len(clocks), **said)
    return after, entry(seq, f"W{number:02}", note=f"“{number}”", attributes=said if seq > 1 else {})


def changes_of_many(number, seq, store):
    made = [of_many(at, seq) for at in range(number)]
    return [Change(after, [logged], store.order(after.order.order_id)) for after, logged in made]


@pytest.mark.parametrize("number", [0, 1, 2, 8, 9, 40])
def test_many_orders_kept_at_once_are_kept_as_each_alone_would_be(store, number):
    for seq in (1, 2):
        changes = changes_of_many(number, seq, store)
        store.write(lambda transaction, changes=changes: transaction.keep_all(changes))
        assert list(map(bare, store.orders())) == [change.after for change in changes]
    closed = []
    for one in store.orders():
        after = bare(one)._replace(order=one.order._replace(state="closed", seq=3), recorded_at=later(3))
        closed.append(Change(after, [entry(3, one.order.order_id)], one))
    store.write(lambda transaction: transaction.keep_all(closed))
    assert list(map(bare, store.orders())) == [change.after for change in closed]
    assert [one.broken for one in store.examined()] == [None] * number
    logged = [(one.order_id, one.seq) for one in store.entries()]
    assert logged == [(f"W{at:02}", seq) for at in range(number) for seq in (1, 2, 3)]


def elsewhere(how, change):
    """Give a change that no longer fits what is kept."""
    after, (logged,), before = change
    if how == "new":
        return Change(after, [logged], None)
    if how == "gap":
        return Change(after, [logged._replace(seq=5)], before)
    facts = before.order.facts if how == "old, nothing learned" else {}
    before = before._replace(order=before.order._replace(seq=4))
    return Change(after._replace(order=after.order._replace(facts=facts)), [], before)


@pytest.mark.parametrize("number", [2, 30])
@pytest.mark.parametrize("how", ["old", "old, nothing learned", "new", "gap"])
def test_of_many_orders_one_that_is_elsewhere_keeps_all_from_being_kept(store, number, how):
    first = changes_of_many(number, 1, store)
    store.write(lambda transaction: transaction.keep_all(first))
    changes = changes_of_many(number, 2, store)
    changes[1] = elsewhere(how, changes[1])
    with pytest.raises(ConflictError):
        store.write(lambda transaction: transaction.keep_all(changes))
    assert list(map(bare, store.orders())) == [change.after for change in first]
    assert [one.seq for one in store.entries()] == [1] * number


def test_what_was_claimed_is_read_as_it_is_after_each_change(store):
    for order_id in "AB":
        put(store, kept(1, order_id, [clock()], [True]), entry(1, order_id))

    def work(transaction):
        assert [one.order.order_id for one in transaction.claim(later(31), 5)] == ["A", "B"]
        before = transaction.order("A")
        transaction.keep(kept(2, "A", [clock(), clock("T02")], [False, True]), [entry(2, "A")], before)
        seen = [transaction.order(order_id).order.seq for order_id in "ABAB"]
        transaction.keep(kept(2, "B", [clock()], [False]), [entry(2, "B")], transaction.order("B"))
        return seen, transaction.order("B").wakes, len(transaction.order("A").order.clocks)

    assert store.write(work) == ([2, 1, 2, 1], (None,), 2)


def test_what_is_claimed_is_due_longest_first_each_once_and_as_it_is_kept(store):
    put(store, kept(1, "A", [clock(due=30), clock("T02", 20)], [True, True], at=NINE), entry(1, "A"))
    put(store, kept(1, "B", [clock(due=10), clock("T02", 25)], [False, True]), entry(1, "B"))
    put(store, kept(1, "C", [clock(due=5)], [True]), entry(1, "C"))
    for minutes, most, expected in ((40, 10, "CAB"), (40, 2, "CA"), (20, 10, "C"), (5, 10, "")):
        found = store.write(lambda one, minutes=minutes, most=most: one.claim(later(minutes), most))
        assert found == tuple(store.order(order_id) for order_id in expected)


def test_everything_is_there_after_reopening(reopen):
    first = reopen()
    put(first, kept(clocks=[clock()], awake=[True], at=NINE), entry(attributes={"urgent": True}))
    before, logged = first.order("A"), list(first.entries())
    first.close()
    first.close()
    again = reopen()
    assert again.order("A") == before
    assert list(again.entries()) == logged
    with pytest.raises(StoreUnavailableError):
        first.order("A")
    with pytest.raises(StoreUnavailableError):
        put(first, kept(), entry())


def test_rebuild_drops_what_is_folded_and_says_whether_it_differed(reopen):
    store = reopen()
    put(store, kept(2, clocks=[clock()], awake=[True], at=NINE), entry(1), entry(2))

    def fold(order_id, entries):
        return kept(len(entries), order_id, [clock()], [True], at=NINE)

    assert store.write(lambda transaction: transaction.rebuild(fold)) is False
    for spoil, by_hand in SPOILS:
        reopen.spoil(spoil, by_hand)
        assert store.write(lambda transaction: transaction.rebuild(fold)) is True, spoil
        assert list(map(bare, store.orders())) == [fold("A", [1, 2])]
        assert store.write(lambda transaction: transaction.rebuild(fold)) is False


def test_what_another_changed_of_an_order_is_what_the_next_work_sees(reopen):
    store, other = reopen(), reopen()
    put(store, kept(1, clocks=[clock()], awake=[True]), entry(1))
    assert store.write(lambda one: one.order("A")).order.seq == 1
    put(other, kept(2, clocks=[clock()], awake=[True]), entry(2), before=other.order("A"))
    assert store.write(lambda one: one.order("A")).order.seq == 2
    reopen.spoil(*SPOILS[0])
    assert store.write(lambda one: one.order("A")).order.state == "closed"
    store.write(lambda one: one.rebuild(lambda order_id, entries: kept(len(entries), order_id, flag=True)))
    assert store.write(lambda one: one.order("A")) == store.order("A")
    assert store.order("A").order.facts == {"flag": True}


@pytest.mark.parametrize("written", [True, False])
def test_what_was_undone_is_seen_by_nobody(store, written):
    put(store, kept(1), entry(1))
    before = store.write(lambda one: one.order("A"))

    def failing(transaction):
        transaction.keep(kept(2, clocks=[clock()], awake=[True]), [entry(2)], before)
        transaction.keep(kept(1, "B"), [entry(1, "B")], None)
        transaction.keep_answer(KeptAnswer("K", "A", "", NINE, 1, 0, 1))
        if written:
            assert len(transaction.entries("A")) == 2
        assert (transaction.order("A").order.seq, transaction.answer("K").key) == (2, "K")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - what is raised is our own
        store.write(failing)
    assert store.write(lambda one: (one.order("A"), one.order("B"), one.answer("K"))) == (before, None, None)
    assert [one.seq for one in store.entries()] == [1]


def test_an_order_kept_several_times_in_one_work_is_what_it_became_last(store):
    def work(transaction):
        for seq in (1, 2, 3):
            facts = {"flag": True} if seq > 1 else {}
            after = kept(seq, clocks=[clock()] * seq, awake=[True] * seq, **facts)
            transaction.keep(after, [entry(seq)], transaction.order("A"))

    store.write(work)
    assert [one.seq for one in store.entries("A")] == [1, 2, 3]
    assert bare(store.order("A")) == kept(3, clocks=[clock()] * 3, awake=[True] * 3, flag=True)
    assert store.write(lambda one: one.order("A")) == store.order("A")


def test_racing_writers_each_build_on_the_one_before(reopen):
    stores = [reopen(), reopen()]
    put(stores[0], kept(1), entry(1))
    barrier = Barrier(4)
    failed = []

    def add(transaction):
        found = transaction.order("A")
        seq = found.order.seq + 1
        transaction.keep(kept(seq), [entry(seq)], found)

    def run(store):
        barrier.wait()
        try:
            for _ in range(25):
                store.write(add)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [Thread(target=run, args=(stores[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [one.seq for one in stores[0].entries("A")] == list(range(1, 102))


def test_a_reader_sees_one_moment_while_others_write(reopen):
    store, other = reopen(), reopen()
    put(store, kept(1, "A"), entry(1, "A"))
    put(store, kept(1, "B"), entry(1, "B"))
    reading = store.entries()
    assert next(reading).order_id == "A"
    put(other, kept(1, "C"), entry(1, "C"))
    assert [one.order_id for one in reading] == ["B"]


@pytest.mark.parametrize("several", [False, True])
def test_nobody_changes_an_order_between_a_look_at_it_and_the_end(reopen, several):
    stores = [reopen(), reopen()]
    for known in ("new", "kept"):
        done: list[str] = []
        looked = Event()

        def slow(transaction, known=known, looked=looked, done=done):
            if several:
                found, _ = transaction.orders(["other", known]).get(known, (None, ()))
            else:
                found = transaction.order(known)
            looked.set()
            time.sleep(0.2)
            done.append("first")
            transaction.keep(kept(1, known), [entry(1, known)], found)

        def second(transaction, known=known, done=done):
            seq = transaction.order(known).order.seq
            done.append(f"second at {seq}")

        thread = Thread(target=lambda slow=slow: stores[0].write(slow))
        thread.start()
        assert looked.wait(10)
        stores[1].write(second)
        thread.join()
        assert done == ["first", "second at 1"]
        put(stores[0], kept(2, known), entry(2, known), before=stores[0].order(known))


def test_a_key_is_asked_for_by_one_at_a_time(reopen):
    stores = [reopen(), reopen()]
    barrier, given = Barrier(4), []

    def work(transaction):
        found = transaction.answer("K")
        if found is None:
            time.sleep(0.05)
            transaction.keep_answer(KeptAnswer("K", "A", "", NINE, 1, 0, 1))
        return found is None

    def run(store):
        barrier.wait()
        given.append(store.write(work))

    threads = [Thread(target=run, args=(stores[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [False, False, False, True]


def test_no_notice_comes_between_the_notices_read_and_what_is_written(reopen):
    stores = [reopen(), reopen()]
    read, order = Event(), []

    def command(transaction):
        assert transaction.notices() == ()
        read.set()
        time.sleep(0.2)
        transaction.keep(kept(), [entry()], transaction.order("A"))
        order.append("command")

    def load(transaction):
        last = transaction.last_recorded_at()
        transaction.load_notice(KeptNotice(2027, "", last))
        order.append("load")

    thread = Thread(target=lambda: stores[0].write(command))
    thread.start()
    assert read.wait(10)
    stores[1].write(load)
    thread.join()
    assert order == ["command", "load"]
    assert stores[0].notices() == (KeptNotice(2027, "", later(1)),)


def test_several_sweepers_never_claim_the_same_order_at_once(reopen):
    stores = [reopen() for _ in range(3)]
    for number in range(40):
        put(stores[0], kept(1, f"W{number:02}", [clock()], [True]), entry(1, f"W{number:02}"))
    barrier, claimed = Barrier(3), []

    def claim(transaction):
        mine = {one.order.order_id: one for one in transaction.claim(later(31), 5)}
        transaction.keep_all(
            Change(kept(2, order_id, [clock()], [False]), [entry(2, order_id)], found)
            for order_id, found in mine.items()
        )
        return mine

    def run(store):
        barrier.wait()
        while store.due(later(31), 1):
            claimed.extend(store.write(claim))

    threads = [Thread(target=run, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [f"W{number:02}" for number in range(40)]


def claiming(transaction):
    """Raise what is due of three orders, and give which."""
    mine = {one.order.order_id: one for one in transaction.claim(later(31), 3)}
    transaction.keep_all(
        Change(kept(2, order_id, [clock()], [False]), [entry(2, order_id)], found)
        for order_id, found in mine.items()
    )
    return list(mine)


@pytest.mark.parametrize("orders", [0, 2, 3, 20])
def test_drain_runs_until_nothing_is_found_and_gives_what_is_committed(store, orders):
    names = [f"W{number:02}" for number in range(orders)]
    for order_id in names:
        put(store, kept(1, order_id, [clock()], [True]), entry(1, order_id))
    found = []
    for some in store.drain(claiming):
        assert some
        assert {store.order(order_id).order.seq for order_id in some} == {2}
        found += some
    assert sorted(found) == names
    assert store.due(later(31), 1) == ()


def test_drain_tells_what_is_raised_and_leaves_what_was_found_before(store):
    for number in range(20):
        put(store, kept(1, f"W{number:02}", [clock()], [True]), entry(1, f"W{number:02}"))

    def work(transaction):
        found = claiming(transaction)
        if "W10" in found:
            raise RuntimeError("halfway")
        return found

    found = []
    with pytest.raises(RuntimeError, match="halfway"):  # noqa: PT012 - what came before it is kept
        for some in store.drain(work):
            found += some
    assert "W10" not in found
    assert {"W00", "W01", "W02"} <= set(found)
    assert {store.order(order_id).order.seq for order_id in found} == {2}
    assert store.order("W10").order.seq == 1


def test_who_open_at_once_open_the_same(reopen):
    barrier, known = Barrier(4), []

    def run(number):
        barrier.wait()
        known.append(reopen(settings={"a": str(number)}).settings)

    threads = [Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(known) == 4
    assert all(one == known[0] for one in known)


def test_two_who_load_at_once_both_do(reopen):
    stores = [reopen(), reopen()]
    put(stores[0], kept(), entry())
    barrier = Barrier(2)

    def run(store, year):
        def load(transaction):
            known = len(transaction.notices())
            assert transaction.last_recorded_at() == later(1)
            transaction.load_notice(KeptNotice(year, str(known), NINE))

        barrier.wait()
        store.write(load)

    threads = [Thread(target=run, args=one) for one in zip(stores, (2027, 2028), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.text for one in stores[0].notices()] == ["0", "1"], "each saw what was there when it wrote"


# ---- what only a database can be asked: it refuses by itself, whoever asks ----


@pytest.mark.parametrize("kind", ON_DISK)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paidan_entry SET actor = 'x'",
        "UPDATE paidan_entry SET seq = seq + 1",
        "DELETE FROM paidan_entry",
        "DELETE FROM paidan_entry WHERE seq = 1",
        "INSERT INTO paidan_entry " + ANOTHER_ENTRY.format(position=7, seq=1),
        "INSERT INTO paidan_entry " + ANOTHER_ENTRY.format(position=7, seq=3),
        "UPDATE paidan_calendar SET text = ''",
        "DELETE FROM paidan_calendar",
    ],
)
def test_log_and_notices_refuse_to_be_changed_by_anyone(opener_of, kind, statement):
    reopen = opener_of(kind)
    store = reopen()
    put(store, kept(), entry())
    store.write(lambda transaction: transaction.load_notice(KeptNotice(2027, "", NINE)))
    with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
        reopen.place.run(statement)
    assert list(store.entries()) == [entry()]
    assert store.notices() == (KeptNotice(2027, "", NINE),)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE paidan_entry",
        "TRUNCATE paidan_calendar",
        "TRUNCATE paidan_entry CASCADE",
        "INSERT INTO paidan_entry TABLE paidan_entry ON CONFLICT (order_id, seq) DO UPDATE SET rule = ''",
        "MERGE INTO paidan_entry USING paidan_store ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_a_postgresql_log_refuses_more_ways_still(on_postgresql, statement):
    store = on_postgresql()
    put(store, kept(), entry())
    with pytest.raises(psycopg.IntegrityError):
        on_postgresql.place.run(statement)
    assert list(store.entries()) == [entry()]


@pytest.mark.parametrize(
    ("added", "taken"),
    [
        ([("A", 3)], True),
        ([("A", 3), ("A", 4), ("B", 1), ("B", 2)], True),
        ([("A", 3), ("A", 5)], False),
        ([("A", 4), ("A", 5)], False),
        ([("A", 3), ("B", 2)], False),
        ([("A", 3), ("B", 0), ("B", 1)], False),
        ([("A", 2), ("A", 3)], False),
        ([("A", 0)], False),
        ([("A", -1), ("A", 0)], False),
        ([("A", 3), ("A", 3)], False),
    ],
)
def test_postgresql_takes_many_entries_at_once_when_each_is_the_next_of_its_order(
    on_postgresql, added, taken
):
    store = on_postgresql()
    put(store, kept(1), entry(1))
    put(store, kept(2), entry(2), before=store.order("A"))
    rows = ", ".join(f"({100 + at}, '{order_id}', {seq})" for at, (order_id, seq) in enumerate(added))
    wanted = (
        "INSERT INTO paidan_entry SELECT one.position, one.order_id, one.seq, event, from_state, to_state, "
        "at, recorded_at, actor, role, unit, rule, note, attributes, hash "
        f"FROM paidan_entry e, (VALUES {rows}) AS one(position, order_id, seq) WHERE e.seq = 1"
    )
    if taken:
        on_postgresql.place.run(wanted)
    else:
        with pytest.raises(psycopg.IntegrityError):
            on_postgresql.place.run(wanted)
    logged = [("A", 1), ("A", 2), *(added if taken else ())]
    assert [(one.order_id, one.seq) for one in store.entries()] == sorted(logged)


def test_postgresql_fills_no_hole_in_a_log(on_postgresql):
    store = on_postgresql()
    put(store, kept(1), entry(1))
    run = on_postgresql.place.run
    run("ALTER TABLE paidan_entry DISABLE TRIGGER paidan_entry_next")
    run("INSERT INTO paidan_entry " + ANOTHER_ENTRY.format(position=7, seq=3))
    run("ALTER TABLE paidan_entry ENABLE TRIGGER paidan_entry_next")
    with pytest.raises(psycopg.IntegrityError):
        run("INSERT INTO paidan_entry " + ANOTHER_ENTRY.format(position=8, seq=2) + " WHERE seq = 1")


# ---- what only a file of SQLite can be asked ----


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO paidan_entry SELECT * FROM paidan_entry",
        "UPDATE OR REPLACE paidan_entry SET actor = 'x'",
        REPLACED_ENTRY,
    ],
)
def test_a_file_of_sqlite_refuses_to_replace_an_entry(on_sqlite, statement):
    store = on_sqlite()
    put(store, kept(), entry())
    with pytest.raises(sqlite3.IntegrityError):
        on_sqlite.place.run(statement)
    assert list(store.entries()) == [entry()]


def test_the_file_is_durable_at_each_commit(on_sqlite):
    store = on_sqlite()
    settings = {
        name: store._cursor.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_looking_for_what_is_due_reads_the_index_of_waking_clocks_alone(on_sqlite):
    store = on_sqlite()
    plan = store._cursor.execute(f"EXPLAIN QUERY PLAN {store._sql.due}", ("2026", 5)).fetchall()
    covering = "COVERING INDEX paidan_clock_wake (wake_at<?)"
    assert [row[3] for row in plan] == [f"SEARCH paidan_clock USING {covering}"]


def test_several_orders_are_read_by_their_indexes_before_a_table_is_analyzed(on_postgresql):
    store = on_postgresql()
    made = (of_many(number, 1) for number in range(2_000))
    store.write(lambda one: one.keep_all([Change(after, [logged], None) for after, logged in made]))
    wanted = [f"W{number:02}" for number in range(0, 2_000, 10)]
    for statement in (store._sql.several, store._sql.logs_of):

        def plan(transaction, statement=statement):
            return str(transaction._read(f"EXPLAIN {statement}", (wanted,)).fetchall())

        assert not re.search("Seq Scan on paidan_(clock|entry)", store.write(plan))


@pytest.mark.parametrize("kind", ON_DISK)
@pytest.mark.parametrize(("version", "code"), [(99, "db_schema"), (1, "db_older")])
def test_a_store_of_another_version_is_not_opened(opener_of, kind, version, code):
    reopen = opener_of(kind)
    reopen().close()
    reopen.place.run(f"UPDATE paidan_store SET schema_version = {version}")
    with pytest.raises(SchemaError) as told:
        reopen()
    details = told.value.details
    assert (told.value.code, details["found"], details["wanted"]) == (code, version, SCHEMA_VERSION)


@pytest.mark.parametrize(
    "url",
    [
        "", "orders.db", "sqlite://", "sqlite:///:memory:", "mysql://h/d", "memory:", "memory:///a/b",
        "postgresql", "postgresql+psycopg2://h/d", "postgres://h/d",
    ],
)  # fmt: skip
def test_an_address_that_names_no_store_is_refused(url):
    with pytest.raises(StoreAddressError):
        open_store(url, "P")


def test_a_file_that_is_not_there_is_made_only_when_asked(tmp_path):
    url = f"sqlite:///{tmp_path / 'none.db'}"
    with pytest.raises(StoreMissingError):
        open_sqlite(url, "P", create=False)
    sqlite3.connect(tmp_path / "none.db").close()
    with pytest.raises(StoreMissingError):
        open_sqlite(url, "P", create=False)
    open_sqlite(url, "P").close()
    open_sqlite(url, "P", create=False).close()


def test_a_file_that_is_no_database_or_a_folder_that_is_not_there_is_told(tmp_path):
    (tmp_path / "text.db").write_text("这不是数据库" * 100, encoding="utf-8")
    for path in (tmp_path / "text.db", tmp_path / "no folder" / "a.db"):
        with pytest.raises(StoreUnavailableError):
            open_sqlite(f"sqlite:///{path}", "P")


@pytest.mark.parametrize("kind", ON_DISK)
def test_rows_read_with_sqlmodel_hold_aware_times_and_refuse_naive_ones(opener_of, kind):
    reopen = opener_of(kind)
    put(reopen(), kept(clocks=[clock()], awake=[True]), entry())
    engine = create_engine(reopen.place.url)
    with Session(engine) as session:
        (row,) = session.exec(select(ClockRow)).all()
        assert row.due_at == later(30)
        assert row.due_at.utcoffset() == timedelta(hours=8)
        assert row.done_at is None
        assert session.exec(select(EntryRow.at)).one() == later(1)
        naive = datetime(2026, 3, 2, 9)
        with pytest.raises(UnstorableError):
            UtcDateTime().process_bind_param(naive, engine.dialect)
        with pytest.raises(Exception, match="time_naive"):
            session.execute(insert(CLOCK).values(order_id="A", position=9, due_at=naive))
    engine.dispose()


# ---- what only PostgreSQL can be asked ----


def test_a_server_that_was_away_is_told_and_comes_back_by_itself(on_postgresql, server):
    store = on_postgresql()
    put(store, kept(), entry())
    reading = store.entries()
    running = server()
    running.stop()
    try:
        for look in (lambda: store.order("A"), lambda: put(store, kept(2), entry(2)), lambda: list(reading)):
            with pytest.raises(StoreUnavailableError):
                look()
        with pytest.raises(StoreUnavailableError):
            on_postgresql()
    finally:
        running.ensure_postgres_running()
    put(store, kept(2), entry(2), before=store.order("A"))
    assert [one.seq for one in store.entries()] == [1, 2]


def test_connections_cut_between_two_commands_are_never_noticed(on_postgresql):
    store = on_postgresql()
    put(store, kept(), entry())
    assert next(store.entries()) == entry()
    for look in (
        lambda: store.order("A").order.seq,
        lambda: store.write(lambda one: one.order("A").order.seq),
    ):
        on_postgresql.place.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        assert look() == 1


def test_a_connection_cut_within_a_transaction_undoes_it(on_postgresql):
    store = on_postgresql()

    def work(transaction):
        transaction.keep(kept(), [entry()], None)
        on_postgresql.place.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return transaction.order("A")

    with pytest.raises(StoreUnavailableError):
        store.write(work)
    assert list(store.entries()) == []
    put(store, kept(), entry())


def test_locks_that_meet_crosswise_are_untied_and_the_work_run_again(on_postgresql):
    stores = [on_postgresql(), on_postgresql()]
    for order_id in "AB":
        put(stores[0], kept(1, order_id), entry(1, order_id))
    barrier = Barrier(2)
    runs = []

    def crosswise(store, ids):
        first = True

        def work(transaction):
            nonlocal first
            runs.append(ids)
            found = transaction.order(ids[0])
            if first:
                first = False
                barrier.wait(10)
            other = transaction.order(ids[1])
            for one in (found, other):
                order_id, seq = one.order.order_id, one.order.seq + 1
                transaction.keep(kept(seq, order_id), [entry(seq, order_id)], one)

        store.write(work)

    threads = [Thread(target=crosswise, args=one) for one in zip(stores, ("AB", "BA"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) >= 3, "one is run again, and may meet the other crosswise once more"
    assert [(one.order_id, one.seq) for one in stores[0].entries()] == [
        (order_id, seq) for order_id in "AB" for seq in (1, 2, 3)
    ]


def test_a_failure_passed_over_is_never_taken_for_a_commit(on_postgresql):
    store = on_postgresql()

    def work(transaction):
        transaction.keep(kept(), [entry()], None)
        with suppress(psycopg.IntegrityError):
            transaction.keep(kept(), [entry()], None)

    with pytest.raises(ConflictError):
        store.write(work)
    assert list(store.entries()) == []


def test_a_command_makes_two_trips_and_one_where_its_order_is_remembered(on_postgresql, monkeypatch):
    store = on_postgresql()
    put(store, kept(1), entry(1))  # the session has its statements now
    trips = []
    trip = Wire.trip

    def noted(wire, steps):
        trips.append(len(steps))
        return trip(wire, steps)

    monkeypatch.setattr(Wire, "trip", noted)
    for seq, made in ((2, 2), (3, 1), (4, 1)):
        trips.clear()
        store.write(lambda one, seq=seq: one.keep(kept(seq), [entry(seq)], one.order("A")), About("A"))
        assert len(trips) == made
    assert store.order("A").order.seq == 4


SEALED = (Sealed(1, "caller", b"\0c"), Sealed(1, "phone", b"p"), Sealed(2, "caller", b"\xff"))


def fill(transaction, order_id, wrapped=b"wrapped"):
    transaction.keep_order_key(order_id, wrapped)
    transaction.keep_sealed(order_id, SEALED[2:])
    transaction.keep_sealed(order_id, SEALED[:2])


def in_vault(store, order_id="A"):
    return store.write(lambda transaction: (transaction.order_key(order_id), transaction.sealed(order_id)))


def test_a_store_has_no_vault_until_one_is_made(reopen):
    store = reopen()
    assert store.vault() == ""
    assert in_vault(store) == (None, ())
    store.write(lambda transaction: transaction.adopt_vault("known by"))
    assert store.vault() == "known by"
    assert store.write(lambda transaction: transaction.vault()) == "known by"
    if reopen.kind != "memory":
        store.close()
        assert reopen().vault() == "known by"


def test_the_vault_gives_back_the_bytes_it_was_given(store):
    for order_id in ("A", "B"):
        store.write(lambda transaction, order_id=order_id: fill(transaction, order_id, order_id.encode()))
    assert in_vault(store) == (b"A", SEALED)
    assert in_vault(store, "B") == (b"B", SEALED)


def test_an_order_has_one_key_and_an_entry_one_value_of_a_name(store):
    store.write(lambda transaction: fill(transaction, "A"))
    for twice in (
        lambda transaction: transaction.keep_order_key("A", b"other"),
        lambda transaction: transaction.keep_sealed("A", [Sealed(1, "phone", b"other")]),
    ):
        with pytest.raises(ConflictError):
            store.write(twice)
    assert in_vault(store) == (b"wrapped", SEALED)


def test_an_erased_order_has_neither_key_nor_values_and_the_others_theirs(store):
    for order_id in ("A", "B"):
        store.write(lambda transaction, order_id=order_id: fill(transaction, order_id))
    store.write(lambda transaction: transaction.erase("A"))
    store.write(lambda transaction: transaction.erase("never heard of"))
    assert in_vault(store) == (None, ())
    assert in_vault(store, "B") == (b"wrapped", SEALED)
    assert store.scrub()


def test_another_master_key_wraps_every_key_anew_but_those_destroyed(store):
    for order_id in ("A", "B", "C"):
        store.write(lambda transaction, order_id=order_id: fill(transaction, order_id))
    store.write(lambda transaction: transaction.adopt_vault("one"))
    store.write(lambda transaction: transaction.erase("C"))
    asked = []

    def rewrap(order_id, wrapped):
        asked.append((order_id, wrapped))
        return order_id.encode()

    store.write(lambda transaction: transaction.adopt_vault("two", rewrap))
    assert sorted(asked) == [("A", b"wrapped"), ("B", b"wrapped")]
    assert store.vault() == "two"
    assert [in_vault(store, order_id)[0] for order_id in ("A", "B", "C")] == [b"A", b"B", None]


def test_what_is_raised_inside_undoes_what_became_of_the_vault(store):
    store.write(lambda transaction: transaction.adopt_vault("one"))
    store.write(lambda transaction: fill(transaction, "A"))

    def spoil(transaction):
        transaction.adopt_vault("two", lambda *_: b"other")
        transaction.erase("A")
        fill(transaction, "B")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.write(spoil)
    assert store.vault() == "one"
    assert in_vault(store) == (b"wrapped", SEALED)
    assert in_vault(store, "B") == (None, ())


def test_what_was_undone_after_many_looks_leaves_the_next_command_to_be_done(on_postgresql):
    store = on_postgresql()
    put(store, kept(), entry())
    for seq in (2, 3):
        for _ in range(8):  # the driver prepares by itself what it is asked often
            store.order("A")
        with pytest.raises(ConflictError):
            put(store, kept(seq), entry(seq), before=None)
        put(store, kept(seq), entry(seq), before=store.order("A"))
    assert [one.seq for one in store.entries()] == [1, 2, 3]


def test_a_session_is_durable_and_reads_what_is_committed(on_postgresql):
    said = {
        "synchronous_commit": "on", "transaction_isolation": "read committed", "lock_timeout": "10s",
    }  # fmt: skip

    def shown(transaction):
        found = {}
        for name in (
            "synchronous_commit",
            "transaction_isolation",
            "lock_timeout",
        ):
            found[name] = transaction.cursor.execute(f"SHOW {name}").fetchone()[0]
        return found

    assert on_postgresql().write(shown) == said


def test_a_role_with_the_rights_it_needs_runs_and_cannot_touch_the_log(on_postgresql):
    """The rights are those of docs/howto/run-on-postgresql.md."""
    on_postgresql().close()
    page = Path(__file__).resolve().parents[2] / "docs" / "howto" / "run-on-postgresql.md"
    (grants, _) = re.findall(r"```sql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    place = on_postgresql.place
    role = f"role_of_{place.schema}"
    place.run(f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {place.schema} TO {role}")
    place.run(grants.replace("paidan_run", role).replace("SCHEMA public", f"SCHEMA {place.schema}"))
    owned = place.url
    place.url = owned.replace("//postgres:", f"//{role}:")
    try:
        store = on_postgresql()
        clocks = [clock()]
        put(store, kept(clocks=clocks, awake=[True]), entry())
        put(store, kept(2, clocks=clocks, awake=[True]), entry(2), before=store.order("A"))
        store.write(lambda transaction: transaction.load_notice(KeptNotice(2027, "", NINE)))
        store.write(lambda transaction: transaction.keep_answer(KeptAnswer("K", "A", "", NINE, 1, 0, 1)))
        store.write(lambda transaction: fill(transaction, "A"))
        for export in "123":
            store.write(lambda transaction, one=export: transaction.keep_fed("F", one, {one: "said"}))
            store.write(lambda transaction, one=export: transaction.gone_fed("F", one, "123"))
        store.write(lambda transaction: transaction.erase("A"))
        assert store.write(lambda transaction: len(transaction.claim(later(31), 1))) == 1
        with store.cursor("mail") as cursor:
            cursor.position = store.settled()
        assert store.position_of("mail") == 2
        assert [one.broken for one in store.examined()] == [None]
        assert store.write(lambda one: one.rebuild(lambda *_: kept(2, clocks=clocks, awake=[True]))) is False
        dsn = place.dsn.replace("//postgres:", f"//{role}:")
        for statement in (
            "ALTER TABLE paidan_entry DISABLE TRIGGER ALL", "DROP TABLE paidan_entry",
            "UPDATE paidan_entry SET actor = 'x'", "UPDATE paidan_store SET policy = 'x'",
            "UPDATE paidan_vault SET known_by = 'x'",
        ):  # fmt: skip
            with psycopg.connect(dsn) as other, pytest.raises(pg.InsufficientPrivilege):
                other.execute(statement)
        store.close()
    finally:
        place.url = owned
        place.clear()
        with psycopg.connect(place.server) as other:
            other.execute(f"DROP ROLE {role}")


def test_a_text_that_postgresql_cannot_hold_is_refused(on_postgresql):
    with pytest.raises(UnstorableError):
        put(on_postgresql(), kept(), entry(actor="a\0b"))


def test_without_the_driver_the_address_is_refused_and_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for ask in (lambda url: open_store(url, "P"), migrate_store):
        with pytest.raises(StoreAddressError) as told:
            ask("postgresql+psycopg://h/d")
        assert (told.value.code, told.value.details) == ("db_driver", {"extra": "postgres"})


def test_a_password_stands_in_no_message():
    url = "postgresql+psycopg://someone:geheim@127.0.0.1:1/orders?connect_timeout=2"
    for address in (url, url.replace("+psycopg", "+psycopg2")):
        with pytest.raises((StoreUnavailableError, StoreAddressError)) as told:
            open_store(address, "P")
        assert "geheim" not in str(told.value)


# ---- the cases beside an order ----

NEIGHBOURS = (
    *(
        "A",
        "A!",
        "A1",
        "A~",
        "A~x",
        "A~topic",
        "A~topic~",
        "A~other~1",
        "A~~topic~1",
        "A%~topic~1",
        "A_~talk~1",
    ),
    *("A~topic~1", "A~topic~2", "A~supervision~1", "A~supervision~10", "A~supervision~2"),
    *("A1~topic~1", "a~topic~1", "A'~topic~1", 'A"~topic~1', "%~topic~1", "_~topic~1", "甲~talk~2026-03"),
    *("A~topic~1~talk~1", "A~x~topic~1", "A\U0010ffff~topic~1", "A~\U0010ffff", "甲%~talk~2026-03"),
)
ABOUT = {
    "A": ("A~supervision~1", "A~supervision~10", "A~supervision~2", "A~topic~1", "A~topic~2"),
    "A~": ("A~~topic~1",),
    "A1": ("A1~topic~1",),
    "A%": ("A%~topic~1",),
    "%": ("%~topic~1",),
    "_": ("_~topic~1",),
    "A_": ("A_~talk~1",),
    "A'": ("A'~topic~1",),
    'A"': ('A"~topic~1',),
    "甲": ("甲~talk~2026-03",),
    "甲_": (),
    "A~x": ("A~x~topic~1",),
    "A~topic~1": (),
    "A\U0010ffff": ("A\U0010ffff~topic~1",),
    "B": (),
}


def test_the_cases_about_an_order_are_those_and_no_others_whatever_ids_look_like(store):
    for order_id in NEIGHBOURS:
        put(store, kept(order_id=order_id), entry(order_id=order_id))
    found = {about: store.beside(about) for about in ABOUT}
    assert found == ABOUT
    assert store.write(lambda transaction: {about: transaction.beside(about) for about in ABOUT}) == ABOUT
    every = sorted(one for cases in ABOUT.values() for one in cases)
    assert store.beside("") == tuple(sorted((*every, "a~topic~1", "甲%~talk~2026-03")))


def test_a_case_is_beside_its_order_within_the_transaction_that_opens_it(store):
    put(store, kept(order_id="A"), entry(order_id="A"))

    def work(transaction):
        transaction.order("A")
        transaction.keep(kept(order_id="A~talk~1"), (entry(order_id="A~talk~1"),), None)
        return transaction.beside("A")

    assert store.write(work) == store.beside("A") == ("A~talk~1",)


def test_looking_for_the_cases_beside_an_order_looks_their_ids_up(on_sqlite):
    store = on_sqlite()
    plan = store._cursor.execute(f"EXPLAIN QUERY PLAN {store._sql.beside}", ("A~", "A~z")).fetchall()
    (step,) = [row[3] for row in plan]
    assert step == "SEARCH paidan_order USING PRIMARY KEY (order_id>? AND order_id<?)"


def memo(order_id="A", seq=1, role="centre_head", **said) -> Memo:
    told = {"event": "time_out", "rule": "T01", "period": "", "unit": "", "due_at": NINE, "wake_at": later(3)}
    return Memo(
        **{"order_id": order_id, "seq": seq, "role": role, "at": NINE, "told_at": later(2), **told, **said}
    )


def test_a_memo_is_put_once_comes_back_as_it_was_told_and_is_marked(reopen):
    store = reopen()
    first = memo(said={"clause": "“一”", "asked": ("sign", "close")}, unit="甲科")
    second = memo("", 0, event="reminder", period="month 2026-03", at=later(9), due_at=None, wake_at=None)
    assert (store.memo(1), list(store.inbox(standing=False))) == (None, [])
    for expected in ([True, True, False], [False, False, False]):
        told = (first, second, first._replace(at=later(5), event="other"))
        assert store.write(lambda t, told=told: [t.put_memo(one) for one in told]) == expected
    there = tuple(reversed(list(store.inbox(standing=False))))
    assert [one._replace(number=0) for one in there] == [first, second]
    one, other = (each.number for each in there)
    assert other > one
    assert store.memo(one) == there[0]
    assert store.memos_of("A") == there[:1]
    assert store.waking_memos(later(2), 9) == ()
    assert store.waking_memos(later(3), 9) == there[:1]
    taken = there[0]._replace(
        wake_at=None, sent_at=later(4), acknowledged_at=later(5), acknowledged_by="赵一", acknowledged_as="x"
    )
    store.write(lambda transaction: transaction.mark_memo(taken))
    store.write(lambda transaction: transaction.mark_memo(there[1]._replace(over="met")))
    store.close()
    store = reopen()
    assert store.write(lambda transaction: transaction.memo(one)) == store.memo(one) == taken
    assert store.memo(other) == there[1]._replace(over="met")
    assert list(store.inbox(standing=True)) == []
    assert store.waking_memos(later(99), 9) == ()


def test_memos_are_given_by_role_and_unit_so_many_before_a_number(store):
    told = [
        memo("A", number, role, unit=unit)
        for number, (role, unit) in enumerate([("x", ""), ("y", "甲科"), ("y", "乙科"), ("y", "甲科")], 1)
    ]
    store.write(lambda transaction: [transaction.put_memo(one) for one in told])
    fourth, third, second, first = every = list(store.inbox(standing=False))
    store.write(lambda transaction: transaction.mark_memo(third._replace(over="met")))
    assert [one.seq for one in every] == [4, 3, 2, 1]
    assert list(store.inbox(standing=False, role="x")) == [first]
    assert list(store.inbox(standing=True, role="y")) == [fourth, second]
    assert list(store.inbox(standing=True, unit="甲科")) == [fourth, second]
    assert list(store.inbox(standing=True, role="y", unit="甲科", before=fourth.number)) == [second]
    assert list(store.inbox(standing=False, before=third.number, most=1)) == [second]
    assert (
        list(store.inbox(standing=False, role="z"))
        == list(store.inbox(standing=True, role="x", unit="丙科"))
        == []
    )


def test_a_memo_goes_with_its_transaction(store):
    def work(transaction):
        transaction.put_memo(memo())
        raise RuntimeError("no")

    def marked(transaction):
        transaction.mark_memo(store.memo(number)._replace(over="met"))
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.write(work)
    assert list(store.inbox(standing=False)) == []
    assert store.write(lambda transaction: transaction.put_memo(memo()))
    (number,) = (one.number for one in store.inbox(standing=True))
    with pytest.raises(RuntimeError, match="no"):
        store.write(marked)
    assert store.memo(number).stands


def test_what_a_feed_said_of_orders_comes_back_by_feed_and_goes_with_its_transaction(reopen):
    store = reopen()

    def lost(transaction):
        transaction.keep_fed("表", "2", {"A": "other"})
        assert transaction.fed("表", ("A",)) == {"A": "other"}
        raise RuntimeError("no")

    store.write(lambda transaction: transaction.keep_fed("表", "1", {"B": "b", "A": "“a”", "甲": ""}))
    store.write(lambda transaction: transaction.keep_fed("X", "1", {}))
    with pytest.raises(RuntimeError, match="no"):
        store.write(lost)
    store.close()
    store = reopen()
    assert store.write(lambda one: one.fed("表", ("A", "B", "甲", "C"))) == {"A": "“a”", "B": "b", "甲": ""}
    assert store.write(lambda one: one.fed("X", ("A",))) == {}
    assert store.write(lambda one: one.exports("表")) == (Fed("1", "", "", 3),)
    assert store.write(lambda one: one.exports("X")) == ()


def test_orders_that_an_export_lacks_are_named_once_and_again_for_the_same_export(store):
    def write(work):
        return store.write(work)

    write(lambda one: one.keep_fed("F", "1", {name: name for name in "ABCD"}))
    write(lambda one: one.keep_fed("G", "1", {"A": "a"}))
    write(lambda one: one.keep_fed("F", "2", {"A": "a2", "E": "e"}))
    write(lambda one: one.seen_fed("F", "2", ("B", "Z")))
    courses = (Fed("1", "", "", 2), Fed("2", "", "", 1), Fed("2", "1", "", 2))
    assert write(lambda one: one.exports("F")) == courses
    assert write(lambda one: one.fed("F", ("A", "B", "Z"))) == {"A": "a2", "B": "B"}
    for _ in range(2):
        assert write(lambda one: one.gone_fed("F", "2", ("1",))) == ("C", "D")
    assert write(lambda one: one.exports("F"))[0] == Fed("1", "", "2", 2)
    write(lambda one: one.keep_fed("F", "3", {"A": "a2", "C": "c"}))
    write(lambda one: one.seen_fed("F", "3", ("D",)))
    assert [one[:3] for one in write(lambda one: one.exports("F"))] == [
        ("2", "", ""), ("2", "1", ""), ("3", "", ""), ("3", "2", ""),
    ], "what comes back follows on nothing"  # fmt: skip
    assert write(lambda one: one.gone_fed("F", "3", ("2",))) == ("B", "E")
    write(lambda one: one.seen_fed("F", "4", ("A", "C", "D")))
    assert write(lambda one: one.gone_fed("F", "4", ("3",))) == ()
    assert write(lambda one: one.fed("F", "ABCDE")) == {"A": "a2", "C": "c", "D": "D"}, (
        "the rest is forgotten"
    )
    assert write(lambda one: one.exports("G")) == (Fed("1", "", "", 1),)


def test_many_orders_of_a_feed_are_kept_at_once(store):
    said = {f"A{number:04}": str(number) for number in range(1500)}
    store.write(lambda one: one.keep_fed("F", "1", said))
    assert store.write(lambda one: one.fed("F", said)) == said
