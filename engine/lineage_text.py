"""Where a score comes from, told in lines: each order and entry behind it, or why it does not count."""

from collections.abc import Iterator
from fractions import Fraction

from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, moment
from paidan.policies.scoring import figures
from paidan.policies.scoring.adjustments import AdjustmentLine
from paidan.policies.scoring.lineage import SIDES, Lineage, OrderLine
from paidan.workflows.attributes import OUTCOMES, SATISFACTION

_ANSWERS = {**OUTCOMES, **SATISFACTION}


def lines(told: Lineage, month: str, lang: str = "zh") -> Iterator[str]:
    """Tell a figure of a unit's month, line by line."""
    unit = told.unit
    item = told.item
    label = say(f"score.{told.name}", lang) if item is None else item.zh if lang == "zh" else item.en
    yield say(
        "lineage.head",
        lang,
        unit=unit.unit,
        month=month,
        label=label,
        rule=told.rule or "–",
        clause=told.clause or "–",
    )
    status = say(f"status.{unit.status}", lang)
    if unit.rules["status"]:
        yield say("lineage.status", lang, status=status, rule=unit.rules["status"])
    if told.name in SIDES:
        yield from _side(told, label, lang)
        return
    score = told.score
    if score is not None and item is not None:
        kind = {"ratio": "ratio", "per_case": "per_case"}.get(item.kind, "volume")
        yield say(
            f"lineage.{kind}",
            lang,
            points=_plain(score.points),
            most=figures.plain(score.most),
            numerator=figures.plain(score.numerator),
            denominator=_plain(score.denominator),
        )
    for line in told.orders:
        yield "  " + _order(line, lang)
    for standing in told.table:
        rank = say("lineage.unranked", lang) if standing.rank is None else str(standing.rank)
        yield "  " + say(
            "lineage.standing",
            lang,
            rank=rank,
            unit=standing.unit,
            count=standing.own,
            share=_plain(standing.share),
            points=figures.plain(standing.points),
        )


def _order(line: OrderLine, lang: str) -> str:
    details = dict(line.details)
    if "due_at" in details:
        details["due_at"] = moment(details["due_at"])
    if "answer" in details and lang == "zh":
        details["answer"] = _ANSWERS.get(details["answer"], details["answer"])
    causes = [
        say("lineage.cause", lang, seq=one.seq, event=event_label(one.event, lang), at=moment(one.at))
        for one in line.causes
    ]
    return say(
        "lineage.order" if line.within else "lineage.aside", lang, order=line.order_id,
        weight=figures.plain(line.weight), why=say(f"line.{line.because}", lang, **details),
        causes=f" [{'; '.join(causes)}]" if causes else "",
    )  # fmt: skip


def _side(told: Lineage, label: str, lang: str) -> Iterator[str]:
    points = told.unit.bonus if told.name == "bonus" else told.unit.deduction
    counted = sum((line.points for line in told.adjustments if line.counted), Fraction(0))
    yield say(
        "lineage.side",
        lang,
        label=label,
        points=figures.plain(points),
        sum=figures.plain(counted),
        cap=say("lineage.uncapped", lang) if told.most is None else figures.plain(told.most),
    )
    for line in told.adjustments:
        yield "  " + _adjustment(line, lang)


def _adjustment(line: AdjustmentLine, lang: str) -> str:
    entered = line.adjustment
    why = say(f"adjusted.{line.because}", lang, cites=line.cites)
    if line.carried_from:
        why = say("adjusted.from", lang, why=why, month=line.carried_from)
    return say(
        "lineage.adjustment", lang, at=moment(entered.at), rule=line.rule.rule,
        label=line.rule.zh if lang == "zh" else line.rule.en, points=figures.plain(line.points), why=why,
        order=say("adjusted.order", lang, order=entered.order_id) if entered.order_id else "",
        note=say("adjusted.note", lang, note=entered.note) if entered.note else "",
    )  # fmt: skip


def _plain(value: Fraction | None) -> str:
    return "–" if value is None else figures.plain(value)
