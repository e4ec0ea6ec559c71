"""An order in a real browser: what happened in three views, and doing something to it from there."""

from datetime import timedelta
from time import perf_counter

import httpx
import pytest
from support.browsing import WALL

RETURNED = "JY260918-065"
"""An order of the demo month that was late, returned, dispatched again and closed."""
VIEWS = ("timeline", "diagram", "log")


@pytest.fixture
def received(demo):
    """Give a new order that waits to be dispatched, and what tells one from another."""
    numbers = iter(range(100))

    def made(name, **said):
        order_id = f"{name}-{next(numbers)}"
        demo.engine.submit(order_id, "receive", order_due="2026-10-30", **said)
        demo.engine.submit(order_id, "register", role="dispatcher")
        return order_id

    return made


def act(page, event):
    """Open the form of an event and give it."""
    form = page.locator(f"#do-{event}")
    form.locator("summary").first.click()
    return form


def test_the_timeline_has_a_bar_per_clock_and_each_tells_how_its_days_were_counted(person, demo):
    page = person("dispatcher").open(f"/orders/{RETURNED}")
    clocks = demo.engine.deadlines(RETURNED)
    assert page.locator("details.clock").count() == len(clocks)
    bar = page.locator("details.clock", has_text="JY-T08").first
    assert not bar.locator(".chapters").is_visible()
    bar.locator("summary").click()
    told = bar.locator(".chapters").inner_text()
    assert "2026-09-20 周日 调休补班（国庆节）：计入，第1个" in told
    assert "第8条 同意退单 2026-09-20 18:00:27：不再适用" in told
    assert "附件3 第三条(一)4" in bar.inner_text()
    assert bar.locator("rect.uncounted").count() >= 2
    page.get_by_role("link", name="全部展开").click()
    assert page.locator(".chapters:visible").count() == len(clocks)


def test_the_diagram_lights_the_way_taken_and_marks_where_the_order_is(person, demo):
    page = person("dispatcher").open(f"/orders/{RETURNED}?view=diagram")
    moved = [one for one in demo.engine.history(RETURNED) if one.from_state != one.to_state]
    numbers = "·".join(page.locator(".badge-text").all_text_contents()).split("·")
    assert sorted(map(int, numbers)) == list(range(1, len(moved) + 1))
    assert page.locator(".state.current text").all_text_contents() == ["已结案", "◀ 现在"]
    assert page.get_by_role("img").get_attribute("aria-label").startswith("走过：接收 → 中心接单 → 派单")
    assert page.locator("table.way tbody tr").count() == len(moved)


def test_the_log_shows_every_entry_with_its_chain_mark_and_who_wrote_it(person, demo):
    page = person("dispatcher").open(f"/orders/{RETURNED}?view=log")
    for linked in demo.engine.linked(RETURNED):
        row = page.locator(f"#entry-{linked.entry.seq}")
        assert row.locator("code").get_attribute("title") == linked.hash
        assert str(linked.position) in row.inner_text()
        assert ("引擎" in row.inner_text()) == (linked.entry.event == "time_out")


def test_a_correction_and_a_back_dated_entry_stand_with_both_verdicts(person, demo, clock):
    demo.engine.submit("LATE", "receive", order_due="2026-10-30")
    clock.advance_to(clock.now() + timedelta(hours=1))
    page = person("centre_head").open("/orders/LATE?view=log")
    form = act(page, "register")
    form.get_by_text("补录").first.click()
    form.get_by_label("发生时间").fill("2026-10-21T10:20:00")
    form.get_by_label("补录理由").fill("系统故障")
    form.get_by_role("button", name="提交").click()
    row = page.locator("tr", has_text="系统故障")
    assert "补录" in row.inner_text()
    assert "JY-T01：按发生时间 按时；按得知时间 逾期完成" in row.inner_text()
    form = act(page, "correct")
    seq = next(one.seq for one in demo.engine.history("LATE") if one.event == "register")
    said = {"更正第几条": seq, "更正哪一项": "actor", "原为": "王二", "应为": "王三", "理由": "写错"}
    for label, text in said.items():
        form.get_by_label(label).fill(str(text))
    form.get_by_role("button", name="提交").click()
    assert "已受理：更正" in page.get_by_role("status").inner_text()
    assert "条更正：actor" in page.locator(f"#entry-{seq}").inner_text()


def test_what_is_tried_is_not_written_and_what_is_submitted_twice_is_done_once(person, demo, received):
    order_id = received("TRY")
    page = person("dispatcher").open(f"/orders/{order_id}")
    form = act(page, "dispatch")
    form.get_by_label("单位", exact=False).first.fill("甲科")
    form.get_by_role("button", name="试算").click()
    told = page.get_by_role("status").inner_text()
    assert "试算“派单”：可以受理，什么也没有写入" in told
    assert "已派单" in told
    assert "JY-T03" in told
    assert len(demo.engine.history(order_id)) == 2
    form = page.locator("#do-dispatch")
    assert form.get_by_label("单位", exact=False).first.input_value() == "甲科"
    form.get_by_role("button", name="提交").dblclick()
    page.wait_for_url("**done=3**")
    assert "已受理：派单（第 3 条" in page.get_by_role("status").inner_text()
    assert [one.event for one in demo.engine.history(order_id)] == ["receive", "register", "dispatch"]


def test_a_form_whose_answer_was_lost_does_nothing_more_when_it_is_sent_again(person, demo, received):
    order_id = received("AGAIN")
    somebody = person("dispatcher")
    page = somebody.open(f"/orders/{order_id}")
    said = page.locator("#do-note form").evaluate("form => Object.fromEntries(new FormData(form))")
    for _ in range(2):
        answer = somebody.context.request.post(f"/orders/{order_id}/events", form=said)
        assert answer.ok
    assert [one.event for one in demo.engine.history(order_id)] == ["receive", "register", "note"]


def test_whoever_was_overtaken_is_told_what_happened_and_keeps_what_they_wrote(person, demo, received):
    order_id = received("FAST")
    slow, fast = (person("dispatcher").open(f"/orders/{order_id}") for _ in range(2))
    act(fast, "urge").get_by_role("button", name="提交").click()
    fast.wait_for_url("**done=3**")
    form = act(slow, "dispatch")
    form.get_by_label("单位", exact=False).first.fill("乙科")
    form.get_by_role("button", name="提交").click()
    told = slow.get_by_role("alert").inner_text()
    assert "有人先您一步：“派单”没有提交" in told
    assert "第3条 催办" in told
    assert len(demo.engine.history(order_id)) == 3
    form = slow.locator("#do-dispatch")
    assert form.get_by_label("单位", exact=False).first.input_value() == "乙科"
    form.get_by_role("button", name="提交").click()
    slow.wait_for_url("**done=4**")
    assert demo.engine.order(order_id).facts["unit"] == "乙科"


def test_a_refusal_names_the_rule_and_clause_and_what_cannot_be_done_says_why(person, demo, received):
    order_id = received("NO")
    demo.engine.submit(order_id, "dispatch", unit="甲科", role="dispatcher")
    page = person("handling_unit", "甲科").open(f"/orders/{order_id}")
    form = act(page, "request_return")
    assert "JY-T06" in form.inner_text()
    assert form.get_by_label("权属单位").get_attribute("required") is not None
    form.get_by_role("button", name="试算").click()
    told = page.get_by_role("alert").inner_text()
    assert "会被拒绝" in told
    assert "JY-G02 附件3 第三条(一)3" in told
    page.get_by_text("现在不能做，以及原因").click()
    assert "处置反馈" in page.locator(".doing").inner_text()


def test_each_sees_the_forms_of_their_role_and_a_unit_its_own_orders_alone(person, demo, received):
    order_id = received("ROLE")
    demo.engine.submit(order_id, "dispatch", unit="甲科", role="dispatcher")
    page = person("handling_unit", "甲科").open(f"/orders/{order_id}")
    offered = {one.get_attribute("value") for one in page.locator("input[name=event]").all()}
    assert {"accept", "request_return", "note"} <= offered
    assert not offered & {"urge", "approve_return", "dispatch", "correct"}
    page = person("auditor").open(f"/orders/{order_id}")
    assert page.locator("input[name=event]").count() == 0
    assert page.locator(".doing").count() == 0
    answer = person("handling_unit", "乙科").page.goto(f"/orders/{order_id}")
    assert answer.status == 404


def test_all_of_a_page_is_one_look(person, demo):
    before = len(demo.engine.accounts.sights(RETURNED))
    person("auditor").open(f"/orders/{RETURNED}")
    first = demo.engine.accounts.sights(RETURNED)
    assert len(first) == before + 1
    assert (first[0].role, first[0].what) == ("auditor", "page")


def test_an_order_is_found_by_the_beginning_of_its_number(person):
    page = person("dispatcher").open("/orders")
    page.get_by_label("编号").fill("JY260918-06")
    page.get_by_role("button", name="查找").click()
    assert page.get_by_role("table").get_by_role("link", name=RETURNED).is_visible()
    page.get_by_label("编号").fill(RETURNED)
    page.get_by_role("button", name="查找").click()
    page.wait_for_url(f"**/orders/{RETURNED}")
    page.goto("/orders?q=NOTHING")
    assert "NOTHING" in page.get_by_role("status").inner_text()
    assert page.get_by_role("link", name=RETURNED).is_visible()  # looked at last


def test_a_case_is_reached_from_its_order_and_its_order_from_the_case(person, demo):
    case = next(one for one in demo.engine.cases(workflow="supervision"))
    order_id = case.order_id.split("~")[0]
    page = person("dispatcher").open(f"/orders/{order_id}")
    page.get_by_role("link", name=case.order_id).click()
    assert page.get_by_role("heading", level=1).inner_text().startswith(case.order_id)
    for view in VIEWS:
        assert page.goto(f"/orders/{case.order_id}?view={view}").ok
    page.locator(".head").get_by_role("link", name=order_id).click()
    assert page.url.endswith(f"/orders/{order_id}")


def test_identities_are_shown_once_to_whoever_says_why_and_the_log_keeps_it(person, demo, received):
    order_id = received("WHO", caller="张三丰", phone="13812345678", address="某路1号")
    page = person("dispatcher").open(f"/orders/{order_id}")
    assert "13812345678" not in page.content()
    page.get_by_text("身份信息", exact=True).click()
    page.get_by_label("查看理由").fill("回访需要")
    with page.expect_response("**/unmasking") as answered:
        page.get_by_role("button", name="查看身份信息").click()
    assert answered.value.headers["cache-control"] == "no-store"
    assert "13812345678" in page.locator("table.identities").inner_text()
    page.get_by_role("link", name="回到工单").click()
    assert "13812345678" not in page.content()
    last = demo.engine.history(order_id)[-1]
    assert (last.event, last.attributes["reason"]) == ("unmask", "回访需要")


def test_english_is_spoken_on_every_view(person):
    somebody = person("dispatcher", lang="en-US")
    for view, heading in zip(VIEWS, ("Timeline", "States", "Log"), strict=True):
        page = somebody.open(f"/orders/{RETURNED}?view={view}")
        assert page.get_by_role("heading", name=heading).is_visible()
        assert page.locator("html").get_attribute("lang") == "en"
        assert page.get_by_role("heading", name="What you may do now").is_visible()


def test_everything_is_done_by_keyboard_alone(person, demo, received):
    order_id = received("KEYS")
    page = person("dispatcher").open(f"/orders/{order_id}")

    def tab_to(found):
        for _ in range(120):
            page.keyboard.press("Tab")
            if found.evaluate("one => one === document.activeElement"):
                return
        pytest.fail("never reached by Tab")

    tab_to(page.locator("details.clock summary").first)
    page.keyboard.press("Enter")
    assert page.locator("details.clock .chapters").first.is_visible()
    tab_to(page.locator("#do-dispatch > summary"))
    page.keyboard.press("Enter")
    tab_to(page.locator("#do-dispatch [name=unit]"))
    page.keyboard.type("甲科")
    page.keyboard.press("Enter")  # as a form does: by its first button, which tries
    page.wait_for_selector("#answer")
    assert len(demo.engine.history(order_id)) == 2
    tab_to(page.locator("#do-dispatch button").last)
    page.keyboard.press("Enter")
    page.wait_for_url("**done=3**")


def test_without_script_an_order_is_read_and_acted_on_all_the_same(person, demo, received):
    order_id = received("PLAIN")
    page = person("dispatcher", script=False).open(f"/orders/{order_id}?view=timeline&every=1")
    assert page.locator(".chapters:visible").count() == len(demo.engine.deadlines(order_id))
    form = act(page, "dispatch")
    form.get_by_label("单位", exact=False).first.fill("甲科")
    form.get_by_role("button", name="提交").click()
    page.wait_for_url("**done=3**")


def test_axe_finds_nothing_serious_in_light_and_dark(person, demo, received):
    somebody = person("dispatcher", size=WALL)
    order_id = next(one.order_id for one in demo.engine.running() if one.state == "contacted")
    for path in ("/orders", *(f"/orders/{order_id}?view={view}&every=1" for view in VIEWS)):
        page = somebody.open(path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert not somebody.serious(), path
    page = somebody.open(f"/orders/{RETURNED}?every=1")
    assert not somebody.serious()
    form = act(somebody.open(f"/orders/{received('AXE')}"), "dispatch")
    form.get_by_role("button", name="试算").click()
    assert not somebody.serious()


def test_on_a_laptop_and_in_print_nothing_runs_over_the_edge(person):
    page = person("dispatcher").open(f"/orders/{RETURNED}?every=1")
    for view in VIEWS:
        page.goto(f"/orders/{RETURNED}?view={view}&every=1")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.emulate_media(media="print")
    assert not page.locator(".doing").is_visible()
    assert page.locator("table.log").is_visible()


def test_the_page_is_there_within_300_ms(person, demo):
    somebody = person("dispatcher")
    with httpx.Client(base_url=demo.url, cookies=somebody.cookies, trust_env=False) as client:
        for view in VIEWS:
            took = []
            for _ in range(5):
                began = perf_counter()
                assert client.get(f"/orders/{RETURNED}?view={view}").status_code == 200
                took.append(perf_counter() - began)
            assert min(took) < 0.3, (view, took)
