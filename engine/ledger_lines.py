"""
What stands in a line of each list (台账) that people work by: an order, what it needs, what is amiss.

Pure: a line is made of what happened to one order, in the order in which it did. What concerns several
orders (a mark given twice, repeats) is added by `engine.ledger`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from paidan.engine.custody import by_time
from paidan.engine.evolve import evolve
from paidan.policies.clocks import Verdict
from paidan.policies.guards import advice, applies, objections
from paidan.policies.rulebook import Rulebook, holds
from paidan.policies.schema import LedgerRule, RoleRule
from paidan.workflows.cases import ended
from paidan.workflows.records import NOTHING, Clock, Command, Entry, Finding, Order

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "risk": ("trigger", "risk_mark", "parts", "talks"),
    "staged": ("handling_class", "goals", "filed"),
    "redo": ("event", "ground", "signed_by", "signed_at"),
    "repeats": ("first", "times", "orders", "reached_at", "solved", "answered_at"),
    "joint": ("lead", "assisting", "named_by", "named_at", "disputed", "silent"),
    "chronic": ("named_by", "last_event", "last_at"),
}
"""What a line of each list tells beside what all tell, in the order of its columns."""


class Proposal(NamedTuple):
    """An event that is proposed, what it would say, and whose business it is where a rule says so."""

    event: str
    said: Mapping[str, Any]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One line of a list: an order, or a matter of several, by the row `rule` of its document.

    `since` is when it came onto the list, `due_at` when what it asks for is due, `done_at` when that was
    done, `came_to` the verdict on both and `late_by` how late it is; None where nothing is asked, or not
    yet. `over` says that nothing is left to do. `told` holds the columns of the list by name, `findings`
    what is amiss or stands against closing.
    """

    order_id: str
    unit: str
    state: str
    rule: LedgerRule
    since: datetime
    due_at: datetime | None = None
    done_at: datetime | None = None
    came_to: Verdict | None = None
    late_by: timedelta | None = None
    over: bool
    told: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    proposal: Proposal | None = None
    rules: Rulebook = field(repr=False, compare=False)

    @property
    def concerned(self) -> frozenset[str]:
        """The units the line concerns: whose the order is, who leads and who assists."""
        return frozenset((self.unit, self.told.get("lead", ""), *self.told.get("assisting", ())))


class Step(NamedTuple):
    """Something that happened to an order, and the order after it."""

    entry: Entry
    order: Order


@dataclass(frozen=True, slots=True)
class Story:
    """All that happened to an order, step by step, under the rules that govern it, seen from a time."""

    steps: Sequence[Step]
    rules: Rulebook
    as_of: datetime

    @property
    def order(self) -> Order:
        """The order as it is."""
        return self.steps[-1].order

    @property
    def over(self) -> bool:
        """Whether the order is closed, or gone back to the superior."""
        return self.order.state == "closed" or ended(self.order.order_id, self.order.state)

    def of(self, *events: str) -> list[Entry]:
        """Give the entries of some events."""
        return [step.entry for step in self.steps if step.entry.event in events]

    def blocked(self) -> tuple[Finding, ...]:
        """Give what a closing now would be refused for; nothing where it is over."""
        if self.over:
            return ()
        found = objections(self.order, self.command("close"), self.rules)
        return tuple(one for one in found if one.refuses)

    def command(self, event: str, said: Mapping[str, Any] = NOTHING, at: datetime | None = None) -> Command:
        """Give what would be asked of the order."""
        return Command(self.order.order_id, event, at or self.as_of, attributes=said)


def story_of(log: Sequence[Entry], rules: Rulebook, as_of: datetime) -> Story:
    """Tell an order from its log: in order of time, its corrections applied, by the calendar as it now is."""
    now = rules.alone
    order_id = log[0].order_id
    order, steps = Order(order_id), []
    for entry in by_time(order_id, log, now, as_of):
        order = evolve(order, entry, now)
        steps.append(Step(entry, order))
    return Story(steps, now, as_of)


def lines_of(name: str, story: Story) -> Iterator[Line]:
    """Give the lines of an order on a list of single orders, by the first row that it belongs to."""
    for rule in story.rules.ledgers.get(name, ()):
        since = _since(rule, story)
        if since is not None:
            yield from _MADE[name](story, rule, since)
            return


def _since(rule: LedgerRule, story: Story) -> Entry | None:
    """Give the entry by which an order came to belong where it still does."""
    began: Entry | None = None
    happened = not rule.on
    for entry, order in story.steps:
        happened = happened or entry.event in rule.on
        if not (happened and holds(rule.when, order.facts)):
            began = None
        elif began is None:
            began = entry
    return began


def line(story: Story, rule: LedgerRule, since: datetime, **said: Any) -> Line:
    """Give a line with what all lines tell of an order."""
    order = story.order
    told = {"unit": order.facts.get("unit") or "", "over": story.over, **said}
    return Line(order_id=order.order_id, state=order.state, rule=rule, since=since, rules=story.rules, **told)


def _timed(due_at: datetime | None, done_at: datetime | None, as_of: datetime) -> dict[str, Any]:
    """Say what became of a limit: late is done after it, overdue not done and past it."""
    if due_at is None:
        return {"done_at": done_at}
    late_by = (done_at or as_of) - due_at
    late = late_by > timedelta(0)
    if done_at is None:
        came_to = Verdict.OVERDUE if late else Verdict.OPEN
    else:
        came_to = Verdict.LATE if late else Verdict.MET
    return {
        "due_at": due_at, "done_at": done_at, "came_to": came_to, "late_by": late_by if late else None,
    }  # fmt: skip


def _clocked(clock: Clock, as_of: datetime) -> dict[str, Any]:
    if clock.void:
        return {"due_at": clock.due_at, "came_to": Verdict.VOID}
    return _timed(clock.due_at, clock.done_at, as_of)


def _clock_of(story: Story, event: str, started_at: datetime | None = None) -> Clock | None:
    names = {rule.rule for rule in story.rules.starting.get(event, ())}
    return next(
        (one for one in story.order.clocks if one.rule in names and started_at in (None, one.started_at)),
        None,
    )


def noted(code: str, rule: LedgerRule | RoleRule, **details: Any) -> Finding:
    """Give a point that a row finds amiss and nobody refuses."""
    labels = (rule.zh, rule.en)
    return Finding(code, rule.rule, rule.clause, refuses=False, details=details, labels=labels)


# ---- 风险 ------------------------------------------------------------------------------------------


def _risk(story: Story, rule: LedgerRule, since: Entry) -> Iterator[Line]:
    flags, plans = story.of("flag_risk"), story.of("submit_plan")
    said = {name: value for flag in flags for name, value in flag.attributes.items()}
    marks = tuple(dict.fromkeys(one for flag in flags if (one := flag.attributes.get("mark"))))
    findings = advice(story.order, story.command("flag_risk", said), story.rules)
    if len(marks) > 1:
        findings += (noted("mark_changed", rule, names=marks),)
    clock = _clock_of(story, "flag_risk")
    needed = [name for row in story.rules.guards.get("submit_plan", ()) for name in row.needs]
    have = {name for plan in plans for name, value in plan.attributes.items() if value}
    told = {
        "trigger": said.get("trigger", ""),
        "risk_mark": marks,
        "parts": (sum(name in have for name in needed), len(needed)),
        "talks": (story.order.facts.get("deep_talks") or 0, _talks_wanted(story)),
    }
    timed = _clocked(clock, story.as_of) if clock else {}
    yield line(story, rule, since.at, told=told, findings=(*findings, *story.blocked()), **timed)


def _talks_wanted(story: Story) -> int:
    """Say how many in-depth conversations its closing takes."""
    bounds = [
        row.at_least[1]
        for row in story.rules.guards.get("close", ())
        if row.at_least and row.at_least[0] == "deep_talks" and applies(row, story.order.facts, NOTHING)
    ]
    return max(bounds, default=0)


# ---- 阶段性推进、暂时无法解决 ------------------------------------------------------------------------


def _staged(story: Story, rule: LedgerRule, since: Entry) -> Iterator[Line]:
    """Judge the stage in work, the last that was stated: the feedback after it, or the closing, ends it."""
    replies = [one for one in story.of("resolve") if one.at >= since.at]
    stages = [one for one in replies if one.attributes.get("stage_goal") or one.attributes.get("stage_due")]
    findings: tuple[Finding, ...] = ()
    timed: dict[str, Any] = {}
    if stages:
        stage = stages[-1]
        due_at = stage.attributes.get("stage_due")
        timed = _timed(due_at, _after(story, stage, "resolve", "close"), story.as_of)
        if timed.get("came_to") is Verdict.OVERDUE:
            findings += (noted("stage_passed", rule, due_at=due_at),)
    if not story.over:
        said = stages[-1].attributes if stages else NOTHING
        findings += objections(story.order, story.command("resolve", said), story.rules)
    told = {
        "handling_class": story.order.facts.get("handling_class") or "",
        "goals": tuple(one.attributes.get("stage_goal", "") for one in stages),
        "filed": bool(story.order.facts.get("filed")),
    }
    yield line(story, rule, since.at, told=told, findings=(*findings, *story.blocked()), **timed)


def _after(story: Story, entry: Entry, *events: str) -> datetime | None:
    """Say when one of some events happened next after an entry."""
    place = next(number for number, step in enumerate(story.steps) if step.entry is entry)
    return next((one.at for one, _ in story.steps[place + 1 :] if one.event in events), None)


# ---- 重办 ------------------------------------------------------------------------------------------


def _redo(story: Story, rule: LedgerRule, since: Entry) -> Iterator[Line]:  # noqa: ARG001 - one shape for all
    """Give a line for each time an order was sent back, with the feedback before it was sent back again."""
    rounds = [number for number, step in enumerate(story.steps) if step.entry.event in rule.on]
    for place, until in zip(rounds, [*rounds[1:], len(story.steps)], strict=True):
        entry, then = story.steps[place]
        answer = next((one for one, _ in story.steps[place + 1 : until] if one.event == "resolve"), None)
        clock = _clock_of(story, entry.event, entry.at)
        if clock is not None:
            timed = _clocked(clock, story.as_of)
        else:
            due_at = entry.attributes.get(rule.due)
            timed = _timed(due_at, answer.at if answer else None, story.as_of)
        findings = advice(then, story.command(entry.event, entry.attributes), story.rules)
        if rule.due and timed.get("due_at") is None:
            findings += (noted("redo_unlimited", rule),)
        said, at = (answer.attributes, answer.at) if answer else (NOTHING, None)
        if answer is not None or not story.over:
            findings += objections(then, story.command("resolve", said, at), story.rules)
        told = {
            "event": entry.event,
            "ground": entry.attributes.get("ground", ""),
            "signed_by": said.get("signed_by", ""),
            "signed_at": said.get("signed_at"),
        }
        yield line(
            story, rule, entry.at, unit=then.facts.get("unit") or "", over=answer is not None or story.over,
            told=told, findings=findings, **timed,
        )  # fmt: skip


# ---- 联动、顽症 --------------------------------------------------------------------------------------

_BETWEEN = re.compile(r"[、，,；;]\s*")
"""Between the names of assisting units."""


def _joint(story: Story, rule: LedgerRule, since: Entry) -> Iterator[Line]:
    facts = story.order.facts
    told = [one for one, _ in story.steps]
    returned = max((place for place, one in enumerate(told) if one.event == "approve_return"), default=-1)
    told = told[returned + 1 :]  # who was named before went with the order's former unit
    assigned = [one for one in told if one.event == "assign"]
    naming = [
        one
        for one in told
        if one.event == "assign" or (one.event == "dispatch" and "assisting" in one.attributes)
    ]
    named = naming[-1] if naming else None
    lead = next((one.unit for one in reversed(assigned) if one.unit), None) or facts.get("unit") or ""
    helpers = next((one for one in reversed(naming) if one.attributes.get("assisting")), None)
    assisting = tuple(filter(None, _BETWEEN.split(helpers.attributes["assisting"]))) if helpers else ()
    answered = {one.unit for one in told if helpers and one.at >= helpers.at and one is not helpers}
    silent = tuple(one for one in assisting if one not in answered)
    findings = _named_by(story, rule, assigned[-1] if assigned else None)
    if lead != facts.get("unit") and not story.over:
        findings += (noted("lead_elsewhere", rule, lead=lead, unit=facts.get("unit") or "–"),)
    if silent:
        findings += (noted("silent", rule, names=silent),)
    columns = {
        "lead": lead,
        "assisting": assisting,
        "named_by": named.role if named else "",
        "named_at": named.at if named else None,
        "disputed": bool(facts.get("disputed")),
        "silent": silent,
    }
    yield line(story, rule, since.at, told=columns, findings=findings, **_due(story, rule))


def _named_by(story: Story, rule: LedgerRule, assigned: Entry | None) -> tuple[Finding, ...]:
    """Say where the rule has another name the units than who did, or nobody did."""
    found: list[Finding] = []
    for row in _of_the_rule(rule, "assign", story.order, story.rules):
        if assigned is None:
            found.append(noted("unnamed", row, roles=row.roles, role=""))
        else:
            found += _by_another(row, assigned)
    return tuple(found)


def _of_the_rule(rule: LedgerRule, event: str, order: Order, rules: Rulebook) -> list[RoleRule]:
    """Give the rows of the same rule that say whose business an event is."""
    rows = rules.roles.get(event, ())
    return [row for row in rows if row.rule == rule.rule and holds(row.when, order.facts)]


def _by_another(row: RoleRule, entry: Entry) -> Iterator[Finding]:
    if entry.role and entry.role not in row.roles:
        yield noted("not_role", row, roles=row.roles, role=entry.role)


def _chronic(story: Story, rule: LedgerRule, since: Entry) -> Iterator[Line]:
    sent = next((one for one in reversed(story.steps) if one.entry.event == "dispatch"), None)
    findings: list[Finding] = []
    if sent is not None:
        for row in _of_the_rule(rule, "dispatch", sent.order, story.rules):
            findings += _by_another(row, sent.entry)
    last = story.steps[-1].entry
    timed = _due(story, rule)
    if timed.get("due_at") is None:
        findings.append(noted("no_limit", rule))
    told = {
        "named_by": sent.entry.role if sent else "",
        "last_event": last.event,
        "last_at": last.at,
    }
    yield line(story, rule, since.at, told=told, findings=tuple(findings), **timed)


def _due(story: Story, rule: LedgerRule) -> dict[str, Any]:
    """Say what became of the order's own limit, which its closing keeps."""
    facts = story.order.facts
    due_at = facts.get(rule.due) if rule.due else None
    return _timed(due_at, facts.get("closed_at"), story.as_of) if due_at else {}


_MADE: Mapping[str, Callable[[Story, LedgerRule, Entry], Iterator[Line]]] = {
    "risk": _risk, "staged": _staged, "redo": _redo, "joint": _joint, "chronic": _chronic,
}  # fmt: skip
