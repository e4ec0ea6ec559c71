"""
Reads a policy folder into values, or says everything that is wrong with it.

A folder holds `document.toml` (title, versions, pools, settings) and the rule files its versions
name. `load` reads the document; `Document.policy` resolves one version with chosen settings.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

from paidan.policies import reader as r
from paidan.policies import schema as s
from paidan.policies.errors import Mistake, PolicyError, SettingError
from paidan.policies.reader import Findings, Reader
from paidan.policies.row_checks import Words
from paidan.policies.rows import read_rules
from paidan.policies.scoring.figures import exact
from paidan.policies.spans import written
from paidan.workflows.attributes import ROLES


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document: its id, the days it speaks of, its rule rows and settings as written."""

    id: str
    effective_on: date | None
    period_from: date | None
    period_to: date | None
    file: str
    rows: Mapping[str, list[dict[str, Any]]]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Document:
    """A rule document: who issued it, its versions in order of date, its pools and settings."""

    name: str
    folder: Traversable
    general: Traversable
    title: str
    issuer: str
    number: str
    pools: Mapping[str, str]
    settings: Mapping[str, s.Setting]
    shared: frozenset[str]
    versions: tuple[Version, ...]
    own_days: s.OwnDays = s.NO_OWN_DAYS
    classes: Mapping[str, str] = field(default_factory=dict)
    """Handling classes beside those every document may use, by label."""
    consequences: Mapping[str, str] = field(default_factory=dict)
    """The kinds of consequence its rules may draw, by label."""
    office: str = ""
    """The role that runs it; empty where it does not say."""

    @cached_property
    def unread(self) -> frozenset[str]:
        """Shared settings that nothing in this document reads: choosing one would change nothing."""
        read = r.settings_read_by([list(version.rows.values()) for version in self.versions])
        return frozenset(self.shared - read - ENGINE_SETTINGS - LIVE_SETTINGS)

    @property
    def choices(self) -> Mapping[str, Mapping[str, str]]:
        """What an attribute may say under this document beside its closed list, by label."""
        return {"handling_class": self.classes} if self.classes else {}

    @property
    def words(self) -> Words:
        """The document's own closed lists, which its rows may name."""
        return Words(tuple(self.pools), tuple(self.classes), tuple(self.consequences))

    @cached_property
    def sources(self) -> Mapping[str, bytes]:
        """The files the document was read from, by their place in a copy: `load` reads one back."""
        files = sorted({"document.toml", *(version.file for version in self.versions)})
        own = {f"{self.name}/{name}": (self.folder / name).read_bytes() for name in files}
        return {"settings.toml": self.general.read_bytes(), **own}

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The default of every setting."""
        return {name: setting.default for name, setting in self.settings.items()}

    def version_on(self, on: date) -> tuple[Version, bool]:
        """
        Say which version governs an order received `on`, and whether that lies outside its period.

        The latest whose period holds the day; outside every period the nearest, so that every day
        has exactly one. A period begins where it says, else with the effective date.
        """
        away = [_days_away(version, on) for version in self.versions]
        least = min(away)
        nearest = max(at for at, days in enumerate(away) if days == least)
        return self.versions[nearest], least > 0

    def choose(self, choices: Mapping[str, Any]) -> Mapping[str, Any]:
        """
        Give the value of every setting, with `choices` (text or values) taken over the defaults.

        Raises `SettingError` for an unknown or planned setting and for a value it cannot take.
        """
        return {**self.defaults, **{name: self._chosen(name, value) for name, value in choices.items()}}

    def _chosen(self, name: str, value: Any) -> Any:
        setting = self.settings.get(name)
        if setting is None:
            raise SettingError(_mistake("setting_unknown", name, name, tuple(self.settings)))
        if setting.planned:
            raise SettingError(_mistake("setting_planned", name, value, ()))
        if name in self.unread and r.shown(value) != r.shown(setting.default):
            raise SettingError(_mistake("setting_unused", name, value, ()))
        chosen = _reading(setting, value) if setting.readings else _free(setting, value)
        if chosen is None:
            raise SettingError(_mistake("setting_value", name, r.shown(value), _allowed(setting)))
        return chosen

    def policy(self, version: Version, choices: Mapping[str, Any] | None = None) -> s.Policy:
        """
        Resolve `version` with the chosen settings.

        Raises `SettingError` for what was chosen, `PolicyError` for the rules as they are.
        """
        chosen = self.choose({**version.settings, **(choices or {})})
        findings = Findings(str(self.folder / version.file))
        rules = read_rules(version.rows, chosen, self.settings, self.words, findings)
        if findings.mistakes and choices:
            raise SettingError(findings.mistakes[0])
        if findings.mistakes:
            raise PolicyError(tuple(findings.mistakes))
        return s.Policy(
            document=self.name,
            version=version.id,
            title=self.title,
            effective_on=version.effective_on,
            period_from=version.period_from,
            pools=self.pools,
            settings=chosen,
            changed={name: value for name, value in chosen.items() if value != self.defaults[name]},
            rules=rules,
            own_days=self.own_days,
            consequences=self.consequences,
            office=self.office,
        )


def load(folder: Traversable, general: Traversable, *, checked: bool = False) -> Document:
    """
    Read the document in `folder`, with the settings every document shares in `general`.

    Raises `PolicyError` with every mistake found, under the defaults and under each reading of
    each setting taken alone; a document that was `checked` before is only read.
    """
    findings = Findings(str(folder / "document.toml"))
    raw = _toml(folder / "document.toml", findings)
    shared = _toml(general, findings)
    if raw is None or shared is None:
        raise PolicyError(tuple(findings.mistakes))
    document = _document(folder, general, raw, shared, findings)
    mistakes = list(findings.mistakes)
    if not mistakes and not checked:
        for version in document.versions:
            mistakes += _check(document, version)
    if mistakes:
        raise PolicyError(tuple(dict.fromkeys(mistakes)))
    return document


def _document(
    folder: Traversable,
    general: Traversable,
    raw: Mapping[str, Any],
    shared: Mapping[str, Any],
    findings: Findings,
) -> Document:
    reader = Reader(raw, "", findings)
    name = folder.name
    title = reader.take("title", r.text, required=True) or ""
    issuer = reader.take("issuer", r.text, required=True) or ""
    number = reader.take("number", r.text) or ""
    reader.take("issued_on", _day)
    office = reader.take("office", r.one_of(ROLES)) or ""
    pools = reader.take("pools", _pools, required=True) or {}
    own_days = reader.take("calendar", _own_days) or s.NO_OWN_DAYS
    classes = reader.take("handling_classes", _pools) or {}
    consequences = reader.take("consequences", _pools) or {}
    own = reader.take("setting", _table) or {}
    defaults = reader.take("defaults", _table) or {}
    settings = {
        key: _setting(key, {**one, **({"default": defaults[key]} if key in defaults else {})}, findings)
        for key, one in {**shared.get("setting", {}), **own}.items()
    }
    for key in defaults:
        if key not in settings:
            reader.note("setting_unknown", f"defaults.{key}", key, settings)
    rows = reader.take("version", r.several(_table), required=True) or ()
    versions = tuple(_version(name, folder, one or {}, findings) for one in rows)
    dates = [version.effective_on for version in versions]
    if not versions:
        findings.add("version_missing", key="version")
    elif len(versions) > 1 and (None in dates or dates != sorted(set(dates))):  # type: ignore[type-var]
        findings.add("version_dates", key="effective_on", value=", ".join(str(one) for one in dates))
    reader.finish()
    shared_names = frozenset(shared.get("setting", {})) - set(own)
    return Document(
        name, folder, general, title, issuer, number, pools, settings, shared_names, versions,
        own_days, classes, consequences, office,
    )  # fmt: skip


def _check(document: Document, version: Version) -> list[Mistake]:
    findings = Findings(str(document.folder / version.file))
    known = document.settings
    read_rules(version.rows, document.defaults, known, document.words, findings)
    for name, setting in known.items():
        for reading in setting.readings:
            if reading != setting.default and not findings.mistakes:
                changed = {**document.defaults, name: reading}
                read_rules(version.rows, changed, known, document.words, findings)
    read = r.settings_read_by(list(version.rows.values())) | ENGINE_SETTINGS
    for name, setting in known.items():
        alone = len(setting.readings) == 1
        if name not in read and name not in document.shared and not setting.planned and not alone:
            findings.add("setting_unread", name)
        if name in read and setting.planned:
            findings.add("setting_not_planned", name)
    return findings.mistakes


def _days_away(version: Version, on: date) -> int:
    begins = version.period_from or version.effective_on or date.min
    ends = version.period_to or date.max
    return max((begins - on).days, (on - ends).days, 0)


ENGINE_SETTINGS = frozenset({
    "cal.unknown_year", "wd.count_receipt_day", "wd.day_end", "wd.nonworking_receipt",
    "wd.after_hours_receipt", "wd.makeup_days", "hours.calendar",
    "hours.after_hours", "office.opens", "office.closes",
    "limit.inclusive", "attr.callback", "attr.late_callback", "warn.before", "escalate.after",
})  # fmt: skip
"""Settings that the arithmetic of time and counting reads itself, not a row of a rule file."""
LIVE_SETTINGS = frozenset({"late.permission", "tell.climb_after", "tell.remind_days"})
"""Settings that say who may do what to a live log, and when who is told; no replay or score asks them."""


def _setting(name: str, raw: Mapping[str, Any], findings: Findings) -> s.Setting:
    reader = Reader(raw, name, findings)
    default = reader.take("default", _anything, required=True)
    readings = reader.take("readings", r.several(_anything)) or ()
    why = reader.take("why", r.text, required=True) or ""
    planned = reader.take("planned", r.flag) or False
    also = reader.take("also", r.one_of(("date", "spans"))) or ""
    parts = reader.take("parts", r.several(r.text)) or ()
    reader.finish()
    if readings and default not in readings:
        reader.note("default_unread", "default", default, tuple(r.shown(one) for one in readings))
    if not readings and not isinstance(default, time | int):
        reader.note("default_kind", "default", default)
    return s.Setting(
        name=name, default=default, readings=readings, why=why, planned=planned, also=also, parts=parts
    )


def _version(document: str, folder: Traversable, raw: Mapping[str, Any], findings: Findings) -> Version:
    reader = Reader(raw, "version", findings)
    effective_on = reader.take("effective_on", _day)
    period_from = reader.take("period_from", _day)
    period_to = reader.take("period_to", _day)
    name = reader.take("rules", r.text, required=True)
    settings = reader.take("settings", _table) or {}
    reader.finish()
    rows = (_toml(folder / name, findings) or {}) if name else {}
    for kind, one in rows.items():
        if not (isinstance(one, list) and all(isinstance(row, dict) for row in one)):
            findings.add("rows_wanted", key=kind)
    version_id = f"{document}@{effective_on}" if effective_on else document
    return Version(version_id, effective_on, period_from, period_to, name or "", rows, settings)


def _toml(path: Traversable, findings: Findings) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        findings.mistakes.append(Mistake("file_unreadable", str(path), value=error.strerror or str(error)))
    except UnicodeDecodeError as error:
        findings.mistakes.append(Mistake("file_encoding", str(path), value=f"byte {error.start}"))
    except tomllib.TOMLDecodeError as error:
        findings.mistakes.append(Mistake("toml_invalid", str(path), value=str(error)))
    return None


def _numbers(setting: s.Setting, value: Any) -> Mapping[str, str] | None:
    """Read a table of exactly the setting's parts, or the same written `a=1,b=1/2`; None where it is none."""
    if isinstance(value, str):
        pairs = [part.strip().split("=", 1) for part in value.split(",") if "=" in part]
        value = dict(pairs) if len({pair[0] for pair in pairs}) == len(pairs) else None
    if not isinstance(value, Mapping) or set(value) != set(setting.parts):
        return None
    try:
        return {name: str(exact(str(value[name]).strip())) for name in setting.parts}
    except (ValueError, ZeroDivisionError):
        return None


def _date(value: Any) -> str | None:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return None


def _spans(value: Any) -> str | None:
    try:
        return written(str(value))
    except ValueError:
        return None


class _Also(NamedTuple):
    """What a setting may be beside its readings: how that is read, and what it looks like."""

    read: Callable[[Any], str | None]
    example: str


_ALSO = {"date": _Also(_date, "2026-03-01"), "spans": _Also(_spans, "30m,2h,1d")}


def _reading(setting: s.Setting, value: Any) -> Any:
    """Give the reading that was chosen, or what the setting may be beside its readings; None for neither."""
    for reading in setting.readings:
        if r.shown(reading) == r.shown(value):
            return reading
    if setting.parts:
        return _numbers(setting, value)
    also = _ALSO.get(setting.also)
    return also.read(value) if also else None


def _free(setting: s.Setting, value: Any) -> Any:
    """Give a time of day or a whole number, as the default is; None where it is none."""
    try:
        if isinstance(setting.default, time):
            return time.fromisoformat(str(value))
        return int(str(value)) if int(str(value)) >= 0 else None
    except ValueError:
        return None


def _allowed(setting: s.Setting) -> tuple[str, ...]:
    if not setting.readings:
        return ("HH:MM:SS" if isinstance(setting.default, time) else "0, 1, 2, …",)
    parts = (",".join(f"{name}=…" for name in setting.parts),) if setting.parts else ()
    also = (_ALSO[setting.also].example,) if setting.also else ()
    return (*(r.shown(reading) for reading in setting.readings), *parts, *also)


def _mistake(code: str, where: str, value: object, allowed: tuple[str, ...]) -> Mistake:
    text = r.shown(value)
    return Mistake(code, where=where, value=text, allowed=allowed, nearest=r.nearest(text, allowed))


def _anything(reader: Reader, key: str, value: Any) -> Any:  # noqa: ARG001 - a Parser
    return value


def _day(reader: Reader, key: str, value: Any) -> date | None:
    if type(value) is date:
        return value
    reader.note("day_wanted", key, value)
    return None


def _own_days(reader: Reader, key: str, value: Any) -> s.OwnDays | None:
    table = _table(reader, key, value)
    if table is None:
        return None
    inner = Reader(table, key, reader.findings)
    off, work = (inner.take(name, r.several(_day)) or () for name in ("off", "work"))
    inner.finish()
    named = Counter(day for day in (*off, *work) if day)
    for day, times in named.items():
        if times > 1:
            inner.note("day_twice", value=day)
    return s.OwnDays(tuple(sorted(filter(None, off))), tuple(sorted(filter(None, work))))


def _table(reader: Reader, key: str, value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    reader.note("table_wanted", key, value)
    return None


def _pools(reader: Reader, key: str, value: Any) -> dict[str, str] | None:
    table = _table(reader, key, value)
    if table is not None and (not table or not all(isinstance(label, str) for label in table.values())):
        reader.note("table_wanted", key, table)
        return None
    return table
