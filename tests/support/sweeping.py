"""
A process that sweeps until it is killed: `python sweeping.py PAIDAN_FOLDER URL START STEP_SECONDS`.

Its clock begins at START (ISO) and goes on STEP_SECONDS before each sweep; the number of time-outs
raised is printed after each.
"""

import sys
from datetime import datetime, timedelta
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec

spec = ModuleSpec("paidan", None, is_package=True)
spec.submodule_search_locations = [sys.argv[1]]
sys.modules["paidan"] = module_from_spec(spec)

from paidan.engine import Engine  # noqa: E402 - bound just now
from paidan.engine.clock import SimulatedClock  # noqa: E402

clock = SimulatedClock(datetime.fromisoformat(sys.argv[3]))
with Engine.open(sys.argv[2], clock=clock) as engine:
    while True:
        clock.advance_to(clock.now() + timedelta(seconds=float(sys.argv[4])))
        sys.stdout.write(f"{engine.sweep()}\n")
        sys.stdout.flush()
