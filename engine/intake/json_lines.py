"""JSON lines: one event object a line, its keys the columns."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paidan.engine.errors import InputError
from paidan.engine.intake.tables import COLUMNS_MOST, Rejected, Table, check_single, clean, inspect


@dataclass(frozen=True, slots=True)
class JsonLines(Table):
    """An open JSON lines file and its encoding."""

    encoding: str

    def numbered(self) -> Iterator[tuple[int, list[str] | Rejected]]:
        """Give a row for each line that is not blank; a line that is no object is rejected."""
        positions = {name: position for position, name in enumerate(self.header)}
        width = len(self.header)
        for number, told in enumerate(_objects(self.path, self.encoding), start=1):
            if isinstance(told, str):
                yield number, Rejected(self.name, number, "", "", "", told, {})
                continue
            cells = [""] * width
            for key, value in told.items():
                if key not in positions:
                    positions[key] = positions[clean(key)]
                cells[positions[key]] = value if type(value) is str and "\0" not in value else _text(value)
            yield number, cells


def open_json_lines(path: Path) -> JsonLines:
    """
    Open JSON lines in UTF-8 or GB18030; the columns are the keys in the order they are first met.

    Raises `InputError` for a file that is no text, or has no object or too many different keys.
    """
    digest, encoding = inspect(path, b"\n")
    keys: dict[str, None] = {}
    for told in _objects(path, encoding):
        if not isinstance(told, str) and not keys.keys() >= told.keys():
            keys.update(dict.fromkeys(told))
            if len(keys) > COLUMNS_MOST:
                raise InputError("columns_many", file=path.name, most=COLUMNS_MOST)
    names = tuple(clean(key) for key in keys)
    if not any(names):
        raise InputError("json_none", file=path.name)
    check_single(path.name, names)
    return JsonLines(path, path.name, digest, names, encoding)


class _TwiceError(ValueError):
    pass


def _objects(path: Path, encoding: str) -> Iterator[dict[str, Any] | str]:
    """Give the object of each line that is not blank, or the code of what is wrong with it."""
    with path.open(encoding=encoding, newline="\n") as file:
        for line in file:
            text = line.strip()
            if text:
                yield _object(text)


def _object(text: str) -> dict[str, Any] | str:
    try:
        told = _DECODER.decode(text)
        if "\\u" in text:
            json.dumps(told, ensure_ascii=False).encode()  # half a character is none
    except _TwiceError:
        return "json_key_twice"
    except (ValueError, RecursionError):
        return "json_broken"
    return told if isinstance(told, dict) else "json_broken"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise _TwiceError
    return told


_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once
)  # numbers stay as they are written


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
