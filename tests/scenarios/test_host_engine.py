"""Orders beside the tables of a host that gives its own SQLAlchemy engine."""

import sqlite3
import threading
from contextlib import closing
from datetime import datetime

import psycopg
import pytest
from sqlalchemy import URL, NullPool, StaticPool, create_engine, event, inspect, make_url, text
from support.stores import ON_DISK

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.databases import migrate_database
from paidan.storage.errors import StoreAddressError, StoreMissingError, StoreUnavailableError
from paidan.storage.tables import SCHEMA_VERSION
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


class Host:
    """A program with a table of its own and one customer in it."""

    def __init__(self, place, **made):
        self.place = place
        self.engine = create_engine(place.url, **made)
        with self.engine.begin() as connection:
            connection.execute(text("CREATE TABLE customer (name TEXT)"))
            connection.execute(text("INSERT INTO customer VALUES ('甲')"))

    def opened(self, **said):
        return Engine.open(self.engine, clock=SimulatedClock(NINE), **said)

    def customers(self):
        with self.engine.connect() as connection:
            return connection.execute(text("SELECT name FROM customer")).scalars().all()

    def seen(self, statement):
        with self.engine.connect() as connection:
            return connection.execute(text(statement)).scalar_one()


@pytest.fixture
def host_of(place_of):
    made = []

    def make(kind, **said):
        made.append(Host(place_of(kind), **said))
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


@pytest.fixture(params=ON_DISK)
def host(request, host_of):
    return host_of(request.param)


def dispatched(engine, order="A"):
    engine.submit(order, "receive", order_due="2026-03-20")
    engine.submit(order, "register", role="dispatcher")
    engine.submit(order, "dispatch", unit="甲科")


def test_orders_lie_beside_the_hosts_tables_in_prefixed_ones(host):
    with host.opened() as engine:
        dispatched(engine)
        host.engine.connect().close()
    assert host.customers() == ["甲"]
    names = set(inspect(host.engine).get_table_names())
    assert {name for name in names if not name.startswith("paidan_")} == {"customer"}
    assert host.seen("SELECT count(*) FROM paidan_entry") == 3
    with Engine.open(host.place.url, create=False) as by_address:
        assert [entry.event for entry in by_address.history("A")] == ["receive", "register", "dispatch"]


def test_the_hosts_engine_is_neither_emptied_nor_closed_nor_set_up(host):
    with host.engine.connect() as connection, connection.begin() as begun:
        pool, held = host.engine.pool, host.engine.pool.checkedout()
        engine = host.opened()
        dispatched(engine)
        assert host.engine.pool.checkedout() == held
        engine.close()
        assert host.engine.pool is pool
        connection.execute(text("INSERT INTO customer VALUES ('乙')"))
        begun.rollback()
    assert host.customers() == ["甲"], "the host's transactions are its own"


def test_what_the_host_keeps_open_is_not_what_a_command_is_written_in(host):
    with host.opened() as engine:
        engine.submit("A", "receive")
        with host.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM paidan_entry")).scalar_one() == 1
            engine.submit("B", "receive")
            connection.rollback()
        assert engine.order("B").state == "received"


def test_the_host_may_dispose_of_its_engine_while_ours_goes_on(host):
    with host.opened() as engine:
        host.engine.dispose()
        dispatched(engine)
        assert engine.order("A").state == "dispatched"


def test_there_is_no_store_in_a_hosts_database_until_one_is_made(host):
    with pytest.raises(StoreMissingError):
        host.opened(create=False)
    with pytest.raises(StoreMissingError):
        migrate_database(host.engine)
    assert inspect(host.engine).get_table_names() == ["customer"]
    host.opened().close()
    assert migrate_database(host.engine) == (SCHEMA_VERSION, SCHEMA_VERSION)


def test_what_the_host_sets_on_its_connections_holds_for_ours(host_of):
    host = host_of("sqlite")
    connected = []
    event.listen(host.engine, "connect", lambda connection, _: connected.append(connection))
    with host.opened() as engine:
        engine.submit("A", "receive")
        assert connected
    host = host_of("postgresql")
    host.engine.dispose()

    @event.listens_for(host.engine, "connect")
    def _(connection, _record):
        connection.cursor().execute(f"CREATE SCHEMA IF NOT EXISTS {host.place.schema}_own")
        connection.cursor().execute(f"SET search_path = {host.place.schema}_own")

    with host.opened() as engine:
        engine.submit("A", "receive")
        assert host.seen(f"SELECT count(*) FROM {host.place.schema}_own.paidan_entry") == 1
    host.place.run(f"DROP SCHEMA {host.place.schema}_own CASCADE")


def test_credentials_may_come_from_the_host_alone(place_of):
    place = place_of("postgresql")
    host = create_engine(URL.create("postgresql+psycopg", host="nowhere.invalid"), poolclass=NullPool)
    asked = []

    @event.listens_for(host, "do_connect")
    def _(_dialect, _record, _words, _named):
        asked.append(1)
        return psycopg.connect(place.dsn)

    with Engine.open(host, clock=SimulatedClock(NINE)) as engine:
        dispatched(engine)
        assert engine.order("A").state == "dispatched"
        assert len(engine.deadlines()) == 7
    assert asked
    host.dispose()


def test_a_creator_makes_our_connections_too(place_of):
    place = place_of("sqlite")

    def connect():
        made = sqlite3.connect(place.path, check_same_thread=False)
        made.row_factory = sqlite3.Row
        return made

    host = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with Engine.open(host, clock=SimulatedClock(NINE)) as engine:
        dispatched(engine)
        thread = threading.Thread(target=engine.submit, args=("B", "receive"))
        thread.start()
        thread.join()
        assert engine.order("B").state == "received"
    with closing(sqlite3.connect(place.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def refused(host):
    with pytest.raises(StoreAddressError) as told:
        Engine.open(host)
    return told.value.code, told.value.exit_code, told.value.details


@pytest.mark.parametrize("pool", [StaticPool, None])
def test_an_engine_in_memory_is_refused(pool):
    host = create_engine("sqlite://", **({"poolclass": pool} if pool else {}))
    assert refused(host) == ("db_host_memory", 2, {})
    host.dispose()


def test_connections_that_keep_to_one_thread_are_refused(place_of):
    place = place_of("sqlite")
    host = create_engine("sqlite://", creator=lambda: sqlite3.connect(place.path), poolclass=NullPool)
    assert refused(host)[0] == "db_host_thread"
    host.dispose()


def test_another_driver_or_something_else_is_refused():
    assert refused(make_url("sqlite:///a.db")) == ("db_host_kind", 2, {"found": "URL"})
    plain = create_engine("postgresql+psycopg://nobody@nowhere.invalid/x")
    plain.dialect.driver = "psycopg2"  # of which none is installed here
    assert refused(plain) == ("db_host_driver", 2, {"found": "postgresql+psycopg2"})


def test_a_host_whose_database_is_away_is_told_so():
    host = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/x")
    with pytest.raises(StoreUnavailableError):
        Engine.open(host)
