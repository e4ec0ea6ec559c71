"""The audit page in a real browser: verifying, lists by links, who looked, the pack, tokens."""

import zipfile
from datetime import timedelta

import pytest
from support.browsing import WALL

from paidan.engine.clock import SimulatedClock

pytestmark = pytest.mark.usefixtures("marked")


@pytest.fixture(scope="module")
def marked(demo, clock):
    """Give the demo with an order that was back-dated and corrected, unmasked and erased."""
    assert isinstance(clock, SimulatedClock)
    engine, order = demo.engine, "AUDIT-1"
    engine.submit(order, "receive", phone="13812345678")
    engine.submit(order, "register")
    engine.submit(order, "dispatch", unit="甲科")
    received = clock.now()
    clock.advance_to(received + timedelta(days=3))
    how = {"actor": "周主任", "role": "centre_head"}
    engine.submit(order, "accept", at=received + timedelta(hours=1), backdated="漏登", **how)
    engine.submit(
        order, "correct", entry=3, field="unit", before="甲科", after="乙科", reason="派错", **how
    )  # fmt: skip
    engine.submit("AUDIT-2", "receive")
    engine.submit("AUDIT-2", "register")
    engine.submit("AUDIT-2", "dispatch", unit="甲科")
    due = next(one.due_at for one in engine.deadlines("AUDIT-2") if one.rule == "JY-T03")
    clock.advance_to(due - timedelta(minutes=4))
    engine.submit("AUDIT-2", "accept")
    engine.unmask(order, reason="回访", actor="王二", role="dispatcher")
    return demo


def chosen(page):
    return page.locator("aside a[aria-current]").all_inner_texts()


def test_an_auditor_verifies_the_log_and_sees_that_it_holds(person):
    somebody = person("auditor")
    page = somebody.open("/audit")
    page.get_by_role("button", name="现在核对").click()
    page.get_by_text("完好", exact=True).wait_for()
    assert "王二" in page.locator("#chain").inner_text()
    assert not somebody.serious()


def test_every_list_reads_without_trouble_wide_and_narrow_light_and_dark(person, marked):
    marked.engine.accounts.saw(marked.engine.accounts.whose(person("auditor").token), ["AUDIT-1"], "history")
    for how in ({"size": WALL}, {"lang": "en-US"}, {"script": False}):
        somebody = person("auditor", **how)
        for show in ("corrections", "identities", "last_minute", "deviations", "sights"):
            page = somebody.open(f"/audit?show={show}")
            page.get_by_role("table").first.wait_for()
            if how.get("script", True):
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            if "size" in how:
                assert not somebody.serious()


def test_filters_are_links_that_are_let_go_of_by_the_same_link(person):
    page = person("auditor").open("/audit?show=last_minute&minutes=30")
    rows = page.locator("table.queue tbody tr")
    rows.first.wait_for()
    unit = page.locator("table.units tbody th a").first.inner_text()
    page.locator("table.units tbody th a").first.click()
    page.wait_for_url("**unit=**")
    assert any(one.startswith(unit) for one in chosen(page))
    assert {one.strip() for one in rows.locator("td:nth-child(4)").all_inner_texts()} == {unit}
    page.locator("aside a[aria-current]", has_text=unit).click()
    page.wait_for_url(lambda url: "unit=" not in url)
    assert "minutes=30" in page.url
    page.locator("aside summary", has_text="月份").wait_for()


def test_a_time_is_on_one_line_and_a_rule_has_its_name(person):
    page = person("auditor").open("/audit?show=deviations")
    page.locator("table.queue").wait_for()
    times = page.locator("table.queue tbody td:first-child")
    lines = times.evaluate_all(
        "all => all.map(one => { const range = document.createRange();"
        " range.selectNodeContents(one); return range.getClientRects().length; })"
    )
    assert set(lines) == {1}
    rule = page.locator("aside details", has_text="规则").locator("a").first
    assert len(rule.inner_text().split()) > 1
    assert rule.is_visible()


def test_an_export_is_told_in_words_among_who_looked(person, marked):
    account = marked.engine.accounts.whose(person("auditor").token)
    marked.engine.accounts.saw(account, [""], "export:entries.csv")
    page = person("auditor").open("/audit?show=sights")
    row = page.locator("table.queue tbody tr", has_text="导出 entries.csv").first
    assert "全部工单" in row.inner_text()


def test_a_pack_of_any_month_is_asked_for(person, tmp_path):
    page = person("auditor").open("/audit")
    assert "verify.py" in page.locator("main").inner_text()
    page.get_by_label("其他月份").fill("2026-09")
    with page.expect_download() as download:
        page.get_by_role("button", name="下载").click()
    assert download.value.suggested_filename == "audit-2026-09.zip"
    download.value.save_as(tmp_path / "pack.zip")
    with zipfile.ZipFile(tmp_path / "pack.zip") as opened:
        assert {"scores.json", "score_lines.csv"} <= set(opened.namelist())


def test_who_looked_at_an_order_is_asked_by_its_number(person, marked):
    person("dispatcher").context.request.get(f"{marked.url}/v1/orders/AUDIT-1")
    account = marked.engine.accounts.whose(person("dispatcher").token)
    marked.engine.accounts.saw(account, ["AUDIT-1"], "history")
    page = person("auditor").open("/audit?show=sights")
    page.get_by_label("工单").fill("AUDIT-1")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url("**order=AUDIT-1**")
    first = page.locator("table.queue tbody tr").first.inner_text()
    assert "王二" in first
    assert "经过" in first


def test_what_was_changed_is_shown_with_its_reason_and_both_verdicts(person):
    page = person("auditor").open("/audit?show=corrections&month=2026-10")
    text = page.locator("table.queue").inner_text()
    assert all(word in text for word in ("漏登", "派错", "甲科 → 乙科", "周主任", "按记录时", "按实际时间"))
    assert "unit（" not in text
    page.get_by_role("link", name="更正", exact=True).first.click()
    page.locator("tr:target", has_text="派错").wait_for()
    page.goto("/audit?show=identities")
    text = page.locator("table.queue").inner_text()
    assert "回访" in text
    assert "13812345678" not in page.content()


def test_the_pack_of_a_month_is_downloaded(person, tmp_path):
    page = person("auditor").open("/audit")
    with page.expect_download() as download:
        page.get_by_role("link", name="2026-10").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    with zipfile.ZipFile(file) as opened:
        assert {"verify.py", "manifest.json", "log.jsonl"} <= set(opened.namelist())


def test_the_security_administrator_issues_a_token_and_ends_it(person, demo):
    somebody = person("security_administrator")
    page = somebody.open("/tokens")
    page.get_by_label("姓名").fill("孙科")
    page.get_by_label("角色").select_option("dispatcher")
    page.get_by_role("button", name="签发令牌").click()
    text = page.locator("#token").inner_text()
    number = demo.engine.accounts.whose(text).token
    assert not somebody.serious()
    page.get_by_role("button", name=number).click()
    page.wait_for_url("**/tokens")
    assert demo.engine.accounts.whose(text) is None
    assert number not in page.locator("table").inner_text()


def test_on_paper_there_is_the_list_and_no_more(person):
    page = person("auditor").open("/audit?show=last_minute&minutes=60")
    page.locator("table.queue").wait_for()
    page.emulate_media(media="print")
    assert page.locator("table.queue").is_visible()
    assert not page.locator("aside").is_visible()
    assert not page.locator("header.bar").is_visible()
