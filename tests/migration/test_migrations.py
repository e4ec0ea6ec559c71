"""A store of an older version becomes one of this, and is what a new one is."""

import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, insert, select
from support.stores import ON_DISK

from paidan.engine import Engine
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.storage import migrate_store, migration, open_store
from paidan.storage.errors import (
    SchemaError,
    StoreAddressError,
    StoreMissingError,
    StoreUnavailableError,
)
from paidan.storage.migrations.versions import v0004_durable
from paidan.storage.tables import SCHEMA_VERSION
from paidan.workflows.records import BEIJING

VERSION_2 = Path(__file__).with_name("version-2.sql")
"""A store of three orders as paidan wrote it when its schema version was 2: the file, dumped."""

SQLITE_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
POSTGRESQL_SCHEMA = """
    SELECT 'column', table_name, column_name,
        concat_ws(' ', data_type, character_maximum_length, collation_name, is_nullable,
            replace(column_default, table_schema || '.', '')), ordinal_position
    FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), 0
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
UNION ALL
    SELECT 'index', tablename, indexname, replace(indexdef, schemaname || '.', ''), 0
    FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
    SELECT 'trigger', tgrelid::regclass::text, tgname,
        replace(pg_get_triggerdef(t.oid), current_schema() || '.', ''), tgtype
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
UNION ALL
    SELECT 'function', proname, '', prosrc, 0
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
ORDER BY 1, 2, 3
"""


def schema(place):
    """Everything the database says of its tables, indexes and triggers, but for white space."""
    found = place.run(SQLITE_SCHEMA if place.kind == "sqlite" else POSTGRESQL_SCHEMA)
    return [tuple(" ".join(cell.split()) if isinstance(cell, str) else cell for cell in row) for row in found]


def made_by_revisions(place, head):
    """Give a place with the tables that the revisions up to one make."""
    if place.kind == "sqlite":
        place.path.touch()
    engine, _ = migration._opened(place.url)
    scripts = ScriptDirectory(str(migration._FOLDER))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        with Operations.context(MigrationContext.configure(connection)):
            for script in reversed(list(scripts.iterate_revisions(head, "base"))):
                script.module.upgrade()
        connection.exec_driver_sql("COMMIT")
    engine.dispose()
    return place


def copy(source, target, name):
    """Copy the rows of a table as far as the older one has its columns."""
    there = {}
    for place in (source, target):
        engine, _ = migration._opened(place.url)
        there[place] = Table(name, MetaData(), autoload_with=engine), engine
    table, engine = there[target]
    with engine.connect() as connection, there[source][1].connect() as other:
        columns = [there[source][0].c[column.name] for column in table.columns]
        rows = [row._asdict() for row in other.execute(select(*columns).order_by(columns[0]))]
        connection.exec_driver_sql("BEGIN")
        connection.execute(insert(table), rows)
        connection.exec_driver_sql("COMMIT")
    for _, each in there.values():
        each.dispose()


@pytest.fixture
def old(place_of):
    place = place_of("sqlite")
    with closing(sqlite3.connect(place.path)) as connection:
        connection.executescript(VERSION_2.read_text(encoding="utf-8"))
    return place


@pytest.mark.parametrize("kind", ON_DISK)
def test_tables_made_by_all_revisions_are_those_of_a_new_store(kind, place_of):
    migrated = place_of(kind)
    if kind == "sqlite":
        migrated.path.touch()
    engine, _ = migration._opened(migrated.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        migration.apply_revisions(connection, None)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()
    by_revisions = schema(migrated)
    migrated.clear()
    fresh = place_of(kind)
    open_store(fresh.url, "JY").close()
    assert by_revisions == schema(fresh)
    assert {row[0] for row in by_revisions} >= {"index", "trigger"}


def test_an_old_store_migrated_is_what_a_new_one_is(old, tmp_path):
    migrate_store(old.url)
    open_store(f"sqlite:///{tmp_path / 'fresh.db'}", "JY").close()
    with closing(sqlite3.connect(tmp_path / "fresh.db")) as fresh:
        told = fresh.execute(SQLITE_SCHEMA).fetchall()
    assert schema(old) == [tuple(" ".join(cell.split()) if cell else cell for cell in row) for row in told]


def test_an_old_store_is_not_opened_and_says_what_to_run(old):
    before = schema(old)
    with pytest.raises(SchemaError) as told:
        Engine.open(old.url)
    assert (told.value.code, told.value.details["found"]) == ("db_older", 2)
    assert schema(old) == before


def test_an_old_store_goes_on_after_migrating(old):
    log = old.run("SELECT order_id, seq, event FROM paidan_entry ORDER BY position")
    assert migrate_store(old.url) == (2, SCHEMA_VERSION)
    assert migrate_store(old.url) == (SCHEMA_VERSION, SCHEMA_VERSION)
    told = old.run("SELECT name, position FROM paidan_cursor")
    assert told == [("paidan inbox", len(log))], "of what was there before nobody is told"
    clock = SimulatedClock(datetime(2026, 3, 5, 12, tzinfo=BEIJING))
    with Engine.open(old.url, settings={"jy.contact_start": "registered_at"}, clock=clock) as engine:
        assert engine.rebuild() is False, "every order is still what its log folds to"
        assert engine.order("A").state == "accepted"
        assert engine.sweep() == 1
        assert engine.submit("C", "register", key="K").accepted
        assert engine.submit("C", "register", key="K").again
    assert old.run("SELECT order_id, seq, event FROM paidan_entry ORDER BY position")[: len(log)] == log
    with pytest.raises(sqlite3.IntegrityError):
        old.run("DELETE FROM paidan_entry")


def test_a_migration_that_fails_changes_nothing(old):
    old.run("CREATE TABLE paidan_answer (in_the_way)")
    before = schema(old)
    with pytest.raises(StoreUnavailableError):
        migrate_store(old.url)
    assert schema(old) == before
    assert old.run("SELECT schema_version FROM paidan_store") == [(2,)]


@pytest.mark.parametrize("version", [1, SCHEMA_VERSION + 1])
@pytest.mark.parametrize("kind", ON_DISK)
def test_a_version_that_nobody_can_migrate_is_left_alone(kind, version, place_of):
    place = place_of(kind)
    open_store(place.url, "JY").close()
    place.run(f"UPDATE paidan_store SET schema_version = {version}")
    with pytest.raises(SchemaError) as told:
        migrate_store(place.url)
    assert told.value.details["found"] == version


@pytest.mark.parametrize("kind", ON_DISK)
def test_where_there_is_no_store_nothing_is_made(kind, place_of, tmp_path):
    place = place_of(kind)
    with pytest.raises(StoreMissingError):
        migrate_store(place.url)
    assert list(tmp_path.iterdir()) == []
    for url in ("memory://", "mysql://h/d"):
        with pytest.raises((StoreMissingError, StoreAddressError)):
            migrate_store(url)


def test_the_revisions_are_one_line_that_ends_at_this_version():
    scripts = ScriptDirectory(str(migration._FOLDER))
    assert scripts.get_heads() == [f"{SCHEMA_VERSION:04}"]
    assert scripts.get_bases() == [f"{migration._FIRST:04}"]


def test_the_command_migrates_once_and_says_so(old, monkeypatch, capsys):
    for told in (f"已从第 2 版升级到第 {SCHEMA_VERSION} 版", f"已是第 {SCHEMA_VERSION} 版"):
        monkeypatch.setattr(sys, "argv", ["paidan", "migrate", "--db", old.url])
        with pytest.raises(SystemExit) as ended:
            run()
        assert (ended.value.code or 0, told in capsys.readouterr().err) == (0, True)


@pytest.mark.parametrize("kind", ON_DISK)
def test_a_log_chained_by_the_migration_is_the_one_that_would_have_been_written(kind, place_of, monkeypatch):
    new = place_of(kind)
    with Engine.open(new.url, clock=SimulatedClock(datetime(2026, 3, 5, 12, tzinfo=BEIJING))) as engine:
        for order in ("A", "甲"):
            engine.submit(order, "receive", actor="“引号”", urgent=True, order_due="2026-03-20")
        engine.submit("A", "register", category="dispatched")
    old = made_by_revisions(place_of(kind), "0003")
    for table in ("paidan_entry", "paidan_order"):
        copy(new, old, table)
    old.run("INSERT INTO paidan_store VALUES (1, 3, 'JY', '{}', '')")
    assert migrate_store(old.url) == (3, SCHEMA_VERSION)
    with migration._alone(old.url) as connection:
        monkeypatch.setattr(v0004_durable, "BATCH", 1)
        counted = [row for batch in v0004_durable._hashes(connection) for row in batch]
    assert len(counted) == 3
    chained = "SELECT position, order_id, seq, hash FROM paidan_entry ORDER BY position"
    assert old.run(chained) == (chain := new.run(chained))
    assert {(row["position"], row["hash"]) for row in counted} == {(row[0], row[3]) for row in chain}
    heads = "SELECT order_id, head FROM paidan_order ORDER BY order_id"
    assert old.run(heads) == new.run(heads)
    store = open_store(old.url, "JY")
    assert [one.broken for one in store.examined()] == [None, None]
    assert len(store.store_id) == 32
    store.close()
