"""What the definition or a rule does not allow in a log: asked of it again, as it was recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.differences import commands_of
from paidan.engine.replay_order import replay_order
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Entry, Finding


class Deviated(NamedTuple):
    """An entry, what a rule objects to in it, and the version of the rules that does."""

    order_id: str
    seq: int
    event: str
    at: datetime
    recorded_at: datetime
    actor: str
    unit: str
    finding: Finding
    version: str

    @property
    def when(self) -> datetime:
        """When it was written."""
        return self.recorded_at

    @property
    def who(self) -> str:
        """Who did it."""
        return self.actor

    @property
    def rule(self) -> str:
        """The rule that objects, empty for what the life of an order forbids."""
        return self.finding.rule

    @property
    def place(self) -> tuple[datetime, str, int, str]:
        """What it is sorted by: when it was written, its order, its number, the finding."""
        return self.recorded_at, self.order_id, self.seq, f"{self.finding.rule} {self.finding.code}"


def deviations_of(log: Sequence[Entry], rules: Rulebook, now: datetime) -> tuple[Deviated, ...]:
    """
    Give what is not allowed in an order's log, as it would be found if each entry were written again.

    A command that is refused live leaves no entry: what is found here was taken in by an import, stands in
    spite of a note, or was written past the engine.
    """
    unit_at: dict[int, str] = {}
    unit = ""
    for one in log:
        if one.event == "dispatch" and one.unit:
            unit = one.unit
        unit_at[one.seq] = one.unit or unit
    of = {one.seq: one for one in log}
    done = replay_order(log[0].order_id, commands_of(log), rules, now, as_recorded=True)
    return tuple(
        Deviated(
            entry.order_id, entry.seq, entry.event, entry.at, entry.recorded_at, entry.actor,
            unit_at[entry.seq], one.finding, rules.policy.version,
        )
        for one in done.deviations
        if (entry := of.get(one.command.seq)) is not None
    )  # fmt: skip
