"""Writes SVG elements as text. Only presentation attributes: the pages forbid inline styles."""

from __future__ import annotations

from html import escape

from reports.charts.axis import DASHES
from reports.charts.palette import TEXT

_CONTROL = {code: None for code in (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)}


def clean(text: object) -> str:
    """The text without the characters XML cannot hold: control characters and lone surrogates."""
    return str(text).translate(_CONTROL)


def short(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text_width(text: object, size: float) -> float:
    """Rough width in pixels: a Chinese character is as wide as the font is high."""
    return sum(size if ord(c) > 0x2E80 else size * 0.56 for c in str(text))


def fitted(text: str, size: float, room: float) -> str:
    """The text cut with … where it is wider than the room."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


class Pen:
    """Collects elements in drawing order."""

    def __init__(self, font_size: float):
        self.font_size = font_size
        self.parts: list[str] = []

    def raw(self, element: str) -> None:
        self.parts.append(element)

    def line(
        self, x1: float, y1: float, x2: float, y2: float, color: str, width: float = 1, dash: str | None = None
    ) -> None:
        dashes = f' stroke-dasharray="{DASHES[dash]}"' if dash in DASHES else ""
        ends = f'x1="{short(x1)}" y1="{short(y1)}" x2="{short(x2)}" y2="{short(y2)}"'
        self.raw(f'<line {ends} stroke="{color}" stroke-width="{width}"{dashes}/>')

    def rect(self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1) -> None:
        faint = f' fill-opacity="{opacity}"' if opacity != 1 else ""
        box = f'x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}"'
        self.raw(f'<rect {box} fill="{fill}"{faint}/>')

    def path(self, points: str, *, fill: str = "none", stroke: str = "none", width: float = 1, dash: str = "") -> None:
        dashes = f' stroke-dasharray="{DASHES[dash]}"' if dash in DASHES else ""
        outline = f' stroke="{stroke}" stroke-width="{width}" stroke-linejoin="round"' if stroke != "none" else ""
        self.raw(f'<path d="{points}" fill="{fill}"{outline}{dashes}/>')

    def text(
        self, x: float, y: float, text: object, anchor: str = "middle", size: float | None = None, color: str = TEXT,
        extra: str = "",
    ) -> None:  # fmt: skip
        head = f'x="{short(x)}" y="{short(y)}" text-anchor="{anchor}"'
        size = size or self.font_size
        self.raw(
            f'<text {head} font-size="{short(size)}" fill="{color}"{extra}>{escape(clean(text), quote=False)}</text>'
        )

    def mark(self, x: float, y: float, radius: float, fill: str, symbol: str | None = None, extra: str = "") -> None:
        if symbol in (None, "circle"):
            self.raw(f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" fill="{fill}"{extra}/>')
        elif symbol == "diamond":
            reach = radius * 1.3
            corners = f"M{short(x)} {short(y - reach)}L{short(x + reach)} {short(y)}"
            corners += f"L{short(x)} {short(y + reach)}L{short(x - reach)} {short(y)}Z"
            self.raw(f'<path d="{corners}" fill="{fill}"{extra}/>')
        else:
            raise UnsupportedFigure(f"symbol {symbol}: draw circles or diamonds")


class UnsupportedFigure(ValueError):
    """The figure holds something our SVG writer does not draw; a chart must not look different on paper."""
