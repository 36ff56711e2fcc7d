"""All indicators of one unit, each among the dots of its peers."""

from __future__ import annotations

import hashlib
from typing import Any

from reports.charts.figures.common import UNIT_MARK, drawn, layout, present
from reports.charts.palette import INK, PEER_DOT
from reports.numbers import fixed
from reports.texts import say


def peer_strip(
    indicators: list[str], own: list[float | None], peers: list[list[float | None]], *, is_rate: bool = True,
    title: str | None = None, language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """`peers` holds one list per indicator. The dots are spread up and down only to be seen; the bar is the median."""
    rows = len(indicators)
    level = [rows - 1 - j for j in range(rows)]
    values = [drawn(p, is_rate=is_rate) for p in peers]
    mine = drawn(own, is_rate=is_rate)
    dots = [(v, level[j] + _spread(j, i)) for j in range(rows) for i, v in enumerate(values[j]) if v is not None]
    known = present(mine, *values) or [0.0, 100.0]
    low = max((min(known) // 5) * 5 - 1, -1.0)
    high = 101.0 if max(known) <= 100 else max(known) * 1.03
    count = max((len(p) for p in peers), default=0)
    return {
        "data": [
            {"type": "scatter", "mode": "markers", "hoverinfo": "x", "x": [d[0] for d in dots],
             "y": [d[1] for d in dots], "name": say(language, "mark.peers", n=count),
             "marker": {"size": 6, "color": PEER_DOT, "opacity": 0.55}},
            {"type": "scatter", "mode": "markers", "x": mine, "y": level, "name": say(language, "mark.own"),
             "marker": UNIT_MARK},
            {"type": "scatter", "mode": "lines", "x": [None], "y": [None], "name": say(language, "mark.median"),
             "line": {"color": INK, "width": 2}},
        ],
        "layout": layout(
            title, height=max(120 + 34 * rows, 200), margin={"l": 8, "r": 56, "t": 8, "b": 8},
            xaxis={"showgrid": True, "range": [low, high]},
            yaxis={"range": [-0.6, rows - 0.4], "tickvals": level, "ticktext": indicators, "showgrid": False},
            shapes=_medians(values, level), annotations=_tags(mine, level),
        ),
    }  # fmt: skip


def _medians(values: list[list[float | None]], level: list[int]) -> list[dict[str, Any]]:
    shapes = []
    for series, y in zip(values, level, strict=True):
        known = sorted(present(series))
        if known:
            half = len(known) // 2
            middle = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
            line = {"type": "line", "line": {"color": INK, "width": 2}}
            shapes.append({**line, "x0": middle, "x1": middle, "y0": y - 0.3, "y1": y + 0.3})
    return shapes


def _tags(mine: list[float | None], level: list[int]) -> list[dict[str, Any]]:
    tag = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "showarrow": False}
    font = {"color": "#14202e", "size": 13}
    return [{**tag, "y": y, "text": fixed(v, 1), "font": font} for v, y in zip(mine, level, strict=True)]


def _spread(row: int, place: int) -> float:
    """A fixed scatter of -0.22 to 0.22: the same dots in every drawing."""
    byte = hashlib.sha256(f"{row}/{place}".encode()).digest()[0]
    return round((byte / 255 - 0.5) * 0.44, 3)
