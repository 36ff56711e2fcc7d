"""Points of one unit by group of indicators, beside the median of its peers."""

from __future__ import annotations

from typing import Any

from reports.charts.figures.common import layout, plain
from reports.charts.palette import OWN, PEER_DOT
from reports.numbers import fixed
from reports.texts import say


def group_points(
    names: list[str], own: list[float | None], peers: list[float | None], *, language: str = "zh"
) -> dict[str, Any]:  # fmt: skip
    """Two upright bars per group, 0 to 100 points; a missing one leaves its place empty."""
    bars = []
    for key, values, color in (("mark.own", own, OWN), ("trend.peers", peers, PEER_DOT)):
        shown = [plain(value) for value in values]
        text = ["" if value is None else fixed(value, 1) for value in values]
        bars.append(
            {"type": "bar", "x": names, "y": shown, "text": text, "name": say(language, key),
             "marker": {"color": color}}
        )  # fmt: skip
    length = {"range": [0, 110], "tickvals": [0, 25, 50, 75, 100]}
    axes: dict[str, Any] = {"xaxis": {"type": "category"}, "yaxis": length}
    return {"data": bars, "layout": layout(None, height=180, barmode="group", **axes)}
