"""A live log as the long form that `replay` reads."""

from collections.abc import Iterable
from datetime import datetime
from typing import TextIO

from paidan.engine.inert import Inert, inert, lines_to
from paidan.engine.messages import say
from paidan.storage.port import Linked
from paidan.workflows.attributes import ATTRIBUTE_OF, ATTRIBUTES
from paidan.workflows.cases import EVENT_OF

_ENTRY = ("order_id", "event", "at", "actor", "role", "unit", "recorded_at", "seq")
_SAID = tuple(one.name for one in ATTRIBUTES)
COLUMNS = (*_ENTRY, *_SAID, "hash")


def title_of(name: str, lang: str) -> str:
    """Give the title of a column for people; `intake.dressed` knows the Chinese ones again."""
    known = ATTRIBUTE_OF.get(name)
    if known is not None:
        return known.zh if lang == "zh" else name
    return say(f"title.{name}", lang)


def write_long_form(log: Iterable[Linked], file: TextIO) -> int:
    """
    Write the entries that someone submitted, one row each, and say how many.

    What the engine wrote itself is left out: a replay writes it anew. The columns are always
    the same, an attribute nobody said is empty, times are Beijing time with their offset. Every
    entry stands as it was written; a `correct` names by `seq` the one it corrects. `hash` is that of
    the entry in its chain, which no reader of logs looks at. Texts are inert (`engine.inert`).
    """
    writer = lines_to(file)
    writer.writerow(COLUMNS)
    events, cell = EVENT_OF, Inert()
    written = 0
    for _, entry, of_entry in log:
        if events[entry.event].by_engine:
            continue
        said = entry.attributes
        who = cell[entry.actor], cell[entry.role], cell[entry.unit]
        told = (inert(entry.order_id), entry.event, entry.at.isoformat(), *who)
        when = (entry.recorded_at.isoformat(), entry.seq)
        writer.writerow((*told, *when, *(_text(said.get(name)) for name in _SAID), of_entry))
        written += 1
    return written


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime) else inert(str(value))
