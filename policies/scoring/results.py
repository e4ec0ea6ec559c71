"""What scoring a period gives: the score of each unit, and of all."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from paidan.policies.score_schema import InForceRule
from paidan.policies.scoring.adjustments import Adjustment, AdjustmentLine
from paidan.policies.scoring.items import ItemScore, Rate
from paidan.policies.scoring.periods import Period
from paidan.policies.scoring.ranking import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitScore:
    """
    A unit's period. `total`, `rank` and `grade` are None where the rules leave them undefined.

    `key` is what it is ranked by in its class `group`, None where it takes no part. `findings` are
    those entered by hand about it. `rules` names what each figure rests on: `status`, `total`,
    `rank`, `grade`, `bonus`, `deduction`.
    """

    unit: str
    pool: str | None
    status: str
    items: tuple[ItemScore, ...]
    rates: Mapping[str, Rate]
    adjustments: tuple[AdjustmentLine, ...]
    findings: tuple[Adjustment, ...]
    bonus: Fraction
    deduction: Fraction
    total: Fraction | None
    group: int | None
    key: Key | None
    rank: int | None
    grade: str | None
    rules: Mapping[str, str | None]

    def item(self, name: str) -> ItemScore | None:
        """Give the score of an item, None where it does not apply to the unit."""
        return next((one for one in self.items if one.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodScore:
    """
    The period of every unit: those of the roster in its order, then others seen, by name.

    `months` are those of the period that the log has. `outside` are the rules in whose range the
    period does not lie wholly.
    """

    version: str
    period: Period
    months: tuple[str, ...]
    provisional: bool
    settings: Mapping[str, Any]
    units: tuple[UnitScore, ...]
    outside: tuple[InForceRule, ...]

    def unit(self, name: str) -> UnitScore | None:
        """Give the score of a unit, None where it is not listed."""
        return next((one for one in self.units if one.unit == name), None)

    def keys(self, group: int) -> dict[str, Key]:
        """Give what each ranked unit of a class is ranked by."""
        return {one.unit: one.key for one in self.units if one.group == group and one.key is not None}
