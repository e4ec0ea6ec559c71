"""
A workflow as a drawing of its states, with the way an order took lit and numbered.

The layout follows from the workflow alone: states stand below those that lead to them, in the order in which
the workflow names them; what skips a step goes round on the right, what leads back on the left.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from paidan.workflows.definition import START, Workflow

_STEP, _ACROSS = 66, 158
_BOX, _HEIGHT = 132, 36
_NOTHING = Markup()


class Step(NamedTuple):
    """A change of state: its number, the states, what is told of it."""

    number: int
    source: str
    target: str
    tell: str


class Place(NamedTuple):
    """Where a state stands: the middle of its box, and how far down."""

    x: float
    y: float
    layer: int


def drawn(workflow: Workflow, way: Sequence[Step], state: str, *, lang: str, label: str, now: str) -> Markup:
    """Draw a workflow with the way that was taken and the state it led to."""
    places = _places(workflow)
    taken: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in way:
        if step.source != step.target:
            taken[step.source, step.target].append(step)
    names = _names(workflow, lang)
    edges = sorted({**names, **taken}, key=taken.__contains__)  # what was taken lies on top
    lines = [_edge(places, edge, taken.get(edge, ()), names.get(edge, "")) for edge in edges]
    been = {step.target for step in way}
    boxes = [
        _box(places[one.name], one.zh if lang == "zh" else one.en, now if one.name == state else "",
             "current" if one.name == state else "been" if one.name in been else "")
        for one in workflow.states
    ]  # fmt: skip
    left, width, height = _extent(places, edges)
    return Markup(
        '<svg class="states" width="{w}" viewBox="{} 0 {w} {}" role="img" aria-label="{}">{}'
        '<circle class="begin" cx="{}" cy="{}" r="6"/>{}{}</svg>'
    ).format(
        left, height, label, _ARROWS, places[START].x, places[START].y,
        _NOTHING.join(lines), _NOTHING.join(boxes), w=width,
    )  # fmt: skip


def _extent(places: Mapping[str, Place], edges: Iterable[tuple[str, str]]) -> tuple[int, int, int]:
    """Give where the drawing begins on the left, its width and its height, with room for words."""
    half = _BOX / 2
    xs = [at.x + side * half for at in places.values() for side in (-1, 1)] + [half + 60]
    for edge in edges:
        bend = _bend(places, edge)
        if bend is not None:
            xs.append(_middle(places[edge[0]], places[edge[1]], bend))
    left, right = int(min(xs)) - 30, int(max(xs)) + 30
    return left, right - left, int(max(at.y for at in places.values()) + _HEIGHT)


def _half(at: Place) -> float:
    """Give how far a state reaches to either side; the start is a point."""
    return 6 if at.layer < 0 else _BOX / 2


def _middle(source: Place, target: Place, bend: float) -> float:
    """Give how far out a curve comes that bends so."""
    side = 1 if bend > source.x else -1
    return (source.x + side * _half(source) + 6 * bend + target.x + side * _half(target)) / 8


def _bend(places: Mapping[str, Place], edge: tuple[str, str]) -> float | None:
    """Give how far out an edge goes round what lies between: on the right when it skips a step, else left."""
    source, target = places[edge[0]], places[edge[1]]
    down = target.layer - source.layer
    if down == 1:
        return None
    side = 1 if down > 0 and min(source.x, target.x) >= 0 else -1
    between = range(min(source.layer, target.layer), max(source.layer, target.layer) + 1)
    xs = [at.x for at in places.values() if at.layer in between]
    return (max if side > 0 else min)(xs) + side * (_BOX / 2 + 26 + 9 * abs(down))


_ARROWS = Markup(
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto">'
    '<path d="M0 0L8 4L0 8z" class="tip"/></marker><marker id="tip-lit" viewBox="0 0 8 8" refX="7" refY="4" '
    'markerWidth="5" markerHeight="5" orient="auto"><path d="M0 0L8 4L0 8z" class="tip-lit"/></marker></defs>'
)


def _places(workflow: Workflow) -> Mapping[str, Place]:
    """Say where each state stands: below every state before it that leads to it."""
    order = {one.name: place for place, one in enumerate(workflow.states)}
    layers: dict[str, int] = {}
    for name, place in order.items():
        before = [
            layers[source]
            for move in workflow.moves
            if move.target == name
            for source in move.sources
            if source in layers and order[source] < place
        ]
        layers[name] = max(before, default=-1) + 1
    rows: dict[int, list[str]] = defaultdict(list)
    for name, layer in layers.items():
        rows[layer].append(name)
    places = {START: Place(0, 12, -1)}
    for layer, names in rows.items():
        left = -_ACROSS * (len(names) - 1) / 2
        for place, name in enumerate(names):
            places[name] = Place(left + place * _ACROSS, 60 + layer * _STEP, layer)
    return places


def _names(workflow: Workflow, lang: str) -> Mapping[tuple[str, str], str]:
    found: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for move in workflow.moves:
        event = workflow.event_of[move.event]
        for source in move.sources:
            if move.target not in (None, source):
                found[source, str(move.target)][event.zh if lang == "zh" else event.en] = None
    return {edge: " / ".join(names) for edge, names in found.items()}


def _edge(places: Mapping[str, Place], edge: tuple[str, str], steps: Sequence[Step], names: str) -> Markup:
    source, target = places[edge[0]], places[edge[1]]
    tall = _HEIGHT / 2
    bend = _bend(places, edge)
    if bend is None:
        begins, ends = (source.x, source.y + (6 if source.layer < 0 else tall)), (target.x, target.y - tall)
        path = f"M{begins[0]:g} {begins[1]:g}L{ends[0]:g} {ends[1]:g}"
        middle = (begins[0] + ends[0]) / 2, (begins[1] + ends[1]) / 2
    else:
        side = 1 if bend > source.x else -1
        begins = source.x + side * _half(source), source.y + 5 * side
        ends = target.x + side * _half(target), target.y - 5 * side
        (x, y), (to_x, to_y) = begins, ends
        path = f"M{x:g} {y:g}C{bend:g} {y:g} {bend:g} {to_y:g} {to_x:g} {to_y:g}"
        middle = _middle(source, target, bend), (begins[1] + ends[1]) / 2
    told = "\n".join(step.tell for step in steps) or names
    line = Markup('<g class="edge{}"><title>{}</title><path d="{}" marker-end="url(#tip{})"/>{}</g>')
    badge = _badge(middle, "·".join(str(step.number) for step in steps)) if steps else _NOTHING
    return line.format(" lit" if steps else "", told, path, "-lit" if steps else "", badge)


def _badge(at: tuple[float, float], text: str) -> Markup:
    width = 14 + 7 * len(text)
    return Markup(
        '<rect class="badge" x="{:.0f}" y="{:.0f}" width="{}" height="20" rx="10"/>'
        '<text class="badge-text" x="{:.0f}" y="{:.0f}" text-anchor="middle">{}</text>'
    ).format(at[0] - width / 2, at[1] - 10, width, at[0], at[1] + 5, text)


def _box(at: Place, label: str, now: str, kind: str) -> Markup:
    beside = at.x + _BOX / 2 + 14, at.y + 5
    said = Markup('<text class="here" x="{}" y="{}">{}</text>').format(*beside, now) if now else _NOTHING
    return Markup(
        '<g class="state {}"><rect x="{}" y="{}" width="{}" height="{}" rx="6"/>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>{}</g>'
    ).format(kind, at.x - _BOX / 2, at.y - _HEIGHT / 2, _BOX, _HEIGHT, at.x, at.y + 5, label, said)
