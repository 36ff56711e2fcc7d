"""Draw a subset of a Plotly figure as SVG, without a browser.

The figure dict is the one description of a chart: a page hands it to Plotly, documents hand it to `render`. Drawn are
scatter (lines, markers, text, areas, error bars), bar (upright, flat, grouped, stacked), rectangles and lines of the
layout, annotations; linear, log and category axes. Anything else raises `UnsupportedFigure`.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from xml.sax.saxutils import quoteattr

from reports.charts.frame import Frame, draw_annotations, draw_axes, draw_legend, draw_shapes
from reports.charts.palette import TEXT
from reports.charts.pen import Pen, clean, short
from reports.charts.traces import draw_traces

SCREEN_FONT = "Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
WIDTHS = {"phone": 400, "half": 620, "full": 1240, "print": 760}


def render(
    figure: dict[str, Any], width: float | None = None, height: float | None = None, label: str | None = None, *,
    font: str = SCREEN_FONT, ident: str = "",
) -> str:  # fmt: skip
    """The figure as one SVG text; `label` is what a screen reader says, `ident` tells two equal charts apart."""
    frame = Frame(figure, width, height)
    pen = Pen(frame.font_size)
    pen.rect(0, 0, frame.width, frame.height, "#fff")
    if frame.title:
        size = frame.font_size
        top = frame.margin["t"] + size * 1.1
        pen.text(frame.margin["l"], top, frame.title, "start", size * 1.15, extra=' font-weight="600"')
    draw_shapes(frame, pen, "below")
    draw_axes(frame, pen)
    clip = _clip_id(figure, frame, ident)
    pen.raw(f'<clipPath id="{clip}">')
    pen.rect(frame.left - 8, frame.top - 8, frame.right - frame.left + 16, frame.bottom - frame.top + 8, "#000")
    pen.raw(f'</clipPath><g clip-path="url(#{clip})">')
    draw_traces(frame, pen)
    draw_shapes(frame, pen, "above")
    pen.raw("</g>")
    draw_annotations(frame, pen)
    draw_legend(frame, pen)
    return _head(frame, label or frame.title or "图表", font) + "".join(pen.parts) + "</svg>"


def variants(figure: dict[str, Any], label: str, *, phone_height: float = 300) -> dict[str, str]:
    """One drawing per width (phone, half, full, print): text keeps its size, the plot takes the difference."""
    height = figure["layout"].get("height", 320)
    drawings = {}
    for name, width in WIDTHS.items():
        tall = phone_height if name == "phone" else height
        drawings[name] = render(figure, width, max(tall, height) if name == "phone" else tall, label, ident=name)
    return drawings


def _head(frame: Frame, label: str, font: str) -> str:
    width, height = short(frame.width), short(frame.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{font}" font-size="{short(frame.font_size)}" fill="{TEXT}" role="img" '
        f"aria-label={quoteattr(clean(label))}>"
    )


def _clip_id(figure: dict[str, Any], frame: Frame, ident: str) -> str:
    """An id made of the drawing itself: several charts share a page, and the same chart gives the same bytes."""
    text = json.dumps([figure, frame.width, frame.height, ident], sort_keys=True, default=str)
    return "clip-" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
