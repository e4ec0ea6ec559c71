"""What is seen of cases in a list: each in one line, from its log."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.evolve import fold
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import case_id, ended
from paidan.workflows.records import Entry


class SeenCase(NamedTuple):
    """
    A case in a line.

    `since` is when it came into its state, `due_at` the next limit that runs in it, `rule` what opened
    it or what it was proposed by, `level` that of a talk with its label in Chinese; `over` whether
    nothing leads on from its state.
    """

    case: str
    workflow: str
    about: str
    unit: str
    state: str
    opened_at: datetime
    since: datetime
    due_at: datetime | None
    rule: str
    over: bool
    level: str = ""
    level_label: str = ""


def seen(logs: Iterable[tuple[Sequence[Entry], Rulebook]]) -> Iterator[SeenCase]:
    """Give the line of each case whose log, with the rules it is under, is given."""
    for log, rules in logs:
        order = fold(log[0].order_id, log, rules)
        case = case_id(order.order_id)
        if case is None:
            continue
        level = order.facts.get("level") or ""
        running = [one.due_at for one in order.clocks if one.done_at is None and not one.void]
        moved = [entry.at for entry in log if entry.from_state != entry.to_state]
        yield SeenCase(
            order.order_id, case.workflow, case.about, order.facts.get("unit") or "", order.state, log[0].at,
            moved[-1] if moved else log[0].at, min(running, default=None),
            log[0].rule or log[0].attributes.get("by_rule", ""), ended(order.order_id, order.state),
            level, rules.policy.consequences.get(level, level),
        )  # fmt: skip
