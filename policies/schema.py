"""
What a rule may say: the closed vocabulary of rule files, as frozen values.

A rule file has no expressions. `when` is a conjunction over order facts (`workflows.facts`);
whatever else a rule names (events, attributes, roles, pools, rules, settings, measures) comes
from a closed list known to the loader. Each value cites a rule id and its clause.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final, NamedTuple

from paidan.policies.citation import Cited, When
from paidan.policies.score_schema import (
    AdjustmentRule,
    CapRule,
    ClassesRule,
    ConfirmationRule,
    ConsequenceRule,
    EvaluationRule,
    GradeRule,
    InForceRule,
    Item,
    MeasureRule,
    PeriodScoreRule,
    RankingRule,
    SpanRule,
    StatusRule,
    TargetRule,
    TotalRule,
    UseRule,
    WorklistRule,
)
from paidan.workflows.cases import OF_CASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One limit for starts before a time of day, another from it on; None sets no limit."""

    at: time
    inclusive: bool
    before: "Limit | None"
    after: "Limit | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """
    How long: exactly one of `minutes`, `hours`, `days`, `working_days`, `at`, `smallest_of`, `split`.

    `at` names instant facts, of which the first known is the due time. Inside `smallest_of` a limit
    whose fact is unknown does not take part. Counted from the start of the clock; or from the fact
    `since` if that is known and later; or from the fact `counted_from` if that is known. `days`
    (civil) and `working_days` end with the day, or at `time`: a time of day, or that of the `start`.
    `first_day` says whether the day of the start counts as the first; None leaves it to the setting.
    """

    minutes: int | None = None
    hours: int | None = None
    days: int | None = None
    working_days: int | None = None
    at: tuple[str, ...] = ()
    smallest_of: tuple["Limit", ...] = ()
    split: Split | None = None
    since: str = ""
    counted_from: str = ""
    time: time | str | None = None
    first_day: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """
    An event that ends a clock, where `when` holds and, if `role` is set, it is that role's.

    What it ends is done when it happened, but not before the instant attribute `not_before`.
    """

    event: str
    when: When = field(default_factory=dict)
    role: str = ""
    not_before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule(Cited):
    """
    A limit on an order: what starts it, what ends it, how long.

    `kind` is `duty` (something must be done by then) or `window` (it may be asked for until
    then). `replaces` names the clock that becomes this one when `when` holds. `unless`: no such
    clock where one of these holds. `anew` false keeps the first clock over later dispatches.
    `on_request`: no clock waits; each request is one, from the start to when it was made.
    """

    kind: str
    starts: str
    ends: tuple[Ending, ...]
    limit: Limit
    when: When = field(default_factory=dict)
    void_when: When = field(default_factory=dict)
    unless: tuple[When, ...] = ()
    replaces: str = ""
    anew: bool = True
    on_request: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Who may pass a guard, saying what."""

    roles: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRule(Cited):
    """
    What is refused (`effect` refuse), noted (note), or only told beforehand (tell).

    It concerns commands `on` an event where `when` holds of the order and `said` of the command,
    and none of `unless` holds. Forms: `needs`: attributes that must be said (alternatives joined by
    `|`, the first said decides; an instant not after the command; a fact may stand in). `requires`:
    facts that must hold. `at_most`, `at_least`: a count fact and its bound. `not_after`: an instant
    fact. `within`: windows that must still be open; the refusal cites the window. `only_roles`:
    another role than these is refused, none is not. `never`: whatever is said.
    """

    on: str
    when: When = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    unless: tuple[When, ...] = ()
    effect: str = "refuse"
    needs: tuple[str, ...] = ()
    requires: When = field(default_factory=dict)
    at_most: tuple[str, int] | None = None
    at_least: tuple[str, int] | None = None
    not_after: str = ""
    within: tuple[str, ...] = ()
    only_roles: tuple[str, ...] = ()
    never: bool = False
    override: Override | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRule(Cited):
    """What an approved extension makes of the clock of rule `clock`; counted from the clock's start."""

    clock: str
    limit: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationRule(Cited):
    """The engine writes `escalate` when `on` makes the count fact of `beyond` pass its number."""

    on: str
    beyond: tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRule(Cited):
    """
    What opens a case beside an order: the engine writes `does` when `on` happens to the order.

    Conditions are those of a guard. `of`: of what the engine raises itself, only what these rules raise.
    While a case of that kind is open none is opened: the open one takes the step itself where its
    workflow has it, else another `ground`. `level` is the kind of consequence that a talk is.
    """

    on: str
    does: str
    when: When = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)
    unless: tuple[When, ...] = ()
    of: tuple[str, ...] = ()
    ground: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRule(Cited):
    """
    Who holds the talks, meetings or reports of a `level`, a kind of consequence, and who attends.

    All of `held_by` hold it together, of alternatives joined by `|` one; the document may name nobody.
    Another role is refused, and so is it where a further holder is not among those said to have attended;
    a missing one of `attends` is noted. Once held, its points are entered under the code `adjustment`;
    where it is not rectified, the finding `unrectified` is entered.
    """

    level: str
    attends: tuple[str, ...]
    held_by: tuple[str, ...] = ()
    adjustment: str = ""
    unrectified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionRule(Cited):
    """A situation in which an order may leave the rates of `items`; asking for it needs evidence."""

    situation: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule(Cited):
    """
    A finding at closing, for the case types it belongs to, and whether such an order is evaluated.

    Where it is not, the order leaves the rates of `items`.
    """

    finding: str
    case_types: tuple[str, ...]
    evaluated: bool
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRule(Cited):
    """Whose business an event is, where `when` holds; told, never refused."""

    on: str
    roles: tuple[str, ...]
    when: When = field(default_factory=dict)


PERIODS = ("day", "week", "month", "quarter", "year")
"""How often something may recur."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueOn:
    """
    On which day of its period a reminder is due: `day`, or the last one where it is not said.

    The day is one of the period's own month, of the month after the period with `following`, or of
    that `month` of the year in which it ends; past the end of a month it is that month's last.
    With `inclusive` false a day that is said is itself too late. `shift` says whether a day off
    stays (`none`) or gives way to the `next_working_day`.
    """

    day: int | None = None
    following: bool = False
    month: int | None = None
    inclusive: bool = True
    shift: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRule(Cited):
    """
    What recurs by the calendar: once `every` period, `due` by the end of a day, the business of `roles`.

    Weeks run from Monday to Sunday; where a quarter or year begins is for a `span` row to say. `days`:
    what is due every day may be so on `working_days` only.
    """

    every: str
    due: DueOn = DueOn()
    days: str = "every_day"
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRule(Cited):
    """
    Posts that somebody must hold: each of `roles`, in every unit of `pools` (empty: of all), or once.

    `at_least` so many people hold each; `above_orders`: asked only of units that take in more orders a
    month than that, on average. `titles`: what a holder must be (职务), or what that ends with.
    `apart_from`: posts that the same person may not hold. `needs`: what the directory must say of a holder.
    """

    roles: tuple[str, ...]
    pools: tuple[str, ...] = ()
    at_least: int = 1
    above_orders: int | None = None
    titles: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


KEPT = ("identity", "recording", "register")
"""What is kept with care: who called, the recording of an answer, the contacts in the directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingRule(Cited):
    """
    How long something is kept, or who may see it: `what` it is, where `when` holds of the order.

    `months` from the day the order is closed. `roles`: to another, or to none, an `identity` or the
    `register` is not shown; one that every unit has counts for the unit that the order is with.
    """

    what: str
    when: When = field(default_factory=dict)
    months: int | None = None
    roles: tuple[str, ...] = ()


LEDGERS = ("risk", "staged", "redo", "repeats", "joint", "chronic")
"""The lists that people work by: `engine.ledger` says what stands in a line of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRule(Cited):
    """
    Which orders stand on the list (台账) `name`: those to which one of `on` happened, where `when` holds.

    `due`: the attribute of that event, or the fact, that says when its work is due, where no clock does.
    On `repeats` stand orders linked by `repeat_of`, a line for each matter. From `at_least` repeats on,
    received within `within_days` up to the last, the first order counted too with `counts_first`, and only
    while it is not resolved with `unsolved`, the event `proposes` is proposed, saying what `said` says.
    """

    name: str
    on: tuple[str, ...] = ()
    when: When = field(default_factory=dict)
    due: str = ""
    at_least: int = 0
    within_days: int | None = None
    counts_first: bool = False
    unsolved: bool = False
    proposes: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderRule(Cited):
    """Who is told next of what nobody takes: `roles` above the unit, its own first, the leader last."""

    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRule(Cited):
    """A rule of the document whose carrier is not built yet."""

    carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UncarriedRule(Cited):
    """A rule of the document that no machine can carry, and why."""

    reason: str


AnyRule = (
    ClockRule
    | GuardRule
    | ExtensionRule
    | EscalationRule
    | CaseRule
    | TalkRule
    | ExclusionRule
    | FindingRule
    | RoleRule
    | Item
    | MeasureRule
    | EvaluationRule
    | StatusRule
    | TotalRule
    | RankingRule
    | ClassesRule
    | GradeRule
    | SpanRule
    | PeriodScoreRule
    | InForceRule
    | AdjustmentRule
    | ConfirmationRule
    | CapRule
    | ConsequenceRule
    | TargetRule
    | WorklistRule
    | UseRule
    | ReminderRule
    | PostRule
    | KeepingRule
    | LedgerRule
    | LadderRule
    | PlannedRule
    | UncarriedRule
)


_CARRIER: Mapping[type[Any], str] = {
    ClockRule: "clock",
    GuardRule: "guard",
    ExtensionRule: "clock",
    EscalationRule: "workflow",
    CaseRule: "workflow",
    TalkRule: "workflow",
    ExclusionRule: "exclusion",
    FindingRule: "finding",
    RoleRule: "role",
    Item: "item",
    MeasureRule: "finding",
    EvaluationRule: "data",
    TotalRule: "item",
    RankingRule: "item",
    ClassesRule: "data",
    GradeRule: "item",
    SpanRule: "data",
    PeriodScoreRule: "item",
    InForceRule: "data",
    AdjustmentRule: "adjustment",
    ConfirmationRule: "guard",
    CapRule: "adjustment",
    ConsequenceRule: "consequence",
    TargetRule: "target",
    WorklistRule: "reminder",
    UseRule: "data",
    ReminderRule: "reminder",
    PostRule: "role",
    KeepingRule: "data",
    LedgerRule: "reminder",
    LadderRule: "role",
    UncarriedRule: "none",
}


def carrier(rule: AnyRule) -> str:
    """Name what carries `rule`, in the words of `policies show`."""
    if isinstance(rule, PlannedRule):
        return rule.carrier
    if isinstance(rule, StatusRule):
        return "item" if rule.performance == "full" else "exclusion"
    if isinstance(rule, AdjustmentRule) and rule.side in ("item", "total"):
        return "item"
    of_case = (isinstance(rule, ClockRule) and rule.starts in OF_CASES) or (
        isinstance(rule, GuardRule) and rule.on in OF_CASES
    )
    return "workflow" if of_case else _CARRIER[type(rule)]


_FOREMOST = (
    "clock", "adjustment", "consequence", "item", "exclusion", "target", "finding", "guard", "workflow",
    "role", "reminder", "data", "none",
)  # fmt: skip


def foremost(rows: Iterable[AnyRule]) -> AnyRule:
    """Give of several rows for one rule the one that carries it, the others helping."""
    return min(rows, key=lambda row: (isinstance(row, PlannedRule), _FOREMOST.index(carrier(row))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """
    A point the document leaves open: its readings, the default, and why.

    `readings` lists what may be chosen; an empty list means any value of the default's kind
    (a time of day, a whole number). `also` allows, beside the readings, a `date` or `spans` of time
    (`30m,2h,1d`). A setting with `parts` may also be a table of exactly those exact numbers (weights
    that a site sets); rows read one part of it. `planned` settings shape rules that are not built yet.
    """

    name: str
    default: Any
    readings: tuple[Any, ...]
    why: str
    planned: bool = False
    also: str = ""
    parts: tuple[str, ...] = ()


class OwnDays(NamedTuple):
    """Days a document gives its own offices `off`, and days they `work`, whatever the notices say."""

    off: tuple[date, ...] = ()
    work: tuple[date, ...] = ()

    def __str__(self) -> str:
        signed = [*(f"-{on}" for on in self.off), *(f"+{on}" for on in self.work)]
        return f"own days {' '.join(signed)}"


NO_OWN_DAYS: Final = OwnDays()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    One version of a document with its settings resolved: the rules in force from `effective_on`.

    `settings` holds the value of every setting; `changed` those that differ from the default,
    which every result carries.
    """

    document: str
    version: str
    title: str
    effective_on: date | None
    period_from: date | None
    pools: Mapping[str, str]
    settings: Mapping[str, Any]
    changed: Mapping[str, Any]
    rules: tuple[AnyRule, ...]
    own_days: OwnDays = NO_OWN_DAYS
    consequences: Mapping[str, str] = field(default_factory=dict)
    """The kinds of consequence the document knows, by label."""
    office: str = ""
    """The role that runs the document: who holds an order that no unit holds."""

    def of(self, kind: type[Any]) -> tuple[Any, ...]:
        """Give the rules of one kind, in the order of the file."""
        return tuple(rule for rule in self.rules if isinstance(rule, kind))
