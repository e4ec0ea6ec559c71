"""`import --preview`: what each column of some files became, shown before anything is taken in."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from paidan.engine.cli.options import Format, Lang, echo_json
from paidan.engine.cli.replay import told
from paidan.engine.masking import mark, masked
from paidan.engine.messages import say

if TYPE_CHECKING:
    from paidan.engine.intake.columns import Column
    from paidan.engine.intake.preview import File, Preview

_WORDS, _VALUES, _LONG, _SENTENCE = 12, 3, 32, 60
"""Words of a list, other values, characters of a value and of a reason that are shown."""


def show_preview(
    files: Sequence[Path], policy: str | None, mapping: Path | None, out: Format, lang: Lang
) -> None:
    """Print what an import of some files would read; exit 3 where it would reject something."""
    from paidan.engine.clock import SystemClock
    from paidan.engine.intake.mapping import read_mapping
    from paidan.engine.intake.preview import preview
    from paidan.policies.registry import document

    read = None if mapping is None else read_mapping(mapping)
    also = document(policy).choices if policy else {}
    found = preview(files, read, SystemClock().now(), also=also)
    if out is Format.json:
        echo_json(_plain(found, lang))
    else:
        _print(found, out, lang)
    summary: dict[str, Any] = {"inputs": found.imported.inputs}
    if mapping is not None:
        summary["mapping"] = {"name": mapping.name, "added": dict(sorted(found.imported.added.items()))}
    for line in told(summary, lang):
        typer.echo(line, err=True)
    if found.imported.rejected:
        typer.echo(say("preview.rejected", lang, count=found.imported.rejected), err=True)
        raise typer.Exit(3)


def _print(found: "Preview", out: Format, lang: Lang) -> None:
    from paidan.engine.cli.tables import columns, show

    names = columns(("header", "read_as", "filled", "examples", "rejected"), lang)
    rows = {file.name: [_row(column, lang) for column in file.columns] for file in found.files}
    if out is Format.csv:
        listed = [(name, *row) for name, several in rows.items() for row in several]
        show((*columns(("file",), lang), *names), listed, out)
        return
    for file in found.files:
        show(names, rows[file.name], out, title=_title(file, lang))
    totals = [(say(f"preview.{name}", lang), count) for name, count in _totals(found)]
    totals += [(_event(name, lang), count) for name, count in found.events.most_common()]
    totals += [
        (say("preview.reason", lang, why=_short(say(code, lang, **found.why[code]), _SENTENCE)), count)
        for code, count in found.reasons.most_common()
    ]
    show(columns(("what", "events"), lang), totals, out, title=say("preview.totals", lang))


def _totals(found: "Preview") -> Iterator[tuple[str, Any]]:
    from paidan.engine.messages.reasons import moment

    yield "rows", sum(file.rows for file in found.files)
    yield "orders", found.orders
    if found.first_at and found.last_at:
        yield "first_at", moment(found.first_at)
        yield "last_at", moment(found.last_at)
    yield "read", found.imported.read
    yield "rejected_total", found.imported.rejected


def _title(file: "File", lang: Lang) -> str:
    form = say("preview.wide" if file.wide else "preview.long", lang)
    about = [file.form, *([file.encoding] if file.encoding else []), form]
    about += [say(f"preview.{name}", lang, value=value) for name, value in file.place.items() if value]
    about.append(say("preview.count", lang, rows=file.rows))
    return f"{file.name} · {say('comma', lang).join(about)}"


def _row(column: "Column", lang: Lang) -> tuple[Any, ...]:
    examples, refused = "\n".join(_examples(column, lang)), "\n".join(_refused(column, lang))
    return masked(column.header), _read_as(column, lang), column.filled, examples, refused


def _read_as(column: "Column", lang: Lang) -> str:
    from paidan.engine.intake.mapping import OWN
    from paidan.workflows.attributes import ATTRIBUTE_OF

    name, events = column.means
    if column.kind == "events":
        return say("list", lang).join(_event(one, lang) for one in events)
    known = ATTRIBUTE_OF[name].zh if name in ATTRIBUTE_OF else ""
    label = f"{known or say(f'preview.own.{name}')} {name}" if known or name in OWN else name
    label = label if lang is Lang.zh else name
    return label if column.kind == "column" else say(f"preview.as_{column.kind}", lang, name=name)


def _event(name: str, lang: Lang) -> str:
    from paidan.engine.messages.reasons import event_label

    return f"{event_label(name, lang)} {name}" if lang is Lang.zh else name


def _examples(column: "Column", lang: Lang) -> Iterator[str]:
    """Show values and what each became; of what is not read, or who somebody is, nothing."""
    if column.kind == "identity":
        if column.filled:
            yield mark(column.means.column)
        return
    most = _WORDS if column.listed else _VALUES
    counts = column.counts.most_common() if column.listed else column.counts.items()
    known = [one for one in counts if one[0] in column.became]
    for key, count in known[:most]:
        text = _short(column.shown(key))
        values = [_short(_value(column, value, lang)) for value in column.became[key]]
        read = say("list", lang).join(values)
        shown = read if text in ("", read) else f"{text} → {read}"
        yield say("preview.times", lang, text=shown, count=count) if column.listed else shown
    if len(known) > most or column.more:
        beyond = f"{len(column.counts)}+" if column.more else str(len(column.counts))
        yield say("preview.distinct", lang, count=beyond)
    if column.listed and (silent := column.silent):
        words = [column.shown(one) or "…" for one in silent]
        said = say("preview.silent", lang, values=say("list", lang).join(dict.fromkeys(words[:_WORDS])))
        yield say("preview.times", lang, text=said, count=sum(silent.values()))


def _value(column: "Column", value: Any, lang: Lang) -> str:
    from paidan.engine.messages.reasons import field_text, moment, role_label

    name = column.means.column
    if column.kind == "events" or name in ("at", "recorded_at"):
        return moment(value)
    if name == "event":
        return _event(value, lang)
    if name == "role":
        return role_label(value, lang)
    return field_text(name, value, lang)


def _short(text: str, most: int = _LONG) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}…"


def _refused(column: "Column", lang: Lang) -> Iterator[str]:
    """Say which values are rejected, how often, and why."""
    refused = column.rejected.most_common()
    for (value, code), count in refused[:_WORDS]:
        why = _short(say(code, lang, **column.why[value, code]), _SENTENCE)
        yield say("preview.times", lang, text=why, count=count)
    if len(refused) > _WORDS:
        yield say("preview.distinct", lang, count=len(refused))


def _plain(found: "Preview", lang: Lang) -> dict[str, Any]:
    imported = found.imported
    return {
        "files": [
            {
                "name": file.name, "form": file.form, "wide": file.wide, "encoding": file.encoding or None,
                **file.place, "rows": file.rows,
                "columns": [_plain_column(one, lang) for one in file.columns],
            }
            for file in found.files
        ],
        "orders": found.orders,
        "read": imported.read,
        "events": dict(sorted(found.events.items())),
        "rejected": imported.rejected,
        "rejected_by_reason": dict(sorted(found.reasons.items())),
        "first_at": found.first_at.isoformat() if found.first_at else None,
        "last_at": found.last_at.isoformat() if found.last_at else None,
    }  # fmt: skip


def _plain_column(column: "Column", lang: Lang) -> dict[str, Any]:
    return {
        "header": masked(column.header),
        "kind": column.kind,
        "column": column.means.column if column.kind in ("column", "identity") else None,
        "events": list(column.means.events),
        "filled": column.filled,
        "distinct": len(column.counts),
        "more": column.more,
        "silent": sum(column.silent.values()) if column.listed else 0,
        "examples": list(_examples(column, lang)),
        "rejected": [
            {"value": value, "code": code, "count": count, "text": say(code, lang, **column.why[value, code])}
            for (value, code), count in column.rejected.most_common()
        ],
    }
