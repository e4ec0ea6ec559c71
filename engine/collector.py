"""The cycle collector of the process, spared where millions of values are made and none holds a cycle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
