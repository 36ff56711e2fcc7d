"""An axis of a chart: from data values to pixels, and the round values that are labelled."""

from __future__ import annotations

import math
from typing import Any

DASHES = {"dash": "6 4", "dot": "2 3"}


def nice_ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round values inside low..high, about `wanted` of them.

    >>> nice_ticks(0, 100)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    if high <= low:
        high = low + 1
    raw = (high - low) / max(wanted, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    amount = math.floor((high + step * 1e-6) / step) - first + 1
    return [round((first + i) * step, 10) for i in range(amount)]


def tick_text(value: float | str) -> str:
    """A tick label: whole numbers with separators, others as short as they are."""
    if isinstance(value, str):
        return value
    text = f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:g}"
    return text.replace("-", "−")


class Axis:
    """Maps data values to pixels; `place` is called once the margins are known."""

    def __init__(self, settings: dict[str, Any] | None, values: list[Any]):
        self.settings = settings or {}
        has_names = any(isinstance(v, str) for v in values)
        self.type = self.settings.get("type") or ("category" if has_names else "linear")
        self.start, self.end = 0.0, 1.0
        self.categories: dict[str, int] = {}
        if self.type == "category":
            names = dict.fromkeys([*self.settings.get("categoryarray", []), *values])
            self.categories = {name: i for i, name in enumerate(names)}
            self.low, self.high = -0.5, max(len(self.categories), 1) - 0.5
        else:
            self._fit([v for v in values if v is not None])
        if self.settings.get("range"):
            self.low, self.high = self.settings["range"]
        if self.settings.get("autorange") == "reversed":
            self.low, self.high = self.high, self.low

    def _fit(self, values: list[float]) -> None:
        if self.type == "log":
            values = [math.log10(v) for v in values if v > 0]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        pad = (high - low) * 0.06 or 0.5
        self.low, self.high = low - pad, high + pad
        if self.settings.get("rangemode") == "tozero":
            self.low = min(0.0, low)

    @property
    def title(self) -> str | None:
        return (self.settings.get("title") or {}).get("text")

    def ticks(self) -> list[tuple[Any, str]]:
        """Pairs of value and label; none on a hidden axis."""
        if not self.settings.get("visible", True):
            return []
        if self.settings.get("tickvals") is not None:
            values = self.settings["tickvals"]
            labels = self.settings.get("ticktext") or [tick_text(v) for v in values]
            return list(zip(values, labels, strict=True))
        if self.type == "category":
            return [(name, name) for name in self.categories]
        low, high = sorted((self.low, self.high))
        if self.type == "log":
            return self._log_ticks(low, high)
        suffix = self.settings.get("ticksuffix", "")
        return [(v, tick_text(v) + suffix) for v in nice_ticks(low, high, self.settings.get("nticks", 5))]

    def _log_ticks(self, low: float, high: float) -> list[tuple[Any, str]]:
        steps = (1, 2, 5) if high - low < 3 else (1,)
        values = [m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in steps]
        return [(v, tick_text(v)) for v in values if low <= math.log10(v) <= high]

    def place(self, start: float, end: float) -> None:
        """Fix the pixels of both ends."""
        self.start, self.end = start, end

    def at(self, value: float | str) -> float:
        """The pixel of a value or of a category name."""
        if self.type == "category":
            number = float(self.categories[value]) if isinstance(value, str) else float(value)
        else:
            number = math.log10(float(value)) if self.type == "log" else float(value)
        return self.start + (number - self.low) / (self.high - self.low) * (self.end - self.start)
