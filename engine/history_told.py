"""The log of an order in the reader's words, with all that is said beside its entries."""

from collections.abc import Sequence
from typing import Any

from paidan.engine.corrections import corrected, corrections_of
from paidan.engine.directory import holders_of, recording_kept
from paidan.engine.messages import say
from paidan.engine.messages.reasons import (
    correction_text,
    event_label,
    moment,
    role_label,
    said_text,
    state_label,
)
from paidan.policies.directory import Filings, Holding
from paidan.policies.keeping import KeptUntil
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import EVENT_OF, workflow_of
from paidan.workflows.records import Entry


class Told:
    """A log with all that is said beside its entries: corrections, who held a post, what is kept how long."""

    def __init__(self, order_id: str, entries: Sequence[Entry], rules: Rulebook, filings: Filings) -> None:
        self.filings = filings
        self._rules = rules
        self._corrections = corrections_of(entries)
        self._held = holders_of(corrected(entries), filings)
        self._kept = recording_kept(order_id, entries, rules)

    def row(self, one: Entry, lang: str) -> tuple[Any, ...]:
        """
        Give the line of an entry: number, time, event, state, unit, role, person, rule, what was said.

        The person is left out where there is no directory.
        """
        state = state_label(one.to_state, lang, workflow_of(one.order_id))
        holders = [self.holders(one)] if self.filings else []
        return (
            one.seq, moment(one.at), event_label(one.event, lang), state, one.unit,
            role_label(one.role, lang), *holders, self.rule(one, lang), self.said(one, lang),
        )  # fmt: skip

    def plain(self, one: Entry) -> dict[str, Any]:
        """Give an entry for programs."""
        told: dict[str, Any] = {**one._asdict(), "attributes": dict(one.attributes)}
        if self.filings:
            told["held_by"] = [holder.person for holder in self._held.get(one.seq, ())]
        if one.seq in self._kept:
            until = self._kept[one.seq]
            told["recording_kept_until"] = {"on": until.on.isoformat(), "rule": until.rule.rule}
        if by_seq := self._corrections.get(one.seq):
            told["corrections"] = [{"by": by, **correction._asdict()} for by, correction in by_seq]
        return told

    def holders(self, one: Entry) -> str:
        """Name who held the post that an entry names."""
        return people(self._held.get(one.seq, ()))

    def rule(self, one: Entry, lang: str) -> str:
        """Name the rule behind an entry, with its label; empty where there is none."""
        if not one.rule:
            return ""
        rule = self._rules.behind(one.rule, one.event)
        return f"{rule.rule} {rule.zh if lang == 'zh' else rule.en}"

    def said(self, one: Entry, lang: str) -> str:
        """Tell what an entry said, and what is said beside it."""
        said = said_text(one.attributes, self._rules, lang)
        if told_late(one):
            said += say("late.recorded", lang, at=moment(one.recorded_at))
        for by, correction in self._corrections.get(one.seq, ()):
            said += correction_text(by, correction, lang)
        if one.seq in self._kept:
            said += kept_text(self._kept[one.seq], lang)
        return said


def told_late(one: Entry) -> bool:
    """Whether somebody told an entry after it had happened."""
    return one.recorded_at > one.at and not EVENT_OF[one.event].by_engine


def people(held: Sequence[Holding]) -> str:
    """Name who holds a post."""
    return "、".join(dict.fromkeys(one.person for one in held))


def kept_text(until: KeptUntil, lang: str) -> str:
    """Say until when a recording is kept, and by which rule."""
    return say(
        "directory.kept_until", lang, on=until.on.isoformat(), rule=until.rule.rule, clause=until.rule.clause
    )
