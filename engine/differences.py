"""
What an order came to as it was first recorded, what it comes to now that all is known, and why these differ.

As recorded, every event counts from when it was learned, with the values first written, by the calendar
known at the time; by time, all that was learned later is in its place. Each thing learned later is left
out in turn: it is a cause of a difference that then changes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.corrections import CORRECT, correction, restored, with_value
from paidan.engine.decide import decide
from paidan.policies.clocks import Verdict, verdict_recorded
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ORDER_ENTRY
from paidan.workflows.cases import EVENT_OF
from paidan.workflows.records import Clock, Command, Entry, Order


class Cause(NamedTuple):
    """
    Something learned later: `kind` is `backdated`, `late`, `corrected` or `calendar`.

    `told` is what said it, at its `place` in the log (`seq`, or the row of a file), None for a
    calendar; it became known at `learned_at`. `of` is the place of what it corrects.
    """

    kind: str
    learned_at: datetime
    told: Command | None = None
    place: int = 0
    of: int = 0


class Side(NamedTuple):
    """A clock as one of the two sees it: the rule it ran under, when it was due, what it came to."""

    rule: str
    due_at: datetime
    verdict: Verdict


class Difference(NamedTuple):
    """A clock that the two see differently, None where it does not run; and what made it so."""

    order_id: str
    rule: str
    unit: str
    clause: str
    recorded: Side | None
    by_time: Side | None
    causes: tuple[Cause, ...]


Key = tuple[str, int, int]
"""A clock: the rule it began under, the dispatch it runs in, the how manieth such."""
_EVERYTHING = -1
"""Stands for the place of a calendar among things learned."""


def of_entries(
    order_id: str, entries: Iterable[Entry], rules: Rulebook, as_of: datetime
) -> tuple[Difference, ...]:
    """Give the differences of an order from its log, live or from a replay folder."""
    return of_commands(order_id, restored(commands_of(entries)), rules, as_of)


def commands_of(entries: Iterable[Entry]) -> list[Command]:
    """Give what somebody told of an order, or what an order told of its case; the rest followed from that."""
    return [
        Command(
            one.order_id, one.event, one.at, one.actor, one.role, one.unit, one.attributes,
            one.recorded_at, seq=one.seq,
        )
        for one in entries
        if not EVENT_OF[one.event].by_engine or ORDER_ENTRY in one.attributes
    ]  # fmt: skip


def of_commands(
    order_id: str, told: Sequence[Command], rules: Rulebook, as_of: datetime
) -> tuple[Difference, ...]:
    """Give the differences of an order from what was told of it, as it was told, in the order learned."""
    causes = _causes(told, rules)
    if not causes:
        return ()
    lived = Relived(order_id, told, rules, as_of)
    every = frozenset(causes)
    recorded, by_time = lived.without(every), lived.without(frozenset())
    keys = [key for key in {**recorded, **by_time} if _side(recorded, key) != _side(by_time, key)]
    if not keys:
        return ()
    left_out = {cause: lived.without(frozenset((cause,))) for cause in causes}
    brought = {cause: lived.without(every - {cause}) for cause in causes}
    found = []
    for key in keys:
        making = [one for one in causes if _side(left_out[one], key) != _side(by_time, key)]
        making = making or [one for one in causes if _side(brought[one], key) != _side(recorded, key)]
        clock = (by_time.get(key) or recorded[key])[0]
        named = tuple(causes[one] for one in making or causes)
        found.append(
            Difference(
                order_id, clock.rule, clock.unit, rules.clocks[clock.rule].clause, _side(recorded, key),
                _side(by_time, key), named,
            )
        )  # fmt: skip
    return tuple(found)


Learned = tuple[int, datetime]
"""Something learned later: its place among what was told, or `_EVERYTHING`; and when it was learned."""
Clocks = Mapping[Key, tuple[Clock, Verdict]]


def _causes(told: Sequence[Command], rules: Rulebook) -> dict[Learned, Cause]:
    found: dict[Learned, Cause] = {}
    named = {one.seq: one.row or one.seq for one in told}
    for place, one in enumerate(told):
        of = 0
        if one.event == CORRECT:
            kind, of = "corrected", named.get(correction(one.attributes).entry, 0)
        elif one.learned_at > one.at:
            kind = "backdated" if "backdated" in one.attributes else "late"
        else:
            continue
        found[place, one.learned_at] = Cause(kind, one.learned_at, one, one.row or one.seq, of)
    first = min((one.learned_at for one in told), default=None)
    for loaded_at, _ in rules.editions[1:]:
        if first is not None and first < loaded_at:
            found[_EVERYTHING, loaded_at] = Cause("calendar", loaded_at)
    return found


def _side(clocks: Clocks, key: Key) -> Side | None:
    found = clocks.get(key)
    return None if found is None else Side(found[0].rule, found[0].due_at, found[1])


class Relived:
    """An order that can be lived again without some of what was learned later."""

    def __init__(self, order_id: str, told: Sequence[Command], rules: Rulebook, as_of: datetime) -> None:
        self._order_id = order_id
        self._told = told
        self._rules = rules
        self._as_of = as_of

    def without(self, unknown: frozenset[Learned]) -> Clocks:
        """Give the clocks where what is `unknown` was never learned, or only when it was recorded."""
        order = Order(self._order_id)
        for command, rules in self._commands(unknown):
            order = decide(order, command, rules, observe=True).order
        numbers: Counter[tuple[str, int]] = Counter()
        found: dict[Key, tuple[Clock, Verdict]] = {}
        for clock in order.clocks:
            kind = (self._rules.clocks[clock.rule].replaces or clock.rule, clock.dispatch)
            numbers[kind] += 1
            found[*kind, numbers[kind]] = clock, verdict_recorded(clock, self._rules, self._as_of)
        return found

    def _commands(self, unknown: frozenset[Learned]) -> Iterator[tuple[Command, Rulebook]]:
        now = list(self._told)
        places = {one.seq: place for place, one in enumerate(now)}
        for place, one in enumerate(self._told):
            made = correction(one.attributes)
            if one.event == CORRECT and made.entry in places and (place, one.learned_at) not in unknown:
                target = places[made.entry]
                now[target] = with_value(now[target], made.field, made.after)
        taken = []
        for place, (one, then) in enumerate(zip(now, self._told, strict=True)):
            if one.event != CORRECT:
                late = (place, then.learned_at) in unknown
                known_at = then.learned_at if late else one.at
                taken.append((known_at, place, one._replace(recorded_at=known_at), then.learned_at))
        for _, _, command, learned_at in sorted(taken, key=lambda one: one[:2]):
            yield command, self._under(learned_at, unknown)

    def _under(self, learned_at: datetime, unknown: frozenset[Learned]) -> Rulebook:
        """Give the rules under the newest calendar that was in force by then, or is known."""
        for loaded_at, rules in reversed(self._rules.editions):
            if loaded_at <= learned_at or (_EVERYTHING, loaded_at) not in unknown:
                return rules.alone
        return self._rules.alone
