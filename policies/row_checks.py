"""Whether the rows of a rule file fit together: names, cases, what each kind needs, sums."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, NamedTuple

from paidan.policies import schema as s
from paidan.policies import score_schema as score
from paidan.policies.citation import When
from paidan.policies.reader import Findings
from paidan.workflows.attributes import (
    CASE_TYPES,
    CATEGORIES,
    HANDLING_CLASSES,
    RETURN_KINDS,
    SATISFACTION,
    SAYABLE,
    UNIT_ROLES,
)

CHOICES: Mapping[str, Collection[str]] = {
    "category": CATEGORIES,
    "case_type": CASE_TYPES,
    "return_kind": RETURN_KINDS,
    "last_satisfaction": SATISFACTION,
    "pending": ("return", "extension"),
}
"""What the facts that choose may be; pools and handling classes are the document's."""


class Words(NamedTuple):
    """A document's own closed lists: its pools, handling classes and kinds of consequence."""

    pools: Collection[str]
    classes: Collection[str] = ()
    consequences: Collection[str] = ()


def check_together(rules: list[s.AnyRule], words: Words, findings: Findings) -> None:
    """Note what the rows of a file lack beside one another: a name, a part, a sum."""
    clocks = {rule.rule: rule for rule in rules if isinstance(rule, s.ClockRule)}
    items = {rule.name for rule in rules if isinstance(rule, score.Item)}
    codes = {rule.code: rule.side for rule in rules if isinstance(rule, score.AdjustmentRule)}
    known = {
        "replaces": set(clocks),
        "clock": set(clocks),
        "clocks": set(clocks),
        "of": {*clocks, *(rule.rule for rule in rules if isinstance(rule, s.EscalationRule))},
        "within": {name for name, rule in clocks.items() if rule.kind == "window"},
        "pools": set(words.pools),
        "items": items,
        "leaves": items | {*_RATES},
        "rates": {*_RATES},
        "codes": set(codes),
        "item_code": {code for code, side in codes.items() if side == "item"},
        "item_codes": {code for code, side in codes.items() if side == "item"},
        "total_codes": {code for code, side in codes.items() if side == "total"},
        "kind": set(words.consequences),
        "level": set(words.consequences),
        "unrectified": {
            code for rule in rules if isinstance(rule, score.ConsequenceRule) for code in rule.entered
        },
    }
    _check_twice(rules, findings)
    for rule in rules:
        for key, names in _references(rule):
            for name in names:
                if name not in known[key]:
                    findings.add("name_unknown", rule.rule, _WRITTEN.get(key, key), name, known[key])
        for code, key, value in _all_gaps(rule, rules):
            findings.add(code, rule.rule, key, value)
    _check_sums(rules, words, findings)


def _check_twice(rules: list[s.AnyRule], findings: Findings) -> None:
    """Note rows of which there can be only one."""
    for (_, cited, _), times in Counter((type(rule), rule.rule, _case(rule)) for rule in rules).items():
        if times > 1:
            findings.add("rule_twice", cited)
    for level, rows in Counter(rule.level for rule in rules if isinstance(rule, s.TalkRule)).items():
        if rows > 1:
            findings.add("talk_twice", level, "level", level)
    ladders = [rule for rule in rules if isinstance(rule, s.LadderRule)]
    for rule in ladders[1:]:
        findings.add("ladder_twice", rule.rule, "roles", ladders[0].rule)


def _check_sums(rules: list[s.AnyRule], words: Words, findings: Findings) -> None:
    """Note where the points of all items of a pool, if they are known, do not come to the full score."""
    for total in (rule for rule in rules if isinstance(rule, score.TotalRule)):
        for pool in words.pools:
            points = [one.points for one in _in_total(total, pool, rules)]
            told = [one for one in points if one is not None]
            if points and len(told) == len(points) and sum(told) != total.full:
                findings.add("total_not_full", total.rule, pool, str(sum(told)), (str(total.full),))


def _in_total(total: score.TotalRule, pool: str, rules: list[s.AnyRule]) -> Iterator[score.Item]:
    for rule in rules:
        if (
            isinstance(rule, score.Item)
            and rule.name in total.items
            and (not rule.pools or pool in rule.pools)
        ):
            yield rule


_WRITTEN = {"item_code": "code", "item_codes": "codes", "total_codes": "entered", "leaves": "items"}
"""How a key is written that leans on a list of its own."""
_RATES = ("volume", "contact", "on_time", "resolution", "satisfaction", "callback")
"""The rates of CONTRACT section 7 that a target or an exclusion may name."""


def check_choices(rules: list[s.AnyRule], words: Words, findings: Findings) -> None:
    """Note every value of a fact that chooses and that nobody can choose."""
    own = {
        "pool": words.pools, "handling_class": (*HANDLING_CLASSES, *words.classes),
        "level": words.consequences,
    }  # fmt: skip
    choices = {**CHOICES, **own}
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
    """Tell rows of one kind for one rule apart, where a rule may have several."""
    return " ".join(str(getattr(rule, name)) for name in _TOLD_APART_BY.get(type(rule), ()))


_TOLD_APART_BY: Mapping[type[Any], tuple[str, ...]] = {
    s.GuardRule: ("on", "when", "said", "unless", "effect"),
    s.CaseRule: ("on", "when", "said", "unless", "does"),
    s.PostRule: ("roles", "pools", "at_least", "above_orders", "titles", "apart_from", "needs"),
    s.KeepingRule: ("what", "when"),
    s.LedgerRule: ("name", "on", "when"),
    s.RoleRule: ("on", "when"),
    s.ReminderRule: ("every",),
    score.Item: ("name",),
    score.MeasureRule: ("name",),
    score.StatusRule: ("status",),
    score.AdjustmentRule: ("code",),
    score.CapRule: ("side",),
    score.SpanRule: ("name",),
    score.PeriodScoreRule: ("span",),
    score.UseRule: ("pools",),
}


def _references(rule: s.AnyRule) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give the names of other rows that a row leans on, by the kind of name."""
    if isinstance(rule, s.ClockRule) and rule.replaces:
        yield "replaces", (rule.replaces,)
    if isinstance(rule, s.CaseRule):
        yield "of", rule.of
        yield "level", (rule.level,) if rule.level else ()
    if isinstance(rule, s.TalkRule):
        yield "level", (rule.level,)
        yield "codes", (rule.adjustment,) if rule.adjustment else ()
        yield "unrectified", (rule.unrectified,) if rule.unrectified else ()
    if isinstance(rule, s.ExtensionRule):
        yield "clock", (rule.clock,)
    if isinstance(rule, score.EvaluationRule | s.ExclusionRule | s.FindingRule):
        yield "leaves", rule.items
    if isinstance(rule, score.ConfirmationRule):
        yield "codes", rule.codes
    if isinstance(rule, score.ClassesRule):
        yield "pools", tuple(pool for group in rule.groups for pool in group)
    for key in ("within", "pools", "clocks", "rates"):
        yield key, getattr(rule, key, ())
    yield from _of_scores(rule)


def _of_scores(rule: s.AnyRule) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(rule, score.TotalRule):
        yield "items", rule.items
        yield "total_codes", (rule.entered,) if rule.entered else ()
    if isinstance(rule, score.Item):
        yield "pools", rule.over
        yield "item_code", (rule.code,) if rule.code else ()
        yield "item_codes", rule.codes
    if isinstance(rule, score.ConsequenceRule):
        yield "kind", (rule.kind, *rule.talks)
        yield "pools", tuple(rule.bottom) if isinstance(rule.bottom, Mapping) else ()


def _gaps(rule: s.AnyRule, rules: list[s.AnyRule]) -> Iterator[tuple[str, str, str]]:
    """Give what a row lacks to mean something: the mistake's code, the key, the value."""
    if isinstance(rule, s.ClockRule) and not rule.ends:
        yield "clock_endless", "ends", ""
    elif isinstance(rule, s.GuardRule):
        bounds = rule.at_most or rule.at_least or rule.not_after or rule.within or rule.never
        if not (bounds or rule.requires or rule.only_roles or rule.needs) and rule.effect == "refuse":
            yield "guard_formless", "", ""
    elif isinstance(rule, s.ReminderRule):
        for key in _unfit(rule):
            yield "reminder_unfit", key, rule.every
    elif isinstance(rule, score.ConsequenceRule) and not _has_form(rule):
        yield "consequence_form", "bottom, repeats, on, entered", rule.kind
    elif isinstance(rule, score.SpanRule):
        yield from _span_gaps(rule)
    elif isinstance(rule, score.Item):
        yield from _item_gaps(rule, rules)


def _all_gaps(rule: s.AnyRule, rules: list[s.AnyRule]) -> Iterator[tuple[str, str, str]]:
    yield from _gaps(rule, rules)
    yield from _post_gaps(rule)
    yield from _keeping_gaps(rule)
    yield from _ledger_gaps(rule)
    yield from _ladder_gaps(rule)


def _ledger_gaps(rule: s.AnyRule) -> Iterator[tuple[str, str, str]]:
    """Ask a bound and what follows it of repeats, some mark of what belongs of the rest."""
    if not isinstance(rule, s.LedgerRule):
        return
    of_repeats = rule.name == "repeats"
    for key in ("at_least", "proposes") if of_repeats else ():
        if not getattr(rule, key):
            yield "ledger_incomplete", key, rule.name
    if not of_repeats and not rule.on and not rule.when:
        yield "ledger_incomplete", "on, when", rule.name
    for key in _OF_OTHERS if of_repeats else _OF_REPEATS:
        if getattr(rule, key) not in (None, False, 0, "", (), {}):
            yield "ledger_unfit", key, rule.name
    for name in rule.said:
        if rule.proposes and name not in SAYABLE.get(rule.proposes, ()):
            yield "ledger_unfit", f"said.{name}", rule.proposes


_OF_OTHERS = ("on", "when", "due")
_OF_REPEATS = ("at_least", "within_days", "counts_first", "unsolved", "proposes", "said")
"""What only a list of single orders may say, and what only one of repeats."""


def _post_gaps(rule: s.AnyRule) -> Iterator[tuple[str, str, str]]:
    if not isinstance(rule, s.PostRule):
        return
    if not rule.roles:
        yield "post_empty", "roles", ""
    if not rule.at_least:
        yield "post_empty", "at_least", "0"
    if rule.pools or rule.above_orders is not None:
        key = "pools" if rule.pools else "above_orders"
        for role in rule.roles:
            if role not in UNIT_ROLES:
                yield "post_of_no_unit", key, role


def _keeping_gaps(rule: s.AnyRule) -> Iterator[tuple[str, str, str]]:
    """Ask a time of recordings, roles of the rest, and facts of all that an order has."""
    if not isinstance(rule, s.KeepingRule):
        return
    wanted, unfit = ("months", "roles") if rule.what == "recording" else ("roles", "months")
    if not getattr(rule, wanted):
        yield "keeping_incomplete", wanted, rule.what
    if getattr(rule, unfit) not in (None, ()):
        yield "keeping_unfit", unfit, rule.what
    if rule.when and rule.what == "register":
        yield "keeping_unfit", "when", rule.what


def _ladder_gaps(rule: s.AnyRule) -> Iterator[tuple[str, str, str]]:
    """Ask that a ladder leads from the unit's own roles to others, each once."""
    if not isinstance(rule, s.LadderRule):
        return
    own = [role in UNIT_ROLES for role in rule.roles]
    if not own or own != sorted(own, reverse=True) or own[-1]:
        yield "ladder_order", "roles", "、".join(rule.roles)
    if len(set(rule.roles)) < len(rule.roles):
        yield "ladder_again", "roles", "、".join(rule.roles)


def _has_form(rule: score.ConsequenceRule) -> bool:
    """Whether a consequence has exactly one ground."""
    forms = (bool(rule.bottom), rule.repeats is not None, bool(rule.on), bool(rule.entered))
    return sum(forms) == 1 and bool(rule.bottom or not (rule.streak or rule.times))


def _span_gaps(rule: score.SpanRule) -> Iterator[tuple[str, str, str]]:
    if not 1 <= rule.begins_in <= _MONTHS["year"]:
        yield "month_number", "begins_in", str(rule.begins_in)
    if rule.months < _MONTHS[rule.name]:
        yield "span_short", "months", str(rule.months)


_MONTHS = {"quarter": 3, "year": 12}
"""The months a span has at least, so that every month lies in one."""


def _item_gaps(rule: score.Item, rules: list[s.AnyRule]) -> Iterator[tuple[str, str, str]]:
    needed, allowed = _ITEM_KEYS[rule.kind]
    for key in needed:
        if not getattr(rule, key):
            yield "item_incomplete", key, ""
    for one in fields(rule):
        if one.name not in (*needed, *allowed, *_EVERY_ITEM) and not _at_default(rule, one):
            yield "item_unfit", one.name, rule.kind
    for name, weight in rule.weights.items():
        if not 0 <= weight <= 1:
            yield "weight_outside", f"weights.{name}", str(weight)
    if rule.points is not None and rule.points < 0:
        yield "points_outside", "points", str(rule.points)
    if rule.code and not _can_be_entered(rule, rules):
        yield "points_outside", "points", str(rule.points)
    others = (other for other in rules if isinstance(other, score.Item) and other.rule < rule.rule)
    if any(other.name == rule.name and _same_pool(other, rule) for other in others):
        yield "item_twice", "name", rule.name


_EVERY_ITEM = ("rule", "clause", "zh", "en", "name", "kind", "points", "pools")
_ITEM_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ratio": (("of", "weights"), ("rate_places", "empty")),
    "share": (("counts",), ("over", "same_category", "empty")),
    "rank_bands": (("counts", "bands"), ("of", "full_share", "full_points", "ranked", "rest", "without")),
    "per_case": (("off",), ("counts", "codes", "floor")),
    "flat": (("off",), ("counts", "codes", "floor")),
    "below_reference": (
        ("of", "weights", "off", "step"), ("target", "reference", "whole", "floor", "rate_places", "empty"),
    ),
    "entered": (("code",), ("default",)),
}  # fmt: skip
"""What an item of each kind must say, and what else it may."""


def _can_be_entered(rule: score.Item, rules: list[s.AnyRule]) -> bool:
    """Whether the most that may be entered for an item is what it can earn."""
    entered = (one for one in rules if isinstance(one, score.AdjustmentRule) and one.code == rule.code)
    return all(one.most is None or one.most == rule.points for one in entered)


def _at_default(rule: score.Item, one: Field[Any]) -> bool:
    value = getattr(rule, one.name)
    return not value if one.default is MISSING else bool(value == one.default)


def _unfit(rule: s.ReminderRule) -> Iterator[str]:
    """Give the keys that say nothing of a period of this kind."""
    due, short = rule.due, rule.every in ("day", "week")
    if due.month is not None and (rule.every != "year" or due.following):
        yield "due.month"
    if due.following and short:
        yield "due.following"
    if due.day is not None and rule.every != "month" and not (due.following or due.month):
        yield "due.day"
    if due.day is None and not due.inclusive:
        yield "due.inclusive"
    if rule.days != "every_day" and rule.every != "day":
        yield "days"


def _same_pool(one: score.Item, other: score.Item) -> bool:
    return not one.pools or not other.pools or bool(set(one.pools) & set(other.pools))
