"""A sixth document, a folder alone: hours, holidays, classes, counting and weights of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import sixth
from support.lives import beijing
from support.logs import table, write_log

from paidan.engine.app import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.due import Calculator
from paidan.engine.errors import UsageError
from paidan.engine.export.run_folder import written
from paidan.engine.replay import Request, replay
from paidan.policies.calendar import DayKind
from paidan.policies.errors import PolicyError
from paidan.policies.registry import document
from paidan.policies.rulebook import Rulebook

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return sixth.write(tmp_path_factory.mktemp("sixth") / "LX")


def paidan(*arguments):
    return subprocess.run(
        [sys.executable, ROOT / "run_engine.py", *arguments],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


# Wednesday 2026-05-27 is its holiday, Saturday 05-30 its working day; Saturday 05-09 is the State
# Council's make-up day, which it does not work.
DUE = (
    ("LX-T01", "2026-05-26 09:00:00", "2026-05-26 11:00:00"),
    ("LX-T01", "2026-05-26 16:59:59", "2026-05-26 18:59:59"),
    ("LX-T01", "2026-05-26 17:00:00", "2026-05-28 10:30:00"),
    ("LX-T01", "2026-05-26 08:29:59", "2026-05-26 10:30:00"),
    ("LX-T01", "2026-05-08 17:00:00", "2026-05-11 10:30:00"),
    ("LX-T01", "2026-05-29 20:00:00", "2026-05-30 10:30:00"),
    ("LX-T02", "2026-05-26 10:15:30", "2026-05-29 10:15:30"),
    ("LX-T02", "2026-05-26 18:00:00", "2026-05-30 08:30:00"),
    ("LX-T02", "2026-05-07 10:15:00", "2026-05-11 10:15:00"),
    ("LX-T03", "2026-05-26 10:00:00", "2026-05-31 23:59:59"),
    ("LX-T03", "2026-05-26 23:59:59", "2026-05-31 23:59:59"),
    ("LX-T04", "2026-05-26 10:00:00", "2026-05-29 23:59:59"),
    ("LX-T04", "2026-05-23 10:00:00", "2026-05-28 23:59:59"),
    ("LX-T05", "2026-05-26 10:00:00", "2026-05-28 17:00:00"),
    ("LX-T05", "2026-05-08 10:00:00", "2026-05-11 17:00:00"),
)


def fact(rule):
    return "received_at" if rule == "LX-T01" else "unit_received_at"


@pytest.mark.parametrize(("rule", "at", "due"), DUE)
def test_due_by_hand(folder, rule, at, due):
    answer = Calculator(str(folder)).ask(rule, {fact(rule): at})
    assert answer.text == due
    assert not answer.provisional


def test_due_on_the_command_line_counts_day_by_day(folder):
    done = paidan("due", "LX-T04", "unit_received_at=2026-05-26 10:00", "--policy", folder)
    assert done.returncode == 0
    told = [line.strip() for line in done.stdout.splitlines() if line.strip().startswith("2026-05-2")]
    assert told[1:] == [
        "2026-05-26 周二 工作日：计入，第1个",
        "2026-05-27 周三 本单位放假：不计",
        "2026-05-28 周四 工作日：计入，第2个",
        "2026-05-29 周五 工作日：计入，第3个",
    ]


@pytest.mark.parametrize(
    ("setting", "rule", "at", "due"),
    [
        ("wd.count_receipt_day=true", "LX-T03", "2026-05-26 10:00", "2026-05-30 23:59:59"),
        ("wd.count_receipt_day=true", "LX-T05", "2026-05-26 10:00", "2026-05-26 17:00:00"),
        ("wd.count_receipt_day=true", "LX-T04", "2026-05-26 10:00", "2026-05-29 23:59:59"),
        ("hours.after_hours=at_once", "LX-T01", "2026-05-26 18:00", "2026-05-26 20:00:00"),
        ("hours.calendar=working_hours", "LX-T01", "2026-05-26 16:30", "2026-05-28 10:00:00"),
        ("wd.makeup_days=working", "LX-T01", "2026-05-08 17:00", "2026-05-09 10:30:00"),
        ("office.closes=18:30:00", "LX-T01", "2026-05-26 18:00", "2026-05-26 20:00:00"),
        ("office.opens=09:00:00", "LX-T01", "2026-05-26 18:00", "2026-05-28 11:00:00"),
    ],
)
def test_each_way_of_counting_is_a_setting_too(folder, setting, rule, at, due):
    name, _, value = setting.partition("=")
    assert Calculator(str(folder), {name: value}).ask(rule, {fact(rule): at}).text == due


def test_a_next_opening_in_a_year_without_a_notice_is_provisional(folder):
    book = Rulebook(document(str(folder)).policy(document(str(folder)).versions[0]))
    late = book.calendar.horizon_on.replace(month=12, day=31)
    answer = Calculator(str(folder)).ask("LX-T01", {"received_at": f"{late} 20:00:00"})
    assert answer.provisional


def test_the_calendar_knows_its_own_days_and_names_them(folder):
    book = Rulebook(document(str(folder)).policy(document(str(folder)).versions[0]))
    assert "own days -2026-05-27 +2026-05-30" in book.calendar.edition
    for text, kind in (("2026-05-27", DayKind.OWN_OFF), ("2026-05-30", DayKind.OWN_WORK)):
        day = book.calendar.day(beijing(text).date())
        assert (day.kind, day.working) == (kind, kind is DayKind.OWN_WORK)
    assert not book.calendar.is_working(beijing("2026-05-09").date())
    others = Rulebook(document("JY").policy(document("JY").versions[0])).calendar
    assert others.is_working(beijing("2026-05-27").date())
    assert not others.is_working(beijing("2026-05-30").date())


def test_its_own_days_stay_when_a_year_is_known_otherwise(folder):
    calendar = Rulebook(document(str(folder)).policy(document(str(folder)).versions[0])).calendar
    assert not calendar.as_known_on(beijing("2026-05-01").date()).is_working(beijing("2026-05-27").date())


LIFE: list[tuple[str, str, str, dict[str, Any]]] = [
    ("1", "receive", "2026-05-26 18:00:00", {}),
    ("1", "register", "2026-05-26 18:05:00", {}),
    ("1", "dispatch", "2026-05-26 18:10:00", {"unit": "甲村", "handling_class": "当日办"}),
    ("1", "contact", "2026-05-28 10:30:00", {}),
    ("1", "accept", "2026-05-28 10:31:00", {"unit": "甲村"}),
    ("1", "resolve", "2026-05-30 08:30:01", {"unit": "甲村", "outcome": "explained"}),
    ("1", "revisit", "2026-05-30 09:00:00",
     {"result": "effective", "outcome": "explained", "satisfaction": "basically_satisfied"}),
    ("1", "close", "2026-05-30 10:00:00", {}),
    ("2", "receive", "2026-05-26 09:00:00", {}),
    ("2", "register", "2026-05-26 09:05:00", {}),
    ("2", "dispatch", "2026-05-26 09:10:00", {"unit": "甲村", "handling_class": "long_term"}),
    ("2", "contact", "2026-05-26 11:00:01", {}),
    ("2", "accept", "2026-05-26 11:10:00", {"unit": "甲村"}),
    ("2", "resolve", "2026-05-29 23:59:59", {"unit": "甲村", "outcome": "resolved"}),
    ("2", "revisit", "2026-05-30 09:00:00",
     {"result": "effective", "outcome": "resolved", "satisfaction": "satisfied"}),
    ("2", "close", "2026-05-30 10:00:00", {}),
    ("3", "receive", "2026-05-26 09:00:00", {}),
    ("3", "register", "2026-05-26 09:05:00", {}),
    ("3", "dispatch", "2026-05-26 09:10:00", {"unit": "乙村"}),
]  # fmt: skip
COLUMNS = ("order_id", "rule", "due_at", "verdict")
ROWS = [
    ("1", "LX-T01", "2026-05-28T10:30:00+08:00", "met"),
    ("1", "LX-T02", "2026-05-30T08:30:00+08:00", "late"),
    ("1", "LX-T05", "2026-05-28T17:00:00+08:00", "met"),
    ("2", "LX-T01", "2026-05-26T11:00:00+08:00", "late"),
    ("2", "LX-T04", "2026-05-29T23:59:59+08:00", "met"),
    ("2", "LX-T05", "2026-05-28T17:00:00+08:00", "met"),
    ("3", "LX-T01", "2026-05-26T11:00:00+08:00", "overdue"),
    ("3", "LX-T03", "2026-05-31T23:59:59+08:00", "overdue"),
    ("3", "LX-T05", "2026-05-28T17:00:00+08:00", "overdue"),
]
NOW = beijing("2026-06-01 12:00:00")


@pytest.fixture(scope="module")
def replayed(folder, tmp_path_factory):
    base = tmp_path_factory.mktemp("replayed")
    log = write_log(base / "log.csv", LIFE)
    replay(Request(logs=(log,), document=document(str(folder)), out=base / "out", as_of=NOW))
    return base / "out"


def test_the_replay_comes_out_as_by_hand(replayed):
    assert sorted(tuple(row[name] for name in COLUMNS) for row in table(replayed, "deadlines")) == ROWS
    assert table(replayed, "rejected") == []


def test_live_comes_out_as_the_replay(folder, tmp_path):
    clock = SimulatedClock(beijing("2026-05-26 09:00:00"))
    with Engine.open(f"sqlite:///{tmp_path / 'o.db'}", str(folder), clock=clock) as engine:
        for order_id, event, at, said in sorted(LIFE, key=lambda row: row[2]):
            clock.advance_to(beijing(at))
            assert engine.submit(order_id, event, **said).accepted
        clock.advance_to(NOW)
        engine.sweep()
        live = sorted(
            (row.order_id, row.rule, written(row.due_at), str(row.verdict)) for row in engine.deadlines()
        )
    assert live == ROWS


def test_explain_says_the_same_due_times(replayed):
    done = paidan("explain", "1", "LX-T02", "--run", replayed)
    assert "本单位上班：计入，第2个" in done.stdout
    assert "2026-05-30 08:30:00" in done.stdout
    assert "2个工作日后的同一时刻" in done.stdout


def test_a_class_of_its_own_is_known_here_and_nowhere_else(tmp_path):
    log = write_log(tmp_path / "log.csv", LIFE)
    replay(Request(logs=(log,), document=document("JY"), out=tmp_path / "jy", as_of=NOW))
    rejected = table(tmp_path / "jy", "rejected")
    assert [row["value"] for row in rejected] == ["当日办", "long_term"]
    with Engine.open(f"sqlite:///{tmp_path / 'o.db'}", clock=SimulatedClock(NOW)) as engine:
        engine.submit("1", "receive")
        engine.submit("1", "register")
        with pytest.raises(UsageError, match="long_term"):
            engine.submit("1", "dispatch", unit="甲村", handling_class="long_term")


@pytest.mark.parametrize(
    ("setting", "resolution"), [((), "30.00"), (("--set", "lx.weights=solved_only"), "20.00")]
)
def test_its_own_weights_score_the_month(replayed, setting, resolution):
    done = paidan("score", replayed, "--month", "2026-05", "--format", "json", *setting)
    assert done.returncode == 0, done.stderr
    unit = next(one for one in json.loads(done.stdout)["units"] if one["unit"] == "甲村")
    assert unit["items"]["resolution"]["points"] == resolution  # (1 + 1/2) of 2, or 1 of 2, times 40
    assert unit["items"]["satisfaction"]["points"] == "57.00"  # (1 + 9/10) of 2, times 60


BROKEN = {
    "an unknown class": ('handling_class = "same_day"', 'handling_class = "sameday"', "same_day"),
    "a choice that is none": (
        'when = { handling_class = "same_day" }', 'when = { category = "dirct" }', "direct",
    ),
    "a pool that is none": (
        'when = { handling_class = "same_day" }', 'when = { pool = "vilage" }', "village",
    ),
    "a time of day as text": ("time = 17:00:00", 'time = "17:00"', "17:00"),
    "a first day that is neither": ("first_day = true", 'first_day = "yes"', "yes"),
    "half a day": ("days = 5 }", "days = 2.5 }", "2.5"),
    "days and hours": ("hours = 2 }", "hours = 2, days = 1 }", "days"),
    "a wait for what is no time": (
        'ends = ["contact"]', 'ends = [{ event = "contact", not_before = "reason" }]', "signed_at",
    ),
    "an ending without event": ('ends = ["contact"]', 'ends = [{ not_before = "signed_at" }]', "event"),
    "a flag that is none": ('needs = ["reason"]', 'never = "always"', "true"),
    "a weight that is a number": ('explained = "1/2"', "explained = 0.5", "0.5"),
    "a weight of what is not counted": ('explained = "1/2"', 'explaned = "1/2"', "explained"),
    "a branch too many": ("solved_only = {", "nothing = {}\nsolved_only = {", "nothing"),
    "an item that is not there": ('items = ["resolution", ', 'items = ["resolutions", ', "resolution"),
    "no label": ('zh = "解决"\n', "", "zh"),
}  # fmt: skip
BROKEN_DOCUMENT = {
    "a day off as text": ("off = [2026-05-27]", 'off = ["2026-05-27"]', "2026-03-01"),
    "a day both off and worked": ("work = [2026-05-30]", "work = [2026-05-27]", "2026-05-27"),
    "an unknown key of the calendar": ("work = [2026-05-30]", "works = [2026-05-30]", "work"),
    "a class without label": ('same_day = "当日办"', "same_day = 1", "handling_classes"),
    "a default for no setting": ('"office.opens" = 08:30:00', '"office.open" = 08:30:00', "office.opens"),
    "a default that is no reading": ('"wd.makeup_days" = "off"', '"wd.makeup_days" = "none"', "working"),
    "a default of another kind": (
        '"office.opens" = 08:30:00', '"office.opens" = "half past eight"', "office.opens",
    ),
    "a setting nobody reads": ('[setting."lx.weights"]', '[setting."lx.weight"]', "lx.weight"),
    "a missing rule file": ('rules = "rules.toml"', 'rules = "rulez.toml"', "rulez.toml"),
    "a date that is none": ("effective_on = 2026-01-01", 'effective_on = "soon"', "soon"),
}  # fmt: skip


def refused(folder) -> str:
    with pytest.raises(PolicyError) as caught:
        document(str(folder))
    done = paidan("policies", "check", folder)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) >= len(caught.value.mistakes)
    return str(done.stderr)


@pytest.mark.parametrize(("found", "put", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_explained(tmp_path, found, put, said):
    assert found in sixth.RULES
    told = refused(sixth.write(tmp_path / "LX", rules=sixth.RULES.replace(found, put, 1)))
    assert "rules.toml" in told
    assert said in told


@pytest.mark.parametrize(("found", "put", "said"), BROKEN_DOCUMENT.values(), ids=BROKEN_DOCUMENT)
def test_a_broken_document_is_explained(tmp_path, found, put, said):
    assert found in sixth.DOCUMENT
    told = refused(sixth.write(tmp_path / "LX", document=sixth.DOCUMENT.replace(found, put, 1)))
    assert said in told


def test_every_mistake_of_a_copy_is_said_at_once(tmp_path):
    rules = sixth.RULES
    for found, put in (
        ('starts = "receive"', 'starts = "recieve"'),
        ("time = 17:00:00", 'time = "17:00"'),
        ('needs = ["reason"]', 'needs = ["reasson"]'),
        ('explained = "1/2"', "explained = 0.5"),
    ):
        rules = rules.replace(found, put, 1)
    told = refused(sixth.write(tmp_path / "LX", rules=rules))
    for rule in ("LX-T01", "LX-T05", "LX-G01", "LX-S01"):
        assert rule in told
