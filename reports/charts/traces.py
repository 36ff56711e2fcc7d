"""Draws bars and points with lines, error bars and areas."""

from __future__ import annotations

from typing import Any

from reports.charts.frame import Frame, trace_color
from reports.charts.pen import Pen, short, text_width

Points = list[tuple[float, float]]


def draw_traces(frame: Frame, pen: Pen) -> None:
    """All traces in their order."""
    bars = [t for t in frame.figure["data"] if t["type"] == "bar"]
    stacked: dict[Any, float] = {}
    previous: Points | None = None
    for trace in frame.figure["data"]:
        if trace["type"] == "bar":
            _draw_bars(frame, pen, trace, bars, stacked)
        else:
            previous = _draw_scatter(frame, pen, trace, previous)


def _draw_bars(
    frame: Frame, pen: Pen, trace: dict[str, Any], bars: list[dict[str, Any]], stacked: dict[Any, float]
) -> None:
    is_flat = trace.get("orientation") == "h"
    mode = frame.layout.get("barmode", "group")
    side_by_side = len(bars) if mode == "group" else 1
    names_axis, length_axis = (frame.y, frame.x) if is_flat else (frame.x, frame.y)
    unit = abs(names_axis.end - names_axis.start) / abs(names_axis.high - names_axis.low)
    thick = unit * 0.72 / side_by_side
    shift = bars.index(trace) * thick if side_by_side > 1 else 0
    fill = trace.get("marker", {}).get("color") or trace_color(trace)
    for i, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        name, length = (y, x) if is_flat else (x, y)
        if length is None:
            continue
        begin = stacked.get(name, 0.0) if mode == "stack" else 0.0
        stacked[name] = begin + length
        near, far = length_axis.at(begin), length_axis.at(begin + length)
        across = names_axis.at(name) - unit * 0.36 + shift
        color = fill[i] if isinstance(fill, list | tuple) else fill
        if is_flat:
            pen.rect(min(near, far), across, abs(far - near), thick, color)
        else:
            pen.rect(across, min(near, far), thick, abs(far - near), color)
        if trace.get("text"):
            _bar_text(frame, pen, trace, i, near, far, across + thick / 2, is_flat, mode == "stack")


def _bar_text(
    frame: Frame, pen: Pen, trace: dict[str, Any], i: int, near: float, far: float, middle: float, is_flat: bool,
    is_inside: bool,
) -> None:  # fmt: skip
    size, text = frame.font_size * 0.88, trace["text"][i]
    if is_inside:
        room = abs(far - near)
        needed = text_width(text, size) + 4 if is_flat else size + 2
        if text and room >= needed:
            color = trace.get("textfont", {}).get("color", "#ffffff")
            x, y = ((near + far) / 2, middle) if is_flat else (middle, (near + far) / 2)
            pen.text(x, y + size * 0.36, text, "middle", size, color)
    elif is_flat:
        pen.text(max(near, far) + 4, middle + size * 0.36, text, "start", size)
    else:
        pen.text(middle, min(near, far) - 4, text, "middle", size)


def _draw_scatter(frame: Frame, pen: Pen, trace: dict[str, Any], previous: Points | None) -> Points:
    look, color = trace.get("line", {}), trace_color(trace)
    rows = list(zip(trace["x"], trace["y"], strict=True))
    points = [(frame.x.at(x), frame.y.at(y)) for x, y in rows if x is not None and y is not None]
    if trace.get("fill") == "toself":
        pen.path(_joined(points) + "Z", fill=trace.get("fillcolor", color))
    elif trace.get("fill") == "tonexty" and previous:
        back = " ".join(f"L{short(a)} {short(b)}" for a, b in reversed(previous))
        pen.path(f"{_joined(points)} {back}Z", fill=trace.get("fillcolor", color))
    mode, width = trace.get("mode", "lines"), look.get("width", 2)
    if "lines" in mode and width > 0:
        for piece in _pieces(frame, rows):
            pen.path(_joined(piece), stroke=color, width=width, dash=look.get("dash", ""))
    _draw_errors(frame, pen, trace, color)
    if "markers" in mode:
        _draw_markers(pen, trace, points, color)
    if "text" in mode:
        for (x, y), text in zip(points, trace["text"], strict=True):
            pen.text(x, y - 8, text, "middle", frame.font_size * 0.9)
    return points


def _pieces(frame: Frame, rows: list[tuple[Any, Any]]) -> list[Points]:
    """The line broken where a value is missing: a gap, never a bridge."""
    pieces: list[Points] = [[]]
    for x, y in rows:
        if x is None or y is None:
            pieces.append([])
        else:
            pieces[-1].append((frame.x.at(x), frame.y.at(y)))
    return [piece for piece in pieces if len(piece) > 1]


def _joined(points: Points) -> str:
    return " ".join(f"{'L' if i else 'M'}{short(x)} {short(y)}" for i, (x, y) in enumerate(points))


def _draw_errors(frame: Frame, pen: Pen, trace: dict[str, Any], color: str) -> None:
    for key in ("error_x", "error_y"):
        if key not in trace:
            continue
        bars = trace[key]
        look = (bars.get("color", color), bars.get("thickness", 2))
        downs = bars.get("arrayminus", bars["array"])
        for x, y, up, down in zip(trace["x"], trace["y"], bars["array"], downs, strict=True):
            if x is None or y is None:
                continue
            if key == "error_x":
                pen.line(frame.x.at(x - down), frame.y.at(y), frame.x.at(x + up), frame.y.at(y), *look)
            else:
                pen.line(frame.x.at(x), frame.y.at(y - down), frame.x.at(x), frame.y.at(y + up), *look)


def _draw_markers(pen: Pen, trace: dict[str, Any], points: Points, color: str) -> None:
    marker = trace.get("marker", {})
    sizes, colors, rim = marker.get("size", 6), marker.get("color", color), marker.get("line", {})
    edge = f' stroke="{rim["color"]}" stroke-width="{rim["width"]}"' if rim else ""
    faint = f' fill-opacity="{marker["opacity"]}"' if "opacity" in marker else ""
    for i, (x, y) in enumerate(points):
        size = sizes[i] if isinstance(sizes, list | tuple) else sizes
        fill = colors[i] if isinstance(colors, list | tuple) else colors
        pen.mark(x, y, size / 2, fill, marker.get("symbol"), faint + edge)
