"""The only way into a cell: text is always text, numbers are rounded as they are printed, missing is a dash.

Text from outside never becomes a formula, link or number: xlsxwriter's guesses are off, every string goes through
`write_string` with the quote prefix, and what is longer than a cell holds is cut with an ellipsis instead of vanishing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.scores.told import places_of
from reports import numbers
from reports.charts.pen import clean

LIMIT = 32_767
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FONT = {"font_name": "微软雅黑", "font_size": 10}
FORMATS: dict[str, dict[str, Any]] = {
    "title": {"font_name": "方正小标宋简体", "font_size": 16, "valign": "vcenter"},
    "lead": {**FONT, "font_color": "#5B6878"},
    "head": {**FONT, "bold": True, "bg_color": "#14304F", "font_color": "white", "border": 1, "border_color": "#BFC9D4",
             "align": "center", "valign": "vcenter", "text_wrap": True},
    "text": {**FONT, "num_format": "@", "quote_prefix": True, "valign": "top"},
    "wrapped": {**FONT, "num_format": "@", "quote_prefix": True, "text_wrap": True, "valign": "top"},
    "missing": {**FONT, "num_format": "@", "align": "right", "font_color": "#8895A5"},
    "count": {**FONT, "num_format": "#,##0"},
    "one": {**FONT, "num_format": "#,##0.0"},
    "two": {**FONT, "num_format": "#,##0.00"},
    "exact": {**FONT, "num_format": "General"},
    "good": {"bg_color": "#DFF0E6", "font_color": "#1E6B45"},
    "bad": {"bg_color": "#FBE9E7", "font_color": "#B3261E"},
}  # fmt: skip


@dataclass(frozen=True)
class Number:
    """A number of a sheet: its value as printed and the format that prints it; None is the dash."""

    value: float | None
    form: str = "count"


def of_metric(value: float | None, unit: str) -> Number:
    """A metric value rounded half up in its printed form (rates in per cent)."""
    form = {"count": "count", "points": "two", "ratio": "two"}.get(unit, "one")
    return Number(numbers.sheet_value(value, unit), form)


def score(value: float | None) -> Number:
    """A score with its two printed decimals, or fewer where this reader may know no more."""
    return Number(numbers.sheet_value(value, "points"), ("count", "one", "two")[places_of(value)])


def count(value: float | None) -> Number:
    return Number(numbers.sheet_value(value, "count"), "count")


def exact(value: float | None) -> Number:
    """The number as it is stored, unrounded."""
    return Number(None if numbers.is_missing(value) else float(value or 0), "exact")


def put(sheet: Any, row: int, column: int, value: str | Number, formats: dict[str, Any], form: str = "text") -> None:
    """Write one cell; raises ValueError when the writer refuses it."""
    if isinstance(value, Number):
        if value.value is None:
            code = sheet.write_string(row, column, numbers.MISSING, formats["missing"])
        else:
            code = sheet.write_number(row, column, value.value, formats[value.form])
    else:
        code = sheet.write_string(row, column, fitted(value), formats[form])
    if code:
        raise ValueError(f"cell {row},{column} of {sheet.get_name()} was not written: {code}")


def fitted(text: str) -> str:
    """The text without control characters, cut to what a cell holds."""
    text = clean(text)
    return text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"
