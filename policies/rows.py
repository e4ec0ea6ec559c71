"""The rows of a rule file: which kinds there are, what each may say, and how they are read."""

from collections.abc import Mapping
from typing import Any

from paidan.policies import reader as r
from paidan.policies import schema as s
from paidan.policies.directory import TOLD
from paidan.policies.reader import Findings, Reader
from paidan.policies.row_checks import Words, check_choices, check_together
from paidan.policies.score_rows import SCORE_KINDS
from paidan.policies.score_schema import RECOGNISED_RETURN
from paidan.workflows.attributes import (
    ATTRIBUTE_OF,
    CASE_TYPES,
    EXCLUSIONS,
    FINDINGS,
    ROLES,
    Holds,
)
from paidan.workflows.cases import EVENT_OF, EVENTS, OF_CASES, OPENINGS
from paidan.workflows.facts import FACT_OF
from paidan.workflows.supervision import SUPERVISION_GROUNDS
from paidan.workflows.work_order import WORK_ORDER

_ASKED = tuple(event.name for event in EVENTS if not event.by_engine or event.name in OF_CASES)
_EVENT = r.one_of(_ASKED)
_OPENING = tuple(event for event in OPENINGS if EVENT_OF[event].by_engine)
"""What opens a case by rule; what somebody submits is read from a log as well, and would open it twice."""
_OF_ORDER = tuple(event.name for event in WORK_ORDER.events)
_HAPPENS = tuple(
    one.name for one in WORK_ORDER.events if not (one.by_engine or one.apart or one.name == "correct")
)
"""What happens to an order itself; the rest is the engine's, or done to its log."""
_DUE = r.one_of([one.name for one in ATTRIBUTE_OF.values() if one.holds is Holds.DUE])
_ROLES = r.several(r.one_of(ROLES))

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
    "case": (
        s.CaseRule,
        {
            "on": r.one_of(_OF_ORDER), "does": r.one_of(_OPENING), "when": r.when, "said": r.said,
            "unless": r.several(r.when), "of": r.several(r.text), "ground": r.one_of(SUPERVISION_GROUNDS),
            "level": r.text,
        },
        frozenset({"on", "does"}),
    ),
    "talk": (
        s.TalkRule,
        {
            "level": r.text, "held_by": r.several(r.alternatives(ROLES)), "attends": _ROLES,
            "adjustment": r.text, "unrectified": r.text,
        },
        frozenset({"level", "attends"}),
    ),
    "exclusion": (
        s.ExclusionRule,
        {"situation": r.one_of((*EXCLUSIONS, RECOGNISED_RETURN)), "items": r.several(r.text)},
        frozenset({"situation", "items"}),
    ),
    "finding": (
        s.FindingRule,
        {
            "finding": r.one_of(FINDINGS), "case_types": r.several(r.one_of(CASE_TYPES)),
            "evaluated": r.flag, "items": r.several(r.text),
        },
        frozenset({"finding", "case_types", "evaluated"}),
    ),
    "role": (s.RoleRule, {"on": _EVENT, "roles": _ROLES, "when": r.when}, frozenset({"on", "roles"})),
    "reminder": (
        s.ReminderRule,
        {
            "every": r.one_of(s.PERIODS), "due": r.due_on,
            "days": r.one_of(("every_day", "working_days")), "roles": _ROLES,
        },
        frozenset({"every"}),
    ),
    "post": (
        s.PostRule,
        {
            "roles": _ROLES, "pools": r.several(r.text), "at_least": r.number, "above_orders": r.number,
            "titles": r.several(r.text), "apart_from": _ROLES, "needs": r.several(r.one_of(TOLD)),
        },
        frozenset({"roles"}),
    ),
    "keeping": (
        s.KeepingRule,
        {"what": r.one_of(s.KEPT), "when": r.when, "months": r.number, "roles": _ROLES},
        frozenset({"what"}),
    ),
    "ledger": (
        s.LedgerRule,
        {
            "name": r.one_of(s.LEDGERS), "on": r.several(r.one_of(_HAPPENS)), "when": r.when,
            "due": _DUE, "at_least": r.number, "within_days": r.number,
            "counts_first": r.flag, "unsolved": r.flag, "proposes": r.one_of(_HAPPENS), "said": r.said,
        },
        frozenset({"name"}),
    ),
    "ladder": (s.LadderRule, {"roles": _ROLES}, frozenset({"roles"})),
    **SCORE_KINDS,
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
    words: Words,
    findings: Findings,
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
        check_together(rules, words, findings)
        check_choices(rules, words, findings)
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
