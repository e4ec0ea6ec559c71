"""What is learned late or was written wrongly: who may say so, what it changes, what stays in the log."""

import csv
import json
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.logs import table, write_log
from support.notices import EVE, written
from support.stores import KINDS, Place

from paidan.engine import Engine
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.engine.explain import explain
from paidan.engine.replay import Request, replay
from paidan.policies.clocks import Verdict
from paidan.policies.registry import document
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=BEIJING)


class Desk:
    """An engine on one store, with a clock set by hand; an urgent order "A" received at nine."""

    def __init__(self, place: Place, **settings: str) -> None:
        self.place = place
        self.clock = SimulatedClock(at("02 09:00"))
        self.engine = Engine.open(place.url, clock=self.clock, settings=settings)
        self.do("02 09:00", "receive", urgent=True)

    def ask(self, when: str, event: str, **said):
        self.clock.advance_to(at(when))
        return self.engine.submit("A", event, **said)

    def do(self, when: str, event: str, **said):
        outcome = self.ask(when, event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def dispatched(self) -> None:
        self.do("02 09:05", "register")
        self.do("02 09:20", "dispatch", unit="甲科", order_due="2026-03-20")

    def correct(self, when: str, entry: int, field: str, before, after, **said):
        more = {"role": "centre_head", "reason": "登记有误", **said}
        return self.ask(when, "correct", entry=entry, field=field, before=before, after=after, **more)

    def row(self, rule: str):
        (row,) = [row for row in self.engine.deadlines("A") if row.rule == rule]
        return row

    def events(self) -> list[tuple[str, str]]:
        return [(one.event, one.rule) for one in self.engine.history("A")]

    def last(self, event: str):
        return [one for one in self.engine.history("A") if one.event == event][-1]


@pytest.fixture(params=KINDS)
def desk(request, place_of):
    one = Desk(place_of(request.param))
    yield one
    assert one.engine.rebuild() is False
    one.engine.close()


@pytest.fixture
def office(place_of):
    """One store is enough where the store has no part in it."""
    one = Desk(place_of("memory"))
    yield one
    assert one.engine.rebuild() is False
    one.engine.close()


def texts(outcome) -> str:
    assert not outcome.accepted
    return "\n".join(one.text for one in outcome.reasons())


def test_a_contact_learned_after_its_time_out_withdraws_it_and_both_verdicts_stay(desk):
    desk.dispatched()
    desk.do(
        "02 10:15", "contact", evidence="录音", at="2026-03-02 09:25", role="热线办", backdated="系统故障"
    )
    entry = desk.last("contact")
    assert (entry.at, entry.recorded_at) == (at("02 09:25"), at("02 10:15"))
    assert entry.attributes["backdated"] == "系统故障"
    assert desk.events()[-3:] == [("time_out", "JY-T05"), ("contact", ""), ("time_out_withdrawn", "JY-T05")]
    raised, withdrawn = desk.last("time_out"), desk.last("time_out_withdrawn")
    assert withdrawn.attributes["time_out"] == raised.seq
    assert withdrawn.attributes["cause"] == entry.seq
    row = desk.row("JY-T05")
    assert (row.verdict, row.verdict_recorded) == (Verdict.MET, Verdict.LATE)
    assert (row.done_at, row.learned_at) == (at("02 09:25"), at("02 10:15"))
    assert desk.row("JY-T01").verdict_recorded is None, "learned at once"


def test_a_withdrawal_lists_the_escalations_that_its_time_out_had_caused(place_of):
    desk = Desk(place_of("memory"), **{"escalate.after": "10m,1d"})
    desk.dispatched()
    desk.ask("02 10:30", "note")
    (rung,) = [one.seq for one in desk.engine.history("A") if one.event == "escalate"]
    late = {"at": "2026-03-02 09:25", "role": "热线办", "backdated": "系统故障"}
    desk.do("02 10:40", "contact", evidence="录音", **late)
    withdrawn = desk.last("time_out_withdrawn")
    assert withdrawn.rule == "JY-T05"
    assert withdrawn.attributes["escalations"] == (rung,)
    desk.correct("02 10:50", desk.last("contact").seq, "at", "2026-03-02 09:25", at("02 10:20"))
    desk.correct("02 10:55", desk.last("contact").seq, "at", at("02 10:20"), at("02 09:59"))
    assert desk.events()[-4:] == [
        ("correct", ""), ("time_out", "JY-T05"), ("correct", ""), ("time_out_withdrawn", "JY-T05"),
    ]  # fmt: skip
    assert desk.last("time_out_withdrawn").attributes["escalations"] == ()
    assert desk.engine.rebuild() is False


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"at": "2026-03-02 09:04", "role": "热线办"}, "backdated"),
        ({"at": "2026-03-02 09:04", "backdated": "漏记"}, "late.permission"),
        ({"at": "2026-03-02 09:04", "backdated": "漏记", "role": "承办单位"}, "不是承办单位"),
        ({"at": "2026-03-02 09:06", "backdated": "漏记", "role": "热线办"}, "尚未到"),
        ({"at": "2026-03-02 08:59", "backdated": "漏记", "role": "热线办"}, "早于工单接收时间"),
        ({"backdated": "漏记", "role": "热线办"}, "at="),
    ],
)
def test_another_time_than_now_is_refused_without_role_reason_or_sense(office, said, why):
    outcome = office.ask("02 09:05", "register", **said)
    assert why in texts(outcome)
    assert outcome.reasons("en")[0].text
    assert office.events() == [("receive", "")]


def test_who_may_is_a_setting(place_of):
    nobody = Desk(place_of("memory"), **{"late.permission": "nobody"})
    late = {"at": "2026-03-02 09:04", "backdated": "漏记", "role": "centre_head"}
    assert "nobody" in texts(nobody.ask("02 09:05", "register", **late))
    anyone = Desk(place_of("memory"), **{"late.permission": "any_role"})
    assert anyone.ask("02 09:05", "register", **{**late, "role": "承办单位"}).accepted
    assert not anyone.ask("02 09:06", "note", at="2026-03-02 09:04", backdated="漏记").accepted


def test_a_back_dated_start_may_be_overdue_at_once(desk):
    desk.do("02 09:05", "register")
    late = {"at": "2026-03-02 09:20", "backdated": "补录", "role": "centre_head"}
    desk.do("06 09:00", "dispatch", unit="甲科", order_due="2026-03-20", **late)
    assert desk.engine.sweep() > 0
    assert desk.row("JY-T03").started_at == at("02 09:20")
    assert desk.last("time_out").rule == "JY-T03"


def test_a_corrected_time_moves_what_was_counted_from_it_and_the_log_shows_both(desk):
    desk.dispatched()
    desk.do("02 10:15", "contact", evidence="录音")
    assert desk.row("JY-T05").verdict == Verdict.LATE
    seq = desk.last("contact").seq
    done = desk.correct("02 10:20", seq, "at", "2026-03-02 10:15", at("02 09:58"))
    assert [one.event for one in done.entries] == ["correct", "time_out_withdrawn"]
    assert desk.engine.history("A")[seq - 1].at == at("02 10:15"), "nothing in the log is changed"
    row = desk.row("JY-T05")
    assert (row.done_at, row.verdict, row.verdict_recorded) == (at("02 09:58"), Verdict.MET, Verdict.LATE)
    again = desk.correct("02 10:25", seq, "at", at("02 09:58"), at("02 10:01"))
    assert [one.event for one in again.entries] == ["correct", "time_out"]
    assert desk.row("JY-T05").verdict == Verdict.LATE
    moved = desk.correct("02 10:30", 1, "at", at("02 09:00"), at("02 09:02"))
    assert [one.event for one in moved.entries] == ["correct", "time_out_withdrawn"]
    assert desk.row("JY-T05").due_at == at("02 10:02")
    assert desk.row("JY-T05").verdict == Verdict.MET
    (record,) = desk.engine.records()
    assert (record.began_at, record.contacts[0].at) == (at("02 09:02"), at("02 10:01"))


def test_unit_and_attributes_are_corrected_too(desk):
    desk.dispatched()
    assert desk.correct("02 09:30", 3, "unit", "甲科", "乙所").accepted
    assert desk.engine.order("A").facts["unit"] == "乙所"
    assert {row.unit for row in desk.engine.deadlines("A") if row.rule == "JY-T03"} == {"乙所"}
    due = at("20 23:59:59")
    assert desk.correct("02 09:31", 3, "order_due", due, "2026-03-25").accepted
    assert desk.row("JY-T09").due_at == at("25 23:59:59")
    assert desk.correct("02 09:32", 3, "order_due", "2026-03-25", None).accepted
    assert "JY-T09" not in {row.rule for row in desk.engine.deadlines("A")}
    assert desk.correct("02 09:33", 3, "role", "", "信息员A角").accepted
    assert desk.correct("02 09:34", 1, "anonymous", "", "是").accepted
    assert desk.row("JY-T05").verdict == Verdict.VOID


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"entry": 9}, "没有第 9 条"),
        ({"entry": 3, "field": "outcome", "before": "", "after": "resolved"}, "没有“outcome”"),
        ({"entry": 3, "field": "backdated", "after": "x"}, "没有“backdated”"),
        ({"before": "2026-03-02 09:21"}, "现为“2026-03-02 09:20:00”"),
        ({"after": "2026-03-02 09:20"}, "已是"),
        ({"after": ""}, "已是"),
        ({"after": "2026-03-02 09:26"}, "尚未到"),
        ({"after": "2026-03-02 08:00"}, "早于工单接收时间"),
        ({"entry": 1, "before": "2026-03-02 09:00", "after": "2026-03-02 09:10"}, "早于工单接收时间"),
        ({"role": ""}, "late.permission"),
        ({"role": "handling_unit"}, "不是承办单位"),
        ({"reason": ""}, "缺少理由"),
        ({"field": "", "before": "", "after": ""}, "缺少更正哪一项"),
        ({"at": "2026-03-02 09:24"}, "after="),
    ],
)
def test_a_correction_is_refused_with_what_stands(office, said, why):
    office.dispatched()
    asked = {"entry": 3, "field": "at", "before": "2026-03-02 09:20", "after": "2026-03-02 09:18",
             "role": "centre_head", "reason": "登记有误"}  # fmt: skip
    assert why in texts(office.ask("02 09:25", "correct", **{**asked, **said}))
    assert office.engine.order("A").seq == 3


def test_what_the_engine_wrote_and_corrections_themselves_stay(office):
    office.ask("02 12:00", "note")
    assert office.events()[:2] == [("receive", ""), ("time_out", "JY-T01")]
    assert "不能更正" in texts(office.correct("02 12:00", 2, "at", at("02 09:10"), at("02 09:11")))
    made = office.correct("02 12:00", 1, "area", None, "一村")
    seq = next(one.seq for one in made.entries if one.event == "correct")
    assert "不能更正" in texts(office.correct("02 12:01", seq, "role", "centre_head", "city_office"))


def test_a_correction_that_the_life_of_the_order_forbids_is_refused(office):
    office.do("02 09:05", "register", category="direct")
    office.do("02 09:20", "resolve", outcome="resolved", category="direct")
    assert office.correct("02 09:30", 2, "category", "direct", "dispatched").accepted, "the reply says it too"
    told = texts(office.correct("02 09:31", 3, "category", "direct", "dispatched"))
    assert "第 3 条“处置反馈”就不可能发生" in told
    assert office.engine.order("A").state == "resolved"


def test_a_time_of_receipt_under_another_version_is_refused(tmp_path, place_of):
    folder = tmp_path / "two"
    folder.mkdir()
    source = CHECKOUT / "policies" / "documents" / "JY"
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "document.toml").read_text("utf-8")
    (version,) = re.findall(r"^\[\[version\]\]\n(?:[^\[\n].*\n)+", text, re.MULTILINE)
    later = version.replace("2022-07-01", "2026-03-02")
    assert later != version
    (folder / "document.toml").write_text(text.replace(version, f"{version}\n{later}\n"), "utf-8")
    clock = SimulatedClock(at("02 09:00"))
    with Engine.open(place_of("memory").url, str(folder), clock=clock) as engine:
        engine.submit("A", "receive")
        told = engine.submit(
            "A", "correct", entry=1, field="at", before=at("02 09:00"), after=at("01 23:00"),
            role="centre_head", reason="登记有误",
        )  # fmt: skip
        assert "two@2022-07-01" in texts(told)


def test_a_repeated_correction_is_answered_again(desk):
    desk.dispatched()
    first = desk.correct("02 09:30", 3, "unit", "甲科", "乙所", key="K")
    desk.do("02 09:40", "accept")
    again = desk.correct("02 09:50", 3, "unit", "甲科", "乙所", key="K")
    assert again.again
    assert (again.order, again.entries) == (first.order, first.entries)


def test_a_correction_after_a_notice_counts_by_it(desk, tmp_path):
    url = desk.place.url
    desk.engine.close()
    desk.place.clear()
    desk.clock = SimulatedClock(datetime(2026, 12, 31, 9, tzinfo=BEIJING))
    desk.engine = Engine.open(url if desk.place.kind != "postgresql" else "memory://", clock=desk.clock)
    desk.engine.submit("A", "receive")
    desk.engine.submit("A", "register")
    desk.engine.submit("A", "dispatch", unit="甲科", order_due="2027-01-20")
    before = desk.row("JY-T06")
    assert before.provisional
    desk.engine.load_calendar(written(tmp_path))
    assert not desk.row("JY-T06").provisional
    desk.clock.advance_to(datetime(2026, 12, 31, 10, tzinfo=BEIJING))
    done = desk.engine.submit(
        "A", "correct", entry=3, field="at", before=before.started_at, role="centre_head", reason="登记有误",
        after=datetime(2026, 12, 31, 9, 30, tzinfo=BEIJING),
    )  # fmt: skip
    assert "recompute" in {one.event for one in done.entries}
    assert not desk.row("JY-T06").provisional


def lived(desk: Desk) -> None:
    """Everything at once: a contact back-dated, a unit and a time corrected."""
    desk.dispatched()
    desk.do(
        "02 10:15", "contact", evidence="录音", at="2026-03-02 09:25", role="热线办", backdated="系统故障"
    )
    desk.correct("02 10:20", 3, "unit", "甲科", "乙所")
    desk.do("04 09:00", "accept", unit="乙所")
    desk.correct("04 10:00", 3, "at", at("02 09:20"), at("02 09:10"))
    desk.correct("04 11:00", desk.last("accept").seq, "at", at("04 09:00"), at("03 09:00"))


def replayed(desk: Desk, folder: Path, name: str, **options):
    desk.engine.sweep()
    desk.engine.export(folder / "log.csv")
    log, now = folder / "log.csv", desk.clock.now()
    summary = replay(Request(logs=(log,), document=document("JY"), out=folder / name, as_of=now, **options))
    events = summary["events"]
    counted = ("applied", "refused", "rejected", "after_as_of")
    assert events["read"] == sum(events[one] for one in counted)
    return folder / name


def test_by_time_the_corrected_values_stand_and_the_verdicts_are_the_live_ones(office, tmp_path):
    lived(office)
    out = replayed(office, tmp_path, "at")
    rows = [(one["event"], one["at"], one["unit"]) for one in table(out, "transitions") if not one["rule"]]
    assert rows[:5] == [
        ("receive", "2026-03-02T09:00:00+08:00", ""),
        ("register", "2026-03-02T09:05:00+08:00", ""),
        ("dispatch", "2026-03-02T09:10:00+08:00", "乙所"),
        ("contact", "2026-03-02T09:25:00+08:00", ""),
        ("correct", "2026-03-02T10:20:00+08:00", ""),
    ]
    assert ("accept", "2026-03-03T09:00:00+08:00", "乙所") in rows
    assert not [one for one in table(out, "transitions") if one["event"].startswith("time_out")]
    deadlines = [(one["rule"], one["unit"], one["due_at"], one["verdict"]) for one in table(out, "deadlines")]
    live = [(one.rule, one.unit, one.due_at.isoformat(), one.verdict) for one in office.engine.deadlines("A")]
    assert sorted(deadlines) == sorted(live)
    assert table(out, "rejected") == table(out, "deviations") == []


@pytest.mark.parametrize("as_recorded", [True, False])
def test_history_explain_and_another_judgement_read_a_folder_with_corrections(office, tmp_path, as_recorded):
    from paidan.engine.rejudge import Variant, rejudge
    from paidan.engine.runs import Run

    lived(office)
    out = replayed(office, tmp_path, "first", as_recorded=as_recorded)
    entries, rules = Run(out).log("A")
    told = "\n".join(explain("A", entries, rules, office.clock.now()))
    assert "第7条更正" in told if as_recorded else "更正：" in told
    assert "记录与事实不同之处" in told
    by_time = replayed(office, tmp_path, "by-time")
    rejudge(out, [Variant(document=document("JY"))], [tmp_path / "again"])
    for name in ("deadlines.csv", "orders.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (by_time / name).read_bytes()
    if not as_recorded:
        same = ("transitions.csv", "attributes.jsonl")
        assert all((out / one).read_bytes() == (tmp_path / "again" / one).read_bytes() for one in same)


OUTCOME = {"field": "outcome", "before": "", "after": "resolved"}


def test_a_log_with_corrections_imported_is_the_log_and_imported_again_adds_nothing(desk, place_of, tmp_path):
    lived(desk)
    desk.engine.sweep()
    desk.engine.export(tmp_path / "log.csv")
    with Engine.open(place_of(desk.place.kind).url, clock=desk.clock) as other:
        done = other.import_logs([tmp_path / "log.csv"])
        assert (done.read, done.applied, done.rejected) == (8, 8, 0)

        def short(entry):
            said = {name: value for name, value in entry.attributes.items() if name != "imported"}
            return (entry.seq, entry.event, entry.at, entry.rule, entry.unit, entry.role, said)

        assert [*map(short, other.history("A"))] == [*map(short, desk.engine.history("A"))]
        assert other.deadlines() == desk.engine.deadlines()
        for engine in (other, desk.engine):
            again = engine.import_logs([tmp_path / "log.csv"])
            assert (again.applied, again.already_there, again.rejected) == (0, 8, 0)
        assert other.rebuild() is False


def changed(folder: Path, change) -> Path:
    with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [row for row in (change(row) for row in rows) if row]
    with (folder / "log.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return folder / "log.csv"


@pytest.mark.parametrize(
    "change",
    [
        (lambda row: {name: cell for name, cell in row.items() if name != "seq"}, "entry", "seq 列"),
        (lambda row: {**row, "entry": row["entry"] and "99"}, "entry", "第 99 条"),
        (lambda row: {**row, "before": row["before"] and "丙"}, "before", "按日志为"),
        (lambda row: {**row, **(OUTCOME if row["field"] else {})}, "field", "可用"),
        (lambda row: {**row, "entry": ""}, "entry", "更正缺少"),
        (lambda row: {**row, "field": row["field"] and "colour"}, "field", "可更正"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("as_recorded", [True, False])
def test_a_correction_that_fits_no_row_is_rejected_with_a_sentence(office, tmp_path, change, as_recorded):
    change, column, why = change
    office.dispatched()
    office.correct("02 10:00", 3, "unit", "甲科", "乙所")
    office.engine.export(tmp_path / "log.csv")
    log = changed(tmp_path, change)
    out = tmp_path / "out"
    summary = replay(Request(logs=(log,), document=document("JY"), out=out, as_recorded=as_recorded))
    (row,) = table(out, "rejected")
    assert (row["order_id"], row["column"], row["row"]) == ("A", column, "4")
    assert why in row["reason"]
    assert summary["events"] == {"read": 4, "applied": 3, "refused": 0, "rejected": 1, "after_as_of": 0}


def test_differences_name_each_clock_with_what_caused_it(desk):
    lived(desk)
    ((order_id, found),) = desk.engine.differences()
    assert order_id == "A"
    told = {
        one.rule: (one.recorded.verdict, one.by_time.verdict, [why[:1] + why[3:] for why in one.causes])
        for one in found
    }
    assert told == {
        "JY-T05": ("late", "met", [("backdated", 5, 0)]),
        "JY-T03": ("late", "met", [("corrected", 11, 9)]),
    }
    entries, rules = desk.engine.history("A"), desk.engine.rules("A")
    said = "\n".join(explain("A", entries, rules, desk.clock.now()))
    assert "按得知时间（2026-03-02 10:15:00）：" in said
    assert "第5条 先行联系：发生于 2026-03-02 09:25:00，2026-03-02 10:15:00 才补录（系统故障）" in said
    assert "第11条更正（2026-03-04 11:00:00）：第9条的 at（时间）" in said
    assert "记录与事实不同之处" not in "\n".join(
        explain("A", entries, rules, desk.clock.now(), rule="JY-T01")
    )
    english = "\n".join(explain("A", entries, rules, desk.clock.now(), lang="en"))
    assert "entry 5, First contact: happened at 2026-03-02 09:25:00, back-dated at" in english


def test_a_calendar_loaded_later_and_a_limit_corrected_are_causes_too(place_of, tmp_path):
    clock = SimulatedClock(datetime(2026, 12, 30, 9, tzinfo=BEIJING))
    with Engine.open(place_of("memory").url, clock=clock) as engine:
        engine.submit("A", "receive")
        engine.submit("A", "register")
        engine.submit("A", "dispatch", unit="甲科", order_due="2027-01-20")
        engine.load_calendar(written(tmp_path, EVE))
        clock.advance_to(clock.now() + timedelta(hours=1))
        engine.submit(
            "A", "correct", entry=3, field="order_due", before="2027-01-20", after="2027-01-25",
            role="centre_head", reason="登记有误",
        )  # fmt: skip
        ((_, found),) = engine.differences("A")
        told = {
            one.rule: ({why.kind for why in one.causes}, one.recorded[1] != one.by_time[1])
            for one in found
            if one.recorded and one.by_time
        }
    assert told["JY-T06"] == ({"calendar"}, True)
    assert told["JY-T09"] == ({"corrected"}, True)


def test_what_may_be_done_now_lists_the_correction_with_its_roles(office, place_of):
    (one,) = [one for one in office.engine.available("A") if one.event == "correct"]
    assert (one.allowed, one.needs) == (True, ("entry", "field", "reason"))
    assert "centre_head" in one.whose[0].roles
    nobody = Desk(place_of("memory"), **{"late.permission": "nobody"})
    (one,) = [one for one in nobody.engine.available("A") if one.event == "correct"]
    assert not one.allowed


def test_a_column_of_numbers_that_are_no_numbers_of_entries_does_no_harm(tmp_path):
    said = {"seq": "9" * 5000, "entry": "Eingang", "before": "x", "after": "y"}
    rows = [("A", "receive", "2026-03-02 09:00", said), ("A", "register", "2026-03-02 09:10", {"seq": "b"})]
    log = write_log(tmp_path / "log.csv", rows)
    for as_recorded in (False, True):
        summary = replay(
            Request(logs=(log,), document=document("JY"), out=tmp_path / "out", as_recorded=as_recorded)
        )
        assert summary["events"]["applied"] == 2


def test_of_two_files_a_correction_means_the_row_of_its_own(tmp_path):
    first = [
        ("A", "receive", "2026-03-02 09:00", {"seq": 1}),
        ("A", "register", "2026-03-02 09:10", {"seq": 2}),
    ]
    said = {"entry": 1, "field": "unit", "before": "甲科", "after": "乙所"}
    second = [
        ("A", "dispatch", "2026-03-02 09:20", {"seq": 1, "unit": "甲科"}),
        ("A", "correct", "2026-03-02 09:30", {"seq": 2, **said}),
        ("A", "correct", "2026-03-02 09:40", {"seq": 3, **said, "entry": 7}),
    ]
    logs = (write_log(tmp_path / "1.csv", first), write_log(tmp_path / "2.csv", second))
    for as_recorded in (False, True):
        out = tmp_path / str(as_recorded)
        replay(Request(logs=logs, document=document("JY"), out=out, as_recorded=as_recorded))
        assert {row["unit"] for row in table(out, "deadlines") if row["rule"] == "JY-T03"} == {"乙所"}
        assert [(row["source"], row["row"]) for row in table(out, "rejected")] == [("2.csv", "3")]


def test_a_clock_that_one_side_does_not_know_is_a_difference(office):
    office.dispatched()
    office.correct("02 09:31", 3, "order_due", "2026-03-20", None)
    ((_, found),) = office.engine.differences()
    ((rule, recorded, by_time),) = [(one.rule, one.recorded, one.by_time) for one in found]
    assert (rule, by_time) == ("JY-T09", None)
    assert recorded is not None
    assert recorded.due_at == at("20 23:59:59")


@pytest.fixture
def paidan(monkeypatch, capsys):
    """Run a command in this process; gives its exit code, what it printed and what it said."""

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["paidan", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            run()
        return int(ended.value.code or 0), *capsys.readouterr()

    return command


def test_the_commands_correct_show_and_compare(place_of, tmp_path, paidan):
    desk = Desk(place_of("sqlite"))
    lived(desk)
    desk.engine.export(tmp_path / "log.csv")
    desk.engine.close()
    db = ("--db", desk.place.url)
    asked = ("entry=1", "field=area", "after=一村", "reason=漏填", "role=centre_head")
    code, out, _ = paidan("submit", "A", "correct", *asked, *db)
    assert (code, "已受理" in out) == (0, True)
    code, _, err = paidan("submit", "A", "correct", *asked, *db)
    assert (code, "现为“一村”" in err) == (3, True)
    _, shown, _ = paidan("history", "A", *db, "--format", "csv")
    assert "更正第几条：1；更正哪一项：area（区域）；应为：一村" in shown
    assert "条更正：at（时间） 原为 2026-03-02 09:20:00，应为 2026-03-02 09:10:00］" in shown
    assert "［2026-03-02 10:15:00 登记］" in shown
    entries = json.loads(paidan("history", "A", *db, "--format", "json")[1])
    assert [one["field"] for one in entries[2]["corrections"]] == ["unit", "at"]
    found = json.loads(paidan("differences", *db, "--format", "json")[1])
    code, of_log, _ = paidan("differences", tmp_path / "log.csv", "--policy", "JY", "--format", "json")
    assert code == 0
    sides = ("rule", "unit", "recorded", "by_time")
    told = [{name: one[name] for name in sides} for one in found]
    assert told == [{name: one[name] for name in sides} for one in json.loads(of_log)]
    assert {one["rule"] for one in told} == {"JY-T03", "JY-T05"}
    _, table_of, err = paidan("differences", *db, "--order-id", "A", "--lang", "en", "--format", "csv")
    assert "back-dated at 2026-03-02 10:15:00" in table_of
    assert "1 of 1 orders differ" in err
    assert paidan("differences")[0] == 2
    assert paidan("differences", tmp_path / "log.csv")[0] == 2
    broken = changed(tmp_path, lambda row: {**row, "before": row["before"] and "丙"})
    code, _, err = paidan("differences", broken, "--policy", "JY")
    assert (code, "按日志为" in err) == (3, True)
