"""Cases beside live orders, on each store: what commands, sweeps, notices and the vault do to them."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from support.beside import check_cases, kept, plain, replayed
from support.logs import write_log
from support.notices import EVE, written
from support.stores import KINDS

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.storage.errors import ConflictError
from paidan.workflows.attributes import ORDER_ENTRY
from paidan.workflows.records import BEIJING, Entry

NINE = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
KEY = bytes(range(32))
CASE = "A~supervision~1"
SHEET = {"number": "督1", "reply_due": "2026-03-05 18:00:00"}


def at(text):
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)


class Desk:
    """An engine on one store, whose clock goes on when it is told to."""

    def __init__(self, url, policy="YY", start=NINE, **said):
        self.url = url
        self.clock = SimulatedClock(start)
        self.engine = Engine.open(url, policy, clock=self.clock, **said)

    def do(self, event, order="A", when=None, **said):
        if when:
            self.clock.advance_to(at(when))
        outcome = self.engine.submit(order, event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def at_work(self, order="A", **said):
        for event in ("receive", "register"):
            self.do(event, order)
        self.do("dispatch", order, **{"unit": "甲", "handling_class": "ordinary", **said})
        self.do("accept", order, unit="甲")

    def log(self, case=CASE):
        return [(one.event, one.to_state, one.rule) for one in self.engine.history(case)]

    def check(self, folder, **said):
        """All that is kept holds, and the export replayed as recorded is what is live."""
        engine = self.engine
        engine.sweep()
        assert (engine.rebuild(), engine.differing(), engine.verify().faults) == (False, (), ())
        check_cases(engine)
        found = replayed(engine, folder / "checked.csv", **said)
        assert {one: plain(done.entries) for one, done in found.items()} == {
            one: plain(engine.history(one)) for one in kept(engine)
        }


def identities(engine, case):
    """Give what lies in the vault under a case, whoever may see it."""
    vault = engine._service._vault
    assert vault is not None
    return engine._store.write(lambda transaction: vault.read(transaction, case))


@pytest.fixture(params=KINDS)
def desk(request, place_of, tmp_path):
    one = Desk(place_of(request.param).url)
    yield one
    one.check(tmp_path)
    one.engine.close()


def test_a_command_and_what_its_case_does_are_answered_alike_however_often_it_comes(desk):
    desk.at_work()
    opened = desk.do("supervise", ground="推诿", key="1")
    again = desk.engine.submit("A", "supervise", ground="推诿", key="1")
    assert [(one.order_id, one.event) for one in opened.followed] == [(CASE, "open_supervision")]
    assert (again, again.again, again.followed) == (opened, True, opened.followed)
    sheet = desk.do("issue_sheet", CASE, key="2", **SHEET)
    reply = desk.do("supervision_reply", met=True, when="03-06 10:00:00", key="3")
    assert [one.event for one in reply.followed] == ["answer_sheet"]
    assert desk.log()[-2:] == [("time_out", "supervised", "YY-R06"), ("answer_sheet", "replied", "")]
    desk.do("end_supervision", CASE)
    desk.do("supervise", ground="拖延")
    for said, key, first in (
        ({"order": "A", "event": "supervision_reply", "met": True}, "3", reply),
        ({"order": CASE, "event": "issue_sheet", **SHEET}, "2", sheet),
    ):
        order, event = said.pop("order"), said.pop("event")
        assert desk.engine.submit(order, event, key=key, **said) == first
    assert [one.order_id for one in desk.engine.cases("A")] == [CASE, "A~supervision~2"]


def test_what_is_expected_of_a_case_is_its_own_place_in_its_log(desk):
    desk.at_work()
    desk.do("supervise", ground="推诿")
    with pytest.raises(ConflictError):
        desk.engine.submit(CASE, "issue_sheet", expected=0, **SHEET)
    desk.do("issue_sheet", CASE, expected=1, **SHEET)
    desk.do("supervision_reply", met=False)
    with pytest.raises(ConflictError):
        desk.engine.submit(CASE, "issue_sheet", expected=2, **SHEET)
    assert desk.log()[-1] == ("answer_sheet", "unmet", "")


def test_a_sweep_proposes_what_a_passed_limit_asks_for_once(desk):
    desk.at_work()
    desk.do("contact")
    desk.clock.advance_to(at("04-20 09:00:00"))
    raised = desk.engine.sweep()
    assert raised == sum(one.event == "time_out" for one in desk.engine.history("A"))
    assert desk.log()[0] == ("propose_supervision", "proposed", "YY-G03")
    assert desk.engine.sweep() == 0
    (case,) = desk.engine.cases("A")
    (entry,) = (one for one in desk.engine.history(CASE) if one.event == "propose_supervision")
    caused = desk.engine.history("A")[entry.attributes[ORDER_ENTRY] - 1]
    assert (caused.event, caused.at, entry.recorded_at) == ("time_out", entry.at, at("04-20 09:00:00"))
    assert case.facts["ground"] == "due_but_undone"


def test_what_is_overdue_of_an_order_is_raised_before_anything_is_asked_of_its_case(desk):
    desk.at_work()
    desk.do("contact")
    desk.do("supervise", ground="推诿")
    told = desk.do("issue_sheet", CASE, when="04-20 09:00:00", **SHEET)
    assert {one.event for one in told.aside} == {"time_out"}
    assert {one.order_id for one in told.aside} == {"A"}
    assert [event for event, *_ in desk.log()][-2:] == ["add_ground", "issue_sheet"]
    assert desk.engine.history(CASE)[-1].attributes[ORDER_ENTRY] == desk.engine.order("A").seq


def test_a_count_that_passes_its_bound_opens_a_supervision(place_of, tmp_path):
    desk = Desk(place_of("memory").url, "ZZ")
    desk.do("receive")
    desk.do("register")
    for _ in range(4):
        desk.do("dispatch", unit="甲")
        desk.do("request_return", unit="甲", reason="非本单位职责")
        desk.do("approve_return")
        if desk.engine.cases("A"):
            break
    assert desk.log()[0] == ("open_supervision", "supervised", "ZZ-G02")
    desk.check(tmp_path)
    desk.engine.close()


def test_a_corrected_entry_of_a_case_moves_its_clock_and_takes_back_its_time_out(desk):
    desk.at_work()
    desk.do("supervise", ground="推诿")
    desk.do("issue_sheet", CASE, **SHEET)
    desk.clock.advance_to(at("03-06 09:00:00"))
    desk.engine.sweep()
    assert ("time_out", "supervised", "YY-R06") in desk.log()
    desk.do(
        "correct", CASE, entry=2, field="reply_due", before="2026-03-05 18:00:00",
        after="2026-03-08 18:00:00", reason="笔误", role="hotline_office",
    )  # fmt: skip
    assert [one for one, *_ in desk.log()][-2:] == ["correct", "time_out_withdrawn"]
    (clock,) = desk.engine.order(CASE).clocks
    assert (clock.due_at, clock.raised_at) == (at("03-08 18:00:00"), None)


def test_a_notice_that_shows_a_limit_passed_opens_what_that_asks_for(place_of, tmp_path):
    desk = Desk(place_of("sqlite").url, start=at("12-28 09:00:00"))
    desk.at_work()
    desk.do("contact")
    desk.do("supervise", ground="推诿")
    desk.clock.advance_to(datetime(2027, 3, 1, 9, tzinfo=BEIJING))
    desk.engine.load_calendar(written(tmp_path, EVE))
    assert desk.log()[-1][0] == "add_ground", "whatever raised it"
    desk.check(tmp_path)
    desk.engine.close()


@pytest.mark.parametrize("kind", KINDS)
def test_of_people_a_case_shows_nothing_and_keeps_nothing_once_its_order_is_erased(kind, place_of, tmp_path):
    where = place_of(kind)
    desk = Desk(where.url, key=KEY)
    desk.at_work()
    followed = desk.do("supervise", ground="回电13912345678，推诿").followed
    assert "13912345678" not in repr(followed)
    assert "回电" in followed[0].attributes["ground"]
    desk.do("issue_sheet", CASE, **SHEET | {"number": "致电13987654321，未接"})

    def held(case):
        return [value for *_, value in identities(desk.engine, case)]

    assert held(CASE) == ["致电13987654321，未接"]
    shown = desk.engine.unmask("A", reason="核对", actor="管理员", role="hotline_office")
    assert [one.value for one in shown.identities] == ["回电13912345678，推诿"]
    assert [one.value for one in shown.beside[CASE]] == held(CASE)
    assert desk.engine.erase("A", reason="期满", actor="管理员").outcome.accepted
    assert held(CASE) == held("A") == []
    told = desk.do("issue_sheet", CASE, **SHEET | {"number": "致电13987654321，已接"}, caller="欧阳某某")
    assert dict(told.dropped) == {"caller": 1}
    assert held(CASE) == []
    more = SHEET | {"number": "再电13987654321"}
    log = write_log(tmp_path / "more.csv", [(CASE, "issue_sheet", "2026-03-02 09:00:00", more)])
    assert desk.engine.import_logs([log]).applied == 1
    assert held(CASE) == []
    assert "1391234" not in where.written()
    assert "1398765" not in where.written()
    assert not desk.engine.unmask("A", reason="核对", actor="管理员", role="hotline_office").outcome.accepted
    for ask in (desk.engine.unmask, desk.engine.erase):
        with pytest.raises(UsageError, match="apart_of_order"):
            ask(CASE, reason="核对", actor="管理员")
    desk.check(tmp_path)
    desk.engine.close()


def test_what_rows_of_a_case_say_of_people_is_kept_under_the_entries_that_say_it(place_of, tmp_path):
    desk = Desk(place_of("sqlite").url, start=at("04-01 09:00:00"), key=KEY)
    rows = [
        ("A", "receive", "2026-03-02 09:00:00", {"caller": "欧阳某某"}),
        ("A", "supervise", "2026-03-02 10:00:00", {"ground": "推诿"}),
        (CASE, "issue_sheet", "2026-03-02 11:00:00", {"number": "致电13987654321", "caller": "司马某某"}),
        ("A", "supervision_reply", "2026-03-02 12:00:00", {"met": "true"}),
    ]
    log = write_log(tmp_path / "people.csv", rows)
    done = desk.engine.import_logs([log])
    assert (done.applied, done.orders, dict(done.identity_kept), dict(done.identity_dropped)) == (
        4, 1, {"caller": 2}, {},
    )  # fmt: skip
    assert [(seq, value) for seq, _, value in identities(desk.engine, CASE)] == [
        (2, "司马某某"),
        (2, "致电13987654321"),
    ]
    assert [one for one, *_ in desk.log()][:3] == ["open_supervision", "issue_sheet", "answer_sheet"]
    assert desk.engine.import_logs([log]).already_there == 4
    desk.engine.erase("A", reason="期满", actor="管理员")
    assert desk.engine.import_logs([log]).already_there == 4
    assert identities(desk.engine, CASE) == ()
    desk.check(tmp_path, enforce=False)
    desk.engine.close()


def test_orders_are_counted_told_and_scored_without_their_cases(place_of, tmp_path):
    registry = CollectorRegistry()
    heard: list[Entry] = []
    desk = Desk(place_of("sqlite").url, key=KEY, metrics=registry)
    desk.at_work()
    desk.at_work("B~1")
    desk.do("supervise", ground="推诿")
    desk.do("issue_sheet", CASE, **SHEET)
    desk.do(
        "note", CASE, when="03-08 09:00:00", at="2026-03-04 09:00:00", backdated="补录", role="centre_head"
    )
    desk.engine.sweep()
    engine = desk.engine
    entries = [one for case in kept(engine) for one in engine.history(case)]
    late = [one.rule for one in entries if one.event == "time_out"]
    assert "YY-R06" in late
    for rule in set(late):
        assert registry.get_sample_value("paidan_time_outs_total", {"rule": rule}) == late.count(rule)
    assert {one.order_id for one in engine.records()} == {"A", "B~1"}
    assert {one.order_id for one in engine.deadlines()} == {"A", "B~1"}
    assert [one for one, _ in engine.differences()] == ["A", "B~1"]
    assert [one.rule for one in engine.deadlines(CASE)] == ["YY-R06"]
    while engine.deliver("reader", heard.append):
        pass
    assert sorted(heard) == sorted(entries)
    assert engine.seal(tmp_path / "seals")
    assert not engine.verify(tmp_path / "seals").faults
    desk.check(tmp_path)
    engine.close()


RACE = """
import json, sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
spec = ModuleSpec("paidan", None, is_package=True)
spec.submodule_search_locations = [sys.argv[1]]
sys.modules["paidan"] = module_from_spec(spec)
from datetime import datetime
from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import UsageError
from paidan.storage.errors import ConflictError
with Engine.open(sys.argv[2], "YY", clock=SimulatedClock(datetime.fromisoformat(sys.argv[3]))) as engine:
    sys.stdin.readline()
    for number in range(int(sys.argv[4])):
        for of, event, said in json.loads(sys.argv[5]):
            engine.submit(of, event, **said) if engine.cases(of.split("~")[0]) or "~" not in of else None
"""


def test_two_processes_at_once_leave_one_open_case_and_follow_each_entry_once(place_of, tmp_path):
    import paidan

    desk = Desk(place_of("postgresql").url)
    desk.at_work()
    steps = [
        [("A", "supervise", {"ground": name}), (CASE, event, said), ("A", "supervision_reply", {"met": met})]
        for name, event, said, met in (
            ("甲", "issue_sheet", SHEET, True),
            ("乙", "end_supervision", {}, False),
        )
    ]
    folder = str(next(iter(paidan.__path__)))
    words = [sys.executable, "-c", RACE, folder, desk.url]
    running = [
        subprocess.Popen(
            [*words, (NINE + timedelta(seconds=ahead)).isoformat(), "15", json.dumps(of)],
            stdin=subprocess.PIPE,
            text=True,
        )
        for ahead, of in zip((0, 3), steps, strict=True)
    ]
    for one in running:
        assert one.stdin is not None
        with one.stdin as told:
            told.write("\n")
    assert [one.wait(60) for one in running] == [0, 0]
    desk.clock.advance_to(at("03-03 09:00:00"))
    log = desk.engine.history("A")
    assert sum(one.event == "supervise" for one in log) == 30
    heard = {one.seq for one in log if one.event in ("supervise", "supervision_reply")}
    entries = [one for case in desk.engine.cases("A") for one in desk.engine.history(case.order_id)]
    by = [one.attributes[ORDER_ENTRY] for one in entries if one.event in ("open_supervision", "add_ground")]
    assert sorted(by) == [one.seq for one in log if one.event == "supervise"]
    assert {one.attributes[ORDER_ENTRY] for one in entries if one.event == "answer_sheet"} <= heard
    desk.check(tmp_path)
    desk.engine.close()
