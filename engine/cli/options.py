"""Options that several commands share, and how they are read."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
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


class Listing(StrEnum):
    """How a list is printed, or written to a file."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    xlsx = "xlsx"

    @property
    def plain(self) -> bool:
        """Whether it is for programs, under our own names."""
        return self in (Listing.json, Listing.jsonl)


LangOption = Annotated[Lang, typer.Option("--lang", help="输出语言。")]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="改动一个设定，可重复；@文件 取其中 settings 表的全部。", metavar="NAME=VALUE|@FILE"
    ),
]
KnownOnOption = Annotated[
    str | None,
    typer.Option("--known-on", help="按某一天已公布的放假通知计算。", metavar="DATE"),
]
MonthOption = Annotated[
    str | None, typer.Option("--month", help="月份，如 2026-03；不写则为全部。", metavar="YYYY-MM")
]
FormatOption = Annotated[Format, typer.Option("--format", help="输出格式。")]
ListingOption = Annotated[
    Listing, typer.Option("--format", help="输出格式；parquet 与 xlsx 须用 --out 指明文件。")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="写入这个文件；未写 --format 时由文件名的结尾决定格式。", metavar="FILE"),
]
_IN_FILES = (Listing.csv, Listing.jsonl, Listing.parquet, Listing.xlsx)


def listing(out: Listing, to: Path | None) -> Listing:
    """
    Give the format of a list that goes to the file `to`, where there is one: as its name ends, if unsaid.

    Raises `UsageError` where the format needs a file, or the file a format.
    """
    allowed = ", ".join(_IN_FILES)
    if to is None:
        if out in (Listing.parquet, Listing.xlsx):
            raise UsageError("cli.out_needed", format=out)
        return out
    if out is Listing.table:
        ending = to.suffix.lower().removeprefix(".")
        if ending not in _IN_FILES:
            endings = ", ".join(f".{one}" for one in _IN_FILES)
            raise UsageError("cli.out_form", file=to.name, allowed=endings)
        return Listing(ending)
    if out is Listing.json:
        raise UsageError("cli.out_json", format=out, allowed=allowed)
    return out


def checked_month(month: str | None) -> str:
    """Give the month that was named, empty where none was; raises `UsageError` for what is none."""
    if month is not None and not _MONTH.fullmatch(month):
        raise UsageError("cli.month", value=month)
    return month or ""


_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def pairs(texts: list[str] | None) -> dict[str, str]:
    """Read `NAME=VALUE` arguments; raises `UsageError` for one without `=`."""
    read: dict[str, str] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError("cli.no_pair", text=text)
        read[name.strip()] = value.strip()
    return read


def choices(texts: list[str] | None) -> dict[str, str]:
    """
    Read `--set`: pairs, and `@FILE` for a site file, whose `[settings]` a later pair overrides.

    Raises `UsageError` for a file that is none.
    """
    read: dict[str, str] = {}
    for text in texts or []:
        read |= _site_file(text[1:]) if text.startswith("@") else pairs([text])
    return read


def _site_file(name: str) -> dict[str, str]:
    import tomllib

    from paidan.policies.reader import shown

    try:
        table = tomllib.loads(Path(name).read_text(encoding="utf-8-sig")).get("settings")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError("cli.site_file", file=name, why=str(error)) from None
    if not isinstance(table, dict):
        raise UsageError("cli.site_file", file=name, why="[settings]")
    return {key: shown(value) for key, value in table.items()}


def day_option(text: str | None, name: str) -> date | None:
    """Read a day given as an option."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UsageError("cli.no_day", name=name, value=text) from None


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


def echo_plain(values: Iterable[Any], out: Listing, to: Path | None = None, *, lang: str = "zh") -> None:
    """Print values as JSON, all together, or one a line; lines go to the file `to` where there is one."""
    import json

    if out is Listing.json:
        echo_json(list(values))
        return
    lines = (json.dumps(value, ensure_ascii=False, default=str) for value in values)
    if to is None:
        for line in lines:
            typer.echo(line)
        return
    from paidan.engine.export.table import encoded, whole
    from paidan.engine.messages import say

    rows = 0
    with whole(to) as beside, encoded(beside, "utf-8", to.name) as file:
        for line in lines:
            file.write(f"{line}\n")
            rows += 1
    typer.echo(say("cli.file_written", lang, rows=rows, file=to), err=True)
