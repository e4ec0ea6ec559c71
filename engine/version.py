"""Which paidan this is."""

from importlib.metadata import PackageNotFoundError, version


def own_version() -> str:
    """Give the version of paidan; `checkout` where it is not installed."""
    try:
        return version("paidan")
    except PackageNotFoundError:
        return "checkout"
