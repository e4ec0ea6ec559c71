"""
Now (现在): what is under way, what burns first, and what will be late before the next holiday.

Every filter is a link, so that a view can be kept and sent; the list refreshes itself in place.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import chain, islice
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


_SHOWS = ("late", "hour", "today", "holiday", "windows", "")
"""What the tiles stand for; everything stands under the last."""


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
    seen, in_place = caller.running(), bool(request.headers.get("hx-request"))
    if seen is None:
        progress = caller.engine.board.progress
        return Response(status_code=204) if in_place else page(
            request, "now_wait.html.j2", caller, 202, progress=progress
        )  # fmt: skip
    rules = caller.engine.books.latest.at(seen.at)
    moments = _moments(seen.at, rules.calendar, caller.lang)
    every = [(one, _shows(one, moments)) for one in seen.running]
    show = view.show if view.show in _SHOWS else ""
    chosen = [(one, shows) for one, shows in every if _chosen(one, view)]
    listed = [one for one, shows in chosen if show in shows]
    rows = [_shown(one, moments, rules, caller.lang) for one in islice(listed, view.start, view.start + ROWS)]
    template = "now_list.html.j2" if in_place else "now.html.j2"
    return page(
        request, template, caller, view=view, rows=rows, total=len(listed), moments=moments,
        tiles=_tiles([shows for _, shows in chosen], view, caller.lang, moments),
        facets=_facets([one for one, shows in every if show in shows], view, rules, caller.lang),
        before=view.link(start=max(0, view.start - ROWS)) if view.start else "",
        after=view.link(start=view.start + ROWS) if view.start + ROWS < len(listed) else "",
        here=view.link(start=view.start) if view.start else view.link(), as_of=moment(moments.now),
    )  # fmt: skip


def _chosen(one: Running, view: View) -> bool:
    return (
        view.state in ("", _state(one.workflow, one.state))
        and view.unit in ("", one.unit)
        and (not view.rule or any(limit.rule == view.rule for limit in one.limits))
    )


def _state(workflow: str, state: str) -> str:
    """Name a state so that no other has its name: cases have some that orders have too."""
    return state if workflow == WORK_ORDER.name else f"{workflow}.{state}"


def _state_label(of: str, state: str, lang: str) -> str:
    workflow = _WORKFLOW[of]
    told = state_label(state, lang, workflow)
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


def _shows(one: Running, at: Moments) -> tuple[str, ...]:
    """Name the tiles that an order is counted in; one that is late may have another duty still to come."""
    shows = [""]
    if one.due_at is not None and one.due_at < at.now:
        shows.append("late")
    coming = [limit for limit in one.limits if limit.due_at >= at.now]  # the soonest first
    if duty := next((limit for limit in coming if limit.kind == "duty"), None):
        until = (("hour", at.hour), ("today", at.tonight), ("holiday", at.holiday))
        shows += [name for name, end in until if end is not None and duty.due_at < end]
    if any(limit.kind == "window" and limit.due_at < at.tonight for limit in coming):
        shows.append("windows")
    return tuple(shows)


def _tiles(shows: Iterable[tuple[str, ...]], view: View, lang: str, at: Moments) -> list[Tile]:
    looks = {"late": "late", "hour": "soon", "today": "soon"}
    numbers = Counter(chain.from_iterable(shows))
    return [
        Tile(
            name, say(f"console.now_{name or 'all'}", lang, holiday=at.named), numbers[name],
            view.link(show=name), view.show == name, looks.get(name, ""),
        )
        for name in _SHOWS
        if name != "holiday" or at.holiday is not None
    ]  # fmt: skip


def _facets(
    there: Sequence[Running], view: View, rules: Rulebook, lang: str
) -> list[tuple[str, list[tuple[str, int, str, bool]]]]:
    """Give the lists to choose from: of each its label and its values with how many there are."""
    states = Counter((one.workflow, one.state) for one in there)
    by_rule = Counter(chain.from_iterable({limit.rule for limit in one.limits} for one in there))
    of = {
        "state": Counter({(_state(*one), _state_label(*one, lang)): count for one, count in states.items()}),
        "unit": Counter({(unit, unit): n for unit, n in Counter(one.unit for one in there).items() if unit}),
        "rule": Counter(
            {(name, f"{name} {_label(name, rules, lang)}".strip()): count for name, count in by_rule.items()}
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
    state = _state_label(one.workflow, one.state, lang)
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
