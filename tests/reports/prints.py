"""Makes every fixed kind of file and prints its SHA-256; the first argument shifts the clock by so many days.

Run as a process of its own: another day, another zone and another order of sets must not show in a file.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

SHIFT = datetime.timedelta(days=int(sys.argv[1]) if __name__ == "__main__" and sys.argv[1:] else 0)
REAL = time.time


class Shifted(datetime.datetime):
    """A clock that is wrong by some days."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return super().now(tz) + SHIFT

    @classmethod
    def utcnow(cls) -> datetime.datetime:
        return super().now(datetime.UTC).replace(tzinfo=None) + SHIFT


def made(folder: Path) -> dict[str, str]:
    """The digest of each file by kind and language."""
    from reports import workbook
    from tests.reports import kinds
    from tests.reports.factory import make_source

    answer = {}
    for language in ("zh", "en"):
        source = make_source(count=6, language=language)
        told = {f"key{i}": f"{i}" for i in range(9)}
        source = replace(source, assessment=replace(source.assessment, provenance=told))
        paths = {"workbook": workbook.write(source, folder / f"{language}.xlsx")}
        paths |= {name: kinds.write_pdf(source, name, folder / f"{language}-{name}.pdf") for name in kinds.NAMES}
        answer |= {f"{kind}.{language}": hashlib.sha256(path.read_bytes()).hexdigest() for kind, path in paths.items()}
    return answer


if __name__ == "__main__":
    time.time = lambda: REAL() + SHIFT.total_seconds()
    datetime.datetime = Shifted  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(made(Path(place))))
