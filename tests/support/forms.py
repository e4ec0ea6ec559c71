"""One log written in each form that is read."""

import csv
import gzip
import json
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pyarrow as pa
from pyarrow import parquet

STANDARD = {
    "order_id": "concept:name",
    "event": "concept:name",
    "at": "time:timestamp",
    "actor": "org:resource",
}
FORMS = ("csv", "jsonl", "xes", "xes.gz", "parquet")


def columns_of(rows):
    return list(dict.fromkeys(name for row in rows for name in row))


def write_form(path: Path, rows, form: str, encoding: str = "utf-8") -> Path:
    """Write rows (dicts of text, orders one after the other) in a form; a value that is empty is left out."""
    path = path.with_name(f"{path.name}.{form}")
    if form == "csv":
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, columns_of(rows))
            writer.writeheader()
            writer.writerows(rows)
    elif form == "jsonl":
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        path.write_bytes("".join(lines).encode(encoding))
    elif form == "parquet":
        columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in columns_of(rows)}
        parquet.write_table(pa.table(columns), path, row_group_size=7)
    else:
        content = xes(rows, encoding).encode(encoding)
        path.write_bytes(gzip.compress(content, mtime=0) if form == "xes.gz" else content)
    return path


def xes(rows, encoding: str = "utf-8") -> str:
    lines = [f'<?xml version="1.0" encoding="{encoding}"?>', '<log xmlns="http://www.xes-standard.org/">']
    current = None
    for row in rows:
        if row.get("order_id") != current:
            lines += ["</trace>"] * (current is not None)
            current = row.get("order_id")
            lines += ["<trace>", _attribute("concept:name", current)]
        said = (_attribute(STANDARD.get(key, key), row[key]) for key in row if key != "order_id" and row[key])
        lines += ["<event>", *said, "</event>"]
    return "\n".join([*lines, "</trace>", "</log>", ""])


def _attribute(key: str, value) -> str:
    kind = "date" if key == "time:timestamp" else "string"
    return f"<{kind} key={quoteattr(key)} value={quoteattr(value or '')} />"
