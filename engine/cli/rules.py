"""`due`, `policies`, `diagram`: questions that need the rules alone."""

import sys
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

import typer

from paidan.engine.cli.options import (
    Format,
    FormatOption,
    KnownOnOption,
    Lang,
    LangOption,
    SetOption,
    choices,
    day_option,
    echo_json,
    pairs,
)
from paidan.engine.errors import UsageError


def due(
    rule: Annotated[str | None, typer.Argument(help="规则编号，如 JY-T03。", metavar="RULE")] = None,
    facts: Annotated[
        list[str] | None,
        typer.Argument(
            help='已知时间，如 unit_received_at="2026-05-08 16:00"；定期提醒写期间，如 month=2026-03。',
            metavar="NAME=TIME...",
        ),
    ] = None,
    batch: Annotated[Path | None, typer.Option("--batch", help="JSONL，每行一问。")] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="规则文件夹；默认由规则编号得知。")] = None,
    settings: SetOption = None,
    known_on: KnownOnOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Print one due time and its working, or one line for each line of a batch."""
    from paidan.engine import calendars
    from paidan.engine.due import Calculator
    from paidan.engine.messages import say

    calculator = Calculator(policy, choices(settings), calendars.known(day_option(known_on, "--known-on")))
    if batch is not None:
        from paidan.engine.cli.batch import answer_lines

        faults = 0
        for answer, fault in answer_lines(calculator, batch, lang):
            sys.stdout.write(answer + "\n")
            if fault:
                typer.echo(fault, err=True)
                faults += 1
        if faults:
            raise typer.Exit(2)
        return
    if rule is None:
        raise UsageError("cli.due_needs")
    asked = calculator.ask(rule, pairs(facts))
    if out is Format.json:
        echo_json(
            {
                "rule": rule,
                "due_at": asked.due_at,
                "provisional": asked.provisional,
                "calendar": asked.calendar,
                "policy": asked.version,
            }
        )
        return
    cited = asked.rule
    typer.echo(
        say(
            "cli.due_head",
            lang,
            rule=rule,
            label=cited.zh if lang is Lang.zh else cited.en,
            clause=cited.clause,
            version=asked.version,
        )
    )
    none = say("cli.due_missing", lang, fact=asked.needs) if asked.needs else say("cli.due_none", lang)
    typer.echo(asked.text or none)
    for line in asked.lines(lang):
        typer.echo("  " + line)


def diagram(
    workflow: Annotated[
        str,
        typer.Argument(help="工单 work_order（默认）或案件 supervision、enquiry、extension、talk、topic。"),
    ] = "work_order",
    lang: LangOption = Lang.zh,
) -> None:
    """Print the life of a work order, or of a kind of case, as a Mermaid diagram."""
    from paidan.engine.errors import UsageError
    from paidan.workflows.cases import WORKFLOWS
    from paidan.workflows.diagram import mermaid

    found = {one.name: one for one in WORKFLOWS}
    if workflow not in found:
        raise UsageError("workflow_unknown", name=workflow, allowed="、".join(found))
    typer.echo(mermaid(found[workflow], lang), nl=False)


def policies_list(out: FormatOption = Format.table, lang: LangOption = Lang.zh) -> None:
    """List the documents and their versions."""
    from paidan.engine.cli.tables import columns, show
    from paidan.policies import registry

    documents = [registry.document(name) for name in registry.names()]
    rows = [
        (one.name, version.id, one.title, one.issuer, one.number)
        for one in documents
        for version in one.versions
    ]
    if out is Format.json:
        echo_json(
            [dict(zip(("policy", "version", "title", "issuer", "number"), row, strict=True)) for row in rows]
        )
        return
    show(columns(("policy", "version", "title", "issuer", "number"), lang), rows, out)


def policies_show(
    name: Annotated[str, typer.Argument(help="规则文件名或文件夹。", metavar="P")],
    settings: SetOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Show every rule with its clause and carrier, then every setting with its readings."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages import say
    from paidan.policies import registry
    from paidan.policies.reader import shown
    from paidan.policies.schema import PlannedRule, UncarriedRule, carrier, foremost

    found = registry.document(name)
    policy = found.policy(found.versions[-1], choices(settings))
    rules: dict[str, dict[str, Any]] = {}
    for _, rows in groupby(sorted(policy.rules, key=_in_order), key=attrgetter("rule")):
        row = foremost(rows)
        rules[row.rule] = {
            "id": row.rule, "clause": row.clause, "carrier": carrier(row),
            "reason": row.reason if isinstance(row, UncarriedRule) else None,
            "planned": isinstance(row, PlannedRule), "zh": row.zh, "en": row.en,
        }  # fmt: skip
    chosen: list[dict[str, Any]] = [
        {
            "name": one.name,
            "value": shown(policy.settings[one.name]),
            "default": shown(one.default),
            "readings": [shown(reading) for reading in one.readings],
            "why": one.why,
            "planned": one.planned,
        }
        for one in found.settings.values()
    ]
    if out is Format.json:
        echo_json(
            {
                "policy": found.name,
                "version": policy.version,
                "title": found.title,
                "rules": list(rules.values()),
                "settings": chosen,
            }
        )
        return
    planned = say("cli.planned", lang)
    show(
        columns(("rule", "clause", "label", "carrier", "reason"), lang),
        [
            (
                one["id"],
                one["clause"],
                one[lang],
                one["carrier"],
                planned if one["planned"] else one["reason"],
            )
            for one in rules.values()
        ],
        out,
        title=f"{policy.version} {found.title}",
    )
    show(
        columns(("setting", "value", "readings", "why"), lang),
        [
            (
                one["name"],
                one["value"],
                " | ".join(one["readings"]),
                one["why"] + (f"({planned})" if one["planned"] else ""),
            )
            for one in chosen
        ],
        out,
    )


def policies_check(
    path: Annotated[str, typer.Argument(help="规则文件夹或文件名。", metavar="PATH")],
    lang: LangOption = Lang.zh,
) -> None:
    """Check a policy folder; every mistake is said, exit 4 when there is one."""
    from paidan.engine.messages import say
    from paidan.policies import registry

    found = registry.document(path)
    rows = sum(len(policy.rules) for policy in (found.policy(version) for version in found.versions))
    typer.echo(say("cli.policy_fine", lang, name=found.name, versions=len(found.versions), rows=rows))


def _in_order(row: Any) -> tuple[str, str]:
    return (str("TGRCSBEXPD".find(row.rule.split("-")[-1][:1])), row.rule)
