"""A `Workflow` run by the transitions library: the one place that says which move applies."""

from collections.abc import Callable, Mapping
from typing import Any

from transitions import Machine, MachineError

from paidan.workflows.definition import START, Workflow
from paidan.workflows.records import Facts

_START_NAME = "(start)"
"""transitions wants a name for the state that an order without a log is in."""


class _Model:
    """What the machine moves: a state and the answers to the conditions. Never registered."""

    def __init__(self, state: str, answers: Mapping[str, bool]) -> None:
        self.state = state
        self.answers = answers


class Life:
    """
    Where an event takes an order.

    One machine per workflow, no model ever added to it. The library is asked once for each
    distinct question (state, event, answers to the event's conditions) and its answer kept:
    a move is a pure function of the three, and there are only a few hundred such questions.
    """

    def __init__(self, workflow: Workflow) -> None:
        """Build the machine from the workflow's states, moves and conditions."""
        self.workflow = workflow
        self._machine = Machine(
            model=None,
            states=[_START_NAME, *(state.name for state in workflow.states)],
            initial=_START_NAME,
            transitions=[
                {
                    "trigger": move.event,
                    "source": [source or _START_NAME for source in move.sources],
                    "dest": "=" if move.target is None else move.target,
                    "conditions": [_asks(name) for name in move.when],
                    "unless": [_asks(name) for name in move.unless],
                }
                for move in workflow.moves
            ],
            auto_transitions=False,
            send_event=True,
        )
        self._conditions = {
            event.name: tuple(
                (name, workflow.conditions[name])
                for name in sorted(
                    {
                        name
                        for move in workflow.moves
                        if move.event == event.name
                        for name in move.when + move.unless
                    }
                )
            )
            for event in workflow.events
        }
        self._answers: dict[tuple[str, str, tuple[bool, ...]], str | None] = {}

    def target(self, state: str, event: str, facts: Facts, said: Mapping[str, Any]) -> str | None:
        """Name the state `event` leads to from `state`, or None where no move allows it."""
        conditions = self._conditions[event]
        answers = tuple(test(facts, said) for _, test in conditions) if conditions else ()
        question = (state, event, answers)
        try:
            return self._answers[question]
        except KeyError:
            names = (name for name, _ in conditions)
            answer = self._answers[question] = self._ask(state, event, dict(zip(names, answers, strict=True)))
            return answer

    def spoken_of(self, event: str, facts: Facts, said: Mapping[str, Any]) -> str | None:
        """Name the state that `event` speaks of wherever it happens, or None for a mere fact."""
        moves = [move for move in self.workflow.moves if move.event == event and move.target is not None]
        conditions = self.workflow.conditions
        for move in moves:
            held = all(conditions[name](facts, said) for name in move.when)
            if held and not any(conditions[name](facts, said) for name in move.unless):
                return move.target
        return moves[0].target if moves else None

    def _ask(self, state: str, event: str, answers: Mapping[str, bool]) -> str | None:
        model = _Model(state or _START_NAME, answers)
        trigger = self._machine.events.get(event)
        if trigger is None:
            return None
        try:
            moved = trigger.trigger(model)
        except MachineError:
            return None
        return (START if model.state == _START_NAME else model.state) if moved else None


def _asks(name: str) -> Callable[[Any], bool]:
    def answer(event_data: Any) -> bool:
        return bool(event_data.model.answers[name])

    return answer
