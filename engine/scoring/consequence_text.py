"""Why a consequence follows, told in a sentence."""

from paidan.engine.messages import say
from paidan.engine.messages.reasons import moment
from paidan.policies.schema import Policy
from paidan.policies.scoring.consequences import Consequence, Step


def because(one: Consequence, policy: Policy, lang: str = "zh") -> str:
    """Say why: the ranks, orders or entries that led to it."""
    details = dict(one.details)
    if "at" in details:
        details["at"] = moment(details["at"])
    if one.because == "entered":
        note = details.get("note")
        details["note"] = say("because.note", lang, note=note) if note else ""
    comma = say("because.none_between", lang)
    if one.rule.bottom:
        details["bottom"] = _bottom(one, policy)
    if one.because == "bottom":
        step = one.trail[0]
        details.update(period=step.period, rank=step.rank, among=step.among)
    return say(
        f"because.{one.because}", lang, trail=comma.join(_step(step, lang) for step in one.trail),
        orders=comma.join(one.orders), **details,
    )  # fmt: skip


def _step(step: Step, lang: str) -> str:
    return say("because.step", lang, period=step.period, rank=step.rank, among=step.among)


def _bottom(one: Consequence, policy: Policy) -> str:
    places = one.rule.bottom
    if isinstance(places, int | str):
        return str(places)
    pools = one.rule.pools or tuple(policy.pools)
    return "/".join(str(places[pool]) for pool in pools if pool in places)
