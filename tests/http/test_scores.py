"""Scores over HTTP: as CONTRACT section 7 prints them, down to the entries, for those who may see them."""

import csv
from contextlib import contextmanager
from datetime import datetime
from time import monotonic, sleep

import pytest
from support.months import entered_file, entry, life
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.scoring import Run, as_json, score
from paidan.policies.registry import names
from paidan.workflows.attributes import ATTRIBUTES
from paidan.workflows.records import BEIJING

APRIL = datetime(2026, 4, 10, 9, tzinfo=BEIJING)
MARCH = {"month": "2026-03"}
LONG = 30.0
ROWS = [
    *life("A1", "甲科", callbacks=["resolved/satisfied"], revisit__source="district"),
    *life("A2", "甲科", contact=None, callbacks=["unresolved/dissatisfied"], repeat_of="A1"),
    *life("A3", "甲科", closed="2026-03-30 12:00", due="2026-03-10 12:00", callbacks=["resolved/neutral"]),
    *life("B1", "乙科", callbacks=["resolved/satisfied"]),
    *life("B2", "乙科", accepted="2026-02-10 09:00", closed="2026-02-12 12:00"),
]


def log_of(folder, rows):
    """Write rows as a long-form log."""
    columns = ["order_id", "event", "at", "actor", "role", "unit", *(one.name for one in ATTRIBUTES)]
    path = folder / "log.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for order_id, event, at, said in rows:
            writer.writerow({"order_id": order_id, "event": event, "at": at, **said})
    return path


@contextmanager
def scored(url, folder, policy="JY", rows=ROWS, adjustments=()):
    entered = entered_file(folder, adjustments)
    clock = SimulatedClock(APRIL)
    with Engine.open(url, policy, clock=clock, adjustments=entered) as engine:
        engine.import_logs([log_of(folder, rows)])
        with served(engine, rate=0) as made:
            yield made


def from_scratch(engine, name, adjustments=None, lang="zh"):
    books = engine.books
    run = Run(
        document=books.document, settings=books.chosen, as_of=engine.now(), records=engine.records(),
        roster=books.roster, adjustments=adjustments,
    )  # fmt: skip
    return as_json(score(run, name), lang)


@pytest.mark.parametrize("policy", names())
def test_a_month_a_quarter_and_a_year_are_those_that_score_prints(policy, tmp_path):
    quarter = "2026Q2" if policy == "BS" else "2026Q1"  # the assessment year of BS begins in November
    with scored("memory://", tmp_path, policy) as live, live.client("scorer") as client:
        for span, name in (("month", "2026-03"), ("quarter", quarter), ("year", "2026")):
            told = client.get("/v1/scores", params={span: name}).json()
            assert told.pop("as_of") == APRIL.isoformat()
            assert told.pop("position") == live.engine._store.settled()
            assert told == from_scratch(live.engine, name)
            only = client.get("/v1/consequences", params={span: name}).json()
            assert only["consequences"] == told["consequences"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_opens_every_item_to_its_orders_and_entries(kind, place_of, tmp_path):
    given = [entry("甲科", "praise", "1", confirmed_by="centre_head")]
    with scored(place_of(kind).url, tmp_path, adjustments=given) as live, live.client("scorer") as client:
        whole = client.get("/v1/scores", params=MARCH).json()["units"]
        for unit in whole:
            sheet = client.get(f"/v1/scores/{unit['unit']}", params=MARCH).json()
            assert sheet["unit"] == unit
            assert list(sheet["lineage"]) == [*unit["items"], "bonus", "deduction"]
            for name, item in unit["items"].items():
                told = sheet["lineage"][name]
                assert told["rule"] == item["rule"]
                within = {one["order_id"]: one["weight"] for one in told["orders"] if one["within"]}
                counted = within if item["denominator"] else [one for one in within if within[one] != "0"]
                assert {*counted} == {*item["orders"]}
                for one in told["orders"]:
                    log = {e.seq: e.event for e in live.engine.history(one["order_id"])}
                    assert one["why"]
                    assert all(log[cause["seq"]] == cause["event"] for cause in one["entries"])
        praised = client.get("/v1/scores/甲科", params=MARCH).json()["lineage"]["bonus"]["adjustments"]
        assert [(one["code"], one["points"], one["counted"]) for one in praised] == [("praise", "1", True)]
        late = client.get("/v1/scores/甲科", params=MARCH).json()["lineage"]["timeliness"]["orders"]
        assert [one["order_id"] for one in late if one["weight"] != "0"] == ["A3"]


def test_no_rates_become_totals_where_the_document_has_none(tmp_path):
    for policy in ("YY", "SW"):
        folder = tmp_path / policy
        folder.mkdir()
        with scored("memory://", folder, policy) as live, live.client("scorer") as client:
            for one in client.get("/v1/scores", params=MARCH).json()["units"]:
                assert (one["total"], one["exact"], one["rank"], one["grade"]) == (None, None, None, None)
                assert all(item["points"] is None for item in one["items"].values())


def test_the_tag_holds_while_nothing_that_counts_has_changed(tmp_path):
    with scored("memory://", tmp_path) as live, live.client("scorer") as client:
        first = client.get("/v1/scores", params=MARCH)
        tag = first.headers["etag"]
        assert tag.startswith(f'"{first.json()["position"]}-')
        again = client.get("/v1/scores", params=MARCH, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get("/v1/scores", params={"month": "2026-02"}).headers["etag"] != tag
        live.engine.submit("B1", "revisit", role="dispatcher", result="effective", outcome="unresolved",
                           satisfaction="dissatisfied", source="district")  # fmt: skip
        until = monotonic() + LONG
        while client.get("/v1/scores", params=MARCH, headers={"If-None-Match": tag}).status_code == 304:
            assert monotonic() < until
            sleep(0.02)
        told = client.get("/v1/scores", params=MARCH)
        assert told.headers["etag"] != tag
        assert told.json()["units"] == from_scratch(live.engine, "2026-03")["units"]


def test_another_reading_is_scored_beside_and_changes_nothing(tmp_path):
    with scored("memory://", tmp_path) as live, live.client("scorer") as client:
        plain = client.get("/v1/scores", params=MARCH).json()
        other = client.get("/v1/scores", params={**MARCH, "set": "rank.on=displayed"}).json()
        assert other["settings"] == {"rank.on": "displayed"}
        assert client.get("/v1/scores", params=MARCH).json() == plain


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("", {}, 400),
        ("", {"month": "2026-03", "year": "2026"}, 400),
        ("", {"month": "March"}, 400),
        ("", {"month": "2026-13"}, 400),
        ("", {"month": "2019-01"}, 400),
        ("", {**MARCH, "set": "rank.on"}, 400),
        ("", {**MARCH, "set": "no.such=1"}, 400),
        ("/没有这个单位", MARCH, 404),
    ],
)
def test_what_cannot_be_scored_is_a_problem_that_says_so(path, params, status, scored_once):
    answer = scored_once.get(f"/v1/scores{path}", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


@pytest.fixture(scope="module")
def scored_once(tmp_path_factory):
    with scored("memory://", tmp_path_factory.mktemp("scored")) as live, live.client("scorer") as client:
        yield client


def test_a_unit_sees_no_scores_neither_the_others_nor_its_own(tmp_path):
    with scored("memory://", tmp_path) as live, live.client("handling_unit", "甲科") as unit:
        for path in ("scores", "scores/甲科", "scores/乙科", "consequences"):
            assert unit.get(f"/v1/{path}", params=MARCH).status_code == 403


def test_an_english_caller_is_told_in_english(tmp_path):
    with scored("memory://", tmp_path) as live, live.client("scorer", **{"Accept-Language": "en"}) as client:
        told = client.get("/v1/scores", params=MARCH)
        assert told.headers["content-language"] == "en"
        assert told.json()["consequences"] == from_scratch(live.engine, "2026-03", lang="en")["consequences"]
