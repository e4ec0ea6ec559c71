"""A workflow as one value: states, moves, conditions; checked when it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from paidan.workflows.errors import DefinitionError
from paidan.workflows.records import Facts

Condition = Callable[[Facts, Mapping[str, Any]], bool]
"""A structural condition over the order's facts and the attributes of the command."""

START = ""
"""The state of an order that has no log yet."""


@dataclass(frozen=True, slots=True)
class State:
    """A state with its Chinese and English label; nothing leaves a final one."""

    name: str
    zh: str
    en: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """
    Something that happens to an order.

    History moves an order to the state an event speaks of even where no move allows it; an event
    that does not `reopens` leaves the order where it is then. `by_engine` events are written by
    the engine and never read from a file. `apart` ones are read from a file, but nobody submits
    them: they are what something else that was done leaves in the log. `follows` names the events of an
    order that do this to an open case of the order; the engine writes it then (`workflows.cases`).
    """

    name: str
    zh: str
    en: str
    reopens: bool = True
    by_engine: bool = False
    apart: bool = False
    follows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """`event` takes the order from any of `sources` to `target` (None: it stays) when `when` holds."""

    event: str
    sources: tuple[str, ...]
    target: str | None = None
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """
    States, events and moves of one kind of case, refused at construction when they do not fit.

    Raises `DefinitionError` on an unknown state, event or condition, a state no move reaches,
    a state without a way out that is not final, or two moves that would apply at once.
    """

    name: str
    zh: str
    en: str
    states: tuple[State, ...]
    events: tuple[Event, ...]
    moves: tuple[Move, ...]
    conditions: Mapping[str, Condition]

    def __post_init__(self) -> None:
        """Check the definition whole."""
        names = {state.name for state in self.states}
        events = {event.name for event in self.events}
        seen: set[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = set()
        for move in self.moves:
            mentioned = {*move.sources, *([move.target] if move.target else [])} - {START}
            if unknown := mentioned - names:
                raise DefinitionError(self.name, f"move {move.event} names unknown states {sorted(unknown)}")
            if move.event not in events:
                raise DefinitionError(self.name, f"move names unknown event {move.event}")
            if unknown := {*move.when, *move.unless} - set(self.conditions):
                raise DefinitionError(
                    self.name, f"move {move.event} names unknown conditions {sorted(unknown)}"
                )
            for source in move.sources:
                key = (move.event, source, move.when, move.unless)
                if key in seen:
                    raise DefinitionError(self.name, f"{move.event} leaves {source or 'the start'} twice")
                seen.add(key)
        self._check_graph(names)

    def _check_graph(self, names: set[str]) -> None:
        reached = {START}
        while True:
            further = {
                move.target for move in self.moves if move.target and reached.intersection(move.sources)
            } - reached
            if not further:
                break
            reached |= further
        if unreachable := names - reached:
            raise DefinitionError(self.name, f"no move reaches {sorted(unreachable)}")
        for state in self.states:
            leaves = any(
                state.name in move.sources and move.target not in (None, state.name) for move in self.moves
            )
            if leaves == state.final:
                word = "is final but can be left" if leaves else "is a dead end"
                raise DefinitionError(self.name, f"state {state.name} {word}")

    @cached_property
    def event_of(self) -> Mapping[str, Event]:
        """Every event by its name."""
        return {event.name: event for event in self.events}

    @cached_property
    def state_of(self) -> Mapping[str, State]:
        """Every state by its name."""
        return {state.name: state for state in self.states}
