"""The drop-down of the unit directory in a workbook that a person fills in or corrects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LIST_SHEET = "wenxiao_units"


def offer_units(book: Any, sheet: Any, places: Sequence[int], units: Sequence[str], *, last_row: int) -> None:
    """Let the cells of the columns `places` choose from a hidden sheet; a list in the cell ends at 255 letters.

    Other words stay allowed: short names, aliases and new units are sorted out by the check.
    """
    if not places or not units:
        return
    names = book.add_worksheet(LIST_SHEET)
    names.hide()
    for line, name in enumerate(units):
        names.write_string(line, 0, name)
    for place in places:
        rule = {"validate": "list", "source": f"={LIST_SHEET}!$A$1:$A${len(units)}", "show_error": False}
        sheet.data_validation(1, place, last_row, place, rule)
