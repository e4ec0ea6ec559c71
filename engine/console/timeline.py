"""
An order's clocks as bars on one axis of time, drawn from what the log itself tells of each.

A bar is as wide as the page: places are percentages, so that text and marks keep their size on any screen.
No colour says what no shape says too.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from markupsafe import Markup

from paidan.engine.explain import Story
from paidan.policies.calendar import WorkCalendar
from paidan.policies.clocks import Verdict, verdict
from paidan.policies.deadlines import Working
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import BEIJING

_DAY = timedelta(days=1)
_ROOM = 0.1
"""Of an axis: how much a word needs before or after it."""
_TICKS = 9
"""At most so many labels on an axis."""
_STEPS = (
    *(timedelta(minutes=count) for count in (1, 5, 10, 15, 30)),
    *(timedelta(hours=count) for count in (1, 2, 3, 6, 12)),
    *(timedelta(days=count) for count in (1, 2, 3, 5, 7, 14, 30, 60, 120, 360)),
)
_NIGHTS = timedelta(days=6)
"""The longest span on which nights can be told from days."""
_NAMED = 0.08
"""The part of the axis on which there is room for the name of a holiday."""
_LEAST = timedelta(minutes=2)
_NOTHING = Markup()


class Piece(NamedTuple):
    """A part of a limit, and whether it counts."""

    begins: datetime
    ends: datetime
    counted: bool


class Axis:
    """The time that is drawn: from when to when, and which of it nobody works."""

    def __init__(self, first: datetime, last: datetime) -> None:
        span = max(last - first, _LEAST)
        self.first = first - span / 50
        self.last = first + span + span / 25
        self.span = self.last - self.first
        self.ground: Markup | None = None
        """What lies under every bar on it, as of when it was first drawn."""

    def at(self, instant: datetime) -> str:
        """Give the place of an instant, as a percentage."""
        return f"{min(max((instant - self.first) / self.span, 0), 1) * 100:.2f}%"

    def width(self, begins: datetime, ends: datetime) -> str:
        """Give the width of a stretch, as a percentage; what is outside is left out."""
        begins, ends = max(begins, self.first), min(ends, self.last)
        return f"{max((ends - begins) / self.span, 0) * 100:.2f}%"

    def ticks(self) -> Iterator[tuple[datetime, bool]]:
        """Give the instants that are written on it, and whether each begins a day."""
        step = next((one for one in _STEPS if self.span / one <= _TICKS), _STEPS[-1])
        begins = datetime.combine(self.first.astimezone(BEIJING).date(), time.min, BEIJING)
        passed = -(-(self.first - begins) // step)
        while (tick := begins + passed * step) < self.last - self.span / 25:
            yield tick, tick.time() == time.min
            passed += 1

    def rest(self, calendar: WorkCalendar) -> Iterator[tuple[datetime, datetime, str]]:
        """Give the days nobody works, those that follow one another as one, with what they are called."""
        begins: date | None = None
        named = ""
        first, last = self.first.astimezone(BEIJING).date(), self.last.astimezone(BEIJING).date()
        if calendar.unknown_year == "refuse":
            last = min(last, calendar.horizon_on)
        for day in calendar.days(first - _DAY, last):
            if day.working and begins is not None:
                yield _midnight(begins), _midnight(day.on), named
                begins, named = None, ""
            elif not day.working:
                begins, named = begins or day.on, named or day.holiday or ""
        if begins is not None:
            yield _midnight(begins), _midnight(last + _DAY), named

    def nights(self, opens: time, closes: time) -> Iterator[tuple[datetime, datetime]]:
        """Give the nights between office hours, where the span is short enough for them to be seen."""
        if self.span > _NIGHTS:
            return
        on = self.first.astimezone(BEIJING).date() - _DAY
        while _midnight(on) < self.last:
            yield (
                datetime.combine(on, closes, BEIJING), datetime.combine(on + _DAY, opens, BEIJING),
            )  # fmt: skip
            on += _DAY


def axis_of(stories: Sequence[Story], began_at: datetime, as_of: datetime, rules: Rulebook) -> Axis:
    """Give the axis on which all clocks of an order can be seen."""
    ends = [began_at]
    for story in stories:
        ends += [story.clock.due_at, *(entry.at for entry, *_ in story.chapters)]
        if verdict(story.clock, rules, as_of) in (Verdict.OPEN, Verdict.OVERDUE):
            ends.append(as_of)
    return Axis(min(began_at, *(story.clock.started_at for story in stories), *ends), max(ends))


def own_axis(story: Story, as_of: datetime, rules: Rulebook) -> Axis:
    """Give the axis of one clock alone, so that a short one can be read beside a long one."""
    return axis_of((story,), story.clock.started_at, as_of, rules)


def pieces(working: Working, rules: Rulebook) -> list[Piece]:
    """Give the parts of a limit from its start to its due time, as they were counted."""
    found: list[Piece] = []
    for one in _pieces(working, rules):
        begins, ends = max(one.begins, working.started_at), min(one.ends, working.due.at)
        if begins >= ends:
            continue
        if found and found[-1].counted == one.counted and found[-1].ends >= begins:
            found[-1] = found[-1]._replace(ends=ends)
        else:
            found.append(Piece(begins, ends, one.counted))
    return found


def _pieces(working: Working, rules: Rulebook) -> Iterator[Piece]:
    limit, since, due_at = working.limit, working.counted_from, working.due.at
    if limit.smallest_of:
        yield from _pieces(min(working.parts, key=lambda part: part.due.at), rules)
        return
    yield Piece(working.started_at, since, counted=False)
    if not working.days:
        counted_from = _midnight(since.astimezone(BEIJING).date() + _DAY) if limit.days else since
        yield Piece(since, counted_from, counted=False)
        yield Piece(counted_from, due_at, counted=True)
        return
    yield Piece(since, _midnight(working.days[0].on), counted=False)
    for day in working.days:
        if limit.working_days is not None or not day.working:
            yield Piece(_midnight(day.on), _midnight(day.on + _DAY), day.working)
            continue
        settings = rules.policy.settings
        opens, closes = (
            datetime.combine(day.on, settings[f"office.{name}"], BEIJING) for name in ("opens", "closes")
        )
        yield Piece(_midnight(day.on), opens, counted=False)
        yield Piece(max(opens, since), closes, counted=True)
        yield Piece(closes, _midnight(day.on + _DAY), counted=False)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, BEIJING)


def axis_drawn(axis: Axis, rules: Rulebook, as_of: datetime, now_label: str) -> Markup:
    """Draw the axis, with the names of holidays and where now is."""
    drawn = [_ground(axis, rules, as_of)]
    for begins, ends, named in axis.rest(rules.calendar):
        if named and (ends - begins) / axis.span > _NAMED:
            drawn.append(
                Markup('<text class="rest" x="{}" dx="3" y="13">{}</text>').format(axis.at(begins), named)
            )
    days = True
    year = as_of.astimezone(BEIJING).year
    for tick, is_day in axis.ticks():
        local = tick.astimezone(BEIJING)
        text = f"{local:%m-%d}" if is_day else f"{local:%m-%d %H:%M}" if days else f"{local:%H:%M}"
        room = (tick - axis.first) / axis.span < 1 - _ROOM
        if (is_day or days) and room and local.year != year:  # where it is not this one, and where it changes
            text, year = f"{local:%Y-}{text}", local.year
        days = False
        drawn.append(
            Markup('<g class="tick {}"><line x1="{x}" x2="{x}" y1="18" y2="36"/>'
                   '<text x="{x}" dx="3" y="31">{}</text></g>').format(
                "day" if is_day else "", text, x=axis.at(tick))
        )  # fmt: skip
    if axis.first < as_of < axis.last:
        anchor, aside = ("start", 3) if (as_of - axis.first) / axis.span < _ROOM else ("end", -3)
        drawn.append(
            Markup('<text class="now" x="{}" y="13" text-anchor="{}" dx="{}">{}</text>').format(
                axis.at(as_of), anchor, aside, now_label
            )
        )
    return Markup('<svg class="axis" height="36" aria-hidden="true">{}{}</svg>').format(
        _HATCH, _NOTHING.join(drawn)
    )


_HATCH = Markup(
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)">'
    '<rect width="6" height="6" class="hatch-ground"/><line x1="0" y1="0" x2="0" y2="6" class="hatch-line"/>'
    "</pattern></defs>"
)


def _ground(axis: Axis, rules: Rulebook, as_of: datetime) -> Markup:
    if axis.ground is None:
        axis.ground = _ground_drawn(axis, rules, as_of)
    return axis.ground


def _ground_drawn(axis: Axis, rules: Rulebook, as_of: datetime) -> Markup:
    settings = rules.policy.settings
    drawn = [
        Markup('<rect class="night" x="{}" width="{}" height="100%"/>').format(
            axis.at(begins), axis.width(begins, ends)
        )
        for begins, ends in axis.nights(settings["office.opens"], settings["office.closes"])
    ]
    drawn += [
        Markup('<rect class="off" x="{}" width="{}" height="100%"/>').format(
            axis.at(begins), axis.width(begins, ends)
        )
        for begins, ends, _ in axis.rest(rules.calendar)
    ]
    if axis.first < as_of < axis.last:
        drawn.append(
            Markup('<line class="now" x1="{x}" x2="{x}" y1="0" y2="100%"/>').format(x=axis.at(as_of))
        )
    return _NOTHING.join(drawn)


def bar(story: Story, axis: Axis, rules: Rulebook, as_of: datetime, *, numbered: bool) -> Markup:
    """Draw a clock: its limit as it was counted, how much of it was used, and what happened to it."""
    clock, came_to = story.clock, verdict(story.clock, rules, as_of)
    working = next((one for *_, one in reversed(story.chapters) if one is not None), None)
    drawn = [_ground(axis, rules, as_of)]
    for one in pieces(working, rules) if working else ():
        kind = "counted" if one.counted else "uncounted"
        drawn.append(_stretch(axis, kind, (one.begins, one.ends), 8, 14))
    ended_at = clock.done_at or (_ended_at(story) if clock.void or clock.shut else None)
    used_until = ended_at or as_of
    drawn.append(_stretch(axis, "used", (clock.started_at, min(used_until, clock.due_at)), 13, 4))
    if came_to in (Verdict.LATE, Verdict.OVERDUE):
        drawn.append(_stretch(axis, "over", (clock.due_at, used_until), 11, 8))
    drawn += [
        _mark(axis, "was-due", before.due_at, "M0 6V24")
        for _, before, now, _ in story.chapters
        if before is not None and before.due_at != now.due_at
    ]
    drawn.append(_mark(axis, "due", clock.due_at, "M0 3V25M0 3h7l-2 3 2 3h-7"))
    drawn.append(_mark(axis, "start", clock.started_at, "M0 9l7 6-7 6z"))
    if clock.raised_at is not None:
        drawn.append(_mark(axis, "raised", clock.raised_at, "M10 22h3v3h-3zM10 12h3v8h-3z"))
    if ended_at is not None:
        shape = (
            "M-5 10L5 20M5 10L-5 20" if clock.void or clock.shut else _ENDS.get(came_to, _ENDS[Verdict.MET])
        )
        drawn.append(_mark(axis, f"end {came_to}", ended_at, shape))
    if numbered:
        drawn += _numbers(axis, [entry.at for entry, *_ in story.chapters])
    height = 46 if numbered else 30
    return Markup('<svg class="bar-drawn" height="{}" aria-hidden="true">{}</svg>').format(
        height, _NOTHING.join(drawn)
    )


_ENDS = {Verdict.MET: "M-5 15a5 5 0 1 0 10 0a5 5 0 1 0-10 0", Verdict.LATE: "M0 8l7 7-7 7-7-7z"}
"""A disc for what was met, a diamond for what was late."""


def _ended_at(story: Story) -> datetime | None:
    """Say when a clock that nobody met was void, or its window shut before it had passed."""
    clock = story.clock
    ended = next((entry.at for entry, _, now, _ in story.chapters if now.void or now.shut), None)
    return None if ended is None or (clock.shut and ended > clock.due_at) else ended


def _stretch(axis: Axis, kind: str, of: tuple[datetime, datetime], y: int, height: int) -> Markup:
    return Markup('<rect class="{}" x="{}" width="{}" y="{}" height="{}"/>').format(
        kind, axis.at(of[0]), axis.width(*of), y, height
    )


def _mark(axis: Axis, kind: str, at: datetime, shape: str) -> Markup:
    return Markup('<svg x="{}" overflow="visible"><path class="mark {}" d="{}"/></svg>').format(
        axis.at(at), kind, shape
    )


def _numbers(axis: Axis, instants: Iterable[datetime]) -> Iterator[Markup]:
    """Give what happened the numbers of the list below; what lies too close for two shares a place."""
    places: list[tuple[datetime, list[int]]] = []
    for number, at in enumerate(instants, 1):
        if places and abs(at - places[-1][0]) < axis.span / 40:
            places[-1][1].append(number)
        else:
            places.append((at, [number]))
    for at, numbers in places:
        yield Markup('<text class="number" x="{}" y="41" text-anchor="middle">{}</text>').format(
            axis.at(at), "·".join(map(str, numbers))
        )
