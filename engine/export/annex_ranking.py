"""The first table of an annex: ranks with items, adjustments, movement and what follows."""

from collections.abc import Iterator

from paidan.engine.export.annex_told import Annex, Line, Told, about, exact, rate_of
from paidan.engine.export.printed import Cell, Column
from paidan.engine.messages import say
from paidan.engine.report.standing import Class, Row
from paidan.engine.scoring import item_labels, pool_label
from paidan.policies.scoring import figures
from paidan.policies.scoring.items import ItemScore


def ranking(annex: Annex) -> Told:
    """Give the sheet: a line a unit, class by class, best first."""
    t = annex.t
    weighted = annex.weighted
    names = list(item_labels(annex.told.policy, annex.lang))
    graded = any(one.grade for one in annex.told.score.units)
    several = any(len(one.pools) > 1 for one in annex.classes)
    columns = [
        *annex.columns([("rank", 6, "count")] * weighted),
        *annex.columns([("unit", 18, "text")]),
        *annex.columns([("pool", 14, "text")] * several),
        *annex.columns([("status_label", 12, "label")]),
        *(Column(_headed(annex, name), 12, "points") for name in names),
        *annex.columns([("bonus", 7, "points"), ("deduction", 10, "points")]),
        *annex.columns([("total", 9, "points"), ("exact_label", 12, "label")] * weighted),
        *annex.columns([("grade_label", 7, "label")] * graded),
        *annex.columns([("rank_before", 6, "count"), ("moved", 10, "moves")] * weighted),
        *annex.columns([("follows", 40, "text")]),
    ]

    def line(row: Row) -> Line:
        unit = row.unit
        return Line([
            *([unit.rank] * weighted),
            unit.unit,
            *([pool_label(annex.told.policy, unit.pool, annex.lang)] * several),
            say(f"status.{unit.status}", annex.lang),
            *(_figure(unit.item(name)) for name in names),
            unit.bonus,
            unit.deduction,
            *([unit.total, exact(unit.total)] * weighted),
            *([say(f"grade.{unit.grade}", annex.lang) if unit.grade else None] * graded),
            *([row.before.rank if row.before else None, _moved(annex, row)] * weighted),
            annex.both(
                t("basis", how=annex.kind(one.rule.kind), cite=one.rule.rule) for one in row.follows
            ),
        ])  # fmt: skip

    def lines() -> Iterator[Line | str]:
        for one in annex.classes:
            yield _class(annex, one)
            yield from (line(row) for row in one.rows)

    title = t("title.ranking" if weighted else "title.rates_only", period=annex.period)
    return Told(t("sheet.ranking"), t("holds.ranking"), title, columns, lines(), about(annex))


def _class(annex: Annex, one: Class) -> str:
    pools = annex.both(pool_label(annex.told.policy, pool, annex.lang) for pool in one.pools)
    return annex.t("class", pools=pools, units=len(one.rows), ranked=len(one.ranked))


def _headed(annex: Annex, name: str) -> str:
    """Give the label of an item with the points that it can earn, where they are the same for all pools."""
    label = item_labels(annex.told.policy, annex.lang)[name]
    most = {one.points for one in annex.card.items if one.name == name}
    told = most.pop() if len(most) == 1 else None
    return label if told is None else annex.t("weighted", label=label, most=figures.plain(told))


def _figure(item: ItemScore | None) -> Cell:
    """Give an item's points; its rate where the document sets no weight."""
    if item is None or item.most is not None:
        return Cell("points", item.points if item else None)
    return Cell("percent", rate_of(item))


def _moved(annex: Annex, row: Row) -> Cell:
    if row.gained is not None:
        return Cell("moves", row.gained)
    rank = row.before.rank if row.before else None
    return Cell("label", say(f"report.change.{row.change}", annex.lang, rank=rank))
