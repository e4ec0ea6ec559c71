"""`talks propose`, `talks adjustments`: the talks that follow from a score, and what they call for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.live import DbOption
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

if TYPE_CHECKING:
    from paidan.engine.talks import Proposed
    from paidan.policies.schema import Policy


def propose(
    run: Annotated[Path | None, typer.Option("--run", help="回放结果文件夹：只列出。")] = None,
    db: Annotated[str | None, typer.Option("--db", help="在线数据库：并立为案件。")] = None,
    month: Annotated[str | None, typer.Option("--month", help="月份，如 2026-03。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="季度，如 2026Q1。")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册（与 --db 同用）。")] = None,
    adjustments: Annotated[
        Path | None, typer.Option("--adjustments", help="加减分表（与 --db 同用）。")
    ] = None,
    settings: SetOption = None,
    actor: Annotated[str, typer.Option("--actor", help="提出约谈的人，写入日志。")] = "",
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """List the talks that follow from a period; with a database open each as a case, once."""
    from paidan.engine.cli.score import one_period, run_to_score, tell_notes
    from paidan.engine.messages import say
    from paidan.engine.scoring import score
    from paidan.engine.talks import Proposed, following

    out = listing(out, to)
    name = one_period(month, quarter, None)
    told = score(run_to_score(run, db, units, adjustments), name, choices(settings))
    talks = following(told, lang)
    gone: list[str] = []
    if db is None:
        found = [Proposed(talk, "follows" if talk.settled else "unsettled") for talk in talks]
    else:
        found, gone = _opened(db, talks, name, actor)
    if out.plain:
        echo_plain(({**one.talk._asdict(), "status": one.status} for one in found), out, to, lang=lang)
    elif found or out is not Listing.table:
        _show(found, told.policy, say("talks.title", lang, month=name), out, to, lang)
    _tell(found, gone, name, lang)
    tell_notes(told, lang)


def adjustments(
    db: DbOption,
    entered: Annotated[
        Path | None, typer.Option("--adjustments", help="已有的加减分表：其中已录入的不再列出。")
    ] = None,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print what is to be entered for the talks held, as rows of the adjustments file."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.databases import to_enter_of_database
    from paidan.engine.messages import say
    from paidan.engine.talks_told import FILE, in_file

    out = listing(out, to)
    rows = to_enter_of_database(db, entered)
    if out.plain:
        echo_plain((one._asdict() for one in rows), out, to, lang=lang)
    elif out is not Listing.table:
        show(FILE, [in_file(one) for one in rows], out, to=to, lang=lang)
    else:
        names = ("case", "unit", "at", "code", "points", "order", "confirmed_by", "counts_in")
        show(columns(names, lang), rows, out, title=say("talks.enter_title", lang))


def _opened(db: str, talks: list[Any], name: str, actor: str) -> "tuple[list[Proposed], list[str]]":
    from paidan.engine.app import Engine
    from paidan.engine.talks import lapsed, propose

    with Engine.open(db, None, create=False) as engine:
        return propose(engine, talks, actor=actor), lapsed(engine, talks, name)


def _show(
    found: "list[Proposed]", policy: "Policy", title: str, out: Listing, to: Path | None, lang: str
) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.scoring import consequence_label
    from paidan.engine.talks_told import together

    names = ("case", "unit", "talk_level", "rule", "talk_by", "attends", "status", "because")
    rows = [
        (
            one.talk.case, one.talk.unit, consequence_label(policy, one.talk.level, lang), one.talk.rule,
            together(one.talk.held_by, lang), together(one.talk.attends, lang), _status(one.status, lang),
            one.talk.because,
        )
        for one in found
    ]  # fmt: skip
    show(columns(names, lang), rows, out, title=title, to=to, lang=lang)


def _status(status: str, lang: str) -> str:
    from paidan.engine.messages import say
    from paidan.engine.messages.reasons import state_label
    from paidan.workflows.talk import TALK

    if status in TALK.state_of:
        return state_label(status, lang, TALK)
    return say(f"talks.status.{status}", lang)


def _tell(found: "list[Proposed]", gone: list[str], name: str, lang: str) -> None:
    from paidan.engine.messages import say
    from paidan.workflows.talk import TALK

    if not found:
        typer.echo(say("talks.none", lang, month=name), err=True)
    there = sum(one.status in TALK.state_of for one in found)
    if there:
        typer.echo(say("talks.there", lang, count=there), err=True)
    unsettled = sum(one.status == "unsettled" for one in found)
    if unsettled:
        typer.echo(say("talks.running", lang, month=name, count=unsettled), err=True)
    for case in gone:
        typer.echo(say("talks.lapsed", lang, case=case), err=True)
