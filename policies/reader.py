"""
Strict reading of TOML tables: every key known, every value checked, every mistake collected.

A `Reader` stands for one table; `take` parses one key, `finish` names the keys nobody asked for.
Settings are resolved before: `{ by = "setting", reading = value, ... }` stands for the branch of
the chosen reading, `{ by = "setting" }` for the setting's own value.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import time
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from paidan.policies.citation import When
from paidan.policies.errors import Mistake
from paidan.policies.schema import DueOn, Ending, Limit, Override, Setting, Split
from paidan.policies.scoring.figures import exact
from paidan.workflows.attributes import ATTRIBUTE_OF, Holds
from paidan.workflows.facts import FACT_OF, Kind

Parser = Callable[["Reader", str, Any], Any]

_INSTANT_ATTRIBUTES = frozenset(one.name for one in ATTRIBUTE_OF.values() if one.holds is Holds.INSTANT)


def nearest(name: str, names: Collection[str]) -> str:
    """Give the name that was probably meant, or an empty string."""
    close = get_close_matches(name, sorted(names), n=1, cutoff=0.6)
    return close[0] if close else ""


@dataclass(slots=True)
class Findings:
    """The mistakes of one folder, in the order they were met."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)

    def add(
        self, code: str, where: str = "", key: str = "", value: object = "", allowed: Collection[str] = ()
    ) -> None:
        """Note a mistake; the nearest allowed name is found here."""
        text = "" if value == "" else _shown(value)
        near = nearest(text, allowed) if allowed and text else ""
        self.mistakes.append(Mistake(code, self.file, where, key, text, tuple(sorted(allowed)), near))


class Reader:
    """One TOML table being read; `where` names it for whoever wrote it."""

    def __init__(self, table: Mapping[str, Any], where: str, findings: Findings) -> None:
        self.table = table
        self.where = where
        self.findings = findings
        self._asked: set[str] = set()

    def take(self, key: str, parse: Parser, *, required: bool = False) -> Any:
        """Give the parsed value of `key`, or None when it is absent or wrong (which is noted)."""
        self._asked.add(key)
        if key not in self.table:
            if required:
                self.note("key_missing", key)
            return None
        return parse(self, key, self.table[key])

    def note(self, code: str, key: str = "", value: object = "", allowed: Collection[str] = ()) -> None:
        """Note a mistake in this table."""
        self.findings.add(code, self.where, key, value, allowed)

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self.table:
            if key not in self._asked:
                self.note("key_unknown", key, key, self._asked)


def resolve(value: Any, chosen: Mapping[str, Any], settings: Mapping[str, Setting], reader: Reader) -> Any:
    """Replace every `{ by = ... }` below `value` by what the chosen settings make of it."""
    if isinstance(value, list):
        return [resolve(one, chosen, settings, reader) for one in value]
    if not isinstance(value, dict):
        return value
    if "by" not in value:
        return {key: resolve(one, chosen, settings, reader) for key, one in value.items()}
    name = value["by"]
    if name not in settings:
        reader.note("setting_unknown", "by", name, settings)
        return None
    if isinstance(chosen[name], Mapping):
        return _part(value, chosen[name], reader)
    return chosen[name] if len(value) == 1 else _branch(value, chosen, settings, reader)


def _branch(
    value: Mapping[str, Any], chosen: Mapping[str, Any], settings: Mapping[str, Setting], reader: Reader
) -> Any:
    """Give what a row says for the chosen reading; a reading without a branch is noted."""
    setting = settings[value["by"]]
    if "part" in value and value["part"] not in setting.parts:
        reader.note("name_unknown", "part", value["part"], setting.parts)
    aside = {"by", "part", "table"} if setting.parts else {"by"}
    readings = {_shown(reading) for reading in setting.readings}
    if missing := readings - set(value):
        reader.note("branch_missing", setting.name, ", ".join(sorted(missing)), readings)
    for branch in set(value) - readings - aside:
        reader.note("branch_unknown", setting.name, branch, readings)
    return resolve(value.get(_shown(chosen[setting.name])), chosen, settings, reader)


def _part(value: Mapping[str, Any], chosen: Mapping[str, Any], reader: Reader) -> Any:
    """Give what a setting that is a table of numbers says for the row: its part, or the branch `table`."""
    if "table" in value:
        return value["table"]
    if value.get("part") not in chosen:
        reader.note("branch_missing", str(value["by"]), "part", chosen)
    return chosen.get(str(value.get("part")))


def settings_read_by(value: Any) -> set[str]:
    """Name the settings that `value` depends on, at any depth."""
    if isinstance(value, list):
        return set().union(*(settings_read_by(one) for one in value))
    if isinstance(value, dict):
        inner = set().union(*(settings_read_by(one) for one in value.values()))
        return inner | ({value["by"]} if isinstance(value.get("by"), str) else set())
    return set()


def text(reader: Reader, key: str, value: Any) -> str | None:
    """Read a text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value
    reader.note("text_wanted", key, value)
    return None


def flag(reader: Reader, key: str, value: Any) -> bool | None:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    reader.note("flag_wanted", key, value, ("true", "false"))
    return None


def number(reader: Reader, key: str, value: Any) -> int | None:
    """Read a whole number from 0."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    reader.note("number_wanted", key, value)
    return None


def fraction(reader: Reader, key: str, value: Any) -> Fraction | None:
    """Read an exact number written as text: `"5/2"`, `"0.7"`. TOML floats are refused."""
    if isinstance(value, str):
        try:
            return exact(value)
        except (ValueError, ZeroDivisionError):
            pass
    reader.note("fraction_wanted", key, value)
    return None


def fraction_or_none(reader: Reader, key: str, value: Any) -> Fraction | None:
    """Read an exact number, or `"none"`."""
    return None if value == "none" else fraction(reader, key, value)


def one_of(allowed: Collection[str]) -> Parser:
    """Read one of the allowed names."""

    def parse(reader: Reader, key: str, value: Any) -> str | None:
        if isinstance(value, str) and value in allowed:
            return value
        reader.note("name_unknown", key, value, allowed)
        return None

    return parse


def several(parse_one: Parser) -> Parser:
    """Read a list of what `parse_one` reads."""

    def parse(reader: Reader, key: str, value: Any) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            reader.note("list_wanted", key, value)
            return None
        return tuple(parse_one(reader, key, one) for one in value)

    return parse


def when(reader: Reader, key: str, value: Any) -> When | None:
    """Read a conjunction over facts."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    kinds = {Kind.FLAG: bool, Kind.COUNT: int, Kind.CHOICE: str}
    for name, wanted in value.items():
        fact = FACT_OF.get(name)
        if fact is None or fact.kind is Kind.INSTANT:
            reader.note("fact_unknown", key, name, _facts(Kind.FLAG, Kind.CHOICE, Kind.COUNT))
        elif any(
            type(one) is not kinds[fact.kind] for one in (wanted if isinstance(wanted, list) else [wanted])
        ):
            reader.note("fact_value", f"{key}.{name}", wanted)
    return dict(value)


def instant_fact(reader: Reader, key: str, value: Any) -> str | None:
    """Read the name of a fact that is a time."""
    if value in _facts(Kind.INSTANT):
        return str(value)
    reader.note("fact_unknown", key, value, _facts(Kind.INSTANT))
    return None


def count_limit(reader: Reader, key: str, value: Any) -> tuple[str, int] | None:
    """Read `{ count_fact = number }`."""
    if isinstance(value, dict) and len(value) == 1:
        name, most = next(iter(value.items()))
        if name not in _facts(Kind.COUNT):
            reader.note("fact_unknown", key, name, _facts(Kind.COUNT))
        elif number(reader, key, most) is not None:
            return name, most
        return None
    reader.note("table_wanted", key, value)
    return None


def instant_facts(reader: Reader, key: str, value: Any) -> tuple[str, ...] | None:
    """Read the name of a fact that is a time, or a list of them, of which the first known counts."""
    names = value if isinstance(value, list) else [value]
    parsed = tuple(instant_fact(reader, key, name) for name in names)
    return tuple(name for name in parsed if name) if parsed and all(parsed) else None


def time_of_day(reader: Reader, key: str, value: Any) -> time | None:
    """Read a time of day, written as TOML writes it: 14:00:00."""
    if isinstance(value, time):
        return value
    reader.note("time_wanted", key, value)
    return None


def end_time(reader: Reader, key: str, value: Any) -> time | str | None:
    """Read a time of day, or `"start"`: that of the start."""
    return "start" if value == "start" else time_of_day(reader, key, value)


def limit(reader: Reader, key: str, value: Any) -> Limit | None:
    """Read a limit, exactly one kind of it."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    kinds: dict[str, Parser] = {
        "minutes": number,
        "hours": number,
        "days": number,
        "working_days": number,
        "at": instant_facts,
        "smallest_of": several(limit),
        "split": split,
    }
    taken = {name: inner.take(name, parse) for name, parse in kinds.items() if name in value}
    if len(taken) != 1:
        inner.note("limit_kind", key, ", ".join(sorted(value)), kinds)
    since = inner.take("since", instant_fact)
    counted_from = inner.take("counted_from", instant_fact)
    ends_at = inner.take("time", end_time)
    first_day = inner.take("first_day", flag)
    inner.finish()
    if any(one is None for one in taken.values()):
        return None
    return Limit(
        **taken, since=since or "", counted_from=counted_from or "", time=ends_at, first_day=first_day
    )


def limit_or_none(reader: Reader, key: str, value: Any) -> Limit | None:
    """Read a limit, or `"none"`."""
    return None if value == "none" else limit(reader, key, value)


def due_on(reader: Reader, key: str, value: Any) -> DueOn | None:
    """Read the day on which a reminder is due."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    kinds: dict[str, Parser] = {
        "day": number,
        "following": flag,
        "month": number,
        "inclusive": flag,
        "shift": one_of(("none", "next_working_day")),
    }
    taken = {name: inner.take(name, parse) for name, parse in kinds.items() if name in value}
    inner.finish()
    for name, most in (("day", 31), ("month", 12)):
        if taken.get(name) is not None and not 1 <= taken[name] <= most:
            inner.note(f"{name}_number", name, taken[name])
    return None if any(one is None for one in taken.values()) else DueOn(**taken)


def split(reader: Reader, key: str, value: Any) -> Split | None:
    """Read a limit that depends on the time of day of the start."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    inner = Reader(value, f"{reader.where} {key}", reader.findings)
    at = inner.take("at", time_of_day, required=True)
    inclusive = inner.take("inclusive", flag) or False
    before = inner.take("before", limit_or_none, required=True)
    after = inner.take("after", limit_or_none, required=True)
    inner.finish()
    return Split(at=at, inclusive=inclusive, before=before, after=after) if at else None


def said(reader: Reader, key: str, value: Any) -> dict[str, Any] | None:
    """Read a conjunction over attributes of the command."""
    if not isinstance(value, dict):
        reader.note("table_wanted", key, value)
        return None
    for name, wanted in value.items():
        known = ATTRIBUTE_OF.get(name)
        if known is None:
            reader.note("name_unknown", key, name, ATTRIBUTE_OF)
        elif known.choices and wanted not in known.choices:
            reader.note("name_unknown", f"{key}.{name}", wanted, known.choices)
    return dict(value)


def ending(events: Collection[str], roles: Collection[str]) -> Parser:
    """Read an event that ends a clock: its name, or a table with `event`, `when`, `role`."""

    def parse(reader: Reader, key: str, value: Any) -> Ending | None:
        if isinstance(value, str):
            event = one_of(events)(reader, key, value)
            return Ending(event=event) if event else None
        if not isinstance(value, dict):
            reader.note("table_wanted", key, value)
            return None
        inner = Reader(value, f"{reader.where} {key}", reader.findings)
        event = inner.take("event", one_of(events), required=True)
        held = inner.take("when", when) or {}
        role = inner.take("role", one_of({"", *roles})) or ""
        not_before = inner.take("not_before", one_of({"", *_INSTANT_ATTRIBUTES})) or ""
        inner.finish()
        return Ending(event=event, when=held, role=role, not_before=not_before) if event else None

    return parse


def override(roles: Collection[str], attributes: Collection[str]) -> Parser:
    """Read who may pass a guard and what they must say; no roles means nobody may."""

    def parse(reader: Reader, key: str, value: Any) -> Override | None:
        if not isinstance(value, dict):
            reader.note("table_wanted", key, value)
            return None
        inner = Reader(value, f"{reader.where} {key}", reader.findings)
        who = inner.take("roles", several(one_of(roles)), required=True)
        needs = inner.take("needs", several(one_of(attributes)), required=True)
        inner.finish()
        return Override(roles=who, needs=needs) if who else None

    return parse


def alternatives(names: Collection[str]) -> Parser:
    """Read names joined by `|`, one of which will do."""

    def parse(reader: Reader, key: str, value: Any) -> str | None:
        if not isinstance(value, str):
            reader.note("text_wanted", key, value)
            return None
        for name in value.split("|"):
            one_of(names)(reader, key, name)
        return value

    return parse


def _facts(*kinds: Kind) -> set[str]:
    return {fact.name for fact in FACT_OF.values() if fact.kind in kinds}


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{name}={one}" for name, one in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


shown = _shown
"""How a reading is written as the key of a branch: `true`, `false`, or the text itself."""
