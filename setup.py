"""
Name every folder below the four roots as a package, so that a new one cannot be left out of the wheel.

All other metadata stands in pyproject.toml. The build tree is a temporary one: setuptools never empties
`build/`, and a module deleted since would come back in the next wheel.
"""

from tempfile import TemporaryDirectory

from setuptools import find_namespace_packages, setup

ROOTS = ("engine", "workflows", "policies", "storage")


def packages() -> list[str]:
    """Every package of the wheel, by its installed name."""
    below = {root: find_namespace_packages(root, exclude=["*__pycache__*"]) for root in ROOTS}
    return [f"paidan.{name}" for root in ROOTS for name in (root, *(f"{root}.{sub}" for sub in below[root]))]


with TemporaryDirectory() as scratch:
    setup(packages=packages(), options={"build": {"build_base": scratch}, "egg_info": {"egg_base": scratch}})
