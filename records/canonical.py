"""One text for one document, so that its hash is the same on every machine and database."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def canonical_text(document: Any) -> str:
    """JSON with sorted keys and no spare spaces; NaN and infinity are refused.

    >>> canonical_text({"b": 1.5, "a": "问"})
    '{"a":"问","b":1.5}'
    """
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def document_sha256(document: Any) -> str:
    """SHA-256 of the canonical text, 64 hex digits.

    >>> document_sha256({"a": 1, "b": 2}) == document_sha256({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(canonical_text(document).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
