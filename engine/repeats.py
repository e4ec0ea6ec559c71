"""The same matter complained of again (重复工单): orders linked by `repeat_of`, and what they call for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

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


def lines_of_matters(matters_: Mapping[str, Sequence[str]], stories: Mapping[str, Story]) -> Iterator[Line]:
    """Give a line for each matter, under the rule that the order to act on is under."""
    for first, orders in matters_.items():
        known = sorted(
            (stories[one] for one in {first, *orders} if one in stories), key=lambda one: (_at(one), _id(one))
        )
        of = next((one for one in reversed(known) if not one.over), known[-1])
        for rule in of.rules.ledgers.get("repeats", ()):
            yield _line(first, [one for one in known if _id(one) != first], of, rule, stories.get(first))


def _line(
    first: str, repeats: Sequence[Story], of: Story, rule: LedgerRule, first_story: Story | None
) -> Line:
    last_at = _at(repeats[-1])
    counted = [_at(one) for one in (*repeats, *([first_story] if rule.counts_first and first_story else ()))]
    if rule.within_days is not None:
        counted = [at for at in counted if at > last_at - timedelta(days=rule.within_days)]
    untold = int(rule.counts_first and first_story is None)  # received before all that the log holds
    times = len(counted) + untold
    reached = times >= rule.at_least
    reached_at = sorted(counted)[max(0, rule.at_least - untold - 1)] if reached else None
    known = [*repeats, first_story] if first_story else repeats
    solved = _solved(repeats[-1])
    answered_at = None if reached_at is None else _answered(rule.proposes, reached_at, of, known)
    proposal = None
    if reached_at is not None and answered_at is None and not (rule.unsolved and solved):
        proposal = _proposal(rule, of)
    told = {
        "first": first,
        "times": times,
        "orders": tuple(_id(one) for one in repeats),
        "reached_at": reached_at,
        "solved": solved,
        "answered_at": answered_at,
    }
    return line(of, rule, last_at, told=told, proposal=proposal, over=of.over and proposal is None)


def _proposal(rule: LedgerRule, of: Story) -> Proposal:
    rows = [row for row in of.rules.roles.get(rule.proposes, ()) if holds(row.when, of.order.facts)]
    return Proposal(rule.proposes, rule.said, tuple(role for row in rows for role in row.roles))


def _answered(event: str, since: datetime, of: Story, known: Sequence[Story]) -> datetime | None:
    """Say when what is proposed was done: to the order itself, or to another of the matter since then."""
    done = [one.at for story in known for one in story.of(event) if story is of or one.at >= since]
    return min(done, default=None)


def _solved(story: Story) -> bool:
    """Whether an order is closed, and resolved by what was last said of its outcome, by a callback if any."""
    said = [one for one in story.of("resolve", "revisit") if one.attributes.get("outcome")]
    last = ([one for one in said if one.event == "revisit"] or said)[-1:]
    return story.order.state == "closed" and any(one.attributes["outcome"] == "resolved" for one in last)


def _at(story: Story) -> datetime:
    """Say when an order was received, or when its log begins."""
    return story.order.facts.get("received_at") or story.steps[0].entry.at


def _id(story: Story) -> str:
    return story.order.order_id
