"""Live orders under JY in each store: what is refused and why, what is kept, when time runs out."""

import csv
import logging
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from support.stores import KINDS, ON_DISK

import paidan
from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock, SystemClock
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.intake.events import read_logs
from paidan.engine.replay_order import replay_order
from paidan.policies.clocks import Verdict
from paidan.storage import open_store
from paidan.storage.errors import StoreMissingError
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]
NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)  # a Monday
PAIDAN = str(next(iter(paidan.__path__)))


def at(text):
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=BEIJING)


class Desk:
    """An engine on one store, with a clock that is set by hand."""

    def __init__(self, place):
        self.place = place
        self.url = place.url
        self.clock = SimulatedClock(NINE)
        self.engine = self.open()

    def open(self, **said):
        self.engine = Engine.open(self.url, clock=self.clock, **said)
        return self.engine

    def do(self, when, event, order="A", **said):
        self.clock.advance_to(at(when))
        outcome = self.engine.submit(order, event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def dispatched(self, order="A", **said):
        self.do("02 09:00", "receive", order)
        self.do("02 09:10", "register", order)
        self.do("02 09:20", "dispatch", order, unit="甲科", order_due="2026-03-20", **said)

    def time_outs(self):
        store = open_store(self.url, "JY", create=False)
        found = [(one.order_id, one.rule, one.at) for one in store.entries() if one.event == "time_out"]
        store.close()
        return sorted(found, key=lambda row: (row[2], row[0]))


@pytest.fixture(params=KINDS)
def desk(request, place_of):
    one = Desk(place_of(request.param))
    yield one
    one.engine.close()


on_disk = pytest.mark.parametrize("desk", ON_DISK, indirect=True)
"""For what another process, or another hand, does to the orders."""


def test_a_refusal_names_rule_clause_and_reason_and_writes_nothing(desk):
    desk.dispatched()
    desk.do("02 10:00", "accept")
    desk.clock.advance_to(at("04 09:00"))
    outcome = desk.engine.submit("A", "request_return", reason="非本单位", owner="乙所", basis="三定方案")
    assert not outcome.accepted
    (reason,) = outcome.reasons()
    assert (reason.rule, reason.clause) == ("JY-T06", "附件3 第三条(一)3")
    assert reason.text == "申请退单的期限已于2026-03-03 23:59:59届满，逾期不予受理"
    assert "2026-03-03 23:59:59" in outcome.reasons("en")[0].text
    assert "request_return" not in [entry.event for entry in desk.engine.history("A")]
    assert desk.engine.order("A").state == "accepted"


def test_what_the_life_of_an_order_forbids_is_refused_without_a_rule(desk):
    desk.do("02 09:00", "receive")
    outcome = desk.engine.submit("A", "close")
    assert [(one.rule, one.text) for one in outcome.reasons()] == [("", "工单处于“已接收”，不能“结案”")]


def test_a_policy_never_observes_live(desk):
    desk.dispatched()
    desk.do("02 10:00", "accept")
    desk.do("02 10:10", "resolve", outcome="resolved")
    outcome = desk.engine.submit("A", "close")
    assert [one.rule for one in outcome.reasons()] == ["JY-C01"]
    assert desk.engine.order("A").state == "resolved"


def test_an_acknowledged_command_is_there_after_reopening(desk):
    desk.dispatched()
    order, history, rows = desk.engine.order("A"), desk.engine.history("A"), desk.engine.deadlines()
    desk.engine.close()
    desk.open()
    assert desk.engine.order("A") == order
    assert desk.engine.history("A") == history
    assert desk.engine.deadlines() == rows
    assert desk.engine.rules("A").policy.version == "JY@2022-07-01"


def test_a_duty_times_out_once_at_its_due_time(desk):
    desk.do("02 09:00", "receive")
    desk.clock.advance_to(at("02 09:30"))
    assert desk.engine.sweep() == 0, "the due second is still on time"
    desk.clock.advance_to(at("02 09:47:11"))
    assert desk.engine.sweep() == 1
    assert desk.engine.sweep() == 0
    entry = desk.engine.history("A")[-1]
    assert (entry.event, entry.seq, entry.rule, entry.from_state) == ("time_out", 2, "JY-T01", "received")
    assert (entry.at, entry.recorded_at) == (at("02 09:30"), at("02 09:47:11"))
    assert [(row.rule, row.verdict) for row in desk.engine.deadlines("A")] == [
        ("JY-T01", Verdict.OVERDUE), ("JY-T04", Verdict.OPEN),
    ]  # fmt: skip


def test_what_was_overdue_stands_in_the_log_before_any_later_command(desk):
    desk.do("02 09:00", "receive")
    outcome = desk.do("02 10:00", "register")
    assert [entry.rule for entry in outcome.raised] == ["JY-T01"]
    assert [entry.event for entry in desk.engine.history("A")] == ["receive", "time_out", "register"]
    assert desk.engine.deadlines("A")[0].verdict is Verdict.LATE
    assert desk.engine.sweep() == 0


def test_a_refused_command_leaves_the_time_outs_it_came_upon(desk):
    desk.do("02 09:00", "receive")
    desk.clock.advance_to(at("02 10:00"))
    assert not desk.engine.submit("A", "close").accepted
    assert [entry.event for entry in desk.engine.history("A")] == ["receive", "time_out"]
    assert desk.engine.sweep() == 0


def test_of_two_clocks_due_at_the_same_second_the_missed_one_times_out(desk):
    desk.dispatched()
    desk.do("02 09:30", "accept")
    desk.do("02 09:40", "request_return", reason="非本单位", owner="乙所", basis="三定方案")
    desk.do("02 09:50", "approve_return")
    desk.do("02 10:00", "dispatch", unit="乙所", order_due="2026-03-20")
    desk.clock.advance_to(at("04 09:00"))
    desk.engine.sweep()
    assert desk.engine.sweep() == 0
    late = [entry for entry in desk.engine.history("A") if entry.rule == "JY-T03"]
    assert [(entry.unit, entry.at) for entry in late] == [("乙所", at("03 23:59:59"))]
    raised = [
        (clock.unit, clock.raised_at) for clock in desk.engine.order("A").clocks if clock.rule == "JY-T03"
    ]
    assert raised == [("甲科", None), ("乙所", at("03 23:59:59"))]


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_clocks_timed_out_for_the_same_second_the_one_that_moved_is_withdrawn(kind, place_of):
    clock, due, later = SimulatedClock(NINE), at("03 23:59:59"), at("20 23:59:59")
    with Engine.open(place_of(kind).url, "ZZ", clock=clock) as engine:
        life: tuple[tuple[str, str, dict[str, Any]], ...] = (
            ("02 09:00", "receive", {"order_due": "2026-03-03"}), ("02 09:10", "register", {}),
            ("02 09:20", "dispatch", {"unit": "甲科"}), ("02 09:30", "accept", {}),
            ("04 09:00", "request_return", {"reason": "非本单位"}), ("04 09:10", "approve_return", {}),
            ("04 09:20", "dispatch", {"unit": "乙所"}), ("04 09:30", "accept", {}),
            ("04 09:40", "request_extension", {"reason": "工期长"}),
            ("04 09:50", "approve_extension", {"order_due": "2026-03-20"}),
        )  # fmt: skip
        for when, event, said in life:
            clock.advance_to(at(when))
            assert engine.submit("A", event, **said).accepted, event
        assert [(one.event, one.unit, one.at) for one in engine.history("A") if one.rule == "ZZ-T03"] == [
            ("time_out", "甲科", due),
            ("time_out", "乙所", due),
            ("time_out_withdrawn", "乙所", at("04 09:50")),
        ]
        clocks = [clock for clock in engine.order("A").clocks if clock.rule == "ZZ-T03"]
        assert [(one.unit, one.raised_at) for one in clocks] == [("甲科", due), ("乙所", None)]
        assert engine.sweep() == 0, "that of the first dispatch stands"
        clock.advance_to(at("21 09:00"))
        assert engine.sweep() == 1
        assert (engine.history("A")[-1].unit, engine.history("A")[-1].at) == ("乙所", later)
        assert engine.rebuild() is False


def test_a_window_that_passes_raises_nothing(desk):
    desk.dispatched()
    desk.do("02 09:30", "accept")
    desk.do("02 09:40", "contact")
    desk.clock.advance_to(at("10 09:00"))
    assert desk.engine.sweep() == 0
    assert {row.rule: row.verdict for row in desk.engine.deadlines("A")}["JY-T06"] is Verdict.UNUSED


def test_the_engines_clock_alone_says_when(desk):
    desk.do("02 09:00", "receive")
    for text in ("2026-03-02 08:59:00", at("02 09:01")):
        outcome = desk.engine.submit("A", "register", at=text)
        assert not outcome.accepted
        assert "引擎时钟" in outcome.reasons()[0].text
    assert desk.engine.order("A").state == "received"
    assert desk.engine.submit("A", "register", at="2026-03-02 09:00:00").accepted


def test_a_naive_time_is_refused(desk):
    naive = datetime(2026, 3, 20)
    desk.do("02 09:00", "receive")
    desk.do("02 09:10", "register")
    for said in ({"order_due": naive}, {"at": naive}):
        with pytest.raises(UsageError) as told:
            desk.engine.submit("A", "dispatch", unit="甲科", **said)
        assert told.value.code == "live.time_naive"
    with pytest.raises(UsageError):
        SimulatedClock(naive)
    with pytest.raises(UsageError):
        desk.clock.advance_to(NINE - timedelta(days=1))


@pytest.mark.parametrize(
    ("event", "said", "code", "shown"),
    [
        ("recieve", {}, "event_unknown", "receive"),
        ("time_out", {}, "live.event_engine", "time_out"),
        ("correct", {"entry": "first"}, "value_no_number", "1"),
        ("correct", {"entry": 1, "field": "colour", "before": "red"}, "field_unknown", "unit"),
        ("correct", {"entry": 1, "field": "at", "after": "9 o'clock"}, "value_no_time", "2026-04-05"),
        ("receive", {"urgnet": "1"}, "live.attribute_unknown", "urgent"),
        ("receive", {"outcome": "resolved"}, "live.attribute_elsewhere", "channel"),
        ("receive", {"urgent": "maybe"}, "value_no_flag", "true"),
        ("receive", {"case_type": "其他"}, "value_not_listed", "help"),
        ("receive", {"order_due": "2026-02-30"}, "value_no_time", "2026-04-05"),
        ("receive", {"urgent": 2.5}, "live.value_kind", "float"),
        ("receive", {"area": "a\0b"}, "live.text_broken", ""),
    ],
)
def test_what_makes_no_sense_names_what_is_allowed_and_writes_nothing(desk, event, said, code, shown):
    with pytest.raises(UsageError) as told:
        desk.engine.submit("A", event, **said)
    assert told.value.code == code
    assert shown in str(told.value.details)
    with pytest.raises(NotFoundError):
        desk.engine.history("A")


def test_values_may_be_text_or_what_they_stand_for(desk):
    said = {"urgent": "是", "anonymous": False, "case_type": "求助类", "order_due": "2026-03-20", "area": ""}
    entry = desk.do("02 09:00", "接收", **said).entries[0]
    assert entry.event == "receive"
    assert entry.attributes == {
        "urgent": True, "anonymous": False, "case_type": "help", "order_due": at("20 23:59:59"),
    }  # fmt: skip


def test_nothing_can_be_asked_of_an_order_nobody_received(desk):
    for ask in (
        lambda: desk.engine.submit("A", "register"),
        lambda: desk.engine.submit("A", "note"),
        lambda: desk.engine.available("A"),
        lambda: desk.engine.order("A"),
        lambda: desk.engine.deadlines("A"),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_identity_reaches_no_byte_of_the_database_and_is_counted(desk):
    secrets = {"caller": "欧阳某某", "phone": "13912345678", "address": "某路九弄", "content": "漏水第三次"}
    outcome = desk.do("02 09:00", "receive", area="一村", **secrets)
    assert outcome.dropped == {"caller": 1, "phone": 1, "address": 1, "content": 1}
    assert outcome.entries[0].attributes == {"area": "一村"}
    desk.engine.submit("A", "register", key="K-1", **secrets)
    written = desk.place.written()
    assert "一村" in written
    assert "K-1" in written
    for secret in secrets.values():
        assert secret not in written


def test_available_says_what_may_be_done_until_when_by_whom_and_why_not(desk):
    desk.dispatched(hazard="是")
    desk.do("02 09:30", "accept")
    found = {one.event: one for one in desk.engine.available("A")}
    assert {"time_out", "escalate"}.isdisjoint(found)
    back = found["request_return"]
    assert back.allowed
    assert back.until == at("03 23:59:59")
    assert [(limit.rule, limit.kind) for limit in back.limits] == [("JY-T06", "window")]
    assert back.needs == ("owner", "reason", "basis|evidence", "protection")
    assert (found["contact"].allowed, found["contact"].until) == (True, at("03 09:00"))
    assert not found["close"].allowed
    assert [one.code for one in found["close"].findings] == ["no_such_move"]
    assert found["close"].until == at("20 23:59:59")
    desk.clock.advance_to(at("04 09:00"))
    late = {one.event: one for one in desk.engine.available("A")}["request_return"]
    assert not late.allowed
    assert [(one.rule, one.clause) for one in late.findings] == [("JY-T06", "附件3 第三条(一)3")]
    assert desk.time_outs() == [], "looking writes nothing"


def test_available_names_the_roles_a_rule_names(desk):
    desk.do("02 09:00", "receive")
    desk.do("02 09:10", "register")
    (whose,) = {one.event: one for one in desk.engine.available("A")}["dispatch"].whose
    assert (whose.roles, whose.rule) == (("dispatcher",), "JY-R04")


@on_disk
def test_rebuild_changes_nothing_and_mends_what_was_spoiled(desk):
    desk.dispatched()
    desk.do("02 10:00", "receive", "B", urgent=True)
    desk.clock.advance_to(at("06 09:00"))
    desk.engine.sweep()
    before = desk.engine.order("A"), desk.engine.order("B"), desk.engine.deadlines()
    assert desk.engine.rebuild() is False
    assert (desk.engine.order("A"), desk.engine.order("B"), desk.engine.deadlines()) == before
    desk.place.run("UPDATE paidan_clock SET due_at = '2030-01-01T00:00:00+00:00'")
    assert desk.engine.rebuild() is True
    assert (desk.engine.order("A"), desk.engine.order("B"), desk.engine.deadlines()) == before
    assert desk.engine.sweep() == 0


@on_disk
def test_a_database_belongs_to_one_policy(desk):
    desk.do("02 09:00", "receive")
    desk.place.run("UPDATE paidan_store SET policy = 'XX'")
    with pytest.raises(UsageError) as told:
        Engine.open(desk.url, "JY")
    assert told.value.details == {"asked": "JY", "found": "XX"}


@pytest.mark.parametrize("kind", KINDS)
def test_opening_for_reading_makes_nothing(kind, place_of, tmp_path):
    url = place_of(kind).url
    for _ in range(2):
        with pytest.raises(StoreMissingError):
            Engine.open(url, None, create=False)
    assert list(tmp_path.iterdir()) == []


def test_the_export_replays_as_recorded_to_the_very_log(desk, tmp_path):
    desk.dispatched()
    desk.do("02 09:30", "receive", "B", urgent="是", order_due="2026-03-05", area='逗号,"引号"\n换行')
    desk.do("04 09:40", "accept", unit="甲科")
    desk.do("05 09:50", "request_extension", reason="工期长", report="延期报告")
    desk.do("06 10:00", "approve_extension", order_due="2026-03-27")
    now = desk.clock.advance_to(at("30 09:00"))
    desk.engine.sweep()
    target = tmp_path / "导出.csv"
    assert desk.engine.export(target) == 7
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["event"] for row in rows}.isdisjoint({"time_out"})
    assert rows[2]["at"] == "2026-03-02T09:20:00+08:00"
    log = read_logs([target])
    assert log.rejected == []
    for order_id in ("A", "B"):
        rules = desk.engine.rules(order_id)
        done = replay_order(order_id, log.of(order_id), rules, now, enforce=True, as_recorded=True)
        live = desk.engine.history(order_id)
        assert [(e.seq, e.event, e.at, e.rule, e.to_state, e.attributes) for e in done.entries] == [
            (e.seq, e.event, e.at, e.rule, e.to_state, e.attributes) for e in live
        ]
        assert done.order == desk.engine.order(order_id)


def test_two_sweepers_and_callers_beside_them_raise_each_once(desk):
    for number in range(60):
        desk.do("02 09:00", "receive", f"W{number:02}")
    desk.clock.advance_to(at("02 10:00"))
    second = Engine.open(desk.url, clock=desk.clock)
    raised: list[object] = []

    def register():
        for number in range(0, 60, 3):
            raised.extend(second.submit(f"W{number:02}", "register").raised)

    threads = [
        threading.Thread(target=lambda: raised.extend([None] * desk.engine.sweep())),
        threading.Thread(target=lambda: raised.extend([None] * second.sweep())),
        threading.Thread(target=register),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert len(raised) == 60
    assert sorted(order for order, _, _ in desk.time_outs()) == [f"W{number:02}" for number in range(60)]
    assert {rule for _, rule, _ in desk.time_outs()} == {"JY-T01"}


@on_disk
def test_killed_between_sweeps_and_started_again_it_raises_what_it_missed_once(desk):
    orders = [f"W{number:03}" for number in range(120)]
    for number, order in enumerate(orders):
        desk.clock.advance_to(NINE + timedelta(seconds=number))
        desk.engine.submit(order, "receive")
    desk.engine.close()
    began = NINE + timedelta(minutes=30)
    raised = 0
    for sweeps in (9, 14):
        command = [sys.executable, str(CHECKOUT / "tests/support/sweeping.py"), PAIDAN, desk.url]
        with subprocess.Popen([*command, began.isoformat(), "2"], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(sweeps):
                child.stdout.readline()
            child.send_signal(signal.SIGKILL)
            child.stdout.read()
        assert child.returncode == -signal.SIGKILL
        began += timedelta(seconds=30)
        assert raised < len(desk.time_outs()) < len(orders), "killed on the way"
        raised = len(desk.time_outs())
    desk.clock.advance_to(at("02 12:00"))
    desk.open()
    assert desk.engine.sweep() == len(orders) - raised
    assert desk.engine.sweep() == 0
    assert desk.engine.rebuild() is False
    assert [order for order, _, _ in desk.time_outs()] == orders
    for number, order in enumerate(orders):
        received, late = desk.engine.history(order)
        assert (late.rule, late.at) == ("JY-T01", received.at + timedelta(minutes=30))
        assert received.at == NINE + timedelta(seconds=number)


def test_no_thread_before_start_and_none_after_close(desk):
    before = set(threading.enumerate())
    desk.do("02 09:00", "receive")
    desk.clock.advance_to(at("02 10:00"))
    assert set(threading.enumerate()) == before
    desk.engine.start(every_seconds=0.05)
    desk.engine.start(every_seconds=0.05)
    limit = time.monotonic() + 20
    while not desk.time_outs() and time.monotonic() < limit:
        time.sleep(0.02)
    desk.engine.close()
    assert len(desk.time_outs()) == 1
    assert set(threading.enumerate()) == before


def test_a_failing_sweep_is_told_and_the_next_tick_comes(desk, monkeypatch, caplog):
    calls = []

    def fail():
        calls.append(1)
        raise RuntimeError("磁盘已满")

    monkeypatch.setattr(desk.engine, "sweep", fail)
    with caplog.at_level(logging.ERROR, logger="paidan"):
        desk.engine.start(every_seconds=0.05)
        limit = time.monotonic() + 20
        while len(calls) < 3 and time.monotonic() < limit:
            time.sleep(0.02)
        desk.engine.stop()
    assert len(calls) >= 3
    assert "sweep_failed" in caplog.text
    assert "磁盘已满" in caplog.text


def test_the_hosts_structlog_is_left_alone_and_hears_when_it_is_set_up(desk, capsys):
    desk.dispatched()
    assert not structlog.is_configured()
    assert capsys.readouterr().out == ""
    desk.engine.close()
    heard = []

    def hear(_, __, told):
        heard.append(told)
        raise structlog.DropEvent

    structlog.configure(processors=[hear])
    try:
        desk.open()
        desk.clock.advance_to(at("09 09:00"))
        desk.engine.submit("A", "accept", unit="甲科")
    finally:
        structlog.reset_defaults()
    assert heard[0]["event"] == "store_opened"
    assert {one["event"] for one in heard} >= {"time_out_raised", "command_accepted"}


def test_the_engine_loads_no_database_before_it_is_asked_for():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import run_engine; import paidan.engine;"
        "print('sqlalchemy' in sys.modules, paidan.engine.Engine.__name__, 'apscheduler' in sys.modules,"
        "      'psycopg' in sys.modules, 'alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(CHECKOUT)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "Engine", "False", "False", "False"]


@on_disk
def test_run_ticks_in_a_process_of_its_own_and_ends_when_told(desk):
    desk.engine.close()
    desk.clock = SimulatedClock(SystemClock().now() - timedelta(days=3))
    desk.open()
    received = desk.clock.now()
    desk.engine.submit("A", "receive")
    command = [sys.executable, str(CHECKOUT / "run_engine.py"), "run", "--db", desk.url, "--every", "0.1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        limit = time.monotonic() + 60
        while len(desk.time_outs()) < 2 and time.monotonic() < limit and child.poll() is None:
            time.sleep(0.1)
        child.send_signal(signal.SIGTERM)
        out, told = child.communicate(timeout=30)
    assert (child.returncode, out) == (0, b""), told.decode()
    assert [(entry.rule, entry.at) for entry in desk.engine.history("A")[1:]] == [
        ("JY-T01", received + timedelta(minutes=30)), ("JY-T04", received + timedelta(hours=24)),
    ]  # fmt: skip
    assert "time_out_raised" in told.decode()


def test_the_command_line_refuses_with_rule_clause_and_reason(tmp_path):
    def paidan_says(*words):
        command = [
            sys.executable,
            str(CHECKOUT / "run_engine.py"),
            *words,
            "--db",
            f"sqlite:///{tmp_path / 'a.db'}",
        ]
        return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")

    assert paidan_says("available", "A").returncode == 5
    done = paidan_says("submit", "A", "receive", "urgent=是", "phone=13912345678", "--format", "json")
    assert (done.returncode, '"state": "received"' in done.stdout) == (0, True), done.stderr
    assert '"phone": 1' in done.stdout
    assert "13912345678" not in done.stdout + done.stderr
    assert paidan_says("submit", "A", "register", "role=dispatcher").returncode == 0
    assert paidan_says("submit", "A", "dispatch", "unit=甲科").returncode == 0
    done = paidan_says("submit", "A", "request_return", "reason=非本单位")
    assert done.returncode == 3
    assert "JY-G02" in done.stderr
    assert "附件3 第三条(一)3" in done.stderr
    assert "缺少权属单位" in done.stderr
    assert paidan_says("submit", "B", "register").returncode == 5
    assert paidan_says("submit", "A", "accept", "urgent=1").returncode == 2
    assert paidan_says("submit", "A", "accept", "at=2020-01-01").returncode == 3
    assert "JY-T03" in paidan_says("available", "A").stdout
    assert paidan_says("history", "A").returncode == 0
    assert paidan_says("export", "--out", str(tmp_path / "log.csv")).returncode == 0
    assert (tmp_path / "log.csv").read_text(encoding="utf-8").count("\n") == 4


@pytest.mark.parametrize("kind", KINDS)
def test_the_settings_a_database_was_made_with_stay_with_it(kind, place_of):
    url = place_of(kind).url
    chosen = {"jy.contact_start": "registered_at"}
    with Engine.open(url, "JY", settings=chosen, clock=SimulatedClock(NINE)) as engine:
        engine.submit("O", "receive")
        assert [row.rule for row in engine.deadlines("O")] == ["JY-T01"]
    with Engine.open(url, clock=SimulatedClock(NINE + timedelta(minutes=10))) as engine:
        engine.submit("O", "register")
        assert [row.rule for row in engine.deadlines("O")] == ["JY-T01", "JY-T02", "JY-T04"]
        assert not engine.rebuild()
    with pytest.raises(UsageError) as refused:
        Engine.open(url, settings={"jy.contact_start": "dispatched_at"})
    assert "registered_at" in refused.value.details["found"]
