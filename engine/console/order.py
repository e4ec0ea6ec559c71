"""
Order (工单): what happened to one, in three views; who held it; what may be done now, and doing it from here.

All that a page shows counts as one look. It needs no script: every view and every filter is a link, every
event a form, whose answer is the page as the order then stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from paidan.engine.access.roles import Right
from paidan.engine.console.event_forms import doing
from paidan.engine.console.order_told import (
    burning,
    cases_shown,
    clocks_shown,
    custody_shown,
    facts_told,
    lines_shown,
    looked,
    pending,
    way_shown,
)
from paidan.engine.console.pages import Said, page, places
from paidan.engine.differences_told import paragraph
from paidan.engine.explain import effect_text
from paidan.engine.faults import problem_code, sentences
from paidan.engine.http.callers import Caller, PageOfOrders, PageOfSubmitters, PageOfUnmaskers
from paidan.engine.http.orders import seq_said
from paidan.engine.http.problems import STATUS
from paidan.engine.http.shapes import CommandIn, OrderId, identities_out
from paidan.engine.http.submitting import holds_it, submitted, unmasked
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, field_label, moment, state_label
from paidan.engine.outcomes import Outcome
from paidan.workflows.attributes import IDENTITY
from paidan.workflows.cases import EVENT_OF, case_id, workflow_of
from paidan.workflows.errors import PaidanError
from paidan.workflows.records import Order

router = APIRouter(include_in_schema=False)

VIEWS = ("timeline", "diagram", "log")
_SIGHTS = 40
"""Looks among which the last of each person is looked for."""
_NOT_ATTRIBUTES = frozenset(("event", "seq", "key", "view", "try", "unit", "at"))


@dataclass(frozen=True, slots=True)
class View:
    """How an order is shown: in which view, its clocks all opened, and which entry was just written."""

    view: Annotated[str, Query(max_length=20)] = ""
    every: Annotated[str, Query(max_length=1)] = ""
    done: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a form: what it held, what is to be told of it, and the status it is answered with."""

    said: Mapping[str, str]
    status: int
    told: Mapping[str, Any]
    since: int = 0


@router.get("/orders/{order_id}")
def order(
    request: Request, order_id: OrderId, caller: PageOfOrders, view: Annotated[View, Depends()]
) -> Response:
    """Show an order or a case."""
    return _shown(request, caller, order_id, view)


@router.post("/orders/{order_id}/events")
def submit(request: Request, order_id: OrderId, caller: PageOfSubmitters, said: Said) -> Response:
    """Submit an event, or try it; whoever was overtaken sees how the order stands, and what they wrote."""
    view, seq = View(said.get("view", "")), said.get("seq", "")
    expected = seq_said(seq, caller.lang)
    dry_run = "try" in said
    try:
        command = CommandIn(
            event=said.get("event", ""), unit=said.get("unit", ""), at=said.get("at", ""), dry_run=dry_run,
            attributes={name: text for name, text in said.items() if name not in _NOT_ATTRIBUTES},
        )  # fmt: skip
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
    before = caller.visible(order_id)
    try:
        outcome = submitted(caller, order_id, command, said.get("key", ""), expected)
    except PaidanError as error:
        code = problem_code(error)
        if code not in ("elsewhere", "invalid"):
            raise
        told: dict[str, Any] = {"kind": code, "lines": list(sentences(error, caller.lang))}
        return _shown(request, caller, order_id, view, Answer(said, STATUS[code], told, expected))
    if outcome.accepted and not dry_run:
        address = f"{address_of(order_id)}?view={quote(view.view)}&done={outcome.entries[0].seq}"
        return RedirectResponse(address, 303)
    kind = "refused" if not outcome.accepted else "tried"
    told = {"kind": kind, "dry_run": dry_run, **_came_of(outcome, before, caller.lang)}
    status = 200 if dry_run else STATUS["refused"]
    return _shown(request, caller, order_id, view, Answer(said, status, told))


@router.post("/orders/{order_id}/unmasking")
def unmasking(request: Request, order_id: OrderId, caller: PageOfUnmaskers, said: Said) -> Response:
    """Show the identities of an order, this once, after its log has said who asked for them and why."""
    found = unmasked(caller, order_id, said.get("reason", ""))
    reasons = found.outcome.reasons(caller.lang)
    return page(
        request, "order_identities.html.j2", caller, 200 if found.outcome.accepted else STATUS["refused"],
        order_id=order_id, accepted=found.outcome.accepted, reasons=reasons, reason=said.get("reason", ""),
        identities=identities_out(found), address=address_of(order_id),
        field=lambda name: _identity(name, caller.lang),
    )  # fmt: skip


def _identity(name: str, lang: str) -> str:
    return say(f"console.identity.{name}", lang) if name in IDENTITY else field_label(name, lang)


def address_of(order_id: str) -> str:
    """Give the address of the page of an order or a case."""
    return f"/orders/{quote(order_id, safe='~')}"


def _shown(
    request: Request, caller: Caller, order_id: str, look: View, answer: Answer | None = None
) -> Response:
    """Render the page of an order, with what came of a form where one was sent."""
    found = caller.seen(order_id, "page")
    engine, lang, account = caller.engine, caller.lang, caller.account
    log, rules, now = engine.history(order_id), engine.rules(order_id), engine.now()
    workflow, case = workflow_of(order_id), case_id(order_id)
    view = look.view if look.view in VIEWS else VIEWS[0]
    held = None if case else engine.custody(order_id)
    differences = [one for _, several in engine.differences(order_id) for one in several]
    axis, clocks = clocks_shown(caller, log, rules) if view == "timeline" else ("", [])
    drawing, way = way_shown(found, log, lang) if view == "diagram" else ("", [])
    said = answer.said if answer else {}
    since = answer.since if answer else found.seq
    roster = engine.books.roster
    return page(
        request, "order.html.j2", caller, answer.status if answer else 200, order=found, workflow=workflow,
        view=view, views=VIEWS, address=address_of(order_id), about=_about(caller, order_id), case=case,
        state_now=state_label(found.state, lang, workflow), facts=facts_told(found, lang),
        pending=pending(found), burning=burning(found, engine.deadlines(order_id), rules, now, lang),
        as_of=moment(now), version=rules.policy.version, title=rules.policy.title,
        axis=axis, clocks=clocks, every=bool(look.every), drawing=drawing, way=way,
        lines=lines_shown(caller, found, log, rules) if view == "log" else [],
        verify="/audit" if any(one.path == "/audit" for one in places(caller)) else "",
        custody=custody_shown(held, engine.blame(order_id), lang) if held else None,
        differences=list(paragraph(differences, lang)) if differences else [],
        cases=[] if case else list(cases_shown(caller, found)),
        sights=looked(engine.accounts.sights(order_id, most=_SIGHTS)[1:], lang),
        doing=doing(caller, found, rules, said) if account.may(Right.SUBMIT) else None,
        units=[one.unit for one in roster.units] if roster else [],
        unmasks=account.may(Right.UNMASK) and not case and holds_it(caller, found),
        answer=answer.told if answer else None,
        asked=event_label(said["event"], lang) if said.get("event") in EVENT_OF else "",
        done=[one for one in log if one.seq == look.done], newer=[one for one in log if one.seq > since],
    )  # fmt: skip


def _about(caller: Caller, order_id: str) -> str:
    """Give the order that a case is about; empty for an order, and for a case about a unit."""
    case = case_id(order_id)
    try:
        return caller.visible(case.about).order_id if case else ""
    except PaidanError as error:
        if problem_code(error) == "not_found":
            return ""
        raise


def _came_of(outcome: Outcome, before: Order, lang: str) -> dict[str, Any]:
    """Say what came of a command, or what would: entries, clocks that start, end or move, what cases do."""
    rules, workflow = outcome.rules, workflow_of(before.order_id)
    clocks = [
        (clock.rule, rules.clocks[clock.rule].zh if lang == "zh" else rules.clocks[clock.rule].en,
         effect_text(old, clock, lang), moment(clock.due_at))
        for place, clock in enumerate(outcome.order.clocks)
        for old in [before.clocks[place] if place < len(before.clocks) else None]
        if old != clock and _told(old, clock)
    ]  # fmt: skip
    return {
        "reasons": outcome.reasons(lang),
        "state": state_label(outcome.order.state, lang, workflow),
        "entries": [
            (one.seq, event_label(one.event, lang), state_label(one.to_state, lang, workflow))
            for one in (*outcome.raised, *outcome.entries)
        ],
        "followed": [(one.order_id, event_label(one.event, lang)) for one in outcome.followed],
        "clocks": clocks,
    }


def _told(before: Any, now: Any) -> bool:
    """Whether the change of a clock is one to tell: that somebody was warned of it is none."""
    names = ("rule", "due_at", "provisional", "raised_at", "void", "shut", "done_at")
    return before is None or any(getattr(before, name) != getattr(now, name) for name in names)
