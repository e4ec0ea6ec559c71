"""Rows printed as a table for people, or as data; or written to a file."""

import re
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from paidan.engine.cli.options import Format, Listing
from paidan.engine.export.table import Column, Encoding, Form, Kind, Sheet, Written, save, write_csv
from paidan.engine.messages import say
from paidan.workflows.records import BEIJING

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
"""An instant as `engine.messages.reasons.moment` writes it."""


def columns(names: Sequence[str], lang: str) -> tuple[Column, ...]:
    """Give columns with titles in the reader's language."""
    return tuple(Column(name, say(f"column.{name}", lang)) for name in names)


def show(
    headers: Sequence[Column | str],
    rows: Iterable[Sequence[Any]],
    out: Format | Listing,
    *,
    title: str = "",
    to: Path | None = None,
    lang: str = "zh",
) -> None:
    """
    Print rows to standard output, or write them to the file `to`, as what they are there.

    A table keeps its full width where nobody watches.
    """
    named = [one if isinstance(one, Column) else Column(one, one) for one in headers]
    if to is not None:
        keep(_typed(Sheet(title.strip() or to.stem, named, list(rows))), to, Form(out), lang=lang)
        return
    if out == Format.csv:
        write_csv(Sheet(title, named, rows), sys.stdout)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column as Head
    from rich.table import Table

    # A long word goes on, nothing is cut off.
    folded = [Head(one.title, overflow="fold") for one in named]
    table = Table(*folded, title=title or None, title_justify="left", box=SIMPLE_HEAD, highlight=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)


def keep(
    sheet: Sheet, to: Path, form: Form, *, encoding: Encoding = Encoding.utf_8, lang: str = "zh"
) -> None:
    """Write a table to a file, and tell on standard error what came of it."""
    tell_written(save(sheet, to, form, encoding=encoding), to, lang)


def tell_written(written: Written, to: Path, lang: str) -> None:
    """Tell on standard error how many rows a file holds, and what it could not hold."""
    typer.echo(say("cli.file_written", lang, rows=written.rows, file=to), err=True)
    if written.first is not None:
        typer.echo(say("export.cut", lang, count=written.cut, **written.first._asdict()), err=True)


def _typed(sheet: Sheet) -> Sheet:
    """Give a table whose columns of numbers and of instants are that; its rows are few, and in memory."""
    given = list(sheet.rows)
    told = list(zip(*given, strict=True)) or [()] * len(sheet.columns)
    kinds = [_kind(cells) for cells in told]
    rows = [
        [_instant(cell) if kind is Kind.INSTANT else cell for cell, kind in zip(row, kinds, strict=True)]
        for row in given
    ]
    return Sheet(
        sheet.title, [one._replace(kind=kind) for one, kind in zip(sheet.columns, kinds, strict=True)], rows
    )


def _kind(cells: Sequence[Any]) -> Kind:
    said = [cell for cell in cells if cell is not None and cell != ""]
    if said and all(type(cell) is int for cell in said):
        return Kind.NUMBER
    if said and all(isinstance(cell, str) and _MOMENT.fullmatch(cell) for cell in said):
        return Kind.INSTANT
    return Kind.TEXT


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING) if text else None
