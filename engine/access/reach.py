"""Whose an order is, for those who may see their own unit's alone, and what a role may submit."""

import re
from collections.abc import Callable, Sequence

from paidan.engine.access.roles import KIND_OF
from paidan.engine.availability import whose
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Command, Entry, Order

_BETWEEN = re.compile(r"[,，、;；|]")
_GIVES = frozenset(("dispatch", "redo", "assign"))
"""Events that give an order to units."""


def is_theirs(unit: str, order: Order, log: Callable[[], Sequence[Entry]]) -> bool:
    """Say whether an order is or was with a unit, or one it helps with; `log` is asked if need be."""
    if order.facts.get("unit") == unit:
        return True
    return any(one.event in _GIVES and unit in _named(one) for one in log())


def may_submit(role: str, command: Command, order: Order, rules: Rulebook) -> bool:
    """Say whether a role may submit a command: its kind may submit the event, or a rule names the role."""
    if command.event in KIND_OF[role].events:
        return True
    return any(role in one.roles for one in whose(command, order, rules))


def _named(entry: Entry) -> set[str]:
    said = entry.attributes
    units = [entry.unit, said.get("lead", ""), *_BETWEEN.split(str(said.get("assisting", "")))]
    return {one.strip() for one in units if one.strip()}
