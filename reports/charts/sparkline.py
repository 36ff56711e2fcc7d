"""Small drawings for tables and tiles: a month series and a rank with its interval on the whole scale."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from reports.charts.palette import GRID, MUTED, OWN, PEER
from reports.charts.pen import Pen, clean, short
from reports.texts import say


def sparkline(
    values: list[float | None], *, label: str, width: int = 96, height: int = 24, target: float | None = None
) -> str:
    """A series as a thin line with a dot on its last value; missing months are gaps."""
    known = [v for v in values if v is not None]
    pen = Pen(10)
    if known:
        marks = [*known, target] if target is not None else known
        low, high = min(marks), max(marks)
        scale = (height - 8) / ((high - low) or 1.0)
        step = (width - 8) / max(len(values) - 1, 1)
        spots = [None if v is None else (4 + i * step, height - 4 - (v - low) * scale) for i, v in enumerate(values)]
        if target is not None:
            y = height - 4 - (target - low) * scale
            pen.line(2, y, width - 2, y, PEER, 1, "dot")
        _draw_runs(pen, spots)
        last = next(s for s in reversed(spots) if s is not None)
        pen.mark(*last, 2.4, OWN)
    return _svg(pen, width, height, label)


def rank_track(
    rank: int | None, low: int | None, high: int | None, total: int, *, language: str = "zh", width: int = 180,
    height: int = 16,
) -> str:  # fmt: skip
    """The rank as a diamond on the scale 1 to `total` with its interval as a bar; the scale alone without a rank."""
    pen = Pen(10)
    middle = height / 2

    def at(place: int) -> float:
        return 6 + (width - 12) * (place - 1) / max(total - 1, 1)

    pen.rect(6, middle - 2, width - 12, 4, GRID)
    if low is not None and high is not None:
        pen.rect(at(low), middle - 3, max(at(high) - at(low), 3), 6, "#9db9d8")
    if rank is not None:
        pen.mark(at(rank), middle, 4.5, OWN, "diamond")
    label = say(language, "chart.rank_track", low=low or rank or "—", high=high or rank or "—", total=total)
    return _svg(pen, width, height, label)


def share_bar(value: float | None, *, label: str, width: int = 96, height: int = 10, color: str = OWN) -> str:
    """A value between 0 and 1 as a bar on its full length; nothing but the frame when it is missing."""
    pen = Pen(10)
    pen.rect(0, 0, width, height, GRID)
    if value is not None:
        pen.rect(0, 0, width * min(max(value, 0), 1), height, color)
    return _svg(pen, width, height, label)


def _draw_runs(pen: Pen, spots: list[tuple[float, float] | None]) -> None:
    run: list[tuple[float, float]] = []
    for spot in [*spots, None]:
        if spot is not None:
            run.append(spot)
            continue
        if len(run) > 1:
            points = " ".join(f"{'L' if i else 'M'}{short(x)} {short(y)}" for i, (x, y) in enumerate(run))
            pen.path(points, stroke=OWN, width=1.6)
        elif run:
            pen.mark(*run[0], 1.6, MUTED)
        run = []


def _svg(pen: Pen, width: int, height: int, label: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label={quoteattr(clean(label))}>' + "".join(pen.parts) + "</svg>"
    )
