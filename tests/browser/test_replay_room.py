"""The replay room and the import page in a real browser: from an upload to the report, and nothing left."""

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError as SlowError
from support.browsing import WALL

MAPPINGS = Path(__file__).parents[2] / "docs" / "howto" / "mappings"
HELPDESK = Path(__file__).parents[3] / "shared" / "data" / "helpdesk.xes.gz"
SLOW = 60_000
"""Milliseconds: work of a job is done at a lower priority than everything else."""
THEIRS = "单号,动作,时刻\nT1,受理了,2026-10-02 09:00:00\nT2,受理了,2026-10-02 10:00:00\n"
MAPPING = '[columns]\n"单号" = "order_id"\n"动作" = "event"\n"时刻" = "at"\n[events]\n"受理了" = "receive"\n'


def uploaded(somebody, kind, *files, **others):
    page = somebody.open(f"/{kind}")
    page.set_input_files("input[name=files]", [*files])
    if others:
        page.locator("summary").click()
    for name, file in others.items():
        page.set_input_files(f"input[name={name}]", file)
    page.get_by_role("button", name="上传并预览").click()
    page.locator("#preview").wait_for(timeout=SLOW)
    return page


def pressed(page, section, waited):
    page.locator(f"{section} button").click()
    with suppress(SlowError):  # it may be done already
        page.locator("#job[aria-busy]").wait_for(timeout=500)
    page.locator(waited).first.wait_for(timeout=SLOW)


def serious(somebody):
    """Give what axe-core finds; it cannot look into the report's sandbox, and says so to the console."""
    found = somebody.serious()
    somebody.troubles[:] = [one for one in somebody.troubles if "postMessage" not in one]
    return found


def file_of(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_month_is_tried_under_a_document_and_set_beside_another(person, demo, month, tmp_path):
    written = demo.engine.entries_after(0, 10**6)[-1].position
    somebody = person("scorer", size=WALL)
    assert somebody.open("/replay").get_by_role("heading", name="回放").is_visible()
    assert not serious(somebody)
    page = uploaded(somebody, "replay", month / "orders.csv", units=month / "units.csv")
    assert page.get_by_text("17,739").first.is_visible()
    assert page.get_by_text("身份信息 phone").is_visible()
    assert "13" not in page.locator("tr", has_text="身份信息 phone").locator("td").nth(2).inner_text()
    assert not serious(somebody)

    pressed(page, "#replay", "#replay h3")
    clocks = page.get_by_role("region", name="时限判定")
    assert clocks.get_by_role("row", name="JY-T03").is_visible()
    assert page.get_by_role("region", name="偏差").get_by_role("row").count() > 3

    pressed(page, "#grade", "#grade iframe")
    assert page.get_by_role("region", name="成绩").get_by_role("row").count() > 10
    inside = page.frame_locator("#grade iframe")
    assert inside.locator("h1").inner_text()
    page.locator("#compare select").select_option("YY")
    pressed(page, "#compare", "#compare h3")
    assert page.locator("#compare").get_by_role("row", name="YY-T01").is_visible()
    assert not serious(somebody)

    page.get_by_role("button", name="打包结果").click()
    link = page.get_by_role("link", name="下载结果（zip）")
    link.wait_for(timeout=SLOW)
    with page.expect_download() as waiting:
        link.click()
    waiting.value.save_as(tmp_path / "run.zip")
    assert {"summary.json", "deadlines.csv"} <= {*zipfile.ZipFile(tmp_path / "run.zip").namelist()}
    where = page.url
    page.get_by_role("button", name="删除").click()
    page.wait_for_url("**/replay")
    assert page.get_by_role("row").count() == 0
    assert page.goto(where).status == 404
    assert demo.engine.entries_after(0, 10**6)[-1].position == written


@pytest.mark.long
def test_a_log_of_others_is_tried_by_their_mapping(person):
    somebody = person("auditor")
    page = uploaded(somebody, "replay", HELPDESK, mapping=MAPPINGS / "helpdesk.toml")
    assert page.get_by_text("Take in charge ticket").first.is_visible()
    page.locator("#replay select").select_option("YY")
    pressed(page, "#replay", "#replay h3")
    assert page.get_by_text("YY：4,580 张工单").is_visible()
    assert page.get_by_role("link", name="下载全部 130 行").is_visible()
    page.locator("#replay textarea").fill("nonsense=1")
    pressed(page, "#replay", "[role=alert]")
    assert "nonsense" in page.get_by_role("status").inner_text()
    assert not serious(somebody)


def test_a_mapping_is_proposed_edited_and_looked_at_again(person, tmp_path):
    somebody = person("dispatcher", lang="zh-CN")
    page = uploaded(somebody, "replay", file_of(tmp_path, "theirs.csv", THEIRS))
    assert page.get_by_role("alert").is_visible()
    assert page.locator("#replay").count() == 0
    assert "order_id" in page.locator("textarea[name=mapping]").input_value()
    page.locator("textarea[name=mapping]").fill("[columns]\n单号 = 1\n")
    pressed(page, "#preview", "#preview [role=alert]")
    page.locator("textarea[name=mapping]").fill(MAPPING)
    pressed(page, "#preview", "#replay")
    assert page.get_by_text("接收 receive").first.is_visible()


def test_a_log_is_brought_into_the_live_orders_without_a_script(person, demo, tmp_path):
    rows = (
        "order_id,event,at,phone\nN1,receive,2026-10-20 09:00:00,13812345678\nN2,fly,2026-10-20 09:00:00,\n"
    )
    somebody = person("dispatcher", script=False)
    page = uploaded(somebody, "import", file_of(tmp_path, "more.csv", rows))
    page.locator("#import button").click()
    page.get_by_role("link", name="下载全部 1 行").wait_for(timeout=SLOW)
    assert page.get_by_role("link", name="看在办的工单").is_visible()
    assert demo.engine.order("N1").state == "received"
    assert "13812345678" not in page.content()
    other = person("dispatcher")
    assert other.open(page.url.removeprefix(other.url)).locator("main").inner_text().startswith("没有找到")


@pytest.mark.parametrize(
    ("role", "there"), [("handling_unit", []), ("scorer", ["回放"]), ("dispatcher", ["回放", "导入"])]
)
def test_each_role_finds_the_rooms_it_may_enter(person, role, there):
    page = person(role).open("/me")
    places = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert [one for one in places if one in ("回放", "导入")] == there


def test_a_log_of_which_nothing_is_read_leads_to_the_mapping(person, tmp_path):
    page = uploaded(
        person("dispatcher"),
        "import",
        file_of(tmp_path, "theirs.csv", "order_id,event,at\n1,办了,2026-10-02\n"),
    )
    assert "读不出一张工单" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("映射文件").is_visible()
