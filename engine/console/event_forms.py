"""What may be done with an order from its page: a form for each event, with exactly what it may say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_urlsafe
from typing import Any, NamedTuple

from paidan.engine.access.roles import KIND_OF
from paidan.engine.availability import Available
from paidan.engine.backdating import permitted
from paidan.engine.console.limits import left, look, when
from paidan.engine.console.order_told import pending
from paidan.engine.console.pages import role_said
from paidan.engine.corrections import CORRECT
from paidan.engine.http.callers import Caller
from paidan.engine.http.submitting import holds_it, may
from paidan.engine.intake.values import Also
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, reason
from paidan.policies.rulebook import Rulebook
from paidan.workflows.attributes import ATTRIBUTE_OF, SAYABLE, WRITTEN, Attribute, Holds
from paidan.workflows.cases import workflow_of
from paidan.workflows.facts import FACT_OF
from paidan.workflows.records import Order

BACKDATED = "backdated"
_GIVEN_TO = frozenset(("dispatch", "redo", "rule_overdue"))
"""Events that name a unit other than that of whoever submits them."""
_FEW = 5
"""Fields that are all shown; of more, what need not be said is folded away."""
_KINDS = {Holds.CHOICE: "choice", Holds.FLAG: "flag", Holds.INSTANT: "instant", Holds.DUE: "instant",
          Holds.NUMBER: "number"}  # fmt: skip


class Field(NamedTuple):
    """Something an event may say: how it is asked for, what may be chosen, what was said already."""

    name: str
    label: str
    kind: str
    choices: Sequence[tuple[str, str]]
    required: bool
    value: str


class Form(NamedTuple):
    """
    An event that may be submitted: its fields, until when, whose business it is, what a rule wants.

    `onward` is one that takes the order on, or asks or answers for it; others are recorded beside.
    """

    event: str
    onward: bool
    label: str
    key: str
    until: str
    look: str
    rules: str
    roles: str
    either: Sequence[str]
    advice: Sequence[str]
    fields: Sequence[Field]
    more: Sequence[Field]
    late: Sequence[Field]
    opened: bool


class Other(NamedTuple):
    """An event that cannot be submitted here: by whom it could be, or what stands against it."""

    label: str
    roles: str
    until: str
    reasons: Sequence[tuple[str, str, str]]
    follows: str


class Doing(NamedTuple):
    """What may be done by who looks, what by others alone, and what by nobody now."""

    forms: Sequence[Form]
    by_others: Sequence[Other]
    not_now: Sequence[Other]


def doing(caller: Caller, order: Order, rules: Rulebook, said: Mapping[str, str]) -> Doing:
    """Give what may be done with an order; `said` is what the form of an event held when it was sent."""
    forms, by_others, not_now = [], [], []
    now, lang = caller.engine.now(), caller.lang
    moves = {
        move.event
        for move in workflow_of(order.order_id).moves
        if order.state in move.sources and (move.target or move.when or move.unless)
    }
    for one in caller.engine.available(order.order_id):
        if not one.allowed or one.follows:
            not_now.append(_other(one, rules, now, lang))
        elif _yours(caller, order, one, rules):
            onward = bool(one.limits) or one.event in moves
            forms.append(
                _form(caller, one, rules, said if said.get("event") == one.event else {}, onward=onward)
            )
        else:
            by_others.append(_other(one, rules, now, lang))
    asked = {one.removeprefix("request") for one in pending(order)}
    forms.sort(key=lambda form: (form.event.removeprefix("approve").removeprefix("refuse") not in asked,
                                 not form.until, form.event == "note"))  # fmt: skip
    return Doing(forms, by_others, not_now)


def _yours(caller: Caller, order: Order, one: Available, rules: Rulebook) -> bool:
    if one.event == CORRECT and caller.account.role not in permitted(rules):
        return False
    return (one.event == "note" or holds_it(caller, order)) and may(caller, order, one.event, rules)


def _form(caller: Caller, one: Available, rules: Rulebook, said: Mapping[str, str], *, onward: bool) -> Form:
    lang, now = caller.lang, caller.engine.now()
    needed = [name for names in one.needs for name in names.split("|")]
    missing = [names for found in one.advice for names in found.details.get("missing", ())]
    wanted = [name for names in missing for name in names.split("|")]
    also = caller.engine.books.document.choices
    sayable = [
        ATTRIBUTE_OF[name]
        for name in ATTRIBUTE_OF
        if name in SAYABLE.get(one.event, ()) and name not in (*WRITTEN, BACKDATED)
    ]
    fields = [_field(each, one, also, said, lang) for each in sayable]
    if one.event in _GIVEN_TO:
        given = said.get("unit", "")
        unit = Field("unit", say("column.unit", lang), "unit", (), one.event == "dispatch", given)
        fields.insert(0, unit)
    first = [field for field in fields if field.required or field.name in (*needed, *wanted)]
    rest = [field for field in fields if field not in first]
    if len(fields) <= _FEW:
        first, rest = fields, []
    elif not first:  # where a rule insists on nothing, what is chosen comes before what is written
        rest.sort(key=lambda field: field.kind not in ("choice", "flag", "unit"))
        first, rest = rest[:_FEW], rest[_FEW:]
    late: tuple[Field, ...] = ()
    if one.event != CORRECT and caller.account.role in permitted(rules):
        at = said.get("at", "")
        late = (
            Field("at", say("console.order_at", lang), "instant", (), required=False, value=at),
            _field(ATTRIBUTE_OF[BACKDATED], one, also, said, lang),
        )
    return Form(
        one.event, onward, event_label(one.event, lang), token_urlsafe(18),
        _until(one, rules, now, lang), look(one.until, now, rules) if one.until else "",
        say("comma", lang).join(f"{limit.rule} {limit.clause}" for limit in one.limits), _roles(one, lang),
        [_either(names, lang) for names in one.needs if "|" in names],
        [_sentence(found, rules, lang) for found in (*one.findings, *one.advice)],
        first, rest, late, bool(said),
    )  # fmt: skip


def _field(one: Attribute, event: Available, also: Also, said: Mapping[str, str], lang: str) -> Field:
    choices: Iterable[tuple[str, str]] = ()
    if one.choices is not None:
        every = {**one.choices, **also.get(one.name, {})}
        choices = ((name, zh if lang == "zh" else name) for name, zh in every.items())
    elif one.holds is Holds.FLAG:
        choices = ((text, say(word, lang)) for text, word in (("true", "yes"), ("false", "no")))
    return Field(
        one.name, _label(one.name, lang), _KINDS.get(one.holds, "text"), tuple(choices),
        one.name in event.needs, said.get(one.name, ""),
    )  # fmt: skip


def _label(name: str, lang: str) -> str:
    known = ATTRIBUTE_OF.get(name)
    if lang != "zh":
        return name.replace("_", " ")
    return known.zh if known else FACT_OF[name].zh if name in FACT_OF else name


def _either(names: str, lang: str) -> str:
    return say("or", lang).join(_label(name, lang) for name in names.split("|"))


def _until(one: Available, rules: Rulebook, now: datetime, lang: str) -> str:
    if one.until is None:
        return ""
    text = say(f"console.{one.limits[0].kind}_until", lang, due=when(one.until, now, lang))
    return f"{text} · {left(one.until, now, rules, lang)}"


def _roles(one: Available, lang: str) -> str:
    """Name whose business an event is: those a rule names, else the kinds of roles that may submit it."""
    named = dict.fromkeys(role_said(role, lang) for each in one.whose for role in each.roles)
    if not named:
        kinds = dict.fromkeys(kind for kind in KIND_OF.values() if one.event in kind.events)
        named = dict.fromkeys(kind.zh if lang == "zh" else kind.en for kind in kinds)
    return "、".join(named) if lang == "zh" else ", ".join(named)


def _sentence(found: Any, rules: Rulebook, lang: str) -> str:
    text = reason(found, rules, lang)
    return f"{found.rule} {found.clause} {text}" if found.rule else text


def _other(one: Available, rules: Rulebook, now: datetime, lang: str) -> Other:
    reasons = [
        (found.rule, found.clause, reason(found, rules, lang)) for found in one.findings if found.refuses
    ]
    follows = say("comma", lang).join(event_label(event, lang) for event in one.follows)
    label, until = event_label(one.event, lang), _until(one, rules, now, lang)
    return Other(label, _roles(one, lang), until, reasons, follows)
