"""
The one catalogue of what people read, zh-CN first; no other module chooses a language.

Each area keeps its sentences in a module of its own as `TEXTS`: code -> (Chinese, English).
`say` fills one; a code that is missing is a fault of ours, so it raises.
"""

from functools import cache
from importlib import import_module
from typing import Any

AREAS = (
    "terms",
    "findings",
    "intake",
    "policy",
    "cli",
    "score",
    "live",
    "late",
    "custody",
    "ledger",
    "logs_out",
    "imported",
    "previewed",
    "suggested",
    "progress",
    "export",
    "telemetry",
    "access",
    "http",
    "console",
    "console_order",
    "auditing",
    "jobs",
    "room",
    "doctor",
    "audit",
    "vault",
    "directory",
    "inbox",
    "demo",
    "explain",
    "consequences",
    "compared",
    "report",
    "annex",
    "talks",
)
LANGUAGES = ("zh", "en")


@cache
def texts() -> dict[str, tuple[str, str]]:
    """Every sentence of every area; a code stands once."""
    merged: dict[str, tuple[str, str]] = {}
    for area in AREAS:
        for code, pair in import_module(f"{__name__}.{area}").TEXTS.items():
            if code in merged:
                raise ValueError(f"message code {code!r} stands twice (again in {area})")
            merged[code] = pair
    return merged


def say(code: str, lang: str = "zh", **details: Any) -> str:
    """Give the sentence of `code` in `lang` (zh or en), filled with `details`; KeyError if unknown."""
    return texts()[code][LANGUAGES.index(lang)].format(**details)
