"""A period set beside others: what if, other readings, without exclusions, as known then; and its trail."""

import csv
import io
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from support.logs import table, write_log
from support.months import entry, life, lives, time_of, total
from support.random_folders import listed, world_folder, worlds

from paidan.engine.app import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.runs import Replay, replay_files
from paidan.engine.scoring import as_json, load_run, score, trace, trace_in
from paidan.engine.scoring.compared import folder_as_known, readings, what_if, without_exclusions
from paidan.engine.scoring.compared_told import beside_json, listed_json, reading_json, what_if_json
from paidan.engine.scoring.lineage_text import lines
from paidan.policies.loader import LIVE_SETTINGS
from paidan.policies.reader import shown
from paidan.policies.registry import document, names
from paidan.policies.score_schema import Item
from paidan.policies.scoring.lineage import lineage
from paidan.policies.scoring.listings import contradictions, worklist
from paidan.policies.scoring.records import month_of

ROOT = Path(__file__).resolve().parents[2]
MARCH = "2026-03"


def paidan(*arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "run_engine.py", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def replayed(base, policy, rows, *, units=None, adjustments=(), out="run", **options):
    """The folder of a replay of rows; `units` are texts of names by pool, `adjustments` rows by column."""
    base.mkdir(exist_ok=True)
    roster = entered = None
    if units:
        named = [(unit, pool) for pool, names_of in units.items() for unit in names_of.split()]
        roster = listed(base / "units.csv", ("unit", "pool"), named)
    if adjustments:
        header = list(dict.fromkeys(name for one in adjustments for name in one))
        entered = listed(
            base / "entered.csv", header, [[str(one.get(name, "")) for name in header] for one in adjustments]
        )
    log = write_log(base / "log.csv", rows)
    what = Replay(logs=[log], units=roster, adjustments=entered, **options)
    replay_files(what, {policy: base / out})
    return base / out


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_unit(beside):
    return {change["unit"]: change for change in beside["units"]}


def moves(beside):
    """Rank before and after of the units whose rank is another."""
    return {
        unit: (change["before"]["rank"], change["after"]["rank"])
        for unit, change in by_unit(beside).items()
        if change["before"]["rank"] != change["after"]["rank"]
    }


def drawn(consequences):
    return sorted((one["rule"], one["unit"], one["kind"]) for one in consequences)


def march(folder, name=MARCH):
    return as_json(score(load_run(folder), name))


# ---- what if -------------------------------------------------------------------------------------

GOOD = ("resolved/satisfied",)
STREET = {"department": "甲科 乙科 丙科"}


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """
    A month in which 甲科 has 100, 乙科 99, and 丙科, without orders, 100.

    Each of 甲科's two orders was closed in its last second. 乙科 was absent from a meeting.
    """
    rows = [
        *lives(2, "甲", unit="甲科", callbacks=GOOD, due="2026-03-06 12:00:00"),
        *life("乙1", "乙科", callbacks=GOOD, due="2026-03-20 18:00:00"),
    ]
    return replayed(
        tmp_path_factory.mktemp("street"), "JY", rows, units=STREET, adjustments=[entry("乙科", "absent")],
        as_of=time_of("2026-03-31 23:59:59"),
    )  # fmt: skip


def test_the_month_before_anything_is_asked(street):
    told = march(street)
    assert [(one["unit"], one["total"], one["rank"]) for one in told["units"]] == [
        ("甲科", "100.00", 1), ("乙科", "99.00", 3), ("丙科", "100.00", 1),
    ]  # fmt: skip
    assert told["consequences"] == []


def test_of_a_setting_that_only_scoring_reads_nothing_is_judged_again(street):
    told = printed(paidan("whatif", street, "--set", "jy.no_orders_ranked=false", "--format", "json"))
    assert told["rejudged"] is None
    assert told["changed"] == []
    assert told["before"] == {"policy": "JY", "settings": {}}
    assert told["after"] == {"policy": "JY", "settings": {"jy.no_orders_ranked": "false"}}
    assert all(one["before"] == one["after"] for one in told["verdicts"].values())
    (beside,) = told["periods"]
    assert beside["period"] == MARCH
    assert moves(beside) == {"乙科": (3, 2), "丙科": (1, None)}
    assert by_unit(beside)["丙科"]["gained"] == "0"
    assert all(change["items"] == {} for change in beside["units"])


def test_a_setting_that_shapes_deadlines_judges_the_log_again_order_by_order(street):
    told = what_if_json(what_if(street, None, {"limit.inclusive": "false"}))
    moved = [one for one in told["changed"] if one["verdict_before"] != one["verdict_after"]]
    assert [
        (one["order_id"], one["rule"], one["unit"], one["verdict_before"], one["verdict_after"])
        for one in moved
    ] == [("甲1", "JY-T09", "甲科", "met", "late"), ("甲2", "JY-T09", "甲科", "met", "late")]
    assert told["verdicts"]["JY-T09"] == {"before": {"met": 3}, "after": {"late": 2, "met": 1}}
    assert told["rejudged"]["policy"] == "JY"
    (beside,) = told["periods"]
    assert moves(beside) == {"甲科": (1, 3), "乙科": (3, 2)}
    change = by_unit(beside)["甲科"]
    assert (change["before"]["exact"], change["after"]["exact"], change["gained"]) == ("100", "98", "-2")
    assert change["items"] == {"timeliness": {"before": "10", "after": "8", "orders": ["甲1", "甲2"]}}
    assert set(beside["orders"]) >= {"甲1", "甲2"}


def test_a_clock_that_starts_elsewhere_is_set_beside_the_one_it_replaces(tmp_path):
    rows = [
        *life("甲1", "甲科", received="2026-03-02 08:00", contact="2026-03-03 08:10"),
        *life("甲2", "甲科", received="2026-03-02 08:00", contact="2026-03-02 10:00"),
    ]
    told = what_if(replayed(tmp_path, "JY", rows), None, {"jy.contact_start": "dispatched_at"})
    assert [one for one in told.changed if one.rule == "JY-T04"] == [
        ("甲1", "JY-T04", "", "2026-03-03T08:00:00+08:00", "late", "2026-03-03T08:20:00+08:00", "met"),
        ("甲2", "JY-T04", "", "2026-03-03T08:00:00+08:00", "met", "2026-03-03T08:20:00+08:00", "met"),
    ]
    assert {one.rule for one in told.changed} == {"JY-T04"}
    assert told.verdicts["JY-T04"] == ({"met": 1, "late": 1}, {"met": 2})


def test_a_clock_that_only_one_side_has_is_set_beside_none(tmp_path):
    # Accepted after two the first time, when BS sets no limit; returned, sent out again and accepted at ten.
    again = [
        ("request_return", "2026-03-03 08:00", {"reason": "x"}),
        ("approve_return", "2026-03-03 08:30", {"role": "licensing_section"}),
        ("dispatch", "2026-03-03 09:00", {"unit": "甲"}),
        ("accept", "2026-03-03 10:00", {}),
        ("contact", "2026-03-03 11:00", {"evidence": "rec"}),
    ]
    rows = life("甲1", "甲", accepted="2026-03-02 15:00", contact=None, closed=None, also=again)
    told = what_if(replayed(tmp_path, "BS", rows), None, {"bs.contact_after_cutoff": "24h"})
    (one,) = [one for one in told.changed if one.rule == "BS-T01"]
    assert (one.due_before, one.verdict_before) == ("", "")
    assert one.due_after.startswith("2026-03-03T15:00:00")


def test_under_another_document_the_same_log_has_other_verdicts_items_and_no_roster(street):
    done = paidan("whatif", street, "--policy", "BS", "--format", "json")
    told = printed(done)
    assert "名册中的考核类别不属于另一份文件" in done.stderr
    assert (told["before"]["policy"], told["after"]["policy"]) == ("JY", "BS")
    assert told["rejudged"]["units_dropped"]
    assert told["changed"] == []
    assert told["verdicts"]["JY-T09"] == {"before": {"met": 3}, "after": {}}
    assert told["verdicts"]["BS-T01"] == {"before": {}, "after": {"met": 3}}
    (beside,) = told["periods"]
    # 甲科 10/3+20+20+25+30, 乙科 5/3+20+20+25+30 without its absence, no code of BS; 丙科 is not known.
    changes = by_unit(beside)
    assert changes["甲科"]["after"]["exact"] == "295/3"
    assert changes["乙科"]["after"]["exact"] == "290/3"
    assert changes["丙科"]["after"] is None
    assert changes["甲科"]["items"]["volume"] == {"before": "5", "after": "10/3", "orders": []}
    assert changes["甲科"]["items"]["timeliness"]["after"] is None
    assert drawn(beside["raised"]) == [
        ("BS-E01", "乙科", "point_meeting"), ("BS-E07", "乙科", "guidance"),
    ]  # fmt: skip


def test_a_document_with_the_same_pools_keeps_the_roster(street):
    told = what_if(street, document("YY"), {}, name=MARCH)
    assert (told.summary or {})["rejudged"]["units_dropped"] is False
    assert [one.pool for one in told.periods[0].after.score.units] == ["department"] * 3


def test_settings_that_the_other_document_does_not_take_are_told(tmp_path):
    run = replayed(tmp_path, "JY", life("甲1", "甲科"), settings={"jy.no_orders_ranked": "false"})
    done = paidan("whatif", run, "--policy", "BS", "--lang", "en")
    assert done.returncode == 0
    assert "the other document does not take these settings: jy.no_orders_ranked" in done.stderr


def test_what_if_keeps_a_folder_that_score_takes(street, tmp_path):
    kept = tmp_path / "kept"
    done = paidan("whatif", street, "--set", "limit.inclusive=false", "--out", kept, "--lang", "en")
    assert done.returncode == 0
    assert str(kept) in done.stderr
    assert "late" in done.stdout
    anew = tmp_path / "anew"
    replay_files(
        Replay(
            logs=[street.parent / "log.csv"], units=street.parent / "units.csv",
            adjustments=street.parent / "entered.csv", settings={"limit.inclusive": "false"},
            as_of=time_of("2026-03-31 23:59:59"),
        ),
        {"JY": anew},
    )  # fmt: skip
    assert march(kept) == march(anew)
    assert total(march(kept), "甲科") == 98
    assert (kept / "deadlines.csv").read_bytes() == (anew / "deadlines.csv").read_bytes()


def test_what_if_never_writes_over_the_run_it_compares_with(street):
    before = (street / "summary.json").read_bytes()
    done = paidan("whatif", street, "--set", "limit.inclusive=false", "--out", street)
    assert done.returncode == 2
    assert "--out" in done.stderr
    assert (street / "summary.json").read_bytes() == before


def test_of_a_run_that_enforced_its_rules_what_it_refused_is_missing_and_told(tmp_path):
    late = ("request_return", "2026-03-05 10:00", {"reason": "x", "owner": "y", "basis": "z"})
    run = replayed(tmp_path, "JY", life("甲1", "甲科", callbacks=GOOD, also=[late]), enforce=True)
    done = paidan("whatif", run, "--set", "limit.inclusive=false")
    assert done.returncode == 0
    assert "被拒绝的 1 个事件不在文件夹中" in done.stderr


def test_the_tables_of_what_if_in_both_languages(street):
    told = paidan("whatif", street, "--set", "limit.inclusive=false", "--month", MARCH)
    assert told.returncode == 0
    assert "时限判定的变动" in told.stdout
    assert "met → late 2" in told.stdout
    (row,) = [line.split() for line in told.stdout.splitlines() if line.split()[:1] == ["甲科"]]
    assert row[:6] == ["甲科", "100.00", "98.00", "-2.00", "1", "3"]
    assert row[6:] == ["及时处置", "10.00", "→", "8.00（2", "件工单）"]
    told = paidan("whatif", street, "--set", "jy.no_orders_ranked=false", "--lang", "en", "--format", "csv")
    rows = list(csv.reader(io.StringIO(told.stdout)))
    assert ["乙科", "99.00", "99.00", "0.00", "3", "2", ""] in rows


# ---- readings ------------------------------------------------------------------------------------


def bad(order_id, unit, **more):
    return life(order_id, unit, callbacks=["unresolved/dissatisfied"], **more)


FOUR = {"neighbourhood": "一居 二居 三居 四居"}


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    """
    March: 一居 100 (and a callback that is no evaluation), 二居 93, 三居 65, 四居 40.

    Over all callbacks 一居 has 5+10+25+25×2/3+35×2/3 = 80 and falls behind 二居, whose neighbour it is.
    """
    rows = [
        *lives(2, "一", unit="一居", callbacks=GOOD),
        *life("一3", "一居", callbacks=[{"result": "connected"}]),
        *life("二1", "二居", callbacks=GOOD),
        *life("二2", "二居", callbacks=["resolved/neutral"]),
        *life("三1", "三居", callbacks=["resolved/dissatisfied"]),
        *bad("四1", "四居"),
    ]
    return replayed(tmp_path_factory.mktemp("four"), "JY", rows, units=FOUR)


def test_the_one_reading_that_swaps_two_ranks_and_a_talk_is_found(four):
    found = list(readings(four, MARCH))
    deciding = [one for one in found if one.beside and one.beside.comparison.decides]
    assert [(one.setting, one.chosen, one.reading) for one in deciding] == [
        ("jy.denominator", "effective_evaluations", "all_callbacks")
    ]
    (told,) = [reading_json(one) for one in deciding]
    assert told["why"] == document("JY").settings["jy.denominator"].why
    assert moves(told) == {"一居": (1, 2), "二居": (2, 1)}
    assert by_unit(told)["一居"]["after"]["exact"] == "80"
    assert drawn(told["raised"]) == [("JY-E01", "一居", "centre_head")]
    assert drawn(told["withdrawn"]) == [("JY-E01", "二居", "centre_head")]


def test_the_readings_on_the_command_line(four):
    done = paidan("score", four, "--month", MARCH, "--readings", "--format", "csv")
    assert done.returncode == 0
    assert list(csv.reader(io.StringIO(done.stdout)))[1:] == [
        ["jy.denominator", "effective_evaluations", "all_callbacks", "2", "一居 1 → 2、二居 2 → 1",
         "新增 一居 JY-E01、撤销 二居 JY-E01"],
    ]  # fmt: skip
    assert "种读法不改变任何成绩" in done.stderr
    assert "limit.inclusive" in done.stderr


@pytest.mark.parametrize("policy", names())
def test_each_reading_of_each_open_clause_is_taken_once(policy, tmp_path):
    run = replayed(tmp_path, policy, life("甲1", "甲", callbacks=["resolved/satisfied/satisfied"]))
    found = document(policy)
    asked = [
        (name, shown(reading))
        for name, setting in found.settings.items()
        if not setting.planned and name not in found.unread | LIVE_SETTINGS | {"cal.unknown_year"}
        for reading in setting.readings
        if reading != setting.default
    ]
    assert [(one.setting, one.reading) for one in readings(run, MARCH)] == asked


def test_a_reading_is_set_beside_what_the_run_was_made_with(tmp_path):
    rows = [*life("甲1", "甲科", callbacks=GOOD), *life("乙1", "乙科")]
    run = replayed(tmp_path, "JY", rows, settings={"jy.talk_month": "month_of_cause"})
    told = {(one.setting, one.chosen, one.reading) for one in readings(run, MARCH)}
    assert ("jy.talk_month", "month_of_cause", "month_held") in told
    assert not any(name == "jy.talk_month" and other == "month_of_cause" for name, _, other in told)


def test_a_reading_under_which_the_period_lies_outside_the_log_is_told_apart(tmp_path):
    rows = life("甲1", "甲", accepted="2025-11-03 09:00", closed="2025-11-06 12:00", callbacks=GOOD)
    run = replayed(tmp_path, "BS", rows)
    (outside,) = [one for one in readings(run, "2026Q1") if one.beside is None]
    assert (outside.setting, outside.reading) == ("bs.quarter_basis", "calendar")
    assert reading_json(outside)["decides"] is None
    done = paidan("score", run, "--quarter", "2026Q1", "--readings", "--lang", "en")
    assert done.returncode == 0
    assert "under 1 other readings the log has no month of 2026Q1" in done.stderr


# ---- exclusions ----------------------------------------------------------------------------------


def left_out(situation, role):
    """An exclusion asked for with evidence and approved."""
    return [
        ("request_exclusion", "2026-03-06 13:00", {"exclusion": situation, "evidence": "函"}),
        ("approve_exclusion", "2026-03-06 14:00", {"role": role}),
    ]


MILITARY = left_out("military", "licensing_section")


def test_each_unit_before_and_after_exclusions_and_who_gains(tmp_path):
    # 甲 10/3+20+20+25 and 15 of 30 for satisfaction without, 30 with; 乙 5/3+20+20+25+24.
    rows = [
        *life("甲1", "甲", callbacks=GOOD),
        *life("甲2", "甲", callbacks=["resolved/dissatisfied"], also=MILITARY),
        *life("乙1", "乙", callbacks=["resolved/basically_satisfied"]),
    ]
    run = replayed(tmp_path, "BS", rows)
    told = beside_json(without_exclusions(load_run(run), MARCH))
    assert moves(told) == {"甲": (2, 1), "乙": (1, 2)}
    gained = by_unit(told)
    assert (gained["甲"]["before"]["exact"], gained["甲"]["after"]["exact"]) == ("250/3", "295/3")
    assert gained["甲"]["gained"] == "15"
    assert gained["甲"]["items"] == {"satisfaction": {"before": "15", "after": "30", "orders": ["甲2"]}}
    assert (gained["乙"]["gained"], gained["乙"]["items"]) == ("0", {})
    rules = [("BS-E01", "point_meeting"), ("BS-E07", "guidance")]
    assert drawn(told["raised"]) == [(rule, "乙", kind) for rule, kind in rules]
    assert drawn(told["withdrawn"]) == [(rule, "甲", kind) for rule, kind in rules]
    shown_as = paidan("score", run, "--month", MARCH, "--exclusions").stdout
    assert "剔除前后" in shown_as
    (row,) = [line.split() for line in shown_as.splitlines() if "市民满意" in line]
    assert row[:6] == ["甲", "83.33", "98.33", "+15.00", "2", "1"]
    assert row[6:] == ["市民满意", "15.00", "→", "30.00（1", "件工单）"]


def test_an_order_left_out_of_the_district_mean_costs_another_unit(tmp_path):
    # Without: both 3 of 4, the mean 75 %. With: 甲 3 of 3, 乙 3 of 4, the mean 6/7: 107 whole tenths, 5.35.
    good = ["resolved/satisfied/satisfied"]
    unkind = ["unresolved/dissatisfied/satisfied"]
    rows = [
        *lives(3, "甲", unit="甲镇", callbacks=good),
        *life("甲9", "甲镇", callbacks=unkind, also=left_out("unreasonable", "mayor_platform")),
        *lives(3, "乙", unit="乙镇", callbacks=good),
        *life("乙9", "乙镇", callbacks=unkind),
    ]
    run = replayed(tmp_path, "ZZ", rows, units={"town": "甲镇 乙镇"})
    told = beside_json(without_exclusions(load_run(run), MARCH))
    assert moves(told) == {"乙镇": (1, 2)}
    changes = by_unit(told)
    assert changes["乙镇"]["gained"] == "-107/20"
    assert changes["乙镇"]["items"] == {
        "result_satisfaction": {"before": "20", "after": "293/20", "orders": []},
    }  # fmt: skip
    assert changes["甲镇"]["gained"] == "0"
    assert changes["甲镇"]["items"]["result_satisfaction"]["orders"] == ["甲9"]
    assert drawn(told["raised"]) == [("ZZ-E01", "乙镇", "notice")]


def test_without_an_exclusion_nothing_differs(four):
    done = paidan("score", four, "--month", MARCH, "--exclusions")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{MARCH}：没有变动\n")


# ---- what was known ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    """
    March and April of four units; on 10 April a caller says of an order closed in March that it was bad.

    March: 一居 100, 二居 93, 三居 65, 四居 40; with the late callback 一居 has 5+10+25+25×5/6+35×5/6 = 90.
    April is the same but for it: 一居 best, 二居, 三居, 四居 among the last three.
    """
    april = {"accepted": "2026-04-01 09:00", "closed": "2026-04-07 12:00"}
    said = {"result": "effective", "outcome": "unresolved", "satisfaction": "dissatisfied"}
    rows = [
        *lives(5, "一", unit="一居", callbacks=GOOD),
        *life("迟1", "一居", also=[("revisit", "2026-04-10 10:00", said)]),
        *life("二1", "二居", callbacks=GOOD),
        *life("二2", "二居", callbacks=["resolved/neutral"]),
        *life("三1", "三居", callbacks=["resolved/dissatisfied"]),
        *bad("四1", "四居"),
        *life("一9", "一居", callbacks=GOOD, **april),
        *life("二8", "二居", callbacks=GOOD, **april),
        *life("二9", "二居", callbacks=["resolved/neutral"], **april),
        *life("三9", "三居", callbacks=["resolved/dissatisfied"], **april),
        *bad("四9", "四居", **april),
    ]
    as_of = time_of("2026-04-30 23:59:59")
    return replayed(tmp_path_factory.mktemp("late"), "JY", rows, units=FOUR, as_of=as_of)


def test_a_late_callback_changes_the_month_its_order_closed_in(late):
    told = printed(paidan("score", late, "--month", MARCH, "--since", "2026-04-09", "--format", "json"))
    assert moves(told) == {"一居": (1, 2), "二居": (2, 1)}
    change = by_unit(told)["一居"]
    assert (change["before"]["exact"], change["after"]["exact"]) == ("100", "90")
    assert {name: item["orders"] for name, item in change["items"].items()} == {
        "contact": ["迟1"], "resolution": ["迟1"], "satisfaction": ["迟1"],
    }  # fmt: skip
    assert drawn(told["raised"]) == [("JY-E01", "一居", "centre_head")]
    assert drawn(told["withdrawn"]) == [("JY-E01", "二居", "centre_head")]
    assert told["orders"] == {"迟1": ["callbacks", "dissatisfied"]}


def test_it_withdraws_a_talk_of_a_later_month_too(late):
    told = beside_json(folder_as_known(late, "2026-04", time_of("2026-04-09")))
    assert told["units"] == []
    assert drawn(told["withdrawn"]) == [("JY-E02", "二居", "branch")]
    (instead,) = told["raised"]
    assert (instead["rule"], instead["unit"]) == ("JY-E01", "二居")
    assert instead["trail"] == [{"period": "2026-04", "rank": 2, "among": 4, "low": True}]
    assert list(told["orders"]) == ["迟1"]


@pytest.mark.parametrize("month", [MARCH, "2026-04"])
def test_by_the_reading_that_ignores_late_callbacks_it_changes_nothing(late, month):
    found = folder_as_known(late, month, time_of("2026-04-09"), {"attr.late_callback": "ignore"})
    told = beside_json(found)
    assert (told["units"], told["raised"], told["withdrawn"]) == ([], [], [])


def test_the_table_of_what_has_changed_since(late):
    done = paidan("score", late, "--month", MARCH, "--since", "2026-04-09 18:00", "--lang", "en")
    assert done.returncode == 0
    assert "2026-04-09 18:00:00" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["raised", "一居", "centre_head", "JY-E01"] in [row[:4] for row in rows]
    assert ["withdrawn", "二居", "centre_head", "JY-E01"] in [row[:4] for row in rows]


def test_a_callback_within_the_days_before_publication_is_not_late(late):
    known = folder_as_known(late, MARCH, time_of("2026-04-09"), {
        "attr.late_callback": "ignore", "publish.day": "10",
    })  # fmt: skip
    assert moves(beside_json(known)) == {"一居": (1, 2), "二居": (2, 1)}


def test_a_limit_that_had_not_passed_yet_was_not_overdue(tmp_path):
    spoken = ["resolved/satisfied/satisfied"]
    rows = [
        *life("甲1", "甲镇", callbacks=spoken),
        *life("甲2", "甲镇", closed=None, due="2026-03-25 18:00"),
    ]
    run = replayed(tmp_path, "ZZ", rows, as_of=time_of("2026-03-31 23:59:59"))
    told = beside_json(folder_as_known(run, MARCH, time_of("2026-03-25 18:00:00")))
    assert by_unit(told)["甲镇"]["items"] == {
        "overdue": {"before": "20", "after": "39/2", "orders": ["甲2"]},
    }  # fmt: skip
    assert told["orders"] == {"甲2": ["judged"]}
    assert not folder_as_known(run, MARCH, time_of("2026-03-25 18:00:01")).comparison.changes


def test_a_month_is_known_as_it_was_before_an_order_was_redone(tmp_path):
    rows = [
        *life("J1", "甲", callbacks=["resolved/satisfied"]),
        *life("J2", "甲", callbacks=["unresolved/dissatisfied"], also=[
            ("redo", "2026-04-02 09:00", {"ground": "dissatisfied_returned"}),
        ]),
    ]  # fmt: skip
    run = replayed(tmp_path, "JY", rows)
    told = by_unit(beside_json(folder_as_known(run, MARCH, time_of("2026-04-01"))))["甲"]
    # known on 1 April: two closed, one of two resolved and satisfied; now J2 is open again
    assert told["items"]["resolution"] == {"before": "25/2", "after": "25", "orders": ["J2"]}


def test_an_exclusion_decided_later_had_not_taken_its_order_out(tmp_path):
    rows = [
        *life("甲1", "甲", callbacks=GOOD),
        *life("甲2", "甲", callbacks=["resolved/dissatisfied"], also=MILITARY),
    ]
    run = replayed(tmp_path, "BS", rows)
    told = beside_json(folder_as_known(run, MARCH, time_of("2026-03-06 13:30")))
    assert by_unit(told)["甲"]["gained"] == "15"
    assert told["orders"] == {"甲2": ["exclusions"]}


# ---- orders to look at ---------------------------------------------------------------------------

LATER = "2026-03-09 10:00"


def dull(order_id, *also, **more):
    """An order of 乙 answered neither resolved nor satisfied, and what was done about it."""
    return bad(order_id, "乙", also=also, **more)


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    due = {"due": "2026-03-06 18:00:00"}
    rows = [
        *life("联1", "甲", callbacks=[{"result": "connected", "contacted": "false"}]),
        *life("联2", "甲", callbacks=[{"result": "connected", "contacted": "true"}]),
        *life("联3", "甲", contact="2026-03-06 11:30",
              callbacks=[{"result": "connected", "contacted": "false", "at": "2026-03-06 11:00"}]),
        *life("联4", "甲", contact=None, callbacks=[{"result": "connected", "contacted": "false"}]),
        *life("录1", "甲", evidence=""),
        *life("录2", "甲", evidence="", callbacks=[{"result": "connected", "contacted": "true"}]),
        *life("限1", "甲", closed="2026-03-06 17:50:00", **due),
        *life("限2", "甲", closed="2026-03-06 17:49:59", **due),
        *life("限3", "甲", closed="2026-03-06 18:00:00", **due),
        *life("限4", "甲", closed="2026-03-06 18:00:01", **due),
        *dull("举0"),
        *dull("举1", ("revisit", LATER, {"result": "not_connected"})),
        *dull("举2", ("request_exclusion", LATER, {"exclusion": "military", "evidence": "函"})),
        *dull("举3", ("note", LATER, {})),
        *dull("举4", ("note", "2026-03-05 10:00", {})),
        *life("举5", "乙", callbacks=["resolved/basically_satisfied"]),
        *life("举6", "乙", callbacks=["explained/satisfied"]),
        *life("举7", "乙", callbacks=GOOD),
        *life("举8", "乙", callbacks=[{"result": "not_connected"}]),
        *dull("举9", ("revisit", LATER, {"result": "effective", "outcome": "resolved",
                                         "satisfaction": "satisfied"})),
    ]  # fmt: skip
    return replayed(tmp_path_factory.mktemp("odd"), "BS", rows)


def kinds(found):
    told: dict[Any, Any] = {}
    for one in found:
        told.setdefault((one["unit"], one["kind"]), []).append(one["order"])
    return told


def test_what_contradicts_itself_and_what_closed_at_the_last_minute_is_listed(odd):
    told = printed(paidan("score", odd, "--month", MARCH, "--listings", "--format", "json"))
    assert kinds(told["contradictions"]) == {
        ("甲", "contact_denied"): ["联1"],
        ("甲", "contact_unrecorded"): ["录1"],
        ("甲", "last_minutes"): ["限1", "限3"],
    }
    entries = {one["order"]: one["entries"] for one in told["contradictions"]}
    assert [one["event"] for one in entries["联1"]] == ["contact", "revisit"]
    assert [one["event"] for one in entries["限1"]] == ["close"]
    log = {(row["order_id"], row["seq"], row["event"], row["at"]) for row in table(odd, "transitions")}
    for order, causes in entries.items():
        assert {(order, str(one["seq"]), one["event"], one["at"]) for one in causes} <= log


def test_the_worklist_names_orders_without_a_measure_and_each_measure_settles_it(odd):
    told = score(load_run(odd), MARCH)
    found = [listed_json(one) for one in worklist(told.scoring, told.score)]
    assert kinds(found) == {("乙", "measure_wanted"): ["举0", "举4", "举5", "举6"]}
    assert {one["rule"] for one in found} == {"BS-C01"}
    assert found[0]["why"] == "回访为未解决、不满意，尚未采取举措"
    assert listed_json(worklist(told.scoring, told.score)[0], "en")["why"] == (
        "answered unresolved, dissatisfied; no measure yet"
    )


def test_the_listings_on_the_command_line(odd):
    done = paidan("score", odd, "--month", MARCH, "--listings", "--lang", "en")
    assert done.returncode == 0
    assert "orders to look at" in done.stdout
    assert "orders that need a measure" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[1] for row in rows if row[:1] == ["乙"]] == ["举0", "举4", "举5", "举6"]


def test_a_document_without_a_worklist_has_none(four):
    told = score(load_run(four), MARCH)
    assert worklist(told.scoring, told.score) == ()
    assert contradictions(told.scoring, told.score) == ()


def test_where_a_reply_meets_the_limit_the_reply_decides_the_last_minutes(tmp_path):
    due = {"due": "2026-03-06 18:00:00", "closed": "2026-03-09 12:00"}
    rows = [
        *life("甲1", "甲镇", resolved="2026-03-06 17:55", **due),
        *life("甲2", "甲镇", resolved="2026-03-06 17:05", **due),
    ]
    told = score(load_run(replayed(tmp_path, "ZZ", rows)), MARCH)
    (found,) = contradictions(told.scoring, told.score)
    assert (found.order_id, found.rule, found.causes) == ("甲1", "ZZ-T03", ())


# ---- where a figure comes from -------------------------------------------------------------------


def adds_up(traced, figure):
    """Whether the lines of an item come to the numerator and denominator that its score prints."""
    weight = sum((one.weight for one in traced.orders), Fraction(0))
    inside = sum(one.within for one in traced.orders)
    counted = [one for one in traced.adjustments if one.counted]
    kind = traced.item.kind
    if kind in ("ratio", "below_reference"):
        return (weight, inside) == (figure.numerator, figure.denominator)
    if kind in ("share", "rank_bands"):
        return weight == figure.numerator
    if kind == "entered":
        return figure.numerator == (counted[-1].points if counted else traced.item.default)
    return weight + len(counted) == figure.numerator


def closed(run, unit, found):
    """The orders that a unit closed in a period: a rate tells of each why it is in it or not."""
    return {
        one.order_id
        for one in run.records
        if one.unit == unit and one.closed and month_of(one.closed.at) in found.score.months
    }


@pytest.mark.parametrize("roster", [True, False], ids=["with units", "without units"])
@pytest.mark.parametrize("policy", names())
def test_every_figure_is_told_to_the_last_entry_and_its_lines_add_up(policy, roster, tmp_path):
    reached = set()
    for number, one in enumerate(worlds(policy)):
        folder = world_folder(tmp_path / str(number), one, roster=roster)
        log = {(row["order_id"], row["seq"], row["event"], row["at"]) for row in table(folder, "transitions")}
        run = load_run(folder)
        for name in (one.month, one.month[:4]):
            found = score(run, name)
            for unit in found.score.units:
                for item in (*(item.name for item in unit.items), "bonus", "deduction"):
                    traced = lineage(found.scoring, found.score.period, unit.unit, item)
                    about = (policy, one.seed, name, unit.unit, item)
                    causes = {
                        (line.order_id, str(cause.seq), cause.event, cause.at.isoformat())
                        for line in traced.orders
                        for cause in line.causes
                    }
                    assert causes <= log, about
                    if traced.item is not None and traced.item.kind in ("ratio", "below_reference"):
                        assert {line.order_id for line in traced.orders} >= closed(run, unit.unit, found), (
                            about
                        )
                    if traced.item is not None:
                        assert traced.score == unit.item(item), about
                        assert adds_up(traced, traced.score), about
                        reached.add(traced.item.kind)
                    for lang in ("zh", "en"):
                        head, *rest = lines(traced, name, lang)
                        assert (unit.unit in head, name in head) == (True, True)
                        for line in traced.orders:
                            assert any(line.order_id in text for text in rest), about
    assert reached == {item.kind for item in document(policy).policy(document(policy).versions[0]).of(Item)}


@pytest.mark.parametrize("policy", names())
def test_of_a_large_folder_only_what_a_figure_needs_is_read(policy, tmp_path):
    one = worlds(policy)[0]
    folder = world_folder(tmp_path / "month", one, roster=True)
    run = load_run(folder)
    for unit in score(run, one.month).score.units[:2]:
        for item in (*(item.name for item in unit.items), "bonus", "deduction"):
            assert trace_in(folder, one.month, unit.unit, item) == trace(run, one.month, unit.unit, item)


EXPLAINED = [
    ("JY", "volume", "zh"), ("BS", "satisfaction", "en"), ("YY", "on_time", "zh"), ("SW", "base", "en"),
    ("ZZ", "overdue", "zh"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "item", "lang"), EXPLAINED)
def test_a_figure_explained_on_the_command_line(policy, item, lang, tmp_path):
    rows = [
        *life("甲1", "甲", callbacks=["resolved/satisfied/satisfied"], due="2026-03-05 12:00"),
        *life("乙1", "乙", callbacks=["unresolved/neutral/neutral"]),
    ]
    run = replayed(tmp_path, policy, rows)
    done = paidan("explain", "--score", "甲", item, "--run", run, "--month", MARCH, "--lang", lang)
    assert done.returncode == 0
    traced = trace(load_run(run), MARCH, "甲", item)
    assert done.stdout.splitlines() == list(lines(traced, MARCH, lang))
    assert traced.item is not None
    label = traced.item.zh if lang == "zh" else traced.item.en
    assert label in done.stdout.splitlines()[0]


def test_a_unit_or_item_that_is_not_there_is_not_found(four):
    asked = ("--run", four, "--month", MARCH)
    done = paidan("explain", "--score", "五居", "contact", *asked)
    assert (done.returncode, done.stdout) == (5, "")
    assert "一居" in done.stderr
    with pytest.raises(NotFoundError, match="timeliness"):
        trace_in(four, MARCH, "一居", "on_time")


# ---- longer periods ------------------------------------------------------------------------------


def test_a_year_that_is_not_over_has_the_mean_of_its_months_so_far(late):
    done = paidan("score", late, "--year", "2026", "--format", "json")
    assert done.returncode == 3
    assert "2026 尚未结束" in done.stderr
    told = json.loads(done.stdout)
    assert told["months"] == [MARCH, "2026-04"]
    assert {one["unit"]: (one["exact"], one["rank"]) for one in told["units"]} == {
        "一居": ("95", 1), "二居": ("93", 2), "三居": ("65", 3), "四居": ("40", 4),
    }  # fmt: skip
    assert drawn(told["consequences"]) == [
        ("JY-E11", unit, "award_cancelled") for unit in ("三居", "二居", "四居")
    ]
    assert total(told, "一居") == (total(march(late), "一居") + total(march(late, "2026-04"), "一居")) / 2
    explained = list(lines(trace_in(late, "2026", "一居", "satisfaction"), "2026"))
    assert [line.split("：")[0].strip() for line in explained[2:]] == [
        "一1", "一2", "一3", "一4", "一5", "一9", "迟1",
    ]  # fmt: skip
    beside = folder_as_known(late, "2026", time_of("2026-04-09")).comparison
    (change,) = beside.changes
    assert (change.unit, change.gained) == ("一居", -5)


def test_a_quarter_is_that_of_the_assessment_year(tmp_path):
    # November and January: 甲 2.5+20+20+25+30, 乙 2.5+20+20+25+18. December: 乙 closes nothing, 甲 has 100.
    months = {"2025-11": ("甲", "乙"), "2025-12": ("甲",), "2026-01": ("甲", "乙")}
    rows = [
        row
        for month, units in months.items()
        for unit in units
        for row in life(
            f"{unit}{month}", unit, accepted=f"{month}-03 09:00", closed=f"{month}-06 12:00",
            callbacks=GOOD if unit == "甲" else ["resolved/neutral"],
        )
    ]  # fmt: skip
    run = replayed(tmp_path, "BS", rows, units={"undertaking": "甲 乙"}, as_of=time_of("2026-01-31 23:59:59"))
    told = printed(paidan("score", run, "--quarter", "2026Q1", "--format", "json"))
    assert told["months"] == list(months)
    assert {one["unit"]: (one["exact"], one["rank"]) for one in told["units"]} == {
        "甲": ("295/3", 1), "乙": ("171/2", 2),
    }  # fmt: skip
    assert drawn(told["consequences"]) == [("BS-E05", "乙", "section_no_quarter_award")]
    told = what_if(run, None, {"bottom.never_top": "false"}, name="2026Q1")
    assert [one.after.score.period.name for one in told.periods] == ["2026Q1"]
    beside = what_if(run, None, {"bs.zero_denominator": "zero"})
    assert [one.after.score.period.name for one in beside.periods] == list(months)


# ---- live orders ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """
    Orders lived under ZZ in spring 2024, and their export replayed as recorded, with units and entries.

    甲2 is never answered: half a point for the overdue reply. 乙1 is called back again in April.
    """
    base = tmp_path_factory.mktemp("live")
    spring = {"accepted": "2024-03-04 09:00", "closed": "2024-03-08 12:00"}
    again = {"result": "effective", "outcome": "unresolved", "satisfaction": "neutral"}
    rows = [
        *life("甲1", "甲镇", callbacks=["resolved/satisfied/satisfied"], **spring),
        *life("甲2", "甲镇", accepted="2024-03-04 09:00", closed=None, due="2024-03-20 18:00"),
        *life("乙1", "乙镇", callbacks=["resolved/satisfied/neutral"],
              also=[("revisit", "2024-04-02 10:00", again)], **spring),
        *life("丙1", "丙镇", callbacks=["unresolved/dissatisfied/satisfied"], **spring),
    ]  # fmt: skip
    rows.sort(key=lambda row: time_of(row[2]))
    towns = [(one, "town") for one in ("甲镇", "乙镇", "丙镇")]
    units = listed(base / "units.csv", ("unit", "pool"), towns)
    entered = listed(base / "entered.csv", ("unit", "at", "code"), [("丙镇", "2024-03-15", "criticism")])
    url = f"sqlite:///{base / 'orders.db'}"
    clock = SimulatedClock(time_of(rows[0][2]))
    with Engine.open(url, policy="ZZ", clock=clock) as engine:
        for order_id, event, at, attributes in rows:
            clock.advance_to(time_of(at))
            engine.sweep()
            outcome = engine.submit(order_id, event, **attributes)
            assert outcome.accepted, outcome.reasons()
        engine.export(base / "log.csv")
    what = Replay(
        logs=[base / "log.csv"], units=units, adjustments=entered, as_recorded=True,
        as_of=time_of("2024-12-31"),
    )  # fmt: skip
    replay_files(what, {"ZZ": base / "run"})
    return ("--db", url, "--units", units, "--adjustments", entered), base / "run"


def test_live_orders_score_as_their_export_replayed_as_recorded(live):
    db, run = live
    asked = ("score", "--month", "2024-03", "--format", "json")
    told, file = printed(paidan(*asked, *db)), printed(paidan(*asked, run))
    assert told == file
    assert {one["unit"]: (one["items"]["overdue"]["exact"], one["deduction"]) for one in told["units"]} == {
        "甲镇": ("39/2", "0"), "乙镇": ("20", "0"), "丙镇": ("20", "0.5"),
    }  # fmt: skip


def test_live_figures_are_explained_as_those_of_their_export(live):
    db, run = live
    asked = ("explain", "--score", "丙镇", "result_satisfaction", "--month", "2024-03")
    done = paidan(*asked, *db)
    assert done.returncode == 0
    assert done.stdout.splitlines() == list(
        lines(trace_in(run, "2024-03", "丙镇", "result_satisfaction"), "2024-03")
    )


def test_what_has_changed_is_told_of_live_orders_too(live):
    db, run = live
    asked = ("score", "--month", "2024-04", "--since", "2024-04-01", "--format", "json")
    told = printed(paidan(*asked, *db))
    assert told == beside_json(folder_as_known(run, "2024-04", time_of("2024-04-01 23:59:59")))
    assert by_unit(told)["乙镇"]["before"]["status"] == "not_assessed"


def test_readings_of_live_orders_are_not_made(tmp_path):
    done = paidan("score", "--db", f"sqlite:///{tmp_path / 'no.db'}", "--month", MARCH, "--readings")
    assert done.returncode == 2
    assert "export" in done.stderr


def test_a_reading_that_asks_for_another_verdict_is_not_scored_but_what_if_judges_it(street):
    with pytest.raises(UsageError, match="setting_needs_replay"):
        score(load_run(street), MARCH, {"limit.inclusive": "false"})
    assert what_if_json(what_if(street, None, {"limit.inclusive": "false"}))["rejudged"] is not None
