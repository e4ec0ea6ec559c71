"""The board in a real browser: signing in, filters as links, nothing loaded from elsewhere."""

from support.browsing import WALL


def test_somebody_signs_in_with_a_token_and_comes_to_where_they_were_going(person, demo):
    somebody = person()
    token = demo.engine.accounts.issue("王二", "dispatcher", by="测试").text
    page = somebody.open("/now?state=dispatched")
    assert "/login" in page.url
    page.get_by_label("令牌").fill("pd_wrong")
    page.get_by_role("button", name="登录").click()
    assert page.get_by_role("alert").is_visible()
    page.get_by_label("令牌").fill(token)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/now?state=dispatched")
    assert page.get_by_role("table").is_visible()


def test_the_board_is_read_without_trouble_by_everybody(person):
    for how in ({"size": WALL}, {"lang": "en-US"}, {"script": False}):
        somebody = person("dispatcher", **how)
        page = somebody.open("/now")
        assert page.get_by_role("row").count() > 20
        if how.get("script", True):
            assert not somebody.serious()
