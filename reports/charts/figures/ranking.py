"""Scores as dots with their intervals: a bar from a base above 0 would exaggerate."""

from __future__ import annotations

from typing import Any

from reports.charts.figures.common import drawn, layout, present
from reports.charts.palette import OTHER_DOT, OWN, PEER
from reports.numbers import score
from reports.texts import say


def ranking(
    names: list[str], scores: list[float | None], lows: list[float | None], highs: list[float | None], *,
    own: int | None = None, cuts: list[tuple[str, float]] | None = None, title: str | None = None,
    language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """One row per unit in the order given, first on top; `cuts` are the points from which a grade holds."""
    rows = [r for r in zip(range(len(names)), names, scores, lows, highs, strict=True) if r[2] is not None]
    level = [len(rows) - 1 - i for i in range(len(rows))]
    points = [p or 0.0 for p in drawn([r[2] for r in rows], is_rate=False, digits=2)]
    down = [max(p - (r[3] if r[3] is not None else p), 0) for p, r in zip(points, rows, strict=True)]
    up = [max((r[4] if r[4] is not None else p) - p, 0) for p, r in zip(points, rows, strict=True)]
    known = present([r[3] for r in rows], [r[4] for r in rows], points) or [0.0, 100.0]
    low, high = max((min(known) // 5) * 5 - 1, -1.0), min((max(known) // 5 + 1) * 5 + 0.5, 101.0)
    colors = [OWN if own is None or r[0] == own else OTHER_DOT for r in rows]
    dots = {
        "type": "scatter", "mode": "markers", "x": points, "y": level, "name": say(language, "mark.score"),
        "marker": {"size": 9, "color": colors}, "showlegend": False,
        "error_x": {"type": "data", "array": [round(u, 2) for u in up], "arrayminus": [round(d, 2) for d in down],
                    "color": PEER, "thickness": 1.6, "width": 0},
    }  # fmt: skip
    tag = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "showarrow": False}
    tags = [{**tag, "y": y, "text": score(r[2]), "font": {"size": 12}} for y, r in zip(level, rows, strict=True)]
    shown_cuts = [(g, c) for g, c in cuts or [] if low < c < high]
    lines = [{"type": "line", "layer": "below", "x0": c, "x1": c, "yref": "paper", "y0": 0, "y1": 1,
              "line": {"color": PEER, "width": 1, "dash": "dot"}} for _, c in shown_cuts]  # fmt: skip
    top = {"yref": "paper", "y": 1, "yanchor": "bottom", "showarrow": False}
    words = [{**top, "x": c, "text": f"{g} ≥ {c:g}", "font": {"size": 11}} for g, c in shown_cuts]
    return {
        "data": [dots],
        "layout": layout(
            title, height=70 + 21 * max(len(rows), 2), margin={"l": 8, "r": 60, "t": 24, "b": 8},
            xaxis={"showgrid": True, "range": [low, high]}, shapes=lines, annotations=[*tags, *words],
            yaxis={"range": [-0.7, max(len(rows), 1) - 0.3], "tickvals": level, "ticktext": [r[1] for r in rows],
                   "showgrid": False},
        ),
    }  # fmt: skip
