"""The tags of XES (IEEE 1849): attributes by their type, and text that any XML reader takes."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from paidan.policies.clocks import Verdict

OURS = "paidan"
"""The prefix of our extension, whose keys are told in `docs/reference/paidan.xesext`."""
_EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
OUR_EXTENSION = f'  <extension name="Paidan" prefix="{OURS}" uri="urn:paidan:xesext"/>\n'
EXTENSIONS = "".join(
    f'  <extension name="{name}" prefix="{prefix}" uri="{uri}"/>\n' for name, prefix, uri in _EXTENSIONS
)
_SPECIAL = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_ESCAPED = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;",
}  # fmt: skip
_OFTEN = (str, bool, int, Verdict)
_SHORT = 80
"""Characters of a text that is likely to come again."""
_PICTURES = 0x2400
"""Where Unicode has pictures of the control characters."""


def quoted(text: str) -> str:
    r"""
    Write a text as the value of an XML attribute, without the quotation marks.

    Tabs and line breaks stay what they are, though XML would make spaces of them. Characters that XML
    cannot hold are shown: control characters by their pictures, others by U+FFFD.

    >>> quoted("a<b\x01")
    'a&lt;b␁'
    """
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    one = found[0]
    return _ESCAPED.get(one) or (chr(_PICTURES + ord(one)) if one < " " else "\ufffd")


def tag(key: str, value: Any, inner: str = "") -> str:
    """Write an attribute by the type of its value, around the attributes in `inner`."""
    if inner or type(value) not in _OFTEN or (type(value) is str and len(value) > _SHORT):
        kind, text = _kind(value)
        return typed(kind, key, text, inner)
    return _again(key, value)


@lru_cache(maxsize=1 << 13, typed=True)
def _again(key: str, value: Any) -> str:
    """Write what the attributes of a log say again and again."""
    kind, text = _kind(value)
    return typed(kind, key, text)


def typed(kind: str, key: str, text: str, inner: str = "") -> str:
    """Write an attribute of a kind that is known."""
    start = f'<{kind} key="{quoted(key)}" value="{quoted(text)}"'
    return f"{start}>{inner}</{kind}>" if inner else f"{start}/>"


def listed(key: str, inner: Iterable[str]) -> str:
    """Write a list, in the form the tools of the standard read."""
    return f'<list key="{quoted(key)}"><values>{"".join(inner)}</values></list>'


def _kind(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "boolean", "true" if value else "false"
    if isinstance(value, int):
        return "int", str(value)
    if isinstance(value, datetime):
        return "date", value.isoformat()
    if isinstance(value, list | tuple):
        return "string", ", ".join(map(str, value))
    return "string", str(value)


def present(value: Any) -> bool:
    """Whether there is something to say."""
    return value is not None and value not in ("", [], ())
