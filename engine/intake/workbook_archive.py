"""
What a workbook's archive may be, looked at before anything in it is parsed.

A workbook is a ZIP archive of XML parts. Refused are archives that were made to blow up, to be taken
for something else, or to run: sizes and ratios beyond a log's, parts that overlap, say a wrong size,
have one name or lead out of the archive, encryption, macros, archives in the archive, document types.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

_FILE_MOST = 512 << 20
"""Bytes of the file; a year of a large city takes a tenth of it."""
_PARTS_MOST = 2000
_DIRECTORY_MOST = 1 << 20
_UNPACKED_MOST = 2 << 30
"""Bytes of all parts unpacked: a million rows of thirty columns."""
_RATIO_MOST = 250
_RATIO_FROM = 16 << 20
"""Bytes of a part from which its ratio matters; rows that are all alike pack a hundred to one."""
_END = b"PK\5\6"
_END_SIZE = 22
_LARGE_END = b"PK\6\6"
_LARGE_END_SIZE = 56
_UNSAID = b"\xff\xff\xff\xff"
"""What stands where a number is told in the end of large archives, which some programs always write."""
_COMMENT_MOST = 0xFFFF
_PART = b"PK\3\4"
_PART_SIZE = 30
_ENCRYPTED = 0x41
_CHUNK = 1 << 20
_OVERLAP = 16
_MACROS = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/")
_ARCHIVES = (
    ".zip", ".7z", ".rar", ".gz", ".bz2", ".xz", ".tar", ".jar", ".xlsx", ".xlsm", ".xlsb", ".docx", ".docm",
    ".pptx", ".ods", ".odt",
)  # fmt: skip
_PACKED = (b"PK\3\4", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
_OTHERS = {"xl/workbook.bin": "XLSB", "mimetype": "ODS", "word/document.xml": "DOCX"}


class RefusedError(Exception):
    """A workbook that is not read: the `code` of a sentence and what fills it."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def check(path: Path) -> int:
    """Give how many cells show an error, or raise `RefusedError` for an archive that is no sound workbook."""
    if path.stat().st_size > _FILE_MOST:
        raise RefusedError("workbook_large", most=f"{_FILE_MOST >> 20} MiB")
    with path.open("rb") as file:
        start = _directory(file)
        try:
            with ZipFile(file) as archive:
                parts = archive.infolist()
                _check_parts(parts, start)
                return sum(_check_part(file, part) for part in parts)
        except (BadZipFile, zlib.error, NotImplementedError, ValueError, OSError) as error:
            raise RefusedError("workbook_broken", why=str(error)) from None


def _directory(file: IO[bytes]) -> int:
    """Give where the directory begins; it is bounded before a library reads it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _COMMENT_MOST - _LARGE_END_SIZE))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise RefusedError("workbook_broken", why="no end of the archive's directory")
    end = tail[at : at + _END_SIZE]
    large = tail.rfind(_LARGE_END, 0, at)
    if large >= 0 and _UNSAID in (end[10:12] * 2, end[12:16], end[16:20]):
        end = tail[large : large + _LARGE_END_SIZE]
        count, length, start = (int.from_bytes(end[place : place + 8], "little") for place in (32, 40, 48))
    else:
        count, length = int.from_bytes(end[10:12], "little"), int.from_bytes(end[12:16], "little")
        start = int.from_bytes(end[16:20], "little")
    if count > _PARTS_MOST or length > _DIRECTORY_MOST:
        raise RefusedError("workbook_parts", most=_PARTS_MOST)
    return start


def _check_parts(parts: list[ZipInfo], directory: int) -> None:
    if len(parts) > _PARTS_MOST:
        raise RefusedError("workbook_parts", most=_PARTS_MOST)
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise RefusedError("workbook_locked")
    names = [part.filename.replace("\\", "/").lower() for part in parts]
    _check_names(names)
    if not {"xl/workbook.xml", "[content_types].xml"} & {*names}:
        raise RefusedError("zip_other")
    if sum(part.file_size for part in parts) > _UNPACKED_MOST:
        raise RefusedError("workbook_large", most=f"{_UNPACKED_MOST >> 30} GiB")
    end = 0
    for part in sorted(parts, key=lambda one: one.header_offset):
        if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise RefusedError("workbook_broken", why=f"compression {part.compress_type}")
        if part.file_size > max(_RATIO_FROM, part.compress_size * _RATIO_MOST):
            raise RefusedError("workbook_bomb", part=part.filename)
        if part.header_offset < end:
            raise RefusedError("workbook_overlap", part=part.filename)
        end = part.header_offset + _PART_SIZE + len(part.orig_filename) + part.compress_size
    if end > directory:
        raise RefusedError("workbook_overlap", part=parts[-1].filename)


def _check_names(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise RefusedError("workbook_twice", part=next(one for one in names if names.count(one) > 1))
    for name in names:
        if name.startswith("/") or ":" in name or ".." in name.split("/"):
            raise RefusedError("workbook_path", part=name)
        if name in _OTHERS:
            raise RefusedError("workbook_other", form=_OTHERS[name])
        if any(one in name for one in _MACROS):
            raise RefusedError("workbook_macros", part=name)
        if name.endswith(_ARCHIVES):
            raise RefusedError("workbook_nested", part=name)


def _check_part(file: IO[bytes], part: ZipInfo) -> int:
    """Unpack a part piece by piece, hold it to what the directory says, and count its cells with an error."""
    size = sum_ = errors = 0
    before = b""
    markup = part.filename.lower().endswith((".xml", ".rels", ".vml"))
    for piece in _unpacked(file, part):
        if not size and piece.startswith(_PACKED):
            raise RefusedError("workbook_nested", part=part.filename)
        if not size and markup and b"\0" in piece[:4]:
            raise RefusedError("workbook_broken", why=f"{part.filename}: UTF-16")
        size += len(piece)
        sum_ = zlib.crc32(piece, sum_)
        if size > part.file_size:
            raise RefusedError("workbook_bomb", part=part.filename)
        if markup:
            text = before + piece
            if b"<!D" in text or b"<!E" in text:
                raise RefusedError("xml_entities")
            errors += text.count(b' t="e"') - before.count(b' t="e"')
            before = piece[-_OVERLAP:]
    if size != part.file_size or sum_ != part.CRC:
        raise RefusedError("workbook_broken", why=f"{part.filename}: CRC, size")
    return errors


def _unpacked(file: IO[bytes], part: ZipInfo) -> Iterator[bytes]:
    file.seek(part.header_offset)
    head = file.read(_PART_SIZE)
    if len(head) < _PART_SIZE or not head.startswith(_PART):
        raise RefusedError("workbook_broken", why=part.filename)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    left = part.compress_size
    inflate = zlib.decompressobj(-15) if part.compress_type == ZIP_DEFLATED else None
    while left > 0 and (packed := file.read(min(_CHUNK, left))):
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, _CHUNK)
            packed = inflate.unconsumed_tail
    if inflate is not None:
        yield inflate.flush()
