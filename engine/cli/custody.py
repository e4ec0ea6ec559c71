"""`custody`: who held an order when; whose late return made another unit's order overdue."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.options import (
    Format,
    Lang,
    LangOption,
    Listing,
    ListingOption,
    OutOption,
    echo_json,
    echo_plain,
    listing,
)
from paidan.engine.errors import UsageError
from paidan.engine.messages import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from paidan.engine.app import Engine
    from paidan.engine.blame import Blame
    from paidan.engine.custody import Beside, Custody
    from paidan.engine.runs import Run


RunOption = Annotated[Path | None, typer.Option("--run", help="回放输出的文件夹。")]
DbOption = Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")]


def source(run: Path | None, db: str | None) -> "AbstractContextManager[Run | Engine]":
    """Give the one of the two that was named; raises `UsageError` where it is not one."""
    if (run is None) == (db is None):
        raise UsageError("cli.one_source")
    if run is not None:
        from paidan.engine.runs import Run

        return nullcontext(Run(run))
    from paidan.engine.app import Engine

    return Engine.open(str(db), None, log_only=True)


def custody(
    order: Annotated[
        str | None, typer.Argument(help="工单编号；不写则列出各单的超期提议。", metavar="[ORDER]")
    ] = None,
    run: RunOption = None,
    db: DbOption = None,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print who held an order when; without an order, every overdue that an earlier unit had a part in."""
    from paidan.engine.custody_told import custody_plain, stretch_plain

    out = listing(out, to)
    with source(run, db) as found:
        blames = found.blame(order)
        held = None if order is None else found.custody(order)
    if held is None:
        _print_blames(blames, out, to, lang)
    elif out is Listing.table:
        _print(held, blames, db or "URL", lang)
    elif out is Listing.json:
        echo_json(custody_plain(held, blames))
    elif out is Listing.jsonl:
        echo_plain(
            ({"order_id": held.order_id, **stretch_plain(one)} for one in held.stretches), out, to, lang=lang
        )
    else:
        _list(held, out, to, lang)


def _print(held: "Custody", blames: "Sequence[Blame]", db: str, lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.custody_told import (
        blame_lines,
        days_text,
        holder_text,
        hours_text,
        now_text,
        percents,
        span_text,
        stage_text,
    )
    from paidan.engine.messages.reasons import moment

    rules, settings = held.rules, held.rules.policy.settings
    names = ("began_at", "ended_at", "hands", "stage", "natural", "working", "working_days", "provisional")
    show(
        columns(names, lang),
        [
            (moment(one.began_at), moment(one.ended_at), holder_text(one, rules, lang), stage_text(one, lang),
             span_text(one.natural, lang), hours_text(one.working), days_text(one.working, rules),
             say("custody.provisional", lang) if one.provisional else "")
            for one in held.stretches
        ],
        Format.table,
        title=say("custody.title", lang, order=held.order_id, policy=rules.policy.version,
                  as_of=moment(held.as_of)),
    )  # fmt: skip
    natural = percents([one.natural_share for one in held.parts])
    working = percents([one.working_share for one in held.parts])
    summed = ("hands", "natural", "natural_share", "working", "working_days", "working_share")
    rows = [
        (holder_text(one, rules, lang), span_text(one.natural, lang), share, hours_text(one.working),
         days_text(one.working, rules), working_share)
        for one, share, working_share in zip(held.parts, natural, working, strict=True)
    ]  # fmt: skip
    whole = [held.whole_natural, held.whole_working]
    rows.append(
        (say("custody.whole", lang), span_text(whole[0], lang), "", hours_text(whole[1]),
         days_text(whole[1], rules), "")
    )  # fmt: skip
    show(columns(summed, lang), rows, Format.table, title=say("custody.parts", lang))
    hours = {name: f"{settings[f'office.{name}']:%H:%M}" for name in ("opens", "closes")}
    typer.echo(say("custody.office_hours", lang, calendar=rules.calendar.edition, **hours))
    typer.echo(now_text(held.now, rules, lang))
    if held.clocks:
        _print_clocks(held, lang)
    for one in blames:
        typer.echo("")
        for line in blame_lines(one, db, lang):
            typer.echo(line)


def _print_clocks(held: "Custody", lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages.reasons import moment

    def row(one: "Beside") -> tuple[str, ...]:
        clock, rule = one.clock, held.rules.clocks[one.clock.rule]
        signed = (
            moment(one.accepted_at) if one.accepted_at else say("custody.not_accepted", lang),
            moment(one.due_at) if one.due_at else "",
            say(f"verdict.{one.verdict}", lang) if one.verdict else "",
        )
        label = rule.zh if lang is Lang.zh else rule.en
        return (
            clock.rule, label, clock.unit, moment(clock.started_at), moment(clock.due_at),
            say(f"verdict.{one.came_to}", lang), *signed,
        )  # fmt: skip

    names = (
        "rule", "label", "unit", "started_at", "due_at", "came_to", "accepted_at", "accepted_due_at",
        "accepted_came_to",
    )  # fmt: skip
    show(columns(names, lang), map(row, held.clocks), Format.table, title="\n" + say("custody.clocks", lang))


def _list(held: "Custody", out: Listing, to: Path | None, lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.custody_told import holder_text, stage_text, stretch_plain

    names = (
        "order", "began_at", "ended_at", "hands", "stage", "natural_seconds", "working_seconds", "provisional"
    )  # fmt: skip
    rows = [
        (held.order_id, plain["began_at"], plain["ended_at"], holder_text(one, held.rules, lang),
         stage_text(one, lang), plain["natural_seconds"], plain["working_seconds"],
         say("yes" if one.provisional else "no", lang))
        for one in held.stretches
        for plain in [stretch_plain(one)]
    ]  # fmt: skip
    show(columns(names, lang), rows, out, title=held.order_id, to=to, lang=lang)


def _print_blames(blames: "Sequence[Blame]", out: Listing, to: Path | None, lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.custody_told import blame_plain, hours_text
    from paidan.engine.messages.reasons import moment

    if out.plain:
        echo_plain(map(blame_plain, blames), out, to, lang=lang)
        return
    names = (
        "order", "rule", "due_at", "came_to", "held_by", "caused_by", "over", "without_at", "proposed",
        "ruled",
    )  # fmt: skip
    rows = [
        (one.order_id, one.limit.rule, moment(one.limit.due_at), say(f"verdict.{one.limit.verdict}", lang),
         one.unit, say("comma", lang).join(cause.unit for cause in one.causes),
         hours_text(one.causes[0].working), moment(one.without_at), one.proposed,
         one.ruling.unit if one.ruling else "")
        for one in blames
    ]  # fmt: skip
    show(columns(names, lang), rows, out, to=to, lang=lang)
    waiting = sum(bool(one.proposed) and one.ruling is None for one in blames)
    typer.echo(say("custody.proposals", lang, count=len(blames), proposed=waiting), err=True)
