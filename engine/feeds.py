"""
Feeds: exports of one shape that are imported again and again, each the whole of what its platform shows.

Only files in wide form are feeds; a row of the long form is an event that happened, whatever stands in the
next file. A feed is known by the headers of its files and the name that whoever imports may give it.
"""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from paidan.storage.encoding import to_json
from paidan.storage.port import Fed
from paidan.workflows.records import Command

_BYTES = 12
"""Of the digests that tell exports, and what they say of an order, apart."""
_NEXT = 4
"""An export that was given no name follows on another when it holds one in so many of its orders."""


class Feed(NamedTuple):
    """
    A feed in one import: the export that its files are, and what a row of them can say.

    `key` is what it is known by, `named` whether somebody named it. `events` and `columns` are those of
    each file by its name: what is empty there was not said.
    """

    key: str
    named: bool
    export: str
    columns: Mapping[str, frozenset[str]]
    events: Mapping[str, frozenset[str]]


Feeds = Mapping[str, Feed]
"""The feed of each file that belongs to one, by the name of the file."""


def said_of(commands: Sequence[Command], feeds: Feeds) -> dict[str, str]:
    """Give by feed a digest of what its rows say of one order; none of what only a vault may keep."""
    said: dict[str, list[str]] = {}
    for one in commands:
        if one.source in feeds:
            words = to_json({"a": one.at, "e": one.event, "o": one.actor, "r": one.role, "u": one.unit})
            said.setdefault(feeds[one.source].key, []).append(words + to_json(one.attributes))
    return {key: digest("\n".join(words)) for key, words in said.items()}


def since(feed: Feed, exports: Collection[Fed]) -> tuple[str, ...]:
    """
    Name the exports of a feed that its present one follows on, so that what it lacks of them has vanished.

    Where nobody named the feed, headers alone do not tell the exports of two districts apart: it follows
    on those of whose orders it still holds one in four.
    """
    held: dict[str, int] = {}
    left: dict[str, int] = {}
    for one in exports:
        if one.export == feed.export:
            held[one.before] = held.get(one.before, 0) + one.orders
        elif one.gone in ("", feed.export):
            left[one.export] = left.get(one.export, 0) + one.orders
    return tuple(
        sorted(
            export
            for export, count in left.items()
            if feed.named or held.get(export, 0) * _NEXT >= held.get(export, 0) + count
        )
    )


def digest(text: str) -> str:
    """Tell one text from another."""
    return blake2b(text.encode(), digest_size=_BYTES).hexdigest()
