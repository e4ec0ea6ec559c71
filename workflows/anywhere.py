"""What may happen to everything that is kept, an order or a case, in any state."""

from paidan.workflows.definition import Event, Move, State

ANYWHERE = (
    Event("note", "备注", "Note"),
    Event("correct", "更正", "Correct"),
    Event("time_out", "超时", "Time out", by_engine=True),
    Event("time_out_withdrawn", "撤销超时", "Time-out withdrawn", by_engine=True),
    Event("warn", "预警", "Warn", by_engine=True),
    Event("escalate", "升级", "Escalate", by_engine=True),
    Event("recompute", "重算", "Recompute", by_engine=True),
)


def anywhere(states: tuple[State, ...]) -> tuple[Move, ...]:
    """Give the moves of these events, none of which changes the state."""
    every = tuple(state.name for state in states)
    return tuple(Move(event.name, every) for event in ANYWHERE)
