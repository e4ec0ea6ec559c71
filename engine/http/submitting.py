"""Doing something to an order as the account that calls: what its role may, and for a unit what it holds."""

from paidan.engine.access.reach import may_submit
from paidan.engine.access.roles import KIND_OF, role_named
from paidan.engine.http.callers import Caller
from paidan.engine.http.problems import ProblemError
from paidan.engine.http.shapes import CommandIn
from paidan.engine.intake.values import event_names
from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label
from paidan.engine.outcomes import Outcome, Unmasked
from paidan.policies.rulebook import Rulebook
from paidan.workflows.cases import workflow_of
from paidan.workflows.records import Command, Order


def submitted(caller: Caller, order_id: str, said: CommandIn, key: str, expected: int | None) -> Outcome:
    """Submit what was said as the caller, or try it; raises `ProblemError` for what they may not."""
    account = caller.account
    event = permitted(caller, order_id, said.event)
    return caller.engine.submit(
        order_id, event,
        **{  # type: ignore[arg-type]
            **{name: one for name, one in said.attributes.items() if name not in _OURS},
            "actor": account.name, "role": account.log_role, "at": said.at or None, "dry_run": said.dry_run,
            "unit": account.unit if account.kind.own_unit else said.unit,
            "key": key, "expected": expected,
        },
    )  # fmt: skip


_OURS = frozenset(("actor", "role", "unit", "at", "key", "expected", "dry_run"))
"""What a token or the command itself says, never an attribute."""


def holds_it(caller: Caller, order: Order) -> bool:
    """Whether an order is with the caller's unit now; whoever is of no unit need not hold it."""
    return not caller.account.kind.own_unit or order.facts.get("unit") == caller.account.unit


def unmasked(caller: Caller, order_id: str, reason: str) -> Unmasked:
    """Give the identities of an order to a caller who may have them; raises `ProblemError`."""
    account = caller.account
    order = caller.visible(order_id)
    if not holds_it(caller, order):
        text = say("http.not_held", caller.lang, order=order_id, unit=account.unit)
        raise ProblemError("forbidden", text)
    return caller.engine.unmask(
        order_id, reason=reason, actor=account.name, role=account.log_role, unit=account.unit
    )


def permitted(caller: Caller, order_id: str, event: str) -> str:
    """Give the event by its identifier, if the caller may submit it; raises `ProblemError`."""
    account, lang = caller.account, caller.lang
    known = event_names(workflow_of(order_id).name)
    name = known.get(event.strip(), event.strip())
    if account.kind.own_unit:
        held = caller.visible(order_id)
        if name != "note" and not holds_it(caller, held):
            raise ProblemError("forbidden", say("http.not_held", lang, order=order_id, unit=account.unit))
    if name in account.kind.events or name not in known.values():  # what is no event the engine says better
        return name
    order = caller.visible(order_id)
    if not may(caller, order, name, caller.engine.rules(order_id)):
        roles = say("comma", lang).join(
            role_named(role, lang) for role, kind in KIND_OF.items() if name in kind.events
        )
        of = role_named(account.role, lang)
        text = say("http.event_forbidden", lang, role=of, event=event_label(name, lang), roles=roles)
        raise ProblemError("forbidden", text)
    return name


def may(caller: Caller, order: Order, event: str, rules: Rulebook) -> bool:
    """Whether the caller's role may submit an event of an order under its rules."""
    return may_submit(caller.account.role, Command(order.order_id, event, caller.engine.now()), order, rules)
