"""The cycle collector of the process, spared where millions of values are made and none holds a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

_LONG_SECONDS = 0.05
"""A look through everything that takes longer is not to be taken twice at the same values."""


@contextmanager
def without_cycles() -> Iterator[None]:
    """
    Spare the cycle collector meanwhile, in every thread of the process.

    A replay and a sweep make millions of values, none of which holds a cycle: looking through them took a
    quarter of a sweep's time. A collector that the host has off stays off.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def spare_what_stays() -> None:
    """
    Have the cycle collector look at what stays but once, in a process that is ours alone.

    A server keeps millions of values that were folded from the log. All of them are looked through whenever a
    quarter as many have come since, and everybody waits: 0.7 s where scores of 100,000 orders are kept.
    Whatever is still there when that took long is passed over from then on.
    """
    began = 0.0

    def looked(phase: str, about: dict[str, Any]) -> None:
        nonlocal began
        if phase == "start":
            began = perf_counter()
        elif about["generation"] == 2 and perf_counter() - began > _LONG_SECONDS:  # noqa: PLR2004 - the oldest
            gc.freeze()

    gc.callbacks.append(looked)
