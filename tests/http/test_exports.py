"""Tables of everything over HTTP: in every form, of bounded memory, each taking written down."""

import csv
import io
import json
from datetime import datetime
from time import monotonic, sleep

import pytest
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 9, 9, tzinfo=BEIJING)
WHAT = ("entries", "transitions", "deadlines", "deviations", "histories")


@pytest.fixture(params=KINDS)
def live(request, place_of):
    clock = SimulatedClock(NINE)
    with (
        Engine.open(place_of(request.param).url, "JY", clock=clock) as engine,
        served(engine, rate=0) as made,
    ):
        for order_id in "AB":
            engine.submit(order_id, "receive", phone="13812345678", content="=1+1 漏水")
            engine.submit(order_id, "register")
            engine.submit(order_id, "dispatch", unit="甲科")
        yield made


def test_every_table_comes_in_every_form_as_a_file(live):
    starts = {"csv": b"\xef\xbb\xbf", "jsonl": b"{", "xlsx": b"PK", "parquet": b"PAR1"}
    with live.client("auditor") as client:
        for what in WHAT:
            for form, start in starts.items():
                answer = client.get(f"/v1/exports/{what}?format={form}")
                assert answer.status_code == 200, answer.text
                assert answer.content.startswith(start) or (what, form) == ("deviations", "jsonl")
                assert f"{what}.{form}" in answer.headers["content-disposition"]
                assert b"13812345678" not in answer.content


def test_what_comes_is_what_is_there(live):
    with live.client("scorer") as client:
        rows = list(csv.DictReader(io.StringIO(client.get("/v1/exports/entries").text.lstrip("\ufeff"))))
        assert [(one["order_id"], one["event"]) for one in rows] == [
            (order_id, event) for order_id in "AB" for event in ("receive", "register", "dispatch")
        ]
        clocks = client.get("/v1/exports/deadlines?format=jsonl").text.splitlines()
        assert {json.loads(one)["rule"] for one in clocks} >= {"JY-T01", "JY-T02", "JY-T03"}
        assert client.get("/v1/exports/entries?format=xes").content.startswith(b"<?xml")
        assert client.get("/v1/exports/entries?format=ocel").json()["events"]


def test_scores_come_for_a_period(live):
    with live.client("scorer") as client:
        rows = client.get("/v1/exports/scores?period=2026-03&format=jsonl").text.splitlines()
        assert {json.loads(one)["unit"] for one in rows} == {"甲科"}
        for query, status in (("", 400), ("?period=x", 400), ("?period=2031-01", 400)):
            assert client.get(f"/v1/exports/scores{query}").status_code == status
        for wrong in (
            "entries?period=2026-03",
            "deadlines?format=xes",
            "entries?format=exe",
            "../x",
            "vault",
        ):
            answer = client.get(f"/v1/exports/{wrong}")
            assert answer.status_code in (400, 404), wrong


def test_exported_scores_count_what_was_entered_by_hand(tmp_path):
    file = tmp_path / "adjustments.csv"
    file.write_text(
        "unit,at,code,points,order_id,good,confirmed_by,note\n甲科,2026-03-02,praise,3,,,centre_head,表扬\n",
        encoding="utf-8",
    )
    with Engine.open("memory://", "JY", clock=SimulatedClock(NINE), adjustments=file) as engine:
        engine.submit("A", "receive")
        engine.submit("A", "register")
        engine.submit("A", "dispatch", unit="甲科")
        with served(engine) as made, made.client("scorer") as client:
            rows = client.get("/v1/exports/scores?period=2026-03&format=jsonl").text.splitlines()
    assert {json.loads(row)["bonus"] for row in rows} == {"3"}


def test_who_took_everything_is_written_down(live):
    with live.client("scorer", name="吴考") as client, live.client("auditor") as auditor:
        client.get("/v1/exports/histories?format=xlsx")
        (seen,) = auditor.get("/v1/sights", params={"name": "吴考"}).json()
        assert (seen["order_id"], seen["what"]) == ("", "export:histories.xlsx")


def test_no_file_of_an_export_stays_behind(live, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with live.client("scorer") as client:
        assert client.get("/v1/exports/entries").status_code == 200
        assert client.get("/v1/exports/scores?period=2031-01").status_code == 400
        (folder,) = tmp_path.glob("paidan-jobs-*")
        until = monotonic() + 10
        while [one.name for one in folder.iterdir()] != ["lock"]:  # it goes when the last byte is sent
            assert monotonic() < until
            sleep(0.01)


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx", "parquet"])
def test_a_log_that_was_taken_away_is_brought_in_elsewhere(form):
    clock = SimulatedClock(NINE)
    with (
        Engine.open("memory://", "JY", clock=clock) as here,
        Engine.open("memory://", "JY", clock=clock) as there,
    ):
        here.submit("A", "receive", urgent="是")
        here.submit("A", "register")
        here.submit("A", "dispatch", unit="甲科")
        with served(here) as one, one.client("scorer") as client:
            content = client.get(f"/v1/exports/entries?format={form}").content
        with served(there) as other, other.client("dispatcher") as client:
            answer = client.post("/v1/imports", files={"files": (f"log.{form}", content)})
            until = monotonic() + 60
            while (told := client.get(answer.headers["location"]).json())["state"] == "running":
                assert monotonic() < until
                sleep(0.05)
        assert told["result"]["applied"] == 3, told
        assert [one.event for one in there.history("A")] == [one.event for one in here.history("A")]
        assert there.order("A").facts["unit"] == "甲科"
