"""`export`: the live log, or a table of all orders or of scores, to a file."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from paidan.engine.cli.options import Lang, LangOption, SetOption, choices
from paidan.engine.errors import UsageError
from paidan.engine.export.forms import LOG_FORMS, form_of
from paidan.engine.export.table import Encoding, Form, What
from paidan.engine.messages import say


class Written(StrEnum):
    """The form of a file: a table's, or a log's for the tools of other people."""

    csv = Form.csv.value
    xlsx = Form.xlsx.value
    jsonl = Form.jsonl.value
    parquet = Form.parquet.value
    xes = "xes"
    ocel = "ocel"


class Exported(StrEnum):
    """What is written: one of `What`, or the scores of a period."""

    entries = What.entries.value
    transitions = What.transitions.value
    deadlines = What.deadlines.value
    deviations = What.deviations.value
    histories = What.histories.value
    scores = "scores"


def export(
    out: Annotated[Path, typer.Option("--out", help="输出的文件。", metavar="FILE")],
    db: Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="回放输出的文件夹。")] = None,
    what: Annotated[
        Exported, typer.Option("--what", help="entries 是可回放的日志；其余是表，工单与案件都在内。")
    ] = Exported.entries,
    form: Annotated[
        Written | None, typer.Option("--format", help="格式；不写则由文件名的结尾决定，看不出时为 csv。")
    ] = None,
    encoding: Annotated[
        Encoding | None, typer.Option("--encoding", help="CSV 的编码；默认 UTF-8，表带 BOM。")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", help="成绩的月份，如 2026-03。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="成绩的季度，如 2026Q1。")] = None,
    year: Annotated[str | None, typer.Option("--year", help="成绩的年度，如 2026。")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册（成绩与 --db 同用）。")] = None,
    adjustments: Annotated[
        Path | None, typer.Option("--adjustments", help="加减分表（成绩与 --db 同用）。")
    ] = None,
    settings: SetOption = None,
    source_file: Annotated[
        Path | None, typer.Option("--source", help="回放时的原 XES 文件：原样写回，加上时限与判定。")
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="回放时所用的映射文件。")] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Write the live log as the CSV that `replay` reads, a table in any format, or a log as XES or OCEL."""
    from paidan.engine.app import Engine
    from paidan.engine.cli.custody import source
    from paidan.engine.cli.tables import keep, tell_written

    named = form or form_of(out)
    if named in LOG_FORMS or source_file or mapping:
        from paidan.engine.cli.logs_out import export_log

        export_log(out, named, db=db, run=run, source=source_file, mapping=mapping, lang=lang)
        return
    ending = out.suffix.lower().removeprefix(".")
    table = Form(named or (ending if ending in {*Form} else Form.csv))
    if encoding is not None and table is not Form.csv:
        raise UsageError("cli.encoding")
    coded = encoding or Encoding.utf_8
    if what is Exported.scores:
        from paidan.engine.cli.score import one_period, run_to_score, tell_notes
        from paidan.engine.scoring import score
        from paidan.engine.scoring.listed import score_sheet

        period = one_period(month, quarter, year)
        told = score(run_to_score(run, db, units, adjustments), period, choices(settings))
        keep(score_sheet(told, lang), out, table, encoding=coded, lang=lang)
        tell_notes(told, lang)
        return
    if any((month, quarter, year, units, adjustments, settings)):
        raise UsageError("export.of_scores")
    with source(run, db) as found:
        if isinstance(found, Engine) and what is Exported.entries and table is Form.csv and encoding is None:
            rows = found.export(out)
            typer.echo(say("live.exported", lang, rows=rows, file=out), err=True)
            return
        written = found.tabulate(what, out, form=table, encoding=coded, lang=lang)
    tell_written(written, out, lang)
