"""The log proven: what was written is found to hold, and whatever was altered, by whomever, is found."""

import base64
import csv
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import NamedTuple

import pytest
from support.alterations import ALTERATIONS, alter, fold_of
from support.notices import NOTICE_2027
from support.stores import KINDS, ON_DISK, SqlitePlace

from paidan.engine import Engine
from paidan.engine.audit.keys import checker
from paidan.engine.audit.verify import verify
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.engine.databases import verify_database
from paidan.engine.errors import BrokenError, InputError, SealedByAnotherError, UsageError
from paidan.engine.faults import exit_code
from paidan.engine.intake.events import read_logs
from paidan.storage import open_store
from paidan.workflows.errors import PaidanError
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


@pytest.fixture
def key(tmp_path):
    file = tmp_path / "master.key"
    file.write_text(base64.b64encode(bytes(range(32))).decode(), encoding="ascii")
    file.chmod(0o600)
    return file


class Log:
    """A log of a few orders in every state, sealed twice, and the public key to check it by."""

    def __init__(self, place, key, folder):
        self.place, self.key, self.seals = place, key, folder / "seals"
        self.public = folder / "public.pem"
        self.clock = SimulatedClock(NINE)
        with self.open() as engine:
            for number in range(4):
                self.live(engine, f"工单-{number}", number)
            engine.seal(self.seals)
            notice = folder / "2027.toml"
            notice.write_text(NOTICE_2027, encoding="utf-8")
            self.clock.advance_to(NINE + timedelta(days=3))
            engine.load_calendar(notice)
            engine.sweep()
            self.live(engine, "B-1", 3)
            made = engine.seal(self.seals)
            self.sealed_to = made.position
            self.public.write_text(engine._signer().checker.text(), encoding="ascii")
            self.live(engine, "unsealed", 2)

    def open(self):
        return Engine.open(self.place.url, clock=self.clock, key=self.key)

    def live(self, engine, order, far):
        steps = (
            ("receive", {"order_due": "2026-03-20", "actor": "李四"}),
            ("register", {"actor": "张三", "role": "dispatcher"}),
            ("dispatch", {"unit": "甲科", "order_due": "2026-03-20"}),
            ("accept", {"unit": "甲科"}),
        )
        for event, said in steps[: far + 1]:
            self.clock.advance_to(self.clock.now() + timedelta(minutes=1))
            assert engine.submit(order, event, **said).accepted

    def verify(self, place=None):
        return verify_database((place or self.place).url, self.seals, self.public)


@pytest.fixture
def log_of(place_of, key, tmp_path):
    return lambda kind: Log(place_of(kind), key, tmp_path)


class Copies:
    """Copies of a log on SQLite, one after another in one place."""

    def __init__(self, log, folder):
        with closing(sqlite3.connect(log.place.path)) as source:
            source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.log, self.bytes = log, log.place.path.read_bytes()
        self.place = SqlitePlace(folder / "copy.db")

    def anew(self):
        self.place.clear()
        self.place.path.write_bytes(self.bytes)
        return self.place


def holds(log, place):
    """Say whether a log holds, by rules that were read before; one that cannot be opened does not."""
    try:
        with closing(open_store(place.url, "JY", create=False)) as store:
            return verify(store, lambda: fold_of(store), log.seals, checker(log.public)).holds
    except PaidanError as error:
        return exit_code(error) != 4


@pytest.mark.parametrize("seeds", [range(1_000), pytest.param(range(1_000, 11_000), marks=pytest.mark.long)])
def test_a_thousand_alterations_by_a_superuser_are_all_found(seeds, log_of, tmp_path):
    log = log_of("sqlite")
    copies, missed = Copies(log, tmp_path), []
    for seed in seeds:
        name = alter(copies.anew(), seed, log.sealed_to)
        if holds(log, copies.place):
            missed.append((seed, name))
    assert missed == []
    assert holds(log, copies.anew()), "a copy that nobody altered"


@pytest.mark.parametrize("seeds", [range(18), pytest.param(range(18, 1_018), marks=pytest.mark.long)])
def test_alterations_are_found_on_postgresql_too(seeds, log_of):
    log = log_of("postgresql")
    place = log.place
    tables = ("paidan_clock", "paidan_order", "paidan_entry", "paidan_calendar", "paidan_store")
    for table in tables:
        place.run(f"CREATE TABLE copy_of_{table} AS TABLE {table}")
    missed = []
    assert len(seeds) >= len(ALTERATIONS)
    for seed in seeds:
        name = alter(place, seed, log.sealed_to)
        if holds(log, place):
            missed.append((seed, name))
        anew = [f"DELETE FROM {table}; INSERT INTO {table} TABLE copy_of_{table}" for table in tables]
        place.run("; ".join(("SET session_replication_role = replica", *anew)))
    assert missed == []
    assert log.verify().holds, "restored as it was"


def test_instants_that_no_calendar_has_are_found_and_stop_nothing(log_of):
    log = log_of("postgresql")
    for value in ("infinity", "-infinity", "0044-03-15 00:00:00+00 BC"):
        log.place.run(
            f"SET session_replication_role = replica; UPDATE paidan_entry SET at = '{value}' WHERE seq = 2"
        )
        found = log.verify()
        assert {one.what for one in found.faults} == {"unreadable"}
        assert found.first.seq == 2


def test_cells_that_are_no_text_are_found_and_stop_nothing(log_of):
    log = log_of("sqlite")
    log.place.run("DROP TRIGGER paidan_entry_kept")
    for cell in ("x'ff'", "7", "CAST(x'ff' AS TEXT)", "0.5"):
        log.place.run(f"UPDATE paidan_entry SET actor = {cell} WHERE position = 2")
        found = log.verify()
        assert found.first.position == 2
        assert len(found.faults) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_holds_and_what_is_not_sealed_is_counted(kind, log_of):
    log = log_of(kind)
    with log.open() as engine:
        found = engine.verify(log.seals)
        assert found == engine.verify(log.seals, log.public)
        assert engine.verify().holds
    assert found.holds
    assert (found.orders, found.seals, found.last.number, found.unsealed) == (6, 2, 2, 3)
    assert found.entries == found.last.entries + 3
    if kind != "memory":
        assert log.verify() == found


@pytest.mark.parametrize("kind", ON_DISK)
def test_the_first_bad_entry_is_named_of_each_order_and_of_all(kind, log_of):
    log = log_of(kind)
    rows = log.place.run("SELECT order_id, seq, position FROM paidan_entry ORDER BY position")
    chosen = [rows[4], rows[7]]
    assert chosen[0][0] != chosen[1][0]
    before = {"postgresql": "SET session_replication_role = replica; "}.get(kind, "")
    if kind == "sqlite":
        log.place.run("DROP TRIGGER paidan_entry_kept")
    for *_, position in chosen:
        log.place.run(f"{before}UPDATE paidan_entry SET actor = '王五' WHERE position = {position}")
    found = verify_database(log.place.url)
    assert [(one.what, one.order_id, one.seq, one.position) for one in found.faults] == sorted(
        [("hash", *row) for row in chosen], key=lambda row: row[1]
    )
    first = found.first
    assert first is not None
    assert (first.order_id, first.seq, first.position) == chosen[0]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_new_is_not_sealed_again(kind, log_of):
    log = log_of(kind)
    with log.open() as engine:
        assert engine.seal(log.seals).number == 3
        assert engine.seal(log.seals) is None
        assert engine.verify(log.seals).unsealed == 0
    assert len(list(log.seals.iterdir())) == 3


def test_the_last_seal_alone_proves_everything_up_to_it(log_of):
    log = log_of("sqlite")
    (log.seals / "seal-000001.json").unlink()
    log.place.run("DROP TRIGGER paidan_entry_stays")
    faults = {one.what for one in log.verify().faults}
    assert "seal_missing" in faults
    assert "sealed_log" not in faults
    log.place.run("DELETE FROM paidan_entry WHERE position = 1")
    assert "sealed_log" in {one.what for one in log.verify().faults}


def changed(path, **values):
    said = json.loads(path.read_bytes()) | values
    path.write_text(
        json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n", encoding="utf-8"
    )


def test_a_seal_that_was_changed_is_found(log_of):
    log = log_of("sqlite")
    path = log.seals / "seal-000002.json"
    written = path.read_bytes()
    for name, value in json.loads(written).items():
        changed(path, **{name: value + 1 if isinstance(value, int) else value[:-2] + value[0] + value[-1:]})
        if path.read_bytes() == written:
            continue
        assert {one.what for one in log.verify().faults} <= {"signature", "seal_unreadable"}, name
        assert not log.verify().holds, name
        path.write_bytes(written)
    for text in (b"", b"{}", b"[]", b"\xff", written + b" ", written.replace(b":", b": ", 1)):
        path.write_bytes(text)
        assert [one.what for one in log.verify().faults] == ["seal_unreadable"]


def test_seals_go_on_under_another_master_key_once_the_old_public_key_vouches_for_the_last(log_of, tmp_path):
    log = log_of("sqlite")
    other = tmp_path / "other.key"
    other.write_text(base64.b64encode(bytes(32)).decode(), encoding="ascii")
    other.chmod(0o600)
    with log.open() as engine:
        engine.rotate_key(other)
        assert [one.what for one in engine.verify(log.seals).faults] == ["signature", "signature"]
        with pytest.raises(BrokenError):
            engine.seal(log.seals)
        assert engine.seal(log.seals, log.public) is not None
        engine.submit("B-1", "note")
        assert engine.seal(log.seals) is not None
        both = tmp_path / "both.pem"
        both.write_text(log.public.read_text() + engine._signer().checker.text(), encoding="ascii")
        assert [one.what for one in engine.verify(log.seals, log.public).faults] == ["signature"] * 2
        assert engine.verify(log.seals, both).holds


def test_seals_of_another_database_are_found(log_of, place_of, tmp_path, key):
    log = log_of("sqlite")
    (tmp_path / "other").mkdir()
    other = Log(place_of("sqlite"), key, tmp_path / "other")
    assert "store_id" in {one.what for one in verify_database(other.place.url, log.seals, log.public).faults}
    with other.open() as engine, pytest.raises(BrokenError) as told:
        engine.seal(log.seals)
    assert told.value.code == "audit.other_store"


def test_a_log_that_does_not_hold_is_not_sealed(log_of):
    log = log_of("sqlite")
    log.place.run("DROP TRIGGER paidan_entry_kept")
    (last,) = log.place.run("SELECT max(position) FROM paidan_entry")[0]
    log.place.run(f"UPDATE paidan_entry SET note = 'x' WHERE position = {last}")
    with log.open() as engine, pytest.raises(BrokenError) as told:
        engine.seal(log.seals)
    assert told.value.code == "audit.unsealable"
    assert len(list(log.seals.iterdir())) == 2


def test_a_database_restored_from_before_its_seal_is_not_sealed(log_of):
    log = log_of("sqlite")
    log.place.run("DROP TRIGGER paidan_entry_stays")
    log.place.run(f"DELETE FROM paidan_entry WHERE position >= {log.sealed_to}")
    with log.open() as engine:
        engine.submit("后来", "receive")
        with pytest.raises(BrokenError):
            engine.seal(log.seals)


def test_a_folder_without_seals_proves_nothing(log_of, tmp_path):
    log = log_of("sqlite")
    for file in log.seals.iterdir():
        file.unlink()
    assert [one.what for one in log.verify().faults] == ["no_seals"]
    with pytest.raises(InputError):
        verify_database(log.place.url, tmp_path / "nowhere", log.public)
    with pytest.raises(UsageError):
        verify_database(log.place.url, log.seals)
    for file in (tmp_path / "none.pem", log.place.path):
        with pytest.raises(InputError):
            verify_database(log.place.url, log.seals, file)


def test_an_engine_with_a_folder_seals_once_a_day_and_catches_up(log_of):
    log = log_of("sqlite")
    with log.open() as engine:
        seal = engine._daily_seal(log.seals)
        assert seal() is None, "the day has its seal"
        log.clock.advance_to(log.clock.now() + timedelta(days=3))
        assert seal().number == 3
        log.clock.advance_to(log.clock.now() + timedelta(days=1))
        assert seal() is None, "nothing new"
        engine.submit("次日", "receive")
        assert seal().number == 4
        engine.submit("当日", "receive")
        assert seal() is None
        assert engine.verify(log.seals).holds


def test_several_who_seal_at_once_make_one_seal_after_the_other(log_of):
    log = log_of("sqlite")
    engines = [log.open() for _ in range(3)]
    barrier, made, failed = Barrier(3), [], []

    def run(engine):
        barrier.wait()
        try:
            made.append(engine.seal(log.seals))
        except SealedByAnotherError as error:
            failed.append(error)

    threads = [Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in made if one] == [3]
    assert engines[0].verify(log.seals).holds
    assert sorted(path.name for path in log.seals.iterdir()) == [
        f"seal-{number:06}.json" for number in (1, 2, 3)
    ]
    for engine in engines:
        engine.close()


# ---- from the command line ----


class Said(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def paidan(monkeypatch, capsys):
    """Give the command line: what it was told, what it answered."""

    def ask(*arguments, **environment):
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["paidan", *map(str, arguments)])
            with pytest.raises(SystemExit) as ended:
                run()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return ask


def test_the_commands_seal_verify_and_name_what_is_wrong(paidan, place_of, key, tmp_path):
    place, seals, public = place_of("sqlite"), tmp_path / "封存", tmp_path / "public.pem"
    db = ("--db", place.url)
    keys = {"PAIDAN_KEY_FILE": str(key)}
    for event in ("receive", "register"):
        assert paidan("submit", "A", event, *db).returncode == 0
    assert paidan("seal", *db, "--out", seals).returncode == 2
    assert "seal-000001.json" in paidan("seal", *db, "--out", seals, **keys).stderr
    assert "没有新内容" in paidan("seal", *db, "--out", seals, **keys).stderr
    public.write_text(paidan("key", "public", **keys).stdout, encoding="ascii")
    told = paidan("verify", *db, "--seals", seals, "--public", public)
    assert (told.returncode, told.stdout) == (0, "")
    assert "日志完好" in told.stderr
    assert "--seals" in paidan("verify", *db).stderr
    place.run("DROP TRIGGER paidan_entry_kept")
    place.run("UPDATE paidan_entry SET actor = '王五' WHERE seq = 2")
    told = paidan("verify", *db, "--lang", "en")
    assert told.returncode == 4
    assert "order A, entry 2" in told.stderr
    told = paidan("verify", *db, "--seals", seals, "--format", "json", **keys)
    said = json.loads(told.stdout)
    assert (told.returncode, said["holds"]) == (4, False)
    assert (said["first"]["order_id"], said["first"]["seq"], said["first"]["what"]) == ("A", 2, "hash")
    assert paidan("verify", "--db", f"sqlite:///{tmp_path / 'none.db'}").returncode == 5
    place.run("DELETE FROM paidan_store")
    assert paidan("verify", *db).returncode == 4


def test_a_running_engine_seals_the_day_by_itself(place_of, key, tmp_path):
    place, seals = place_of("sqlite"), tmp_path / "seals"
    with Engine.open(place.url) as engine:
        engine.submit("A", "receive")
    command = [
        sys.executable,
        str(CHECKOUT / "run_engine.py"),
        "run",
        "--db",
        place.url,
        "--seals",
        str(seals),
    ]
    told = {**os.environ, "PAIDAN_KEY_FILE": str(key)}
    with subprocess.Popen(command, env=told, stderr=subprocess.PIPE) as running:
        end = time.monotonic() + 30
        while not list(seals.glob("seal-*.json")):
            assert time.monotonic() < end
            time.sleep(0.05)
        running.terminate()
        running.communicate(timeout=30)
    assert running.returncode == 0
    with Engine.open(place.url, key=key) as engine:
        assert engine.verify(seals).unsealed == 0


def test_history_and_export_show_the_hash_and_a_log_read_anew_ignores_it(paidan, log_of, tmp_path):
    log = log_of("sqlite")
    told = json.loads(paidan("history", "B-1", "--db", log.place.url, "--format", "json").stdout)
    rows = log.place.run("SELECT hash FROM paidan_entry WHERE order_id = 'B-1' ORDER BY seq")
    assert [(one["hash"],) for one in told] == rows
    with log.open() as engine:
        engine.export(tmp_path / "log.csv")
        hashes = {one.hash for one in engine.entries_after(0, 1000)}
    read = read_logs([tmp_path / "log.csv"])
    assert (read.ignored, read.rejected) == ([], [])
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        assert {row["hash"] for row in csv.DictReader(file)} <= hashes
