"""Talks that follow from scores: proposed once, held by whom the document names, entered, and counted."""

import csv
import shlex
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.logs import run as replayed
from support.logs import table, write_log
from support.stores import KINDS, MemoryPlace
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.engine.scoring import Run, score
from paidan.engine.talks import following, lapsed, propose, to_enter
from paidan.storage.errors import StoreMissingError
from paidan.workflows.records import BEIJING

UNITS = ("甲科", "乙科", "丙科")
BRANCH = "丙科~talk~2026-03.JY-E03"
APRIL = datetime(2026, 4, 7, 9, tzinfo=BEIJING)
COLUMNS = ("unit", "at", "code", "points", "order_id", "confirmed_by", "note")


def closed(order_id, unit, month, satisfaction):
    said = {"result": "effective", "outcome": "resolved", "satisfaction": satisfaction, "source": "district"}
    return [
        (order_id, "receive", f"2026-{month}-02 09:00:00", {"order_due": f"2026-{month}-11"}),
        (order_id, "register", f"2026-{month}-02 09:10:00", {}),
        (order_id, "dispatch", f"2026-{month}-02 09:20:00", {"unit": unit}),
        (order_id, "accept", f"2026-{month}-02 11:00:00", {"unit": unit}),
        (order_id, "contact", f"2026-{month}-02 11:10:00", {"evidence": "rec"}),
        (order_id, "resolve", f"2026-{month}-05 11:00:00", {"unit": unit, "outcome": "resolved"}),
        (order_id, "revisit", f"2026-{month}-06 11:00:00", said),
        (order_id, "close", f"2026-{month}-10 12:00:00", {}),
    ]


def two_months():
    """Two months in which 丙科 comes last."""
    marks = ("satisfied", "basically_satisfied", "dissatisfied")
    return [
        row
        for month in ("02", "03")
        for unit, mark in zip(UNITS, marks, strict=True)
        for row in closed(f"{unit}{month}", unit, month, mark)
    ]


def file_of(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


def talks(engine, month, adjustments=None):
    run = Run(
        document=engine.books.document, settings=engine.books.chosen, as_of=engine.now(),
        records=engine.records(), adjustments=adjustments,
    )  # fmt: skip
    return following(score(run, month))


def opened(place, tmp_path, now=APRIL, **said):
    engine = Engine.open(place.url, clock=SimulatedClock(now), **said)
    engine.import_logs([write_log(tmp_path / "log.csv", two_months())])
    return engine


@pytest.mark.parametrize("kind", KINDS)
def test_a_talk_that_follows_is_proposed_once_whatever_happens(kind, place_of, tmp_path):
    with opened(place_of(kind), tmp_path) as engine:
        found = talks(engine, "2026-03")
        assert [(one.case, one.level, one.held_by, one.attends) for one in found] == [
            (BRANCH, "branch", ("hotline_branch_leader",), ("unit_head",))
        ]
        assert [one.status for one in propose(engine, found, actor="城运中心")] == ["opened"]
        assert [one.status for one in propose(engine, found)] == ["proposed"]
        (entry,) = engine.history(BRANCH)
        said = entry.attributes
        assert (entry.unit, entry.actor, said["by_rule"], said["period"]) == (
            "丙科", "城运中心", "JY-E03", "2026-03",
        )  # fmt: skip
        assert said["reason"] == "连续 2 次列末 1：2026-02 第 3/3、2026-03 第 3/3"
        engine.submit(BRANCH, "drop_talk", reason="已并入督办")
        assert [one.status for one in propose(engine, found)] == ["dropped"]


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_who_propose_at_once_one_opens_the_case(kind, place_of, tmp_path):
    with opened(place_of(kind), tmp_path) as engine:
        found = talks(engine, "2026-03")
        with ThreadPoolExecutor(4) as pool:
            told = [one.status for (one,) in pool.map(lambda _: propose(engine, found), range(8))]
        assert sorted(told) == ["opened", *["proposed"] * 7]
        assert len(engine.history(BRANCH)) == 1


@pytest.fixture
def engine(tmp_path):
    place = MemoryPlace()
    with opened(place, tmp_path) as one:
        yield one
    place.clear()


def test_while_a_month_runs_only_what_does_not_hang_on_ranks_is_opened(tmp_path):
    place = MemoryPlace()
    file = file_of(tmp_path / "a.csv", [("甲科", "2026-03-20", "JY-E08", "", "", "", "媒体曝光")])
    with opened(place, tmp_path, datetime(2026, 3, 25, 9, tzinfo=BEIJING)) as engine:
        told = {one.talk.case: one.status for one in propose(engine, talks(engine, "2026-03", file))}
        assert told == {BRANCH: "unsettled", "甲科~talk~2026-03-20.JY-E08": "opened"}
        assert [one.order_id for one in engine.cases()] == ["甲科~talk~2026-03-20.JY-E08"]
    place.clear()


def test_what_was_proposed_and_no_longer_follows_is_named_until_somebody_drops_it(engine, tmp_path):
    file = file_of(tmp_path / "a.csv", [("甲科", "2026-03-20", "JY-E08", "", "", "", "误报")])
    propose(engine, talks(engine, "2026-03", file))
    anew = talks(engine, "2026-03")
    case = "甲科~talk~2026-03-20.JY-E08"
    assert lapsed(engine, anew, "2026-03") == [case]
    assert lapsed(engine, anew, "2026-02") == []
    engine.submit(case, "drop_talk", reason="误报")
    assert lapsed(engine, anew, "2026-03") == []


def test_another_than_the_named_leader_does_not_hold_it(engine):
    propose(engine, talks(engine, "2026-03"))
    refused = engine.submit(BRANCH, "hold_talk", role="主要领导", attended="单位主要负责人")
    (one,) = refused.reasons()
    assert not refused.accepted
    assert (one.rule, one.clause) == ("JY-E02", "正文 七(三)2")
    assert one.text == "热线分管领导约谈单位负责人：只能由热线分管领导办理，不是主要领导"
    held = engine.submit(BRANCH, "hold_talk", role="热线分管领导", attended="副科长", minutes="纪要1")
    assert held.accepted
    assert [one.text for one in held.reasons()] == [
        "热线分管领导约谈单位负责人：参加人员中没有单位主要负责人"
    ]


def test_a_held_talk_deducts_once_it_is_entered_and_an_unrectified_one_costs_the_year(engine, tmp_path):
    file = file_of(tmp_path / "a.csv", [("甲科", "2026-03-20", "JY-E08", "", "", "", "媒体曝光")])
    case = "甲科~talk~2026-03-20.JY-E08"
    propose(engine, talks(engine, "2026-03", file))
    engine.submit(case, "hold_talk", role="main_leader", attended="单位主要负责人")
    engine.submit(case, "deny_rectified", role="centre_head", reason="未改")
    rows = list(to_enter(engine.history(case), engine.rules(case)))
    assert [(one.code, one.points, one.month) for one in rows] == [
        ("talk_main", "3", "2026-04"), ("JY-E09", "", "2026-04"),
    ]  # fmt: skip
    entered = [(one.unit, one.at, one.code, one.points, one.order_id, one.confirmed_by, "") for one in rows]
    run = Run(
        document=engine.books.document, settings={}, as_of=engine.now(), records=engine.records(),
        adjustments=file_of(tmp_path / "b.csv", entered),
    )  # fmt: skip
    april = score(run, "2026-04").score.unit("甲科")
    assert april is not None
    assert april.deduction == 3
    lost = [one for one in score(run, "2026").consequences if one.rule.rule == "JY-E09"]
    assert [(one.unit, one.rule.loses) for one in lost] == [("甲科", ("collective", "individual"))]


def before_dispatch(engine, order="G1", **registered):
    engine.submit(order, "receive", order_due="2026-04-20")
    engine.submit(order, "register", **registered)


def test_an_order_dispatched_without_the_talk_goes_on_and_the_talk_is_noted(engine):
    before_dispatch(engine)
    done = engine.submit("G1", "dispatch", unit="甲科", category="约谈派单")
    assert done.accepted
    assert [(one.rule, one.refuses, one.text) for one in done.reasons()] == [
        ("JY-R11", False, "由街道行政主要领导约谈后派单：尚未满足（已约谈）")
    ]
    assert engine.order("G1").state == "dispatched"
    assert engine.order("G1~talk~1").state == "proposed"


def test_an_order_dispatched_after_the_talk_is_noted_for_nothing(engine):
    before_dispatch(engine, category="talk_first")
    held = engine.submit("G1~talk~1", "hold_talk", role="行政主要领导", unit="甲科", attended="甲科科长")
    done = engine.submit("G1", "dispatch", unit="甲科", category="talk_first")
    assert (held.reasons(), done.reasons()) == ((), ())
    (row,) = to_enter(engine.history("G1~talk~1"), engine.rules("G1~talk~1"))
    assert (row.unit, row.code, row.points, row.order_id) == ("甲科", "talk_main", "3", "G1")


def test_a_talk_before_a_dispatch_calls_for_no_points_where_the_setting_says_so(tmp_path):
    place = MemoryPlace()
    with opened(place, tmp_path, settings={"jy.dispatch_talk_deducts": "false"}) as engine:
        before_dispatch(engine, category="talk_first")
        engine.submit("G1~talk~1", "hold_talk", role="行政主要领导", unit="甲科", attended="甲科科长")
        assert not list(to_enter(engine.history("G1~talk~1"), engine.rules("G1~talk~1")))
    place.clear()


def test_an_exported_log_replays_its_talks(engine, tmp_path):
    propose(engine, talks(engine, "2026-03"))
    engine.submit(BRANCH, "arrange_talk", talk_at="2026-04-08 14:00")
    before_dispatch(engine, category="talk_first")
    engine.submit("G1", "dispatch", unit="甲科")
    live = {one: [entry.event for entry in engine.history(one)] for one in (BRANCH, "G1~talk~1")}
    engine.export(tmp_path / "live.csv")
    with (tmp_path / "live.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row.pop("order_id"), row.pop("event"), row.pop("at"), row) for row in csv.DictReader(file)]
    _, out = replayed(tmp_path, rows, "again.csv", as_of=APRIL)
    told: dict[str, list[str]] = {}
    for row in table(out, "case_transitions"):
        told.setdefault(row["order_id"], []).append(row["event"])
    assert told == live


findings = st.lists(
    st.tuples(
        st.sampled_from(UNITS),
        st.dates(datetime(2026, 2, 1).date(), datetime(2026, 3, 31).date()),
        st.sampled_from(["YY-E02", "YY-E03"]),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(findings)
def test_findings_bring_one_talk_for_each_unit_and_day(tmp_path_factory, found):
    place, folder = MemoryPlace(), tmp_path_factory.mktemp("talks")
    file = file_of(folder / "a.csv", [(unit, str(day), code, "", "", "", "") for unit, day, code in found])
    with opened(place, folder, policy="YY") as engine:
        for _ in range(2):
            for month in ("2026-02", "2026-03"):
                propose(engine, talks(engine, month, file))
        wanted = {f"{unit}~talk~{day}.YY-E02" for unit, day, code in found if code == "YY-E02"}
        assert {one.order_id for one in engine.cases("", "talk")} == wanted
        assert all(len(engine.history(one)) == 1 for one in wanted)
    place.clear()


def test_the_commands_say_what_follows_what_was_there_and_what_to_enter(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Engine.open("sqlite:///live.db") as engine:
        engine.import_logs([write_log(tmp_path / "log.csv", two_months())])

    def paidan(line):
        done = CliRunner().invoke(app, shlex.split(line))
        assert done.exit_code == 0, (line, done.output, done.exception)
        return done

    first = paidan("talks propose --db sqlite:///live.db --month 2026-03")
    assert all(word in first.stdout for word in (BRANCH, "热线分管领导", "单位主要负责人", "本次立案"))
    again = paidan("talks propose --db sqlite:///live.db --month 2026-03 --format json")
    assert '"status": "proposed"' in again.stdout
    assert "1 件已经立案" in again.stderr
    paidan("replay log.csv --policy JY --out run")
    assert "应约谈" in paidan("talks propose --run run --month 2026-03").stdout
    assert "没有引起约谈" in paidan("talks propose --run run --month 2026-02").stderr
    held = paidan(
        f"submit {BRANCH} hold_talk role=热线分管领导 attended=单位主要负责人 --db sqlite:///live.db"
    )
    assert "talk_branch,1" in held.stderr
    listed = paidan("talks adjustments --db sqlite:///live.db --format csv").stdout.splitlines()
    assert listed[0] == "unit,at,code,points,order_id,good,confirmed_by,note"
    assert listed[1].startswith("丙科,")
    assert listed[1].endswith(f",talk_branch,1,,,hotline_branch_leader,{BRANCH}")
    (tmp_path / "entered.csv").write_text("\n".join(listed), encoding="utf-8")
    left = paidan("talks adjustments --db sqlite:///live.db --adjustments entered.csv --format json")
    assert left.stdout.strip() == "[]"
    why = paidan(f"explain {BRANCH} --db sqlite:///live.db").stdout
    assert "提出的依据：JY-E03 2026-03 连续 2 次列末 1" in why
    assert "热线分管领导约谈（JY-E02 正文 七(三)2）：由热线分管领导，参加的是单位主要负责人" in why
    assert "talk_branch,1" in why
    assert "talk_branch" in paidan("talks adjustments --db sqlite:///live.db").stdout
    assert '"level": "branch"' in paidan("cases --kind talk --db sqlite:///live.db --format json").stdout
    for line, wrong in (
        ("talks propose --month 2026-03", UsageError),
        ("talks propose --db sqlite:///none.db --month 2026-03", StoreMissingError),
        ("talks adjustments --db sqlite:///none.db", StoreMissingError),
    ):
        assert isinstance(CliRunner().invoke(app, shlex.split(line)).exception, wrong), line
