"""
Orders sent back and on between units (退来退去): who returned to whom how often, in what circles.

A hop is a return approved (同意退单) and the dispatch after it; the office stands between the two.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from paidan.policies.scoring.records import month_of
from paidan.workflows.records import Entry

RETURNED = "approve_return"
OFTEN = 2
"""So many returns make an order one of those listed."""


class Hop(NamedTuple):
    """An order returned by a unit and sent on to another; `to` and `sent_at` are empty while it was not."""

    order_id: str
    unit: str
    to: str
    returned_at: datetime
    sent_at: datetime | None


class Edge(NamedTuple):
    """How often a unit's returns went to another, and which orders; `back` counts the other way round."""

    unit: str
    to: str
    returns: int
    back: int
    orders: tuple[str, ...]


class Bounced(NamedTuple):
    """An order returned so many `times` in all, the units it went through, and when it was returned last."""

    order_id: str
    times: int
    path: tuple[str, ...]
    last_returned_at: datetime


class Circle(NamedTuple):
    """Units round which orders came back to one that had returned them; `path` names the first again."""

    path: tuple[str, ...]
    times: int
    orders: tuple[str, ...]


class PingPong(NamedTuple):
    """
    The returns of a month, or of a whole log (`month` empty): edges, orders returned often, circles.

    `returns` counts them all, `unsent` those whose order was not sent on: handed back, or waiting. The most
    come first everywhere. A return counts in the month of its approval, an order with all its returns so
    far in each month in which it was returned, a circle in the month of the return that closes it.
    """

    month: str
    returns: int
    unsent: int
    edges: tuple[Edge, ...]
    orders: tuple[Bounced, ...]
    circles: tuple[Circle, ...]


def hops_of(entries: Sequence[Entry]) -> list[Hop]:
    """Give the returns of an order in their order, from its log with its corrections applied."""
    hops: list[Hop] = []
    unit = ""
    waiting: tuple[str, datetime] | None = None
    order_id = entries[0].order_id
    for entry in entries:
        if entry.event == RETURNED:
            if waiting is not None:
                hops.append(Hop(order_id, waiting[0], "", waiting[1], None))
            waiting = unit or entry.unit, entry.at
        elif entry.event == "dispatch":
            unit = entry.unit
            if waiting is not None:
                hops.append(Hop(order_id, waiting[0], unit, waiting[1], entry.at))
                waiting = None
        elif entry.event in ("redo", "request_return"):  # a log that lacks the dispatch names the unit here
            unit = (entry.unit or unit) if entry.event == "redo" else (unit or entry.unit)
    if waiting is not None:
        hops.append(Hop(order_id, waiting[0], "", waiting[1], None))
    return hops


def pingpong(orders: Iterable[Sequence[Hop]], month: str = "") -> PingPong:
    """Count the hops of many orders, each order's in their order, in one month or all of them."""
    edges: dict[tuple[str, str], list[str]] = {}
    circles: dict[tuple[str, ...], list[str]] = {}
    bounced: list[Bounced] = []
    returns = unsent = 0
    for all_hops in orders:
        hops = [hop for hop in all_hops if not month or month_of(hop.returned_at) <= month]
        within = [hop for hop in hops if not month or month_of(hop.returned_at) == month]
        if not within:
            continue
        returns += len(within)
        unsent += sum(hop.sent_at is None for hop in within)
        for hop in within:
            if hop.unit and hop.to:
                edges.setdefault((hop.unit, hop.to), []).append(hop.order_id)
        for closing, path in _circles(hops):
            if closing in within:
                circles.setdefault(path, []).append(closing.order_id)
        if len(hops) >= OFTEN:
            bounced.append(Bounced(hops[0].order_id, len(hops), _path(hops), within[-1].returned_at))
    return PingPong(
        month, returns, unsent,
        tuple(sorted((_edge(pair, edges) for pair in edges), key=lambda one: (-one.returns, one[:2]))),
        tuple(sorted(bounced, key=lambda one: (-one.times, one.order_id))),
        tuple(sorted((_circle(*one) for one in circles.items()), key=lambda one: (-one.times, one.path))),
    )  # fmt: skip


def _edge(pair: tuple[str, str], edges: dict[tuple[str, str], list[str]]) -> Edge:
    back = 0 if pair[0] == pair[1] else len(edges.get((pair[1], pair[0]), ()))
    return Edge(*pair, len(edges[pair]), back, tuple(dict.fromkeys(edges[pair])))


def _circle(path: tuple[str, ...], orders: list[str]) -> Circle:
    return Circle(path, len(orders), tuple(dict.fromkeys(orders)))


def _path(hops: Sequence[Hop]) -> tuple[str, ...]:
    """Name the units an order went through, one after the other."""
    path = [hops[0].unit]
    for hop in hops:
        path += [unit for unit in (hop.unit if hop.unit != path[-1] else "", hop.to) if unit]
    return tuple(path)


def _circles(hops: Sequence[Hop]) -> Iterable[tuple[Hop, tuple[str, ...]]]:
    """Give each hop that brings an order back to a unit that had returned it, with the way round."""
    since = 0
    for place, hop in enumerate(hops):
        if place and hops[place - 1].to != hop.unit:  # it came by another way than a return
            since = place
        for start in range(place, since - 1, -1):
            if hop.to and hops[start].unit == hop.to:
                yield hop, _turned([one.unit for one in hops[start : place + 1]])
                break


def _turned(round_: list[str]) -> tuple[str, ...]:
    """Begin a way round with the unit that is least, so that the same circle is named the same."""
    first = round_.index(min(round_))
    turned = (*round_[first:], *round_[:first])
    return (*turned, turned[0])


def mermaid(edges: Sequence[Edge]) -> str:
    """
    Draw edges as a Mermaid flow chart, an arrow with its count for each.

    >>> print(mermaid([Edge("甲", "乙", 3, 0, ())]), end="")
    flowchart LR
        u1["甲"]
        u2["乙"]
        u1 -->|3| u2
    """
    names: dict[str, str] = {}
    for edge in edges:
        for unit in edge[:2]:
            names.setdefault(unit, f"u{len(names) + 1}")
    lines = ["flowchart LR", *(f'    {node}["{_label(unit)}"]' for unit, node in names.items())]
    lines += [f"    {names[edge.unit]} -->|{edge.returns}| {names[edge.to]}" for edge in edges]
    return "\n".join(lines) + "\n"


def _label(unit: str) -> str:
    """Write a name so that none of its characters is taken for the drawing's own."""
    return "".join(one if one not in _DRAWN else f"#{ord(one)};" for one in " ".join(unit.split()))


_DRAWN = frozenset('"#;<>&`[]{}|\\')
