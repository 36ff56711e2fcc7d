"""How units differ: times as boxes by peer group, two rates of every unit as a field of four, scores of two periods."""

from __future__ import annotations

from statistics import median, quantiles
from typing import Any

from reports.charts.figures.common import drawn, layout, plain, present
from reports.charts.palette import AXIS, BAD, GOOD, INK, OTHER_DOT, OWN, PEER, TEXT
from reports.numbers import score
from reports.texts import say

BOX = "#dbe6f2"
WORDS_KEPT = 16  # names in a field of four
WORD_WIDE, WORD_HIGH = 0.16, 0.05  # the room of a name, as shares of the plot


def boxes(
    names: list[str], values: list[list[float]], *, axis: str, title: str | None = None, language: str = "zh"
) -> dict[str, Any]:  # fmt: skip
    """One box per name, first on top: quartiles and median of the units, whiskers to the outermost unit, a dot each.

    With fewer than four units there are only the dots. `axis` names what is measured.
    """
    level = [len(names) - 1 - i for i in range(len(names))]
    shapes = [shape for y, found in zip(level, values, strict=True) for shape in _box(sorted(found), y)]
    dots = [(plain(v), y) for y, found in zip(level, values, strict=True) for v in found]
    high = max((v for v, _ in dots if v is not None), default=1.0)
    return {
        "data": [{"type": "scatter", "mode": "markers", "x": [d[0] for d in dots], "y": [d[1] for d in dots],
                  "name": say(language, "spread.unit"), "marker": {"size": 5, "color": OTHER_DOT, "opacity": 0.7}}],
        "layout": layout(
            title, height=90 + 44 * max(len(names), 2), margin={"l": 8, "r": 24, "t": 8, "b": 8},
            xaxis={"showgrid": True, "range": [0, high * 1.06 or 1.0], "title": {"text": axis}}, shapes=shapes,
            yaxis={"range": [-0.7, len(names) - 0.3], "tickvals": level, "ticktext": names, "showgrid": False},
            showlegend=False,
        ),
    }  # fmt: skip


def _box(found: list[float], y: float) -> list[dict[str, Any]]:
    if len(found) < 4:
        return []
    first, middle, third = quantiles(found, n=4, method="inclusive")
    whisker = {"type": "line", "layer": "below", "line": {"color": AXIS, "width": 1.5}, "y0": y, "y1": y}
    return [
        {**whisker, "x0": found[0], "x1": first},
        {**whisker, "x0": third, "x1": found[-1]},
        {"type": "rect", "layer": "below", "x0": first, "x1": third, "y0": y - 0.28, "y1": y + 0.28, "fillcolor": BOX,
         "line": {"width": 0}},
        {"type": "line", "x0": middle, "x1": middle, "y0": y - 0.28, "y1": y + 0.28,
         "line": {"color": INK, "width": 2}},
    ]  # fmt: skip


def quadrant(
    names: list[str], across: list[float | None], up: list[float | None], *, axes: tuple[str, str],
    title: str | None = None, language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """Each unit by two rates; the lines are the medians. Units below both are named where there is room."""
    x, y = drawn(across, is_rate=True), drawn(up, is_rate=True)
    rows = [(n, a, b) for n, a, b in zip(names, x, y, strict=True) if a is not None and b is not None]
    middle = (median([r[1] for r in rows]), median([r[2] for r in rows])) if rows else (50.0, 50.0)
    weak = sorted((r for r in rows if r[1] < middle[0] and r[2] < middle[1]), key=lambda r: (r[1] + r[2], r[0]))
    ends = _ends([r[1] for r in rows]), _ends([r[2] for r in rows])
    kept = {name for name, _, _ in weak}
    line = {"type": "line", "layer": "below", "line": {"color": PEER, "width": 1, "dash": "dot"}}
    word = {"showarrow": False, "xanchor": "left", "xshift": 6, "font": {"size": 11, "color": TEXT}}
    return {
        "data": [
            {"type": "scatter", "mode": "markers", "x": [r[1] for r in rows if (r[0] in kept) is is_weak],
             "y": [r[2] for r in rows if (r[0] in kept) is is_weak], "name": say(language, f"quadrant.{key}"),
             "marker": {"size": 8, "color": color}}
            for is_weak, key, color in ((False, "other", OTHER_DOT), (True, "both_low", BAD))
        ],
        "layout": layout(
            title, height=360, margin={"l": 8, "r": 76, "t": 8, "b": 8},
            xaxis={"showgrid": True, "range": ends[0], "title": {"text": axes[0]}},
            yaxis={"showgrid": True, "range": ends[1], "title": {"text": axes[1]}},
            shapes=[{**line, "x0": middle[0], "x1": middle[0], "yref": "paper", "y0": 0, "y1": 1},
                    {**line, "y0": middle[1], "y1": middle[1], "xref": "paper", "x0": 0, "x1": 1}],
            annotations=[{**word, "x": a, "y": b, "text": name} for name, a, b in _free(weak, ends)],
        ),
    }  # fmt: skip


def _free(
    weak: list[tuple[str, float, float]], ends: tuple[list[float], list[float]]
) -> list[tuple[str, float, float]]:  # fmt: skip
    """The units whose names have room, in their order."""
    wide, high = (share * (end[1] - end[0]) for share, end in zip((WORD_WIDE, WORD_HIGH), ends, strict=True))
    kept: list[tuple[str, float, float]] = []
    for name, a, b in weak:
        if all(abs(a - x) >= wide or abs(b - y) >= high for _, x, y in kept):
            kept.append((name, a, b))
    return kept[:WORDS_KEPT]


def _ends(values: list[float]) -> list[float]:
    """A range of whole fives around the values."""
    known = present(values) or [0.0, 100.0]
    return [max(min(known) // 5 * 5 - 1, -1.0), min((max(known) // 5 + 1) * 5, 101.0)]


def slopes(
    names: list[str], before: list[float], now: list[float], readings: list[str], *, periods: tuple[str, str],
    title: str | None = None, language: str = "zh",
) -> dict[str, Any]:  # fmt: skip
    """Scores of two periods, a line per unit: green and red where the intervals do not touch, grey elsewhere.

    `readings` are up, down or level. Only the units that changed are named, or the furthest ones where none did.
    """
    looks = {"level": (OTHER_DOT, 1), "up": (GOOD, 2), "down": (BAD, 2)}
    rows = sorted(zip(names, before, now, readings, strict=True), key=lambda r: list(looks).index(r[3]))
    traces, seen = [], set()
    for _, old, new, reading in rows:
        color, width = looks[reading]
        traces.append({
            "type": "scatter", "mode": "lines+markers", "x": [0, 1], "y": [plain(old, 2), plain(new, 2)],
            "name": say(language, f"change.{reading}"), "showlegend": reading not in seen,
            "line": {"color": color, "width": width}, "marker": {"size": 5, "color": color},
        })  # fmt: skip
        seen.add(reading)
    known = [*before, *now] or [0.0, 100.0]
    ends = [min(known) // 5 * 5 - 1, (max(known) // 5 + 1) * 5]
    named = [r for r in rows if r[3] != "level"] or sorted(rows, key=lambda r: -abs(r[2] - r[1]))[:6]
    word = {"showarrow": False, "x": 1, "xanchor": "left", "xshift": 10, "font": {"size": 11, "color": OWN}}
    placed = _apart([(r[2], f"{r[0]} {score(r[2])}") for r in named], (ends[1] - ends[0]) / 30)
    return {
        "data": traces,
        "layout": layout(
            title, height=400, margin={"l": 8, "r": 150, "t": 8, "b": 8},
            xaxis={"range": [-0.12, 1.05], "tickvals": [0, 1], "ticktext": list(periods), "showgrid": False},
            yaxis={"range": ends, "showgrid": True}, annotations=[{**word, "y": y, "text": text} for y, text in placed],
        ),
    }  # fmt: skip


def _apart(words: list[tuple[float, str]], least: float) -> list[tuple[float, str]]:
    """The words from the top, each at least `least` below the one before it."""
    answer: list[tuple[float, str]] = []
    for y, text in sorted(words, reverse=True):
        answer.append((min(y, answer[-1][0] - least) if answer else y, text))
    return answer
