"""What came of an import, as JSON."""

from typing import Any

from paidan.engine.import_log import Imported

COUNTS = (
    "read", "applied", "already_there", "refused", "rejected", "corrected", "orders", "timed_out",
    "withdrawn",
)  # fmt: skip
"""What is counted, in events but for `orders`."""


def import_json(imported: Imported, mapping: str = "") -> dict[str, Any]:
    """Give the summary of an import; `mapping` names the file that it was read by."""
    added = dict(sorted(imported.added.items()))
    return {
        **{name: getattr(imported, name) for name in COUNTS},
        "deviations": dict(sorted(imported.deviations.items())),
        "emptied": [one._asdict() for one in imported.emptied],
        "vanished": [one._asdict() for one in imported.vanished],
        "inputs": imported.inputs,
        "identity_cells_kept": dict(sorted(imported.identity_kept.items())),
        "identity_cells_dropped": dict(sorted(imported.identity_dropped.items())),
        "columns_ignored": imported.columns_ignored,
        **({"mapping": {"name": mapping, "added": added}} if mapping else {}),
    }
