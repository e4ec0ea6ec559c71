"""Findings and entries as sentences."""

from datetime import datetime

from paidan.engine.messages import say
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ATTRIBUTE_OF, ROLES
from paidan.workflows.facts import FACT_OF
from paidan.workflows.records import BEIJING, Finding
from paidan.workflows.work_order import WORK_ORDER


def reason(finding: Finding, rules: Rulebook, lang: str = "zh") -> str:
    """Say why, in one sentence: the rule's own words and what stood against it."""
    details = dict(finding.details)
    if finding.rule:
        rows = [row for row in rules.policy.rules if row.rule == finding.rule]
        row = (
            next((row for row in rows if getattr(row, "effect", "") == "note"), rows[0])
            if not finding.refuses
            else rows[0]
        )
        details["label"] = row.zh if lang == "zh" else row.en
    if "due_at" in details:
        details["due_at"] = moment(details["due_at"])
    if "missing" in details:
        details["missing"] = say("comma", lang).join(_names(one, lang) for one in details["missing"])
    if "fact" in details:
        fact = FACT_OF[details["fact"]]
        details["fact"] = fact.zh if lang == "zh" else fact.en
    if "state" in details:
        details["state"] = state_label(details["state"], lang)
    if "event" in details:
        details["event"] = event_label(details["event"], lang)
    return say(f"finding.{finding.code}", lang, **details)


def moment(at: datetime) -> str:
    """Write an instant as Beijing time, to the second."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def state_label(name: str, lang: str = "zh") -> str:
    """Give the label of a state; the start has none."""
    state = WORK_ORDER.state_of.get(name)
    return "–" if state is None else state.zh if lang == "zh" else state.en


def event_label(name: str, lang: str = "zh") -> str:
    """Give the label of an event."""
    event = WORK_ORDER.event_of[name]
    return event.zh if lang == "zh" else event.en


def role_label(name: str, lang: str = "zh") -> str:
    """Give the label of a role, or the role as it was written."""
    return ROLES.get(name, name) if lang == "zh" else name


def _names(alternatives: str, lang: str) -> str:
    return say("or", lang).join(
        ATTRIBUTE_OF[name].zh if lang == "zh" else name for name in alternatives.split("|")
    )
