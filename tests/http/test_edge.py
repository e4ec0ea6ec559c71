"""What browsers are told: text is text, nothing from elsewhere, cookies no script reads, no caches."""

import pytest
from support.serving import served

from paidan.engine import Engine


@pytest.fixture
def live():
    with Engine.open("memory://", "JY") as engine, served(engine) as made:
        yield made


def signed_in(live, role="auditor", **headers):
    token = live.engine.accounts.issue("李审", role, by="测试").text
    browser = live.client(**headers)
    answer = browser.post("/login", data={"token": token, "to": "//elsewhere.example/"})
    return browser, answer


def test_what_somebody_wrote_is_text_on_a_page(live):
    browser, _ = signed_in(live)
    page = browser.get("/audit", params={"show": "sights", "order": "<script>alert(1)</script>"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_fault_of_ours_is_a_problem_that_tells_nothing_and_no_log_echoes_it(live, monkeypatch, caplog):
    monkeypatch.setattr(live.engine, "orders_after", lambda *_: int("13912345678 no number"))
    answer = live.client().get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert "13912345678" not in answer.text
    assert "request_failed" in caplog.text
    assert "13912345678" not in caplog.text


def test_a_page_loads_nothing_from_elsewhere_and_is_in_no_cache_and_no_frame(live):
    browser, _ = signed_in(live)
    headers = browser.get("/audit").headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "access-control-allow-origin" not in headers


def test_whatever_is_no_page_does_nothing_where_it_is_opened(live):
    browser, _ = signed_in(live)
    for path in ("/v1/me", "/healthz", "/openapi.json", "/static/style.css", "/v1/exports/entries"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"


def test_the_cookie_is_read_by_no_script_and_sent_from_no_other_site(live):
    _, answer = signed_in(live)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_signing_in_leads_to_no_other_host(live):
    _, answer = signed_in(live)
    assert answer.headers["location"].startswith("/")
    assert not answer.headers["location"].startswith("//")
