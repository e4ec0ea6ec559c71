"""
A process that is given a log until it is killed: `python subscribing.py PAIDAN_FOLDER URL NAME FILE`.

Each entry is written to FILE as a line of `order seq`, by one write.
"""

import os
import sys
import time
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec

spec = ModuleSpec("paidan", None, is_package=True)
spec.submodule_search_locations = [sys.argv[1]]
sys.modules["paidan"] = module_from_spec(spec)

from paidan.engine import Engine  # noqa: E402 - bound just now

taken = os.open(sys.argv[4], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
with Engine.open(sys.argv[2], None, create=False) as engine:
    engine.subscribe(sys.argv[3], lambda entry: os.write(taken, f"{entry.order_id} {entry.seq}\n".encode()))
    engine.start(every_seconds=3600)
    while True:
        time.sleep(1)
