"""Orders over HTTP: submitting, reading, and how it fails."""

from datetime import datetime, timedelta

import pytest
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture(params=KINDS)
def live(request, place_of, clock):
    with Engine.open(place_of(request.param).url, "JY", clock=clock) as engine, served(engine) as made:
        yield made


def submit(client, order_id, event, headers=(), **said):
    body = {"event": event} | ({"attributes": said} if said else {})
    return client.post(f"/v1/orders/{order_id}/events", json=body, headers=dict(headers))


def problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (found["status"], found["code"], found["type"]) == (status, code, f"urn:paidan:problem:{code}")
    assert found["title"]
    return found


def test_an_order_is_received_as_the_account_of_the_token_and_read_back(live):
    with live.client("dispatcher") as client:
        done = submit(client, "A", "receive", urgent="是", phone="13812345678")
        assert done.status_code == 200
        told = done.json()
        assert (told["accepted"], told["order"]["seq"], told["order"]["state"]) == (True, 1, "received")
        assert told["identity_dropped"] == {"phone": 1}
        (entry,) = client.get("/v1/orders/A/history").json()
        assert (entry["actor"], entry["role"], entry["attributes"]) == (
            "王二",
            "dispatcher",
            {"urgent": True},
        )
        assert entry["at"] == "2026-03-02T09:00:00+08:00"
        assert entry["hash"] == live.engine.linked("A")[0].hash
        assert "13812345678" not in client.get("/v1/orders/A/history").text


def test_the_version_is_an_etag_and_a_command_on_another_is_not_done(live):
    with live.client("dispatcher") as client:
        assert submit(client, "A", "receive", {"If-Match": '"0"'}.items()).headers["etag"] == '"1"'
        read = client.get("/v1/orders/A")
        assert read.headers["etag"] == '"1"'
        assert client.get("/v1/orders/A", headers={"If-None-Match": '"1"'}).status_code == 304
        problem(submit(client, "A", "register", {"If-Match": '"7"'}.items()), 412, "elsewhere")
        problem(submit(client, "A", "register", {"If-Match": "x"}.items()), 400, "invalid")
        assert submit(client, "A", "register", {"If-Match": 'W/"1"'}.items()).json()["order"]["seq"] == 2


def test_a_command_with_a_key_is_done_once_and_its_key_is_its_own(live):
    with live.client("dispatcher") as client:
        key = {"Idempotency-Key": "k-1"}.items()
        first = submit(client, "A", "receive", key)
        again = submit(client, "A", "receive", key)
        assert (first.json()["again"], again.json()["again"]) == (False, True)
        assert "idempotent-replayed" not in first.headers
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json()["entries"] == first.json()["entries"]
        problem(submit(client, "B", "receive", key), 422, "key_taken")
        assert len(live.engine.history("A")) == 1


def test_a_refusal_names_the_rule_and_its_clause_and_writes_nothing(live, clock):
    with live.client("dispatcher") as client, live.client("handling_unit") as unit:
        submit(client, "A", "receive")
        submit(client, "A", "register")
        client.post("/v1/orders/A/events", json={"event": "dispatch", "unit": "甲科"})
        submit(unit, "A", "accept")
        clock.advance_to(NINE + timedelta(days=30))
        before = len(live.engine.history("A"))
        found = problem(submit(unit, "A", "request_return", reason="不属于", evidence="照片"), 422, "refused")
        assert (found["rule"], found["clause"]) == ("JY-T06", "附件3 第三条(一)3")
        assert found["detail"]
        assert not found["outcome"]["accepted"]
        entries = live.engine.history("A")[before:]
        assert {one.event for one in entries} <= {"time_out", "warn", "escalate"}


def test_a_dry_run_says_what_would_come_and_writes_nothing(live):
    with live.client("dispatcher") as client:
        tried = client.post("/v1/orders/A/events", json={"event": "receive", "dry_run": True})
        assert (tried.json()["accepted"], tried.json()["dry_run"]) == (True, True)
        problem(client.get("/v1/orders/A"), 404, "not_found")


def test_pages_of_orders_follow_one_another_and_are_filtered(live):
    with live.client("dispatcher") as client:
        for number in range(5):
            submit(client, f"A{number}", "receive")
        submit(client, "A3", "hand_back")
        ids, address = [], "/v1/orders?limit=2"
        while address:
            page = client.get(address).json()
            ids += [one["order_id"] for one in page["orders"]]
            address = page["next"]
        assert ids == ["A0", "A1", "A2", "A3", "A4"]
        (back,) = client.get("/v1/orders?state=handed_back").json()["orders"]
        assert back["order_id"] == "A3"


def test_what_is_under_way_comes_soonest_due_first_page_by_page(live, clock):
    with live.client("dispatcher") as client:
        for number in range(5):
            submit(client, f"A{number}", "receive")
            clock.advance_to(NINE + timedelta(minutes=number + 1))
        ids, address = [], "/v1/running?limit=2"
        while address:
            page = client.get(address).json()
            assert page["total"] == 5
            ids += [one["order_id"] for one in page["running"]]
            address = page["next"]
        assert ids == ["A0", "A1", "A2", "A3", "A4"]
        soon = (NINE + timedelta(minutes=31)).isoformat()
        found = client.get("/v1/running", params={"due_before": soon}).json()["running"]
        assert [one["order_id"] for one in found] == ["A0"]


def test_whoever_asks_while_the_log_is_read_for_the_first_time_is_told_how_far(live, monkeypatch):
    monkeypatch.setattr("paidan.engine.http.callers._FIRST_SECONDS", 0.01)
    with live.client("dispatcher") as client:
        submit(client, "A", "receive")
        token = client.headers["authorization"].removeprefix("Bearer ")
        cookie = {"Cookie": "; ".join(f"{name}={text}" for name, text in live.signed_in(token).items())}
        with live.engine.board._turn:
            answer = client.get("/v1/running")
            assert problem(answer, 503, "unavailable")["read"] == 0
            assert answer.headers["retry-after"] == "1"
            page = client.get("/now", headers=cookie)
            assert (page.status_code, "正在读取在办工单" in page.text) == (202, True)
            assert client.get("/now", headers={**cookie, "HX-Request": "true"}).status_code == 204
        monkeypatch.undo()
        assert client.get("/v1/running").json()["total"] == 1
        assert "/orders/A" in client.get("/now", headers=cookie).text


def test_what_was_told_is_read_page_by_page_by_the_role_it_was_told_to(live, clock):
    with live.client("dispatcher") as client, live.client("scorer") as scorer:
        for number in range(3):
            submit(client, f"A{number}", "receive")
        clock.advance_to(NINE + timedelta(days=1))
        live.engine.sweep()
        live.engine.tell()
        every = client.get("/v1/inbox?everything=true").json()
        numbers = [one["number"] for one in every]
        assert len(numbers) > 2
        assert numbers == sorted(numbers, reverse=True)
        first = client.get("/v1/inbox?everything=true&limit=2").json()
        rest = client.get(f"/v1/inbox?everything=true&before={first[-1]['number']}").json()
        assert [*first, *rest] == every
        assert client.get("/v1/inbox?limit=1").json() == every[:1]
        assert scorer.get("/v1/inbox?everything=true").json() == []
        problem(scorer.post(f"/v1/inbox/{numbers[0]}/acknowledgement"), 404, "not_found")
        others = {one.number for one in live.engine.inbox(standing=False)} - set(numbers)
        for number in (*others, max(numbers) + 9):
            problem(client.post(f"/v1/inbox/{number}/acknowledgement"), 404, "not_found")
        assert client.post(f"/v1/inbox/{numbers[-1]}/acknowledgement").status_code == 200


def test_the_feed_is_read_on_from_a_position_and_misses_nothing(live):
    with live.client("dispatcher") as client, live.client("auditor") as auditor:
        problem(client.get("/v1/events"), 403, "forbidden")
        for number in range(3):
            submit(client, f"A{number}", "receive")
        first = auditor.get("/v1/events?limit=2").json()
        rest = auditor.get(f"/v1/events?after={first['after']}").json()
        told = [one["order_id"] for one in first["entries"] + rest["entries"]]
        assert told == ["A0", "A1", "A2"]
        assert auditor.get(f"/v1/events?after={rest['after']}").json() == {
            "entries": [],
            "after": rest["after"],
        }


def test_every_part_of_an_order_can_be_read(live, clock):
    with live.client("dispatcher") as client:
        submit(client, "A", "receive")
        clock.advance_to(NINE + timedelta(hours=1))
        clocks = client.get("/v1/orders/A/deadlines").json()
        assert (clocks[0]["rule"], clocks[0]["verdict"]) == ("JY-T01", "overdue")
        assert any("30分钟" in line for line in client.get("/v1/orders/A/explanation?rule=JY-T01").json())
        assert client.get("/v1/orders/A/custody").json()["order_id"] == "A"
        assert client.get("/v1/orders/A/cases").json() == []
        may = {one["event"]: one for one in client.get("/v1/orders/A/available").json()}
        assert (may["register"]["allowed"], may["register"]["yours"]) == (True, True)
        assert (may["accept"]["allowed"], may["accept"]["yours"]) == (False, False)
        assert may["close"]["reasons"][0]["text"]


def test_cases_are_listed_by_what_they_are_about_and_whether_they_are_open(live):
    with live.client("dispatcher") as client, live.client("handling_unit", "乙科") as unit:
        submit(client, "A", "receive")
        submit(client, "A", "register")
        client.post("/v1/orders/A/events", json={"event": "dispatch", "unit": "甲科"})
        assert submit(client, "A", "supervise", ground="shirking").status_code == 200
        (case,) = client.get("/v1/cases?about=A&kind=supervision&open=true").json()
        assert (case["order_id"], case["workflow"]) == ("A~supervision~1", "supervision")
        assert client.get("/v1/cases?kind=enquiry").json() == []
        assert client.get("/v1/cases?after=A~supervision~1").json() == []
        assert unit.get("/v1/cases").json() == []
        problem(client.get("/v1/cases?kind=x"), 400, "invalid")


def test_what_is_asked_wrongly_is_said_with_its_field_and_never_repeated(live):
    with live.client("dispatcher") as client:
        wrong = client.post("/v1/orders/A/events", json={"evnt": "receive", "phone": "13812345678"})
        found = problem(wrong, 400, "invalid")
        assert {one["where"] for one in found["fields"]} == {"body.event", "body.evnt", "body.phone"}
        assert "13812345678" not in wrong.text
        problem(submit(client, "A", "fly"), 400, "invalid")
        problem(submit(client, "A", "receive", case_type="x"), 400, "invalid")
        problem(client.get("/v1/orders?limit=0"), 400, "invalid")
        problem(client.get("/v1/nothing"), 404, "not_found")
        problem(client.delete("/v1/orders"), 405, "method")
        large = b"{" + b" " * (2 << 20)
        problem(client.post("/v1/orders/A/events", content=large), 413, "too_large")
        problem(client.post("/v1/orders/A/events", content=iter([large])), 413, "too_large")


def test_english_is_spoken_where_it_is_asked_for(live):
    with live.client("dispatcher", **{"Accept-Language": "en"}) as client:
        assert problem(client.get("/v1/orders/A"), 404, "not_found")["title"] == "Not found"


def test_health_is_told_to_everybody_and_an_answer_is_kept_in_no_cache(live):
    with live.client() as anyone:
        assert anyone.get("/healthz").json() == anyone.get("/readyz").json() == {"status": "ok"}
        assert anyone.get("/readyz").headers["cache-control"] == "no-store"
        assert anyone.get("/openapi.json").json()["openapi"].startswith("3.1")


def test_a_caller_who_calls_too_often_is_asked_to_wait(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine, rate=5) as live:
        client, other = live.client("dispatcher"), live.client("dispatcher")
        answers = [client.get("/v1/me") for _ in range(30)]
        assert answers[0].status_code == 200
        slow = next(one for one in answers if one.status_code != 200)
        problem(slow, 429, "too_many")
        assert int(slow.headers["retry-after"]) >= 1
        assert other.get("/v1/me").status_code == 200
