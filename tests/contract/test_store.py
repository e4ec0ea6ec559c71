"""What every store promises (`paidan.storage.port`); a new one joins `STORES`, excused from nothing."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert
from sqlmodel import Session, create_engine, select

from paidan.storage.errors import (
    ConflictError,
    SchemaError,
    StoreAddressError,
    StoreMissingError,
    StoreUnavailableError,
    UnstorableError,
)
from paidan.storage.port import Kept, KeptNotice
from paidan.storage.sqlite import open_sqlite
from paidan.storage.tables import CLOCK, SCHEMA_VERSION, ClockRow, EntryRow, UtcDateTime
from paidan.workflows.records import BEIJING, Clock, Entry, Order

STORES = {"sqlite": open_sqlite}
STRAY_CLOCK = """INSERT INTO paidan_clock SELECT 'stray', position, rule, unit, dispatch, started_at, due_at,
    provisional, done_at, void, shut, raised_at, armed FROM paidan_clock"""
REPLACED_ENTRY = """INSERT OR REPLACE INTO paidan_entry SELECT position + 1, order_id, seq, event, from_state,
    to_state, at, recorded_at, 'x', role, unit, rule, note, attributes FROM paidan_entry"""
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


def later(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def clock(rule="T01", due=30, **changed) -> Clock:
    return Clock(rule, "", 0, NINE, later(due), provisional=False, **changed)


def entry(seq=1, order_id="A", event="receive", **changed) -> Entry:
    return Entry(order_id, seq, event, "", "received", later(seq), later(seq), **changed)


def kept(seq=1, order_id="A", clocks=(), armed=(), **facts) -> Kept:
    return Kept(Order(order_id, "received", seq, facts, tuple(clocks)), "P@2026", tuple(armed))


def put(store, after, *entries, before=None):
    store.write(lambda transaction: transaction.keep(after, entries, before))


class Opener:
    """Opens the same store again and again."""

    def __init__(self, kind, path):
        self.path = path
        self.opened = []
        self.kind = kind

    def __call__(self):
        self.opened.append(STORES[self.kind](f"sqlite:///{self.path}", "P"))
        return self.opened[-1]


@pytest.fixture(params=sorted(STORES))
def reopen(request, tmp_path):
    opener = Opener(request.param, tmp_path / "orders.db")
    yield opener
    for store in opener.opened:
        store.close()


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
        clocks=[clock(), clock("T02", 90, done_at=later(3), raised_at=later(90)), clock("T03", 5, void=True)],
        armed=[True, False, False],
        said_at=NINE, urgent=True, silent=False, count=3, text="“引号”\n@", nothing=None,
    )  # fmt: skip
    put(store, after, entry())
    assert store.order("A") == after
    assert list(store.orders()) == [after]
    facts = store.order("A").order.facts
    assert facts["urgent"] is True
    assert facts["silent"] is False
    assert type(facts["count"]) is int


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
        (kept(clocks=[clock()._replace(due_at=naive)], armed=[True]), entry()),
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
    put(store, kept(1, clocks=[clock("T01"), clock("T04", 99)], armed=[True, True]), entry())
    after = kept(
        2,
        clocks=[clock("T01", done_at=later(2)), clock("T05", 60), clock("T02", 40)],
        armed=[False, True, True],
    )
    put(store, after, entry(2), before=store.order("A"))
    assert store.order("A") == after


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
        transaction.keep(kept(clocks=[clock()], armed=[True]), [entry()], None)
        return transaction.order("A").order.seq, transaction.due(later(31), 5)

    assert store.write(work) == (1, ("A",))


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


def test_a_transaction_reads_one_log_and_when_the_last_entry_was_written(store):
    assert store.write(lambda transaction: transaction.last_recorded_at()) is None
    put(store, kept(2), entry(1), entry(2))
    put(store, kept(1, "B"), entry(1, "B", attributes={"at": NINE}))

    def work(transaction):
        return transaction.entries("B"), transaction.entries("nobody"), transaction.last_recorded_at()

    assert store.write(work) == (tuple(store.entries("B")), (), later(2))


def test_a_store_keeps_what_its_calendar_knew_when_it_was_made(tmp_path):
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    for known in ("bis 2026", "bis 2027"):
        store = open_sqlite(url, "P", calendar=partial(str, known))
        assert store.calendar == "bis 2026"
        store.close()


def test_due_names_armed_clocks_strictly_before_longest_first_each_order_once(store):
    put(store, kept(1, "A", [clock(due=30), clock("T02", 20)], [True, True]), entry(1, "A"))
    put(store, kept(1, "B", [clock(due=10), clock("T02", 25)], [False, True]), entry(1, "B"))
    put(store, kept(1, "C", [clock(due=5)], [True]), entry(1, "C"))
    assert store.due(later(40), 10) == ("C", "A", "B")
    assert store.due(later(40), 2) == ("C", "A")
    assert store.due(later(20), 10) == ("C",)
    assert store.due(later(5), 10) == ()
    assert store.due(later(5) + timedelta(seconds=1), 10) == ("C",)


def test_everything_is_there_after_reopening(reopen):
    first = reopen()
    put(first, kept(clocks=[clock()], armed=[True], at=NINE), entry(attributes={"urgent": True}))
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
    put(store, kept(2, clocks=[clock()], armed=[True], at=NINE), entry(1), entry(2))

    def fold(order_id, entries):
        return kept(len(entries), order_id, [clock()], [True], at=NINE)

    assert store.write(lambda transaction: transaction.rebuild(fold)) is False
    for spoil in (
        "UPDATE paidan_order SET state = 'closed'",
        "UPDATE paidan_order SET facts = 'no json'",
        "UPDATE paidan_clock SET armed = 0",
        "DELETE FROM paidan_clock",
        "DELETE FROM paidan_order",
        STRAY_CLOCK,
        "INSERT INTO paidan_order VALUES ('stray', 'received', 1, 'P@2026', '{}')",
    ):
        with closing(sqlite3.connect(reopen.path)) as other, other:
            other.execute(spoil)
        assert store.write(lambda transaction: transaction.rebuild(fold)) is True, spoil
        assert list(store.orders()) == [fold("A", [1, 2])]
        assert store.write(lambda transaction: transaction.rebuild(fold)) is False


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


# ---- what only a file of SQLite can be asked ----


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paidan_entry SET actor = 'x'",
        "DELETE FROM paidan_entry",
        "INSERT OR REPLACE INTO paidan_entry SELECT * FROM paidan_entry",
        REPLACED_ENTRY,
    ],
)
def test_the_log_refuses_to_be_changed_by_anyone(reopen, statement):
    store = reopen()
    put(store, kept(), entry())
    with closing(sqlite3.connect(reopen.path)) as other, other, pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)
    assert list(store.entries()) == [entry()]


def test_the_file_is_durable_at_each_commit(store):
    settings = {
        name: store._cursor.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_looking_for_what_is_due_reads_the_index_of_armed_clocks_alone(store):
    plan = store._cursor.execute(f"EXPLAIN QUERY PLAN {store._sql.due}", ("2026", 5)).fetchall()
    assert [row[3] for row in plan] == ["SEARCH paidan_clock USING INDEX paidan_clock_armed (due_at<?)"]


def test_a_store_of_another_version_is_not_opened(reopen):
    reopen().close()
    with closing(sqlite3.connect(reopen.path)) as other, other:
        other.execute("UPDATE paidan_store SET schema_version = 99")
    with pytest.raises(SchemaError) as told:
        reopen()
    assert (told.value.details["found"], told.value.details["wanted"]) == (99, SCHEMA_VERSION)


@pytest.mark.parametrize("url", ["", "orders.db", "sqlite://", "sqlite:///:memory:", "mysql://h/d"])
def test_an_address_that_names_no_file_is_refused(url):
    with pytest.raises(StoreAddressError):
        open_sqlite(url, "P")


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


def test_rows_read_with_sqlmodel_hold_aware_times_and_refuse_naive_ones(reopen):
    put(reopen(), kept(clocks=[clock()], armed=[True]), entry())
    engine = create_engine(f"sqlite:///{reopen.path}")
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
