"""`access`: tokens of accounts, and who looked at which order."""

from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.live import DbOption
from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, echo_json
from paidan.engine.messages import say

if TYPE_CHECKING:
    from datetime import datetime

    from paidan.engine.access.tokens import KeptToken

ByOption = Annotated[str, typer.Option("--by", help="经办人。")]


def issue(
    name: Annotated[str, typer.Argument(help="姓名；写入日志的经办人就是它。", metavar="NAME")],
    db: DbOption,
    role: Annotated[str, typer.Option("--role", help="角色，如 dispatcher 或 城运中心信息员、auditor。")],
    by: ByOption,
    unit: Annotated[str, typer.Option("--unit", help="承办单位的角色写明单位。")] = "",
    days: Annotated[int, typer.Option("--days", help="有效天数。")] = 90,
    lang: LangOption = Lang.zh,
) -> None:
    """Issue a token for somebody; it is printed this once, on standard output."""
    from paidan.engine.access.roles import role_named
    from paidan.engine.app import Engine
    from paidan.engine.messages.reasons import moment

    with Engine.open(db, None, create=False) as engine:
        issued = engine.accounts.issue(name, role, unit, days=days, by=by)
    kept = issued.kept
    told = {"role": role_named(kept.role, lang), "unit": f" {kept.unit}" if kept.unit else ""}
    until = moment(kept.expires_at)
    typer.echo(say("access.issued", lang, number=kept.number, name=kept.name, until=until, **told), err=True)
    typer.echo(issued.text)


def tokens(db: DbOption, out: FormatOption = Format.table, lang: LangOption = Lang.zh) -> None:
    """List every token there ever was, never what it is."""
    from paidan.engine.access.roles import role_named
    from paidan.engine.app import Engine
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages.reasons import moment

    with Engine.open(db, None, log_only=True) as engine:
        found, now = engine.accounts.all(), engine.now()
    if out is Format.json:
        echo_json([{**one._asdict(), "digest": None, "state": _state(one, now)} for one in found])
        return
    names = ("number", "person", "role", "unit", "issued_at", "issued_by", "expires_at", "status")
    rows = [
        (one.number, one.name, role_named(one.role, lang), one.unit, moment(one.issued_at), one.issued_by,
         moment(one.expires_at), say(f"access.{_state(one, now)}", lang))
        for one in found
    ]  # fmt: skip
    show(columns(names, lang), rows, out, title=say("access.title", lang))


def end(
    number: Annotated[str, typer.Argument(help="令牌的编号，见 access list。", metavar="NUMBER")],
    db: DbOption,
    by: ByOption,
    lang: LangOption = Lang.zh,
) -> None:
    """End a token from now on; exit 5 where there is none of that number."""
    from paidan.engine.app import Engine

    with Engine.open(db, None, create=False) as engine:
        ended = engine.accounts.end(number, by=by)
    typer.echo(say("access.ended", lang, number=ended.number, name=ended.name), err=True)


def sights(
    order: Annotated[str, typer.Argument(help="工单或案件编号；不写则为全部。", metavar="[ORDER]")] = "",
    db: Annotated[str, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")] = "",
    name: Annotated[str, typer.Option("--name", help="只看一个人看过什么。")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="最多列出多少条，最近的在前。")] = 100,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """List who looked at an order, or at what somebody looked, the latest first."""
    from paidan.engine.access.roles import role_named
    from paidan.engine.app import Engine
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages.reasons import moment

    with Engine.open(db, None, log_only=True) as engine:
        found = engine.accounts.sights(order, name, most)
    if out is Format.json:
        echo_json([one._asdict() for one in found])
        return
    names = ("at", "order", "person", "role", "unit", "looked_at")
    rows = [
        (moment(one.at), one.order_id, one.name, role_named(one.role, lang), one.unit, one.what)
        for one in found
    ]
    show(columns(names, lang), rows, out, title=say("access.sights", lang, order=order or name))


def _state(one: "KeptToken", now: "datetime") -> str:
    return "stopped" if one.ended_at else "expired" if now >= one.expires_at else "in_force"
