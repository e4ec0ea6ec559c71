"""`calendar load`, `--known-on`: notices on this machine, in a run folder, into a database."""

import csv
import json
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from support.logs import table, write_log
from support.notices import EVE, written

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.runs import Replay, Run, replay_files
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]


class Paidan:
    """The command line with a folder of notices of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.installed = folder / "calendars"

    def __call__(self, *words: str, exits: int = 0) -> str:
        command = [sys.executable, str(CHECKOUT / "run_engine.py"), *words]
        environment = {**os.environ, "PAIDAN_CALENDARS": str(self.installed)}
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", check=False, env=environment
        )
        assert done.returncode == exits, done.stderr
        self.told = done.stderr
        return done.stdout

    def due(self, *words: str):
        told = json.loads(
            self("due", "JY-T06", "unit_received_at=2026-12-31 10:00", "--format", "json", *words)
        )
        return told["due_at"], told["provisional"]


@pytest.fixture
def paidan(tmp_path):
    return Paidan(tmp_path)


def test_a_notice_loaded_here_serves_every_command_and_older_answers_stay(paidan, tmp_path):
    assert paidan.due() == ("2027-01-04T23:59:59+08:00", True)
    loaded = json.loads(paidan("calendar", "load", str(written(tmp_path, EVE)), "--format", "json"))
    assert loaded["horizon"] == {"before": "2026-12-31", "after": "2027-12-31"}
    assert loaded["days"][0] == {
        "on": "2026-12-31", "before": {"kind": "workday", "holiday": None},
        "after": {"kind": "holiday", "holiday": "元旦"},
    }  # fmt: skip
    assert paidan.due() == ("2027-01-03T23:59:59+08:00", False)
    assert paidan.due("--known-on", "2026-11-03") == ("2027-01-04T23:59:59+08:00", True)
    assert "2027-12-31" in paidan("calendar", "horizon")
    assert "2026-12-31" in paidan("calendar", "horizon", "--known-on", "2026-11-03")
    shown = json.loads(paidan("calendar", "show", "2027", "--format", "json"))
    assert shown["provisional"] is False
    assert {"on": "2027-02-20", "kind": "makeup", "holiday": "春节"} in shown["days"]
    text = paidan("calendar", "load", str(written(tmp_path, EVE)))
    assert "2026-12-31" in text, "the horizon before, and a changed day"


def test_mistakes_in_a_notice_are_sentences_and_install_nothing(paidan, tmp_path):
    bad = written(tmp_path, ("2027-05-08", "2027-05-07"), name="bad.toml")
    paidan("calendar", "load", str(bad), exits=4)
    assert "2027-05-07 不是周末" in paidan.told
    assert not paidan.installed.exists()
    paidan("calendar", "load", str(tmp_path / "none.toml"), exits=1)
    paidan("calendar", "horizon", "--known-on", "gestern", exits=2)
    paidan("calendar", "show", "1800", exits=2)


def test_labour_day_2019_as_known_on_1_march_and_today(paidan):
    def asked(*words: str) -> str:
        told = paidan("due", "JY-T06", "unit_received_at=2019-04-30 10:00", "--format", "json", *words)
        return str(json.loads(told)["due_at"])

    assert asked("--known-on", "2019-03-01") == "2019-05-02T23:59:59+08:00"
    assert asked() == "2019-05-05T23:59:59+08:00"
    days = json.loads(paidan("calendar", "show", "2019", "--known-on", "2019-03-01", "--format", "json"))
    assert [day["on"] for day in days["days"] if day["holiday"] == "劳动节"] == ["2019-05-01"]


def test_a_run_folder_keeps_the_notices_it_was_made_with(paidan, tmp_path):
    log = write_log(
        tmp_path / "log.csv",
        [
            ("A", "receive", "2026-12-31 09:00:00", {"order_due": "2027-01-20 18:00:00"}),
            ("A", "register", "2026-12-31 09:10:00", {}),
            ("A", "dispatch", "2026-12-31 09:20:00", {"unit": "甲科"}),
        ],
    )
    out = tmp_path / "run"
    replaying = ("replay", str(log), "--policy", "JY", "--out", str(out), "--as-of", "2026-12-31 12:00")
    paidan("calendar", "load", str(written(tmp_path, EVE)))
    paidan(*replaying)
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert "2027 试验通知〔2026〕1号 (2026-11-04)" in summary["calendar"]
    shutil.rmtree(paidan.installed)
    assert "2027-01-03" in paidan("explain", "A", "JY-T06", "--run", str(out))
    rules = Run(out).log("A")[1]
    assert rules.calendar.edition == summary["calendar"]
    older = tmp_path / "older"
    paidan("calendar", "load", str(written(tmp_path, EVE)))
    paidan(*replaying[:-3], str(older), *replaying[-2:], "--known-on", "2026-11-03")
    assert json.loads((older / "summary.json").read_text("utf-8"))["calendar"].endswith("known on 2026-11-03")
    for folder, due, provisional in ((out, "2027-01-03", "false"), (older, "2027-01-04", "true")):
        (row,) = [row for row in table(folder, "deadlines") if row["rule"] == "JY-T06"]
        assert (row["due_at"][:10], row["provisional"]) == (due, provisional)


def test_the_database_takes_a_notice_from_the_command_line(paidan, tmp_path):
    url = f"sqlite:///{tmp_path / 'orders.db'}"
    with Engine.open(url, clock=SimulatedClock(datetime(2026, 12, 31, 9, tzinfo=BEIJING))) as engine:
        engine.submit("A", "receive")
        engine.submit("A", "register")
        engine.submit("A", "dispatch", unit="甲科", order_due="2027-01-20")
    path = written(tmp_path, EVE)
    told = json.loads(paidan("calendar", "load", str(path), "--db", url, "--format", "json"))
    moved = next(one for one in told["recomputed"] if one["rule"] == "JY-T06")
    assert (moved["order_id"], moved["before"], moved["after"], moved["provisional"]) == (
        "A", "2027-01-04T23:59:59+08:00", "2027-01-03T23:59:59+08:00", False,
    )  # fmt: skip
    assert not paidan.installed.exists()
    assert "重算" in paidan("history", "A", "--db", url)
    assert "到期时间改为 2027-01-03 23:59:59" in paidan("explain", "A", "JY-T06", "--db", url)
    again = paidan("calendar", "load", str(path), "--db", url, "--format", "csv")
    assert list(csv.DictReader(again.splitlines())) == []


def test_replay_files_takes_what_is_installed(tmp_path, monkeypatch):
    folder = tmp_path / "installed"
    folder.mkdir()
    written(folder, EVE)
    monkeypatch.setenv("PAIDAN_CALENDARS", str(folder))
    log = write_log(tmp_path / "log.csv", [("A", "receive", "2026-12-31 09:00:00", {})])
    assert "试验通知" in replay_files(Replay(logs=[log]), {"JY": tmp_path / "run"})[0]["calendar"]
