"""The cases about an order carried on by a log: what the log asks of them, amid what their order does."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.engine.cases import Heard, Standing
from paidan.engine.governing import kept_after, rules_of
from paidan.engine.import_order import Taken, parted, take_in
from paidan.engine.replay_cases import commands_of_cases
from paidan.policies.registry import Books
from paidan.storage.port import Transaction
from paidan.workflows.records import NOTHING, Command, Order


class Learned(NamedTuple):
    """
    What a log tells of the cases about an order, or a unit.

    `told` are the entries that the order's rows became, `own` the rows of each case, as they were learned.
    """

    about: str
    told: Sequence[Heard] = ()
    own: Mapping[str, Sequence[Command]] = NOTHING


def take_in_cases(
    transaction: Transaction, learned: Learned, books: Books, now: datetime, *, enforce: bool
) -> Iterator[Taken]:
    """
    Carry on the cases about an order, and keep them: what the order did and what was asked, in turn.

    Each is taken in as an order is (`engine.import_order.take_in`); one without a row of its own gives
    nothing back.
    """
    names = {*transaction.beside(learned.about), *learned.own}
    kept = {name: transaction.order(name) for name in names}
    logs = {name: transaction.entries(name) for name, one in kept.items() if one is not None}
    standing = {
        name: Standing(one.order, rules_of(books, one)) for name, one in kept.items() if one is not None
    }
    rows = {name: parted(commands, logs.get(name, ())) for name, commands in learned.own.items()}
    new = {name: fresh for name, (_, fresh) in rows.items()}
    found = commands_of_cases(learned.told, new, books, standing, enforce=enforce, as_recorded=True)
    for name in sorted({*learned.own, *found}):
        commands = [*rows.get(name, ((), ()))[0], *found.get(name, ())]
        rules = standing[name].rules if name in standing else books.governing(commands[0].at.date())[0]
        begun = standing[name].order if name in standing else Order(name), logs.get(name, ())
        taken = take_in(transaction, begun, commands, rules, now, enforce=enforce)
        if taken.entries:
            last = taken.entries[-1].recorded_at
            transaction.keep(kept_after(taken.order, rules, last), taken.entries, kept.get(name))
        if name in learned.own:
            yield taken
