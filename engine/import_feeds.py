"""Exports on their way into live orders: what they said last, what is passed over, what vanished."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from paidan.engine.errors import InputError
from paidan.engine.feeds import Feed, Feeds, digest, said_of
from paidan.engine.import_cases import Told
from paidan.engine.import_order import Taken
from paidan.engine.intake.tables import ADDED, Rejected, Table, added
from paidan.engine.intake.wide import Wide, squeezed
from paidan.engine.masking import masked_name
from paidan.engine.messages import LANGUAGES
from paidan.workflows.records import Command


class Vanished(NamedTuple):
    """Orders that an earlier export held and the one of these files lacks, in order of id."""

    files: tuple[str, ...]
    orders: tuple[str, ...]


class Taker(Protocol):
    """What takes in the commands of some orders and of the cases about them, each call in one transaction."""

    def take_in(self, told: Sequence[Told], *, enforce: bool, feeds: Feeds) -> Sequence[Taken]:
        """Carry on orders, and keep what exports said of them."""
        ...

    def fed(self, feed: Feed, order_ids: Collection[str]) -> Mapping[str, str]:
        """Give what a feed said last of some orders."""
        ...

    def seen_fed(self, feed: Feed, order_ids: Collection[str]) -> None:
        """Note that an export holds orders."""
        ...

    def vanished(self, feed: Feed) -> tuple[str, ...]:
        """Name the orders that an export lacks."""
        ...


class Exports:
    """The exports among the files of an import, run of orders by run; without any, `feeds` is empty."""

    def __init__(self, tables: Sequence[Table], taker: Taker, name: str = "") -> None:
        self.feeds = feeds_of(tables, name)
        self._taker = taker
        self._each = tuple({one.key: one for one in self.feeds.values()}.values())
        self._mended = {self.feeds[one.name].key for one in tables if one.name in self.feeds and _mended(one)}
        self._before: dict[str, Mapping[str, str]] = {}
        self._seen: dict[str, set[str]] = {one.key: set() for one in self._each}

    def begin(self, order_ids: Collection[str]) -> None:
        """Look up what was said last of a run of orders."""
        self._before = {one.key: self._taker.fed(one, order_ids) for one in self._each}

    def told(self, about: str, of: Mapping[str, Sequence[Command]]) -> Told:
        """Give what a log tells of an order, and whether exports said so last time."""
        said = said_of(of.get(about, ()), self.feeds) if self.feeds else {}
        before = {key: self._before[key].get(about, "") for key in said}
        return Told(about, of, said, before)

    def says_the_same(self, told: Told) -> bool:
        """Whether exports alone speak of an order, as they did last time, and not of its caller; note it."""
        if not told.said or told.said != told.before or len(told.of) > 1:
            return False
        if any(one.private.values or one.source not in self.feeds for one in told.of[told.about]):
            return False
        for key in told.said:
            self._seen[key].add(told.about)
        return True

    def end(self, rejected: Iterable[Rejected]) -> None:
        """Keep that the exports hold what was passed over, and the orders of rows that nobody could read."""
        for row in rejected:
            if row.source in self.feeds:
                self._seen[self.feeds[row.source].key].add(row.order_id)
        for one in self._each:
            if seen := self._seen[one.key]:
                self._taker.seen_fed(one, seen)
                seen.clear()

    def vanished(self) -> list[Vanished]:
        """Name the orders that the exports lack, when all of them are taken in."""
        gone = [(one, self._taker.vanished(one)) for one in self._each if one.key not in self._mended]
        return [Vanished(one.files, tuple(map(masked_name, orders))) for one, orders in gone if orders]


def _mended(table: Table) -> bool:
    """Whether a file is the rejected rows of another, mended: part of an export, which lacks nothing."""
    titles = {added(name, lang) for name in ADDED for lang in LANGUAGES}
    return isinstance(table, Wide) and not titles.isdisjoint(table.base.header)


def feeds_of(tables: Sequence[Table], name: str = "") -> Feeds:
    """
    Give the feeds that open files belong to, those in wide form; `name` where somebody says one.

    Files with the same headers in one import are one export together. Raises `InputError` where a file of
    another form, or of other headers, has the same name: rows are known by the name of their file.
    """
    together: dict[str, list[Wide]] = {}
    for table in tables:
        if isinstance(table, Wide):
            headers = sorted(squeezed(header) for header in table.base.header if header)
            together.setdefault(f"{name}/{digest('|'.join(headers))}", []).append(table)
    feeds: dict[str, Feed] = {}
    for key, files in together.items():
        names = tuple(dict.fromkeys(one.name for one in files))
        feed = Feed(key, bool(name), digest(" ".join(sorted(one.sha256 for one in files))), names)
        others = {one.name for one in tables if one not in files}
        if alike := sorted(others.intersection(names)):
            raise InputError("import.names_alike", file=alike[0])
        feeds |= dict.fromkeys(names, feed)
    return feeds
