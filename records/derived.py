"""Files that are derived from the parts: written whole under their name, and dropped when nothing names them."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from records.engine_files import publish_file

YOUNG_SECONDS = 3600  # another process may be about to name a file this young
READ_SECONDS = 60  # a reader may still be at the files of a listing this young


def write_json(target: Path, content: Any) -> None:
    """Write a listing so that a reader finds all of it or nothing."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    temporary.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    publish_file(temporary, target)


def forget_unused(folder: Path, *, keeps: int) -> None:
    """Keep the newest listings of a folder and the Parquet files they name, and delete older ones.

    What is deleted can be made again at will. A listing is a `.json` file; it names a file when its text holds the
    stem of the file.
    """
    listings = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    kept = [path for place, path in enumerate(listings) if place < keeps or _age(path) < READ_SECONDS]
    for old in set(listings) - set(kept):
        old.unlink(missing_ok=True)
    named = "".join(path.stem + path.read_text(encoding="utf-8") for path in kept)
    for path in folder.glob("*.parquet"):
        if path.name.split(".")[0] not in named and _age(path) >= YOUNG_SECONDS:
            path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
