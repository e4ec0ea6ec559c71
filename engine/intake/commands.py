"""What a caller asks of an order, read against the closed lists of events and attributes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from paidan.engine.corrections import CORRECT
from paidan.engine.errors import UsageError
from paidan.engine.intake.values import Also, attribute, event_names, field_value, instant, role_names
from paidan.engine.masking import masked_said, may_hold_number
from paidan.workflows.attributes import ATTRIBUTE_OF, IDENTITY, SAYABLE, WRITTEN, Attribute, Holds
from paidan.workflows.cases import EVENT_OF, about, case_id, workflow_of
from paidan.workflows.records import BEIJING, NOTHING, NOTHING_PRIVATE, Private

LONGEST_KEY = 200
"""Characters of a command's key; a UUID has 36."""
_SAYABLE = {name: SAYABLE.get(name, frozenset()).difference(WRITTEN) for name in EVENT_OF}
"""What a command may say."""
_OF_CALLER = frozenset(IDENTITY)


class Asked(NamedTuple):
    """
    A command as it will be decided, short of its time; its texts are masked.

    `at` is set only where the caller brought a time. `dropped` counts the identity attributes
    that were said, which `private` holds.
    """

    order_id: str
    event: str
    attributes: Mapping[str, Any] = NOTHING
    actor: str = ""
    role: str = ""
    unit: str = ""
    at: datetime | None = None
    dropped: Mapping[str, int] = NOTHING
    private: Private = NOTHING_PRIVATE


def asked(
    order_id: str,
    event: str,
    said: Mapping[str, Any],
    *,
    actor: str = "",
    role: str = "",
    unit: str = "",
    at: datetime | str | None = None,
    also: Also = NOTHING,
) -> Asked:
    """
    Read one command; values may be text, as in a file, or already what they stand for.

    `also` holds the choices that the policy adds to the closed lists.

    Raises `UsageError` naming what is allowed: for an unknown event or one that is not submitted, an
    attribute that is unknown or that the event cannot say, and a value that is none.
    """
    if not order_id.strip():
        raise UsageError("order_id_missing")
    workflow = workflow_of(order_id.strip())
    name = event_names(workflow.name).get(event.strip())
    if name is None:
        writable = (one.name for one in workflow.events if not one.by_engine and not one.apart)
        raise UsageError("event_unknown", allowed="、".join(writable))
    one = workflow.event_of[name]
    if one.follows:
        raise UsageError(
            "live.event_follows", event=name, of="、".join(one.follows), order=about(order_id.strip())
        )
    if one.by_engine:
        raise UsageError("live.event_engine", event=name)
    if one.apart:
        raise UsageError("live.event_apart", event=name)
    identity = _identity(said)
    try:
        attributes = _attributes(name, said, also)
        when = None if at is None or at == "" else _time("at", at, end_of_day=False)
    except UsageError as error:
        raise error.masked(identity) from None
    return _masked(
        Asked(order_id.strip(), name, attributes, actor.strip(), _role(role), unit.strip(), when), identity
    )


def asked_apart(
    order_id: str, event: str, *, reason: str, actor: str, role: str = "", unit: str = ""
) -> Asked:
    """Read a command that is not submitted; raises `UsageError` where it is not said why, or who asks."""
    if not order_id.strip():
        raise UsageError("order_id_missing")
    if case := case_id(order_id.strip()):
        raise UsageError("live.apart_of_order", event=event, order=case.about)
    for name, text in (("reason", reason), ("actor", actor)):
        if not text.strip():
            raise UsageError("live.apart_needs", event=event, name=name)
    return _masked(
        Asked(order_id.strip(), event, {"reason": reason.strip()}, actor.strip(), _role(role), unit.strip()),
        NOTHING,
    )


def _masked(asked: Asked, identity: Mapping[str, str]) -> Asked:
    """Mask every text of a command, and put aside what it was."""
    attributes = asked.attributes
    said = [one for one in attributes.values() if type(one) is str]
    whole = "\n".join((asked.actor, asked.role, asked.unit, *said))
    _check_text("\n".join((asked.order_id, whole, *identity.values())))
    if not identity and not may_hold_number(whole):  # nearly always: nothing is to be masked
        return asked
    texts = {name: one for name, one in attributes.items() if type(one) is str}
    texts["actor"], texts["unit"], texts["role"] = asked.actor, asked.unit, asked.role
    of = dict.fromkeys(("before", "after"), attributes.get("field", ""))  # what a correction is about
    shown = {name: masked_said(of.get(name, name), text, identity) for name, text in texts.items()}
    private = {name: text for name, text in texts.items() if text != shown[name]}
    actor, role, unit = (shown.pop(name) for name in ("actor", "role", "unit"))
    return asked._replace(
        attributes={**attributes, **shown} or NOTHING, actor=actor, role=role, unit=unit,
        dropped=dict.fromkeys(identity, 1), private=Private({**private, **identity}),
    )  # fmt: skip


def _role(said: str) -> str:
    role = said.strip()
    return role_names().get(role, role)


def checked_key(key: str) -> str:
    """Read the key of a command; raises `UsageError` for one too long or that no store can hold."""
    key = key.strip()
    if len(key) > LONGEST_KEY:
        raise UsageError("live.key_long", most=LONGEST_KEY)
    _check_text(key)
    return key


def _identity(said: Mapping[str, Any]) -> Mapping[str, str]:
    if _OF_CALLER.isdisjoint(said):
        return NOTHING
    told = {name: str(said[name]).strip() for name in IDENTITY if said.get(name) is not None}
    return {name: text for name, text in told.items() if text}


def _attributes(event: str, said: Mapping[str, Any], also: Also) -> Mapping[str, Any]:
    if not said:
        return NOTHING
    sayable = _SAYABLE[event]
    kept: dict[str, Any] = {}
    for name, value in said.items():
        if value is None or value == "" or name in IDENTITY:
            continue
        if name not in sayable:
            code = "live.attribute_elsewhere" if name in ATTRIBUTE_OF else "live.attribute_unknown"
            allowed = "、".join(sorted(sayable)) or "–"
            raise UsageError(code, name=name, event=event, allowed=allowed)
        if event == CORRECT and name in ("before", "after"):
            read = _field_value(str(said.get("field") or "").strip(), value, also)
        else:
            read = _value(ATTRIBUTE_OF[name], value, also)
        if read is not None:
            kept[name] = read
    return kept


def _value(one: Attribute, value: Any, also: Also) -> Any:
    if isinstance(value, str):
        text = value.strip()
        return attribute(one.name, text, also=also) if text else None
    if one.holds in (Holds.INSTANT, Holds.DUE):
        return _time(one.name, value, end_of_day=one.holds is Holds.DUE)
    if one.holds is Holds.FLAG and isinstance(value, bool):
        return value
    if isinstance(value, int):
        return attribute(one.name, str(value))
    raise UsageError("live.value_kind", name=one.name, kind=type(value).__name__)


def _field_value(field: str, value: Any, also: Also) -> Any:
    """Read what stands in a field, or should; text, or what it stands for."""
    if isinstance(value, str):
        text = value.strip()
        return field_value(field, text, also=also) if text else None
    if field in ATTRIBUTE_OF:
        return _value(ATTRIBUTE_OF[field], value, also)
    if field == "at":
        return _time(field, value, end_of_day=False)
    raise UsageError("live.value_kind", name=field, kind=type(value).__name__)


def _time(name: str, value: Any, *, end_of_day: bool) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise UsageError("live.time_naive", name=name, value=value.isoformat())
        return value.astimezone(BEIJING).replace(microsecond=0)
    read = instant(str(value).strip(), end_of_day=end_of_day) if isinstance(value, str | date) else None
    if read is None:
        raise UsageError("value_no_time", column=name, value=str(value), allowed="2026-04-05 09:32:09")
    return read.replace(microsecond=0)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UsageError("live.text_broken") from None
    if "\0" in text:
        raise UsageError("live.text_broken")
