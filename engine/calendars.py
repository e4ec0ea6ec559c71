"""
The folder of holiday notices an operator has installed on this machine, for every command.

It is the folder named by `PAIDAN_CALENDARS`, else `calendars` in the application folder of the
user. A store of live orders takes what is there when it is made and keeps to it; notices that come
later are loaded into it.
"""

import os
from datetime import date
from pathlib import Path

from paidan.policies.editions import here, notice_of
from paidan.policies.known import Known
from paidan.policies.notices import Notice, to_toml

ENVIRONMENT = "PAIDAN_CALENDARS"


def folder() -> Path:
    """Name the folder; it need not be there."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    import typer  # noqa: PLC0415 - it knows where each system keeps such things; costs too much to load always

    return Path(typer.get_app_dir("paidan")) / "calendars"


def installed() -> tuple[Notice, ...]:
    """Give the notices in the folder, by name of file; raises `PolicyError` for a broken one."""
    files = sorted(folder().glob("*.toml"))
    return tuple(notice_of(path.read_bytes(), str(path)) for path in files)


def known(on: date | None = None) -> Known:
    """Give what is known here, or was known on a day."""
    return here(Known(installed(), on=on))


def install(notice: Notice) -> Path:
    """Write a notice into the folder, over one of the same year and day, and say where it is."""
    path = folder() / f"{notice.year}-{notice.published_on}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(to_toml(notice), encoding="utf-8", newline="\n")
    beside.replace(path)
    return path
