"""Whether the process lives, and whether it can serve: for whatever watches it; nothing of orders is told."""

from fastapi import APIRouter, Request, Response

from paidan.engine.http.problems import PROBLEMS

router = APIRouter(tags=["health"], responses=PROBLEMS)


@router.get("/healthz", summary="存活 · alive")
def healthz() -> dict[str, str]:
    """Say that the process answers."""
    return {"status": "ok"}


@router.get("/readyz", summary="就绪 · ready")
def readyz(request: Request, response: Response) -> dict[str, str]:
    """Say whether the database answers; 503 where it does not."""
    request.app.state.engine.orders_after("", 1)  # what it raises becomes a problem of its own
    response.headers["Cache-Control"] = "no-store"
    return {"status": "ok"}
