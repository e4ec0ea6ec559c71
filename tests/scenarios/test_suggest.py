"""A mapping proposed for a file: it loads as it is, says why, and holds nothing that leads to a person."""

import csv
import json
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.forms import write_form
from typer.testing import CliRunner

from paidan.engine.cli.main import app
from paidan.engine.errors import InputError
from paidan.engine.export.mapping_file import mapping_lines
from paidan.engine.intake.forms import open_plain
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.preview import preview
from paidan.engine.intake.suggest import suggest
from paidan.workflows.records import BEIJING

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
LOGS = [
    path
    for folder in (ROOT / "tests" / "data", ROOT.parent / "shared" / "data")
    for path in sorted(folder.glob("*"))
    if path.name.endswith((".csv", ".xes", ".xes.gz"))
]
RENAMED = {
    "任务号": "工单流水号",
    "工单来源": "诉求渠道",
    "工单类型": "诉求类型",
    "是否匿名": "匿名",
    "受理时间": "工单受理时间",
    "派单时间": "工单派发时间",
    "三级主责部门": "责任部门",
    "承办接单时间": "部门接单时间",
    "先行联系": "是否联系诉求人",
    "办结时间": "办理完成时间",
    "回访时间": "回访完成时间",
    "解决情况": "诉求解决情况",
    "综合满意度": "满意度评价",
    "caller": "诉求人姓名",
    "phone": "来电号码",
    "address": "事发地点",
    "content": "工单标题",
}
PEOPLE = ("欧阳锋刃", "13812345678", "暗号路九弄7号", "密语，家里漏水")


def orders(count=30):
    for number in range(count):
        day = f"2026-03-{number % 28 + 1:02}"
        yield {
            "任务号": f"GD{number:05}",
            "工单来源": "12345",
            "工单类型": "投诉" if number % 2 else "咨询",
            "是否匿名": "否",
            "受理时间": f"{day} 9:00",
            "派单时间": f"{day} 9:30:00",
            "三级主责部门": "金杨居委",
            "承办接单时间": f"{day} 10:00",
            "先行联系": "是",
            "办结时间": f"{day} 11:00",
            "回访时间": f"{day} 12:00",
            "解决情况": "实际解决",
            "综合满意度": "满意",
            **dict(zip(("caller", "phone", "address", "content"), PEOPLE, strict=True)),
        }


def proposed(path, folder, lang="zh"):
    made = folder / "made.toml"
    made.write_text("".join(f"{line}\n" for line in mapping_lines(suggest(path), lang)), "utf-8")
    return made


def seen(path, mapping=None):
    found = preview([path], read_mapping(mapping) if mapping else None, NOW, also={})
    said = {
        json.dumps(
            [column.means, {str(key): [str(one) for one in value] for key, value in column.became.items()}],
            ensure_ascii=False, sort_keys=True,
        )
        for column in found.files[0].columns
        if column.listed or column.kind == "events"
    }  # fmt: skip
    return found, said


@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}-{path.name}")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_proposed_for_a_real_log_loads_and_lists_every_activity_with_its_rows(tmp_path, path, lang):
    made = proposed(path, tmp_path, lang)
    read_mapping(made)
    table = open_plain(path)
    place = table.header.index("concept:name")
    counts = Counter(row[place] for _, row in table.numbered() if isinstance(row, list))
    text = made.read_text("utf-8")
    for activity, count in counts.items():
        assert f"{json.dumps(activity)} = " in text
        assert any(f"# {count} " in line for line in text.splitlines() if json.dumps(activity) in line)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_wide_export_with_other_headers_is_read_whole_by_what_is_proposed(tmp_path, form):
    rows = list(orders())
    known = write_form(tmp_path / "known", rows, form)
    other = write_form(
        tmp_path / "other", [{RENAMED[name]: text for name, text in row.items()} for row in rows], form
    )
    before, said_before = seen(known)
    after, said_after = seen(other, proposed(other, tmp_path))
    assert after.imported.rejected == 0
    assert not [one.header for one in after.files[0].columns if one.kind == "unread"]
    assert (after.events, after.orders) == (before.events, before.orders)
    assert after.imported.identity_dropped == before.imported.identity_dropped
    assert said_after == said_before


def test_values_in_other_words_are_mapped_where_they_are_known_and_proposed_where_they_are_near(tmp_path):
    rows = [
        {**row, "综合满意度": word, "先行联系": flag}
        for row, word, flag in zip(
            orders(6),
            ("非常满意", "满意", "基本满意吧", "非常不满意", "未评价", "满意"),
            "√×√√×√",
            strict=True,
        )
    ]
    path = write_form(tmp_path / "w", rows, "csv")
    made = proposed(path, tmp_path)
    read = tomllib.loads(made.read_text("utf-8"))
    assert read["values"]["satisfaction"] == {"非常满意": "satisfied", "非常不满意": "dissatisfied"}
    assert read["values"]["contacted"] == {"√": "是", "×": "否"}
    assert '# "基本满意吧" = "basically_satisfied"' in made.read_text("utf-8")
    found, _ = seen(path, made)
    assert found.reasons == {"value_not_listed": 1}


def test_a_file_with_one_end_still_closes_its_orders(tmp_path):
    rows = [{"工单编号": "GD1", "来电时间": "2026-03-01 9:00", "办结时间": "2026-03-02 9:00"}]
    path = write_form(tmp_path / "w", rows, "csv")
    found, _ = seen(path, proposed(path, tmp_path))
    assert found.events == {"receive": 1, "resolve": 1, "close": 1}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("headers", [list(RENAMED.values()), [f"列{one}" for one in range(len(RENAMED))]])
def test_no_person_stands_in_what_is_proposed(tmp_path, lang, headers):
    rows = [dict(zip(headers, row.values(), strict=True)) for row in orders()]
    rows[3][headers[12]] = PEOPLE[0]  # in the cell of a rating
    rows[4][headers[2]] = f"{PEOPLE[0]}投诉 {PEOPLE[1]}"
    path = write_form(tmp_path / "w", rows, "csv")
    text = proposed(path, tmp_path, lang).read_text("utf-8")
    assert not [one for one in (*PEOPLE, "欧阳", "暗号", "1381234") if one in text]


def test_columns_of_people_are_known_by_their_cells_where_their_name_says_nothing(tmp_path):
    rows = [
        {"工单号": f"G{number}", "受理时间": "2026-03-01 9:00", "甲": f"138123456{number:02}", "乙": "张伟"}
        for number in range(20)
    ]
    path = write_form(tmp_path / "w", rows, "csv")
    made = proposed(path, tmp_path)
    assert tomllib.loads(made.read_text("utf-8"))["columns"]["甲"] == "phone"
    assert '# "乙" = "caller"' in made.read_text("utf-8")


@pytest.mark.parametrize(
    "first",
    [
        "欧阳锋刃,13812345678,某事\n李四光,13912345678,别事\n",
        "张伟,某事\n李强,别事\n",
        "G1,2026-03-01 9:00\nG2,2026-03-02 9:00\n",
    ],
)
def test_a_file_without_a_header_gives_away_no_first_row(tmp_path, first):
    path = tmp_path / "bare.csv"
    path.write_text(first, "utf-8")
    done = CliRunner().invoke(app, ["intake", "suggest", str(path)])
    assert isinstance(done.exception, InputError)
    assert done.exception.code == "suggest.no_header"
    assert done.output == ""


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=12)
HEADER = st.one_of(
    CELL, st.sampled_from(["受理时间", "满意度", "event", "concept:name", "工单号", '"', "#", "\\", "\x7f"])
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(HEADER, min_size=1, max_size=6), st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=5))
def test_whatever_stands_in_a_file_what_is_proposed_loads(tmp_path, header, rows):
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["a", *header], *rows])
    try:
        made = proposed(path, tmp_path)
    except InputError as error:
        refused = error.code
    else:
        refused = ""
        read_mapping(made)
    assert refused in ("", "suggest.no_header", "file_empty")


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    path = write_form(tmp_path / "w", list(orders(3)), "csv")
    out = tmp_path / "m.toml"
    runner = CliRunner()
    assert runner.invoke(app, ["intake", "suggest", str(path), "--out", str(out)]).exit_code == 0
    text = out.read_text("utf-8")
    assert runner.invoke(app, ["intake", "suggest", str(path)]).stdout == text
    out.write_text("# mine\n", "utf-8")
    command = [sys.executable, str(ROOT / "run_engine.py"), "intake", "suggest", str(path), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "m.toml" in done.stderr
    assert out.read_text("utf-8") == "# mine\n"
