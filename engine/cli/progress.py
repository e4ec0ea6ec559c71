"""
Progress of long work on a line of its own: how much of how much, how fast, how much longer.

On standard error, rewritten a few times a second at most, as wide as the terminal at most, and wiped when
the stage is over. Where standard error is no terminal nothing is written at all.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO
from unicodedata import combining, east_asian_width

from paidan.engine.messages import say
from paidan.engine.progress import watched, watcher

_PAUSE = 0.25
"""Seconds between two writings; the first is as long in coming, so that short work shows nothing."""
_WIPE = "\r\x1b[K"
_MINUTE, _HOUR = 60, 3600
_SETTLED = 1.0
"""Seconds of a stage from which its rate is good for saying how much longer."""


class Line:
    """The one line: what is told of a stage is shown on it until the stage is over."""

    def __init__(self, stream: TextIO, lang: str, clock: Callable[[], float] = monotonic) -> None:
        self._stream = stream
        self._lang = lang
        self._clock = clock
        self._stage = ""
        self._began = clock()
        self._from = 0
        self._shown_at = self._began
        self._there = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is, if the last time is long enough ago."""
        if done == total:
            self._stage = ""
            self.wipe()
            return
        now = self._clock()
        if stage != self._stage:
            self._stage, self._began, self._from = stage, now, done
        if now - self._shown_at >= _PAUSE:
            self._shown_at = now
            text = self._text(done, total, now - self._began)
            self._stream.write(_WIPE + fitted(text, shutil.get_terminal_size().columns - 1))
            self._stream.flush()
            self._there = True

    def wipe(self) -> None:
        """Leave the line empty, for what is to be written there."""
        if self._there:
            self._stream.write(_WIPE)
            self._stream.flush()
            self._there = False

    def _text(self, done: int, total: int, seconds: float) -> str:
        rate = (done - self._from) / seconds if seconds > 0 else 0.0
        told = {
            "stage": say(f"progress.{self._stage}", self._lang),
            "done": f"{done:,}",
            "rate": f"{rate:,.0f}",
        }
        if not total:
            return say("progress.untold", self._lang, **told)
        code = "progress.line" if seconds >= _SETTLED and rate else "progress.begun"
        left = lasting((total - done) / rate, self._lang) if rate else ""
        return say(code, self._lang, **told, total=f"{total:,}", percent=100 * done // total, left=left)


def lasting(seconds: float, lang: str) -> str:
    """Write how long something still takes, in hours and minutes, or minutes and seconds."""
    whole = int(seconds + 0.5)
    if whole >= _HOUR:
        return say("progress.hours", lang, hours=whole // _HOUR, minutes=whole % _HOUR // _MINUTE)
    if whole >= _MINUTE:
        return say("progress.minutes", lang, minutes=whole // _MINUTE, seconds=whole % _MINUTE)
    return say("progress.seconds", lang, seconds=whole)


def fitted(text: str, columns: int) -> str:
    """Cut a text to the columns it may take; a Chinese character takes two."""
    taken = 0
    for place, character in enumerate(text):
        taken += 0 if combining(character) else 2 if east_asian_width(character) in "WFA" else 1
        if taken > columns:
            return text[:place]
    return text


@contextmanager
def shown(lang: str) -> Iterator[None]:
    """Show how far work is that is done here, where somebody can watch."""
    if not sys.stderr.isatty():
        yield
        return
    line = Line(sys.stderr, lang)
    try:
        with watched(line):
            yield
    finally:
        line.wipe()


def wipe() -> None:
    """Leave the line empty for a message that comes while work goes on."""
    line = watcher()
    if isinstance(line, Line):
        line.wipe()
