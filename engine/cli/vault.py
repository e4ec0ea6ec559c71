"""`unmask`, `erase`, `key`: what a database keeps of people, and the key it is kept under."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.live import DbOption, OrderArgument
from paidan.engine.cli.options import Format, FormatOption, Lang, LangOption, echo_json
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.outcomes import Outcome

ReasonOption = Annotated[str, typer.Option("--reason", help="理由，写入日志。")]
ActorOption = Annotated[str, typer.Option("--actor", help="经办人，写入日志。")]
RoleOption = Annotated[str, typer.Option("--role", help="经办人的角色。")]
UnitOption = Annotated[str, typer.Option("--unit", help="经办人的单位；角色属于承办单位时须写。")]
FileArgument = Annotated[Path, typer.Argument(help="主密钥文件。", metavar="FILE")]


def unmask(
    order: OrderArgument,
    db: DbOption,
    reason: ReasonOption,
    actor: ActorOption,
    role: RoleOption = "",
    unit: UnitOption = "",
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Show the identities of an order and write so into its log; exit 3 when erased, or not for this role."""
    from paidan.engine.app import Engine
    from paidan.engine.cli.tables import columns, show

    with Engine.open(db, None, create=False) as engine:
        done = engine.unmask(order, reason=reason, actor=actor, role=role, unit=unit)
    _check(done.outcome, lang)
    rows: list[tuple[object, ...]] = [(one.seq, one.name, one.value) for one in done.identities]
    names: tuple[str, ...] = ("seq", "name", "value")
    if done.beside:
        names = (*names, "case")
        rows = [(*row, "") for row in rows]
        rows += [(*one, case) for case, held in done.beside.items() for one in held]
    if out is Format.json:
        echo_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        show(columns(names, lang), rows, out, title=order)
    typer.echo(say("vault.unmasked", lang, order=order, seq=done.outcome.entries[0].seq), err=True)


def erase(
    order: OrderArgument,
    db: DbOption,
    reason: ReasonOption,
    actor: ActorOption,
    role: RoleOption = "",
    lang: LangOption = Lang.zh,
) -> None:
    """Destroy the identities of an order for good; exit 3 when that is done already."""
    from paidan.engine.app import Engine

    with Engine.open(db, None, create=False) as engine:
        done = engine.erase(order, reason=reason, actor=actor, role=role)
    if not done.scrubbed:
        typer.echo(say("vault.not_scrubbed", lang), err=True)
    _check(done.outcome, lang)
    typer.echo(say("vault.erased", lang, order=order, seq=done.outcome.entries[0].seq))


def key_new(file: FileArgument, lang: LangOption = Lang.zh) -> None:
    """Write a new master key to a file that is not there yet."""
    from paidan.engine.keys import new_key

    new_key(file)
    typer.echo(say("vault.key_made", lang, file=file), err=True)


def key_rotate(file: FileArgument, db: DbOption, lang: LangOption = Lang.zh) -> None:
    """Put the key in a file in place of the present one."""
    from paidan.engine.app import Engine

    with Engine.open(db, None, create=False) as engine:
        scrubbed = engine.rotate_key(file)
    if not scrubbed:
        typer.echo(say("vault.not_scrubbed", lang), err=True)
    typer.echo(say("vault.key_rotated", lang, file=file), err=True)


def _check(outcome: "Outcome", lang: str) -> None:
    """Tell a refusal and leave with 3."""
    if not outcome.accepted:
        for one in outcome.reasons(lang):
            typer.echo(one.text, err=True)
        raise typer.Exit(3)
