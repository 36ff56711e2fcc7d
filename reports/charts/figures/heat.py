"""Units by indicators as coloured fields: where the city is strong and weak at one look."""

from __future__ import annotations

from typing import Any

from reports.charts.figures.common import layout
from reports.charts.palette import TEXT
from reports.numbers import fixed
from reports.texts import say

BANDS = ((80.0, "#7fa9d6"), (60.0, "#cfe0f2"), (40.0, "#f6ddd7"), (float("-inf"), "#e2a79b"))
"""Points from which a colour holds, best first."""
EMPTY = "#eceff3"
ROW, LINE, LETTERS, MOST_LINES = 19, 13, 4, 3  # pixels of a row, of a line of a name, letters in a line, lines


def heat(
    units: list[str], indicators: list[str], points: list[list[float | None]], *, language: str = "zh"
) -> dict[str, Any]:  # fmt: skip
    """`points` (0..100) holds one row per unit, one column per indicator; a missing one is a grey field with a dash."""
    rows, columns = len(units), len(indicators)
    level = [rows - 1 - i for i in range(rows)]
    cells = [(x, y, v) for y, row in zip(level, points, strict=True) for x, v in enumerate(row)]
    heads = [_lines(name, language) for name in indicators]
    lines = max((len(head) for head in heads), default=1)
    return {
        "data": [_key(colour, text) for colour, text in _keys(language)],
        "layout": layout(
            None, height=60 + LINE * lines + ROW * max(rows, 1), margin={"l": 8, "r": 8, "t": 8, "b": LINE * lines + 8},
            xaxis={"range": [-0.5, max(columns, 1) - 0.5], "tickvals": [], "ticktext": [], "showgrid": False},
            yaxis={"range": [-0.5, max(rows, 1) - 0.5], "tickvals": level, "ticktext": units, "showgrid": False},
            shapes=[_field(x, y, v) for x, y, v in cells],
            annotations=[*(_value(x, y, v) for x, y, v in cells), *_heads(heads)],
        ),
    }  # fmt: skip


def colour_of(points: float | None) -> str:
    """The colour of a field.

    >>> colour_of(None) == EMPTY, colour_of(80.0) == BANDS[0][1], colour_of(79.99) == BANDS[1][1]
    (True, True, True)
    """
    return EMPTY if points is None else next(colour for least, colour in BANDS if points >= least)


def _keys(language: str) -> list[tuple[str, str]]:
    words = ("heat.high", "heat.good", "heat.low", "heat.lowest")
    bands = [(colour, say(language, word)) for (_, colour), word in zip(BANDS, words, strict=True)]
    return [*bands, (EMPTY, say(language, "heat.none"))]


def _key(colour: str, text: str) -> dict[str, Any]:
    """An entry of the legend: a trace without points."""
    return {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": text,
            "marker": {"size": 12, "color": colour}}  # fmt: skip


def _field(x: int, y: int, points: float | None) -> dict[str, Any]:
    return {"type": "rect", "x0": x - 0.47, "x1": x + 0.47, "y0": y - 0.44, "y1": y + 0.44, "layer": "below",
            "fillcolor": colour_of(points), "line": {"width": 0}}  # fmt: skip


def _value(x: int, y: int, points: float | None) -> dict[str, Any]:
    text = "—" if points is None else fixed(points, 0)
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": 11, "color": TEXT}}


def _lines(name: str, language: str) -> list[str]:
    """A name in short lines below each other; what has no room left ends in a mark."""
    if language != "zh":
        return [name]
    rows = max(-(-len(name) // LETTERS), 1)
    letters = -(-len(name) // rows)
    parts = [name[start : start + letters] for start in range(0, len(name), letters)]
    if len(parts) > MOST_LINES:
        parts = [*parts[: MOST_LINES - 1], parts[MOST_LINES - 1][:-1] + "…"]
    return parts


def _heads(heads: list[list[str]]) -> list[dict[str, Any]]:
    return [
        {"x": x, "y": 0, "yref": "paper", "yanchor": "top", "yshift": -(6 + LINE * line), "text": text,
         "showarrow": False, "font": {"size": 10.5}}
        for x, head in enumerate(heads) for line, text in enumerate(head)
    ]  # fmt: skip
