"""Whose turn it is at the interpreter: who reckons for seconds gives way to those with little to do."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_SECONDS = 0.0005
_lock = Lock()
_usual: list[float] = []
"""The turn as it was found, once for each that gives way."""


@contextmanager
def giving_way() -> Iterator[None]:
    """
    Let other threads have the interpreter after half a millisecond instead of five, meanwhile.

    A command lets go of the interpreter a dozen times, at each statement and the commit, and waits for a turn
    each time. Always turning so soon would cost every command a tenth of its time.
    """
    with _lock:
        _usual.append(_usual[0] if _usual else sys.getswitchinterval())
        sys.setswitchinterval(min(_SECONDS, _usual[0]))
    try:
        yield
    finally:
        with _lock:
            usual = _usual.pop()
            if not _usual:
                sys.setswitchinterval(usual)
