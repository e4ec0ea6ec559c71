"""Files made to break a reader, or whoever asks it: each with the codes it may be refused with."""

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Mapping

from support.workbooks import MAIN, cell, packed, parts, patched, sheet_xml

READ = "read"
"""Not refused: every row is read or rejected."""
_SHEET = "xl/worksheets/sheet1.xml"
_STRINGS = "xl/sharedStrings.xml"
_LOG = "order_id,event,at\nGD1,receive,2026-03-02 09:00:00\n"
_DOCTYPE = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>'
_SPACES = b" " * (24 << 20)

Made = tuple[str, Callable[[], bytes], tuple[str, ...]]


def _with(**more: str | bytes) -> Callable[[], bytes]:
    return lambda: bytes(packed(parts(**more)))


def _and(name: str, content: bytes = b"x") -> Callable[[], bytes]:
    return lambda: bytes(packed({**parts(), name: content}))


def _row(*cells: str) -> str:
    return f'<row r="9">{"".join(cells)}</row>'


def _sheet(more: str = "", after: str = "") -> Callable[[], bytes]:
    return _with(sheet=sheet_xml(more=more, after=after))


def _patched(name: str, central: Mapping[int, bytes], local: Mapping[int, bytes] | None = None) -> bytes:
    return bytes(patched(packed(parts()), name, central=central, local=local))


def _cut(part: int) -> Callable[[], bytes]:
    def half() -> bytes:
        whole: bytes = packed(parts())
        return whole[: max(4, len(whole) * part // 12)]

    return half


def _flipped(part: int) -> Callable[[], bytes]:
    """One byte of the packed sheet that is not what it was."""

    def changed() -> bytes:
        whole = bytearray(packed(parts()))
        whole[whole.find(_SHEET.encode()) + len(_SHEET) + 20 + part] ^= 0x5A
        return bytes(whole)

    return changed


def _compound(*names: str) -> bytes:
    return (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)).ljust(1024, b"\0") + b"".join(
        name.encode("utf-16-le").ljust(128, b"\0") for name in names
    )


def _big_member(name: str, total: int) -> bytes:
    """Deflated so that the directory says little and the stream says much."""
    whole = packed({**parts(), name: b" " * total})
    small = struct.pack("<I", 1000)
    return bytes(patched(whole, name, central={24: small}, local={22: small}))


def _quine() -> bytes:
    inner = packed({**parts(), _STRINGS: b"x"})
    return bytes(packed({**parts(), "xl/workbook.xml": inner}, zipfile.ZIP_STORED))


def _declared_empty() -> bytes:
    rows = "".join(f'<row r="{n}"/>' for n in range(10, 1 << 20))
    return bytes(packed(parts(sheet=sheet_xml(more=rows))))


def _wide() -> str:
    def name(place: int) -> str:
        text = ""
        while place >= 0:
            text, place = chr(65 + place % 26) + text, place // 26 - 1
        return text

    return _row(*(cell(f"{name(place)}9", "x") for place in range(10_000)))


def _xes_gzip(mib: int) -> bytes:
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=9, mtime=0) as archive:
        archive.write(b"<log>")
        for _ in range(mib):
            archive.write(b" " * (1 << 20))
        archive.write(b"</log>")
    return file.getvalue()


def _event(inside: str) -> bytes:
    return f"<log><trace><event>{inside}</event></trace></log>".encode()


def _parquet_half() -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    file = io.BytesIO()
    parquet.write_table(pa.table({"order_id": ["GD1"], "event": ["note"], "at": ["2026-03-02"]}), file)
    return file.getvalue()[:-20]


_BROKEN = ("workbook_broken",)
_EITHER = (READ, "workbook_broken")
_LARGE = ("workbook_large", "columns_many", "workbook_broken")

HOSTILE: dict[str, Made] = {
    # Bombs
    "a sheet that packs a thousand to one": (
        "x.xlsx",
        lambda: packed(parts(sheet=_SPACES)),
        ("workbook_bomb",),
    ),
    "shared strings that do": ("x.xlsx", lambda: packed(parts(strings=_SPACES)), ("workbook_bomb",)),
    "styles that do": ("x.xlsx", lambda: packed(parts(styles=_SPACES)), ("workbook_bomb",)),
    "a part nobody asks for that does": ("x.xlsx", _and("xl/media/image1.png", _SPACES), ("workbook_bomb",)),
    "more than the directory says": (
        "x.xlsx",
        lambda: _big_member(_SHEET, 8 << 20),
        ("workbook_bomb", *_BROKEN),
    ),
    "sizes beyond any file": (
        "x.xlsx",
        lambda: _patched(_SHEET, {24: b"\xf0\xff\xff\xff"}, {22: b"\xf0\xff\xff\xff"}),
        ("workbook_large", "workbook_bomb"),
    ),
    "a hundred thousand shared strings": (
        "x.xlsx",
        _with(
            strings=f'<sst xmlns="{MAIN}">'
            + "".join(f"<si><t>{n * 7919 % 1_000_003}</t></si>" for n in range(100_000))
            + "</sst>"
        ),
        (READ,),
    ),
    "a hundred thousand styles": (
        "x.xlsx",
        _with(
            styles=f'<styleSheet xmlns="{MAIN}"><cellXfs>'
            + "".join(f'<xf numFmtId="{n * 7919 % 1_000_003}"/>' for n in range(100_000))
            + "</cellXfs></styleSheet>"
        ),
        (READ,),
    ),
    "one part told under many names": (
        "x.xlsx",
        lambda: patched(
            packed({**parts(), "a.xml": b"<a/>", "b.xml": b"<a/>"}), "b.xml", central={42: bytes(4)}
        ),
        ("workbook_overlap", *_BROKEN),
    ),
    "parts that reach into the next": (
        "x.xlsx",
        lambda: _patched("xl/workbook.xml", {20: b"\xff\x0f\0\0"}),
        ("workbook_overlap", *_BROKEN),
    ),
    "a part that reaches into the directory": (
        "x.xlsx",
        lambda: _patched("xl/styles.xml", {20: b"\xff\x0f\0\0"}),
        ("workbook_overlap", *_BROKEN),
    ),
    "seventy thousand parts": (
        "x.xlsx",
        lambda: packed([(f"xl/{n}", b"") for n in range(70_000)], zipfile.ZIP_STORED),
        ("workbook_parts",),
    ),
    "an archive in the archive": ("x.xlsx", _and("xl/embeddings/a.zip"), ("workbook_nested",)),
    "an archive that is called a picture": (
        "x.xlsx",
        lambda: packed({**parts(), "xl/media/image1.png": packed(parts())}),
        ("workbook_nested",),
    ),
    "an archive where the workbook should be": ("x.xlsx", _quine, ("workbook_nested",)),
    "a workbook in the workbook": ("x.xlsx", _and("xl/embeddings/Sheet.xlsx"), ("workbook_nested",)),
    "a compound file in the workbook": (
        "x.xlsx",
        lambda: packed({**parts(), "xl/embeddings/a.bin": _compound("Ole")}),
        ("workbook_nested",),
    ),
    "a cell of five million characters": (
        "x.xlsx",
        _sheet(_row(cell("A9", "工" * 5_000_000))),
        ("line_long",),
    ),
    # Names, flags, macros
    "a name that leads out": ("x.xlsx", _and("../../etc/passwd"), ("workbook_path",)),
    "a name that leads out by backslashes": ("x.xlsx", _and("xl\\..\\..\\x"), ("workbook_path",)),
    "a name from the root": ("x.xlsx", _and("/etc/passwd"), ("workbook_path",)),
    "a name on a drive": ("x.xlsx", _and("C:/x"), ("workbook_path",)),
    "encrypted parts": (
        "x.xlsx",
        lambda: _patched(_SHEET, {8: b"\1\x08"}, {6: b"\1\x08"}),
        ("workbook_locked",),
    ),
    "two sheets of one name": (
        "x.xlsx",
        lambda: packed([*parts().items(), (_SHEET, b"<x/>")]),
        ("workbook_twice",),
    ),
    "two names that differ in their case": ("x.xlsx", _and(_SHEET.upper()), ("workbook_twice",)),
    "macros": ("x.xlsm", _and("xl/vbaProject.bin"), ("workbook_macros",)),
    "macros of before 1997": ("x.xlsx", _and("xl/macrosheets/sheet1.xml"), ("workbook_macros",)),
    # XML
    "entities that read a file": (
        "x.xlsx",
        _with(sheet=_DOCTYPE + sheet_xml(more=_row(cell("A9", "&c;")))),
        ("xml_entities",),
    ),
    "a billion laughs": (
        "x.xlsx",
        _with(strings=f"{_DOCTYPE}<sst><si><t>&b;</t></si></sst>"),
        ("xml_entities",),
    ),
    "a document type elsewhere": (
        "x.xlsx",
        _with(workbook='<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><workbook/>'),
        ("xml_entities",),
    ),
    "a document type after a megabyte": (
        "x.xlsx",
        _with(styles="<!--" + "x" * ((1 << 20) - 8) + f"-->{_DOCTYPE}<x/>"),
        ("xml_entities",),
    ),
    "an entity nobody declared": ("x.xlsx", _sheet(_row(cell("A9", "&x;"))), _EITHER),
    "a sheet in UTF-16": ("x.xlsx", lambda: packed(parts(sheet=sheet_xml().encode("utf-16"))), _BROKEN),
    "XML that is not closed": ("x.xlsx", _with(sheet=sheet_xml()[:-40]), _EITHER),
    "XML that is closed twice": ("x.xlsx", _sheet("</sheetData></sheetData>"), _EITHER),
    "no XML": ("x.xlsx", _with(sheet="order_id,event,at"), (*_BROKEN, "file_empty", "workbook_no_log")),
    "no sheet where one is named": (
        "x.xlsx",
        lambda: packed({name: one for name, one in parts().items() if name != _SHEET}),
        (*_BROKEN, "workbook_no_log"),
    ),
    "no sheet named": ("x.xlsx", _with(workbook="<workbook/>"), (*_BROKEN, "workbook_no_log")),
    "a thousand tags in each other": (
        "x.xlsx",
        _with(sheet="<a>" * 100_000),
        (*_BROKEN, "workbook_no_log", "workbook_large"),
    ),
    "text that is not UTF-8": ("x.xlsx", lambda: packed(parts(sheet=sheet_xml().encode("gb18030"))), _EITHER),
    # Cells
    "a cell above the sheet": ("x.xlsx", _sheet(_row(cell("A-1", "x"))), _EITHER),
    "a cell in row 0": ("x.xlsx", _sheet(_row(cell("A0", "x"))), _EITHER),
    "a cell beyond every sheet": ("x.xlsx", _sheet(_row(cell("ZZZZZZ99999999999", "x"))), (READ, *_LARGE)),
    "a cell at the far corner": ("x.xlsx", _sheet(_row(cell("XFD1048576", "x"))), _LARGE),
    "a cell without a place": (
        "x.xlsx",
        _sheet('<row><c t="inlineStr"><is><t>x</t></is></c></row>'),
        _EITHER,
    ),
    "a shared string that is not there": ("x.xlsx", _sheet(_row('<c r="A9" t="s"><v>99</v></c>')), _EITHER),
    "a shared string before the first": ("x.xlsx", _sheet(_row('<c r="A9" t="s"><v>-1</v></c>')), _EITHER),
    "a style that is not there": ("x.xlsx", _sheet(_row('<c r="A9" s="99"><v>1</v></c>')), _EITHER),
    "a number that is none": (
        "x.xlsx",
        _sheet(_row('<c r="A9"><v>1e</v></c>', '<c r="B9"><v>NaN</v></c>')),
        _EITHER,
    ),
    "numbers at the end of the world": (
        "x.xlsx",
        _sheet(_row('<c r="A9"><v>1e308</v></c>', '<c r="B9"><v>-1e308</v></c>')),
        _EITHER,
    ),
    "a cell of an unknown kind": ("x.xlsx", _sheet(_row('<c r="A9" t="zz"><v>1</v></c>')), _EITHER),
    "a size of the sheet that is a lie": (
        "x.xlsx",
        _with(sheet=sheet_xml().replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')),
        (READ,),
    ),
    "a million rows without a cell": ("x.xlsx", _declared_empty, (READ,)),
    "ten thousand columns": ("x.xlsx", _sheet(_wide()), ("columns_many",)),
    "merged cells beyond the sheet": (
        "x.xlsx",
        _sheet(after='<mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="ZZ9:A1"/></mergeCells>'),
        _EITHER,
    ),
    # Whole files
    **{f"cut at {part} twelfths": ("x.xlsx", _cut(part), _BROKEN) for part in range(12)},
    **{
        f"byte {part} of the packed sheet turned": ("x.xlsx", _flipped(part), _BROKEN)
        for part in (0, 3, 9, 40)
    },
    "a checksum that is wrong": ("x.xlsx", lambda: _patched(_SHEET, {16: b"abcd"}), _BROKEN),
    "a way of packing nobody knows": ("x.xlsx", lambda: _patched(_SHEET, {10: b"\x63\0"}), _BROKEN),
    "a part that begins beyond the file": (
        "x.xlsx",
        lambda: _patched(_SHEET, {42: b"\xff\xff\xff\x7f"}),
        ("workbook_overlap", *_BROKEN),
    ),
    "another thing before the archive": (
        "x.xlsx",
        lambda: b"PK\3\4" + bytes(300) + packed(parts()),
        ("workbook_overlap", *_BROKEN),
    ),
    "another thing after the archive": ("x.xlsx", lambda: packed(parts()) + b"x" * 500, (READ, *_BROKEN)),
    "an empty archive": ("x.xlsx", lambda: packed({}), ("zip_other",)),
    "an archive of something else": ("x.xlsx", lambda: packed({"a.txt": b"a"}), ("zip_other",)),
    "a letter": (
        "x.xlsx",
        lambda: packed({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
        ("workbook_other",),
    ),
    "an ODS": ("x.ods", lambda: packed({"mimetype": b"x", "content.xml": b"<x/>"}), ("workbook_other",)),
    "an XLSB": (
        "x.xlsb",
        lambda: packed({"[Content_Types].xml": b"<x/>", "xl/workbook.bin": b"x"}),
        ("workbook_other",),
    ),
    "an XLS": ("x.xls", lambda: _compound("Root Entry", "Workbook"), ("workbook_other",)),
    "an XLS called XLSX": ("x.xlsx", lambda: _compound("Root Entry", "Workbook"), ("workbook_other",)),
    "an encrypted workbook": (
        "x.xlsx",
        lambda: _compound("Root Entry", "EncryptedPackage"),
        ("workbook_locked",),
    ),
    "a CSV called XLSX": ("x.xlsx", _LOG.encode, (READ,)),
    "a workbook called CSV": ("x.csv", _sheet(), (READ,)),
    "a workbook called JSONL": ("x.jsonl", _sheet(), (READ,)),
    "a picture called XLSX": (
        "x.xlsx",
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9,
        ("file_encoding_input", "column_missing", "file_broken", "file_utf16"),
    ),
    "a web page called XLS": (
        "x.xls",
        lambda: b"<html><table><tr><td>1</td></tr></table></html>",
        ("xes_no_log",),
    ),
    "nothing": ("x.xlsx", bytes, ("file_empty",)),
    "only NUL": ("x.csv", lambda: bytes(100_000), ("file_utf16",)),
    "UTF-16": ("x.csv", lambda: _LOG.encode("utf-16"), ("file_utf16",)),
    "NUL between characters": ("x.csv", lambda: _LOG.replace("GD1", "G\0D\0\0001").encode(), (READ,)),
    "a CSV of ten thousand columns": (
        "x.csv",
        (",".join(f"c{n}" for n in range(10_000)) + "\n").encode,
        ("columns_many",),
    ),
    "a line of CSV of twenty megabytes": (
        "x.csv",
        lambda: _LOG.encode() + b"x" * 20_000_000,
        ("line_long",),
    ),
    "a quote that is never closed": (
        "x.csv",
        lambda: _LOG.encode() + b'"' + b"a\n" * 3_000_000,
        ("file_broken",),
    ),
    "a line of JSON of a hundred megabytes": (
        "x.jsonl",
        lambda: b'{"order_id": "' + b"x" * 100_000_000 + b'"}\n',
        ("line_long",),
    ),
    "JSON a hundred thousand deep": (
        "x.jsonl",
        lambda: b'{"order_id":"GD1","event":"note","at":"2026-03-02"}\n{"a":' + b"[" * 100_000,
        (READ,),
    ),
    "JSON with a key for every line": (
        "x.jsonl",
        lambda: b"".join(b'{"k%d":1}\n' % n for n in range(5000)),
        ("columns_many",),
    ),
    "XES that packs a thousand to one": ("x.xes.gz", lambda: _xes_gzip(80), ("gzip_bomb",)),
    "an archive in gzip": ("x.xes.gz", lambda: gzip.compress(packed(parts())), ("gzip_other",)),
    "gzip in gzip": ("x.xes.gz", lambda: gzip.compress(gzip.compress(b"<log/>")), ("gzip_other",)),
    "laughs in XES": ("x.xes", f"{_DOCTYPE}<log>&b;</log>".encode, ("xml_entities",)),
    "attributes in each other": (
        "x.xes",
        lambda: _event('<string key="a" value="">' * 50_000),
        ("xes_deep",),
    ),
    "an attribute that is told for ever": (
        "x.xes",
        lambda: _event(f'<string key="a" value="{"x" * 50_000}"/>' * 200),
        ("xes_tag_long",),
    ),
    "half a Parquet file": ("x.parquet", _parquet_half, ("parquet_broken",)),
    "a Parquet file called XLSX, cut": ("x.xlsx", _parquet_half, ("parquet_broken",)),
}
