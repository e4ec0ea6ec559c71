"""Scores of what is wrong or missing: a sentence, the right exit code, and what can be scored without it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.logs import write_log
from support.months import life, ranks, status, time_of, total

from paidan.engine.cli.main import app
from paidan.engine.faults import exit_code, sentences
from paidan.engine.runs import Replay, replay_files
from paidan.engine.scoring import as_json, load_run, score
from paidan.workflows.errors import PaidanError

ROOT = Path(__file__).resolve().parents[2]
MARCH = "2026-03"
OVER = time_of("2026-03-31 23:59:59")


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


GOOD = ("resolved/satisfied",)
ROSTER = "unit,pool\n甲科,department\n乙科,department\n"
ROWS = [*life("甲1", "甲科", callbacks=GOOD), *life("乙1", "乙科", callbacks=["resolved/neutral"])]
# 甲科 5+10+25+25+35, 乙科 5+10+25+25+21: each has half of the month's orders.
SCORES = {"甲科": (100, 1), "乙科": (86, 2)}


def replayed(base, rows=ROWS, *, units=ROSTER, entered="", policy="JY", as_of=OVER):
    named = {}
    for name, text in (("units", units), ("adjustments", entered)):
        if text:
            named[name] = base / f"{name}.csv"
            named[name].write_text(text, encoding="utf-8")
    what = Replay(logs=[write_log(base / "log.csv", rows)], as_of=as_of, **named)
    replay_files(what, {policy: base / "run"})
    return base / "run"


def figures(told):
    return {one["unit"]: (total(told, one["unit"]), one["rank"]) for one in told["units"]}


def scored(folder, *more):
    """What the command line says of March, told in JSON, and on standard error."""
    done = paidan("score", folder, "--month", MARCH, "--format", "json", *more)
    return done.returncode, json.loads(done.stdout), done.stderr.splitlines()


def test_a_month_without_a_fault_is_told_without_a_word(tmp_path):
    code, told, said = scored(replayed(tmp_path))
    assert (code, said, told["notes"]) == (0, [], [])
    assert figures(told) == SCORES


ENTERED = (
    "unit,at,code,points,confirmed_by\n"
    "甲科,2026-03-10,absent,,\n"
    "甲科,2026-03-10,medal,1,\n"
    "甲科,2026-03-10,praise,5,centre_head\n"
    "乙科,2026-03-10,praise,two,centre_head\n"
    "丁科,2026-03-10,absent,,\n"
    "乙科,2026-03-40,absent,,\n"
)
EFFECTIVE = {"result": "effective", "outcome": "resolved", "satisfaction": "satisfied"}
UNCLOSED = [
    *ROWS,
    *life("甲9", "甲科", accepted=None, contact=None, closed=None, resolved="2026-03-20 12:00",
          callbacks=[{"at": "2026-03-21 12:00", **EFFECTIVE}]),
]  # fmt: skip

CHANGED = (
    "unit,pool,from,to\n甲科,department,,\n乙科,department,,2026-03-15\n乙科,neighbourhood,2026-03-16,\n"
)
FAULTS = {
    "a unit that is not in the roster": (
        {"rows": [*ROWS, *life("丁1", "丁科", callbacks=GOOD)]},
        ("名册", "1 家", "丁科"), ("not in the roster", "丁科"), {**SCORES, "丁科": (None, None)},
    ),
    "a unit that changes its class within the month": (
        {"units": CHANGED},
        ("考核类别", "月末", "乙科"), ("changed class", "乙科"), {"甲科": (100, 1), "乙科": (86, 1)},
    ),
    "unknown codes, points out of range, units and times that are none": (
        {"entered": ENTERED},
        ("加减分表", "5 行"), ("adjustments", "5 row(s)"),
        {"甲科": (99, 1), "乙科": (86, 2)},
    ),
    "a callback without a closing": (
        {"rows": UNCLOSED},
        ("1 件工单已测评但尚未结案", "甲9"), ("1 order(s)", "never closed", "甲9"), SCORES,
    ),
    "a month still running as of the time asked for": (
        {"as_of": time_of("2026-03-20 18:00:00")},
        ("2026-03 尚未结束", "2026-03-20 18:00:00"), ("not over", "2026-03-20 18:00:00"), SCORES,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "zh", "en", "scores"), FAULTS.values(), ids=FAULTS)
def test_what_is_missing_is_told_and_the_rest_is_scored(given, zh, en, scores, tmp_path):
    folder = replayed(tmp_path, **given)
    code, told, said = scored(folder)
    assert (code, told["notes"]) == (3, said)
    assert figures(told) == scores
    (line,) = said
    assert all(word in line for word in zh), line
    (line,) = as_json(score(load_run(folder), MARCH), "en")["notes"]
    assert all(word in line for word in en), line


def test_all_of_it_at_once_is_told_line_by_line_in_english(tmp_path):
    rows = [*UNCLOSED, *life("丁1", "丁科", callbacks=GOOD)]
    as_of = time_of("2026-03-25 18:00:00")
    folder = replayed(tmp_path, rows, units=CHANGED, entered=ENTERED, as_of=as_of)
    done = paidan("score", folder, "--month", MARCH, "--lang", "en")
    assert done.returncode == 3
    assert "100.00" not in done.stdout
    assert "99.00" in done.stdout
    told = done.stderr.splitlines()
    assert len(told) == len(FAULTS)
    for _, _, (words, *_), _ in FAULTS.values():
        assert sum(words in line for line in told) == 1, words


def test_a_month_whose_log_just_ends_is_told_but_lacks_nothing(tmp_path):
    code, told, said = scored(replayed(tmp_path, as_of=None))
    assert (code, figures(told)) == (0, SCORES)
    (line,) = said
    assert "2026-03 尚未结束" in line
    assert "2026-03-06 12:00:00" in line


def test_a_month_over_to_the_second_is_not_running(tmp_path):
    folder = replayed(tmp_path, as_of=time_of("2026-03-31 23:59:58"))
    assert [one.code for one in score(load_run(folder), MARCH).notes] == ["running"]
    folder = replayed(tmp_path, as_of=OVER)
    assert score(load_run(folder), MARCH).notes == ()


def test_a_unit_that_only_an_earlier_month_knows_is_not_missing_from_this_one(tmp_path):
    april = {"accepted": "2026-04-02 09:00", "closed": "2026-04-07 12:00", "callbacks": GOOD}
    rows = [*ROWS, *life("丁1", "丁科", **april), *life("甲2", "甲科", **april)]
    run = load_run(replayed(tmp_path, rows, as_of=time_of("2026-04-30 23:59:59")))
    assert score(run, MARCH).notes == ()
    (note,) = as_json(score(run, "2026-04"))["notes"]
    assert "丁科" in note


def test_a_change_of_class_that_begins_with_the_month_is_none(tmp_path):
    units = CHANGED.replace("2026-03-15", "2026-02-28").replace("2026-03-16", "2026-03-01")
    told = score(load_run(replayed(tmp_path, units=units)), MARCH)
    assert told.notes == ()
    assert [one.pool for one in told.score.units if one.unit == "乙科"] == ["neighbourhood"]


def test_where_callbacks_decide_the_month_an_unclosed_order_counts_and_nothing_is_missing(tmp_path):
    units = ROSTER.replace("department", "town")
    run = load_run(replayed(tmp_path, UNCLOSED, units=units, policy="ZZ"))
    told = score(run, MARCH)
    assert told.notes == ()
    rated = [one.item("result_satisfaction") for one in told.score.units if one.unit == "甲科"]
    assert [one.denominator for one in rated if one] == [2]


def test_an_order_closed_later_is_not_told_of_as_unclosed(tmp_path):
    rows = [*ROWS, *life("甲9", "甲科", closed="2026-04-02 12:00",
                         callbacks=[{"at": "2026-03-30 12:00", **EFFECTIVE}])]  # fmt: skip
    run = load_run(replayed(tmp_path, rows, as_of=time_of("2026-04-30 23:59:59")))
    assert score(run, MARCH).notes == ()


def test_the_rows_of_a_roster_that_cannot_be_read_leave_their_units_out(tmp_path):
    units = "unit,pool\n甲科,department\n乙科,moon\n"
    code, told, said = scored(replayed(tmp_path, units=units))
    assert code == 3
    assert ranks(told) == {"甲科": 1, "乙科": None}
    assert len(said) == 1
    assert "乙科" in said[0]


def test_a_log_without_a_callback_or_a_closing_still_has_its_months(tmp_path):
    rows = [*life("甲1", "甲科", closed=None, resolved=None), *life("乙1", "乙科", callbacks=())]
    told = as_json(score(load_run(replayed(tmp_path, rows)), MARCH))
    assert (status(told, "甲科"), status(told, "乙科")) == ("not_assessed", "not_assessed")
    assert {one["total"] for one in told["units"]} == {None}


# ---- requests that make no sense -----------------------------------------------------------------


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return replayed(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def water(tmp_path_factory):
    spring = {"accepted": "2015-03-02 09:00", "closed": "2015-03-06 12:00"}
    rows = [*life("甲1", "甲所", callbacks=GOOD, **spring), *life("乙1", "乙所", **spring)]
    as_of = time_of("2015-03-31 23:59:59")
    return replayed(tmp_path_factory.mktemp("water"), rows, units="", policy="SW", as_of=as_of)


def refused(*arguments):
    """The exit code and the sentences, in Chinese and in English, of a command that is not carried out."""
    with pytest.raises(PaidanError) as caught:
        app([str(one) for one in arguments], standalone_mode=False)
    told = [list(sentences(caught.value, lang)) for lang in ("zh", "en")]
    assert [len(lines) for lines in told] == [1, 1]
    return exit_code(caught.value), told[0][0], told[1][0]


IN_MARCH = ("--month", MARCH)
OUTSIDE = ("不在日志的月份之内", "is no month of the log")
NO_PERIOD = ("不是月、季或年", "no month, quarter or year")
ONE_VIEW = ("一次只能用一个", "at a time")
REFUSED = {
    "no period": ((), "请写一个期间", "name one period"),
    "two periods": ((*IN_MARCH, "--year", "2026"), "请写一个期间", "name one period"),
    "a month before the log": (("--month", "2026-02"), *OUTSIDE),
    "a month after the log": (("--month", "2026-04"), *OUTSIDE),
    "a quarter outside": (("--quarter", "2026Q3"), *OUTSIDE),
    "a year outside": (("--year", "2031"), *OUTSIDE),
    "a month that is none": (("--month", "2026-13"), *NO_PERIOD),
    "a month written short": (("--month", "2026-3"), *NO_PERIOD),
    "a quarter that is none": (("--quarter", "2026Q5"), *NO_PERIOD),
    "a year that is none": (("--year", "last"), *NO_PERIOD),
    "readings with a choice": (
        (*IN_MARCH, "--readings", "--set", "rank.on=displayed"), "不与 --set 同用", "without --set"),
    "two views": ((*IN_MARCH, "--readings", "--listings"), *ONE_VIEW),
    "two other views": ((*IN_MARCH, "--exclusions", "--since", "2026-03-20"), *ONE_VIEW),
    "a time that is none": ((*IN_MARCH, "--since", "yesterday"), "“yesterday”", "'yesterday'"),
    "a time before the period": (
        (*IN_MARCH, "--since", "2026-02-20"), "2026-02-20 23:59:59 时 2026-03 还没有开始", "had not begun"),
    "a setting that is none": ((*IN_MARCH, "--set", "rank.off=1"), "没有这个设定“rank.off”", "'rank.off'"),
    "a value that is none": (
        (*IN_MARCH, "--set", "rank.on=tossed"), "可用：exact, displayed", "allowed: exact, displayed"),
    "a setting of the replay": (
        (*IN_MARCH, "--set", "limit.inclusive=false"), "影响的是时限", "shapes deadlines"),
    "a choice without a value": ((*IN_MARCH, "--set", "rank.on"), "名称=值", "NAME=VALUE"),
    "a site file that is none": ((*IN_MARCH, "--set", "@no.toml"), "no.toml", "no.toml"),
    "units of a folder": ((*IN_MARCH, "--units", "units.csv"), "--db", "--db"),
    "a folder and a database": ((*IN_MARCH, "--db", "sqlite:///orders.db"), "--db", "--db"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "zh", "en"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_makes_no_sense_is_refused_in_a_sentence(month, asked, zh, en):
    code, told, translated = refused("score", month, *asked)
    assert code == 2
    assert zh in told
    assert en in translated


OTHERS = {
    "nothing to compare with": (("whatif", "DIR"), 2, "--policy"),
    "a policy that is none": (("whatif", "DIR", "--policy", "QQ"), 2, "BS, JY, SW, YY, ZZ"),
    "a comparison of two periods": (
        ("whatif", "DIR", "--policy", "BS", *IN_MARCH, "--year", "2026"), 2, "--month"),
    "a comparison outside the log": (("whatif", "DIR", "--policy", "BS", "--month", "2025-01"), 2, "2025-01"),
    "a comparison of no run": (("whatif", "no-run", "--policy", "BS"), 5, "no-run"),
    "a comparison by no setting": (("whatif", "DIR", "--set", "rank.off=exact"), 2, "rank.off"),
    "scores of no run": (("score", "no-run", *IN_MARCH), 5, "no-run"),
    "scores of no database": (("score", "--db", "sqlite:///no.db", *IN_MARCH), 5, "no.db"),
    "scores of nothing": (("score", *IN_MARCH), 2, "--db"),
    "a trace without a period": (("explain", "--score", "甲科", "contact", "--run", "DIR"), 2, "--month"),
    "a trace of nothing": (("explain", "--score", "甲科", "contact", *IN_MARCH), 2, "--db"),
    "a trace of no unit": (("explain", "--score", "丁科", "contact", "--run", "DIR", *IN_MARCH), 5, "甲科"),
    "a trace of no item": (("explain", "--score", "甲科", "grace", "--run", "DIR", *IN_MARCH), 5, "contact"),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "code", "said"), OTHERS.values(), ids=OTHERS)
def test_so_are_comparisons_and_traces(month, asked, code, said):
    asked = [month if one == "DIR" else one for one in asked]
    found, told, translated = refused(*asked)
    assert found == code
    assert said in told
    assert said in translated


def test_order_records_that_were_broken_name_the_line(month, tmp_path):
    broken = tmp_path / "run"
    shutil.copytree(month, broken)
    with (broken / "orders.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"order_id": "乙2"}\n')
    for asked in (("score", broken, *IN_MARCH), ("score", broken, *IN_MARCH, "--listings")):
        code, told, translated = refused(*asked)
        assert code == 3
        assert "第 3 行" in told
        assert "line 3" in translated


# 20 entered for base management and 100 for quality; the last four are coefficients.
WEIGHTS = {
    "base": "20", "volume": "10", "contact": "10", "on_time": "20", "resolution": "30", "satisfaction": "30",
    "explained": "1", "recorded": "1/2", "basically_satisfied": "4/5", "neutral": "3/5",
}  # fmt: skip


def weights(**changed):
    """The setting as it is written, with some parts otherwise, or left out (None)."""
    table = {name: value for name, value in {**WEIGHTS, **changed}.items() if value is not None}
    return "sw.weights=" + ",".join(f"{name}={value}" for name, value in table.items())


def test_weights_that_add_up_are_taken(water):
    told = score(load_run(water), "2015-03", dict([weights().split("=", 1)])).score.unit("甲所")
    assert told is not None
    assert {one.name: one.points for one in told.items} == {
        "base": None, "volume": 5, "contact": 10, "on_time": 20, "resolution": 30, "satisfaction": 30,
    }  # fmt: skip


MISWEIGHED = {
    "too many points": ({"volume": "11"}, "121"),
    "too few points": ({"satisfaction": "29"}, "119"),
    "a part missing": ({"neutral": None}, "neutral="),
    "a part of no name": ({"attitude": "1"}, "attitude"),
    "more for base than can be entered": ({"base": "30", "volume": "0"}, "30"),
    "fewer than none": ({"volume": "-10", "contact": "30"}, "-10"),
    "a coefficient below 0": ({"explained": "-1"}, "-1"),
    "a coefficient above 1": ({"recorded": "3/2"}, "3/2"),
    "no number": ({"neutral": "half"}, "half"),
    "a number over nothing": ({"neutral": "1/0"}, "1/0"),
}


@pytest.mark.parametrize(("changed", "said"), MISWEIGHED.values(), ids=MISWEIGHED)
def test_weights_that_cannot_be_are_refused(water, changed, said):
    code, told, translated = refused("score", water, "--month", "2015-03", "--set", weights(**changed))
    assert code == 2
    assert said in told
    assert said in translated


def test_weights_of_a_site_file_that_lack_a_part_are_refused(water, tmp_path):
    site = tmp_path / "site.toml"
    site.write_text('[settings]\n"sw.weights" = { base = "20", volume = "100" }\n', encoding="utf-8")
    done = paidan("score", water, "--month", "2015-03", "--set", f"@{site}", "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "sw.weights" in done.stderr
    assert len(done.stderr.splitlines()) == 1


FACES = [
    ("score", "DIR", "--month", "2026-04"), ("score", "DIR", *IN_MARCH, "--readings", "--exclusions"),
    ("whatif", "DIR"),
]  # fmt: skip


@pytest.mark.parametrize("asked", FACES)
def test_the_sentence_is_all_that_is_printed(month, asked):
    asked = [month if one == "DIR" else one for one in asked]
    _, _, translated = refused(*asked)
    done = paidan(*asked, "--lang", "en")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{translated}\n")
