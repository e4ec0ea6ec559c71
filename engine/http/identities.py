"""What is kept of people, over HTTP: given to whoever says why, and destroyed; both are written down."""

from fastapi import APIRouter

from paidan.engine.http.callers import Erases, Unmasks
from paidan.engine.http.orders import refused
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import (
    ErasedOut,
    OrderId,
    ReasonIn,
    UnmaskedOut,
    entry_out,
    identities_out,
    outcome_out,
)
from paidan.engine.http.submitting import unmasked

router = APIRouter(prefix="/v1/orders", tags=["identities"], responses=PROBLEMS)


@router.post("/{order_id}/unmasking", summary="查看身份信息 · the identities, with a reason")
def unmasking(order_id: OrderId, said: ReasonIn, caller: Unmasks) -> UnmaskedOut:
    """Give the identities that the vault holds of an order, once its log says who asked for them and why."""
    found = unmasked(caller, order_id, said.reason)
    outcome = found.outcome
    if not outcome.accepted:
        raise refused(outcome_out(outcome, caller.lang, dry_run=False))
    entry = entry_out(outcome.entries[0], caller.lang, outcome.rules)
    return UnmaskedOut(entry=entry, identities=identities_out(found))


@router.post("/{order_id}/erasure", summary="清除身份信息 · destroy the identities")
def erasure(order_id: OrderId, said: ReasonIn, caller: Erases) -> ErasedOut:
    """Destroy the identities of an order for good; the log stays and says who did so and why."""
    account = caller.account
    caller.visible(order_id)
    done = caller.engine.erase(order_id, reason=said.reason, actor=account.name, role=account.log_role)
    if not done.outcome.accepted:
        raise refused(outcome_out(done.outcome, caller.lang, dry_run=False))
    entry = entry_out(done.outcome.entries[0], caller.lang, done.outcome.rules)
    return ErasedOut(entry=entry, scrubbed=done.scrubbed)
