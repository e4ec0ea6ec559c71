"""`score`, and the score part of `explain`: a month of a replay folder."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import (
    Format,
    Lang,
    LangOption,
    SetOption,
    choices,
    echo_json,
    moment_option,
)

DbOption = Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")]

if TYPE_CHECKING:
    from paidan.engine.scoring import Run, Scored
    from paidan.engine.scoring.compared import Beside
    from paidan.policies.scoring.lineage import Lineage


class ScoreFormat(StrEnum):
    """How a score is printed, or written: a workbook goes to a file."""

    table = "table"
    json = "json"
    csv = "csv"
    xlsx = "xlsx"


def score(
    run: Annotated[Path | None, typer.Argument(help="回放输出的文件夹。", metavar="[DIR]")] = None,
    db: DbOption = None,
    month: Annotated[str | None, typer.Option("--month", help="月份，如 2026-03。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="季度，如 2026Q1。")] = None,
    year: Annotated[str | None, typer.Option("--year", help="年度（以结束的一年为名），如 2026。")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册（与 --db 同用）。")] = None,
    adjustments: Annotated[
        Path | None, typer.Option("--adjustments", help="加减分表（与 --db 同用）。")
    ] = None,
    settings: SetOption = None,
    readings: Annotated[
        bool, typer.Option("--readings", help="各条文换一种读法，谁的名次或事项会变。")
    ] = False,
    exclusions: Annotated[bool, typer.Option("--exclusions", help="剔除前后的成绩，谁受益。")] = False,
    since: Annotated[
        str | None, typer.Option("--since", help="某一时刻之后才知道的事改变了什么。", metavar="TIME")
    ] = None,
    listings: Annotated[
        bool, typer.Option("--listings", help="相互矛盾、临期结案、待采取举措的工单。")
    ] = False,
    written: Annotated[ScoreFormat, typer.Option("--format", help="输出格式。")] = ScoreFormat.table,
    workbook: Annotated[
        Path | None,
        typer.Option("--out", help="评分表写到哪个文件（--format xlsx）。", metavar="FILE.xlsx"),
    ] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print the items, totals and ranks of every unit's period, and what follows from them."""
    from paidan.engine.cli import compared
    from paidan.engine.errors import UsageError

    name, chosen = one_period(month, quarter, year), choices(settings)
    at = moment_option(since, "--since")
    if (written is ScoreFormat.xlsx) != (workbook is not None):
        raise UsageError("annex.wants_out")
    if workbook is not None:
        if readings or exclusions or at is not None or listings:
            raise UsageError("annex.one_view")
        _workbook(run_to_score(run, db, units, adjustments), name, workbook, chosen, lang)
        return
    out = Format(written)
    if sum((readings, exclusions, at is not None, listings)) > 1 or (readings and chosen):
        raise UsageError("compared.one_view")
    if readings:
        if run is None:
            raise UsageError("compared.readings_need")
        compared.all_readings(run, name, out, lang)
        return
    scored_run = run_to_score(run, db, units, adjustments)
    if exclusions:
        compared.exclusions(scored_run, name, chosen, out, lang)
    elif at is not None:
        compared.since(_since(run, db, name, at, chosen, units, adjustments), at, out, lang)
    elif listings:
        compared.listings(scored_run, name, chosen, out, lang)
    else:
        _score(scored_run, name, chosen, out, lang)


def _since(
    run: Path | None, db: str | None, name: str, at: datetime, chosen: Mapping[str, Any],
    units: Path | None, adjustments: Path | None,
) -> "Beside":  # fmt: skip
    """Set a period beside what was known of it at a time."""
    from paidan.engine.scoring.compared import as_known, folder_as_known

    if run is not None:
        return folder_as_known(run, name, at, chosen)
    from paidan.engine.databases import run_of_database

    earlier = run_of_database(db or "", units, adjustments, as_of=at)
    return as_known(run_to_score(run, db, units, adjustments), earlier, name, at, chosen)


def run_to_score(run: Path | None, db: str | None, units: Path | None, adjustments: Path | None) -> "Run":
    """Give the folder or the database that was named, one of them; raises `UsageError`."""
    from paidan.engine.errors import UsageError

    if (run is None) == (db is None) or (run is not None and (units or adjustments)):
        raise UsageError("score_of_what")
    if run is not None:
        from paidan.engine.scoring import load_run

        return load_run(run)
    from paidan.engine.databases import run_of_database

    return run_of_database(db or "", units, adjustments)


def _score(run: "Run", name: str, chosen: Mapping[str, Any], out: Format, lang: Lang) -> None:
    from paidan.engine.cli.tables import show
    from paidan.engine.messages import say
    from paidan.engine.scoring import as_json, as_rows
    from paidan.engine.scoring import score as scored

    told = scored(run, name, chosen)
    if out is Format.json:
        echo_json(as_json(told, lang))
    else:
        headers, rows = as_rows(told.score, told.policy, lang)
        show(headers, rows, out, title=say("score.title", lang, policy=told.policy.version, month=name))
        if out is Format.table:
            _consequences(told, lang)
    tell_notes(told, lang)


def _workbook(run: "Run", name: str, path: Path, chosen: Mapping[str, Any], lang: Lang) -> None:
    """Write the score sheets of a period; exit 3 as for the table."""
    from paidan.engine.clock import SystemClock
    from paidan.engine.export.annex import write_annex
    from paidan.engine.messages import say
    from paidan.engine.version import own_version

    told = write_annex(
        run, name, path, chosen, lang=lang.value, made_at=SystemClock().now(),
        program=f"paidan {own_version()}",
    )  # fmt: skip
    typer.echo(say("annex.written", lang, file=path), err=True)
    tell_notes(told, lang)


def one_period(month: str | None, quarter: str | None, year: str | None) -> str:
    """Give the one period that was asked for; `UsageError` for none, or for several."""
    from paidan.engine.errors import UsageError

    spans = ((month, "-"), (quarter, "Q"), (year, ""))
    asked = [(name, mark) for name, mark in spans if name is not None]
    if len(asked) != 1:
        raise UsageError("period_wanted")
    name, mark = asked[0]
    if "".join(one for one in name if not one.isdigit()) != mark:
        raise UsageError("month_unreadable", month=name)
    return name


def explain_score(told: "Lineage", name: str, lang: Lang = Lang.zh) -> None:
    """Print where an item, `bonus` or `deduction` of a unit's period comes from."""
    from paidan.engine.scoring.lineage_text import lines

    for line in lines(told, name, lang):
        typer.echo(line)


def _consequences(told: "Scored", lang: Lang) -> None:
    from paidan.engine.cli.tables import show
    from paidan.engine.messages import say
    from paidan.engine.scoring import consequence_label
    from paidan.engine.scoring.consequence_text import because

    if told.consequences:
        headers = [say(f"score.{name}", lang) for name in ("unit", "consequence", "rule", "because")]
        rows = [
            [one.unit, consequence_label(told.policy, one.rule.kind, lang), one.rule.rule,
             because(one, told.policy, lang)]
            for one in told.consequences
        ]  # fmt: skip
        show(headers, rows, Format.table, title=say("score.consequences", lang))


def tell_notes(told: "Scored", lang: Lang) -> None:
    """Tell what is to know on standard error; exit 3 where part of the input could not be scored."""
    from paidan.engine.scoring.note_text import note_text

    for note in told.notes:
        typer.echo(note_text(note, lang), err=True)
    if any(note.lacks for note in told.notes):
        raise typer.Exit(3)
