"""The first page in a real browser: what burns, filters that are links, refreshed in its place."""

import pytest
from support.browsing import WALL


def tile(page, name):
    return int(page.locator(f"#tile-{name} b").inner_text())


def rows(page):
    return page.locator("table.queue tbody tr")


def test_what_burns_comes_first_and_the_figures_are_those_of_the_board(person, demo):
    somebody = person("dispatcher")
    page = somebody.open("/now")
    running, now = demo.engine.running(), demo.engine.now()
    late = [one for one in running if one.due_at is not None and one.due_at < now]
    assert (tile(page, "all"), tile(page, "late")) == (len(running), len(late))
    assert late
    first = rows(page).first
    assert first.locator("a").inner_text() == late[0].order_id
    assert "超" in first.locator(".left").inner_text()
    assert page.locator("#tile-holiday").inner_text().count("元旦") == 1
    assert not somebody.serious()


def test_each_filter_is_a_link_that_can_be_kept_and_let_go_of_again(person, demo):
    page = person("dispatcher").open("/now")
    page.locator("#tile-late").click()
    page.wait_for_url("**/now?show=late")
    late = tile(page, "late")
    assert page.get_by_text(f"{late} 张").count() == 1
    unit = page.locator("details", has_text="承办单位").locator("a").first
    name, count = unit.inner_text().split("\n")
    unit.click()
    page.wait_for_url("**unit=**")
    assert rows(page).count() == int(count)
    assert set(page.locator("table.queue td:nth-child(4)").all_inner_texts()) == {name}
    page.get_by_role("link", name="清除筛选").click()
    page.wait_for_url("**/now")
    assert tile(page, "all") == len(demo.engine.running())


def test_the_list_renews_itself_and_leaves_the_reader_where_they_are(person, demo):
    page = person("dispatcher").open("/now?show=late")
    before = tile(page, "all")
    page.locator("table.queue a").nth(3).focus()
    focused = page.evaluate("document.activeElement.id")
    page.evaluate("scrollTo(0, 300)")
    demo.engine.submit("NOW-1", "receive")
    page.evaluate("htmx.ajax('GET', '/now?show=late', {target: '#board', swap: 'outerHTML'})")
    page.locator("#tile-all b", has_text=str(before + 1)).wait_for()
    assert tile(page, "all") == before + 1
    assert page.evaluate("scrollY") == 300
    assert page.evaluate("document.activeElement.id") == focused
    assert page.url.endswith("/now?show=late")


def test_a_unit_sees_its_own_queue_alone(person, demo):
    unit = next(one.unit for one in demo.engine.running() if one.unit)
    page = person("handling_unit", unit=unit).open("/now")
    assert set(page.locator("table.queue td:nth-child(4)").all_inner_texts()) == {unit}
    assert page.get_by_role("link", name="月度考核").count() == 0


@pytest.mark.parametrize("how", [{"size": WALL}, {"lang": "en-US"}, {"script": False}])
def test_the_page_reads_on_a_wall_in_english_and_without_script(person, how):
    page = person("dispatcher", **how).open("/now")
    assert rows(page).count() > 20
    if how.get("script", True):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if "lang" in how:
        assert page.locator("#tile-late").inner_text().endswith("overdue")


def test_signing_in_takes_a_token_and_goes_on_to_where_one_was_going(person, demo):
    page = person().open("/now?show=late")
    page.wait_for_url("**/login?**")
    page.get_by_label("令牌").fill("pd_00000000_no")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    token = demo.engine.accounts.issue("李四", "dispatcher", by="测试").text
    page.get_by_label("令牌").fill(token)
    page.keyboard.press("Enter")
    page.wait_for_url("**/now?show=late")
    assert "李四" in page.locator(".who").inner_text()
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/login")
