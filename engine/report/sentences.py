"""A period in a few sentences: who took part, who leads and who is last, what was late, what follows."""

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from paidan.engine.messages import say
from paidan.engine.report.facts import Facts
from paidan.engine.report.standing import Class, Row
from paidan.engine.scoring import consequence_label, pool_label
from paidan.policies.scoring import figures


def period_label(name: str, lang: str) -> str:
    """
    Give the label of a month, quarter or year.

    >>> period_label("2026-03", "zh"), period_label("2026Q1", "zh"), period_label("2026", "zh")
    ('2026年3月', '2026年第1季度', '2026年度')
    """
    year, _, number = re.split(r"([-Q]|$)", name, maxsplit=1)
    span = "month" if "-" in name else "quarter" if "Q" in name else "year"
    return say(f"report.period.{span}", lang, year=year, number=int(number or 0))


def sentences(facts: Facts, lang: str) -> Iterator[str]:
    """Say what a branch leader asks first."""
    yield _units(facts, lang)
    if facts.weighted:
        for one in facts.classes:
            if one.ranked:
                yield _class(facts, one, lang)
    if grades := _grades(facts, lang):
        yield grades
    if facts.lateness.whole.all.of:
        yield _late(facts, lang)
    if facts.told.consequences:
        yield _follows(facts, lang)


def _units(facts: Facts, lang: str) -> str:
    units = facts.told.score.units
    if not facts.weighted:
        return say("report.says.unweighted", lang, count=len(units))
    out = Counter(one.status for one in units if one.rank is None)
    told = "".join(
        say("report.says.out", lang, count=count, status=say(f"status.{status}", lang))
        for status, count in out.items()
    )
    return say("report.says.units", lang, count=len(units), ranked=facts.ranked, out=told)


def _class(facts: Facts, one: Class, lang: str) -> str:
    pool = say("comma", lang).join(pool_label(facts.policy, pool, lang) for pool in one.pools)
    first, last = one.ranked[0], one.ranked[-1]
    if first.unit.rank == last.unit.rank:
        return say("report.says.only", lang, pool=pool, best=_named(one, first, lang)) + say(
            "report.says.stop", lang
        )
    told = say(
        "report.says.class", lang, pool=pool, best=_named(one, first, lang), worst=_named(one, last, lang)
    )
    moved = [row for row in one.ranked if row.gained]
    if moved:
        best, worst = max(moved, key=_gained), min(moved, key=_gained)
        if _gained(best) > 0:
            told += say("report.says.best_gain", lang, unit=best.unit.unit, places=_gained(best))
        if _gained(worst) < 0:
            told += say("report.says.worst_loss", lang, unit=worst.unit.unit, places=-_gained(worst))
    return told + say("report.says.stop", lang)


def _gained(row: Row) -> int:
    return row.gained or 0


def _named(one: Class, row: Row, lang: str) -> str:
    tied = sum(other.unit.rank == row.unit.rank for other in one.ranked)
    total = figures.shown(row.unit.total or Fraction(0))
    code = "report.says.tied" if tied > 1 else "report.says.total"
    return say(code, lang, unit=row.unit.unit, total=total, count=tied)


def _grades(facts: Facts, lang: str) -> str:
    counts = Counter(one.grade for one in facts.told.score.units if one.grade)
    if not counts:
        return ""
    told = [
        say("report.says.grade", lang, grade=say(f"grade.{grade}", lang), count=count)
        for grade, count in counts.most_common()
    ]
    return say("report.says.grades", lang, grades=say("comma", lang).join(told))


def _late(facts: Facts, lang: str) -> str:
    whole = facts.lateness.whole
    if not whole.all.missed:
        return say("report.says.never_late", lang, of=whole.all.of)
    column = max(facts.lateness.columns, key=lambda one: whole.cells[one.rule].missed)
    worst = whole.cells[column.rule]
    words = column.words
    return say(
        "report.says.late", lang, of=whole.all.of, missed=whole.all.missed,
        share=f"{figures.shown(Fraction(whole.all.missed * 100, whole.all.of), 1)}%",
        label=(words.zh if lang == "zh" else words.en) if words else column.clause, rule=column.rule,
        worst=worst.missed, worst_of=worst.of,
    )  # fmt: skip


def _follows(facts: Facts, lang: str) -> str:
    kinds: dict[str, set[str]] = {}
    for one in facts.told.consequences:
        kinds.setdefault(one.rule.kind, set()).add(one.unit)
    told = [
        say(
            "report.says.kind",
            lang,
            label=consequence_label(facts.policy, kind, lang).replace("_", " "),
            count=len(units),
        )
        for kind, units in kinds.items()
    ]
    return say("report.says.follows", lang, kinds=say("comma", lang).join(told))
