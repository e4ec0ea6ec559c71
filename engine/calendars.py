"""
The folder of holiday notices an operator has installed on this machine, for every command.

It is the folder named by `PAIDAN_CALENDARS`; the command line names one of the user's own where
nobody did. A host that embeds paidan and names none has none. A store of live orders takes what is
there when it is made and keeps to it; notices that come later are loaded into it.
"""

import os
from datetime import date
from pathlib import Path

from paidan.engine.environment import CALENDARS
from paidan.engine.errors import UsageError
from paidan.policies.editions import here, notice_of
from paidan.policies.known import Known
from paidan.policies.notices import Notice, to_toml


def folder() -> Path | None:
    """Name the folder, which need not be there; None where nobody named one."""
    named = os.environ.get(CALENDARS)
    return Path(named) if named else None


def installed() -> tuple[Notice, ...]:
    """Give the notices in the folder, by name of file; raises `PolicyError` for a broken one."""
    place = folder()
    files = sorted(place.glob("*.toml")) if place else []
    return tuple(notice_of(path.read_bytes(), str(path)) for path in files)


def known(on: date | None = None) -> Known:
    """Give what is known here, or was known on a day."""
    return here(Known(installed(), on=on))


def install(notice: Notice) -> Path:
    """
    Write a notice into the folder, over one of the same year and day, and say where it is.

    Raises `UsageError` where nobody named a folder.
    """
    place = folder()
    if place is None:
        raise UsageError("calendar_folder", name=CALENDARS)
    path = place / f"{notice.year}-{notice.published_on}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(to_toml(notice), encoding="utf-8", newline="\n")
    beside.replace(path)
    return path
