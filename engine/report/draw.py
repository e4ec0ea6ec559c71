"""
Pictures as inline SVG: what a total is made of, places won and lost, ranks over months, rates of all units.

Colours are classes of the page's style, so that light, dark and paper each have their own. Text is
escaped. No colour says what no shape says too.
"""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple
from unicodedata import east_asian_width

from markupsafe import Markup

from paidan.policies.scoring import figures

Number = int | Fraction
NOTHING = Markup()


class Bar(NamedTuple):
    """A part of a bar: how wide it is, how much of it is filled (None: undefined), and what to tell."""

    width: Fraction
    filled: Fraction | None
    tell: str
    shared: bool = False


class Dot(NamedTuple):
    """A unit's rate; `met` None where there is no target."""

    value: Fraction
    met: bool | None
    tell: str


class Line(NamedTuple):
    """A unit's ranks over months; `kind` is `top`, `low`, `up`, `down` for those named, else empty."""

    name: str
    ranks: tuple[int | None, ...]
    low: bool
    kind: str


def bars(parts: Sequence[Bar], *, label: str) -> Markup:
    """Draw what a total is made of: a slot for each item, as wide as its points, filled as far as got."""
    whole = sum((part.width for part in parts), Fraction(0))
    if not whole:
        return NOTHING
    drawn, left = [], Fraction(0)
    for part in parts:
        width = part.width * 1000 / whole
        inner = width - 5
        track = "none" if part.filled is None else "shared" if part.shared else "lost"
        drawn.append(
            Markup('<g><title>{}</title><rect class="{}" x="{}" width="{}" height="14"/>').format(
                part.tell, track, _n(left), _n(inner)
            )
        )
        if part.filled:
            got = inner * min(part.filled, Fraction(1))
            drawn.append(
                Markup('<rect class="got" x="{}" width="{}" height="14"/>').format(_n(left), _n(got))
            )
        drawn.append(Markup("</g>"))
        left += width
    return Markup(
        '<svg class="bars" viewBox="0 0 995 14" preserveAspectRatio="none" role="img" aria-label="{}">'
        "{}</svg>"
    ).format(label, NOTHING.join(drawn))


def shift(now: int | None, before: int | None, last: int) -> Markup:
    """Draw a unit's place on a line from the first to the last: a ring where it was, a dot where it is."""
    span = max(last - 1, 1)

    def at(rank: int) -> Fraction:
        return 7 + Fraction((rank - 1) * 126, span)

    drawn = [Markup('<path class="axis" d="M7 9H133"/>')]
    if before is not None and now is not None and before != now:
        way = "up" if now < before else "down"
        drawn.append(Markup('<path class="way {}" d="M{} 9H{}"/>').format(way, _n(at(before)), _n(at(now))))
    if before is not None and before != now:
        drawn.append(Markup('<circle class="was" cx="{}" cy="9" r="3.6"/>').format(_n(at(before))))
    if now is not None:
        drawn.append(Markup('<circle class="is" cx="{}" cy="9" r="4.6"/>').format(_n(at(now))))
    return Markup('<svg class="shift" width="140" height="18" aria-hidden="true">{}</svg>').format(
        NOTHING.join(drawn)
    )


_SPARK_WIDE, _SPARK_HIGH = 132, 18


def spark(ranks: Sequence[int | None], last: int) -> Markup:
    """Draw a unit's ranks over months as a small line, the first place on top, the latest as a dot."""
    step = Fraction(_SPARK_WIDE - 8, max(len(ranks) - 1, 1))

    def place(at: int, rank: int) -> tuple[Fraction, Fraction]:
        return 4 + at * step, 4 + Fraction((rank - 1) * (_SPARK_HIGH - 8), max(last - 1, 1))

    points = [None if rank is None else place(at, rank) for at, rank in enumerate(ranks)]
    drawn = [
        Markup('<polyline points="{}"/>').format(" ".join(f"{_n(x)},{_n(y)}" for x, y in run))
        for run in _runs(points)
    ]
    if points and points[-1] is not None:
        drawn.append(Markup('<circle cx="{}" cy="{}" r="3.4"/>').format(*map(_n, points[-1])))
    return Markup('<svg class="spark" width="{}" height="{}" aria-hidden="true">{}</svg>').format(
        _SPARK_WIDE, _SPARK_HIGH, NOTHING.join(drawn)
    )


def gauge(value: Fraction | None, target: Fraction | None) -> Markup:
    """Draw a rate as a bar from 0 to 1, with a notch at its target."""
    drawn = [Markup('<rect class="track" width="1000" height="8" rx="0"/>')]
    if value is not None:
        drawn.append(
            Markup('<rect class="got" width="{}" height="8"/>').format(_n(1000 * min(value, Fraction(1))))
        )
    if target is not None:
        drawn.append(Markup('<rect class="mark" x="{}" width="6" height="8"/>').format(_n(994 * target)))
    return Markup(
        '<svg class="gauge" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(NOTHING.join(drawn))


_LEFT, _RIGHT, _TOP, _BASE = 38, 256, 18, 158
_FEW, _SOME = 40, 150


def curve(
    dots: Sequence[Dot],
    *,
    whole: tuple[Fraction, str] | None,
    target: tuple[Fraction, str] | None,
    label: str,
) -> Markup:
    """
    Draw the rates of all units side by side, lowest left, on a scale from 0 to 100 %.

    A unit below the target is a ring. `whole` and `target` are lines with their labels.
    """

    def y(value: Fraction) -> Fraction:
        return _BASE - (_BASE - _TOP) * value

    drawn = [
        Markup('<path class="grid" d="M{} {}H{}"/><text class="tick" x="{}" y="{}">{}%</text>').format(
            _LEFT, _n(y(Fraction(at, 100))), _RIGHT, _LEFT - 6, _n(y(Fraction(at, 100)) + 4), at
        )
        for at in (0, 50, 100)
    ]
    for name, line in (("whole", whole), ("target", target)):
        if line is not None:
            drawn.append(
                Markup('<path class="{}" d="M{} {}H{}"/>').format(name, _LEFT, _n(y(line[0])), _RIGHT)
            )
    many = len(dots)
    radius = Fraction(7, 2) if many <= _FEW else Fraction(12, 5) if many <= _SOME else Fraction(6, 5)
    room = _RIGHT - _LEFT - 16
    for place, dot in enumerate(dots):
        x = _LEFT + 8 + (Fraction(place * room, many - 1) if many > 1 else Fraction(room, 2))
        drawn.append(
            Markup('<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
                "below" if dot.met is False else "dot", _n(x), _n(y(dot.value)), _n(radius), dot.tell
            )
        )
    drawn.append(_labels([line for line in (whole, target) if line is not None], y))
    return Markup('<svg class="curve" viewBox="0 0 260 166" role="img" aria-label="{}">{}</svg>').format(
        label, NOTHING.join(drawn)
    )


def _labels(lines: Sequence[tuple[Fraction, str]], y: Callable[[Fraction], Fraction]) -> Markup:
    """Label the upper line above its left end, where no unit is; a lower one below its right end."""
    placed = sorted((y(value), text) for value, text in lines)
    drawn = []
    for place, (at, text) in enumerate(placed):
        under = place > 0
        drawn.append(
            Markup('<text class="label{}" x="{}" y="{}">{}</text>').format(
                " end" if under else "",
                _RIGHT if under else _LEFT + 4,
                _n(at + 13 if under else at - 5),
                text,
            )
        )
    return NOTHING.join(drawn)


_PITCH = 16


def ranks(lines: Sequence[Line], periods: Sequence[str], *, label: str) -> Markup:
    """
    Draw the ranks of units over months, the best on top; those with a `kind` are named at the end.

    A month without a rank breaks the line; a ring marks where a unit ended among the last.
    """
    last = max((rank for line in lines for rank in line.ranks if rank is not None), default=1)
    named = [line for line in lines if line.kind and line.ranks[-1] is not None]
    height = max(150, min(380, last * 19), _PITCH * len(named) + 10)
    left, right, top, base = 34, 760, 26, 26 + height
    step = Fraction(right - left, max(len(periods) - 1, 1))

    def y(rank: int) -> Fraction:
        return top + Fraction((rank - 1) * height, max(last - 1, 1))

    drawn = [
        Markup(
            '<path class="grid" d="M{0} {1}V{2}"/><text class="month{4}" x="{0}" y="14">{3}</text>'
        ).format(_n(left + step * at), top, base, period, " last" if at and at == len(periods) - 1 else "")
        for at, period in enumerate(periods)
    ]
    drawn += [
        Markup('<text class="tick" x="{}" y="{}">{}</text>').format(left - 10, _n(y(rank) + 4), rank)
        for rank in dict.fromkeys((1, last))
    ]
    for line in sorted(lines, key=lambda one: bool(one.kind)):
        points = [None if rank is None else (left + step * at, y(rank)) for at, rank in enumerate(line.ranks)]
        drawn.append(_line(line, points))
    drawn.append(_names(named, y, right, base))
    return Markup('<svg class="ranks" viewBox="0 0 980 {}" role="img" aria-label="{}">{}</svg>').format(
        base + 14, label, NOTHING.join(drawn)
    )


def _line(line: Line, points: Sequence[tuple[Fraction, Fraction] | None]) -> Markup:
    kind = line.kind or "other"
    drawn = [
        Markup('<polyline class="rank {}" points="{}"/>').format(
            kind, " ".join(f"{_n(x)},{_n(y)}" for x, y in run)
        )
        for run in _runs(points)
        if len(run) > 1
    ]
    for at, point in enumerate(points):
        alone = line.kind or (point and _alone(points, at))
        if point is not None and alone:
            x, y = point
            ring = line.kind == "low" and at == len(points) - 1
            drawn.append(
                Markup('<circle class="end {}" cx="{}" cy="{}" r="{}"/>').format(
                    "ring" if ring else kind, _n(x), _n(y), "4.5" if at == len(points) - 1 else "2.6"
                )
            )
    return Markup("<g><title>{}</title>{}</g>").format(line.name, NOTHING.join(drawn))


def _alone(points: Sequence[object], at: int) -> bool:
    """Whether no line leads to a point."""
    return not any(0 <= near < len(points) and points[near] is not None for near in (at - 1, at + 1))


def _runs(points: Iterable[tuple[Fraction, Fraction] | None]) -> list[list[tuple[Fraction, Fraction]]]:
    found: list[list[tuple[Fraction, Fraction]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


def _names(named: Sequence[Line], y: Callable[[int], Fraction], right: int, base: int) -> Markup:
    """Write the names at the end of their lines, pushed apart where they would meet."""
    ends = sorted(
        (y(rank), line.name, line) for line in named for rank in line.ranks[-1:] if rank is not None
    )
    drawn, free = [], Fraction(base + _PITCH)
    places: list[Fraction] = []
    for left, (want, _, _) in zip(range(len(ends), 0, -1), reversed(ends), strict=True):
        free = max(min(want, free - _PITCH), Fraction(_PITCH * left))
        places.append(free)
    for at, (want, name, line) in zip(reversed(places), ends, strict=True):
        drawn.append(
            Markup('<path class="lead" d="M{} {}L{} {}"/>').format(right + 7, _n(want), right + 20, _n(at))
        )
        drawn.append(
            Markup('<text class="name {}" x="{}" y="{}">{} {}</text>').format(
                line.kind, right + 24, _n(at + 4), line.ranks[-1], shortened(name, 24)
            )
        )
    return NOTHING.join(drawn)


def shortened(text: str, columns: int) -> str:
    """
    Cut a text to so many columns, a Chinese character taking two.

    >>> shortened("惠风居民区", 8)
    '惠风居…'
    """
    widths = [2 if east_asian_width(character) in "WF" else 1 for character in text]
    if sum(widths) <= columns:
        return text
    kept, room = 0, columns - 2
    while widths[kept] <= room:
        room -= widths[kept]
        kept += 1
    return text[:kept] + "…"


def _n(value: Number) -> str:
    """Write a coordinate, to a tenth."""
    text = figures.shown(Fraction(value), 1)
    return text.removesuffix(".0")
