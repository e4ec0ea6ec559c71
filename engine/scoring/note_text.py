"""What is to know about a score, told in a sentence."""

from typing import Any

from paidan.engine.intake.tables import Rejected
from paidan.engine.messages import say
from paidan.engine.scoring.notes import Note

NAMED = 5
"""How many of a list are named."""


def note_text(note: Note, lang: str = "zh") -> str:
    """Say what is to know; of a long list the first few are named."""
    return say(
        f"note.{note.code}", lang, **{name: _told(value, lang) for name, value in note.details.items()}
    )


def _told(value: Any, lang: str) -> Any:
    if not isinstance(value, tuple):
        return value
    told = [_row(one, lang) if isinstance(one, Rejected) else str(one) for one in value[:NAMED]]
    more = say("note.more", lang) if len(value) > NAMED else ""
    return say("comma", lang).join(told) + more


def _row(one: Rejected, lang: str) -> str:
    return say("note.row", lang, row=one.row, why=say(one.code, lang, **one.details))
