"""
The ledger of an order's clocks: started, met, replaced, moved, void; and what each came to.

One function, `advance`, folds an event into the clocks. Live, replay and rebuild all call it.
A dispatch's clocks see events up to the next dispatch only; a clock looks forward, except that
first contact is the order's, once, and meets a later clock at the time it was made.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from paidan.policies.rulebook import AGAIN, ANEW, PER_DISPATCH, STARTS, Rulebook, holds
from paidan.policies.schema import ClockRule, Ending, Limit
from paidan.workflows.cases import OF_CASES, ended
from paidan.workflows.records import Clock, Entry, Facts


class Verdict(StrEnum):
    """What a clock came to, as of some time."""

    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"
    OPEN = "open"
    UNUSED = "unused"
    VOID = "void"


_MOVES_DUE = "approve_extension"
_ENDS_DISPATCH = "approve_return"
_ENDS_ORDER = "hand_back"
_SHUTS_WINDOWS = "close"


def advance(
    clocks: tuple[Clock, ...], entry: Entry, before: Facts, facts: Facts, rules: Rulebook
) -> tuple[Clock, ...]:
    """
    Give the clocks after `entry`; `before` and `facts` are the order's facts around it.

    Positions are kept: a clock is replaced where it stands, new ones come at the end.
    """
    event = entry.event
    if event in _SAID_BY_ENGINE:
        return _SAID_BY_ENGINE[event](clocks, entry)
    now: tuple[Clock, ...] = clocks
    ends = rules.ends.get(event)
    if ends:
        now = tuple(
            [
                _ended(clock, entry, facts, ends[clock.rule])
                if clock.rule in ends and _running(clock)
                else clock
                for clock in now
            ]
        )
    if event in rules.turning:
        now = tuple([_turned(clock, facts, rules) for clock in now])
    if event in (_ENDS_DISPATCH, _ENDS_ORDER) or (event in OF_CASES and _over(entry)):
        now = tuple([_voided(clock, entry, facts) for clock in now])
    elif event == _SHUTS_WINDOWS:
        now = tuple([_shut(clock, rules) for clock in now])
    elif event == _MOVES_DUE:
        now = _moved(now, entry, before, facts, rules)
    elif event in AGAIN:
        now = tuple([_set_anew(clock, entry, facts, rules) for clock in now])
    asked = rules.asked.get(event)
    if asked:
        now = (*now, *_requested(asked, entry, facts, rules))
    starting = rules.starting.get(event)
    if starting and (event in ANEW or before.get(STARTS.get(event, "")) is None):
        now = (*now, *_started(now, starting, entry, facts, rules))
    return now


def unlimited(event: str, facts: Facts, rules: Rulebook) -> Iterable[ClockRule]:
    """Give the rules that `event` would start but whose limit the order does not say."""
    for rule in rules.limited_by_order.get(event, ()):
        if all(facts.get(name) is None for name in rule.limit.at) and _concerns(rule, facts):
            yield rule


def verdict(clock: Clock, rules: Rulebook, as_of: datetime) -> Verdict:
    """Say what `clock` came to as of a time; on time is at or before the due second."""
    if clock.void:
        return Verdict.VOID
    if clock.done_at is not None:
        return Verdict.MET if clock.done_at <= clock.due_at else Verdict.LATE
    passed = clock.due_at < as_of
    if rules.clocks[clock.rule].kind == "window":
        return Verdict.UNUSED if clock.shut or passed else Verdict.OPEN
    return Verdict.OVERDUE if passed else Verdict.OPEN


def verdict_recorded(clock: Clock, rules: Rulebook, as_of: datetime) -> Verdict:
    """Say what `clock` came to by when its ending became known; `verdict` is the one that counts."""
    known = clock if clock.learned_at is None else clock._replace(done_at=clock.learned_at)
    return verdict(known, rules, as_of)


def stands(clock: Clock) -> bool:
    """Whether a `time_out` marks `clock` and still says the truth about it."""
    return clock.raised_at is not None and clock.raised_at == clock.due_at and _undone(clock)


def missed(clock: Clock, rules: Rulebook, now: datetime) -> bool:
    """Whether `clock` is a duty that was not done in time, and its time has passed."""
    return clock.due_at < now and rules.clocks[clock.rule].kind == "duty" and _undone(clock)


class Alarm(NamedTuple):
    """Something to be told of a clock that runs out or has run out: the event that tells it, and when."""

    event: str
    at: datetime


def alarms(clock: Clock, rules: Rulebook) -> list[Alarm]:
    """
    Give what is still to be told of a duty, in order of time, should nothing be done.

    A warning at each span before the limit that the clock is longer than, the time-out at the limit,
    an escalation at each span after it (settings `warn.before`, `escalate.after`). A duty done late
    has only its time-out to come, one done in time nothing.
    """
    due, done_at = clock.due_at, clock.done_at
    if clock.void or (done_at is not None and done_at <= due) or rules.clocks[clock.rule].kind != "duty":
        return []
    coming = [Alarm("time_out", due)] if clock.raised_at is None else []
    if done_at is None and (rules.warnings or rules.rungs):
        warned = [Alarm("warn", due - span) for span in rules.warnings if due - span > clock.started_at]
        coming = [*warned, *coming, *(Alarm("escalate", due + span) for span in rules.rungs)]
    told = clock.told_at
    return coming if told is None else [one for one in coming if one.at > told]


def window(clocks: tuple[Clock, ...], rule: str, facts: Facts) -> Clock | None:
    """Give the window of that rule in the present dispatch."""
    for clock in reversed(clocks):
        if clock.rule == rule and _sees(clock, facts):
            return clock
    return None


def _over(entry: Entry) -> bool:
    """Whether a case ends with the entry."""
    return ended(entry.order_id, entry.to_state)


def _sees(clock: Clock, facts: Facts) -> bool:
    return clock.dispatch in (0, facts.get("dispatches") or 0)


def _undone(clock: Clock) -> bool:
    """Whether nothing was done in time; a clock that met its due time is never the one timed out."""
    return not clock.void and (clock.done_at is None or clock.done_at > clock.due_at)


def _running(clock: Clock) -> bool:
    return clock.done_at is None and not clock.void and not clock.shut


def _ended(clock: Clock, entry: Entry, facts: Facts, endings: tuple[Ending, ...]) -> Clock:
    if _sees(clock, facts):
        for ending in endings:
            if (not ending.role or entry.role in ("", ending.role)) and holds(ending.when, facts):
                said = entry.attributes.get(ending.not_before) if ending.not_before else None
                done_at = max(entry.at, said or entry.at)
                return clock._replace(done_at=done_at, learned_at=_learned(entry, done_at))
    return clock


def _learned(entry: Entry, done_at: datetime) -> datetime | None:
    return entry.recorded_at if entry.recorded_at > done_at else None


def _turned(clock: Clock, facts: Facts, rules: Rulebook) -> Clock:
    if not (_running(clock) and _sees(clock, facts)):
        return clock
    for rule in rules.replacers[clock.rule]:
        if holds(rule.when, facts):
            due = rules.reckoner.due(rule.limit, clock.started_at, facts)
            if due is not None:
                return clock._replace(
                    rule=rule.rule, due_at=due.at, provisional=due.provisional, raised_at=None,
                    raised_by=0, told_at=None, escalations=(),
                )  # fmt: skip
    return clock


def _voided(clock: Clock, entry: Entry, facts: Facts) -> Clock:
    concerned = entry.event != _ENDS_DISPATCH or (clock.dispatch > 0 and _sees(clock, facts))
    if concerned and _running(clock) and entry.at <= clock.due_at:
        return clock._replace(void=True)
    return clock


def _shut(clock: Clock, rules: Rulebook) -> Clock:
    if _running(clock) and rules.clocks[clock.rule].kind == "window":
        return clock._replace(shut=True)
    return clock


def _moved(
    clocks: tuple[Clock, ...], entry: Entry, before: Facts, facts: Facts, rules: Rulebook
) -> tuple[Clock, ...]:
    timely = _timely(clocks, before, rules)
    moved: list[Clock] = []
    for clock in clocks:
        limit = _extended(clock.rule, entry, rules)
        if limit and not clock.void and _sees(clock, facts) and (timely or entry.at <= clock.due_at):
            due = rules.reckoner.due(limit, clock.started_at, facts)
            if due is not None:
                moved.append(_due_anew(clock, due.at, provisional=due.provisional))
                continue
        moved.append(clock)
    return tuple(moved)


def _set_anew(clock: Clock, entry: Entry, facts: Facts, rules: Rulebook) -> Clock:
    """Give a running clock that such an event started before the limit that it sets now."""
    rule = rules.clocks[clock.rule]
    due = rules.reckoner.due(rule.limit, clock.started_at, facts) if rule.starts == entry.event else None
    if due is None or not _running(clock):
        return clock
    return _due_anew(clock, due.at, provisional=due.provisional)


def _extended(rule: str, entry: Entry, rules: Rulebook) -> Limit | None:
    """Give the limit that an approved extension leaves the clock of `rule`, or None: as it was."""
    extension = rules.extensions.get(rule)
    limit = rules.clocks[rule].limit if extension is None else extension.limit
    if "order_due" in limit.at:
        return limit if "order_due" in entry.attributes else None
    return None if extension is None else limit


def _timely(clocks: tuple[Clock, ...], before: Facts, rules: Rulebook) -> bool:
    """Whether the pending extension was asked for inside its window; unknown counts as timely."""
    asked_at = before.get("extension_requested_at")
    if asked_at is None:
        return True
    for clock in clocks:
        if clock.rule in rules.ends.get("request_extension", ()) and _sees(clock, before):
            return bool(asked_at <= clock.due_at)
    return True


def _started(
    clocks: tuple[Clock, ...], starting: tuple[ClockRule, ...], entry: Entry, facts: Facts, rules: Rulebook
) -> list[Clock]:
    started: list[Clock] = []
    number = facts.get("dispatches") or 0
    for base in starting:
        if not _concerns(base, facts):
            continue
        rule = base
        for replacer in rules.replacers[base.rule]:
            if holds(replacer.when, facts):
                rule = replacer
        in_dispatch = base.anew and entry.event in PER_DISPATCH
        if entry.event in AGAIN:
            if any(_running(clock) for clock in clocks if clock.rule == base.rule):
                continue
        elif not in_dispatch and _has_run(clocks, base, rules):
            continue
        due = rules.reckoner.due(rule.limit, entry.at, facts)
        if due is None:
            continue
        unit, dispatch = (facts.get("unit") or "", number) if in_dispatch else ("", 0)
        if entry.event in OF_CASES:
            unit = facts.get("unit") or ""
        void = bool(rule.void_when) and holds(rule.void_when, facts)
        done_at = facts.get("contacted_at") if rule.rule in rules.met_by_contact and not void else None
        started.append(Clock(rule.rule, unit, dispatch, entry.at, due.at, due.provisional, done_at, void))
    return started


def _has_run(clocks: tuple[Clock, ...], base: ClockRule, rules: Rulebook) -> bool:
    names = rules.forms[base.rule]
    return any([clock.rule in names for clock in clocks])  # noqa: C419 - a generator costs more


def _concerns(rule: ClockRule, facts: Facts) -> bool:
    if not holds(rule.when, facts):
        return False
    return not rule.unless or not any(holds(when, facts) for when in rule.unless)


def _requested(
    asked: tuple[ClockRule, ...], entry: Entry, facts: Facts, rules: Rulebook
) -> tuple[Clock, ...]:
    """Give a clock, from its start to the request, for each rule that the request falls under."""
    made: list[Clock] = []
    for rule in asked:
        started_at = facts.get(STARTS[rule.starts])
        if started_at is None or not _concerns(rule, facts):
            continue
        due = rules.reckoner.due(rule.limit, started_at, facts)
        if due is not None:
            unit, number = facts.get("unit") or "", facts.get("dispatches") or 0
            made.append(
                Clock(rule.rule, unit, number, started_at, due.at, due.provisional, entry.at,
                      learned_at=_learned(entry, entry.at))
            )  # fmt: skip
    return tuple(made)


def _mark(clocks: tuple[Clock, ...], entry: Entry) -> tuple[Clock, ...]:
    for position, clock in enumerate(clocks):
        unraised = clock.raised_at is None and _undone(clock)
        if unraised and clock.rule == entry.rule and clock.due_at == entry.at:
            marked = clock._replace(raised_at=entry.at, raised_by=entry.seq, told_at=entry.at)
            return (*clocks[:position], marked, *clocks[position + 1 :])
    return clocks


def _told(clocks: tuple[Clock, ...], entry: Entry) -> tuple[Clock, ...]:
    """Note a warning or an escalation; one that counts something else (`EscalationRule`) names no clock."""
    due_at = entry.attributes.get("due_at")
    for position, clock in enumerate(clocks):
        untold = clock.told_at is None or clock.told_at < entry.at
        # One done late may be due in the same second: nothing but its time-out was to come of it.
        if untold and (clock.rule, clock.due_at) == (entry.rule, due_at) and _running(clock):
            escalations = clock.escalations + ((entry.seq,) if entry.event == "escalate" else ())
            told = clock._replace(told_at=entry.at, escalations=escalations)
            return (*clocks[:position], told, *clocks[position + 1 :])
    return clocks


def _due_anew(clock: Clock, due_at: datetime, *, provisional: bool) -> Clock:
    """Move a limit; what was told of the old one is over, unless a time-out stands that is withdrawn next."""
    told_at = clock.told_at if clock.raised_at or clock.due_at == due_at else None
    return clock._replace(due_at=due_at, provisional=provisional, told_at=told_at)


def _recounted(clocks: tuple[Clock, ...], entry: Entry) -> tuple[Clock, ...]:
    said = entry.attributes
    of, after = (entry.rule, said["started_at"], said["before"]), (said["after"], said["provisional"])
    for position, clock in enumerate(clocks):
        if (clock.rule, clock.started_at, clock.due_at) == of and (clock.due_at, clock.provisional) != after:
            moved = _due_anew(clock, after[0], provisional=after[1])
            return (*clocks[:position], moved, *clocks[position + 1 :])
    return clocks


def _unmark(clocks: tuple[Clock, ...], entry: Entry) -> tuple[Clock, ...]:
    """Take the mark of one `time_out` off; after a correction nobody may bear it any more."""
    said = entry.attributes
    for position, clock in enumerate(clocks):
        if "time_out" in said:
            marked = clock.raised_by == said["time_out"]
        else:  # written before a withdrawal named its time-out; of two due together one may still stand
            stands = clock.due_at == clock.raised_at and _undone(clock)
            marked = clock.rule == entry.rule and clock.raised_at == said.get("due_at") and not stands
        if marked:
            freed = clock._replace(raised_at=None, raised_by=0, told_at=None, escalations=())
            return (*clocks[:position], freed, *clocks[position + 1 :])
    return clocks


_SAID_BY_ENGINE = {
    "warn": _told,
    "time_out": _mark,
    "escalate": _told,
    "time_out_withdrawn": _unmark,
    "recompute": _recounted,
}
