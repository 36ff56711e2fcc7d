"""Columns wide enough for their longest word: a word that does not fit is torn in Word and covers its neighbour in PDF.

Layouts give widths in proportion; languages and names of schemes differ, so a column takes what it lacks from columns
that have more than they need.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reports.blocks import Table

POINTS_PER_MM = 72 / 25.4
PORTRAIT_MM, LANDSCAPE_MM = 156.0, 224.0
MARGINS = 6.0  # points beside the text of a cell
MOST_OF_ROOM = 0.6  # a word longer than this is torn all the same
# Letters of the stand-in for Times New Roman, which is wider, in parts of the height; a little more than measured.
NARROW, PLAIN, WIDE, WIDEST = 0.38, 0.63, 0.75, 0.95
WORD = re.compile(r"[!-\u02af]+")
PARTS = re.compile(r"[^-/]+[-/]?|[-/]")  # a line may end after these


def fitted_widths(table: Table) -> tuple[float, ...]:
    """The widths of the columns in points, as wide together as the table's room.

    >>> table = Table("t", ("Measure", "Text"), (("%", "a b c"),), (10, 90), (False, False), size=9)
    >>> [round(width) for width in fitted_widths(table)]
    [46, 396]
    """
    room = (LANDSCAPE_MM if table.is_landscape else PORTRAIT_MM) * POINTS_PER_MM
    have = [room * width / sum(table.widths) for width in table.widths]
    columns = zip(table.head, *table.rows, strict=True)
    need = [
        min(_longest(cells, width, table.size), room * MOST_OF_ROOM) for cells, width in zip(columns, have, strict=True)
    ]
    return tuple(_shared(have, need))


def _longest(cells: Iterable[str], width: float, size: float) -> float:
    """What the longest word of a column needs; words that fit in any case are not looked at."""
    return max(
        (
            _width(part) * size + MARGINS
            for cell in cells
            if len(cell) * WIDEST * size + MARGINS > width
            for word in WORD.findall(cell)
            for part in PARTS.findall(word)
        ),
        default=0.0,
    )


def _width(word: str) -> float:
    return sum(
        NARROW if c in "fijlrt.,:;'|!()[]" else WIDEST if c in "mMW%@" else WIDE if c.isupper() or c == "w" else PLAIN
        for c in word
    )


def _shared(have: Sequence[float], need: Sequence[float]) -> list[float]:
    lacking = sum(max(0.0, n - h) for h, n in zip(have, need, strict=True))
    spare = sum(max(0.0, h - n) for h, n in zip(have, need, strict=True))
    if not lacking or not spare:
        return list(have)
    moved = min(lacking, spare)
    return [
        h + (n - h) * moved / lacking if n > h else h - (h - n) * moved / spare for h, n in zip(have, need, strict=True)
    ]
