"""`import`: a log into live orders."""

from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.live import DbOption
from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, SetOption, choices, echo_json
from paidan.engine.cli.replay import Mode, told
from paidan.engine.messages import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from paidan.engine.import_log import Imported
    from paidan.engine.intake.tables import Rejected

_SHOWN = 20
"""Rejected rows that are told where no file was named for them."""
_COUNTS = (
    "read", "applied", "already_there", "refused", "rejected", "corrected", "orders", "timed_out",
    "withdrawn",
)  # fmt: skip


def import_log(
    files: Annotated[
        list[Path], typer.Argument(help="日志，可多个：CSV、JSONL、XES、Parquet。", metavar="FILE...")
    ],
    db: DbOption,
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
    rejected: Annotated[Path | None, typer.Option("--rejected", help="退回的行写入这个 CSV 文件。")] = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Take logs into live orders; exit 3 when some row was rejected or refused."""
    from paidan.engine.app import Engine

    with (
        Engine.open(db, policy, settings=choices(settings) or None, create=policy is not None) as engine,
        _reject_to(rejected, lang) as reject,
        _progress(lang) as progress,
    ):
        imported = engine.import_logs(
            files, mapping=mapping, enforce=mode is Mode.enforce, feed=feed,
            on_rejected=reject, on_progress=progress,
        )  # fmt: skip
    summary = _summary(imported, mapping)
    for line in told(summary, lang):
        typer.echo(line, err=True)
    _tell(imported, rejected, lang)
    if out is Format.json:
        echo_json(summary)
    else:
        _print(imported, out, lang)
    if not imported.whole:
        raise typer.Exit(3)


@contextmanager
def _reject_to(path: Path | None, lang: str) -> "Iterator[Callable[[Rejected], None]]":
    """Lend what takes rejected rows: into a file that takes its name when it is whole, or told, the first."""
    if path is None:
        left = _SHOWN

        def tell(one: "Rejected") -> None:
            nonlocal left
            if left:
                left -= 1
                text = f"{one.column} {say(one.code, lang, **one.details)}".lstrip()
                typer.echo(
                    say("import.row", lang, source=one.source, row=one.row, order=one.order_id, text=text),
                    err=True,
                )

        yield tell
        return
    import csv

    from paidan.engine.export.run_folder import TABLES, rejected_row

    beside = path.with_name(f".{path.name}.partial")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(TABLES["rejected"])
            yield lambda one: writer.writerow(rejected_row(one)) and None
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _progress(lang: str) -> "Iterator[Callable[[int, int], None]]":
    """Lend what tells how far an import is, on a line of its own, where somebody watches."""
    import sys

    watched = sys.stderr.isatty()

    def told(done: int, total: int) -> None:
        if watched:
            typer.echo(f"\r\x1b[K{say('import.progress', lang, done=done, total=total)}", nl=False, err=True)

    try:
        yield told
    finally:
        if watched:
            typer.echo("\r\x1b[K", nl=False, err=True)


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

    rows = [(say(f"import.{name}", lang), getattr(imported, name)) for name in _COUNTS]
    rows.append((say("import.deviations", lang), imported.deviations.total()))
    show(columns(("what", "events"), lang), rows, out, title=say("import.title", lang))


def _summary(imported: "Imported", mapping: Path | None) -> dict[str, Any]:
    added = dict(sorted(imported.added.items()))
    return {
        **{name: getattr(imported, name) for name in _COUNTS},
        "deviations": dict(sorted(imported.deviations.items())),
        "emptied": [one._asdict() for one in imported.emptied],
        "vanished": [one._asdict() for one in imported.vanished],
        "inputs": imported.inputs,
        "identity_cells_kept": dict(sorted(imported.identity_kept.items())),
        "identity_cells_dropped": dict(sorted(imported.identity_dropped.items())),
        "columns_ignored": imported.columns_ignored,
        **({"mapping": {"name": mapping.name, "added": added}} if mapping else {}),
    }
