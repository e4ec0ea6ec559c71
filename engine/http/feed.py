"""The log as a pull feed: whoever keeps the last position misses nothing and gets nothing twice."""

from asyncio import sleep
from threading import BoundedSemaphore
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.concurrency import run_in_threadpool

from paidan.engine.http.callers import Caller, ReadsLog
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import EntryPage, entry_out

router = APIRouter(prefix="/v1/events", tags=["log"], responses=PROBLEMS)

_LOOK_SECONDS = 0.25
_WAITING = BoundedSemaphore(64)
"""Who waits at a time; whoever else comes is answered at once."""


@router.get("", summary="日志续读 · the log from a position on")
async def events(
    caller: ReadsLog,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    wait: Annotated[float, Query(ge=0, le=20, description="seconds to wait for a first entry")] = 0,
) -> EntryPage:
    """
    Give the entries that follow a position, of all orders, in the order in which they were learned.

    None that is written later comes before one that was given. Identities are masked.
    """
    page = await run_in_threadpool(_page, caller, after, limit)
    if not page.entries and wait and _WAITING.acquire(blocking=False):
        until = monotonic() + wait
        try:  # no thread is held meanwhile: there are few, and whoever else calls needs one
            while not page.entries and monotonic() < until:
                await sleep(_LOOK_SECONDS)
                page = await run_in_threadpool(_page, caller, after, limit)
        finally:
            _WAITING.release()
    return page


def _page(caller: Caller, after: int, limit: int) -> EntryPage:
    found = caller.engine.entries_after(after, limit)
    seen = dict.fromkeys(one.entry.order_id for one in found)
    if seen:
        caller.engine.accounts.saw(caller.account, seen, "events")
    entries = [entry_out(entry, caller.lang, None, position, of_entry) for position, entry, of_entry in found]
    return EntryPage(entries=entries, after=found[-1].position if found else after)
