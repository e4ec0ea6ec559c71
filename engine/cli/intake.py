"""`intake suggest`: a mapping file to edit, for a file that is read in part or not at all."""

from pathlib import Path
from typing import Annotated

import typer

from paidan.engine.cli.options import Lang, LangOption
from paidan.engine.errors import UsageError
from paidan.engine.messages import say


def suggest(
    file: Annotated[Path, typer.Argument(help="要导入的文件。", metavar="FILE")],
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个映射文件；不写则打印。")] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Propose a mapping; a file that is there already is never written over."""
    from paidan.engine.export.mapping_file import mapping_lines
    from paidan.engine.intake.suggest import suggest as propose

    if out is not None and out.exists():
        raise UsageError("suggest.exists", file=str(out))
    made = propose(file)
    text = "".join(f"{line}\n" for line in mapping_lines(made, lang))
    if out is None:
        typer.echo(text, nl=False)
    else:
        beside = out.with_name(f".{out.name}.partial")
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(out)
    certain = sum(one.certain for one in made.lines)
    told = say(
        "suggest.written", lang, file=out or file, certain=certain, uncertain=len(made.lines) - certain
    )
    typer.echo(told, err=True)
