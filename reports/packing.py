"""Zip files that are the same for the same content: fixed times, settled names."""

from __future__ import annotations

import zipfile

from reports.charts.pen import clean

MOMENT = (1980, 1, 1, 0, 0, 0)
FORBIDDEN = set('\\/:*?"<>|')


def add_bytes(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    """Add one file with a fixed time."""
    entry = zipfile.ZipInfo(name, MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    pack.writestr(entry, content)


def file_name(*parts: str) -> str:
    """Parts of a name joined, without characters file systems refuse and never more than 80 long.

    >>> file_name("U001", "市教育局/一处")
    'U001_市教育局一处'
    """
    text = "_".join(clean(part) for part in parts if part)
    kept = "".join(c for c in text if c not in FORBIDDEN and c.isprintable())
    return kept.strip(" .")[:80] or "unit"
