"""Identities over HTTP: given with a reason that the log keeps, to whoever holds the order, until erased."""

from datetime import datetime
from typing import Any

import pytest
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
SAID: dict[str, Any] = {"caller": "张三丰", "phone": "13812345678"}


@pytest.fixture(params=KINDS)
def live(request, place_of):
    clock = SimulatedClock(NINE)
    opened = Engine.open(place_of(request.param).url, "JY", clock=clock, key=b"k" * 32)
    with opened as engine, served(engine) as made:
        engine.submit("A", "receive", **SAID)
        engine.submit("A", "register")
        engine.submit("A", "dispatch", unit="甲科")
        yield made


def ask(client, what="unmasking", order_id="A", **said):
    return client.post(f"/v1/orders/{order_id}/{what}", json={"reason": "回访需要"} | said)


def test_identities_are_given_to_whoever_says_why_and_the_log_says_who_asked(live):
    with live.client("dispatcher", name="李四") as client:
        answer = ask(client)
        assert answer.headers["cache-control"] == "no-store"
        told = answer.json()
        assert {one["name"]: one["value"] for one in told["identities"]} == SAID
        assert {one["seq"] for one in told["identities"]} == {1}
        assert (told["entry"]["event"], told["entry"]["actor"]) == ("unmask", "李四")
        assert SAID["phone"] not in client.get("/v1/orders/A/history").text
    assert live.engine.history("A")[-1].attributes["reason"] == "回访需要"


def test_without_a_reason_nothing_is_given_or_written(live):
    with live.client("hotline_office") as client:
        before = live.engine.history("A")
        for what in ("unmasking", "erasure"):
            assert client.post(f"/v1/orders/A/{what}", json={}).status_code == 400
            assert ask(client, what, reason="").status_code == 400
            assert ask(client, what, reason="  ").status_code == 400
            assert ask(client, what, "X").status_code == 404
        assert live.engine.history("A") == before


def test_a_unit_is_given_those_of_what_it_holds_and_of_nothing_else(live):
    with live.client("handling_unit", "甲科") as holds, live.client("handling_unit", "乙科") as other:
        assert ask(holds).status_code == 200
        assert ask(other).status_code == 404
        live.engine.submit("A", "accept", unit="甲科")
        said = {"owner": "乙科", "reason": "不属于", "basis": "条例"}
        assert live.engine.submit("A", "request_return", unit="甲科", **said).accepted
        assert live.engine.submit("A", "approve_return").accepted
        assert live.engine.submit("A", "dispatch", unit="乙科").accepted
        assert ask(other).status_code == 200
        refused = ask(holds)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_what_was_erased_is_given_to_nobody_and_erased_but_once(live):
    with live.client("hotline_office") as office, live.client("dispatcher") as dispatcher:
        assert ask(dispatcher, "erasure").status_code == 403
        told = ask(office, "erasure", reason="本人要求").json()
        assert told["entry"]["event"] == "erase"
        for what in ("unmasking", "erasure"):
            refused = ask(office, what)
            assert (refused.status_code, refused.json()["code"]) == (422, "refused")
            assert not refused.json()["outcome"]["entries"]


def test_the_page_shows_them_in_its_answer_alone_and_says_why_where_it_does_not(live):
    with live.client("hotline_office") as office:
        session = live.signed_in(office.headers["authorization"].removeprefix("Bearer "))["paidan"]
        cookies = {"Cookie": f"paidan={session}"}
        shown = office.post("/orders/A/unmasking", data={"reason": "回访需要"}, headers=cookies)
        assert shown.status_code == 200
        assert SAID["phone"] in shown.text
        for view in ("timeline", "diagram", "log"):
            page = office.get(f"/orders/A?view={view}", headers=cookies)
            assert page.status_code == 200
            assert SAID["phone"] not in page.text
        elsewhere = {**cookies, "Origin": "https://elsewhere.example"}
        assert office.post("/orders/A/unmasking", data={"reason": "x"}, headers=elsewhere).status_code == 403
        ask(office, "erasure")
        refused = office.post("/orders/A/unmasking", data={"reason": "再看"}, headers=cookies)
        assert refused.status_code == 422
        assert "不予查看" in refused.text
