"""What each column of some files would become, in the reader's words; nothing of whoever it speaks of."""

from collections.abc import Iterator
from typing import Any

from paidan.engine.intake.columns import Column
from paidan.engine.intake.mapping import OWN
from paidan.engine.intake.preview import File, Preview
from paidan.engine.masking import mark, masked, masked_name
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, field_text, moment, role_label
from paidan.workflows.attributes import ATTRIBUTE_OF

_IDS = ("order_id", "repeat_of")
_WORDS, _VALUES, _LONG, _SENTENCE = 12, 3, 32, 60
"""Words of a list, other values, characters of a value and of a reason that are shown."""


def counts(found: Preview, lang: str) -> Iterator[tuple[str, Any]]:
    """Give what was found in all files: rows, orders, times, events by kind, what is rejected and why."""
    yield from ((say(f"preview.{name}", lang), count) for name, count in _totals(found))
    yield from ((_event(name, lang), count) for name, count in found.events.most_common())
    for code, count in found.reasons.most_common():
        why = _short(say(code, lang, **found.why[code]), _SENTENCE)
        yield say("preview.reason", lang, why=why), count


def title(file: File, lang: str) -> str:
    """Say what a file is: its name, form, encoding, place, and how many rows it has."""
    form = say("preview.wide" if file.wide else "preview.long", lang)
    about = [file.form, *([file.encoding] if file.encoding else []), form]
    about += [say(f"preview.{name}", lang, value=value) for name, value in file.place.items() if value]
    about.append(say("preview.count", lang, rows=file.rows))
    return f"{file.name} · {say('comma', lang).join(about)}"


def rows(file: File, lang: str) -> Iterator[tuple[Any, ...]]:
    """Give a row for each column: its header, what it is read as, how often filled, examples, rejects."""
    for column in file.columns:
        examples, refused = "\n".join(_examples(column, lang)), "\n".join(_refused(column, lang))
        yield masked(column.header), _read_as(column, lang), column.filled, examples, refused


def _totals(found: Preview) -> Iterator[tuple[str, Any]]:
    yield "rows", sum(file.rows for file in found.files)
    yield "orders", found.orders
    if found.first_at and found.last_at:
        yield "first_at", moment(found.first_at)
        yield "last_at", moment(found.last_at)
    yield "read", found.imported.read
    yield "rejected_total", found.imported.rejected


def _read_as(column: Column, lang: str) -> str:
    name, events = column.means
    if column.kind == "events":
        return say("list", lang).join(_event(one, lang) for one in events)
    known = ATTRIBUTE_OF[name].zh if name in ATTRIBUTE_OF else ""
    label = f"{known or say(f'preview.own.{name}')} {name}" if known or name in OWN else name
    label = label if lang == "zh" else name
    return label if column.kind == "column" else say(f"preview.as_{column.kind}", lang, name=name)


def _event(name: str, lang: str) -> str:
    return f"{event_label(name, lang)} {name}" if lang == "zh" else name


def _examples(column: Column, lang: str) -> Iterator[str]:
    """Show values and what each became; of what is not read, or who somebody is, nothing."""
    if column.kind == "identity":
        if column.filled:
            yield mark(column.means.column)
        return
    most = _WORDS if column.listed else _VALUES
    counts = column.counts.most_common() if column.listed else column.counts.items()
    known = [one for one in counts if one[0] in column.became]
    for key, count in known[:most]:
        mask = masked_name if column.means.column in _IDS else str
        text = _short(mask(column.shown(key)))
        values = [_short(mask(_value(column, value, lang))) for value in column.became[key]]
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


def _value(column: Column, value: Any, lang: str) -> str:
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


def _refused(column: Column, lang: str) -> Iterator[str]:
    """Say which values are rejected, how often, and why."""
    refused = column.rejected.most_common()
    for (value, code), count in refused[:_WORDS]:
        why = _short(say(code, lang, **column.why[value, code]), _SENTENCE)
        yield say("preview.times", lang, text=why, count=count)
    if len(refused) > _WORDS:
        yield say("preview.distinct", lang, count=len(refused))


def plain(found: Preview, lang: str) -> dict[str, Any]:
    """Give a preview as JSON."""
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


def _plain_column(column: Column, lang: str) -> dict[str, Any]:
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
