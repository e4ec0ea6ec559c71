"""A proposed mapping as a file to edit: what is certain active, the rest commented out, with reasons."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby

from paidan.engine.intake.suggest import Line, Suggestion
from paidan.engine.messages import say

_ORDER = ("columns", "times", "values", "events")


def mapping_lines(made: Suggestion, lang: str) -> Iterator[str]:
    """Give the lines of the file; `engine.intake.mapping` reads it as it is."""
    yield "# " + say("suggest.head", lang, file=_quoted(made.name))
    yield "# " + say("suggest.wide" if made.wide else "suggest.long", lang)
    yield ""
    named = ", ".join(sorted(one for one in made.offsets if one))
    code = "zone_some" if named and "" in made.offsets else "zone_all" if named else "zone_none"
    yield "# " + say(f"suggest.{code}", lang, offsets=named)
    yield '# timezone = "Asia/Shanghai"'
    tables = sorted(made.lines, key=lambda one: (_ORDER.index(one.table.partition(".")[0]), one.table))
    for table, lines in groupby(tables, key=lambda one: one.table):
        yield ""
        yield f"[{table}]"
        yield from _table(lines, lang)
    if not made.wide:
        yield from (
            "",
            "# " + say("suggest.first", lang),
            "# [first]",
            '# events = ["receive", "register", "dispatch"]',
        )
    if made.unread:
        yield ""
        yield "# " + say("suggest.unread", lang, headers=", ".join(map(_quoted, made.unread)))


def _table(lines: Iterable[Line], lang: str) -> Iterator[str]:
    for one in sorted(lines, key=lambda each: not each.certain):
        value = (
            _quoted(one.value) if isinstance(one.value, str)
            else _quoted(one.value[0]) if len(one.value) == 1
            else f"[{', '.join(map(_quoted, one.value))}]"
        )  # fmt: skip
        details = {name: _shown(value) for name, value in one.details.items()}
        why = say(one.why, lang, **details)
        if details.get("examples"):
            why += say("suggest.examples", lang, examples=details["examples"])
        yield f"{'' if one.certain else '# '}{_quoted(one.key)} = {value}  # {why}"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_quoted, value))
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    """Write a text as TOML and JSON write it alike; no control character is left in it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
