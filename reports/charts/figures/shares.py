"""Parts of a whole: satisfaction levels, claimed and confirmed resolution, age of the backlog, grades."""

from __future__ import annotations

from typing import Any

from reports.charts.figures.common import drawn, layout, plain
from reports.charts.palette import AGES, GRADES, NOT_GRADED, OWN, PEER, SATISFACTION, TEXT
from reports.numbers import count, percent_points, rate
from reports.texts import say

LEVELS = ("5", "4", "3", "2", "1", "default", "unrated")
_DARK_TEXT = {"3", "2", "default", "unrated"}


def satisfaction(
    names: list[str], counts: list[dict[str, int]], *, title: str | None = None, language: str = "zh"
) -> dict[str, Any]:  # fmt: skip
    """Shares of the five levels, default and unrated, one flat bar per name. Silence is drawn, not left out."""
    order = list(reversed(range(len(names))))
    data = []
    for key in LEVELS:
        if not any(c.get(key) for c in counts):
            continue
        shares = [_share(counts[i], key) for i in order]
        data.append(
            {"type": "bar", "orientation": "h", "y": [names[i] for i in order], "x": drawn(shares, is_rate=True),
             "name": say(language, f"satisfaction.{key}"), "text": [rate(s) for s in shares],
             "textfont": {"color": TEXT if key in _DARK_TEXT else "#ffffff"},
             "marker": {"color": SATISFACTION[key]}}
        )  # fmt: skip
    axes: dict[str, Any] = {"xaxis": {"range": [0, 100], "showgrid": True}, "yaxis": {"showgrid": False}}
    return {"data": data, "layout": layout(title, height=90 + 34 * len(names), barmode="stack", **axes)}


def claimed_confirmed(
    names: list[str], claimed: list[float | None], confirmed: list[float | None], *, title: str | None = None,
    language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """What units report as resolved beside what citizens confirm; the line between is the gap."""
    level = [len(names) - 1 - i for i in range(len(names))]
    said, heard = drawn(claimed, is_rate=True), drawn(confirmed, is_rate=True)
    known = [v for v in [*said, *heard] if v is not None] or [0.0, 100.0]
    gaps = [
        {"type": "line", "layer": "below", "x0": a, "x1": b, "y0": y, "y1": y, "line": {"color": PEER, "width": 2}}
        for a, b, y in zip(said, heard, level, strict=True)
        if a is not None and b is not None
    ]
    dots = {"type": "scatter", "mode": "markers", "y": level}
    tag = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 8, "showarrow": False, "font": {"size": 12}}
    tags = [
        {**tag, "y": y, "text": percent_points(b - a)}
        for a, b, y in zip(claimed, confirmed, level, strict=True)
        if a is not None and b is not None
    ]
    axis = {"range": [-0.6, len(names) - 0.4], "tickvals": level, "ticktext": names, "showgrid": False}
    low = max((min(known) // 5) * 5 - 1, -1.0)
    return {
        "data": [
            {**dots, "x": said, "name": say(language, "resolution.claimed"), "marker": {"size": 9, "color": PEER}},
            {**dots, "x": heard, "name": say(language, "resolution.confirmed"),
             "marker": {"size": 10, "color": OWN, "symbol": "diamond"}},
        ],
        "layout": layout(title, height=90 + 24 * max(len(names), 2), margin={"l": 8, "r": 56, "t": 8, "b": 8},
                         xaxis={"range": [low, 101], "showgrid": True}, yaxis=axis, shapes=gaps, annotations=tags),
    }  # fmt: skip


def backlog(ages: list[str], cases: list[int], *, title: str | None = None, language: str = "zh") -> dict[str, Any]:
    """Open cases by age, youngest first."""
    bars = {
        "type": "bar", "x": ages, "y": cases, "text": [count(c) for c in cases], "showlegend": False,
        "name": say(language, "backlog.cases"), "marker": {"color": [AGES[min(i, 5)] for i in range(len(ages))]},
    }  # fmt: skip
    top = max([*cases, 1]) * 1.15
    return {"data": [bars], "layout": layout(title, height=260, xaxis={"type": "category"}, yaxis={"range": [0, top]})}


def grade_distribution(
    groups: list[str], counts: list[dict[str, int]], grades: list[str], *, title: str | None = None,
    titles: dict[str, str] | None = None, language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """Units per grade, one flat bar per peer group; units without a grade come last. `counts` use "" for them."""
    order = list(reversed(range(len(groups))))
    data = []
    for place, grade in enumerate([*grades, ""]):
        numbers = [counts[i].get(grade, 0) for i in order]
        if not any(numbers):
            continue
        color = GRADES[min(place, 4)] if grade else NOT_GRADED
        name = (titles or {}).get(grade, grade) if grade else say(language, "grades.none")
        is_pale = color in ("#a8c1dc", "#e2a79b", NOT_GRADED)
        data.append(
            {"type": "bar", "orientation": "h", "y": [groups[i] for i in order], "x": numbers, "name": name,
             "text": [count(n) if n else "" for n in numbers], "marker": {"color": color},
             "textfont": {"color": TEXT if is_pale else "#ffffff"}}
        )  # fmt: skip
    most = max([sum(c.values()) for c in counts] or [1])
    axes: dict[str, Any] = {
        "xaxis": {"range": [0, most * 1.02], "showgrid": True, "title": {"text": say(language, "grades.units")}},
        "yaxis": {"showgrid": False},
    }
    return {"data": data, "layout": layout(title, height=110 + 36 * len(groups), barmode="stack", **axes)}


def _share(counts: dict[str, int], key: str) -> float | None:
    total = sum(counts.values())
    return plain(counts.get(key, 0) / total, 6) if total else None
