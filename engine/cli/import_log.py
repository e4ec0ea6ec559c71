"""`import`: a log into live orders."""

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, SetOption, choices, echo_json
from paidan.engine.cli.rejects import RejectedOption, reject_to
from paidan.engine.cli.replay import DbOption, Mode, told
from paidan.engine.errors import UsageError
from paidan.engine.messages import say
from paidan.engine.progress import tell as told_done

if TYPE_CHECKING:
    from paidan.engine.import_log import Imported

_SHOWN = 20
"""Vanished orders that are named."""


def import_log(
    files: Annotated[
        list[Path], typer.Argument(help="日志，可多个：CSV、XLSX、JSONL、XES、Parquet。", metavar="FILE...")
    ],
    db: DbOption = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="规则文件；给出时，没有数据库就按它新建。")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="映射文件 TOML：表头、取值、活动名、时区、常量。")
    ] = None,
    mode: Annotated[
        Mode, typer.Option("--mode", help="observe 照录历史；enforce 按规则拒绝。")
    ] = Mode.observe,
    feed: Annotated[
        str, typer.Option("--feed", help="每天导出的宽表叫什么；表头相同而来源不同的表用它分开。")
    ] = "",
    settings: SetOption = None,
    rejected: RejectedOption = None,
    only_preview: Annotated[
        bool, typer.Option("--preview", help="只看每一列会读成什么，不写入，也不需要数据库。")
    ] = False,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Take logs into live orders; exit 3 when some row was rejected or refused."""
    if only_preview:
        from paidan.engine.cli.preview import show_preview

        show_preview(files, policy, mapping, out, lang)
        return
    if db is None:
        raise UsageError("preview.db_missing")
    from paidan.engine.app import Engine
    from paidan.engine.import_told import import_json

    with (
        Engine.open(db, policy, settings=choices(settings) or None, create=policy is not None) as engine,
        reject_to(rejected, files, mapping, lang) as reject,
    ):
        imported = engine.import_logs(
            files, mapping=mapping, enforce=mode is Mode.enforce, feed=feed,
            on_rejected=reject, on_progress=partial(told_done, "importing"),
        )  # fmt: skip
    summary = import_json(imported, mapping.name if mapping else "")
    for line in told(summary, lang):
        typer.echo(line, err=True)
    _tell(imported, rejected, lang)
    if out is Format.json:
        echo_json(summary)
    else:
        _print(imported, out, lang)
    if not imported.whole:
        raise typer.Exit(3)


def _tell(imported: "Imported", rejected: Path | None, lang: Lang) -> None:
    from paidan.engine.messages.reasons import reason

    for one in imported.refusals:
        command, rules = one.command, one.rules
        text = "；".join(
            say("live.reason", lang, rule=found.rule, clause=found.clause, text=reason(found, rules, lang))
            if found.rule
            else reason(found, rules, lang)
            for found in one.findings
        )
        row = say(
            "import.row", lang, source=command.source, row=command.row, order=command.order_id,
            text=f"{command.event} {text}",
        )  # fmt: skip
        typer.echo(row, err=True)
    if imported.refused > len(imported.refusals):
        typer.echo(say("import.more", lang, count=imported.refused - len(imported.refusals)), err=True)
    if imported.rejected:
        code = "import.rejected_told" if rejected is None else "import.rejected_file"
        typer.echo(say(code, lang, count=imported.rejected, file=rejected), err=True)
    if imported.deviations:
        listed = ", ".join(f"{rule} {count}" for rule, count in sorted(imported.deviations.items()))
        typer.echo(say("import.by_rule", lang, listed=listed), err=True)
    if imported.emptied:
        counts = Counter(_column(one.column, lang) for one in imported.emptied)
        listed = ", ".join(f"{column} {count}" for column, count in sorted(counts.items()))
        typer.echo(say("import.emptied_told", lang, count=len(imported.emptied), listed=listed), err=True)
    for vanished in imported.vanished:
        orders = vanished.orders
        listed = ", ".join(orders[:_SHOWN]) + (" …" if len(orders) > _SHOWN else "")
        files = ", ".join(vanished.files)
        typer.echo(say("import.vanished_told", lang, count=len(orders), files=files, listed=listed), err=True)
    if imported.columns_ignored:
        typer.echo(say("columns_ignored", lang, columns=", ".join(imported.columns_ignored)), err=True)
    if imported.identity_kept:
        kept = ", ".join(f"{name} {count}" for name, count in sorted(imported.identity_kept.items()))
        typer.echo(say("import.kept", lang, listed=kept), err=True)
    if imported.identity_dropped:
        typer.echo(say("cli.identity", lang, columns=", ".join(sorted(imported.identity_dropped))), err=True)


def _column(name: str, lang: str) -> str:
    """Give the label of an event or of what an event says."""
    from paidan.engine.messages.reasons import event_label
    from paidan.workflows.attributes import ATTRIBUTE_OF
    from paidan.workflows.cases import EVENT_OF

    if name in EVENT_OF:
        return event_label(name, lang)
    return ATTRIBUTE_OF[name].zh if lang == "zh" and name in ATTRIBUTE_OF else name


def _print(imported: "Imported", out: Format, lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.import_told import COUNTS

    rows = [(say(f"import.{name}", lang), getattr(imported, name)) for name in COUNTS]
    rows.append((say("import.deviations", lang), imported.deviations.total()))
    show(columns(("what", "events"), lang), rows, out, title=say("import.title", lang))
