"""Exact numbers as text. Rounding is for display, half up; nothing is ever computed from it."""

import re
from fractions import Fraction

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?")


def exact(text: str) -> Fraction:
    """
    Read an exact number as people write it: `5/2`, `0.7`, `3`; ValueError for anything else.

    >>> exact("0.7")
    Fraction(7, 10)
    """
    if not _NUMBER.fullmatch(text) or text.endswith("/0"):
        raise ValueError(text)
    return Fraction(text)


def half_up(value: Fraction, places: int = 2) -> Fraction:
    """
    Round to so many decimal places, a half away from zero.

    >>> half_up(Fraction(585, 8)), half_up(Fraction(-1, 8))
    (Fraction(7313, 100), Fraction(-13, 100))
    """
    scale = 10**places
    rounded = (abs(value) * scale * 2 + 1) // 2
    return Fraction(rounded if value >= 0 else -rounded, scale)


def shown(value: Fraction, places: int = 2) -> str:
    """
    Write a number with exactly so many decimal places, rounded half up.

    >>> shown(Fraction(585, 8)), shown(Fraction(4)), shown(Fraction(-1, 8))
    ('73.13', '4.00', '-0.13')
    """
    whole, part = divmod(abs(int(half_up(value, places) * 10**places)), 10**places)
    sign = "-" if value < 0 and (whole or part) else ""
    return f"{sign}{whole}.{part:0{places}d}" if places else f"{sign}{whole}"


def plain(value: Fraction) -> str:
    """
    Write a number as the decimal it is, or as a fraction where it is none.

    >>> plain(Fraction(3, 2)), plain(Fraction(10)), plain(Fraction(1, 3))
    ('1.5', '10', '1/3')
    """
    places = 0
    rest = value.denominator
    for prime in (2, 5):
        times = 0
        while rest % prime == 0:
            rest //= prime
            times += 1
        places = max(places, times)
    return shown(value, places) if rest == 1 else str(value)
