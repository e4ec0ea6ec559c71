"""
One order carried on by what a log tells of it, as a replay as recorded would do from there.

What was taken before is known by the log itself: a row is there already where an entry says the same,
as often as rows do. Only what was refused leaves no entry; its answer is kept under a key of its own.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, NamedTuple

from paidan.engine.corrections import CORRECT
from paidan.engine.feeds import Feeds, filled_in
from paidan.engine.messages import say
from paidan.engine.replay_order import Deviation, Replayed, pointed, replay_order
from paidan.engine.slots import Change, Emptied, slots
from paidan.policies.rulebook import Rulebook
from paidan.storage.encoding import to_json
from paidan.storage.port import KeptAnswer, Transaction
from paidan.workflows.attributes import IDENTITY, IMPORTED, WRITTEN
from paidan.workflows.cases import FOLLOWING
from paidan.workflows.records import (
    NOTHING,
    NOTHING_PRIVATE,
    Command,
    Entry,
    Finding,
    Order,
    Private,
)

Content = tuple[Any, ...]
"""All that a row says of its order, wherever it stands and whenever it was learned."""
AS_IMPORT = "import"
"""The role in which an import corrects what an earlier export said."""


class Feeding(NamedTuple):
    """
    What rows of one order belong to exports that come again and again.

    `said` is what feeds say of it (`feeds.said_of`), by their key, `before` what they said last. `held` gives
    what the vault holds of its caller, by entry and name.
    """

    feeds: Feeds
    said: Mapping[str, str]
    before: Mapping[str, str]
    held: Callable[[], Mapping[tuple[int, str], str]]


class Refusal(NamedTuple):
    """A row that was refused, now or before, with the reasons and the rules they are of."""

    command: Command
    findings: tuple[Finding, ...]
    rules: Rulebook


class Taken(NamedTuple):
    """
    What came of the rows of an order, or of a case: the order after them, the entries to append, the counts.

    What a mapping added beside the rows of its file is taken and not counted. `private` is what rows said
    that only a vault may keep, by the entry (`seq`) that says the row, now or since before; `held` counts
    the identity attributes among it that a vault holds. `corrected` counts the cells of an export that now
    say something else, `emptied` those that say nothing any more.
    """

    order: Order
    entries: tuple[Entry, ...]
    applied: int
    there: int
    refusals: tuple[Refusal, ...]
    deviations: tuple[Deviation, ...]
    private: Mapping[int, Private]
    corrected: int = 0
    emptied: tuple[Emptied, ...] = ()
    held: Mapping[str, int] = NOTHING


class Rows:
    """
    What a log tells of one order or case, on its way into it.

    `new` are the commands that no entry says yet, as they will be written, in the order in which they
    were learned; `known` gives the entries that say the others, by `Command.seq`. In `transaction` only
    answers to what was refused are looked up and kept.
    """

    def __init__(
        self,
        transaction: Transaction,
        begun: tuple[Order, Sequence[Entry]],
        commands: Sequence[Command],
        rules: Rulebook,
        now: datetime,
        *,
        enforce: bool,
        feeding: Feeding | None = None,
    ) -> None:
        _, log = self.begun = begun
        self.rules = rules
        self.now = max(now, log[-1].recorded_at) if log else now
        self._transaction = transaction
        # A correction names rows by numbers, which are theirs alone then; else they may have any.
        numbered = any(command.event == CORRECT for command in commands)
        stamped = [
            _stamped(command, log, self.now, command.seq if numbered else number)
            for number, command in enumerate(commands, 1)
        ]
        self._private = {
            one.seq: command.private
            for one, command in zip(stamped, commands, strict=True)
            if command.private.values
        }
        self._changes: dict[int, Command] = {}
        self._emptied: list[Emptied] = []
        changes: list[Command] = []
        if feeding is None:
            self.new, self.known = _unwritten(stamped, log) if log else (stamped, {})
        else:
            changes = self._feed(stamped, log, feeding)
        self._there = sum(one.row > 0 for one in stamped) - sum(one.row > 0 for one in self.new)
        self._refusals: list[Refusal] = []
        self._keys = Counter[Content]()
        if enforce and log:
            told = _unanswered(transaction, self.new, rules, self._refusals, self._keys)
            self.new = list(told)
        self.new += changes

    def _feed(self, stamped: Sequence[Command], log: Sequence[Entry], feeding: Feeding) -> list[Command]:
        """Take rows of exports for what is new in them, and give what corrects what they said before."""
        fed = [one for one in stamped if one.source in feeding.feeds]
        others = [one for one in stamped if one.source not in feeding.feeds]
        before = feeding.before
        unchanged = [key for key, said in feeding.said.items() if said == before[key]]
        told = slots(fed, log, feeding.feeds, unchanged, {key: filled_in(one) for key, one in before.items()})
        self.new, self.known = told.new, told.known
        if others:
            new, known = _unwritten(others, log)
            self.new = sorted((*new, *told.new), key=lambda one: (one.learned_at, one.seq))
            self.known = {**known, **told.known}
        for joined, to in told.joined.items():
            if joined in self._private:
                values = {**self._private[joined].values}
                earlier = self._private.get(to)
                self._private[to] = Private({**values, **(earlier.values if earlier else values)})
        self._emptied = told.emptied
        number = max((one.seq for one in stamped), default=0)
        corrections = [
            self._correction(change, number + place) for place, change in enumerate(told.changes, 1)
        ]
        return [*corrections, *self._renamed(fed, number + len(corrections) + 1, log, feeding)]

    def _correction(self, change: Change, number: int) -> Command:
        """Have what an export says now correct the entry that says what it said before."""
        by = change.command
        said = {"entry": by.seq, "field": change.field, "before": change.before, "after": change.after}
        reason = say("import.corrects", "zh", source=by.source, row=by.row)
        attributes = {name: one for name, one in said.items() if one is not None}
        self._changes[number] = by
        return Command(
            by.order_id, CORRECT, self.now, "", AS_IMPORT, "",
            {**attributes, "reason": reason, IMPORTED: by.attributes[IMPORTED]},
            self.now, by.source, 0, number,
        )  # fmt: skip

    def _renamed(
        self, fed: Sequence[Command], number: int, log: Sequence[Entry], feeding: Feeding
    ) -> list[Command]:
        """
        Note that an export names the caller otherwise than before, whom only the vault may name.

        What the vault is given stands under the note.
        """
        there = [one for one in fed if one.seq in self._private and one.seq in self.known]
        if not there or self.begun[0].facts.get("erased"):
            return []
        imported = {entry.seq for entry in log if IMPORTED in entry.attributes}
        before = {name: one for (seq, name), one in sorted(feeding.held().items()) if seq in imported}
        by = there[-1]
        now = {name: one for each in there for name, one in self._private[each.seq].values.items()}
        changed = {name: one for name, one in now.items() if name in IDENTITY and before.get(name) != one}
        if not changed:
            return []
        for each in there:  # what is told anew stands under the note alone
            left = {name: one for name, one in self._private[each.seq].values.items() if name not in changed}
            self._private[each.seq] = Private(left)
        self._changes[number] = by
        self._private[number] = Private(changed)
        at = self.now
        said = {IMPORTED: by.attributes[IMPORTED]}
        return [Command(by.order_id, "note", at, "", AS_IMPORT, "", said, at, by.source, 0, number)]

    def not_before(self, at: datetime) -> None:
        """Have nothing new of it learned before an instant."""
        self.now = max(self.now, at)
        self.new = [one._replace(recorded_at=max(one.learned_at, at)) for one in self.new]

    def replayed(self, *, enforce: bool) -> Replayed:
        """
        Carry the order on.

        What is not allowed is found and applied all the same, or refused with `enforce`. Whatever is
        overdue by now is raised.
        """
        return replay_order(
            self.begun[0].order_id, self.new, self.rules, self.now, enforce=enforce, as_recorded=True,
            begun=self.begun, known=self.known,
        )  # fmt: skip

    def taken(self, done: Replayed, rules: Rulebook) -> Taken:
        """Say what it adds, as it was replayed under its rules, to where the order stood."""
        order_id = done.order.order_id
        asked = [one for one in done.deviations if one.command.event not in FOLLOWING]
        noted = [
            one._replace(finding=replace(one.finding, refuses=False), refused=False)
            for one in done.deviations
            if one.command.event in FOLLOWING
        ]
        refused: dict[int, Refusal] = {}
        for refusal in _refused(asked, rules):
            if (by := self._changes.get(refusal.command.seq)) is not None:
                earlier = refused.get(by.seq)
                findings = (*(earlier.findings if earlier else ()), *refusal.findings)
                refused[by.seq] = Refusal(refusal.command._replace(row=by.row), findings, rules)
                continue
            content = _content(refusal.command)
            self._keys[content] += 1
            key = _key(order_id, content, self._keys[content])
            answer = KeptAnswer(key, order_id, key, self.now, done.order.seq, 0, 0, refusal.findings)
            self._transaction.keep_answer(answer)
            self._refusals.append(refusal)
        self._refusals += refused.values()
        return Taken(
            done.order,
            tuple(done.entries[len(self.begun[1]) :]),
            done.applied,
            self._there - len(refused),
            tuple(one for one in self._refusals if one.command.row),
            (*(one for one in asked if not one.refused), *noted),
            {done.written[number]: one for number, one in self._private.items() if number in done.written},
            sum(number in done.written for number in self._changes),
            tuple(self._emptied),
        )


def _stamped(command: Command, log: Sequence[Entry], now: datetime, number: int) -> Command:
    """
    Give the command that becomes an entry: whence it came, when it was learned, and nothing private.

    What is learned later is recorded later, whatever the file says, and nothing after now.
    """
    learned_at = min(command.learned_at, now)
    if log:
        learned_at = max(learned_at, log[-1].recorded_at)
    place = f"{command.source}:{command.row}" if command.row else command.source
    return command._replace(
        recorded_at=learned_at,
        attributes={**command.attributes, IMPORTED: place},
        seq=number,
        private=NOTHING_PRIVATE,
    )


def _unwritten(commands: Sequence[Command], log: Sequence[Entry]) -> tuple[list[Command], dict[int, int]]:
    """Give the commands that no entry says, or too few do; and which entry says each of the others."""
    written: dict[Content, list[int]] = {}
    for entry in reversed(log):
        written.setdefault(_content(entry), []).append(entry.seq)
    new: list[Command] = []
    known: dict[int, int] = {}
    for command in commands:
        entries = written.get(_content(pointed(command, known)))
        if entries:
            known[command.seq] = entries.pop()
        else:
            new.append(command)
    return new, known


def _unanswered(
    transaction: Transaction,
    commands: Sequence[Command],
    rules: Rulebook,
    refusals: list[Refusal],
    keys: Counter[Content],
) -> Iterator[Command]:
    """Give the commands that were not refused before; those that were go to `refusals`, counted in `keys`."""
    decided: set[Content] = set()
    for command in commands:
        content = _content(command)
        known = None
        if content not in decided:
            known = transaction.answer(_key(command.order_id, content, keys[content] + 1))
        if known is None:
            decided.add(content)
            yield command
        else:
            keys[content] += 1
            refusals.append(Refusal(command, known.findings, rules))


def _refused(deviations: Sequence[Deviation], rules: Rulebook) -> Iterator[Refusal]:
    """Give each refused command once, with all that was found."""
    for _, found in groupby(deviations, key=lambda one: id(one.command)):
        of_one = list(found)
        if of_one[0].refused:
            yield Refusal(of_one[0].command, tuple(one.finding for one in of_one), rules)


def _content(one: Command | Entry) -> Content:
    said = {name: value for name, value in one.attributes.items() if name not in WRITTEN}
    return (one.event, one.at, one.actor, one.role, one.unit, to_json(said))


def _key(order_id: str, content: Content, number: int) -> str:
    """Give the key of the answer to the how-manyth equal row of an order that was refused."""
    told = to_json({"order": order_id, "row": content, "number": number})
    return f"import:{sha256(told.encode()).hexdigest()}"
