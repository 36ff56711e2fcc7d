"""The code printed on every page and sheet of a document, from which a copy is verified."""

from __future__ import annotations

import hashlib


def document_code(content_sha256: str, kind: str, unit: str | None = None) -> str:
    """The code of a document, the same in every format for one content, kind and unit; empty without content.

    >>> document_code("ab" * 32, "annual"), document_code("", "annual")
    ('3AEF-7C18-D139', '')
    """
    if not content_sha256:
        return ""
    digest = hashlib.sha256(f"{content_sha256}|{kind}|{unit or ''}".encode()).hexdigest().upper()
    return "-".join(digest[start : start + 4] for start in (0, 4, 8))


def plain_code(text: str) -> str:
    """A code as it was typed, in the form it is kept in: without spaces, in groups of four.

    >>> plain_code(" 3aef7c18 d139")
    '3AEF-7C18-D139'
    """
    kept = "".join(c for c in text.upper() if c.isalnum())
    return "-".join(kept[start : start + 4] for start in range(0, len(kept), 4))
