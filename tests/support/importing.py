"""
A process that imports until it is done or killed: `python importing.py PAIDAN_FOLDER URL FILE NOW`.

How many events are done is printed after each transaction. Its clock stands at NOW.
"""

import random
import signal
import subprocess
import sys
import time
from datetime import datetime
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path


def kill_at_random(url: str, file: Path, now: datetime, there: int, chance: random.Random) -> None:
    """Import in a process that is killed a moment after it has gone beyond what was there."""
    import paidan

    folder = str(next(iter(paidan.__path__)))
    command = [sys.executable, __file__, folder, url, str(file), now.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        next(line for line in child.stdout if int(line) > there)
        time.sleep(chance.random() * 0.02)
        child.send_signal(signal.SIGKILL)
        child.stdout.read()
    assert child.returncode == -signal.SIGKILL, "killed on the way"


def main(folder: str, url: str, file: str, now: str) -> None:
    """Import."""
    spec = ModuleSpec("paidan", None, is_package=True)
    spec.submodule_search_locations = [folder]
    sys.modules["paidan"] = module_from_spec(spec)

    from paidan.engine import Engine
    from paidan.engine.clock import SimulatedClock

    def tell(done: int, _: int) -> None:
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()

    with Engine.open(url, "JY", clock=SimulatedClock(datetime.fromisoformat(now))) as engine:
        engine.import_logs([file], on_progress=tell)


if __name__ == "__main__":
    main(*sys.argv[1:])
