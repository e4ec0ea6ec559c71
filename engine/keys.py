"""The file of a master key: made once, read when an engine starts, never written to the database."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error
from pathlib import Path

from paidan.engine.environment import KEY_FILE
from paidan.engine.errors import UsageError
from paidan.storage.vault import KEY_BYTES

_OTHERS = 0o077
"""Rights of anybody but the owner."""


def given_key(key: bytes | Path | str | None) -> bytes | None:
    """
    Give the master key: itself, from the file named, or from that which the environment names; or None.

    Raises `UsageError` for a file that cannot be read, that others may read, or that holds no key.
    """
    if isinstance(key, bytes):
        if len(key) != KEY_BYTES:
            raise UsageError("key_size", bytes=KEY_BYTES)
        return key
    named = str(key or os.environ.get(KEY_FILE, ""))
    return _read(Path(named)) if named else None


def new_key(file: Path) -> None:
    """Write a new master key to a file that is not there yet and that its owner alone may read."""
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError("key_there", file=str(file)) from None
    with os.fdopen(opened, "wb") as written:
        written.write(b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        written.flush()
        os.fsync(written.fileno())


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(KEY_BYTES * 4)
    except OSError as error:
        raise UsageError("key_unreadable", file=str(file), why=error.strerror or str(error)) from None
    if os.name == "posix" and mode & _OTHERS:  # elsewhere rights are no bits
        raise UsageError("key_open", file=str(file), mode=f"{mode & 0o777:o}")
    try:
        key = b64decode(content.strip(), validate=True)
    except Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise UsageError("key_broken", file=str(file), bytes=KEY_BYTES)
    return key
