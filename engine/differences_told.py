"""Differences between what was recorded and what holds now, in words."""

from collections.abc import Iterator, Sequence

from paidan.engine.corrections import correction
from paidan.engine.differences import Cause, Difference, Side
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, field_label, field_text, moment


def paragraph(found: Sequence[Difference], lang: str) -> Iterator[str]:
    """Tell, line by line, how the records of an order differ from what holds now."""
    yield say("late.differs", lang)
    for one in found:
        recorded, by_time = (side_text(side, lang) for side in (one.recorded, one.by_time))
        yield "  " + say(
            "late.difference", lang, rule=one.rule, clause=one.clause, recorded=recorded, by_time=by_time
        )
        for cause in one.causes:
            yield "    " + cause_text(cause, lang)


def side_text(side: Side | None, lang: str) -> str:
    """Say what a clock came to, and when it was due."""
    if side is None:
        return say("late.no_clock", lang)
    return say("late.side", lang, verdict=say(f"verdict.{side.verdict}", lang), due=moment(side.due_at))


def cause_text(cause: Cause, lang: str) -> str:
    """Say what was learned later, and when."""
    told = cause.told
    learned_at = moment(cause.learned_at)
    if told is None:
        return say("late.cause_calendar", lang, learned=learned_at)
    if cause.kind == "corrected":
        one = correction(told.attributes)
        before, after = (field_text(one.field, value, lang) for value in (one.before, one.after))
        return say(
            "late.cause_corrected", lang, place=cause.place, entry=cause.of, learned=learned_at,
            field=field_label(one.field, lang), before=before, after=after,
            why=told.attributes.get("reason") or say("none", lang),
        )  # fmt: skip
    return say(
        f"late.cause_{cause.kind}", lang, place=cause.place, event=event_label(told.event, lang),
        at=moment(told.at), learned=learned_at, why=told.attributes.get("backdated", ""),
    )  # fmt: skip
