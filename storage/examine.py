"""Every order of a store held against its chain, whatever a stranger may have written into its rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from paidan.storage.chain import FIRST, Broken
from paidan.storage.errors import StoreError
from paidan.storage.port import Examined, Kept
from paidan.storage.rows import ORDER_CELLS, Rows

if TYPE_CHECKING:
    from paidan.workflows.records import Entry

Grouped = Iterator[tuple[Any, list[Sequence[Any]]]]


def examine(
    rows: Rows, logged: Iterable[Sequence[Any]], folded: Iterable[Sequence[Any]]
) -> Iterator[Examined]:
    """
    Join the rows of the log with those of orders and their clocks, both in order of order id.

    Never raises for what the rows hold.
    """
    logs, orders = _grouped(logged), _grouped(folded)
    nothing: tuple[Any, list[Sequence[Any]]] = (None, [])
    log, order = next(logs, nothing), next(orders, nothing)
    while log[1] or order[1]:
        if not order[1] or (log[1] and _place(log[0]) < _place(order[0])):
            yield _examined(rows, log[0], log[1], ())
            log = next(logs, nothing)
        elif not log[1] or _place(order[0]) < _place(log[0]):
            yield _examined(rows, order[0], (), order[1])
            order = next(orders, nothing)
        else:
            yield _examined(rows, log[0], log[1], order[1])
            log, order = next(logs, nothing), next(orders, nothing)


def _grouped(found: Iterable[Sequence[Any]]) -> Grouped:
    for order_id, of_one in groupby(found, key=lambda row: row[0]):
        yield order_id, list(of_one)


def _place(order_id: object) -> tuple[bool, str]:
    """Give how a database sorts an id: text by its characters, then what is no text."""
    return (not isinstance(order_id, str), str(order_id))


def _examined(
    rows: Rows, order_id: Any, log: Sequence[Sequence[Any]], joined: Sequence[Sequence[Any]]
) -> Examined:
    entries: list[Entry] = []
    broken: Broken | None = None
    head = FIRST
    for number, row in enumerate(log, 1):
        seq, of_entry, position = row[1], row[-2], row[-1]
        if seq != number:
            broken = Broken(position, order_id, seq, "gap")
            break
        found = rows.checked(row, head)
        if isinstance(found, Broken):
            broken = found
            break
        entries.append(found)
        head = of_entry
    if broken is not None:
        entries.clear()
    return Examined(order_id, tuple(entries), len(log), head, _kept(rows, joined), broken)


def _kept(rows: Rows, joined: Sequence[Sequence[Any]]) -> Kept | None:
    places = [row[ORDER_CELLS] for row in joined]
    if places not in ([None], list(range(len(places)))):
        return None
    try:
        return rows.kept_of(joined) if joined else None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, StoreError):
        return None
