"""What an import would read is shown column by column, as it reads, and nothing is written."""

import csv
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.forms import write_form
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.preview import preview
from paidan.workflows.records import BEIJING

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MAPPINGS = ROOT / "docs" / "howto" / "mappings"
NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
WIDE = {
    "任务号": "0012",
    "工单类型": "投诉",
    "是否匿名": "否",
    "受理时间": "2026/3/2 9:00",
    "派单时间": "2026/3/2 9:20:09",
    "主责部门": "",
    "三级主责部门": "金杨居委",
    "办结时间": "2026-03-05 11:00",
    "回访时间": "2026-03-06 11:00",
    "综合满意度": "满意",
    "满意度": "不满意",
    "备注栏": "张三丰的手机",
    "caller": "张三丰",
    "phone": "13812345678",
}


def seen(path, mapping=None):
    return preview([path], read_mapping(mapping) if mapping else None, NOW, also={})


def columns(found):
    return {column.header: column for file in found.files for column in file.columns}


def told(path, *more):
    done = CliRunner().invoke(app, ["import", "--preview", str(path), *map(str, more)])
    return done.exit_code, done.stdout


def as_json(path, *more):
    code, out = told(path, "--format", "json", *more)
    (file,) = (read := json.loads(out))["files"]
    return code, read, {column["header"]: column for column in file["columns"]}


def test_every_header_is_shown_in_order_with_what_it_became(tmp_path):
    rows = [
        WIDE,
        {**WIDE, "任务号": "0013", "综合满意度": "未评价"},
        {**WIDE, "任务号": "0014", "主责部门": "城管"},
    ]
    path = write_form(tmp_path / "w", rows, "csv", "gb18030")
    code, read, by_header = as_json(path)
    assert code == 0
    assert list(by_header) == list(WIDE)
    assert read["files"][0] | {"columns": 0} == {
        "name": "w.csv", "form": "CSV", "wide": True, "encoding": "GB18030", "header_row": 1, "rows": 3,
        "columns": 0,
    }  # fmt: skip
    assert by_header["任务号"]["column"] == "order_id"
    assert by_header["办结时间"]["events"] == ["resolve", "close"]
    assert by_header["受理时间"]["examples"] == ["2026/3/2 9:00 → 2026-03-02 09:00:00"]
    assert by_header["工单类型"]["examples"] == ["投诉 → 投诉举报类 ×3"]
    assert by_header["综合满意度"]["examples"] == ["满意 ×2", "未评价 → 未说 ×1"]
    assert by_header["满意度"]["examples"] == ["不满意 → 未说 ×3"], "the column before it counts"
    assert by_header["主责部门"]["examples"] == ["城管"]
    assert by_header["主责部门"]["filled"] == 1
    assert by_header["三级主责部门"]["examples"] == ["金杨居委"]
    assert by_header["备注栏"]["kind"] == "unread"
    assert by_header["caller"]["kind"] == "identity"
    assert by_header["caller"]["examples"] == ["〔姓名〕"]
    assert (read["orders"], read["read"], read["rejected"]) == (3, 15, 0)
    assert read["events"] == {"receive": 3, "dispatch": 3, "resolve": 3, "close": 3, "revisit": 3}
    assert (read["first_at"], read["last_at"]) == ("2026-03-02T09:00:00+08:00", "2026-03-06T11:00:00+08:00")


@pytest.mark.parametrize("out", ["table", "csv", "json"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_somebody_is_stands_in_no_preview(tmp_path, out, lang):
    rows = [{**WIDE, "三级主责部门": "张三丰所", "是否匿名": "问13812345678", "工单来源": "电13812345678"}]
    path = write_form(tmp_path / "w", rows, "csv")
    code, shown = told(path, "--format", out, "--lang", lang)
    assert code == 3
    assert "13812345678" not in shown
    assert "张三丰的" not in shown


def test_what_would_be_rejected_is_counted_with_its_reason_and_the_exit_code_is_3(tmp_path):
    rows = [
        WIDE,
        {**WIDE, "任务号": "2", "派单时间": "2026/13/1"},
        {**WIDE, "任务号": "3", "综合满意度": "很好"},
    ]
    code, read, by_header = as_json(write_form(tmp_path / "w", rows, "csv"))
    assert code == 3
    assert read["rejected_by_reason"] == {"value_no_time": 1, "value_not_listed": 1}
    (bad,) = by_header["派单时间"]["rejected"]
    assert (bad["value"], bad["count"]) == ("2026/13/1", 1)
    (bad,) = by_header["综合满意度"]["rejected"]
    assert (bad["value"], bad["code"]) == ("很好", "value_not_listed")
    assert "satisfied" in bad["text"]
    assert by_header["综合满意度"]["silent"] == 0, "a rejected value does not say nothing"


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "xes", "xes.gz"])
def test_a_long_log_is_shown_alike_in_every_form(tmp_path, form):
    rows = [
        {"order_id": "A", "event": "receive", "at": "2026-03-02 09:00:00", "urgent": "是"},
        {"order_id": "A", "event": "close", "at": "2026-03-03 09:00:00", "finding": "属实"},
    ]
    found = seen(write_form(tmp_path / "log", rows, form))
    by_name = {column.means.column: column for column in found.files[0].columns}
    assert by_name["urgent"].became == {"是": {True: None}}
    assert by_name["finding"].became == {"属实": {"founded": None}}
    assert list(by_name["event"].became["close"]) == ["close"]
    assert found.events == {"receive": 1, "close": 1}


@pytest.mark.parametrize(("log", "mapping"), [("helpdesk.xes", "helpdesk"), ("receipt.csv", "receipt")])
def test_a_mapped_log_counts_as_its_import_does(tmp_path, log, mapping):
    path = MAPPINGS / f"{mapping}.toml"
    found = seen(DATA / log, path)
    with Engine.open(f"sqlite:///{tmp_path}/one.db", "JY", clock=SimulatedClock(NOW)) as engine:
        imported = engine.import_logs([DATA / log], mapping=path)
    assert (found.imported.read, found.imported.rejected) == (imported.read, imported.rejected)
    assert found.orders == imported.orders
    assert found.imported.added == imported.added
    assert sum(found.events.values()) - sum(found.imported.added.values()) == imported.applied
    assert sum(found.reasons.values()) == imported.rejected


def test_a_column_of_times_beside_an_activity_shows_its_own_times_alone():
    by_header = columns(seen(DATA / "receipt.csv", MAPPINGS / "receipt.toml"))
    assert by_header["case:startdate"].means.events == ("receive", "register", "dispatch")
    assert all("receive" not in read for read in by_header["concept:name"].became.values()), (
        "what a column of times tells is no reading of the activity beside it"
    )


CELLS = st.sampled_from(
    ["", "?", "是", "否", "maybe", "未评价", "满意", "2026/3/2 9:00", "2026-13-01", "A", "B"]
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(WIDE, CELLS)), min_size=1, max_size=6))
def test_a_preview_counts_what_an_import_then_takes_and_rejects(tmp_path, rows):
    path = write_form(tmp_path / "w", rows, "csv")
    found = seen(path)
    with Engine.open(f"sqlite:///{tmp_path}/{uuid4()}.db", "JY", clock=SimulatedClock(NOW)) as engine:
        refused: list[object] = []
        imported = engine.import_logs([path], on_rejected=refused.append)
    assert found.imported.read == imported.read
    assert found.reasons.total() == imported.rejected == len(refused)
    assert found.events.total() == imported.applied + imported.already_there
    for column in found.files[0].columns:
        assert column.filled == sum(bool(row[column.header]) for row in rows)
        assert set(column.became) <= set(column.counts)


def test_no_database_is_needed_and_none_is_made(tmp_path):
    path = write_form(tmp_path / "w", [WIDE], "csv")
    command = [sys.executable, str(ROOT / "run_engine.py"), "import", path.name]
    whole = [*command, "--preview", "--db", "sqlite:///x.db", "--policy", "JY"]
    done = subprocess.run(whole, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "综合满意度" in done.stdout
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "--preview" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_document_adds_to_a_list_is_read_with_its_policy(tmp_path):
    rows = [{"order_id": "A", "event": "receive", "at": "2026-03-02 09:00:00"}]
    code, out = told(write_form(tmp_path / "log", rows, "csv"), "--policy", "BS", "--format", "csv")
    assert code == 0
    (head, *lines) = list(csv.reader(out.splitlines()))
    assert head == ["文件", "列", "读作", "已填", "例", "退回"]
    assert [line[1] for line in lines] == ["order_id", "event", "at"]
