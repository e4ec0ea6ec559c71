"""
Logs of a few orders written line by line, and the lists that come of them, a line each.

An event is `ORDER EVENT DAY TIME [@UNIT] [=ROLE] [NAME=VALUE …]`, of March 2026 where the day is a number. A
line tells order, unit, since, verdict and lateness, columns that say something, findings, what is proposed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from paidan.engine.ledger import ledger
from paidan.engine.ledger_lines import COLUMNS, Line
from paidan.engine.ledger_told import command_of
from paidan.engine.replay_order import replay_order
from paidan.policies.loader import Document
from paidan.policies.registry import Books
from paidan.workflows.attributes import ATTRIBUTE_OF, Holds
from paidan.workflows.records import Command, Entry
from support.lives import beijing


def command(text: str) -> Command:
    order_id, event, day, clock, *words = text.split()
    at = beijing(f"{day if '-' in day else f'2026-03-{int(day):02}'} {clock}")
    unit = next((word[1:] for word in words if word.startswith("@")), "")
    role = next((word[1:] for word in words if word.startswith("=")), "")
    pairs = (word.split("=", 1) for word in words if word[0] not in "@=")
    return Command(order_id, event, at, "", role, unit, {name: _value(name, text) for name, text in pairs})


def _value(name: str, text: str) -> Any:
    holds = ATTRIBUTE_OF[name].holds
    if holds in (Holds.DUE, Holds.INSTANT):
        return beijing(text.replace("/", " "))
    return text == "true" if holds is Holds.FLAG else text


def logs_of(text: str, books: Books, as_of: datetime) -> dict[str, tuple[Entry, ...]]:
    of: dict[str, list[Command]] = {}
    for one in map(command, filter(None, map(str.strip, text.splitlines()))):
        of.setdefault(one.order_id, []).append(one)
    rules = books.latest
    return {one: tuple(replay_order(one, told, rules, as_of).entries) for one, told in sorted(of.items())}


def listed(
    name: str, text: str, document: Document, as_of: str, settings: Mapping[str, str], **only: Any
) -> list[str]:
    books, then = Books(document, dict(settings), None), beijing(as_of)
    logs = logs_of(text, books, then)

    def read(wanted: Any) -> Iterator[Any]:
        for order_id, log in logs.items():
            said = {word for one in log for pair in one.attributes.items() for word in map(str, pair)}
            if wanted(order_id, {one.event for one in log}, said.__contains__):
                yield log, books.latest

    return [told(one, name) for one in ledger(name, books, read, then, **only)]


def told(line: Line, name: str) -> str:
    return " ".join(filter(None, _told(line, name)))


def _told(line: Line, name: str) -> Iterable[str]:
    yield from (line.order_id, line.unit, f"{line.since:%m-%d %H:%M}", "over" if line.over else "")
    if line.due_at is not None:
        yield f"due {line.due_at:%m-%d %H:%M:%S}"
    yield from (str(line.came_to or ""), f"by {line.late_by}" if line.late_by else "")
    for column in COLUMNS[name]:
        value = line.told[column]
        if isinstance(value, datetime):
            value = f"{value:%m-%d/%H:%M}"
        if isinstance(value, tuple):
            value = ("/" if column in ("parts", "talks") else "+").join(map(str, value))
        if value not in ("", None, False, "0/0"):
            yield f"{column}={value}"
    for one in line.findings:
        more = "+".join(one.details["names"]) if "names" in one.details else ""
        yield f"[{one.rule} {one.code}{' ' if more else ''}{more}]"
    if line.proposal is not None:
        yield "> " + " ".join(command_of(line)[1:])
    yield f"({line.rule.rule})"
