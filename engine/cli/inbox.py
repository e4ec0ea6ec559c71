"""`inbox` and `acknowledge`: what was told to whom, and who took notice."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import Lang, LangOption, Listing, ListingOption, OutOption, echo_plain, listing
from paidan.engine.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paidan.engine.inbox import Memo
    from paidan.policies.directory import Holding

DbOption = Annotated[str, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")]


def inbox(
    db: DbOption,
    role: Annotated[str, typer.Option("--role", help="只看告知一个角色的。")] = "",
    unit: Annotated[str, typer.Option("--unit", help="只看一个单位的事。")] = "",
    everything: Annotated[bool, typer.Option("--all", help="已签收和已了结的也列出。")] = False,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """List what was told, newest first: what nobody took yet and still stands, or everything."""
    from paidan.engine.app import Engine
    from paidan.engine.cli.tables import columns, show

    out = listing(out, to)
    with Engine.open(db, None, log_only=True) as engine:
        found = engine.inbox(role, unit, standing=not everything)
        today = engine.now().date()
        directory = engine.directory().on(today)
    if out.plain:
        echo_plain((_plain(one, lang) for one in found), out, to, lang=lang)
        return
    if not found:
        typer.echo(say("inbox.none", lang), err=True)
    names = (
        "memo",
        "matter",
        "order",
        "rule",
        "clause",
        "due_at",
        "told_to",
        "unit",
        "told_at",
        "climbed_from",
    )
    rows = [_row(one, directory.holders(one.role, one.unit, today), lang, whole=everything) for one in found]
    if found or out is not Listing.table:
        show(columns((*names, "taken") if everything else names, lang), rows, out, to=to, lang=lang)


def acknowledge(
    numbers: Annotated[list[int], typer.Argument(help="告知的编号，见 inbox。", metavar="ID...")],
    db: DbOption,
    actor: Annotated[str, typer.Option("--actor", help="由谁签收。")],
    role: Annotated[str, typer.Option("--role", help="以什么角色签收。")] = "",
    lang: LangOption = Lang.zh,
) -> None:
    """Take notice of what was told under these numbers; exit 5, changing nothing, for an unknown one."""
    from paidan.engine.app import Engine
    from paidan.engine.messages.inbox import memo_text
    from paidan.engine.messages.reasons import moment

    with Engine.open(db, None, create=False) as engine:
        taken = engine.acknowledge(*numbers, actor=actor, role=role)
    for one in taken:
        at = moment(one.acknowledged_at) if one.acknowledged_at else ""
        told = {"number": one.number, "what": memo_text(one, lang), "actor": one.acknowledged_by, "at": at}
        typer.echo(say("inbox.taken", lang, **told), err=True)


def _row(one: "Memo", held: "Sequence[Holding]", lang: str, *, whole: bool) -> tuple[Any, ...]:
    from paidan.engine.cli.directory import named
    from paidan.engine.messages.inbox import memo_text, taken_text
    from paidan.engine.messages.reasons import moment, role_label

    from_role = str(one.said.get("from", ""))
    return (
        one.number, memo_text(one, lang), one.order_id, one.rule, one.said.get("clause", ""),
        moment(one.due_at) if one.due_at else "", named(role_label(one.role, lang), held, lang), one.unit,
        moment(one.told_at), f"{one.climbed_from} {role_label(from_role, lang)}" if one.climbed_from else "",
        *([taken_text(one, lang)] if whole else []),
    )  # fmt: skip


def _plain(one: "Memo", lang: str) -> dict[str, Any]:
    from paidan.engine.messages.inbox import memo_text

    times = {
        name: at.isoformat() if (at := getattr(one, name)) is not None else None
        for name in ("at", "due_at", "told_at", "sent_at", "acknowledged_at")
    }
    return {
        "number": one.number, "told": one.event, "what": memo_text(one, lang), "order": one.order_id,
        "seq": one.seq, "rule": one.rule, "clause": one.said.get("clause", ""), "period": one.period,
        "role": one.role, "unit": one.unit, **times, "climbed_from": one.climbed_from or None,
        "climbed_from_role": one.said.get("from", ""), "acknowledged_by": one.acknowledged_by,
        "acknowledged_as": one.acknowledged_as, "over": one.over,
    }  # fmt: skip
