"""Workbooks written for tests: sound ones by XlsxWriter, others part by part."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

_FORMATS: dict[type, str] = {
    datetime: "yyyy-mm-dd hh:mm:ss", date: "yyyy-mm-dd", time: "hh:mm:ss", timedelta: "[h]:mm:ss",
}  # fmt: skip


def write_workbook(
    path: Path,
    sheets: Mapping[str, Iterable[Sequence[Any]]],
    *,
    hidden: Sequence[str] = (),
    since_1904: bool = False,
    merged: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Write sheets of rows; a cell is text, a number, a boolean, a date or time, or None."""
    book = xlsxwriter.Workbook(
        str(path), {"date_1904": since_1904, "strings_to_formulas": False, "strings_to_urls": False}
    )
    formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        if name in hidden:
            sheet.hide()
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif value is not None:
                    sheet.write(number, place, value, *filter(None, [formats.get(type(value))]))
        for where in (merged or {}).get(name, ()):
            sheet.merge_range(where, "")
            first = where.partition(":")[0]
            column, line = ord(first[0]) - ord("A"), int(first[1:]) - 1
            sheet.write(line, column, [*rows][line][column])
    book.close()
    return path


HEADER = ("工单编号", "受理时间", "派单时间", "承办单位")
ROWS = [
    ("GD1", "2026-03-02 09:00:00", "2026-03-02 10:00:00", "城管局"),
    ("GD2", "2026-03-02 11:00:00", "2026-03-02 12:00:00", "住建局"),
]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    '{kind}" Target="{target}"/></Relationships>'
)


def cell(reference: str, text: str) -> str:
    """Write a cell of inline text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_xml(rows: Iterable[Sequence[str]] = (HEADER, *ROWS), more: str = "", after: str = "") -> str:
    """Write a sheet; `more` are further rows, `after` what follows them."""
    lines = "".join(
        f'<row r="{n}">' + "".join(cell(f"{chr(65 + at)}{n}", text) for at, text in enumerate(row)) + "</row>"
        for n, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{lines}{more}</sheetData>{after}</worksheet>'


def parts(**others: str | bytes) -> dict[str, bytes]:
    """Give the parts of a sound workbook; `sheet`, `strings`, `styles`, `workbook` replace some."""
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    made: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": others.get("workbook", workbook),
        "xl/_rels/workbook.xml.rels": _RELS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": others.get("sheet", sheet_xml()),
        "xl/sharedStrings.xml": others.get("strings", f'<sst xmlns="{MAIN}"/>'),
        "xl/styles.xml": others.get("styles", f'<styleSheet xmlns="{MAIN}"/>'),
    }
    return {name: part.encode() if isinstance(part, str) else part for name, part in made.items()}


def packed(
    entries: Mapping[str, bytes] | Iterable[tuple[str, bytes]], how: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Pack parts, in that order, under names that nobody tidies."""
    listed = entries.items() if isinstance(entries, Mapping) else entries
    file, directory, count = io.BytesIO(), io.BytesIO(), 0
    for name, content in listed:
        raw = name.encode()
        body = content
        if how == zipfile.ZIP_DEFLATED:
            squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
            body = squeeze.compress(content) + squeeze.flush()
        told = (20, 0x800, how, 0, 33, zlib.crc32(content), len(body), len(content), len(raw))
        directory.write(struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, *told, 0, 0, 0, 0, 0, file.tell()))
        directory.write(raw)
        file.write(struct.pack("<4sHHHHHIIIHH", b"PK\3\4", *told, 0) + raw + body)
        count += 1
    start, listing = file.tell(), directory.getvalue()
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(listing), start, 0)
    return file.getvalue() + listing + end


def patched(
    content: bytes, name: str, *, central: Mapping[int, bytes], local: Mapping[int, bytes] | None = None
) -> bytes:
    """Overwrite fields of a part's entry in the directory, and of the header before the part."""
    changed = bytearray(content)
    raw = name.encode()
    for mark, size, fields in ((b"PK\1\2", 46, central), (b"PK\3\4", 30, local or {})):
        at = changed.find(mark)
        while at >= 0 and changed[at + size : at + size + len(raw)] != raw:
            at = changed.find(mark, at + 1)
        for offset, value in fields.items():
            changed[at + offset : at + offset + len(value)] = value
    return bytes(changed)
