"""The limits within which an untrusted file is read; the numbers live in `limits.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """One number per thing that a hostile file may try to exhaust."""

    memory_bytes: int
    memory_bytes_least: int
    memory_times: int
    cpu_seconds: int
    wall_seconds: int
    file_bytes: int
    uncompressed_bytes: int
    compression_ratio: int
    ratio_from_bytes: int
    zip_members: int
    rows: int
    columns: int
    cells: int
    cell_characters: int
    header_search_rows: int
    problems_listed: int
    bad_rows_written: int
    chunk_rows: int
    query_memory: str
    little_stored_bytes: int
    query_memory_little: str
    temporary_disk: str


@cache
def limits() -> Limits:
    """The limits of this installation.

    >>> limits().header_search_rows
    20
    """
    return Limits(**tomllib.loads(Path(__file__).with_name("limits.toml").read_text("utf-8")))
