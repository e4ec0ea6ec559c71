"""
A process that sweeps and tells until it is killed: `python telling.py PAIDAN_FOLDER URL NOW FILE`.

Its clock stands at NOW (ISO) and goes on an hour before each round; what is told is appended to FILE.
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
with Engine.open(sys.argv[2], None, create=False, clock=clock) as engine:
    while True:
        clock.advance_to(clock.now() + timedelta(hours=1))
        engine.sweep()
        engine.tell(sys.argv[4])
        sys.stdout.write(f"{clock.now().isoformat()}\n")
        sys.stdout.flush()
