"""Whatever somebody writes into an order, no file of ours runs, opens or fetches anything."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from support.payloads import PAYLOADS
from support.sheets import book_of, cells_of_csv, runs_in_a_spreadsheet, told_by

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.export.rejects import save_rejects
from paidan.engine.export.table import Column, Form, Sheet, What, save
from paidan.engine.inert import text_of
from paidan.engine.intake.forms import open_logs
from paidan.engine.rejudge import Variant, rejudge
from paidan.engine.replay import Request, replay
from paidan.engine.runs import Run
from paidan.engine.scoring import load_run, score
from paidan.engine.scoring.listed import score_sheet
from paidan.policies.registry import document
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from paidan.engine.intake.tables import Rejected

NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
TEXTS = ("area", "result_text")
TOLD = [one.strip() for one in PAYLOADS if one.strip()]


def _log(path):
    """Orders that are named, held, told and answered by payloads."""
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(TOLD):
            order = f"{text}#{number}"
            told = {"order_id": order, "actor": text, "role": text, "unit": text}
            for event, at, said in (
                ("receive", "2026-03-02 09:00:00", {"area": text, "order_due": "2026-03-09 18:00:00"}),
                ("dispatch", "2026-03-02 09:20:00", {}),
                ("resolve", "2026-03-05 11:00:00", {"result_text": text}),
            ):
                file.write(json.dumps({**told, "event": event, "at": at, **said}) + "\n")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    out = folder / "out"
    summary = replay(Request(logs=(_log(folder / "=cmd.jsonl"),), document=document("JY"), out=out))
    assert summary["events"]["applied"] == 3 * len(TOLD)
    return Run(out)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("live")
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as one:
        assert one.import_logs([_log(folder / "log.jsonl")]).whole
        yield one


def test_a_run_folder_holds_no_formula_and_is_read_as_it_was_meant(run, tmp_path):
    for file in run.folder.glob("*.csv"):
        rows = cells_of_csv(file, "utf-8")
        assert len({len(row) for row in rows}) == 1, "no line break begins a row"
        assert not [cell for row in rows for cell in row if runs_in_a_spreadsheet(cell)]
    for number, text in enumerate(TOLD):
        log, _ = run.log(f"{text}#{number}")
        received = log[0]
        assert (received.order_id, received.actor, received.unit) == (f"{text}#{number}", text, text)
        assert received.attributes["area"] == text
    rejudge(run.folder, [Variant(document=run.document)], [tmp_path / "again"])
    for name in ("transitions.csv", "deadlines.csv", "deviations.csv", "attributes.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (run.folder / name).read_bytes()


@pytest.mark.parametrize("what", [one for one in What if one is not What.entries])
def test_no_table_of_a_run_holds_a_formula(run, tmp_path, what):
    _check_tables(run, what, tmp_path)


@pytest.mark.parametrize("what", [What.entries, What.deviations])
def test_no_table_of_live_orders_holds_a_formula(engine, tmp_path, what):
    _check_tables(engine, what, tmp_path)


def _check_tables(source, what, folder):
    told = {}
    for form in Form:
        file = folder / f"{what}.{form}"
        source.tabulate(what, file, form=form, lang="en")
        told[form] = told_by(file)
    assert not [cell for row in told[Form.csv] for cell in row.values() if runs_in_a_spreadsheet(cell)]
    orders = [row["order_id"] for row in told[Form.jsonl]]
    assert {f"{text}#{number}" for number, text in enumerate(TOLD)} == set(orders)
    for form, rows in told.items():
        read = text_of if form is Form.csv else str
        for name in ("order_id", "actor", "unit", "said", *TEXTS):
            if name in rows[0]:
                assert [read(row[name] or "") for row in rows] == [
                    row[name] or "" for row in told[Form.jsonl]
                ], (form, name)


def test_no_table_of_scores_holds_a_formula(run, tmp_path):
    told = score(load_run(run.folder), "2026-03")
    for form in Form:
        file = tmp_path / f"s.{form}"
        save(score_sheet(told, "en"), file, form)
        units = [row["unit"] for row in told_by(file)]
        assert not [one for one in units if form is Form.csv and runs_in_a_spreadsheet(one)]
        assert {text_of(one) if form is Form.csv else one for one in units} == set(TOLD)


def test_the_log_comes_back_from_its_export_with_every_text(engine, tmp_path):
    engine.export(tmp_path / "log.csv")
    assert not [
        cell for row in cells_of_csv(tmp_path / "log.csv") for cell in row if runs_in_a_spreadsheet(cell)
    ]
    assert engine.import_logs([tmp_path / "log.csv"]).already_there == 3 * len(TOLD)
    engine.tabulate("entries", tmp_path / "log.xlsx", form="xlsx")
    assert engine.import_logs([tmp_path / "log.xlsx"]).already_there == 3 * len(TOLD)


def test_rejected_rows_hold_no_formula(tmp_path):
    log = tmp_path / "log.jsonl"
    with log.open("w", encoding="utf-8") as file:
        for number, text in enumerate(TOLD):
            told = {"order_id": f"{text}#{number}", "event": "receive", "at": text, "case_type": text}
            file.write(json.dumps({**told, "actor": text, "area": text}) + "\n")
    rejected: list[Rejected] = []
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW)) as engine:
        engine.import_logs([log], on_rejected=rejected.append)
    assert len(rejected) == len(TOLD)
    save_rejects(tmp_path / "r.xlsx", open_logs([log]), rejected)
    ((_, *rows),) = book_of(tmp_path / "r.xlsx").values()
    assert [row[4 : 4 + 6] for row in rows] == [
        [f"{text}#{number}", "receive", text, text, text, text] for number, text in enumerate(TOLD)
    ]


def test_headers_and_titles_hold_no_formula(tmp_path):
    columns = [Column(text, text) for text in PAYLOADS]
    for form in (Form.csv, Form.xlsx):
        save(
            Sheet("=cmd|' /C calc'!A0", columns, [PAYLOADS, [""] * len(PAYLOADS)]),
            tmp_path / f"t.{form}",
            form,
        )
    assert not [c for row in cells_of_csv(tmp_path / "t.csv") for c in row if runs_in_a_spreadsheet(c)]
    ((header, row),) = book_of(tmp_path / "t.xlsx").values()
    assert header == row == list(PAYLOADS)
