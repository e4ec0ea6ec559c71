"""One order's commands through the one decision: its log, what was found, what was refused."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.cases import Heard, heard, heard_in
from paidan.engine.corrections import CORRECT
from paidan.engine.decide import Decision, decide, raise_overdue, recompute
from paidan.policies.clocks import missed
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import FOLLOWING
from paidan.workflows.records import Clock, Command, Entry, Finding, Order


class Deviation(NamedTuple):
    """One broken rule, or one impossible step, of one event."""

    command: Command
    finding: Finding
    refused: bool


class Replayed(NamedTuple):
    """
    One order as it came out: its last state, its log, what was found, what was refused.

    `written` gives the entry that became of a command, by `Command.seq`, where it is carried on as recorded.
    `heard` are the entries that can do anything to a case about the order.
    """

    order: Order
    entries: list[Entry]
    deviations: list[Deviation]
    applied: int
    refused: int
    after_as_of: int
    written: Mapping[int, int]
    heard: Sequence[Heard] = ()


def replay_order(
    order_id: str,
    commands: Iterable[Command],
    rules: Rulebook,
    as_of: datetime,
    *,
    enforce: bool = False,
    as_recorded: bool = False,
    begun: tuple[Order, Sequence[Entry]] | None = None,
    known: Mapping[int, int] | None = None,
) -> Replayed:
    """
    Take the commands of one order, already in order, through the one decision.

    As recorded, each calendar edition of `rules` comes into force when it did, and a correction finds
    its entry by `Command.seq`; by time, the newest edition counts for all, and what is corrected
    stands in the commands already: a correction is a fact. `begun` is the order as it stands and its
    log, where one is carried on as recorded, `known` the entries in it by their `Command.seq`; the
    entries given begin with that log.
    """
    rules = rules if as_recorded else rules.alone
    order, there = begun or (Order(order_id), ())
    entries = list(there)
    loads = [at for at, _ in rules.editions[1:] if not there or at > there[-1].recorded_at]
    deviations: list[Deviation] = []
    refused = after = applied = 0
    written = dict(known or {})

    told: list[Heard] = []

    def log() -> list[Entry]:
        return entries

    def take(decision: Decision) -> Order:
        entries.extend(decision.entries)
        if as_recorded and rules.heard:
            told.extend(heard(decision, rules))
        return decision.order

    for one in commands:
        command = pointed(one, written) if as_recorded else one
        counted = bool(command.row or not command.source)  # a mapping's additions have no row of their own
        if (command.learned_at if as_recorded else command.at) > as_of:
            after += counted
            continue
        if as_recorded:
            order = take(_caught_up(order, entries, loads, command.learned_at, rules))
        # What a case follows is a fact in its order's log: whether the case follows, its guards say.
        observe = not enforce and command.event not in FOLLOWING
        decision = decide(order, command, rules, observe=observe, log=log if as_recorded else None)
        order = take(decision)
        if command.seq and decision.entries:
            written[command.seq] = decision.entries[0].seq
        if decision.refused:
            refused += counted
        else:
            applied += counted
        deviations += [Deviation(command, finding, decision.refused) for finding in decision.findings]
    if as_recorded:
        order = take(_caught_up(order, entries, loads, as_of, rules))
        return Replayed(order, entries, deviations, applied, refused, after, written, told)
    entries = _renamed(_timed_out(order, entries, rules, as_of), written)
    return Replayed(order, entries, deviations, applied, refused, after, {}, heard_in(entries, rules))


def pointed(command: Command, written: Mapping[int, int]) -> Command:
    """Let a correction name the entry that became of the command it names; 0 where none did."""
    if command.event != CORRECT:
        return command
    entry = written.get(command.attributes.get("entry", 0), 0)
    return command._replace(attributes={**command.attributes, "entry": entry})


def _renamed(entries: list[Entry], written: Mapping[int, int]) -> list[Entry]:
    """Let corrections name entries by the numbers they have beside the time-outs."""
    places = [place for place, entry in enumerate(entries) if entry.event == CORRECT]
    if places:
        numbers = [0, *(entry.seq for entry in entries if entry.event != "time_out")]
        for place in places:
            said = entries[place].attributes
            entry = numbers[written.get(said.get("entry", 0), 0)]
            entries[place] = entries[place]._replace(attributes={**said, "entry": entry})
    return entries


def _caught_up(
    order: Order, log: list[Entry], loads: list[datetime], now: datetime, rules: Rulebook
) -> Decision:
    """Decide what the engine would have written of itself by `now`: first what notices recounted."""
    entries: list[Entry] = []
    while loads and loads[0] <= now:
        decision = recompute(order, [*log, *entries], loads.pop(0), rules)
        entries += decision.entries
        order = decision.order
    raised = raise_overdue(order, now, rules)
    return Decision(raised.order, (*entries, *raised.entries))


def _timed_out(order: Order, entries: list[Entry], rules: Rulebook, as_of: datetime) -> list[Entry]:
    """Put one `time_out` per missed duty at its final due time, after that second's events."""
    late = [clock for clock in order.clocks if missed(clock, rules, as_of)]
    if not late:
        return entries
    late.sort(key=lambda clock: (clock.due_at, rules.order_of[clock.rule]))
    merged: list[Entry] = []
    state = ""
    waiting = iter(late)
    clock = next(waiting, None)
    for entry in entries:
        while clock is not None and clock.due_at < entry.at:
            merged.append(_time_out(order.order_id, len(merged) + 1, state, clock, as_of))
            clock = next(waiting, None)
        seq = len(merged) + 1
        merged.append(entry if entry.seq == seq else entry._replace(seq=seq))
        state = entry.to_state
    while clock is not None:
        merged.append(_time_out(order.order_id, len(merged) + 1, state, clock, as_of))
        clock = next(waiting, None)
    return merged


def _time_out(order_id: str, seq: int, state: str, clock: Clock, now: datetime) -> Entry:
    return Entry(order_id, seq, "time_out", state, state, clock.due_at, now, unit=clock.unit, rule=clock.rule)
