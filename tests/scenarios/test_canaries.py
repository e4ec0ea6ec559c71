"""Canaries: made-up people in thousands of orders, looked for in everything that is written or told."""

import csv
import io
import logging
import re
import sys
import unicodedata
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import datetime, timedelta

import pytest
import structlog
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.cli.main import run
from paidan.engine.clock import SimulatedClock
from paidan.engine.faults import sentences
from paidan.engine.masking import PHONE
from paidan.workflows.errors import PaidanError
from paidan.workflows.records import BEIJING

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
CANARY = re.compile(
    r"金丝雀|暗号路|密语|\\u91d1\\u4e1d"
    r"|(?<!\d)(?:(?:86)?1397\d{7}|0577[28]\d{7}|4009(?P<n>\d\d)\d\d(?P=n)|3101151990\d{7})"
)
"""What the made-up people are called, where they live, what they say, how they are reached."""
HEXADECIMAL = re.compile("[0-9a-f]{32,}")
"""Hashes and ciphers: chance writes a number in them now and then."""


def found_in(text):
    """The canaries in a text, whatever digits, spaces and hyphens they are written with."""
    told = HEXADECIMAL.sub("", text)
    squeezed = re.sub(r"[\s\-－—()（）]", "", unicodedata.normalize("NFKC", told))
    return [found[0] for found in CANARY.finditer(squeezed)]


class Person:
    """One canary and the ways in which others write of it."""

    def __init__(self, number):
        self.phone = f"1397{number:07}"
        self.identity = {
            "caller": f"金丝雀{number:05}", "phone": self.phone, "address": f"暗号路{number:05}弄",
            "content": f"密语{number:05}，家里漏水",
        }  # fmt: skip
        one, card = self.phone, f"3101151990{number % 12 + 1:02}{number % 28 + 1:02}{number % 1000:03}X"
        spaced = f"{one[:3]} {one[3:7]} {one[7:]}"
        wide = one.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        self.written = (
            f"回电{one}", spaced.replace(" ", "-"), f"+86 {spaced}", f"手机{wide}", f"身份证{card}",
            f"{card[:6]} {card[6:14]} {card[14:]}", f"座机0577-8{number:07}", f"(0577)2{number:07}转1",
            f"400-9{number % 100:02}-{number % 10000:04}",
        )  # fmt: skip
        self.named = (
            f"{self.identity['caller']}住{self.identity['address']}，{one}说{self.identity['content']}"
        )

    def writes(self, at):
        return self.written[at % len(self.written)]


class Campaign:
    """Orders of canaries lived, refused, provoked into errors; all that is told on the way is kept."""

    def __init__(self, place, folder, key):
        self.place, self.folder, self.told = place, folder, []
        self.clock = SimulatedClock(NINE)
        self.key = key
        self.engine = Engine.open(place.url, clock=self.clock, key=key)

    def tell(self, *what):
        self.told += map(str, what)

    def submit(self, order, event, **said):
        try:
            outcome = self.engine.submit(order, event, **said)
        except PaidanError as error:
            self.tell(error, repr(error), vars(error), *sentences(error, "zh"), *sentences(error, "en"))
        else:
            self.tell(repr(outcome), outcome.reasons(), outcome.reasons("en"))

    def live(self, number):
        """Live one order; every twentieth goes further and meets refusals and errors."""
        person, order = Person(number), f"ORDER-{number:05}"
        text = person.writes
        self.submit(
            order,
            "receive",
            key=f"K{number}X",
            area=text(number),
            channel=text(number + 1),
            **person.identity,
        )
        if number % 20:
            return
        self.clock.advance_to(self.clock.now() + timedelta(minutes=3))
        self.submit(
            order,
            "receive",
            key=f"K{number}X",
            area=text(number),
            channel=text(number + 1),
            **person.identity,
        )
        self.submit(order, "receive", key=f"K{number}X", area="别的", **person.identity)
        self.submit(order, "register", actor=text(number), **person.identity)
        self.submit(order, "dispatch", unit=f"甲科{person.phone}", role=text(2), order_due="2026-03-20")
        self.submit(order, "accept", actor=person.identity["caller"], **person.identity)
        self.submit(order, "contact", evidence=text(4), phone=person.phone)
        self.submit(
            order,
            "request_return",
            reason=text(5),
            owner=text(6),
            basis=person.named,
            role=person.named,
            **person.identity,
        )
        self.submit(order, "close", finding=person.identity["caller"], **person.identity)
        self.submit(order, "close", finding=text(0))
        self.submit(order, "approve_return", actor=person.named, **person.identity)
        self.submit(order, "resolve", outcome=text(1))
        self.submit(order, "resolve", outcome=person.identity["address"], **person.identity)
        self.submit(
            order, "resolve", result_text=text(8), follow_up=text(7), recording=text(3), outcome="resolved"
        )
        self.submit(order, "note", at=text(0))
        self.submit(order, "note", at=person.named, **person.identity)
        self.submit(order, "note", **{person.named: "x"}, **person.identity)
        self.submit(order, text(1), **person.identity)
        self.submit(order, "note", **{text(0): "x"})
        self.submit(person.phone, "close", **person.identity)
        self.submit(order, "submit_plan", verify=object(), design=text(0))
        self.tell(self.engine.history(order), self.engine.available(order), self.engine.deadlines(order))
        if number % 60 == 0 and self.key is not None:
            self.tell(self.engine.erase(order, reason=text(1), actor=text(2)))

    def command(self, *words):
        """Run a command of the command line in this process, and keep what it prints."""
        out, error, before = io.StringIO(), io.StringIO(), sys.argv
        sys.argv = ["paidan", *map(str, words)]
        try:
            with redirect_stdout(out), redirect_stderr(error), suppress(SystemExit):
                run()
        finally:
            sys.argv = before
        self.tell(out.getvalue(), error.getvalue())

    def look(self):
        """Show the orders with every command, and get commands wrong."""
        phone, order, db = Person(1).phone, "ORDER-00000", ("--db", self.place.url)
        self.engine.sweep()
        for words in (
            ("history", order), ("history", order, "--format", "json"), ("explain", order),
            ("explain", phone),
            ("available", order), ("available", order, phone), ("score", "--month", "2026-03"),
            ("export", "--out", self.folder / "export.csv"), ("submit", order, "note", f"at={phone}"),
            ("export", "--out", self.folder / "export.xes"),
            ("export", "--out", self.folder / "out.jsonocel"),
            ("submit", order, "note", phone), ("submit", order, "note", "--expect", f"x{phone}"),
            ("submit", order, "note", f"--{phone}"), ("submit", order, "note", f"--lang={phone}"),
        ):  # fmt: skip
            self.command(*words, *db)
        self.command(phone)
        self.command(f"--{phone}")

    def replay(self, count):
        """Replay the export and a file of canaries, and show what came of it."""
        folder, order, month = self.folder, "ORDER-00000", ("--month", "2026-03")
        rows, adjustments = folder / "rows.csv", folder / "adjusted.csv"
        write_rows(rows, count)
        write_adjustments(adjustments)
        under = ("--policy", "JY", "--out")
        self.tell(self.engine.import_logs([rows], on_rejected=self.tell), *self.engine.history(order))
        self.command("replay", folder / "export.csv", *under, folder / "recorded", "--order", "recorded")
        for mode in ("observe", "enforce"):
            out = folder / mode
            self.command("replay", rows, *under, out, "--mode", mode, "--adjustments", adjustments)
            for words in (
                ("history", order, "--run", out), ("explain", order, "--run", out), ("score", out, *month),
                ("score", out, *month, "--listings"), ("whatif", out, "--policy", "ZZ", *month),
                ("report", out, *month, "--out", folder / f"{mode}.html"),
                ("export", "--run", out, "--out", folder / f"{mode}.xes"),
            ):  # fmt: skip
                self.command(*words)

    def files(self):
        """Give what lies in every file that was written, but those that were given."""
        given = ("rows.csv", "adjusted.csv")
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path.name not in given:
                yield str(path.relative_to(self.folder)), path.read_bytes().decode(errors="replace")


def write_rows(path, count):
    """Write a log of canaries with their columns, rows shifted and broken, values where none belong."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        file.write("order_id,event,at,actor,unit,area,reason,outcome,caller,phone,address,content\n")
        for number in range(count):
            person, order, at = Person(number), f"ORDER-{number:05}", f"2026-03-02 09:{number % 60:02}:00"
            who = list(person.identity.values())
            text = person.writes
            rows.writerow([order, "receive", at, text(0), "", person.named, "", "", *who])
            rows.writerow(
                [order, "request_return", at, person.identity["caller"], "乙所", "", text(number), "", *who]
            )
            rows.writerow([order, "resolve", at, "", f"乙所{text(3)}", "", "", text(number), *who])
            rows.writerow([order, "resolve", at, "", "", "", "", person.identity["caller"], *who])
            rows.writerow([order, text(number), at, "", "", "", "", "", *who])
            rows.writerow([order, "close", text(number), "", "", "", "", "", *who])
            rows.writerow([person.phone, order, "close", at, *who, "", "", "", ""])
            rows.writerow([order, "note", at, "", "", "", "", "", *who, text(1)])
            rows.writerow([order, "unmask", at, text(1), "", "", text(number), "", *who])


def write_adjustments(path):
    person = Person(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["unit", "at", "code", "points", "order_id", "good", "confirmed_by", "note"])
        rows.writerow(["乙所", "2026-03-05", person.phone, "1", person.phone, "", "", person.writes(1)])
        for at in (person.writes(0), "2026-03-05"):
            rows.writerow(["乙所", at, "media", "1", "", "", person.writes(4), person.writes(2)])


def lived(place, folder, count, caplog, monkeypatch, *, key):
    """Live a campaign and give everything it left behind, by where it was found."""
    monkeypatch.setenv("PAIDAN_KEY_FILE", "")
    monkeypatch.setenv("PAIDAN_TRACEBACK", "1")
    caplog.set_level(logging.DEBUG)
    assert not structlog.is_configured()
    campaign = Campaign(place, folder, key)
    for number in range(count):
        campaign.live(number)
    campaign.look()
    if place.kind == "sqlite":
        campaign.replay(min(count, 100))
    campaign.engine.close()
    return campaign, {
        "database": place.written(),
        "log": caplog.text + "".join(map(repr, caplog.records)),
        "told": "\n".join(campaign.told),
        **dict(campaign.files()),
    }


def check(place, folder, count, key, *watched):
    campaign, left = lived(place, folder, count, *watched, key=key)
    hits = {where: (len(found), found[:3]) for where, text in left.items() if (found := found_in(text))}
    assert not hits
    assert f"ORDER-{count - 1:05}" in left["database"]
    assert PHONE in left["database"]
    assert "command_refused" in left["log"]
    assert "command_accepted" in left["log"]
    if place.kind == "sqlite":
        assert {"recorded/transitions.csv", "enforce/deviations.csv", "observe.html"} <= left.keys()
        names = (
            "export.csv",
            "export.xes",
            "out.jsonocel",
            "observe.xes",
            *(f"observe/{name}" for name in ("attributes.jsonl", "rejected.csv", "adjustments.csv")),
        )
        assert all(PHONE in left[name] for name in names)
    if key is not None:
        with Engine.open(place.url, key=key, clock=campaign.clock) as engine:
            kept = engine.unmask("ORDER-00001", reason="核对", actor="测试").identities
        person = Person(1)
        values = {one.name: one.value for one in kept if one.seq == 1}
        assert values == {**person.identity, "area": person.writes(1), "channel": person.writes(2)}


@pytest.mark.parametrize("kind", KINDS)
def test_three_hundred_orders_leave_no_canary_anywhere(kind, place_of, tmp_path, caplog, monkeypatch):
    (tmp_path / "out").mkdir()
    check(place_of(kind), tmp_path / "out", 300, bytes(32), caplog, monkeypatch)


def test_nor_do_they_without_a_vault(place_of, tmp_path, caplog, monkeypatch):
    (tmp_path / "out").mkdir()
    check(place_of("sqlite"), tmp_path / "out", 60, None, caplog, monkeypatch)


@pytest.mark.long
def test_ten_thousand_orders_leave_no_canary_anywhere(place_of, tmp_path, caplog, monkeypatch):
    (tmp_path / "out").mkdir()
    check(place_of("sqlite"), tmp_path / "out", 10_000, bytes(32), caplog, monkeypatch)


def test_a_canary_is_known_however_it_is_written():
    for number in (0, 1, 42, 9_999):
        person = Person(number)
        for at in range(9):
            assert found_in(person.writes(at))
        assert all(found_in(one) for one in (person.named, *person.identity.values()))
    assert not found_in(f"ORDER-00001 {PHONE} 2026-03-02 09:00:00")


def test_a_number_that_chance_writes_in_a_cipher_is_no_canary():
    assert found_in(f"\\x{'a0' * 20}c13970000001e{'b7' * 20}") == []
    assert found_in("hash c0ffee phone 13970000001") == ["13970000001"]
