"""
The directory (通讯录): who holds which post, from when to when, as it was filed (备案).

Pure: reads no file and no clock. A role of `UNIT_ROLES` is held in a unit, every other once, wherever its
holder sits.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Final, NamedTuple

from paidan.policies.schema import KeepingRule, Policy, PostRule
from paidan.workflows.attributes import ROLES, UNIT_ROLES

TOLD: Final = ("title", "contact")
"""What a rule may ask the directory to say of whoever holds a post."""
ACTS_FOR: Final = ("hotline_specialist", "informant_a", "informant_b")
"""The posts by which a unit acts, where nobody is listed as acting for it."""
_DATES: Final = ("from_on", "to_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """That a person holds a post: of `unit`, or of the body that `unit` names; both days included."""

    role: str
    person: str
    unit: str = ""
    title: str = ""
    contact: str = ""
    from_on: date | None = None
    to_on: date | None = None
    note: str = ""

    def on(self, day: date) -> bool:
        """Whether the post is held on that day."""
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)


class Directory:
    """The posts of one filing, in its order."""

    def __init__(self, holdings: Iterable[Holding] = ()) -> None:
        self.holdings = tuple(holdings)
        listed: dict[tuple[str, str], list[Holding]] = {}
        for one in self.holdings:
            listed.setdefault(_post(one.role, one.unit), []).append(one)
        self._listed: Mapping[tuple[str, str], Sequence[Holding]] = listed

    def holders(self, role: str, unit: str, on: date) -> tuple[Holding, ...]:
        """
        Give who holds a role on a day: that of `unit`, where each unit has one, else the one there is.

        A unit for which nobody is listed as acting acts by its specialist and its informants.
        """
        found = self._holding(role, unit, on)
        if found or role != "handling_unit":
            return found
        return tuple(one for post in ACTS_FOR for one in self._holding(post, unit, on))

    def _holding(self, role: str, unit: str, on: date) -> tuple[Holding, ...]:
        return tuple(one for one in self._listed.get(_post(role, unit), ()) if one.on(on))

    def on(self, day: date) -> tuple[Holding, ...]:
        """Give every post that is held on a day."""
        return tuple(one for one in self.holdings if one.on(day))

    @property
    def units(self) -> tuple[str, ...]:
        """The handling units it names, in its order."""
        return tuple(dict.fromkeys(one.unit for one in self.holdings if one.role in UNIT_ROLES))


class Filing(NamedTuple):
    """A directory that counts from a day on."""

    from_on: date
    directory: Directory


class Filings:
    """
    Every filing of a directory, in the order in which they were made; nothing where there was none.

    A day is answered by the last that was made of those that count by then. What was filed first speaks
    of the days before it too, as far as its own dates go.
    """

    def __init__(self, filings: Iterable[Filing] = ()) -> None:
        self._filings = tuple(filings)

    def on(self, day: date) -> Directory:
        """Give the directory that counts on a day."""
        counting = [one for one in self._filings if one.from_on <= day]
        filed = counting[-1:] or sorted(self._filings, key=lambda one: one.from_on)[:1]
        return filed[0].directory if filed else Directory()

    def holders(self, role: str, unit: str, on: date) -> tuple[Holding, ...]:
        """Give who held a role on a day, by what was filed of it."""
        return self.on(on).holders(role, unit, on)

    def __bool__(self) -> bool:
        return bool(self._filings)


class Gap(NamedTuple):
    """
    What is missing of a post that a rule asks for, in a unit; `unit` is empty for a post there is once.

    `code` says what: `unfilled`, `too_few` (with the number `found`), `title`, `held_twice` or `untold`,
    the last three with the `holder`. `wanted` is what the rule asks for: a number, titles, the other post
    held, columns.
    """

    rule: PostRule
    unit: str
    role: str
    code: str
    found: int = 0
    holder: Holding | None = None
    wanted: tuple[str, ...] = ()


def gaps(
    policy: Policy,
    directory: Directory,
    pools: Mapping[str, str | None],
    on: date,
    orders: Mapping[str, Fraction] | None = None,
) -> list[Gap]:
    """
    Say what is missing on a day of the posts that a policy asks for, in the order of its rows.

    `pools` are the units that must have them, each with its pool; `orders` how many each takes in a month.
    Without them a row that leans on the number is not asked. That nobody holds a post is said once, by the
    first row that asks for it.
    """
    found: list[Gap] = []
    unfilled: set[tuple[str, str]] = set()
    for rule in policy.of(PostRule):
        for role in rule.roles:
            for unit in _asked(rule, role, pools, orders):
                if (role, unit) not in unfilled:
                    found += _gaps(rule, role, unit, directory, on)
                if found and found[-1].code == "unfilled":
                    unfilled.add((found[-1].role, found[-1].unit))
    return found


def leans_on_orders(policy: Policy) -> tuple[PostRule, ...]:
    """Give the rows that cannot be asked without the number of orders."""
    return tuple(rule for rule in policy.of(PostRule) if rule.above_orders is not None)


def _asked(
    rule: PostRule, role: str, pools: Mapping[str, str | None], orders: Mapping[str, Fraction] | None
) -> tuple[str, ...]:
    if role not in UNIT_ROLES:
        return ("",)
    asked = tuple(unit for unit, pool in pools.items() if not rule.pools or pool in rule.pools)
    if rule.above_orders is None:
        return asked
    taken = orders or {}
    return tuple(unit for unit in asked if taken.get(unit, 0) > rule.above_orders)


def _gaps(rule: PostRule, role: str, unit: str, directory: Directory, on: date) -> list[Gap]:
    held = directory.holders(role, unit, on)
    people = {one.person for one in held}
    if not people:
        return [Gap(rule, unit, role, "unfilled")]
    found: list[Gap] = []
    if len(people) < rule.at_least:
        found.append(Gap(rule, unit, role, "too_few", len(people), wanted=(str(rule.at_least),)))
    for one in held:
        if rule.titles and not is_titled(one.title, rule.titles):
            found.append(Gap(rule, unit, role, "title", holder=one, wanted=rule.titles))
        found += [
            Gap(rule, unit, role, "held_twice", holder=one, wanted=(other,))
            for other in rule.apart_from
            if one.person in {also.person for also in directory.holders(other, unit, on)}
        ]
        if lacking := tuple(name for name in rule.needs if not getattr(one, name)):
            found.append(Gap(rule, unit, role, "untold", holder=one, wanted=lacking))
    return found


def is_titled(title: str, titles: Iterable[str]) -> bool:
    """
    Whether a title (职务) is one of those, whatever stands before it; a deputy's (副) is another.

    >>> is_titled("居委会主任", ["主任"]), is_titled("居委会副主任", ["主任"])
    (True, False)
    """
    return any(title.endswith(one) and not title.removesuffix(one).endswith("副") for one in titles)


def may_see_contacts(policy: Policy, role: str) -> bool:
    """Say whether contacts are shown to a role: to those a rule names, else to any that is no unit's."""
    rules: tuple[KeepingRule, ...] = policy.of(KeepingRule)
    named = [rule.roles for rule in rules if rule.what == "register"]
    if named:
        return any(role in roles for roles in named)
    return role in ROLES and role not in UNIT_ROLES


def to_text(directory: Directory) -> str:
    """Write a directory as text that `from_text` reads back, the same one always the same."""
    rows = [{name: str(value) for name, value in asdict(one).items() if value} for one in directory.holdings]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> Directory:
    """Read what `to_text` wrote."""
    return Directory(
        Holding(**{**row, **{name: date.fromisoformat(row[name]) for name in _DATES if name in row}})
        for row in json.loads(text)
    )


def _post(role: str, unit: str) -> tuple[str, str]:
    return (role, unit if role in UNIT_ROLES else "")
