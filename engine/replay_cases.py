"""The cases about an order, replayed: what the order's log asks of them, and what was asked of them alone."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from heapq import merge
from math import inf

from paidan.engine.cases import Heard, Standing, asked_by
from paidan.engine.replay_order import Replayed, Replaying
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ORDER_ENTRY
from paidan.workflows.records import NOTHING, Command


def replay_cases(
    told: Sequence[Heard],
    own: Mapping[str, Sequence[Command]],
    books: Books,
    as_of: datetime,
    *,
    enforce: bool,
    as_recorded: bool,
    begun: Mapping[str, Standing] = NOTHING,
    known: Mapping[str, Mapping[int, int]] = NOTHING,
    at_entry: int | None = None,
) -> Iterator[tuple[Replayed, Rulebook]]:
    """
    Replay the cases about an order, in order of id, each under the rules in force when it was opened.

    `told` are the order's entries that cases follow, `own` the commands of each case that a log holds,
    both in their order. In the same second the order comes first, unless what was asked of a case says
    at which entry of the order it was. `begun` are cases that are carried on, with their logs, `known`
    the entries in them by their `Command.seq`. With `at_entry`, the last of the order's entries that
    stood before, what is asked of a case comes to say at which it was.
    """
    cases = _Cases(books, as_of, enforce=enforce, as_recorded=as_recorded)
    for case, standing in begun.items():
        cases.carry_on(case, standing, known.get(case, {}))
    waiting = deque(told)
    place = _recorded_at if as_recorded else _at
    for command in merge(*own.values(), key=place):
        while waiting and _before(waiting[0], place(command)):
            at_entry = None if at_entry is None else waiting[0].entry.seq
            cases.follow(waiting.popleft())
        said = command.attributes if at_entry is None else {**command.attributes, ORDER_ENTRY: at_entry}
        cases.take(command._replace(attributes=said))
    for one in waiting:
        cases.follow(one)
    return cases.done()


class _Cases:
    """The cases about an order on their way, each under its rules."""

    def __init__(self, books: Books, as_of: datetime, *, enforce: bool, as_recorded: bool) -> None:
        self._books = books
        self._as_recorded = as_recorded
        self._begin = partial(Replaying, as_of=as_of, enforce=enforce, as_recorded=as_recorded)
        self._of: dict[str, tuple[Replaying, Rulebook]] = {}

    def carry_on(self, case: str, there: Standing, known: Mapping[int, int]) -> None:
        """Begin with a case as it stands, and its log."""
        begun = (there.order, there.entries)
        self._of[case] = self._begin(case, there.rules, begun=begun, known=known), there.rules

    def follow(self, one: Heard) -> None:
        """Take what an entry of the order asks of them as they stand."""
        for asked in asked_by(one, [self._of[case][0].order for case in sorted(self._of)]):
            self.take(asked, one.when if self._as_recorded else None)

    def take(self, command: Command, when: datetime | None = None) -> None:
        """Take what is asked of one; it is recorded `when` it happened, though never before what was."""
        case = command.order_id
        if case not in self._of:
            rules = self._books.governing(command.at.date())[0]
            self._of[case] = self._begin(case, rules), rules
        replaying, _ = self._of[case]
        if when is not None:
            last = replaying.last
            command = command._replace(recorded_at=when if last is None else max(when, last))
        replaying.take((command,))

    def done(self) -> Iterator[tuple[Replayed, Rulebook]]:
        """Give what came of each."""
        for case in sorted(self._of):
            replaying, rules = self._of[case]
            yield replaying.done(), rules


Place = tuple[datetime, float]
"""When, and after which entry of the order; after all in that second where nothing says."""


def _at(command: Command) -> Place:
    return command.at, inf


def _recorded_at(command: Command) -> Place:
    return command.learned_at, command.attributes.get(ORDER_ENTRY, inf)


def _before(one: Heard, place: Place) -> bool:
    """Whether an entry of the order comes before what was asked of a case; what the engine raised may not."""
    when, entry = place
    if one.when != when:
        return one.when < when
    return not one.alarm if entry == inf else one.entry.seq <= entry
