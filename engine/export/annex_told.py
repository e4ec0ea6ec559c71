"""What the sheets of an annex are made of: a scored period with what stands beside it, in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from paidan.engine.export.printed import Column
from paidan.engine.messages import say
from paidan.engine.report.asides import Asides
from paidan.engine.report.sentences import period_label
from paidan.engine.report.standing import Before, Class
from paidan.engine.scoring import Run, Scored, consequence_label
from paidan.policies.citation import Cited
from paidan.policies.scoring.card import Card
from paidan.policies.scoring.items import ItemScore
from paidan.policies.scoring.results import UnitScore


class Line(NamedTuple):
    """The values of a row, one for each column; `look` is empty, or `sum`."""

    values: Sequence[Any]
    look: str = ""


class Told(NamedTuple):
    """
    A sheet: its name, what it holds, its title, its columns and its lines; `about` stands under the title.

    A line that is a text stands across all columns.
    """

    name: str
    holds: str
    title: str
    columns: Sequence[Column]
    lines: Iterable[Line | str]
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Annex:
    """A scored period, the one before, what was left out of it, and the language to tell it in."""

    run: Run
    told: Scored
    before: Before | None
    classes: tuple[Class, ...]
    asides: Asides
    lang: str

    def t(self, code: str, **details: Any) -> str:
        """Give a text of the annex."""
        return say(f"annex.{code}", self.lang, **details)

    def columns(self, told: Iterable[tuple[str, float, str]]) -> list[Column]:
        """Give columns by the code of their label, their width and kind."""
        return [Column(self.t(code), width, kind) for code, width, kind in told]

    @property
    def card(self) -> Card:
        """The scoring rows of the period."""
        return self.told.scoring.card

    @property
    def period(self) -> str:
        """The label of the period."""
        return period_label(self.told.score.period.name, self.lang)

    @property
    def period_before(self) -> str:
        """The label of the period before; empty where the log does not have it."""
        return period_label(self.before.score.period.name, self.lang) if self.before else ""

    @property
    def weighted(self) -> bool:
        """Whether there are totals: the document sets points for every item, or one was entered."""
        given = all(item.points is not None for item in self.card.items)
        return given or any(one.total is not None for one in self.told.score.units)

    @property
    def units(self) -> Iterable[UnitScore]:
        """Every unit, class by class, best first."""
        return (row.unit for one in self.classes for row in one.rows)

    @cached_property
    def _clauses(self) -> dict[str, str]:
        clauses: dict[str, str] = {}
        for rule in self.told.policy.rules:
            clauses.setdefault(rule.rule, rule.clause)
        return clauses

    def clause(self, rule: str | None) -> str:
        """Give the clause of a rule by its id; empty where there is none."""
        return self._clauses.get(rule or "", "")

    def words(self, rule: Cited) -> str:
        """Give the label of a rule."""
        return rule.zh if self.lang == "zh" else rule.en

    def cite(self, rule: str | None) -> str:
        """Give a rule's id with its clause; empty where there is none."""
        return self.t("cite", rule=rule, clause=self.clause(rule)) if rule else ""

    def item(self, name: str, pool: str | None) -> str:
        """Give the label of an item of a pool's units."""
        found = self.card.item(name, pool)
        return name if found is None else self.words(found)

    def kind(self, kind: str) -> str:
        """Give the label of a kind of consequence."""
        return consequence_label(self.told.policy, kind, self.lang).replace("_", " ")

    def both(self, names: Iterable[str]) -> str:
        """Join names as a list."""
        return say("comma", self.lang).join(names)

    def flag(self, value: bool | None) -> str:  # noqa: FBT001 - it is what is told
        """Tell yes or no; undefined where it is neither."""
        return "–" if value is None else self.t("yes" if value else "no")


def about(annex: Annex) -> str:
    """Say what is to know before any figure is read."""
    t, score = annex.t, annex.told.score
    told = [t("figures") if annex.weighted else t("no_total")]
    if annex.weighted and annex.before is not None:
        since = annex.before.since
        code = "moved_since" if since is None else "since_part"
        told.append(t(code, period=annex.period_before, since=since))
    if score.period.span != "month" and annex.weighted:
        rule = annex.card.period_scores.get(score.period.span)
        code = "pooled" if rule is not None and rule.method == "recomputed" else "mean"
        told.append(t("pooled_items", make_up=say(f"report.ranks.{code}", annex.lang)))
    return t("after").join(told)


def rate_of(item: ItemScore) -> Fraction | None:
    """Give the rate of an item, None where it is undefined."""
    if item.numerator is None or not item.denominator:
        return None
    return item.numerator / item.denominator


def exact(value: Fraction | None) -> str | None:
    """Write a figure as the fraction it is."""
    return None if value is None else str(value)
