"""The same matter complained of again (重复工单): orders linked by `repeat_of`, and what they call for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from paidan.engine.ledger_lines import Line, Proposal, Story, line
from paidan.policies.rulebook import holds
from paidan.policies.schema import LedgerRule
from paidan.workflows.records import Entry

LINK = "repeat_of"


def link_of(log: Iterable[Entry]) -> str:
    """Name the order that an order repeats, empty where it repeats none; its corrections are applied."""
    return next((str(one.attributes[LINK]) for one in log if one.attributes.get(LINK)), "")


def matters(links: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """
    Give by its first order every matter with the orders that repeat it, all those linked at some remove.

    >>> matters({"B": "A", "C": "B", "D": "A", "X": "X"})
    {'A': ('B', 'C', 'D')}
    """
    found: dict[str, list[str]] = {}
    for order_id in sorted(links):
        first = _first(order_id, links)
        if first != order_id:
            found.setdefault(first, []).append(order_id)
    return {first: tuple(orders) for first, orders in found.items()}


def _first(order_id: str, links: Mapping[str, str]) -> str:
    """Follow the links to an order that repeats none; of those in a circle the least is the first."""
    way = [order_id]
    while (before := links.get(way[-1])) and before not in way:
        way.append(before)
    return min(way[way.index(before) :]) if before else way[-1]


class Told(NamedTuple):
    """What of an order tells on a matter: little, since a matter may be one of thousands."""

    story: Story
    """its last step alone"""
    received_at: datetime
    solved: bool
    acted: Mapping[str, tuple[datetime, ...]]
    """when what its rules propose was done to it"""

    @property
    def order_id(self) -> str:
        """The order."""
        return self.story.order.order_id


def told_of(story: Story) -> Told:
    """Give what of an order tells on a matter."""
    events = {rule.proposes for rule in story.rules.ledgers.get("repeats", ())}
    return Told(
        replace(story, steps=story.steps[-1:]),
        story.order.facts.get("received_at") or story.steps[0].entry.at,
        _solved(story),
        {event: tuple(one.at for one in story.of(event)) for event in events},
    )


def _solved(story: Story) -> bool:
    """Whether an order is closed, and resolved by what was last said of its outcome, by a callback if any."""
    said = [one for one in story.of("resolve", "revisit") if one.attributes.get("outcome")]
    last = ([one for one in said if one.event == "revisit"] or said)[-1:]
    return story.order.state == "closed" and any(one.attributes["outcome"] == "resolved" for one in last)


def lines_of_matters(matters_: Mapping[str, Sequence[str]], orders: Mapping[str, Told]) -> Iterator[Line]:
    """Give a line for each matter, under the rule that the order to act on is under."""
    for first, others in matters_.items():
        known = sorted(
            (orders[one] for one in {first, *others} if one in orders),
            key=lambda one: (one.received_at, one.order_id),
        )
        of = next((one for one in reversed(known) if not one.story.over), known[-1])
        for rule in of.story.rules.ledgers.get("repeats", ()):
            yield _line(first, known, of, rule)


def _line(first: str, known: Sequence[Told], of: Told, rule: LedgerRule) -> Line:
    repeats = [one for one in known if one.order_id != first]
    last_at = repeats[-1].received_at
    counted = [one.received_at for one in (known if rule.counts_first else repeats)]
    if rule.within_days is not None:
        counted = [at for at in counted if at > last_at - timedelta(days=rule.within_days)]
    untold = int(rule.counts_first and len(known) == len(repeats))  # received before all that the log holds
    times = len(counted) + untold
    reached_at = counted[max(0, rule.at_least - untold - 1)] if times >= rule.at_least else None
    solved = repeats[-1].solved
    answered_at = None if reached_at is None else _answered(rule.proposes, reached_at, of, known)
    proposal = None
    if reached_at is not None and answered_at is None and not (rule.unsolved and solved):
        proposal = _proposal(rule, of.story)
    told = {
        "first": first,
        "times": times,
        "orders": tuple(one.order_id for one in repeats),
        "reached_at": reached_at,
        "solved": solved,
        "answered_at": answered_at,
    }
    over = of.story.over and proposal is None
    return line(of.story, rule, last_at, told=told, proposal=proposal, over=over)


def _proposal(rule: LedgerRule, of: Story) -> Proposal:
    rows = [row for row in of.rules.roles.get(rule.proposes, ()) if holds(row.when, of.order.facts)]
    return Proposal(rule.proposes, rule.said, tuple(role for row in rows for role in row.roles))


def _answered(event: str, since: datetime, of: Told, known: Sequence[Told]) -> datetime | None:
    """Say when what is proposed was done: to the order itself, or to another of the matter since then."""
    done = [at for one in known for at in one.acted.get(event, ()) if one is of or at >= since]
    return min(done, default=None)
