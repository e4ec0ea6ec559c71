"""Cases over HTTP: supervisions, enquiries, extensions, talks and topics, of an order, a unit or all."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from paidan.engine.http.callers import ReadsOrders
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import OrderOut, order_out
from paidan.workflows.cases import workflow_of

router = APIRouter(prefix="/v1/cases", tags=["orders"], responses=PROBLEMS)

Kind = Literal["", "supervision", "enquiry", "extension", "talk", "topic"]


@router.get("", summary="案件 · cases")
def cases(
    caller: ReadsOrders,
    about: Annotated[str, Query(max_length=200, description="an order or a unit")] = "",
    kind: Kind = "",
    still_open: Annotated[bool, Query(alias="open")] = False,
    after: Annotated[str, Query(max_length=240, description="the id of the last one before")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[OrderOut]:
    """Give cases that the caller may see, in order of id; read, submitted to and explained as orders are."""
    found = [one for one in caller.engine.cases(about, kind) if one.order_id > after and caller.sees(one)]
    if still_open:
        found = [one for one in found if not workflow_of(one.order_id).state_of[one.state].final]
    return [order_out(one, caller.lang) for one in found[:limit]]
