"""The month in a real browser: ranks, sheets down to the entries, another reading, waiting, on paper."""

import shutil
from threading import Event

import pytest
from support.browsing import WALL, Person
from support.serving import served

from paidan.engine import Engine
from paidan.engine.scoring import Run, score
from paidan.policies.scoring import figures

OCTOBER = "/month?month=2026-10"


@pytest.fixture(scope="module")
def demo(month, tmp_path_factory, clock):
    """Serve the demo month with what was entered by hand."""
    file = tmp_path_factory.mktemp("demo") / "orders.db"
    shutil.copy(month / "orders.db", file)
    files = {"units": month / "units.csv", "adjustments": month / "adjustments.csv"}
    with (
        Engine.open(f"sqlite:///{file}", "JY", clock=clock, **files) as engine,
        served(engine, rate=0) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def truth(demo, month):
    """October as scored from scratch."""
    engine = demo.engine
    run = Run(
        document=engine.books.document, settings=engine.books.chosen, as_of=engine.now(),
        records=engine.records(), roster=engine.books.roster, adjustments=month / "adjustments.csv",
    )  # fmt: skip
    return score(run, "2026-10").score


def opened(somebody, path):
    """Open a page that may first say that it is being made."""
    page = somebody.open(path)
    page.wait_for_selector(".month", timeout=60_000)
    return page


def test_the_ranks_of_the_month_are_those_of_the_score_with_links_to_the_sheets(person, truth):
    page = opened(person("scorer"), OCTOBER)
    ranked = {one.unit: str(one.rank) for one in truth.units if one.rank is not None}
    shown = dict(
        page.locator("table.ranking tbody tr").evaluate_all(
            "rows => rows.map(row => [row.querySelector('a').textContent, row.cells[0].textContent])"
        )
    )
    assert ranked.items() <= shown.items()
    assert page.locator("svg.shift").count() > 10
    assert "截至 2026-10-21 10:05" in page.locator(".asof").inner_text()
    assert page.get_by_label("须知").get_by_role("listitem").count() >= 1


def test_a_unit_is_opened_to_its_items_orders_and_entries(person, demo, truth):
    page = opened(person("scorer"), OCTOBER)
    unit = next(one for one in truth.units if one.total and any(each.denominator for each in one.items))
    page.locator("table.ranking").get_by_role("link", name=unit.unit, exact=True).first.click()
    page.wait_for_url("**/month/*")
    item = next(one for one in unit.items if one.name == "contact")
    row = page.locator("#items tbody tr", has_text="先行联系")
    assert row.locator("td").nth(-4).inner_text() == str(item.numerator)
    row.get_by_role("link").click()
    page.wait_for_url("**item=contact*")
    page.locator("#lines").get_by_role("link", name="计入分子", exact=False).first.click()
    first = page.locator("table.lines tbody tr").first
    link = first.get_by_role("link").first
    order = link.inner_text()
    assert link.get_attribute("href") == f"/orders/{order}"
    assert order in item.orders
    log = demo.engine.history(order)
    cause = first.locator("td").nth(3).locator("a").first
    seq = next(one.seq for one in log if cause.inner_text().startswith(f"第{one.seq}条"))
    assert cause.get_attribute("href") == f"/orders/{order}?view=log#entry-{seq}"


def test_a_sheet_tells_why_not_a_place_higher(person, truth):
    ranked = sorted((one for one in truth.units if one.pool == "department" and one.rank), key=by_rank)
    ahead, unit, behind = ranked[5:8]
    page = opened(person("auditor"), f"/month/{unit.unit}?month=2026-10")
    tiles = page.locator(".tiles").inner_text()
    assert f"{unit.rank}\n/ {len(ranked)}" in tiles or f"{unit.rank}/ {len(ranked)}" in tiles
    for other in (ahead, behind):
        assert f"{other.unit} · {signed(other.total - unit.total)}" in tiles
    for one, other in zip(unit.items, ahead.items, strict=True):
        cells = page.locator("#items tbody tr").nth(unit.items.index(one)).locator("td").all_inner_texts()
        assert cells[1:3] == [figures.shown(one.most - one.points), figures.shown(other.points)]
    page.get_by_role("link", name=ahead.unit, exact=True).click()
    page.wait_for_url("**/month/**")
    assert ahead.unit in page.locator("h1").inner_text()


def by_rank(unit):
    return unit.rank


def signed(points):
    return f"{'+' if points > 0 else '−'}{figures.shown(abs(points))}"


def test_another_reading_stands_beside_with_what_it_moves(person):
    page = opened(person("scorer"), f"{OCTOBER}&set=bottom.tie=exactly_k")
    assert page.locator("#readings .kinds a[aria-current]").inner_text() == "exactly_k"
    page = opened(person("scorer"), OCTOBER)
    page.locator("#readings summary").click()
    page.locator("#readings").get_by_role("link", name="displayed", exact=True).first.click()
    page.wait_for_url("**set=rank.on*")
    page.wait_for_selector(".month", timeout=60_000)
    assert "rank.on = displayed" in page.locator("#read-as").inner_text()
    page.get_by_role("link", name="看它改变什么").click()
    page.get_by_role("link", name="回到现读法").click()
    page.wait_for_url(lambda url: "set=" not in url)


def test_the_month_under_another_document_is_replayed_beside_and_its_own_side_is_the_score(person, truth):
    page = opened(person("auditor"), OCTOBER)
    page.locator("#other").get_by_label("另一份文件").select_option("BS")
    page.get_by_role("button", name="并排比较").click()
    page.wait_for_url("**/replay/*")
    page.set_default_timeout(60_000)
    page.wait_for_selector("#compare h3")
    assert page.locator("#compare h3").inner_text() == "2026-10：JY 与 BS"
    assert "名册" in page.locator("#compare .soon").inner_text()
    moved = dict(
        page.locator("#compare .scroll")
        .nth(1)
        .locator("tbody tr")
        .evaluate_all(
            "rows => rows.map(row => [row.cells[0].textContent, [1, 4].map(at => row.cells[at].textContent)])"
        )
    )
    scored = {one.unit: [figures.shown(one.total), str(one.rank)] for one in truth.units if one.rank}
    assert len(moved) > 20
    assert {unit: told for unit, told in moved.items() if unit in scored}.items() <= scored.items()


def test_who_may_not_take_the_log_is_offered_no_other_document(person):
    somebody = person("main_leader")
    assert opened(somebody, OCTOBER).locator("#other").count() == 0
    asked = {"policy": "BS", "period": "2026-10"}
    assert somebody.context.request.post(f"{somebody.url}/month/other", form=asked).status == 403
    wrong = person("scorer").context.request.post(f"{somebody.url}/month/other", form={"policy": "../x"})
    assert wrong.status == 400


def test_the_pages_are_read_without_trouble(person):
    somebody = person("main_leader")
    page = opened(somebody, OCTOBER)
    assert not somebody.serious()
    page.locator("a[href^='/month/']").first.click()
    page.wait_for_selector("#items")
    page.locator("#items tbody a").first.click()
    page.wait_for_selector("#lines")
    assert not somebody.serious()


@pytest.mark.parametrize("how", [{"size": WALL}, {"lang": "en-US"}, {"script": False, "scheme": "dark"}])
def test_nothing_lies_beside_the_screen_whoever_looks(person, how):
    page = opened(person("auditor", **how), OCTOBER)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("a[href^='/month/']").first.click()
    page.wait_for_selector("#items")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_comes_before_it_is_scored_is_told_so_and_the_page_comes_by_itself(person, demo):
    release = Event()
    demo.engine.scores.ask("busy", lambda _: release.wait(60))
    try:
        page = person("scorer").open("/month?quarter=2026Q3#readings")
        assert page.get_by_role("status").inner_text().startswith("正在评分")
    finally:
        release.set()
    page.wait_for_selector("table.ranking", timeout=60_000)


def test_a_period_the_log_has_not_is_said_and_leads_back(person):
    page = person("scorer").open("/month?month=2019-01")
    page.wait_for_selector("text=2019-01")
    page.get_by_role("link", name="最近一个整月").click()
    page.wait_for_selector(".month")


def test_a_unit_is_offered_no_scores_and_gets_none(person):
    page = person("handling_unit").open("/now")
    assert page.get_by_role("link", name="月度考核").count() == 0
    assert page.goto("/month").status == 403
    assert page.goto("/month/甲科").status == 403


def test_on_paper_there_is_the_month_without_the_frame(person):
    page = opened(person("scorer"), OCTOBER)
    page.emulate_media(media="print")
    assert not page.locator("header.bar").is_visible()
    assert not page.locator("nav.periods").is_visible()
    assert page.locator("table.ranking").first.is_visible()
    rows = page.locator("table.ranking tbody tr")  # those folded up on the screen too
    assert rows.evaluate_all("rows => rows.filter(one => !one.checkVisibility()).length") == 0
    assert not page.locator("#readings").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_document_without_weights_shows_rates_and_no_totals(browser, month, clock):
    with Engine.open("memory://", "SW", clock=clock) as engine:
        engine.import_logs([month / "orders.csv"])
        with served(engine, rate=0) as made:
            somebody = Person(browser, made, "scorer")
            page = opened(somebody, OCTOBER)
            assert page.locator("table.ranking").count() == 0
            assert page.locator("#rates .panel").count() > 2
            assert page.locator("#rates tbody tr").count() > 10
            somebody.close()


def test_every_month_of_a_long_log_is_reached_by_links(browser, clock, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text("order_id,event,at,unit\nA,receive,2024-08-03 09:00:00,\n", encoding="utf-8")
    with Engine.open("memory://", "JY", clock=clock) as engine:
        engine.import_logs([log])
        with served(engine, rate=0) as made:
            somebody = Person(browser, made, "scorer")
            page = opened(somebody, "/month")
            for month in ("2025-10", "2024-10"):
                page.get_by_role("link", name="← 更早").click()
                page.wait_for_url(f"**month={month}")
                page.wait_for_selector(".month", timeout=60_000)
            page.locator("nav.periods").get_by_role("link", name="2024-08").click()
            page.wait_for_url("**month=2024-08")
            page.get_by_role("link", name="更晚 →").click()
            page.wait_for_url("**month=2025-08")
            somebody.close()
