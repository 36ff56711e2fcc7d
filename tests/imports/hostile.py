"""Seeded hostile inputs: mutated workbooks, random bytes, cut and nested archives, naughty strings, formulas."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

HEADER = ("工单编号", "承办单位", "来电时间", "办结时间", "主要内容", "是否满意", "来电人电话")
NAUGHTY = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(A1:A9)",
    '=HYPERLINK("http://x.invalid","a")',
    "\u202eabc",
    "\x00",
    "\x1b[31m",
    "null",
    "NaN",
    "1e309",
    "-0",
    "9" * 400,
    "\ud83d\ude00" * 50,
    "<script>alert(1)</script>",
    "'; DROP TABLE unit; --",
    "{{7*7}}",
    "%s%n",
    "../../no-such-canary",
    "\ufeff",
    "\u200b",
    "\t\r\n",
    "0000-00-00",
    "99999-99-99",
    "2024-02-30",
    "#REF!",
    "Ṱ̺̺̕o͞ ̷i̲̬",
    "ﷺ" * 30,
    "0101000020E6100000",
    "1.10101E+17",
)
PLANTED = ("13812345678", "110101199003071234")  # only where people put them: in free text and in the phone column
SUFFIXES = (".xlsx", ".xls", ".csv", ".ods", ".tsv", ".xlsb", ".json", ".zip", "")


def workbook_bytes(rng: random.Random) -> bytes:
    """A small workbook in which any cell may hold anything."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [_cell(rng) if rng.random() < 0.2 else name for name in HEADER])
    for line in range(1, rng.randrange(2, 12)):
        for column in range(len(HEADER)):
            value = f"电话{rng.choice(PLANTED)}，请回复" if column in (4, 6) and rng.random() < 0.5 else _cell(rng)
            if isinstance(value, float):
                sheet.write_number(line, column, value)
            else:
                sheet.write_string(line, column, value)
    book.close()
    return buffer.getvalue()


def _cell(rng: random.Random) -> str | float:
    if rng.random() < 0.2:
        return rng.choice((0.0, -1.0, 1e15, 1e300, 45356.375, 60.0, 0.1))
    text = rng.choice(NAUGHTY)
    return "".join(character for character in text if character.isprintable() or character == "\t")


def text_bytes(rng: random.Random) -> bytes:
    """Delimited text with naughty strings, odd widths, and any encoding."""
    comma = rng.choice((",", ";", "\t", "|"))
    rows: list[list[str]] = [
        [rng.choice(NAUGHTY) for _ in range(rng.randrange(1, 12))] for _ in range(rng.randrange(1, 20))
    ]
    for row in rows:
        row[4:5] = [f"我叫张三，{rng.choice(PLANTED)}"]
    text = "\n".join(comma.join(row) for row in [list(HEADER), *rows])
    return text.encode(rng.choice(("utf-8", "utf-16", "gb18030", "utf-16-le", "big5")), "replace")


def random_bytes(rng: random.Random) -> bytes:
    start = rng.choice((b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml", b"[{", b"\xff\xfe", b"BM"))
    return start + rng.randbytes(rng.randrange(0, 5000))


def truncated(rng: random.Random) -> bytes:
    content = workbook_bytes(rng)
    return content[: rng.randrange(1, len(content))]


def flipped(rng: random.Random) -> bytes:
    """A workbook with some of its bytes changed."""
    content = bytearray(workbook_bytes(rng))
    for _ in range(rng.randrange(1, 40)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content)


def mutated_parts(rng: random.Random) -> bytes:
    """A well-formed archive whose sheets hold broken, repeated or hostile markup."""
    source, buffer = zipfile.ZipFile(io.BytesIO(workbook_bytes(rng))), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith(".xml") and rng.random() < 0.4:
                content = _hurt(content, rng)
            if rng.random() > 0.05:
                target.writestr(name, content)
    return buffer.getvalue()


def _hurt(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return rng.choice(
        (
            content[:at],
            content[:at] + rng.randbytes(20) + content[at:],
            content + content,
            b"",
            content.replace(b'r="1"', b'r="1048576"'),
            content.replace(b'r="A', b'r="XFD'),
            b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + content,
            b"<a>" * 20000,
            content.replace(b"<v>", b"<v>9e999"),
        )
    )


def nested_archive(rng: random.Random) -> bytes:
    """A zip in a zip in a zip, of text, of a workbook, or of zeros that pack to nothing."""
    content = rng.choice((text_bytes(rng), workbook_bytes(rng), bytes(3_000_000)))
    for _ in range(rng.randrange(1, 6)):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
            for member in range(rng.choice((1, 1, 1, 3))):
                target.writestr(rng.choice(("a.csv", "../b.csv", "c.zip", "d.xlsx")) + "x" * member, content)
        content = buffer.getvalue()
    return content


MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    workbook_bytes, text_bytes, random_bytes, truncated, flipped, mutated_parts, nested_archive,
)  # fmt: skip


def write_hostile(folder: Path, seed: int) -> Path:
    """One hostile file; equal seeds give equal bytes (but for the clock inside a workbook)."""
    rng = random.Random(seed)
    path = folder / f"hostile-{seed}{rng.choice(SUFFIXES)}"
    path.write_bytes(rng.choice(MAKERS)(rng))
    return path
