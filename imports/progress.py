"""How far the child process is with a file: some numbers in its working folder, read by the process that waits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

NAME = "progress"
STAGES = ("opening", "reading", "writing")

Tell = Callable[[int, int, str], None]
"""Called with rows done, rows in all (0: nobody knows) and the stage: opening, reading, writing, or comparing."""


def write(folder: Path, done: int, total: int, stage: str) -> None:
    """Say how far it is; a reader finds the numbers of before or of now, never half of them."""
    draft = folder / f"{NAME}.new"
    draft.write_text(f"{done} {total} {stage}", "ascii")
    os.replace(draft, folder / NAME)


def read(folder: Path) -> tuple[int, int, str] | None:
    """What was said last, None before the first word."""
    try:
        done, total, stage = (folder / NAME).read_text("ascii").split()
    except FileNotFoundError:
        return None
    return int(done), int(total), stage
