"""The month's score as a workbook: every figure that `score --format json` prints, made to be printed."""

import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from support.logs import write_log
from support.months import life
from support.random_folders import listed, world_folder, worlds
from support.worlds_bs import excluded

from paidan.engine.app import Engine
from paidan.engine.databases import run_of_database
from paidan.engine.export.annex import write_annex
from paidan.engine.export.printed import sheet_name
from paidan.engine.messages import say
from paidan.engine.runs import Replay, replay_files
from paidan.engine.scoring import as_json, item_labels, load_run, score
from paidan.engine.scoring.compared import without_exclusions
from paidan.policies.reader import shown
from paidan.policies.registry import names
from paidan.policies.scoring import figures
from paidan.policies.scoring.card import Card
from paidan.workflows.records import BEIJING

ROOT = Path(__file__).resolve().parents[2]
MADE_AT = datetime(2026, 4, 3, 9, 0, tzinfo=BEIJING)
GOOD, BAD = "resolved/satisfied/satisfied", "unresolved/dissatisfied/dissatisfied"
HOSTILE = ("=1+1", "[x]:*", "甲/乙?", "@SUM(A1)", "https://example.org", "长" * 60, "-2+3", "'引'")


def annex_of(folder, name, to, lang="zh"):
    write_annex(load_run(folder), name, to, lang=lang, made_at=MADE_AT, program="paidan 1")
    return load_workbook(to)


def t(code, lang="zh"):
    return say(f"annex.{code}", lang)


def rows_of(sheet, lang="zh", key="unit"):
    """The rows below the header of a sheet by column, without the lines that stand across."""
    rows = list(sheet.iter_rows(values_only=True))
    at = next(at for at, row in enumerate(rows) if t(key, lang) in row)
    across = {one.min_row - 1 for one in sheet.merged_cells.ranges}
    return [
        dict(zip(rows[at], row, strict=True))
        for number, row in enumerate(rows)
        if number > at and number not in across
    ]


def figure(value):
    return "–" if value is None else value


def exact(cell):
    """A count as it stands in a cell: a number, or a fraction as text."""
    return None if cell == "–" else Fraction(str(cell))


def near(cell, fraction):
    """A rate as it stands in a cell, to two places of its percentage."""
    if fraction is None:
        return cell == "–"
    return cell != "–" and Fraction(str(cell)) == figures.half_up(Fraction(fraction), 4)


def points(cell, text):
    return cell == "–" if text is None else Fraction(str(cell)) == Fraction(text)


def folder_of(tmp_path, policy, rows, *, units=(), entered=(), as_of="2026-03-31 23:59:59"):
    tmp_path.mkdir(exist_ok=True)
    roster = listed(tmp_path / "units.csv", ("unit", "pool"), units) if units else None
    header = ("unit", "at", "code", "points", "order_id", "confirmed_by", "note")
    adjustments = listed(tmp_path / "entered.csv", header, entered) if entered else None
    what = Replay(
        logs=[write_log(tmp_path / "log.csv", rows)], units=roster, adjustments=adjustments,
        as_of=datetime.fromisoformat(as_of).replace(tzinfo=BEIJING),
    )  # fmt: skip
    replay_files(what, {policy: tmp_path / "run"})
    return tmp_path / "run"


@pytest.fixture(scope="module", params=names())
def months(request, tmp_path_factory):
    """Two random months under a policy, and their years: as scored, as printed, as a workbook."""
    base = tmp_path_factory.mktemp(request.param)
    found = []
    for number, one in enumerate(worlds(request.param)[:2]):
        folder = world_folder(base / str(number), one, roster=True)
        for name in (one.month, one.month[:4]):
            told = score(load_run(folder), name)
            book = annex_of(folder, name, base / f"{number}-{name}.xlsx")
            found.append((told, as_json(told), book))
    return found


def paidan(*arguments):
    done = subprocess.run(
        [sys.executable, ROOT / "run_engine.py", *map(str, arguments)],
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def rule_of(told, name, pool):
    """The rule of an item of a pool's units."""
    found = Card(told.policy).item(name, pool)
    assert found is not None
    return found


def by_unit(told, sheets):
    """The rows of the sheets of pools, by unit."""
    found = defaultdict(list)
    for sheet in sheets:
        for row in rows_of(sheet):
            found[row[t("unit")]].append(row)
    assert set(found) == {one.unit for one in told.score.units}
    return found


def pools_in(told, book):
    labels = {*told.policy.pools.values(), say("score.no_pool")}
    return [book[name] for name in book.sheetnames if name in labels]


def test_the_ranking_holds_the_totals_ranks_items_and_adjustments_of_every_unit(months):
    ranked = 0
    for told, printed, book in months:
        rows = {row[t("unit")]: row for row in rows_of(book[t("sheet.ranking")])}
        assert set(rows) == {one["unit"] for one in printed["units"]}
        weighted = t("total") in next(iter(rows.values()))
        labels = item_labels(told.policy, "zh")
        for unit in printed["units"]:
            row = rows[unit["unit"]]
            heads = {str(head).split("\n")[0]: head for head in row}
            for name, item in unit["items"].items():
                cell = row[heads[labels[name]]]
                if item["max"] is not None:
                    assert points(cell, item["points"])
                elif item["numerator"] is not None and item["denominator"] not in (None, "0"):
                    assert near(cell, Fraction(item["numerator"]) / Fraction(item["denominator"]))
                else:
                    assert cell == "–"
            for side in ("bonus", "deduction"):
                assert points(row[t(side)], figures.shown(Fraction(unit[side])))
            assert row[t("status_label")] == say(f"status.{unit['status']}")
            if weighted:
                assert points(row[t("total")], unit["total"])
                assert row[t("exact_label")] == figure(unit["exact"])
                assert row[t("rank")] == figure(unit["rank"])
                ranked += unit["rank"] is not None
            else:
                assert unit["total"] is None
            if unit["grade"]:
                assert row[t("grade_label")] == say(f"grade.{unit['grade']}")
    assert ranked or all(not any(one["total"] for one in printed["units"]) for _, printed, _ in months)


def test_a_pool_s_sheet_has_each_item_with_its_counts_its_clause_and_what_it_rests_on(months):
    for told, printed, book in months:
        rows = by_unit(told, pools_in(told, book))
        for unit in printed["units"]:
            items = [one for one in rows[unit["unit"]] if one[t("part")] == t("part.item")]
            items = [one for one in items if one[t("numerator")] is not None]  # not those entered by hand
            assert len(items) == len(unit["items"])
            for row, (name, item) in zip(items, unit["items"].items(), strict=True):
                rule = rule_of(told, name, unit["pool"])
                assert (row[t("item")], row[t("rule")]) == (rule.zh, item["rule"])
                assert (row[t("clause")] or "") == rule.clause
                assert exact(row[t("most")]) == (None if item["max"] is None else Fraction(item["max"]))
                assert points(row[t("points")], item["points"])
                assert exact(row[t("numerator")]) == (item["numerator"] and Fraction(item["numerator"]))
                assert exact(row[t("denominator")]) == (item["denominator"] and Fraction(item["denominator"]))
                assert row[t("why")]
            *_, total = rows[unit["unit"]]
            assert total[t("part")] == t("part.total")
            assert points(total[t("points")], unit["total"])
            assert unit["exact"] is None or unit["exact"] in total[t("why")]
            assert total[t("rank")] == figure(unit["rank"])
            for side in ("bonus", "deduction"):
                for row in rows[unit["unit"]]:
                    if row[t("item")] == t(f"{side}_sum"):
                        assert points(row[t("points")], figures.shown(Fraction(unit[side])))


def test_every_rate_stands_with_its_two_counts(months):
    for _, printed, book in months:
        rates = [rate for unit in sorted(printed["units"], key=lambda one: one["unit"])
                 for rate in unit["rates"].values()]  # fmt: skip
        rows = sorted(rows_of(book[t("sheet.rates")]), key=lambda row: row[t("unit")])
        assert len(rows) == len(rates)
        for row, rate in zip(rows, rates, strict=True):
            assert exact(row[t("numerator")]) == (rate["numerator"] and Fraction(rate["numerator"]))
            assert exact(row[t("denominator")]) == (rate["denominator"] and Fraction(rate["denominator"]))
            assert near(row[t("rate")], rate["exact"])
            assert row[t("exact_label")] == figure(rate["exact"])


def test_adjustments_are_all_there_counted_or_not(months):
    seen = 0
    for told, printed, book in months:
        rows = rows_of(book[t("sheet.adjustments")])
        assert len(rows) == sum(sum(unit["adjustments"].values()) for unit in printed["units"])
        for unit in told.score.units:
            mine = [row for row in rows if row[t("unit")] == unit.unit]
            for row, line in zip(mine, (*unit.adjustments, *unit.findings), strict=True):
                one = getattr(line, "adjustment", line)
                at = one.at.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)
                assert row[t("at")].replace(microsecond=0) == at
                assert (row[t("order")] or "") == one.order_id
                if line is not one:
                    assert exact(row[t("entered")]) == line.points
                    assert row[t("counted")] == t("yes" if line.counted else "no")
                seen += 1
    assert seen


def test_consequences_stand_with_what_led_to_them(months):
    for _, printed, book in months:
        rows = rows_of(book[t("sheet.consequences")])
        assert [(row[t("rule")], row[t("unit")], row[t("because")]) for row in rows] == [
            (one["rule"], one["unit"], one["because"]) for one in printed["consequences"]
        ]
        for row, one in zip(rows, printed["consequences"], strict=True):
            assert (row[t("orders")] or "").split() == one["orders"]
            assert len([step for step in (row[t("trail")] or "").split("\n") if step]) == len(one["trail"])


def test_the_evidence_opens_each_item_to_the_orders_that_its_counts_are_of(months):
    for told, printed, book in months:
        within = defaultdict(set)
        weights: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
        for row in rows_of(book[t("sheet.evidence")]):
            key = row[t("unit")], row[t("item")], row[t("rule")]
            assert row[t("order")] is None or isinstance(row[t("order")], str)
            if row[t("within")] == t("yes"):
                within[key].add(row[t("order")])
                weights[key] += Fraction(str(row[t("weight")]))
            if row[t("time")] not in (None, "–"):
                assert isinstance(row[t("time")], datetime)
        for unit in printed["units"]:
            for name, item in unit["items"].items():
                rule = rule_of(told, name, unit["pool"])
                key = unit["unit"], rule.zh, item["rule"]
                if rule.kind == "ratio":
                    assert within[key] == set(item["orders"])
                    assert weights[key] == Fraction(item["numerator"])


def test_settings_and_notes_are_those_of_the_score(months):
    for told, printed, book in months:
        rows = {row[t("setting")]: row for row in rows_of(book[t("sheet.settings")], key="setting")}
        for name, row in rows.items():
            assert (row[t("value")] or "") == shown(told.policy.settings[name])
        changed = {name for name, row in rows.items() if row[t("changed")] == t("yes")}
        assert changed == set(printed["settings"])
        notes = [row[t("what")] for row in rows_of(book[t("sheet.notes")], key="what") if row[t("number")]]
        assert [one for one in notes if one != t("nothing")] == printed["notes"]


def test_the_cover_says_what_it_was_made_from(months):
    for told, printed, book in months:
        rows = [row[:2] for row in book[t("sheet.cover")].iter_rows(values_only=True)]
        cover = dict(rows)
        assert cover[t("cover.version")] == printed["policy"]
        assert cover[t("cover.made_at")] == MADE_AT.replace(tzinfo=None)
        assert cover[t("cover.calendar")].startswith("chinese-calendar")
        assert {len(cover[name]) for name in ("log.csv", "units.csv", "adjustments.csv")} == {64}
        assert told.scoring.card.policy.title in rows[0][0]


def test_every_sheet_prints_across_a4_with_its_header_on_each_page(months):
    for _, _, book in months:
        for sheet in book.worksheets:
            setup = sheet.page_setup
            assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert (int(setup.fitToWidth or 1), int(setup.fitToHeight)) == (1, 0)
            assert sheet.print_title_rows.startswith("$1:$")
            assert sheet.freeze_panes == f"A{int(sheet.print_title_rows.rpartition('$')[2]) + 1}"
            assert "&P" in sheet.oddFooter.center.text
            assert sheet.title == sheet_name(sheet.title)


def test_under_a_document_without_points_there_are_rates_and_no_total(tmp_path):
    rows = [*life("A1", "A", callbacks=[GOOD]), *life("B1", "B", callbacks=[BAD])]
    for policy in ("YY", "SW"):
        at = {"YY": "2026-03", "SW": "2015-03"}[policy]
        moved = [(order, event, time.replace("2026", at[:4]), said) for order, event, time, said in rows]
        folder = folder_of(tmp_path / policy, policy, moved, as_of=f"{at}-31 23:59:59")
        book = annex_of(folder, at, tmp_path / f"{policy}.xlsx")
        sheet = book[t("sheet.ranking")]
        assert sheet["A2"].value == t("no_total")
        (first, *_) = rows_of(sheet)
        assert not {t("rank"), t("total"), t("exact_label")} & set(first)


def test_movement_is_against_the_month_before(tmp_path):
    rows = []
    for month, best in ((2, "A"), (3, "B")):
        for unit in "ABC":
            answer = GOOD if unit == best else "resolved/neutral" if unit == "C" else BAD
            at = f"2026-{month:02}"
            rows += life(f"{unit}{month}", unit, accepted=f"{at}-02 09:00", closed=f"{at}-06 12:00",
                         callbacks=[answer])  # fmt: skip
    folder = folder_of(tmp_path, "JY", rows, units=[(unit, "neighbourhood") for unit in "ABC"])
    book = annex_of(folder, "2026-03", tmp_path / "a.xlsx")
    moved = {row[t("unit")]: (row[t("rank_before")], row[t("rank")], row[t("moved")])
             for row in rows_of(book[t("sheet.ranking")])}  # fmt: skip
    assert moved == {"B": (3, 1, 2), "C": (2, 2, 0), "A": (1, 3, -2)}


def test_exclusions_stand_with_the_scores_without_and_with_them(tmp_path):
    refused = excluded("E", "A", "military", evidence="")
    rows = [*excluded("X", "A", "military"), *refused, *life("G", "A", callbacks=[GOOD])]
    rows += life("H", "B", callbacks=[GOOD])
    folder = folder_of(tmp_path, "BS", rows, units=[("A", "undertaking"), ("B", "undertaking")])
    book = annex_of(folder, "2026-03", tmp_path / "a.xlsx")
    run = load_run(folder)
    beside = without_exclusions(run, "2026-03")
    (change,) = beside.comparison.changes
    moved = rows_of(book[t("sheet.exclusions")])
    assert {row[t("unit")] for row in moved} == {"A"}
    assert change.before is not None
    assert change.after is not None
    for row, item in zip(moved, change.items, strict=True):
        assert points(row[t("total_before")], figures.shown(change.before.total or Fraction(0)))
        assert points(row[t("total_after")], figures.shown(change.after.total or Fraction(0)))
        assert points(row[t("item_before")], figures.shown(item.before or Fraction(0)))
        assert points(row[t("item_after")], figures.shown(item.after or Fraction(0)))
    left = {row[t("order")]: (row[t("counted")], row[t("situation")]) for row in rows_of(
        book[t("sheet.left_out")])}  # fmt: skip
    assert left == {"X": (t("yes"), "涉军"), "E": (t("no"), "涉军")}


def test_rows_that_were_not_counted_are_all_told(tmp_path):
    rows = life("A1", "A", callbacks=[GOOD])
    entered = [(f"无此单位{number}", "2026-03-10", "praise", "1", "", "", "") for number in range(7)]
    folder = folder_of(tmp_path, "JY", rows, units=[("A", "neighbourhood")], entered=entered)
    book = annex_of(folder, "2026-03", tmp_path / "a.xlsx")
    told = [row[t("what")] for row in rows_of(book[t("sheet.notes")], key="what")]
    for number, (unit, *_) in enumerate(entered, start=1):
        assert any(one.startswith(f"第 {number} 行") and unit in one for one in told)


def test_a_live_database_has_its_sheets_too(tmp_path):
    folder = folder_of(tmp_path, "JY", life("A1", "A", callbacks=[GOOD]), units=[("A", "neighbourhood")])
    url = f"sqlite:///{tmp_path / 'live.db'}"
    with Engine.open(url, policy="JY") as engine:
        engine.import_logs([tmp_path / "log.csv"])
    run = run_of_database(url, tmp_path / "units.csv")
    write_annex(run, "2026-03", tmp_path / "a.xlsx", made_at=MADE_AT, program="paidan 1")
    book = load_workbook(tmp_path / "a.xlsx")
    (row,) = rows_of(book[t("sheet.ranking")])
    (unit,) = score(load_run(folder), "2026-03").score.units
    assert points(row[t("total")], figures.shown(unit.total or Fraction(0)))
    names_told = [one[0] for one in book[t("sheet.cover")].iter_rows(values_only=True)]
    assert t("cover.database") in names_told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hostile_name_is_text_and_no_formula_or_link(lang, tmp_path):
    rows = [row for number, unit in enumerate(HOSTILE) for row in life(f"=O{number}", unit, callbacks=[GOOD])]
    entered = [(unit, "2026-03-10", "praise", "1", "", "centre_head", "=HYPERLINK(1)") for unit in HOSTILE]
    units = [(unit, "neighbourhood") for unit in HOSTILE]
    folder = folder_of(tmp_path, "JY", rows, units=units, entered=entered)
    book = annex_of(folder, "2026-03", tmp_path / "a.xlsx", lang)
    ranking = rows_of(book[t("sheet.ranking", lang)], lang)
    assert {row[t("unit", lang)] for row in ranking} == set(HOSTILE)
    assert {row[t("note", lang)] for row in rows_of(book[t("sheet.adjustments", lang)], lang)} == {
        "=HYPERLINK(1)"
    }
    with zipfile.ZipFile(tmp_path / "a.xlsx") as whole:
        for name in whole.namelist():
            assert not re.search(rb"<(f|hyperlink|oleLink|ddeLink)[ >/]", whole.read(name)), name


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=10))
def test_a_sheet_always_has_a_name_of_its_own_that_it_may_have(texts):
    taken: list[str] = []
    for text in texts:
        name = sheet_name(text, taken)
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert not set(name) & set("[]:*?/\\")
        assert "'" not in (name[0], name[-1])
        assert name.casefold() not in {one.casefold() for one in taken} | {"history"}
        taken.append(name)


def test_the_command_writes_the_workbook_whole_or_not_at_all(tmp_path):
    folder = folder_of(tmp_path, "JY", life("A1", "A", callbacks=[GOOD]))
    asked = ("score", folder, "--month", "2026-03")
    to = tmp_path / "a.xlsx"
    done = paidan(*asked, "--format", "xlsx", "--out", to)
    assert (done.returncode, done.stdout) == (0, "")
    assert str(to) in done.stderr
    assert load_workbook(to).sheetnames[:2] == [t("sheet.cover"), t("sheet.ranking")]
    for wrong in (("--out", to), ("--format", "xlsx", "--out", to, "--exclusions")):
        assert paidan(*asked, *wrong).returncode == 2
    gone = tmp_path / "gone" / "a.xlsx"
    refused = paidan(*asked, "--format", "xlsx", "--out", gone)
    assert refused.returncode == 3
    assert not gone.parent.exists()


@pytest.mark.long
def test_two_thousand_units_are_no_trouble(tmp_path):
    units = [f"单位{number:04}" for number in range(2000)]
    rows = [
        row
        for number, unit in enumerate(units)
        for row in life(f"W{number}", unit, callbacks=[GOOD if number % 3 else BAD])
    ]
    folder = folder_of(tmp_path, "JY", rows, units=[(unit, "neighbourhood") for unit in units])
    began = datetime.now(BEIJING)
    book = annex_of(folder, "2026-03", tmp_path / "a.xlsx")
    assert (datetime.now(BEIJING) - began).total_seconds() < 120
    assert len(rows_of(book[t("sheet.ranking")])) == 2000
