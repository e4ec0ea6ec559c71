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
    """Take the commands of one order, already in order, through the one decision: see `Replaying`."""
    replaying = Replaying(
        order_id, rules, as_of, enforce=enforce, as_recorded=as_recorded, begun=begun, known=known
    )
    replaying.take(commands)
    return replaying.done()


class Replaying:
    """
    One order on its way through the one decision, by what is told of it.

    As recorded, each calendar edition of `rules` comes into force when it did, and a correction finds
    its entry by `Command.seq`; by time, the newest edition counts for all, and what is corrected
    stands in the commands already: a correction is a fact. `begun` is the order as it stands and its
    log, where one is carried on as recorded, `known` the entries in it by their `Command.seq`; the
    entries given begin with that log. `last` is when what was taken last was learned, as recorded.
    """

    def __init__(
        self,
        order_id: str,
        rules: Rulebook,
        as_of: datetime,
        *,
        enforce: bool = False,
        as_recorded: bool = False,
        begun: tuple[Order, Sequence[Entry]] | None = None,
        known: Mapping[int, int] | None = None,
    ) -> None:
        self._rules = rules if as_recorded else rules.alone
        self._as_of = as_of
        self._enforce = enforce
        self._as_recorded = as_recorded
        self.order, there = begun or (Order(order_id), ())
        self.entries = list(there)
        self.last = there[-1].recorded_at if there else None
        self._loads = [at for at, _ in self._rules.editions[1:] if self.last is None or at > self.last]
        self._deviations: list[Deviation] = []
        self._applied = self._refused = self._after = 0
        self._written = dict(known or {})
        self._told: list[Heard] = []

    def take(self, commands: Iterable[Command]) -> None:
        """Take what was told next, in its order."""
        rules, entries, written, as_of = self._rules, self.entries, self._written, self._as_of
        as_recorded, enforce = self._as_recorded, self._enforce
        log = (lambda: entries) if as_recorded else None
        order = self.order
        for one in commands:
            command = pointed(one, written) if as_recorded else one
            counted = bool(command.row or not command.source)  # a mapping's additions have no row
            learned_at = command.learned_at if as_recorded else command.at
            if learned_at > as_of:
                self._after += counted
                continue
            if as_recorded:
                order = self._catch_up(order, learned_at)
                self.last = learned_at
            # What a case follows is a fact in its order's log: whether the case follows, its guards say.
            observe = not enforce and command.event not in FOLLOWING
            decision = decide(order, command, rules, observe=observe, log=log)
            order = self._add(decision)
            if command.seq and decision.entries:
                written[command.seq] = decision.entries[0].seq
            if decision.refused:
                self._refused += counted
            else:
                self._applied += counted
            self._deviations += [
                Deviation(command, finding, decision.refused) for finding in decision.findings
            ]
        self.order = order

    def done(self) -> Replayed:
        """Give what came of it all, as of the end."""
        entries, counts = self.entries, (self._applied, self._refused, self._after)
        if self._as_recorded:
            self.order = self._catch_up(self.order, self._as_of)
            return Replayed(self.order, entries, self._deviations, *counts, self._written, self._told)
        rules = self._rules
        entries = _renamed(_timed_out(self.order, entries, rules, self._as_of), self._written)
        return Replayed(self.order, entries, self._deviations, *counts, {}, heard_in(entries, rules))

    def _add(self, decision: Decision) -> Order:
        if decision.entries:
            self.entries.extend(decision.entries)
            if self._as_recorded and self._rules.heard:
                self._told += heard(decision, self._rules, self.last)
        return decision.order

    def _catch_up(self, order: Order, now: datetime) -> Order:
        """Write what the engine would have written of itself by `now`: first what notices recounted."""
        while self._loads and self._loads[0] <= now:
            loaded_at = self._loads.pop(0)
            decision = recompute(order, self.entries, loaded_at, self._rules)
            order = self._add(decision)
            if decision.entries:
                self.last = loaded_at
        return self._add(raise_overdue(order, now, self._rules))


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
