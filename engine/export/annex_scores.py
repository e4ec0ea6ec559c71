"""The sheets of an annex with scores: the ranking, a table for each pool, adjustments, rates."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from paidan.engine.export.annex_told import Annex, Line, Told
from paidan.engine.export.printed import Cell, Column
from paidan.engine.messages import say
from paidan.engine.messages.reasons import role_label
from paidan.engine.report.standing import Class, Row
from paidan.engine.scoring import item_labels, pool_label
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
    yield _ranking(annex)
    pools: dict[str | None, list[Row]] = defaultdict(list)
    for row in (row for one in annex.classes for row in one.rows):
        pools[row.unit.pool].append(row)
    order = [*annex.told.policy.pools, None]
    for pool in sorted(pools, key=order.index):
        label = pool_label(annex.told.policy, pool, annex.lang)
        yield Told(
            label, t("holds.pool"), t("title.pool", pool=label, period=period), annex.columns(_POOL),
            (line for row in pools[pool] for line in _unit(annex, row)), _about(annex),
        )  # fmt: skip
    yield Told(
        t("sheet.adjustments"), t("holds.adjustments"), t("title.adjustments", period=period),
        annex.columns(_ADJUSTMENTS), list(_entered(annex)) or [t("nothing")],
    )  # fmt: skip
    yield Told(
        t("sheet.rates"), t("holds.rates"), t("title.rates", period=period), annex.columns(_RATES),
        _rates(annex),
    )  # fmt: skip


def _about(annex: Annex) -> str:
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


# ---- the ranking ---------------------------------------------------------------------------------


def _ranking(annex: Annex) -> Told:
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
            *([unit.total, _exact(unit.total)] * weighted),
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
    return Told(t("sheet.ranking"), t("holds.ranking"), title, columns, lines(), _about(annex))


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
    return Cell("percent", _rate(item))


def _moved(annex: Annex, row: Row) -> Cell:
    if row.gained is not None:
        return Cell("moves", row.gained)
    rank = row.before.rank if row.before else None
    return Cell("label", say(f"report.change.{row.change}", annex.lang, rank=rank))


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
                one.points if one.most is not None else None, one.numerator, one.denominator, _rate(one),
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
                _exact(rate.exact),
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


def _rate(item: ItemScore) -> Fraction | None:
    if item.numerator is None or not item.denominator:
        return None
    return item.numerator / item.denominator


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
