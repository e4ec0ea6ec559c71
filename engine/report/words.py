"""The words and numbers of a report in one language: labels, periods, instants, points, shares."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from paidan.engine.messages import say
from paidan.engine.messages.reasons import moment, role_label
from paidan.engine.report.facts import Shown
from paidan.engine.report.measures import Measure
from paidan.engine.report.sentences import period_label
from paidan.engine.report.standing import Class
from paidan.engine.scoring import consequence_label, pool_label
from paidan.policies.citation import Cited
from paidan.policies.scoring import figures
from paidan.policies.scoring.items import Rate
from paidan.policies.scoring.results import UnitScore
from paidan.workflows.records import BEIJING

UNDEFINED = "–"


@dataclass(frozen=True)
class Words:
    """What the facts of a report are called in a language."""

    facts: Shown
    lang: str

    # ---- words -----------------------------------------------------------------------------------

    def t(self, code: str, **details: Any) -> str:
        """Give a sentence of the report."""
        return say(f"report.{code}", self.lang, **details)

    def known(self, code: str, otherwise: str) -> str:
        """Give a sentence of the report if there is one: another document may name what none here does."""
        try:
            return self.t(code)
        except KeyError:
            return otherwise

    def say(self, code: str, **details: Any) -> str:
        """Give any sentence."""
        return say(code, self.lang, **details)

    def words(self, rule: Cited) -> str:
        """Give the label of a rule."""
        return rule.zh if self.lang == "zh" else rule.en

    def cite(self, rule: Cited) -> str:
        """Give a rule's id and clause."""
        return f"{rule.rule} {rule.clause}"

    def both(self, names: Iterable[str]) -> str:
        """Join names as a list."""
        return say("comma", self.lang).join(names)

    def period(self, name: str) -> str:
        """Give the label of a month, quarter or year."""
        return period_label(name, self.lang)

    def moment(self, at: datetime) -> str:
        """Write an instant; one at midnight as its day."""
        local = at.astimezone(BEIJING)
        midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
        return local.date().isoformat() if midnight else moment(at)

    def day(self, at: datetime) -> date:
        """Give the day of an instant."""
        return at.astimezone(BEIJING).date()

    def unit(self, name: str) -> str:
        """Name a unit; where it can be looked at, as a link."""
        return name

    def order(self, order_id: str) -> str:
        """Name an order; as `unit`."""
        return order_id

    def pool(self, pool: str | None) -> str:
        """Give the label of a pool."""
        return pool_label(self.facts.policy, pool, self.lang)

    def pools(self, one: Class) -> str:
        """Give the labels of a class."""
        return self.both(self.pool(pool) for pool in one.pools)

    def status(self, unit: UnitScore) -> str:
        """Give a unit's status with the rule that makes it so."""
        rule = unit.rules["status"]
        return say(f"status.{unit.status}", self.lang) + (f" {rule}" if rule else "")

    def grade(self, unit: UnitScore) -> str:
        """Give a unit's grade."""
        return say(f"grade.{unit.grade}", self.lang) if unit.grade else UNDEFINED

    def roles(self, roles: Iterable[str]) -> str:
        """Give the labels of roles."""
        return self.both(role_label(one, self.lang) for one in roles) or UNDEFINED

    def item_label(self, name: str, pool: str | None) -> str:
        """Give the label of a score item of a pool's units."""
        card = self.facts.told.scoring.card
        found = card.item(name, pool) or next((one for one in card.items if one.name == name), None)
        return name if found is None else self.words(found)

    def kind(self, kind: str) -> str:
        """Give the label of a kind of consequence."""
        return consequence_label(self.facts.policy, kind, self.lang).replace("_", " ")

    def rate_label(self, one: Measure) -> str:
        """Give the label of a rate."""
        return self.words(one.item) if one.item is not None else self.known(f"rate.{one.name}", one.name)

    # ---- numbers ---------------------------------------------------------------------------------

    def points(self, value: Fraction | None) -> str:
        """Write points to two places."""
        return UNDEFINED if value is None else figures.shown(value)

    def plain(self, value: Fraction | None) -> str:
        """Write a number as it is; a fraction that is no decimal to two places."""
        if value is None:
            return UNDEFINED
        text = figures.plain(value)
        return figures.shown(value) if "/" in text else text

    def percent(self, value: Fraction | None) -> str:
        """Write a part as a percentage to one place."""
        return UNDEFINED if value is None else f"{figures.shown(value * 100, 1)}%"

    def whole_percent(self, value: Fraction) -> str:
        """Write a target as the percentage it is."""
        return f"{self.plain(value * 100)}%"

    def counted(self, rate: Rate) -> str:
        """Write a rate as its two counts."""
        if rate.numerator is None or not rate.denominator:
            return UNDEFINED
        return f"{self.plain(rate.numerator)}/{self.plain(rate.denominator)}"

    def signed(self, value: Fraction | None) -> str:
        """Write a difference of points with its sign."""
        if value is None:
            return UNDEFINED
        return f"{'+' if value > 0 else '−' if value < 0 else '±'}{figures.shown(abs(value))}"

    def counted_of(self, rate: Rate) -> str:
        """Write a rate's two counts in words."""
        if rate.numerator is None or not rate.denominator:
            return UNDEFINED
        numerator, denominator = self.plain(rate.numerator), self.plain(rate.denominator)
        return self.t("counted", numerator=numerator, denominator=denominator)
