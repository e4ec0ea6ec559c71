"""Tokens over HTTP, for the security administrator; and for everybody, who they are."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from paidan.engine.http.callers import Audits, Grants, ReadsRules
from paidan.engine.http.problems import PROBLEMS
from paidan.engine.http.shapes import MeOut, SightOut, TokenIn, TokenOut, me_out, sight_out, token_out

router = APIRouter(prefix="/v1", tags=["access"], responses=PROBLEMS)

Number = Annotated[str, Path(pattern=r"^[0-9]{8}$")]


@router.get("/me", summary="我是谁 · who am I")
def me(caller: ReadsRules) -> MeOut:
    """Say whose token it is, in which role, and what it may do."""
    return me_out(caller.account)


@router.get("/tokens", summary="全部令牌 · every token")
def tokens(caller: Grants) -> list[TokenOut]:
    """Give every token there ever was, without what it is."""
    return [token_out(one) for one in caller.engine.accounts.all()]


@router.post("/tokens", summary="签发令牌 · issue a token", status_code=201)
def issue(said: TokenIn, caller: Grants) -> TokenOut:
    """Issue a token; what it is stands in this answer and nowhere else."""
    issued = caller.engine.accounts.issue(
        said.name, said.role, said.unit, days=said.days, by=caller.account.name
    )
    return token_out(issued.kept, issued.text)


@router.delete("/tokens/{number}", summary="停用令牌 · end a token")
def end(number: Number, caller: Grants) -> TokenOut:
    """End a token from now on; who issued and ended it stays written."""
    return token_out(caller.engine.accounts.end(number, by=caller.account.name))


@router.get("/sights", summary="谁看过什么 · who looked at what")
def sights(
    caller: Audits,
    order_id: Annotated[str, Query(max_length=200)] = "",
    name: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[SightOut]:
    """Give who looked at an order, or at what somebody looked, the latest first."""
    return [sight_out(one) for one in caller.engine.accounts.sights(order_id, name, limit)]
