"""What callers say of the past: that something had happened, that an entry is mistaken; and who may."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from paidan.workflows.attributes import ATTRIBUTE_OF, ROLES, Holds, correctable
from paidan.workflows.records import Entry
from simulation.model import Told

PERMISSION = "late.permission"
MAY = {
    "offices": (
        "centre_head", "hotline_office", "district_office", "city_office", "hotline_centre",
        "licensing_section", "leading_group",
    ),
    "any_role": tuple(ROLES),
    "nobody": (),
}  # fmt: skip
"""Who may speak of the past, by the setting of the world."""

_BACK = (1, 60, 1800, 7200, 40_000, 86_400, 300_000)
_UNITS = ("甲科", "乙所", "丙居委")


def of_the_past(
    rng: Random, said: dict[str, Any], told: Told | None, now: datetime, may: tuple[str, ...]
) -> None:
    """Let a command be about the past, by somebody who may and gives a reason, or who does not."""
    at = now - timedelta(seconds=rng.choice(_BACK))
    received_at = told and told.order.facts.get("received_at")
    if received_at and at < received_at and rng.random() < 0.85:
        at = received_at + timedelta(seconds=int((now - received_at).total_seconds() * rng.random()))
    said["at"] = at
    if rng.random() < 0.93:
        said["backdated"] = "补录"
    _by_whom(rng, said, may)


def correction(rng: Random, told: Told, may: tuple[str, ...]) -> dict[str, Any]:
    """Choose an entry and what it should say, most often when; now and then by what does not stand."""
    entry = rng.choice([one for one in told.now if correctable(one.event)] or told.now)
    fields = sorted(correctable(entry.event)) or ["at"]
    drawn = rng.random()
    field = "at" if drawn < 0.5 else "unit" if drawn < 0.6 else rng.choice(fields)
    if drawn > 0.8:  # what was said counts more than what was not
        field = rng.choice([name for name in fields if name in entry.attributes] or fields)
    before = stands(entry, field)
    if rng.random() < 0.15:
        before = stands(told.log[entry.seq - 1], field) if rng.random() < 0.5 else _other(rng, entry, field)
    said = {"entry": entry.seq, "field": field, "before": before, "after": _other(rng, entry, field)}
    if rng.random() < 0.95:
        said["reason"] = "登记有误"
    _by_whom(rng, said, may)
    return {name: value for name, value in said.items() if value is not None}


def stands(entry: Entry, field: str) -> Any:
    """Give what an entry says in a field, None where nothing."""
    if field in ("at", "unit", "actor", "role"):
        return getattr(entry, field) or None
    return entry.attributes.get(field)


def _by_whom(rng: Random, said: dict[str, Any], may: tuple[str, ...]) -> None:
    said["role"] = rng.choice(may if may and rng.random() < 0.9 else ("", "dispatcher", "handling_unit"))


def _other(rng: Random, entry: Entry, field: str) -> Any:
    """Choose what might stand there instead."""
    one = ATTRIBUTE_OF.get(field)
    moved = timedelta(seconds=rng.choice(_BACK) * rng.choice((-1, 1)))
    if field == "at":
        return entry.at + moved
    if one is not None and one.holds in (Holds.INSTANT, Holds.DUE):
        return (stands(entry, field) or entry.at) + moved
    if one is not None and one.holds is not Holds.TEXT and one.choices is None:
        return rng.choice((True, False, None))
    if one is not None and one.choices is not None:
        return rng.choice((*sorted(one.choices), None))
    return rng.choice(tuple(ROLES)) if field == "role" else rng.choice((*_UNITS, None))
