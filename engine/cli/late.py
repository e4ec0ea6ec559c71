"""`differences`: what the records say otherwise than what holds now."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import (
    Lang,
    LangOption,
    Listing,
    ListingOption,
    OutOption,
    SetOption,
    choices,
    echo_plain,
    listing,
)
from paidan.engine.errors import UsageError
from paidan.engine.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paidan.engine.differences import Cause, Difference, Side


def differences(
    logs: Annotated[
        list[Path] | None, typer.Argument(help="日志，可多个；或改用 --db。", metavar="LOG...")
    ] = None,
    db: Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="规则文件名或文件夹（读日志时必需）。")
    ] = None,
    order: Annotated[str | None, typer.Option("--order-id", help="只看这一张工单。")] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="映射文件 TOML。")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册 CSV。")] = None,
    settings: SetOption = None,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print each clock whose due time or verdict the records show otherwise, and why; exit 3 for rejects."""
    out = listing(out, to)
    if bool(logs) == (db is not None):
        raise UsageError("late.one_source")
    rejected = 0
    found: Iterable[tuple[str, tuple[Difference, ...]]]
    if db is not None:
        from paidan.engine.app import Engine

        chosen = choices(settings) or None
        with Engine.open(db, policy, settings=chosen, units=units, log_only=True) as engine:
            found = engine.differences(order)
    else:
        from paidan.engine.late_logs import differences_of_logs

        if policy is None:
            raise UsageError("late.policy_missing")
        found, rejects = differences_of_logs(logs or [], policy, choices(settings), mapping, units)
        found = [one for one in found if order in (None, one[0])]
        rejected = len(rejects)
        for one in rejects[:_SHOWN]:
            typer.echo(f"{one.source} {one.row}: {say(one.code, lang, **one.details)}", err=True)
    _print(found, out, to, lang)
    if rejected:
        typer.echo(say("late.rejected", lang, count=rejected), err=True)
        raise typer.Exit(3)


_SHOWN = 20


def _print(
    found: "Iterable[tuple[str, tuple[Difference, ...]]]", out: Listing, to: Path | None, lang: Lang
) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.differences_told import cause_text, side_text

    found = list(found)
    rows = [one for _, several in found for one in several]
    if out.plain:
        echo_plain((_plain(one, lang) for one in rows), out, to, lang=lang)
        return
    names = ("order", "rule", "clause", "unit", "recorded", "by_time", "causes")
    cells = [
        (one.order_id, one.rule, one.clause, one.unit, side_text(one.recorded, lang),
         side_text(one.by_time, lang), say("list", lang).join(cause_text(why, lang) for why in one.causes))
        for one in rows
    ]  # fmt: skip
    show(columns(names, lang), cells, out, to=to, lang=lang)
    differing = sum(bool(several) for _, several in found)
    typer.echo(say("late.counted", lang, orders=len(found), differing=differing), err=True)


def _plain(one: "Difference", lang: Lang) -> dict[str, Any]:
    return {
        "order_id": one.order_id, "rule": one.rule, "clause": one.clause, "unit": one.unit,
        "recorded": _side(one.recorded), "by_time": _side(one.by_time),
        "causes": [_cause(cause, lang) for cause in one.causes],
    }  # fmt: skip


def _side(side: "Side | None") -> dict[str, Any] | None:
    return None if side is None else {**side._asdict(), "due_at": side.due_at.isoformat()}


def _cause(cause: "Cause", lang: Lang) -> dict[str, Any]:
    from paidan.engine.differences_told import cause_text

    told = cause.told
    return {
        "kind": cause.kind,
        "entry": cause.place or None,
        "event": None if told is None else told.event,
        "at": None if told is None else told.at.isoformat(),
        "learned_at": cause.learned_at.isoformat(),
        "text": cause_text(cause, lang),
    }
