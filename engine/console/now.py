"""
Now (现在): what is under way, what burns first, and what will be late before the next holiday.

Every filter is a link, so that a view can be kept and sent; the list refreshes itself in place.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from paidan.engine.board import Running
from paidan.engine.console.limits import left_natural, left_working, look, month_day, when
from paidan.engine.console.pages import page
from paidan.engine.http.callers import PageOfNow
from paidan.engine.messages import say
from paidan.engine.messages.reasons import moment, state_label
from paidan.policies.calendar import DayKind, WorkCalendar
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import WORKFLOWS
from paidan.workflows.records import BEIJING
from paidan.workflows.work_order import WORK_ORDER

router = APIRouter(include_in_schema=False)

ROWS = 60
"""Orders on one page."""
_HOUR = timedelta(hours=1)
_FAR_AHEAD_DAYS = 120
_CHOICES = ("show", "state", "unit", "rule", "start")
_WORKFLOW = {one.name: one for one in WORKFLOWS}


@dataclass(frozen=True, slots=True)
class View:
    """What of the board is shown: which tile, and which state, unit and rule; empty is any."""

    show: Annotated[str, Query(max_length=20)] = ""
    state: Annotated[str, Query(max_length=40)] = ""
    unit: Annotated[str, Query(max_length=80)] = ""
    rule: Annotated[str, Query(max_length=20)] = ""
    start: Annotated[int, Query(ge=0, le=1_000_000)] = 0

    def link(self, **other: str | int) -> str:
        """Give the address of another view; what is chosen already is let go of again."""
        chosen: dict[str, Any] = {
            name: "" if getattr(self, name) == value else value for name, value in other.items()
        }
        said = replace(self, **{"start": 0, **chosen})
        told = {
            name: value
            for name in ("show", "state", "unit", "rule", "start")
            if (value := getattr(said, name))
        }
        return "/now" + (f"?{urlencode(told)}" if told else "")


Shows = Mapping[str, Callable[[Running], bool]]
"""What each tile stands for, as a question about an order."""


class Moments(NamedTuple):
    """The instants a board is parted by: now, in an hour, the end of the day, the last before a holiday."""

    now: datetime
    hour: datetime
    tonight: datetime
    holiday: datetime | None
    named: str


class Tile(NamedTuple):
    """A figure on top: what it counts, how many, its link, and how urgent it looks."""

    name: str
    label: str
    number: int
    href: str
    chosen: bool
    look: str


class Shown(NamedTuple):
    """A line of the list: the order, its soonest duty in words, and every limit that runs."""

    one: Running
    state: str
    look: str
    left: str
    due: str
    working: str
    rule: str
    label: str
    clause: str
    others: Sequence[tuple[str, str, str]]


@router.get("/now")
def now(request: Request, caller: PageOfNow, view: Annotated[View, Depends()]) -> Response:
    """Show the board."""
    rules = caller.engine.books.latest.at(caller.engine.now())
    moments = _moments(caller.engine.now(), rules.calendar, caller.lang)
    every = caller.running()
    chosen = [one for one in every if _chosen(one, view)]
    shows = _shows(moments)
    listed = [one for one in chosen if shows[view.show if view.show in shows else ""](one)]
    rows = [_shown(one, moments, rules, caller.lang) for one in islice(listed, view.start, view.start + ROWS)]
    template = "now_list.html.j2" if request.headers.get("hx-request") else "now.html.j2"
    return page(
        request, template, caller, view=view, rows=rows, total=len(listed), moments=moments,
        tiles=_tiles(chosen, shows, view, caller.lang, moments),
        facets=_facets(every, view, shows, rules, caller.lang),
        before=view.link(start=max(0, view.start - ROWS)) if view.start else "",
        after=view.link(start=view.start + ROWS) if view.start + ROWS < len(listed) else "",
        here=view.link(start=view.start) if view.start else view.link(), as_of=moment(moments.now),
    )  # fmt: skip


def _chosen(one: Running, view: View) -> bool:
    return (
        view.state in ("", _state(one))
        and view.unit in ("", one.unit)
        and (not view.rule or any(limit.rule == view.rule for limit in one.limits))
    )


def _state(one: Running) -> str:
    """Name a state so that no other has its name: cases have some that orders have too."""
    return one.state if one.workflow == WORK_ORDER.name else f"{one.workflow}.{one.state}"


def _state_label(one: Running, lang: str) -> str:
    workflow = _WORKFLOW[one.workflow]
    told = state_label(one.state, lang, workflow)
    return told if workflow is WORK_ORDER else f"{workflow.zh if lang == 'zh' else workflow.en} · {told}"


def _moments(at: datetime, calendar: WorkCalendar, lang: str) -> Moments:
    tonight = datetime.combine(at.date(), time.max, BEIJING)
    ahead = islice(calendar.days(at.date(), at.date() + timedelta(days=_FAR_AHEAD_DAYS)), _FAR_AHEAD_DAYS)
    holiday = next((day for day in ahead if day.kind is DayKind.HOLIDAY), None)
    if holiday is None:
        return Moments(at, at + _HOUR, tonight, None, "")
    begins = datetime.combine(holiday.on, time.min, BEIJING)
    named = say("console.now_named", lang, holiday=holiday.holiday or "", day=month_day(holiday.on, lang))
    return Moments(at, at + _HOUR, tonight, begins, named)


def _shows(moments: Moments) -> Shows:
    """Give what each tile stands for, as a question about an order."""

    def due_by(until: datetime | None) -> Callable[[Running], bool]:
        def asks(one: Running) -> bool:  # an order that is late with one duty may have another still to come
            soonest = one.due_at
            if until is None or soonest is None or soonest >= until:
                return False
            return soonest >= moments.now or any(
                limit.kind == "duty" and moments.now <= limit.due_at < until for limit in one.limits
            )

        return asks

    return {
        "late": lambda one: one.due_at is not None and one.due_at < moments.now,
        "hour": due_by(moments.hour),
        "today": due_by(moments.tonight),
        "holiday": due_by(moments.holiday),
        "windows": lambda one: any(
            limit.kind == "window" and moments.now <= limit.due_at < moments.tonight for limit in one.limits
        ),
        "": lambda one: True,  # noqa: ARG005 - a question like the others
    }


def _tiles(chosen: Sequence[Running], shows: Shows, view: View, lang: str, at: Moments) -> list[Tile]:
    looks = {"late": "late", "hour": "soon", "today": "soon"}
    return [
        Tile(
            name, say(f"console.now_{name or 'all'}", lang, holiday=at.named), sum(map(asks, chosen)),
            view.link(show=name), view.show == name, looks.get(name, ""),
        )
        for name, asks in shows.items()
        if name != "holiday" or at.holiday is not None
    ]  # fmt: skip


def _facets(
    every: Sequence[Running], view: View, shows: Shows, rules: Rulebook, lang: str
) -> list[tuple[str, list[tuple[str, int, str, bool]]]]:
    """Give the lists to choose from: of each its label and its values with how many there are."""
    asks = shows[view.show if view.show in shows else ""]
    there = [one for one in every if asks(one)]
    of = {
        "state": Counter((_state(one), _state_label(one, lang)) for one in there),
        "unit": Counter((one.unit, one.unit) for one in there if one.unit),
        "rule": Counter(
            (name, f"{name} {_label(name, rules, lang)}".strip())
            for one in there
            for name in {limit.rule for limit in one.limits}
        ),
    }
    return [
        (
            say(f"console.now_by_{name}", lang),
            [
                (label, count, view.link(**{name: value}), getattr(view, name) == value)
                for (value, label), count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
            ],
        )
        for name, counts in of.items()
    ]


def _shown(one: Running, at: Moments, rules: Rulebook, lang: str) -> Shown:
    duty = next((limit for limit in one.limits if limit.kind == "duty"), None)
    others = [
        limit
        for limit in one.limits
        if limit is not duty and (limit.kind == "duty" or limit.due_at >= at.now)
    ]
    state = _state_label(one, lang)
    told = [
        (
            f"{limit.rule} {limit.clause}",
            f"{_label(limit.rule, rules, lang) or limit.rule} "
            + say(f"console.{limit.kind}_until", lang, due=when(limit.due_at, at.now, lang)),
            look(limit.due_at, at.now, rules),
        )
        for limit in others
    ]
    if duty is None:
        return Shown(one, state, "", "", "", "", "", "", "", told)
    label = _label(duty.rule, rules, lang)
    return Shown(
        one, state, look(duty.due_at, at.now, rules), left_natural(duty.due_at, at.now, lang),
        when(duty.due_at, at.now, lang), left_working(duty.due_at, at.now, rules, lang),
        duty.rule, label, duty.clause, told,
    )  # fmt: skip


def _label(rule: str, rules: Rulebook, lang: str) -> str:
    row = rules.clocks.get(rule)
    return "" if row is None else row.zh if lang == "zh" else row.en
