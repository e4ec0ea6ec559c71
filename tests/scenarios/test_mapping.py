"""Somebody else's log read by a mapping: nothing lost, what is added counted apart, mistakes explained."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.forms import FORMS, write_form
from support.logs import table

from paidan.engine.errors import InputError, MappingError
from paidan.engine.faults import exit_code, sentences
from paidan.engine.intake.events import read_logs
from paidan.engine.intake.forms import open_log
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MAPPINGS = ROOT / "docs" / "howto" / "mappings"


def mapping(tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text, "utf-8")
    return read_mapping(path)


def read(tmp_path, text, *rows, form="csv"):
    path = write_form(
        tmp_path / "log", [dict(zip(("case", "what", "when"), row, strict=True)) for row in rows], form
    )
    columns = '[columns]\ncase = "order_id"\nwhat = "event"\nwhen = "at"\n'
    return read_logs([path], mapping(tmp_path, text if "[columns]" in text else f"{text}\n{columns}"))


def events(log, order_id):
    return [one.event for one in log.of(order_id)]


def replayed(tmp_path, log, name, policy="JY", **options):
    request = Request(
        logs=(log,), document=document(policy), out=tmp_path / "out",
        mapping=read_mapping(MAPPINGS / f"{name}.toml"), **options,
    )  # fmt: skip
    return replay(request), tmp_path / "out"


@pytest.mark.parametrize("policy", ["JY", "YY"])
@pytest.mark.parametrize("enforce", [False, True])
def test_a_help_desk_log_is_applied_or_explained_event_by_event(tmp_path, policy, enforce):
    summary, out = replayed(tmp_path, DATA / "helpdesk.xes", "helpdesk", policy, enforce=enforce)
    counts = summary["events"]
    assert counts["read"] == 31 == counts["applied"] + counts["refused"] + counts["rejected"]
    assert summary["inputs"][0]["rows"] == 30
    assert summary["mapping"]["added"] == {"dispatch": 1, "receive": 5, "register": 5}
    assert [(row["row"], row["order_id"]) for row in table(out, "rejected")] == [("26", "Case E")]


def test_who_takes_a_ticket_again_takes_it_over_or_takes_it_back(tmp_path):
    _, out = replayed(tmp_path, DATA / "helpdesk.xes", "helpdesk")
    told: dict[str, list[str]] = {}
    for row in table(out, "transitions"):
        if not row["rule"]:
            told.setdefault(row["order_id"], []).append(row["event"])
    begun = ["receive", "register", "dispatch"]
    assert told == {
        "Case A": [*begun, "accept", "resolve", "close"],
        "Case B": [*begun, "note", "accept", "assign", "note", "resolve", "close"],
        "Case C": [*begun, "accept", "resolve", "send_back", "resolve", "close"],
        "Case D": [*begun, "accept", "note", "resolve", "close"],
        "Case E": [*begun, "accept", "resolve", "close"],
        "Case F": [*begun, "resolve", "close"],
    }
    actors = {row["actor"] for row in table(out, "transitions") if row["event"] == "receive"}
    assert actors == {"helpdesk.toml", "Value 6"}


@pytest.mark.parametrize("policy", ["JY", "YY"])
def test_a_permit_log_carries_its_deadline_and_says_who_was_late_by_it(tmp_path, policy):
    summary, out = replayed(tmp_path, DATA / "receipt.csv", "receipt", policy)
    assert summary["inputs"][0]["from_columns"] == {
        "close": 5, "dispatch": 6, "receive": 6, "register": 6, "resolve": 5,
    }  # fmt: skip
    assert summary["events"]["read"] == 22 + 28 == summary["events"]["applied"]
    said = [json.loads(line)["said"] for line in (out / "attributes.jsonl").read_text("utf-8").splitlines()]
    assert all("order_due" in order["1"] or "order_due" in order["3"] for order in said)
    if policy == "JY":
        verdicts = {
            row["order_id"]: row["verdict"] for row in table(out, "deadlines") if row["rule"] == "JY-T09"
        }
        assert verdicts == {
            "case-1": "met", "case-2": "late", "case-3": "met", "case-4": "overdue", "case-5": "open",
            "case-6": "met",
        }  # fmt: skip


@pytest.mark.parametrize(("log", "name"), [("helpdesk.xes", "helpdesk"), ("receipt.csv", "receipt")])
def test_a_mapped_log_shared_out_among_processes_gives_the_same_bytes(tmp_path, log, name):
    files = []
    for workers in (1, 2):
        _, out = replayed(tmp_path, DATA / log, name, workers=workers)
        files.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert files[0] == files[1]


def test_the_page_shows_a_mapping_that_reads(tmp_path):
    page = (ROOT / "docs" / "howto" / "real-logs.md").read_text("utf-8")
    shown = mapping(tmp_path, page.split("```toml\n")[1].split("```")[0])
    assert all(
        (shown.columns, shown.values, shown.constants, shown.events, shown.skip, shown.times, shown.first)
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_mapping_makes_the_same_of_a_log_in_every_form(tmp_path, form):
    rows = [
        {"order_id": "1", "event": "An", "at": "2012-03-05T08:00"},
        {"order_id": "1", "event": "Ab", "at": "2012-03-06"},
    ]
    path = write_form(tmp_path / "log", rows, form)
    text = 'timezone = "Europe/Rome"\n[events]\nAn = ["receive", "register"]\nAb = "note"\n'
    text += '[constants]\nchannel = "x"\n'
    log = read_logs([path], mapping(tmp_path, text))
    assert [(one.event, one.at.isoformat(), one.row, dict(one.attributes)) for one in log.of("1")] == [
        ("receive", "2012-03-05T15:00:00+08:00", 1, {"channel": "x"}),
        ("register", "2012-03-05T15:00:00+08:00", 1, {}),
        ("note", "2012-03-06T07:00:00+08:00", 2, {}),
    ]


def test_the_standards_names_are_known_in_a_csv_without_any_mapping(tmp_path):
    (tmp_path / "log.csv").write_text(
        "case:concept:name,concept:name,time:timestamp,org:resource\n1,receive,2026-03-02,Li\n", "utf-8"
    )
    (row,) = read_logs([tmp_path / "log.csv"]).orders["1"]
    assert (row.command.event, row.command.actor) == ("receive", "Li")


def test_what_is_passed_over_is_counted_with_its_reason_and_not_read(tmp_path):
    log = read(
        tmp_path,
        '[skip]\ndraft = "不是工单的事"\n',
        ("1", "draft", "x"),
        ("1", "receive", "2026-03-02"),
        ("1", "draft", ""),
    )
    assert (log.read, log.inputs[0]["rows"], log.rejected) == (1, 3, [])
    assert log.inputs[0]["skipped"] == {"draft": {"rows": 2, "why": "不是工单的事"}}


def test_an_activity_that_the_mapping_forgets_is_rejected_and_one_that_is_ours_is_read(tmp_path):
    log = read(
        tmp_path,
        '[events]\nAn = "receive"\n',
        ("1", "An", "2026-03-02"),
        ("1", "Weg", "2026-03-02"),
        ("1", "结案", "2026-03-03"),
    )
    assert events(log, "1") == ["receive", "close"]
    assert [(one.row, one.column, one.value, one.code) for one in log.rejected] == [
        (2, "what", "Weg", "event_unknown")
    ]


def test_one_of_several_events_goes_by_where_the_order_stands_in_time_not_in_the_file(tmp_path):
    text = '[events]\nTake = { first_allowed = ["accept", "send_back", "assign"] }\n'
    rows = [("Take", "2026-03-02 13:00"), ("Take", "2026-03-02 11:00"), ("dispatch", "2026-03-02 10:00"),
            ("Take", "2026-03-04"), ("resolve", "2026-03-03")]  # fmt: skip
    log = read(tmp_path, text, *(("1", *row) for row in rows), ("2", "Take", "2026-03-02"))
    assert events(log, "1") == ["dispatch", "accept", "assign", "resolve", "send_back"]
    assert events(log, "2") == ["assign"]


def test_the_same_row_twice_is_a_duplicate_even_where_a_second_one_would_mean_something_else(tmp_path):
    text = '[events]\nTake = { first_allowed = ["accept", "assign"] }\n'
    log = read(tmp_path, text, ("1", "dispatch", "2026-03-02"), *[("1", "Take", "2026-03-03")] * 2)
    assert events(log, "1") == ["dispatch", "accept"]
    assert [(one.row, one.code) for one in log.rejected] == [(3, "row_doubled")]


@pytest.mark.parametrize(
    ("first", "added"),
    [("receive", []), ("dispatch", ["receive", "register"]), ("note", ["receive", "register", "dispatch"])],
)
def test_a_beginning_that_the_log_lacks_is_added_at_the_time_of_what_it_has(tmp_path, first, added):
    text = '[first]\nevents = ["receive", "register", "dispatch"]\n'
    log = read(tmp_path, text, ("1", "close", "2026-03-05"), ("1", first, "2026-03-02"))
    told = list(log.of("1"))
    assert [one.event for one in told] == [*added, first, "close"]
    assert {one.at.day for one in told[:-1]} == {2}
    assert [one.row for one in told[:-2]] == [0] * len(added)
    assert (log.read, dict(log.added)) == (2, dict.fromkeys(added, 1))


def test_a_time_that_stands_on_every_row_of_an_order_is_told_once_and_each_different_one(tmp_path):
    ends = ((3, "2026-03-04"), (4, "2026-03-04"), (4, "?"), (5, "2026-03-06"), (6, "soon"))
    rows = [{"order_id": "1", "event": "note", "at": f"2026-03-0{day}", "end": end} for day, end in ends]
    path = write_form(tmp_path / "log", rows, "csv")
    log = read_logs([path], mapping(tmp_path, '[times]\nend = "close"\n'))
    assert [(one.event, one.at.day) for one in log.of("1")] == [
        ("note", 3), ("note", 4), ("note", 4), ("close", 4), ("note", 5), ("note", 6), ("close", 6),
    ]  # fmt: skip
    assert [(one.row, one.column, one.value) for one in log.rejected] == [(5, "end", "soon")]
    assert log.read == 5 + 3


def test_an_hour_that_the_clocks_leave_out_is_no_time_and_one_that_comes_twice_is_the_first(tmp_path):
    text = 'timezone = "Europe/Amsterdam"\n'
    rows = [("1", "note", at) for at in ("2011-03-27 02:30", "2011-10-30 02:30", "2011-10-30T02:30:00+01:00")]
    log = read(tmp_path, text, *rows)
    assert [(one.row, one.code) for one in log.rejected] == [(1, "value_no_time")]
    assert [one.at.isoformat() for one in log.of("1")] == [
        "2011-10-30T08:30:00+08:00",
        "2011-10-30T09:30:00+08:00",
    ]


WRONG = {
    "no TOML": ("[columns", "TOML"),
    "an unknown table": ("[colums]\n", "columns"),
    "a table that is none": ('columns = "x"\n', "columns"),
    "a column that is none": ('[columns]\nwhat = "evnt"\n', "event"),
    "two columns of one name": ('[columns]\na = "unit"\nb = "unit"\n', "unit"),
    "an unknown event": ('[events]\nAn = "recieve"\n', "receive"),
    "an event that only the engine writes": ('[events]\nAn = "time_out"\n', "time_out"),
    "no event": ("[events]\nAn = []\n", "An"),
    "an unknown word beside first_allowed": ('[events]\nAn = { first_alowed = ["note"] }\n', "first_allowed"),
    "skipped without a reason": ('[skip]\nAn = ""\n', "An"),
    "read and skipped": ('[events]\nAn = "note"\n[skip]\nAn = "x"\n', "[skip]"),
    "a value that is none": ('[values.satisfaction]\n"Very good" = "satisfid"\n', "satisfied"),
    "values of no column": ('[values.happiness]\na = "b"\n', "happiness"),
    "a constant that is none": ('[constants]\ncategory = "x"\n', "dispatched"),
    "a constant of no column": ('[constants]\ncolour = "x"\n', "colour"),
    "a number": ("[constants]\nunit = 7\n", "7"),
    "an unknown zone": ('timezone = "Europe/Amsterdm"\n', "Europe/Amsterdam"),
    "a path for a zone": ('timezone = "../../etc/passwd"\n', "../../etc/passwd"),
    "a beginning without events": ("[first]\n", "events"),
    "a time that is a column": ('[columns]\nend = "at"\n[times]\nend = "close"\n', "[times]"),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_a_mistake_says_file_table_key_and_what_is_allowed(tmp_path, text, said):
    with pytest.raises(MappingError) as caught:
        mapping(tmp_path, text)
    assert exit_code(caught.value) == 4
    for lang in ("zh", "en"):
        lines = list(sentences(caught.value, lang))
        assert all(line.startswith("m.toml") for line in lines)
        assert said in "\n".join(lines)


def test_every_mistake_is_said_at_once(tmp_path):
    with pytest.raises(MappingError) as caught:
        mapping(tmp_path, 'timezone = "x"\n[columns]\na = "b"\n[events]\na = "b"\n[first]\nevents = ["c"]\n')
    assert len(caught.value.mistakes) == 4


@pytest.mark.parametrize(
    "text", ['[columns]\n"case:deadlin" = "order_due"\n', '[times]\n"case:deadlin" = "close"\n']
)
def test_a_header_that_the_file_lacks_is_named_with_the_nearest(tmp_path, text):
    with pytest.raises(InputError) as caught:
        open_log(DATA / "receipt.csv", mapping(tmp_path, text))
    (said,) = sentences(caught.value, "zh")
    assert "case:deadline" in said
    assert exit_code(caught.value) == 4


def test_the_command_line_says_what_was_added_and_what_is_wrong(tmp_path):
    def paidan(mapping):
        command: list[str | Path] = [sys.executable, ROOT / "run_engine.py", "replay"]
        command += [DATA / "helpdesk.xes", "--policy", "JY"]
        return subprocess.run(
            [*command, "--mapping", mapping, "--out", tmp_path / "out"], capture_output=True, text=True,
            check=False, encoding="utf-8",
        )  # fmt: skip

    done = paidan(MAPPINGS / "helpdesk.toml")
    assert done.returncode == 3, "one row stands twice"
    assert "补了日志没有的 11 个事件" in done.stderr
    (tmp_path / "m.toml").write_text("[colums]\n", "utf-8")
    done = paidan(tmp_path / "m.toml")
    assert (done.returncode, "m.toml" in done.stderr) == (4, True)
    assert paidan(tmp_path / "none.toml").returncode == 5
