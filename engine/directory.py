"""
The directory (通讯录) of live orders and of runs: filed, looked up, held against what the rules ask for.

It lies in a table of its own and never in the log: see docs/decisions/0018.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from paidan.engine.corrections import corrected
from paidan.engine.errors import UsageError
from paidan.engine.evolve import fold
from paidan.engine.intake.directories import read_directory
from paidan.engine.intake.tables import RejectedRowsError
from paidan.policies.directory import Directory, Filing, Filings, Holding, from_text, to_text
from paidan.policies.keeping import KeptUntil, kept_until
from paidan.policies.roster import Roster
from paidan.policies.rulebook import Rulebook
from paidan.policies.scoring.records import OrderRecord
from paidan.storage.port import KeptFiling, Store, Transaction
from paidan.workflows.attributes import UNIT_ROLES
from paidan.workflows.records import Entry


class DirectoryLoad(NamedTuple):
    """
    What loading a directory did: the day it counts from, whether it was `new`, and what it changed that day.

    `began` and `ended` are the posts held from that day on and no longer.
    """

    directory: Directory
    from_on: date
    new: bool
    began: tuple[Holding, ...]
    ended: tuple[Holding, ...]


def directory_of(file: Path) -> Directory:
    """Read a directory file; raises `InputError`, `RejectedRowsError` where a row is not right."""
    directory, rejected = read_directory(file)
    if rejected:
        raise RejectedRowsError(tuple(rejected))
    return directory


def load_directory(
    store: Store, file: Path, actor: str, now: datetime, from_on: date | None
) -> DirectoryLoad:
    """Keep the directory in a file from a day on; raises as `directory_of`, `UsageError` without an actor."""
    if not actor.strip():
        raise UsageError("directory_actor")
    directory = directory_of(file)
    on = from_on or now.date()
    text = to_text(directory)

    def filed(transaction: Transaction) -> DirectoryLoad:
        known = transaction.filings()
        before = _posts(filings_of(known).on(on), on)
        new = not known or (known[-1].from_on, known[-1].text) != (on, text)
        if new:
            transaction.file_directory(KeptFiling(on, text, now, actor.strip()))
        after = _posts(directory, on)
        began = tuple(one for key, one in after.items() if key not in before)
        return DirectoryLoad(
            directory, on, new, began, tuple(one for key, one in before.items() if key not in after)
        )

    return store.write(filed)


def filings_of(kept: Iterable[KeptFiling]) -> Filings:
    """Give directories as they are kept."""
    return Filings(Filing(one.from_on, from_text(one.text)) for one in kept)


def alone(directory: Directory) -> Filings:
    """Give a directory that answers for every day by itself."""
    return Filings([Filing(date.min, directory)])


def holders_of(log: Iterable[Entry], filings: Filings) -> Mapping[int, tuple[Holding, ...]]:
    """
    Say of the entries of an order, by `seq`, who held the post that each names when it happened.

    An entry that names no unit is of the unit that the order was with.
    """
    unit, found = "", {}
    for entry in log:
        named = entry.unit or unit
        if entry.event == "dispatch":
            unit = entry.unit
        if entry.role:
            found[entry.seq] = filings.holders(entry.role, named, entry.at.date())
    return {seq: held for seq, held in found.items() if held}


def recording_kept(order_id: str, log: Sequence[Entry], rules: Rulebook) -> Mapping[int, KeptUntil]:
    """Say of the entries that name a recording, by `seq`, until when it is kept once the order is closed."""
    counted = corrected(log)
    closed = [one for one in counted if one.event == "close"]
    recorded = [one.seq for one in counted if one.attributes.get("recording")]
    if not closed or not recorded:
        return {}
    facts = fold(order_id, log, rules).facts
    until = kept_until("recording", closed[-1].at.date(), facts, rules)
    return {} if until is None else dict.fromkeys(recorded, until)


def pools_on(roster: Roster | None, directory: Directory, on: date, first_pool: str) -> dict[str, str | None]:
    """Give the units of a day with their pools: of the roster, else those the directory names."""
    if roster is not None and roster.given:
        return {one.unit: one.pool for one in roster.units if one.on(on)}
    return dict.fromkeys(directory.units, first_pool)


def orders_a_month(records: Iterable[OrderRecord], as_of: datetime) -> dict[str, Fraction]:
    """
    Say how many orders each unit accepted a month, on average over the months from the log's first on.

    An order is that of the unit of its last dispatch. The last month is that of `as_of`.
    """
    taken: Counter[str] = Counter()
    first = as_of
    for one in records:
        first = min(first, one.began_at)
        if one.unit and one.accepted is not None:
            taken[one.unit] += 1
    months = (as_of.year - first.year) * 12 + as_of.month - first.month + 1
    return {unit: Fraction(count, months) for unit, count in taken.items()}


def _posts(directory: Directory, on: date) -> dict[tuple[str, str, str], Holding]:
    return {
        (one.role, one.unit if one.role in UNIT_ROLES else "", one.person): one for one in directory.on(on)
    }
