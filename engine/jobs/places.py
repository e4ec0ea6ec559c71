"""Folders for what jobs are given and make: for this user alone, gone at the end or at the next start."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl as locks
except ImportError:  # a system without it: what a killed process left is for its user to remove
    locks = None  # type: ignore[assignment]

_PREFIX = "paidan-jobs-"
_LOCK = "lock"


class Place:
    """A folder of one process, with a folder for each job in it."""

    def __init__(self) -> None:
        """Make it, and remove what processes that are gone have left."""
        for left in _left():
            shutil.rmtree(left, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix="paidan-new-"))  # 0700
        self._lock = (made / _LOCK).open("wb")
        if locks is not None:
            locks.flock(self._lock, locks.LOCK_EX)
        self.folder = made.rename(made.with_name(made.name.replace("paidan-new-", _PREFIX, 1)))

    def make(self, name: str) -> Path:
        """Give a new folder in it."""
        made = self.folder / name
        made.mkdir(mode=0o700)
        return made

    def close(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()


def _left() -> Iterator[Path]:
    """Give the folders whose processes are gone: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid() or folder.is_symlink():
                continue
            with (folder / _LOCK).open("rb") as lock:
                if _free(lock):
                    yield folder
        except (OSError, AttributeError):  # just being made or removed; or there are no locks here
            continue


def _free(lock: IO[bytes]) -> bool:
    try:
        locks.flock(lock, locks.LOCK_EX | locks.LOCK_NB)
    except BlockingIOError:
        return False
    return True
