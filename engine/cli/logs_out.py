"""`export --format xes|ocel`: logs with their deadlines, for the tools of other people."""

from pathlib import Path
from typing import Any

import typer

from paidan.engine.cli.options import Lang
from paidan.engine.errors import UsageError
from paidan.engine.messages import say


def export_log(
    out: Path, form: str, *, db: str | None, run: Path | None, source: Path | None, mapping: Path | None,
    lang: Lang,
) -> None:  # fmt: skip
    """Write the log of a database or of a run folder, or the log that a run was made from; say how much."""
    from paidan.engine.export.forms import XES
    from paidan.engine.runs import Run

    if (run is None) == (db is None):
        raise UsageError("cli.one_source")
    if source is not None or mapping is not None:
        if source is None or run is None or form != XES:
            raise UsageError("logs_out.source_alone")
        _with_source(Run(run), source, out, mapping, lang)
        return
    told: dict[str, Any]
    if db is not None:
        from paidan.engine.app import Engine

        with Engine.open(db, None, log_only=True) as engine:
            told = engine.export_log(out, form, lang)._asdict()
    else:
        from paidan.engine.export.logs import write_log

        told = write_log(Run(Path(str(run))).lives(), out, form, lang)._asdict()
    typer.echo(say("logs_out.written", lang, file=out, **told), err=True)


def _with_source(run: Any, source: Path, out: Path, mapping: Path | None, lang: Lang) -> None:
    from paidan.engine.export.xes_source import write_with_source

    done = write_with_source(run, source, out, mapping)
    typer.echo(say("logs_out.restored", lang, file=out, **done._asdict()), err=True)
    if done.left_out or done.masked:
        listed = ", ".join(f"{name} {count}" for name, count in done.left_out.items())
        typer.echo(say("logs_out.identity", lang, listed=listed or "–", masked=done.masked), err=True)
