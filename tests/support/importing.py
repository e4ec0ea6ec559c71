"""
A process that imports until it is done or killed: `python importing.py PAIDAN_FOLDER URL FILE NOW`.

How many events are done is printed after each transaction. Its clock stands at NOW.
"""

import sys
from datetime import datetime
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec

spec = ModuleSpec("paidan", None, is_package=True)
spec.submodule_search_locations = [sys.argv[1]]
sys.modules["paidan"] = module_from_spec(spec)

from paidan.engine import Engine  # noqa: E402 - bound just now
from paidan.engine.clock import SimulatedClock  # noqa: E402


def tell(done, _total):
    sys.stdout.write(f"{done}\n")
    sys.stdout.flush()


with Engine.open(sys.argv[2], "JY", clock=SimulatedClock(datetime.fromisoformat(sys.argv[4]))) as engine:
    engine.import_logs([sys.argv[3]], on_progress=tell)
