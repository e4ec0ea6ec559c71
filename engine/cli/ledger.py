"""`ledger`: the lists that people work by."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.custody import DbOption, RunOption, source
from paidan.engine.cli.options import (
    Lang,
    LangOption,
    Listing,
    ListingOption,
    MonthOption,
    OutOption,
    checked_month,
    echo_plain,
    listing,
)
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.ledger_lines import Line


def ledger(
    name: Annotated[
        str, typer.Argument(help="risk、staged、redo、repeats、joint、chronic。", metavar="NAME")
    ],
    run: RunOption = None,
    db: DbOption = None,
    unit: Annotated[str, typer.Option("--unit", help="只列一个单位的。")] = "",
    month: MonthOption = None,
    still_open: Annotated[bool, typer.Option("--open", help="只列未了的。")] = False,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print a list of orders that people work by: what each needs, what is late, what stands in its way."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.ledger_told import names_of, plain, row

    out = listing(out, to)
    with source(run, db) as found:
        lines = found.ledger(name, unit=unit, month=checked_month(month), open_only=still_open)
    if out.plain:
        echo_plain((plain(one, lang) for one in lines), out, to, lang=lang)
        return
    url = db or "URL"
    rows = (row(one, name, url, lang) for one in lines)
    title = say(f"ledger.name.{name}", lang)
    if out is not Listing.table:
        show(columns(names_of(name), lang), rows, out, title=title, to=to, lang=lang)
        return
    *names, _, rule = names_of(name)
    cells = ((*cell[:-2], cell[-1]) for cell in rows)  # what is amiss is told below: it takes sentences
    show(columns((*names, rule), lang), cells, out, title=title)
    for one in lines:
        _tell(one, url, lang)
    counted = {
        "lines": len(lines),
        "open": sum(not one.over for one in lines),
        "late": sum(one.late_by is not None for one in lines),
        "proposed": sum(one.proposal is not None for one in lines),
    }
    typer.echo(say("ledger.counted", lang, **counted), err=True)


def _tell(line: "Line", url: str, lang: str) -> None:
    from paidan.engine.ledger_told import command_text, findings_of, told_text
    from paidan.engine.messages.reasons import event_label

    if line.findings:
        typer.echo(f"{line.order_id} {line.unit}")
        for one in findings_of(line, lang):
            typer.echo(f"    {told_text(one, lang)}")
    if line.proposal is not None:
        told = {"order": line.order_id, "rule": line.rule.rule, "clause": line.rule.clause}
        typer.echo(say("ledger.proposed", lang, event=event_label(line.proposal.event, lang), **told))
        typer.echo(f"    {command_text(line, url)}")
