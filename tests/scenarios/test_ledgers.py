"""Lists that people work by: live and from a replay the same, narrowed, printed; a mark given twice."""

import csv
import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from support.late_lives import Lived, steps
from support.lives import beijing
from support.logs import write_log
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.engine.faults import exit_code
from paidan.engine.replay import Request, replay
from paidan.engine.runs import Run
from paidan.policies.registry import document

EVENTS = (
    "flag_risk", "submit_plan", "deep_talk", "assign", "dispatch", "resolve", "send_back", "revisit", "redo",
    "file_dispute", "note", "supervise", "close",
)  # fmt: skip


def lists_of(what, policy):
    rows = document(policy).versions[0].rows["ledger"]
    return {name: what.ledger(name) for name in dict.fromkeys(row["name"] for row in rows)}


@pytest.mark.parametrize("policy", ["BS", "JY", "YY", "ZZ"])
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(told=steps(notices=False, events=EVENTS))
def test_a_live_list_is_that_of_the_replayed_export_in_either_order(policy, told):
    with TemporaryDirectory() as folder:
        lived = Lived("memory://", policy, Path(folder))
        lived.engine.submit("B", "receive", repeat_of="A")
        for step in told:
            lived.take(step)
        for one in ("C", "D"):
            lived.engine.submit(one, "receive", repeat_of="B")
        log, live = Path(folder) / "log.csv", lists_of(lived.engine, policy)
        lived.engine.export(log)
        for as_recorded in (False, True):
            out = Path(folder) / f"run{as_recorded}"
            replay(
                Request(
                    logs=(log,), document=document(policy), out=out, as_recorded=as_recorded,
                    as_of=lived.clock.now(),
                )
            )  # fmt: skip
            assert lists_of(Run(out), policy) == live


DAY = [
    (order, event, f"2026-03-02 {9 + n // 6:02}:{n % 6}0", said)
    for order, unit, extra in (("A", "甲所", "staged"), ("B", "乙所", ""), ("C", "甲所", "not_solvable_now"))
    for n, (event, said) in enumerate([
        ("receive", {"order_due": "2026-03-20"}), ("register", {}),
        ("dispatch", {"unit": unit, "handling_class": extra}), ("accept", {}),
        ("flag_risk", {"trigger": "group_interest", "mark": f"F-{order}"}),
    ])
] + [("D", "flag_risk", "2026-04-02 09:00", {"trigger": "group_interest", "mark": "F-D"})]  # fmt: skip


@pytest.fixture
def db(tmp_path):
    url = f"sqlite:///{tmp_path / 'live.db'}"
    with Engine.open(url, "BS") as engine:
        engine.import_logs([write_log(tmp_path / "log.csv", DAY)])
    return url


def test_a_list_is_narrowed_to_a_unit_a_month_and_what_is_open(db):
    clock = SimulatedClock(beijing("2026-04-03 12:00"))
    with Engine.open(db, None, clock=clock) as engine:
        engine.submit("B", "note")

        def found(**only):
            return [one.order_id for one in engine.ledger("risk", **only)]

        assert found() == ["A", "B", "C", "D"]
        assert found(unit="甲所") == ["A", "C"]
        assert found(month="2026-04") == ["D"]
        assert found(unit="乙所", month="2026-04") == []
        said: dict[str, Any] = {
            "outcome": "resolved",
            "recording": "r",
            "result_text": "x",
            "policy_basis": "y",
            "follow_up": "z",
        }
        for event in ("deep_talk", "deep_talk", "resolve", "close"):
            assert engine.submit("B", event, **(said if event == "resolve" else {})).accepted
        assert found(open_only=True) == ["A", "C", "D"]
        assert found()[-1] == "B"


def test_a_mark_given_twice_is_noted_and_written_all_the_same(db):
    with Engine.open(db, None) as engine:

        def noted(order, mark):
            done = engine.submit(
                order, "flag_risk", trigger="group_interest", mark=mark, key=f"{order}{mark}"
            )
            assert done.accepted
            return [(one.code, one.refuses, one.details["names"]) for one in done.findings]

        assert noted("A", "F-A") == []
        assert noted("D", "F-new") == [("mark_changed", False, ("F-D", "F-new"))]
        assert noted("B", "F-A") == [("mark_changed", False, ("F-B", "F-A")), ("mark_shared", False, ("A",))]
        assert noted("B", "F-A") == [("mark_changed", False, ("F-B", "F-A")), ("mark_shared", False, ("A",))]
        assert engine.submit("C", "flag_risk", trigger="group_interest").findings == ()
        shared = {
            one.order_id: [f.code for f in one.findings if f.code.startswith("mark")]
            for one in engine.ledger("risk")
        }
    assert shared == {
        "A": ["mark_shared"], "B": ["mark_shared", "mark_changed"], "C": [], "D": ["mark_changed"],
    }  # fmt: skip


def test_other_documents_note_no_mark():
    with Engine.open("memory://", "JY") as engine:
        for order in "AB":
            engine.submit(order, "receive", order_due="2027-03-20")
            assert engine.submit(order, "flag_risk", mark="F-1").findings == ()
        with pytest.raises(UsageError) as error:
            engine.ledger("risk")
    assert (error.value.code, error.value.details["allowed"]) == ("ledger.none", "joint, chronic")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nothing"], "risk, staged, redo, repeats, joint, chronic"),
        (["chronic"], "risk, staged, repeats"),
        (["risk", "--month", "2026-13"], "2026-13"),
        (["risk", "--run", "nowhere"], ""),
    ],
)
def test_what_is_no_list_or_month_or_source_is_told(db, words, says):
    done = CliRunner().invoke(app, ["ledger", *words, "--db", db])
    assert isinstance(done.exception, UsageError)
    assert exit_code(done.exception) == 2
    assert says in str(done.exception.details)


def test_a_list_is_printed_as_a_table_as_json_and_as_csv(db):
    def printed(*more):
        done = CliRunner().invoke(app, ["ledger", "risk", "--db", db, "--unit", "乙所", *more])
        assert done.exit_code == 0, done.output
        return done.stdout

    table = printed()
    assert "风险台账" in table
    assert "群体性利益" in table
    assert "BS-G04（三(一)3）" in table
    assert "group_interest" in printed("--lang", "en")
    (one,) = json.loads(printed("--format", "json"))
    assert (one["order_id"], one["rule"], one["clause"], one["talks"]) == ("B", "BS-G02", "三(一)2", [0, 2])
    assert (one["due_at"], one["came_to"]) == ("2026-03-03T09:40:00+08:00", "overdue")
    assert "BS-G04" in {found["rule"] for found in one["findings"]}
    header, row = csv.reader(StringIO(printed("--format", "csv")))
    cells = dict(zip(header, row, strict=True))
    assert (cells["工单"], cells["标识"], cells["预案"], cells["规则"]) == (
        "B",
        "F-B",
        "0/5",
        "BS-G02 三(一)2",
    )
