"""Signing in, as people see it: signed out for doing nothing and back again, and a screen on a wall."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from support.browsing import ARGUMENTS, LAPTOP, WALL, Person, chromium

HALF_AN_HOUR = timedelta(minutes=30)
POLLED_MS = 16_000


def sign_in(page, demo, *, wall=False):
    page.get_by_label("令牌").fill(demo.engine.accounts.issue("李四", "dispatcher", by="测试").text)
    if wall:
        page.get_by_label("用于大屏").check()
    page.get_by_role("button", name="登录").click()


def polled(page):
    """Let the page ask again by itself."""
    page.wait_for_load_state()
    page.locator("#board").evaluate("(one) => one.setAttribute('data-old', '')")
    with page.expect_response(lambda answer: "/now" in answer.url):
        page.clock.fast_forward(POLLED_MS)


def test_who_left_the_board_is_signed_out_told_why_and_back_at_it_after_signing_in(person, demo, clock):
    somebody = person()
    page = somebody.page
    page.clock.install()
    page.goto("/now?show=late")
    sign_in(page, demo)
    page.locator("#board").wait_for()
    for _ in range(2):
        clock.advance_to(clock.now() + HALF_AN_HOUR / 2)
        polled(page)
    page.wait_for_url("**/login?to=%2Fnow%3Fshow%3Dlate&why=idle")
    assert page.get_by_role("status").inner_text().startswith("30 分钟没有操作，已自动退出")
    assert somebody.serious() == []
    sign_in(page, demo)
    page.wait_for_url("**/now?show=late")


def test_a_screen_on_a_wall_goes_on_by_itself_and_shows_nothing_else(person, demo, clock):
    somebody = person(size=WALL)
    page = somebody.page
    page.clock.install()
    page.goto("/login")
    sign_in(page, demo, wall=True)
    page.wait_for_url("**/now")
    for _ in range(3):
        clock.advance_to(clock.now() + timedelta(minutes=29))
        polled(page)
        page.locator("#board:not([data-old])").wait_for()
        page.wait_for_timeout(200)  # the new one has its timer then
    assert page.locator("#board").is_visible()
    assert page.locator("nav a").all_inner_texts() == ["现在"]
    assert "大屏" in page.locator(".who").inner_text()
    assert somebody.serious() == []
    page.locator("table.queue a").first.click()
    assert "只显示“现在”" in page.locator("main").inner_text()


def test_an_order_left_open_is_not_left_for_others_to_read(person, demo, clock):
    somebody = person()
    page = somebody.page
    page.clock.install()
    page.goto("/now")
    sign_in(page, demo)
    page.locator("table.queue a").first.click()
    page.wait_for_url("**/orders/*")
    address = page.url.removeprefix(demo.url)
    page.wait_for_load_state()
    clock.advance_to(clock.now() + HALF_AN_HOUR)
    page.clock.fast_forward(61_000)
    page.wait_for_url("**/login?to=**&why=idle")
    sign_in(page, demo)
    page.wait_for_url(f"**{address}")


@pytest.mark.parametrize("size", [WALL, LAPTOP])
def test_the_form_is_read_without_trouble(person, size):
    somebody = person(size=size)
    page = somebody.open("/login?why=over&to=/now")
    assert page.get_by_role("status").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert somebody.serious() == []


def test_forms_are_taken_where_a_browser_says_nothing_of_sites(browser, demo):
    """Without TLS and elsewhere than on this machine a browser sends no `Sec-Fetch-Site`, but `Origin`."""
    host = "console.example"
    far = SimpleNamespace(
        url=demo.url.replace("127.0.0.1", host), engine=demo.engine, signed_in=demo.signed_in
    )
    rules = f"--host-resolver-rules=MAP {host} 127.0.0.1"
    other = browser.browser_type.launch(executable_path=chromium(), args=[*ARGUMENTS, rules])
    somebody = Person(other, far, "")
    page = somebody.open("/now")
    sent = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    sign_in(page, demo)
    page.wait_for_url("**/now")
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")
    said = [one.all_headers() for one in sent]
    assert [one["origin"] for one in said] == [far.url] * 2
    assert all("sec-fetch-site" not in one for one in said)
    somebody.close()
    other.close()
