"""The rows of a rule file that speak of scores: what each kind may say."""

from typing import Any

from paidan.policies import reader as r
from paidan.policies import score_reader as sr
from paidan.policies import score_schema as score
from paidan.workflows.attributes import CALLBACK_SOURCES, CATEGORIES, OUTCOMES, ROLES, SATISFACTION

_MEASURE = r.one_of(score.MEASURES)
_EVIDENCE = tuple(name for names in score.EVIDENCED.values() for name in names)
_SET = r.one_of(score.POPULATIONS)
_SIDE = r.one_of(("bonus", "deduction"))
_ROLES = r.several(r.one_of(ROLES))
GRADES = ("excellent", "good", "pass", "fail")
LOSSES = ("head", "collective", "individual", "section_head", "branch_leader")

SCORE_KINDS: dict[str, tuple[type[Any], dict[str, r.Parser], frozenset[str]]] = {
    "item": (
        score.Item,
        {
            "name": r.text, "kind": r.one_of(score.ITEM_KINDS), "points": r.fraction_or_none,
            "pools": r.several(r.text), "counts": r.several(_MEASURE), "codes": r.several(r.text),
            "of": r.one_of(score.POPULATIONS), "weights": sr.weights(score.MEASURES), "off": r.fraction,
            "floor": r.fraction_or_none, "full_share": r.fraction, "full_points": r.fraction,
            "ranked": r.one_of(("all", "below_share")), "bands": r.several(sr.band), "rest": r.fraction,
            "without": r.fraction, "over": r.several(r.text), "same_category": r.flag,
            "target": r.fraction, "reference": r.one_of(("district", "pool", "unit_rates")),
            "step": r.fraction, "whole": r.flag, "code": r.text, "default": r.fraction_or_none,
            "rate_places": r.number, "empty": r.one_of(("full", "zero", "share_out", "undefined")),
        },
        frozenset({"name", "kind", "points"}),
    ),
    "measure": (
        score.MeasureRule,
        {
            "name": r.one_of((*score.JUDGED, "called")), "needs": r.several(r.one_of(_EVIDENCE)),
            "clocks": r.several(r.text), "timely": r.flag, "order_due": r.flag,
            "of": r.one_of(score.POPULATIONS),
        },
        frozenset({"name"}),
    ),
    "evaluation": (
        score.EvaluationRule,
        {
            "items": r.several(r.text), "sources": r.several(r.one_of(CALLBACK_SOURCES)),
            "counts": r.one_of(("effective", "connected")),
        },
        frozenset({"items"}),
    ),
    "status": (
        score.StatusRule,
        {
            "status": r.one_of(("assessed", "no_orders", "not_assessed", "rates_only")),
            "some": r.several(_SET), "none": r.several(_SET), "fewer": sr.counts(score.POPULATIONS),
            "span": r.one_of(score.SPANS), "performance": r.one_of(("full", "none", "normal")),
            "ranked": r.flag,
        },
        frozenset({"status"}),
    ),
    "total": (
        score.TotalRule,
        {
            "items": r.several(r.text), "full": r.fraction, "floor": r.fraction_or_none,
            "unassessed": r.one_of(("lapse", "carry_forward")), "entered": r.text,
        },
        frozenset({"items", "full", "floor"}),
    ),
    "ranking": (
        score.RankingRule,
        {
            "on": r.one_of(("exact", "displayed")), "tie": r.one_of(("competition", "satisfaction_first")),
            "edge": r.one_of(("all_tied_at_the_edge", "exactly_k")), "never_top": r.flag,
        },
        frozenset({"on", "tie"}),
    ),
    "classes": (
        score.ClassesRule,
        {"groups": r.several(r.several(r.text)), "others": r.one_of(("items_only", "not_assessed"))},
        frozenset({"groups"}),
    ),
    "grade": (score.GradeRule, {"grades": sr.weights(GRADES)}, frozenset({"grades"})),
    "span": (
        score.SpanRule,
        {"name": r.one_of(score.SPANS[1:]), "begins_in": r.number, "months": r.number},
        frozenset({"name", "begins_in", "months"}),
    ),
    "period_score": (
        score.PeriodScoreRule,
        {
            "span": r.one_of(score.SPANS[1:]),
            "method": r.one_of(("mean_of_totals", "mean_of_performance", "recomputed")),
        },
        frozenset({"span", "method"}),
    ),
    "in_force": (
        score.InForceRule,
        {"first_month": sr.month_or_none, "last_month": sr.month_or_none},
        frozenset({"first_month"}),
    ),
    "adjustment": (
        score.AdjustmentRule,
        {
            "code": r.text, "side": r.one_of(("bonus", "deduction", "item", "total", "count")),
            "least": r.fraction, "most": r.fraction, "values": r.several(r.fraction),
            "more_when_good": r.fraction, "except_category": r.one_of({"", *CATEGORIES}),
            "month": r.one_of(("held", "cause")),
        },
        frozenset({"code", "side"}),
    ),
    "confirmation": (
        score.ConfirmationRule, {"codes": r.several(r.text), "roles": _ROLES}, frozenset({"codes"}),
    ),
    "cap": (
        score.CapRule,
        {"side": _SIDE, "points": r.fraction_or_none, "span": r.one_of(("month", "year"))},
        frozenset({"side", "points"}),
    ),
    "consequence": (
        score.ConsequenceRule,
        {
            "kind": r.text, "span": r.one_of(score.SPANS), "pools": r.several(r.text), "bottom": sr.places,
            "streak": sr.streak, "times": r.number, "since": r.one_of(("year", "ever")),
            "repeats": sr.repeats, "on": r.one_of(score.CASES), "entered": r.several(r.text),
            "gate": r.text, "gated": r.flag, "lifted_by": sr.any_text, "needs": sr.any_text,
            "talks": sr.counts(None), "level": r.number, "loses": r.several(r.one_of(LOSSES)),
        },
        frozenset({"kind"}),
    ),
    "target": (
        score.TargetRule,
        {"rates": r.several(r.text), "at_least": r.fraction},
        frozenset({"rates", "at_least"}),
    ),
    "worklist": (
        score.WorklistRule,
        {
            "outcome": r.one_of(OUTCOMES), "satisfaction": r.one_of(SATISFACTION),
            "measures": r.several(r.one_of(("revisit", "request_exclusion", "note"))),
        },
        frozenset({"outcome", "satisfaction", "measures"}),
    ),
    "use": (
        score.UseRule, {"span": r.one_of(score.SPANS), "pools": r.several(r.text)}, frozenset({"span"}),
    ),
}  # fmt: skip
"""The kinds of row, by the name of their table: the value, what it may say, what it must."""
