"""
A generated month of a street's hotline under JY: about 2,000 orders, everything invented.

`write_demo` writes it as files, `demo_commands` gives it as commands; the same seed, the same month.
"""

from paidan.engine.demo.entries import demo_adjustments
from paidan.engine.demo.files import DemoFiles, write_demo
from paidan.engine.demo.month import FIRST_ON, LAST_ON, MONTH, SEED, Month, demo_commands, demo_month
from paidan.engine.demo.street import demo_units

__all__ = [
    "FIRST_ON", "LAST_ON", "MONTH", "SEED", "DemoFiles", "Month", "demo_adjustments", "demo_commands",
    "demo_month", "demo_units", "write_demo",
]  # fmt: skip
