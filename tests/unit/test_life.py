"""The life of a work order as a value, and as the transitions library runs it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidan.engine.decide import LIFE
from paidan.workflows.attributes import ATTRIBUTES, SAYABLE
from paidan.workflows.cases import WORKFLOWS
from paidan.workflows.definition import Event, Move, State, Workflow
from paidan.workflows.diagram import mermaid
from paidan.workflows.errors import DefinitionError
from paidan.workflows.facts import FACTS, learn
from paidan.workflows.work_order import EVENTS, STATES, WORK_ORDER

STATE_NAMES = [state.name for state in STATES]
EVENT_NAMES = [event.name for event in EVENTS]

CONTRACT = {
    "received": {"receive": [""]},
    "registered": {"register": ["received"]},
    "dispatched": {"dispatch": ["registered", "returned"], "redo": ["revisited", "closed"]},
    "handed_back": {"hand_back": ["received", "registered", "returned"]},
    "resolved": {"resolve": ["accepted", "contacted", "extended"]},
    "revisited": {"revisit": ["resolved", "revisited"]},
    "closed": {"close": ["resolved", "revisited"], "revisit": ["closed"]},
    "accepted": {"accept": ["dispatched"], "send_back": ["resolved"]},
}


@pytest.mark.parametrize(("state", "ways"), CONTRACT.items())
def test_a_state_is_entered_by_exactly_the_moves_of_the_contract(state, ways):
    for event in {event for one in CONTRACT.values() for event in one}:
        for source in ["", *STATE_NAMES]:
            expected = source in ways.get(event, [])
            assert (LIFE.target(source, event, {}, {}) == state) == expected, (source, event)


def test_contact_already_made_takes_an_acceptance_to_contacted():
    made = {"contacted_at": object()}
    assert LIFE.target("dispatched", "accept", made, {}) == "contacted"
    assert LIFE.target("resolved", "send_back", made, {}) == "contacted"


def test_only_a_direct_order_is_resolved_from_registered():
    assert LIFE.target("registered", "resolve", {}, {}) is None
    assert LIFE.target("registered", "resolve", {"category": "direct"}, {}) == "resolved"
    assert LIFE.target("registered", "resolve", {"category": "direct"}, {"category": "joint"}) is None


@pytest.mark.parametrize("kind", ["return", "extension"])
def test_a_request_is_decided_only_while_it_is_pending(kind):
    other = "extension" if kind == "return" else "return"
    for decision in (f"approve_{kind}", f"refuse_{kind}"):
        assert LIFE.target("accepted", decision, {"pending": kind}, {}) is not None
        assert LIFE.target("accepted", decision, {"pending": other}, {}) is None
        assert LIFE.target("accepted", decision, {}, {}) is None
    assert LIFE.target("accepted", f"request_{kind}", {"pending": other}, {}) is None


def test_a_return_may_be_approved_from_resolved_while_it_is_pending():
    assert LIFE.target("resolved", "approve_return", {"pending": "return"}, {}) == "returned"
    assert LIFE.target("resolved", "request_return", {}, {}) is None


def test_nothing_but_a_note_a_correction_and_what_becomes_of_identities_follows_handing_back():
    allowed = [event for event in EVENTS if LIFE.target("handed_back", event.name, {}, {}) is not None]
    names = [event.name for event in allowed if not event.by_engine]
    assert names == ["unmask", "erase", "note", "correct"]


def test_closing_twice_is_not_allowed_and_contact_never_reopens():
    assert LIFE.target("closed", "close", {}, {}) is None
    assert LIFE.target("closed", "contact", {}, {}) is None
    assert LIFE.target("closed", "assign", {}, {}) == "closed"


@given(
    st.sampled_from(["", *STATE_NAMES]),
    st.sampled_from(EVENT_NAMES),
    st.fixed_dictionaries(
        {
            "contacted_at": st.sampled_from([None, object()]),
            "pending": st.sampled_from([None, "return", "extension"]),
            "pending_exclusion": st.booleans(),
            "category": st.sampled_from([None, "direct", "joint"]),
        }
    ),
)
def test_asking_twice_gives_one_answer_which_is_a_state(state, event, facts):
    target = LIFE.target(state, event, facts, {})
    assert target == LIFE.target(state, event, dict(facts), {})
    assert target is None or target in STATE_NAMES


@given(st.lists(st.sampled_from(EVENT_NAMES), max_size=12))
def test_facts_are_learned_without_touching_what_was_known(events):
    from datetime import datetime

    from paidan.workflows.records import BEIJING

    known = learn({}, "note", datetime(2026, 3, 2, tzinfo=BEIJING), "", {})
    for event in events:
        before = dict(known)
        after = learn(known, event, datetime(2026, 3, 2, tzinfo=BEIJING), "A", {})
        assert known == before
        assert set(after) <= {fact.name for fact in FACTS}
        known = after


def test_every_fact_is_set_by_events_of_the_life_and_every_attribute_said_by_one():
    names = {event.name for one in WORKFLOWS for event in one.events}
    assert {setter.event for fact in FACTS for setter in fact.setters} <= names
    assert {event for attribute in ATTRIBUTES for event in attribute.events} <= names
    assert set(SAYABLE) <= names


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda one: one.name)
def test_labels_are_never_shared_by_two_events_or_states(workflow):
    for things in (workflow.events, workflow.states):
        for labels in ([one.zh for one in things], [one.en for one in things]):
            assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("moves", "problem"),
    [
        ((Move("go", ("",), "a"), Move("go", ("a",), "nowhere")), "unknown states"),
        ((Move("fly", ("",), "a"), Move("go", ("a",), "b")), "unknown event"),
        ((Move("go", ("",), "a"), Move("go", ("",), "b")), "twice"),
        ((Move("go", ("",), "a"),), "no move reaches"),
        ((Move("go", ("",), "a"), Move("back", ("",), "b")), "dead end"),
        ((Move("go", ("",), "a", when=("moon",)), Move("go", ("a",), "b")), "unknown conditions"),
        ((Move("go", ("",), "a"), Move("go", ("a",), "b"), Move("back", ("b",), "a")), "final"),
    ],
)
def test_a_definition_that_does_not_fit_is_refused_with_what_is_wrong(moves, problem):
    states = (State("a", "甲", "A"), State("b", "乙", "B", final=True))
    events = (Event("go", "去", "Go"), Event("back", "回", "Back"))
    with pytest.raises(DefinitionError, match=problem):
        Workflow("w", "甲乙", "W", states, events, moves, {})


def test_the_diagram_shows_every_state_and_move():
    drawn = mermaid(WORK_ORDER)
    assert all(f"{state.name} : {state.zh}" in drawn for state in STATES)
    assert "registered --> dispatched : 派单" in drawn
    assert "handed_back --> [*]" in drawn
