"""Rejected rows as a workbook: as they stood, with reason and advice, mended and imported again."""

import csv
from contextlib import suppress
from datetime import datetime

import openpyxl
import pytest
from support.logs import life, write_log
from support.sheets import book_of, cells_of_csv

from paidan.engine import Engine
from paidan.engine.cli.rejects import reject_to
from paidan.engine.clock import SimulatedClock
from paidan.engine.intake.tables import Rejected
from paidan.engine.runs import Replay, replay_files
from paidan.workflows.records import BEIJING

NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
ADDED = ["退回：行号", "退回：问题列", "退回：原因", "退回：建议"]
WIDE = ["工单编号", "受理时间", "接单时间", "派单时间", "主责部门", "办结时间", "工单类型", "联系备注"]


@pytest.fixture
def engine():
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as one:
        yield one


def bring(engine, file, rejects=None):
    with reject_to(rejects, [file], None, "zh") as reject:
        return engine.import_logs([file], on_rejected=reject)


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def mended(path, target, mend):
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        head = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            for header, values in mend.items():
                if header in head:
                    cell = row[head.index(header)]
                    cell.value = values.get(cell.value or "", cell.value)
    target = target.with_name(f"{target.name}.xlsx")
    book.save(target)
    return [target]


def test_a_rejected_row_stands_as_it_was_with_reason_and_advice(engine, tmp_path):
    rows = [
        *life(),
        ("GD2", "receve", "2026-03-02 09:00:00", {"area": "东区"}),
        ("GD3", "receive", "2026-02-30 09:00", {}),
        ("", "note", "2026-03-02 09:00:00", {}),
        ("GD4", "resolve", "2026-03-02 09:00:00", {"outcome": "resolvd"}),
    ]
    assert bring(engine, write_log(tmp_path / "log.csv", rows), tmp_path / "r.xlsx").rejected == 4
    (rejects,) = book_of(tmp_path / "r.xlsx").items()
    name, (head, *told) = rejects
    assert name == "log.csv"
    assert head[:7] == [*ADDED, "order_id", "event", "at"]
    assert [row[:2] for row in told] == [
        [9, "事件（event）"],
        [10, "时间（at）"],
        [11, "工单编号（order_id）"],
        [12, "解决情况（outcome）"],
    ]
    assert [row[4:7] for row in told] == [[order, event, at] for order, event, at, _ in rows[8:]]
    assert told[0][3].startswith("可能是“receive”；可用：receive、register")
    assert "2026-04-05 09:32:09" in told[1][3]
    assert "可能是“resolved”" in told[3][3]
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx").active
    faults = {
        cell.coordinate
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.fill.fgColor.rgb == "FFFFD9D9"
    }
    assert len(faults) == 4
    assert {sheet.cell(1, sheet[one].column).value for one in faults} == {
        "event",
        "at",
        "order_id",
        "outcome",
    }


def test_mended_rows_are_imported_as_they_are_and_nothing_is_doubled(engine, tmp_path):
    good = [
        WIDE,
        [
            "GD1",
            "2026/3/2 9:00",
            "2026/3/2 9:10",
            "2026/3/2 9:20",
            "甲街道",
            "2026/3/5 11:00",
            "投诉",
            "问张三",
        ],
        ["GD2", "2026/3/2 9:00", "2026/3/2 9:10", "2026/3/2 9:20", "乙街道", "2026/3/5 11:00", "求助", ""],
    ]
    bad = [row.copy() for row in good]
    bad[1][3], bad[1][5], bad[2][6] = "2026/3/32 9:20", "昨天", "求助类？"
    first = bring(engine, write(tmp_path / "日报.csv", bad), tmp_path / "r.xlsx")
    ((_, (head, *told)),) = book_of(tmp_path / "r.xlsx").items()
    assert head == [*ADDED, *WIDE]
    assert [row[0] for row in told] == [1, 2], "a row once, whatever number of its events was rejected"
    assert told[0][1] == "派单时间、办结时间"
    assert told[0][2].count("\n") == 1
    assert told[0][-1] == "", "nobody knows whom a column names that says nothing to us"
    mend = {
        "派单时间": {"2026/3/32 9:20": "2026/3/2 9:20"}, "办结时间": {"昨天": "2026/3/5 11:00"},
        "工单类型": {"求助类？": "求助"},
    }  # fmt: skip
    (again,) = mended(tmp_path / "r.xlsx", tmp_path / "mended", mend)
    second = bring(engine, again)
    assert second.whole
    assert second.columns_ignored == ["联系备注"], "what was added is known as such"
    assert second.applied == first.rejected
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as other:
        bring(other, write(tmp_path / "good.csv", good))
        for order in ("GD1", "GD2"):
            assert sorted(
                (one.event, one.at, one.unit) for one in engine.history(order) if not one.rule
            ) == sorted((one.event, one.at, one.unit) for one in other.history(order) if not one.rule)


def test_no_identity_stands_among_rejected_rows_and_its_mark_says_nothing(tmp_path):
    people = {"caller": "金丝雀", "phone": "13971234567", "address": "暗号路1号", "content": "密语漏水"}
    rows = [
        ("GD1", "receive", "2026-13-02", {**people, "area": "金丝雀住暗号路1号，13971234567"}),
        ("GD1", "note", "2026-03-02 09:30:00", {"reason": "密语漏水"}),
    ]
    log = write_log(tmp_path / "log.csv", rows)
    with log.open("a") as file:
        file.write("GD2,note,2026-03-02 09:00:00,,,,,金丝雀,13971234567,暗号路1号,密语,漏水,金丝雀,x,y\n")
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as engine:
        bring(engine, log, tmp_path / "r.xlsx")
        text = str(book_of(tmp_path / "r.xlsx"))
        assert not [word for word in (*people.values(), "暗号路", "密语") if word in text]
        for mark in ("〔姓名〕", "〔电话〕", "〔地址〕", "〔诉求内容〕"):
            assert mark in text
        (again,) = mended(tmp_path / "r.xlsx", tmp_path / "m", {"at": {"2026-13-02": "2026-03-02 09:00:00"}})
        done = bring(engine, again)
        assert done.applied == 1
        assert not done.identity_dropped, "a mark is nothing said"
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW), key=bytes(range(32))) as engine:
        done = bring(engine, again)
        assert (done.applied, done.identity_kept) == (1, {}), "nor kept"


def test_a_sheet_for_each_file_units_and_adjustments_too(tmp_path):
    logs = [
        write_log(tmp_path / f"{one}.csv", [*life(f"GD{one}"), (f"GD{one}", "no", "?", {})]) for one in "ab"
    ]
    units = write(
        tmp_path / "units.csv", [["unit", "pool", "name"], ["A", "department", "=1+1"], ["B", "no", "丙"]]
    )
    adjustments = write(tmp_path / "adjust.csv", [["unit", "at", "code"], ["A", "2026-03-05", "no_code"]])
    what = Replay(logs=logs, units=units, adjustments=adjustments)
    path = tmp_path / "r.xlsx"
    with reject_to(path, logs, None, "en", (units, adjustments)) as reject:
        (summary,) = replay_files(what, {"JY": tmp_path / "out"}, reject)
    told = book_of(path)
    assert summary["rejected_rows"] == sum(len(rows) - 1 for rows in told.values()) == 4
    assert set(told) == {"a.csv", "b.csv", "units.csv", "adjust.csv"}
    assert told["units.csv"][1][4:] == ["B", "no", "丙"]
    assert told["adjust.csv"][0][:4] == [
        "rejected: row",
        "rejected: column",
        "rejected: reason",
        "rejected: suggestion",
    ]


def test_what_is_no_row_of_cells_is_told_all_the_same(engine, tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text('{"order_id": "A", "event": "receive", "at": "2026-03-02 09:00:00"}\n{broken\n', "utf-8")
    bring(engine, log, tmp_path / "r.xlsx")
    ((_, (_, row)),) = book_of(tmp_path / "r.xlsx").items()
    assert row[0] == 2
    assert "JSON" in row[2]
    assert row[4:] == ["", "", ""]


def test_without_a_rejected_row_the_workbook_is_empty_and_csv_is_as_before(engine, tmp_path):
    bring(engine, write_log(tmp_path / "log.csv", life()), tmp_path / "r.xlsx")
    assert book_of(tmp_path / "r.xlsx") == {"退回": [ADDED]}
    log = write_log(tmp_path / "bad.csv", [("A", "no", "?", {})])
    bring(engine, log, tmp_path / "r.csv")
    rows = cells_of_csv(tmp_path / "r.csv")
    assert rows[0] == ["source", "row", "order_id", "column", "value", "reason"]
    assert rows[1][:5] == ["bad.csv", "1", "A", "event", "no"]


def test_an_import_that_breaks_off_leaves_no_file_of_rejects(tmp_path):
    for name in ("r.xlsx", "r.csv"):
        with suppress(RuntimeError), reject_to(tmp_path / name, [], None, "zh") as reject:
            reject(Rejected("a", 1, "", "", "", "row_is_header", {}))
            raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_a_rejected_row_of_a_workbook_is_found_by_its_number_there(engine, tmp_path):
    book = openpyxl.Workbook()
    for row in (["三月工单"], [], WIDE, ["GD1", "2026-03-02 09:00"], [], ["GD2", "昨天"]):
        book.active.append(row)
    book.save(tmp_path / "log.xlsx")
    assert bring(engine, tmp_path / "log.xlsx", tmp_path / "r.xlsx").rejected == 1
    ((_, told),) = book_of(tmp_path / "r.xlsx").values()
    assert told[:2] == [6, "受理时间"]
