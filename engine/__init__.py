"""When and then: decides commands, keeps clocks running and offers the ways in."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paidan.engine.aio import AsyncEngine
    from paidan.engine.app import Engine

__all__ = ["AsyncEngine", "Engine"]


def __getattr__(name: str) -> Any:
    """Load the engine when it is asked for: whoever only reckons a deadline needs no database."""
    if name == "Engine":
        from paidan.engine.app import Engine  # noqa: PLC0415

        return Engine
    if name == "AsyncEngine":
        from paidan.engine.aio import AsyncEngine  # noqa: PLC0415

        return AsyncEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
