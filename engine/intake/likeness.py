"""How like one another names of columns, values and activities are."""

from difflib import SequenceMatcher

from paidan.engine.intake.synonyms import ACTIVITIES
from paidan.engine.intake.wide import squeezed
from paidan.workflows.attributes import ATTRIBUTE_OF

NEAR = 0.7
"""How near a name must be to be proposed."""
_WITHIN = 3
"""Characters that a name looked for within a longer one has more than."""


def plain(header: str) -> str:
    """Write a header as names are compared."""
    return squeezed(header).lower().removeprefix("case:").removeprefix("event:").replace("_", "")


def likeness(written: str, name: str) -> float:
    """Say how like what is written is to a name: 1 where it is that name, and never else."""
    if written == name:
        return 1.0
    if len(name) > _WITHIN and name in written:
        return 0.8 + len(name) / len(written) / 10
    return min(SequenceMatcher(None, written, name).ratio(), 0.99)


def near_choice(name: str, text: str) -> str:
    """Give the choice whose label is most like a word; of a flag yes or no."""
    labels = {zh: one for one, zh in (ATTRIBUTE_OF[name].choices or {"是": "是", "否": "否"}).items()}
    best = max(labels, key=lambda zh: SequenceMatcher(None, text, zh).ratio())
    return labels[best]


def near_event(text: str) -> tuple[str, float]:
    """Give the event that an activity is called most like, and how much; `note` where it is like none."""
    scores = {
        event: max(likeness(text.lower(), name) for name in names) for event, names in ACTIVITIES.items()
    }
    best = max(scores, key=lambda event: scores[event])
    return (best, scores[best]) if scores[best] >= NEAR else ("note", 0.0)
