"""What the bytes are, whatever the name says."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.archives import BROKEN_ARCHIVE

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (
    (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"), (b"BM", "BMP"), (b"%PDF", "PDF"),
    (b"\x1f\x8b", "gzip"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"), (b"PAR1", "Parquet"), (b"\x7fELF", "ELF"),
    (b"MZ", "EXE"), (b"SQLite format 3", "SQLite"), (b"{\\rtf", "RTF"), (b"ID;P", "SYLK"),
)  # fmt: skip
_OLD_EXCEL = re.compile(rb"\x09[\x00\x02\x04]")  # Excel 2 to 4 without a container


def find_format(path: Path) -> str:
    """One of xlsx, xls, xlsb, ods, zip, html, xml, json, text, by content.

    Raises Unreadable with the code that says why it cannot be a table.
    """
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("file_empty")
    if size > limits().file_bytes:
        raise Unreadable("file_too_large", limit=f"{limits().file_bytes // 1024**2} MB")
    with path.open("rb") as file:
        head = file.read(65536)
    if head.startswith(_OLE):
        return _ole_format(path)
    if head.startswith(b"PK"):
        return _zip_format(path)
    for magic, name in _BINARY:
        if head.startswith(magic) and (magic != b"BM" or b"\x00" in head[:64]):
            raise Unreadable("not_a_spreadsheet", kind=name)
    if _OLD_EXCEL.match(head) and b"\x00" in head[:64]:
        raise Unreadable("not_a_spreadsheet", kind="Excel 2–4")
    return _text_format(head)


def _ole_format(path: Path) -> str:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Unreadable("password_protected")
    if _has_password_record(content):
        raise Unreadable("password_protected")
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book", "WORKBOOK", "BOOK")):
        return "xls"
    if "WordDocument".encode("utf-16-le") in content:
        raise Unreadable("not_a_spreadsheet", kind="Word")
    raise Unreadable("file_corrupt")


def _has_password_record(content: bytes) -> bool:
    """True when an early record of a BIFF8 stream is FILEPASS (0x002F) with XOR, which the reader does not know."""
    position = content.find(b"\x09\x08\x10\x00\x00\x06\x05\x00")
    for _ in range(20):
        header = content[position : position + 4]
        if position < 0 or len(header) < 4:
            return False
        if header[:2] == b"\x2f\x00":
            return content[position + 4 : position + 6] == b"\x00\x00"
        position += 4 + int.from_bytes(header[2:], "little")
    return False


def _zip_format(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _refuse_bomb(members)
            names = {member.filename for member in members}
            if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise Unreadable("password_protected")
    except BROKEN_ARCHIVE as error:
        raise Unreadable("file_corrupt") from error
    if not names:
        raise Unreadable("file_corrupt")
    if any(name.endswith("workbook.bin") for name in names):
        return "xlsb"
    if any(name.endswith("workbook.xml") for name in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        raise Unreadable("not_a_spreadsheet", kind="Word / PowerPoint")
    return "zip"


def _refuse_bomb(members: list[zipfile.ZipInfo]) -> None:
    rule = limits()
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    is_bomb = total > rule.ratio_from_bytes and total / packed > rule.compression_ratio
    if total > rule.uncompressed_bytes or is_bomb or len(members) > rule.zip_members:
        raise Unreadable("file_too_large", limit=f"{rule.uncompressed_bytes // 1024**3} GB, {rule.compression_ratio}:1")


def _text_format(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<style", b"<div")):
        return "html"
    if start.startswith((b"<?xml", b"<")):
        if b"<html" in start or b"<table" in start:
            return "html"
        return "xml"
    if start.startswith((b"[\n", b"[\r", b'["', b"[{", b'{"', b"{\n", b"{\r", b'{ "', b"[ ")):
        return "json"
    is_utf_16 = head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_utf_16(head)
    controls = sum(head.count(bytes([code])) for code in range(32) if code not in (0, 9, 10, 12, 13, 27))
    if not is_utf_16 and (controls > len(head) / 50 or head.count(b"\x00") > max(3, len(head) / 20)):
        raise Unreadable("not_a_spreadsheet", kind="binary")
    if not is_utf_16 and not re.search(rb"[,;\t|\r\n]", head.strip()):
        raise Unreadable("not_a_spreadsheet", kind="text")
    return "text"


def _looks_utf_16(head: bytes) -> bool:
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    return max(even, odd) > len(head[:2000]) / 8 and min(even, odd) * 4 <= max(even, odd)
