"""What somebody with a token might try: more than their own, faults of ours, every thread of the server."""

from datetime import datetime, timedelta
from threading import Thread
from time import monotonic, sleep
from urllib.parse import quote

import pytest
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.http import orders, pace, scores
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture
def live(clock):
    with (
        Engine.open("memory://", "JY", settings={"warn.before": "10m"}, clock=clock) as engine,
        served(engine, rate=0) as made,
    ):
        yield made


def browsing(live, role, unit="", name="王二"):
    browser = live.client(role, unit, name)
    browser.cookies.update(live.signed_in(browser.headers["authorization"].removeprefix("Bearer ")))
    return browser


def dispatched(engine, order_id, unit):
    engine.submit(order_id, "receive")
    engine.submit(order_id, "register")
    engine.submit(order_id, "dispatch", unit=unit)


def test_who_acts_on_no_order_has_nothing_told_to_anybody_else(live, clock):
    dispatched(live.engine, "A", "甲科")
    clock.advance_to(NINE + timedelta(days=9))
    live.engine.sweep()
    live.engine.tell()
    told = live.engine.inbox(standing=False)
    assert told
    scorer = live.client("scorer")
    assert scorer.get("/v1/inbox", params={"everything": True}).json() == []
    assert scorer.post(f"/v1/inbox/{told[0].number}/acknowledgement").status_code == 404
    other = live.client("handling_unit", "乙科")
    assert other.get("/v1/inbox", params={"everything": True}).json() == []


def test_the_orders_one_looked_at_last_are_not_those_of_somebody_of_the_same_name(live):
    for order_id, unit in (("A", "甲科"), ("B", "乙科")):
        dispatched(live.engine, order_id, unit)
    ours, theirs = browsing(live, "handling_unit", "甲科"), browsing(live, "handling_unit", "乙科")
    for browser, order_id in ((ours, "A"), (theirs, "B")):
        assert browser.get(f"/orders/{order_id}").status_code == 200
        page = browser.get("/orders").text
        assert [one for one in "AB" if f'href="/orders/{one}"' in page] == [order_id]


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_page_asks_for_is_a_problem_and_never_a_fault(kind, place_of, clock, caplog):
    with Engine.open(place_of(kind).url, "JY", clock=clock) as engine, served(engine) as live:
        dispatched(engine, "A", "甲科")
        auditor, dispatcher = browsing(live, "auditor"), browsing(live, "dispatcher")
        for browser, path in (
            (auditor, "/v1/sights?name=%00"), (auditor, "/v1/sights?order_id=%00"),
            (auditor, "/v1/orders/%00"), (auditor, "/v1/orders?after=%00"), (auditor, "/v1/cases?about=%00"),
            (dispatcher, "/orders?q=%00"),
            (auditor, "/audit?show=sights&order=%00"), (auditor, "/audit?show=sights&day=9999-12-31"),
            (auditor, "/audit?show=sights&after=0001-01-01T00:00:00%2B14:00|5"),
            (auditor, "/audit?show=sights&after=9999-12-31T23:59:59-14:00|5"),
            (auditor, "/v1/exports/scores?period=../../a"), (dispatcher, "/orders/%ED%A0%80"),
        ):  # fmt: skip
            assert browser.get(path).status_code < 500, path
        for seq in ("1" * 5000, "-1", "１", ""):
            answer = dispatcher.post("/orders/A/events", data={"event": "note", "seq": seq})
            assert answer.status_code == 400, seq
    assert "request_failed" not in caplog.text


def test_a_unit_that_has_few_orders_gets_short_pages_and_all_of_them(live, monkeypatch):
    monkeypatch.setattr(orders, "_LOOKED_INTO", 4)
    for number in range(10):
        dispatched(live.engine, f"A{number}", "甲科" if number in (1, 9) else "乙科")
    unit, found, pages, address = live.client("handling_unit", "甲科"), [], 0, "/v1/orders?limit=5"
    while address:
        page = unit.get(address).json()
        found += [one["order_id"] for one in page["orders"]]
        pages, address = pages + 1, page["next"]
    assert (found, pages) == (["A1", "A9"], 3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_wrote_is_a_value_to_the_database(kind, place_of, clock):
    with Engine.open(place_of(kind).url, "JY", clock=clock) as engine, served(engine) as live:
        dispatched(engine, "A", "甲科")
        hostile = "x'; DELETE FROM paidan_order; --"
        dispatcher, auditor = live.client("dispatcher", name="' OR 1=1 --"), live.client("auditor")
        address = f"/v1/orders/{quote(hostile, safe='')}"
        assert dispatcher.post(f"{address}/events", json={"event": "receive"}).status_code == 200
        assert dispatcher.get(address).json()["order_id"] == hostile
        found = auditor.get("/v1/sights", params={"name": "' OR 1=1 --"}).json()
        assert {one["order_id"] for one in found} == {hostile}
        assert auditor.get("/v1/sights", params={"name": "' OR '1'='1"}).json() == []
        assert auditor.get("/v1/orders", params={"after": "' OR ''='"}).json()["orders"] != []
        assert [one.order_id for one in engine.orders_after("", 9)] == ["A", hostile]


def test_whoever_waits_for_entries_holds_no_thread(live):
    reader, quick = live.client("auditor"), live.client("auditor")
    waiting = [
        Thread(target=live.client("auditor").get, args=["/v1/events?wait=20"], kwargs={"timeout": 30})
        for _ in range(60)
    ]
    for one in waiting:
        one.start()
    try:
        sleep(0.5)
        began = monotonic()
        assert quick.get("/v1/me").status_code == 200
        assert monotonic() - began < 3
    finally:
        live.engine.submit("A", "receive")
        for one in waiting:
            one.join()
    assert monotonic() - began < 15
    assert reader.get("/v1/events?wait=20").json()["after"] == 1


def test_whoever_waits_for_scores_leaves_threads_to_others(live):
    reader = live.client("auditor")
    for _ in range(8):
        assert scores._WAITING.acquire(blocking=False)
    try:
        began = monotonic()
        answer = reader.get("/v1/scores", params={"month": "2026-03"})
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert monotonic() - began < 3
    finally:
        for _ in range(8):
            scores._WAITING.release()
    assert reader.get("/v1/scores", params={"month": "2026-03"}).status_code in (200, 400)


def test_one_token_signs_in_no_oftener_than_anybody_would(live):
    token = live.engine.accounts.issue("王二", "auditor", by="测试").text
    answers = [live.client().post("/login", data={"token": token}) for _ in range(pace._SIGN_INS_AT_ONCE + 1)]
    assert [one.status_code for one in answers] == [303] * pace._SIGN_INS_AT_ONCE + [429]
    assert int(answers[-1].headers["retry-after"]) > 30


def test_what_is_too_large_is_answered_like_everything_else(live):
    answer = live.client().post("/login", content=b"x" * (2 << 20))
    assert (answer.status_code, answer.headers["cache-control"]) == (413, "no-store")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "to", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "x"]
)
def test_no_address_leads_anywhere_else(live, to):
    token = live.engine.accounts.issue("王二", "auditor", by="测试").text
    for answer in (
        live.client().post("/login", data={"token": token, "to": to}),
        live.client().get("/language/en", params={"to": to}),
    ):
        where = answer.headers["location"]
        assert where.startswith("/")
        assert not where.startswith(("//", "/\\", "/\t"))
