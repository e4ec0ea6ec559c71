"""
The one decision: what a command makes of an order under a rulebook, and why not.

Pure: time, storage and settings come in with the arguments. Live commands, replays and the sweep
all end here. `observe` takes history as it is: what is not allowed is found and applied all the same.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from paidan.engine.correcting import faults
from paidan.engine.corrections import CORRECT, corrected
from paidan.engine.evolve import evolve, fold
from paidan.policies.clocks import alarms, stands, unlimited
from paidan.policies.guards import objections
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import EVENT_OF, MARK, WORKFLOWS, workflow_of
from paidan.workflows.definition import START
from paidan.workflows.machine import Life
from paidan.workflows.records import Clock, Command, Entry, Finding, Order
from paidan.workflows.work_order import WORK_ORDER

_LIVES = {one.name: Life(one) for one in WORKFLOWS}
LIFE = _LIVES[WORK_ORDER.name]


def life_of(order_id: str) -> Life:
    """Give the life of an order, or that of a case by its id."""
    return _LIVES[workflow_of(order_id).name] if MARK in order_id else LIFE


Log = Callable[[], Sequence[Entry]]
"""Gives the log of the order, whole; asked only where the order does not suffice."""


class Decision(NamedTuple):
    """What came of a command: the order after it, the entries to append, and what was found."""

    order: Order
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing was appended."""
        return not self.entries


def decide(
    order: Order, command: Command, rules: Rulebook, *, observe: bool = False, log: Log | None = None
) -> Decision:
    """
    Decide a command.

    Structural findings hide those of the rules. A refused command leaves the order as it is.
    An accepted one appends its entry, and a withdrawal for each time-out it disproves. `log` is asked
    for what is corrected; without one a correction is a mere fact.
    """
    if command.event == CORRECT and log is not None:
        return _correct(order, command, rules, tuple(log()), observe=observe)
    life = life_of(command.order_id)
    target = life.target(order.state, command.event, order.facts, command.attributes)
    findings: tuple[Finding, ...]
    if target is None:
        findings = _structural(order, command)
        target = _observed(order, command, life)
    else:
        findings = objections(order, command, rules) if order.seq else ()
    if findings and not observe and any(finding.refuses for finding in findings):
        return Decision(order, (), findings)
    entry = Entry(
        command.order_id, order.seq + 1, command.event, order.state, target, command.at, command.learned_at,
        command.actor, command.role, command.unit, command.rule, "", command.attributes,
    )  # fmt: skip
    after = evolve(order, entry, rules)
    if command.event in rules.limited_by_order:
        for rule in unlimited(command.event, after.facts, rules):
            findings = (*findings, Finding("limit_unknown", rule.rule, rule.clause, refuses=False))
    withdrawn, after = _withdraw(order, after, entry, rules)
    if command.event in rules.escalations:
        escalated, after = _escalate(after, entry, rules)
        withdrawn += escalated
    return Decision(after, (entry, *withdrawn), findings)


def _correct(
    order: Order, command: Command, rules: Rulebook, log: tuple[Entry, ...], *, observe: bool
) -> Decision:
    """Fold the log anew with the correction in it, and make the time-outs those of what then stands."""
    findings = faults(command, log, rules, life_of(command.order_id))
    if findings and not observe:
        return Decision(order, (), findings)
    now = command.learned_at
    entry = Entry(
        command.order_id, order.seq + 1, CORRECT, order.state, order.state, command.at, now,
        command.actor, command.role, command.unit, "", "", command.attributes,
    )  # fmt: skip
    log = (*log, entry)
    withdrawn, after = _withdraw(order, fold(order.order_id, log, rules), entry, rules)
    recounted = _recount(after, (*log, *withdrawn), now, rules)
    raised = raise_overdue(recounted.order, now, rules)
    entries = (entry, *withdrawn, *recounted.entries, *raised.entries)
    return Decision(raised.order, entries, findings)


def raise_overdue(
    order: Order, now: datetime, rules: Rulebook, *, before: datetime | None = None
) -> Decision:
    """
    Append a `time_out` for every duty that passed before `now` undone and is not in the log yet.

    With it come the warnings before and the escalations after it that are due by then. The time of each
    is when it was due, however late it is written; the state stays. Calling again adds nothing.
    With `before` only what was due before that instant is raised, though it is written at `now`.
    """
    until = before or now
    # Nothing is due of a limit that lies further ahead than the longest warning: of most nothing is asked.
    latest = until + rules.warnings[0] if rules.warnings else until
    coming = [
        (alarm.at, rules.order_of[clock.rule], clock, alarm.event)
        for clock in order.clocks
        if clock.due_at < latest
        for alarm in alarms(clock, rules)
        if alarm.at < until
    ]
    if not coming:
        return Decision(order, ())
    entries: list[Entry] = []
    for at, _, clock, event in sorted(coming, key=itemgetter(0, 1)):
        of = {"started_at": clock.started_at} if event == "time_out" else {"due_at": clock.due_at}
        entry = Entry(
            order.order_id, order.seq + 1, event, order.state, order.state, at, now,
            unit=clock.unit, rule=clock.rule, attributes=of,
        )  # fmt: skip
        order = evolve(order, entry, rules)
        entries.append(entry)
    return Decision(order, tuple(entries))


def recompute(order: Order, log: Sequence[Entry], now: datetime, rules: Rulebook) -> Decision:
    """
    Append a `recompute` for every clock that the calendar edition in force `now` counts otherwise.

    The clocks are counted anew from the whole `log`, as if that edition had always been in force.
    What was overdue by then is written first, and withdrawn where it no longer stands. Calling
    again adds nothing.
    """
    if not _changed(order, log, rules.at(now).alone):
        return Decision(order, ())
    raised = raise_overdue(order, now, rules)
    recounted = _recount(raised.order, (*log, *raised.entries), now, rules)
    return Decision(recounted.order, (*raised.entries, *recounted.entries))


def _changed(order: Order, log: Sequence[Entry], edition: Rulebook) -> list[tuple[Clock, Clock]]:
    """Give the clocks that an edition counts otherwise, as they are and as it counts them."""
    told = [entry for entry in corrected(log) if entry.event not in ("recompute", CORRECT)]
    anew = fold(order.order_id, told, edition).clocks
    return [one for one in zip(order.clocks, anew, strict=False) if _moves(*one)]


def _recount(order: Order, log: Sequence[Entry], now: datetime, rules: Rulebook) -> Decision:
    if not rules.editions:
        return Decision(order, ())
    edition = rules.at(now).alone
    entries: list[Entry] = []
    for then, counted in _changed(order, log, edition):
        entry = Entry(
            order.order_id, order.seq + 1, "recompute", order.state, order.state, now, now, unit=then.unit,
            rule=then.rule,
            attributes={
                "started_at": then.started_at, "before": then.due_at, "after": counted.due_at,
                "provisional": counted.provisional, "calendar": edition.calendar.edition,
            },
        )  # fmt: skip
        after = evolve(order, entry, rules)
        withdrawn, after = _withdraw(order, after, entry, rules)
        order = after
        entries += [entry, *withdrawn]
    return Decision(order, tuple(entries))


def _moves(then: Clock, counted: Clock) -> bool:
    same = (then.rule, then.started_at) == (counted.rule, counted.started_at)
    return same and (then.due_at, then.provisional) != (counted.due_at, counted.provisional)


def _withdraw(before: Order, after: Order, cause: Entry, rules: Rulebook) -> tuple[list[Entry], Order]:
    """Write `time_out_withdrawn` for each time-out that no longer says the truth, with what it had caused."""
    entries: list[Entry] = []
    marked = [clock for clock in before.clocks if clock.raised_at is not None]
    if not marked:
        return entries, after
    standing = {clock.raised_by for clock in after.clocks if stands(clock)}
    for then in marked:
        if then.raised_by in standing:
            continue
        entry = Entry(
            after.order_id, after.seq + 1, "time_out_withdrawn", after.state, after.state, cause.at,
            cause.recorded_at, unit=then.unit, rule=then.rule,
            attributes={
                "due_at": then.raised_at, "time_out": then.raised_by, "cause": cause.seq,
                "escalations": then.escalations,
            },
        )  # fmt: skip
        after = evolve(after, entry, rules)
        entries.append(entry)
    return entries, after


def _escalate(after: Order, cause: Entry, rules: Rulebook) -> tuple[list[Entry], Order]:
    """Write `escalate` when the cause has made a count pass its bound, and only then."""
    entries: list[Entry] = []
    for rule in rules.escalations.get(cause.event, ()):
        counted, most = rule.beyond
        if after.facts.get(counted) == most + 1:
            entry = Entry(
                after.order_id, after.seq + 1, "escalate", after.state, after.state, cause.at,
                cause.recorded_at, unit=cause.unit, rule=rule.rule,
                attributes={"cause": cause.seq, "count": most + 1},
            )  # fmt: skip
            after = evolve(after, entry, rules)
            entries.append(entry)
    return entries, after


def _structural(order: Order, command: Command) -> tuple[Finding, ...]:
    if order.state == START:
        return () if order.seq else (Finding("begins_in_middle", refuses=False),)
    if EVENT_OF[command.event].apart and command.event in life_of(order.order_id).workflow.event_of:
        return (Finding("erased"),)
    return (Finding("no_such_move", details={"event": command.event, "state": order.state}),)


def _observed(order: Order, command: Command, life: Life) -> str:
    event = EVENT_OF[command.event]
    if order.state != START and not event.reopens:
        return order.state
    spoken_of = life.spoken_of(command.event, order.facts, command.attributes)
    return order.state if spoken_of is None else spoken_of
