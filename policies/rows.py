"""
The rows of a rule file: which kinds there are, what each may say, and whether they fit together.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from paidan.policies import reader as r
from paidan.policies import schema as s
from paidan.policies import score_schema as score
from paidan.policies.citation import When
from paidan.policies.reader import Findings, Reader
from paidan.workflows.attributes import (
    ATTRIBUTE_OF,
    CALLBACK_SOURCES,
    CASE_TYPES,
    CATEGORIES,
    EXCLUSIONS,
    FINDINGS,
    HANDLING_CLASSES,
    RETURN_KINDS,
    ROLES,
    SATISFACTION,
)
from paidan.workflows.facts import FACT_OF
from paidan.workflows.work_order import EVENTS

CHOICES: Mapping[str, Collection[str]] = {
    "category": CATEGORIES,
    "case_type": CASE_TYPES,
    "return_kind": RETURN_KINDS,
    "last_satisfaction": SATISFACTION,
    "pending": ("return", "extension"),
}
"""What the facts that choose may be; pools and handling classes are the document's."""
_ASKED = tuple(event.name for event in EVENTS if not event.by_engine)
_EVENT = r.one_of(_ASKED)
_ROLES = r.several(r.one_of(ROLES))
_MEASURE = r.one_of(score.MEASURES)
_EVIDENCE = tuple(name for names in score.EVIDENCED.values() for name in names)
_SIDE = r.one_of(("bonus", "deduction"))

_CITED: dict[str, r.Parser] = {"rule": r.text, "clause": r.text, "zh": r.text, "en": r.text}

_KINDS: dict[str, tuple[type[Any], dict[str, r.Parser], frozenset[str]]] = {
    "clock": (
        s.ClockRule,
        {
            "kind": r.one_of(("duty", "window")), "starts": _EVENT,
            "ends": r.several(r.ending(_ASKED, ROLES)), "limit": r.limit, "when": r.when,
            "unless": r.several(r.when), "void_when": r.when, "replaces": r.text, "anew": r.flag,
            "on_request": r.flag,
        },
        frozenset({"kind", "starts", "ends", "limit"}),
    ),
    "extension": (s.ExtensionRule, {"clock": r.text, "limit": r.limit}, frozenset({"clock", "limit"})),
    "guard": (
        s.GuardRule,
        {
            "on": _EVENT, "when": r.when, "said": r.said, "unless": r.several(r.when),
            "effect": r.one_of(("refuse", "note", "tell")),
            "needs": r.several(r.alternatives({*ATTRIBUTE_OF, *FACT_OF})), "requires": r.when,
            "at_most": r.count_limit, "at_least": r.count_limit, "not_after": r.instant_fact,
            "within": r.several(r.text), "only_roles": _ROLES, "never": r.flag,
            "override": r.override(ROLES, ATTRIBUTE_OF),
        },
        frozenset({"on"}),
    ),
    "escalation": (
        s.EscalationRule, {"on": _EVENT, "beyond": r.count_limit}, frozenset({"on", "beyond"}),
    ),
    "exclusion": (
        s.ExclusionRule,
        {"situation": r.one_of(EXCLUSIONS), "items": r.several(r.text)},
        frozenset({"situation", "items"}),
    ),
    "finding": (
        s.FindingRule,
        {
            "finding": r.one_of(FINDINGS), "case_types": r.several(r.one_of(CASE_TYPES)),
            "evaluated": r.flag,
        },
        frozenset({"finding", "case_types", "evaluated"}),
    ),
    "role": (s.RoleRule, {"on": _EVENT, "roles": _ROLES, "when": r.when}, frozenset({"on", "roles"})),
    "item": (
        score.Item,
        {
            "name": r.text, "kind": r.one_of(("ratio", "per_case", "rank_bands")), "points": r.fraction,
            "pools": r.several(r.text), "counts": _MEASURE, "of": r.one_of(score.POPULATIONS),
            "weights": r.weights(score.MEASURES), "off": r.fraction, "floor": r.fraction_or_none,
            "full_share": r.fraction, "full_points": r.fraction,
            "ranked": r.one_of(("all", "below_share")), "bands": r.several(r.band),
            "rest": r.fraction, "without": r.fraction,
        },
        frozenset({"name", "kind", "points"}),
    ),
    "measure": (
        score.MeasureRule,
        {"name": r.one_of(score.EVIDENCED), "needs": r.several(r.one_of(_EVIDENCE))},
        frozenset({"name", "needs"}),
    ),
    "evaluation": (
        score.EvaluationRule,
        {"items": r.several(r.text), "sources": r.several(r.one_of(CALLBACK_SOURCES))},
        frozenset({"items", "sources"}),
    ),
    "status": (
        score.StatusRule,
        {
            "status": r.one_of(("no_orders", "not_assessed")), "some": r.several(_MEASURE),
            "none": r.several(_MEASURE), "performance": r.one_of(("full", "none")), "ranked": r.flag,
        },
        frozenset({"status"}),
    ),
    "total": (
        score.TotalRule,
        {
            "items": r.several(r.text), "floor": r.fraction_or_none,
            "unassessed": r.one_of(("lapse", "carry_forward")),
        },
        frozenset({"items"}),
    ),
    "ranking": (
        score.RankingRule,
        {"on": r.one_of(("exact", "displayed")), "tie": r.one_of(("competition", "satisfaction_first"))},
        frozenset({"on", "tie"}),
    ),
    "adjustment": (
        score.AdjustmentRule,
        {
            "code": r.text, "side": _SIDE, "least": r.fraction, "most": r.fraction,
            "more_when_good": r.fraction, "except_category": r.one_of({"", *CATEGORIES}),
        },
        frozenset({"code", "side", "least", "most"}),
    ),
    "confirmation": (score.ConfirmationRule, {"codes": r.several(r.text)}, frozenset({"codes"})),
    "cap": (score.CapRule, {"side": _SIDE, "points": r.fraction}, frozenset({"side", "points"})),
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


def read_rules(
    rows_of: Mapping[str, list[dict[str, Any]]],
    chosen: Mapping[str, Any],
    settings: Mapping[str, s.Setting],
    pools: Collection[str],
    findings: Findings,
    *,
    classes: Collection[str] = (),
) -> tuple[s.AnyRule, ...]:
    """Read the rows of a rule file under the chosen settings; mistakes are noted in `findings`."""
    rules: list[s.AnyRule] = []
    for kind, rows in rows_of.items():
        if kind not in _KINDS:
            findings.add("kind_unknown", key=kind, value=kind, allowed=_KINDS)
            continue
        for position, row in enumerate(rows, start=1):
            where = str(row.get("rule") or f"[[{kind}]] {position}")
            resolved = r.resolve(row, chosen, settings, Reader(row, where, findings))
            rule = _read_row(kind, Reader(resolved, where, findings))
            if rule is not None:
                rules.append(rule)
    if not findings.mistakes:
        _check_together(rules, pools, findings)
        own = {"pool": pools, "handling_class": (*HANDLING_CLASSES, *classes)}
        _check_choices(rules, {**CHOICES, **own}, findings)
    return tuple(rules)


def _read_row(kind: str, reader: Reader) -> s.AnyRule | None:
    cls, parsers, required = _KINDS[kind]
    before = len(reader.findings.mistakes)
    values = {key: reader.take(key, parse, required=True) for key, parse in _CITED.items()}
    for key, parse in parsers.items():
        if key in reader.table:
            values[key] = reader.take(key, parse)
        elif key in required:
            reader.note("key_missing", key)
    reader.finish()
    return cls(**values) if len(reader.findings.mistakes) == before else None


def _check_together(rules: list[s.AnyRule], pools: Collection[str], findings: Findings) -> None:
    clocks = {rule.rule: rule for rule in rules if isinstance(rule, s.ClockRule)}
    known = {
        "replaces": set(clocks),
        "clock": set(clocks),
        "within": {name for name, rule in clocks.items() if rule.kind == "window"},
        "pools": set(pools),
        "items": {rule.name for rule in rules if isinstance(rule, score.Item)},
        "codes": {rule.code for rule in rules if isinstance(rule, score.AdjustmentRule)},
    }
    for (_, cited, _), times in Counter((type(rule), rule.rule, _case(rule)) for rule in rules).items():
        if times > 1:
            findings.add("rule_twice", cited)
    for rule in rules:
        for key, names in _references(rule):
            for name in names:
                if name not in known[key]:
                    findings.add("name_unknown", rule.rule, key, name, known[key])
        for code, key, value in _gaps(rule, rules):
            findings.add(code, rule.rule, key, value)


def _check_choices(
    rules: list[s.AnyRule], choices: Mapping[str, Collection[str]], findings: Findings
) -> None:
    for rule in rules:
        for key, when in _conditions(rule):
            for fact, wanted in when.items():
                for one in wanted if isinstance(wanted, list) else [wanted]:
                    if fact in choices and one not in choices[fact]:
                        findings.add("name_unknown", rule.rule, f"{key}.{fact}", one, choices[fact])


def _conditions(rule: s.AnyRule) -> Iterator[tuple[str, When]]:
    """Give everything a row asks of the facts, by its key."""
    for key in ("when", "void_when", "requires"):
        yield key, getattr(rule, key, {})
    for when in getattr(rule, "unless", ()):
        yield "unless", when
    for ending in getattr(rule, "ends", ()):
        yield "ends.when", ending.when


def _case(rule: s.AnyRule) -> str:
    """Tell two rows of one kind for one rule apart: only guards and roles may have several."""
    if isinstance(rule, s.GuardRule):
        return f"{rule.on} {rule.when} {rule.said} {rule.unless} {rule.effect}"
    return f"{rule.on} {rule.when}" if isinstance(rule, s.RoleRule) else ""


def _references(rule: s.AnyRule) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the names of other rows that a row leans on, by the kind of name."""
    if isinstance(rule, s.ClockRule) and rule.replaces:
        yield "replaces", (rule.replaces,)
    if isinstance(rule, s.ExtensionRule):
        yield "clock", (rule.clock,)
    for key in ("within", "pools", "codes"):
        yield key, getattr(rule, key, ())
    if isinstance(rule, score.EvaluationRule | score.TotalRule):
        yield "items", rule.items


def _gaps(rule: s.AnyRule, rules: list[s.AnyRule]) -> Iterator[tuple[str, str, str]]:
    """Give what a row lacks to mean something: the mistake's code, the key, the value."""
    if isinstance(rule, s.ClockRule) and not rule.ends:
        yield "clock_endless", "ends", ""
    elif isinstance(rule, s.GuardRule):
        bounds = rule.at_most or rule.at_least or rule.not_after or rule.within or rule.never
        if not (bounds or rule.requires or rule.only_roles or rule.needs) and rule.effect == "refuse":
            yield "guard_formless", "", ""
    elif isinstance(rule, score.Item):
        if rule.kind == "ratio" and not (rule.of and rule.weights):
            yield "item_incomplete", "of, weights", ""
        if rule.kind != "ratio" and not rule.counts:
            yield "item_incomplete", "counts", ""
        others = (other for other in rules if isinstance(other, score.Item) and other.rule < rule.rule)
        if any(other.name == rule.name and _same_pool(other, rule) for other in others):
            yield "item_twice", "name", rule.name


def _same_pool(one: score.Item, other: score.Item) -> bool:
    return not one.pools or not other.pools or bool(set(one.pools) & set(other.pools))
