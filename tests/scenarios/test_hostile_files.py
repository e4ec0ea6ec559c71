"""Files that were made to do harm: refused with a reason, or read with every row accounted for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.hostile import HOSTILE, READ

from paidan.engine.messages import say

ROOT = Path(__file__).parents[2]
GROWTH_MOST = 100 << 10
"""KiB by which the process that asks may grow."""

ASK = """
import json, resource, sys
sys.path.insert(0, {root!r})
import run_engine
from pathlib import Path
from paidan.engine.intake.events import read_logs
from paidan.engine.errors import InputError
import pyarrow.parquet

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

for line in sys.stdin:
    before = peak()
    details, accounted = {{}}, True
    try:
        log = read_logs([Path(line.strip())])
    except InputError as error:
        code, details = error.code, dict(error.details)
    else:
        code = "read"
        accounted = log.read == sum(map(len, log.orders.values())) + len(log.rejected)
    grown = peak() - before
    print(json.dumps([code, details, accounted, grown], default=str), flush=True)
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Have one process open every file, as a replay would, and say what came of it."""
    folder = tmp_path_factory.mktemp("hostile")
    answers = {}
    with subprocess.Popen(
        [sys.executable, "-c", ASK.format(root=str(ROOT))], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, encoding="utf-8",
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        for number, (name, (file, make, _)) in enumerate(HOSTILE.items()):
            path = folder / f"{number}-{file}"
            path.write_bytes(make())
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            answers[name] = json.loads(process.stdout.readline())
            path.unlink()
        process.stdin.close()
    assert process.returncode == 0
    return answers


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason_or_every_row_of_it_accounted_for(asked, name):
    code, details, accounted, grown = asked[name]
    assert code in HOSTILE[name][2]
    assert accounted
    assert grown < GROWTH_MOST
    if code != READ:
        for lang in ("zh", "en"):
            assert say(code, lang, **details)
