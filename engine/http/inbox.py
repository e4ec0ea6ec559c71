"""What was told to the caller's role, and taking notice of it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query

from paidan.engine.http.callers import Caller, ReadsInbox
from paidan.engine.http.problems import PROBLEMS, ProblemError
from paidan.engine.http.shapes import MemoOut, memo_out
from paidan.engine.inbox import Memo
from paidan.engine.messages import say
from paidan.engine.messages.inbox import memo_text

router = APIRouter(prefix="/v1/inbox", tags=["inbox"], responses=PROBLEMS)


@router.get("", summary="告知我的事项 · what was told to me")
def inbox(
    caller: ReadsInbox, everything: Annotated[bool, Query(description="taken ones too")] = False
) -> list[MemoOut]:
    """Give what was told to the role of the caller, of their unit where the role has one, newest first."""
    return [memo_out(one, memo_text(one, caller.lang)) for one in _mine(caller, standing=not everything)]


@router.post("/{number}/acknowledgement", summary="签收 · take notice")
def acknowledge(number: Annotated[int, Path(ge=1, le=2**31 - 1)], caller: ReadsInbox) -> MemoOut:
    """Take notice of a memo of one's own; who did so first stays written."""
    account = caller.account
    if number not in {one.number for one in _mine(caller, standing=False)}:
        raise ProblemError("not_found", say("inbox.unknown", caller.lang, number=number))
    (taken,) = caller.engine.acknowledge(number, actor=account.name, role=account.log_role)
    return memo_out(taken, memo_text(taken, caller.lang))


def _mine(caller: Caller, *, standing: bool) -> Sequence[Memo]:
    """Give what was told to the caller: to a role that no log names, nothing ever is."""
    account = caller.account
    if not account.log_role:
        return ()
    return caller.engine.inbox(account.log_role, account.unit, standing=standing)
