"""`doctor`: each check says ok where all is well, and what to do where it is not."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.notices import written
from support.stores import ON_DISK
from typer.testing import CliRunner

from paidan.engine import Engine, doctor
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock, SystemClock
from paidan.engine.doctor import OF_DATABASE, OF_MACHINE, Level, Looked, diagnose, exit_code
from paidan.engine.keys import new_key
from paidan.engine.messages import texts
from paidan.storage import examine_store
from paidan.storage.tables import SCHEMA_VERSION

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=ON_DISK)
def place(request, place_of):
    one = place_of(request.param)
    Engine.open(one.url).close()
    return one


def found(place, check, clock=None):
    return [line for line in diagnose(place.url, clock) if line.check == check]


def only(lines):
    (line,) = lines
    return line.level, line.code


def switch_off(place):
    if place.kind == "sqlite":
        place.run("DROP TRIGGER paidan_entry_kept")
    else:
        place.run("ALTER TABLE paidan_entry DISABLE TRIGGER paidan_entry_kept")


def test_a_store_that_is_well_fails_nothing(place):
    with Engine.open(place.url) as engine:
        engine.submit("A", "receive")
        lines = list(diagnose(place.url))
        engine.submit("A", "register")
    assert {line.level for line in lines} <= {Level.OK, Level.WARN}
    assert exit_code(lines) == 0
    checks = {line.check for line in lines}
    assert checks >= {"database", "durability", "append_only", "horizon", "sweeping", "folded"}
    assert ("disk" in checks, "clock" in checks) == (place.kind == "sqlite", place.kind == "postgresql")


def test_time_outs_that_nobody_raises_say_that_nobody_sweeps(place):
    clock = SimulatedClock(SystemClock().now() - timedelta(minutes=40))
    with Engine.open(place.url, clock=clock) as engine:
        engine.submit("A", "receive")
    assert only(found(place, "sweeping")) == (Level.WARN, "not_swept")
    with Engine.open(place.url) as engine:
        engine.sweep()
    assert only(found(place, "sweeping")) == (Level.OK, "swept")


def test_a_trigger_that_was_switched_off_is_named(place):
    switch_off(place)
    (line,) = found(place, "append_only")
    assert (line.level, line.details) == (Level.FAIL, {"names": "paidan_entry_kept"})
    assert exit_code([line]) == 4


def test_an_order_that_is_not_what_its_log_says_is_named(place):
    with Engine.open(place.url) as engine:
        for order in ("A", "B"):
            engine.submit(order, "receive")
    place.run("UPDATE paidan_order SET state = 'closed' WHERE order_id = 'B'")
    (line,) = found(place, "folded")
    assert (line.level, line.details["orders"]) == (Level.FAIL, "B")
    with Engine.open(place.url) as engine:
        assert engine.differing() == ("B",)
        engine.rebuild()
        assert engine.differing() == ()


def test_the_key_of_a_vault_must_be_at_hand_and_nobody_elses(place, tmp_path, monkeypatch):
    def told(key=""):
        monkeypatch.setenv("PAIDAN_KEY_FILE", str(key))
        (line,) = found(place, "vault")
        return line.level, line.code or str(line.error.code)

    key, other = tmp_path / "master.key", tmp_path / "other.key"
    new_key(key)
    new_key(other)
    assert told() == (Level.OK, "no_vault")
    assert told(key) == (Level.OK, "vault_to_come")
    assert told() == (Level.OK, "no_vault"), "looking makes none"
    Engine.open(place.url, key=key).close()
    assert told(key) == (Level.OK, "vault")
    assert told() == (Level.FAIL, "vault_key_missing")
    assert told(other) == (Level.FAIL, "vault_key_wrong")
    assert told(tmp_path / "none.key") == (Level.FAIL, "key_unreadable")
    key.chmod(0o640)
    assert told(key) == (Level.FAIL, "key_open")
    assert exit_code(list(diagnose(place.url))) == 4


def test_deadlines_past_the_calendar_are_counted_until_the_notice_is_loaded(place, tmp_path):
    eve = datetime.fromisoformat("2026-12-31T09:00:00+08:00")
    clock = SimulatedClock(eve)
    with Engine.open(place.url, clock=clock) as engine:
        engine.submit("A", "receive", order_due="2027-03-01")
        engine.submit("A", "register")
        engine.submit("A", "dispatch", unit="甲科")
        codes = [line.code for line in found(place, "horizon", clock)]
        assert codes == ["horizon_near", "provisional"]
        engine.load_calendar(written(tmp_path))
        assert [line.code for line in found(place, "horizon", clock)] == ["horizon"]


@pytest.mark.parametrize(
    ("now", "level"),
    [("2026-10-31", "ok"), ("2026-11-01", "warn"), ("2027-01-01", "warn"), ("2025-12-01", "ok")],
)
def test_the_next_notice_is_missed_from_november_on(now, level):
    (line,) = doctor.check_calendar(datetime.fromisoformat(f"{now}T09:00:00+08:00"))
    assert line.level == level


def test_a_store_of_another_version_says_what_to_run(place):
    for version, code in ((SCHEMA_VERSION - 1, "tables_older"), (SCHEMA_VERSION + 1, "tables_later")):
        place.run(f"UPDATE paidan_store SET schema_version = {version}")
        assert only(found(place, "database")) == (Level.FAIL, code)


def test_a_database_without_our_tables_or_none_at_all_is_told(place_of, tmp_path):
    for kind in ON_DISK:
        bare = place_of(kind)
        bare.run("CREATE TABLE customer (name TEXT)")
        assert only(found(bare, "database")) == (Level.FAIL, "no_tables")
    for url in (f"sqlite:///{tmp_path / 'none.db'}", "memory://none"):
        lines = list(diagnose(url))
        assert (lines[-1].level, exit_code(lines)) == (Level.FAIL, 4)
    assert not (tmp_path / "none.db").exists()
    lines = list(diagnose("postgresql+psycopg://nobody@127.0.0.1:1/x"))
    assert (lines[-1].level, exit_code(lines)) == (Level.FAIL, 7)


def test_a_server_that_loses_what_it_acknowledged_fails(place_of):
    place = place_of("postgresql")
    Engine.open(place.url).close()
    role = f"{place.schema}_reader"
    place.run(f"CREATE ROLE {role} LOGIN; ALTER ROLE {role} SET default_transaction_read_only = on")
    place.run(f"GRANT USAGE ON SCHEMA {place.schema} TO {role}")
    place.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA {place.schema} TO {role}")
    try:
        (line,) = [
            one
            for one in diagnose(place.url.replace("//postgres:@", f"//{role}:@"))
            if (one.check, one.level) == ("durability", Level.FAIL)
        ]
        assert line.details == {"name": "transaction_read_only", "found": "on", "wanted": "off"}
    finally:
        place.run(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.mark.parametrize(("apart", "level"), [(0, Level.OK), (20, Level.WARN), (90, Level.FAIL)])
def test_clocks_that_are_apart_are_told(place_of, apart, level):
    place = place_of("postgresql")
    Engine.open(place.url).close()
    (line,) = found(place, "clock", SimulatedClock(SystemClock().now() - timedelta(seconds=apart)))
    assert line.level is level


@pytest.mark.parametrize(("free", "level"), [(50 << 20, "fail"), (500 << 20, "warn"), (5 << 30, "ok")])
def test_little_room_on_the_disk_is_told(place_of, free, level):
    place, clock = place_of("sqlite"), SystemClock()
    with Engine.open(place.url) as engine:
        db = examine_store(place.url, clock.now)
        assert db.free_bytes is not None
        (line,) = doctor.check_disk(Looked(clock.now(), db._replace(free_bytes=free), engine))
    assert line.level == level


def test_the_machine_is_looked_at_by_its_zone_encoding_and_libraries():
    def told(**environment):
        command = [
            sys.executable,
            str(CHECKOUT / "run_engine.py"),
            "doctor",
            "--format",
            "json",
            "--lang",
            "en",
        ]
        done = subprocess.run(
            command, capture_output=True, check=True, env={**os.environ, **environment}, encoding="utf-8"
        )
        return {one["check"]: one for one in json.loads(done.stdout)}

    there = told(TZ="Asia/Shanghai", LC_ALL="C.UTF-8")
    assert (there["time_zone"]["level"], there["terminal"]["level"]) == ("ok", "ok")
    assert "sqlalchemy 2" in there["libraries"]["text"]
    elsewhere = told(TZ="America/New_York", LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert (elsewhere["time_zone"]["level"], elsewhere["terminal"]["level"]) == ("warn", "warn")


def test_an_old_library_or_a_missing_one_fails(monkeypatch):
    monkeypatch.setattr(doctor, "_SQLITE", (99,))
    monkeypatch.setattr(doctor, "_LIBRARIES", ("sqlalchemy", "no-such-library"))
    lines = list(diagnose())
    assert [(one.check, one.code) for one in lines if one.level is Level.FAIL] == [
        ("python", "too_old"), ("libraries", "missing"),
    ]  # fmt: skip
    assert exit_code(lines) == 4


def test_a_check_that_cannot_be_made_fails(place):
    place.run("DELETE FROM paidan_order")
    place.run("DROP TABLE paidan_clock")
    lines = list(diagnose(place.url))
    assert exit_code(lines) in (4, 7)
    assert all(line.error is not None for line in lines if line.level is Level.FAIL)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_prints_what_was_found_in_each_language(place, lang):
    switch_off(place)
    done = CliRunner().invoke(app, ["doctor", "--db", place.url, "--lang", lang])
    assert done.exit_code == 4
    assert "paidan_entry_kept" in done.output
    done = CliRunner().invoke(app, ["doctor", "--db", place.url, "--lang", lang, "--format", "json"])
    assert {one["level"] for one in json.loads(done.output)} >= {"ok", "fail"}


def test_every_check_has_a_name_in_both_languages():
    checks = {one.__name__.removeprefix("check_") for one in (*OF_MACHINE, *OF_DATABASE)} | {"database"}
    named = {name.removeprefix("doctor.check.") for name in texts() if name.startswith("doctor.check.")}
    assert checks == named
