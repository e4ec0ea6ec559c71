"""`python -m tests.simulation --steps 1000000 --seed 7 --store memory`: prints a line for every world."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from support.notices import written

from simulation.places import places
from simulation.simulator import EPISODE, BrokenError, Simulation


def main(words: list[str]) -> int:
    """Take the steps asked for, world after world; 1 where an invariant does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", default="1", help="of all worlds, or of the one that a failure named (7:3)")
    parser.add_argument("--store", choices=("memory", "sqlite", "postgresql"), default="memory")
    asked = parser.parse_args(words)
    began, counted, left = time.monotonic(), Counter[str](), asked.steps
    with (
        TemporaryDirectory(prefix="paidan-simulation-") as folder,
        places(asked.store, Path(folder)) as place_of,
    ):
        written(Path(folder))
        for seed in _seeds(asked.seed):
            steps = min(left, EPISODE)
            left -= steps
            try:
                counted += _world(seed, steps, Path(folder), place_of)
            except BrokenError as found:
                sys.stdout.write(f"{found}\n")
                return 1
            if not left:
                break
        done = ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))
        sys.stdout.write(f"{asked.steps} steps in {time.monotonic() - began:.1f} s: {done}\n")
    return 0


def _world(seed: str, steps: int, folder: Path, place_of) -> Counter[str]:
    with ExitStack() as made:
        one = Simulation(seed, lambda _: made.enter_context(place_of()).url, folder)
        one.run(steps)
        sys.stdout.write(f"seed {seed}: {steps} steps, {one.digest.hexdigest()[:16]}\n")
        return Counter[str](one.counted)


def _seeds(seed: str) -> Iterator[str]:
    if ":" in seed:
        yield seed
        return
    number = 0
    while True:
        yield f"{seed}:{number}"
        number += 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
