"""One order's commands through the one decision: its log, what was found, what was refused."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.decide import decide, raise_overdue, recompute
from paidan.policies.clocks import missed
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Clock, Command, Entry, Finding, Order


class Deviation(NamedTuple):
    """One broken rule, or one impossible step, of one event."""

    command: Command
    finding: Finding
    refused: bool


class Replayed(NamedTuple):
    """One order as it came out: its last state, its log, what was found, what was refused."""

    order: Order
    entries: list[Entry]
    deviations: list[Deviation]
    applied: int
    refused: int
    after_as_of: int


def replay_order(
    order_id: str,
    commands: Iterable[Command],
    rules: Rulebook,
    as_of: datetime,
    *,
    enforce: bool = False,
    as_recorded: bool = False,
    begun: tuple[Order, Sequence[Entry]] | None = None,
) -> Replayed:
    """
    Take the commands of one order, already in order, through the one decision.

    As recorded, each calendar edition of `rules` comes into force when it did; by time, the newest
    counts for all. `begun` is the order as it stands and its log, where one is carried on as
    recorded; the entries given begin with that log.
    """
    rules = rules if as_recorded else rules.alone
    order, log = begun or (Order(order_id), ())
    entries = list(log)
    loads = [at for at, _ in rules.editions[1:] if not log or at > log[-1].recorded_at]
    deviations: list[Deviation] = []
    refused = after = applied = 0
    for command in commands:
        counted = bool(command.row or not command.source)  # a mapping's additions have no row of their own
        if (command.learned_at if as_recorded else command.at) > as_of:
            after += counted
            continue
        if as_recorded:
            while loads and loads[0] <= command.learned_at:
                order = _recomputed(order, entries, loads.pop(0), rules)
            raised = raise_overdue(order, command.learned_at, rules)
            order = raised.order
            entries += raised.entries
        decision = decide(order, command, rules, observe=not enforce)
        order = decision.order
        entries += decision.entries
        if decision.refused:
            refused += counted
        else:
            applied += counted
        deviations += [Deviation(command, finding, decision.refused) for finding in decision.findings]
    if as_recorded:
        while loads and loads[0] <= as_of:
            order = _recomputed(order, entries, loads.pop(0), rules)
        raised = raise_overdue(order, as_of, rules)
        return Replayed(raised.order, entries + list(raised.entries), deviations, applied, refused, after)
    return Replayed(order, _timed_out(order, entries, rules, as_of), deviations, applied, refused, after)


def _recomputed(order: Order, entries: list[Entry], loaded_at: datetime, rules: Rulebook) -> Order:
    decision = recompute(order, entries, loaded_at, rules)
    entries += decision.entries
    return decision.order


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
