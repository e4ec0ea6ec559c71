"""`score`, and the score part of `explain`: a month of a replay folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, SetOption, choices, echo_json

if TYPE_CHECKING:
    from paidan.policies.scoring.month import MonthScore


def score(
    run: Annotated[Path, typer.Argument(help="回放输出的文件夹。", metavar="DIR")],
    month: Annotated[str, typer.Option("--month", help="月份，如 2026-03。")],
    settings: SetOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Print the items, totals and ranks of every unit's month."""
    from paidan.engine.cli.tables import show
    from paidan.engine.messages import say
    from paidan.engine.scoring import as_json, as_rows, load_run, scoring_of

    scoring = scoring_of(load_run(run), month, choices(settings))
    scored = scoring.month(month)
    if out is Format.json:
        echo_json(as_json(scored))
        return
    policy = scoring.card.policy
    headers, rows = as_rows(scored, policy, lang)
    show(headers, rows, out, title=say("score.title", lang, policy=policy.version, month=month))
    if out is Format.table:
        _footnotes(scored, lang)


def explain_score(
    run: Path, unit: str, item: str, month: str, choices: Mapping[str, Any], lang: Lang = Lang.zh
) -> None:
    """Print where an item, `bonus` or `deduction` of a unit's month comes from."""
    from paidan.engine.lineage_text import lines
    from paidan.engine.scoring import load_run, trace

    for line in lines(trace(load_run(run), month, unit, item, choices), month, lang):
        typer.echo(line)


def _footnotes(scored: "MonthScore", lang: Lang) -> None:
    from paidan.engine.messages import say
    from paidan.policies.reader import shown

    if scored.settings:
        changed = ", ".join(f"{name} = {shown(value)}" for name, value in scored.settings.items())
        typer.echo(say("score.settings", lang, settings=changed), err=True)
    if scored.provisional:
        typer.echo(say("score.provisional", lang), err=True)
