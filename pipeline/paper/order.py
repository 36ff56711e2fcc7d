"""What is ordered when a document is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from records.access import Viewer

if TYPE_CHECKING:
    from reports.brief import Day

FOR_A_TIME = ("notice", "daily")
"""Kinds that are about one month or day of an assessment, the last one unless another is named."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Order:
    """What is to be made, for whom, and who is told how far it is."""

    kind: str
    format: str
    unit: str | None
    is_for_all: bool
    viewer: Viewer
    progress: Progress | None = None
    of: str = ""
    day: Day | None = None
