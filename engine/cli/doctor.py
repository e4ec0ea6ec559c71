"""`doctor`: whether this machine and a database are fit to keep orders."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, echo_json
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.doctor import Line


def doctor(
    db: Annotated[
        str | None, typer.Option("--db", help="也检查这个在线数据库，如 sqlite:///paidan.db。")
    ] = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Check machine and database; exit 4 when a check failed, 7 when the database is away."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.doctor import diagnose, exit_code

    lines = list(diagnose(db))
    if out is Format.json:
        echo_json([{"check": one.check, "level": one.level, "text": _text(one, lang)} for one in lines])
    else:
        rows = (
            (say(f"doctor.check.{one.check}", lang), say(f"doctor.{one.level}", lang), _text(one, lang))
            for one in lines
        )
        show(columns(("check", "level", "found"), lang), rows, out)
    if code := exit_code(lines):
        raise typer.Exit(code)


def _text(line: "Line", lang: str) -> str:
    from paidan.engine.faults import sentences

    if line.error is not None:
        return " ".join(sentences(line.error, lang))
    return say(f"doctor.{line.code}", lang, **line.details)
