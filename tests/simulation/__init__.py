"""
The engine in a world made from a seed, and campaigns that kill it: see docs/explanation/how-it-is-tested.md.

`python -m tests.simulation` and its campaigns run from the checkout; pytest imports the same as `simulation`.
"""

import logging
import sys
from pathlib import Path

if "paidan" not in sys.modules:  # started by `python -m`, not by pytest
    _CHECKOUT = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(_CHECKOUT), str(_CHECKOUT / "tests")]
    import run_engine  # noqa: F401 - binds the checkout as `paidan`

    logging.getLogger("paidan").addHandler(logging.NullHandler())  # faults are what it is about
