"""A log brought into live orders, on each store: as if the engine had been there, once, whatever happens."""

import csv
import json
import random
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.importing import kill_at_random
from support.logs import life, table, write_log
from support.notices import written as notice_written
from support.stores import KINDS, ON_DISK

from paidan.engine import Engine, import_log
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import InputError, UsageError
from paidan.engine.intake.events import read_logs
from paidan.engine.replay import Request, replay
from paidan.engine.replay_order import replay_order
from paidan.policies.registry import document, names
from paidan.storage import open_store
from paidan.workflows.attributes import ATTRIBUTE_OF, IMPORTED, SAYABLE, Holds
from paidan.workflows.records import BEIJING, Entry
from paidan.workflows.work_order import EVENTS

NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
ASKED = [event.name for event in EVENTS if not event.by_engine and event.name != "correct"]
USUAL = [event for _, event, _, _ in life()]
LATE = [
    ("GD2", "receive", "2026-03-02 09:00:00", {}),
    ("GD2", "register", "2026-03-02 09:40:00", {}),
    ("GD2", "dispatch", "2026-03-02 09:50:00", {"unit": "A"}),
    ("GD2", "close", "2026-03-03 09:00:00", {}),
]
"""Registered late, and closed as the life of an order does not allow; what is due after that is missed."""


class Desk:
    """An engine on one store, its clock long after the log, and files beside it."""

    def __init__(self, place, folder):
        self.place, self.folder = place, folder
        self.clock = SimulatedClock(NOW)
        self.engine = Engine.open(place.url, "JY", clock=self.clock)
        self.rejected = []

    def file(self, rows, name="log.csv"):
        return write_log(self.folder / name, rows)

    def bring(self, rows, name="log.csv", **said):
        self.rejected = []
        done = self.engine.import_logs([self.file(rows, name)], on_rejected=self.rejected.append, **said)
        assert done.read == done.applied + done.refused + done.rejected + done.already_there
        assert done.rejected == len(self.rejected)
        assert self.engine.rebuild() is False
        return done

    def log(self, order="GD1"):
        return [(one.event, one.rule) for one in self.engine.history(order)]

    def whole(self):
        return log_of(self.place.url)

    def check_one_truth(self, **said):
        """The export, replayed as recorded, is the live log."""
        target = self.folder / "exported.csv"
        self.engine.export(target)
        log = read_logs([target])
        live: dict[str, list[Entry]] = {}
        for entry in self.whole():
            live.setdefault(entry.order_id, []).append(entry)
        assert sorted(log.orders) == sorted(live)
        for order_id, entries in live.items():
            rules = self.engine.rules(order_id)
            commands = log.of(order_id, as_recorded=True)
            done = replay_order(order_id, commands, rules, self.clock.now(), as_recorded=True, **said)
            assert [short(one) for one in done.entries] == [short(one) for one in entries]
            assert done.order == self.engine.order(order_id)
        assert log.rejected == []


def short(entry):
    return (entry.seq, entry.event, entry.at, entry.rule, entry.to_state, entry.actor, entry.role, entry.unit,
            entry.attributes)  # fmt: skip


def log_of(url):
    store = open_store(url, "JY", create=False)
    try:
        return list(store.entries())
    finally:
        store.close()


@pytest.fixture(params=KINDS)
def desk(request, place_of, tmp_path):
    one = Desk(place_of(request.param), tmp_path)
    yield one
    one.engine.close()


on_disk = pytest.mark.parametrize("desk", ON_DISK, indirect=True)


class Said(NamedTuple):
    code: int
    out: str
    err: str


def at(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)


def test_a_log_becomes_live_orders_with_the_time_outs_of_their_time(desk):
    done = desk.bring([*life(), *LATE])
    assert (done.applied, done.orders, done.whole) == (12, 2, True)
    assert desk.log() == [(event, "") for event in USUAL]
    assert desk.log("GD2") == [
        ("receive", ""), ("time_out", "JY-T01"), ("register", ""), ("dispatch", ""), ("close", ""),
        ("time_out", "JY-T04"), ("time_out", "JY-T03"),
    ]  # fmt: skip
    assert done.deviations["no_such_move"] == 1
    assert done.timed_out == sum(event == "time_out" for event, _ in desk.log("GD2"))
    assert desk.engine.sweep() == 0, "all that is overdue by now stands in the log"
    desk.check_one_truth()


def test_each_entry_says_the_file_and_row_it_came_from_and_when_it_was_learned(desk):
    rows = life()[:3]
    rows[1][3]["recorded_at"] = "2026-03-02 09:15:00"
    desk.bring(rows, "三月.csv")
    asked = [one for one in desk.engine.history("GD1") if IMPORTED in one.attributes]
    assert [one.attributes[IMPORTED] for one in asked] == ["三月.csv:1", "三月.csv:2", "三月.csv:3"]
    assert [one.at for one in asked] == [at("03-02 09:00"), at("03-02 09:10"), at("03-02 09:20")]
    assert [one.recorded_at for one in asked] == [at("03-02 09:00"), at("03-02 09:15"), at("03-02 09:20")]
    out = desk.folder / "out.csv"
    desk.engine.export(out)
    with out.open(encoding="utf-8", newline="") as file:
        assert [row[IMPORTED] for row in csv.DictReader(file)] == ["三月.csv:1", "三月.csv:2", "三月.csv:3"]


def test_nobody_can_submit_as_if_it_had_been_imported(desk):
    with pytest.raises(UsageError) as told:
        desk.engine.submit("A", "receive", imported="三月.csv:1")
    assert told.value.details["name"] == IMPORTED
    assert IMPORTED not in told.value.details["allowed"]


def test_a_second_import_finds_everything_there(desk):
    rows = [*life(), *LATE]
    desk.bring(rows)
    before = desk.whole()
    desk.clock.advance_to(NOW + timedelta(days=1))
    again = desk.bring(rows, "again.csv")
    assert (again.applied, again.already_there, again.timed_out, again.whole) == (0, 12, 0, True)
    assert desk.whole() == before


def test_rows_that_say_the_same_are_as_many_as_they_are(desk):
    urge = [("GD1", "urge", "2026-03-03 10:00:00", {"phone": str(number)}) for number in range(3)]
    assert desk.bring([*life(), *urge[:1]]).applied == 9
    more = desk.bring([*life(), *urge], "more.csv")
    assert (more.applied, more.already_there) == (2, 9)
    assert Counter(event for event, _ in desk.log())["urge"] == 3
    assert desk.bring([*urge, *life()], "moved.csv").already_there == 11
    assert desk.bring([*life(), life()[0]], "doubled.csv").rejected == 1


def test_the_export_of_live_orders_is_there_already(desk):
    for minutes, event, said in ((0, "receive", {"urgent": True}), (90, "register", {"actor": "甲"})):
        desk.clock.advance_to(NOW + timedelta(minutes=minutes))
        desk.engine.submit("A", event, **said)
    desk.bring(life())
    before = desk.whole()
    target = desk.folder / "own.csv"
    desk.engine.export(target)
    done = desk.engine.import_logs([target])
    assert (done.read, done.already_there, done.applied) == (10, 10, 0)
    assert desk.whole() == before


def test_an_event_before_the_last_entry_of_a_live_order_is_late_truth(desk):
    desk.engine.submit("A", "receive", order_due="2026-06-20")
    desk.clock.advance_to(NOW + timedelta(minutes=40))
    assert desk.engine.sweep() == 1
    submitted = desk.engine.submit("A", "urge")
    assert submitted.accepted
    done = desk.bring([("A", "register", "2026-06-01 09:10:00", {})])
    assert (done.applied, done.withdrawn) == (1, 1)
    assert desk.log("A")[:5] == [
        ("receive", ""), ("time_out", "JY-T01"), ("urge", ""), ("register", ""),
        ("time_out_withdrawn", "JY-T01"),
    ]  # fmt: skip
    late = desk.engine.history("A")[3]
    assert (late.at, late.recorded_at) == (at("06-01 09:10"), at("06-01 09:40")), "learned after the urge"
    assert desk.engine.deadlines("A")[0].verdict == "met"
    desk.check_one_truth()


def test_what_is_imported_is_gone_on_with_live(desk):
    desk.clock.advance_to(at("06-01 10:00"))
    desk.bring([("A", event, when.replace("03-02", "06-01"), said) for _, event, when, said in life()[:3]])
    assert desk.engine.submit("A", "accept", unit="A").accepted
    assert not desk.engine.submit("A", "close").accepted
    desk.check_one_truth()


def test_nothing_is_recorded_after_now_and_what_lies_ahead_is_rejected(desk):
    rows = [
        ("A", "receive", "2026-06-01 08:00:00", {"recorded_at": "2026-07-01"}),
        ("A", "register", "2026-06-01 09:00:01", {}),
    ]
    done = desk.bring(rows)
    assert (done.applied, done.rejected, done.whole) == (1, 1, False)
    (ahead,) = desk.rejected
    assert (ahead.row, ahead.column, ahead.code) == (2, "at", "import.ahead")
    (entry, *_) = desk.engine.history("A")
    assert entry.recorded_at == NOW
    desk.clock.advance_to(NOW + timedelta(minutes=1))
    assert desk.bring(rows).applied == 1


def test_what_cannot_be_read_is_rejected_as_in_a_replay_and_the_rest_is_taken(desk):
    rows = [
        *life(),
        ("GD1", "time_out", "2026-03-07", {}),
        ("GD1", "飞", "2026-03-07", {}),
        ("", "note", "2026-03-07", {}),
        ("GD1", "note", "2026-02-30", {}),
        life()[0],
    ]
    done = desk.bring(rows)
    assert (done.applied, done.rejected, done.whole) == (8, 5, False)
    _, out = desk.folder, desk.folder / "replayed"
    replay(Request(logs=(desk.folder / "log.csv",), document=document("JY"), out=out))
    assert [(row["row"], row["column"]) for row in table(out, "rejected")] == [
        (str(one.row), one.column) for one in desk.rejected
    ]


def test_enforced_what_a_rule_refuses_is_refused_for_good(desk):
    closed = [("GD1", "close", "2026-03-04 10:00:00", {"phone": str(number)}) for number in range(2)]
    rows = [*life()[:5], *closed, *life()[5:7]]
    done = desk.bring(rows[:6] + rows[7:], enforce=True)
    assert (done.applied, done.refused, done.whole) == (7, 1, False)
    (refusal,) = done.refusals
    assert (refusal.command.row, [one.code for one in refusal.findings]) == (6, ["no_such_move"])
    assert desk.engine.order("GD1").state == "revisited", "by now it could be closed"
    before = desk.whole()
    again = desk.bring(rows[:6] + rows[7:], "again.csv", enforce=True)
    assert (again.applied, again.already_there, again.refused) == (0, 7, 1)
    assert again.refusals[0].findings == refusal.findings
    assert desk.whole() == before
    more = desk.bring(rows, "more.csv", enforce=True)
    assert (more.applied, more.already_there, more.refused) == (1, 7, 1), "a second row that says it is new"
    desk.check_one_truth(enforce=True)
    observed = desk.bring(rows, "observed.csv")
    assert (observed.applied, observed.already_there) == (1, 8), "history is a fact where it is asked for"


def test_citizens_who_are_named_in_a_file_reach_no_table(desk):
    named = {"caller": "王小明", "phone": "13912345678", "address": "云山路1号", "content": "漏水"}
    rows = life(**named)
    done = desk.bring([*rows, ("GD1", "飞", "2026-03-07", named)])
    assert dict(done.identity_dropped) == dict.fromkeys(named, 2)
    lies = desk.place.written() + repr(desk.rejected)
    assert not [text for text in named.values() if text in lies]


def test_a_file_that_cannot_be_taken_leaves_the_orders_as_they_were(desk):
    desk.bring(life())
    before = desk.whole()
    broken = desk.folder / "broken.jsonl"
    broken.write_text('{"order_id": "B"}\n', encoding="utf-8")
    with pytest.raises(InputError):
        desk.engine.import_logs([desk.file(life("GD9"), "good.csv"), broken])
    assert desk.whole() == before


def test_the_wide_form_and_a_mapping_are_read_as_a_replay_reads_them(desk):
    wide = desk.folder / "宽表.csv"
    wide.write_text(
        "工单编号,受理时间,派单时间,主责部门,结案时间\n"
        "K1,2026-03-02 09:00,2026-03-02 09:20,甲科,2026-03-05 10:00\n",
        encoding="utf-8",
    )
    done = desk.engine.import_logs([wide])
    assert (done.read, done.applied) == (4, 4)
    asked = [one for one in desk.engine.history("K1") if one.event != "time_out"]
    assert [one.event for one in asked] == ["receive", "dispatch", "resolve", "close"]
    assert {one.attributes[IMPORTED] for one in asked} == {"宽表.csv:1"}
    assert desk.engine.import_logs([wide]).already_there == 4
    mapping = desk.folder / "m.toml"
    mapping.write_text('[columns]\n"活动" = "event"\n"单" = "order_id"\n"时" = "at"\n', encoding="utf-8")
    mapped = desk.folder / "mapped.csv"
    mapped.write_text("单,活动,时\nK2,接收,2026/3/2 9:00\n", encoding="utf-8")
    assert desk.engine.import_logs([mapped], mapping=mapping).applied == 1


def test_a_large_log_is_read_in_runs_of_orders_to_the_same_end(desk, monkeypatch):
    rows = [row for number in range(40) for row in life(f"GD{number:02}")]
    random.Random(5).shuffle(rows)
    rows += [("", "note", "2026-03-07", {}), ("GD01", "飞", "2026-03-07", {})]
    monkeypatch.setattr(import_log, "_IN_MEMORY", 60)
    monkeypatch.setattr(import_log, "_SAMPLED", 32)
    monkeypatch.setattr(import_log, "_TOGETHER", 20)
    told = []
    done = desk.bring(rows, on_progress=lambda done, total: told.append((done, total)))
    assert (done.read, done.applied, done.rejected, done.orders) == (322, 320, 2, 40)
    assert told[-1][1] == 322
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    desk.check_one_truth()


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_loaded_since_counts_the_imported_deadlines_again(kind, place_of, tmp_path):
    clock = SimulatedClock(datetime(2026, 12, 30, 8, tzinfo=BEIJING))
    rows = [
        ("A", "receive", "2026-12-30 09:00:00", {}),
        ("A", "register", "2026-12-30 09:10:00", {}),
        ("A", "dispatch", "2026-12-30 09:20:00", {"unit": "甲科", "order_due": "2027-01-20"}),
    ]
    clock.advance_to(datetime(2026, 12, 31, 8, tzinfo=BEIJING))
    with Engine.open(place_of(kind).url, "JY", clock=clock) as engine:
        engine.load_calendar(notice_written(tmp_path))
        clock.advance_to(clock.now() + timedelta(hours=1))
        engine.import_logs([write_log(tmp_path / "log.csv", rows)])
        log = engine.history("A")
        assert "recompute" in [one.event for one in log]
        assert not any(row.provisional for row in engine.deadlines("A"))
        assert engine.rebuild() is False


def test_two_imports_at_once_beside_a_sweeper_take_in_each_row_once(desk, monkeypatch):
    monkeypatch.setattr(import_log, "_TOGETHER", 20)
    rows = [row for number in range(30) for row in (*life(f"GD{number:02}"), *again(LATE, f"L{number:02}"))]
    file = desk.file(rows)
    counts = []
    threads = [
        threading.Thread(target=lambda: counts.append(desk.engine.import_logs([file]))),
        threading.Thread(target=lambda: counts.append(desk.engine.import_logs([file]))),
        threading.Thread(target=lambda: [desk.engine.sweep() for _ in range(50)]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.applied for one in counts) == sum(one.already_there for one in counts) == len(rows)
    assert sum(one.timed_out for one in counts) == sum(one.event == "time_out" for one in desk.whole())
    assert desk.engine.rebuild() is False
    desk.check_one_truth()


@on_disk
def test_killed_at_random_moments_and_started_again_it_takes_in_each_row_once(desk, place_of):
    rows = [row for number in range(150) for row in (*life(f"GD{number:03}"), *again(LATE, f"L{number:03}"))]
    chance = random.Random(7)
    chance.shuffle(rows)
    file = desk.file(rows)
    there = 0
    for _ in range(3):
        kill_at_random(desk.place.url, file, NOW, there, chance)
        found = sum(IMPORTED in one.attributes for one in desk.whole())
        assert there < found < len(rows)
        there = found
    done = desk.engine.import_logs([file])
    assert (done.already_there, done.applied) == (there, len(rows) - there)
    assert desk.engine.import_logs([file]).already_there == len(rows)
    assert desk.engine.rebuild() is False
    undisturbed = place_of("memory").url
    with Engine.open(undisturbed, "JY", clock=SimulatedClock(NOW)) as engine:
        engine.import_logs([file])
    assert desk.whole() == log_of(undisturbed)


def again(rows, order):
    return [(order, *rest) for _, *rest in rows]


VALUES = {
    Holds.FLAG: st.booleans().map(lambda said: "是" if said else "否"),
    Holds.TEXT: st.sampled_from(["甲", "乙"]),
    Holds.INSTANT: st.sampled_from(["2026-04-28 10:00:00", "2026-05-06"]),
    Holds.DUE: st.sampled_from(["2026-04-29", "2026-05-10 12:00:00"]),
    Holds.NUMBER: st.just("1"),
}


@st.composite
def logs(draw):
    """Rows of two orders, some learned late, in any order; some twice, some at the same moment."""
    rows = []
    for order in ("O1", "O2"):
        when = datetime(2026, 4, 27, 8, tzinfo=BEIJING)
        events = [*USUAL[: draw(st.integers(1, 8))]]
        for event in draw(st.lists(st.sampled_from(ASKED), max_size=6)):
            events.insert(draw(st.integers(0, len(events))), event)
        for event in events:
            when += timedelta(seconds=draw(st.sampled_from([0, 0, 60, 1801, 40_000, 86_400, 300_000])))
            said = {}
            for name in draw(st.lists(st.sampled_from(sorted(SAYABLE[event])), unique=True, max_size=3)):
                one = ATTRIBUTE_OF[name]
                said[name] = draw(st.sampled_from(sorted(one.choices)) if one.choices else VALUES[one.holds])
            if event == "dispatch":
                said["unit"] = draw(st.sampled_from(["甲", "乙"]))
            if late := draw(st.sampled_from([None, None, None, 0, 60, 7200, 500_000])):
                said["recorded_at"] = (when + timedelta(seconds=late)).isoformat()
            rows += [(order, event, when.isoformat(), said)] * draw(st.sampled_from([1, 1, 1, 2]))
    return draw(st.permutations(rows))


def folder_of(tmp, rows, policy, now, name, **said):
    log = rows if isinstance(rows, Path) else write_log(tmp / f"{name}.csv", rows)
    replay(
        Request(logs=(log,), document=document(policy), out=tmp / name, as_of=now, as_recorded=True, **said)
    )
    return [table(tmp / name, one) for one in ("transitions", "deadlines")]


@pytest.mark.parametrize("policy", names())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=logs(), cut=st.integers(0, 30), enforce=st.booleans())
def test_imported_and_exported_a_log_replays_as_it_does_itself(policy, enforce, tmp_path, rows, cut):
    clock = SimulatedClock(NOW)
    with Engine.open("memory://", policy, clock=clock) as engine:
        log = write_log(tmp_path / "log.csv", rows)
        done = engine.import_logs([log], enforce=enforce)
        assert done.read == done.applied + done.refused + done.rejected
        engine.export(tmp_path / "exported.csv")
        assert engine.rebuild() is False
        again = engine.import_logs([log], enforce=enforce)
        assert (again.applied, again.refused) == (0, done.refused)
        assert again.already_there == done.applied
    itself = folder_of(tmp_path, log, policy, NOW, "itself", enforce=enforce)
    assert folder_of(tmp_path, tmp_path / "exported.csv", policy, NOW, "back", enforce=enforce) == itself
    with Engine.open("memory://", policy, clock=clock) as engine:
        engine.import_logs([write_log(tmp_path / "first.csv", rows[:cut])])
        both = engine.import_logs([log])
        assert both.applied + both.already_there == len(rows) - both.rejected
        assert engine.rebuild() is False
        engine.export(tmp_path / "twice.csv")
        live = engine.deadlines()
    columns = ("order_id", "rule", "unit", "due_at", "verdict")
    assert sorted(
        tuple(row[name] for name in columns)
        for row in folder_of(tmp_path, tmp_path / "twice.csv", policy, NOW, "twice")[1]
    ) == sorted((row.order_id, row.rule, row.unit, row.due_at.isoformat(), str(row.verdict)) for row in live)


def test_the_command_counts_tells_and_ends_with_the_code_of_the_contract(tmp_path, monkeypatch, capsys):
    def paidan_says(*words):
        monkeypatch.setattr(sys, "argv", ["paidan", "import", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    db = f"sqlite:///{tmp_path / 'a.db'}"
    good = write_log(tmp_path / "good.csv", life())
    bad = write_log(tmp_path / "bad.csv", [*life(), ("GD1", "飞", "2026-03-07", {})])
    assert paidan_says(good, "--db", db).code == 5, "no database is made for a policy nobody named"
    done = paidan_says(good, "--db", db, "--policy", "JY", "--format", "json")
    counts = json.loads(done.out)
    assert (done.code, counts["read"], counts["applied"]) == (0, 8, 8), done.err
    done = paidan_says(good, bad, "--db", db)
    assert done.code == 3
    assert "已在库中" in done.out
    assert "bad.csv 第 9 行（GD1）：event" in done.err
    assert "--rejected" in done.err
    done = paidan_says(bad, "--db", db, "--rejected", tmp_path / "r.csv", "--format", "json", "--lang", "en")
    assert (done.code, json.loads(done.out)["already_there"]) == (3, 8)
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert list(row) == ["source", "row", "order_id", "column", "value", "reason"]
    assert (row["source"], row["row"], row["order_id"], row["column"]) == ("bad.csv", "9", "GD1", "event")
    refused = write_log(tmp_path / "refused.csv", [*life("GD3")[:3], ("GD3", "close", "2026-03-06", {})])
    done = paidan_says(refused, "--db", db, "--mode", "enforce")
    assert done.code == 3
    assert "refused.csv 第 4 行（GD3）：close" in done.err
    assert paidan_says(tmp_path / "none.csv", "--db", db).code == 5
    assert paidan_says(good, "--db", db, "--policy", "SW").code == 2
