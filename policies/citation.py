"""What every row of a rule file says, whatever its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

When = Mapping[str, Any]
"""Facts and the values they must have; an unset flag reads as false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The id, clause and labels that every row of a rule file carries."""

    rule: str
    clause: str
    zh: str
    en: str
