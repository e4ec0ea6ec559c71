"""`calendar`: the holidays of a year, how far they are known, and the notice of another year."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paidan.engine.cli.options import (
    Format,
    FormatOption,
    KnownOnOption,
    Lang,
    LangOption,
    day_option,
    echo_json,
)

if TYPE_CHECKING:
    from paidan.engine.calendar_load import CalendarLoad
    from paidan.policies.calendar import Day, WorkCalendar


def show_year(
    year: Annotated[int, typer.Argument(help="年份。")],
    known_on: KnownOnOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Print the days of a year that are not as the week has them."""
    from datetime import date, timedelta

    from paidan.engine.cli.tables import columns, show
    from paidan.engine.errors import UsageError
    from paidan.engine.messages import say
    from paidan.policies.calendar import FIRST_ON, LAST_ON, DayKind

    if not FIRST_ON.year <= year <= LAST_ON.year:
        raise UsageError("cli.no_year", year=year, first=FIRST_ON.year, last=LAST_ON.year)
    calendar = _calendar(known_on)
    days = [
        day
        for day in calendar.days(date(year, 1, 1) - timedelta(days=1), date(year, 12, 31))
        if day.kind in (DayKind.HOLIDAY, DayKind.MAKEUP)
    ]
    rows = [
        (
            day.on.isoformat(),
            say(f"weekday.{day.on.weekday()}", lang),
            _kind(day, lang),
            say("cli.provisional", lang) if day.provisional else "",
        )
        for day in days
    ]
    if out is Format.json:
        echo_json(
            {
                "year": year,
                "edition": calendar.edition,
                "provisional": any(day.provisional for day in days),
                "days": [
                    {"on": day.on.isoformat(), "kind": day.kind, "holiday": day.holiday} for day in days
                ],
            }
        )
        return
    if out is Format.table:
        typer.echo(f"{year} {calendar.edition}")
    show(columns(("day", "weekday", "kind", "mark"), lang), rows, out)


def horizon(
    known_on: KnownOnOption = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Say how far the calendar knows."""
    from paidan.engine.messages import say

    calendar = _calendar(known_on)
    if out is Format.json:
        echo_json({"edition": calendar.edition, "horizon": calendar.horizon_on.isoformat()})
        return
    typer.echo(say("cli.horizon", lang, edition=calendar.edition, horizon=calendar.horizon_on))


def load(
    file: Annotated[Path, typer.Argument(help="放假通知文件（TOML）。", metavar="FILE")],
    db: Annotated[
        str | None, typer.Option("--db", help="在线数据库，如 sqlite:///paidan.db；不写则装入本机。")
    ] = None,
    out: FormatOption = Format.table,
    lang: LangOption = Lang.zh,
) -> None:
    """Check a notice and take it in, on this machine or into a database; exit 4 for one with mistakes."""
    from paidan.engine.messages import say

    where = ""
    if db is not None:
        from paidan.engine.app import Engine

        with Engine.open(db, None, create=False) as engine:
            done = engine.load_calendar(file)
    else:
        from paidan.engine.calendar_load import load_here

        done, path = load_here(file)
        where = say("cli.loaded_where", lang, file=path)
    if out is Format.json:
        echo_json(_plain(done))
    else:
        _tell(done, out, lang, live=db is not None)
    if where:
        typer.echo(where, err=True)


def _calendar(known_on: str | None) -> "WorkCalendar":
    from paidan.engine import calendars
    from paidan.policies.calendar import work_calendar

    return work_calendar(known=calendars.known(day_option(known_on, "--known-on")))


def _tell(done: "CalendarLoad", out: Format, lang: Lang, *, live: bool) -> None:
    from paidan.engine.cli.tables import columns, show
    from paidan.engine.messages import say
    from paidan.engine.messages.reasons import moment

    before, after = done.before.horizon_on, done.after.horizon_on
    beside = out is not Format.table
    typer.echo(say("cli.loaded", lang, notice=done.notice, before=before, after=after), err=beside)
    typer.echo(say("cli.day_changes", lang, count=len(done.days)), err=beside)
    rows = [
        (
            day.after.on.isoformat(),
            say(f"weekday.{day.after.on.weekday()}", lang),
            _kind(day.before, lang),
            _kind(day.after, lang),
        )
        for day in done.days
    ]
    if not (beside and live):  # one table in a file
        show(columns(("day", "weekday", "before", "after"), lang), rows, out)
    if not live:
        return
    typer.echo(say("cli.recounts", lang, count=len(done.recounts)), err=beside)
    counted = [
        (
            one.order_id,
            one.rule,
            one.clause,
            one.unit,
            moment(one.before),
            moment(one.after),
            say("cli.provisional", lang) if one.provisional else "",
        )
        for one in done.recounts
    ]
    show(columns(("order", "rule", "clause", "unit", "before", "after", "mark"), lang), counted, out)


def _plain(done: "CalendarLoad") -> dict[str, object]:
    return {
        "year": done.notice.year,
        "notice": done.notice.notice,
        "published_on": done.notice.published_on.isoformat(),
        "edition": done.after.edition,
        "horizon": {"before": done.before.horizon_on.isoformat(), "after": done.after.horizon_on.isoformat()},
        "days": [
            {
                "on": day.after.on.isoformat(),
                "before": {"kind": day.before.kind, "holiday": day.before.holiday},
                "after": {"kind": day.after.kind, "holiday": day.after.holiday},
            }
            for day in done.days
        ],
        "recomputed": [
            {
                "order_id": one.order_id,
                "rule": one.rule,
                "clause": one.clause,
                "unit": one.unit,
                "started_at": one.started_at.isoformat(),
                "before": one.before.isoformat(),
                "after": one.after.isoformat(),
                "provisional": one.provisional,
            }
            for one in done.recounts
        ],
    }


def _kind(day: "Day", lang: str) -> str:
    from paidan.engine.messages import say

    return say(f"day.{day.kind}", lang, holiday=day.holiday or "")
