"""
Lists that people work by (台账): risk orders, staged ones, what is redone, repeats, joint and chronic orders.

Which orders stand on one a `[[ledger]]` row of the document says; what stands in a line,
`engine.ledger_lines`. A list is made of logs alone, and the same from a store as from a replay folder.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from paidan.engine.corrections import corrected
from paidan.engine.errors import UsageError
from paidan.engine.ledger_lines import Line, lines_of, noted, story_of
from paidan.engine.repeats import LINK, lines_of_matters, link_of, matters, told_of
from paidan.policies.registry import Books
from paidan.policies.rulebook import Rulebook
from paidan.policies.schema import LEDGERS, LedgerRule
from paidan.policies.scoring.records import month_of
from paidan.workflows.records import Entry, Finding

Says = Callable[[str], bool]
"""Whether a word stands among what the entries of an order say, as a name or as a value."""
Wanted = Callable[[str, Collection[str], Says], bool]
"""Whether an order may stand on a list, by its id, its events and what they say; quick, never too strict."""
Reading = Callable[[Wanted], Iterator[tuple[Sequence[Entry], Rulebook]]]
"""Gives the logs that are wanted, each with the rules that govern it, in one reading."""


def ledger(
    name: str, books: Books, read: Reading, as_of: datetime, *, unit: str = "", month: str = "",
    open_only: bool = False,
) -> tuple[Line, ...]:  # fmt: skip
    """
    Give the lines of a list as of a time: what is open first, what is due soonest first of that.

    Of one unit, of those that came onto it in a month such as `2026-03`, of what is still to be done alone.
    Raises `UsageError` for a list that there is not, or that the document has none of.
    """
    rows = _rows(name, books)
    lines = _matters(read, as_of) if name == "repeats" else _orders(name, rows, read, as_of)
    if name == "risk":
        lines = _marked(lines)
    kept = (
        one
        for one in lines
        if (not unit or unit in one.concerned)
        and (not month or month_of(one.since) == month)
        and not (open_only and one.over)
    )
    return tuple(sorted(kept, key=_urgency))


def _urgency(line: Line) -> tuple[Any, ...]:
    """Put what is open first, of that what is asked for and not done, of that what is due soonest."""
    done, due_at = line.done_at is not None, line.due_at
    return line.over, done, due_at is None, due_at or line.since, line.order_id, line.since


def _rows(name: str, books: Books) -> list[LedgerRule]:
    """Give the rows of a list in all versions of the document."""
    has = [books.of(version.id).ledgers for version in books.document.versions]
    if name not in LEDGERS:
        raise UsageError("ledger.unknown", name=name, allowed=", ".join(LEDGERS))
    rows = [row for of in has for row in of.get(name, ())]
    if not rows:
        there = ", ".join(one for one in LEDGERS if any(one in of for of in has))
        raise UsageError("ledger.none", name=name, policy=books.document.name, allowed=there or "–")
    return rows


def _orders(name: str, rows: Sequence[LedgerRule], read: Reading, as_of: datetime) -> list[Line]:
    def wanted(_: str, events: Collection[str], says: Says) -> bool:
        return any(_may(row, events, says) for row in rows)

    return [line for log, rules in read(wanted) for line in lines_of(name, story_of(log, rules, as_of))]


def _may(row: LedgerRule, events: Collection[str], says: Says) -> bool:
    if row.on and not any(event in events for event in row.on):
        return False
    for value in row.when.values():
        words = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
        if words and not any(map(says, words)):
            return False
    return True


def _matters(read: Reading, as_of: datetime) -> list[Line]:
    """Read twice: who repeats whom first, then the orders of every matter."""
    linked = (corrected(log) for log, _ in read(lambda _id, _events, says: says(LINK)))
    links = {log[0].order_id: link for log in linked if (link := link_of(log))}
    found = matters(links)
    members = {*found, *(one for orders in found.values() for one in orders)}
    if not members:
        return []
    logs = read(lambda order_id, _events, _says: order_id in members)
    orders = {log[0].order_id: told_of(story_of(log, rules, as_of)) for log, rules in logs}
    return list(lines_of_matters(found, orders))


def _marked(lines: Sequence[Line]) -> list[Line]:
    """Tell of risk orders those that bear a mark of another: one case, one mark (一案一标识)."""
    bearing: dict[str, list[str]] = {}
    for one in lines:
        for mark in one.told["risk_mark"]:
            bearing.setdefault(mark, []).append(one.order_id)
    return [replace(one, findings=(*_shared(one, bearing), *one.findings)) for one in lines]


def _shared(line: Line, bearing: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for mark in line.told["risk_mark"]:
        others = [one for one in bearing[mark] if one != line.order_id]
        if others:
            yield noted("mark_shared", line.rule, mark=mark, names=tuple(others))


def marks_noted(flag: Entry, others: Iterable[Entry], rules: Rulebook) -> tuple[Finding, ...]:
    """
    Give what a risk flag should not have done: give another mark to its order, or its mark to another.

    `others` are the flags written before it, of whatever order.
    """
    mark = str(flag.attributes.get("mark") or "")
    found: list[Finding] = []
    for rule in rules.ledgers.get("risk", ()):
        if flag.event in rule.on and mark:
            flags = [one for one in others if one.attributes.get("mark")]
            own = dict.fromkeys(one.attributes["mark"] for one in flags if one.order_id == flag.order_id)
            bearing = dict.fromkeys(one.order_id for one in flags if one.attributes["mark"] == mark)
            bearing.pop(flag.order_id, None)
            if own.keys() - {mark}:
                found.append(noted("mark_changed", rule, names=tuple(dict.fromkeys((*own, mark)))))
            if bearing:
                found.append(noted("mark_shared", rule, mark=mark, names=tuple(bearing)))
    return tuple(found)
