"""`directory load`, `check`, `show`: who holds which post, and which posts nobody holds."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from paidan.engine.cli.options import (
    Format,
    FormatOption,
    Lang,
    LangOption,
    Listing,
    ListingOption,
    OutOption,
    day_option,
    echo_json,
    echo_plain,
    listing,
)
from paidan.engine.errors import UsageError
from paidan.engine.messages import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from paidan.policies.directory import Filings, Gap, Holding
    from paidan.policies.roster import Roster
    from paidan.policies.schema import Policy

DirectoryOption = Annotated[
    Path | None, typer.Option("--directory", help="岗位名册（CSV）。", metavar="FILE")
]
DbOption = Annotated[str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")]
AtOption = Annotated[str | None, typer.Option("--at", help="哪一天；默认今天。", metavar="DATE")]
PolicyOption = Annotated[
    str | None, typer.Option("--policy", help="规则文件；用 --db 或 --run 时默认为其所用的。")
]


def load(
    file: Annotated[Path, typer.Argument(help="岗位名册（CSV）。", metavar="FILE")],
    db: Annotated[str, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db。")],
    actor: Annotated[str, typer.Option("--actor", help="由谁备案。")],
    from_on: Annotated[
        str | None, typer.Option("--from", help="自哪一天起算；默认今天。", metavar="DATE")
    ] = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Keep a directory in a database and tell what changed; exit 3, keeping nothing, for a wrong row."""
    from paidan.engine.app import Engine
    from paidan.engine.cli.tables import columns, show

    on = day_option(from_on, "--from")
    with Engine.open(db, None, create=False) as engine:
        done = engine.load_directory(file, actor=actor, from_on=on)
    changes = [*(("began", one) for one in done.began), *(("ended", one) for one in done.ended)]
    if out is Format.json:
        told = [{"change": change, **_plain(one)} for change, one in changes]
        posts = len(done.directory.holdings)
        echo_json({"from": str(done.from_on), "new": done.new, "posts": posts, "changes": told})
        return
    if done.new:
        text = say("directory.loaded", lang, posts=len(done.directory.holdings), on=done.from_on)
    else:
        text = say("directory.same", lang)
    typer.echo(text, err=True)
    if changes:
        rows = [(say(f"directory.{change}", lang), *_post(one, lang)) for change, one in changes]
        show(columns(("change", "unit", "post", "person"), lang), rows, out)


def check(
    directory: DirectoryOption = None,
    db: DbOption = None,
    run: Annotated[
        Path | None, typer.Option("--run", help="回放文件夹：每月件数与单位名册由此得知。", metavar="DIR")
    ] = None,
    units: Annotated[Path | None, typer.Option("--units", help="单位名册。", metavar="FILE")] = None,
    policy: PolicyOption = None,
    at: AtOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Name each post that a rule asks for and nobody holds as it asks; exit 4 where there is one."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.directory import pools_on
    from paidan.policies.directory import gaps, leans_on_orders

    on = day_option(at, "--at")
    filings = _filings(directory, db)
    asked = _asked(db, run, units, policy)
    on = on or asked.today
    held = filings.on(on)
    pools = pools_on(asked.roster, held, on, next(iter(asked.policy.pools)))
    found = gaps(asked.policy, held, pools, on, asked.orders)
    if asked.roster is None:
        typer.echo(say("directory.no_roster", lang), err=True)
    if asked.orders is None:
        for rule in leans_on_orders(asked.policy):
            text = say("directory.not_asked", lang, rule=rule.rule, clause=rule.clause)
            typer.echo(text, err=True)
    if out is Format.json:
        echo_json(
            [
                {
                    "unit": one.unit, "role": one.role, "rule": one.rule.rule, "clause": one.rule.clause,
                    "code": one.code, "missing": _gap(one, lang),
                }
                for one in found
            ]
        )  # fmt: skip
    elif found or out is Format.csv:
        names = ("unit", "post", "lacks", "rule", "clause")
        rows = [
            (one.unit, _label(one.role, lang), _gap(one, lang), one.rule.rule, one.rule.clause)
            for one in found
        ]
        show(columns(names, lang), rows, out)
    code = "missing" if found else "whole"
    typer.echo(say(f"directory.{code}", lang, on=on, units=len(pools), count=len(found)), err=True)
    if found:
        raise typer.Exit(4)


def show_posts(
    directory: DirectoryOption = None,
    db: DbOption = None,
    at: AtOption = None,
    unit: Annotated[str | None, typer.Option("--unit", help="只看一个单位。")] = None,
    role: Annotated[str, typer.Option("--role", help="查看者的角色；无权的看不到联系方式。")] = "",
    policy: PolicyOption = None,
    out: ListingOption = Listing.table,
    to: OutOption = None,
    lang: LangOption = Lang.zh,
) -> None:
    """Print who holds which post on a day; contacts only for a role that may see them."""
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.intake.values import role_names
    from paidan.policies.directory import may_see_contacts

    out = listing(out, to)
    on = day_option(at, "--at")
    filings = _filings(directory, db)
    rules, today = _rules(db, policy)
    on = on or today
    if role and role not in role_names():
        raise UsageError("directory.role_unknown", role=role)
    seen = may_see_contacts(rules, role_names().get(role, ""))
    held = [one for one in filings.on(on).on(on) if unit is None or one.unit == unit]
    hidden = say("directory.masked", lang)
    if out.plain:
        echo_plain(
            ({**_plain(one), "contact": one.contact if seen else None} for one in held), out, to, lang=lang
        )
        return
    names = ("unit", "post", "person", "duty", "contact", "from", "to", "note")
    rows = [
        (
            *_post(one, lang), one.title, one.contact if seen or not one.contact else hidden,
            one.from_on or "", one.to_on or "", one.note,
        )
        for one in held
    ]  # fmt: skip
    show(columns(names, lang), rows, out, to=to, lang=lang)


def named(role: str, held: "Sequence[Holding]", lang: str) -> str:
    """Say a role with who holds it, if that is known."""
    from paidan.engine.history_told import people

    return say("directory.named", lang, role=role, people=people(held)) if held else role


def filings_for(directory: Path | None, db: str | None) -> "Filings":
    """Give the directory of a file, else of a database, else none."""
    from paidan.policies.directory import Filings

    if directory is None and db is None:
        return Filings()
    from paidan.engine.directory import alone, directory_of

    if directory is not None:
        return alone(directory_of(directory))
    from paidan.engine.app import Engine

    with Engine.open(str(db), None, log_only=True) as engine:
        return engine.directory()


def _filings(directory: Path | None, db: str | None) -> "Filings":
    """Give the directory that was asked for; raises `UsageError` where there is none."""
    if directory is None and db is None:
        raise UsageError("directory.one_source")
    filings = filings_for(directory, db)
    if not filings:
        raise UsageError("directory.empty")
    return filings


class _Asked(NamedTuple):
    """What posts are asked by: a policy, the units and what they take in a month if known, the day."""

    policy: "Policy"
    roster: "Roster | None"
    orders: "dict[str, Fraction] | None"
    today: date


def _asked(db: str | None, run: Path | None, units: Path | None, policy: str | None) -> _Asked:
    """Give the rules that were named, else those of the run or the database, with its orders."""
    if run is None and db is None:
        rules, today = _rules(None, policy)
        return _Asked(rules, _roster(units, rules.pools), None, today)
    from paidan.engine.databases import run_of_database
    from paidan.engine.directory import orders_a_month
    from paidan.engine.scoring import load_run
    from paidan.policies.registry import document

    found = run_of_database(str(db)) if run is None else load_run(run)
    book = found.document if policy is None else document(policy)
    version, _ = book.version_on(found.as_of.date())
    rules = book.policy(version, found.settings if policy is None else None)
    roster = _roster(units, rules.pools) or found.roster
    orders = orders_a_month(found.records, found.as_of)
    return _Asked(rules, roster, orders, found.as_of.date())


def _rules(db: str | None, policy: str | None) -> "tuple[Policy, date]":
    """Give the newest version of the document that was named, else of the database's, and today."""
    from paidan.engine.clock import SystemClock
    from paidan.policies.registry import document

    if policy is not None:
        book = document(policy)
        return book.policy(book.versions[-1]), SystemClock().now().date()
    if db is None:
        raise UsageError("directory.policy_wanted")
    from paidan.engine.app import Engine

    with Engine.open(db, None, log_only=True) as engine:
        return engine.books.latest.policy, engine.now().date()


def _roster(units: Path | None, pools: "Mapping[str, str]") -> "Roster | None":
    from paidan.engine.intake.rosters import read_roster
    from paidan.engine.intake.tables import RejectedRowsError

    if units is None:
        return None
    roster, rejected = read_roster(units, pools)
    if rejected:
        raise RejectedRowsError(tuple(rejected))
    return roster


def _gap(one: "Gap", lang: str) -> str:
    wanted = [_word(one.code, name, lang) for name in one.wanted]
    who = {"person": one.holder.person, "title": one.holder.title} if one.holder else {}
    return say(f"gap.{one.code}", lang, found=one.found, wanted="、".join(wanted), **who)


def _word(code: str, name: str, lang: str) -> str:
    if code == "held_twice":
        return _label(name, lang)
    return say("column.duty" if name == "title" else f"column.{name}", lang) if code == "untold" else name


def _label(role: str, lang: str) -> str:
    from paidan.engine.messages.reasons import role_label

    return role_label(role, lang)


def _post(one: "Holding", lang: str) -> tuple[str, str, str]:
    return one.unit, _label(one.role, lang), one.person


def _plain(one: "Holding") -> dict[str, object]:
    return {
        "unit": one.unit, "role": one.role, "person": one.person, "title": one.title,
        "from": one.from_on and one.from_on.isoformat(), "to": one.to_on and one.to_on.isoformat(),
        "note": one.note,
    }  # fmt: skip
