"""
The workflows that are kept: the work order, and the cases beside one or about a unit.

A case is an aggregate like an order, with its own log, clocks and history under an id of its own:
`ORDER~supervision~1` is the first supervision of `ORDER`. The id alone says which workflow it runs and what
it is about.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from paidan.workflows.definition import START, Event, Workflow
from paidan.workflows.enquiry import ENQUIRY
from paidan.workflows.extension import EXTENSION
from paidan.workflows.supervision import SUPERVISION
from paidan.workflows.talk import TALK
from paidan.workflows.topic import TOPIC
from paidan.workflows.work_order import WORK_ORDER

MARK = "~"
"""Stands in the id of a case, between what it is about, its workflow and what tells it from others."""

CASES: Mapping[str, Workflow] = {one.name: one for one in (SUPERVISION, ENQUIRY, EXTENSION, TALK, TOPIC)}
"""The workflows of cases by name."""

WORKFLOWS: tuple[Workflow, ...] = (WORK_ORDER, *CASES.values())

EVENT_OF: Mapping[str, Event] = {event.name: event for one in reversed(WORKFLOWS) for event in one.events}
"""Every event of every workflow by name; what may happen anywhere is the same event in each."""

EVENTS = tuple({event.name: event for one in WORKFLOWS for event in one.events}.values())

OPENINGS: Mapping[str, Workflow] = {
    move.event: one for one in CASES.values() for move in one.moves if START in move.sources
}
"""Which workflow each event that opens a case belongs to."""

_CASE = re.compile(rf"(.+){MARK}({'|'.join(CASES)}){MARK}([^{MARK}]+)", re.DOTALL)


class CaseId(NamedTuple):
    """What a case is about (an order, or a unit), its workflow, and what tells it from others."""

    about: str
    workflow: str
    number: str

    def __str__(self) -> str:
        return MARK.join(self)


def case_id(order_id: str) -> CaseId | None:
    """
    Read the id of a case; None for that of an order. Nothing is a case about a case.

    >>> case_id("20260302-17~supervision~1")
    CaseId(about='20260302-17', workflow='supervision', number='1')
    >>> case_id("20260302-17") is None
    True
    """
    found = _CASE.fullmatch(order_id) if MARK in order_id else None
    return CaseId(*found.groups()) if found and not case_id(found[1]) else None


def about(order_id: str) -> str:
    """Name what a case is about; an order is about itself."""
    case = case_id(order_id)
    return case.about if case else order_id


def workflow_of(order_id: str) -> Workflow:
    """Give the workflow that an order or a case runs."""
    case = case_id(order_id)
    return CASES[case.workflow] if case else WORK_ORDER


def ended(order_id: str, state: str) -> bool:
    """Whether nothing leads on from that state of an order or a case."""
    return bool(state) and workflow_of(order_id).state_of[state].final


def follower(workflow: Workflow, event: str) -> str | None:
    """Name what an event of an order does to an open case about it, None where the case is deaf to it."""
    for one in workflow.events:
        if event in one.follows:
            return one.name
    return None


OF_CASES = frozenset(event.name for one in CASES.values() for event in one.events).difference(
    WORK_ORDER.event_of
)
"""The events that happen to cases alone."""

FOLLOWING = frozenset(event.name for event in EVENTS if event.follows)
"""The events of cases that follow one of an order."""
