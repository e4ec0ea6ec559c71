"""
The notifier: the one port through which what is told leaves the engine, and the file that takes it.

A notifier is any callable that is given a memo as plain values. It is asked again for what it raised on,
and may be asked again for the last one it was given before a process was killed: `store` and `number` say
which that is.
"""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from paidan.engine.errors import UsageError
from paidan.engine.masking import masked, masked_name
from paidan.engine.messages.inbox import memo_text
from paidan.storage.port import Memo

Notifier = Callable[[Mapping[str, Any]], object]

_TAIL: Final = 65536
"""Bytes at the end of a file that are searched for what was written before a kill: some hundred lines."""


def as_told(memo: Memo, store_id: str) -> dict[str, Any]:
    """Give a memo as plain values, masked; nothing in it ever came from a caller."""
    return {
        "store": store_id,
        "number": memo.number,
        "told": memo.event,
        "order": masked_name(memo.order_id),
        "seq": memo.seq,
        "rule": memo.rule,
        "clause": memo.said.get("clause", ""),
        "period": memo.period,
        "role": memo.role,
        "unit": masked(memo.unit),
        "at": memo.at.isoformat(),
        "due_at": memo.due_at.isoformat() if memo.due_at else None,
        "told_at": memo.told_at.isoformat(),
        "climbed_from": memo.said.get("from", ""),
        "what": masked(memo_text(memo)),
    }


class FileNotifier:
    """
    Appends a line of JSON for each memo, and waits until the disk has it.

    What a killed process had written is found at the end of the file and not written again; a line that it
    had begun is cut off. Raises `UsageError` for a file that cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            with file.open("ab"):
                pass
        except OSError as error:
            raise UsageError("inbox.file", file=str(file), why=error.strerror or str(error)) from None

    def __call__(self, line: Mapping[str, Any]) -> None:
        """Write a memo, unless it is there."""
        with self._file.open("r+b") if self._file.exists() else self._file.open("w+b") as opened:
            end = opened.seek(0, os.SEEK_END)
            opened.seek(max(0, end - _TAIL))
            tail = opened.read()
            whole = tail.rfind(b"\n") + 1
            if _known(tail[:whole], line):
                return
            opened.seek(end - len(tail) + whole)
            opened.truncate()
            opened.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            opened.flush()
            os.fsync(opened.fileno())


def _known(tail: bytes, line: Mapping[str, Any]) -> bool:
    for written in tail.splitlines():
        try:
            there = json.loads(written)
        except ValueError:  # the first may be cut off by where we began to read
            continue
        if (there.get("store"), there.get("number")) == (line["store"], line["number"]):
            return True
    return False


def notifier_of(given: Notifier | Path | str | None) -> Notifier | None:
    """Give the notifier that was asked for: a callable itself, a path for its file."""
    return FileNotifier(Path(given)) if isinstance(given, str | Path) else given
