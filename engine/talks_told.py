"""A talk in sentences: why it was proposed, who holds it and who attends, what it calls for."""

from collections.abc import Iterable, Iterator, Sequence

from paidan.engine.evolve import fold
from paidan.engine.messages import say
from paidan.engine.messages.reasons import holders
from paidan.engine.talks import ToEnter, to_enter
from paidan.policies.rulebook import Rulebook
from paidan.workflows.records import Entry

FILE = ("unit", "at", "code", "points", "order_id", "good", "confirmed_by", "note")
"""Columns of the adjustments file, under the names it is read by."""


def in_file(one: ToEnter) -> tuple[str, ...]:
    """Give a row for the adjustments file; its note names the case."""
    return (one.unit, one.at, one.code, one.points, one.order_id, "", one.confirmed_by, one.case)


def together(roles: Iterable[str], lang: str = "zh") -> str:
    """Name those who hold a talk together, or attend it."""
    return say("talks.and", lang).join(holders(who, lang) for who in roles) or say("talks.nobody", lang)


def entry_line(one: ToEnter, lang: str = "zh") -> str:
    """Say what is to be entered by hand."""
    code = "talks.to_enter" if one.points else "talks.finding_to_enter"
    return say(code, lang, month=one.month, row=",".join(in_file(one)))


def talk_lines(log: Sequence[Entry], rules: Rulebook, lang: str = "zh") -> Iterator[str]:
    """Explain a talk by its log; nothing for what is none, or of a level the document does not know."""
    first = log[0]
    level = fold(first.order_id, log, rules).facts.get("level") or ""
    talk = rules.talks.get(level)
    if talk is None:
        return
    because = [first.attributes.get(name) for name in ("by_rule", "period", "reason")]
    if any(because):
        yield say("talks.because", lang, because=" ".join(filter(None, because)))
    label = rules.policy.consequences[level] if lang == "zh" else level
    yield say(
        "talks.held_by", lang, label=label, rule=talk.rule, clause=talk.clause,
        held_by=together(talk.held_by, lang), attends=together(talk.attends, lang),
    )  # fmt: skip
    for one in to_enter(log, rules):
        yield entry_line(one, lang)
