"""`demo`: a generated month through replay and score, and what to try next."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import Format, Lang, LangOption

if TYPE_CHECKING:
    from paidan.engine.demo.report import Lateness, Report
    from paidan.engine.runs import Run
    from paidan.engine.scoring import Scored
    from paidan.policies.schema import Policy
    from paidan.policies.scoring.results import PeriodScore

_SHOWN = 3
"""How many units of each end of a pool are printed."""


def demo(
    out: Annotated[Path, typer.Option("--out", help="演示文件夹。")] = Path("paidan-demo"),
    lang: LangOption = Lang.zh,
) -> None:
    """Write the demonstration month, replay and score it, and say what to try next."""
    from paidan.engine.demo import write_demo
    from paidan.engine.demo.report import report
    from paidan.engine.runs import Replay, Run, replay_files
    from paidan.engine.scoring import load_run, score

    files = write_demo(out)
    folder = out / "run"
    what = Replay(logs=[files.orders], units=files.units, adjustments=files.adjustments)
    replay_files(what, {"JY": folder})
    run = Run(folder)
    told = report(run)
    _headline(run, out, lang)
    _lateness(run, told, lang)
    scored = score(load_run(folder), files.month)
    _scores(scored.score, scored.policy, out, lang)
    _follows(scored, folder, out, lang)
    _what_next(run, out, told, scored.score, lang)


def _headline(run: "Run", out: Path, lang: Lang) -> None:
    from paidan.engine.demo import FIRST_ON, LAST_ON
    from paidan.engine.messages import say
    from paidan.engine.messages.reasons import moment

    summary, document = run.summary, run.books.document
    orders = summary["orders"]["total"]
    typer.echo(say("demo.head", lang, orders=orders, first=FIRST_ON, last=LAST_ON))
    version = run.books.latest.policy.version
    typer.echo(say("demo.policy", lang, title=document.title, version=version))
    typer.echo(say("demo.events", lang, **summary["events"], as_of=moment(run.as_of)))
    cells = sum(summary["identity_cells_dropped"].values())
    columns = ", ".join(summary["identity_columns_dropped"])
    typer.echo(say("demo.identity", lang, columns=columns, cells=cells))
    typer.echo(say("demo.files", lang, folder=out, run=run.folder))
    typer.echo()


def _lateness(run: "Run", told: "Report", lang: Lang) -> None:
    from paidan.engine.cli.tables import show
    from paidan.engine.messages import say

    names = ("rule", "clause", "label", "met", "late_done", "overdue", "worst")
    rows = [_late_row(one, lang) for one in told.lateness]
    show([say(f"demo.{name}", lang) for name in names], rows, Format.table, title=say("demo.late", lang))
    typer.echo(say("demo.windows", lang))
    rules = say("comma", lang).join(
        say("demo.times", lang, rule=rule, count=count) for rule, count in told.broken
    )
    file = run.folder / "deviations.csv"
    typer.echo(say("demo.broken", lang, rules=rules, impossible=told.impossible, file=file))
    typer.echo()


def _late_row(one: "Lateness", lang: Lang) -> tuple[Any, ...]:
    from paidan.engine.messages import say

    worst = say("demo.share", lang, unit=one.worst, missed=one.worst_missed, of=one.worst_of)
    clock = one.clock
    overdue = one.overdue if clock.kind == "duty" else say("demo.no_time_out", lang)
    label = clock.zh if lang is Lang.zh else clock.en
    return clock.rule, clock.clause, label, one.met, one.late, overdue, worst if one.worst else ""


def _scores(scores: "PeriodScore", policy: "Policy", out: Path, lang: Lang) -> None:
    from paidan.engine.cli.tables import show
    from paidan.engine.inert import cells, lines_to
    from paidan.engine.messages import say
    from paidan.engine.scoring import as_rows, pool_label

    headers, rows = as_rows(scores, policy, lang)
    file = out / f"score-{scores.period.name}.csv"
    with file.open("w", encoding="utf-8", newline="") as table:
        lines_to(table).writerows(map(cells, (headers, *rows)))
    rank_at, pool_at = headers.index(say("score.rank", lang)), headers.index(say("score.pool", lang))
    unranked = {unit.unit for unit in scores.units if unit.rank is None}
    unit_at = headers.index(say("score.unit", lang))
    for pool in policy.pools:
        label = pool_label(policy, pool, lang)
        of_pool = [row for row in rows if row[pool_at] == label]
        ranked = [row for row in of_pool if row[unit_at] not in unranked]
        gap = [["" if at != rank_at else say("demo.gap", lang) for at in range(len(headers))]]
        chosen = ranked[:_SHOWN] + gap + ranked[-_SHOWN:] + [row for row in of_pool if row not in ranked]
        title = say("demo.scores", lang, month=scores.period.name, pool=label)
        show(
            _without(headers, pool_at), [_without(row, pool_at) for row in chosen], Format.table, title=title
        )
    typer.echo(say("demo.all_scores", lang, file=file))


def _follows(scored: "Scored", folder: Path, out: Path, lang: Lang) -> None:
    """Print what follows from the month, and write its report."""
    from collections import Counter

    from paidan.engine.cli.report import write_report
    from paidan.engine.messages import say
    from paidan.engine.scoring import consequence_label

    counted = Counter(one.rule.kind for one in scored.consequences)
    told = say("comma", lang).join(
        say("demo.times", lang, rule=consequence_label(scored.policy, kind, lang), count=count)
        for kind, count in counted.items()
    )
    typer.echo(say("demo.follows", lang, consequences=told or "–"))
    file = out / f"report-{scored.score.period.name}.html"
    write_report(folder, scored.score.period.name, file, [], lang)
    typer.echo(say("demo.report", lang, file=file))
    typer.echo()


def _without(row: Sequence[str], place: int) -> list[str]:
    return [*row[:place], *row[place + 1 :]]


def _what_next(run: "Run", out: Path, told: "Report", scores: "PeriodScore", lang: Lang) -> None:
    from paidan.engine.cli.report import program
    from paidan.engine.messages import say

    typer.echo(say("demo.next", lang))
    for code, arguments in _commands(run.folder, out, told, scores):
        typer.echo(f"  # {say(f'demo.try_{code}', lang)}")
        typer.echo(f"  {program()} {shlex.join(arguments)}")


def _commands(run: Path, out: Path, told: "Report", scores: "PeriodScore") -> Iterator[tuple[str, list[str]]]:
    folder, month = str(run), scores.period.name
    yield "score", ["score", folder, "--month", month]
    yield "set", ["score", folder, "--month", month, "--set", "jy.no_orders_ranked=false"]
    if told.example:
        order = told.example.order_id
        yield "explain", ["explain", order, told.example.rule, "--run", folder]
        yield "history", ["history", order, "--run", folder]
    if unit := _least_contacted(scores):
        yield "why", ["explain", "--score", unit, "contact", "--run", folder, "--month", month]
    yield "what_if", ["whatif", folder, "--set", "jy.denominator=all_callbacks", "--month", month]
    yield "due", ["due", "JY-T03", "unit_received_at=2026-09-30 16:00"]
    yield "enforce", [
        "replay", str(out / "orders.csv"), "--policy", "JY", "--units", str(out / "units.csv"),
        "--adjustments", str(out / "adjustments.csv"), "--mode", "enforce", "--out", str(out / "enforced"),
    ]  # fmt: skip
    yield "policy", ["policies", "show", "JY"]
    yield "diagram", ["diagram"]


def _least_contacted(scores: "PeriodScore") -> str:
    found = [
        (item.points, unit.unit)
        for unit in scores.units
        if unit.rank and (item := unit.item("contact")) and item.points is not None and len(item.orders) > 1
    ]
    return min(found)[1] if found else ""
