"""One row per order with a column per time, as hotline systems export it: it is the events it holds."""

import csv
import json

import pytest
from support.forms import write_form
from support.logs import table

from paidan.engine.errors import InputError
from paidan.engine.intake.events import read_logs
from paidan.engine.intake.forms import open_log
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document

ROW = {
    "任务号": "0012",
    "工单来源": "12345",
    "工单类型": "求助",
    "是否匿名": "否",
    "是否紧急": "?",
    "受理时间": "2026/3/2 9:00",
    "接单时间": "2026/3/2 9:00",
    "派单时间": "2026/3/2 9:20:09",
    "主责部门": "",
    "三级主责部门": "金杨居委",
    "承办单位": "某公司",
    "承办接单时间": "2026-03-02 11:00",
    "先行联系时间": "2026-03-02 11:00",
    "先行联系": "是",
    "延期申请时间": "",
    "退单时间": "?",
    "办结时间": "2026-03-05 11:00",
    "回访时间": "2026-03-06 11:00",
    "结案时间": "2026-03-06 11:00",
    "解决情况": "实际解决",
    "综合满意度": "满意",
    "结案评判": "属实",
    "诉求内容": "不该出现在任何输出里",
    "备注": "无",
}


def read(tmp_path, *rows, form="csv", mapping=None, encoding="utf-8"):
    path = write_form(tmp_path / "wide", rows, form, encoding)
    return read_logs([path], read_mapping(mapping) if mapping else None)


def told(log, order_id):
    return [
        (one.event, one.at.strftime("%m-%d %H:%M"), one.unit, dict(one.attributes))
        for one in log.of(order_id)
    ]


def events(log, order_id):
    return [event for event, *_ in told(log, order_id)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_row_is_the_events_it_holds_in_the_order_of_an_orders_life(tmp_path, form):
    log = read(tmp_path, ROW, form=form)
    assert told(log, "0012") == [
        ("receive", "03-02 09:00", "", {"anonymous": False, "case_type": "help", "channel": "12345"}),
        ("register", "03-02 09:00", "", {}),
        ("dispatch", "03-02 09:20", "金杨居委", {}),
        ("accept", "03-02 11:00", "金杨居委", {}),
        ("contact", "03-02 11:00", "金杨居委", {}),
        ("resolve", "03-05 11:00", "金杨居委", {}),
        (
            "revisit",
            "03-06 11:00",
            "",
            {"contacted": True, "outcome": "resolved", "satisfaction": "satisfied"},
        ),
        ("close", "03-06 11:00", "金杨居委", {"finding": "founded"}),
    ]
    assert (log.read, log.inputs[0]["rows"], log.ignored) == (8, 1, ["备注"])
    assert log.identity == {"content": 1}


def test_a_wide_export_in_gb18030_replays_and_counts_its_events(tmp_path):
    rows = [{**ROW, "任务号": f"00{number}", "承办单位": "𠮷"} for number in range(3)]
    path = write_form(tmp_path / "wide", rows, "csv", "gb18030")
    summary = replay(Request(logs=(path,), document=document("JY"), out=tmp_path / "out"))
    assert summary["events"] == {"read": 24, "applied": 24, "refused": 0, "rejected": 0, "after_as_of": 0}
    assert {row["order_id"] for row in table(tmp_path / "out", "transitions")} == {"000", "001", "002"}
    content = b"".join(one.read_bytes() for one in (tmp_path / "out").iterdir())
    assert "不该出现".encode() not in content


def test_headers_may_break_and_swell(tmp_path):
    path = tmp_path / "wide.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                [
                    "热线１２３４５\n工单编号",
                    "受理\u3000时间",
                    " 主责\n部门 ",
                    "主责\xa0人",
                    "主责\xa0人",
                    "先行联系\n时间",
                ],
                ["A1", "2026-03-02\n9:00", " 金杨\t居委 ", "x", "y", "？"],
            ]
        )
    log = read_logs([path])
    assert told(log, "A1") == [("receive", "03-02 09:00", "", {})]
    assert not log.rejected


@pytest.mark.parametrize(
    ("filled", "unit"),
    [({"主责部门": "甲"}, "甲"), ({"主责部门": "?"}, "金杨居委"), ({"三级主责部门": " "}, "某公司")],
)
def test_the_first_department_that_is_filled_is_the_unit(tmp_path, filled, unit):
    assert {one.unit for one in read(tmp_path, {**ROW, **filled}).of("0012")} == {"", unit}


def test_a_return_is_asked_for_and_approved_since_the_order_has_left(tmp_path):
    row = {"工单编号": "A1", "派单时间": "2026-03-02 9:00", "承办单位": "甲", "退单时间": "2026-03-02 10:00"}
    assert events(read(tmp_path, row), "A1") == ["dispatch", "request_return", "approve_return"]


@pytest.mark.parametrize("end", ["办结时间", "结案时间"])
def test_a_file_with_one_of_the_two_ends_tells_both(tmp_path, end):
    row = {"工单编号": "A1", "派单时间": "2026-03-02 9:00", end: "2026-03-05 9:00"}
    assert events(read(tmp_path, row), "A1") == ["dispatch", "resolve", "close"]


def test_where_both_ends_have_a_column_an_empty_one_is_an_end_that_was_not_reached(tmp_path):
    assert "close" not in events(read(tmp_path, {**ROW, "结案时间": ""}), "0012")


def test_an_evaluation_that_was_not_given_says_nothing_and_one_without_its_time_is_counted(tmp_path):
    rows = [
        {**ROW, "先行联系": "未评价", "综合满意度": "未评价"},
        {**ROW, "任务号": "2", "回访时间": ""},
    ]
    log = read(tmp_path, *rows)
    assert told(log, "0012")[-2][3] == {"outcome": "resolved"}
    assert [said for event, _, _, said in told(log, "2") if event == "resolve"] == [{"outcome": "resolved"}]
    assert log.inputs[0]["callback_time_missing"] == {"先行联系": 1, "综合满意度": 1}


@pytest.mark.parametrize("first", ["orders", "callbacks"])
def test_a_sheet_of_callbacks_alone_tells_those_of_the_orders_it_names(tmp_path, first):
    orders = write_form(tmp_path / "orders", [{**ROW, "回访时间": ""}], "csv")
    callback = {"工单编号": "0012", "回访时间": "2026-03-07 9:00", "解决情况": "解释说明", "满意度": "一般"}
    callbacks = write_form(tmp_path / "callbacks", [callback], "csv")
    files = [orders, callbacks] if first == "orders" else [callbacks, orders]
    log = read_logs(files)
    assert events(log, "0012")[-3:] == ["resolve", "close", "revisit"]
    assert told(log, "0012")[-1][3] == {"outcome": "explained", "satisfaction": "neutral"}


def test_a_repeat_is_one_unless_the_row_says_that_it_is_none(tmp_path):
    rows = [
        {**ROW, "任务号": number, "重复工单号": "0001", "工单是否重复": repeated}
        for number, repeated in (("1", "是"), ("2", "否"), ("3", "?"))
    ]
    log = read(tmp_path, *rows)
    assert [told(log, number)[0][3].get("repeat_of") for number in "123"] == ["0001", None, "0001"]


def test_a_bad_cell_rejects_the_events_that_say_it_and_names_the_files_own_column(tmp_path):
    rows = [
        {**ROW, "派单时间": "2026-02-30 9:00", "综合满意度": "非常好"},
        {**ROW, "任务号": "2", **{name: "" for name in ROW if "时间" in name}},
        {name: name for name in ROW},
    ]
    log = read(tmp_path, *rows)
    assert [(one.row, one.order_id, one.column, one.value, one.code) for one in log.rejected] == [
        (1, "0012", "派单时间", "2026-02-30 9:00", "value_no_time"),
        (1, "0012", "综合满意度", "非常好", "value_not_listed"),
        (2, "2", "", "", "row_without_time"),
        (3, "", "", "", "row_is_header"),
    ]
    assert log.read == 8 + 1 + 1 == sum(map(len, log.orders.values())) + len(log.rejected)


def test_a_header_that_is_known_stands_once(tmp_path):
    (tmp_path / "wide.csv").write_text("工单编号,受理时间,受理 时间\n1,2026-03-02,2026-03-03\n", "utf-8")
    with pytest.raises(InputError, match="column_doubled"):
        open_log(tmp_path / "wide.csv")


def test_a_mapping_names_what_is_not_known(tmp_path):
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\n"单号" = "order_id"\n"回复率" = "outcome"\n[values.outcome]\n"好" = "实际解决"\n'
        '[times]\n"签收" = ["dispatch", "accept"]\n[constants]\nunit = "甲"\n',
        "utf-8",
    )
    row = {
        "单号": "7",
        "受理时间": "2026-03-02",
        "签收": "2026-03-03",
        "回访时间": "2026-03-04",
        "回复率": "好",
    }
    assert told(read(tmp_path, row, mapping=mapping), "7") == [
        ("receive", "03-02 00:00", "", {}),
        ("dispatch", "03-03 00:00", "甲", {}),
        ("accept", "03-03 00:00", "甲", {}),
        ("revisit", "03-04 00:00", "", {"outcome": "resolved"}),
    ]
    assert json.loads(json.dumps(read(tmp_path, row, mapping=mapping).inputs))[0]["rows"] == 1
