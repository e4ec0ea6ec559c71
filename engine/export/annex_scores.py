"""The sheets of an annex with scores: after the ranking a table for each pool, adjustments, rates."""

from collections import defaultdict
from collections.abc import Iterator

from paidan.engine.export.annex_ranking import ranking
from paidan.engine.export.annex_told import Annex, Line, Told, about, exact, rate_of
from paidan.engine.export.printed import Cell
from paidan.engine.messages import say
from paidan.engine.messages.reasons import role_label
from paidan.engine.report.standing import Row
from paidan.engine.scoring import pool_label
from paidan.engine.scoring.lineage_text import adjustment_why, sum_text
from paidan.policies.score_schema import AdjustmentRule, Item
from paidan.policies.scoring import figures
from paidan.policies.scoring.items import ItemScore
from paidan.policies.scoring.lineage import SIDES
from paidan.policies.scoring.results import UnitScore
from paidan.policies.scoring.targets import targets
from paidan.workflows.attributes import OUTCOMES, SATISFACTION
from paidan.workflows.records import BEIJING

_POOL = (
    ("rank", 5, "count"), ("unit", 14, "text"), ("part", 10, "label"), ("item", 22, "text"),
    ("rule", 9, "label"), ("clause", 22, "text"), ("most", 7, "plain"), ("points", 8, "points"),
    ("numerator", 9, "plain"), ("denominator", 9, "plain"), ("rate", 9, "percent"), ("why", 60, "text"),
)  # fmt: skip
_ADJUSTMENTS = (
    ("unit", 15, "text"), ("part", 7, "label"), ("item", 24, "text"), ("rule", 9, "label"),
    ("clause", 22, "text"), ("at", 20, "moment"), ("entered", 9, "plain"), ("counted", 7, "label"),
    ("because", 22, "text"), ("order", 16, "text"), ("confirmed_by", 14, "text"), ("note", 26, "text"),
    ("from", 9, "label"),
)  # fmt: skip
_RATES = (
    ("unit", 22, "text"), ("pool", 18, "text"), ("item", 30, "text"), ("numerator", 12, "plain"),
    ("denominator", 12, "plain"), ("rate", 12, "percent"), ("exact_label", 16, "label"),
)  # fmt: skip


def sheets(annex: Annex) -> Iterator[Told]:
    """Give the sheets, the ranking first."""
    t, period = annex.t, annex.period
    yield ranking(annex)
    pools: dict[str | None, list[Row]] = defaultdict(list)
    for row in (row for one in annex.classes for row in one.rows):
        pools[row.unit.pool].append(row)
    order = [*annex.told.policy.pools, None]
    for pool in sorted(pools, key=order.index):
        label = pool_label(annex.told.policy, pool, annex.lang)
        yield Told(
            label, t("holds.pool"), t("title.pool", pool=label, period=period), annex.columns(_POOL),
            (line for row in pools[pool] for line in _unit(annex, row)), about(annex),
        )  # fmt: skip
    yield Told(
        t("sheet.adjustments"), t("holds.adjustments"), t("title.adjustments", period=period),
        annex.columns(_ADJUSTMENTS), list(_entered(annex)) or [t("nothing")],
    )  # fmt: skip
    yield Told(
        t("sheet.rates"), t("holds.rates"), t("title.rates", period=period), annex.columns(_RATES),
        _rates(annex),
    )  # fmt: skip


# ---- a pool --------------------------------------------------------------------------------------


def _unit(annex: Annex, row: Row) -> Iterator[Line]:
    """Tell a unit: its items, targets, what was entered, its total; rank and name stand in every line."""
    t, unit = annex.t, row.unit
    head = (unit.rank, unit.unit)
    for one in unit.items:
        item = annex.card.item(one.name, unit.pool)
        if item is not None:
            yield Line([
                *head, t("part.item"), annex.words(item), item.rule, item.clause, one.most,
                one.points if one.most is not None else None, one.numerator, one.denominator, rate_of(one),
                _how(annex, unit, item, one),
            ])  # fmt: skip
    for target in targets(annex.card, unit):
        rule, met = target.rule, target.met
        yield Line([
            *head, t("part.target"), _rate_label(annex, unit, target.rate), rule.rule, rule.clause,
            Cell("percent", rule.at_least), "", "", "", target.exact,
            t("undefined" if met is None else "met" if met else "missed"),
        ])  # fmt: skip
    yield from _entries(annex, unit, head)
    yield from _sides(annex, unit, head)
    rule_id = unit.rules["total"]
    yield Line([
        *head, t("part.total"), t("total"), rule_id or "", annex.clause(rule_id), "", unit.total, "", "", "",
        _total(annex, row),
    ], "sum")  # fmt: skip


def _how(annex: Annex, unit: UnitScore, item: Item, score: ItemScore) -> str:
    """Tell how the points of an item were made; or by which rule the unit's period has none of its own."""
    t, rule = annex.t, unit.rules["status"]
    if rule and unit.status in ("no_orders", "not_assessed"):
        return t(
            "basis",
            how=t("status_is", status=say(f"status.{unit.status}", annex.lang)),
            cite=annex.cite(rule),
        )
    cite = t("cite", rule=item.rule, clause=item.clause)
    return t("basis", how=sum_text(item, score, annex.lang), cite=cite)


def _entries(annex: Annex, unit: UnitScore, head: tuple[int | None, str]) -> Iterator[Line]:
    """Tell what was entered of a unit, each with the points it counts for, none where it does not."""
    for line in unit.adjustments:
        one, rule = line.adjustment, line.rule
        day = one.at.astimezone(BEIJING).date().isoformat()
        by = role_label(one.confirmed_by, annex.lang)
        told = [
            day, adjustment_why(line, annex.lang), annex.t("by", by=by) if by else "", one.order_id, one.note,
        ]  # fmt: skip
        points = line.points if line.counted and rule.side != "count" else None
        yield Line([
            *head, _part(annex, rule), annex.words(rule), rule.rule, rule.clause, Cell("label", _range(rule)),
            points, "", "", "", annex.both(one for one in told if one),
        ])  # fmt: skip


def _sides(annex: Annex, unit: UnitScore, head: tuple[int | None, str]) -> Iterator[Line]:
    """Tell what bonus and deduction come to, where the document knows them."""
    t, card = annex.t, annex.card
    for side, points in zip(SIDES, (unit.bonus, unit.deduction), strict=True):
        if any(rule.side == side for rule in card.adjustments.values()):
            cap = card.caps.get(side)
            most = cap.points if cap else None
            rule_id = unit.rules[side] or (cap.rule if cap else "")
            yield Line([
                *head, t(f"part.{side}"), t(f"{side}_sum"), rule_id, annex.clause(rule_id),
                "" if most is None else most, points, "", "", "",
                t("uncapped") if most is None else t("capped", most=figures.plain(most)),
            ])  # fmt: skip


def _part(annex: Annex, rule: AdjustmentRule) -> str:
    return annex.t(f"part.{rule.side}")


def _range(rule: AdjustmentRule) -> str:
    """Say which points a rule takes."""
    if rule.values:
        return "/".join(figures.plain(one) for one in rule.values)
    if rule.most is None:
        return f"≥{figures.plain(rule.least)}" if rule.least else ""
    return "–".join(dict.fromkeys(figures.plain(one) for one in (rule.least, rule.most) if one is not None))


def _total(annex: Annex, row: Row) -> str:
    """Tell a total: exact, with grade and movement; or why there is none."""
    t, unit = annex.t, row.unit
    if unit.total is None:
        told = [say(f"status.{unit.status}", annex.lang)]
        if unit.rules["status"]:
            told.append(annex.cite(unit.rules["status"]))
        return annex.both(told)
    told = [t("exact", exact=unit.total)]
    if unit.grade:
        told.append(say(f"grade.{unit.grade}", annex.lang))
    if row.change != "none":
        rank = row.before.rank if row.before else None
        told.append(say(f"report.change.{row.change}", annex.lang, places=abs(row.gained or 0), rank=rank))
    return annex.both(told)


# ---- adjustments, rates --------------------------------------------------------------------------


def _entered(annex: Annex) -> Iterator[Line]:
    t = annex.t
    for unit in annex.units:
        for line in unit.adjustments:
            one, rule = line.adjustment, line.rule
            yield Line([
                unit.unit, _part(annex, rule), annex.words(rule), rule.rule, rule.clause, one.at, line.points,
                annex.flag(line.counted), adjustment_why(line, annex.lang), one.order_id,
                role_label(one.confirmed_by, annex.lang), one.note, line.carried_from,
            ])  # fmt: skip
        for one in unit.findings:
            yield Line([
                unit.unit, t("part.finding"), one.code, one.code, annex.clause(one.code), one.at, None, "",
                "", one.order_id, role_label(one.confirmed_by, annex.lang), one.note, "",
            ])  # fmt: skip


def _rates(annex: Annex) -> Iterator[Line]:
    for unit in annex.units:
        for name, rate in unit.rates.items():
            yield Line([
                unit.unit, pool_label(annex.told.policy, unit.pool, annex.lang),
                _rate_label(annex, unit, name), rate.numerator, rate.denominator, rate.exact,
                exact(rate.exact),
            ])  # fmt: skip


def _rate_label(annex: Annex, unit: UnitScore, name: str) -> str:
    """Give the label of a rate, that of the item which scores it where there is one."""
    if unit.item(name) is not None:
        return annex.item(name, unit.pool)
    group, _, answer = name.partition(".")
    label = annex.t(f"rate.{group}") if group in _LABELLED else group
    answers = {**OUTCOMES, **SATISFACTION} if annex.lang == "zh" else {}
    return f"{label}{answers.get(answer, answer)}".replace("_", " ")


_LABELLED = ("volume", "contact", "on_time", "resolution", "callback", "outcome", "satisfaction")
