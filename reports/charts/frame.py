"""The frame of a chart: margins, axes, shapes, annotations and legend."""

from __future__ import annotations

import math
from typing import Any

from reports.charts.axis import Axis
from reports.charts.palette import AXIS, GRID, MUTED, OWN, TEXT
from reports.charts.pen import Pen, UnsupportedFigure, fitted, text_width

ANCHORS = {"left": "start", "right": "end"}


class Frame:
    """Knows where things lie on one drawing of one figure."""

    def __init__(self, figure: dict[str, Any], width: float | None, height: float | None):
        self.figure, self.layout = figure, figure["layout"]
        self.width = float(width or self.layout.get("width", 640))
        self.height = float(height or self.layout.get("height", 320))
        self.font_size = float(self.layout.get("font", {}).get("size", 12))
        self.title = (self.layout.get("title") or {}).get("text")
        xs, ys = extent(figure)
        self.x, self.y = Axis(self.layout.get("xaxis"), xs), Axis(self.layout.get("yaxis"), ys)
        has_legend = self.layout.get("showlegend", True)
        named = [t for t in figure["data"] if t.get("name") and t.get("showlegend", True)]
        self.legend = named if has_legend else []
        self._place()

    def _place(self) -> None:
        size = self.font_size
        self.margin = {"l": 10, "r": 16, "t": 12, "b": 10, **self.layout.get("margin", {})}
        self.title_height = size * 1.9 if self.title else 0
        self.x_ticks = self.x.ticks()
        room = self.width * 0.46
        self.y_ticks = [(v, fitted(s, size * 0.92, room)) for v, s in self.y.ticks()]
        widest = max((text_width(s, size * 0.92) for _, s in self.y_ticks), default=0)
        self.left = self.margin["l"] + widest + 8 + (size * 1.5 if self.y.title else 0)
        self.right = self.width - self.margin["r"]
        self.legend_rows = self._legend_rows()
        self.top = self.margin["t"] + self.title_height + size * 1.7 * len(self.legend_rows)
        below = (size * 1.6 if self.x_ticks else 0) + (size * 1.5 if self.x.title else 0)
        self.bottom = self.height - self.margin["b"] - below
        self.x.place(self.left, self.right)
        self.y.place(self.bottom, self.top)

    def _legend_rows(self) -> list[list[dict[str, Any]]]:
        rows: list[list[dict[str, Any]]] = []
        used = self.width
        for trace in self.legend:
            wide = 38 + text_width(trace["name"], self.font_size * 0.95)
            if used + wide > self.right - self.margin["l"] + 18:
                rows.append([])
                used = 0
            rows[-1].append(trace)
            used += wide
        return rows

    def px(self, reference: str | None, value: Any) -> float:
        """Pixel across, of a data value or of a share of the plot (`paper`)."""
        return self.left + value * (self.right - self.left) if reference == "paper" else self.x.at(value)

    def py(self, reference: str | None, value: Any) -> float:
        """Pixel down, of a data value or of a share of the plot (`paper`)."""
        return self.bottom - value * (self.bottom - self.top) if reference == "paper" else self.y.at(value)


def extent(figure: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """All values the axes must hold, of x and of y."""
    xs: list[Any] = []
    ys: list[Any] = []
    is_stacked = figure["layout"].get("barmode") == "stack"
    sums: dict[Any, float] = {}
    for trace in figure["data"]:
        if trace["type"] not in ("scatter", "bar"):
            raise UnsupportedFigure(f"trace {trace['type']}: draw scatter or bar")
        xs += trace["x"]
        ys += trace["y"]
        if trace["type"] == "bar":
            is_flat = trace.get("orientation") == "h"
            (xs if is_flat else ys).append(0)
            names, lengths = (trace["y"], trace["x"]) if is_flat else (trace["x"], trace["y"])
            for name, length in zip(names, lengths, strict=True):
                sums[name] = sums.get(name, 0) + (length or 0)
            if is_stacked:
                (xs if is_flat else ys).extend(sums.values())
        for key, into, base in (("error_x", xs, trace["x"]), ("error_y", ys, trace["y"])):
            if key in trace:
                up, down = trace[key]["array"], trace[key].get("arrayminus", trace[key]["array"])
                into += [b + u for b, u in zip(base, up, strict=True) if b is not None]
                into += [b - d for b, d in zip(base, down, strict=True) if b is not None]
    return xs, ys


def draw_axes(frame: Frame, pen: Pen) -> None:
    """Grid, tick labels, base line and titles."""
    size = frame.font_size
    if frame.layout.get("yaxis", {}).get("showgrid", True):
        for value, _ in frame.y_ticks:
            pen.line(frame.left, frame.y.at(value), frame.right, frame.y.at(value), GRID)
    if frame.layout.get("xaxis", {}).get("showgrid", False):
        for value, _ in frame.x_ticks:
            pen.line(frame.x.at(value), frame.top, frame.x.at(value), frame.bottom, GRID)
    for value, label in frame.y_ticks:
        pen.text(frame.left - 6, frame.y.at(value) + size * 0.33, label, "end", size * 0.92, MUTED)
    room = (frame.right - frame.left) / max(len(frame.x_ticks), 1)
    widest = max((text_width(s, size * 0.92) for _, s in frame.x_ticks), default=0)
    every = max(1, math.ceil(widest * 1.15 / room))
    for value, label in frame.x_ticks[::every]:
        pen.text(frame.x.at(value), frame.bottom + size * 1.35, label, "middle", size * 0.92, MUTED)
    pen.line(frame.left, frame.bottom, frame.right, frame.bottom, AXIS)
    if frame.x.title:
        middle = (frame.left + frame.right) / 2
        pen.text(middle, frame.height - frame.margin["b"] + 1, frame.x.title, "middle", size * 0.95, MUTED)
    if frame.y.title:
        x, y = frame.margin["l"] + size * 0.9, (frame.top + frame.bottom) / 2
        turn = f' transform="translate({x:.0f},{y:.0f}) rotate(-90)"'
        pen.text(0, 0, frame.y.title, "middle", size * 0.95, MUTED, turn)


def draw_shapes(frame: Frame, pen: Pen, layer: str) -> None:
    """Rectangles and lines of the layout that lie below or above the data."""
    for shape in frame.layout.get("shapes", []):
        if shape.get("layer", "above") != layer:
            continue
        x0, x1 = (frame.px(shape.get("xref"), shape[end]) for end in ("x0", "x1"))
        y0, y1 = (frame.py(shape.get("yref"), shape[end]) for end in ("y0", "y1"))
        if shape["type"] == "rect":
            box = (min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))
            pen.rect(*box, shape.get("fillcolor", "none"), shape.get("opacity", 1))
        elif shape["type"] == "line":
            look = shape.get("line", {})
            pen.line(x0, y0, x1, y1, look.get("color", TEXT), look.get("width", 1), look.get("dash"))
        else:
            raise UnsupportedFigure(f"shape {shape['type']}: draw rect or line")


def draw_annotations(frame: Frame, pen: Pen) -> None:
    """Words placed in the plot or beside it."""
    for note in frame.layout.get("annotations", []):
        font = note.get("font", {})
        size = font.get("size", frame.font_size * 0.92)
        drop = {"top": size * 0.9, "bottom": -3}.get(note.get("yanchor"), size * 0.33)
        x = frame.px(note.get("xref"), note["x"]) + note.get("xshift", 0)
        y = frame.py(note.get("yref"), note["y"]) + drop - note.get("yshift", 0)
        pen.text(x, y, note["text"], ANCHORS.get(note.get("xanchor"), "middle"), size, font.get("color", MUTED))


def draw_legend(frame: Frame, pen: Pen) -> None:
    """Names above the plot, in as many rows as they need."""
    size = frame.font_size
    y = frame.margin["t"] + frame.title_height + size * 0.8
    for row in frame.legend_rows:
        x = frame.left if len(frame.legend_rows) == 1 and _fits(frame, row) else float(frame.margin["l"])
        for trace in row:
            _legend_key(pen, trace, x, y, size)
            pen.text(x + 20, y, trace["name"], "start", size * 0.95, MUTED)
            x += 38 + text_width(trace["name"], size * 0.95)
        y += size * 1.7


def _fits(frame: Frame, row: list[dict[str, Any]]) -> bool:
    wide = sum(38 + text_width(t["name"], frame.font_size * 0.95) for t in row)
    return frame.left + wide <= frame.right + 18


def _legend_key(pen: Pen, trace: dict[str, Any], x: float, y: float, size: float) -> None:
    color = trace.get("fillcolor") if trace.get("fill") else trace_color(trace)
    if trace["type"] == "bar" or trace.get("fill"):
        pen.rect(x, y - size * 0.75, 14, size * 0.8, color or OWN)
    elif "lines" in trace.get("mode", "lines"):
        pen.line(x, y - size * 0.33, x + 16, y - size * 0.33, color or OWN, 2, trace.get("line", {}).get("dash"))
    else:
        pen.mark(x + 7, y - size * 0.33, 4, color or OWN, trace.get("marker", {}).get("symbol"))


def trace_color(trace: dict[str, Any]) -> str:
    """The one colour that stands for a trace."""
    marker = trace.get("marker", {}).get("color")
    return trace.get("line", {}).get("color") or (marker if isinstance(marker, str) else None) or OWN
