"""Files out, read back by others: openpyxl, csv, json, pyarrow."""

import csv
import json
import re

import openpyxl
from pyarrow import parquet

_UNSEEN = "\t\r\n \u00a0\u3000\u200b\u2060\ufeff"
_SIGNED = re.compile(r"[-+](\d+(\.\d+)?%?)?")
_XML = re.compile("_x([0-9A-F]{4})_")


def runs_in_a_spreadsheet(cell):
    """Whether a spreadsheet that opens a CSV file might take a cell for a formula."""
    seen = cell.lstrip(_UNSEEN)
    return cell[:1] in tuple("\t\r\n") or (
        seen.startswith(tuple("=+-@＝＋－＠")) and not _SIGNED.fullmatch(seen)
    )


def cells_of_csv(path, encoding="utf-8-sig"):
    """Every row as it stands in the file."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def book_of(path):
    """A workbook by sheet: rows of what cells hold; fails where one is a formula or a link."""
    book = openpyxl.load_workbook(path)
    told: dict[str, list[list[object]]] = {}
    for sheet in book.worksheets:
        assert not sheet._hyperlinks
        told[sheet.title] = rows = []
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" and cell.hyperlink is None for cell in row)
            rows.append(["" if cell.value is None else _plain(cell.value) for cell in row])
    return told


def _plain(value):
    """What openpyxl leaves of the format's own way to write a carriage return."""
    return _XML.sub(lambda found: chr(int(found[1], 16)), value) if isinstance(value, str) else value


def told_by(path):
    """The rows of a file of any form, under its columns' names or titles."""
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pylist()
    rows = next(iter(book_of(path).values())) if path.suffix == ".xlsx" else cells_of_csv(path)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
