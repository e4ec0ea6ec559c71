"""`history`: the log of an order or a case, in the reader's words."""

from itertools import repeat
from pathlib import Path
from typing import Annotated

import typer

from paidan.engine.cli.options import (
    Lang,
    LangOption,
    Listing,
    ListingOption,
    OutOption,
    echo_plain,
    listing,
)
from paidan.engine.cli.replay import DbOption, RunOption, log_of


def history(
    order: Annotated[str, typer.Argument(help="工单编号，或案件编号。", metavar="ORDER")],
    run: RunOption = None,
    db: DbOption = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", help="岗位名册；不写时用在线数据库中的。", metavar="FILE")
    ] = None,
    lang: LangOption = Lang.zh,
    out: ListingOption = Listing.table,
    to: OutOption = None,
) -> None:
    """Print the log of an order, with who held the posts it names and how long recordings are kept."""
    from paidan.engine.cli.directory import filings_for
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.custody import held_now
    from paidan.engine.custody_told import now_text
    from paidan.engine.history_told import Told
    from paidan.workflows.cases import case_id

    out = listing(out, to)
    entries, rules, as_of = log_of(order, run, db)
    told = Told(order, entries, rules, filings_for(directory, db))
    if out.plain:
        chained = [{"hash": one} for one in _hashes(order, db)] if db is not None else repeat({})
        plain = ({**told.plain(one), **more} for one, more in zip(entries, chained, strict=False))
        echo_plain(plain, out, to, lang=lang)
        return
    people = ("person",) if told.filings else ()
    names = ("seq", "at", "event", "state", "unit", "role", *people, "rule", "said")
    rows = [told.row(one, lang) for one in entries]
    show(columns(names, lang), rows, out, title=order, to=to, lang=lang)
    if out is Listing.table and not case_id(order):
        typer.echo(now_text(held_now(order, entries, rules, as_of), rules, lang))


def _hashes(order: str, db: str) -> list[str]:
    from paidan.engine.databases import hashes_of_database

    return hashes_of_database(db, order)
