"""The notice of the next year arrives: provisional deadlines counted again, older answers kept."""

import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from support.logs import table
from support.notices import EVE, notice, written
from support.stores import KINDS, Place

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.explain import explain
from paidan.engine.intake.events import read_logs
from paidan.engine.replay import Request, replay
from paidan.engine.replay_order import replay_order
from paidan.policies.calendar import library_notice, statutory_holidays
from paidan.policies.clocks import Verdict
from paidan.policies.errors import PolicyError
from paidan.policies.known import Known
from paidan.policies.notices import to_toml
from paidan.policies.registry import document
from paidan.storage.errors import StoreUnavailableError
from paidan.workflows.records import BEIJING


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


class Desk:
    """An engine on one store, at the end of 2026, with a clock set by hand."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder = folder
        self.place = place
        self.url = place.url
        self.clock = SimulatedClock(at("2026-12-30 08:00"))
        self.engine = self.open()

    def open(self) -> Engine:
        self.engine = Engine.open(self.url, clock=self.clock)
        return self.engine

    def do(self, when: str, event: str, order: str = "A", **said):
        self.clock.advance_to(at(when))
        outcome = self.engine.submit(order, event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def dispatched(self, day: str, order: str = "A") -> None:
        self.do(f"{day} 09:00", "receive", order)
        self.do(f"{day} 09:10", "register", order)
        self.do(f"{day} 09:20", "dispatch", order, unit="甲科", order_due="2027-01-20")

    def load(self, *changes: tuple[str, str], when: str | None = None):
        if when:
            self.clock.advance_to(at(when))
        return self.engine.load_calendar(written(self.folder, *changes))

    def window(self, order: str = "A"):
        (row,) = [row for row in self.engine.deadlines(order) if row.rule == "JY-T06"]
        return row

    def log(self, order: str = "A"):
        return [
            (one.seq, one.event, one.at, one.rule, one.to_state, one.attributes)
            for one in self.engine.history(order)
        ]


@pytest.fixture(params=KINDS)
def desk(request, tmp_path, place_of):
    one = Desk(tmp_path, place_of(request.param))
    yield one
    one.engine.close()


def test_a_provisional_deadline_is_counted_again_with_before_and_after(desk):
    desk.dispatched("2026-12-31")
    before = desk.window()
    assert (before.due_at, before.provisional) == (at("2027-01-04 23:59:59"), True)
    done = desk.load(EVE, when="2026-12-31 10:00")
    assert (str(done.before.horizon_on), str(done.after.horizon_on)) == ("2026-12-31", "2027-12-31")
    (moved,) = [one for one in done.recounts if one.rule == "JY-T06"]
    assert (moved.order_id, moved.clause, moved.unit) == ("A", "附件3 第三条(一)3", "甲科")
    assert (moved.before, moved.after) == (at("2027-01-04 23:59:59"), at("2027-01-03 23:59:59"))
    assert not moved.provisional
    assert not any(row.provisional for row in desk.engine.deadlines("A"))
    assert desk.window().due_at == at("2027-01-03 23:59:59")
    entry = next(one for one in desk.engine.history("A") if one.event == "recompute" and one.rule == "JY-T06")
    assert dict(entry.attributes) == {
        "started_at": at("2026-12-31 09:20"), "before": at("2027-01-04 23:59:59"),
        "after": at("2027-01-03 23:59:59"), "provisional": False, "calendar": done.after.edition,
    }  # fmt: skip
    assert entry.from_state == entry.to_state == "dispatched"
    assert entry.at == at("2026-12-31 10:00")
    assert "2027 试验通知〔2026〕1号 (2026-11-04)" in done.after.edition


def test_a_deadline_that_does_not_move_becomes_certain_and_says_so(desk):
    desk.dispatched("2026-12-31")
    (one,) = [one for one in desk.load().recounts if one.rule == "JY-T06"]
    assert one.before == one.after == at("2027-01-04 23:59:59")
    assert not one.provisional
    assert not desk.window().provisional


def test_every_change_is_listed_once_and_loading_again_changes_nothing(desk):
    for minute, order in enumerate(("W0", "W1", "W2")):
        desk.do(f"2026-12-31 09:{minute}0", "receive", order)
        desk.do(f"2026-12-31 09:{minute}5", "register", order)
        desk.do(f"2026-12-31 09:{minute}5", "dispatch", order, unit="甲科", order_due="2027-01-20")
    done = desk.load(EVE)
    logged = [
        (order, one.rule, one.attributes["before"], one.attributes["after"])
        for order in ("W0", "W1", "W2")
        for one in desk.engine.history(order)
        if one.event == "recompute"
    ]
    assert [(one.order_id, one.rule, one.before, one.after) for one in done.recounts] == logged
    assert {order for order, *_ in logged} == {"W0", "W1", "W2"}
    again = desk.load(EVE)
    assert (again.recounts, again.days) == ((), done.days)


def test_a_rebuild_gives_the_same_clocks_before_and_after_the_notice(desk):
    desk.dispatched("2026-12-31", "A")
    desk.load(EVE)
    desk.do("2026-12-31 09:30", "receive", "B")
    desk.do("2026-12-31 09:31", "register", "B")
    desk.do("2026-12-31 09:32", "dispatch", "B", unit="乙科", order_due="2027-01-20")
    assert (desk.window("B").due_at, desk.window("B").provisional) == (at("2027-01-03 23:59:59"), False)
    assert [one.event for one in desk.engine.history("B")] == ["receive", "register", "dispatch"]
    rows, log = desk.engine.deadlines(), desk.log()
    assert desk.engine.rebuild() is False
    desk.engine.close()
    desk.open()
    assert desk.engine.rebuild() is False
    assert (desk.engine.deadlines(), desk.log()) == (rows, log)


def test_a_command_in_the_very_second_of_the_load_counts_by_the_notice(desk):
    desk.dispatched("2026-12-31", "A")
    desk.load(EVE)
    now = desk.clock.now()
    desk.engine.submit("B", "receive")
    desk.engine.submit("B", "register")
    desk.engine.submit("B", "dispatch", unit="乙科", order_due="2027-01-20")
    assert desk.clock.now() == now
    assert (desk.window("B").due_at, desk.window("B").provisional) == (at("2027-01-03 23:59:59"), False)
    recomputed = next(one for one in desk.engine.history("A") if one.event == "recompute")
    assert all(one.recorded_at >= recomputed.recorded_at for one in desk.engine.history("B"))
    assert desk.engine.rebuild() is False


def test_the_export_replays_as_recorded_to_the_very_log(desk):
    desk.dispatched("2026-12-30", "A")
    desk.do("2026-12-30 17:00", "accept", "A")
    desk.do("2026-12-31 09:00", "receive", "B")
    desk.do("2026-12-31 09:00", "register", "B")
    desk.do("2026-12-31 09:05", "dispatch", "B", unit="乙科", order_due="2027-01-20")
    desk.load(EVE, when="2026-12-31 12:00")
    desk.do("2027-01-03 10:00", "accept", "B")
    desk.do("2027-01-04 10:00", "request_extension", "A", reason="工期长", report="延期报告")
    desk.do("2027-01-04 11:00", "approve_extension", "A", order_due="2027-01-27")
    now = desk.clock.advance_to(at("2027-02-20 09:00"))
    desk.engine.sweep()
    target = desk.folder / "log.csv"
    desk.engine.export(target)
    log = read_logs([target])
    assert any(one.event == "recompute" for one in desk.engine.history("A"))
    for order_id in ("A", "B"):
        rules = desk.engine.rules(order_id)
        done = replay_order(order_id, log.of(order_id), rules, now, enforce=True, as_recorded=True)
        assert [(e.seq, e.event, e.at, e.rule, e.to_state, e.attributes) for e in done.entries] == desk.log(
            order_id
        )
        assert done.order == desk.engine.order(order_id)
    assert desk.engine.rebuild() is False


def test_after_the_load_live_deadlines_are_those_of_a_replay_by_time(desk):
    desk.dispatched("2026-12-30", "A")
    desk.do("2026-12-30 17:00", "accept", "A")
    desk.load(EVE, when="2026-12-31 12:00")
    desk.do("2027-01-02 09:00", "contact", "A", evidence="录音")
    now = desk.clock.now()
    desk.engine.export(desk.folder / "log.csv")
    out = desk.folder / "run"
    replay(
        Request(logs=(desk.folder / "log.csv",), document=document("JY"), out=out, as_of=now,
                known=Known((notice(EVE),)))
    )  # fmt: skip
    replayed = [
        (row["rule"], row["due_at"], row["verdict"], row["provisional"]) for row in table(out, "deadlines")
    ]
    live = [
        (row.rule, row.due_at.isoformat(), row.verdict.value, str(row.provisional).lower())
        for row in desk.engine.deadlines("A")
    ]
    assert replayed == live


def test_a_time_out_that_no_longer_stands_is_withdrawn(desk, place_of):
    desk.engine.close()
    desk.place = place_of(desk.place.kind)
    desk.engine = Engine.open(desk.place.url, clock=desk.clock, settings={"hours.calendar": "working_hours"})
    desk.do("2026-12-31 17:20", "receive")
    (row,) = [row for row in desk.engine.deadlines("A") if row.rule == "JY-T01"]
    assert (row.due_at, row.provisional) == (at("2027-01-04 08:50"), True)
    desk.clock.advance_to(at("2027-01-05 10:00"))
    assert desk.engine.sweep() >= 1
    off = ("2027-01-01/2027-01-03", "2027-01-01/2027-01-05")
    done = desk.load(off)
    (moved,) = [one for one in done.recounts if one.rule == "JY-T01"]
    assert (moved.before, moved.after) == (at("2027-01-04 08:50"), at("2027-01-06 08:50"))
    events = [(one.event, one.rule) for one in desk.engine.history("A") if one.rule == "JY-T01"]
    assert events == [("time_out", "JY-T01"), ("recompute", "JY-T01"), ("time_out_withdrawn", "JY-T01")]
    assert {row.rule: row.verdict for row in desk.engine.deadlines("A")}["JY-T01"] is Verdict.OPEN
    desk.clock.advance_to(at("2027-01-06 10:00"))
    assert desk.engine.sweep() >= 1
    last = [one for one in desk.engine.history("A") if one.rule == "JY-T01"][-1]
    assert (last.event, last.at) == ("time_out", at("2027-01-06 08:50"))
    assert desk.engine.rebuild() is False


def test_known_days_at_the_end_of_december_move_deadlines_that_were_certain(desk):
    desk.dispatched("2026-12-30")
    assert (desk.window().due_at, desk.window().provisional) == (at("2026-12-31 23:59:59"), False)
    desk.load(EVE)
    assert desk.window().due_at == at("2027-01-03 23:59:59")
    assert desk.engine.rebuild() is False


def test_a_second_engine_on_the_same_file_counts_by_the_notice_at_once(desk):
    with Engine.open(desk.url, clock=desk.clock) as other:
        desk.load(EVE, when="2026-12-31 08:00")
        other.submit("A", "receive")
        other.submit("A", "register")
        other.submit("A", "dispatch", unit="甲科", order_due="2027-01-20")
    assert desk.window().due_at == at("2027-01-03 23:59:59")
    assert desk.engine.rebuild() is False


def test_a_load_cut_short_is_finished_by_another(desk, monkeypatch):
    desk.dispatched("2026-12-31", "A")
    with monkeypatch.context() as broken:
        broken.setattr(desk.engine._service, "_recounted", _away)
        with pytest.raises(StoreUnavailableError):
            desk.load(EVE)
    assert desk.window().provisional
    assert desk.engine.rebuild() is False
    assert [one.rule for one in desk.load(EVE, when="2026-12-31 12:00").recounts]
    assert not desk.window().provisional
    assert desk.engine.rebuild() is False


def _away(*_):
    raise StoreUnavailableError("db_away", why="test")


def test_a_notice_with_mistakes_or_a_gap_changes_nothing(desk):
    desk.dispatched("2026-12-31")
    log = desk.log()
    with pytest.raises(PolicyError):
        desk.load(("2027-05-08", "2027-05-07"))
    later = library_notice(2026)
    assert later is not None
    of_2029 = [date(2029, 1, 1), *map(date.fromordinal, statutory_holidays(2029))]
    later = replace(
        later,
        year=2029,
        published_on=date(2028, 11, 4),
        off=tuple((on, "假") for on in sorted({*of_2029})),
        work=(),
    )
    (desk.folder / "2029.toml").write_text(to_toml(later), encoding="utf-8")
    with pytest.raises(PolicyError) as told:
        desk.engine.load_calendar(desk.folder / "2029.toml")
    assert [one.code for one in told.value.mistakes] == ["notice_gap"]
    assert desk.log() == log
    assert desk.engine._store.notices() == ()


def test_a_store_keeps_to_the_notices_it_was_made_with(desk, tmp_path, monkeypatch):
    folder = tmp_path / "installed"
    folder.mkdir()
    written(folder, EVE)
    monkeypatch.setenv("PAIDAN_CALENDARS", str(folder))
    desk.dispatched("2026-12-31")
    assert desk.window().provisional, "made before anything was installed"
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with Engine.open(url, clock=desk.clock) as engine:
        engine.submit("A", "receive")
        assert "试验通知" in engine.rules("A").calendar.edition
    shutil.rmtree(folder)
    with Engine.open(url, clock=desk.clock) as engine:
        assert "试验通知" in engine.rules("A").calendar.edition


def test_explain_says_that_a_deadline_stays_when_it_becomes_certain(desk):
    desk.dispatched("2026-12-31")
    desk.load()
    told = [*explain("A", desk.engine.history("A"), desk.engine.rules("A"), desk.clock.now(), rule="JY-T06")]
    (line,) = [line for line in told if "按新的工作日历重算，到期时间仍为 2027-01-04 23:59:59" in line]
    assert "重算" in line
    assert sum("（放假通知未公布）" in line for line in told) == 4, (
        "the first counting, day by day, as it was"
    )
