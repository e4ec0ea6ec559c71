"""`pingpong`: returns between units as a list and as a graph."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.custody import DbOption, RunOption, source
from paidan.engine.cli.options import (
    Lang,
    LangOption,
    Listing,
    MonthOption,
    OutOption,
    checked_month,
    echo_json,
    echo_plain,
    listing,
)
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.pingpong import PingPong

DRAWN = 40
"""So many arrows a drawing has at most, and rows a table: more is no picture."""


class Form(StrEnum):
    """How the returns are printed: as rows, or as a drawing."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"
    mermaid = "mermaid"


def pingpong(
    run: RunOption = None,
    db: DbOption = None,
    month: MonthOption = None,
    out: Annotated[
        Form, typer.Option("--format", help="输出格式；mermaid 画出单位之间的退单。")
    ] = Form.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print the returns between units: who to whom how often, orders returned often, circles."""
    from paidan.engine.pingpong import mermaid

    drawn = out is Form.mermaid
    as_list = listing(Listing.table if drawn else Listing(out), None if drawn else to)
    with source(run, db) as found:
        told = found.pingpong(checked_month(month))
    if drawn:
        typer.echo(mermaid(told.edges[:DRAWN]), nl=False)
        if left := len(told.edges[DRAWN:]):
            typer.echo(say("pingpong.left_out", lang, drawn=DRAWN, left=left), err=True)
    elif as_list is Listing.table:
        _print(told, lang)
    elif as_list is Listing.json:
        echo_json(_plain(told))
    elif as_list is Listing.jsonl:
        echo_plain(_plain(told)["edges"], as_list, to, lang=lang)
    else:
        _show_edges(told, lang, as_list, to)


def _print(told: "PingPong", lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages.reasons import moment

    _show_edges(told, lang, Listing.table)
    if told.circles:
        rows = [(_way(one.path), one.times, _some(one.orders)) for one in told.circles[:DRAWN]]
        title = "\n" + say("pingpong.circles", lang)
        show(columns(("path", "count", "orders"), lang), rows, Listing.table, title=title)
    if told.orders:
        bounced = [
            (one.order_id, one.times, _way(one.path), moment(one.last_returned_at))
            for one in told.orders[:DRAWN]
        ]
        names = ("order", "count", "path", "last_returned_at")
        show(columns(names, lang), bounced, Listing.table, title="\n" + say("pingpong.orders", lang))
    counted = say("pingpong.counted", lang, returns=told.returns, unsent=told.unsent, orders=len(told.orders))
    typer.echo(counted, err=True)
    if max(map(len, (told.edges, told.circles, told.orders))) > DRAWN:
        typer.echo(say("pingpong.more", lang, shown=DRAWN), err=True)


def _show_edges(told: "PingPong", lang: Lang, out: Listing, to: Path | None = None) -> None:
    from paidan.engine.cli.tables import columns, show

    names = ("from_unit", "to_unit", "count", "back", "orders")
    orders = _some if out is Listing.table else " ".join
    edges = told.edges[:DRAWN] if out is Listing.table else told.edges
    rows = [(*edge[:4], orders(edge.orders)) for edge in edges]
    span = told.month or say("pingpong.all", lang)
    show(columns(names, lang), rows, out, title=say("pingpong.title", lang, span=span), to=to, lang=lang)


_FEW = 5


def _some(orders: tuple[str, ...]) -> str:
    return " ".join(orders[:_FEW]) + (" …" if len(orders) > _FEW else "")


def _way(path: tuple[str, ...]) -> str:
    return " → ".join(path)


def _plain(told: "PingPong") -> dict[str, Any]:
    return {
        "month": told.month or None,
        "returns": told.returns,
        "unsent": told.unsent,
        "edges": [one._asdict() for one in told.edges],
        "orders": [
            {**one._asdict(), "last_returned_at": one.last_returned_at.isoformat()}
            for one in told.orders[:DRAWN]
        ],
        "circles": [one._asdict() for one in told.circles],
    }
