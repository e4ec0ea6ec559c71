"""Subscribers of a simulated store: what each was given, held against what was committed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from paidan.workflows.records import Entry
from simulation.model import Model
from simulation.world import Death


class UnwillingError(Exception):
    """What a subscriber raises that cannot deal with an entry now."""


@dataclass
class Reader:
    """
    One subscriber: up to which `seq` of each order it was given the log, beginning after `since`.

    `unsure` is what it was given while the cursor was not yet known to be kept: that may come again.
    """

    name: str
    since: Mapping[str, int]
    had: Counter[str] = field(default_factory=Counter)
    unsure: set[tuple[str, int]] = field(default_factory=set)
    taken: list[tuple[str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.had.update(self.since)

    def take(self, entry: Entry, model: Model) -> None:
        """Take an entry, and note what is wrong with its coming."""
        of, (order_id, seq) = (entry.order_id, entry.seq), entry[:2]
        told = model.orders.get(order_id)
        if told is None or told.log[seq - 1 : seq] != [entry]:
            self.faults.append(f"{self.name} was given what nobody committed: {entry}")
        if seq > self.had[order_id] + 1:
            self.faults.append(f"{self.name} was given {of}, before it only {self.had[order_id]}")
        elif seq <= self.had[order_id] and of not in self.unsure:
            self.faults.append(f"{self.name} was given {of} again, though its cursor stood behind it")
        self.had[order_id] = max(self.had[order_id], seq)
        self.unsure.add(of)
        self.taken.append(of)

    def sure(self) -> None:
        """Take what came at last for done with: its cursor is kept."""
        self.unsure.difference_update(self.taken)
        self.taken.clear()

    def lacks(self, model: Model) -> Iterator[str]:
        """At the end, with nothing more to come: say what it never got."""
        for order_id, told in model.orders.items():
            if self.had[order_id] != len(told.log):
                yield f"{self.name} was given {order_id} up to {self.had[order_id]} of {len(told.log)}"

    def handler(self, rng: Random, model: Model, share: float):
        """Give what takes entries, and a share of the times cannot, or dies of it, before or after it did."""
        falls = rng.randint(1, 30) if rng.random() < share else 0
        ends = rng.choice((UnwillingError, Death))
        late = rng.random() < 0.5
        self.taken.clear()

        def take(entry: Entry) -> None:
            nonlocal falls
            falls -= 1
            if falls == 0 and not late:
                raise ends
            self.take(entry, model)
            if falls == 0:
                self.taken.pop()  # to its giver it was not taken
                raise ends

        return take
