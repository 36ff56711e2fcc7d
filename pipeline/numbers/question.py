"""What a question about metrics is split by: whose rows, which spans of time, which property of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from metrics.clocks.period import Period, months_in, quarters_in
from metrics.counting.counts import SPLITS

BASES = ("unit", "peer_group", "total")
SPANS = {"month": months_in, "quarter": quarters_in}


class CountingError(ValueError):
    """A question that cannot be counted; the message says what to ask instead."""


@dataclass(frozen=True)
class Shape:
    """Whose rows are answered, the spans the period is cut into, and the split of the cases; None for no cut."""

    base: str = "unit"
    span: str | None = None
    split: str | None = None

    def periods(self, asked: Period, start_day: int) -> list[Period]:
        """The period itself, or its months or quarters in order."""
        return [asked] if self.span is None else SPANS[self.span](asked, start_day)


BY = [",".join(p for p in parts if p) for parts in product(BASES, (None, *SPANS), (None, *SPLITS))]
"""Every `--by` there is, as text."""


def shape_of(by: Sequence[str]) -> Shape:
    """The shape that some words name, in any order; without unit, peer_group or total the rows are those of units.

    Raises CountingError.

    >>> shape_of(("month", "unit", "channel"))
    Shape(base='unit', span='month', split='channel')
    """
    words = [word for word in by if word]
    chosen = [[word for word in words if word in kind] for kind in (BASES, tuple(SPANS), SPLITS)]
    is_known = sum(len(kind) for kind in chosen) == len(words) and all(len(kind) <= 1 for kind in chosen)
    base, span, split = (kind[0] if kind else None for kind in chosen)
    if not is_known:
        raise CountingError(f"by {','.join(by)!r}: use one of {'; '.join(BY)}")
    return Shape(base or "unit", span, split)
