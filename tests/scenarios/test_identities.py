"""Identities in each store: kept under a key per order, shown with a reason, erased for good."""

import json
import os
import sqlite3
import subprocess
import sys
from base64 import b64decode
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from support.logs import table
from support.stores import KINDS, ON_DISK

from paidan.engine import Engine
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.engine.databases import log_of_database, run_of_database
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.export.run_folder import written
from paidan.engine.replay import Request, replay
from paidan.policies.registry import document
from paidan.storage import open_store
from paidan.storage.errors import KeyMissingError, KeyWrongError
from paidan.storage.vault import vault_of
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
KEY, OTHER = bytes(range(32)), bytes(32)
SAID = {"caller": "欧阳某某", "phone": "13912345678", "address": "某路九弄", "content": "漏水第三次"}
TOLD = {"actor": "管理员", "reason": "信访复核", "role": "centre_head"}
CHECKOUT = Path(__file__).resolve().parents[2]


class Desk:
    """An engine with a vault on one store, whose clock goes on a minute with each command."""

    def __init__(self, place, key=KEY):
        self.place = place
        self.clock = SimulatedClock(NINE)
        self.engine = self.open(key=key)

    def open(self, **said):
        return Engine.open(self.place.url, clock=self.clock, **said)

    def do(self, event, order="A", **said):
        self.clock.advance_to(self.clock.now() + timedelta(minutes=1))
        outcome = self.engine.submit(order, event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def unmasked(self, order="A"):
        return {(one.seq, one.name): one.value for one in self.engine.unmask(order, **TOLD).identities}


@pytest.fixture(params=KINDS)
def desk(request, place_of):
    one = Desk(place_of(request.param))
    yield one
    one.engine.close()


@pytest.fixture
def lite(place_of):
    one = Desk(place_of("sqlite"))
    yield one
    one.engine.close()


def test_identities_are_kept_unreadable_and_given_back_with_a_reason(desk):
    outcome = desk.do("receive", area="一村", **SAID)
    assert not outcome.dropped
    assert outcome.entries[0].attributes == {"area": "一村"}
    assert not [one for one in SAID.values() if one in desk.place.written()]
    assert desk.unmasked() == {(1, name): value for name, value in SAID.items()}
    entry = desk.engine.history("A")[-1]
    assert (entry.event, entry.from_state, entry.to_state) == ("unmask", "received", "received")
    assert (entry.actor, entry.role, entry.attributes) == ("管理员", "centre_head", {"reason": "信访复核"})


def test_free_text_is_masked_in_the_log_and_whole_in_the_vault(desk):
    desk.do("receive", **SAID)
    desk.do("register")
    desk.do("dispatch", unit="甲科", order_due="2026-03-20")
    desk.do("accept", actor="李四 13812345678")
    text = "已回电 138-1234-5678，身份证 11010519491231002X"
    desk.do("contact", evidence=text, phone="139 8765 4321")
    log = desk.engine.history("A")
    assert log[-2].actor == "李四 〔电话〕"
    assert log[-1].attributes == {"evidence": "已回电 〔电话〕，身份证 〔身份证号〕"}
    found = desk.unmasked()
    assert found[4, "actor"] == "李四 13812345678"
    assert found[5, "evidence"] == text
    assert found[5, "phone"] == "139 8765 4321"
    assert "1234-5678" not in desk.place.written()


def test_what_a_command_says_of_its_caller_is_masked_in_its_own_free_text(desk):
    desk.do("receive", area="某路九弄一带", channel="欧阳某某本人来电", **SAID)
    assert desk.engine.history("A")[0].attributes == {"area": "〔地址〕一带", "channel": "〔姓名〕本人来电"}
    assert desk.unmasked()[1, "area"] == "某路九弄一带"


def test_without_a_vault_free_text_is_masked_and_the_rest_dropped_as_ever(place_of):
    for kind in KINDS:
        desk = Desk(place_of(kind), key=None)
        outcome = desk.do("receive", area="某路九弄，电话13812345678", **SAID)
        assert outcome.dropped == dict.fromkeys(SAID, 1)
        assert outcome.entries[0].attributes == {"area": "〔地址〕，电话〔电话〕"}
        for ask in (desk.engine.unmask, desk.engine.erase):
            with pytest.raises(UsageError, match="no_vault"):
                ask("A", **TOLD)
        assert len(desk.engine.history("A")) == 1
        assert "13812345678" not in desk.place.written()
        desk.engine.close()


def test_a_refused_command_leaves_nothing_in_the_vault_and_says_so(desk):
    desk.do("receive")
    outcome = desk.engine.submit("A", "close", **SAID)
    assert outcome.dropped == dict.fromkeys(SAID, 1)
    assert desk.unmasked() == {}


def test_a_command_repeated_under_its_key_keeps_its_identities_once(desk):
    first = desk.do("receive", key="K", channel="电话13812345678", **SAID)
    again = desk.engine.submit("A", "receive", key="K", channel="电话13812345678", **SAID)
    assert again.again
    assert again == first
    assert len(desk.unmasked()) == len(SAID) + 1


@pytest.mark.parametrize("missing", ["reason", "actor"])
def test_unmasking_and_erasing_want_a_reason_and_a_name(desk, missing):
    desk.do("receive", **SAID)
    for ask in (desk.engine.unmask, desk.engine.erase):
        with pytest.raises(UsageError, match="apart_needs"):
            ask("A", **{**TOLD, missing: " "})
        with pytest.raises(NotFoundError):
            ask("B", **TOLD)
    assert len(desk.engine.history("A")) == 1


@pytest.mark.parametrize("event", ["unmask", "erase", "查看身份信息", "清除身份信息"])
def test_neither_is_written_by_submitting_it(desk, event):
    desk.do("receive", **SAID)
    with pytest.raises(UsageError, match="event_apart"):
        desk.engine.submit("A", event, reason="理由", actor="某")
    assert event not in [one.event for one in desk.engine.available("A")]
    assert len(desk.engine.history("A")) == 1


def test_both_may_follow_closing_and_handing_back(desk):
    for order, events in (("A", ("hand_back",)), ("B", ("register",))):
        desk.do("receive", order, **SAID)
        for event in events:
            desk.do(event, order)
    desk.do("resolve", "B", category="direct", outcome="resolved", recording="录音")
    desk.do("close", "B")
    for order, state in (("A", "handed_back"), ("B", "closed")):
        assert desk.unmasked(order)
        assert desk.engine.erase(order, **TOLD).outcome.order.state == state


def test_an_entry_that_is_not_written_shows_nothing(desk, monkeypatch):
    desk.do("receive", **SAID)
    store = desk.engine._store
    transaction = {"memory": "paidan.storage.memory._MemoryTransaction"}.get(
        desk.place.kind, "paidan.storage.transaction.SqlTransaction"
    )
    with monkeypatch.context() as broken:
        broken.setattr(f"{transaction}.keep", lambda *_: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            desk.engine.unmask("A", **TOLD)
    assert store.order("A").order.seq == 1


def test_a_reason_that_names_a_number_is_masked_and_kept_whole(desk):
    desk.do("receive")
    desk.engine.unmask("A", actor="管理员", reason="来电13812345678要求")
    assert desk.engine.history("A")[-1].attributes == {"reason": "来电〔电话〕要求"}
    assert desk.unmasked() == {(2, "reason"): "来电13812345678要求"}


def test_erasing_leaves_the_log_and_takes_the_rest_for_good(desk):
    desk.do("receive", channel="电话13812345678", **SAID)
    desk.do("receive", "B", **SAID)
    before = desk.engine.history("A")
    done = desk.engine.erase("A", **TOLD)
    assert done.outcome.accepted
    assert done.scrubbed
    assert desk.engine.history("A")[:-1] == before
    assert desk.engine.history("A")[-1].event == "erase"
    refused = desk.engine.unmask("A", **TOLD)
    assert (refused.identities, [one.code for one in refused.outcome.findings]) == ((), ["erased"])
    assert refused.outcome.reasons()[0].text == "工单的身份信息已清除，无可再查看或清除"
    again = desk.engine.erase("A", **TOLD)
    assert not again.outcome.accepted
    assert again.scrubbed
    later = desk.do("register", **SAID)
    assert later.dropped == dict.fromkeys(SAID, 1)
    assert desk.engine.rebuild() is False
    assert desk.unmasked("B") == {(1, name): value for name, value in SAID.items()}
    with closing(open_store(desk.place.url, "JY", create=False)) as store:
        held = store.write(lambda transaction: (transaction.order_key("A"), transaction.sealed("A")))
    assert held == (None, ())


def test_no_byte_of_a_destroyed_key_stays_in_the_file_or_its_log(lite):
    orders = [f"{number * 7919 % 150:03}" for number in range(150)]
    for order in orders:
        lite.do("receive", order, **SAID)

    def keys():
        return dict(lite.place.run("SELECT order_id, wrapped FROM paidan_vault_key"))

    def left(destroyed):
        files = lite.place.path.parent.glob(f"{lite.place.path.name}*")
        raw = b"".join(path.read_bytes() for path in files)
        pieces = [key[at : at + 12] for key in destroyed for at in range(0, len(key) - 12, 4)]
        return [piece for piece in pieces if piece in raw]

    before = keys()
    assert len(left(before.values())) == 150 * 12, "what is not erased lies there"
    erased = orders[5:120:3]
    for order in erased:
        assert lite.engine.erase(order, **TOLD).scrubbed
    assert not left([before[order] for order in erased])
    assert lite.place.run("SELECT count(*) FROM paidan_vault_value") == [((150 - len(erased)) * len(SAID),)]
    assert lite.engine.rotate_key(OTHER)
    assert not left(before.values())
    assert [order for order, key in keys().items() if not any(key)] == [
        one for one in orders if one in erased
    ]


def test_a_reader_of_what_was_there_delays_the_scrubbing_and_is_told(lite, monkeypatch):
    monkeypatch.setattr("paidan.storage.sqlite._BUSY_MILLISECONDS", 50)
    monkeypatch.setattr(
        "paidan.storage.sqlite._PRAGMAS", ("PRAGMA busy_timeout = 50", "PRAGMA secure_delete = ON")
    )
    lite.do("receive", **SAID)
    lite.engine.close()
    lite.engine = lite.open(key=KEY)
    with closing(sqlite3.connect(lite.place.path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM paidan_vault_key").fetchall()
        done = lite.engine.erase("A", **TOLD)
        assert (done.outcome.accepted, done.scrubbed) == (True, False)
    again = lite.engine.erase("A", **TOLD)
    assert (again.outcome.accepted, again.scrubbed) == (False, True)


def test_a_store_with_a_vault_does_not_start_without_its_key_or_with_another(desk):
    desk.do("receive", **SAID)
    with pytest.raises(KeyMissingError, match="vault_key_missing") as missing:
        desk.open()
    assert missing.value.exit_code == 2
    with pytest.raises(KeyWrongError, match="vault_key_wrong") as wrong:
        desk.open(key=OTHER)
    assert wrong.value.exit_code == 4
    with desk.open(key=KEY) as opened:
        assert opened.unmask("A", **TOLD).identities


def test_a_store_made_without_a_vault_gets_one_when_it_is_first_opened_with_a_key(place_of):
    for kind in KINDS:
        desk = Desk(place_of(kind), key=None)
        desk.do("receive", **SAID)
        desk.open(log_only=True).close()
        desk.open(key=KEY).close()
        desk.engine.close()
        desk.engine = desk.open(key=KEY)
        assert desk.unmasked() == {}, "what was dropped is gone"
        desk.do("register", **SAID)
        assert len(desk.unmasked()) == len(SAID)
        desk.engine.close()


@pytest.mark.parametrize("kind", KINDS)
def test_of_two_who_make_a_vault_at_once_one_is_told_that_its_key_is_another(kind, place_of):
    place = place_of(kind)
    open_store(place.url, "JY").close()
    start, found = Barrier(2), []

    def make(key):
        store = open_store(place.url, "JY")
        start.wait()
        try:
            vault_of(store, key)
            found.append("")
        except KeyWrongError as error:
            found.append(error.code)
        store.close()

    threads = [Thread(target=make, args=(key,)) for key in (KEY, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["", "vault_key_wrong"]


def test_what_reads_the_log_needs_no_key_and_changes_nothing(desk, tmp_path):
    desk.do("receive", **SAID)
    with desk.open(log_only=True) as reading:
        assert reading.history("A") == desk.engine.history("A")
        assert reading.deadlines("A")
        assert reading.available("A")
        assert reading.export(tmp_path / "log.csv") == 1
        for write in (lambda: reading.submit("A", "register"), reading.rebuild):
            with pytest.raises(KeyMissingError, match="log_only"):
                write()
        with pytest.raises(UsageError, match="no_vault"):
            reading.unmask("A", **TOLD)
    assert run_of_database(desk.place.url).records
    assert len(log_of_database(desk.place.url, "A")[0]) == 1


def test_a_rotated_key_opens_what_the_old_one_closed_and_the_old_one_nothing(desk):
    for order in ("A", "B"):
        desk.do("receive", order, **SAID)
    old = desk.open(key=KEY)
    assert desk.engine.rotate_key(OTHER)
    assert len(desk.unmasked()) == len(SAID)
    desk.do("receive", "C", **SAID)
    for stale in (lambda: old.unmask("A", **TOLD), lambda: old.submit("D", "receive", **SAID)):
        with pytest.raises(KeyWrongError, match="vault_key_replaced"):
            stale()
    assert "D" not in {row.order_id for row in desk.engine.deadlines()}, "nor was the entry written"
    old.close()
    with pytest.raises(KeyWrongError):
        desk.open(key=KEY)
    with desk.open(key=OTHER) as opened:
        assert all(opened.unmask(order, **TOLD).identities for order in "ABC")


@pytest.mark.parametrize("kind", ON_DISK)
def test_a_cipher_moved_elsewhere_or_altered_is_found_and_nothing_is_written(kind, place_of):
    desk = Desk(place_of(kind))
    for order in ("A", "B"):
        desk.do("receive", order, **SAID)
    desk.do("register", "A", phone="13812345678")
    desk.do("register", "B", phone="13812345679")
    desk.place.run("UPDATE paidan_vault_value SET name = 'number' WHERE order_id = 'A' AND seq = 2")
    desk.place.run(
        "UPDATE paidan_vault_value SET order_id = 'A' WHERE order_id = 'B' AND seq = 2 AND name = 'phone'"
    )
    for order in "AB":
        if order == "B":
            desk.place.run("UPDATE paidan_vault_key SET order_id = 'C' WHERE order_id = 'A'")
            desk.place.run("UPDATE paidan_vault_key SET order_id = 'A' WHERE order_id = 'B'")
            desk.place.run("UPDATE paidan_vault_key SET order_id = 'B' WHERE order_id = 'C'")
        with pytest.raises(KeyWrongError, match="vault_broken"):
            desk.engine.unmask(order, **TOLD)
        assert [one.event for one in desk.engine.history(order)] == ["receive", "register"]
    desk.engine.close()


def test_both_events_stand_in_the_export_and_its_replay_is_the_live_log(desk, tmp_path):
    desk.do("receive", channel="电话13812345678", **SAID)
    desk.unmasked()
    desk.clock.advance_to(NINE + timedelta(hours=1))
    desk.engine.erase("A", **TOLD)
    desk.engine.sweep()
    desk.engine.export(tmp_path / "log.csv")
    replay(
        Request(logs=(tmp_path / "log.csv",), document=document("JY"), out=tmp_path / "run", enforce=True,
                as_recorded=True, as_of=desk.clock.now())
    )  # fmt: skip
    live = [
        (one.event, one.from_state, one.to_state, written(one.at), one.actor, one.role)
        for one in desk.engine.history("A")
    ]
    names = ("event", "from_state", "to_state", "at", "actor", "role")
    assert [tuple(row[name] for name in names) for row in table(tmp_path / "run", "transitions")] == live
    assert {one[0] for one in live} == {"receive", "unmask", "erase", "time_out"}
    assert table(tmp_path / "run", "rejected") == table(tmp_path / "run", "deviations") == []


def test_an_erasing_told_by_an_imported_log_is_done_here_too(desk, tmp_path):
    for order in ("A", "B"):
        desk.do("receive", order, **SAID)
    desk.clock.advance_to(NINE + timedelta(minutes=9))
    told = tmp_path / "told.csv"
    told.write_text(
        "order_id,event,at,actor,reason\n"
        "A,unmask,2026-03-02 09:05,甲,信访\nA,erase,2026-03-02 09:06,乙,电话13812345678要求\n",
        encoding="utf-8",
    )
    assert desk.engine.import_logs([told]).applied == 2
    assert [one.event for one in desk.engine.history("A")] == ["receive", "unmask", "erase"]
    assert desk.engine.history("A")[-1].attributes["reason"] == "电话〔电话〕要求"
    assert not desk.engine.unmask("A", **TOLD).outcome.accepted
    assert len(desk.unmasked("B")) == len(SAID)
    with closing(open_store(desk.place.url, "JY", create=False)) as store:
        held = store.write(lambda transaction: (transaction.order_key("A"), transaction.sealed("A")))
    assert held == (None, ())


def command(monkeypatch, capsys, *words, key=None):
    monkeypatch.setattr(sys, "argv", ["paidan", *map(str, words)])
    if key is None:
        monkeypatch.delenv("PAIDAN_KEY_FILE", raising=False)
    else:
        monkeypatch.setenv("PAIDAN_KEY_FILE", str(key))
    with pytest.raises(SystemExit) as ended:
        run()
    told = capsys.readouterr()
    return ended.value.code or 0, told.out, told.err


def test_the_commands_make_a_key_keep_show_and_erase(tmp_path, monkeypatch, capsys):
    key, db = tmp_path / "master.key", f"sqlite:///{tmp_path / 'orders.db'}"

    def paidan(*words, key=key):
        return command(monkeypatch, capsys, *words, key=key)

    assert paidan("key", "new", key)[0] == 0
    assert len(b64decode(key.read_bytes())) == 32
    assert key.stat().st_mode & 0o777 == 0o600
    held = key.read_bytes()
    assert paidan("key", "new", key)[0] == 2
    assert key.read_bytes() == held
    assert paidan("submit", "A", "receive", "caller=欧阳某某", "area=电话13812345678", "--db", db)[0] == 0
    told = ("--db", db, "--reason", "复核", "--actor", "管理员")
    code, out, _ = paidan("unmask", "A", *told, "--role", "centre_head", "--format", "json")
    assert code == 0
    assert {one["name"]: one["value"] for one in json.loads(out)} == {
        "caller": "欧阳某某", "area": "电话13812345678",
    }  # fmt: skip
    for words in (("history", "A"), ("explain", "A"), ("available", "A")):
        code, out, err = paidan(*words, "--db", db, key=None)
        assert code == 0
        assert "欧阳某某" not in out + err
        assert "13812345678" not in out + err
    assert paidan("export", "--db", db, "--out", tmp_path / "log.csv", key=None)[0] == 0
    assert paidan("score", "--db", db, "--month", f"{datetime.now(BEIJING):%Y-%m}", key=None)[0] in (0, 3)
    code, _, err = paidan("submit", "A", "register", "--db", db, key=None)
    assert code == 2
    assert "PAIDAN_KEY_FILE" in err
    other = tmp_path / "other.key"
    assert paidan("key", "new", other)[0] == 0
    assert paidan("submit", "A", "register", "--db", db, key=other)[0] == 4
    assert paidan("key", "rotate", other, "--db", db)[0] == 0
    assert paidan("submit", "A", "register", "--db", db)[0] == 4
    assert paidan("erase", "A", *told, key=other)[0] == 0
    code, out, err = paidan("unmask", "A", *told, key=other)
    assert (code, out) == (3, "")
    assert "已清除" in err
    assert paidan("submit", "A", "unmask", "reason=r", "actor=a", "--db", db, key=other)[0] == 2
    assert paidan("unmask", "B", *told, key=other)[0] == 5


def test_a_key_file_that_others_may_read_or_that_holds_no_key_is_refused(tmp_path, monkeypatch, capsys):
    key = tmp_path / "master.key"
    words = ("submit", "A", "receive", "--db", f"sqlite:///{tmp_path / 'orders.db'}")
    assert command(monkeypatch, capsys, *words, key=key)[0] == 2
    key.write_text("AAAA")
    key.chmod(0o600)
    assert command(monkeypatch, capsys, *words, key=key)[0] == 2
    key.unlink()
    assert command(monkeypatch, capsys, "key", "new", key)[0] == 0
    for mode in (0o640, 0o604, 0o644):
        key.chmod(mode)
        code, _, err = command(monkeypatch, capsys, *words, key=key)
        assert (code, f"chmod 600 {key}" in err) == (2, True)
    key.chmod(0o400)
    assert command(monkeypatch, capsys, *words, key=key)[0] == 0


def test_without_a_key_nothing_loads_the_ciphers():
    code = (
        "import sys, paidan.engine.cli.main; from paidan.engine import Engine; e = Engine.open('memory://');"
        "e.submit('A', 'receive', phone='1'); sys.exit('cryptography' in sys.modules)"
    )
    script = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); import run_engine; {code}"
    environment = {name: value for name, value in os.environ.items() if name != "PAIDAN_KEY_FILE"}
    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
