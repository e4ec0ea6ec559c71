"""What was told to the caller's role, and taking notice of it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from paidan.engine.http.callers import Caller, ReadsInbox
from paidan.engine.http.problems import PROBLEMS, ProblemError
from paidan.engine.http.shapes import MemoOut, memo_out
from paidan.engine.inbox import NUMBER_MOST, Memo
from paidan.engine.messages import say
from paidan.engine.messages.inbox import memo_text

router = APIRouter(prefix="/v1/inbox", tags=["inbox"], responses=PROBLEMS)


@router.get("", summary="告知我的事项 · what was told to me")
def inbox(
    caller: ReadsInbox,
    *,
    everything: Annotated[bool, Query(description="taken ones too")] = False,
    before: Annotated[int, Query(ge=1, le=NUMBER_MOST, description="go on after this one")] = NUMBER_MOST,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[MemoOut]:
    """
    Give what was told to the role of the caller, of their unit where the role has one, newest first.

    Where there are as many as asked for, those before the `number` of the last may be asked for next.
    """
    found = _of(caller, standing=not everything, before=before, most=limit)
    return [memo_out(one, memo_text(one, caller.lang)) for one in found]


@router.post("/{number}/acknowledgement", summary="签收 · take notice")
def acknowledge(number: Annotated[int, Path(ge=1, lt=NUMBER_MOST)], caller: ReadsInbox) -> MemoOut:
    """Take notice of a memo of one's own; who did so first stays written."""
    account = caller.account
    nearest = _of(caller, standing=False, before=number + 1, most=1)
    if [one.number for one in nearest] != [number]:
        raise ProblemError("not_found", say("inbox.unknown", caller.lang, number=number))
    (taken,) = caller.engine.acknowledge(number, actor=account.name, role=account.log_role)
    return memo_out(taken, memo_text(taken, caller.lang))


def _of(caller: Caller, *, standing: bool, before: int, most: int) -> tuple[Memo, ...]:
    """Give what was told to a caller; nothing is told to a role that never acts on an order."""
    account = caller.account
    if not account.log_role:
        return ()
    return caller.engine.inbox(account.log_role, account.unit, standing=standing, before=before, most=most)
