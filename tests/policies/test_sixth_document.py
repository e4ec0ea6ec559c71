"""A sixth document, a folder alone: hours, holidays, classes, counting, weights and scores of its own."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from support import sixth
from support.lives import beijing
from support.logs import table, write_log
from support.months import (
    consequences,
    counts,
    entry,
    grade,
    item,
    life,
    of,
    ranks,
    scored,
    status,
    total,
)

from paidan.engine.app import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.due import Calculator
from paidan.engine.errors import UsageError
from paidan.engine.export.run_folder import written
from paidan.engine.faults import sentences
from paidan.engine.replay import Request, replay
from paidan.policies.calendar import DayKind
from paidan.policies.errors import PolicyError
from paidan.policies.registry import document
from paidan.policies.rulebook import Rulebook
from paidan.policies.score_schema import CASES

F = Fraction
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
    ("setting", "resolution"), [((), "22.50"), (("--set", "lx.weights=solved_only"), "15.00")]
)
def test_its_own_weights_score_the_month(replayed, setting, resolution):
    done = paidan("score", replayed, "--month", "2026-05", "--format", "json", *setting)
    assert done.returncode == 0, done.stderr
    unit = next(one for one in json.loads(done.stdout)["units"] if one["unit"] == "甲村")
    assert unit["items"]["resolution"]["points"] == resolution  # (1 + 1/2) of 2, or 1 of 2, times 30
    assert unit["items"]["satisfaction"]["points"] == "30.00"  # (1 + 9/10) of 2, above nine tenths


# ---- a month, a quarter and what follows, worked by hand -----------------------------------------

UNITS = {"village": "甲 乙 丙", "station": "丁 戊"}
ITEMS = ("resolution", "satisfaction", "conduct", "order", "training")
LATE = "2026-05-18 10:00"
"""Dispatched on Monday 11 May: the five civil days of LX-T03 end with Saturday the 16th."""


def finished(order_id, unit, *callbacks, month="2026-05", **said):
    times = {"accepted": f"{month}-11 09:00", "closed": f"{month}-14 12:00"}
    return life(order_id, unit, **{**times, "callbacks": callbacks, **said})


def late(order_id, unit, *callbacks):
    return finished(order_id, unit, *callbacks, resolved=LATE, closed="2026-05-18 12:00")


UNHAPPY = {"result": "effective", "outcome": "unresolved", "satisfaction": "dissatisfied"}
AGAIN = [{"at": f"2026-05-{day} 10:00", **UNHAPPY} for day in ("13", "20")]
REPLY = [("supervise", "2026-05-12 09:00", {}), ("supervision_reply", "2026-05-13 09:00", {"met": False})]

MAY = [
    *finished("A1", "甲", "resolved/satisfied"),
    *finished("A2", "甲", "unresolved/satisfied"),
    *finished("A3", "甲", *AGAIN),
    *finished("B1", "乙", "resolved/basically_satisfied", also=REPLY),
    *late("B2", "乙", "resolved/basically_satisfied"),
    *[row for n in range(6) for row in late(f"C{n}", "丙", "recorded/neutral")],
    *finished("D1", "丁", "resolved/satisfied"),
    *finished("D2", "丁", "resolved/satisfied", {**UNHAPPY, "at": "2026-05-20", "source": "district"}),
    *finished("E1", "戊", "resolved/satisfied"),
]
APRIL = [
    row for n in (7, 8) for row in finished(f"C{n}", "丙", "resolved/satisfied", month="2026-04")
]  # fmt: skip
ENTERED = [
    entry("甲", "praise", "1", "2026-05-20", order_id="A1", confirmed_by="centre_head"),
    entry("乙", "rude", at="2026-05-20"),
    entry("乙", "rude", at="2026-05-21"),
    entry("乙", "false_report", at="2026-05-20"),
    entry("乙", "training", "10", "2026-05-20"),
    entry("丙", "training", "6", "2026-05-20"),
    entry("丙", "training", "0", "2026-05-21"),
    entry("丙", "praise", "3", "2026-05-20", confirmed_by="dispatcher"),
]
BY_HAND = {
    # 1 of 3 is 0.33 of 30; 2 of 3 is 66.7 %, 23 whole points below 90: 11.5 off; nothing entered: 6.
    "甲": ((F("9.9"), F("18.5"), 10, 20, 6), F("65.9"), "pass"),  # praised: 1, and 1/2 for A1
    # 90 % is the target; rude or not met: once 4 off, however often; one late and one reported false: 6.
    "乙": ((30, 30, 6, 14, 10), 90, "excellent"),
    # 6/4 of 6 is 0.25 of 30; nobody satisfied: 45 off; six late: 18 off, and 5 stay; the last entry is 0.
    "丙": ((F("7.5"), 0, 10, 5, 0), F("22.5"), "fail"),
    "丁": ((30, 30, 10, 20, 6), 96, "excellent"),  # the district's callback evaluates nothing
}


@pytest.fixture(scope="module")
def by_hand(folder):
    found = {}

    def score(period):
        if period not in found:
            rows = [*APRIL, *MAY]
            found[period] = scored(str(folder), rows, period=period, units=UNITS, adjustments=ENTERED)
        return found[period]

    return score


@pytest.mark.parametrize("unit", BY_HAND)
def test_a_month_scored_by_hand(by_hand, unit):
    may = by_hand("2026-05")
    points, whole, named = BY_HAND[unit]
    assert tuple(item(may, unit, name) for name in ITEMS) == points
    assert (total(may, unit), grade(may, unit)) == (whole, named)


def test_what_each_kind_of_item_counts(by_hand):
    may = by_hand("2026-05")
    assert counts(may, "甲", "satisfaction") == ("2", "3")
    assert of(may, "甲")["items"]["satisfaction"]["reference"] == "9/10"
    assert [counts(may, "乙", name) for name in ("conduct", "order")] == [("3", None), ("2", None)]
    assert of(may, "乙")["items"]["order"]["orders"] == ["B2"]
    assert [of(may, unit)["bonus"] for unit in "甲丙"] == ["1.5", "0"]


def test_one_closing_is_too_few_and_both_classes_have_a_first(by_hand):
    may = by_hand("2026-05")
    assert (status(may, "戊"), total(may, "戊"), grade(may, "戊")) == ("not_assessed", None, None)
    assert ranks(may) == {"甲": 2, "乙": 1, "丙": 3, "丁": 1, "戊": None}


def test_its_own_consequences_follow(by_hand):
    """Of three villages the lower half are two. 丙, alone in April, was last; 丁 is so for the first time."""
    may = by_hand("2026-05")
    assert consequences(may) == [
        ("LX-E01", "丙", "visit"),
        ("LX-E01", "甲", "visit"),
        ("LX-E02", "乙", "study"),
        ("LX-E03", "丙", "summons"),
        ("LX-E05", "甲", "summons"),
    ]
    assert {one["label"] for one in may["consequences"]} == {"上门督导", "跟班学习", "镇长约谈"}
    assert all(one["because"] for one in may["consequences"])
    assert {one["kind"]: (one.get("held_by"), one.get("attends")) for one in may["consequences"]} == {
        "visit": (None, None),
        "study": (None, None),
        "summons": (["administrative_head", "hotline_branch_leader|business_branch_leader"],
                    ["first_responsible"]),
    }  # fmt: skip
    assert consequences(by_hand("2026-04")) == [("LX-E01", "丙", "visit")]


def test_its_quarter_runs_from_march_to_may_and_is_scored_from_all_its_orders(by_hand):
    """丙: 3.5 of 8 is 0.44 of 30; 2 of 8 is 65 points below 90: nothing left; six late; no training."""
    quarter = by_hand("2026Q2")
    assert tuple(item(quarter, "丙", name) for name in ITEMS) == (F("13.2"), 0, 10, 5, 0)
    assert (total(quarter, "丙"), grade(quarter, "丙")) == (F("28.2"), "fail")
    assert consequences(quarter) == [("LX-E04", "乙", "flag")]
    assert [one.get("of") for one in quarter["consequences"]] == [["collective"]]


def test_its_targets_stand_beside_the_rates(by_hand):
    told = {one["unit"]: one["targets"] for one in by_hand("2026-05")["units"]}
    assert [(one["rule"], one["exact"], one["met"]) for one in told["甲"]] == [("LX-P04", "1", True)]


def test_a_month_before_it_came_into_force_says_so(folder):
    rows = life("A1", "甲", accepted="2026-01-12 09:00", closed="2026-01-14 12:00")
    january = scored(str(folder), rows, period="2026-01", units=UNITS)
    assert january["outside"] == ["LX-P03"]
    assert any("第十二条" in note for note in january["notes"])


ASKED_LATE = """
[[clock]]
rule = "LX-T06"
clause = "第六条"
zh = "退单"
en = "Return"
kind = "window"
starts = "dispatch"
ends = ["request_return"]
limit = { days = 1 }
on_request = true
"""


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_any_measure_brings_a_consequence_with_a_sentence(tmp_path, case):
    on = 'on = "unmet_replies"'
    assert on in sixth.RULES
    folder = sixth.write(tmp_path / "LX", rules=sixth.RULES.replace(on, f'on = "{case}"') + ASKED_LATE)
    back = [("request_return", "2026-05-13 09:00", {"reason": "否", **said}) for said in
            ({}, {"return_kind": "noncompliant"})]  # fmt: skip
    refused_first = [back[0], ("refuse_return", "2026-05-13 09:30", {}), back[1]]
    rows = finished("A1", "甲", accepted="2026-05-13 10:00", contact=None, received="2026-05-11 09:00",
                    also=[*refused_first, *REPLY])  # fmt: skip
    found = scored(str(folder), rows, period="2026-05", units=UNITS)
    assert consequences(found, "LX-E02") == [("LX-E02", "甲", "study")]
    assert all(one["because"] for one in found["consequences"])


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
FLAT = 'counts = ["unmet_replies"]'
BROKEN_SCORING = {
    # what an item of a kind may and must say
    "a key of another kind": (FLAT, f'{FLAT}\nweights = {{ contacted = "1" }}', "LX-S03", "weights", "flat"),
    "a target of a ratio": (
        'of = "evaluated"\nrate_places = 2', 'of = "evaluated"\ntarget = "1"', "LX-S01", "target", "ratio",
    ),
    "nothing to count below": ('step = "1/100"\n', "", "LX-S02", "step", "缺少"),
    "no code to enter": ('code = "training"\ndefault', "default", "LX-S05", "code", "缺少"),
    "no deduction": ('off = "4"\n', "", "LX-S03", "off", "缺少"),
    "two items of a name": ('name = "order"', 'name = "conduct"', "LX-S04", "name", "conduct"),
    "a kind that is none": ('kind = "flat"', 'kind = "flatt"', "LX-S03", "kind", "flat"),
    # numbers
    "points that are a number": ('points = "20"', "points = 20", "LX-S04", "points", "20"),
    "points that are no number": ('points = "20"', 'points = "many"', "LX-S04", "points", "many"),
    "points over nothing": ('points = "20"', 'points = "1/0"', "LX-S04", "points", "1/0"),
    "a band edge that is a number": ('pass = "60"', "pass = 60", "LX-S08", "grades.pass", "60"),
    "half a place": ("rate_places = 3", "rate_places = 2.5", "LX-S02", "rate_places", "2.5"),
    "a count that is a text": ("closed = 2", 'closed = "2"', "LX-P01", "fewer.closed", "2"),
    "a month that is a text": ("begins_in = 12", 'begins_in = "12"', "LX-P02", "begins_in", "12"),
    "a place that is a text": ('bottom = "50%"', 'bottom = "half"', "LX-E01", "bottom", "half"),
    "a thirteenth month": ("begins_in = 12", "begins_in = 13", "LX-P02", "begins_in", "13"),
    "a quarter of two months": ("months = 3", "months = 2", "LX-P02", "months", "2"),
    "a weight over one": ('explained = "1/2"', 'explained = "3/2"', "LX-S01", "weights.explained", "3/2"),
    "a weight below nothing": (
        'explained = "1/2"', 'explained = "-1/2"', "LX-S01", "weights.explained", "-1/2",
    ),
    "points below nothing": ('points = "20"', 'points = "-20"', "LX-S04", "points", "-20"),
    "points that nobody can enter": ('most = "10"', 'most = "9"', "LX-S05", "points", "10"),
    "points that do not come to the full score": (
        'full = "100"', 'full = "101"', "LX-S06", "village", "100",
    ),
    # names
    "an unknown measure": (FLAT, 'counts = ["unmet_reply"]', "LX-S03", "counts", "unmet_replies"),
    "an unknown population": (
        "fewer = { closed = 2 }", "fewer = { close = 2 }", "LX-P01", "fewer", "closed",
    ),
    "a code without adjustment": ('codes = ["rude"]', 'codes = ["rood"]', "LX-S03", "codes", "rude"),
    "an item's code without adjustment": (
        'code = "training"\ndefault', 'code = "trainings"\ndefault', "LX-S05", "code", "training",
    ),
    "a confirmation of nothing": (
        'codes = ["praise"]', 'codes = ["prize"]', "LX-B01", "codes", "praise",
    ),
    "a clock that is none": ('clocks = ["LX-T05"]', 'clocks = ["LX-T50"]', "LX-T05", "clocks", "LX-T05"),
    "a callback of nobody": ('sources = ["centre"]', 'sources = ["center"]', "LX-C01", "sources", "centre"),
    "an unknown status": (
        'status = "not_assessed"', 'status = "unassessed"', "LX-P01", "status", "no_orders",
    ),
    "a class of no pool": (
        'groups = [["village"], ["station"]]', 'groups = [["village"], ["stations"]]', "LX-S07", "pools",
        "station",
    ),
    "a class that is no list": (
        'groups = [["village"], ["station"]]', 'groups = ["village", "station"]', "LX-S07", "groups",
        "village",
    ),
    "an unknown grade": ('pass = "60"', 'passed = "60"', "LX-S08", "grades", "pass"),
    "an unknown span": ('name = "quarter"', 'name = "quarters"', "LX-P02", "name", "year"),
    "an unknown method": ('method = "recomputed"', 'method = "mean"', "LX-P02", "method", "mean_of_totals"),
    "an unknown side": ('side = "bonus"\nleast', 'side = "bonuses"\nleast', "LX-B01", "side", "deduction"),
    "a rate that is none": ('rates = ["contact"]', 'rates = ["contacts"]', "LX-P04", "rates", "on_time"),
    # months
    "a month that is none": (
        'first_month = "2026-02"', 'first_month = "2026-13"', "LX-P03", "first_month", "2026-03",
    ),
    "a month in words": ('first_month = "2026-02"', 'first_month = "soon"', "LX-P03", "first_month", "soon"),
    # consequences
    "an unknown kind of consequence": ('kind = "visit"', 'kind = "visits"', "LX-E01", "kind", "visit"),
    "a consequence of nothing": ('bottom = "50%"\n', "", "LX-E01", "bottom, repeats, on, entered", "bottom"),
    "a consequence of two grounds": (
        'bottom = "50%"', 'bottom = "50%"\non = "overdue"', "LX-E01", "bottom, repeats, on, entered", "on",
    ),
    "a streak of no place": (
        'on = "unmet_replies"', 'on = "unmet_replies"\nstreak = { least = 2 }', "LX-E02",
        "bottom, repeats, on, entered", "bottom",
    ),
    "a streak without a number": (
        'bottom = "50%"', 'bottom = "50%"\nstreak = { most = 2 }', "LX-E01 streak", "least", "缺少",
    ),
    "a gap that is none": (
        'bottom = "50%"', 'bottom = "50%"\nstreak = { least = 2, gap = "skipped" }', "LX-E01 streak", "gap",
        "break",
    ),
    "repeats of nothing": ('of = "dissatisfied"', 'of = "unsatisfied"', "LX-E05 repeats", "of",
                           "verified_repeats"),
    "a window that is none": ('window = "quarter"', 'window = "month"', "LX-E05 repeats", "window", "year"),
    "a case that is none": ('on = "unmet_replies"', 'on = "closed_late"', "LX-E02", "on", "overdue"),
    "a loss that is none": ('loses = ["collective"]', 'loses = ["flag"]', "LX-E04", "loses", "individual"),
    "an unknown table": ("[[grade]]", "[[grades]]", "", "grades", "grade"),
}  # fmt: skip
"""What is found, what is put there, and of the message: the rule, the key, what is allowed or wrong."""

BROKEN_DOCUMENT = {
    "a consequence without label": ('visit = "上门督导"', "visit = 1", "consequences"),
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


@pytest.mark.parametrize("broken", BROKEN_SCORING.values(), ids=BROKEN_SCORING)
def test_a_broken_row_of_scores_is_explained_by_file_rule_key_and_what_may_stand_there(tmp_path, broken):
    found, put, rule, key, said = broken
    assert found in sixth.RULES
    folder = sixth.write(tmp_path / "LX", rules=sixth.RULES.replace(found, put, 1))
    with pytest.raises(PolicyError) as caught:
        document(str(folder))
    told = list(sentences(caught.value, "zh"))
    place = " ".join(one for one in (str(folder / "rules.toml"), rule, key) if one)
    assert any(line.startswith(f"{place}: ") and said in line for line in told), told


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
