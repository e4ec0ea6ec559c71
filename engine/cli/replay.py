"""`replay`, `history`, `explain`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import (
    KnownOnOption,
    Lang,
    LangOption,
    SetOption,
    choices,
    day_option,
    moment_option,
)
from paidan.engine.cli.rejects import RejectedOption, reject_to
from paidan.engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from paidan.policies.rulebook import Rulebook
    from paidan.workflows.records import Entry


class Mode(StrEnum):
    """Whether history is taken as it is or held against the rules."""

    observe = "observe"
    enforce = "enforce"


class Order(StrEnum):
    """Whether events are taken as they happened or as they were learned."""

    at = "at"
    recorded = "recorded"


class Tables(StrEnum):
    """How the tables of a run folder are written."""

    csv = "csv"
    parquet = "parquet"


RunOption = Annotated[Path | None, typer.Option("--run", help="回放输出的文件夹。")]
DbOption = Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")]


def replay(
    logs: Annotated[
        list[Path], typer.Argument(help="日志，可多个：CSV、XLSX、JSONL、XES、Parquet。", metavar="LOG...")
    ],
    policy: Annotated[
        list[str],
        typer.Option(
            "--policy", help="规则文件名（如 JY）或文件夹路径；可多个，各写入 --out 下的同名文件夹。"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="输出文件夹。")],
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="映射文件 TOML：表头、取值、活动名、时区、常量。")
    ] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册，CSV 或 XLSX。")] = None,
    adjustments: Annotated[Path | None, typer.Option("--adjustments", help="加减分，CSV 或 XLSX。")] = None,
    mode: Annotated[
        Mode, typer.Option("--mode", help="observe 照录历史；enforce 按规则拒绝。")
    ] = Mode.observe,
    order: Annotated[Order, typer.Option("--order", help="按发生时间，或按得知时间。")] = Order.at,
    as_of: Annotated[str | None, typer.Option("--as-of", help="截至时间；默认为最后一个事件。")] = None,
    settings: SetOption = None,
    known_on: KnownOnOption = None,
    rejected: RejectedOption = None,
    form: Annotated[
        Tables, typer.Option("--format", help="parquet：在 CSV 表旁另写一份 Parquet，供其他分析工具读。")
    ] = Tables.csv,
    lang: LangOption = Lang.zh,
) -> None:
    """Replay logs into a folder; exit 3 when some row was rejected."""
    from contextlib import nullcontext

    from paidan.engine.runs import Replay, replay_files

    if rejected is not None and len(policy) > 1:
        raise UsageError("rejects.one_policy")
    what = Replay(
        logs=logs,
        units=units,
        adjustments=adjustments,
        enforce=mode is Mode.enforce,
        as_recorded=order is Order.recorded,
        as_of=moment_option(as_of, "--as-of"),
        settings=choices(settings),
        mapping=mapping,
        known_on=day_option(known_on, "--known-on"),
        parquet=form is Tables.parquet,
    )
    into = {policy[0]: out} if len(policy) == 1 else {one: out / Path(one).name for one in policy}
    by_hand = (units, adjustments)
    with nullcontext() if rejected is None else reject_to(rejected, logs, mapping, lang, by_hand) as reject:
        summaries = replay_files(what, into, reject)
    for summary, folder in zip(summaries, into.values(), strict=True):
        _report(summary, folder, rejected or folder / "rejected.csv", lang)
    if any(summary["rejected_rows"] for summary in summaries):
        raise typer.Exit(3)


def _report(summary: dict[str, Any], out: Path, rejects: Path, lang: Lang) -> None:
    from paidan.engine.messages import say

    events, orders = summary["events"], summary["orders"]
    counts = say("cli.replayed", lang, **events, orders=orders["total"])
    typer.echo(f"{summary['policy']} {counts}", err=True)
    typer.echo(say("cli.written", lang, out=out), err=True)
    for line in told(summary, lang):
        typer.echo(line, err=True)
    if summary["columns_ignored"]:
        typer.echo(say("columns_ignored", lang, columns=", ".join(summary["columns_ignored"])), err=True)
    if summary["identity_columns_dropped"]:
        names = ", ".join(summary["identity_columns_dropped"])
        typer.echo(say("cli.identity", lang, columns=names), err=True)
    if orders["outside_period"]:
        typer.echo(say("cli.outside", lang, count=orders["outside_period"]), err=True)
    if summary["rejected_rows"]:
        typer.echo(say("cli.rejected", lang, count=summary["rejected_rows"], file=rejects), err=True)


def told(summary: dict[str, Any], lang: Lang) -> "Iterator[str]":
    """Say what a mapping, or the wide form, made of the files beside the events of their rows."""
    from paidan.engine.messages import say

    def counts(code: str, counted: dict[str, int], file: str) -> "Iterator[str]":
        if counted:
            listed = ", ".join(f"{name} {count}" for name, count in counted.items())
            yield say(code, lang, file=file, total=sum(counted.values()), listed=listed)

    for one in summary["inputs"]:
        if one.get("header_row", 1) > 1:
            yield say("told.header_row", lang, file=one["name"], header_row=one["header_row"])
        if passed := one.get("sheets_passed_over"):
            listed = "、".join(passed)
            yield say("told.sheets_passed_over", lang, file=one["name"], total=len(passed), listed=listed)
        if errors := one.get("error_cells"):
            yield say("told.error_cells", lang, file=one["name"], total=errors)
        for activity, skipped in one.get("skipped", {}).items():
            yield say("told.skipped", lang, file=one["name"], activity=activity, **skipped)
        for key in ("from_columns", "callback_time_missing"):
            yield from counts(f"told.{key}", one.get(key, {}), one["name"])
    if mapping := summary.get("mapping"):
        yield from counts("told.added", mapping["added"], mapping["name"])


def explain(
    order: Annotated[str | None, typer.Argument(help="工单编号。", metavar="ORDER")] = None,
    rule: Annotated[str | None, typer.Argument(help="规则编号，如 JY-T03。", metavar="[RULE]")] = None,
    run: RunOption = None,
    db: DbOption = None,
    score: Annotated[
        tuple[str, str] | None,
        typer.Option("--score", help="说明一个单位一项得分的来历。", metavar="UNIT ITEM"),
    ] = None,
    month: Annotated[str | None, typer.Option("--month", help="月份，如 2026-03。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="季度，如 2026Q1。")] = None,
    year: Annotated[str | None, typer.Option("--year", help="年度，如 2026。")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册（与 --db 同用）。")] = None,
    adjustments: Annotated[
        Path | None, typer.Option("--adjustments", help="加减分表（与 --db 同用）。")
    ] = None,
    settings: SetOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Explain an order's deadlines, or a point of a unit's period."""
    if score is not None:
        from paidan.engine.cli.score import explain_score, one_period, run_to_score
        from paidan.engine.scoring import trace, trace_in

        name, chosen = one_period(month, quarter, year), choices(settings)
        if run is not None and db is None:
            told = trace_in(run, name, *score, chosen)
        else:
            told = trace(run_to_score(run, db, units, adjustments), name, *score, chosen)
        explain_score(told, name, lang)
        return
    if order is None:
        raise UsageError("cli.explain_needs")
    from paidan.engine.explain import explain as tell

    entries, rules, as_of = log_of(order, run, db)
    if rule is not None and rule not in rules.clocks:
        cited = rules.rule(rule)
        raise UsageError("cli.no_clock_rule", rule=rule, label=cited.zh if lang is Lang.zh else cited.en)
    for line in tell(order, entries, rules, as_of, rule=rule or "", lang=lang):
        typer.echo(line)
    from paidan.engine.talks_told import talk_lines

    for line in talk_lines(entries, rules, lang):
        typer.echo(line)


def log_of(order: str, run: Path | None, db: str | None) -> "tuple[list[Entry], Rulebook, datetime]":
    """Give the log of an order of a run or a database, what governs it, and as of when it is seen."""
    if (run is None) == (db is None):
        raise UsageError("cli.one_source")
    if run is not None:
        from paidan.engine.runs import Run

        found = Run(run)
        return (*found.log(order), found.as_of)
    from paidan.engine.databases import log_of_database

    return log_of_database(str(db), order)
