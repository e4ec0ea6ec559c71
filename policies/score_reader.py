"""Reading what only rows of scores say: weights, bands, places, streaks, months."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction
from typing import Any

from paidan.policies.reader import Parser, Reader, flag, fraction, number, one_of, text
from paidan.policies.score_schema import Band, Repeats, Streak


def weights(names: Collection[str]) -> Parser:
    """Read `{ name = "fraction" }`."""

    def parse(reader: Reader, key: str, value: Any) -> dict[str, Fraction] | None:
        if not isinstance(value, dict):
            reader.note("table_wanted", key, value)
            return None
        for name in value:
            one_of(names)(reader, key, name)
        parsed = {name: fraction(reader, f"{key}.{name}", one) for name, one in value.items()}
        return {name: one for name, one in parsed.items() if one is not None}

    return parse


def band(reader: Reader, key: str, value: Any) -> Band | None:
    """Read `{ to = rank, points = "fraction" }`."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    to = inner.take("to", number, required=True)
    points = inner.take("points", fraction, required=True)
    inner.finish()
    return Band(to=to, points=points) if to is not None and points is not None else None


def any_text(reader: Reader, key: str, value: Any) -> str | None:
    """Read a text that may be empty."""
    return "" if value == "" else text(reader, key, value)


def month_or_none(reader: Reader, key: str, value: Any) -> str | None:
    """Read a month, `"2026-03"`, or a date in it; whatever is none of them says that it is not known."""
    if isinstance(value, date):
        return value.isoformat()[:7]
    try:
        return date.fromisoformat(f"{str(value)[:7]}-01").isoformat()[:7]
    except ValueError:
        if value in ("required_field", "none"):
            return None
    reader.note("month_wanted", key, value)
    return None


def counts(names: Collection[str] | None) -> Parser:
    """Read `{ name = whole number }`; None allows any name."""

    def parse(reader: Reader, key: str, value: Any) -> dict[str, int] | None:
        if not isinstance(value, dict):
            reader.note("table_wanted", key, value)
            return None
        for name in value:
            if names is not None:
                one_of(names)(reader, key, name)
        parsed = {name: number(reader, f"{key}.{name}", one) for name, one in value.items()}
        return {name: one for name, one in parsed.items() if one is not None}

    return parse


def places(reader: Reader, key: str, value: Any) -> Any:
    """Read how many places from the end, or a share of them: `3`, `"10%"`, or a table of these by pool."""
    if isinstance(value, dict):
        return {name: places(reader, f"{key}.{name}", one) for name, one in value.items()}
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        return value
    return number(reader, key, value)


def streak(reader: Reader, key: str, value: Any) -> Streak | None:
    """Read `{ least = 2, most = 4, gap = "skip", recovery = true }`."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    least = inner.take("least", number, required=True)
    most = inner.take("most", number)
    gap = inner.take("gap", one_of(("skip", "break"))) or "break"
    recovery = inner.take("recovery", flag)
    inner.finish()
    if least is None:
        return None
    return Streak(least=least, most=most, gap=gap, recovery=recovery is not False)


def repeats(reader: Reader, key: str, value: Any) -> Repeats | None:
    """Read `{ of = "verified_repeats", least = 5, window = "quarter" }`."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    of = inner.take("of", one_of(("verified_repeats", "dissatisfied")), required=True)
    least = inner.take("least", number, required=True)
    window = inner.take("window", one_of(("quarter", "year")), required=True)
    per_order = inner.take("per_order", flag) or False
    inner.finish()
    if of is None or not least or window is None:
        return None
    return Repeats(of=of, least=least, window=window, per_order=per_order)
