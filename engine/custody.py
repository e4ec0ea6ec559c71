"""
Who held an order when (工单在谁手上): its log as stretches of natural and of working time.

A stretch lasts while the order lies in the same hands at the same stage. Where one ends the next begins,
so that the stretches sum to the whole exactly, in either time. By when things happened: what was learned
late or corrected stands in its place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from paidan.engine.corrections import CORRECT, corrected
from paidan.engine.differences import commands_of
from paidan.engine.explain import Story, stories
from paidan.engine.replay_order import replay_order
from paidan.policies.clocks import Verdict, verdict
from paidan.policies.rulebook import ANEW, Rulebook
from paidan.workflows.facts import learn
from paidan.workflows.records import NOTHING, Clock, Entry
from paidan.workflows.work_order import WORK_ORDER

OFFICE, UNIT, NOBODY, SUPERIOR, UNKNOWN = "office", "unit", "nobody", "superior", "unknown"
"""In whose hands: the office that runs the policy, a unit, nobody's (closed), the superior's, not known."""

HANDS = {
    "received": (OFFICE, "to_register"),
    "registered": (OFFICE, "to_dispatch"),
    "dispatched": (UNIT, "to_accept"),
    "accepted": (UNIT, "handling"),
    "contacted": (UNIT, "handling"),
    "extended": (UNIT, "handling"),
    "returned": (OFFICE, "to_redispatch"),
    "resolved": (OFFICE, "to_check"),
    "revisited": (OFFICE, "to_check"),
    "closed": (NOBODY, "closed"),
    "handed_back": (SUPERIOR, "handed_back"),
}
"""In whose hands an order lies in a state, and at what stage."""
RETURN_ASKED = "return_asked"
"""The stage of a unit that has asked to return the order and waits for the office's answer."""
_BY_UNIT = frozenset({"accept", "contact", "request_return", "request_extension", "resolve"})
"""Events whose unit, where a log lacks the dispatch, is the one that holds the order."""


class Stretch(NamedTuple):
    """
    A time in the same hands at the same stage; `unit` is empty but for a unit that is known.

    `seq` and `event` are those of the entry that began it. `working` is the part in office hours;
    `provisional` where a notice to come may still change that.
    """

    hands: str
    unit: str
    stage: str
    began_at: datetime
    ended_at: datetime
    seq: int
    event: str
    working: timedelta
    provisional: bool

    @property
    def natural(self) -> timedelta:
        """How long it lasted by the clock on the wall."""
        return self.ended_at - self.began_at


class Held(NamedTuple):
    """In whose hands an order is, at what stage, and since when it has been in them, whatever the stage."""

    hands: str
    unit: str
    stage: str
    since: datetime
    natural: timedelta


class Part(NamedTuple):
    """What one holder had of the whole: times, and their shares as fractions; None of a whole of nothing."""

    hands: str
    unit: str
    natural: timedelta
    working: timedelta
    natural_share: Fraction | None
    working_share: Fraction | None


class Beside(NamedTuple):
    """
    A clock that began with a dispatch, beside the same one had it begun when the unit signed in (接单).

    `accepted_at` is None where nobody signed in; `due_at`, `verdict` are then None too.
    """

    clock: Clock
    came_to: Verdict
    accepted_at: datetime | None
    due_at: datetime | None
    verdict: Verdict | None


class Custody(NamedTuple):
    """
    Who held an order from its first entry on: stretch by stretch, in sum, and its clocks from sign-in.

    By what `rules` make of it, as of a time; the office is the role that runs them (`rules.policy.office`).
    """

    order_id: str
    rules: Rulebook
    as_of: datetime
    now: Held
    stretches: tuple[Stretch, ...]
    parts: tuple[Part, ...]
    clocks: tuple[Beside, ...]

    @property
    def whole_natural(self) -> timedelta:
        """How long it has been, from the first stretch to the last."""
        return self.stretches[-1].ended_at - self.stretches[0].began_at

    @property
    def whole_working(self) -> timedelta:
        """How much of the whole lay in office hours."""
        return self.rules.reckoner.office_time(self.stretches[0].began_at, self.stretches[-1].ended_at)


def custody_of(order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime) -> Custody:
    """Give who held an order when, from its whole log (at least one entry), as of a time."""
    held = stretches(order_id, entries, rules, as_of)
    return Custody(
        order_id, rules, as_of, held_now(order_id, entries, rules, as_of), held, parts(held),
        beside(order_id, entries, rules, as_of),
    )  # fmt: skip


def stretches(
    order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime
) -> tuple[Stretch, ...]:
    """
    Give the stretches from the first thing that happened to the last, or to `as_of` while it is still held.

    Whole seconds, as the rules count them. A stretch of no length is left out unless it is the last.
    """
    changes, end = _changes(order_id, entries, rules, as_of)
    return tuple(_measured(changes, end, rules))


def held_now(order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime) -> Held:
    """Say in whose hands an order is, and since when without a break; asks no calendar."""
    changes, end = _changes(order_id, entries, rules, as_of)
    hands, unit, stage = changes[-1].now
    since = end
    for change in reversed(changes):
        if change.now[:2] != (hands, unit):
            break
        since = change.at
    return Held(hands, unit, stage, since, end - since)


def _changes(
    order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime
) -> "tuple[list[_Change], datetime]":
    """Give each change of hands, and when the last of them ends."""
    changes: list[_Change] = []
    told = by_time(order_id, entries, rules, as_of)
    facts, lone = NOTHING, ""
    for entry in told:
        facts = learn(facts, entry.event, entry.at, entry.unit, entry.attributes)
        if entry.event in _BY_UNIT:
            lone = entry.unit or lone
        elif entry.event in ANEW:
            lone = ""
        hands, stage = HANDS.get(entry.to_state, (UNKNOWN, UNKNOWN))
        if hands == UNIT and facts.get("pending") == "return":
            stage = RETURN_ASKED
        now = hands, (facts.get("unit") or lone) if hands == UNIT else "", stage
        at = entry.at.replace(microsecond=0)
        if changes and changes[-1].now == now:
            continue
        if changes and changes[-1].at == at:  # within a second the last says where the order lay
            changes.pop()
        if not changes or changes[-1].now != now:
            changes.append(_Change(now, at, entry))
    last = told[-1].at
    still_held = changes[-1].now[0] in (OFFICE, UNIT, UNKNOWN)
    return changes, (max(last, as_of) if still_held else last).replace(microsecond=0)


class _Change(NamedTuple):
    """A change of hands, unit or stage, when it came, and by which entry."""

    now: tuple[str, str, str]
    at: datetime
    entry: Entry


def _measured(changes: Sequence[_Change], end: datetime, rules: Rulebook) -> Iterable[Stretch]:
    reckoner = rules.reckoner
    ends = [*(change.at for change in changes[1:]), end]
    for (now, at, entry), ended_at in zip(changes, ends, strict=True):
        working = reckoner.office_time(at, ended_at)
        known = reckoner.known(at, ended_at)
        yield Stretch(*now, at, ended_at, entry.seq, entry.event, working, not known)


def by_time(order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime) -> Sequence[Entry]:
    """
    Give what happened to an order in the order in which it did, its corrections applied.

    What the engine wrote, and what was done to the log alone (a correction, an unmasking), is left out.
    """
    told = _happened(corrected(entries)) or entries
    if all(one.at <= other.at for one, other in pairwise(told)):
        return told
    commands = sorted(commands_of(told), key=lambda one: (one.at, one.seq))
    return _happened(replay_order(order_id, commands, rules, as_of).entries) or told


def _happened(entries: Sequence[Entry]) -> list[Entry]:
    return [one for one in entries if one.event not in _TO_THE_LOG]


_TO_THE_LOG = {one.name for one in WORK_ORDER.events if one.by_engine or one.apart} | {CORRECT}


def parts(held: Sequence[Stretch]) -> tuple[Part, ...]:
    """Sum stretches by who held the order, in the order in which they first did."""
    sums: dict[tuple[str, str], tuple[timedelta, timedelta]] = {}
    for one in held:
        natural, working = sums.get((one.hands, one.unit), (timedelta(0), timedelta(0)))
        sums[one.hands, one.unit] = natural + one.natural, working + one.working
    whole = [sum((one[at] for one in sums.values()), timedelta(0)) for at in (0, 1)]
    return tuple(
        Part(*who, *times, *(_share(time, of) for time, of in zip(times, whole, strict=True)))
        for who, times in sums.items()
    )


def _share(time: timedelta, whole: timedelta) -> Fraction | None:
    return Fraction(time // _SECOND, whole // _SECOND) if whole else None


_SECOND = timedelta(seconds=1)


def beside(order_id: str, entries: Sequence[Entry], rules: Rulebook, as_of: datetime) -> tuple[Beside, ...]:
    """Give every clock that began with a dispatch or a redo beside the same one begun at sign-in."""
    signed = _signed_in(corrected(entries))
    to_sign = rules.ends.get("accept", NOTHING)
    return tuple(
        _beside(story, signed[begun], rules, as_of)
        for story in stories(order_id, entries, rules)
        if (begun := (story.clock.dispatch, story.clock.started_at)) in signed
        and story.clock.rule not in to_sign
    )


def _beside(story: Story, accepted_at: datetime | None, rules: Rulebook, as_of: datetime) -> Beside:
    clock = story.clock
    came_to = verdict(clock, rules, as_of)
    if accepted_at is None:
        return Beside(clock, came_to, None, None, None)
    due = rules.reckoner.due(story.limit, accepted_at, story.facts)
    if due is None:
        return Beside(clock, came_to, accepted_at, None, None)
    return Beside(clock, came_to, accepted_at, due.at, verdict(clock._replace(due_at=due.at), rules, as_of))


def _signed_in(entries: Iterable[Entry]) -> dict[tuple[int, datetime], datetime | None]:
    """Give by number and time of each dispatch, and of each redo in it, when it was signed in for."""
    signed: dict[tuple[int, datetime], datetime | None] = {}
    number, waiting = 0, None
    for entry in entries:
        if entry.event in ANEW:
            number += entry.event == "dispatch"
            waiting = number, entry.at
            signed[waiting] = None
        elif entry.event == "accept" and waiting is not None:
            signed[waiting], waiting = entry.at, None
    return signed
