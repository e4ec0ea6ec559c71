"""
Reads a policy folder into values, or says everything that is wrong with it.

A folder holds `document.toml` (title, versions, pools, settings) and the rule files its versions
name. `load` reads the document; `Document.policy` resolves one version with chosen settings.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from pathlib import Path
from typing import Any

from paidan.policies import reader as r
from paidan.policies import schema as s
from paidan.policies.errors import Mistake, PolicyError, SettingError
from paidan.policies.reader import Findings, Reader
from paidan.workflows.attributes import ATTRIBUTE_OF, CALLBACK_SOURCES, CATEGORIES, ROLES
from paidan.workflows.work_order import EVENTS

_ASKED = tuple(event.name for event in EVENTS if not event.by_engine)
_EVENT = r.one_of(_ASKED)
_ROLES = r.several(r.one_of(ROLES))
_MEASURE = r.one_of(s.MEASURES)
_SIDE = r.one_of(("bonus", "deduction"))

_CITED: dict[str, r.Parser] = {"rule": r.text, "clause": r.text, "zh": r.text, "en": r.text}

_KINDS: dict[str, tuple[type[Any], dict[str, r.Parser], frozenset[str]]] = {
    "clock": (
        s.ClockRule,
        {
            "kind": r.one_of(("duty", "window")), "starts": _EVENT,
            "ends": r.several(r.ending(_ASKED, ROLES)), "limit": r.limit, "when": r.when,
            "void_when": r.when, "replaces": r.text, "anew": r.flag,
        },
        frozenset({"kind", "starts", "ends", "limit"}),
    ),
    "guard": (
        s.GuardRule,
        {
            "on": _EVENT, "when": r.when, "unless": r.several(r.when),
            "effect": r.one_of(("refuse", "note")), "needs": r.several(r.alternatives(ATTRIBUTE_OF)),
            "at_most": r.count_limit, "not_after": r.instant_fact, "within": r.several(r.text),
            "refused": r.flag, "override": r.override(ROLES, ATTRIBUTE_OF),
        },
        frozenset({"on"}),
    ),
    "role": (s.RoleRule, {"on": _EVENT, "roles": _ROLES, "when": r.when}, frozenset({"on", "roles"})),
    "item": (
        s.Item,
        {
            "name": r.text, "kind": r.one_of(("ratio", "per_case", "rank_bands")), "points": r.fraction,
            "pools": r.several(r.text), "counts": _MEASURE, "of": _MEASURE,
            "weights": r.weights(s.MEASURES), "off": r.fraction, "floor": r.fraction_or_none,
            "full_share": r.fraction, "full_points": r.fraction,
            "ranked": r.one_of(("all", "below_share")), "bands": r.several(r.band),
            "rest": r.fraction, "without": r.fraction,
        },
        frozenset({"name", "kind", "points"}),
    ),
    "measure": (
        s.MeasureRule,
        {"name": _MEASURE, "needs": r.several(r.one_of(ATTRIBUTE_OF))},
        frozenset({"name", "needs"}),
    ),
    "evaluation": (
        s.EvaluationRule,
        {"items": r.several(r.text), "sources": r.several(r.one_of(CALLBACK_SOURCES))},
        frozenset({"items", "sources"}),
    ),
    "status": (
        s.StatusRule,
        {
            "status": r.one_of(("no_orders", "not_assessed")), "some": r.several(_MEASURE),
            "none": r.several(_MEASURE), "performance": r.one_of(("full", "none")), "ranked": r.flag,
        },
        frozenset({"status"}),
    ),
    "total": (
        s.TotalRule,
        {
            "items": r.several(r.text), "floor": r.fraction_or_none,
            "unassessed": r.one_of(("lapse", "carry_forward")),
        },
        frozenset({"items"}),
    ),
    "ranking": (
        s.RankingRule,
        {"on": r.one_of(("exact", "displayed")), "tie": r.one_of(("competition", "satisfaction_first"))},
        frozenset({"on", "tie"}),
    ),
    "adjustment": (
        s.AdjustmentRule,
        {
            "code": r.text, "side": _SIDE, "least": r.fraction, "most": r.fraction,
            "more_when_good": r.fraction, "except_category": r.one_of({"", *CATEGORIES}),
        },
        frozenset({"code", "side", "least", "most"}),
    ),
    "confirmation": (s.ConfirmationRule, {"codes": r.several(r.text)}, frozenset({"codes"})),
    "cap": (s.CapRule, {"side": _SIDE, "points": r.fraction}, frozenset({"side", "points"})),
    "planned": (
        s.PlannedRule,
        {"carrier": r.one_of((
            "clock", "guard", "role", "workflow", "item", "adjustment", "exclusion", "consequence",
            "reminder", "finding", "target", "data",
        ))},
        frozenset({"carrier"}),
    ),
    "uncarried": (s.UncarriedRule, {"reason": r.text}, frozenset({"reason"})),
}  # fmt: skip

KINDS: Mapping[str, type[Any]] = {name: cls for name, (cls, _, _) in _KINDS.items()}
"""Every kind of row a rule file may hold, by the name of its table."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document: its id, the days it speaks of, its rule rows as written."""

    id: str
    effective_on: date | None
    period_from: date | None
    period_to: date | None
    file: str
    rows: Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Document:
    """A rule document: who issued it, its versions in order of date, its pools and settings."""

    name: str
    folder: Path
    title: str
    issuer: str
    number: str
    pools: Mapping[str, str]
    settings: Mapping[str, s.Setting]
    versions: tuple[Version, ...]

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The default of every setting."""
        return {name: setting.default for name, setting in self.settings.items()}

    def version_on(self, on: date) -> tuple[Version, bool]:
        """
        Say which version governs an order received `on`, and whether that lies outside its period.

        Before the first version the first governs, so that every day has exactly one.
        """
        governing = self.versions[0]
        for version in self.versions:
            if version.effective_on is None or version.effective_on <= on:
                governing = version
        begins = governing.period_from or governing.effective_on
        outside = (begins is not None and on < begins) or (
            governing.period_to is not None and on > governing.period_to
        )
        return governing, outside

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
        if setting.readings:
            for reading in setting.readings:
                if r.shown(reading) == r.shown(value):
                    return reading
            allowed = tuple(r.shown(reading) for reading in setting.readings)
            raise SettingError(_mistake("setting_value", name, r.shown(value), allowed))
        try:
            return type(setting.default).fromisoformat(str(value))
        except ValueError:
            raise SettingError(_mistake("setting_value", name, str(value), ("HH:MM:SS",))) from None

    def policy(self, version: Version, choices: Mapping[str, Any] | None = None) -> s.Policy:
        """Resolve `version` with the chosen settings; raises `SettingError` or `PolicyError`."""
        chosen = self.choose(choices or {})
        findings = Findings(version.file)
        rules = _rules(version, chosen, self.settings, self.pools, findings)
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
        )


def load(folder: Path, general: Path) -> Document:
    """
    Read the document in `folder`, with the settings every document shares in `general`.

    Raises `PolicyError` with every mistake found, under the defaults and under each reading of
    each setting taken alone.
    """
    findings = Findings(str(folder / "document.toml"))
    raw = _toml(folder / "document.toml", findings)
    shared = _toml(general, findings)
    if raw is None or shared is None:
        raise PolicyError(tuple(findings.mistakes))
    document = _document(folder, raw, shared, findings)
    mistakes = list(findings.mistakes)
    if not mistakes:
        for version in document.versions:
            mistakes += _check(document, version)
    if mistakes:
        raise PolicyError(tuple(dict.fromkeys(mistakes)))
    return document


def _document(folder: Path, raw: Mapping[str, Any], shared: Mapping[str, Any], findings: Findings) -> Document:
    reader = Reader(raw, "", findings)
    name = folder.resolve().name
    title = reader.take("title", r.text, required=True) or ""
    issuer = reader.take("issuer", r.text, required=True) or ""
    number = reader.take("number", r.text) or ""
    reader.take("issued_on", _day)
    pools = reader.take("pools", _pools, required=True) or {}
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
    return Document(name, folder, title, issuer, number, pools, settings, versions)


def _check(document: Document, version: Version) -> list[Mistake]:
    findings = Findings(version.file)
    known = document.settings
    _rules(version, document.defaults, known, document.pools, findings)
    for name, setting in known.items():
        for reading in setting.readings:
            if reading != setting.default and not findings.mistakes:
                _rules(version, {**document.defaults, name: reading}, known, document.pools, findings)
    read = r.settings_read_by(list(version.rows.values())) | ENGINE_SETTINGS
    for name, setting in known.items():
        alone = len(setting.readings) == 1
        if name not in read and not setting.planned and not alone:
            findings.add("setting_unread", name)
        if name in read and setting.planned:
            findings.add("setting_not_planned", name)
    return findings.mistakes


ENGINE_SETTINGS = frozenset({
    "cal.unknown_year", "wd.count_receipt_day", "wd.day_end", "wd.nonworking_receipt",
    "wd.after_hours_receipt", "wd.makeup_days", "hours.calendar", "office.opens", "office.closes",
    "limit.inclusive", "attr.callback",
})  # fmt: skip
"""Settings that the arithmetic of time and counting reads itself, not a row of a rule file."""


def _rules(
    version: Version, chosen: Mapping[str, Any], settings: Mapping[str, s.Setting], pools: Mapping[str, str],
    findings: Findings,
) -> tuple[s.AnyRule, ...]:
    rules: list[s.AnyRule] = []
    for kind, rows in version.rows.items():
        if kind not in _KINDS:
            findings.add("kind_unknown", key=kind, value=kind, allowed=_KINDS)
            continue
        cls, parsers, required = _KINDS[kind]
        for position, row in enumerate(rows, start=1):
            where = str(row.get("rule") or f"[[{kind}]] {position}")
            outer = Reader(row, where, findings)
            reader = Reader(r.resolve(row, chosen, settings, outer), where, findings)
            before = len(findings.mistakes)
            values = {key: reader.take(key, parse, required=True) for key, parse in _CITED.items()}
            for key, parse in parsers.items():
                if key in row:
                    values[key] = reader.take(key, parse)
                elif key in required:
                    reader.note("key_missing", key)
            reader.finish()
            if len(findings.mistakes) == before:
                rules.append(cls(**values))
    if not findings.mistakes:
        _cross_check(rules, pools, findings)
    return tuple(rules)


def _cross_check(rules: list[s.AnyRule], pools: Mapping[str, str], findings: Findings) -> None:
    clocks = {rule.rule: rule for rule in rules if isinstance(rule, s.ClockRule)}
    windows = {name for name, rule in clocks.items() if rule.kind == "window"}
    items = {rule.name for rule in rules if isinstance(rule, s.Item)}
    codes = {rule.code for rule in rules if isinstance(rule, s.AdjustmentRule)}
    for (_, cited), times in Counter((type(rule), rule.rule) for rule in rules).items():
        if times > 1:
            findings.add("rule_twice", cited)
    for rule in rules:
        named: list[tuple[str, tuple[str, ...], set[str]]] = []
        if isinstance(rule, s.ClockRule):
            named.append(("replaces", (rule.replaces,) if rule.replaces else (), set(clocks)))
            if not rule.ends:
                findings.add("clock_endless", rule.rule, "ends")
        elif isinstance(rule, s.GuardRule):
            named.append(("within", rule.within, windows))
            forms = [
                form for form in ("at_most", "not_after", "within", "refused") if getattr(rule, form)
            ]
            if not forms and rule.needs == () and rule.effect == "refuse":
                findings.add("guard_formless", rule.rule)
        elif isinstance(rule, s.Item):
            named.append(("pools", rule.pools, set(pools)))
            if rule.kind == "ratio" and not (rule.of and rule.weights):
                findings.add("item_incomplete", rule.rule, "of, weights")
            if rule.kind != "ratio" and not rule.counts:
                findings.add("item_incomplete", rule.rule, "counts")
        elif isinstance(rule, s.EvaluationRule | s.TotalRule):
            named.append(("items", rule.items, items))
        elif isinstance(rule, s.ConfirmationRule):
            named.append(("codes", rule.codes, codes))
        for key, names, allowed in named:
            for name in names:
                if name not in allowed:
                    findings.add("name_unknown", rule.rule, key, name, allowed)


def _setting(name: str, raw: Mapping[str, Any], findings: Findings) -> s.Setting:
    reader = Reader(raw, name, findings)
    default = reader.take("default", _anything, required=True)
    readings = reader.take("readings", r.several(_anything)) or ()
    why = reader.take("why", r.text, required=True) or ""
    planned = reader.take("planned", r.flag) or False
    reader.finish()
    if readings and default not in readings:
        reader.note("default_unread", "default", default, tuple(r.shown(one) for one in readings))
    if not readings and not isinstance(default, time):
        reader.note("key_missing", "readings")
    return s.Setting(name=name, default=default, readings=readings, why=why, planned=planned)


def _version(document: str, folder: Path, raw: Mapping[str, Any], findings: Findings) -> Version:
    reader = Reader(raw, "version", findings)
    effective_on = reader.take("effective_on", _day)
    period_from = reader.take("period_from", _day)
    period_to = reader.take("period_to", _day)
    name = reader.take("rules", r.text, required=True)
    reader.finish()
    rows = (_toml(folder / name, findings) or {}) if name else {}
    for kind, one in rows.items():
        if not (isinstance(one, list) and all(isinstance(row, dict) for row in one)):
            findings.add("rows_wanted", key=kind)
    version_id = f"{document}@{effective_on}" if effective_on else document
    return Version(version_id, effective_on, period_from, period_to, str(folder / (name or "")), rows)


def _toml(path: Path, findings: Findings) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        findings.mistakes.append(Mistake("file_unreadable", str(path), value=error.strerror or str(error)))
    except UnicodeDecodeError as error:
        findings.mistakes.append(Mistake("file_encoding", str(path), value=f"byte {error.start}"))
    except tomllib.TOMLDecodeError as error:
        findings.mistakes.append(Mistake("toml_invalid", str(path), value=str(error)))
    return None


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
