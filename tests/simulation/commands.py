"""What callers of a simulation ask: mostly what an order's state allows, now and then anything at all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from paidan.workflows.attributes import ATTRIBUTES, ROLES, WRITTEN, Attribute, Holds
from paidan.workflows.cases import OF_CASES
from paidan.workflows.records import NOTHING
from paidan.workflows.work_order import WORK_ORDER

_ASKS = ("request_return", "approve_return", "request_extension", "approve_extension", "refuse_extension")
LIKELY: Mapping[str, tuple[str, ...]] = {
    "": ("receive",),
    "received": ("register",) * 8 + ("hand_back", "contact"),
    "registered": ("dispatch",) * 8 + ("hand_back", "contact", "resolve"),
    "dispatched": ("accept",) * 5 + ("contact", "request_return", "approve_return", "refuse_return"),
    "accepted": ("contact",) * 4 + ("resolve",) * 3 + _ASKS,
    "contacted": ("resolve",) * 5 + _ASKS,
    "extended": ("resolve",) * 5 + _ASKS,
    "returned": ("dispatch",) * 8 + ("hand_back",),
    "resolved": ("revisit",) * 4 + ("close", "close", "send_back", "approve_return", "refuse_return"),
    "revisited": ("close",) * 5 + ("revisit", "redo", "redo"),
    "closed": ("redo", "redo", "note", "revisit", "close"),
    "handed_back": ("note",),
}
"""Events worth asking for in a state, the likelier more often."""

ANYTIME = (
    "flag_urgent", "flag_risk", "submit_plan", "deep_talk", "assign", "urge", "request_exclusion",
    "approve_exclusion", "refuse_exclusion", "file_dispute", "supervise", "supervision_reply",
    "rule_overdue", "sign", "note", "contact",
)  # fmt: skip
ANY = tuple(
    event.name
    for event in WORK_ORDER.events
    if not (event.by_engine or event.apart or event.name == "correct")
)
_NOT_NOW = (*WRITTEN, "backdated")
SAYS: Mapping[str, tuple[Attribute, ...]] = {
    event: tuple(one for one in ATTRIBUTES if event in one.events and one.name not in _NOT_NOW)
    for event in (*ANY, *OF_CASES)
}
"""What an event may say of what happens now."""
UNITS = ("甲科", "乙所", "丙居委")
_DAY = timedelta(days=1)


class Asked(NamedTuple):
    """
    A command as a caller sends it; its number is its actor, so that the log tells whose an entry is.

    `private` is what of `said` only a vault may keep, by name.
    """

    number: int
    order_id: str
    event: str
    said: Mapping[str, Any]
    key: str
    expected: int | None
    private: Mapping[str, str] = NOTHING

    @property
    def actor(self) -> str:
        """The name that stands in its entry alone."""
        return f"c{self.number}"


def event_for(rng: Random, state: str) -> str:
    """Choose an event to ask for of an order in a state."""
    drawn = rng.random()
    if drawn < 0.78 or not state:
        return rng.choice(LIKELY[state])
    return rng.choice(ANYTIME if drawn < 0.95 else ANY)


def said_with(rng: Random, event: str, now: datetime) -> dict[str, Any]:
    """Choose what a command says besides its event."""
    fully = 0.9 if rng.random() < 0.5 else 0.3
    said: dict[str, Any] = {}
    for one in SAYS[event]:
        if rng.random() < fully:
            said[one.name] = _value(rng, one, now)
    if event in ("dispatch", "accept", "redo", "assign", "rule_overdue"):
        said["unit"] = rng.choice(UNITS)
    if rng.random() < 0.25:
        said["role"] = rng.choice(tuple(ROLES))
    return said


def _value(rng: Random, one: Attribute, now: datetime) -> Any:
    if one.choices is not None:
        return rng.choice(tuple(one.choices))
    if one.holds is Holds.FLAG:
        return rng.random() < 0.3
    if one.holds is Holds.INSTANT:
        return now - rng.random() * 3 * _DAY
    if one.holds is Holds.DUE:
        return (now + rng.randint(-1, 30) * _DAY).date().isoformat()
    return "说明"
