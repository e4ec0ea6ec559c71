"""Made-up people whom callers of a simulation speak of: what only a vault may keep, and nothing else show."""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from paidan.workflows.attributes import ATTRIBUTE_OF, Holds

CANARY = re.compile(r"金丝雀|暗号路|密语|1397\d{7}")
"""What each of them is called by, lives in, says and is reached at."""


def speak(rng: Random, number: int, said: dict[str, Any], *, identity: bool = True) -> Mapping[str, str]:
    """Let a command speak of a person, often of none; gives what of it is for a vault alone, by name."""
    phone = f"1397{number:07}"
    private: dict[str, str] = {}
    if identity and rng.random() < 0.08:
        of = {
            "caller": f"金丝雀{number}",
            "phone": phone,
            "address": f"暗号路{number}弄",
            "content": f"密语{number}",
        }
        private = {name: one for name, one in of.items() if rng.random() < 0.6}
        said.update(private)
    for name, one in said.items():
        text = name not in private and name != "backdated" and is_text(said, name)
        if text and isinstance(one, str) and rng.random() < 0.05:
            private[name] = f"回电{phone}，{one}"
    said.update(private)
    return private


def is_text(said: Mapping[str, Any], name: str) -> bool:
    """Whether an attribute holds words of its author's own."""
    if name == "before":  # it is held against what stands
        return False
    about = said.get("field", "") if name == "after" else name
    return about in ATTRIBUTE_OF and about != "field" and ATTRIBUTE_OF[about].holds is Holds.TEXT


def shown(*told: object) -> list[str]:
    """Find what is of a person in what was written or told."""
    return CANARY.findall(" ".join(map(repr, told)))
