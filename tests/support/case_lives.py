"""
Small lives of an order and of the cases beside it, each with all that must come of the cases.

`came` lists, case by case, every entry as "case event state [rule] [ground or level]", every clock as
"case rule due verdict", every finding as "case event rule" with " (noted)" where it never refuses. `whose`
asks at the end of a life whose business an event of a case is, `wanted` what rules want said of it without
refusing. What stands there is whole: nothing else may come of the cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from paidan.engine.availability import Available, available
from paidan.engine.replay_cases import replay_cases
from paidan.engine.replay_order import Replayed, replay_order
from paidan.policies import registry
from paidan.policies.clocks import verdict
from paidan.policies.loader import Document
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ATTRIBUTE_OF, Holds
from paidan.workflows.cases import MARK
from paidan.workflows.records import Command, Order
from support.lives import AS_OF, Rows, beijing, book, mutants

if TYPE_CHECKING:
    from paidan.policies.registry import Books

Happening = tuple[str, str, str, dict[str, Any]]
OF_CASE_KINDS = ("case", "clock", "guard", "role")


def on(what: str, event: str, at: str, **said: Any) -> Happening:
    """Something that happens to the order (`O`), to a case beside it (`~supervision~1`), or to a unit's."""
    return (f"O{what}" if what.startswith(MARK) else what, event, at, said)


@dataclass(frozen=True)
class CaseLife:
    """
    What happens, in order of time, and what comes of the cases; `settings` chosen for it.

    With `as_recorded` the engine has also written, beside time-outs, what it tells of itself.
    """

    says: str
    happens: tuple[Happening, ...]
    came: tuple[str, ...]
    whose: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    wanted: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    as_recorded: bool = False


class CaseShelf(NamedTuple):
    """The lives of the cases of one document."""

    name: str
    lives: tuple[CaseLife, ...]

    @property
    def document(self) -> Document:
        return registry.document(self.name)

    def shifted(self) -> Iterator[tuple[str, Rows]]:
        """Give each row that speaks of a case deleted and shifted."""
        yield from mutants(self.document, OF_CASE_KINDS, of_cases=True)


class _OneBook(NamedTuple):
    """The rules of every day."""

    rules: Rulebook

    def governing(self, on: date) -> tuple[Rulebook, bool]:  # noqa: ARG002 - of every day
        return self.rules, False


def _command(one: Happening) -> Command:
    about, event, at, said = one
    unit, role = said.get("unit", ""), said.get("role", "")
    attributes = {
        name: beijing(value) if ATTRIBUTE_OF[name].holds in (Holds.INSTANT, Holds.DUE) else value
        for name, value in said.items()
        if name not in ("unit", "role")
    }
    return Command(
        about, event, beijing(at), unit=unit, role=role, attributes=attributes, source="log", row=1
    )


def cases_of(life: CaseLife, rules: Rulebook, *, enforce: bool = False) -> list[Replayed]:
    commands = [_command(one) for one in life.happens]
    of_order = [one for one in commands if MARK not in one.order_id]
    recorded = life.as_recorded
    order = replay_order("O", of_order, rules, AS_OF, enforce=enforce, as_recorded=recorded)
    own: dict[str, list[Command]] = {}
    for one in commands:
        if MARK in one.order_id:
            own.setdefault(one.order_id, []).append(one)
    books = cast("Books", _OneBook(rules))
    found = replay_cases(order.heard, own, books, AS_OF, enforce=enforce, as_recorded=recorded)
    return [case for case, _ in found]


def told(case: Replayed, rules: Rulebook) -> Iterator[str]:
    name = case.order.order_id.removeprefix("O")
    for entry in case.entries:
        why = entry.attributes.get("level") or entry.attributes.get("ground")
        yield " ".join(filter(None, (name, entry.event, entry.to_state, entry.rule, why)))
    for clock in case.order.clocks:
        due = f"{clock.due_at:%Y-%m-%d %H:%M:%S}"
        yield f"{name} {clock.rule} {due} {verdict(clock, rules, AS_OF)}"
    for one in case.deviations:
        noted = "" if one.finding.refuses else " (noted)"
        yield f"{name} {one.command.event} {one.finding.rule or one.finding.code}{noted}"


def check_case_life(life: CaseLife, rules: Rulebook) -> None:
    cases = cases_of(life, rules)
    came = tuple(line for case in cases for line in told(case, rules))
    assert came == life.came, f"{life.says}: {came}"
    of_id = {case.order.order_id.removeprefix("O"): case.order for case in cases}
    for name, event, roles in life.whose:
        have = tuple(role for whose in _offered(of_id[name], event, rules).whose for role in whose.roles)
        assert have == roles, f"{life.says}: {event} is the business of {have}"
    for name, event, missing in life.wanted:
        told_of = _offered(of_id[name], event, rules)
        want = tuple(names for one in told_of.advice for names in one.details["missing"])
        assert (want, told_of.needs) == (missing, ()), f"{life.says}: {event} wants {want}, {told_of.needs}"


def _offered(case: Order, event: str, rules: Rulebook) -> Available:
    return next(one for one in available(case, rules, AS_OF) if one.event == event)


def check_cases(shelf: CaseShelf, document: Document) -> None:
    """Raise where the cases of the document are no longer what they were."""
    books: dict[str, Rulebook] = {}
    for life in shelf.lives:
        chosen = str(life.settings)
        books[chosen] = books.get(chosen) or book(document, life.settings)
        check_case_life(life, books[chosen])
