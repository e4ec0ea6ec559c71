"""`submit`, `available`, `run`, `export`, `migrate`: live orders from the command line."""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import (
    Format,
    FormatOption,
    Lang,
    LangOption,
    Listing,
    ListingOption,
    OutOption,
    SetOption,
    choices,
    echo_json,
    echo_plain,
    listing,
    pairs,
)
from paidan.engine.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from paidan.engine.app import Engine
    from paidan.engine.availability import Available
    from paidan.engine.outcomes import Outcome
    from paidan.policies.directory import Holding
    from paidan.policies.rulebook import Rulebook


DbOption = Annotated[str, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")]
PolicyOption = Annotated[
    str | None, typer.Option("--policy", help="规则文件；默认为数据库建立时的那一个，新库为 JY。")
]
_CALL_FOR_ENTRIES = ("hold_talk", "deny_rectified")
"""After these something is to be entered by hand: a talk deducts nothing by itself."""
OrderArgument = Annotated[str, typer.Argument(help="工单编号。", metavar="ORDER")]


def submit(
    order: OrderArgument,
    event: Annotated[str, typer.Argument(help="事件，如 receive 或 接收。", metavar="EVENT")],
    db: DbOption,
    said: Annotated[
        list[str] | None,
        typer.Argument(help="属性，以及 actor、role、unit。", metavar="[NAME=VALUE]..."),
    ] = None,
    key: Annotated[
        str, typer.Option("--key", help="这个命令的键；同键同命令只执行一次，再提交得到原来的答复。")
    ] = "",
    expect: Annotated[
        int | None, typer.Option("--expect", min=0, help="提交者所见的最后一条序号；工单已有新进展则不执行。")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算会怎样，什么也不写入。")] = False,
    policy: PolicyOption = None,
    settings: SetOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Submit one event; exit 3 when it is refused, 5 when there is no such order, 6 for a conflict."""
    from paidan.engine.app import Engine

    with Engine.open(db, policy, settings=choices(settings) or None) as engine:
        outcome = _submitted(engine, order, event, pairs(said), key=key, expected=expect, dry_run=dry_run)
        log = (
            engine.history(order)
            if outcome.accepted and not dry_run and outcome.entries[0].event in _CALL_FOR_ENTRIES
            else ()
        )
    if dry_run:
        typer.echo(say("live.dry_run", lang), err=True)
    if out is Format.json:
        echo_json(_plain(outcome, lang))
    else:
        _tell(outcome, order, event, lang)
    if log:
        from paidan.engine.talks import to_enter
        from paidan.engine.talks_told import entry_line

        for one in list(to_enter(log, outcome.rules))[-1:]:
            typer.echo(entry_line(one, lang), err=True)
    if not outcome.accepted:
        raise typer.Exit(3)


def available(
    order: OrderArgument,
    db: DbOption,
    policy: PolicyOption = None,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print what may be done with an order now, and why the rest may not."""
    from paidan.engine.app import Engine
    from paidan.engine.cli.tables import columns, show

    out = listing(out, to)
    with Engine.open(db, policy, log_only=True) as engine:
        rules = engine.rules(order)
        found = engine.available(order)
        unit = engine.order(order).facts.get("unit") or ""
        holders = partial(engine.directory().holders, unit=unit, on=engine.now().date())
    rows = [_row(one, rules, holders, lang) for one in found]
    names = ("event", "allowed", "until", "rule", "needs", "roles", "reason")
    if out.plain:
        told = [(one.event, one.allowed, *row[2:], one.follows) for one, row in zip(found, rows, strict=True)]
        echo_plain((dict(zip((*names, "follows"), row, strict=True)) for row in told), out, to, lang=lang)
        return
    show(columns(names, lang), rows, out, title=order, to=to, lang=lang)


def run(
    db: DbOption,
    policy: PolicyOption = None,
    settings: SetOption = None,
    every: Annotated[float, typer.Option("--every", min=0.05, help="每隔多少秒检查一次到期。")] = 1.0,
    metrics: Annotated[
        str | None,
        typer.Option("--metrics", help="在此端口提供 Prometheus 指标，默认仅限本机。", metavar="[HOST:]PORT"),
    ] = None,
    seals: Annotated[Path | None, typer.Option("--seals", help="每天封存一次日志，写入这个文件夹。")] = None,
    notify: Annotated[
        Path | None, typer.Option("--notify", help="告知的事项逐行追加到这个文件（JSON）。", metavar="FILE")
    ] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Run the engine with its scheduler until SIGINT or SIGTERM."""
    import logging
    import signal
    from contextlib import nullcontext
    from threading import Event

    from paidan.engine.app import Engine
    from paidan.engine.metrics import serving

    # The process is ours, so its log is ours to set up: standard error, as all messages.
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with (
        serving(metrics) if metrics else nullcontext() as registry,
        Engine.open(db, policy, settings=choices(settings) or None, metrics=registry) as engine,
    ):
        engine.start(every_seconds=every, seals=seals, notify=notify)
        typer.echo(
            say("live.running", lang, db=_without_password(db), policy=engine.policy, every=f"{every:g}"),
            err=True,
        )
        while not stopped.wait(0.5):  # a wait without end would not see signals on every system
            pass
    typer.echo(say("live.stopped", lang), err=True)


def migrate(db: DbOption, lang: LangOption = Lang.zh) -> None:
    """Bring the tables of an older database to this version; exit 4 for a later one, 5 when there is none."""
    from paidan.engine.databases import migrate_database

    found, now = migrate_database(db)
    typer.echo(say("live.migrated" if found < now else "live.current", lang, found=found, now=now), err=True)


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:@/]*):[^@/]*@", r"\1:***@", url)


def _submitted(engine: "Engine", order: str, event: str, said: dict[str, str], **how: Any) -> "Outcome":
    named: dict[str, Any] = {name: said.pop(name) for name in ("actor", "role", "unit", "at") if name in said}
    from paidan.engine.errors import UsageError

    clash = how.keys() & said.keys()
    if clash:  # these are no attributes, and `Engine.submit` would take them for its own
        raise UsageError(
            "live.attribute_unknown", name=", ".join(sorted(clash)), event=event,
            allowed="--key, --expect, --dry-run",
        )  # fmt: skip
    every: dict[str, Any] = {**how, **named, **said}
    return engine.submit(order, event, **every)


def _tell(outcome: "Outcome", order: str, event: str, lang: str) -> None:
    from paidan.engine.messages.reasons import event_label, moment, state_label
    from paidan.workflows.cases import workflow_of

    if outcome.again:
        typer.echo(say("live.again", lang), err=True)
    for entry in outcome.raised:
        clause = outcome.rules.clocks[entry.rule].clause
        due = entry.attributes.get("due_at", entry.at)
        told = {"rule": entry.rule, "clause": clause, "due": moment(due), "at": moment(entry.at)}
        typer.echo(say(f"live.raised.{entry.event}", lang, **told), err=True)
    if outcome.accepted:
        first = outcome.entries[0]
        typer.echo(
            say("live.accepted", lang, order=order, event=event_label(first.event, lang),
                state=state_label(outcome.order.state, lang, workflow_of(order)), seq=first.seq)
        )  # fmt: skip
        for entry in outcome.followed:
            of = workflow_of(entry.order_id)
            told = {"case": entry.order_id, "event": event_label(entry.event, lang),
                    "state": state_label(entry.to_state, lang, of)}  # fmt: skip
            typer.echo(say("live.followed", lang, **told))
    else:
        typer.echo(say("live.refused", lang, order=order, event=event), err=True)
    for one in outcome.reasons(lang):
        text = say("live.reason", lang, **one._asdict()) if one.rule else one.text
        typer.echo(text if one.refuses else say("live.note", lang, text=text), err=True)
    if outcome.dropped:
        typer.echo(say("live.dropped", lang, names=", ".join(outcome.dropped)), err=True)


def _plain(outcome: "Outcome", lang: str) -> dict[str, Any]:
    return {
        "order_id": outcome.order.order_id,
        "accepted": outcome.accepted,
        "again": outcome.again,
        "state": outcome.order.state,
        "seq": outcome.order.seq,
        "entries": [
            {"seq": one.seq, "event": one.event, "at": one.at.isoformat()} for one in outcome.entries
        ],
        **{
            name: [
                {"rule": one.rule, "due_at": one.attributes.get("due_at", one.at).isoformat()}
                for one in outcome.raised
                if one.event == event
            ]
            for name, event in (("warned", "warn"), ("timed_out", "time_out"), ("escalated", "escalate"))
        },
        "findings": [
            {"rule": one.rule, "clause": one.clause, "reason": one.text, "refuses": one.refuses}
            for one in outcome.reasons(lang)
        ],
        "identity_dropped": dict(outcome.dropped),
    }


def _row(
    one: "Available", rules: "Rulebook", holders: "Callable[[str], Sequence[Holding]]", lang: str
) -> tuple[str, ...]:
    from paidan.engine.cli.directory import named
    from paidan.engine.messages.reasons import event_label, moment, reason, role_label

    word = "no" if not one.allowed else "if_said" if one.needs else "yes"
    limit = one.limits[0] if one.limits else None
    event = event_label(one.event, lang)
    return (
        say("live.follows", lang, event=event, of=", ".join(one.follows)) if one.follows else event,
        say(f"live.{word}", lang),
        moment(limit.due_at) if limit else "",
        limit.rule if limit else "",
        ", ".join(one.needs),
        ", ".join(
            named(role_label(role, lang), holders(role), lang) for whose in one.whose for role in whose.roles
        ),
        "; ".join(
            (f"{found.rule} {found.clause} " if found.rule else "") + reason(found, rules, lang)
            for found in (*one.findings, *one.advice)
        ),
    )
