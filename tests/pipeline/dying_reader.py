"""The reading process of an import, killed when it comes to row 1,001: `-m tests.pipeline.dying_reader PARENT`."""

from __future__ import annotations

import dataclasses
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from imports import worker
from imports.reading import opening
from imports.reading.grid import Grid, Row

LAST_ROW = 1_000


def dying(path: Path, *, may_hurry: bool) -> Grid:
    """A text whose rows end with the process that reads them."""
    grid = text_of(path, may_hurry=may_hurry)

    def rows() -> Iterator[Row]:
        yield from itertools.islice(grid.rows(), 1 + LAST_ROW)  # one of them is the header
        os.kill(os.getpid(), signal.SIGKILL)

    return dataclasses.replace(grid, rows=rows)


if __name__ == "__main__":
    text_of, opening.read_text = opening.read_text, dying
    sys.exit(worker.main())
