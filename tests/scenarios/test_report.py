"""The month report: one page that asks for nothing, and shows what the run and its scores hold."""

import csv
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.logs import write_log
from support.months import entry, life, lives

from paidan.engine.report.draw import shortened
from paidan.engine.report.facts import facts
from paidan.engine.report.page import render
from paidan.engine.runs import Replay, replay_files
from paidan.engine.scoring import as_json, load_run, score

ROOT = Path(__file__).resolve().parents[2]
STYLE = ROOT / "engine" / "report" / "templates" / "style.css"
VOID = {"meta", "col", "br"}
PLEASED = "resolved/satisfied/satisfied"
ANGRY = "unresolved/dissatisfied/dissatisfied"


class Element:
    def __init__(self, name, attributes, parent):
        self.name, self.parent, self.children = name, parent, []
        self.attributes = dict(attributes)

    def all(self, *names):
        """Every element below of these names, in order."""
        for child in self.children:
            if isinstance(child, Element):
                if child.name in names:
                    yield child
                yield from child.all(*names)

    @property
    def text(self):
        parts = [child.text if isinstance(child, Element) else child for child in self.children]
        return " ".join(" ".join(parts).split())

    @property
    def classes(self):
        return (self.attributes.get("class") or "").split()


class Tree(HTMLParser):
    """A page as elements; a tag that is not closed where it should be fails."""

    def __init__(self, page):
        super().__init__()
        self.root = self.at = Element("", (), None)
        self.feed(page)
        self.close()
        assert self.at is self.root, f"<{self.at.name}> is never closed"

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs, self.at)
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag, attrs):
        self.at.children.append(Element(tag, attrs, self.at))

    def handle_endtag(self, tag):
        assert tag == self.at.name, f"</{tag}> inside <{self.at.name}>"
        self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)

    def section(self, name):
        (found,) = (one for one in self.root.all("section", "footer") if one.attributes.get("id") == name)
        return found

    def rows(self, name, kind=None):
        """The rows of cells of a section's tables (of those of a class), as texts."""
        return [
            [cell.text for cell in row.all("td", "th")]
            for table in self.section(name).all("table")
            if kind is None or kind in table.classes
            for body in table.all("tbody")
            for row in body.all("tr")
        ]


def replayed(folder, policy, rows, *, units, adjustments=(), settings=None, as_of=None):
    folder.mkdir(parents=True, exist_ok=True)
    roster = folder / "units.csv"
    with roster.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows(
            [("unit", "pool"), *((unit, pool) for pool, names in units.items() for unit in names)]
        )
    entered = folder / "adjustments.csv"
    with entered.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(
            file, ["unit", "at", "code", "points", "order_id", "confirmed_by", "note"], restval=""
        )
        table.writeheader()
        table.writerows(adjustments)
    what = Replay(
        logs=[write_log(folder / "log.csv", rows)], units=roster, adjustments=entered,
        settings=settings or {}, as_of=as_of,
    )  # fmt: skip
    replay_files(what, {policy: folder / "run"})
    return folder / "run"


def month(name, number, unit, **said):
    """An order of a unit in a month of 2026: accepted on the 2nd, closed on the 6th."""
    at = f"2026-{number:02}"
    return life(name, unit, accepted=f"{at}-02 09:00", closed=f"{at}-06 12:00", **said)


def page_of(folder, name, lang="zh", **choices):
    return render(facts(folder, name, choices), lang=lang, command="again", explain="why")


def read(folder, name, lang="zh", **choices):
    return Tree(page_of(folder, name, lang, **choices))


@pytest.fixture(scope="module")
def jy(tmp_path_factory):
    """Three months of four neighbourhoods and two departments; C is worst, and talked with in April."""
    rows = []
    for number in (3, 4, 5):
        for unit in ("A", "B", "D"):
            rows += month(f"{unit}{number}", number, unit, callbacks=[PLEASED])
        for n in range(3):
            rows += month(f"C{number}{n}", number, "C", callbacks=[ANGRY])
        rows += month(f"K{number}", number, "K", callbacks=[PLEASED if number == 4 else ANGRY])
        rows += month(f"L{number}", number, "L", callbacks=[ANGRY if number == 4 else PLEASED])
    rows += month("B5x", 5, "B", callbacks=["recorded/neutral"])
    rows += life(
        "A5late", "A", accepted="2026-05-03 09:00", closed="2026-05-20 12:00", due="2026-05-08 18:00"
    )
    adjustments = [
        entry("C", "talk_branch", "1", at="2026-05-12", confirmed_by="hotline_branch_leader"),
        entry("D", "praise", "2", at="2026-05-13", note="街道通报"),
        entry("D", "praise", "1", at="2026-05-14", confirmed_by="centre_head"),
    ]
    units = {"department": "KL", "neighbourhood": "ABCDE"}
    return replayed(tmp_path_factory.mktemp("jy"), "JY", rows, units=units, adjustments=adjustments)


POLICIES = {
    "JY": ("2026-03", {"department": "AB", "neighbourhood": "C"}, {}, "district"),
    "BS": (
        "2026-03",
        {"undertaking": "AB", "support_section": "C"},
        {"handling_class": "solve_now"},
        "district",
    ),
    "YY": ("2026-03", {"department": "AB", "neighbourhood": "C"}, {"handling_class": "prompt"}, "centre"),
    "SW": ("2015-03", {"one_stop": "AB", "district_other": "C"}, {}, "third_party"),
    "ZZ": ("2026-03", {"town": "AB", "department": "C"}, {}, "mayor_platform"),
}


def plain_month(folder, policy):
    """Two months of three units under a policy: one pleases all, one none, one is called back by nobody."""
    name, units, said, source = POLICIES[policy]
    rows = []
    for at in (f"{name[:4]}-02", name):
        calls = dict.fromkeys(("result",), "effective") | {"source": source}
        for n in range(2):
            good = calls | dict.fromkeys(("satisfaction", "process_satisfaction"), "satisfied")
            good |= {"outcome": "resolved"}
            bad = calls | {"outcome": "unresolved", "satisfaction": "dissatisfied"}
            rows += life(
                f"A{at}{n}", "A", accepted=f"{at}-02 09:00", closed=f"{at}-03 12:00", callbacks=[good], **said
            )
            rows += life(
                f"B{at}{n}", "B", accepted=f"{at}-02 09:00", closed=f"{at}-20 12:00", callbacks=[bad], **said
            )
        rows += life(f"C{at}", "C", accepted=f"{at}-02 09:00", closed=f"{at}-03 12:00", **said)
    return replayed(folder, policy, rows, units=units), name


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The plain month of each policy, replayed once."""
    return cache(lambda policy: plain_month(tmp_path_factory.mktemp(policy), policy))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_of_every_policy_is_one_whole_page_that_asks_for_nothing(plain, policy, lang):
    folder, name = plain(policy)
    page = page_of(folder, name, lang)
    tree = Tree(page)
    names = {
        one.name for one in tree.root.all(*{"script", "link", "img", "iframe", "object", "form", "base"})
    }
    assert not names
    links = [value for one in tree.root.all("a") for key, value in one.attributes.items() if key == "href"]
    anchors = [one.attributes["id"] for one in tree.root.all("section", "footer")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(anchors)
    assert all(link.startswith("#") for link in links)
    assert not re.search(r"\b(?:src|on\w+)=|url\(|@import|https?://", page)
    policies = [one for one in tree.root.all("meta") if "Content-Security-Policy" in one.attributes.values()]
    assert [one.attributes["content"] for one in policies] == [
        "default-src 'none'; style-src 'unsafe-inline'"
    ]
    assert "None" not in tree.root.text
    assert "Fraction" not in page


@pytest.mark.parametrize("policy", POLICIES)
def test_a_document_without_weights_has_no_ranks_and_the_others_do(plain, policy):
    folder, name = plain(policy)
    tree = read(folder, name)
    anchors = [one.attributes["id"] for one in tree.root.all("section")]
    assert ("ranks" in anchors) is (policy not in ("YY", "SW"))
    rated = {row[0]: row[1:] for row in tree.rows("rates")}
    assert rated["A"][0].startswith("100.0%")
    assert "0.0%" in " ".join(rated["B"])


def units_of(folder, name):
    """What `score --format json` prints, by unit."""
    return {unit["unit"]: unit for unit in as_json(score(load_run(folder), name))["units"]}


def test_a_total_with_its_rank_and_movement_is_the_scores_own(jy):
    told, before = units_of(jy, "2026-05"), units_of(jy, "2026-04")
    rows = {row[2].split()[0]: row for row in read(jy, "2026-05").rows("ranks")}
    assert set(rows) == set(told) == set("ABCDEKL")
    for name, unit in told.items():
        assert (rows[name][0], rows[name][3]) == (str(unit["rank"]), unit["total"])
        moved = before[name]["rank"] - unit["rank"]
        assert rows[name][1] == ("平" if not moved else f"▲升 {moved}" if moved > 0 else f"▼降 {-moved}")
    assert {rows[name][1] for name in "KL"} == {"▲升 1", "▼降 1"}
    assert rows["C"][3] == "39.00"
    assert rows["C"][5] == "−1"


def test_what_a_total_is_made_of_is_drawn_to_scale(jy):
    tree = read(jy, "2026-05")
    (row,) = (
        row for row in tree.section("ranks").all("tr") if [cell.text for cell in row.all("td")][2:3] == ["C"]
    )
    (bars,) = (one for one in row.all("svg") if "bars" in one.classes)
    drawn = [
        [(rect.classes[0], float(rect.attributes["width"])) for rect in group.all("rect")]
        for group in bars.all("g")
    ]
    assert [title.text for title in bars.all("title")] == [
        "主办工单量 5.00 / 5", "及时处置 10.00 / 10", "先行联系 25.00 / 25", "诉求解决 0.00 / 25",
        "市民满意 0.00 / 35",
    ]  # fmt: skip
    assert [group[0] for group in drawn] == [
        ("lost", 45.0), ("lost", 95.0), ("lost", 245.0), ("lost", 245.0), ("lost", 345.0)
    ]  # fmt: skip
    assert drawn[2][1] == ("got", 245.0)
    assert len(drawn[3]) == len(drawn[4]) == 1


def test_a_figure_the_rules_leave_undefined_is_a_dash_and_no_zero(jy):
    rows = {row[0]: row[1:] for row in read(jy, "2026-05").rows("rates")}
    assert rows["E"] == ["–"] * 4
    assert rows["C"][0] == "100.0% 3/3"
    assert rows["C"][2:] == ["0.0% 0/3", "0.0% 0/3"]


def test_a_unit_without_a_rate_is_no_point_of_the_drawing(jy):
    (panel,) = (one for one in read(jy, "2026-05").section("rates").all("svg")
                if one.attributes["aria-label"] == "市民满意")  # fmt: skip
    titles = [title.text for title in panel.all("title")]
    assert len(titles) == 6
    assert not any(title.startswith("E ") for title in titles)
    assert titles[0].startswith("C 0.0%")


def test_a_rate_below_the_target_is_a_ring_and_counted(plain):
    folder, name = plain("BS")
    section = read(folder, name).section("rates")
    panels = {one.attributes["aria-label"]: one for one in section.all("svg")}
    classes = Counter(one.classes[0] for one in panels["市民满意"].all("circle"))
    assert classes == {"dot": 1, "below": 1}
    assert "目标 90%" in panels["市民满意"].text
    assert "1 家达到，1 家未达到；1 家没有分母（–）" in section.text


def test_every_judged_limit_of_the_month_stands_in_the_lateness_of_whoever_had_to_keep_it(jy):
    with (jy / "deadlines.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["due_at"].startswith("2026-05")]
    judged = [row for row in rows if row["verdict"] in ("met", "late", "overdue")]
    missed = Counter(row["rule"] for row in judged if row["verdict"] != "met")
    of = Counter(row["rule"] for row in judged)
    tree = read(jy, "2026-05")
    (head,) = (table for table in tree.section("late").all("table"))
    rules = [cell.text.split()[0] for cell in next(head.all("thead")).all("th")][1:-1]
    found = {row[0]: dict(zip(rules, row[1:], strict=False)) for row in tree.rows("late")}
    assert set(rules) == set(of)
    assert found["全部"] == {rule: f"{missed[rule]}/{of[rule]}" for rule in rules}
    assert found["A"]["JY-T09"] == "1/2"
    assert found["A"]["JY-T04"] == "0/2"
    assert found["中心（派单之前）"]["JY-T01"] == "0/10"
    assert found["A"]["JY-T01"] == "–"
    assert tree.rows("late")[1][0] == "A"


def test_the_darkness_of_a_cell_follows_the_share_that_was_missed(jy):
    cells = [cell for cell in read(jy, "2026-05").section("late").all("td") if cell.text == "1/2"]
    assert cells
    assert all(cell.classes == ["h5"] for cell in cells)


def test_what_cost_a_unit_most_comes_with_its_orders(jy):
    rows = {row[0].split()[0]: row for row in read(jy, "2026-05").rows("losses")}
    assert next(iter(rows)) == "C"
    assert rows["C"][2].startswith("市民满意 −35.00 分 3 / 3 件 JY-S06 · C50 、 C51 、 C52")
    assert rows["C"][3].startswith("诉求解决 −25.00 分 3 / 3 件")
    assert "E" not in rows


def test_without_weights_the_rates_that_fall_short_are_told(plain):
    folder, name = plain("YY")
    rows = {row[0]: row[1:] for row in read(folder, name).rows("losses")}
    assert "差 100.0 个百分点 2 / 2 件" in " ".join(rows["B"])
    assert "A" not in rows


def test_a_talk_that_was_held_lowers_its_month_and_is_shown_beside_what_led_to_it(jy):
    april, may = read(jy, "2026-04"), read(jy, "2026-05")
    (told,) = (row for row in april.rows("follows") if row[0] == "C")
    assert told[1] == "热线分管领导约谈"
    assert told[2] == "JY-E02 正文 七(三)2"
    assert told[4] == "已于 2026-05-12 举行，2026-05 减 1 分"
    assert "C：2026-04 的“热线分管领导约谈”（JY-E02）已于 2026-05-12 举行" in may.section("follows").text
    assert units_of(jy, "2026-04")["C"]["deduction"] == "0"
    assert units_of(jy, "2026-05")["C"]["deduction"] == "1"


def test_points_that_do_not_count_say_why(jy):
    rows = [row for row in read(jy, "2026-05").rows("adjustments") if row[0] == "D"]
    assert [row[3:5] for row in rows] == [["+2", "未经确认，不计（JY-G08）"], ["+1", "计入"]]
    assert rows[0][6] == "街道通报"


def test_orders_left_out_are_named_with_the_figures_without_that(tmp_path):
    asked = ("request_exclusion", "2026-03-06 13:00", {"exclusion": "military", "evidence": "file"})
    approved = ("approve_exclusion", "2026-03-06 14:00", {"role": "licensing_section"})
    rows = [
        *life("A1", "A", callbacks=[ANGRY], also=[asked, approved]),
        *life("A2", "A", callbacks=[PLEASED]),
        *life("B1", "B", callbacks=[PLEASED]),
        *life("B2", "B", callbacks=[ANGRY], also=[asked]),
    ]
    tree = read(replayed(tmp_path, "BS", rows, units={"undertaking": "AB"}), "2026-03")
    rows = tree.rows("left_out")
    (effect,) = (row for row in rows if row[0] == "A" and "→" in row[1])
    assert effect[2] == "+15.00"
    assert effect[4] == "市民满意 15.00 → 30.00"
    assert ["A", "A1", "涉军", "BS-X03", "市民满意"] in [row[:5] for row in rows]
    assert ["B", "B2", "涉军", "尚未批准"] in rows


def test_notes_stand_at_the_head(jy):
    tree = read(jy, "2026-05")
    (notes,) = (one for one in tree.root.all("ul") if "notes" in one.classes)
    assert "2026-05 尚未结束" in notes.text
    (facts_at_head,) = (one for one in tree.root.all("dl") if "facts" in one.classes)
    assert "对照 2026年4月" in facts_at_head.text


def test_a_month_before_that_the_log_has_only_in_part_is_told_so(jy):
    text = read(jy, "2026-04").root.text
    assert "2026年3月（日志自 2026-03-02 起，不满一期）" in text
    assert "无（日志没有上一期）" in read(jy, "2026-03").root.text


def test_the_first_month_shows_no_movement(jy):
    tree = read(jy, "2026-03")
    heads = [cell.text for cell in tree.section("ranks").all("th")]
    assert "升降" not in heads
    assert not [one for one in tree.section("ranks").all("svg") if "shift" in one.classes]


def test_three_months_of_ranks_are_drawn_with_the_last_named(jy):
    drawn = [one for one in read(jy, "2026-05").section("ranks").all("svg") if "ranks" in one.classes]
    assert len(drawn) == 2
    assert "2026-03 2026-04 2026-05" in drawn[1].text
    low = [text.text for text in drawn[1].all("text") if "low" in text.classes]
    assert "5 C" in low
    assert not [one for one in read(jy, "2026-04").section("ranks").all("svg") if "ranks" in one.classes]


def test_a_quarter_and_a_year_have_reports_of_their_own(jy):
    quarter = read(jy, "2026Q2")
    assert quarter.root.text.count("2026年第2季度热线考核季报") == 2
    year = read(jy, "2026")
    assert [row[1].split()[0] for row in year.rows("follows")]
    assert "取消：负责人评优" in year.section("follows").text
    assert "科室的结果用于评优" in year.section("next").text
    assert "科室的结果用于评优" not in quarter.section("next").text


def test_grades_stand_where_a_document_has_them(plain):
    folder, name = plain("ZZ")
    assert "等次" in [cell.text for cell in read(folder, name).section("ranks").all("th")]
    assert "优秀" in " ".join(map(" ".join, read(folder, name).rows("ranks")))


def test_reminders_of_the_next_month_are_told(jy):
    rows = read(jy, "2026-05").rows("next")
    assert ["2026-06-05", "月排名通报", "2026-05", "城运中心负责人", "JY-P02 正文 六、七(一)"] in rows


def test_the_foot_says_how_to_make_it_again(jy):
    text = read(jy, "2026-05", **{"jy.no_orders_ranked": "false"}).section("made").text
    assert "again" in text
    assert "jy.no_orders_ranked=false" in text
    assert "JY@2022-07-01" in text
    assert re.search(r"SHA-256 [0-9a-f]{12}…", text)
    assert "chinese-calendar" in text


EVIL = '<script>alert("1")</script>&\'`{{ 7*7 }}'


def test_a_name_may_hold_anything(tmp_path):
    rows = [
        *life(EVIL, EVIL, callbacks=[ANGRY]),
        *life("A2", EVIL, callbacks=[PLEASED]),
        *life("B1", "B", callbacks=[PLEASED]),
        *life("X", EVIL, accepted="2026-04-02 09:00", closed="2026-04-03 09:00", callbacks=[PLEASED]),
        *life("Y", EVIL, accepted="2026-05-02 09:00", closed="2026-05-03 09:00", callbacks=[PLEASED]),
    ]
    entered = [entry(EVIL, "praise", "1", confirmed_by="centre_head", note=f"</style>{EVIL}")]
    folder = replayed(tmp_path, "JY", rows, units={"department": [EVIL, "B"]}, adjustments=entered)
    for name in ("2026-03", "2026-05"):
        page = page_of(folder, name)
        tree = Tree(page)
        assert not [*tree.root.all("script")]
        assert len([*tree.root.all("style")]) == 1
        assert EVIL not in page
        assert EVIL in {cell for row in tree.rows("ranks") for cell in row}
    assert any(f"</style>{EVIL}" in row[6] for row in read(folder, "2026-03").rows("adjustments"))


def test_hundreds_of_units_are_folded_and_all_there(tmp_path):
    names = [f"U{n:03}" for n in range(120)]
    rows = [row for n, unit in enumerate(names) for row in lives(2, f"{unit}-", unit=unit, callbacks=[
        PLEASED if n % 3 else ANGRY])]  # fmt: skip
    tree = read(replayed(tmp_path, "JY", rows, units={"neighbourhood": names}), "2026-03")
    tables = [one for one in tree.section("ranks").all("table") if "ranking" in one.classes]
    folded = [table for table in tables if table.parent.name == "details"]
    shown = [table for table in tables if table not in folded]
    count = sum(len([*body.all("tr")]) for table in shown for body in table.all("tbody"))
    assert count == 20
    assert sorted(row[1] for row in tree.rows("ranks")) == names
    assert "其余 100 家" in tree.section("ranks").text


def test_a_single_unit_has_a_report(tmp_path):
    tree = read(
        replayed(tmp_path, "JY", life("A1", callbacks=[PLEASED]), units={"department": "A"}), "2026-03"
    )
    assert [row[1] for row in tree.rows("ranks")] == ["A"]
    assert "职能科室、直属单位：A（" in tree.section("overview").text


def test_a_run_without_losses_or_limits_or_entries_says_so(tmp_path):
    rows = life("A1", contact=None, received=None, due=None, callbacks=[PLEASED])
    text = read(replayed(tmp_path, "SW", [
        (order, event, at.replace("2026", "2015"), said) for order, event, at, said in rows
    ], units={"one_stop": "A"}), "2015-03").root.text  # fmt: skip
    for sentence in ("本期没有结果运用。", "本期没有录入。", "本期没有工单被剔除。", "没有须核查的工单。"):
        assert sentence in text


def test_the_same_run_gives_the_same_page(jy):
    assert page_of(jy, "2026-05") == page_of(jy, "2026-05")


def paidan(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "run_engine.py"), *map(str, arguments)],
        capture_output=True, check=False, encoding="utf-8",
    )  # fmt: skip


def test_the_command_writes_the_file_and_says_where(jy, tmp_path):
    out = tmp_path / "report.html"
    done = paidan("report", jy, "--month", "2026-05", "--out", out)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert f"报告已写入 {out}" in done.stderr
    page = out.read_text(encoding="utf-8")
    assert f"python run_engine.py report {jy} --month 2026-05 --out {out}" in Tree(page).section("made").text
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_what_could_not_be_counted_is_told_and_leaves_with_3(tmp_path):
    rows = [*life("A1", callbacks=[PLEASED]), ("A2", "receive", "no time", {})]
    bad = [entry("A", "praise", "9", confirmed_by="centre_head")]
    folder = replayed(tmp_path, "JY", rows, units={"department": "A"}, adjustments=bad)
    out = tmp_path / "report.html"
    done = paidan("report", folder, "--month", "2026-03", "--out", out)
    assert done.returncode == 3, done.stderr
    (notes,) = (one for one in Tree(out.read_text("utf-8")).root.all("ul") if "notes" in one.classes)
    assert "加减分表有 1 行未能读入" in notes.text
    assert "2 行未能读入，原因见 rejected.csv" in notes.text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--month", "2027-01"), 2),
        (("--month", "2026-05", "--year", "2026"), 2),
        ((), 2),
        (("--month", "2026-05", "--set", "limit.inclusive=false"), 2),
    ],
)
def test_a_period_that_cannot_be_reported_writes_nothing(jy, tmp_path, arguments, code):
    out = tmp_path / "report.html"
    done = paidan("report", jy, *arguments, "--out", out)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_folder_that_is_no_run_or_cannot_be_written_to_is_said(jy, tmp_path):
    assert paidan("report", tmp_path, "--month", "2026-05", "--out", tmp_path / "r.html").returncode == 5
    done = paidan("report", jy, "--month", "2026-05", "--out", tmp_path / "none" / "r.html")
    assert done.returncode != 0
    assert "none" in done.stderr


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_every_text_can_be_read_on_its_ground(scheme):
    """WCAG 2 AA: 4.5 for text, 3 for what is drawn."""
    roots = re.findall(r":root \{(.*?)\}", STYLE.read_text("utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", roots[["light", "dark", "print"].index(scheme)]))
    texts = [
        *(
            (text, ground)
            for text in ("ink", "soft", "good", "bad", "accent", "warn-ink")
            for ground in ("paper", "panel")
        ),
        ("warn-ink", "warn"),
        *(("h-dark", f"h{n}") for n in (1, 2, 3)),
        *(("h-light", f"h{n}") for n in (4, 5)),
    ]  # fmt: skip
    pale = {pair: contrast(*map(colours.get, pair)) for pair in texts}
    assert {pair: ratio for pair, ratio in pale.items() if ratio < 4.5} == {}
    drawn = [("got", "paper"), ("got", "lost"), ("bad", "paper"), ("good", "paper"), ("ink", "paper")]
    assert {
        pair: contrast(*map(colours.get, pair)) for pair in drawn if contrast(*map(colours.get, pair)) < 3
    } == {}


@pytest.mark.parametrize(
    ("text", "columns", "short"),
    [
        ("ABC", 3, "ABC"),
        ("ABCD", 4, "ABCD"),
        ("居民区", 6, "居民区"),
        ("居民区A", 6, "居民…"),
        ("", 0, ""),
    ],
)
def test_a_name_is_cut_by_the_columns_it_takes(text, columns, short):
    assert shortened(text, columns) == short
