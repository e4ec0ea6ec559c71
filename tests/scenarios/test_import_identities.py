"""What a log says of people, brought into live orders: into the vault with its entry, or nowhere."""

import json
import logging
import pickle
import random
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.importing import kill_at_random
from support.logs import life, write_log
from support.stores import KINDS, ON_DISK
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.intake.events import Ids, read_logs
from paidan.engine.intake.forms import open_logs
from paidan.engine.keys import new_key
from paidan.engine.replay import Request, replay
from paidan.engine.share import Share, Task, Under
from paidan.policies.registry import document
from paidan.storage.errors import KeyMissingError
from paidan.workflows.attributes import IDENTITY, IMPORTED
from paidan.workflows.records import BEIJING

NOW = datetime(2026, 6, 1, 9, tzinfo=BEIJING)
KEY = bytes(range(32))
TOLD = {"actor": "管理员", "reason": "信访复核", "role": "centre_head"}
WHO = {"caller": "金丝雀某某", "phone": "13970000001", "address": "暗号路九弄", "content": "密语，家里漏水"}
TEXTS = {
    "area": "暗号路九弄一带",
    "actor": "李四 13970000002",
    "evidence": "已回电 139-7000-0003",
    "unit": "甲科13970000004",
}
CANARIES = ("金丝雀", "暗号路", "密语", "13970000", "139-7000")


def one_of_canaries(order="GD1"):
    """The life of an order that names people in its columns and in its texts."""
    rows = life(order, **WHO, area=TEXTS["area"])
    rows[1][3].update(actor=TEXTS["actor"], phone="13970000005")
    rows[2][3].update(unit=TEXTS["unit"])
    rows[3][3].update(evidence=TEXTS["evidence"])
    rows[4][3].update(unit=TEXTS["unit"])
    return rows


KEPT = {
    **{(1, name): text for name, text in WHO.items()},
    (1, "area"): TEXTS["area"],
    (2, "actor"): TEXTS["actor"],
    (2, "phone"): "13970000005",
    (3, "unit"): TEXTS["unit"],
    (4, "evidence"): TEXTS["evidence"],
    (5, "unit"): TEXTS["unit"],
}
"""What a vault holds of such an order, by entry and name."""
CELLS = {"caller": 1, "phone": 2, "address": 1, "content": 1}


class Desk:
    """An engine on one store long after the log, and files beside it."""

    def __init__(self, place, folder, key=KEY):
        self.place, self.folder = place, folder
        self.clock = SimulatedClock(NOW)
        self.rejected = []
        self.engine = self.open(key)

    def open(self, key=None):
        return Engine.open(self.place.url, "JY", clock=self.clock, key=key)

    def bring(self, rows, name="log.csv", **said):
        file = write_log(self.folder / name, rows)
        return self.engine.import_logs([file], on_rejected=self.rejected.append, **said)

    def unmasked(self, order="GD1"):
        found = self.engine.unmask(order, **TOLD).identities
        values = {(one.seq, one.name): one.value for one in found}
        assert len(values) == len(found)
        return values


@pytest.fixture(params=KINDS)
def desk(request, place_of, tmp_path):
    one = Desk(place_of(request.param), tmp_path)
    yield one
    one.engine.close()


def hits(*texts):
    return [one for one in CANARIES for text in texts if one in text]


def test_identities_and_texts_as_they_were_are_kept_with_the_entry_that_says_them(desk, caplog):
    caplog.set_level(logging.DEBUG)
    done = desk.bring([*one_of_canaries(), ("GD1", "飞", "2026-03-07", WHO), *life("GD2", **WHO)])
    assert (done.applied, dict(done.identity_kept)) == (16, {name: CELLS[name] + 1 for name in CELLS})
    assert dict(done.identity_dropped) == dict.fromkeys(WHO, 1), "of the row that could not be read"
    log = [*desk.engine.history("GD1")]
    told = (repr(done), repr(desk.rejected), repr(log), caplog.text, *map(repr, caplog.records))
    assert not hits(desk.place.written(), *told)
    assert log[0].attributes["area"] == "〔地址〕一带"
    assert desk.unmasked() == KEPT
    assert desk.unmasked("GD2") == {(1, name): text for name, text in WHO.items()}
    desk.engine.export(desk.folder / "own.csv")
    assert not hits((desk.folder / "own.csv").read_text("utf-8"))


def test_without_a_vault_they_are_dropped_and_counted(place_of, tmp_path):
    for kind in KINDS:
        desk = Desk(place_of(kind), tmp_path, key=None)
        done = desk.bring(one_of_canaries())
        assert (dict(done.identity_kept), dict(done.identity_dropped)) == ({}, CELLS)
        assert not hits(desk.place.written(), repr(done))
        desk.engine.close()


def test_rows_that_are_there_already_add_nothing(desk):
    desk.bring(one_of_canaries())
    again = desk.bring(one_of_canaries(), "again.csv")
    assert (again.applied, dict(again.identity_kept), dict(again.identity_dropped)) == (0, CELLS, {})
    assert desk.unmasked() == KEPT
    later = [*one_of_canaries(), ("GD1", "note", "2026-03-08 10:00:00", {"caller": "金丝雀后来"})]
    more = desk.bring(later, "more.csv")
    assert (more.applied, more.identity_kept["caller"]) == (1, 2)
    (note,) = [one.seq for one in desk.engine.history("GD1") if one.event == "note"]
    assert desk.unmasked() == KEPT | {(note, "caller"): "金丝雀后来"}


def test_what_was_dropped_before_there_was_a_vault_stays_dropped_and_is_told(place_of, tmp_path):
    for kind in KINDS:
        desk = Desk(place_of(kind), tmp_path, key=None)
        desk.bring(one_of_canaries())
        desk.engine.close()
        desk.engine = desk.open(KEY)
        again = desk.bring(one_of_canaries())
        assert (again.applied, dict(again.identity_kept), dict(again.identity_dropped)) == (0, {}, CELLS)
        assert desk.unmasked() == {}
        desk.engine.close()


def test_a_row_that_is_refused_leaves_nothing_in_the_vault(desk):
    rows = [*life()[:4], ("GD1", "close", "2026-03-02 10:30:00", WHO), *life()[4:5]]
    rows[-1][3].update(phone="13970000009")
    for name in ("first.csv", "again.csv"):
        done = desk.bring(rows, name, enforce=True)
        assert done.refused == 1
        assert (dict(done.identity_kept), dict(done.identity_dropped)) == (
            {"phone": 1},
            dict.fromkeys(WHO, 1),
        )
        assert not hits(repr(done.refusals), str(done.refusals[0].command.private.values))
    (accepted,) = [one.seq for one in desk.engine.history("GD1") if one.event == "accept"]
    assert desk.unmasked() == {(accepted, "phone"): "13970000009"}


def test_an_imported_erase_destroys_what_was_kept_and_what_is_said_later_is_dropped(desk):
    desk.engine.submit("GD1", "receive", **WHO)
    desk.bring(life("GD2", **WHO))
    erased = ("GD1", "erase", "2026-05-01 10:00:00", {"actor": "管理员", "reason": "本人要求"})
    rows = [("GD1", "note", f"2026-05-0{day} 09:00:00", dict(WHO)) for day in (1, 2)]
    done = desk.bring([rows[0], erased, rows[1]])
    assert (done.applied, dict(done.identity_kept)) == (3, {})
    assert dict(done.identity_dropped) == dict.fromkeys(WHO, 2)
    late = desk.bring([("GD1", "note", "2026-05-03 09:00:00", WHO)], "late.csv")
    assert (late.applied, dict(late.identity_dropped)) == (1, dict.fromkeys(WHO, 1))
    assert desk.unmasked("GD2") == {(1, name): text for name, text in WHO.items()}

    def held(transaction):
        return transaction.order_key("GD1"), transaction.sealed("GD1")

    assert desk.engine._store.write(held) == (None, ())
    assert not desk.engine.unmask("GD1", **TOLD).outcome.accepted


def test_a_correction_keeps_what_it_says_was_and_should_be(desk):
    rows = [
        ("GD1", "receive", "2026-03-02 09:00:00", {"seq": "1", "area": "回电13970000001"}),
        ("GD1", "correct", "2026-03-02 10:00:00",
         {"seq": "2", "entry": "1", "field": "area", "before": "回电13970000001",
          "after": "回电13970000002处", "reason": "金丝雀来电", "caller": "金丝雀",
          "role": "centre_head", "actor": "甲"}),
    ]  # fmt: skip
    assert desk.bring(rows).applied == 2
    (correct,) = [one for one in desk.engine.history("GD1") if one.event == "correct"]
    assert (correct.attributes["before"], correct.attributes["after"]) == ("回电〔电话〕", "回电〔电话〕处")
    assert desk.unmasked() == {
        (1, "area"): "回电13970000001", (correct.seq, "before"): "回电13970000001",
        (correct.seq, "after"): "回电13970000002处", (correct.seq, "reason"): "金丝雀来电",
        (correct.seq, "caller"): "金丝雀",
    }  # fmt: skip
    assert not hits(desk.place.written())


def test_what_a_correction_says_is_masked_as_the_field_it_is_about(desk):
    said = {"role": "centre_head", "actor": "甲", "reason": "写错", "caller": "王小"}
    rows = [
        ("GD1", "receive", "2026-03-02 09:00:00", {"seq": "1"}),
        ("GD1", "dispatch", "2026-03-02 09:30:00", {"seq": "2", "unit": "甲科"}),
        ("GD1", "correct", "2026-03-02 10:00:00",
         {"seq": "3", "entry": "2", "field": "unit", "before": "甲科", "after": "王小科", **said}),
    ]  # fmt: skip
    assert desk.bring(rows).applied == 3
    (correct,) = [one for one in desk.engine.history("GD1") if one.event == "correct"]
    assert correct.attributes["after"] == "王小科", "what a caller is called changes no unit"
    assert desk.unmasked() == {(correct.seq, "caller"): "王小"}


def test_the_wide_form_names_a_caller_where_the_order_is_received(desk):
    wide = desk.folder / "宽表.csv"
    wide.write_text(
        "工单编号,受理时间,派单时间,主责部门,结案时间,caller,phone\n"
        "K1,2026-03-02 09:00,2026-03-02 09:20,甲科13970000004,2026-03-05 10:00,金丝雀,13970000001\n",
        encoding="utf-8",
    )
    for _ in range(2):
        assert dict(desk.engine.import_logs([wide]).identity_kept) == {"caller": 1, "phone": 1}
    seqs = {one.event: one.seq for one in desk.engine.history("K1")}
    units = {(seqs[event], "unit"): "甲科13970000004" for event in ("dispatch", "resolve", "close")}
    assert desk.unmasked("K1") == {(1, "caller"): "金丝雀", (1, "phone"): "13970000001", **units}


def test_what_a_mapping_adds_names_nobody_but_its_texts_are_kept(desk):
    mapping = desk.folder / "m.toml"
    mapping.write_text('first = { events = ["receive"] }\n', encoding="utf-8")
    said = {"phone": "13970000001", "area": "电13970000002"}
    log = write_log(desk.folder / "log.csv", [("K", "register", "2026-03-02 09:00:00", said)])
    done = desk.engine.import_logs([log], mapping=mapping)
    assert (done.applied, dict(done.identity_kept), dict(done.identity_dropped)) == (1, {"phone": 1}, {})
    assert [one.event for one in desk.engine.history("K")][:2] == ["receive", "register"]
    assert desk.unmasked("K") == {(1, "area"): "电13970000002", (2, "phone"): "13970000001"}


def test_an_entry_that_is_not_written_keeps_nothing(desk, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("paidan.storage.vault.Vault.keep", lambda *_: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            desk.bring(one_of_canaries())
    assert list(desk.engine._store.entries()) == []
    desk.bring(one_of_canaries())
    assert desk.unmasked() == KEPT


@pytest.mark.parametrize("kind", ON_DISK)
def test_killed_at_random_moments_and_started_again_it_keeps_each_once(kind, place_of, tmp_path, monkeypatch):
    place, key = place_of(kind), tmp_path / "master.key"
    new_key(key)
    monkeypatch.setenv("PAIDAN_KEY_FILE", str(key))
    orders = [f"GD{number:03}" for number in range(150)]
    chance = random.Random(11)
    file = write_log(tmp_path / "log.csv", [row for order in orders for row in one_of_canaries(order)])
    there = 0
    for _ in range(2):
        kill_at_random(place.url, file, NOW, there, chance)
        there = place.run("SELECT count(*) FROM paidan_entry")[0][0]
        of_those = place.run("SELECT count(*) FROM paidan_vault_value")[0][0]
        assert of_those * len(life()) == there * len(KEPT), "a transaction is both or neither"
    desk = Desk(place, tmp_path, key=None)
    done = desk.engine.import_logs([file])
    assert (done.already_there, done.applied) == (there, 8 * 150 - there)
    assert dict(done.identity_kept) == {name: 150 * count for name, count in CELLS.items()}
    assert all(desk.unmasked(order) == KEPT for order in orders)
    assert not hits(place.written())
    desk.engine.close()


@st.composite
def named_rows(draw):
    """Rows of two orders in any order, learned late or not, some alike; each has a number of its own."""
    rows = []
    for number in range(draw(st.integers(1, 14))):
        order = draw(st.sampled_from(["A", "B"]))
        event = draw(st.sampled_from(["receive", "register", "dispatch", "note", "urge", "close", "erase"]))
        at = datetime(2026, 4, 27, 8, tzinfo=BEIJING) + timedelta(minutes=draw(st.integers(0, 3)))
        said = {"seq": draw(st.sampled_from(["", "1", "2"]))}
        for name in draw(st.lists(st.sampled_from(IDENTITY), unique=True)):
            said[name] = f"{name}金丝雀{number:02}"
        if draw(st.booleans()):
            said["actor"] = f"甲1397{number:07}"
        if late := draw(st.sampled_from([0, 0, 60, 7200])):
            said["recorded_at"] = (at + timedelta(seconds=late)).isoformat()
        rows.append((order, event, at.isoformat(), said))
    return rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=named_rows(), cut=st.integers(0, 14), enforce=st.booleans())
def test_each_entry_keeps_what_its_own_row_said(tmp_path, rows, cut, enforce):
    with Engine.open("memory://", "JY", clock=SimulatedClock(NOW), key=KEY) as engine:
        log = write_log(tmp_path / "log.csv", rows)
        if cut:
            engine.import_logs([write_log(tmp_path / "cut.csv", rows[:cut])], enforce=enforce)
        done = engine.import_logs([log], enforce=enforce)
        cells = sum(name in IDENTITY for *_, said in rows for name in said)
        assert done.identity_kept.total() + done.identity_dropped.total() == cells
        for order in {row[0] for row in rows}:
            if not (entries := [one for one in engine._store.entries() if one.order_id == order]):
                continue
            wanted = {}
            if all(one.event != "erase" for one in entries):
                for entry in entries:
                    if IMPORTED in entry.attributes:
                        said = rows[int(entry.attributes[IMPORTED].partition(":")[2]) - 1][3]
                        private = {name: said[name] for name in ("actor", *IDENTITY) if name in said}
                        wanted.update({(entry.seq, name): text for name, text in private.items()})
            found = engine.unmask(order, **TOLD).identities
            assert {(one.seq, one.name): one.value for one in found} == wanted


def test_a_replay_carries_nothing_of_it(tmp_path):
    file = write_log(tmp_path / "log.csv", [*one_of_canaries(), ("GD1", "飞", "2026-03-07", WHO)])
    log = read_logs([file])
    assert not any(row.command.private.values for row in log.orders["GD1"])
    under = Under(document=document("JY"), settings=document("JY").defaults, roster=None)
    task = Task(tables=open_logs([file]), under=(under,), enforce=False, as_recorded=False)
    share = Share(task, Ids())
    assert not hits(pickle.dumps((share.log, share.tallies)).decode("utf-8", errors="replace"))
    out = tmp_path / "out"
    replay(Request(logs=(file,), document=document("JY"), out=out))
    assert not hits(*(path.read_bytes().decode(errors="replace") for path in out.iterdir()))


def test_a_command_shows_nothing_private(desk):
    from paidan.engine.intake.events import read_share
    from paidan.engine.intake.private import PrivateReader

    file = write_log(desk.folder / "log.csv", one_of_canaries())
    log = read_share(open_logs([file]), Ids(), reader=PrivateReader)
    commands = list(log.of("GD1", as_recorded=True))
    assert commands[0].private.values == {**WHO, "area": TEXTS["area"]}
    assert not hits(repr(commands), repr(log), str(commands[0]))


def test_the_command_says_what_is_in_the_vault_and_wants_its_key(tmp_path, monkeypatch):
    def paidan(*words, key=None):
        monkeypatch.setenv("PAIDAN_KEY_FILE", str(key or ""))
        done = CliRunner().invoke(app, [*map(str, words)])
        assert not hits(done.output)
        return done

    keys = tmp_path / "one.key", tmp_path / "other.key"
    for key in keys:
        new_key(key)
    db = ("--db", f"sqlite:///{tmp_path / 'a.db'}")
    file = write_log(tmp_path / "log.csv", one_of_canaries())
    done = paidan("import", file, *db, "--policy", "JY", key=keys[0])
    assert done.exit_code == 0, done.output
    assert "身份信息存于保险库：address 1, caller 1, content 1, phone 2" in done.stderr
    assert "已丢弃身份列" not in done.stderr
    for key in (None, keys[1]):
        with pytest.raises(KeyMissingError) if key is None else pytest.raises(Exception, match="key_wrong"):
            raise paidan("import", file, *db, key=key).exception
    done = paidan("import", file, *db, "--format", "json", key=keys[0])
    counts = json.loads(done.stdout)
    assert (counts["identity_cells_kept"], counts["identity_cells_dropped"]) == (CELLS, {})
    order = "GD1"
    for words in (
        ("available", order), ("history", order), ("explain", order), ("verify",), ("differences",),
        ("score", "--month", "2026-03"), ("export", "--out", tmp_path / "out.csv"),
    ):  # fmt: skip
        assert paidan(*words, *db).exit_code in (0, 3), words
    monkeypatch.setenv("PAIDAN_KEY_FILE", str(keys[0]))
    shown = CliRunner().invoke(
        app, ["unmask", order, *db, "--reason", "复核", "--actor", "甲", "--format", "json"]
    )
    assert {(one["seq"], one["name"]): one["value"] for one in json.loads(shown.stdout)} == KEPT
