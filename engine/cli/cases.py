"""`cases`: the cases beside orders, and about units, of a database or a replay."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.options import (
    Lang,
    LangOption,
    Listing,
    ListingOption,
    OutOption,
    echo_plain,
    listing,
)

if TYPE_CHECKING:
    from paidan.engine.seen_cases import SeenCase


def cases(
    about: Annotated[str, typer.Argument(help="工单编号或单位；不写则列出全部。", metavar="[ORDER]")] = "",
    db: Annotated[str | None, typer.Option("--db", help="在线数据库。")] = None,
    run: Annotated[Path | None, typer.Option("--run", help="回放结果文件夹。")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="只列一种：supervision、enquiry、extension、talk、topic。")
    ] = None,
    still_open: Annotated[bool, typer.Option("--open", help="只列未了结的。")] = False,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """List cases, each with its state, since when, and the limit that runs in it."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.errors import UsageError
    from paidan.workflows.cases import CASES

    out = listing(out, to)
    if (db is None) == (run is None):
        raise UsageError("cli.one_source")
    if kind is not None and kind not in CASES:
        raise UsageError("workflow_unknown", name=kind, allowed="、".join(CASES))
    found = [
        one
        for one in _of(db, run, about)
        if (kind is None or one.workflow == kind) and not (still_open and one.over)
    ]
    if out.plain:
        echo_plain(map(_plain, found), out, to, lang=lang)
        return
    names = (
        "case",
        "workflow",
        "about",
        "unit",
        "state",
        "opened_at",
        "since",
        "due_at",
        "rule",
        "talk_level",
    )
    show(columns(names, lang), [_row(one, lang) for one in found], out, to=to, lang=lang)


def _of(db: str | None, run: Path | None, about: str) -> "list[SeenCase]":
    if run is not None:
        from paidan.engine.runs import Run

        return Run(run).cases(about)
    from paidan.engine.databases import cases_of_database

    return cases_of_database(str(db), about)


def _row(one: "SeenCase", lang: str) -> tuple[str, ...]:
    from paidan.engine.messages.reasons import moment, state_label
    from paidan.workflows.cases import CASES

    workflow = CASES[one.workflow]
    return (
        one.case, workflow.zh if lang == "zh" else workflow.en, one.about, one.unit,
        state_label(one.state, lang, workflow), moment(one.opened_at), moment(one.since),
        moment(one.due_at) if one.due_at else "", one.rule,
        one.level_label if lang == "zh" else one.level,
    )  # fmt: skip


def _plain(one: "SeenCase") -> dict[str, object]:
    times = ("opened_at", "since", "due_at")
    return {
        name: value.isoformat() if name in times and value else value for name, value in one._asdict().items()
    }
