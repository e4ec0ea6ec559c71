"""Start the command line from this checkout, whichever wheel may be installed."""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

checkout = ModuleSpec("paidan", None, is_package=True)
checkout.submodule_search_locations = [str(Path(__file__).resolve().parent)]
sys.modules["paidan"] = module_from_spec(checkout)

if __name__ == "__main__":
    from paidan.engine.cli.main import run

    run()
