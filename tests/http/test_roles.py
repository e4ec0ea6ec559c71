"""Who may what over HTTP: every route by every role, one's own orders only, tokens and who looked."""

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.access.roles import APART, KIND_OF
from paidan.engine.clock import SimulatedClock
from paidan.engine.http.application import application
from paidan.engine.http.callers import rights
from paidan.workflows.attributes import ROLES, UNIT_ROLES
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
EVERYBODY = "rules.read"
ORDINARY = "orders.read orders.submit inbox.read"
MAY = {
    "dispatcher": f"{ORDINARY} identities.unmask scores.read log.import log.export",
    "centre_head": f"{ORDINARY} identities.unmask scores.read log.import log.export log.read directory.file",
    "hotline_office": f"{ORDINARY} identities.unmask identities.erase scores.read log.import log.export "
    "log.read directory.file calendar.load",
    "handling_unit": f"{ORDINARY} identities.unmask",
    "main_leader": f"{ORDINARY} scores.read",
    "third_party_caller": ORDINARY,
    "scorer": "orders.read inbox.read scores.read log.export",
    "auditor": "orders.read scores.read log.read log.export audit.read",
    "system_administrator": "system.read calendar.load",
    "security_administrator": "access.grant audit.read",
}
"""What each kind of role may, written out once more: by the role that stands for it."""
PARTS = ("", "/history", "/deadlines", "/explanation", "/custody", "/cases", "/sights", "/available")
ROUTES = sorted(rights(application(Engine.open("memory://"))).items())


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture(scope="module")
def everybody():
    """A server, and a client for each role."""
    with (
        Engine.open("memory://", "JY", clock=SimulatedClock(NINE)) as engine,
        served(engine, rate=0) as live,
    ):
        made = {role: live.client(role) for role in MAY} | {"": live.client()}
        for role in MAY:
            made[role].cookies.update(live.signed_in(token_of(made[role])))
        yield made


def token_of(client):
    return client.headers["authorization"].removeprefix("Bearer ")


@pytest.fixture(params=KINDS)
def live(request, place_of, clock):
    with Engine.open(place_of(request.param).url, "JY", clock=clock) as engine, served(engine) as made:
        yield made


def asked(client, method, path):
    path = path.replace("{order_id}", "A").replace("{year}", "2026").replace("{lang}", "en")
    path = path.replace("{what}", "entries").replace("{job_id}", "x")
    path = path.replace("{number}", "00000001" if "tokens" in path else "1")
    body: dict[str, str] | None = {} if method == "POST" and path.startswith("/v1") else None
    return client.request(method, path, json=body)


@pytest.mark.parametrize("role", MAY)
def test_each_role_reaches_the_routes_of_its_rights_and_no_other(everybody, role):
    may = {EVERYBODY, *MAY[role].split()}
    for (method, path), right in ROUTES:
        if right is not None:
            status = asked(everybody[role], method, path).status_code
            assert (status == 403) == (right not in may), (method, path, role, status)
            assert status < 500, (method, path, status)


def test_nobody_without_a_token_reaches_a_route_that_needs_a_right(everybody):
    for (method, path), right in ROUTES:
        if right is not None:
            answer = asked(everybody[""], method, path)
            if path.startswith("/v1"):
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"].startswith("Bearer")
            else:
                assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), path


def test_every_role_has_a_kind_and_every_kind_is_in_the_table():
    assert {*ROLES, *APART} == set(KIND_OF)
    assert {KIND_OF[role] for role in MAY} == set(KIND_OF.values())
    assert {role for role in KIND_OF if KIND_OF[role].own_unit} == UNIT_ROLES


def test_an_application_with_a_route_that_says_no_right_does_not_start():
    app = FastAPI(docs_url=None, redoc_url=None)
    app.get("/v1/forgotten")(asked)
    with pytest.raises(LookupError, match="/v1/forgotten"):
        rights(app)


def dispatched(live, order_id, unit, **said):
    with live.client("dispatcher") as client:
        dispatch = {"event": "dispatch", "unit": unit, "attributes": said}
        for body in ({"event": "receive"}, {"event": "register"}, dispatch):
            assert client.post(f"/v1/orders/{order_id}/events", json=body).status_code == 200


def test_a_unit_sees_its_own_orders_and_those_it_helps_with_and_no_other(live):
    dispatched(live, "A", "甲科")
    dispatched(live, "B", "乙科")
    dispatched(live, "C", "乙科", assisting="丙所、甲科")
    with live.client("handling_unit", "甲科") as unit:
        assert [one["order_id"] for one in unit.get("/v1/orders").json()["orders"]] == ["A", "C"]
        assert [one["order_id"] for one in unit.get("/v1/running").json()["running"]] == ["A"]
        for part in PARTS:
            assert unit.get(f"/v1/orders/A{part}").status_code == 200
            hidden, missing = (unit.get(f"/v1/orders/{one}{part}") for one in "BX")
            assert hidden.status_code == missing.status_code == 404
            assert hidden.json()["detail"].replace("B", "X") == missing.json()["detail"]
        accept = {"event": "accept"}
        assert unit.post("/v1/orders/B/events", json=accept).status_code == 404
        assert unit.post("/v1/orders/C/events", json=accept).status_code == 403
        assert unit.post("/v1/orders/A/events", json=accept).json()["entries"][0]["unit"] == "甲科"


def test_a_unit_that_gave_an_order_back_may_still_read_it_and_submits_nothing_more(live):
    dispatched(live, "A", "甲科")
    with live.client("handling_unit", "甲科") as unit, live.client("dispatcher") as centre:
        asked = {
            "event": "request_return",
            "attributes": {"reason": "非本科职责", "owner": "丙局", "basis": "三定方案", "evidence": "函"},
        }
        assert unit.post("/v1/orders/A/events", json=asked).status_code == 200
        assert centre.post("/v1/orders/A/events", json={"event": "approve_return"}).status_code == 200
        dispatch = {"event": "dispatch", "unit": "乙科"}
        assert centre.post("/v1/orders/A/events", json=dispatch).status_code == 200
        assert unit.get("/v1/orders/A/history").status_code == 200
        assert unit.post("/v1/orders/A/events", json={"event": "accept"}).status_code == 403


def test_an_event_is_submitted_by_the_roles_it_belongs_to_and_those_a_rule_names(live):
    dispatched(live, "A", "甲科")
    with live.client("main_leader") as leader, live.client("third_party_caller") as caller:
        assert leader.post("/v1/orders/A/events", json={"event": "note"}).status_code == 200
        found = leader.post("/v1/orders/A/events", json={"event": "dispatch", "unit": "乙科"})
        assert (found.status_code, found.json()["code"]) == (403, "forbidden")
        assert caller.post("/v1/orders/A/events", json={"event": "accept"}).status_code == 403


def test_who_looked_at_an_order_is_written_down_before_it_is_shown(live, clock):
    dispatched(live, "A", "甲科")
    with live.client("auditor", name="李审") as auditor, live.client("dispatcher", name="王二") as client:
        client.get("/v1/orders/A/history")
        clock.advance_to(NINE + timedelta(minutes=5))
        auditor.get("/v1/orders/A/custody")
        auditor.get("/v1/orders/X/custody")
        seen = [(one["name"], one["role"], one["what"]) for one in client.get("/v1/orders/A/sights").json()]
        assert seen == [("李审", "auditor", "custody"), ("王二", "dispatcher", "history")]
        mine = auditor.get("/v1/sights", params={"name": "王二"}).json()
        assert [one["order_id"] for one in mine] == ["A"]


def test_a_token_is_issued_shown_once_and_ended(live):
    with live.client("security_administrator", name="赵安") as security:
        issued = security.post("/v1/tokens", json={"name": "钱", "role": "auditor", "days": 10})
        assert issued.status_code == 201
        told = issued.json()
        text = told.pop("token")
        assert (told["issued_by"], told["ended_at"]) == ("赵安", None)
        listed = security.get("/v1/tokens")
        assert text not in listed.text
        assert text.split("_")[1] in listed.text
        with live.client(Authorization=f"Bearer {text}") as auditor:
            assert auditor.get("/v1/me").json()["role"] == "auditor"
            ended = security.delete(f"/v1/tokens/{told['number']}").json()
            assert ended["ended_by"] == "赵安"
            assert auditor.get("/v1/me").status_code == 401


def test_a_token_is_good_until_its_time_and_its_secret_lies_nowhere(place_of, clock):
    place = place_of("sqlite")
    with Engine.open(place.url, "JY", clock=clock) as engine:
        issued = engine.accounts.issue("钱", "auditor", by="赵", days=2)
        account = engine.accounts.whose(issued.text)
        assert account is not None
        assert account.role == "auditor"
        clock.advance_to(NINE + timedelta(days=2) - timedelta(seconds=1))
        assert engine.accounts.whose(issued.text)
        clock.advance_to(NINE + timedelta(days=2))
        assert engine.accounts.whose(issued.text) is None
        altered = issued.text[:-1] + ("A" if issued.text[-1] != "A" else "B")
        for wrong in ("", "pd_", altered, issued.text + "x", issued.text.upper()):
            assert engine.accounts.whose(wrong) is None
    assert issued.text.rpartition("_")[2] not in place.written()


def test_another_site_cannot_make_a_browser_act_in_the_console(everybody):
    elsewhere = ("https://elsewhere.example", "null", "http://[", "elsewhere.example")
    for headers in ({"sec-fetch-site": "cross-site"}, *({"origin": one} for one in elsewhere)):
        for path in ("/logout", "/orders/A/events", "/login"):
            answer = everybody["dispatcher"].post(path, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert everybody["dispatcher"].get("/me").status_code == 200
