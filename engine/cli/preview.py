"""`import --preview`: what each column of some files became, shown before anything is taken in."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from paidan.engine.cli.options import Format, Lang, echo_json
from paidan.engine.cli.replay import told
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.intake.preview import Preview


def show_preview(
    files: Sequence[Path], policy: str | None, mapping: Path | None, out: Format, lang: Lang
) -> None:
    """Print what an import of some files would read; exit 3 where it would reject something."""
    from paidan.engine.clock import SystemClock
    from paidan.engine.intake.mapping import read_mapping
    from paidan.engine.intake.preview import preview
    from paidan.engine.preview_told import plain
    from paidan.policies.registry import document

    read = None if mapping is None else read_mapping(mapping)
    also = document(policy).choices if policy else {}
    found = preview(files, read, SystemClock().now(), also=also)
    if out is Format.json:
        echo_json(plain(found, lang))
    else:
        _print(found, out, lang)
    summary: dict[str, Any] = {"inputs": found.imported.inputs}
    if mapping is not None:
        summary["mapping"] = {"name": mapping.name, "added": dict(sorted(found.imported.added.items()))}
    for line in told(summary, lang):
        typer.echo(line, err=True)
    if found.imported.rejected:
        typer.echo(say("preview.rejected", lang, count=found.imported.rejected), err=True)
        raise typer.Exit(3)


def _print(found: "Preview", out: Format, lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.preview_told import counts, rows, title

    names = columns(("header", "read_as", "filled", "examples", "rejected"), lang)
    if out is Format.csv:
        listed = [(file.name, *row) for file in found.files for row in rows(file, lang)]
        show((*columns(("file",), lang), *names), listed, out)
        return
    for file in found.files:
        show(names, list(rows(file, lang)), out, title=title(file, lang))
    show(columns(("what", "events"), lang), list(counts(found, lang)), out, title=say("preview.totals", lang))
