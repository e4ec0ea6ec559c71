"""Where a score comes from, told in lines: each order and entry behind it, or why it does not count."""

from collections.abc import Iterator
from fractions import Fraction

from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, moment
from paidan.policies.score_schema import Item
from paidan.policies.scoring import figures
from paidan.policies.scoring.adjustments import AdjustmentLine
from paidan.policies.scoring.items import ItemScore, Standing
from paidan.policies.scoring.lineage import SIDES, Cause, Lineage, OrderLine
from paidan.workflows.attributes import EXCLUSIONS, FINDINGS, OUTCOMES, SATISFACTION

_LABELS = {"answer": {**OUTCOMES, **SATISFACTION}, "situation": EXCLUSIONS, "finding": FINDINGS}


def lines(told: Lineage, month: str, lang: str = "zh") -> Iterator[str]:
    """Tell a figure of a unit's month, line by line."""
    item = told.item
    label = say(f"score.{told.name}", lang) if item is None else item.zh if lang == "zh" else item.en
    yield say(
        "lineage.head",
        lang,
        unit=told.unit,
        month=month,
        label=label,
        rule=told.rule or "–",
        clause=told.clause or "–",
    )
    if told.status is not None:
        status = say(f"status.{told.status.status}", lang)
        yield say("lineage.status", lang, status=status, rule=told.status.rule)
    if told.name in SIDES:
        yield from _side(told, label, lang)
        return
    if told.score is not None and item is not None:
        yield sum_text(item, told.score, lang)
    for line in told.orders:
        yield "  " + _order(line, lang)
    for adjustment in told.adjustments:
        yield "  " + _adjustment(adjustment, lang)
    for standing in told.table:
        yield "  " + _standing(standing, item is not None and item.kind == "rank_bands", lang)


def sum_text(item: Item, score: ItemScore, lang: str = "zh") -> str:
    """Tell how the points of an item were made."""
    kind = "volume" if item.kind == "rank_bands" else item.kind
    return say(
        f"lineage.{kind if score.most is not None else 'unweighted'}",
        lang,
        points=_plain(score.points),
        most=_plain(score.most),
        numerator=_plain(score.numerator),
        denominator=_plain(score.denominator),
        reference=_plain(score.reference),
    )


def _standing(line: Standing, ranked: bool, lang: str) -> str:  # noqa: FBT001 - one of two tables
    return say(
        "lineage.standing" if ranked else "lineage.compared",
        lang,
        rank=say("lineage.unranked", lang) if line.rank is None else str(line.rank),
        unit=line.unit,
        count=figures.plain(line.own),
        whole=figures.plain(line.total),
        share=_plain(line.share),
        points=_plain(line.points),
    )


def _order(line: OrderLine, lang: str) -> str:
    causes = [cause_text(one, lang) for one in line.causes]
    return say(
        "lineage.order" if line.within else "lineage.aside", lang, order=line.order_id,
        weight=figures.plain(line.weight), why=line_why(line, lang),
        causes=f" [{'; '.join(causes)}]" if causes else "",
    )  # fmt: skip


def cause_text(cause: Cause, lang: str = "zh") -> str:
    """Name an entry that a line rests on."""
    event = event_label(cause.event, lang)
    return say("lineage.cause", lang, seq=cause.seq, event=event, at=moment(cause.at))


def line_why(line: OrderLine, lang: str = "zh") -> str:
    """Say why an order counts for what it does."""
    details = dict(line.details)
    if "due_at" in details:
        details["due_at"] = moment(details["due_at"])
    if lang == "zh":
        for name, labels in _LABELS.items():
            if name in details:
                details[name] = labels.get(details[name], details[name])
    cites = say("lineage.cites", lang, cites=line.cites) if line.cites else ""
    return say(f"line.{line.because}", lang, **details) + cites


def _side(told: Lineage, label: str, lang: str) -> Iterator[str]:
    counted = sum((line.points for line in told.adjustments if line.counted), Fraction(0))
    yield say(
        "lineage.side",
        lang,
        label=label,
        points=_plain(told.points),
        sum=figures.plain(counted),
        cap=say("lineage.uncapped", lang) if told.most is None else figures.plain(told.most),
    )
    for line in told.adjustments:
        yield "  " + _adjustment(line, lang)


def _adjustment(line: AdjustmentLine, lang: str) -> str:
    entered = line.adjustment
    return say(
        "lineage.adjustment", lang, at=moment(entered.at), rule=line.rule.rule,
        label=line.rule.zh if lang == "zh" else line.rule.en, points=figures.plain(line.points),
        why=adjustment_why(line, lang),
        order=say("adjusted.order", lang, order=entered.order_id) if entered.order_id else "",
        note=say("adjusted.note", lang, note=entered.note) if entered.note else "",
    )  # fmt: skip


def adjustment_why(line: AdjustmentLine, lang: str = "zh") -> str:
    """Say whether what was entered counts, or why not."""
    why = say(f"adjusted.{line.because}", lang, cites=line.cites)
    return say("adjusted.from", lang, why=why, month=line.carried_from) if line.carried_from else why


def _plain(value: Fraction | None) -> str:
    return "–" if value is None else figures.plain(value)
