"""Logs for other people's tools: sound XES and OCEL, all that is known in them, and back again unchanged."""

import csv
import gzip
import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest
from hypothesis import HealthCheck, given, settings
from support.as_xes import as_xes
from support.late_lives import Lived, steps
from support.logs import life, table
from support.logs import write_log as write_rows
from support.ocel_rules import check_ocel
from support.xes_rules import SPACE, check_xes, name_of, parsed
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.demo.files import write_demo
from paidan.engine.export.logs import write_log
from paidan.engine.faults import exit_code, sentences
from paidan.engine.intake.events import read_logs
from paidan.engine.runs import Replay, Run, replay_files
from paidan.workflows.cases import EVENT_OF
from paidan.workflows.records import BEIJING

CHECKOUT = Path(__file__).resolve().parents[2]
MAPPINGS = CHECKOUT / "docs" / "howto" / "mappings"
DATA = CHECKOUT / "tests" / "data"
START = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
NUMBERS = count(1)
LISTED = f"{SPACE}list/{SPACE}values/*"
LOG = '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">'


def paidan(*words):
    """Give the exit code of a command and all that it prints."""
    done = CliRunner().invoke(app, [str(word) for word in words])
    error = done.exception
    if error is None or isinstance(error, SystemExit):
        return done.exit_code, done.output
    return exit_code(error), "\n".join(sentences(error, "en"))


def replayed(out, *logs, policy="JY", **options):
    replay_files(Replay(logs=logs, **options), {policy: out})
    return out


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A run of the demo's first orders, with cases beside them."""
    folder = tmp_path_factory.mktemp("demo")
    files = write_demo(folder)
    with files.orders.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    ids = sorted({row[0].partition("~")[0] for row in rows})[::12]
    log = folder / "some.csv"
    with log.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *(row for row in rows if row[0].partition("~")[0] in ids)])
    return replayed(folder / "run", log)


def attributes(element):
    return {one.attrib["key"]: one.attrib.get("value") for one in element if name_of(one) != "event"}


def test_every_entry_is_an_event_and_every_clock_a_deadline(demo, tmp_path):
    done = write_log(Run(demo).lives(), tmp_path / "log.xes")
    log = check_xes(tmp_path / "log.xes")
    rows = [row for of in ("", "case_") for row in table(demo, f"{of}transitions")]
    assert any(row["order_id"].count("~") for row in rows), "there are cases among them"
    events = [
        (attributes(trace)["concept:name"], *(attributes(event)[key] for key in (
            "paidan:seq", "concept:name", "time:timestamp", "paidan:to_state", "paidan:by_engine")))
        for trace in log.iter(f"{SPACE}trace") for event in trace if name_of(event) == "event"
    ]  # fmt: skip
    assert events == [
        (row["order_id"], row["seq"], row["event"], row["at"], row["to_state"],
         "true" if EVENT_OF[row["event"]].by_engine else "false") for row in rows
    ]  # fmt: skip
    due = [row for of in ("", "case_") for row in table(demo, f"{of}deadlines")]
    names = ("unit", "kind", "started_at", "due_at", "done_at", "verdict", "provisional", "policy", "clause")
    told = [
        (attributes(trace)["concept:name"], one.attrib["value"],
         *(attributes(one).get(f"paidan:{name}", "") for name in names))
        for trace in log.iter(f"{SPACE}trace") for one in trace.findall(LISTED)
    ]  # fmt: skip
    assert told == [(row["order_id"], row["rule"], *(row[name] for name in names)) for row in due]
    by_engine = sum(EVENT_OF[row["event"]].by_engine for row in rows)
    assert (done.events, done.by_engine, done.deadlines) == (len(rows), by_engine, len(due))
    assert by_engine > 0


def test_a_trace_shows_the_last_deadline_of_each_rule_to_tools_without_lists(demo, tmp_path):
    write_log(Run(demo).lives(), tmp_path / "log.xes")
    last = {(row["order_id"], row["rule"]): row for row in table(demo, "deadlines")}
    for trace in parsed(tmp_path / "log.xes").iter(f"{SPACE}trace"):
        told = attributes(trace)
        rules = {key.removeprefix("paidan:").partition(".")[0] for key in told if key.endswith(".verdict")}
        for rule in rules:
            row = last.get((told["concept:name"], rule))
            if row:
                assert [told[f"paidan:{rule}.{name}"] for name in ("due_at", "verdict", "clause")] == [
                    row["due_at"], row["verdict"], row["clause"]]  # fmt: skip


def test_a_case_is_a_trace_of_its_own_that_names_its_order(demo, tmp_path):
    write_log(Run(demo).lives(), tmp_path / "log.xes")
    traces = [attributes(one) for one in parsed(tmp_path / "log.xes").iter(f"{SPACE}trace")]
    kinds = Counter(one["paidan:workflow"] for one in traces)
    assert kinds.keys() > {"work_order"}
    for one in traces:
        about = one["concept:name"].partition("~")[0]
        assert one.get("paidan:about") == (None if one["paidan:workflow"] == "work_order" else about)


def test_what_a_log_holds_as_objects_and_events(demo, tmp_path):
    done = write_log(Run(demo).lives(), tmp_path / "log.jsonocel")
    log = check_ocel(tmp_path / "log.jsonocel")
    kinds = Counter(one["type"] for one in log["objects"])
    rows = [row for of in ("", "case_") for row in table(demo, f"{of}transitions")]
    due = [row for of in ("", "case_") for row in table(demo, f"{of}deadlines")]
    ids = {row["order_id"] for row in rows}
    assert kinds["order"] == done.orders == len([one for one in ids if "~" not in one])
    assert sum(kinds[name] for name in ("supervision", "extension", "talk")) == done.cases > 0
    assert kinds["deadline"] == done.deadlines == len(due)
    assert kinds["unit"] == len({row["unit"] for row in (*rows, *due) if row["unit"]})
    assert [(one["id"], one["type"], one["time"]) for one in log["events"]] == [
        (f"{row['order_id']}#{row['seq']}", row["event"], row["at"]) for row in rows
    ]
    linked = Counter(
        (link["objectId"], link["qualifier"]) for one in log["events"] for link in one["relationships"]
    )
    deadlines = [one for one in log["objects"] if one["type"] == "deadline"]
    assert all(linked[one["id"], "runs from"] == 1 for one in deadlines)
    verdicts = Counter(
        value["value"] for one in deadlines for value in one["attributes"] if value["name"] == "verdict"
    )
    assert verdicts == Counter(row["verdict"] for row in due)
    out = [row for row in rows if row["event"] == "time_out"]
    assert sum(how == "told by" for _, how in linked.elements()) == len(out) > 0


def test_what_changes_of_an_order_has_the_time_of_each_change(tmp_path):
    rows = [*life(), ("GD1", "redo", "2026-03-09 09:00:00", {"unit": "B"})]
    run = replayed(tmp_path / "run", write_rows(tmp_path / "log.csv", rows))
    write_log(Run(run).lives(), tmp_path / "log.jsonocel")
    order = next(one for one in check_ocel(tmp_path / "log.jsonocel")["objects"] if one["type"] == "order")
    changes = [(one["time"][:16], one["value"]) for one in order["attributes"] if one["name"] == "unit"]
    assert changes == [("2026-03-02T09:20", "A"), ("2026-03-09T09:00", "B")]
    states = [one["value"] for one in order["attributes"] if one["name"] == "state"]
    assert states == [
        "received",
        "registered",
        "dispatched",
        "contacted",
        "resolved",
        "revisited",
        "closed",
        "dispatched",
    ]
    assert {"objectId": "unit:B", "qualifier": "handled by"} in order["relationships"]


def said(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_replay_of_an_exported_run_is_that_run(demo, tmp_path):
    write_log(Run(demo).lives(), tmp_path / "log.xes.gz")
    again = replayed(tmp_path / "again", tmp_path / "log.xes.gz")
    for name in ("transitions", "deadlines", "case_transitions", "case_deadlines"):
        assert (again / f"{name}.csv").read_bytes() == (demo / f"{name}.csv").read_bytes()
    for name in ("attributes.jsonl", "case_attributes.jsonl", "orders.jsonl"):
        assert said(again / name) == said(demo / name)
    assert json.loads((again / "summary.json").read_text("utf-8"))["rejected_rows"] == 0


def test_the_same_run_gives_the_same_bytes(demo, tmp_path):
    for name in ("log.xes", "log.xes.gz", "log.jsonocel"):
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir(exist_ok=True)
            write_log(Run(demo).lives(), tmp_path / folder / name)
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def told(path):
    """What a log says, as it happened and as it was learned, and what of it is rejected."""
    log = read_logs([path])
    orders = {
        (one, recorded): [
            command._replace(source="", row=0, recorded_at=command.learned_at)
            for command in log.of(one, as_recorded=recorded)
        ]
        for one in sorted(log.orders) for recorded in (False, True)
    }  # fmt: skip
    return orders, [(one.order_id, one.column, one.value, one.code) for one in log.rejected]


@pytest.mark.parametrize("policy", ["JY", "BS", "ZZ"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lived=steps(notices=False))
def test_a_live_log_says_as_xes_what_it_says_as_csv(policy, lived, tmp_path):
    one = Lived(f"memory://logs-out-{next(NUMBERS)}", policy, tmp_path)
    with one.engine as engine:
        for step in lived:
            one.take(step)
        engine.sweep()
        rows = engine.export(tmp_path / "log.csv")
        done = engine.export_log(tmp_path / "log.xes")
        engine.export_log(tmp_path / "log.jsonocel")
    check_xes(tmp_path / "log.xes")
    assert len(check_ocel(tmp_path / "log.jsonocel")["events"]) == done.events
    assert done.events - done.by_engine == rows
    assert told(tmp_path / "log.xes") == told(tmp_path / "log.csv")
    # By time the corrections stand applied: what is read of the run anew is the same, without them.
    run = replayed(tmp_path / "run", tmp_path / "log.csv", policy=policy)
    write_log(Run(run).lives(), tmp_path / "run.xes")
    again = replayed(tmp_path / "again", tmp_path / "run.xes", policy=policy, as_of=Run(run).as_of)
    assert (again / "deadlines.csv").read_bytes() == (run / "deadlines.csv").read_bytes()
    names = ("event", "from_state", "to_state", "at", "actor", "role", "unit", "rule")
    both = [
        [tuple(row[name] for name in names) for row in table(of, "transitions") if row["event"] != "correct"]
        for of in (run, again)
    ]
    assert both[0] == both[1]


def test_cases_beside_live_orders_come_back_too(demo, tmp_path):
    clock = SimulatedClock(datetime(2026, 12, 1, tzinfo=BEIJING))
    with Engine.open(f"memory://logs-out-{next(NUMBERS)}", clock=clock) as engine:
        engine.import_logs([demo.parent / "some.csv"])
        engine.export(tmp_path / "log.csv")
        done = engine.export_log(tmp_path / "log.xes")
        engine.export_log(tmp_path / "log.jsonocel")
    assert done.cases > 0
    check_xes(tmp_path / "log.xes")
    check_ocel(tmp_path / "log.jsonocel")
    assert told(tmp_path / "log.xes") == told(tmp_path / "log.csv")


def test_a_text_with_anything_in_it_comes_back(tmp_path):
    text = "a<b>&\"c'\td\ne\rf\u3000𠮷\u0085\u2028]]>"
    with Engine.open(f"memory://logs-out-{next(NUMBERS)}", clock=SimulatedClock(START)) as engine:
        engine.submit("A & <B>", "receive", area=text, channel="=1+1")
        engine.export_log(tmp_path / "log.xes")
        engine.export_log(tmp_path / "log.jsonocel")
    check_xes(tmp_path / "log.xes")
    (command,) = read_logs([tmp_path / "log.xes"]).of("A & <B>")
    assert (command.attributes["area"], command.attributes["channel"]) == (text, "=1+1")
    (event,) = check_ocel(tmp_path / "log.jsonocel")["events"]
    assert {"name": "area", "value": text} in event["attributes"]


def test_characters_that_xml_cannot_hold_are_shown_and_the_row_stays(tmp_path):
    with Engine.open(f"memory://logs-out-{next(NUMBERS)}", clock=SimulatedClock(START)) as engine:
        engine.submit("A", "receive", area="甲\x01乙\x1b丙\ufffe")
        assert engine.export_log(tmp_path / "log.xes").events == 1
    check_xes(tmp_path / "log.xes")
    (command,) = read_logs([tmp_path / "log.xes"]).of("A")
    assert command.attributes["area"] == "甲␁乙␛丙\ufffd"


def test_a_log_that_other_tools_made_of_ours_is_still_known(tmp_path):
    rows = [{"case:concept:name": "A", "concept:name": "dispatch", "time:timestamp": "2026-03-02 09:00:00",
             "org:resource": "王", "org:role": "dispatcher", "org:group": "甲科", "paidan:seq": "3",
             "paidan:recorded_at": "2026-03-02T10:00:00+08:00"}]  # fmt: skip
    with (tmp_path / "log.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    (one,) = read_logs([tmp_path / "log.csv"]).of("A")
    assert (one.actor, one.role, one.unit, one.seq) == ("王", "dispatcher", "甲科", 3)
    assert one.learned_at - one.at == timedelta(hours=1)


def export(run, source, mapping, out):
    with_mapping = ["--mapping", mapping] if mapping else []
    return paidan("export", "--run", run, "--source", source, *with_mapping, "--out", out, "--lang", "en")


def without_ours(element):
    """An original as it stands in a restored log, without what was added."""
    inner = [
        without_ours(one)
        for one in element
        if not one.attrib.get("key", one.attrib.get("prefix", "")).startswith("paidan")
    ]
    return name_of(element), dict(element.attrib), inner


@pytest.mark.parametrize("name", ["helpdesk", "receipt"])
def test_of_the_log_that_a_run_was_made_from_nothing_is_lost(name, tmp_path):
    source = (
        DATA / "helpdesk.xes" if name == "helpdesk" else as_xes(DATA / "receipt.csv", tmp_path / "in.xes")
    )
    mapping = MAPPINGS / f"{name}.toml"
    run = replayed(tmp_path / "run", source, mapping=mapping)
    assert export(run, source, mapping, tmp_path / "out.xes")[0] == 0
    was, now = parsed(source), parsed(tmp_path / "out.xes")
    _, _, before = without_ours(was)
    _, _, after = without_ours(now)
    assert after == before
    due = table(run, "deadlines")
    verdicts = [
        one.attrib["value"] for trace in now.iter(f"{SPACE}trace")
        for one in trace.findall(f"{LISTED}/*[@key='paidan:verdict']")
    ]  # fmt: skip
    assert Counter(verdicts) == Counter(row["verdict"] for row in due)
    # And what we wrote is read as the original was.
    again = replayed(tmp_path / "again", tmp_path / "out.xes", mapping=mapping)
    for file in ("transitions.csv", "deadlines.csv", "attributes.jsonl"):
        assert (again / file).read_bytes() == (run / file).read_bytes()


def test_an_event_of_the_original_says_what_it_was_read_as_or_why_not(tmp_path):
    source = tmp_path / "in.xes"
    event = '<event><string key="concept:name" value="{}"/><date key="time:timestamp" value="{}"/></event>'
    at = "2026-03-02T09:00:00+08:00"
    told = (("开单", at), ("草稿", at), ("receive", "昨天"), ("跳舞", at))
    inner = "".join(event.format(*one) for one in told)
    trace = f'<trace><string key="concept:name" value="A"/>{inner}</trace>'
    source.write_text(f"{LOG}{trace}</log>", encoding="utf-8")
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[events]\n"开单" = ["receive", "register"]\n[skip]\n"草稿" = "不算"\n', encoding="utf-8"
    )
    run = replayed(tmp_path / "run", source, mapping=mapping)
    export(run, source, mapping, tmp_path / "out.xes.gz")
    events = [attributes(one) for one in parsed(tmp_path / "out.xes.gz").iter(f"{SPACE}event")]
    assert [one.get("paidan:read_as") for one in events] == ["receive; register", None, "receive", None]
    assert [one.get("paidan:passed_over") for one in events] == [None, "true", None, None]
    assert [bool(one.get("paidan:rejected")) for one in events] == [False, False, True, True]


def test_identities_of_the_original_stay_out(tmp_path):
    source = tmp_path / "in.xes"
    source.write_text(
        f'{LOG}<string key="made by" value="电话 13812345678"/>'
        '<trace><string key="concept:name" value="A"/><string key="caller" value="欧阳某某"/>'
        '<event><string key="concept:name" value="receive"/>'
        '<date key="time:timestamp" value="2026-03-02T09:00:00+08:00"/>'
        '<string key="客户电话" value="13912345678"><string key="号" value="13712345678"/></string>'
        '<int key="called" value="13612345678"/><string key="remark" value="欧阳某某来电"/>'
        '<string key="address" value="金杨路1号"/><string key="where" value="在金杨路1号"/></event>'
        "</trace></log>",
        encoding="utf-8",
    )
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\n"客户电话" = "phone"\n', encoding="utf-8")
    run = replayed(tmp_path / "run", source, mapping=mapping)
    _, output = export(run, source, mapping, tmp_path / "out.xes")
    text = (tmp_path / "out.xes").read_text("utf-8")
    for secret in ("13812345678", "13912345678", "13712345678", "13612345678", "欧阳某某", "金杨路1号"):
        assert secret not in text
        assert secret not in output
    assert "address 1, caller 1, phone 1" in output
    (trace,) = parsed(tmp_path / "out.xes").iter(f"{SPACE}trace")
    assert attributes(trace)["concept:name"] == "A"


def test_numbers_in_a_folder_made_before_texts_were_masked_stay_out(tmp_path):
    run = replayed(tmp_path / "run", write_rows(tmp_path / "log.csv", life(area="某处")))
    said = run / "attributes.jsonl"
    said.write_text(said.read_text("utf-8").replace("某处", "某处13812345678"), encoding="utf-8")
    for name in ("log.xes", "log.jsonocel"):
        write_log(Run(run).lives(), tmp_path / name)
        text = (tmp_path / name).read_text("utf-8")
        assert ("13812345678" in text, "某处〔电话〕" in text) == (False, True)


@pytest.mark.parametrize(
    ("change", "named"),
    [("other file", "SHA-256"), ("other mapping", "m.toml"), ("no mapping", "m.toml"), ("csv", "no XES")],
)
def test_another_original_than_the_run_was_made_from_is_refused(change, named, tmp_path):
    source, mapping = tmp_path / "in.xes", tmp_path / "m.toml"
    source.write_bytes((DATA / "helpdesk.xes").read_bytes())
    mapping.write_bytes((MAPPINGS / "helpdesk.toml").read_bytes())
    if change == "csv":
        source = write_rows(tmp_path / "in.csv", life())
        run = replayed(tmp_path / "run", source)
    else:
        run = replayed(tmp_path / "run", source, mapping=mapping)
    if change == "other file":
        source.write_text(source.read_text("utf-8") + "\n", encoding="utf-8")
    elif change == "other mapping":
        mapping.write_text(mapping.read_text("utf-8") + "\n", encoding="utf-8")
    given_to = mapping if change in ("other file", "other mapping") else None
    code, output = export(run, source, given_to, tmp_path / "out.xes")
    assert (code, named in output) == (3, True), output
    assert not list(tmp_path.glob("*out.xes*"))


def test_what_is_exported_from_where_is_said_once(demo, tmp_path):
    out = tmp_path / "log.xes"
    for words in (
        ("--out", out),
        ("--run", demo, "--db", "sqlite:///x.db", "--out", out),
        ("--run", demo, "--out", tmp_path / "log.csv"),
        ("--run", demo, "--mapping", MAPPINGS / "helpdesk.toml", "--out", out),
    ):
        assert paidan("export", *words)[0] == 2, words
    in_english = ("--format", "xes", "--lang", "en")
    code, output = paidan("export", "--run", demo, "--out", tmp_path / "any", *in_english)
    assert (code, "deadlines" in output) == (0, True)
    check_xes(tmp_path / "any")
    assert 'key="paidan:label" value="close' in (tmp_path / "any").read_text("utf-8").lower()


def test_a_live_database_is_exported_as_it_stands(tmp_path):
    url = f"sqlite:///{tmp_path / 'live.db'}"
    with Engine.open(url, clock=SimulatedClock(START)) as engine:
        engine.submit("A", "receive", order_due="2026-03-09", caller="欧阳某某")
        engine.submit("A", "register")
    for name in ("log.xes", "log.xes.gz", "log.jsonocel"):
        assert paidan("export", "--db", url, "--out", tmp_path / name)[0] == 0
    trace = check_xes(tmp_path / "log.xes").find(f"{SPACE}trace")
    assert attributes(trace)["paidan:JY-T01.verdict"] == "met"
    assert gzip.decompress((tmp_path / "log.xes.gz").read_bytes()) == (tmp_path / "log.xes").read_bytes()
    check_ocel(tmp_path / "log.jsonocel")


def test_the_extension_declares_every_key_that_is_written(demo, tmp_path):
    extension = parse(CHECKOUT / "docs" / "reference" / "paidan.xesext").getroot()  # noqa: S314 - our own
    declared = {
        (part.tag, one.attrib["key"]): one.tag for part in extension for one in part if "key" in one.attrib
    }
    write_log(Run(demo).lives(), tmp_path / "log.xes")
    log = check_xes(tmp_path / "log.xes")
    trace, event = f"{SPACE}trace", f"{SPACE}event"
    for part, place in (("trace", trace), ("event", f"{trace}/{event}"), ("meta", f"{trace}/{LISTED}")):
        for one in log.findall(f"{place}/*"):
            key = one.attrib.get("key", "")
            if key.startswith("paidan:") and "." not in key:
                assert declared[part, key.removeprefix("paidan:")] == name_of(one), key
