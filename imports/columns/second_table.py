"""A second table below the first one on the same sheet, found where its headings stand in a row that was refused."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache

from imports.columns.checking import Check
from imports.columns.header import known_headers
from imports.options import ImportOptions
from imports.values.cells import heading, text_of
from records.vocabulary import FIELDS_BY_KIND

_FEWEST = 3  # headings in a row


def say_second_table(check: Check, refused: Sequence[int]) -> None:
    """Say where another table seems to begin, if the headings of one stand in one of the refused rows (rising)."""
    if not refused or check.log is not None:
        return
    wanted = frozenset(refused)
    for number, row in enumerate(itertools.islice(check.grid.rows(), refused[-1]), 1):
        if number not in wanted:
            continue
        texts = [text_of(cell) for cell in row if isinstance(cell, str) and text_of(cell)]
        known = [text for text in texts if heading(text) in _headings()]
        if len(known) >= _FEWEST and 2 * len(known) > len(texts):
            check.book.add("second_table", value=str(number), names="、".join(texts[:6]))
            return


@cache
def _headings() -> frozenset[str]:
    """Every heading that means something for any kind of file."""
    return frozenset().union(*(known_headers(kind, ImportOptions()) for kind in FIELDS_BY_KIND))
