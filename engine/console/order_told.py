"""An order as its page tells it: its head, its clocks, its log, who held it, its cases, who looked at it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from markupsafe import Markup

from paidan.engine.access.tokens import Sight
from paidan.engine.blame import Blame
from paidan.engine.console import timeline
from paidan.engine.console.limits import left, look, when
from paidan.engine.console.pages import minutes, role_said
from paidan.engine.console.states import Step, drawn
from paidan.engine.corrections import Corrections, corrected, corrections_of
from paidan.engine.custody import NOBODY, SUPERIOR, Custody, Held
from paidan.engine.custody_told import (
    blame_lines,
    holder_text,
    hours_text,
    now_text,
    percents,
    span_text,
    stage_text,
)
from paidan.engine.explain import Story, effect_text, limit_text, stories, working_lines
from paidan.engine.history_told import Told, told_late
from paidan.engine.http.callers import Caller
from paidan.engine.lives import Deadline
from paidan.engine.messages import say
from paidan.engine.messages.reasons import (
    correction_text,
    event_label,
    moment,
    said_value,
    state_label,
)
from paidan.policies.clocks import verdict, verdict_recorded
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import EVENT_OF, workflow_of
from paidan.workflows.records import Clock, Entry, Order

_IN_HEAD = ("category", "handling_class", "case_type")
"""Facts that stand in the head of an order."""


class Burning(NamedTuple):
    """A duty of an order that is still to be done."""

    look: str
    left: str
    due: str
    rule: str
    label: str
    clause: str


class Chapter(NamedTuple):
    """Something that happened to a clock: by which entry, what it did, how the time was counted then."""

    seq: int
    event: str
    at: str
    what: str
    working: Sequence[str]


class ClockShown(NamedTuple):
    """A clock: what it is, what it came to, its bar on the order's axis and on its own, its chapters."""

    rule: str
    label: str
    clause: str
    version: str
    kind: str
    unit: str
    limit: str
    due: str
    look: str
    verdict: str
    recorded: str
    bar: Markup
    own_axis: Markup
    own_bar: Markup
    chapters: Sequence[Chapter]


class Line(NamedTuple):
    """An entry of the log: in words, with its marks and its place in the chain."""

    entry: Entry
    at: str
    event: str
    state: str
    role: str
    people: str
    rule: str
    said: str
    by_engine: bool
    late: bool
    verdicts: Sequence[str]
    position: int | None
    hash: str


def pending(order: Order) -> list[str]:
    """Give the events that asked for something nobody has answered yet."""
    asked = [order.facts.get("pending"), "exclusion" if order.facts.get("pending_exclusion") else None]
    return [f"request_{one}" for one in asked if one]


def facts_told(order: Order, lang: str) -> list[str]:
    """Say what kind of order it is."""
    return [said_value(name, order.facts[name], lang) for name in _IN_HEAD if order.facts.get(name)]


def burning(
    order: Order, deadlines: Sequence[Deadline], rules: Rulebook, now: datetime, lang: str
) -> list[Burning]:
    """Give the duties still to be done, soonest first; none of a closed order, where nobody can any more."""
    state = workflow_of(order.order_id).state_of.get(order.state)
    undone = [one for one in deadlines if one.kind == "duty" and one.verdict in ("open", "overdue")]
    if order.state == "closed" or state is None or state.final:
        return []
    return [
        Burning(
            look(one.due_at, now, rules), left(one.due_at, now, rules, lang), when(one.due_at, now, lang),
            one.rule, rules.clocks[one.rule].zh if lang == "zh" else rules.clocks[one.rule].en, one.clause,
        )
        for one in sorted(undone, key=lambda each: each.due_at)
    ]  # fmt: skip


def clocks_shown(caller: Caller, log: Sequence[Entry], rules: Rulebook) -> tuple[Markup, list[ClockShown]]:
    """Give the axis of an order's time and every clock on it, in the order in which they started."""
    now, lang = caller.engine.now(), caller.lang
    told = stories(log[0].order_id, log, rules)
    axis = timeline.axis_of(told, min(entry.at for entry in log), now, rules)
    label = say("console.order_now", lang)
    corrections = corrections_of(log)
    shown = [_clock(one, axis, corrections, rules, caller) for one in told]
    return timeline.axis_drawn(axis, rules, now, label), shown


def _clock(
    story: Story, axis: timeline.Axis, corrections: Corrections, rules: Rulebook, caller: Caller
) -> ClockShown:
    now, lang = caller.engine.now(), caller.lang
    clock, rule = story.clock, rules.clocks[story.clock.rule]
    came_to, recorded = verdict(clock, rules, now), verdict_recorded(clock, rules, now)
    own = timeline.own_axis(story, now, rules)
    chapters = [
        Chapter(
            entry.seq, event_label(entry.event, lang), moment(entry.at),
            effect_text(before, after, lang)
            + "".join(correction_text(*one, lang) for one in corrections.get(entry.seq, ())),
            list(working_lines(working, rules, lang)) if working else (),
        )
        for entry, before, after, working in story.chapters
    ]  # fmt: skip
    looks = {"late": "late", "overdue": "late", "met": "fine", "open": look(clock.due_at, now, rules)}
    return ClockShown(
        rule.rule, rule.zh if lang == "zh" else rule.en, rule.clause, rules.policy.version,
        say(f"kind.{rule.kind}", lang), clock.unit, limit_text(story.limit, lang), moment(clock.due_at),
        looks.get(came_to, "") if rule.kind == "duty" or came_to in ("met", "late") else "",
        say(f"verdict.{came_to}", lang),
        _as_recorded(clock, recorded, lang) if recorded != came_to else "",
        timeline.bar(story, axis, rules, now, numbered=False),
        timeline.axis_drawn(own, rules, now, say("console.order_now", lang)),
        timeline.bar(story, own, rules, now, numbered=True), chapters,
    )  # fmt: skip


def _as_recorded(clock: Clock, recorded: str, lang: str) -> str:
    learned = moment(clock.learned_at) if clock.learned_at else ""
    return say("late.verdict_recorded", lang, learned=learned, verdict=say(f"verdict.{recorded}", lang))


def way_shown(order: Order, log: Sequence[Entry], lang: str) -> tuple[Markup, list[tuple[Step, Entry]]]:
    """Give the workflow of an order with the way it took lit, and that way step by step."""
    workflow = workflow_of(order.order_id)
    moved = [one for one in corrected(log) if one.from_state != one.to_state]
    way = [
        (
            Step(
                number, one.from_state, one.to_state,
                f"{number}. {event_label(one.event, lang)} {moment(one.at)}",
            ),
            one,
        )
        for number, one in enumerate(moved, 1)
    ]  # fmt: skip
    label = say(
        "console.order_way", lang, state=state_label(order.state, lang, workflow),
        way=" → ".join(event_label(one.event, lang) for one in moved),
    )  # fmt: skip
    here = say("console.order_here", lang)
    return drawn(workflow, [step for step, _ in way], order.state, lang=lang, label=label, now=here), way


def lines_shown(caller: Caller, order: Order, log: Sequence[Entry], rules: Rulebook) -> list[Line]:
    """Give the log, the latest entry last, each with its place and hash in the chain."""
    lang, engine = caller.lang, caller.engine
    told = Told(order.order_id, log, rules, engine.directory())
    chained = {one.entry.seq: one for one in engine.linked(order.order_id)}
    verdicts = _both_verdicts(order.order_id, log, rules, engine.now(), lang)
    workflow = workflow_of(order.order_id)
    return [
        Line(
            one, moment(one.at), event_label(one.event, lang), state_label(one.to_state, lang, workflow),
            role_said(one.role, lang), told.holders(one), told.rule(one, lang), told.said(one, lang),
            EVENT_OF[one.event].by_engine, told_late(one), verdicts.get(one.seq, ()),
            chained[one.seq].position if one.seq in chained else None,
            chained[one.seq].hash if one.seq in chained else "",
        )
        for one in log
    ]  # fmt: skip


def _both_verdicts(
    order_id: str, log: Sequence[Entry], rules: Rulebook, now: datetime, lang: str
) -> Mapping[int, list[str]]:
    """Say by `seq` of entries told late what a clock came to by when they happened, and by when known."""
    if not any(told_late(one) for one in log):
        return {}
    found: dict[int, list[str]] = {}
    for story in stories(order_id, log, rules):
        came_to, recorded = verdict(story.clock, rules, now), verdict_recorded(story.clock, rules, now)
        ended = next((entry for entry, _, after, _ in story.chapters if after.done_at is not None), None)
        if ended is not None and story.clock.learned_at is not None:
            found.setdefault(ended.seq, []).append(
                say(
                    "console.order_verdicts", lang, rule=story.clock.rule,
                    came_to=say(f"verdict.{came_to}", lang), recorded=say(f"verdict.{recorded}", lang),
                )
            )  # fmt: skip
    return found


def custody_shown(held: Custody, blames: Sequence[Blame], lang: str) -> dict[str, Any]:
    """Give who held an order, stretch by stretch and in sum, and whose late return made another late."""
    rules = held.rules
    natural, working = (
        percents([getattr(one, f"{name}_share") for one in held.parts]) for name in ("natural", "working")
    )
    return {
        "now": _now(held.now, rules, lang),
        "parts": [
            (holder_text(one, rules, lang), span_text(one.natural, lang), natural[place],
             hours_text(one.working), working[place])
            for place, one in enumerate(held.parts)
        ],
        "stretches": [
            (holder_text(one, rules, lang), stage_text(one, lang), moment(one.began_at),
             moment(one.ended_at), span_text(one.natural, lang), hours_text(one.working), one.seq)
            for one in held.stretches
        ],
        "blames": [list(blame_lines(one, "", lang)) for one in blames],
    }  # fmt: skip


def _now(held: Held, rules: Rulebook, lang: str) -> str:
    """Say in whose hands an order is, and for how long in words; of none the same as anywhere."""
    if held.hands in (NOBODY, SUPERIOR):
        return now_text(held, rules, lang)
    return say(
        "custody.now", lang, holder=holder_text(held, rules, lang), stage=stage_text(held, lang),
        since=moment(held.since)[:16], natural=minutes(held.natural.total_seconds(), lang),
    )  # fmt: skip


def cases_shown(caller: Caller, order: Order) -> Iterator[tuple[Order, str, str, Burning | None]]:
    """Give the cases about an order with what they are, their state and their soonest limit."""
    engine, lang = caller.engine, caller.lang
    for one in engine.cases(order.order_id):
        workflow = workflow_of(one.order_id)
        rules = engine.rules(one.order_id)
        soonest = next(iter(burning(one, engine.deadlines(one.order_id), rules, engine.now(), lang)), None)
        yield (
            one,
            workflow.zh if lang == "zh" else workflow.en,
            state_label(one.state, lang, workflow),
            soonest,
        )


def looked(sights: Sequence[Sight], lang: str) -> list[tuple[str, str, str]]:
    """Say who looked at an order and when, each of them once."""
    last: dict[tuple[str, str, str], Sight] = {}
    for one in sights:
        last.setdefault((one.name, one.role, one.unit), one)
    return [
        (one.name, f"{role_said(one.role, lang)} {one.unit}".strip(), moment(one.at)) for one in last.values()
    ]
