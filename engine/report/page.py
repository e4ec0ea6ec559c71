"""A report as one HTML page: what its templates ask for, and the page itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from paidan.engine.export.run_folder import REJECTED
from paidan.engine.messages import say
from paidan.engine.report import draw
from paidan.engine.report.asides import LeftOut
from paidan.engine.report.facts import Facts
from paidan.engine.report.lateness import Judged
from paidan.engine.report.losses import Loss
from paidan.engine.report.measures import Measure, UnitRate
from paidan.engine.report.overview import Tile, tiles
from paidan.engine.report.ranking import Ranking
from paidan.engine.report.sentences import sentences
from paidan.engine.report.words import UNDEFINED
from paidan.engine.scoring import consequence_text
from paidan.engine.scoring.note_text import note_text
from paidan.policies.reader import shown
from paidan.policies.scoring import figures
from paidan.policies.scoring.adjustments import Adjustment, AdjustmentLine
from paidan.policies.scoring.comparison import Change
from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.periods import days_of
from paidan.policies.scoring.results import UnitScore
from paidan.workflows.attributes import EXCLUSIONS, FINDINGS

NAMED_ORDERS = 4
"""How many orders are named of many."""
_SECTIONS = (
    "overview", "ranks", "rates", "late", "losses", "follows", "adjustments", "left_out", "look", "next",
    "made",
)  # fmt: skip
_HEAT = ((0, 1), (5, 2), (10, 3), (20, 4), (40, 5))
"""Of a share in percent, the darkness of what lies above it."""


class Folded(NamedTuple):
    """Rows of a long table: the first, those folded away, the last."""

    first: Sequence[Any]
    rest: Sequence[Any]
    last: Sequence[Any]


@dataclass(frozen=True)
class Page(Ranking):
    """What the templates may ask; `command` makes the report again, `explain` tells of a point."""

    command: str
    explain: str

    # ---- head ------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        """The report's title."""
        asked = self.facts.period
        return self.t(f"title.{asked.span}", period=self.period(asked.name))

    @property
    def sentences(self) -> list[str]:
        """What there is to say, in at most five sentences or so."""
        return list(sentences(self.facts, self.lang))

    @property
    def days(self) -> str:
        """The first and last day of the period."""
        months = self.facts.period.months
        return self.t("from_to", first=days_of(months[0])[0], last=days_of(months[-1])[1])

    @property
    def compared(self) -> str:
        """What the period is compared with."""
        before = self.facts.before
        if before is None:
            return self.t("compared_none")
        name = self.period(before.score.period.name)
        return name if before.since is None else self.t("compared_since", period=name, since=before.since)

    @property
    def notes(self) -> list[tuple[bool, str]]:
        """What is to know, and whether something could not be counted."""
        told = [(one.lacks, note_text(one, self.lang)) for one in self.facts.told.notes]
        if rejected := self.facts.summary["rejected_rows"]:
            told.append((True, say("cli.rejected", self.lang, count=rejected, file=REJECTED)))
        return told

    @property
    def tiles(self) -> list[Tile]:
        """The figures of the overview."""
        return list(tiles(self))

    @property
    def versions(self) -> list[str]:
        """The versions that govern the orders of the run."""
        return [
            self.t("version_orders", version=name, count=count)
            for name, count in self.facts.summary["versions"].items()
        ]

    @property
    def settings(self) -> list[tuple[str, str, str]]:
        """Every setting that is not the default: name, value, why there is a choice."""
        known = self.facts.document.settings
        return [
            (name, shown(value), known[name].why) for name, value in self.facts.told.score.settings.items()
        ]

    @property
    def inputs(self) -> list[str]:
        """The files of the run."""
        return [
            self.t("input", name=one["name"], rows=one["rows"], digest=one["sha256"][:12])
            for one in self.facts.summary["inputs"]
        ]

    @property
    def contents(self) -> list[tuple[str, str]]:
        """The sections of the page by anchor."""
        names = [one for one in _SECTIONS if one != "ranks" or self.facts.weighted]
        month = self.period(self.facts.next_month)
        return [(name, self.t(name, period=month) if name == "next" else self.t(name)) for name in names]

    # ---- tables ----------------------------------------------------------------------------------

    def heat(self, cell: Judged | None) -> str:
        """Name the darkness of a cell by the share that was missed."""
        if cell is None or not cell.of:
            return "h0"
        level = 0
        for least, darkness in _HEAT:
            if 100 * cell.missed > least * cell.of:
                level = darkness
        return f"h{level}"

    @property
    def scale(self) -> list[tuple[str, str]]:
        """The darkness of cells and the shares they stand for."""
        most = [str(least) for least, _ in _HEAT[1:]]
        texts = ["0", *(f"≤{one}%" for one in most), f">{most[-1]}%"]
        return [(f"h{at}", text) for at, text in enumerate(texts)]

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
        why = say(f"adjusted.{line.because}", self.lang, cites=line.cites)
        if not line.carried_from:
            return why
        return say("adjusted.from", self.lang, why=why, month=line.carried_from)

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


def environment() -> Environment:
    """Give the templates: everything they print is escaped, and a name that is missing raises."""
    made = Environment(
        loader=PackageLoader("paidan.engine.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.globals["undefined"] = UNDEFINED
    return made


def render(facts: Facts, *, lang: str = "zh", command: str = "", explain: str = "") -> str:
    """
    Write a report as one HTML page that asks nothing of anybody: no script, no file, no font.

    `command` is what makes it again, `explain` what explains a point of it.
    """
    page = Page(facts, lang, command, explain)
    return environment().get_template("page.html.j2").render(page=page, facts=facts, t=page.t)
