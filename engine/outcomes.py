"""What comes of a command, told to whoever gave it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from paidan.engine.messages.reasons import reason
from paidan.policies.rulebook import Rulebook
from paidan.storage.vault import Identity
from paidan.workflows.records import NOTHING, Entry, Finding, Order


class Reason(NamedTuple):
    """Why, in words: rule and clause (empty for what the life of an order forbids), the sentence."""

    rule: str
    clause: str
    text: str
    refuses: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What came of a command.

    `entries` are those it wrote, none when refused; `raised` the time-outs (with any warnings and
    escalations) that had to be written before it and stay even then. `order` is the order as it then
    was, `findings` what a rule or the life of the order refused or noted, `dropped` how many identity
    attributes no vault has kept. `followed` are the entries that cases about the order got by it,
    `aside` what was overdue of others and had to be written first: of a case's order, of an order's
    cases. `again` says that it was all decided before, under the same key, and nothing was done now.
    """

    order: Order
    entries: tuple[Entry, ...]
    raised: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    dropped: Mapping[str, int]
    rules: Rulebook = field(repr=False, compare=False)
    followed: tuple[Entry, ...] = ()
    aside: tuple[Entry, ...] = field(default=(), repr=False, compare=False)
    again: bool = field(default=False, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the command was written."""
        return bool(self.entries)

    def reasons(self, lang: str = "zh") -> tuple[Reason, ...]:
        """Say the findings in `lang` (zh or en), each with rule and clause."""
        return tuple(
            Reason(one.rule, one.clause, reason(one, self.rules, lang), one.refuses) for one in self.findings
        )


class Unmasked(NamedTuple):
    """
    What came of asking for the identities of an order: none were given where it was refused.

    `beside` are those in the cases about it, by case.
    """

    outcome: Outcome
    identities: tuple[Identity, ...]
    beside: Mapping[str, tuple[Identity, ...]] = NOTHING


class Erased(NamedTuple):
    """
    What came of erasing the identities of an order.

    `scrubbed` is false while bytes of them may still lie in a file of the store, because somebody reads
    what was there before: to be asked again, which is refused and finishes the work.
    """

    outcome: Outcome
    scrubbed: bool
