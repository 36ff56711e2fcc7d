"""Small inline drawings of our pages: the sparkline of a tile, the rank on its scale, a score with its interval.

Presentation attributes only: the page policy allows no style in the markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from evaluation.scores.told import told
from reports import numbers
from reports.charts.pen import fitted

BLUE, INK, MUTED, GOAL = "#1f4e8c", "#14202e", "#56657a", "#7a8899"
BANDS = ("#d7eadf", "#e3ecf5", "#f4ecd9", "#f6dedb", "#f6dedb")
GRADES = (("#1f4e8c", "#fff"), ("#7f9fc6", INK), ("#e9d9b4", INK), ("#e2a79b", INK))
NOT_GRADED = ("#dfe5ec", INK)
FIXED = 'vector-effect="non-scaling-stroke"'


def spark(
    values: Sequence[float | None], target: float | None, label: str, *, width: int = 168, height: int = 44
) -> Markup:
    """The months of an indicator as a line with its target dashed; missing months are gaps; empty without months."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return Markup("")
    marks = [*known, target] if target is not None else known
    pad = (max(marks) - min(marks)) * 0.12 or 0.01
    low, high = min(marks) - pad, max(marks) + pad
    step = (width - 12) / (len(values) - 1)

    def y(value: float) -> str:
        return _n(height - 5 - (value - low) / (high - low) * (height - 10))

    runs, is_open = [], False
    for i, value in enumerate(values):
        if value is not None:
            runs.append(f"{'L' if is_open else 'M'}{_n(4 + i * step)} {y(value)}")
        is_open = value is not None
    goal = ""
    if target is not None:
        level = f'x1="4" x2="{width - 8}" y1="{y(target)}" y2="{y(target)}"'
        goal = f'<line {level} stroke="{GOAL}" stroke-dasharray="3 3" {FIXED}/>'
    line = f'<path d="{" ".join(runs)}" fill="none" stroke="{BLUE}" stroke-width="1.8" {FIXED}/>'
    return _svg(width, height, label, goal + line, 'class="spark" preserveAspectRatio="none"')


def rank_track(
    total: int,
    low: int | None,
    high: int | None,
    rank: int | None,
    bands: Sequence[tuple[str, int]],
    *,
    level: str,
    width: int = 620,
) -> Markup:
    """All ranks of a peer group as one bar, the grades as bands (name, number of units), the unit's interval on it."""
    left, right = 8, width - 8

    def x(place: float) -> float:
        return left + (place - 1) / max(total - 1, 1) * (right - left)

    out, start = [f'<rect x="{left}" y="26" width="{_n(right - left)}" height="16" fill="#eceff3"/>'], 0
    for i, (name, size) in enumerate(bands):
        a = left + start / max(total, 1) * (right - left)
        b = left + (start + size) / max(total, 1) * (right - left)
        out.append(
            f'<rect x="{_n(a)}" y="26" width="{_n(max(b - a - 1.5, 0))}" height="16" fill="{BANDS[min(i, 4)]}"/>'
        )
        if b - a > 14 * len(name):
            out.append(_text((a + b) / 2, 58, name, 11.5, MUTED))
        start += size
    if low is not None and high is not None:
        drawn = max(x(high) - x(low), 12)
        start_x = min(max((x(low) + x(high) - drawn) / 2, left), right - drawn)
        out.append(f'<rect x="{_n(start_x)}" y="30.5" width="{_n(drawn)}" height="7" rx="3.5" fill="{BLUE}"/>')
        out.append(_text(x(low), 18, str(low), 12, INK))
        if x(high) - x(low) > 18:
            out.append(_text(x(high), 18, str(high), 12, INK))
    if rank is not None:
        out.append(f'<circle cx="{_n(x(rank))}" cy="34" r="7.5" fill="#fff" stroke="{BLUE}" stroke-width="3"/>')
    out.append(_text(left, 72, gettext("第 1 名"), 11, MUTED, "start"))
    out.append(_text(right, 72, gettext("第 %(n)s 名", n=total), 11, MUTED, "end"))
    label = gettext(
        "名次 %(level)s 区间：第 %(low)s 至第 %(high)s 名，共 %(total)s 家",
        level=level,
        low=low or "—",
        high=high or "—",
        total=total,
    )
    return _svg(width, 76, label, "".join(out), 'class="track"')


def score_range(
    score: float | None, low: float | None, high: float | None, ends: tuple[float, float], label: str
) -> Markup:
    """A score as a dot on its interval, on the common scale of a table column."""
    if score is None and low is None:
        return Markup("")
    width, height, span = 180, 16, (ends[1] - ends[0]) or 1.0

    def x(value: float) -> float:
        return 5 + (min(max(value, ends[0]), ends[1]) - ends[0]) / span * (width - 10)

    out = f'<line x1="5" x2="{width - 5}" y1="8" y2="8" stroke="#e3e8ee" stroke-width="2"/>'
    if low is not None and high is not None:
        out += f'<line x1="{_n(x(low))}" x2="{_n(x(high))}" y1="8" y2="8" stroke="#9db9d8" stroke-width="5"/>'
    if score is not None:
        out += f'<circle cx="{_n(x(score))}" cy="8" r="4.2" fill="{BLUE}"/>'
    return _svg(width, height, label, out, f'class="range" width="{width}" height="{height}"')


def share_bar(parts: Sequence[tuple[int | None, str, int]], title: str) -> Markup:
    """Numbers of units by grade (place, name, number) as one bar with the numbers in it; place None is "not graded".

    Places are shares of the width, so that the numbers keep their size on a phone.
    """
    total, x, out = sum(n for _, _, n in parts) or 1, 0.0, ""
    for place, name, n in parts:
        color, ink = GRADES[min(place, 3)] if place is not None else NOT_GRADED
        drawn = n / total * 100
        out += f'<rect x="{_n(x)}%" y="0" width="{_n(max(drawn - 0.2, 0.2))}%" height="26" fill="{color}">'
        out += f"<title>{escape(name)} {n}</title></rect>"
        out += f'<text x="{_n(x + drawn / 2)}%" y="18" text-anchor="middle" font-size="13" fill="{ink}">{n}</text>'
        x += drawn
    label = title + gettext("：") + gettext("，").join(f"{name} {n}" for _, name, n in parts)
    return Markup(f'<svg class="sharebar" width="100%" height="26" role="img" aria-label="{escape(label)}">{out}</svg>')


def waterfall(steps: Sequence[tuple[str, float]], label: str) -> Markup:
    """Parts of a score as bars that each begin where the one before ended (0 to 100), the last one the whole.

    Drawn for desks and print, and again for phones with less room for names, so that letters keep their size.
    """
    if not steps:
        return Markup("")
    drawn = (("wide print", 960, 250), ("phone", 360, 130))
    pictures = Markup("").join(
        Markup('<div class="chart-static {}">{}</div>').format(media, _waterfall(steps, label, width, left))
        for media, width, left in drawn
    )
    return Markup('<div class="chart">{}</div>').format(pictures)


def _waterfall(steps: Sequence[tuple[str, float]], label: str, width: int, left: int) -> Markup:
    right, line = width - 60, 22
    ends = [sum(part for _, part in steps[:n]) for n in range(len(steps) + 1)]
    scale = (right - left) / max(100.0, *ends)
    out = ""
    for row, (name, part) in enumerate(steps):
        start, y = min(ends[row], ends[row + 1]), row * line + 4
        color = BLUE if part >= 0 else "#b4443c"
        out += _text(left - 8, y + 13, fitted(name, 12, left - 12), 12, INK, "end")
        drawn = max(abs(part) * scale, 1.0)
        out += f'<rect x="{_n(left + start * scale)}" y="{y}" width="{_n(drawn)}" height="15" fill="{color}"/>'
        out += _text(left + (start + abs(part)) * scale + 5, y + 12.5, numbers.signed_score(part), 11.5, MUTED, "start")
    bottom = len(steps) * line + 6
    out += f'<rect x="{left}" y="{bottom}" width="{_n(max(ends[-1], 0) * scale)}" height="15" fill="{INK}"/>'
    out += _text(left - 8, bottom + 13, gettext("合计"), 12, INK, "end")
    whole = numbers.score(told(ends[-1], *(part for _, part in steps)))
    out += _text(left + max(ends[-1], 0) * scale + 5, bottom + 12.5, whole, 12, INK, "start")
    return _svg(width, bottom + 24, label, out, 'class="waterfall"')


def bars(values: Sequence[tuple[str, int]], label: str, *, width: int = 360, height: int = 56) -> Markup:
    """Months as small upright bars."""
    if not values:
        return Markup("")
    top, step = max(v for _, v in values) or 1, width / len(values)
    out = "".join(
        f'<rect x="{_n(i * step + 1)}" y="{_n(height - v / top * (height - 2))}" width="{_n(max(step - 2, 1))}" '
        f'height="{_n(v / top * (height - 2))}" fill="#7f9fc6"><title>{escape(month)} {v:,}</title></rect>'
        for i, (month, v) in enumerate(values)
    )
    return _svg(width, height, label, out, 'class="bars" preserveAspectRatio="none"')


def pair_bars(values: Any, label: str) -> Markup:
    """Two shares per class: the unit as bars, its peers as steps above them. `values` has labels, unit and peers."""
    width, height = 720, 190
    top = max([*values.unit, *values.peers, 0.01])
    step, base = width / len(values.labels), height - 26
    every = max(1, len(values.labels) // 13)
    out = []
    for i, (name, own, peer) in enumerate(zip(values.labels, values.unit, values.peers, strict=True)):
        tall, mark = own / top * (base - 8), base - peer / top * (base - 8)
        title = f"<title>{escape(name)} {own:.1%} / {peer:.1%}</title>"
        out.append(
            f'<rect x="{_n(i * step + step * 0.12)}" y="{_n(base - tall)}" width="{_n(step * 0.76)}" '
            f'height="{_n(tall)}" fill="#7f9fc6">{title}</rect>'
            f'<path d="M{_n(i * step + 1)} {_n(mark)}H{_n((i + 1) * step - 1)}" stroke="#8a3b12" stroke-width="2"/>'
        )
        if i % every == 0:
            out.append(_text(i * step + step / 2, height - 8, name, 11, "#4b5563"))
    return _svg(width, height, label, "".join(out), 'class="chart-svg"')


LEVEL_COLORS = ("#1f4e8c", "#7f9fc6", "#c9d8ea", "#e9b9a8", "#b4443c", "#d9c98a", "#dfe5ec")


def stacked(
    lines: Sequence[tuple[str, Sequence[int]]], names: Sequence[str], label: str, *, width: int = 720
) -> Markup:
    """Each line (name, counts) as one bar of shares; the parts carry `names` and a legend explains the colours."""
    left, right, out = 90, width - 6, ""
    for row, (name, counts) in enumerate(lines):
        x, y, total = float(left), row * 34 + 4, sum(counts) or 1
        out += _text(left - 8, y + 16, name, 12, INK, "end")
        for place, n in enumerate(counts):
            drawn = n / total * (right - left)
            out += f'<rect x="{_n(x)}" y="{y}" width="{_n(drawn)}" height="24" fill="{LEVEL_COLORS[place]}">'
            out += f"<title>{escape(names[place])} {n:,} ({n / total:.1%})</title></rect>"
            x += drawn
    foot = len(lines) * 34 + 8
    step = (right - left) / max(len(names), 1)
    for place, name in enumerate(names):
        at = left + place * step
        out += f'<rect x="{_n(at)}" y="{foot}" width="11" height="11" fill="{LEVEL_COLORS[place]}"/>'
        out += _text(at + 15, foot + 10, name, 11, MUTED, "start")
    return _svg(width, foot + 18, label, out, 'class="chart-svg"')


def _svg(width: float, height: float, label: str, inner: str, extra: str) -> Markup:
    return Markup(
        f'<svg {extra} viewBox="0 0 {_n(width)} {_n(height)}" role="img" aria-label="{escape(label)}">{inner}</svg>'
    )


def _text(x: float, y: float, text: str, size: float, color: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{size}" fill="{color}">{escape(text)}</text>'
    )


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
