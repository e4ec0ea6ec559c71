"""One log, whatever form its file has: the same transitions, deadlines and rejects; or a sentence."""

import gzip
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.forms import FORMS, write_form, xes
from support.logs import life, table

from paidan.engine.errors import InputError
from paidan.engine.faults import exit_code, sentences
from paidan.engine.intake.events import read_logs
from paidan.engine.intake.forms import open_log
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

ROOT = Path(__file__).resolve().parents[2]


def rows_of(*lives):
    return [{"order_id": o, "event": e, "at": at, **said} for one in lives for o, e, at, said in one]


ROWS = rows_of(
    life("GD1", urgent="是", channel="电话 & 网络 <热线>", caller="张三丰"),
    [*life("GD2")[:3], ("GD2", "fly", "2026-03-02 09:30:00", {}), ("GD2", "note", "2026-02-30", {})],
    [*life("GD3", anonymous="true"), life("GD3")[-1]],
    life("GD4")[4:],
)


def written(tmp_path, path, **options):
    out = tmp_path / f"out-{path.name}"
    summary = replay(Request(logs=(path,), document=document("JY"), out=out, **options))
    return summary, out


def text_of(rejected):
    """Tables of what a run says, short of the name of its file; XES has its own names of columns."""
    ours = {"concept:name": "event", "time:timestamp": "at"}
    told = []
    for row in rejected:
        column = row.get("column", "")
        name = ours.get(column, column)
        told.append(
            {**row, "source": "", "column": name, "reason": row["reason"].replace(column or "-", name or "-")}
        )
    return told


def test_every_form_of_one_log_gives_the_same_bytes(tmp_path):
    outs = {form: written(tmp_path, write_form(tmp_path / "log", ROWS, form)) for form in FORMS}
    summary, first = outs["csv"]
    assert summary["events"]["rejected"] == 3
    assert summary["events"]["read"] == len(ROWS)
    for form, (other, out) in outs.items():
        for name in ("transitions.csv", "deadlines.csv", "attributes.jsonl", "orders.jsonl"):
            assert (out / name).read_bytes() == (first / name).read_bytes(), form
        for name in ("rejected", "deviations"):
            assert text_of(table(out, name)) == text_of(table(first, name)), form
        for name in ("events", "orders", "verdicts", "identity_columns_dropped"):
            assert other[name] == summary[name], form


@pytest.mark.parametrize("form", ["csv", "jsonl", "xes", "xes.gz"])
def test_chinese_text_may_be_gb18030_in_every_form_of_text(tmp_path, form):
    rows = [{**row, "unit": "金杨居委𠮷"} for row in ROWS]
    encoded, plain = (
        written(tmp_path, write_form(tmp_path / name, rows, form, name)) for name in ("gb18030", "utf-8")
    )
    assert {row["unit"] for row in table(encoded[1], "transitions") if not row["rule"]} == {"金杨居委𠮷"}
    assert (encoded[1] / "transitions.csv").read_bytes() == (plain[1] / "transitions.csv").read_bytes()


def test_the_form_is_told_by_the_content_not_by_the_name(tmp_path):
    for form in FORMS:
        path = write_form(tmp_path / form, ROWS, form).rename(tmp_path / f"{form}.log")
        assert read_logs([path]).read == len(ROWS)


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)
TIME = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1)).map(lambda at: at.isoformat(sep=" "))
EVENT = st.fixed_dictionaries(
    {"event": st.sampled_from(["receive", "接收", "dispatch", "note", "fly"]), "at": TIME},
    optional={"unit": CELL, "actor": CELL, "channel": CELL, "elsewhere": CELL, "phone": CELL,
              "urgent": st.sampled_from(["是", "false", "maybe"])},
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.text("ab工1", min_size=1), st.lists(EVENT, min_size=1, max_size=4), min_size=1, max_size=4
    )
)
def test_any_long_log_reads_back_equal_from_every_form(tmp_path, orders):
    first = {"event": "note", "at": "2026-01-01", "unit": "", "channel": "", "urgent": ""}
    rows = [{"order_id": one, **event} for one, events in orders.items() for event in [first, *events]]
    logs = [read_logs([write_form(tmp_path / "log", rows, form)]) for form in FORMS]
    for log in logs:
        assert log.read == len(rows)
        assert log.identity == logs[0].identity
        assert [(one.row, one.order_id, one.code, one.value) for one in log.rejected] == [
            (one.row, one.order_id, one.code, one.value) for one in logs[0].rejected
        ]
        assert list(log.orders) == list(logs[0].orders)
        for order_id in log.orders:
            told, same = (
                [row.command._replace(source="") for row in one.orders[order_id]] for one in (log, logs[0])
            )
            assert told == same


def test_an_xes_trace_gives_its_attributes_and_nested_ones_keep_their_path(tmp_path):
    path = tmp_path / "log.xes"
    path.write_text(
        '<x:log xmlns:x="http://www.xes-standard.org/"><string key="origin" value="o"/>'
        '<global scope="event"><string key="concept:name" value="DEFAULT"/></global>'
        '<trace><string key="concept:name" value="GD1"/><date key="deadline" value="2026-03-20"/>'
        '<event><string key="concept:name" value="receive"/><date key="time:timestamp" value="2026-03-02"/>'
        '<string key="cost" value="3"><string key="currency" value="CNY"/></string>'
        '<list key="parts"><values><string key="part" value="a"/><string key="part" value="b"/>'
        "</values></list>"
        '<string key="at" value="home"/></event></trace>'
        '<event><string key="concept:name" value="note"/><date key="time:timestamp" value="2026-03-02"/>'
        "</event></x:log>",
        "utf-8",
    )
    opened = open_log(path)
    own = ("cost", "cost/currency", "parts/part", "event:at")
    assert opened.header == ("order_id", "case:deadline", "event", "at", *own)
    assert [cells for _, cells in opened.numbered()] == [
        ["GD1", "2026-03-20", "receive", "2026-03-02", "3", "CNY", "a; b", "home"],
        ["", "", "note", "2026-03-02", "", "", "", ""],
    ]
    assert [one.code for one in read_logs([path]).rejected] == ["order_id_missing"]


def test_typed_columns_of_parquet_read_as_the_text_of_a_csv(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    at = datetime(2026, 3, 2, 9, 0, 0, 120_000)
    columns = {
        "order_id": pa.array([7, 7]),
        "event": pa.array(["receive", "register"]).dictionary_encode(),
        "at": pa.array([at, at]).cast(pa.timestamp("ns")),
        "urgent": pa.array([True, None]),
        "order_due": pa.array([datetime(2026, 3, 20).date(), None]),
        "area": pa.array([float("nan"), 2.5]),
    }
    parquet.write_table(pa.table(columns), tmp_path / "log.parquet")
    assert [cells for _, cells in open_log(tmp_path / "log.parquet").numbered()] == [
        ["7", "receive", "2026-03-02T09:00:00.120000", "true", "2026-03-20", ""],
        ["7", "register", "2026-03-02T09:00:00.120000", "", "", "2.5"],
    ]


def test_lines_that_are_no_object_are_rejected_one_by_one_and_say_nothing_of_their_content(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text(
        '{"order_id": "GD1", "event": "receive", "at": "2026-03-02", "urgent": true, "area": 1.50, "phone": '
        'null}\n\n[1]\n{"order_id": "GD1", "phone": "139\n{"at": 1, "at": 2}\n{"order_id": "\\ud800"}\n'
        + "["
        * 100_000,
        "utf-8",
    )
    log = read_logs([path])
    assert [(one.row, one.code, one.value) for one in log.rejected] == [
        (2, "json_broken", ""),
        (3, "json_broken", ""),
        (4, "json_key_twice", ""),
        (5, "json_broken", ""),
        (6, "json_broken", ""),
    ]
    assert log.read == 6
    (row,) = log.orders["GD1"]
    assert row.command.attributes == {"urgent": True, "area": "1.50"}


BOMB = (
    '<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<log><trace><string key="&b;" value="&b;"/></trace></log>'
)
TRACE = (
    '<log><trace><event><string key="concept:name" value="note"/></event>'
    '<string key="late" value="1"/></trace></log>'
)
BROKEN = {
    "entities": (BOMB.encode(), "xml_entities"),
    "a file named in an entity": (
        b'<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]><log>&x;</log>',
        "xml_entities",
    ),
    "a document type alone": (b'<!DOCTYPE log SYSTEM "http://127.0.0.1/log.dtd"><log/>', "xml_entities"),
    "an undeclared entity": (b"<log>&x;</log>", "xml_broken"),
    "half a file": (xes(ROWS).encode()[:900], "xml_broken"),
    "another XML": (b"<html><body/></html>", "xes_no_log"),
    "no event": (b"<log></log>", "xes_none"),
    "trace attributes after the events": (TRACE.encode(), "xes_trace_late"),
    "a tag without end": (b'<log><trace><string key="a" value="' + b"x" * (20 << 20), "xes_tag_long"),
    "a key for every event": (
        b"<log><trace>"
        + b"".join(b'<event><string key="k%d" value=""/></event>' % n for n in range(1001))
        + b"</trace></log>",
        "columns_many",
    ),
    "an encoding nobody knows": (b'<?xml version="1.0" encoding="klingon"?><log/>', "xml_broken"),
    "an encoding that expat cannot": (
        '<?xml version="1.0" encoding="big5"?><log><!-- 工 --></log>'.encode("big5"),
        "xml_broken",
    ),
    "half an archive": (gzip.compress(xes(ROWS).encode())[:200], "gzip_broken"),
    "an archive of something else": (gzip.compress(b"order_id,event,at\n"), "gzip_other"),
    "no archive": (b"\x1f\x8bnothing", "gzip_broken"),
    "entities in an archive": (gzip.compress(BOMB.encode()), "xml_entities"),
    "half a Parquet file": (b"PAR1 and nothing more", "parquet_broken"),
    "an object without end": (b'{"order_id": \n', "json_none"),
    "columns of one name": (b'{"order_id": 1, "order_id ": 2}\n', "column_doubled"),
    "no event column": (b'{"order_id": 1, "at": 2}\n', "column_missing"),
}


@pytest.mark.parametrize(("content", "code"), BROKEN.values(), ids=BROKEN)
def test_a_hostile_or_broken_file_is_refused_in_a_sentence(tmp_path, content, code):
    path = tmp_path / "log.bin"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_log(path)
    assert (caught.value.code, exit_code(caught.value)) == (code, 3)
    for lang in ("zh", "en"):
        (said,) = sentences(caught.value, lang)
        assert "log.bin" in said


def test_entities_end_the_command_line_with_exit_3_and_write_nothing(tmp_path):
    (tmp_path / "log.xes").write_text(BOMB, "utf-8")
    command = [sys.executable, ROOT / "run_engine.py", "replay", tmp_path / "log.xes"]
    done = subprocess.run(
        [*command, "--policy", "JY", "--out", tmp_path / "out"], capture_output=True, text=True, check=False,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 3
    assert "实体" in done.stderr
    assert not (tmp_path / "out" / "summary.json").exists()


def test_without_pyarrow_parquet_names_the_extra_and_every_other_form_is_read(tmp_path, monkeypatch):
    paths = {form: write_form(tmp_path / "log", ROWS, form) for form in FORMS}
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for form, path in paths.items():
        if form != "parquet":
            assert read_logs([path]).read == len(ROWS)
    with pytest.raises(InputError) as caught:
        open_log(paths["parquet"])
    assert "paidan[files]" in next(sentences(caught.value, "zh"))
    assert exit_code(caught.value) == 3


def test_pyarrow_is_imported_for_parquet_alone(tmp_path):
    path = write_form(tmp_path / "log", ROWS, "jsonl")
    code = (
        f"import runpy, sys; sys.argv = ['paidan', 'replay', {str(path)!r}, '--policy', 'JY', "
        f"'--out', {str(tmp_path / 'out')!r}]\n"
        f"try: runpy.run_path({str(ROOT / 'run_engine.py')!r}, run_name='__main__')\n"
        "except SystemExit: pass\n"
        "assert 'paidan.engine.intake.parquet' in sys.modules and 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
