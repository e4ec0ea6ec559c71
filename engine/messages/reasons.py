"""Findings and entries as sentences."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from paidan.engine.corrections import Correction
from paidan.engine.messages import say
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ATTRIBUTE_OF, CASE_TYPES, FINDINGS, OF_EVERY_ENTRY, ROLES
from paidan.workflows.cases import EVENT_OF, WORKFLOWS
from paidan.workflows.definition import Workflow
from paidan.workflows.facts import FACT_OF
from paidan.workflows.records import BEIJING, Finding
from paidan.workflows.supervision import SUPERVISION_GROUNDS
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
        zh, en = finding.labels if any(finding.labels) else (row.zh, row.en)
        details["label"] = zh if lang == "zh" else en
    else:
        details.update(_of_the_past(details, lang))
    if "due_at" in details:
        details["due_at"] = moment(details["due_at"])
    for name, written in _SEVERAL.items():
        if name in details:
            details[name] = say("comma", lang).join(written(one, lang) for one in details[name])
    if "fact" in details:
        details["fact"] = _fact_label(details["fact"], lang)
    if "role" in details:
        details["role"] = role_label(details["role"], lang) or say("none", lang)
    if "case_type" in details and lang == "zh":
        details["case_type"] = CASE_TYPES[details["case_type"]]
        details["finding"] = FINDINGS[details["finding"]]
    if "state" in details:
        of = next(one for one in WORKFLOWS if details["event"] in one.event_of)
        details["of"] = of.zh if lang == "zh" else of.en
        details["state"] = state_label(details["state"], lang, of)
    if "event" in details:
        details["event"] = event_label(details["event"], lang)
    text = say(f"finding.{finding.code}", lang, **details)
    return say("finding.unmoved", lang, case=details["unmoved"], text=text) if "unmoved" in details else text


def _of_the_past(details: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Word what stands against a back-dated command or a correction."""
    told: dict[str, Any] = {
        name: moment(details[name])
        for name in ("at", "now", "received")
        if isinstance(details.get(name), datetime)
    }
    if "field" in details:
        told["field"] = field_label(details["field"], lang)
        for name in ("before", "stands"):
            if name in details:
                told[name] = field_text(details["field"], details[name], lang)
    if "allowed" in details:
        told["allowed"] = say("comma", lang).join(details["allowed"])
    if "event" in details:
        told["label"] = event_label(details["event"], lang)
    return told


def moment(at: datetime) -> str:
    """Write an instant as Beijing time, to the second."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def state_label(name: str, lang: str = "zh", of: Workflow = WORK_ORDER) -> str:
    """Give the label of a state of a workflow; the start has none."""
    state = of.state_of.get(name)
    return "–" if state is None else state.zh if lang == "zh" else state.en


def event_label(name: str, lang: str = "zh") -> str:
    """Give the label of an event."""
    event = EVENT_OF[name]
    return event.zh if lang == "zh" else event.en


def role_label(name: str, lang: str = "zh") -> str:
    """Give the label of a role, or the role as it was written."""
    return ROLES.get(name, name) if lang == "zh" else name


def holders(names: str, lang: str = "zh") -> str:
    """Give the labels of roles joined by `|`, one of which will do."""
    return say("or", lang).join(role_label(one, lang) for one in names.split("|"))


def field_label(name: str, lang: str = "zh") -> str:
    """Give the label of what a correction changes, with its name in front of it."""
    return name if lang != "zh" else f"{name}（{field_word(name, lang)}）"


def field_word(name: str, lang: str = "zh") -> str:
    """Give the label of what a correction changes, as people call it."""
    return say(f"column.{name}", lang) if name in OF_EVERY_ENTRY else _attribute_label(name, lang)


def field_text(name: str, value: Any, lang: str = "zh") -> str:
    """Say what stands in a field."""
    if value is None or value == "":
        return say("none", lang)
    return role_label(value, lang) if name == "role" else said_value(name, value, lang)


def correction_text(by: int, one: Correction, lang: str = "zh") -> str:
    """Say beside an entry which later one corrected what of it."""
    before, after = (field_text(one.field, value, lang) for value in (one.before, one.after))
    return say("late.corrected", lang, by=by, field=field_label(one.field, lang), before=before, after=after)


_CORRECTION = ("entry", "field", "before", "after")


def said_text(said: Mapping[str, Any], rules: Rulebook, lang: str = "zh") -> str:
    """Say what an event said, in the reader's words; of a correction what, then from what to what."""
    if lang == "zh" and "level" in said:
        said = {**said, "level": rules.policy.consequences.get(said["level"], said["level"])}
    if "field" in said:
        said = {**{name: said[name] for name in _CORRECTION if name in said}, **said}
    return say("list", lang).join(
        say("pair", lang, name=_attribute_label(name, lang), value=_said_value(said, name, value, lang))
        for name, value in said.items()
    )


def _said_value(said: Mapping[str, Any], name: str, value: Any, lang: str) -> str:
    if "field" in said and name in ("before", "after"):
        return field_text(said["field"], value, lang)
    return field_label(value, lang) if name == "field" else said_value(name, value, lang)


_SAID_BY_ENGINE = {
    "started_at": "起算时间",
    "due_at": "到期时间",
    "cause": "起因记录",
    "count": "次数",
    "time_out": "所撤超时",
    "escalations": "所撤升级",
    "provisional": "暂定",
    "calendar": "工作日历",
}


def _attribute_label(name: str, lang: str) -> str:
    if lang != "zh":
        return name
    known = ATTRIBUTE_OF.get(name)
    return known.zh if known is not None else _SAID_BY_ENGINE.get(name, name)


def said_value(name: str, value: Any, lang: str = "zh") -> str:
    """Write what an event said under a name: a choice by its label, a time to the second."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return say("yes" if value else "no", lang)
    choices = SUPERVISION_GROUNDS if name == "ground" else getattr(ATTRIBUTE_OF.get(name), "choices", None)
    return str(choices.get(value, value)) if choices and lang == "zh" else str(value)


def _names(alternatives: str, lang: str) -> str:
    return say("or", lang).join(
        (ATTRIBUTE_OF.get(name) or FACT_OF[name]).zh if lang == "zh" else name
        for name in alternatives.split("|")
    )


def _fact_label(name: str, lang: str) -> str:
    fact = FACT_OF[name]
    return fact.zh if lang == "zh" else fact.en


def _as_it_is(name: str, lang: str) -> str:  # noqa: ARG001 - one shape for all
    return name


_SEVERAL: Mapping[str, Callable[[str, str], str]] = {
    "missing": _names, "facts": _fact_label, "roles": holders, "absent": holders, "names": _as_it_is,
}  # fmt: skip
"""Details that are several, and how each of them is written."""
