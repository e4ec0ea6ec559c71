"""A replay folder judged again: the same rules give the same tables, others what they give the log."""

import shutil
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import sixth
from support.logs import life, summary_of, table, write_log

from paidan.engine import crew
from paidan.engine.demo.files import write_demo
from paidan.engine.errors import InputError, NotFoundError
from paidan.engine.intake.mapping import read_mapping
from paidan.engine.intake.values import instant
from paidan.engine.rejudge import Variant, rejudge
from paidan.engine.replay import Request, replay
from paidan.engine.runs import Replay, Run, replay_files
from paidan.engine.scoring import load_run
from paidan.policies.errors import SettingError
from paidan.policies.registry import document, names
from paidan.workflows.attributes import ATTRIBUTE_OF, SAYABLE, Holds
from paidan.workflows.records import BEIJING
from paidan.workflows.work_order import EVENTS

ROOT = Path(__file__).resolve().parents[2]
JUDGED = ("transitions.csv", "deadlines.csv", "orders.jsonl", "attributes.jsonl")
TABLES = (*JUDGED, "deviations.csv")
STRANGE = ("A,1", 'A"1"', "A\n1", "order_id", "甲１", "A", "A1", "{", "A\u20281")


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """The demo month replayed under each document, those with its pools with its units."""
    base = tmp_path_factory.mktemp("month")
    files = write_demo(base / "demo")
    for name in names():
        units, adjustments = (files.units, files.adjustments) if name == "JY" else (None, None)
        replay_files(Replay(logs=[files.orders], units=units, adjustments=adjustments), {name: base / name})
    return base


def differing(one, other):
    return {path.name for path in one.iterdir() if path.read_bytes() != (other / path.name).read_bytes()} | {
        path.name for path in other.iterdir() if not (one / path.name).exists()
    }


def judged(tmp_path, rows, name="JY", **options):
    """Replay rows under a document, then judge them again under the same; give both folders."""
    log = write_log(tmp_path / "log.csv", rows)
    first, again = tmp_path / "first", tmp_path / "again"
    replay(Request(logs=(log,), document=document(name), out=first, **options))
    rejudge(first, [Variant(document=Run(first).document)], [again])
    return first, again


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared out"])
@pytest.mark.parametrize("name", names())
def test_under_its_own_rules_a_folder_comes_out_byte_by_byte(tmp_path, month, name, shared, monkeypatch):
    if shared:
        monkeypatch.setattr(crew, "_LARGE", 1 << 14)
        monkeypatch.setattr(crew, "_cores", lambda: 3)
    run = Run(month / name)
    (summary,) = rejudge(run.folder, [Variant(document=run.document)], [tmp_path])
    assert differing(run.folder, tmp_path) <= {"summary.json", "rejected.csv"}
    before = run.summary
    assert all(summary[key] == before[key] for key in ("versions", "as_of", "calendar", "orders", "verdicts"))
    assert summary["events"]["applied"] == before["events"]["applied"] == summary["events"]["read"]
    assert summary == summary_of(tmp_path)
    assert load_run(tmp_path).as_of == run.as_of


def test_under_every_document_in_one_reading_it_is_what_each_gives_the_log(tmp_path, month):
    out = [tmp_path / name for name in names()]
    summaries = rejudge(month / "JY", [Variant(document=document(name)) for name in names()], out)
    for name, folder, summary in zip(names(), out, summaries, strict=True):
        anew = month / name
        assert all((folder / one).read_bytes() == (anew / one).read_bytes() for one in JUDGED)
        what = ("order_id", "event", "at", "rule", "clause", "reason", "action")
        assert [[row[one] for one in what] for row in table(folder, "deviations")] == [
            [row[one] for one in what] for row in table(anew, "deviations")
        ]
        assert summary["verdicts"] == summary_of(anew)["verdicts"]
        assert summary["rejudged"]["policy"] == "JY"
        assert summary["rejudged"]["inputs"] == summary_of(month / "JY")["inputs"]


def test_a_folder_judged_again_can_be_judged_again(tmp_path, month):
    rejudge(month / "JY", [Variant(document=document("BS"))], [tmp_path / "BS"])
    rejudge(tmp_path / "BS", [Variant(document=document("YY"))], [tmp_path / "YY"])
    assert all((tmp_path / "YY" / one).read_bytes() == (month / "YY" / one).read_bytes() for one in JUDGED)


def test_a_deviation_names_the_row_of_the_log_where_the_folder_tells_it(tmp_path):
    rows = [row for row in life() if row[1] != "register"]
    first, again = judged(tmp_path, rows)
    assert [row["row"] for row in table(again, "deviations")] == ["2"]
    rejudge(first, [Variant(document=document("YY"))], [tmp_path / "YY"])
    places = {row["event"]: (row["source"], row["row"]) for row in table(tmp_path / "YY", "deviations")}
    assert places["dispatch"] == ("log.csv", "2")
    assert not differing(first, again) - {"summary.json"}


def test_of_like_events_in_one_second_of_which_some_deviated_the_row_of_the_folder_is_named(tmp_path):
    rows = life()
    first, again = judged(tmp_path, [*rows[:3], rows[2], *rows[3:], ("GD1", "dispatch", rows[2][2], {})])
    (before,) = [row for row in table(first, "deviations") if row["event"] == "dispatch"]
    (after,) = [row for row in table(again, "deviations") if row["event"] == "dispatch"]
    assert (before["source"], before["row"]) == ("log.csv", "10")
    assert (after["source"], after["row"]) == ("transitions.csv", "4")
    assert {**before, "source": "", "row": ""} == {**after, "source": "", "row": ""}


def test_events_that_a_mapping_added_are_told_of_without_a_row_again(tmp_path):
    mapping = read_mapping(ROOT / "docs" / "howto" / "mappings" / "helpdesk.toml")
    log = ROOT / "tests" / "data" / "helpdesk.xes"
    first, again = tmp_path / "first", tmp_path / "again"
    replay(Request(logs=(log,), document=document("JY"), out=first, mapping=mapping))
    assert "0" in {row["row"] for row in table(first, "deviations")}
    (summary,) = rejudge(first, [Variant(document=document("JY"))], [again])
    assert differing(first, again) <= {"summary.json", "rejected.csv"}
    events = summary["events"]
    assert events["read"] == events["applied"] == len(applied(first)) - unplaced(first)


def applied(folder):
    return [row for row in table(folder, "transitions") if row["event"] != "time_out"]


def unplaced(folder):
    return len({(row["order_id"], row["event"]) for row in table(folder, "deviations") if row["row"] == "0"})


def test_orders_of_any_id_are_found_and_judged_again(tmp_path):
    rows = [row for one in STRANGE for row in life(one)]
    fake = "x\nA1,1,receive,,received,2026-03-02T09:00:00+08:00,,,,,"
    note = ("A0", "note", "2026-03-03", {"actor": fake})
    first, again = judged(tmp_path, [*rows, note])
    assert not differing(first, again) - {"summary.json"}
    assert {*STRANGE, "A0"} == {row["order_id"] for row in table(first, "transitions")}
    run = Run(first)
    by_time = sorted(life(), key=lambda row: row[2])
    for one in STRANGE:
        entries, _ = run.log(one)
        assert {entry.order_id for entry in entries} == {one}
        assert [entry.event for entry in entries if not entry.rule] == [event for _, event, _, _ in by_time]
        assert entries[0].attributes == {"order_due": instant("2026-03-20 18:00:00")}
    assert [entry.actor for entry in run.log("A0")[0]] == [fake]
    for nobody in ("A2", "B", "GD", '"', "\ud800"):
        with pytest.raises(NotFoundError):
            run.log(nobody)


def test_an_order_whose_events_said_nothing_is_found_in_a_folder_where_none_did(tmp_path):
    first, again = judged(tmp_path, [("GD1", "receive", "2026-03-02 09:00:00", {})])
    assert (first / "attributes.jsonl").read_bytes() == b""
    assert [entry.attributes for entry in Run(first).log("GD1")[0]][:1] == [{}]
    assert not differing(first, again) - {"summary.json"}


def test_a_log_without_an_event_is_judged_again(tmp_path):
    first, again = judged(tmp_path, [])
    assert not differing(first, again) - {"summary.json"}


def test_settings_carry_over_the_chosen_on_top_and_those_the_other_lacks_are_told(tmp_path):
    first = tmp_path / "first"
    log = write_log(tmp_path / "log.csv", life())
    chosen = {"jy.dispatch_clock_start": "received_at", "wd.count_receipt_day": True}
    replay(Request(logs=(log,), document=document("JY"), out=first, settings=chosen))
    variants = [
        Variant(document=document("JY")),
        Variant(document=document("YY")),
        Variant(document=document("JY"), settings={"jy.dispatch_clock_start": "registered_at"}),
    ]
    own, other, on_top = rejudge(first, variants, [tmp_path / str(number) for number in range(3)])
    assert own["settings"] == chosen
    assert not own["rejudged"]["settings_dropped"]
    assert other["settings"] == {"wd.count_receipt_day": True}
    assert other["rejudged"]["settings_dropped"] == {"jy.dispatch_clock_start": "received_at"}
    assert on_top["settings"] == {"wd.count_receipt_day": True}
    anew = tmp_path / "anew"
    replay(Request(logs=(log,), document=document("JY"), out=anew, settings=on_top["settings"]))
    assert not differing(anew, tmp_path / "2") - {"summary.json"}


def test_a_chosen_setting_that_the_document_lacks_is_refused_and_nothing_written(tmp_path, month):
    variant = Variant(document=document("YY"), settings={"jy.dispatch_clock_start": "received_at"})
    with pytest.raises(SettingError):
        rejudge(month / "JY", [variant], [tmp_path / "out"])
    assert not (tmp_path / "out").exists()


def test_units_stay_where_their_pools_are_known_and_are_dropped_as_a_whole_where_one_is_not(tmp_path):
    units = tmp_path / "roster.csv"
    units.write_text("unit,pool\nA,department\nB,neighbourhood\nC,nowhere\n", "utf-8")
    first = tmp_path / "first"
    replay_files(Replay(logs=[write_log(tmp_path / "log.csv", life())], units=units), {"JY": first})
    known, unknown = rejudge(
        first, [Variant(document=document(name)) for name in ("YY", "ZZ")], [tmp_path / "YY", tmp_path / "ZZ"]
    )
    assert not known["rejudged"]["units_dropped"]
    roster = load_run(tmp_path / "YY").roster
    assert roster is not None
    assert roster.pool_of("B", date(2026, 3, 2)) == "neighbourhood"
    assert [row["value"] for row in table(tmp_path / "YY", "rejected")] == ["nowhere"]
    assert unknown["rejudged"]["units_dropped"]
    assert load_run(tmp_path / "ZZ").roster is None
    assert not table(tmp_path / "ZZ", "rejected")


def test_without_units_none_are_said_to_be_dropped(tmp_path, month):
    (summary,) = rejudge(month / "YY", [Variant(document=document("ZZ"))], [tmp_path])
    assert not summary["rejudged"]["units_dropped"]


def test_what_an_enforced_run_refused_stays_away_and_is_counted(tmp_path):
    rows = [row for row in life() if row[1] != "register"]
    first, again = judged(tmp_path, rows, enforce=True)
    assert summary_of(first)["events"]["refused"] > 0
    summary = summary_of(again)
    assert summary["mode"] == "enforce"
    assert summary["rejudged"]["mode"] == "enforce"
    assert summary["rejudged"]["events"] == summary_of(first)["events"]
    assert summary["events"]["refused"] == 0
    assert all((first / one).read_bytes() == (again / one).read_bytes() for one in JUDGED)


def test_a_run_as_recorded_comes_out_by_time_and_says_so(tmp_path):
    late = [*life()[:-3], ("GD1", "resolve", "2026-03-05 11:00:00", {"recorded_at": "2026-03-25 09:00:00"})]
    first, again = judged(tmp_path, late, as_recorded=True)
    summary = summary_of(again)
    assert (summary["order"], summary["rejudged"]["order"]) == ("at", "recorded")
    anew = tmp_path / "anew"
    replay(Request(logs=(tmp_path / "log.csv",), document=document("JY"), out=anew, as_of=Run(first).as_of))
    assert all((anew / one).read_bytes() == (again / one).read_bytes() for one in TABLES)


@pytest.mark.parametrize("shared", [False, True], ids=["alone", "shared out"])
def test_the_as_of_time_stays_and_what_came_after_it_is_counted(tmp_path, shared, monkeypatch):
    if shared:
        monkeypatch.setattr(crew, "_LARGE", 1 << 10)
        monkeypatch.setattr(crew, "_cores", lambda: 2)
    rows = [row for number in range(200) for row in life(f"GD{number:03}")]
    first, again = judged(tmp_path, rows, as_of=instant("2026-03-05 23:59:59"))
    assert summary_of(again)["as_of"] == "2026-03-05T23:59:59+08:00"
    assert summary_of(again)["rejudged"]["events"]["after_as_of"] == 400
    assert not differing(first, again) - {"summary.json"}


def test_a_value_the_other_document_does_not_allow_is_rejected_with_its_event(tmp_path):
    six = document(str(sixth.write(tmp_path / "LX")))
    rows = [
        row if row[1] != "dispatch" else (*row[:3], {**row[3], "handling_class": "same_day"})
        for row in (*life("A"), *life("B"))
    ]
    rows[2] = life("A")[2]
    log = write_log(tmp_path / "log.csv", rows)
    first, out = tmp_path / "first", [tmp_path / "again", tmp_path / "JY"]
    replay(Request(logs=(log,), document=six, out=first))
    own, other = rejudge(first, [Variant(document=six), Variant(document=document("JY"))], out)
    assert not differing(first, out[0]) - {"summary.json"}
    assert own["events"]["rejected"] == 0
    assert other["events"] == {"read": 16, "applied": 15, "refused": 0, "rejected": 1, "after_as_of": 0}
    (row,) = table(out[1], "rejected")
    entry = table(first, "transitions")[int(row["row"]) - 1]
    assert (row["source"], entry["order_id"], entry["event"]) == ("transitions.csv", "B", "dispatch")
    assert (row["order_id"], row["column"], row["value"]) == ("B", "handling_class", "same_day")
    anew = tmp_path / "anew"
    replay(Request(logs=(log,), document=document("JY"), out=anew))
    assert all((anew / one).read_bytes() == (out[1] / one).read_bytes() for one in JUDGED)


def values(name):
    one = ATTRIBUTE_OF[name]
    if one.holds is Holds.FLAG:
        return st.sampled_from(["是", "false"])
    if one.choices:
        return st.sampled_from([*one.choices, *one.choices.values()])
    if one.holds is Holds.TEXT:
        return st.sampled_from(["甲，乙", 'a "b", c\nd', "无", "{}"])
    return st.sampled_from(["2026-05-06", "2026/5/20 9:32:09"])


@st.composite
def logs(draw):
    """Events of two orders, usual lives and anything else, some within one second."""
    asked = [event.name for event in EVENTS if not event.by_engine and event.name != "correct"]
    usual = [row[1] for row in life()]
    told = st.lists(st.one_of(st.sampled_from(usual), st.sampled_from(asked)), max_size=14)
    rows = []
    for order_id in ("A", "B"):
        at = datetime(2026, 4, 27, 8, tzinfo=BEIJING)
        for event in draw(told):
            at += timedelta(seconds=draw(st.sampled_from([0, 0, 1, 1800, 40_000, 300_000])))
            names_said = st.sampled_from(sorted(SAYABLE.get(event, ())) or [""])
            said = {name: draw(values(name)) for name in draw(st.sets(names_said, max_size=3)) if name}
            said |= {
                "unit": draw(st.sampled_from(["", "甲", "乙"])),
                "role": draw(st.sampled_from(["", "区"])),
            }
            rows.append((order_id, event, at.isoformat(" "), said))
    return draw(st.permutations(rows))


@pytest.mark.parametrize("enforce", [False, True], ids=["observe", "enforce"])
@settings(max_examples=40)
@given(rows=logs(), name=st.sampled_from(names()))
def test_whatever_happened_comes_out_as_it_was_and_no_place_is_made_up(enforce, rows, name):
    with tempfile.TemporaryDirectory() as folder:
        first, again = judged(Path(folder), rows, name, enforce=enforce)
        assert all((first / one).read_bytes() == (again / one).read_bytes() for one in JUDGED)
        before = [row for row in table(first, "deviations") if row["action"] == "applied"]
        for one, other in zip(before, table(again, "deviations"), strict=True):
            place = (other["source"], other["row"])
            if other["source"] == "transitions.csv":
                row = table(first, "transitions")[int(other["row"]) - 1]
                assert all(row[what] == one[what] for what in ("order_id", "event", "at"))
                place = (one["source"], one["row"])
            assert one == {**other, "source": place[0], "row": place[1]}


def test_files_of_a_folder_that_do_not_go_together_are_refused(tmp_path):
    first, again = judged(tmp_path, [*life("A"), *life("B")])
    of_a, of_b = (first / "attributes.jsonl").read_text("utf-8").splitlines(keepends=True)
    broken = [of_a + of_b.replace('"B"', '"C"'), of_a + of_b[:-9], of_b + of_a]
    for text in broken:
        (first / "attributes.jsonl").write_text(text, "utf-8")
        with pytest.raises(InputError):
            rejudge(first, [Variant(document=document("JY"))], [again])
    (first / "attributes.jsonl").unlink()
    with pytest.raises(InputError):
        rejudge(first, [Variant(document=document("JY"))], [again])
    shutil.rmtree(first)
    with pytest.raises(InputError):
        rejudge(first, [Variant(document=document("JY"))], [again])
    assert summary_of(again)["orders"]["total"] == 2, "the earlier result stands"
