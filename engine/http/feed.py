"""The log as a pull feed: whoever keeps the last position misses nothing and gets nothing twice."""

from time import monotonic, sleep
from typing import Annotated

from fastapi import APIRouter, Query

from paidan.engine.http.callers import ReadsLog
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import EntryPage, entry_out

router = APIRouter(prefix="/v1/events", tags=["log"], responses=PROBLEMS)

_LOOK_SECONDS = 0.25


@router.get("", summary="日志续读 · the log from a position on")
def events(
    caller: ReadsLog,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    wait: Annotated[float, Query(ge=0, le=20, description="seconds to wait for a first entry")] = 0,
) -> EntryPage:
    """
    Give the entries that follow a position, of all orders, in the order in which they were learned.

    None that is written later comes before one that was given. Identities are masked.
    """
    until = monotonic() + wait
    found = caller.engine.entries_after(after, limit)
    while not found and monotonic() < until:
        sleep(_LOOK_SECONDS)
        found = caller.engine.entries_after(after, limit)
    caller.engine.accounts.saw(caller.account, dict.fromkeys(one.entry.order_id for one in found), "events")
    entries = [entry_out(entry, caller.lang, None, position, of_entry) for position, entry, of_entry in found]
    return EntryPage(entries=entries, after=found[-1].position if found else after)
