"""The fold: what an order is after an entry. State, facts and clocks come from nowhere else."""

from collections.abc import Iterable

from paidan.engine.corrections import corrected
from paidan.policies.clocks import advance
from paidan.policies.rulebook import Rulebook
from paidan.workflows.facts import learn
from paidan.workflows.records import Entry, Order


def evolve(order: Order, entry: Entry, rules: Rulebook) -> Order:
    """Give the order after `entry`, which must be its next one (`entry.seq` is `order.seq` + 1)."""
    if rules.editions:
        rules = rules.at(entry.recorded_at)
    before = order.facts
    facts = learn(before, entry.event, entry.at, entry.unit, entry.attributes)
    if facts is not before and facts.get("unit") != before.get("unit"):
        unit = facts.get("unit")
        pool = rules.roster.pool_of(unit, entry.at.date()) if unit else None
        facts = {**facts, "pool": pool}
    clocks = advance(order.clocks, entry, before, facts, rules)
    if entry.event in rules.asked:
        made = clocks[len(order.clocks) :]
        facts = {**facts, "asked_late": any(clock.done_at > clock.due_at for clock in made if clock.done_at)}
    return Order(order.order_id, entry.to_state, entry.seq, facts, clocks)


def fold(order_id: str, entries: Iterable[Entry], rules: Rulebook) -> Order:
    """Give the order that its whole log makes, its corrections applied."""
    order = Order(order_id)
    for entry in corrected(tuple(entries)):
        order = evolve(order, entry, rules)
    return order
