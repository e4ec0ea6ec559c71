"""
A period's scores as a workbook shaped like the documents' annexes (考核评分表), made to be printed.

Its figures are those of the scored period; nothing is worked out here. Sheets: a cover, the ranking, one
for each pool, adjustments, rates, consequences, evidence, exclusions, settings, notes.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from paidan.engine.export import annex_behind, annex_scores
from paidan.engine.export.annex_told import Annex
from paidan.engine.export.printed import Cell, Column, Printed
from paidan.engine.export.workbook import writing
from paidan.engine.report.asides import asides
from paidan.engine.report.sentences import period_label
from paidan.engine.report.standing import before, classes
from paidan.engine.scoring import Run, Scored, scored, scoring_of
from paidan.policies.reader import shown
from paidan.policies.scoring.periods import days_of


def write_annex(
    run: Run, name: str, path: Path, choices: Mapping[str, Any] | None = None, *,
    lang: str = "zh", made_at: datetime, program: str,
) -> Scored:  # fmt: skip
    """
    Score a period of a run, write the workbook, give what was scored.

    `made_at` and `program` are what the cover says of its making. The file takes its name when it is
    whole. Raises as `engine.scoring.score`, and as `engine.export.workbook.writing`.
    """
    scoring = scoring_of(run, name, choices)
    told = scored(scoring, name, run)
    earlier = before(scoring, told.score.period)
    annex = Annex(
        run=run, told=told, before=earlier, classes=classes(scoring, told, earlier),
        asides=asides(run, told, choices), lang=lang,
    )  # fmt: skip
    with writing(path) as book:
        period = period_label(told.score.period.name, lang)
        printed = Printed(book, lang, annex.t("head", title=run.document.title, period=period))
        sheets = [*annex_scores.sheets(annex), *annex_behind.sheets(annex)]
        _cover(printed, annex, [(one.name, one.holds) for one in sheets], made_at, program)
        for sheet in sheets:
            page = printed.page(sheet.name, sheet.title, sheet.columns, sheet.about)
            for line in sheet.lines:
                if isinstance(line, str):
                    page.band(line)
                else:
                    page.row(line.values, line.look)
    return told


def _cover(
    printed: Printed, annex: Annex, sheets: list[tuple[str, str]], made_at: datetime, program: str
) -> None:
    """Say who issued the rules, of what period this is, and what it was made from, when and by what."""
    t, run, score, document = annex.t, annex.run, annex.told.score, annex.run.document
    columns = [Column(t("name"), 22), Column(t("content"), 84), Column(t("rows"), 14, "count")]
    title = t("title.cover", title=document.title, period=annex.period)
    page = printed.page(t("sheet.cover"), title, columns, t("figures"))
    months = score.period.months
    changed = annex.both(f"{name} = {shown(value)}" for name, value in score.settings.items())
    ranked = sum(one.rank is not None for one in score.units)
    facts = {
        "issuer": document.issuer,
        "number": document.number,
        "version": score.version,
        "period": annex.period,
        "days": t("cover.days_told", first=days_of(months[0])[0], last=days_of(months[-1])[1]),
        "months": annex.both(score.months),
        "as_of": Cell("moment", run.as_of),
        "calendar": run.calendar,
        "provisional": annex.flag(score.provisional),
        "units": t("cover.counted", units=len(score.units), ranked=ranked),
        "settings": changed or t("nothing"),
        "made_at": Cell("moment", made_at),
        "program": program,
    }
    for name, value in facts.items():
        page.row([t(f"cover.{name}"), value, ""], "left")
    page.band(t("cover.inputs"))
    for one in run.inputs:
        page.row([one.name, one.sha256, "" if one.rows is None else one.rows])
    if not any(one.rows is not None for one in run.inputs):
        page.row([t("cover.database"), "", len(run.records)])
    page.band(t("cover.sheets"))
    for name, holds in sheets:
        page.row([name, holds, ""])
