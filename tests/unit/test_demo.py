"""The generated month holds what a demonstration must show, and is the same month everywhere."""

import csv
import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from paidan.engine import demo
from paidan.engine.decide import decide
from paidan.engine.demo import street
from paidan.engine.intake.events import read_logs
from paidan.policies.calendar import DayKind, work_calendar
from paidan.policies.clocks import verdict
from paidan.policies.registry import document
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import IDENTITY
from paidan.workflows.records import Command, Order
from paidan.workflows.work_order import STATES

CHECKOUT = Path(__file__).resolve().parents[2]
DEPARTMENTS = [unit.unit for unit in demo.demo_units() if unit.pool == "department"]
NEIGHBOURHOODS = [unit.unit for unit in demo.demo_units() if unit.pool == "neighbourhood"]
JY_EVENTS = {
    "receive", "register", "dispatch", "hand_back", "accept", "contact", "request_return", "approve_return",
    "refuse_return", "request_extension", "approve_extension", "refuse_extension", "resolve", "send_back",
    "revisit", "redo", "close", "flag_urgent", "assign", "urge", "file_dispute", "supervise",
    "supervision_reply", "note",
}  # fmt: skip


class Folded:
    """The month taken through the one decision."""

    def __init__(self, seed, *, observe):
        rules = Rulebook(
            document("JY").policy(document("JY").versions[0]), Roster(demo.demo_units(), "department")
        )
        self.orders: dict[str, Order] = {}
        self.reached: Counter[str] = Counter()
        self.found: Counter[tuple[str, str]] = Counter()
        self.applied = self.refused = 0
        as_of = max(command.at for command in demo.demo_commands(seed))
        for command in demo.demo_commands(seed):
            order = self.orders.get(command.order_id, Order(command.order_id))
            decision = decide(order, command, rules, observe=observe)
            self.orders[command.order_id] = decision.order
            self.applied, self.refused = (
                self.applied + (not decision.refused),
                self.refused + decision.refused,
            )
            self.reached.update(entry.to_state for entry in decision.entries)
            self.found.update((finding.code, finding.rule) for finding in decision.findings)
        self.verdicts = Counter(
            (clock.rule, str(verdict(clock, rules, as_of)))
            for order in self.orders.values()
            for clock in order.clocks
        )


@pytest.fixture(scope="module")
def observed():
    return Folded(demo.SEED, observe=True)


@pytest.fixture(scope="module")
def month():
    return demo.demo_month()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return demo.write_demo(tmp_path_factory.mktemp("demo"))


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def accepted(month, units, number):
    """Orders first accepted in that month, by unit of their last dispatch."""
    unit: dict[str, str] = {}
    seen: dict[str, int] = {}
    for command in month.commands:
        if command.event == "dispatch":
            unit[command.order_id] = command.unit
            seen.pop(command.order_id, None)
        elif command.event == "accept":
            seen.setdefault(command.order_id, command.at.month)
    counted = Counter(unit[one] for one, at in seen.items() if at == number and one in unit)
    return {name: counted[name] for name in units}


def digest(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_files_are_the_same_under_any_hash_seed_and_time_zone(tmp_path, files):
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import run_engine\n"
        "from paidan.engine.demo import write_demo; write_demo(pathlib.Path(sys.argv[2]))"
    )
    for seed, zone in (("0", "UTC"), ("4711", "America/New_York")):
        folder = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", program, str(CHECKOUT), str(folder)],
            check=True, timeout=60, env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
        )  # fmt: skip
        assert digest(folder) == digest(files.orders.parent)


def test_another_seed_is_another_month_with_the_same_ingredients():
    other = Folded(7, observe=True)
    assert list(demo.demo_commands(7)) != list(demo.demo_commands())
    assert {state.name for state in STATES} <= set(other.reached)
    assert {rule for code, rule in other.found if rule.startswith("JY-G")} == {
        "JY-G01", "JY-G02", "JY-G03", "JY-G05", "JY-G06",
    }  # fmt: skip


def test_about_two_thousand_orders_in_time_order(month):
    assert 1950 <= len(month.cases) <= 2050
    times = [command.at for command in month.commands]
    assert times == sorted(times)
    assert len({case.order_id for case in month.cases}) == len(month.cases)


def test_a_holiday_with_both_make_up_days_lies_inside_the_days_of_receipt(month):
    received = [command.at.date() for command in month.commands if command.event == "receive"]
    first, last = min(received), max(received)
    calendar = work_calendar()
    kinds = Counter(day.kind for day in calendar.days(first, last))
    assert kinds[DayKind.HOLIDAY] == 10
    assert kinds[DayKind.MAKEUP] == 2
    assert calendar.day(first + (last - first) / 2).kind is DayKind.HOLIDAY
    assert max(command.at for command in month.commands).date() <= date(2026, 10, 31)


def test_every_state_is_reached_and_every_event_seen(month, observed):
    assert set(observed.reached) == {state.name for state in STATES}
    assert {command.event for command in month.commands} == JY_EVENTS


def test_every_state_is_where_some_order_still_is(observed):
    assert {order.state for order in observed.orders.values()} == {state.name for state in STATES}


@pytest.mark.parametrize("number", range(1, 10))
def test_every_limit_is_broken_by_some_and_kept_by_most(observed, number):
    rule = f"JY-T{number:02d}"
    count = {name: observed.verdicts[rule, name] for name in ("met", "late", "overdue")}
    assert count["late"] >= 5
    assert Fraction(70, 100) < Fraction(count["met"], sum(count.values())) < Fraction(97, 100)


def test_duties_are_also_left_undone(observed):
    for rule in ("JY-T01", "JY-T02", "JY-T03", "JY-T04", "JY-T09"):
        assert observed.verdicts[rule, "overdue"]
    assert observed.verdicts["JY-T09", "open"]
    assert observed.verdicts["JY-T04", "void"]
    assert observed.verdicts["JY-T03", "void"]


@pytest.mark.parametrize(
    "finding",
    [
        ("window_passed", "JY-T06"), ("window_passed", "JY-T07"), ("window_passed", "JY-T08"),
        ("order_overdue", "JY-G01"), ("not_said", "JY-G02"), ("not_said", "JY-G03"), ("too_many", "JY-G05"),
        ("not_said", "JY-G06"), ("not_said", "JY-T07"), ("not_yet", "JY-C01"),
        ("limit_unknown", "JY-T09"),        ("no_such_move", ""), ("begins_in_middle", ""),
    ],
)  # fmt: skip
def test_every_guard_is_broken_by_somebody(observed, finding):
    assert observed.found[finding] >= 3


def test_contacts_without_evidence_and_unconfirmed_bonuses_are_there(month):
    contacts = [command for command in month.commands if command.event == "contact"]
    unproved = sum("evidence" not in command.attributes for command in contacts)
    assert 0.01 < unproved / len(contacts) < 0.15
    assert any(one.code == "praise" and not one.confirmed_by for one in demo.demo_adjustments(month))


def test_the_live_engine_would_take_nearly_all_of_it(observed):
    enforced = Folded(demo.SEED, observe=False)
    assert enforced.refused < observed.applied // 50
    assert set(enforced.reached) == {state.name for state in STATES}


def test_kinds_of_order(month):
    said = [
        (command.event, name, value)
        for command in month.commands
        for name, value in command.attributes.items()
    ]
    categories = {value for _, name, value in said if name == "category"}
    assert categories == {
        "direct", "dispatched", "joint", "chronic", "on_site", "topic", "talk_first",
        "first_asked", "designated", "backstop",
    }  # fmt: skip
    for name in ("urgent", "anonymous"):
        assert sum(one == ("receive", name, True) for one in said) > 30
    assert {value for _, name, value in said if name == "source"} == {"centre", "district"}
    assert sum(event == "receive" and name == "repeat_of" for event, name, _ in said) > 30
    assert {"protection", "site_visit", "hazard", "assisting", "met"} <= {name for _, name, _ in said}


def test_a_repeat_names_an_earlier_order(month):
    received = {case.order_id: case.received_at for case in month.cases}
    for case in month.cases:
        if case.repeat_of:
            assert received[case.repeat_of] < case.received_at


def test_extensions_approved_after_the_old_limit_count(observed, month):
    late = {case.order_id for case in month.by_way["extended_late"]}
    for order_id in late:
        closing = [clock for clock in observed.orders[order_id].clocks if clock.rule == "JY-T09"]
        assert closing[-1].done_at is None or closing[-1].done_at <= closing[-1].due_at


def test_some_events_share_a_second_and_some_stand_on_the_minute(month):
    times = Counter((command.order_id, command.at) for command in month.commands)
    assert sum(count > 1 for count in times.values()) > 50
    assert any(command.at.second == 0 for command in month.commands)
    assert sum(command.at.second != 0 for command in month.commands) > len(month.commands) * 0.9


def test_units_that_the_month_does_not_assess(month):
    october = accepted(month, DEPARTMENTS + NEIGHBOURHOODS, 10)
    mentioned = {command.unit for command in month.commands}
    assert not mentioned.intersection(street.WITHOUT_ORDERS)
    assert october[street.ONLY_ACCEPTED] == 3
    assert october[street.NOTHING_ACCEPTED] == 0
    closed = {command.order_id for command in month.commands if command.event == "close"}
    own = {case.order_id for case in month.cases if case.unit == street.ONLY_ACCEPTED}
    assert own
    assert not own & closed
    for unit in street.NOT_EVALUATED:
        orders = {case.order_id for case in month.cases if case.unit == unit}
        assert orders & closed
        assert not any(
            command.attributes.get("source") == "district" and command.attributes["result"] == "effective"
            for command in month.commands
            if command.order_id in orders
        )


def test_volumes_reach_every_band_with_ties(month):
    departments = accepted(month, DEPARTMENTS, 10)
    total = sum(departments.values())
    assert [name for name, count in departments.items() if Fraction(count, total) >= Fraction(1, 5)] == [
        "城建中心"
    ]
    counts = sorted(accepted(month, NEIGHBOURHOODS, 10).values(), reverse=True)
    assert len(counts) > 40
    assert counts[40] > 0
    assert len(set(counts[:40])) < 30
    assert counts[0] > counts[10] > counts[20] > counts[30] > counts[40]


def test_adjustments_name_orders_and_pass_both_caps(month):
    entries = demo.demo_adjustments(month)
    assert {one.code for one in entries} == {
        "praise", "three_duty", "talk_branch", "talk_joint", "talk_main", "supervise_late", "media", "absent",
    }  # fmt: skip
    bonus: dict[str, Fraction] = {}
    deduction: dict[str, Fraction] = {}
    for one in entries:
        if one.at.startswith("2026-10") and one.confirmed_by:
            side = bonus if one.code in ("praise", "three_duty") else deduction
            side[one.unit] = side.get(one.unit, Fraction(0)) + Fraction(one.points)
    assert max(bonus.values()) > 10
    assert max(deduction.values()) > 10
    category = {case.order_id: case.category for case in month.cases}
    assert "talk_first" in {
        category[one.order_id] for one in entries if one.code == "talk_main" and one.order_id
    }
    assert {one.unit for one in entries} <= set(DEPARTMENTS + NEIGHBOURHOODS)
    unit = {case.order_id: case.unit for case in month.cases}
    assert all(unit[one.order_id] == one.unit for one in entries if one.order_id)


def test_the_log_reads_back_as_the_same_commands(files, month):
    log = read_logs([files.orders])
    assert log.rejected == []
    assert log.ignored == []
    assert log.read == len(month.commands)
    assert set(log.identity) == set(IDENTITY)
    spoken: dict[str, list[Command]] = {}
    for command in month.commands:
        spoken.setdefault(command.order_id, []).append(command)
    for order_id, commands in spoken.items():
        read = [command._replace(source="", row=0) for command in log.of(order_id)]
        assert read == commands
    assert log.rejected == []


def test_only_the_receipt_says_who_called_and_says_it_is_invented(files):
    for row in rows(files.orders):
        if row["event"] == "receive":
            assert row["content"].startswith("【虚构】")
            assert not row["phone"] or row["phone"].startswith("000")
        else:
            assert not any(row[name] for name in IDENTITY)


def test_commands_carry_nobodys_identity(month):
    assert not any(set(command.attributes) & set(IDENTITY) for command in month.commands)


def test_orders_in_the_units_file_have_a_pool(files, month):
    listed = {row["unit"] for row in rows(files.units)}
    assert {case.unit for case in month.cases} - {""} <= listed
    assert len(DEPARTMENTS) == 12
    assert 40 < len(NEIGHBOURHOODS) <= 50


def test_contact_before_acceptance_and_urgency_after_dispatch(month):
    events: dict[str, list[str]] = {}
    for command in month.commands:
        events.setdefault(command.order_id, []).append(command.event)
    before = sum(
        "contact" in one and "accept" in one and one.index("contact") < one.index("accept")
        for one in events.values()
    )
    assert before > 100
    assert all(
        one.index("flag_urgent") > one.index("dispatch") for one in events.values() if "flag_urgent" in one
    )


def test_nothing_happens_before_the_log_begins(month):
    begins = min(command.at for command in month.commands)
    assert begins.date() == date(2026, 9, 18)
    earlier = [case for case in month.cases if case.received_at.date() < begins.date()]
    assert len(earlier) >= 5
    assert all(begins - case.received_at < timedelta(days=5) for case in earlier)
