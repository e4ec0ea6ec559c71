"""What scoring keeps of an order: taken from its log under the one decision."""

import json

import pytest
from support.logs import life
from support.scores import JY, at

from paidan.engine.replay_order import replay_order
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import Mark, OrderRecord, began, from_json, record_of, to_json
from paidan.workflows.records import Command

RULES = Rulebook(JY.policy(JY.versions[0]))
AS_OF = at("2026-04-30T12:00:00")


def record(*events, as_of=AS_OF):
    commands = []
    for event, when, said in events:
        told = dict(said)
        unit, role = told.pop("unit", ""), told.pop("role", "")
        told = {k: at(v) if k == "order_due" else v for k, v in told.items()}
        commands.append(Command("O", event, at(when), unit=unit, role=role, attributes=told))
    done = replay_order("O", commands, RULES, as_of)
    return record_of(done.order, done.entries, RULES, as_of)


def limit(one):
    """The closing limit of the last dispatch."""
    return one.judged[-1]


def plain(**more):
    return [(event, when, said) for _, event, when, said in life("O", **more)]


def test_a_plain_life():
    one = record(*plain())
    assert (one.unit, one.category, one.version) == ("A", "dispatched", "JY@2022-07-01")
    assert one.began_at == at("2026-03-02T09:00:00")
    assert one.accepted == Mark(at("2026-03-02T11:00:00"), 5)
    assert one.closed == Mark(at("2026-03-06T12:00:00"), 8)
    assert (limit(one).rule, limit(one).verdict) == ("JY-T09", "met")
    assert limit(one).due_at == at("2026-03-20T18:00:00")
    assert [(c.seq, c.evidence) for c in one.contacts] == [(4, True)]
    assert [(c.seq, c.outcome, c.satisfaction, c.source) for c in one.callbacks] == [
        (7, "resolved", "satisfied", "district")
    ]


def test_a_close_after_the_limit_is_late_at_its_final_sequence_number():
    one = record(*plain()[:-1], ("close", "2026-03-21", {}))
    assert (limit(one).verdict, one.closed.seq) == ("late", 9)


def test_an_order_never_closed_is_overdue_and_not_closed():
    one = record(*plain()[:-1])
    assert (one.closed, limit(one).verdict) == (None, "overdue")


def test_without_a_limit_there_is_no_closing_clock():
    assert record(*plain(order_due="2026-03-20")[1:]).judged == ()


def test_an_extension_moves_the_closing_clock():
    extended = [
        ("request_extension", "2026-03-03", {"reason": "x", "unit": "A"}),
        ("approve_extension", "2026-03-03T01:00:00", {"order_due": "2026-04-10"}),
    ]
    one = record(*plain()[:5], *extended, *plain()[5:-1], ("close", "2026-04-02", {}))
    assert (limit(one).verdict, limit(one).due_at) == ("met", at("2026-04-10"))


def test_redo_starts_closing_and_evaluation_anew_but_the_clock_keeps_its_first_close():
    redone = [
        ("redo", "2026-03-25", {"ground": "dissatisfied_returned"}),
        ("accept", "2026-03-25T01:00:00", {"unit": "A"}),
        ("resolve", "2026-04-01", {}),
        ("close", "2026-04-02", {}),
    ]
    one = record(*plain(), *redone)
    assert (one.closed.at, one.callbacks) == (at("2026-04-02"), ())
    assert (one.accepted.at, limit(one).verdict) == (at("2026-03-02T11:00:00"), "met")
    reopened = record(*plain(), redone[0])
    assert reopened.closed is None


def test_a_return_and_a_new_dispatch_make_it_the_new_units_order():
    moved = [
        ("request_return", "2026-03-02T12:00:00", {"unit": "A", "owner": "B", "reason": "x", "basis": "y"}),
        ("approve_return", "2026-03-02T13:00:00", {}),
        ("dispatch", "2026-03-02T14:00:00", {"unit": "B", "assisting": "C、D,B;E/C F"}),
    ]
    one = record(*plain()[:5], *moved)
    assert (one.unit, one.earlier_units, one.assisting) == ("B", ("A",), ("C", "D", "E", "F"))
    assert one.accepted is None
    assert len(one.contacts) == 1
    assert (limit(one).due_at, limit(one).verdict) == (at("2026-03-20T18:00:00"), "overdue")


def test_a_direct_order_has_no_unit():
    events = [
        ("receive", "2026-03-02", {"anonymous": True, "repeat_of": "GD0"}),
        ("register", "2026-03-02T00:10:00", {}),
        ("resolve", "2026-03-02T00:20:00", {"category": "direct"}),
        ("close", "2026-03-02T00:30:00", {"finding": "founded"}),
    ]
    one = record(*events)
    assert (one.unit, one.accepted, one.judged, one.category) == (None, None, (), "direct")
    assert (one.anonymous, one.repeat_of, one.finding) == (True, "GD0", "founded")


def test_a_late_callback_after_closing_is_kept():
    again = ("revisit", "2026-04-03", {"result": "effective", "outcome": "unresolved", "contacted": False})
    one = record(*plain(), again)
    assert [c.outcome for c in one.callbacks] == ["resolved", "unresolved"]
    assert (one.callbacks[-1].contacted, one.closed.at) == (False, at("2026-03-06T12:00:00"))


def test_a_deadline_past_the_calendar_makes_the_record_provisional():
    events = [
        ("receive", "2026-12-31T09:00:00", {}),
        ("register", "2026-12-31T09:10:00", {}),
        ("dispatch", "2026-12-31T09:20:00", {"unit": "A"}),
    ]
    assert record(*events, as_of=at("2027-01-31")).provisional
    assert not record(*plain()).provisional


@pytest.mark.parametrize(
    "events",
    [
        plain(),
        plain()[:2],
        plain()[4:],
        [*plain(), ("revisit", "2026-04-03", {"contacted": False, "process_satisfaction": "neutral"})],
        [*plain()[:2], ("dispatch", "2026-03-02T14:00:00", {"unit": "B", "assisting": "C D"}), *plain()[2:3]],
    ],
)
def test_a_record_is_read_back_as_it_was_written(events):
    one = record(*events)
    assert from_json(to_json(one)) == one


def test_only_what_was_said_is_written():
    assert json.loads(to_json(OrderRecord("O", "JY", at("2026-03-01")))) == {
        "order_id": "O",
        "version": "JY",
        "began_at": "2026-03-01T00:00:00+08:00",
    }


def test_the_log_begins_in_the_month_of_its_earliest_entry():
    assert began([record(*plain()), record(*plain()[3:])]) == "2026-03"
    assert began([]) is None
