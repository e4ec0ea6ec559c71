"""`export`: the live log, or a table of all orders, to a file."""

from pathlib import Path
from typing import Annotated

import typer

from paidan.engine.cli.options import Lang, LangOption
from paidan.engine.errors import UsageError
from paidan.engine.export.table import Encoding, Form, What
from paidan.engine.messages import say


def export(
    out: Annotated[Path, typer.Option("--out", help="输出的文件。", metavar="FILE")],
    db: Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="回放输出的文件夹。")] = None,
    what: Annotated[
        What, typer.Option("--what", help="entries 是可回放的日志；其余是表，工单与案件都在内。")
    ] = What.entries,
    form: Annotated[
        Form | None, typer.Option("--format", help="格式；不写则由文件名的结尾决定，看不出时为 csv。")
    ] = None,
    encoding: Annotated[
        Encoding | None, typer.Option("--encoding", help="CSV 的编码；默认 UTF-8，表带 BOM。")
    ] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Write the live log as the CSV that `replay` reads, or a table of all orders in any format."""
    from paidan.engine.app import Engine
    from paidan.engine.cli.custody import source
    from paidan.engine.cli.tables import tell_written

    form = form or next((one for one in Form if out.suffix.lower() == f".{one}"), Form.csv)
    if encoding is not None and form is not Form.csv:
        raise UsageError("cli.encoding")
    with source(run, db) as found:
        if isinstance(found, Engine) and what is What.entries and form is Form.csv and encoding is None:
            rows = found.export(out)
            typer.echo(say("live.exported", lang, rows=rows, file=out), err=True)
            return
        written = found.tabulate(what, out, form=form, encoding=encoding or Encoding.utf_8, lang=lang)
    tell_written(written, out, lang)
