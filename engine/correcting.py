"""What stands against a correction: no such entry, another value there, a life that could not have been."""

from collections.abc import Iterator, Sequence
from typing import Any

from paidan.engine.corrections import CORRECT, Correction, corrected, correction, value_of, with_value
from paidan.engine.evolve import evolve
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import correctable
from paidan.workflows.cases import EVENT_OF
from paidan.workflows.machine import Life
from paidan.workflows.records import Command, Entry, Finding, Order


def faults(command: Command, log: Sequence[Entry], rules: Rulebook, life: Life) -> tuple[Finding, ...]:
    """Say why a `correct` of the order with that `log` cannot be taken; nothing where it can."""
    missing = tuple(name for name in ("entry", "field", "reason") if not command.attributes.get(name))
    if missing:
        return (_finding("not_said", event=CORRECT, missing=missing),)
    one = correction(command.attributes)
    if not 0 < one.entry <= len(log):
        return (_finding("correction_entry", entry=one.entry, last=len(log)),)
    now = corrected(log)
    entry = now[one.entry - 1]
    fault = _of_entry(one, entry) or _of_time(one, command, now)
    if fault is not None:
        return (fault,)
    changed = [*now]
    changed[one.entry - 1] = with_value(entry, one.field, one.after)
    led = zip(now, _led(now, rules, life), _led(changed, rules, life), strict=True)
    broken = next((told for told, before, after in led if before != after), None)
    return () if broken is None else (_finding("correction_life", seq=broken.seq, event=broken.event),)


def _of_entry(one: Correction, entry: Entry) -> Finding | None:
    allowed = correctable(entry.event)
    if not allowed:
        return _finding("correction_engine", entry=one.entry, event=entry.event)
    if one.field not in allowed:
        fields = tuple(sorted(allowed))
        return _finding(
            "correction_field", entry=one.entry, event=entry.event, said=one.field, allowed=fields
        )
    stands = value_of(entry, one.field)
    if stands != one.before:
        return _finding(
            "correction_before", entry=one.entry, field=one.field, stands=stands, before=one.before
        )
    if one.after == one.before or (one.field == "at" and one.after is None):
        return _finding("correction_same", entry=one.entry, field=one.field, stands=stands)
    return None


def _of_time(one: Correction, command: Command, now: Sequence[Entry]) -> Finding | None:
    """Nothing happens after it was told, or before the order was there."""
    if one.field != "at":
        return None
    if one.after > command.learned_at:
        return _finding("at_future", at=one.after, now=command.learned_at)
    lived = [entry.at for entry in now if correctable(entry.event) and entry.seq not in (1, one.entry)]
    first, others = (one.after, lived) if one.entry == 1 else (now[0].at, [one.after])
    earliest = min(others, default=first)
    return _finding("at_before_receipt", at=earliest, received=first) if earliest < first else None


def _led(log: Sequence[Entry], rules: Rulebook, life: Life) -> Iterator[str | None]:
    """Say of every entry where it leads, None where the life of an order knows no such step."""
    order = Order(log[0].order_id)
    for entry in log:
        by_engine = EVENT_OF[entry.event].by_engine
        yield "" if by_engine else life.target(order.state, entry.event, order.facts, entry.attributes)
        order = evolve(order, entry, rules)


def _finding(code: str, **details: Any) -> Finding:
    return Finding(code, details=details)
