"""Options that several commands share, and how they are read."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from paidan.engine.errors import UsageError


class Lang(StrEnum):
    """The language people read."""

    zh = "zh"
    en = "en"


class Format(StrEnum):
    """How data is printed."""

    table = "table"
    json = "json"
    csv = "csv"


LangOption = Annotated[Lang, typer.Option("--lang", help="输出语言。")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="改动一个设定,可重复。", metavar="NAME=VALUE")
]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式。")]


def pairs(texts: list[str] | None) -> dict[str, str]:
    """Read `NAME=VALUE` arguments; raises `UsageError` for one without `=`."""
    read: dict[str, str] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError("cli.no_pair", text=text)
        read[name.strip()] = value.strip()
    return read


def moment_option(text: str | None, name: str) -> datetime | None:
    """Read a time given as an option; a date alone is its last second."""
    from paidan.engine.intake.values import instant

    if text is None:
        return None
    at = instant(text, end_of_day=True)
    if at is None:
        raise UsageError("value_no_time", column=name, value=text, allowed="2026-04-05 09:32:09")
    return at.replace(microsecond=0)


def echo_json(value: Any) -> None:
    """Print a value as JSON, readable, Chinese unescaped."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
