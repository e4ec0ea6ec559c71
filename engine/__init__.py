"""When and then: decides commands, keeps clocks running and offers the ways in."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paidan.engine.app import Engine

__all__ = ["Engine"]


def __getattr__(name: str) -> Any:
    """Load the engine when it is asked for: whoever only reckons a deadline needs no database."""
    if name == "Engine":
        from paidan.engine.app import Engine  # noqa: PLC0415

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
