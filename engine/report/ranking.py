"""The ranks of a report in words and pictures: what totals are made of, who moved, ranks over months."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from paidan.engine.report import draw
from paidan.engine.report.standing import Class, Row
from paidan.engine.report.words import Words

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
HISTORY = 3
"""Of fewer months no ranks are drawn: two stand in the table."""
_LINES = 60
"""Of more units only those that are named are drawn."""
_MOST = 2
"""So many that gained and lost most are named."""
_BEST = 3


@dataclass(frozen=True)
class Ranking(Words):
    """What the templates ask of ranks."""

    def legend(self, one: Class) -> list[tuple[str, str, Fraction]]:
        """Give the number, label and width of each item of a class."""
        row = next((row for row in one.rows if row.slots), None)
        slots, pool = (row.slots, row.unit.pool) if row else ((), None)
        return [
            (
                _CIRCLED[at] if at < len(_CIRCLED) else str(at + 1),
                self.t("slot_legend", label=self.item_label(slot.name, pool), most=self.plain(slot.most)),
                slot.most,
            )
            for at, slot in enumerate(slots)
        ]

    def bars(self, row: Row) -> Markup:
        """Draw what a unit's total is made of."""
        parts = [
            draw.Bar(
                slot.most,
                None if slot.points is None else slot.points / slot.most if slot.most else Fraction(0),
                self.t(
                    "slot", item=self.item_label(slot.name, row.unit.pool), points=self.points(slot.points),
                    most=self.plain(slot.most),
                ),
                slot.shared,
            )
            for slot in row.slots
        ]  # fmt: skip
        return draw.bars(parts, label=self.both(part.tell for part in parts))

    @property
    def make_up(self) -> str:
        """Say how the total of a longer period is made of its months."""
        rule = self.facts.told.scoring.card.period_scores.get(self.facts.period.span)
        return self.t("ranks.pooled" if rule is not None and rule.method == "recomputed" else "ranks.mean")

    @property
    def moves(self) -> str:
        """Say how the places are drawn."""
        return self.t("ranks.moves")

    def shift(self, row: Row, one: Class) -> Markup:
        """Draw a unit's place before and now."""
        return draw.shift(row.unit.rank, row.before.rank if row.before else None, one.last_rank)

    def change(self, row: Row) -> str:
        """Say how a unit moved."""
        gained = row.gained
        rank = row.before.rank if row.before else None
        return self.t(f"change.{row.change}", places=abs(gained or 0), rank=rank)

    def history(self, one: Class) -> Markup:
        """Draw the ranks of a class over months; nothing where there are fewer than three."""
        if len(one.months) < HISTORY or not one.ranked:
            return draw.NOTHING
        kinds = _kinds(one)
        lines = [
            draw.Line(row.unit.unit, row.ranks, row.low, kinds.get(row.unit.unit, ""))
            for row in one.rows
            if len(one.rows) <= _LINES or row.unit.unit in kinds
        ]
        label = f"{self.t('history')} {self.pools(one)}"
        return draw.ranks(lines, one.months, label=label)

    def left(self, one: Class) -> str:
        """Name the units that are listed no more."""
        return self.both(self.t("left_unit", unit=unit.unit, rank=unit.rank) for unit in one.left)


def _kinds(one: Class) -> Mapping[str, str]:
    """Say which units of a class are named in the drawing of its ranks, and as what."""
    moved = sorted((row for row in one.ranked if row.gained), key=lambda row: row.gained or 0)
    return {
        **{row.unit.unit: "down" for row in moved[:_MOST] if (row.gained or 0) < 0},
        **{row.unit.unit: "up" for row in moved[-_MOST:] if (row.gained or 0) > 0},
        **{row.unit.unit: "top" for row in one.ranked[:_BEST]},
        **{row.unit.unit: "low" for row in one.ranked if row.low},
    }
