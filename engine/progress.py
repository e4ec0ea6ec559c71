"""
How far long work is, told to whoever watches; where nobody does, nothing is counted and nothing costs.

Who watches is known by context, as a logger is: what loops over many things says so where it loops,
and nothing between it and the terminal carries a callback along.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

Watcher = Callable[[str, int, int], object]
"""Takes a stage of the work, how many things of it are done, and of how many; 0 where nobody knows."""
Total = int | Path | Callable[[], int]
"""How many there are: a number, or the lines of a file, or asked; looked for only where somebody watches."""

_T = TypeVar("_T")
_STEP = 128
"""Things between two looks at the watcher."""
_CHUNK = 1 << 20
_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher | None) -> Iterator[None]:
    """Have `watcher` told how far work is that is done here, in this thread; None leaves it alone."""
    before = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(before)


def watcher() -> Watcher | None:
    """Give who watches."""
    return _WATCHER.get()


def tell(stage: str, done: int, total: int) -> None:
    """Tell whoever watches how far a stage is; it is over where `done` is `total`."""
    if told := _WATCHER.get():
        told(stage, done, total)


def counted(
    things: Iterable[_T], stage: str, total: Total = 0, size: Callable[[_T], int] | None = None
) -> Iterable[_T]:
    """Give `things` as they are, counted for whoever watches: each as one, or as its `size`."""
    told = _WATCHER.get()
    return things if told is None else _counted(things, stage, told, known(total), size)


def known(total: Total) -> int:
    """Give a total as a number; 0 where it cannot be told."""
    if isinstance(total, Path):
        return lines_in(total)
    return total if isinstance(total, int) else total()


def lines_in(path: Path) -> int:
    """Count the lines of a file below its first, as good as its rows for an estimate; 0 where it has none."""
    try:
        with path.open("rb") as file:
            return max(sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b"")) - 1, 0)
    except OSError:
        return 0


def _counted(
    things: Iterable[_T], stage: str, told: Watcher, total: int, size: Callable[[_T], int] | None
) -> Iterator[_T]:
    done, number = 0, 0
    try:
        for number, one in enumerate(things, start=1):
            yield one
            done += size(one) if size else 1
            if not number % _STEP:
                told(stage, done, max(total, done + 1) if total else 0)
    finally:
        if number:
            told(stage, done or 1, done or 1)
