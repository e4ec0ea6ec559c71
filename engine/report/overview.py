"""The figures at the head of a report: who is ranked, what was closed, three rates, what follows."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

from paidan.engine.report import draw
from paidan.engine.report.measures import Measure
from paidan.engine.report.words import Words
from paidan.policies.scoring import figures

_RATES = (
    "on_time", "resolution", "satisfaction", "result_satisfaction", "process_satisfaction", "contact",
    "callback",
)  # fmt: skip
"""The rates a leader asks for, the first three of a document's."""
_SHOWN = 3


class Change(NamedTuple):
    """How a figure moved: how much, which way (`up`, `down`, `same`), against what; empty: not told."""

    text: str = ""
    way: str = ""
    against: str = ""


class Tile(NamedTuple):
    """
    A figure: what, how much in what unit, of what, how it moved, where it leads on the page.

    A rate has a target, if the document sets one, with whether it is met, and a picture.
    """

    label: str
    value: str
    unit: str
    of: str
    link: str
    change: Change = Change()
    target: str = ""
    met: bool | None = None
    picture: Markup = draw.NOTHING


def tiles(words: Words) -> Iterator[Tile]:
    """Give the figures, most asked for first."""
    facts, t = words.facts, words.t
    yield _units(words)
    now, before = facts.closed
    yield Tile(
        t("figure.closed"), str(now), t("order_count"), "", "#rates", _count_change(words, now, before)
    )
    measures = {one.name: one for one in facts.measures}
    for name in [one for one in _RATES if one in measures][:_SHOWN]:
        yield _rate(words, measures[name])
    units = {one.unit for one in facts.told.consequences}
    kinds = dict.fromkeys(one.rule.kind for one in facts.told.consequences)
    told = words.both(map(words.kind, kinds)) or t("follows_none")
    yield Tile(t("figure.follows"), str(len(units)), t("unit_count"), told, "#follows")


def _units(words: Words) -> Tile:
    facts, t = words.facts, words.t
    count = len(facts.told.score.units)
    before = facts.before.score.units if facts.before else None
    if not facts.weighted:
        change = _count_change(words, count, None if before is None else len(before))
        return Tile(t("figure.listed"), str(count), t("unit_count"), "", "#rates", change)
    was = None if before is None else sum(one.rank is not None for one in before)
    of, change = t("of_units", count=count), _count_change(words, facts.ranked, was)
    return Tile(t("figure.ranked"), str(facts.ranked), t("unit_count"), of, "#ranks", change)


def _rate(words: Words, one: Measure) -> Tile:
    exact = one.whole.exact
    was = one.before.exact if one.before else None
    change = Change()
    if exact is not None and was is not None:
        moved = figures.half_up((exact - was) * 100, 1)
        change = _change(words, moved, words.t("percent_points", value=figures.shown(abs(moved), 1)))
    target = one.target.at_least if one.target else None
    met = None if target is None or exact is None else exact >= target
    text = ""
    if target is not None:
        code = "target" if met is None else "target_met" if met else "target_missed"
        text = words.t(code, target=words.whole_percent(target))
    return Tile(
        words.rate_label(one), words.percent(exact), "", words.counted_of(one.whole), "#rates", change, text,
        met, draw.gauge(exact, target),
    )  # fmt: skip


def _count_change(words: Words, now: int, before: int | None) -> Change:
    return Change() if before is None else _change(words, now - before, str(abs(now - before)))


def _change(words: Words, moved: int | Fraction, text: str) -> Change:
    before = words.facts.before
    if before is None:
        return Change()
    code = "against" if before.since is None else "against_part"
    against = words.t(code, period=words.period(before.score.period.name))
    if not moved:
        return Change(words.t("same"), "same", against)
    return Change(f"{'▲' if moved > 0 else '▼'} {text}", "up" if moved > 0 else "down", against)
