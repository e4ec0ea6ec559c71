"""What is told of an order or a case as a whole: its log, what its clocks came to, what governs it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.policies.clocks import Verdict
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Entry


class Deadline(NamedTuple):
    """
    A row of `deadlines` as of some time; the first columns are those of a replay.

    `verdict` goes by when things happened, and counts. `learned_at` says when the ending became known,
    where that was later; `verdict_recorded` is the verdict by that, where it is another.
    """

    order_id: str
    rule: str
    unit: str
    kind: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    verdict: Verdict
    provisional: bool
    policy: str
    clause: str
    learned_at: datetime | None = None
    verdict_recorded: Verdict | None = None


class Life(NamedTuple):
    """
    The log of an order or a case with its deadlines and its rules.

    `settled` says that the corrections in the log stand applied in it, as in a replay by time.
    """

    entries: Sequence[Entry]
    deadlines: Sequence[Deadline]
    rules: Rulebook
    settled: bool = False
