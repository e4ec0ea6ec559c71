"""Who is told next of what nobody takes: from the unit up to the leader, as a document has them."""

from paidan.policies.schema import LadderRule, Policy
from paidan.workflows.attributes import UNIT_ROLES

USUAL = ("unit_head", "dispatcher", "centre_head", "main_leader")
"""The ladder of a document that says none."""


class Ladder:
    """
    The roles above the unit, up to the leader.

    `office` runs the document: what nobody is named for is its business. Where the document does not say who
    that is, the first of them that is no unit's own.
    """

    def __init__(self, policy: Policy) -> None:
        rows: tuple[LadderRule, ...] = policy.of(LadderRule)
        self.roles = rows[0].roles if rows else USUAL
        first = next(role for role in self.roles if role not in UNIT_ROLES)
        self.office = policy.office or first

    def above(self, role: str) -> str | None:
        """
        Name who is told when a role takes no notice, None above the last.

        The unit, and a post of it that the ladder leaves out, answers to the first rung, every other role
        that it leaves out to the last.
        """
        if role in self.roles:
            place = self.roles.index(role) + 1
            return self.roles[place] if place < len(self.roles) else None
        return self.roles[0] if role in UNIT_ROLES else self.roles[-1]

    def up(self, role: str, rungs: int) -> str:
        """Name the role so many rungs above another, or the last."""
        for _ in range(rungs):
            role = self.above(role) or role
        return role
