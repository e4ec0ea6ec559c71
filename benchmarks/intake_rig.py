"""
The peers of `benchmarks/intake.py`: `python intake_rig.py READER FILE EVENTS`, under a Python that has them.

Each reads the ids, the names of events and the times as times, in its own usual way, and nothing else:
no value is checked, nothing is masked, no row is rejected with a reason.
"""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

path, expected = Path(sys.argv[2]), int(sys.argv[3])


def pandas_csv() -> int:
    """Columns of text, and one of times in a zone."""
    import pandas as pd  # noqa: PLC0415 - each process has one reader

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame["at"] = pd.to_datetime(frame["at"]).dt.tz_localize("Asia/Shanghai")
    return len(frame)


def pm4py_csv() -> int:
    """Format a log as pm4py asks for it."""
    import pandas as pd  # noqa: PLC0415 - each process has one reader
    import pm4py  # noqa: PLC0415 - the same

    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    log = pm4py.format_dataframe(frame, case_id="order_id", activity_key="event", timestamp_key="at")
    return len(log)


def openpyxl_rows() -> int:
    """Give an event for each time in a row, the rows one by one."""
    from openpyxl import load_workbook  # noqa: PLC0415 - the same

    book = load_workbook(path, read_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True)
    times = [(at, name) for at, name in enumerate(next(rows)) if str(name).endswith("时间")]
    events: list[tuple[Any, ...]] = []
    for row in rows:
        for at, name in times:
            if (told := row[at]) is not None:
                moment = told if isinstance(told, datetime) else datetime.fromisoformat(str(told))
                events.append((row[0], name, moment))
    return len(events)


def pandas_xlsx() -> int:
    """Columns of times, then a row for each time that is filled."""
    import pandas as pd  # noqa: PLC0415 - each process has one reader

    frame = pd.read_excel(path)
    times = [name for name in frame.columns if name.endswith("时间")]
    events = frame.melt(["任务号"], times, "event", "at").dropna(subset=["at"])
    events["at"] = pd.to_datetime(events["at"])
    return len(events)


READERS = {
    "pandas-csv": pandas_csv, "pm4py": pm4py_csv, "openpyxl": openpyxl_rows, "pandas-xlsx": pandas_xlsx,
}  # fmt: skip

if __name__ == "__main__":
    found = READERS[sys.argv[1]]()
    sys.exit(0 if found == expected else f"{found} events instead of {expected}")
