"""
Audit (审计): whether the log holds, what was changed in it and by whom, who just made it, who looked.

Every list is chosen from by links, and goes on from the last line shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from paidan.engine.access.roles import Right, role_named
from paidan.engine.access.tokens import Sight, SightPlace
from paidan.engine.audit.endings import MINUTES_MOST, UnitTold, by_unit, within
from paidan.engine.audit.found import Progress
from paidan.engine.audit.listing import Choice, Row, counts
from paidan.engine.audit.listing import page as rows_of
from paidan.engine.audit.marks import IDENTITIES, TIMES
from paidan.engine.auditing import Deviated, Ending, Mark
from paidan.engine.console.pages import minutes as span
from paidan.engine.console.pages import order_at, page
from paidan.engine.differences_told import side_text
from paidan.engine.errors import UsageError
from paidan.engine.http.audit import MONTH, checks, packed
from paidan.engine.http.callers import Caller, PageOfAudit, PageOfLog
from paidan.engine.messages import say, texts
from paidan.engine.messages.reasons import event_label, field_text, field_word, moment, reason, role_label
from paidan.policies.errors import UnknownRuleError
from paidan.workflows.records import BEIJING

router = APIRouter(include_in_schema=False)

ROWS = 40
"""Lines on one page."""
LISTS = ("corrections", "identities", "last_minute", "deviations", "sights")
_MINUTES = (1, 5, 10, 30, 60)
_DAYS = 14
_MONTHS = 6
_FACET_MOST = 30
_YEARS = range(1971, 9000)
"""Of whatever was looked at."""


@dataclass(frozen=True, slots=True)
class View:
    """Which list is shown, what of it, and after which line."""

    show: Annotated[str, Query(max_length=20)] = ""
    unit: Annotated[str, Query(max_length=80)] = ""
    month: Annotated[str, Query(pattern=f"^({MONTH})?$")] = ""
    person: Annotated[str, Query(max_length=80)] = ""
    rule: Annotated[str, Query(max_length=20)] = ""
    minutes: Annotated[int, Query(ge=1, le=MINUTES_MOST)] = 10
    order: Annotated[str, Query(max_length=200)] = ""
    day: Annotated[str, Query(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")] = ""
    after: Annotated[str, Query(max_length=600)] = ""

    @property
    def choice(self) -> Choice:
        """What of a list is asked for."""
        return Choice(self.unit, self.month, self.person, self.rule)

    def link(self, **other: str | int) -> str:
        """Give the address of another view; what is chosen already is let go of again."""
        chosen: dict[str, Any] = {
            name: "" if getattr(self, name) == value and name not in ("show", "minutes") else value
            for name, value in other.items()
        }
        return replace(self, **{"after": "", **chosen}).address

    @property
    def address(self) -> str:
        """Its address."""
        told = {name: value for name in View.__slots__ if (value := getattr(self, name))}
        if self.show != "last_minute":
            told.pop("minutes")
        return "/audit" + (f"?{urlencode(told)}" if told else "")


class Cell(NamedTuple):
    """What stands in a table: its text, lines under it, where it leads."""

    text: str
    under: Sequence[str] = ()
    href: str = ""
    wrap: bool = True


class Value(NamedTuple):
    """Something to choose by: its text, how many there are, its link, and whether it is chosen."""

    text: str
    number: int | None
    href: str
    chosen: bool


class Shown(NamedTuple):
    """A list as it is shown; `reading` is how far its first reading has come, None where it is read."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    following: str = ""
    total: int | None = None
    facets: Sequence[tuple[str, Sequence[Value]]] = ()
    reading: Progress | None = None
    units: Sequence[UnitTold] = ()


@router.get("/audit")
def audit(request: Request, caller: PageOfAudit, view: Annotated[View, Depends()]) -> Response:
    """Show a list, or whether the log holds."""
    if view.show not in LISTS:
        return _chain(request, caller, view)
    listed = {"sights": _sights, "last_minute": _endings, "deviations": _deviations}.get(view.show, _marks)
    shown = listed(caller, view)
    return page(
        request, "audit.html.j2", caller, view=view, lists=_lists(view), shown=shown,
        after=replace(view, after=shown.following).address if shown.following else "",
        first=view.link() if view.after else "",
    )  # fmt: skip


@router.get("/audit/chain")
def chain(request: Request, caller: PageOfAudit) -> Response:
    """Show how far a verification has come; the page asks again while it runs."""
    return _chain(request, caller, View(), "audit_chain.html.j2")


@router.post("/audit/chain")
def verify(caller: PageOfAudit) -> Response:
    """Begin a verification."""
    caller.engine.auditing.checking.start(caller.account)
    return RedirectResponse("/audit", 303)


@router.get("/audit/pack")
def pack(caller: PageOfLog, month: Annotated[str, Query(pattern=f"^{MONTH}$")]) -> Response:
    """Give the pack of a month."""
    return packed(caller, month)


def _chain(request: Request, caller: Caller, view: View, template: str = "audit_begin.html.j2") -> Response:
    now, last = checks(caller)
    months, on = [], caller.engine.now().astimezone(BEIJING).date().replace(day=1)
    for _ in range(_MONTHS):
        months.append(f"{on:%Y-%m}")
        on = (on - timedelta(days=1)).replace(day=1)
    return page(
        request, template, caller, view=view, lists=_lists(view), months=months,
        check=now, last=last,
        seals=caller.engine.auditing.seals is not None,
    )  # fmt: skip


def _lists(view: View) -> list[tuple[str, str, bool]]:
    """Give the lists there are: the code of each label, its address, whether it is shown."""
    shown = view.show if view.show in LISTS else ""
    return [(name or "chain", View(show=name).address, name == shown) for name in ("", *LISTS)]


def _facets(rows: Sequence[Row], view: View, caller: Caller) -> tuple[int, list[tuple[str, Sequence[Value]]]]:
    total, found = counts(rows, view.choice)
    lang = caller.lang
    facets: list[tuple[str, Sequence[Value]]] = []
    for name, counted in found.items():
        by_number = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
        order = sorted(by_number, reverse=True) if name == "month" else by_number
        values = [
            Value(
                _rule(value, caller) if name == "rule" else value,
                number,
                view.link(**{name: value}),
                getattr(view, name) == value,
            )
            for value, number in order[:_FACET_MOST]
        ]
        if values:
            facets.append((say(f"console.audit_by_{name}", lang), values))
    return total, facets


def _rule(name: str, caller: Caller) -> str:
    """Name a rule with its label; by its name alone where the rules of today have none such."""
    try:
        row = caller.engine.books.latest.rule(name)
    except UnknownRuleError:
        return name
    return f"{name} {row.zh if caller.lang == 'zh' else row.en}"


def _order(order_id: str, caller: Caller) -> Cell:
    may = caller.account.may(Right.READ_ORDERS)
    sights = f"/audit?{urlencode({'show': 'sights', 'order': order_id})}"
    return Cell(order_id, href=order_at(order_id) if may else sights, wrap=False)


def _entry(order_id: str, seq: int, caller: Caller) -> str:
    """Give the address of an entry, for whoever may see it."""
    return order_at(order_id, seq) if caller.account.may(Right.READ_ORDERS) else ""


def _columns(lang: str, *names: str) -> list[str]:
    return [say(f"console.audit_{name}", lang) for name in names]


def _marks(caller: Caller, view: View) -> Shown:
    kinds, lang = IDENTITIES if view.show == "identities" else TIMES, caller.lang
    every = caller.engine.auditing.marks
    found = every.look()
    if found is None:
        return Shown(reading=every.progress)
    chosen = [one for one in found if one.kind in kinds]
    rows, following = rows_of(chosen, view.choice, view.after, ROWS)
    total, facets = _facets(chosen, view, caller)
    if view.show == "identities":
        columns = _columns(lang, "written", "order", "what", "person", "unit", "why")
        cells = [(*_of_mark(one, caller), _who(one, lang), Cell(one.unit), Cell(one.why)) for one in rows]
        return Shown(columns, cells, following, total, facets)
    columns = _columns(lang, "written", "order", "what", "person", "unit", "change", "why", "verdicts")
    return Shown(columns, [_changed(one, caller) for one in rows], following, total, facets)


def _of_mark(one: Mark, caller: Caller) -> tuple[Cell, Cell, Cell]:
    what = say(f"console.audit_{one.kind}", caller.lang)
    of = say("console.audit_entry", caller.lang, seq=one.of or one.seq)
    event = event_label(one.event, caller.lang) if one.event else "–"
    under = [f"{of} {event}"] if one.kind in TIMES else []
    href = _entry(one.order_id, one.seq, caller)
    return Cell(moment(one.recorded_at), wrap=False), _order(one.order_id, caller), Cell(what, under, href)


def _who(one: Mark, lang: str) -> Cell:
    return Cell(one.actor or "–", [role_label(one.role, lang)] if one.role else [])


def _changed(one: Mark, caller: Caller) -> Sequence[Cell]:
    lang = caller.lang
    if one.kind == "backdated":
        change = [
            say("console.audit_said", lang, at=moment(one.after)),
            say("console.audit_learned", lang, at=moment(one.before)),
        ]
    else:
        change = [
            field_word(one.field, lang) if one.field else "–",
            f"{field_text(one.field, one.before, lang)} → {field_text(one.field, one.after, lang)}",
        ]
    verdicts = [
        say(
            "console.audit_both", lang, rule=found.rule, recorded=side_text(found.recorded, lang),
            by_time=side_text(found.by_time, lang),
        )
        for _, of_order in caller.engine.differences(one.order_id)
        for found in of_order
        if any(cause.place == one.seq for cause in found.causes)
    ]  # fmt: skip
    return (
        *_of_mark(one, caller), _who(one, lang), Cell(one.unit), Cell(change[0], change[1:]), Cell(one.why),
        Cell(verdicts[0] if verdicts else say("console.audit_same", lang), verdicts[1:]),
    )  # fmt: skip


def _endings(caller: Caller, view: View) -> Shown:
    lang, every = caller.lang, caller.engine.auditing.endings
    found = every.look()
    if found is None:
        return Shown(reading=every.progress)
    last = within(found, view.minutes)
    rows, following = rows_of(last, view.choice, view.after, ROWS)
    total, facets = _facets(last, view, caller)
    choose = [
        Value(
            say("console.audit_minutes", lang, minutes=one), len(within(found, one)), view.link(minutes=one),
            view.minutes == one,
        )
        for one in _MINUTES
    ]  # fmt: skip
    return Shown(
        _columns(lang, "done", "order", "rule", "unit", "due", "left"),
        [_ending(one, caller) for one in rows], following, total,
        [(say("console.audit_by_minutes", lang), choose), *facets],
        units=by_unit(found, last, view.unit, view.month, view.rule),
    )  # fmt: skip


def _ending(one: Ending, caller: Caller) -> Sequence[Cell]:
    rules = caller.engine.books.latest
    row = rules.clocks.get(one.rule)
    label = "" if row is None else row.zh if caller.lang == "zh" else row.en
    left = span(one.left.total_seconds(), caller.lang)
    return (
        Cell(moment(one.done_at), wrap=False), _order(one.order_id, caller),
        Cell(label or one.rule, [f"{one.rule} {one.clause}"]), Cell(one.unit or "–"),
        Cell(moment(one.due_at), wrap=False), Cell(left, wrap=False),
    )  # fmt: skip


def _deviations(caller: Caller, view: View) -> Shown:
    lang, every = caller.lang, caller.engine.auditing.deviations
    found = every.look()
    if found is None:
        return Shown(reading=every.progress)
    rows, following = rows_of(found, view.choice, view.after, ROWS)
    total, facets = _facets(found, view, caller)
    columns = _columns(lang, "written", "order", "what", "person", "unit", "rule", "objects")
    return Shown(columns, [_deviation(one, caller) for one in rows], following, total, facets)


def _deviation(one: Deviated, caller: Caller) -> Sequence[Cell]:
    lang = caller.lang
    rules = caller.engine.books.of(one.version)
    of = say("console.audit_entry", lang, seq=one.seq)
    at = [say("console.audit_said", lang, at=moment(one.at))] if one.at != one.recorded_at else []
    return (
        Cell(moment(one.recorded_at), at, wrap=False), _order(one.order_id, caller),
        Cell(event_label(one.event, lang), [of], _entry(one.order_id, one.seq, caller), wrap=False),
        Cell(one.actor or "–"), Cell(one.unit or "–"),
        Cell(
            _rule(one.rule, caller) if one.rule else say("console.audit_life", lang), [one.finding.clause]
        ),
        Cell(reason(one.finding, rules, lang)),
    )  # fmt: skip


def _sights(caller: Caller, view: View) -> Shown:
    lang, accounts = caller.lang, caller.engine.accounts
    day = date.fromisoformat(view.day) if _is_day(view.day) else None
    before = _place(view.after) if view.after else None
    found = accounts.sights(view.order, view.person, ROWS + 1, day=day, before=before)
    rows = found[:ROWS]
    following = f"{rows[-1].at.isoformat()}|{rows[-1].position}" if len(found) > ROWS else ""
    today = caller.engine.now().astimezone(BEIJING).date()
    days = [str(today - timedelta(days=number)) for number in range(_DAYS)]
    names = sorted({one.name for one in accounts.all()})
    choices: Mapping[str, Sequence[str]] = {"person": names[:_FACET_MOST], "day": days}
    facets = [
        (
            say(f"console.audit_by_{name}", lang),
            [Value(one, None, view.link(**{name: one}), getattr(view, name) == one) for one in values],
        )
        for name, values in choices.items()
    ]
    columns = _columns(lang, "looked", "person", "unit", "order", "looked_at")
    return Shown(columns, [_sight(one, view, lang) for one in rows], following, None, facets)


def _sight(one: Sight, view: View, lang: str) -> Sequence[Cell]:
    name, _, of = one.what.partition(":")
    what = say(f"console.looked_{name}", lang, of=of) if f"console.looked_{name}" in texts() else one.what
    order = Cell(one.order_id, href=view.link(order=one.order_id), wrap=False)
    return (
        Cell(moment(one.at), wrap=False),
        Cell(one.name, [role_named(one.role, lang)], view.link(person=one.name)),
        Cell(one.unit or "–"), order if one.order_id else Cell(say("console.audit_all_orders", lang)),
        Cell(what),
    )  # fmt: skip


def _is_day(text: str) -> bool:
    try:
        return bool(text) and date.fromisoformat(text).year in _YEARS
    except ValueError:
        return False


def _place(text: str) -> SightPlace:
    """Read after which line to go on; raises `UsageError`."""
    at, _, position = text.rpartition("|")
    try:
        found = datetime.fromisoformat(at), int(position)
        if found[0].tzinfo is not None and found[0].year in _YEARS and abs(found[1]) < 2**63:
            return found
    except ValueError:
        pass
    raise UsageError("audit.place", place=text)
