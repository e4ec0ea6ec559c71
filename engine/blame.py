"""
Whose late return made another unit's order overdue (因其他单位回退造成的超期): proposed, never decided.

A limit that the order carries (`order_due`) runs on while the order goes from unit to unit. Where one unit
held the order past its own window for returning it, and the unit that let the limit pass would have kept it
with that time back, the first is proposed to bear the lateness. Only the ruling (`rule_overdue`) moves it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from paidan.engine.corrections import corrected
from paidan.engine.evolve import fold
from paidan.policies.rulebook import Rulebook
from paidan.policies.score_schema import MeasureRule
from paidan.policies.scoring.counting import overdue
from paidan.policies.scoring.records import Judged, Ruling, record_of
from paidan.workflows.facts import learn
from paidan.workflows.records import BEIJING, NOTHING, Clock, Entry, Facts, Order

LATE_RETURN, LONG_CUSTODY = "late_return", "long_custody"
"""Asked to return the order past its window; kept it past that without asking, until it was taken away."""


class Cause(NamedTuple):
    """
    What an earlier unit took of the limit: it gave the order up `given_up_at`, later than `window_due_at`.

    `rule` and `clause` are those of its window; `natural` and `working` say how long it was over that.
    """

    unit: str
    dispatch: int
    ground: str
    rule: str
    clause: str
    sent_at: datetime
    window_due_at: datetime
    given_up_at: datetime
    natural: timedelta
    working: timedelta


class Blame(NamedTuple):
    """
    A limit that passed while `unit` held the order, with what earlier units took of it, the most first.

    `without_at` is when it would have been done, or would stand now, had they given the order up in time and
    had everybody since taken the same time in office hours. `ruling` is the last one on it, None where there
    is none. `rule`, `clause` and `role` say by which rule who decides.
    """

    order_id: str
    rule: str
    clause: str
    role: str
    limit: Judged
    limit_clause: str
    unit: str
    causes: tuple[Cause, ...]
    without_at: datetime
    ruling: Ruling | None

    @property
    def would_be_kept(self) -> bool:
        """Whether the limit would have been kept had nobody taken anything of it."""
        return self.without_at <= self.limit.due_at

    @property
    def proposed(self) -> str:
        """The unit proposed to bear it, which took the most of what decided; empty where nothing did."""
        return self.causes[0].unit if self.would_be_kept else ""

    @property
    def command(self) -> tuple[str, ...]:
        """The words after `submit` by which the office rules so."""
        due = self.limit.due_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        return (
            self.order_id, "rule_overdue", f"unit={self.proposed}", f"role={self.role}", f"order_due={due}",
        )  # fmt: skip


def blame_of(order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime) -> tuple[Blame, ...]:
    """
    Give each overdue of an order that another unit had a part in; none where no rule lets anybody decide.

    The overdues are those that scoring counts, each by the unit it counts for without a ruling.
    """
    by = next(iter(rules.roles.get("rule_overdue", ())), None)
    counted = (rule for rule in rules.policy.of(MeasureRule) if rule.name == "overdue")
    measure: MeasureRule | None = next(counted, None)
    if by is None or measure is None:
        return ()
    log = corrected(entries)
    order = fold(order_id, entries, rules)
    held = _held(log)
    found = []
    for case in overdue(record_of(order, log, rules, as_of), frozenset(measure.clocks)):
        limit = case.why
        if not isinstance(limit, Judged) or not rules.clocks[limit.rule].limit.at or not limit.dispatch:
            continue
        causes = tuple(sorted(_causes(limit, held, order, rules), key=_weight))
        if causes:
            found.append(
                Blame(
                    order_id, by.rule, by.clause, by.roles[0], limit, rules.clocks[limit.rule].clause,
                    limit.unit, causes, _without(limit, causes, rules, as_of), case.ruling,
                )
            )  # fmt: skip
    return tuple(found)


class _Held(NamedTuple):
    """
    A dispatch: to whom, when, the facts then, whether with a new limit; when its return was asked for last.

    `gone_at` is when the order left the unit, returned or taken away; one that it `answered` left otherwise.
    """

    unit: str
    sent_at: datetime
    facts: Facts
    new_limit: bool
    asked_at: datetime | None = None
    gone_at: datetime | None = None
    answered: bool = False


def _held(log: Sequence[Entry]) -> list[_Held]:
    facts: Facts = NOTHING
    held: list[_Held] = []
    for entry in log:
        before = facts.get("order_due")
        facts = learn(facts, entry.event, entry.at, entry.unit, entry.attributes)
        if entry.event == "dispatch":
            if held and held[-1].gone_at is None and not held[-1].answered:
                held[-1] = held[-1]._replace(gone_at=entry.at)
            said = entry.attributes.get("order_due")
            held.append(_Held(entry.unit, entry.at, facts, before is None or said not in (None, before)))
        elif held and entry.event == "request_return":
            held[-1] = held[-1]._replace(asked_at=entry.at)
        elif held and entry.event == "approve_return":
            held[-1] = held[-1]._replace(gone_at=entry.at)
        elif held and entry.event in ("resolve", "send_back"):
            held[-1] = held[-1]._replace(answered=entry.event == "resolve")
    return held


def _causes(limit: Judged, held: Sequence[_Held], order: Order, rules: Rulebook) -> Iterator[Cause]:
    """Give the units that had the same limit before and kept the order past their window."""
    for number in range(limit.dispatch - 1, 0, -1):
        if held[number].new_limit:  # what came before took nothing of it
            return
        one = held[number - 1]
        given_up_at = one.gone_at and (one.asked_at or one.gone_at)
        window = _window(number, one, order, rules)
        if given_up_at is None or window is None or not one.unit or one.unit == limit.unit:
            continue
        rule, due_at = window
        if given_up_at > due_at:
            asked = one.asked_at is not None
            yield Cause(
                one.unit, number, LATE_RETURN if asked else LONG_CUSTODY, rule, rules.clocks[rule].clause,
                one.sent_at, due_at, given_up_at, given_up_at - due_at,
                rules.reckoner.office_time(due_at, given_up_at),
            )  # fmt: skip


def _weight(cause: Cause) -> tuple[timedelta, timedelta, int]:
    return -cause.working, -cause.natural, -cause.dispatch


def _window(number: int, one: _Held, order: Order, rules: Rulebook) -> tuple[str, datetime] | None:
    """Give the window a unit had for asking to return the order: that of its request, else of its kind."""
    ending = rules.ends.get("request_return", NOTHING)
    clocks: list[Clock] = [
        clock
        for clock in order.clocks
        if clock.dispatch == number and clock.rule in ending and rules.clocks[clock.rule].kind == "window"
    ]
    asked = [clock for clock in clocks if clock.done_at == one.asked_at]
    for clock in reversed(asked or clocks):
        return clock.rule, clock.due_at
    for rule in rules.asked.get("request_return", ()):
        due = None if rule.when else rules.reckoner.due(rule.limit, one.sent_at, one.facts)
        if due is not None:
            return rule.rule, due.at
    return None


def _without(limit: Judged, causes: Sequence[Cause], rules: Rulebook, as_of: datetime) -> datetime:
    """Say when it would have been done had the time over the windows not been taken."""
    first = min(causes, key=lambda one: one.dispatch)
    done_at = limit.done_at or as_of
    taken = sum((one.working for one in causes), timedelta(0))
    if not taken:
        return done_at
    left = rules.reckoner.office_time(first.window_due_at, done_at) - taken
    return rules.reckoner.after_office_time(first.window_due_at, left)
