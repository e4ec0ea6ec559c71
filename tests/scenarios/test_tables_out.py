"""Tables of orders in every form: the same rows, typed where the form has types, and read again."""

import csv
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from typing import TYPE_CHECKING

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet
from support.logs import life, write_log
from support.sheets import book_of, told_by

from paidan.engine import Engine
from paidan.engine.cli.main import run as paidan
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import InputError, UsageError
from paidan.engine.export import workbook
from paidan.engine.export.run_folder import IN_PARQUET
from paidan.engine.export.table import Column, Encoding, Form, Kind, Sheet, What, save
from paidan.engine.runs import Replay, Run, replay_files
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from paidan.engine.intake.tables import Rejected

NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=BEIJING)
LATE = [
    ("000123456789012345678", "receive", "2026-03-02 09:00:00", {"area": "第一行\n第二行"}),
    ("000123456789012345678", "register", "2026-03-02 09:40:00", {}),
    ("000123456789012345678", "dispatch", "2026-03-02 09:50:00", {"unit": "甲街道"}),
    ("000123456789012345678", "close", "2026-03-03 09:00:00", {}),
]


@pytest.fixture
def engine(tmp_path):
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as one:
        one.import_logs([write_log(tmp_path / "log.csv", [*life(), *LATE])])
        yield one


@pytest.fixture
def run(tmp_path):
    log = write_log(tmp_path / "log.csv", [*life(), *LATE])
    replay_files(Replay(logs=[log]), {"JY": tmp_path / "run"})
    return Run(tmp_path / "run")


def says(*words):
    """What the command line prints, tells and leaves with."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["paidan", *map(str, words)]
    code: str | int = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            paidan()
    except SystemExit as left:
        code = left.code or 0
    finally:
        sys.argv = before
    return code, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("what", [one for one in What if one is not What.entries])
def test_a_table_of_live_orders_has_the_same_rows_in_every_form(engine, tmp_path, what):
    rows = {}
    for form in Form:
        written = engine.tabulate(what, tmp_path / f"t.{form}", form=form, lang="en")
        rows[form] = told_by(tmp_path / f"t.{form}")
        assert written.rows == len(rows[form]) > 0
    assert {tuple(some[0]) for some in rows.values()} == {tuple(rows[Form.csv][0])}
    for one in ("order_id", "seq", "rule", "event", "verdict", "action"):
        told = {tuple(str(row.get(one)) for row in some) for some in rows.values()}
        assert len(told) == 1, one


def test_instants_numbers_and_order_numbers_are_what_they_are(engine, tmp_path):
    engine.tabulate("deadlines", tmp_path / "d.parquet", form="parquet")
    schema = parquet.read_schema(tmp_path / "d.parquet")
    assert schema.field("due_at").type == pa.timestamp("us", "Asia/Shanghai")
    assert (schema.field("provisional").type, schema.field("order_id").type) == (pa.bool_(), pa.string())
    engine.tabulate("transitions", tmp_path / "t.xlsx", form="xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["状态转移"]
    assert [cell.value for cell in sheet[1]][:6] == ["工单编号", "序号", "事件", "原状态", "新状态", "时间"]
    first = sheet[2]
    assert (first[0].value, first[0].data_type, first[0].number_format) == ("000123456789012345678", "s", "@")
    assert (first[1].value, first[5].value) == (1, datetime(2026, 3, 2, 9))
    assert (sheet.freeze_panes, sheet.auto_filter.ref[:3]) == ("A2", "A1:")
    assert sheet.column_dimensions["A"].width > 20


@pytest.mark.parametrize("what", ["transitions", "deadlines", "deviations", "histories"])
def test_a_run_folder_gives_what_it_holds(run, tmp_path, what):
    written = run.tabulate(what, tmp_path / "t.jsonl", form="jsonl")
    if what != "histories":
        with (run.folder / f"{what}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        told = [
            {name: "" if one is None else str(one).lower() if one in (True, False) else str(one)
             for name, one in row.items()}
            for row in told_by(tmp_path / "t.jsonl")
        ]  # fmt: skip
        assert told == rows
    assert written.rows > 0


def test_deviations_of_live_orders_are_those_of_a_replay_of_their_log(engine, run, tmp_path):
    for name, source in (("live", engine), ("run", run)):
        source.tabulate("deviations", tmp_path / f"{name}.jsonl", form="jsonl")
    assert told_by(tmp_path / "live.jsonl") == told_by(tmp_path / "run.jsonl") != []


@pytest.mark.parametrize("encoding", Encoding)
def test_csv_for_people_opens_in_excel_and_both_encodings_are_read_again(engine, tmp_path, encoding):
    engine.tabulate("transitions", tmp_path / "t.csv", encoding=encoding)
    start = (tmp_path / "t.csv").read_bytes()
    assert start.startswith("工单编号".encode("utf-8-sig" if encoding is Encoding.utf_8 else "gb18030"))
    engine.tabulate("entries", tmp_path / "log.csv", encoding=encoding)
    assert engine.import_logs([tmp_path / "log.csv"]).already_there == len([*life(), *LATE])


def test_what_our_tables_say_under_chinese_titles_is_read_again(engine, tmp_path):
    engine.tabulate("transitions", tmp_path / "t.xlsx", form="xlsx")
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as other:
        rejected: list[Rejected] = []
        done = other.import_logs([tmp_path / "t.xlsx"], on_rejected=rejected.append)
        assert (done.applied, {one.code for one in rejected}) == (len([*life(), *LATE]), {"event_engine"})
        for order in ("GD1", LATE[0][0]):
            assert [(one.event, one.at, one.unit) for one in other.history(order)] == [
                (one.event, one.at, one.unit) for one in engine.history(order)
            ]


@pytest.mark.parametrize("form", ["jsonl", "parquet", "xlsx"])
def test_the_log_in_other_forms_is_read_again_whole(engine, tmp_path, form):
    engine.tabulate("entries", tmp_path / f"log.{form}", form=form)
    assert engine.import_logs([tmp_path / f"log.{form}"]).already_there == len([*life(), *LATE])


def test_a_sheet_that_is_full_goes_on_on_another(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS_MOST", 4)
    rows = [[number] for number in range(7)]
    save(Sheet("数", [Column("n", "号", Kind.NUMBER)], rows), tmp_path / "t.xlsx", Form.xlsx)
    assert book_of(tmp_path / "t.xlsx") == {
        "数": [["号"], [0], [1], [2]], "数 (2)": [["号"], [3], [4], [5]], "数 (3)": [["号"], [6]],
    }  # fmt: skip


@pytest.mark.parametrize("text", ["长" * 32_768, "😀" * 16_384, "a" * 100_000])
def test_a_text_too_long_for_a_cell_is_cut_there_alone_and_it_is_told(tmp_path, text):
    sheet = Sheet("表", [Column("said", "内容")], [["短"], [text]])
    written = save(sheet, tmp_path / "t.xlsx", Form.xlsx)
    cell = book_of(tmp_path / "t.xlsx")["表"][2][0]
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    kept, _, note = cell.rpartition("……〔余")
    assert written.first is not None
    assert (text.startswith(kept), int(note.partition("字")[0])) == (True, len(text) - len(kept))
    assert (written.cut, written.first.row, written.first.column) == (1, 3, "内容")
    assert written.first.lacks == len(text) - len(kept)
    for form in (Form.csv, Form.jsonl, Form.parquet):
        assert save(sheet, tmp_path / f"t.{form}", form).cut == 0
        assert list(told_by(tmp_path / f"t.{form}")[1].values()) == [text]
    full = "满" * 32_767
    save(Sheet("表", [Column("said", "内容")], [[full]]), tmp_path / "f.xlsx", Form.xlsx)
    assert book_of(tmp_path / "f.xlsx")["表"][1] == [full]


@pytest.mark.parametrize("form", Form)
def test_a_file_takes_its_name_only_when_it_is_whole(tmp_path, form):
    def broken():
        yield ["一"]
        raise InputError("file_missing", file="x")

    target = tmp_path / f"t.{form}"
    target.write_text("早先的")
    with pytest.raises(InputError, match="file_missing"):
        save(Sheet("表", [Column("a", "甲")], broken()), target, form)
    assert target.read_text() == "早先的"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("encoding", Encoding)
def test_half_a_character_is_told_and_nothing_is_written(tmp_path, encoding):
    with pytest.raises(InputError, match=r"character_unwritable.*D83D"):
        save(Sheet("表", [Column("a", "甲")], [["\ud83d"]]), tmp_path / "t.csv", Form.csv, encoding=encoding)
    assert not list(tmp_path.iterdir())


def test_names_of_sheets_are_such_as_excel_takes(tmp_path):
    titles = ["a[b]:c*?/\\d", "'甲'", "x" * 40, "X" * 40, "History", ""]
    sheets = [Sheet(title, [Column("a", "甲")], []) for title in titles]
    workbook.save_sheets(sheets, tmp_path / "t.xlsx")
    names = openpyxl.load_workbook(tmp_path / "t.xlsx").sheetnames
    assert names == ["a_b__c____d", "甲", "x" * 31, f"{'X' * 27} (2)", "History (2)", "Sheet"]


@pytest.mark.parametrize("needs", ["xlsxwriter", "pyarrow"])
def test_what_is_not_installed_is_told_before_anything_is_done(tmp_path, monkeypatch, needs):
    log = write_log(tmp_path / "log.csv", [*life(), ("X", "receive", "?", {})])
    out = tmp_path / "out"
    monkeypatch.setitem(sys.modules, needs, None)
    more = ("--format", "parquet") if needs == "pyarrow" else ("--rejected", tmp_path / "r.xlsx")
    code, _, err = says("replay", log, "--policy", "JY", "--out", out, *more)
    assert (code, out.exists()) == (3, False)
    assert needs in err
    assert "paidan[files]" in err


def test_a_word_that_is_none_is_refused(engine, run, tmp_path):
    for source, what, form in ((engine, "all", "csv"), (engine, "entries", "pdf"), (run, "entries", "csv")):
        with pytest.raises(UsageError):
            source.tabulate(what, tmp_path / "t", form=form)


def test_the_tables_of_a_run_stand_in_parquet_beside_for_other_tools(tmp_path):
    log = write_log(tmp_path / "log.csv", [*life(), *LATE, ("X", "receive", "?", {})])
    out = tmp_path / "out"
    said = ("replay", log, "--policy", "JY", "--out", out)
    assert says(*said, "--format", "parquet")[0] == 3
    for name in ("transitions", "deadlines", "deviations", "rejected"):
        with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        table = parquet.read_table(out / f"{name}.parquet")
        assert (table.column_names, table.num_rows) == (rows[0], len(rows) - 1)
    assert says("history", "GD1", "--run", out)[0] == 0
    assert says(*said)[0] == 3
    assert not [name for name in IN_PARQUET if (out / name).exists()], "of an earlier run"


def test_a_command_writes_its_list_to_a_file_in_the_form_its_name_says(run, tmp_path):
    listed = ("history", "GD1", "--run", run.folder)
    for name in ("h.xlsx", "h.csv", "h.jsonl", "h.parquet"):
        code, out, err = says(*listed, "--out", tmp_path / name)
        assert (code, out) == (0, "")
        assert "8" in err
        assert len(told_by(tmp_path / name)) == 8
    sheet = openpyxl.load_workbook(tmp_path / "h.xlsx")["GD1"]
    assert [cell.value for cell in sheet[2]][:3] == [1, datetime(2026, 3, 2, 9), "接收"]
    lines = says(*listed, "--format", "jsonl")[1].splitlines()
    assert [json.loads(one)["event"] for one in lines] == [event for _, event, _, _ in life()]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "xlsx"), "--out"),
        (("--format", "parquet"), "--out"),
        (("--out", "h.pdf"), ".xlsx"),
        (("--format", "json", "--out", "h.json"), "json"),
    ],
)
def test_a_form_without_a_file_and_a_file_without_a_form_are_told(run, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    code, out, err = says("history", "GD1", "--run", run.folder, *words)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_scores_have_a_row_for_each_unit_and_item(tmp_path):
    out = tmp_path / "run"
    replay_files(Replay(logs=[write_log(tmp_path / "log.csv", life())]), {"JY": out})
    code, printed, _ = says("score", out, "--month", "2026-03", "--format", "json")
    (unit,) = json.loads(printed)["units"]
    rows = {}
    for form in Form:
        file = tmp_path / f"s.{form}"
        said = (
            "export",
            "--run",
            out,
            "--what",
            "scores",
            "--month",
            "2026-03",
            "--out",
            file,
            "--lang",
            "en",
        )
        assert says(*said)[0] == code
        rows[form] = told_by(file)
        assert [row["item"] for row in rows[form]] == list(unit["items"])
    for row, item in zip(rows[Form.csv], unit["items"].values(), strict=True):
        assert (row["points"], row["exact"]) == (item["points"] or "", item["exact"] or "")
        assert (row["unit"], row["total"], row["orders"]) == ("A", unit["total"], str(len(item["orders"])))
    assert parquet.read_schema(tmp_path / "s.parquet").field("points").type == pa.decimal128(18, 2)
    assert rows[Form.xlsx][0]["total"] == float(unit["total"])
    assert says("export", "--run", out, "--what", "scores", "--out", tmp_path / "s.csv")[0] == 2
    assert says("export", "--run", out, "--what", "deadlines", "--month", "2026-03", "--out", "x.csv")[0] == 2


def test_export_writes_tables_of_a_database_and_of_a_run(run, tmp_path):
    db = f"sqlite:///{tmp_path}/live.db"
    assert says("import", tmp_path / "log.csv", "--db", db, "--policy", "JY")[0] == 0
    assert says("export", "--db", db, "--out", tmp_path / "log2.csv")[0] == 0
    assert (tmp_path / "log2.csv").read_bytes().startswith(b"order_id,event,at")
    for source in (("--db", db), ("--run", run.folder)):
        said = ("export", *source, "--what", "histories", "--out", tmp_path / "h.xlsx")
        assert says(*said)[0] == 0
        assert len(told_by(tmp_path / "h.xlsx")) >= len([*life(), *LATE])
    assert says("export", "--run", run.folder, "--out", tmp_path / "e.csv")[0] == 2
    assert says("export", "--db", db, "--out", tmp_path / "e.xlsx", "--encoding", "gb18030")[0] == 2
