"""Comparisons as JSON and as rows to read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from paidan.engine.messages import say
from paidan.engine.messages.reasons import event_label, moment
from paidan.engine.scoring import consequence_json, consequence_label, item_labels
from paidan.engine.scoring.compared import Beside, Reading, WhatIf
from paidan.engine.scoring.consequence_text import because
from paidan.policies.reader import shown
from paidan.policies.schema import Policy
from paidan.policies.scoring import figures
from paidan.policies.scoring.comparison import Change, Moved
from paidan.policies.scoring.consequences import Consequence
from paidan.policies.scoring.listings import Listed
from paidan.policies.scoring.results import UnitScore
from paidan.workflows.attributes import OUTCOMES, SATISFACTION

_NONE = "–"
_SHOWN = 8
"""How many orders a row names."""
Rows = tuple[list[str], list[list[str]]]


def beside_json(beside: Beside, lang: str = "zh") -> dict[str, Any]:
    """Give a comparison of one period: the units that move, the consequences that come or go."""
    comparison = beside.comparison
    after, before = beside.after.policy, beside.before.policy
    return {
        "period": beside.after.score.period.name,
        "units": [_change_json(change) for change in comparison.changes],
        "raised": [consequence_json(one, after, lang) for one in comparison.raised],
        "withdrawn": [consequence_json(one, before, lang) for one in comparison.withdrawn],
        "orders": {name: list(fields) for name, fields in beside.touched.items()},
    }


def reading_json(reading: Reading, lang: str = "zh") -> dict[str, Any]:
    """Give what one reading of one setting changes; nulls where the period has no month of the log."""
    beside = reading.beside
    changes = beside_json(beside, lang) if beside else dict.fromkeys(_BESIDE)
    return {
        "setting": reading.setting, "chosen": reading.chosen, "reading": reading.reading, "why": reading.why,
        "decides": beside.comparison.decides if beside else None, **changes,
    }  # fmt: skip


_BESIDE = ("period", "units", "raised", "withdrawn", "orders")


def what_if_json(told: WhatIf, lang: str = "zh") -> dict[str, Any]:
    """Give both sides of a `whatif`, by clock, by period."""
    return {
        "before": _side(told.before.document.name, told.before.settings),
        "after": _side(told.after.document.name, told.after.settings),
        "verdicts": {
            rule: {"before": dict(old), "after": dict(new)} for rule, (old, new) in told.verdicts.items()
        },
        "changed": [one._asdict() for one in told.changed],
        "periods": [beside_json(one, lang) for one in told.periods],
        "rejudged": (told.summary or {}).get("rejudged"),
    }  # fmt: skip


def _side(policy: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"policy": policy, "settings": {name: shown(value) for name, value in settings.items()}}


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "unit": change.unit,
        "before": _unit_json(change.before),
        "after": _unit_json(change.after),
        "gained": None if change.gained is None else str(change.gained),
        "items": {
            one.name: {"before": _exact(one.before), "after": _exact(one.after), "orders": list(one.orders)}
            for one in change.items
        },
    }


def _unit_json(unit: UnitScore | None) -> dict[str, Any] | None:
    if unit is None:
        return None
    return {
        "status": unit.status, "total": None if unit.total is None else figures.shown(unit.total),
        "exact": _exact(unit.total), "rank": unit.rank, "grade": unit.grade,
    }  # fmt: skip


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


# ---- rows ----------------------------------------------------------------------------------------


def change_rows(beside: Beside, lang: str = "zh") -> Rows:
    """Give the units that move: total and rank on both sides, and the items that do it."""
    headers = [
        say(f"compared.{name}", lang)
        for name in ("unit", "total_before", "total_after", "gained", "rank_before", "rank_after", "items")
    ]
    labels = {**item_labels(beside.before.policy, lang), **item_labels(beside.after.policy, lang)}
    comma = say("comma", lang)
    rows = [
        [
            change.unit, _total(change.before), _total(change.after), _signed(change.gained),
            _rank(change.before), _rank(change.after),
            comma.join(_moved(one, labels, lang) for one in change.items),
        ]
        for change in sorted(beside.comparison.changes, key=_by_gain)
    ]  # fmt: skip
    return headers, rows


def consequence_rows(beside: Beside, lang: str = "zh") -> Rows:
    """Give the consequences that only one side draws."""
    headers = [say(f"compared.{name}", lang) for name in ("change", "unit", "consequence", "rule", "because")]
    comparison = beside.comparison
    sides = (("raised", comparison.raised, beside.after), ("withdrawn", comparison.withdrawn, beside.before))
    rows = [
        [say(f"compared.{name}", lang), *_consequence(one, scored.policy, lang)]
        for name, found, scored in sides
        for one in found
    ]
    return headers, rows


def reading_rows(reading: Reading, lang: str = "zh") -> Iterator[list[str]]:
    """Give a row for a reading that can be compared: whose rank or consequence it changes."""
    if reading.beside is None:
        return
    comparison = reading.beside.comparison
    comma = say("comma", lang)
    ranks = [
        say("compared.moves", lang, unit=change.unit, before=_rank(change.before), after=_rank(change.after))
        for change in comparison.changes
        if change.rank_moved
    ]
    told = [f"{say(f'compared.{name}', lang)} {one.unit} {one.rule.rule}" for name, found in (
        ("raised", comparison.raised), ("withdrawn", comparison.withdrawn)) for one in found]  # fmt: skip
    yield [
        reading.setting, reading.chosen, reading.reading, str(len(comparison.changes)),
        comma.join(_first(ranks, lang)) or _NONE, comma.join(_first(told, lang)) or _NONE,
    ]  # fmt: skip


def verdict_rows(told: WhatIf, lang: str = "zh") -> Rows:
    """Give the verdicts that differ, by rule: on both sides, and for one document from what to what."""
    headers = [say(f"compared.{name}", lang) for name in ("rule", "before", "after", "moved")]
    moved: Counter[tuple[str, str]] = Counter(
        (one.rule, f"{one.verdict_before or _NONE} → {one.verdict_after or _NONE}")
        for one in told.changed
        if one.verdict_before != one.verdict_after
    )
    rows = []
    for rule, (old, new) in sorted(told.verdicts.items()):
        ways = [f"{way} {count}" for (cited, way), count in sorted(moved.items()) if cited == rule]
        if old != new or ways:
            rows.append([rule, _counts(old), _counts(new), say("comma", lang).join(ways) or _NONE])
    return headers, rows


def caveats(told: WhatIf, lang: str = "zh") -> list[str]:
    """Say what the folder could not give the second run."""
    before = (told.summary or {}).get("rejudged", {})
    found = []
    if refused := before.get("events", {}).get("refused", 0):
        found.append(say("compared.refused_missing", lang, count=refused))
    if before.get("settings_dropped"):
        names = ", ".join(before["settings_dropped"])
        found.append(say("compared.settings_dropped", lang, settings=names))
    if before.get("units_dropped"):
        found.append(say("compared.units_dropped", lang))
    return found


def listed_rows(listed: tuple[Listed, ...], lang: str = "zh") -> Rows:
    """Give orders that somebody should look at."""
    headers = [say(f"compared.{name}", lang) for name in ("unit", "order", "why", "entries")]
    return headers, [[one.unit, one.order_id, why(one, lang), _causes(one, lang)] for one in listed]


def listed_json(one: Listed, lang: str = "zh") -> dict[str, Any]:
    """Give an order that somebody should look at as JSON."""
    return {
        "kind": one.kind,
        "unit": one.unit,
        "order": one.order_id,
        "rule": one.rule or None,
        "why": why(one, lang),
        "entries": [
            {"event": cause.event, "seq": cause.seq, "at": cause.at.isoformat()} for cause in one.causes
        ],
    }  # fmt: skip


def why(one: Listed, lang: str = "zh") -> str:
    """Say why an order is listed."""
    return say(
        f"listed.{one.kind}", lang, **{name: _detail(value, lang) for name, value in one.details.items()}
    )


def _detail(value: Any, lang: str) -> str:
    if isinstance(value, datetime):
        return moment(value)
    return (_ANSWERS.get(value, value) if lang == "zh" else value) or _NONE


_ANSWERS = {**OUTCOMES, **SATISFACTION}


def _causes(one: Listed, lang: str) -> str:
    return say("comma", lang).join(
        say("lineage.cause", lang, seq=cause.seq, event=event_label(cause.event, lang), at=moment(cause.at))
        for cause in one.causes
    )


def _consequence(one: Consequence, policy: Policy, lang: str) -> list[str]:
    return [
        one.unit, consequence_label(policy, one.rule.kind, lang), one.rule.rule, because(one, policy, lang),
    ]  # fmt: skip


def _moved(one: Moved, labels: Mapping[str, str], lang: str) -> str:
    orders = len(one.orders)
    told = say("compared.item", lang, item=labels.get(one.name, one.name), before=_plain(one.before),
               after=_plain(one.after))  # fmt: skip
    return told + (say("compared.orders", lang, count=orders) if orders else "")


def _first(texts: list[str], lang: str) -> list[str]:
    if len(texts) <= _SHOWN:
        return texts
    return [*texts[:_SHOWN], say("compared.more", lang, count=len(texts) - _SHOWN)]


def _by_gain(change: Change) -> tuple[bool, Fraction, str]:
    gained = change.gained
    return gained is None, -(gained or Fraction(0)), change.unit


def _total(unit: UnitScore | None) -> str:
    return _NONE if unit is None or unit.total is None else figures.shown(unit.total)


def _rank(unit: UnitScore | None) -> str:
    return _NONE if unit is None or unit.rank is None else str(unit.rank)


def _plain(value: Fraction | None) -> str:
    return _NONE if value is None else figures.shown(value)


def _signed(value: Fraction | None) -> str:
    if value is None:
        return _NONE
    return f"+{figures.shown(value)}" if value > 0 else figures.shown(value)


def _counts(verdicts: Mapping[str, int]) -> str:
    return " ".join(f"{name} {count}" for name, count in verdicts.items()) or _NONE
