"""Every workflow of a case, walked whole; the clocks of a case, whatever happens after they started."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lives import beijing, book
from support.logs import write_log

from paidan.engine.availability import available
from paidan.engine.decide import decide, life_of, raise_overdue
from paidan.engine.errors import UsageError
from paidan.engine.intake.commands import asked
from paidan.engine.intake.events import read_logs
from paidan.engine.messages.reasons import reason
from paidan.policies import registry
from paidan.policies.clocks import verdict
from paidan.policies.rulebook import Rulebook
from paidan.workflows.anywhere import ANYWHERE
from paidan.workflows.cases import (
    CASES,
    EVENT_OF,
    FOLLOWING,
    MARK,
    OF_CASES,
    CaseId,
    about,
    case_id,
    ended,
    workflow_of,
)
from paidan.workflows.definition import START
from paidan.workflows.records import Command, Order
from paidan.workflows.work_order import WORK_ORDER

DOCUMENTS = ("BS", "JY", "SW", "YY", "ZZ")
AT = beijing("2026-03-03 11:00:00")
EACH_WORKFLOW = pytest.mark.parametrize("name", CASES)
OF_ANYWHERE = frozenset(event.name for event in ANYWHERE)
RAISED = frozenset(event.name for event in ANYWHERE if event.by_engine)
"""What nobody asks for: the engine raises it of a clock."""
SAID: dict[str, tuple[dict[str, Any], ...]] = {"answer_sheet": ({"met": True}, {"met": False}, {})}
"""What tells one move of an event from another."""


@cache
def rules_of(document: str) -> Rulebook:
    found: Rulebook = book(registry.document(document))
    return found


def case_of(name: str) -> str:
    return str(CaseId("O", name, "1"))


def walks(name: str) -> Iterator[tuple[str, str, dict[str, Any], str | None]]:
    """Give every state, every event in it with what it may say, and where that leads."""
    life = life_of(case_of(name))
    for state in (START, *(one.name for one in life.workflow.states)):
        for event in life.workflow.events:
            for said in SAID.get(event.name, ({},)):
                yield state, event.name, said, life.target(state, event.name, {}, said)


def reached(name: str, begin: str) -> set[str]:
    """Give the states that events lead to from one, itself among them."""
    found, ahead = {begin}, [begin]
    while ahead:
        state = ahead.pop()
        further = {to for at, _, _, to in walks(name) if at == state and to is not None} - found
        found |= further
        ahead += further
    return found


@EACH_WORKFLOW
def test_every_state_is_reached_and_from_every_one_an_end(name):
    states = {one.name: one.final for one in CASES[name].states}
    assert reached(name, START) - {START} == set(states)
    for state, final in states.items():
        ends = {one for one in reached(name, state) if states[one]}
        assert ends == {state} if final else ends


@EACH_WORKFLOW
def test_nothing_happens_to_a_case_that_is_over_but_what_happens_anywhere(name):
    for state, event, _, to in walks(name):
        if state and ended(case_of(name), state):
            assert to == (state if event in OF_ANYWHERE else None)


@EACH_WORKFLOW
def test_a_case_begins_by_what_opens_it_and_by_nothing_else(name):
    begin = {event for state, event, _, to in walks(name) if state == START and to is not None}
    assert begin
    assert begin <= OF_CASES
    assert begin.isdisjoint(OF_ANYWHERE)


@pytest.mark.parametrize("document", DOCUMENTS)
@EACH_WORKFLOW
def test_in_every_state_every_event_is_taken_or_refused_with_a_reason(name, document):
    rules = rules_of(document)
    for state, event, said, to in walks(name):
        if state == START or event in RAISED:
            continue
        case = Order(case_of(name), state, 1)
        decision = decide(case, Command(case.order_id, event, AT, attributes=said), rules)
        if decision.refused:
            assert decision.order == case
            assert any(one.refuses for one in decision.findings)
            for one, lang in product(decision.findings, ("zh", "en")):
                assert reason(one, rules, lang)
        else:
            assert decision.order.state == to
            assert [(one.from_state, one.to_state) for one in decision.entries] == [(state, to)]


@given(
    st.text(min_size=1), st.sampled_from(sorted(CASES)), st.text(min_size=1).filter(lambda n: MARK not in n)
)
def test_the_id_of_a_case_reads_back_as_it_was_written(of, name, number):
    case = CaseId(of, name, number)
    assert case_id(str(case)) == case
    assert (workflow_of(str(case)), about(str(case))) == (CASES[name], of)


@given(st.text().filter(lambda text: not any(f"{MARK}{name}{MARK}" in text for name in CASES)))
def test_an_id_that_names_no_workflow_is_that_of_an_order(text):
    assert case_id(text) is None
    assert (workflow_of(text), about(text)) == (WORK_ORDER, text)


def test_what_follows_an_order_bears_a_name_of_its_own_which_no_log_and_no_command_may_say(tmp_path):
    assert FOLLOWING.isdisjoint(WORK_ORDER.event_of)
    assert all(EVENT_OF[name].by_engine for name in FOLLOWING)
    rows: list[tuple[str, str, str, dict[str, str]]] = [
        (case_of(one.name), word, f"2026-03-03 11:{row:02d}:00", {})
        for one in CASES.values()
        for row, event in enumerate(event for event in one.events if event.name in FOLLOWING)
        for word in (event.name, event.zh)
    ]
    log = read_logs([write_log(tmp_path / "log.csv", rows)])
    assert (len(log.rejected), log.orders) == (len(rows), {})
    for case, word, *_ in rows:
        with pytest.raises(UsageError):
            asked(case, word, {})


class Step(NamedTuple):
    """Something that happens to the supervision; the limit that a sheet sets, where it does."""

    event: str
    said: dict[str, Any]
    rule: str = ""


DUE, LATER, EARLIER = (beijing(f"2026-03-05 18:0{minute}:00") for minute in (0, 5, 0))
EARLIER -= timedelta(minutes=5)
STEPS = (
    Step("issue_sheet", {"number": "2", "reply_due": LATER}),
    Step("issue_sheet", {"number": "3", "reply_due": EARLIER}),
    Step("answer_sheet", {"met": True}),
    Step("answer_sheet", {"met": False}),
    Step("end_supervision", {}),
    Step("add_ground", {"ground": "hard_case"}, "YY-G03"),
)
SIDES = tuple(
    sorted(due + side for due in (EARLIER, DUE, LATER) for side in (timedelta(), timedelta(seconds=1)))
)


class Sheet(NamedTuple):
    """What a sheet came to, counted by hand: its limit, and when it was answered or dropped."""

    due: datetime
    done: datetime | None = None
    dropped: bool = False

    def verdict(self) -> str:
        if self.dropped:
            return "void"
        if self.done is None:
            return "overdue"
        return "met" if self.done <= self.due else "late"


def counted(sheets: list[Sheet], step: Step, at: datetime) -> list[Sheet]:
    """Give the sheets after a step that was taken; one runs at a time, the last."""
    *before, last = sheets
    running = last.done is None and not last.dropped
    if step.event == "issue_sheet":
        due = step.said["reply_due"]
        return [*before, last._replace(due=due)] if running else [*sheets, Sheet(due)]
    if running and step.said.get("met"):
        return [*before, last._replace(done=at)]
    if running and step.event == "end_supervision":
        return [*before, last._replace(dropped=at <= last.due)]
    return sheets


def issued(rules: Rulebook) -> Order:
    case = Order(case_of("supervision"))
    for event, said in (("open_supervision", {}), ("issue_sheet", {"number": "1", "reply_due": DUE})):
        case = decide(case, Command(case.order_id, event, AT, attributes=said), rules).order
    return case


def test_what_may_be_done_with_a_case_says_until_when_and_what_its_order_is_to_be_asked():
    rules = rules_of("YY")
    case = issued(rules)
    now = AT + timedelta(hours=1)
    offered = {one.event: one for one in available(case, rules, now)}
    assert {one.event: one.follows for one in offered.values() if one.follows} == {
        "answer_sheet": ("supervision_reply",)
    }
    assert (offered["answer_sheet"].until, offered["answer_sheet"].allowed) == (DUE, True)
    assert offered["issue_sheet"].until is None
    assert not offered["end_supervision"].allowed
    fit = Command(case.order_id, "answer_sheet", now, attributes={"met": True})
    answered = decide(case, fit, rules).order
    offered = {one.event: one for one in available(answered, rules, now)}
    assert (offered["answer_sheet"].until, offered["end_supervision"].allowed) == (None, True)


@pytest.mark.parametrize("document", ["YY", "JY"])
@pytest.mark.parametrize(("observe", "steps"), [(False, 6), (True, 3)])
def test_a_sheet_comes_to_one_verdict_whatever_happens_on_either_side_of_its_limit(document, observe, steps):
    rules = rules_of(document)
    after = LATER + timedelta(days=30)
    # A place of the walk: the case, the sheets counted by hand, the time. The same place is left once.
    level = [(issued(rules), [Sheet(DUE)], AT)]
    seen = set()
    for _ in range(steps):
        further = []
        for case, sheets, since in level:
            for step, at in product(STEPS, [side for side in SIDES if side >= since]):
                raised = raise_overdue(case, at, rules).order
                command = Command(case.order_id, step.event, at, attributes=step.said, rule=step.rule)
                decision = decide(raised, command, rules, observe=observe)
                told = sheets if decision.refused else counted(sheets, step, at)
                now = decision.order
                known = (now.state, at, tuple(told), tuple(one._replace(raised_by=0) for one in now.clocks))
                if known in seen:
                    continue
                seen.add(known)
                over = raise_overdue(now, after, rules).order
                came = [str(verdict(clock, rules, after)) for clock in over.clocks]
                assert came == [one.verdict() for one in told], known
                marked = [clock.raised_at is not None for clock in over.clocks]
                assert marked == [one in ("late", "overdue") for one in came], known
                further.append((now, told, at))
        level = further
    assert len(seen) > 500
