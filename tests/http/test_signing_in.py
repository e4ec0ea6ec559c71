"""Signing in: what ends it, a screen on a wall, and what is told of those who did not get in."""

import logging
import re
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import structlog
from prometheus_client import CollectorRegistry
from support.serving import served
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.access.sessions import LONGEST
from paidan.engine.clock import SimulatedClock
from paidan.engine.http import pace
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
HALF_AN_HOUR = timedelta(minutes=30)
POLL = {"HX-Request": "true"}
TEMPLATES = "engine/console/templates"


@pytest.fixture
def clock():
    return SimulatedClock(NINE)


@pytest.fixture
def live(clock):
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine) as made:
        yield made


def token_for(live, role="dispatcher", **how):
    return live.engine.accounts.issue("王二", role, by="测试", **how).text


@contextmanager
def signed_in(live, role="dispatcher", token="", **said):
    """Give a browser in which somebody signed in, as the form does."""
    with httpx.Client(base_url=live.url, trust_env=False) as browser:
        token = token or token_for(live, role)
        answer = browser.post("/login", data={"token": token, **said})
        assert answer.status_code == 303, answer.text
        yield browser


def out(answer):
    """Give why somebody is asked to sign in, and where to they would come back."""
    assert answer.status_code in (204, 303), answer.status_code
    address = urlsplit(answer.headers.get("hx-redirect") or answer.headers["location"])
    assert address.path == "/login"
    said = {name: one for name, (one,) in parse_qs(address.query).items()}
    return said.get("why", ""), said.get("to", "")


def test_what_a_browser_holds_is_not_the_token_and_lies_nowhere(place_of, clock):
    place = place_of("sqlite")
    with Engine.open(place.url, "JY", clock=clock) as engine, served(engine) as live:
        token = token_for(live)
        with signed_in(live, token=token) as browser, signed_in(live, token=token) as other:
            held = browser.cookies["paidan"]
            assert held not in (token, other.cookies["paidan"])
            assert len(held) == 43
            assert live.client(Authorization=f"Bearer {held}").get("/v1/me").status_code == 401
            assert httpx.get(f"{live.url}/now", cookies={"paidan": token}, trust_env=False).status_code == 303
    assert held not in place.written()


@pytest.mark.parametrize("kind", KINDS)
def test_who_does_nothing_for_half_an_hour_is_signed_out_told_why_and_led_back(kind, place_of, clock):
    with (
        Engine.open(place_of(kind).url, "JY", clock=clock) as engine,
        served(engine) as live,
        signed_in(live) as browser,
    ):
        for _ in range(3):
            clock.advance_to(clock.now() + HALF_AN_HOUR - timedelta(seconds=1))
            assert browser.get("/me").status_code == 200
        clock.advance_to(clock.now() + HALF_AN_HOUR)
        assert out(browser.get("/orders?q=A%26B")) == ("idle", "/orders?q=A%26B")
        page = browser.get("/login?why=idle&to=/orders?q=A").text
        assert "30 分钟没有操作，已自动退出" in page
        said = {"token": token_for(live), "to": "/orders?q=A"}
        assert browser.post("/login", data=said).headers["location"] == "/orders?q=A"
        assert browser.get("/me").status_code == 200


def test_a_page_that_asks_again_by_itself_keeps_nobody_signed_in(live, clock):
    with signed_in(live) as browser:
        for _ in range(2):
            clock.advance_to(clock.now() + timedelta(minutes=14))
            assert browser.get("/now", headers=POLL).status_code == 200
        clock.advance_to(clock.now() + timedelta(minutes=2))
        asked = POLL | {"HX-Current-URL": f"{live.url}/now?unit=%E7%94%B2"}
        answer = browser.get("/now?unit=%E7%94%B2&poll=1", headers=asked)
        assert (answer.status_code, out(answer)) == (204, ("idle", "/now?unit=%E7%94%B2"))


def test_an_open_page_asks_whether_it_may_stay_and_writing_on_it_is_doing_something(live, clock):
    asked = POLL | {"HX-Current-URL": f"{live.url}/orders/A?view=log"}
    with signed_in(live) as browser:
        for _ in range(3):
            clock.advance_to(clock.now() + timedelta(minutes=20))
            assert browser.get("/here", headers=asked).status_code == 204
            answer = browser.post("/here", headers=asked)
            assert (answer.status_code, "hx-redirect" in answer.headers) == (204, False)
        clock.advance_to(clock.now() + HALF_AN_HOUR)
        assert out(browser.get("/here", headers=asked)) == ("idle", "/orders/A?view=log")


def test_whatever_htmx_asks_it_asks_by_itself(pytestconfig):
    found = []
    for file in (pytestconfig.rootpath / TEMPLATES).glob("*.j2"):
        found += re.findall(r"<[^<]*\bhx-(?:get|post|put|delete)=[^>]*>", file.read_text(encoding="utf-8"))
    polls = [one for one in found if 'hx-get="' in one]
    assert len(polls) >= 5
    assert all('hx-trigger="every ' in one for one in polls), polls


def test_a_form_sent_too_late_leads_back_to_its_page(live, clock):
    with signed_in(live) as browser:
        clock.advance_to(clock.now() + HALF_AN_HOUR)
        referer = {"Referer": f"{live.url}/orders/A?view=log"}
        assert out(browser.post("/orders/A/events", headers=referer)) == ("idle", "/orders/A?view=log")
        assert out(browser.post("/orders/A/events")) == ("idle", "/orders/A")
        assert out(browser.get("/audit?after=" + "x" * 900)) == ("idle", "")


def test_half_a_day_is_the_longest_one_may_stay_signed_in(live, clock):
    with signed_in(live) as browser:
        while clock.now() < NINE + LONGEST - timedelta(minutes=20):
            clock.advance_to(clock.now() + timedelta(minutes=20))
            assert browser.get("/me").status_code == 200
        clock.advance_to(NINE + LONGEST)
        assert out(browser.get("/me")) == ("over", "/me")
        assert "12 小时" in browser.get("/login?why=over").text


def test_signing_out_ends_it_for_whoever_kept_the_cookie(live):
    with signed_in(live) as browser:
        held = dict(browser.cookies)
        assert browser.post("/logout").headers["location"] == "/login"
        assert "paidan" not in browser.cookies
        assert out(httpx.get(f"{live.url}/me", cookies=held, trust_env=False)) == ("unknown", "/me")


def test_signing_in_again_ends_what_was_before(live):
    with signed_in(live) as browser:
        held = dict(browser.cookies)
        browser.post("/login", data={"token": token_for(live, "auditor")})
        assert out(httpx.get(f"{live.url}/me", cookies=held, trust_env=False))[0] == "unknown"
        assert browser.get("/audit").status_code == 200


@pytest.mark.parametrize("why", ["ended", "expired"])
def test_whose_token_is_over_is_signed_out_at_once(live, clock, why):
    token = token_for(live, days=1)
    with signed_in(live, token=token, wall="on") as browser:
        if why == "ended":
            live.engine.accounts.end(token.split("_")[1], by="赵")
        else:
            for _ in range(24 * 4):
                clock.advance_to(clock.now() + timedelta(minutes=15))
                browser.get("/now", headers=POLL)
        assert out(browser.get("/now")) == (why, "/now")
        assert "令牌" in browser.get(f"/login?why={why}").text


def test_how_long_one_may_do_nothing_is_chosen(clock):
    with (
        Engine.open("memory://", "JY", clock=clock) as engine,
        served(engine, idle=timedelta(minutes=5)) as live,
        signed_in(live) as browser,
    ):
        clock.advance_to(clock.now() + timedelta(minutes=5))
        assert out(browser.get("/me"))[0] == "idle"
        assert "5 分钟没有操作" in browser.get("/login?why=idle").text


def test_two_processes_know_of_the_same_sessions_and_of_their_end(place_of, clock):
    url = place_of("postgresql").url
    with (
        Engine.open(url, "JY", clock=clock) as one,
        Engine.open(url, "JY", clock=clock) as other,
        served(one) as first,
        served(other) as second,
        signed_in(first) as browser,
    ):
        there = f"{second.url}/me"
        clock.advance_to(clock.now() + timedelta(minutes=20))
        assert httpx.get(there, cookies=dict(browser.cookies), trust_env=False).status_code == 200
        clock.advance_to(clock.now() + timedelta(minutes=20))
        assert browser.get("/me").status_code == 200
        held = dict(browser.cookies)
        browser.post("/logout")
        assert out(httpx.get(there, cookies=held, trust_env=False))[0] == "unknown"


def test_a_screen_on_a_wall_stays_signed_in_and_shows_one_page(live, clock):
    with signed_in(live, wall="on", to="/orders") as browser:
        for _ in range(60):
            clock.advance_to(clock.now() + timedelta(minutes=29))
            assert browser.get("/now", headers=POLL).status_code == 200
        page = browser.get("/").headers["location"]
        assert page == "/now"
        assert 'href="/month"' not in browser.get(page).text
        for path in ("/me", "/orders", "/orders/A", "/month", "/import", "/replay"):
            assert browser.get(path).status_code == 403, path
        assert browser.post("/orders/A/events").status_code == 403
        clock.advance_to(clock.now() + HALF_AN_HOUR)
        assert out(browser.get("/now", headers=POLL))[0] == "idle"


def test_a_role_that_does_not_see_that_page_is_told_so(live):
    token = token_for(live, "security_administrator")
    answer = live.client().post("/login", data={"token": token, "wall": "on"})
    assert (answer.status_code, "现在" in answer.text) == (403, True)
    assert "set-cookie" not in answer.headers


def test_over_https_the_cookie_is_one_that_nobody_else_sets(live):
    https = {"X-Forwarded-Proto": "https"}
    answer = live.client(**https).post("/login", data={"token": token_for(live)})
    assert re.fullmatch(
        r"__Host-paidan=[\w-]{43}; HttpOnly; Path=/; SameSite=strict; Secure", answer.headers["set-cookie"]
    )
    held = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert live.client(**https, **held).get("/me").status_code == 200
    assert out(live.client(**held).get("/me")) == ("", "/me")


@pytest.fixture
def told():
    """What a host that has set up structlog hears of those who tried to get in."""
    heard = []

    def hear(_, level, fields):
        if fields["event"] in ("signed_in", "sign_in_failed", "access_refused"):
            heard.append({**fields, "level": level})
        raise structlog.DropEvent

    structlog.configure(processors=[hear])
    yield heard
    structlog.reset_defaults()


def test_who_did_not_get_in_is_told_with_why_and_never_with_the_token(told, clock):
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine) as live:
        ended, expired, good = (token_for(live, days=days) for days in (9, 1, 9))
        engine.accounts.end(ended.split("_")[1], by="赵")
        clock.advance_to(NINE + timedelta(days=1))
        guessed = good[:-1] + ("A" if good[-1] != "A" else "B")
        tried = ("13912345678", guessed, ended, expired)
        for token in tried:
            assert live.client().post("/login", data={"token": token}).status_code == 401
            assert live.client(Authorization=f"Bearer {token}").get("/v1/me").status_code == 401
        assert live.client(Cookie="paidan=nobody").get("/now").status_code == 303
        assert live.client().get("/now").status_code == 303  # nothing was tried
        assert live.client().get("/v1/me").status_code == 401
        assert live.client("handling_unit").get("/v1/events").status_code == 403
        with signed_in(live, token=good):
            pass
    failed = [one for one in told if one["event"] == "sign_in_failed"]
    numbers = ["", *(token.split("_")[1] for token in (good, ended, expired))]
    whys = ["unknown", "unknown", "ended", "expired"]
    expected = [pair for pair in zip(whys, numbers, strict=True) for _ in range(2)]
    assert [(one["why"], one["token"]) for one in failed] == [*expected, ("session", "")]
    assert {(one["address"], one["level"]) for one in failed} == {("127.0.0.1", "warning")}
    (refused,) = (one for one in told if one["event"] == "access_refused")
    assert (refused["role"], repr(refused["right"]), refused["path"]) == (
        "handling_unit",
        "'log.read'",
        "/v1/events",
    )
    (entered,) = (one for one in told if one["event"] == "signed_in")
    assert (entered["token"], entered["wall"], entered["level"]) == (good.split("_")[1], False, "info")
    for secret in ("13912345678", *(token.rpartition("_")[2] for token in (good, *tried))):
        assert secret not in repr(told)


def test_who_fails_without_end_is_held_off_and_fills_no_log_but_every_try_is_counted(
    told, clock, monkeypatch
):
    monkeypatch.setattr(pace, "_LINES_AT_ONCE", 5)
    monkeypatch.setattr(pace, "_LINES", 0.001)
    monkeypatch.setattr(pace, "_TRIES", 0.001)
    registry = CollectorRegistry()
    with (
        Engine.open("memory://", "JY", clock=clock, metrics=registry) as engine,
        served(engine, rate=0) as live,
    ):
        working = live.client("auditor")
        assert working.get("/v1/me").status_code == 200
        asked, given = [], engine.accounts._store.token

        def token(number):
            asked.append(number)
            return given(number)

        monkeypatch.setattr(engine.accounts._store, "token", token)
        guess = live.client(Authorization=f"Bearer pd_00000000_{'A' * 43}")
        statuses = [guess.get("/v1/me").status_code for _ in range(60)]
        assert statuses == [401] * pace._TRIES_AT_ONCE + [429] * (60 - pace._TRIES_AT_ONCE)
        assert len(asked) == pace._TRIES_AT_ONCE
        answer = live.client().post("/login", data={"token": token_for(live)})
        assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
        elsewhere = live.client(**{"X-Forwarded-For": "10.1.2.3"})
        assert elsewhere.post("/login", data={"token": token_for(live)}).status_code == 303
        assert working.get("/v1/me").status_code == 200  # whoever is at work goes on

        def counted(why):
            return registry.get_sample_value("paidan_sign_ins_failed_total", {"why": why})

        assert (counted("unknown"), counted("held_off")) == (20, 41)
    assert len([one for one in told if one["event"] == "sign_in_failed"]) == 5


def test_an_address_of_version_6_is_held_off_with_its_neighbours(clock, monkeypatch):
    monkeypatch.setattr(pace, "_TRIES", 0.001)
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine) as live:

        def tried(address):
            headers = {"X-Forwarded-For": address, "Authorization": "Bearer pd_no"}
            return live.client(**headers).get("/v1/me").status_code

        most = pace._TRIES_AT_ONCE
        assert [tried(f"2001:db8::{one:x}") for one in range(most + 1)] == [401] * most + [429]
        assert tried("2001:db8:0:1::1") == 401
        assert tried("no address: [") == 401


def test_where_the_host_asked_for_nothing_failures_are_told_all_the_same(live, caplog):
    with caplog.at_level(logging.WARNING, "paidan"):
        live.client(Authorization="Bearer pd_no").get("/v1/me")
        with signed_in(live):
            pass
    assert "event='sign_in_failed' why='unknown' address='127.0.0.1' token='' untold=0" in caplog.text
    assert "signed_in'" not in caplog.text


def test_a_form_of_too_many_fields_is_refused_before_it_is_read(live):
    answer = live.client().post(
        "/login", content=b"a=1&" * 1000, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 400
