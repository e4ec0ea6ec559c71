"""Workbooks as they come: titles, sheets, odd cells; what is read of them is what a CSV file would say."""

import csv
import os
import pickle
import signal
import subprocess
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from support.logs import life
from support.workbooks import HEADER, ROWS, cell, packed, parts, sheet_xml, write_workbook

from paidan.engine import crew
from paidan.engine.errors import InputError
from paidan.engine.intake import workbook
from paidan.engine.intake.adjustments import read_adjustments
from paidan.engine.intake.events import Ids, read_logs, read_share
from paidan.engine.intake.forms import open_log, open_logs
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.rosters import read_roster
from paidan.engine.intake.wide import Wide
from paidan.engine.replay import Request, replay
from paidan.engine.share import Task, Under
from paidan.policies.registry import document

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 4, 5, 9, 32, 9)


def long_form(rows):
    """The header and rows of a log in long form."""
    said = list(dict.fromkeys(name for *_, one in rows for name in one))
    return [
        ("order_id", "event", "at", *said),
        *((order, event, at, *(one.get(name, "") for name in said)) for order, event, at, one in rows),
    ]


def write_csv(path, rows, encoding="utf-8", delimiter=",", end="\n"):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    return path


def events_of(path):
    log = read_logs([path])
    return sorted(
        (row.command.order_id, row.command.event, row.at.isoformat(), str(dict(row.command.attributes)))
        for rows in log.orders.values()
        for row in rows
    )


def test_a_log_says_the_same_as_a_workbook_and_as_csv(tmp_path):
    rows = long_form([*life("GD1"), *life("GD2", urgent="是", anonymous="否", area="𠮷里庄")])
    book = write_workbook(tmp_path / "log.xlsx", {"日志": rows})
    assert events_of(book) == events_of(write_csv(tmp_path / "log.csv", rows))
    logs = [read_logs([path]) for path in (book, tmp_path / "log.csv")]
    assert [log.read for log in logs] == [16, 16]
    assert logs[0].inputs[0]["rows"] == 16


def test_dates_typed_as_dates_as_text_or_as_bare_numbers_are_one_time_in_either_date_system(tmp_path):
    serial = (AT - datetime(1899, 12, 30)) / timedelta(days=1)
    for since_1904 in (False, True):
        typed = [
            AT,
            "2026/4/5 9:32:09",
            "2026-4-5 9:32:09",
            "２０２６／４／５　９：３２：０９",
            serial - 1462 * since_1904,
        ]
        rows = [HEADER, *((f"GD{n}", at, None, "城管局") for n, at in enumerate(typed))]
        book = write_workbook(tmp_path / "log.xlsx", {"s": rows}, since_1904=since_1904)
        log = read_logs([book])
        assert not log.rejected
        assert {row.at.isoformat() for (row,) in log.orders.values()} == {"2026-04-05T09:32:09+08:00"}


def test_a_day_in_a_column_of_times_is_midnight_and_in_a_column_of_days_a_day(tmp_path):
    rows = [
        (*HEADER, "工单时限", "法定时限"),
        ("GD1", AT, None, "", datetime(2026, 4, 9), date(2026, 4, 9)),
        ("GD2", AT, None, "", datetime(2026, 4, 9, 18), date(2026, 4, 10)),
    ]
    log = read_logs([write_workbook(tmp_path / "log.xlsx", {"s": rows})])
    said = log.orders["GD1"][0].command.attributes
    assert said["order_due"].isoformat() == "2026-04-09T00:00:00+08:00"
    assert said["law_due"].isoformat() == "2026-04-09T23:59:59+08:00"


CELLS = [
    (20260405000123.0, "20260405000123"),
    (12.0, "12"),
    (0.95, "0.95"),
    (0.1 + 0.2, "0.3"),
    (0.00000015, "0.00000015"),
    (True, "true"),
    (False, "false"),
    (AT.date(), "2026-04-05"),
    (AT, "2026-04-05T09:32:09"),
    (AT.replace(second=0), "2026-04-05T09:32:00"),
    (AT.replace(microsecond=500_000), "2026-04-05T09:32:09.500000"),
    (time(9, 32), "09:32:00"),
    (timedelta(hours=30, minutes=1, seconds=2), "30:01:02"),
    ("00123", "00123"),
    ("=1+1", "=1+1"),
    ("?", "?"),
    ("𠮷 not in GBK", "𠮷 not in GBK"),
    ("two\nlines", "two\nlines"),
    ("\u00a0　x", "\u00a0　x"),
    ("工" * 30_000, "工" * 30_000),
    (None, ""),
]


@pytest.mark.parametrize(("value", "text"), CELLS, ids=[str(text)[:12] for _, text in CELLS])
def test_a_cell_reads_as_the_text_that_a_person_sees(tmp_path, value, text):
    rows = [("order_id", "event", "at", "result_text"), ("GD1", "note", "2026-03-02", value)]
    (table,) = open_logs([write_workbook(tmp_path / "log.xlsx", {"s": rows})])
    assert [cells for _, cells in table.numbered()] == [["GD1", "note", "2026-03-02", text]]


def test_a_number_too_long_to_be_exact_rejects_its_row_where_the_column_is_read(tmp_path):
    rows = [(*HEADER, "备注"), (123456789012345678, AT, None, "", ""), ("GD2", AT, None, "", 1e17)]
    log = read_logs([write_workbook(tmp_path / "log.xlsx", {"s": rows})])
    assert [(one.row, one.column, one.code) for one in log.rejected] == [(1, "工单编号", "number_long")]
    assert list(log.orders) == ["GD2"]


def test_errors_in_cells_say_nothing_and_are_counted(tmp_path):
    cells = f'<row r="4">{cell("A4", "GD3")}{cell("B4", "2026-03-02")}<c r="C4" t="e"><v>#N/A</v></c></row>'
    book = tmp_path / "log.xlsx"
    book.write_bytes(packed(parts(sheet=sheet_xml(more=cells))))
    log = read_logs([book])
    assert not log.rejected
    assert [row.command.event for row in log.orders["GD3"]] == ["receive"]
    assert log.inputs[0]["error_cells"] == 1


TITLES = {
    "a title": [("三月工单明细",)],
    "a title, a blank row and a note": [("三月工单明细",), (), ("导出时间：2026-04-01", "导出人：甲")],
    "a group of headers above": [("工单", "时间", "", "单位")],
    "twenty rows of words": [("说明", str(n)) for n in range(20)],
}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("above", TITLES.values(), ids=TITLES)
def test_a_header_is_found_below_what_stands_above_it(tmp_path, above, form):
    header = ("工单编号", "受理\n时间", "派单　时间", "承办单位", "备注", "备注")
    rows = [*above, header, *((*row, "", "") for row in ROWS), (), ("GD3", "2026-03-03", "", "", "", "")]
    path = tmp_path / f"log.{form}"
    if form == "xlsx":
        write_workbook(path, {"s": rows})
    else:
        write_csv(path, rows)
    log = read_logs([path])
    assert sorted(log.orders) == ["GD1", "GD2", "GD3"]
    assert not log.rejected
    assert log.inputs[0]["header_row"] == len(above) + 1
    assert log.inputs[0]["rows"] == 3
    table = open_log(path)
    assert isinstance(table, Wide)
    if isinstance(table.base, workbook.Sheet):
        assert table.base.sheet_rows({3}) == {3: len(above) + 5}


def test_a_header_that_only_the_mapping_knows_is_found_too(tmp_path):
    (tmp_path / "m.toml").write_text(
        '[columns]\n"Nr" = "order_id"\n"Was" = "event"\n"Wann" = "at"\n', "utf-8"
    )
    rows = [("Bericht", "März"), (), ("Nr", "Was", "Wann"), ("1", "note", AT)]
    book = write_workbook(tmp_path / "log.xlsx", {"s": rows})
    log = read_logs([book], read_mapping(tmp_path / "m.toml"))
    assert list(log.orders) == ["1"]


def test_merged_headers_and_orders_merged_over_rows_count_in_every_row(tmp_path):
    rows = [
        ("工单编号", "时间", "", "承办单位"),
        ("", "受理时间", "回访时间", ""),
        ("GD1", "2026-03-02 09:00", "2026-03-05 09:00", "城管局"),
        ("", "", "2026-03-06 09:00", ""),
        ("GD2", "2026-03-02 10:00", "", "城管局"),
    ]
    merged = {"s": ["A1:A2", "D1:D2", "A3:A4"]}
    log = read_logs([write_workbook(tmp_path / "log.xlsx", {"s": rows}, merged=merged)])
    told = {(row.command.order_id, row.command.event) for rows in log.orders.values() for row in rows}
    assert told == {("GD1", "receive"), ("GD1", "revisit"), ("GD2", "receive")}
    assert [row.command.event for row in log.orders["GD1"]].count("revisit") == 2


def test_each_sheet_that_is_a_log_is_read_and_the_others_are_named(tmp_path):
    sheets = {
        "说明": [("本表由系统导出",)],
        "三月": [HEADER, ROWS[0]],
        "四月": [("标题",), HEADER, ROWS[1], ("合计", "", "", "")],
        "空": [],
        "旧": [HEADER, ("GD9", "2026-03-02 09:00:00", "", "")],
    }
    book = write_workbook(tmp_path / "log.xlsx", sheets, hidden=["旧"])
    log = read_logs([book])
    assert sorted(log.orders) == ["GD1", "GD2"]
    assert [(one["name"], one["header_row"]) for one in log.inputs] == [
        ("log.xlsx#三月", 1), ("log.xlsx#四月", 2),
    ]  # fmt: skip
    assert log.inputs[0]["sheets_passed_over"] == {
        "空": "sheet_empty", "旧": "sheet_hidden", "说明": "column_missing",
    }  # fmt: skip
    assert [(one.source, one.row, one.code) for one in log.rejected] == [("log.xlsx#四月", 2, "row_is_total")]


def test_a_workbook_without_any_log_is_refused_for_its_first_sheet_or_for_what_is_hidden(tmp_path):
    book = write_workbook(tmp_path / "log.xlsx", {"甲": [("a", "b"), ("1", "2")], "乙": [("c", "d")]})
    with pytest.raises(InputError) as caught:
        open_logs([book])
    assert (caught.value.code, caught.value.details["file"]) == ("column_missing", "log.xlsx")
    book = write_workbook(tmp_path / "log.xlsx", {"空": [], "藏": [HEADER, *ROWS]}, hidden=["藏"])
    with pytest.raises(InputError) as caught:
        open_logs([book])
    assert caught.value.code == "workbook_no_log"
    assert "藏" in caught.value.details["sheets"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_of_any_delimiter_line_end_and_encoding_says_the_same(tmp_path, delimiter, end, encoding):
    rows = [
        ("三月工单",),
        HEADER,
        *ROWS,
        ("", "", "", ""),
        ("ＧＤ３", "２０２６／３／２　９：３２", "", "a,b;c"),
    ]
    log = read_logs([write_csv(tmp_path / "log.csv", rows, encoding, delimiter, end)])
    assert not log.rejected
    assert log.inputs[0]["rows"] == 3
    assert {order: len(rows) for order, rows in log.orders.items()} == {"GD1": 2, "GD2": 2, "GD3": 1}


def test_bytes_that_an_old_editor_takes_for_utf_8_are_read_as_the_chinese_text_they_are(tmp_path):
    log = read_logs([write_csv(tmp_path / "log.csv", [HEADER, (*ROWS[0][:3], "联通")], "gb18030")])
    assert [row.command.unit for row in log.orders["GD1"]] == ["", "联通"]


def test_a_workbook_of_another_program_reads_the_same(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["三月工单"])
    book.active.merge_cells("A1:D1")
    for row in (HEADER, ("GD1", AT, None, "城管局"), ("=1+1", AT, None, "")):
        book.active.append(row)
    book.save(tmp_path / "log.xlsx")
    log = read_logs([tmp_path / "log.xlsx"])
    assert [row.at.isoformat() for row in log.orders["GD1"]] == ["2026-04-05T09:32:09+08:00"]
    assert [(one.row, one.code) for one in log.rejected] == [(2, "order_id_missing")]  # never calculated


def test_a_workbook_packed_as_if_it_were_large_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    with zipfile.ZipFile(tmp_path / "log.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts().items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(content)
    assert b"PK\6\6" in (tmp_path / "log.xlsx").read_bytes()
    assert read_logs([tmp_path / "log.xlsx"]).read == 4


def test_what_a_broken_workbook_is_refused_for_repeats_nothing_of_its_cells(tmp_path):
    book = tmp_path / "log.xlsx"
    book.write_bytes(packed(parts(sheet=sheet_xml(more=f'<row r="4">{cell("A4", "&王小明;")}</row>'))))
    with pytest.raises(InputError) as caught:
        open_logs([book])
    assert caught.value.code == "workbook_broken"
    assert "王小明" not in str(caught.value)


def test_a_table_opened_once_is_read_again_and_from_several_places_at_a_time(tmp_path):
    rows = [HEADER, *((f"GD{n}", "2026-03-02 09:00:00", "", "甲" * 50) for n in range(20_000))]
    (table,) = open_logs([write_workbook(tmp_path / "log.xlsx", {"s": rows})])
    first, second = table.numbered(), table.numbered()
    for _ in range(20_000):
        assert next(first) == next(second)
    assert len(set(table.sample("order_id", 100))) >= 100
    assert [one for one, _ in table.numbered()][-1] == 20_000


def test_workers_that_are_forked_and_a_table_that_was_pickled_read_the_same(tmp_path):
    rows = long_form([one for n in range(60) for one in life(f"GD{n}")])
    book = write_workbook(tmp_path / "log.xlsx", {"s": rows})
    outs = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        replay(Request(logs=(book,), document=document("JY"), out=out, workers=workers))
        outs.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert outs[0] == outs[1]
    tables = open_logs([book])
    again = pickle.loads(pickle.dumps(tables))  # noqa: S301 - our own
    assert [*again[0].numbered()] == [*tables[0].numbered()]
    under = (Under(document=document("JY"), settings={}, roster=None),)
    shares = crew.parted(tables, 2)
    assert len(shares) == 2
    assert sum(len(read_share(again, ids).orders) for ids in shares) == 60
    assert Task(tables=again, under=under, enforce=False, as_recorded=False).tables is again


def test_a_table_in_another_process_notices_that_the_workbook_is_another_by_now(tmp_path):
    book = write_workbook(tmp_path / "log.xlsx", {"s": [HEADER, *ROWS]})
    again = pickle.loads(pickle.dumps(open_logs([book])))  # noqa: S301 - our own
    write_workbook(book, {"s": [HEADER, ROWS[0]]})
    with pytest.raises(InputError) as caught:
        read_share(again, Ids())
    assert caught.value.code == "file_changed"


HOLD = """
import sys, time
sys.path.insert(0, {root!r})
import run_engine
from pathlib import Path
from paidan.engine.intake.forms import open_logs
tables = open_logs([Path({book!r})])
next(iter(tables[0].numbered()))
print("open", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a kill -9 is POSIX")
def test_what_people_said_is_in_no_file_while_a_table_is_open_nor_after_a_kill(tmp_path):
    rows = [(*HEADER, "content"), ("GD1", "2026-03-02 09:00", "", "", "王小明13912345678")]
    book = write_workbook(tmp_path / "log.xlsx", {"s": rows})
    spools = tmp_path / "spools"
    spools.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD.format(root=str(ROOT), book=str(book))],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(spools)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        assert not [*spools.rglob("*")]
        process.send_signal(signal.SIGKILL)
    assert not [*spools.rglob("*")]


def test_a_workbook_that_takes_too_long_is_refused_and_its_process_ended(tmp_path, monkeypatch):
    book = write_workbook(tmp_path / "log.xlsx", {"s": [HEADER, *ROWS]})
    with monkeypatch.context() as patch:
        patch.setattr(workbook, "SECONDS", 0.01)
        with pytest.raises(InputError) as caught:
            open_logs([book])
        assert caught.value.code == "workbook_large"
    assert read_logs([book]).read == 4


def test_without_python_calamine_a_workbook_names_the_extra(tmp_path, monkeypatch):
    book = write_workbook(tmp_path / "log.xlsx", {"s": [HEADER, *ROWS]})
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(InputError) as caught:
        open_logs([book])
    assert caught.value.code == "extra_missing"


def test_units_and_adjustments_may_be_workbooks_and_a_run_keeps_them_as_csv(tmp_path):
    jy = document("JY")
    policy = jy.policy(jy.versions[-1], {})
    units = write_workbook(tmp_path / "u.xlsx", {"s": [("名册",), ("unit", "pool"), ("A", "department")]})
    adjustments = write_workbook(tmp_path / "a.xlsx", {"s": [("unit", "at", "code"), ("A", AT, "nothing")]})
    roster, faults = read_roster(units, jy.pools)
    assert [*roster.listings] == ["A"]
    assert not faults
    assert [one.code for one in read_adjustments(adjustments, policy, roster)[1]] == [
        "adjustment_code_unknown"
    ]


def test_the_command_line_reads_a_workbook_and_refuses_one_in_a_sentence(tmp_path):
    rows = [("三月",), *long_form(life())]
    units = write_workbook(tmp_path / "u.xlsx", {"s": [("unit", "pool"), ("A", "department")]})

    def run(content):
        out = tmp_path / "out"
        return subprocess.run(
            [sys.executable, ROOT / "run_engine.py", "replay", content, "--policy", "JY", "--out", out,
             "--units", units],
            capture_output=True, text=True, check=False, encoding="utf-8",
        )  # fmt: skip

    done = run(write_workbook(tmp_path / "log.xlsx", {"s": rows, "说明": [("x", "y")]}))
    assert done.returncode == 0, done.stderr
    assert "表头在第 2 行" in done.stderr
    assert "说明" in done.stderr
    assert (tmp_path / "out" / "units.csv").read_text("utf-8") == "unit,pool\nA,department\n"
    (tmp_path / "bad.xlsx").write_bytes(packed({**parts(), "xl/vbaProject.bin": b"x"}))
    done = run(tmp_path / "bad.xlsx")
    assert done.returncode == 3
    assert "宏" in done.stderr
    assert "Traceback" not in done.stderr
