"""
Month (月度考核): ranks and their movement, what made them, what follows, and what another reading changes.

Drawn with the sections of the report (`engine.report`), from the last state of the log that was scored.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from paidan.engine.access.roles import Right
from paidan.engine.console.other import others
from paidan.engine.console.pages import page
from paidan.engine.console.scored import MonthPage, Told, ask, nothing, query, told_of, waiting, wanted
from paidan.engine.errors import UsageError
from paidan.engine.http.callers import Caller, PageOfScores
from paidan.engine.http.scores import Asked, Settings, readings
from paidan.engine.messages import say
from paidan.engine.messages.reasons import moment
from paidan.engine.report.facts import Shown
from paidan.engine.report.sections import style
from paidan.engine.scores import Snapshot
from paidan.engine.scoring import only_scored
from paidan.engine.scoring.compared import Beside, beside
from paidan.engine.scoring.compared_told import change_rows, consequence_rows
from paidan.policies import registry
from paidan.policies.loader import Document
from paidan.policies.reader import shown
from paidan.policies.scoring.periods import containing, days_of

router = APIRouter(include_in_schema=False)

_MONTHS = 12
"""So many months are linked at once."""


@router.get("/month")
def month(
    request: Request, caller: PageOfScores, asked: Annotated[Asked, Depends()], settings: Settings = None
) -> Response:
    """Show a period: the last whole month where none is asked for."""
    name, choices = wanted(caller, asked), readings(settings)
    try:
        told = ask(caller, ("month", name), lambda of: told_of(of, name))
        other = None
        if told is not None and choices:
            period, key = told.value.shown.period.name, ("beside", name, *sorted(choices.items()))
            other = ask(caller, key, lambda of: _beside(of, period, choices))
    except UsageError as error:
        return nothing(request, caller, error, asked)
    if told is None or (choices and other is None):
        return waiting(request, caller)
    facts, view = told.value.shown, told.value.page(caller.lang)
    return page(
        request, "month.html.j2", caller, told=told, facts=facts, view=view, style=style(),
        periods=_periods(told.value, caller.lang), as_of=moment(told.as_of),
        readings=_readings(facts, choices),
        beside=None if other is None else _changes(other.value, view), choices=choices,
        documents=_others(caller),
    )  # fmt: skip


def _others(caller: Caller) -> list[Document]:
    """Give the documents that the log may be set beside itself under, for whoever may take it all."""
    if not caller.account.may(Right.EXPORT):
        return []
    return [registry.document(one) for one in others(caller.engine.policy)]


def _beside(of: Snapshot, name: str, choices: Mapping[str, str]) -> Beside:
    return beside(of.scorings({}).scored(name), of.scorings(choices).scored(name))


class Link(NamedTuple):
    """A period or a reading to go to."""

    text: str
    href: str
    chosen: bool


def _periods(told: Told, lang: str) -> list[list[Link]]:
    """Give the links to the months around the one shown, to earlier and later ones, to quarters and years."""
    facts, every = told.shown, told.months
    now, last = facts.period.name, facts.period.months[-1]
    end = len(every) if last in every[-_MONTHS:] or last not in every else every.index(last) + 1
    start = max(end - _MONTHS, 0)
    months = every[start:end]
    earlier, later = every[:start][-1:], every[end:][:_MONTHS][-1:]
    links = [
        Link(text, f"/month?{query(one)}", chosen=one == now)
        for text, one in (
            *((say("console.month_earlier", lang), one) for one in earlier),
            *zip(months, months, strict=True),
            *((say("console.month_later", lang), one) for one in later),
        )
    ]
    spans = facts.told.scoring.card.spans
    found = [
        dict.fromkeys(containing(one, span, spans).name for one in months) for span in ("quarter", "year")
    ]
    return [links, *([Link(one, f"/month?{query(one)}", one == now) for one in row] for row in found)]


class Choice(NamedTuple):
    """A setting that only scoring reads: how it is read, why there is a choice, the other readings."""

    name: str
    chosen: str
    why: str
    others: Sequence[Link]


def _readings(facts: Shown, choices: Mapping[str, str]) -> list[Choice]:
    run = facts.run
    read = only_scored(run.document, run.document.version_on(days_of(facts.period.months[-1])[0])[0])
    chosen = run.document.choose(run.settings)
    found = []
    for one in run.document.settings.values():
        others = [shown(each) for each in one.readings if shown(each) != shown(chosen[one.name])]
        if one.name in read and not one.planned and others:
            links = [
                Link(each, _with(facts, {**choices, one.name: each}), choices.get(one.name) == each)
                for each in others
            ]
            found.append(Choice(one.name, shown(chosen[one.name]), one.why, links))
    return found


def _with(facts: Shown, choices: Mapping[str, str]) -> str:
    more = urlencode([("set", f"{name}={value}") for name, value in choices.items()])
    return f"/month?{query(facts.period.name)}&{more}#readings"


class Changes(NamedTuple):
    """What another reading changes: tables of headers and rows."""

    units: tuple[list[str], list[list[str]]]
    consequences: tuple[list[str], list[list[str]]]


def _changes(other: Beside, view: MonthPage) -> Changes:
    headers, rows = change_rows(other, view.lang)
    linked = [[view.unit(row[0]), *row[1:]] for row in rows]
    return Changes((headers, linked), consequence_rows(other, view.lang))
