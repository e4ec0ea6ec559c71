"""The sections of a report that need nothing but a scored period: what their templates ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from paidan.engine.messages import say
from paidan.engine.report import draw
from paidan.engine.report.asides import LeftOut
from paidan.engine.report.losses import Loss
from paidan.engine.report.measures import Measure, UnitRate
from paidan.engine.report.overview import Tile, tiles
from paidan.engine.report.ranking import Ranking
from paidan.engine.report.words import UNDEFINED
from paidan.engine.scoring import consequence_text
from paidan.engine.scoring.lineage_text import adjustment_why
from paidan.policies.scoring import figures
from paidan.policies.scoring.adjustments import Adjustment, AdjustmentLine
from paidan.policies.scoring.comparison import Change
from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.results import UnitScore
from paidan.workflows.attributes import EXCLUSIONS, FINDINGS

NAMED_ORDERS = 4
"""How many orders are named of many."""


class Folded(NamedTuple):
    """Rows of a long table: the first, those folded away, the last."""

    first: Sequence[Any]
    rest: Sequence[Any]
    last: Sequence[Any]


@dataclass(frozen=True)
class Sections(Ranking):
    """What the templates of the sections may ask."""

    @property
    def tiles(self) -> list[Tile]:
        """The figures of the overview."""
        return list(tiles(self))

    def fold(self, rows: Sequence[Any], *, most: int, first: int, last: int = 0) -> Folded:
        """Fold the middle of more rows than `most` away."""
        if len(rows) <= most:
            return Folded(rows, (), ())
        end = len(rows) - last
        return Folded(rows[:first], rows[first:end], rows[end:])

    def named(self, orders: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
        """Part orders into those named at once and those to be unfolded."""
        few = len(orders) <= NAMED_ORDERS + 1
        return (orders, ()) if few else (orders[:NAMED_ORDERS], orders)

    # ---- rates -----------------------------------------------------------------------------------

    def rate_cites(self, one: Measure) -> str:
        """Give the rules that a rate stands under."""
        rules = [rule for rule in (one.item or one.rule, one.target) if rule is not None]
        return self.both(dict.fromkeys(self.cite(rule) for rule in rules))

    def curve(self, one: Measure) -> Markup:
        """Draw the rates of all units."""
        dots = [
            draw.Dot(each.rate.exact, each.met, self.rate_line(each))
            for each in one.defined
            if each.rate.exact is not None
        ]
        exact = one.whole.exact
        whole = None if exact is None else (exact, self.t("whole", value=self.percent(exact)))
        aim = one.target.at_least if one.target else None
        target = None if aim is None else (aim, self.t("aim", value=self.whole_percent(aim)))
        return draw.curve(dots, whole=whole, target=target, label=self.rate_label(one))

    def rate_notes(self, one: Measure) -> str:
        """Say how many units meet the target, and how many have no such rate."""
        parts = [self.t("reached", met=one.met, missed=one.missed)] if one.target else []
        if undefined := len(one.units) - len(one.defined):
            parts.append(self.t("undefined_units", count=undefined))
        return say("list", self.lang).join(parts)

    def rate_line(self, one: UnitRate) -> str:
        """Write a unit's rate with its counts."""
        return f"{one.unit.unit} {self.percent(one.rate.exact)} ({self.counted(one.rate)})"

    def rate_rows(self) -> list[tuple[UnitScore, list[UnitRate]]]:
        """Give every unit with its rates in the order of the measures, pool by pool."""
        by_unit = [{one.unit.unit: one for one in measure.units} for measure in self.facts.measures]
        rows = [row.unit for one in self.facts.classes for row in one.rows]
        return [(unit, [of[unit.unit] for of in by_unit]) for unit in rows]

    # ---- losses ----------------------------------------------------------------------------------

    def loss(self, one: Loss) -> str:
        """Write how much a loss is."""
        if one.points is not None:
            return self.t("points_off", points=figures.shown(one.points))
        return self.t("rate_off", points=figures.shown((one.short or Fraction(0)) * 100, 1))

    @cached_property
    def greatest_loss(self) -> Fraction:
        """The greatest loss of all."""
        return max((loss.size for unit in self.facts.losses for loss in unit.losses), default=Fraction(1))

    def loss_width(self, one: Loss) -> str:
        """Give how wide a loss is drawn, in percent of the greatest of all."""
        return figures.shown(one.size * 100 / self.greatest_loss, 1)

    def loss_count(self, one: Loss) -> str:
        """Write how many orders or times make a loss."""
        if one.times:
            return self.t("cost_times", count=one.times)
        if one.of is not None:
            return self.t("cost_orders", count=one.count, of=one.of)
        return self.t("cost_cases", count=one.count) if one.count else ""

    # ---- consequences ----------------------------------------------------------------------------

    def because(self, one: Consequence) -> str:
        """Say why a consequence follows."""
        return consequence_text.because(one, self.facts.policy, self.lang)

    def loses(self, one: Consequence) -> str:
        """Say what is lost."""
        who = self.both(self.known(f"lost.{name}", name) for name in one.rule.loses)
        return self.t("loses", who=who) if who else ""

    @property
    def talks(self) -> bool:
        """Whether any consequence takes points once it has been held."""
        return any(one.talk and one.talk.adjustment for one in self.facts.told.consequences)

    def held(self, one: Consequence) -> str:
        """Say whether a talk was held and what it takes off; nothing where none takes points."""
        if one.talk is None or not one.talk.adjustment:
            return ""
        if one.held is None:
            return self.t("not_held")
        line = one.held
        at, month = self.moment(line.adjustment.at), line.adjustment.month
        if line.counted:
            return self.t("held", at=at, month=month, points=self.plain(line.points))
        return self.t("held_not", at=at, month=month, why=self.why(line))

    # ---- adjustments -----------------------------------------------------------------------------

    def why(self, line: AdjustmentLine) -> str:
        """Say whether an adjustment counts and why."""
        return adjustment_why(line, self.lang)

    def entered(self) -> list[tuple[str, Adjustment, AdjustmentLine | None]]:
        """Give what was entered by hand: the unit, the entry, and how it counts (None: a finding)."""
        told = self.facts.told
        rows: list[tuple[str, Adjustment, AdjustmentLine | None]] = [
            (unit.unit, line.adjustment, line) for unit in told.score.units for line in unit.adjustments
        ]
        rows += [(unit.unit, one, None) for unit in told.score.units for one in unit.findings]
        rows += [("", one, None) for month in told.score.months for one in told.scoring.findings(month, "")]
        return rows

    def adjusted_points(self, line: AdjustmentLine | None) -> str:
        """Write the points of an adjustment with their sign."""
        if line is None:
            return self.t("finding")
        if line.rule.side == "count":
            return self.t("no_points")
        sign = {"bonus": "+", "deduction": "−"}.get(line.rule.side, "")
        return f"{sign}{self.plain(line.points)}"

    def capped(self) -> list[str]:
        """Say whose bonus or deduction was cut by a cap."""
        found = []
        for unit in self.facts.told.score.units:
            for side, kept in (("bonus", unit.bonus), ("deduction", unit.deduction)):
                lines = [one for one in unit.adjustments if one.counted and one.rule.side == side]
                entered = sum((one.points for one in lines), Fraction(0))
                if entered > kept and unit.rules[side]:
                    found.append(
                        self.t(
                            "capped", unit=unit.unit, side=self.t(side), sum=self.plain(entered),
                            points=self.plain(kept), rule=unit.rules[side],
                        )
                    )  # fmt: skip
        return found

    # ---- left out, to look at --------------------------------------------------------------------

    def situation(self, one: LeftOut) -> str:
        """Say why an order was left out."""
        if one.asked is not None:
            return self.situation_label(one.asked.situation)
        if one.record.returned is not None:
            return self.t("situation.returned")
        finding = one.record.finding
        return FINDINGS.get(finding, finding) if self.lang == "zh" else finding

    def situation_label(self, name: str) -> str:
        """Give the label of a situation in which an order may be left out."""
        return EXCLUSIONS.get(name, name) if self.lang == "zh" else name

    @cached_property
    def moved(self) -> list[tuple[Change, list[str]]]:
        """Give the units that exclusions move, with their items: points, or rates where it sets none."""
        comparison = self.facts.asides.comparison
        unweighted = {one.name for one in self.facts.told.scoring.card.items if one.points is None}
        found = []
        for change in comparison.changes if comparison else ():
            items = []
            listed = change.after or change.before
            pool = listed.pool if listed else None
            for item in change.items:
                write = self.percent if item.name in unweighted else self.points
                if item.before != item.after:
                    label = self.item_label(item.name, pool)
                    items.append(f"{label} {write(item.before)} → {write(item.after)}")
            if items or change.gained or change.rank_moved:
                found.append((change, items))
        return found

    def looked_at(self) -> list[tuple[str, int, list[tuple[str, str, Sequence[str]]]]]:
        """Give each kind of order to look at: how many, and by unit which."""
        asides = self.facts.asides
        kinds: dict[str, dict[str, list[str]]] = {}
        for one in (*asides.contradictions, *asides.worklist):
            kinds.setdefault(one.kind, {}).setdefault(one.unit, []).append(one.order_id)
        return [
            (
                self.known(f"look.{kind}", kind),
                sum(map(len, units.values())),
                [
                    (unit or UNDEFINED, str(len(orders)), orders)
                    for unit, orders in sorted(units.items(), key=lambda pair: (-len(pair[1]), pair[0]))
                ],
            )
            for kind, units in kinds.items()
        ]

    def drawn(self, name: str) -> Markup:
        """Draw a section by the template of that name."""
        template = environment().get_template(f"{name}.html.j2")
        return Markup(template.render(page=self, facts=self.facts, t=self.t))  # noqa: S704 - it escapes


def style() -> Markup:
    """Give the style of the sections; the colours are the page's."""
    return Markup(environment().get_template("parts.css").render())  # noqa: S704 - our own file


@cache
def environment() -> Environment:
    """Give the templates: everything they print is escaped, and a name that is missing raises."""
    made = Environment(
        loader=PackageLoader("paidan.engine.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.globals["undefined"] = UNDEFINED
    return made
