"""What a process remembers of orders it wrote to PostgreSQL: a guess, any other may have written since."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from threading import Lock
from typing import NamedTuple

from paidan.storage.port import About, Kept, KeptNotice
from paidan.storage.transaction import REMEMBERED

Versions = Mapping[str, tuple[Kept, str]]
"""Orders as they were left, each with the number of the transaction that did: no other leaves it so."""


class Guess(NamedTuple):
    """
    What works ask for as it is taken to be, to be held against the database with the first trip.

    `orders` as they were left, `new` those that are not there, `keys` those that nothing is kept under.
    """

    orders: Versions
    new: Collection[str]
    keys: Collection[str]
    notices: tuple[KeptNotice, ...]


class Memory:
    """The orders that were written last, and the notices; safe to share between threads."""

    def __init__(self) -> None:
        self._orders: OrderedDict[str, tuple[Kept, str]] = OrderedDict()
        self._notices: tuple[KeptNotice, ...] | None = None
        self._lock = Lock()

    def take(self, wanted: Collection[About]) -> Guess | None:
        """
        Take out what works ask for, None where that is not all remembered.

        What was taken is nobody else's until it is put back, as it has become; of what fails nothing is.
        """
        asked = {about.order_id for about in wanted}
        keys = {about.key for about in wanted if about.key}
        with self._lock:
            new = {about.order_id for about in wanted if about.new and about.order_id not in self._orders}
            there = asked - new
            if self._notices is None or not all([one in self._orders for one in there]):  # noqa: C419 - costs less
                return None
            orders = {one: self._orders.pop(one) for one in there}
            return Guess(orders, sorted(new), sorted(keys), self._notices)

    def forget(self) -> None:
        """Forget all: somebody else writes here too."""
        with self._lock:
            self._orders.clear()
            self._notices = None

    def put(self, orders: Versions, notices: tuple[KeptNotice, ...]) -> None:
        """Remember orders as they are now committed, and the notices by which they were decided."""
        with self._lock:
            self._notices = notices
            self._orders.update(orders)
            while len(self._orders) > REMEMBERED:
                self._orders.popitem(last=False)
