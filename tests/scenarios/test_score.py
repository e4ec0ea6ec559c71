"""A folder replayed from files and scored: the worked example end to end, and what is refused."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.logs import write_log

from paidan.engine.errors import InputError, NotFoundError, UsageError
from paidan.engine.runs import Replay, replay_files
from paidan.engine.scoring import as_json, load_run, score, trace, trace_in
from paidan.engine.scoring.lineage_text import lines
from paidan.policies.errors import SettingError

ROOT = Path(__file__).resolve().parents[2]


def life(order_id, unit, *, callback=None, contact=True, close="2026-03-10 12:00:00"):
    rows = [
        (order_id, "receive", "2026-03-02 09:00:00", {"order_due": "2026-03-11"}),
        (order_id, "register", "2026-03-02 09:10:00", {}),
        (order_id, "dispatch", "2026-03-02 09:20:00", {"unit": unit, "category": "dispatched"}),
        (order_id, "accept", "2026-03-02 11:00:00", {"unit": unit}),
        (order_id, "contact", "2026-03-02 11:10:00", {"evidence": "rec" if contact else ""}),
        (order_id, "resolve", "2026-03-05 11:00:00", {"unit": unit, "outcome": "resolved"}),
    ]
    outcome, satisfaction = callback.split("/") if callback else ("", "")
    result = "effective" if callback else "not_connected"
    said = {"result": result, "outcome": outcome, "satisfaction": satisfaction, "source": "district"}
    rows.append((order_id, "revisit", "2026-03-06 11:00:00", said))
    return [*rows, (order_id, "close", close, {})]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    base = tmp_path_factory.mktemp("run")
    callbacks = (
        "resolved/satisfied",
        "resolved/satisfied",
        "recorded/basically_satisfied",
        "unresolved/dissatisfied",
    )
    rows = [
        row
        for n, one in enumerate(callbacks)
        for row in life(
            f"A{n}",
            "甲科",
            callback=one,
            contact=n != 0,
            close="2026-03-12 08:00:00" if n == 0 else "2026-03-10 12:00:00",
        )
    ] + life("A4", "甲科")
    for n in range(21):
        rows += life(f"B{n:02}", "乙科", callback="resolved/satisfied")
    units = base / "roster.csv"
    units.write_text("unit,pool\n甲科,department\n乙科,department\n丙居委,neighbourhood\n", encoding="utf-8")
    adjustments = base / "entered.csv"
    adjustments.write_text(
        "unit,at,code,points,confirmed_by\n甲科,2026-03-31,praise,2,\n甲科,2026-03-20,absent,,\n丁科,2026-03-20,absent,,\n",
        encoding="utf-8",
    )
    out = base / "out"
    what = Replay(logs=[write_log(base / "log.csv", rows)], units=units, adjustments=adjustments)
    (summary,) = replay_files(what, {"JY": out})
    assert summary["rejected_rows"] == 1
    return out


def test_the_worked_example_from_files_less_one_point_for_an_absence(folder):
    printed = as_json(score(load_run(folder), "2026-03"))
    assert {
        name: printed[name] for name in ("policy", "period", "provisional", "settings", "consequences")
    } == {
        "policy": "JY@2022-07-01",
        "period": "2026-03",
        "provisional": False,
        "settings": {},
        "consequences": [],
    }
    assert [unit["unit"] for unit in printed["units"]] == ["甲科", "乙科", "丙居委"]
    unit = printed["units"][0]
    assert unit["items"]["contact"] == {
        "rule": "JY-S04",
        "points": "18.75",
        "exact": "75/4",
        "max": 25,
        "numerator": "3",
        "denominator": "4",
        "orders": ["A0", "A1", "A2", "A3"],
    }
    assert unit["items"]["resolution"]["numerator"] == "27/10"
    assert (unit["items"]["timeliness"]["points"], unit["items"]["timeliness"]["denominator"]) == (
        "9.00",
        None,
    )
    assert unit["items"]["volume"]["exact"] == "4"
    assert unit["rates"]["contact"] == {"numerator": "3", "denominator": "4", "exact": "3/4"}
    assert unit["rates"]["volume"] == {"numerator": "5", "denominator": "26", "exact": "5/26"}
    assert unit["adjustments"] == {"absent": 1, "praise": 1}
    assert (unit["bonus"], unit["deduction"], unit["total"], unit["exact"]) == ("0", "1", "72.13", "577/8")
    assert (unit["status"], unit["pool"], unit["rank"], unit["grade"]) == ("assessed", "department", 2, None)
    assert printed["units"][2]["status"] == "no_orders"
    assert json.loads(json.dumps(printed)) == printed


def test_the_settings_a_score_was_made_with_are_told(folder):
    chosen = {"jy.denominator": "all_callbacks", "jy.no_orders_ranked": "false"}
    assert as_json(score(load_run(folder), "2026-03", chosen))["settings"] == chosen


def test_a_setting_that_no_score_reads_is_refused_rather_than_said_to_have_acted(folder):
    run = load_run(folder)
    with pytest.raises(UsageError, match="setting_needs_replay"):
        score(run, "2026-03", {"limit.inclusive": "false"})
    assert score(run, "2026-03", {"limit.inclusive": "true"}).score.settings == {}
    with pytest.raises(SettingError):
        score(run, "2026-03", {"jy.nothing": "1"})


@pytest.mark.parametrize(
    ("month", "code"),
    [
        ("2026-02", "month_outside"),
        ("2026-04", "month_outside"),
        ("2026-13", "month_unreadable"),
        ("2026-3", "month_unreadable"),
        ("", "month_unreadable"),
        ("2026-03-01", "month_unreadable"),
    ],
)
def test_only_months_of_the_log_exist(folder, month, code):
    with pytest.raises(UsageError, match=code):
        score(load_run(folder), month)


def test_what_is_no_run_is_refused(tmp_path, folder):
    with pytest.raises(InputError, match="run_missing"):
        load_run(tmp_path)
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "orders.jsonl").write_text('{"order_id": "A"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="records_broken"):
        load_run(broken)
    (broken / "orders.jsonl").unlink()
    with pytest.raises(InputError, match="run_missing"):
        load_run(broken)


def test_a_contact_traces_to_the_entries_that_count(folder):
    told = trace(load_run(folder), "2026-03", "甲科", "contact")
    assert (told.rule, told.clause) == ("JY-S04", "附件1、2 先行联系率")
    lines = {line.order_id: line for line in told.orders}
    assert (lines["A0"].because, lines["A0"].weight) == ("contact_without_evidence", 0)
    assert [(cause.event, cause.seq) for cause in lines["A1"].causes] == [
        ("close", 8),
        ("revisit", 7),
        ("contact", 5),
    ]
    assert (lines["A4"].within, lines["A4"].because) == (False, "not_effective")


def test_every_figure_can_be_traced_and_its_lines_add_up(folder):
    run = load_run(folder)
    for unit in score(run, "2026-03").score.units:
        for item in unit.items:
            told = trace(run, "2026-03", unit.unit, item.name)
            assert sum(line.weight for line in told.orders) == item.numerator
            if item.denominator is not None and item.name != "volume":
                assert sum(line.within for line in told.orders) == item.denominator
    table = trace(run, "2026-03", "甲科", "volume").table
    assert [(line.unit, line.own, line.rank, line.points) for line in table] == [
        ("乙科", 21, None, 5),
        ("甲科", 5, 1, 4),
    ]
    (line,) = trace(run, "2026-03", "甲科", "bonus").adjustments
    assert (line.because, line.cites) == ("unconfirmed", "JY-G08")


def test_an_unknown_unit_or_item_is_not_found(folder):
    run = load_run(folder)
    with pytest.raises(NotFoundError, match="unit_not_scored"):
        trace(run, "2026-03", "丁科", "contact")
    with pytest.raises(NotFoundError, match="item_not_scored"):
        trace(run, "2026-03", "甲科", "on_time")


def paidan(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "run_engine.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_the_command_prints_json_csv_and_a_table(folder):
    told = paidan("score", str(folder), "--month", "2026-03", "--format", "json")
    assert json.loads(told.stdout) == as_json(score(load_run(folder), "2026-03")), told.stderr
    told = paidan("score", str(folder), "--month", "2026-03", "--format", "csv")
    rows = list(csv.reader(io.StringIO(told.stdout)))
    assert rows[0][:4] == ["名次", "单位", "考核类别", "状态"]
    assert rows[2] == [
        "2",
        "甲科",
        "职能科室、直属单位",
        "纳入考核",
        "4.00",
        "9.00",
        "18.75",
        "16.88",
        "24.50",
        "0",
        "1",
        "72.13",
    ]
    told = paidan("score", str(folder), "--month", "2026-03")
    assert "72.13" in next(line for line in told.stdout.splitlines() if "甲科" in line)


@pytest.mark.parametrize(
    "item", ["volume", "timeliness", "contact", "resolution", "satisfaction", "bonus", "deduction"]
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_trace_is_told_in_both_languages(folder, item, lang):
    told = list(lines(trace(load_run(folder), "2026-03", "甲科", item), "2026-03", lang))
    assert "JY-" in told[0]
    assert len(told) > 2


def test_a_volume_of_closings_is_traced_like_any_other(tmp_path):
    policy = tmp_path / "JY"
    shutil.copytree(ROOT / "policies/documents/JY", policy)
    rules = policy / "rules.toml"
    told = rules.read_text(encoding="utf-8").replace('counts = ["accepted"]', 'counts = ["closed"]')
    rules.write_text(told, encoding="utf-8")
    rows = [row for n in range(3) for row in life(f"A{n}", "甲科", callback="resolved/satisfied")]
    rows += life("B0", "乙科", callback="resolved/satisfied")
    run = tmp_path / "run"
    replay_files(Replay(logs=[write_log(tmp_path / "log.csv", rows)]), {str(policy): run})
    quick = trace_in(run, "2026-03", "乙科", "volume")
    assert quick == trace(load_run(run), "2026-03", "乙科", "volume")
    assert [line.own for line in quick.table] == [3, 1]
