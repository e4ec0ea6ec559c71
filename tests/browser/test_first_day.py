"""The first day of a duty officer in a real browser: what got in her way once, and does not any more."""

import re
from datetime import datetime, timedelta

import pytest
from support.browsing import WALL
from support.serving import served

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.workflows.records import BEIJING

LONG = "上海市浦东新区金杨新村街道城市建设和管理事务中心（含市容环境卫生、绿化、河道与无障碍设施队）第二组"


@pytest.fixture
def received(demo):
    """Give a new order that waits to be dispatched."""
    numbers = iter(range(100))

    def made(name, **said):
        order_id = f"{name}-{next(numbers)}"
        demo.engine.submit(order_id, "receive", **{"order_due": "2026-10-30", **said})
        demo.engine.submit(order_id, "register", role="dispatcher")
        return order_id

    return made


def rows(page):
    return page.locator("table.queue tbody tr")


def renew(page, view=""):
    page.evaluate(f"htmx.ajax('GET', '/now{view}', {{target: '#board', swap: 'outerHTML'}})")


def test_what_is_due_counts_whatever_else_of_the_order_is_late_already(person, demo):
    page = person("dispatcher").open("/now")
    now, begins = demo.engine.now(), datetime(2027, 1, 1, tzinfo=BEIJING)
    running = demo.engine.running()
    due = {
        one.order_id
        for one in running
        if any(limit.kind == "duty" and now <= limit.due_at < begins for limit in one.limits)
    }
    assert any(one.order_id in due for one in running if one.due_at is not None and one.due_at < now)
    assert int(page.locator("#tile-holiday b").inner_text()) == len(due)


def test_a_figure_and_its_rows_have_one_colour_and_limits_have_names(person):
    page = person("dispatcher").open("/now?show=today")
    count = int(page.locator("#tile-today b").inner_text())
    assert "soon" in page.locator("#tile-today").get_attribute("class")
    assert rows(page).locator(".left.soon, .left.late").count() == count > 0
    chips = page.locator("td.others .chip").all()
    assert chips
    for chip in chips:
        assert "JY-" not in chip.inner_text()
        assert chip.get_attribute("title").startswith("JY-T")
    page.locator("summary", has_text="时限").click()
    assert page.get_by_role("link", name="JY-T09 按派单时限结案").is_visible()


def test_every_filter_by_state_lists_as_many_as_it_says(person):
    page = person("dispatcher").open("/now")
    links = page.locator("#facet-1 a").all()
    told = [(one.inner_text().split("\n"), one.get_attribute("href")) for one in links]
    assert any(" · " in label for (label, _), _ in told)  # of cases it is said of which kind
    for (label, count), href in told:
        page.goto(href)
        assert page.locator("#tile-all b").inner_text() == count, label


def test_a_board_that_renews_itself_keeps_what_is_open_focused_and_being_typed(person, demo):
    page = person("dispatcher").open("/now")
    page.locator("summary", has_text="时限").click()
    page.get_by_role("searchbox").fill("JY2609")
    page.locator("#facet-3 a").first.focus()
    focused = page.evaluate("document.activeElement.id")
    before = page.locator("#tile-all b").inner_text()
    demo.engine.submit("RENEWED", "receive")
    renew(page)
    page.locator("#tile-all b", has_text=str(int(before) + 1)).wait_for()
    assert page.locator("#facet-3 a").first.is_visible()
    assert page.evaluate("document.activeElement.id") == focused != ""
    assert page.get_by_role("searchbox").input_value() == "JY2609"


def test_a_board_that_cannot_be_renewed_says_as_of_when_it_is(person):
    somebody = person("dispatcher")
    page = somebody.open("/now")
    page.route("**/now", lambda route: route.fulfill(status=429))
    renew(page)
    page.get_by_role("alert").wait_for()
    assert "这里仍是 2026-10-21 10:05:00 的情况" in page.get_by_role("alert").inner_text()
    page.unroute("**/now")
    renew(page)
    page.get_by_role("alert").wait_for(state="hidden")
    somebody.troubles[:] = [one for one in somebody.troubles if "Response Status Error Code 429" not in one]


@pytest.mark.parametrize("typed", ["JY260920-003", " jy260920-003 ", "ＪＹ２６０９２０－００３", "60920-003"])
def test_an_order_is_found_from_any_page_however_its_number_was_written(person, typed):
    page = person("dispatcher").open("/now")
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/JY260920-003")


def test_a_unit_is_found_by_a_part_of_its_name_and_leads_to_its_queue(person):
    page = person("dispatcher").open("/orders?q=城建")
    page.get_by_role("link", name="城建中心：在办").click()
    page.wait_for_url("**/now?unit=**")
    assert set(page.locator("table.queue td.unit").all_inner_texts()) == {"城建中心"}
    other = person("handling_unit", "玉兰居民区").open("/orders?q=城建")
    assert other.get_by_role("link", name="城建中心").count() == 0


def test_what_is_found_says_what_burns_in_it(person):
    page = person("dispatcher").open("/orders?q=JY260920-00")
    row = page.get_by_role("row", name="JY260920-003")
    assert "超 30天" in row.inner_text()
    assert not page.get_by_role("row", name="JY260920-001").locator(".left").count()


def test_a_number_mistyped_keeps_the_way_on_and_another_units_order_says_the_same(person):
    somebody = person("handling_unit", "甲科")
    told = []
    for order_id in ("JY260918-065", "NOPE-1"):
        page = somebody.open(f"/orders/{order_id}")
        assert page.get_by_role("link", name="现在").is_visible()
        assert page.get_by_label("编号").input_value() == order_id
        told.append(page.locator(".detail").inner_text().replace(order_id, "X"))
    assert told[0] == told[1] == "没有您能看到的工单或案件“X”，请核对编号。"
    assert not somebody.serious()
    page = somebody.open("/month")
    assert "看考核成绩" in page.locator(".detail").inner_text()
    assert page.get_by_role("link", name="工单", exact=True).is_visible()


def test_rights_are_said_in_words(person):
    page = person("dispatcher").open("/me")
    told = page.locator(".chips li").all_inner_texts()
    assert "办理工单和案件" in told
    assert not [one for one in told if "." in one]


def test_a_token_that_ends_over_a_form_is_told_and_one_comes_back_to_the_order(person, demo, received):
    order_id = received("ENDS")
    somebody = person("dispatcher")
    page = somebody.open(f"/orders/{order_id}")
    page.locator("#do-note summary").first.click()
    demo.engine.accounts.end(somebody.token.split("_")[1], by="测试")
    page.wait_for_timeout(1100)  # a token is remembered for a second
    page.locator("#do-note").get_by_role("button", name="提交").click()
    page.wait_for_url("**/login**")
    assert "登录已失效" in page.get_by_role("status").inner_text()
    page.get_by_label("令牌").fill(demo.engine.accounts.issue("王二", "dispatcher", by="测试").text)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/orders/{order_id}")
    assert len(demo.engine.history(order_id)) == 2


def test_whoever_acted_sees_what_came_of_it_and_what_burns_next_together(person, received):
    page = person("dispatcher").open(f"/orders/{received('SEEN')}")
    page.locator("#do-dispatch summary").first.click()
    page.locator("#do-dispatch [name=unit]").fill("甲科")
    page.locator("#do-dispatch").get_by_role("button", name="提交").click()
    page.wait_for_url("**done=3**")
    answer, title = page.get_by_role("status").bounding_box(), page.locator("h1").bounding_box()
    bar = page.locator(".bar").bounding_box()
    assert bar["y"] + bar["height"] <= answer["y"] < title["y"] < page.viewport_size["height"] / 2
    assert page.locator(".head .chip", has_text="按派单时限结案").is_visible()  # beside the soonest


def test_what_was_asked_for_stands_in_the_head_and_its_answer_comes_first(person, demo, received):
    order_id = received("ASKED")
    for event, said in (
        ("dispatch", {"unit": "甲科", "role": "dispatcher"}),
        ("accept", {"unit": "甲科", "role": "handling_unit"}),
        ("request_extension", {"unit": "甲科", "role": "handling_unit", "reason": "需现场施工"}),
    ):
        assert demo.engine.submit(order_id, event, **said).accepted
    page = person("centre_head").open(f"/orders/{order_id}")
    assert "延期申请，待答复" in page.locator("h1").inner_text()
    events = [one.get_attribute("value") for one in page.locator("input[name=event]").all()]
    assert set(events[:2]) == {"approve_extension", "refuse_extension"}
    heading = page.get_by_role("heading", name="另可记录").bounding_box()["y"]
    assert page.locator("#do-resolve").bounding_box()["y"] < heading
    assert page.locator("#do-urge").bounding_box()["y"] > heading


@pytest.mark.parametrize("how", [{}, {"lang": "en-US"}, {"size": WALL}])
def test_a_long_name_of_a_unit_pushes_nothing_over_the_edge(person, demo, received, how):
    order_id = received("LONG", order_due="2026-10-21T18:00:00")
    demo.engine.submit(order_id, "dispatch", unit=LONG, role="dispatcher")
    somebody = person("handling_unit", LONG, **how)
    for path in ("/now", f"/orders/{order_id}", f"/orders/{order_id}?view=log"):
        page = somebody.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.locator(".bar").bounding_box()["height"] < 60, path
    page = person("dispatcher", **how).open("/now")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/orders/{order_id}")
    held = page.locator(".told table").first.bounding_box()
    assert held["x"] + held["width"] <= page.locator(".doing").bounding_box()["x"]


def test_the_word_now_stands_inside_the_drawing_of_a_new_order(person, received):
    page = person("dispatcher").open(f"/orders/{received('EARLY')}")
    word, axis = page.locator("text.now").first.bounding_box(), page.locator("svg.axis").first.bounding_box()
    assert axis["x"] <= word["x"]


@pytest.fixture
def alone():
    """Serve a store without any order, whose clock may be moved."""
    clock = SimulatedClock(datetime(2026, 12, 30, 9, tzinfo=BEIJING))
    with Engine.open("memory://", "JY", clock=clock) as engine, served(engine, rate=0) as made:
        yield made, clock


def text_of(made, path, role="dispatcher"):
    client = made.client()
    unit = "甲科" if role == "handling_unit" else ""
    client.cookies.update(made.signed_in(made.engine.accounts.issue("王二", role, unit, by="测试").text))
    return client.get(path).text


def test_where_there_is_no_order_it_is_said_where_they_come_from(alone):
    made, _ = alone
    told = text_of(made, "/now")
    assert "上级平台或接口送来的工单会出现在这里" in told
    assert 'href="/import">导入历史日志' in told
    told = text_of(made, "/now", "handling_unit")
    assert "甲科现在没有在办的工单" in told
    assert "导入历史日志" not in told


def test_a_year_that_is_not_this_one_is_said(alone):
    made, clock = alone
    made.engine.submit("OLD", "receive", order_due="2027-01-08")
    assert "明天 09:00" in text_of(made, "/orders/OLD")
    clock.advance_to(clock.now() + timedelta(days=400))
    assert "2026年12月31日周四 09:00" in text_of(made, "/now")
    told = text_of(made, "/orders/OLD")
    assert "2026年12月31日周四 09:00" in told
    assert re.findall(r'<g class="tick day">.*?>([^<>]+)</text>', told)[0].startswith("202")


def test_the_answer_to_a_form_can_be_read_in_english_and_its_address_leads_to_the_order(person, received):
    order_id = received("ANSWER")
    page = person("dispatcher").open(f"/orders/{order_id}")
    page.locator("#do-note summary").first.click()
    page.locator("#do-note").get_by_role("button", name="试算").click()
    page.wait_for_url("**/events**")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"**/orders/{order_id}")
    assert page.get_by_role("heading", name="What you may do now").is_visible()
    page.goto(f"/orders/{order_id}/events")
    assert page.url.endswith(f"/orders/{order_id}")


def test_a_board_whose_token_has_ended_leads_to_signing_in_and_back(person, demo):
    somebody = person("dispatcher")
    page = somebody.open("/now?show=late")
    demo.engine.accounts.end(somebody.token.split("_")[1], by="测试")
    page.wait_for_timeout(1100)
    renew(page, "?show=late")
    page.wait_for_url("**/login?to=**")
    assert "登录已失效" in page.get_by_role("status").inner_text()
    assert not somebody.serious()
