"""A holiday notice for 2027, invented for the tests; the real one may say otherwise."""

from pathlib import Path

from paidan.policies.editions import notice_of
from paidan.policies.notices import Notice

NOTICE_2027 = """\
year = 2027
notice = "试验通知〔2026〕1号"
published_on = 2026-11-04

[[holiday]]
name = "元旦"
off = ["2027-01-01/2027-01-03"]

[[holiday]]
name = "春节"
off = ["2027-02-05/2027-02-12"]
work = ["2027-01-31", "2027-02-20"]

[[holiday]]
name = "清明节"
off = ["2027-04-03/2027-04-05"]

[[holiday]]
name = "劳动节"
off = ["2027-05-01/2027-05-05"]
work = ["2027-05-08"]

[[holiday]]
name = "端午节"
off = ["2027-06-09"]

[[holiday]]
name = "中秋节"
off = ["2027-09-15"]

[[holiday]]
name = "国庆节"
off = ["2027-10-01/2027-10-07"]
work = ["2027-09-26", "2027-10-09"]
"""

EVE = ('"2027-01-01/2027-01-03"', '"2026-12-31/2027-01-02"]\nwork = ["2027-01-03"')
"""A change: New Year begins with the last day of December, and the Sunday after is worked."""


def changed(*pairs: tuple[str, str]) -> str:
    """Give the notice with each text replaced once by another."""
    text = NOTICE_2027
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def notice(*pairs: tuple[str, str]) -> Notice:
    """Read the notice, or it changed."""
    return notice_of(changed(*pairs).encode(), "2027.toml")


def written(folder: Path, *pairs: tuple[str, str], name: str = "2027.toml") -> Path:
    """Write the notice, or it changed, into a folder."""
    path = folder / name
    path.write_text(changed(*pairs), encoding="utf-8")
    return path
