"""
Small lives of one order under a document, each with what must come of it, to the second.

`clocks` lists rows that must be there as "rule due verdict"; `found` every finding as "event rule",
with " (noted)" where it never refuses (observe mode); `written` every entry the engine wrote of
itself, the same way; `timed_out`, where it is said, the duties raised as of the end. A rule is carried
when a life, a `Whose` or a table of the document's own fails once its row is deleted or shifted.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from paidan.engine.availability import Available, available
from paidan.engine.decide import Decision, decide, raise_overdue
from paidan.policies import registry
from paidan.policies.clocks import verdict
from paidan.policies.loader import Document
from paidan.policies.roster import Roster
from paidan.policies.rows import KINDS
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ATTRIBUTE_OF, EXCLUSIONS, FINDINGS, Holds
from paidan.workflows.cases import OF_CASES
from paidan.workflows.records import BEIJING, Command, Order

AS_OF = datetime(2026, 4, 30, 12, tzinfo=BEIJING)

ORDER_KINDS = ("clock", "extension", "guard", "exclusion", "finding", "escalation", "role")
"""The kinds of row that an order shows; the others make scores, or say what is not built."""
UNBUILT_KINDS = ("planned", "uncarried")

Event = tuple[str, str, dict[str, Any]]
Doings = tuple[tuple[str, dict[str, Any]], ...]
Rows = dict[str, list[dict[str, Any]]]


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@dataclass(frozen=True)
class Life:
    says: str
    events: tuple[Event, ...]
    clocks: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    timed_out: tuple[str, ...] | None = None


class Ran(NamedTuple):
    order: Order
    found: list[str]
    written: list[str]


def ev(event: str, at: str, **said: Any) -> Event:
    return (event, at, said)


def commands(life: Life) -> Iterator[Command]:
    for event, at, said in life.events:
        unit, role = said.get("unit", ""), said.get("role", "")
        attributes = {
            name: beijing(value) if ATTRIBUTE_OF[name].holds in (Holds.INSTANT, Holds.DUE) else value
            for name, value in said.items()
            if name not in ("unit", "role")
        }
        yield Command("O", event, beijing(at), unit=unit, role=role, attributes=attributes)


def decisions(life: Life, rules: Rulebook, *, observe: bool = True) -> Iterator[tuple[Command, Decision]]:
    order = Order("O")
    for command in commands(life):
        decision = decide(order, command, rules, observe=observe)
        yield command, decision
        order = decision.order


def run(life: Life, rules: Rulebook) -> Ran:
    ran = Ran(Order("O"), [], [])
    for command, decision in decisions(life, rules):
        ran = ran._replace(order=decision.order)
        for finding in decision.findings:
            noted = "" if finding.refuses else " (noted)"
            ran.found.append(f"{command.event} {finding.rule or finding.code}{noted}")
        ran.written.extend(f"{entry.event} {entry.rule}" for entry in decision.entries[1:])
    return ran


def rows(order: Order, rules: Rulebook) -> list[str]:
    return [f"{c.rule} {c.due_at:%Y-%m-%d %H:%M:%S} {verdict(c, rules, AS_OF)}" for c in order.clocks]


def check(life: Life, rules: Rulebook) -> Order:
    order, found, written = run(life, rules)
    have = rows(order, rules)
    for row in life.clocks:
        assert row in have, f"{life.says}: {row} not in {have}"
    for rule in life.without:
        assert not any(row.startswith(rule) for row in have), f"{life.says}: {rule} in {have}"
    assert tuple(found) == life.found, f"{life.says}: found {found}"
    assert tuple(written) == life.written, f"{life.says}: written {written}"
    if life.timed_out is not None:
        raised = tuple(entry.rule for entry in raise_overdue(order, AS_OF, rules).entries)
        assert raised == life.timed_out, f"{life.says}: timed out {raised}"
    return order


def check_enforced(life: Life, rules: Rulebook) -> None:
    """A refused command leaves the order as it was, and every finding of a rule names its clause."""
    order = Order("O")
    for _, decision in decisions(life, rules, observe=False):
        assert decision.refused == any(finding.refuses for finding in decision.findings)
        if decision.refused:
            assert decision.order == order
        assert all(finding.clause or not finding.rule for finding in decision.findings)
        order = decision.order


def book(
    document: Document, settings: dict[str, str] | None = None, roster: Roster | None = None
) -> Rulebook:
    return Rulebook(document.policy(document.versions[0], settings or {}), roster)


@dataclass(frozen=True)
class Whose:
    """Of an order after `events`, a minute apart or `at` a time, `asked` is the business of `roles`."""

    rule: str
    events: Doings
    asked: str
    roles: tuple[str, ...]
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def says(self) -> str:
        return f"{self.rule} {self.asked} {'/'.join(self.roles) or 'nobody'}"


def offered(events: Doings, rules: Rulebook, asked: str) -> Available:
    """How the event `asked` stands after `events`."""
    order = Order("O")
    for minute, (event, said) in enumerate(events):
        attributes = dict(said)
        at = beijing(attributes.pop("at", f"2026-03-02 09:{minute:02d}:00"))
        order = decide(order, Command("O", event, at, attributes=attributes), rules, observe=True).order
    return next(one for one in available(order, rules, beijing("2026-03-02 12:00:00")) if one.event == asked)


def told(case: Whose, rules: Rulebook) -> tuple[str, ...]:
    found = offered(case.events, rules, case.asked)
    return tuple(
        role for whose in found.whose if whose.rule == case.rule and whose.clause for role in whose.roles
    )


class Advice(NamedTuple):
    """What rules want said of the event `asked` after `events`, without refusing it, by rule."""

    events: Doings
    asked: str
    missing: dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """
    What is known of the orders of one document, to be held against its rows.

    `exclusions` are its situations with the items they leave, `findings` its findings at closing with the
    case types they belong to and whether such an order is evaluated, both by rule. `duties` are the rules
    that may raise a time-out, `on_receipt` the clocks that a receipt starts, `kinds` the kinds of row that
    its orders show. `counts` has the rules of the catalogue by letter, `total` all of them. `elsewhere`
    names settings of its own that no row reads; `roster` gives the units for lives under such settings.
    """

    name: str
    lives: tuple[Life, ...]
    whose: tuple[Whose, ...]
    advice: tuple[Advice, ...] = ()
    exclusions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    findings: dict[str, tuple[str, tuple[str, ...], bool]] = field(default_factory=dict)
    duties: tuple[str, ...]
    on_receipt: tuple[str, ...] = ()
    kinds: tuple[str, ...]
    counts: dict[str, int]
    total: int
    elsewhere: tuple[str, ...] = ()
    roster: Callable[[dict[str, str]], Roster | None] = lambda _: None

    @property
    def document(self) -> Document:
        return registry.document(self.name)

    def books(self, document: Document | None = None) -> Callable[[dict[str, str]], Rulebook]:
        """The rulebooks of the document, or of one in its place, by their settings, each made once."""
        made: dict[str, Rulebook] = {}

        def take(settings: dict[str, str]) -> Rulebook:
            name = str(settings)
            if name not in made:
                made[name] = book(document or self.document, settings, self.roster(settings))
            return made[name]

        return take


def with_rows(document: Document, changed: Rows) -> Document:
    """The document, its first version's rows being others."""
    version = document.versions[0]
    slots = {name: getattr(version, name) for name in type(version).__slots__}
    other = copy.copy(document)
    object.__setattr__(
        other, "versions", (type(version)(**slots | {"rows": changed}), *document.versions[1:])
    )
    return other


def speaks_of_case(row: dict[str, Any]) -> bool:
    """Whether a row of a rule file is about a case beside the order."""
    return "does" in row or not OF_CASES.isdisjoint(str(row.get(key)) for key in ("on", "starts"))


def mutants(
    document: Document, kinds: Iterable[str], *, of_cases: bool = False
) -> Iterator[tuple[str, Rows]]:
    """
    Each row of those kinds that an order shows, or a case, deleted and shifted, with a name.

    What a clock takes from the one that it replaces (its start) is not shifted again.
    """
    written = document.versions[0].rows
    for kind in kinds:
        for position, row in enumerate(written.get(kind, ())):
            if speaks_of_case(row) != of_cases:
                continue
            changed: Rows = copy.deepcopy(dict(written))
            del changed[kind][position]
            yield f"{row['rule']} {kind} deleted", changed
            for path, change in _changes(kind, row, document):
                changed = copy.deepcopy(dict(written))
                _put(changed[kind][position], path, change)
                shown = "dropped" if change is _DROPPED else f"= {change}"
                yield f"{row['rule']} {kind} {'.'.join(map(str, path))} {shown}", changed


Path = tuple[Any, ...]
_DROPPED = object()
_CITED = ("rule", "clause", "zh", "en")
SCORED = ("items",)
"""What an exclusion or a finding says that only a score shows: the rates that the order leaves."""
_INSTEAD: dict[str, dict[str, str]] = {
    "kind": {"duty": "window", "window": "duty"},
    "effect": {"note": "refuse", "tell": "refuse", "refuse": "note"},
    "starts": {"receive": "register", "register": "receive", "accept": "dispatch", "dispatch": "accept"},
    "at": {"order_due": "law_due", "law_due": "order_due"},
    "situation": dict(zip(EXCLUSIONS, [*list(EXCLUSIONS)[1:], ""], strict=True)),
    "finding": dict(zip(FINDINGS, [*list(FINDINGS)[1:], ""], strict=True)),
}  # fmt: skip
"""What a name is shifted to, by the key it stands under; other names are dropped with their key."""


def _changes(kind: str, row: dict[str, Any], document: Document) -> Iterator[tuple[Path, Any]]:
    from_replaced = ("starts", "anew") if "replaces" in row else ()
    said = {key: value for key, value in row.items() if key not in (*_CITED, *SCORED, *from_replaced)}
    needed = {one.name for one in fields(KINDS[kind]) if not _has_default(one)}
    for key in said:
        if key not in needed:
            yield (key,), _DROPPED
    yield from _walk(said, (), document)


def _has_default(one: Any) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def _walk(value: Any, path: Path, document: Document) -> Iterator[tuple[Path, Any]]:
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int):
        yield path, value + 1
        if value > 1:
            yield path, value - 1
    elif isinstance(value, time):
        yield path, (datetime.combine(date.min, value) + timedelta(minutes=1)).time()
    elif isinstance(value, str):
        if instead := _INSTEAD.get(key, {}).get(value):
            yield path, instead
    elif isinstance(value, list):
        for position, one in enumerate(value):
            yield (*path, position), _DROPPED
            yield from _walk(one, (*path, position), document)
    elif isinstance(value, dict) and set(value) == {"by"}:
        yield from _walk(document.settings[value["by"]].default, path, document)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name == "by":
                continue
            if path and "by" not in value and len(value) > 1:
                yield (*path, name), _DROPPED
            yield from _walk(one, (*path, name), document)


def _put(target: Any, path: Path, change: Any) -> None:
    for step in path[:-1]:
        target = target[step]
    if change is _DROPPED:
        del target[path[-1]]
    else:
        target[path[-1]] = change
