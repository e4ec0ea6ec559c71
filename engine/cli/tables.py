"""Rows printed as a table for people, or as CSV for programs."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from paidan.engine.cli.options import Format
from paidan.engine.inert import cells, lines_to
from paidan.engine.messages import say


def columns(names: Sequence[str], lang: str) -> tuple[str, ...]:
    """Give the headers of columns in the reader's language."""
    return tuple(say(f"column.{name}", lang) for name in names)


def show(headers: Sequence[str], rows: Iterable[Sequence[Any]], out: Format, *, title: str = "") -> None:
    """Print rows to standard output; a table keeps its full width where nobody watches."""
    if out is Format.csv:
        writer = lines_to(sys.stdout)
        writer.writerow(headers)
        writer.writerows(map(cells, rows))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    folded = [
        Column(header, overflow="fold") for header in headers
    ]  # a long word goes on, nothing is cut off
    table = Table(*folded, title=title or None, title_justify="left", box=SIMPLE_HEAD, highlight=False)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    console.print(table)
