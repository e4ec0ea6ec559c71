"""Being told: once, to whose business it is, up the ladder where nobody takes it, and through one port."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.stores import KINDS, ON_DISK
from typer.testing import CliRunner

from paidan.engine import Engine
from paidan.engine.aio import AsyncEngine
from paidan.engine.cli.main import app
from paidan.engine.clock import SimulatedClock
from paidan.engine.errors import NotFoundError, UsageError
from paidan.engine.faults import exit_code, sentences
from paidan.engine.inbox import CURSOR
from paidan.engine.notifying import FileNotifier
from paidan.engine.reminding import told_at
from paidan.policies.reminders import falling_in
from paidan.policies.roster import Roster, Unit
from paidan.storage.memory import forget_memory
from paidan.workflows.attributes import UNIT_ROLES
from paidan.workflows.records import BEIJING

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKOUT = Path(__file__).resolve().parents[2]
TELLING = CHECKOUT / "tests" / "support" / "telling.py"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=BEIJING)
PHONE = "13812345678"


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BEIJING)


class Desk:
    """An engine by a clock that is moved, and a notifier that keeps what it is given."""

    def __init__(self, url: Any, policy: str = "JY", when: datetime = MONDAY, **asked: str) -> None:
        self.clock = SimulatedClock(when)
        self.engine = Engine.open(url, policy, settings=asked or None, clock=self.clock)
        self.heard: list[Mapping[str, Any]] = []

    def do(self, when, event, order="A", **said):
        self.clock.advance_to(at(when))
        outcome = self.engine.submit(order, event, **said)
        assert outcome.accepted, outcome.reasons()
        return outcome

    def tell(self, when):
        """Sweep and tell, and give what was told of orders: what, rule, role, unit."""
        self.clock.advance_to(at(when))
        self.engine.sweep()
        before = len(self.heard)
        self.engine.tell(self.heard.append)
        return [
            (one["told"], one["rule"], one["role"], one["unit"])
            for one in self.heard[before:]
            if one["order"]
        ]

    def number(self, role):
        return next(one.number for one in self.engine.inbox(role) if one.rule == "JY-T03")


@pytest.fixture(params=KINDS)
def desk_of(request, place_of):
    made = []

    def make(policy="JY", when=MONDAY, **asked):
        made.append(Desk(place_of(request.param).url, policy, when, **asked))
        return made[-1]

    yield make
    for one in made:
        one.engine.close()


def at_unit(desk):
    """An order that the unit has but has not taken on: until the end of the next day to do so."""
    desk.do("03-02 09:00", "receive", order_due="2026-03-20")
    desk.do("03-02 09:10", "register")
    desk.do("03-02 09:30", "dispatch", unit="甲科")


def test_a_time_out_is_told_once_to_the_unit_and_climbs_a_rung_each_day_nobody_takes_it(desk_of):
    desk = desk_of()
    at_unit(desk)
    told = ("time_out", "JY-T03")
    assert [one for one in desk.tell("03-04 18:00") if one[1] == "JY-T03"] == [
        (*told, "handling_unit", "甲科")
    ]
    assert desk.tell("03-04 19:00") == []
    climbing = []
    for day in range(5, 12):
        assert all(one[:2] != told for one in desk.tell(f"03-{day:02} 17:59"))
        climbing += [one[2] for one in desk.tell(f"03-{day:02} 18:00") if one[:2] == told]
    assert climbing == [
        "first_responsible",
        "dispatcher",
        "centre_head",
        "hotline_branch_leader",
        "main_leader",
    ]
    chain = [one for one in reversed(desk.engine.inbox()) if one.rule == "JY-T03"]
    assert [one.climbed_from for one in chain] == [0, *(one.number for one in chain[:-1])]
    assert {(one.unit, one.due_at, one.at) for one in chain} == {("甲科", chain[0].due_at, chain[0].due_at)}


def test_what_nobody_is_named_for_is_told_to_the_office_until_a_unit_has_the_order(desk_of):
    desk = desk_of()
    desk.do("03-02 09:00", "receive")
    assert desk.tell("03-02 10:00") == [("time_out", "JY-T01", "dispatcher", "")]


def test_what_is_acknowledged_or_done_climbs_no_more(desk_of):
    desk = desk_of()
    at_unit(desk)
    desk.tell("03-04 18:00")
    number = desk.number("handling_unit")
    (taken,) = desk.engine.acknowledge(number, actor=f"李四 {PHONE}", role="承办单位")
    assert (taken.acknowledged_by, taken.acknowledged_as) == ("李四 〔电话〕", "handling_unit")
    assert desk.engine.acknowledge(number, actor="别人") == (taken,)
    assert [one for one in desk.tell("03-08 18:00") if one[1] == "JY-T03"] == []
    assert number not in {one.number for one in desk.engine.inbox()}

    other = desk_of()
    at_unit(other)
    other.tell("03-04 18:00")
    other.do("03-04 20:00", "accept")
    assert [one for one in other.tell("03-08 18:00") if one[1] == "JY-T03"] == []
    (one,) = [one for one in other.engine.inbox(standing=False) if one.rule == "JY-T03"]
    assert (one.over, one.acknowledged_at) == ("met", None)


def test_an_unknown_number_or_nobody_takes_notice_of_nothing(desk_of):
    desk = desk_of()
    desk.do("03-02 09:00", "receive")
    desk.tell("03-02 10:00")
    (one,) = (memo.number for memo in desk.engine.inbox("dispatcher"))
    with pytest.raises(NotFoundError):
        desk.engine.acknowledge(one, 99, actor="赵一")
    with pytest.raises(UsageError):
        desk.engine.acknowledge(one, actor=" ")
    with pytest.raises(UsageError):
        desk.engine.inbox("nobody")
    assert [memo.number for memo in desk.engine.inbox("城运中心信息员")] == [one]


def test_a_warning_ends_where_the_time_out_is_told(desk_of):
    desk = desk_of(**{"warn.before": "30m"})
    at_unit(desk)
    warned = [one for one in desk.tell("03-03 23:45") if one[1] == "JY-T03"]
    due = next(one.due_at for one in desk.engine.inbox() if one.rule == "JY-T03")
    assert warned == [("warn", "JY-T03", "handling_unit", "甲科")]
    desk.tell(f"{due + timedelta(minutes=1):%m-%d %H:%M}")
    over = {one.event: one.over for one in desk.engine.inbox(standing=False) if one.rule == "JY-T03"}
    assert over == {"warn": "passed", "time_out": ""}


def test_each_escalation_is_told_a_rung_higher_than_the_last(desk_of):
    desk = desk_of(**{"escalate.after": "1h,2h,3h", "tell.climb_after": "none"})
    at_unit(desk)
    told = [one for one in desk.tell("03-04 18:00") if one[1] == "JY-T03"]
    assert [(event, role) for event, _, role, _ in told] == [
        ("time_out", "handling_unit"), ("escalate", "first_responsible"), ("escalate", "dispatcher"),
        ("escalate", "centre_head"),
    ]  # fmt: skip
    assert [one for one in desk.tell("03-13 18:00") if one[1] == "JY-T03"] == [], "nothing climbs"


def test_a_time_out_withdrawn_is_told_to_whoever_was_told_of_it_and_ends_it(desk_of):
    desk = desk_of(**{"escalate.after": "1h"})
    at_unit(desk)
    desk.do("03-02 10:00", "accept")
    desk.do("03-02 10:30", "contact", evidence="通话录音")
    desk.do("03-02 11:00", "request_extension", reason="需会商", report="专题报告")
    desk.tell("03-21 09:00")
    desk.tell("03-22 10:00")  # the time-out has climbed to the unit's first responsible too
    desk.do("03-22 16:00", "approve_extension", role="centre_head", order_due="2026-03-30")
    told = [one for one in desk.tell("03-22 16:01") if one[1] == "JY-T09"]
    assert sorted(told) == [
        ("time_out_withdrawn", "JY-T09", role, "甲科")
        for role in ("dispatcher", "first_responsible", "handling_unit")
    ]
    over = {
        (one.event, one.role): one.over for one in desk.engine.inbox(standing=False) if one.rule == "JY-T09"
    }
    assert {why for (event, _), why in over.items() if event != "time_out_withdrawn"} == {"withdrawn"}
    assert {one.event for one in desk.engine.inbox() if one.rule == "JY-T09"} == {"time_out_withdrawn"}
    assert [one for one in desk.tell("03-29 09:00") if one[1] == "JY-T09"] == [], "news climbs not"


def test_a_case_is_told_to_its_unit_and_to_whoever_may_take_it_on_and_again_as_it_goes_on(desk_of):
    desk = desk_of("YY")
    desk.do("03-02 09:00", "receive", order_due="2026-03-20")
    desk.do("03-02 09:10", "register", role="hotline_office")
    desk.do("03-02 09:30", "dispatch", unit="甲科", handling_class="prompt")
    told = desk.tell("03-10 09:00")
    case = "A~supervision~1"
    opened = [one for one in desk.heard if one["order"] == case]
    assert {one["role"] for one in opened} == {
        "dispatcher",
        "centre_head",
        "hotline_office",
        "handling_unit",
    }
    assert {one["rule"] for one in opened} == {"YY-R06", "YY-G03"}
    assert any("下发督办单" in one["what"] for one in opened)
    assert len(told) == len(set(told))
    desk.do("03-10 10:00", "issue_sheet", case, role="dispatcher", number="1", reply_due="2026-03-15")
    desk.tell("03-10 10:01")
    about = [one for one in desk.engine.inbox(standing=False) if one.order_id == case]
    assert {one.over for one in about if one.event == "propose_supervision"} == {"gone_on"}
    assert {one.role for one in about if one.event == "issue_sheet"} == {"dispatcher", "centre_head"}


def test_whose_signature_an_enquiry_waits_for_is_told_step_by_step(desk_of):
    desk = desk_of("BS")
    desk.do("03-02 09:00", "receive", order_due="2026-03-20")
    desk.do("03-02 09:10", "register")
    desk.do("03-02 09:30", "dispatch", unit="甲科", handling_class="solve_now")
    form = {"number": "1", "earlier_handling": "无", "difficulty": "不清", "proposal": "他单位"}
    desk.do("03-02 10:00", "file_dispute", unit="甲科", **form)
    case = "A~enquiry~1"
    desk.tell("03-02 10:01")
    asked = [{one["role"] for one in desk.heard if one["order"] == case}]
    for role in ("unit_head", "business_branch_leader"):
        before = len(desk.heard)
        desk.do(f"03-02 1{len(asked)}:30", "sign", role=role)
        desk.tell(f"03-02 1{len(asked)}:31")
        asked.append({one["role"] for one in desk.heard[before:] if one["order"] == case})
    assert asked[0] == {"unit_head", "handling_unit"}
    assert asked[1] == {"business_branch_leader"}
    assert "licensing_section" in asked[2]


def test_history_that_is_taken_in_is_told_to_nobody_where_it_is_over(desk_of, tmp_path):
    log = tmp_path / "log.csv"
    log.write_text(
        "order_id,event,at,unit,order_due\n"
        "A,receive,2026-02-02 09:00,,2026-02-20\nA,register,2026-02-03 09:10,,\n"
        "B,receive,2026-02-02 09:00,,2026-02-20\n",
        encoding="utf-8",
    )
    desk = desk_of()
    desk.engine.import_logs([log])
    assert {one[2] for one in desk.tell("03-02 10:00")} == {"dispatcher", "handling_unit"} - {"handling_unit"}
    late = [one for one in desk.engine.inbox(standing=False) if (one.order_id, one.rule) == ("A", "JY-T01")]
    assert [(one.over, one.sent_at) for one in late] == [("met", None)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_notifier_that_raises_is_asked_again_and_nothing_is_lost(kind, place_of):
    desk = Desk(place_of(kind).url)
    for number in range(5):
        desk.do("03-02 09:00", "receive", f"O{number}")
    desk.clock.advance_to(at("03-02 12:00"))
    desk.engine.sweep()
    heard: list[int] = []
    chance = random.Random(6)

    def shaky(line):
        if chance.random() < 0.6:
            raise ConnectionError("away")
        heard.append(line["number"])

    failed = 0
    while not heard or desk.engine.inbox()[0].sent_at is None:
        try:
            desk.engine.tell(shaky)
        except ConnectionError:
            failed += 1
    assert failed
    assert heard == sorted(one.number for one in desk.engine.inbox())
    assert all(one.sent_at for one in desk.engine.inbox())
    desk.engine.close()


def test_the_scheduler_tells_and_goes_on_after_a_notifier_that_raised(place_of):
    heard: list[str] = []

    def once_away(line):
        heard.append(line["what"])
        if len(heard) == 1:
            raise ConnectionError("away")

    with Engine.open(place_of("sqlite").url, clock=(clock := SimulatedClock(MONDAY))) as engine:
        engine.submit("A", "receive")
        clock.advance_to(at("03-02 10:00"))
        engine.start(every_seconds=0.05, notify=once_away)
        until = time.monotonic() + 10
        while (
            len(heard) < 3 or any(one.sent_at is None for one in engine.inbox())
        ) and time.monotonic() < until:
            time.sleep(0.02)
        assert heard[0] == heard[1]
        assert len(heard) == 1 + len(engine.inbox())


def test_the_file_takes_each_line_once_and_mends_a_torn_one(tmp_path):
    file = tmp_path / "told.jsonl"
    write = FileNotifier(file)
    lines = [{"store": "s", "number": number, "what": "“已超时”" * 9} for number in range(1, 4)]
    for line in (*lines[:2], lines[1]):
        write(line)
    whole = file.read_bytes()
    file.write_bytes(whole + json.dumps(lines[2]).encode()[:20])
    for _ in range(2):
        FileNotifier(file)(lines[2])
    write({**lines[2], "store": "another"})
    assert [json.loads(one) for one in file.read_text(encoding="utf-8").splitlines()] == [
        *lines, {**lines[2], "store": "another"},
    ]  # fmt: skip
    with pytest.raises(UsageError):
        FileNotifier(tmp_path / "nowhere" / "told.jsonl")


@pytest.mark.parametrize("kind", ON_DISK)
def test_each_is_told_once_whatever_processes_are_killed(kind, place_of, tmp_path):
    place, chance, file = place_of(kind), random.Random(kind), tmp_path / "told.jsonl"
    with Engine.open(
        place.url, "BS", settings={"escalate.after": "1h,1d"}, clock=SimulatedClock(MONDAY)
    ) as engine:
        for number in range(30):
            order = f"O{number}"
            assert engine.submit(order, "receive", order_due="2026-03-04").accepted
            assert engine.submit(order, "register").accepted
            assert engine.submit(
                order, "dispatch", unit=f"{number % 3}科", handling_class="solve_now"
            ).accepted
    now = MONDAY
    for _ in range(2):
        running = [
            subprocess.Popen(
                [sys.executable, TELLING, CHECKOUT, place.url, now.isoformat(), file], stdout=subprocess.PIPE
            )
            for _ in range(3)
        ]
        time.sleep(1.5 + chance.random())
        for one in running:
            one.kill()
        lines = [line for one in running for line in one.communicate()[0].decode().splitlines()]
        now = max((datetime.fromisoformat(line) for line in lines), default=now) + timedelta(hours=1)
        place.run("UPDATE paidan_cursor SET held_until = 0")  # what a lease of half a minute would wait for
    now = max(now, at("03-09 09:00"))
    with Engine.open(place.url, None, clock=SimulatedClock(now)) as engine:
        engine.sweep()
        engine.tell(file)
        assert engine.tell(file) == 0
        memos = engine.inbox(standing=False)
        raised = Counter(
            (order, one.seq, one.event)
            for order in (f"O{number}" for number in range(30))
            for one in engine.history(order)
            if one.event in ("time_out", "escalate")
        )
    told = Counter(
        (one.order_id, one.seq, one.event) for one in memos if one.order_id and not one.climbed_from
    )
    assert told == raised
    assert raised
    written = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert sorted(one["number"] for one in written) == sorted(one.number for one in memos if one.sent_at)
    assert all(one.sent_at for one in memos if one.stands)


YEAR = 366


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**9))
@pytest.mark.parametrize("policy", ["BS", "JY", "SW", "YY", "ZZ"])
def test_every_reminder_of_a_year_reaches_its_roles_once_at_its_moment(policy, seed):
    chance, url = random.Random(seed), f"memory://year-{policy}-{seed}"
    start = MONDAY.replace(hour=chance.randrange(24))
    units = ("甲科", "乙所")
    clocks = [SimulatedClock(start) for _ in range(3)]

    def opened(number):
        roster = Roster([Unit(unit, "department") for unit in units], "department")
        return Engine.open(
            url, policy, clock=clocks[number], units=roster, settings={"tell.climb_after": "none"}
        )

    engines = [opened(number) for number in range(3)]
    now, looks = start, []
    try:
        while now < start + timedelta(days=YEAR):
            which = chance.randrange(3)
            clocks[which].advance_to(now)
            if chance.random() < 0.5:
                engines[which].close()
                engines[which] = opened(which)
            engines[which].tell()
            looks.append(now)
            now += timedelta(hours=chance.choice((7, 30, 100, 900)))
        rules = engines[0].books.latest
        expected = {}
        months = [f"{year}-{month:02}" for year in (2026, 2027) for month in range(1, 13)]
        for month in months:
            for one in falling_in(rules.policy, month, rules.calendar):
                moment = told_at(one, 3)
                assert moment <= one.due.at
                if one.due.at >= start and moment <= looks[-1]:
                    told = next(look for look in looks if look >= moment)
                    for role in one.rule.roles:
                        for unit in units if role in UNIT_ROLES else ("",):
                            expected[one.rule.rule, one.period.name, role, unit] = (moment, told, one.due.at)
        found = [
            ((one.rule, one.period, one.role, one.unit), (one.at, one.told_at, one.due_at))
            for one in engines[1].inbox(standing=False)
        ]
        assert len(found) == len(dict(found))
        assert dict(found) == expected
        assert bool(expected) == (policy != "ZZ")
    finally:
        for engine in engines:
            engine.close()
        forget_memory(url)


def test_a_reminder_nobody_takes_climbs_once_it_is_past_due(desk_of):
    desk = desk_of("JY", at("03-04 09:00"))
    desk.engine.tell()
    reminder = {one.rule: one for one in desk.engine.inbox()}["JY-P02"]
    assert (reminder.role, f"{reminder.due_at:%m-%d}", reminder.period) == ("centre_head", "03-05", "2026-02")
    desk.tell("03-06 23:00")
    assert {one.role for one in desk.engine.inbox() if one.rule == "JY-P02"} == {"centre_head"}
    desk.tell("03-07 00:00")
    assert {one.role for one in desk.engine.inbox() if one.rule == "JY-P02"} == {
        "centre_head", "hotline_branch_leader",
    }  # fmt: skip


def test_a_reminder_for_units_goes_to_each_that_the_directory_names_else_once_to_all(place_of, tmp_path):
    people = tmp_path / "directory.csv"
    people.write_text("单位,岗位,姓名\n甲科,第一责任人,孙三\n乙所,A角,李四\n", encoding="utf-8")
    with Engine.open(place_of("memory").url, "BS", clock=(clock := SimulatedClock(MONDAY))) as engine:
        engine.tell()
        assert [one.unit for one in engine.inbox("handling_unit") if one.rule == "BS-P04"] == [""]
        engine.load_directory(people, actor="赵一")
        clock.advance_to(at("03-03 09:00"))
        engine.tell()
        units = {one.unit for one in engine.inbox("handling_unit") if one.period == "2026-03-03"}
        assert units == {"甲科", "乙所"}
        assert {one.rule for one in engine.inbox(unit="甲科")} == {"BS-P04"}


def test_the_awaited_face_tells_and_acknowledges(place_of):
    async def lived():
        clock = SimulatedClock(MONDAY)
        async with await AsyncEngine.open(place_of("memory").url, clock=clock) as engine:
            await engine.submit("A", "receive")
            clock.advance_to(at("03-02 10:00"))
            await engine.sweep()
            assert await engine.tell() >= 1
            (one,) = [memo for memo in await engine.inbox("dispatcher") if memo.order_id]
            (taken,) = await engine.acknowledge(one.number, actor="钱二", role="dispatcher")
            return taken.acknowledged_by, await engine.inbox("dispatcher")

    assert asyncio.run(lived()) == ("钱二", ())


def paidan(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    error = done.exception
    if error is None or isinstance(error, SystemExit):
        return done.exit_code, done.stdout, done.stderr
    return exit_code(error), done.stdout, "\n".join(sentences(error, "zh"))


def test_the_commands_show_what_waits_and_take_notice_of_it(place_of, tmp_path):
    url = place_of("sqlite").url
    desk = Desk(url)
    at_unit(desk)
    desk.tell("03-04 12:00")
    desk.tell("03-06 12:00")
    people = tmp_path / "directory.csv"
    people.write_text("单位,岗位,姓名\n甲科,第一责任人,孙三\n", encoding="utf-8")
    desk.engine.load_directory(people, actor="赵一")
    desk.engine.close()

    code, out, _ = paidan("inbox", "--db", url, "--role", "第一责任人", "--unit", "甲科", "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert [row["number"] for row in rows] == sorted((row["number"] for row in rows), reverse=True)
    one = next(row for row in rows if row["rule"] == "JY-T03")
    assert (one["order"], one["clause"] != "", one["climbed_from_role"]) == ("A", True, "handling_unit")
    _, table, _ = paidan("inbox", "--db", url, "--format", "csv")
    assert "第一责任人（孙三）" in table
    assert "承办单位" in table
    for actor in ("孙三", "李四"):
        code, _, said = paidan(
            "acknowledge", one["number"], "--actor", actor, "--role", "第一责任人", "--db", url
        )
        assert (code, "孙三" in said) == (0, True)
    _, out, _ = paidan("inbox", "--db", url, "--all", "--format", "csv", "--lang", "en")
    assert "acknowledged by 孙三" in out
    assert paidan("acknowledge", 9999, "--actor", "孙三", "--db", url)[0] == 5
    assert paidan("acknowledge", 1, "--actor", " ", "--db", url)[0] == 2
    assert paidan("inbox", "--db", url, "--role", "无此角色")[0] == 2


def test_nothing_told_names_a_citizen(place_of, tmp_path):
    file = tmp_path / "told.jsonl"
    desk = Desk(place_of("sqlite").url)
    desk.do("03-02 09:00", "receive", PHONE, caller="王某某", phone=PHONE, address="某路1号", content="漏水")
    desk.clock.advance_to(at("03-03 09:00"))
    desk.engine.sweep()
    desk.engine.tell(file)
    desk.engine.close()
    told = file.read_text(encoding="utf-8")
    assert told
    assert not any(word in told for word in (PHONE, "王某某", "某路", "漏水"))


def test_a_name_of_a_subscriber_cannot_be_the_tellers(place_of):
    with Engine.open(place_of("memory").url) as engine, pytest.raises(UsageError):
        engine.subscribe(CURSOR, print)
