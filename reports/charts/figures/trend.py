"""Months of one unit against its peers and the target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.charts.figures.common import drawn, layout, present
from reports.charts.palette import GOOD, NOTABLE, OWN, PEER, ZONE
from reports.numbers import fixed
from reports.texts import say


def trend(
    months: list[str], values: list[float | None], *, name: str | None = None, peers: list[float | None] | None = None,
    target: float | None = None, is_rate: bool = True, is_higher_better: bool = True, notable: Sequence[int] = (),
    unsettled: Sequence[int] = (), title: str | None = None, language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """A unit's months as a line, the peer median dashed, the target range shaded. Missing months are gaps.

    `notable` are the places of months that ordinary variation rarely gives; they stand on a ring. `unsettled` are the
    places of the last months, whose values still change; they are dotted and hollow.
    """
    own = drawn(values, is_rate=is_rate)
    peer = drawn(peers or [], is_rate=is_rate)
    goal = drawn([target], is_rate=is_rate)[0]
    known = present(own, peer, [goal]) or [0.0, 1.0]
    pad = max((max(known) - min(known)) * 0.18, 1.0 if is_rate else 0.5)
    low, high = min(known) - pad, max(known) + pad
    low = max(low, 0.0) if min(known) >= 0 else low
    if is_rate:
        high = min(high, 101.0) if max(known) <= 100 else high
    data: list[dict[str, Any]] = []
    if peers:
        look = {"color": PEER, "width": 1.5, "dash": "dash"}
        label = say(language, "trend.peers")
        data.append({"type": "scatter", "mode": "lines", "x": months, "y": peer, "name": label, "line": look})
    if notable:
        data.append(
            {"type": "scatter", "mode": "markers", "x": [months[i] for i in notable], "y": [own[i] for i in notable],
             "name": say(language, "trend.notable"), "marker": {"size": 17, "color": NOTABLE}}
        )  # fmt: skip
    if unsettled:
        data.append(_unsettled(months, own, unsettled, language))
    settled = [None if i in unsettled else value for i, value in enumerate(own)]
    data.append(
        {"type": "scatter", "mode": "lines+markers", "x": months, "y": settled,
         "name": name or say(language, "mark.own"), "line": {"color": OWN, "width": 2.5},
         "marker": {"size": 7, "color": OWN}}
    )  # fmt: skip
    extra = _target_zone(goal, low, high, is_higher_better, language) if goal is not None else {}
    axes: dict[str, Any] = {"xaxis": {"type": "category"}, "yaxis": {"range": [low, high]}}
    return {"data": data, "layout": layout(title, **axes, **extra)}


def _unsettled(months: list[str], own: list[float | None], unsettled: Sequence[int], language: str) -> dict[str, Any]:
    """The months that still change, from the last settled one on: its own mark is drawn over the hollow one."""
    start = max(min(unsettled) - 1, 0)
    return {"type": "scatter", "mode": "lines+markers", "x": months, "y": [None] * start + own[start:],
            "name": say(language, "trend.unsettled"), "line": {"color": OWN, "width": 2, "dash": "dot"},
            "marker": {"size": 7, "color": "#ffffff", "line": {"color": OWN, "width": 1.5}}}  # fmt: skip


def control(
    months: list[str], values: list[float | None], *, lower: Sequence[float], centre: float, upper: Sequence[float],
    names: tuple[str, str, str], is_rate: bool = True, notable: Sequence[int] = (), language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """A series inside its natural limits; `names` are those of the series, the mean and the limits."""
    own = drawn(values, is_rate=is_rate)
    low, high = drawn(list(lower), is_rate=is_rate), drawn(list(upper), is_rate=is_rate)
    middle = drawn([centre] * len(months), is_rate=is_rate)
    known = present(own, low, high) or [0.0, 1.0]
    pad = max((max(known) - min(known)) * 0.12, 2.0 if is_rate else 0.5)
    bottom, top = min(known) - pad, max(known) + pad
    if is_rate:  # no place for shares below 0 or above 100 %
        bottom, top = max(bottom, min(-0.4, *known)), min(top, max(100.4, *known))
    look = {"color": PEER, "width": 1.5}
    data: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines", "x": months, "y": line, "line": {**look, "dash": dash}, **named}
        for line, dash, named in (
            (high, "dash", {"name": names[2]}), (low, "dash", {"showlegend": False}),
            (middle, "dot", {"name": names[1]}),
        )
    ]  # fmt: skip
    if notable:
        data.append(
            {"type": "scatter", "mode": "markers", "x": [months[i] for i in notable], "y": [own[i] for i in notable],
             "name": say(language, "trend.notable"), "marker": {"size": 17, "color": NOTABLE}}
        )  # fmt: skip
    data.append(
        {"type": "scatter", "mode": "lines+markers", "x": months, "y": own, "name": names[0],
         "line": {"color": OWN, "width": 2.5}, "marker": {"size": 7, "color": OWN}}
    )  # fmt: skip
    axes: dict[str, Any] = {"xaxis": {"type": "category"}, "yaxis": {"range": [bottom, top]}}
    return {"data": data, "layout": layout(None, **axes)}


def _target_zone(goal: float, low: float, high: float, is_higher_better: bool, language: str) -> dict[str, Any]:
    ends = (goal, high) if is_higher_better else (low, goal)
    zone = {"type": "rect", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "y0": ends[0], "y1": ends[1]}
    key = "trend.target_high" if is_higher_better else "trend.target_low"
    shown = fixed(goal, 1).removesuffix(".0")
    note = {
        "xref": "paper", "x": 0, "xanchor": "left", "xshift": 6, "y": goal, "showarrow": False,
        "yanchor": "bottom" if is_higher_better else "top", "text": say(language, key, target=shown),
        "font": {"color": GOOD, "size": 12},
    }  # fmt: skip
    return {"shapes": [{**zone, "fillcolor": ZONE, "line": {"width": 0}}], "annotations": [note]}
