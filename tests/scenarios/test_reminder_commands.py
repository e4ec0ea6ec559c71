"""`due` of what recurs by the calendar: the period asked for, its day and working, alone and in a batch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def paidan(*arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "run_engine.py", *arguments],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def test_the_ranking_of_a_month_is_due_in_the_month_after_and_the_working_says_why():
    done = paidan("due", "BS-T05", "month=2026-03")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "BS-T05 次月5日前通报上月排名（三(二)2；BS@2026-03-01）",
        "2026-04-05 23:59:59",
        "  所属期间 2026-03（2026-03-01 至 2026-03-31）",
        "  次月5日，到期时间 2026-04-05 23:59:59（含该秒）",
        "  由谁办：委行政许可科",
    ]
    assert paidan("due", "BS-T06", "month=2026-03", "--lang", "en").stdout.splitlines()[1:] == [
        "2026-03-25 23:59:59",
        "  for 2026-03 (2026-03-01 to 2026-03-31)",
        "  day 25 of that month: due 2026-03-25 23:59:59, that second included",
        "  whose business: handling_unit",
    ]


def test_each_day_passed_over_and_each_reading_chosen_is_told():
    choices = ("--set", "fixed_date.inclusive=false", "--set", "fixed_date.holiday_shift=next_working_day")
    assert paidan("due", "BS-T05", "month=2026-03", *choices).stdout.splitlines()[1:] == [
        "2026-04-07 23:59:59",
        "  所属期间 2026-03（2026-03-01 至 2026-03-31）",
        "  2026-04-05 当日不算在内（设定 fixed_date.inclusive）",
        "  2026-04-04 周六 法定节假日（清明节）：顺延",
        "  2026-04-05 周日 法定节假日（清明节）：顺延",
        "  2026-04-06 周一 法定节假日（清明节）：顺延",
        "  2026-04-07 周二 工作日：到期日",
        "  次月5日，到期时间 2026-04-07 23:59:59（含该秒）",
        "  由谁办：委行政许可科",
    ]
    told = paidan("due", "BS-T05", "month=2026-12", *choices, "--format", "json")
    assert json.loads(told.stdout)["provisional"] is True


def test_a_month_gives_the_last_of_what_recurs_more_often_and_says_so():
    lines = paidan("due", "JY-R09", "month=2026-03").stdout.splitlines()
    assert lines[1:4] == [
        "2026-03-29 23:59:59",
        "  所属期间 2026-W13（2026-03-23 至 2026-03-29）",
        "  2026-03 内的最后一次",
    ]


@pytest.mark.parametrize(
    ("asked", "label", "due_at"),
    [
        ("month=2026-03", "月通报", "2026-04-05 23:59:59"),
        ("quarter=2026Q1", "季汇报与约谈", "2026-04-05 23:59:59"),
        ("year=2026", "年终评", "2027-01-05 23:59:59"),
    ],
)
def test_the_period_said_chooses_among_the_reminders_of_one_rule(asked, label, due_at):
    head, first, *_ = paidan("due", "YY-P01", asked).stdout.splitlines()
    assert label in head
    assert first == due_at


def test_a_batch_takes_reminders_among_clocks_line_by_line(tmp_path):
    batch = tmp_path / "q.jsonl"
    batch.write_text(
        '{"rule":"BS-T05","facts":{"month":"2026-03"}}\n'
        '{"rule":"JY-T03","facts":{"unit_received_at":"2026-05-08 16:00"}}\n'
        '{"rule":"SW-T05","facts":{"month":"2015-02"}}\n'
        '{"rule":"BS-T06","facts":{}}\n'
        '{"rule":"JY-P03","facts":{"month":"2026-03"}}\n'
        '{"rule":"JY-P03","facts":{"year":2026}}\n',
        "utf-8",
    )
    done = paidan("due", "--batch", batch)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"rule": "BS-T05", "due_at": "2026-04-05T23:59:59+08:00", "provisional": False},
        {"rule": "JY-T03", "due_at": "2026-05-09T23:59:59+08:00", "provisional": False},
        {"rule": "SW-T05", "due_at": "2015-02-28T23:59:59+08:00", "provisional": False},
        {"rule": "BS-T06", "due_at": None, "provisional": False},
        {"rule": "JY-P03", "due_at": None, "provisional": False},
        {"rule": "JY-P03", "due_at": "2026-11-30T23:59:59+08:00", "provisional": False},
    ]


def test_without_its_period_a_reminder_says_which_it_needs():
    done = paidan("due", "JY-R09")
    assert done.returncode == 0
    assert "week, month" in done.stdout


@pytest.mark.parametrize(
    ("words", "exits", "said"),
    [
        (("BS-T05", "month=2026-13"), 2, "2026-13"),
        (("BS-T05", "month=2026年3月"), 2, "2026-03"),
        (("BS-T05", "fortnight=2026-03"), 2, "month"),
        (("BS-T95", "month=2026-03"), 2, "BS-T95"),
        (("BS-T05", "month=2026-03", "--set", "publish.day=6"), 2, "publish.day"),
        (("JY-P02", "month=2026-03", "--set", "publish.day=first"), 2, "publish.day"),
        (("JY-P02", "month=2026-03", "--set", "publish.day=32"), 2, "1–31"),
    ],
)
def test_a_period_or_setting_that_is_none_gets_a_sentence(words, exits, said):
    done = paidan("due", *words)
    assert done.returncode == exits
    assert said in done.stderr


def test_the_rules_are_shown_as_carried_by_a_reminder():
    shown = json.loads(paidan("policies", "show", "BS", "--format", "json").stdout)
    rules = {one["id"]: one for one in shown["rules"]}
    for rule in ("BS-T05", "BS-T06", "BS-P04", "BS-P05", "BS-P06", "BS-P07", "BS-P08"):
        assert (rules[rule]["carrier"], rules[rule]["planned"]) == ("reminder", False)
