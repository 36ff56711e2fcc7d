"""Rates of all units against their size, with the limits that chance alone would keep."""

from __future__ import annotations

import math
from typing import Any

from evaluation.uncertainty import funnel as limits
from reports import numbers
from reports.charts.figures.common import UNIT_MARK, drawn, layout, present
from reports.charts.palette import INK, LIMIT, OTHER_DOT
from reports.texts import say

DASHES = ("dash", "dot")  # of the inner and the outer limits


def funnel_limits(
    centre: float, low_n: float, high_n: float, level: float, between: float = 0.0
) -> tuple[list[float], list[float], list[float]]:
    """Sizes, lower and upper limit of a rate at a level, with the variance `between` units (0: chance alone)."""
    ends = math.log10(max(low_n, 1)), math.log10(max(high_n, 2))
    sizes = [10 ** (ends[0] + (ends[1] - ends[0]) * i / 59) for i in range(60)]
    low, high = limits.additive_limits(centre, sizes, between, limits.z_of(level))
    return [round(n, 1) for n in sizes], low.tolist(), high.tolist()


def funnel(
    sizes: list[float], rates: list[float | None], centre: float, *, own: int | None = None,
    between: float = 0.0, levels: tuple[float, float] = limits.LEVELS, names: list[str] | None = None,
    title: str | None = None, x_title: str | None = None, language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """All units as dots; `own` is the place of this unit in the lists, None for a drawing of all of them.

    A unit alone, whose reader may not see the others, stands in limits from a third to three times its own size.
    """
    kept = [(i, n, r) for i, (n, r) in enumerate(zip(sizes, rates, strict=True)) if n and r is not None]
    ends = [n for _, n, _ in kept] or [1.0, 10.0]
    ends = [ends[0] / 3, ends[0] * 3] if len(kept) == 1 else ends
    data: list[dict[str, Any]] = []
    for level, dash in reversed([*zip(levels, DASHES, strict=True)]):
        xs, lower, upper = funnel_limits(centre, min(ends) * 0.9, max(ends) * 1.1, level, between)
        name = say(language, "funnel.limit", level=numbers.level(level))
        look = {"type": "scatter", "mode": "lines", "x": xs, "line": {"width": 1.2, "color": LIMIT, "dash": dash}}
        data.append({**look, "y": drawn(lower, is_rate=True, digits=2), "name": name})
        data.append({**look, "y": drawn(upper, is_rate=True, digits=2), "showlegend": False})
    others = [(n, r, i) for i, n, r in kept if i != own]
    whose = "units" if own is None else "others"
    dots: dict[str, Any] = {
        "type": "scatter", "mode": "markers", "x": [n for n, _, _ in others],
        "y": drawn([r for _, r, _ in others], is_rate=True), "name": say(language, f"mark.{whose}"),
        "marker": {"size": 6, "color": OTHER_DOT, "opacity": 0.55},
    }  # fmt: skip
    if names:
        dots["hovertext"] = [names[i] for _, _, i in others]
    if others:
        data.append(dots)
    mine = next(((n, r) for i, n, r in kept if i == own), None)
    if mine:
        data.append({"type": "scatter", "mode": "markers", "x": [mine[0]], "y": drawn([mine[1]], is_rate=True),
                     "name": say(language, "mark.own"), "marker": UNIT_MARK})  # fmt: skip
    low = max((min(present([r for _, _, r in kept], [centre])) * 100 // 10) * 10 - 1, -1)
    middle = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": centre * 100, "y1": centre * 100}
    axis = {"type": "log", "title": {"text": x_title or say(language, "funnel.size")}}
    shapes = [{**middle, "line": {"color": INK, "width": 1}}]
    return {"data": data, "layout": layout(title, height=320, xaxis=axis, yaxis={"range": [low, 101]}, shapes=shapes)}
