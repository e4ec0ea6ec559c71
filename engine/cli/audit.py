"""`verify`, `seal`, `key public`: whether the log is what was written, and how it is proven to others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidan.engine.cli.live import DbOption
from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, echo_json
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.audit.verify import Fault, Verified


def verify(
    db: DbOption,
    seals: Annotated[Path | None, typer.Option("--seals", help="封存文件所在的文件夹。")] = None,
    public: Annotated[
        Path | None, typer.Option("--public", help="核对签名的公钥；默认由主密钥得出。")
    ] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册，如运行时用了名册。")] = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Hold the log against its chain, its fold and its seals; exit 4 when something does not hold."""
    from paidan.engine.databases import verify_database

    found = verify_database(db, seals, public, units)
    if out is Format.json:
        echo_json(_plain(found, lang))
    else:
        _tell(found, out, lang, looked_at_seals=seals is not None)
    if not found.holds:
        raise typer.Exit(4)


def seal(
    db: DbOption,
    out: Annotated[Path, typer.Option("--out", help="封存文件的文件夹，应放在数据库之外。")],
    public: Annotated[
        Path | None, typer.Option("--public", help="更换主密钥后首次封存：核对上一份封存的旧公钥。")
    ] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Sign how far the log has come, into a new file; exit 4 when the log does not hold."""
    from paidan.engine.app import Engine

    with Engine.open(db, None, create=False) as engine:
        made = engine.seal(out, public)
    if made is None:
        typer.echo(say("audit.nothing_new", lang), err=True)
        return
    text = say(
        "audit.sealed",
        lang,
        file=out / made.file,
        number=made.number,
        entries=made.entries,
        position=made.position,
    )
    typer.echo(text, err=True)


def pack(
    db: DbOption,
    month: Annotated[str, typer.Option("--month", help="月份，如 2026-03。")],
    out: Annotated[Path, typer.Option("--out", help="写出的 zip 文件。", metavar="FILE")],
    seals: Annotated[Path | None, typer.Option("--seals", help="一并放入的封存文件所在的文件夹。")] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册，成绩要用。")] = None,
    adjustments: Annotated[Path | None, typer.Option("--adjustments", help="加减分表，成绩要用。")] = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Write the auditor's pack of a month; the file takes its name when it is whole."""
    from paidan.engine.app import Engine
    from paidan.engine.errors import InputError

    if seals is not None and not seals.is_dir():
        raise InputError("audit.no_folder", exit_code=5, folder=seals)
    beside = out.with_name(f".{out.name}.partial")
    with Engine.open(db, None, units=units, adjustments=adjustments, log_only=True) as engine:
        pieces = engine.auditing.pack(month, seals=seals)
        try:
            with beside.open("wb") as file:
                file.writelines(pieces)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
    typer.echo(say("audit.packed", lang, file=out), err=True)


def key_public() -> None:
    """Print the public key by which anybody may check seals."""
    from paidan.engine.databases import public_key

    typer.echo(public_key(), nl=False)


def _tell(found: "Verified", out: Format, lang: str, *, looked_at_seals: bool) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages.reasons import moment

    if found.faults:
        rows = [
            (one.order_id, one.seq or "", one.position or "", one.seal or "", _said(one, lang))
            for one in found.faults
        ]
        show(columns(("order", "seq", "position", "seal", "fault"), lang), rows, out)
    if first := found.first:
        text = say("audit.first", lang, order=first.order_id, seq=first.seq, position=first.position)
        typer.echo(text, err=True)
    code = "audit.holds" if found.holds else "audit.broken"
    text = say(code, lang, orders=found.orders, entries=found.entries, faults=len(found.faults))
    typer.echo(text, err=True)
    if found.last is not None:
        at = moment(found.last.at)
        number, unsealed = found.last.number, found.unsealed
        typer.echo(
            say("audit.sealed_to", lang, seals=found.seals, number=number, at=at, unsealed=unsealed), err=True
        )
    elif not looked_at_seals:
        typer.echo(say("audit.unproven", lang), err=True)


def _said(fault: "Fault", lang: str) -> str:
    return say(f"audit.fault.{fault.what}", lang, detail=fault.detail)


def _plain(found: "Verified", lang: str) -> dict[str, Any]:
    def told(fault: "Fault") -> dict[str, Any]:
        return {
            "what": fault.what, "order_id": fault.order_id or None, "seq": fault.seq or None,
            "position": fault.position or None, "seal": fault.seal or None, "text": _said(fault, lang),
        }  # fmt: skip

    return {
        "holds": found.holds,
        "orders": found.orders,
        "entries": found.entries,
        "first": told(found.first) if found.first else None,
        "faults": [told(fault) for fault in found.faults],
        "seals": found.seals,
        "sealed_at": found.last.sealed_at if found.last else None,
        "unsealed": found.unsealed,
    }
