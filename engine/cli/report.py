"""`report`: a period of a replay folder as one HTML page."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.options import Lang, LangOption, SetOption, choices
from paidan.engine.cli.score import one_period

if TYPE_CHECKING:
    from paidan.engine.report.facts import Facts


def report(
    run: Annotated[Path, typer.Argument(help="回放输出的文件夹。", metavar="DIR")],
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件。", metavar="FILE.html")],
    month: Annotated[str | None, typer.Option("--month", help="月份，如 2026-03。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="季度，如 2026Q1。")] = None,
    year: Annotated[str | None, typer.Option("--year", help="年度（以结束的一年为名），如 2026。")] = None,
    settings: SetOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Write a period's report; exit 3 where part of the input could not be scored."""
    from paidan.engine.messages import say
    from paidan.engine.scoring.note_text import note_text

    told = write_report(run, one_period(month, quarter, year), out, settings or [], lang)
    for note in told.told.notes:
        typer.echo(note_text(note, lang), err=True)
    typer.echo(say("report.written", lang, file=out), err=True)
    if any(note.lacks for note in told.told.notes):
        raise typer.Exit(3)


def write_report(run: Path, name: str, out: Path, settings: list[str], lang: Lang) -> "Facts":
    """Write the report of a period to a file, which it takes only when whole; give what it shows."""
    from paidan.engine.messages import say
    from paidan.engine.report.facts import facts
    from paidan.engine.report.page import render

    told = facts(run, name, choices(settings))
    said = [text for one in settings for text in ("--set", one)]
    spoken = ["--lang", lang.value] if lang is not Lang.zh else []
    again = ["report", str(run), f"--{told.period.span}", name, *said, *spoken, "--out", str(out)]
    why = ["--run", str(run), "--month", told.told.score.months[-1]]
    explain = f"{program()} explain --score {say('report.unit_item', lang)} {shlex.join(why)}"
    page = render(told, lang=lang.value, command=f"{program()} {shlex.join(again)}", explain=explain)
    beside = out.with_name(f".{out.name}.partial")
    beside.write_text(page, encoding="utf-8", newline="\n")
    beside.replace(out)
    return told


def program() -> str:
    """Name the command as it was called, for commands that are proposed."""
    return "python run_engine.py" if Path(sys.argv[0]).name == "run_engine.py" else "paidan"
