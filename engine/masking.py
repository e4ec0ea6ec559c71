"""
What leads to a person, taken out of free text before anybody decides, keeps, hashes or tells it.

Telephone numbers and identity card numbers are known by their shape, whatever digits, spaces and
hyphens they are written with; what a command says of its caller is known because it says so. Names
of orders and keys of commands are names, no free text: nobody puts a person's number there.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from paidan.workflows.attributes import ATTRIBUTES, ROLES, Holds
from paidan.workflows.records import NOTHING

PHONE, ID_NUMBER = "〔电话〕", "〔身份证号〕"
_MARKS = {"caller": "〔姓名〕", "phone": PHONE, "address": "〔地址〕", "content": "〔诉求内容〕"}
"""What stands in place of what an identity attribute said."""
_SHORTEST = 10
"""Digits of the shortest number looked for: 400 and seven more."""
_NAME, _NUMBER = 2, 5
"""Characters of a word, digits of a number, below which a caller's own is too common to look for."""
_HOTLINE = "12345"
_VALUES = frozenset(one.name for one in ATTRIBUTES if one.holds is not Holds.TEXT)
"""Attributes that say a word of a closed list, a number or a time."""
_NAMES = frozenset(("order", "key"))
"""Details of errors that name something, and are no free text."""

_PLAIN = str.maketrans(
    {
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("－—–‐‑‒−﹣", "-"),
        **dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009\u202f\t", " "),
        "＋": "+", "（": "(", "）": ")", "Ｘ": "X", "ｘ": "x",
    }
)  # fmt: skip
"""One character for one, so that a place in the plain text is the same place in what was written."""


def _grouped(begin: str, *ways: str) -> str:
    """Match a number that begins so, its digits in one of several groupings, `3-4-4`."""
    numbers = (r"[ -]{1,3}".join(rf"\d{{{count}}}" for count in way.split("-")) for way in ways)
    return rf"(?={begin})(?:{'|'.join(numbers)})"


def _either(number: str) -> str:
    return rf"(?:\({number}\)|{number})"


_GAP = "[ -]{0,3}"
_MOBILE = (
    rf"(?:{_either('(?:[+]|00)?86')}{_GAP})?(?:"
    + _grouped(
        "1[3-9]", "11", "3-8", "4-7", "5-6", "6-5", "7-4", "8-3", "3-3-5", "3-4-4", "3-5-3", "4-3-4", "4-4-3",
        "5-3-3", "3-2-2-2-2",
    )
    + r"|1[ -][3-9](?:[ -]\d){9})"
)  # fmt: skip
_AREA = "(?:10|2[0-9])", "(?:[3-9][1-9][0-9]|701)"
_LOCAL = _grouped("[2-9]", "8", "4-4"), _grouped("[1-9]", "8", "7", "4-4", "3-4", "4-3")
_LANDLINE = "|".join(
    rf"(?:{_either('(?:[+]|00)86')}{_GAP}(?:{_either(f'0?{area}')})|{_either(f'0{area}')}){_GAP}(?:{local})"
    for area, local in zip(_AREA, _LOCAL, strict=True)
)
_TOLL_FREE = _grouped(r"4[ -]{0,3}0[ -]{0,3}0", "10", "3-7", "3-3-4", "3-4-3", "4-3-3", "4-6", "6-4", "7-3")
_PROVINCE = "(?:1_[1-5]|2_[1-3]|3_[1-7]|4_[1-6]|5_[0-4]|6_[1-5]|7_1|8_[1-3]|9_1)"
_DAY = r"(?:0_[1-9]|1_[0-2])_(?:0_[1-9]|[12]_\d|3_[01])"
_ID = "|".join(
    (
        rf"{_PROVINCE}(?:_\d){{4}}_(?:1_9_\d|2_0_[0-4])_\d_{_DAY}(?:_\d){{3}}_[\dXx]",
        rf"{_PROVINCE}(?:_\d){{4}}_\d_\d_{_DAY}(?:_\d){{3}}",
    )
).replace("_", "[ -]?")
"""GB 11643: place, day of birth, serial, check; fifteen digits until 1999."""

_MARKED = rf"(?P<mark>{'|'.join((ID_NUMBER, *_MARKS.values()))})"
_NUMBERS = re.compile(rf"(?<!\d)(?=[(+\d])(?:(?P<id>{_ID})|{_MOBILE}|{_TOLL_FREE}|{_LANDLINE})(?!\d)")
_IS_MOBILE = re.compile(_MOBILE)
_BETWEEN = re.escape("".join(chr(one) for one in _PLAIN if not chr(one).isdecimal()) + " -()+")
_DENSE = re.compile(rf"\d(?:[{_BETWEEN}]{{0,4}}\d){{{_SHORTEST - 1}}}")
"""Digits close enough for a number, full-width ones too: most texts have none, and are done with."""
_WORD = re.compile(r"[0-9A-Za-z_-]*")


def masked(text: str, own: Mapping[str, str] = NOTHING) -> str:
    """
    Give a text with a mark in place of every telephone and identity card number in it.

    `own` is what the same command says of its caller, by identity attribute; it is replaced too.
    All else stays, and what is masked already stays as it is.

    >>> masked("请回电 138-1234-5678，身份证 11010519491231002X，拨打12345")
    '请回电 〔电话〕，身份证 〔身份证号〕，拨打12345'
    """
    if own:
        text = _without(own, text)
    if not may_hold_number(text):
        return text
    return _replaced(_NUMBERS, text, lambda found: ID_NUMBER if found["id"] else PHONE)


def mark(name: str) -> str:
    """Give what stands in place of what an identity attribute said; read again, it says nothing."""
    return _MARKS[name]


def may_hold_number(text: str) -> bool:
    """Whether there are digits enough in a text, or in one of several on lines of their own, to be masked."""
    return len(text) >= _SHORTEST and _DENSE.search(text) is not None


def masked_said(name: str, text: str, own: Mapping[str, str] = NOTHING) -> str:
    """
    Mask what an attribute, `actor`, `role` or `unit` says.

    A word of a closed list stays. The name of another order may look like an identity card number,
    since places and dates number orders too: it stays where nothing stands beside it. What the caller
    is called changes no unit, which is whose an order is.
    """
    if name in _VALUES:
        return text
    if name == "repeat_of":
        return masked_name(text)
    if name == "role" and text in ROLES:
        return text
    return masked(text, NOTHING if name == "unit" else own)


def masked_name(text: str) -> str:
    """Mask what should name an order: a single word stays, unless it is a mobile number."""
    return text if _WORD.fullmatch(text) and not _IS_MOBILE.fullmatch(text) else masked(text)


def masked_details(details: Mapping[str, Any], own: Mapping[str, str] = NOTHING) -> dict[str, Any]:
    """Mask the texts among the details of an error, which echo what somebody wrote."""
    return {
        name: (masked_name(one) if name in _NAMES else masked(one, own)) if isinstance(one, str) else one
        for name, one in details.items()
    }


def _replaced(pattern: re.Pattern[str], text: str, mark: Callable[[re.Match[str]], str]) -> str:
    """Replace what is found in the plain text, and is no mark yet, where it stands in the text itself."""
    done, pieces = 0, []
    for found in pattern.finditer(text.translate(_PLAIN)):
        if found.lastgroup != "mark":
            pieces += [text[done : found.start()], mark(found)]
            done = found.end()
    return "".join((*pieces, text[done:]))


def _without(own: Mapping[str, str], text: str) -> str:
    """Replace the caller's own words, the longest first."""
    for name, said in sorted(own.items(), key=lambda one: -len(one[1])):
        word = said.strip().translate(_PLAIN)
        digits = re.sub("[ +()-]", "", word)
        if digits.isdecimal():
            if len(digits) < _NUMBER or digits == _HOTLINE:
                continue
            pattern = rf"(?<!\d){'[ -]{0,3}'.join(digits)}(?!\d)"
        elif len(word) < _NAME or word.lower() not in text.translate(_PLAIN).lower():
            continue
        else:
            pattern = f"{_edge(word[0], '<')}(?i:{re.escape(word)}){_edge(word[-1], '')}"
        text = _replaced(re.compile(f"{_MARKED}|{pattern}"), text, lambda _, mark=_MARKS[name]: mark)  # type: ignore[misc]
    return text


def _edge(character: str, side: str) -> str:
    """Let no word begin or end within another, or within a number; Chinese has no such edges."""
    return f"(?{side}![0-9A-Za-z])" if character.isascii() and character.isalnum() else ""
