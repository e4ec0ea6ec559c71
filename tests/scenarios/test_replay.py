"""A log replayed: the four tables and the summary, nothing lost, the same bytes every time."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from support.logs import life, run, summary_of, table, write_log

ROOT = Path(__file__).resolve().parents[2]


def accounted(summary):
    events = summary["events"]
    return (
        events["read"] == events["applied"] + events["refused"] + events["rejected"] + events["after_as_of"]
    )


def test_a_plain_life_has_eight_transitions_and_one_row_for_each_clock(tmp_path):
    summary, out = run(tmp_path, life())
    moves = [(row["event"], row["from_state"], row["to_state"]) for row in table(out, "transitions")]
    assert moves == [
        ("receive", "", "received"),
        ("register", "received", "registered"),
        ("dispatch", "registered", "dispatched"),
        ("contact", "dispatched", "dispatched"),
        ("accept", "dispatched", "contacted"),
        ("resolve", "contacted", "resolved"),
        ("revisit", "resolved", "revisited"),
        ("close", "revisited", "closed"),
    ]
    assert {row["rule"]: row["verdict"] for row in table(out, "deadlines")} == {
        "JY-T01": "met",
        "JY-T02": "met",
        "JY-T03": "met",
        "JY-T04": "met",
        "JY-T06": "unused",
        "JY-T08": "unused",
        "JY-T09": "met",
    }
    assert table(out, "deviations") == table(out, "rejected") == []
    assert summary == summary_of(out)
    assert summary["orders"] == {"total": 1, "by_state": {"closed": 1}, "outside_period": 0}
    assert summary["events"] == {"read": 8, "applied": 8, "refused": 0, "rejected": 0, "after_as_of": 0}
    assert summary["versions"] == {"JY@2022-07-01": 1}


def test_times_are_written_with_the_offset_of_beijing(tmp_path):
    rows: list[tuple[str, str, str, dict[str, str]]] = [
        ("GD1", "receive", "2026-03-02T01:00:00Z", {}),
        ("GD1", "register", "2026/3/2 9:05", {}),
    ]
    _, out = run(tmp_path, rows)
    assert [row["at"] for row in table(out, "transitions")] == [
        "2026-03-02T09:00:00+08:00",
        "2026-03-02T09:05:00+08:00",
    ]


def test_a_missed_duty_gets_one_time_out_at_its_due_second_after_that_seconds_events(tmp_path):
    rows = [
        ("GD1", "receive", "2026-03-02 09:00:00", {"order_due": "2026-03-20"}),
        ("GD1", "note", "2026-03-02 09:30:00", {}),
        ("GD1", "register", "2026-03-02 09:40:00", {}),
    ]
    _, out = run(tmp_path, rows)
    assert [
        (row["seq"], row["event"], row["rule"], row["to_state"]) for row in table(out, "transitions")
    ] == [
        ("1", "receive", "", "received"),
        ("2", "note", "", "received"),
        ("3", "time_out", "JY-T01", "received"),
        ("4", "register", "", "registered"),
    ]


def test_observed_history_moves_to_the_state_it_names_and_enforced_it_does_not(tmp_path):
    rows = [
        *life()[:3],
        ("GD1", "close", "2026-03-02 09:30:00", {}),
        ("GD1", "accept", "2026-03-02 10:00:00", {}),
    ]
    summary, out = run(tmp_path, rows)
    assert [row["to_state"] for row in table(out, "transitions")][-2:] == ["closed", "accepted"]
    assert [(row["event"], row["rule"], row["action"]) for row in table(out, "deviations")] == [
        ("close", "", "applied"),
        ("accept", "", "applied"),
    ]
    summary, out = run(tmp_path, rows, enforce=True, out="enforced")
    assert [row["to_state"] for row in table(out, "transitions")][-1] == "accepted"
    assert [(row["event"], row["action"]) for row in table(out, "deviations")] == [("close", "refused")]
    assert summary["events"]["refused"] == 1
    assert accounted(summary)


def test_each_broken_rule_has_its_row_with_clause_and_reason(tmp_path):
    rows = [*life()[:3], ("GD1", "request_return", "2026-03-05 09:00:00", {"owner": "水务所", "reason": "x"})]
    _, out = run(tmp_path, rows, enforce=True)
    found = {row["rule"]: row for row in table(out, "deviations")}
    assert set(found) == {"JY-T06", "JY-G02"}
    assert found["JY-T06"]["clause"] == "附件3 第三条(一)3"
    assert "2026-03-03 23:59:59" in found["JY-T06"]["reason"]
    assert "依据或证据" in found["JY-G02"]["reason"]
    assert found["JY-G02"]["row"] == "4"


def test_an_order_that_begins_in_the_middle_is_applied_from_there(tmp_path):
    for enforce in (False, True):
        _, out = run(tmp_path, life()[4:], enforce=enforce, out=f"out{enforce}")
        assert [row["to_state"] for row in table(out, "transitions")] == [
            "accepted",
            "resolved",
            "revisited",
            "closed",
        ]
        assert [(row["event"], row["rule"], row["action"]) for row in table(out, "deviations")] == [
            ("accept", "", "applied")
        ]
        assert table(out, "deadlines") == []


def test_rows_after_as_of_are_counted_apart(tmp_path):
    from datetime import datetime

    from paidan.workflows.records import BEIJING

    as_of = datetime(2026, 3, 5, 11, tzinfo=BEIJING)
    summary, out = run(tmp_path, life(), as_of=as_of)
    assert summary["events"]["after_as_of"] == 2
    assert accounted(summary)
    assert {row["rule"]: row["verdict"] for row in table(out, "deadlines")}["JY-T09"] == "open"


def test_as_recorded_a_late_approval_withdraws_the_time_out_and_by_time_there_never_was_one(tmp_path):
    rows = [
        *life()[:3],
        ("GD1", "accept", "2026-03-02 11:00:00", {}),
        ("GD1", "contact", "2026-03-02 11:00:00", {}),
        ("GD1", "request_extension", "2026-03-09 10:00:00", {}),
        ("GD1", "approve_extension", "2026-03-21 10:00:00", {"order_due": "2026-04-10 18:00:00"}),
    ]
    _, by_time = run(tmp_path, rows, out="at")
    _, recorded = run(tmp_path, rows, out="recorded", as_recorded=True)
    events = [row["event"] for row in table(recorded, "transitions")]
    assert events[-4:] == ["request_extension", "time_out", "approve_extension", "time_out_withdrawn"]
    assert "time_out" not in [row["event"] for row in table(by_time, "transitions")]
    assert table(by_time, "deadlines") == table(recorded, "deadlines")


def test_an_event_learned_after_its_time_out_withdraws_it(tmp_path):
    rows = [
        ("GD1", "receive", "2026-03-02 09:00:00", {"order_due": "2026-03-20"}),
        ("GD1", "register", "2026-03-02 09:10:00", {"recorded_at": "2026-03-02 12:00:00"}),
    ]
    _, out = run(tmp_path, rows, as_recorded=True)
    assert [(row["event"], row["rule"]) for row in table(out, "transitions")] == [
        ("receive", ""),
        ("time_out", "JY-T01"),
        ("register", ""),
        ("time_out_withdrawn", "JY-T01"),
        ("time_out", "JY-T02"),
    ]
    assert table(out, "deadlines")[0]["verdict"] == "met"


def test_exact_duplicates_and_unreadable_rows_are_rejected_with_row_column_and_reason(tmp_path):
    rows = [
        *life(),
        life()[7],
        ("GD1", "fly", "2026-03-07", {}),
        ("GD1", "note", "2026-02-30 10:00", {}),
        ("", "note", "2026-03-07", {}),
        ("GD1", "time_out", "2026-03-07", {}),
        ("GD1", "receive", "2026-03-07", {"urgent": "perhaps"}),
        ("GD1", "revisit", "2026-03-07", {"satisfaction": "great"}),
    ]
    summary, out = run(tmp_path, rows)
    rejected = table(out, "rejected")
    assert [(row["row"], row["column"], row["value"]) for row in rejected] == [
        ("9", "", ""),
        ("10", "event", "fly"),
        ("11", "at", "2026-02-30 10:00"),
        ("12", "order_id", ""),
        ("13", "event", "time_out"),
        ("14", "urgent", "perhaps"),
        ("15", "satisfaction", "great"),
    ]
    assert "engine event" in rejected[4]["reason"]
    assert "basically_satisfied" in rejected[6]["reason"]
    assert accounted(summary)
    assert summary["events"]["rejected"] == 7


def test_notes_that_differ_only_in_a_dropped_column_are_not_duplicates(tmp_path):
    rows = [
        *life(),
        ("GD1", "note", "2026-03-07", {"content": "a"}),
        ("GD1", "note", "2026-03-07", {"content": "b"}),
    ]
    summary, _ = run(tmp_path, rows)
    assert summary["events"]["rejected"] == 0


def test_identity_is_dropped_counted_and_in_no_file(tmp_path):
    secret = {"caller": "张三丰", "phone": "13900001111", "address": "秘密路1号", "content": "内容秘密"}
    summary, out = run(tmp_path, [(*row[:3], {**row[3], **secret}) for row in life()])
    written = b"".join(path.read_bytes() for path in out.iterdir())
    assert not any(value.encode() in written for value in secret.values())
    assert summary["identity_columns_dropped"] == sorted(secret)
    assert summary["identity_cells_dropped"]["phone"] == 8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_log_may_come_in_any_of_the_encodings_of_chinese_exports(tmp_path, encoding):
    rows = [(order, event, at, {**said, "unit": "金杨居委"}) for order, event, at, said in life()]
    path = write_log(tmp_path / "log.csv", rows, encoding)
    from paidan.engine.replay import Request, replay
    from paidan.policies.registry import document

    summary = replay(Request(logs=(path,), document=document("JY"), out=tmp_path / "out"))
    assert summary["events"]["applied"] == 8
    assert {row["unit"] for row in table(tmp_path / "out", "transitions")} == {"金杨居委"}


def test_chinese_labels_are_read_as_the_identifiers_they_name(tmp_path):
    rows = [
        ("GD1", "接收", "2026-03-02 09:00:00", {"urgent": "是"}),
        ("GD1", "回访", "2026-03-05 09:00:00", {"satisfaction": "基本满意", "outcome": "实际解决"}),
    ]
    _, out = run(tmp_path, rows)
    assert [row["event"] for row in table(out, "transitions") if row["rule"] == ""] == ["receive", "revisit"]


def test_orders_received_before_the_period_are_counted_and_governed_by_the_nearest_version(tmp_path):
    rows = [(o, e, at.replace("2026", "2021"), said) for o, e, at, said in life()]
    summary, _ = run(tmp_path, rows)
    assert summary["orders"]["outside_period"] == 1
    assert summary["versions"] == {"JY@2022-07-01": 1}


def test_the_same_bytes_whatever_the_row_order_the_time_zone_or_the_hash_seed(tmp_path):
    rows = [row for number in range(40) for row in life(f"GD{number:03d}")]
    write_log(tmp_path / "a.csv", rows)
    mixed = sorted(range(40), key=lambda n: random.Random(n).random())
    by_order = {f"GD{n:03d}": life(f"GD{n:03d}") for n in range(40)}
    shuffled = [row for step in range(8) for n in mixed for row in (by_order[f"GD{n:03d}"][step],)]
    write_log(tmp_path / "b.csv", shuffled)
    outputs = []
    for number, (name, zone, seed) in enumerate(
        (("a", "UTC", "1"), ("a", "America/New_York", "2"), ("b", "Asia/Tokyo", "3"))
    ):
        out = tmp_path / f"out{number}"
        subprocess.run(
            [
                sys.executable,
                ROOT / "run_engine.py",
                "replay",
                tmp_path / f"{name}.csv",
                "--policy",
                "JY",
                "--out",
                out,
            ],
            check=True,
            env={**os.environ, "TZ": zone, "PYTHONHASHSEED": seed},
            capture_output=True,
        )
        outputs.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert outputs[0] == outputs[1]
    same = {
        "transitions.csv",
        "deadlines.csv",
        "deviations.csv",
        "rejected.csv",
        "orders.jsonl",
        "attributes.jsonl",
    }
    assert {name: outputs[0][name] for name in same} == {name: outputs[2][name] for name in same}


def test_a_replay_that_fails_leaves_the_earlier_run_whole(tmp_path):
    _, out = run(tmp_path, life())
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    broken = life()[:2]
    with pytest.raises(Exception, match="unknown_year"):
        run(
            tmp_path,
            [*broken, ("GD1", "dispatch", "2026-12-31 09:20:00", {"unit": "A"})],
            name="other.csv",
            settings={"cal.unknown_year": "refuse"},
        )
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
