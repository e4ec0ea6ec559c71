"""`whatif`, and the views of `score` that set a period beside others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, SetOption, choices, echo_json
from paidan.engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from paidan.engine.scoring import Run
    from paidan.engine.scoring.compared import Beside, WhatIf


def whatif(
    run: Annotated[Path, typer.Argument(help="回放输出的文件夹。", metavar="DIR")],
    policy: Annotated[str | None, typer.Option("--policy", help="另一份规则文件。")] = None,
    settings: SetOption = None,
    month: Annotated[str | None, typer.Option("--month", help="只比较这个月。")] = None,
    quarter: Annotated[str | None, typer.Option("--quarter", help="比较这个季度。")] = None,
    year: Annotated[str | None, typer.Option("--year", help="比较这个年度。")] = None,
    keep: Annotated[Path | None, typer.Option("--out", help="保留重新判断的结果。")] = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Set a run beside the same log under another document or other settings."""
    from paidan.engine.cli.score import one_period
    from paidan.engine.messages import say
    from paidan.engine.scoring.compared import what_if
    from paidan.engine.scoring.compared_told import verdict_rows, what_if_json
    from paidan.policies.registry import document

    chosen = choices(settings)
    if policy is None and not chosen:
        raise UsageError("compared.needs")
    name = one_period(month, quarter, year) if month or quarter or year else None
    told = what_if(run, document(policy) if policy else None, chosen, name=name, out=keep)
    if out is Format.json:
        echo_json(what_if_json(told, lang))
    else:
        _table(verdict_rows(told, lang), say("compared.verdicts_title", lang), out)
        for beside in told.periods:
            print_beside(beside, say("compared.period_title", lang, period=_name(beside)), out, lang)
    _caveats(told, keep, lang)


def print_beside(beside: "Beside", title: str, out: Format, lang: Lang) -> None:
    """Print a comparison of one period: the units, then the consequences."""
    from paidan.engine.messages import say
    from paidan.engine.scoring.compared_told import beside_json, change_rows, consequence_rows

    if out is Format.json:
        echo_json(beside_json(beside, lang))
        return
    if not beside.comparison.changes and not beside.comparison.raised and not beside.comparison.withdrawn:
        typer.echo(say("compared.nothing", lang, period=_name(beside)), err=True)
    _table(change_rows(beside, lang), title, out)
    if out is Format.table:
        _table(
            consequence_rows(beside, lang),
            say("compared.consequences_title", lang, period=_name(beside)),
            out,
        )


def exclusions(run: "Run", name: str, chosen: "Mapping[str, Any]", out: Format, lang: Lang) -> None:
    """Print each unit's figures before and after exclusions, and who gains."""
    from paidan.engine.messages import say
    from paidan.engine.scoring.compared import without_exclusions

    beside = without_exclusions(run, name, chosen)
    print_beside(beside, say("compared.exclusions_title", lang, period=name), out, lang)


def since(beside: "Beside", at: "datetime", out: Format, lang: Lang) -> None:
    """Print what has changed in a period since it was known as it stood at a time."""
    from paidan.engine.messages import say
    from paidan.engine.messages.reasons import moment

    title = say("compared.since_title", lang, period=_name(beside), at=moment(at))
    print_beside(beside, title, out, lang)


def all_readings(run: Path, name: str, out: Format, lang: Lang) -> None:
    """Print, for each reading of each open clause, whose rank or consequence changes."""
    from paidan.engine.messages import say
    from paidan.engine.scoring.compared import readings
    from paidan.engine.scoring.compared_told import reading_json, reading_rows

    found = list(readings(run, name))
    if out is Format.json:
        echo_json([reading_json(one, lang) for one in found])
        return
    headers = [
        say(f"compared.{one}", lang)
        for one in ("setting", "chosen", "reading", "units", "ranks", "consequences")
    ]
    telling = [
        one
        for one in found
        if one.beside and (one.beside.comparison.changes or one.beside.comparison.decides)
    ]
    rows = [row for one in telling for row in reading_rows(one, lang)]
    _table((headers, rows), say("compared.readings_title", lang, period=name), out)
    alike = [one.setting for one in found if one.beside and one not in telling]
    outside = [one.setting for one in found if one.beside is None]
    for code, names in (("alike", alike), ("outside", outside)):
        if names:
            settings = say("comma", lang).join(dict.fromkeys(names))
            typer.echo(
                say(f"compared.{code}", lang, count=len(names), settings=settings, period=name), err=True
            )


def listings(run: "Run", name: str, chosen: "Mapping[str, Any]", out: Format, lang: Lang) -> None:
    """Print the orders of a period that somebody should look at."""
    from paidan.engine.messages import say
    from paidan.engine.scoring import score
    from paidan.engine.scoring.compared_told import listed_json, listed_rows
    from paidan.policies.scoring.listings import contradictions, worklist

    told = score(run, name, chosen)
    to_check, to_do = contradictions(told.scoring, told.score), worklist(told.scoring, told.score)
    if out is Format.json:
        echo_json({
            "contradictions": [listed_json(one, lang) for one in to_check],
            "worklist": [listed_json(one, lang) for one in to_do],
        })  # fmt: skip
        return
    if not to_check and not to_do:
        typer.echo(say("compared.none_listed", lang, period=name), err=True)
    _table(listed_rows(to_check, lang), say("compared.listed_title", lang, period=name), out)
    if to_do and out is Format.table:
        _table(listed_rows(to_do, lang), say("compared.worklist_title", lang, period=name), out)


def _caveats(told: "WhatIf", keep: Path | None, lang: Lang) -> None:
    """Tell on standard error what the folder could not give the second run."""
    from paidan.engine.messages import say
    from paidan.engine.scoring.compared_told import caveats

    for one in caveats(told, lang):
        typer.echo(one, err=True)
    if keep is not None:
        typer.echo(say("compared.kept", lang, folder=keep), err=True)


def _name(beside: "Beside") -> str:
    return beside.after.score.period.name


def _table(told: tuple[list[str], list[list[str]]], title: str, out: Format) -> None:
    from paidan.engine.cli.tables import show

    headers, rows = told
    if rows or out is Format.csv:
        show(headers, rows, out, title=title)
