"""What all figures share: layout defaults and the values they may draw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.charts.palette import OWN, RIM
from reports.numbers import rounded

UNIT_MARK = {"size": 13, "color": OWN, "symbol": "diamond", "line": {"color": RIM, "width": 1.5}}


def layout(title: str | None, width: int = 640, height: int = 300, **extra: Any) -> dict[str, Any]:
    """The layout of a figure with the product's defaults."""
    base: dict[str, Any] = {
        "font": {"size": 13},
        "margin": {"l": 8, "r": 16, "t": 8, "b": 8},
        "width": width,
        "height": height,
    }
    return {**base, **({"title": {"text": title}} if title else {}), **extra}


def plain(value: float | None, digits: int = 1) -> float | None:
    """The value rounded half up as it is printed, or None."""
    number = rounded(value, digits)
    return None if number is None else float(number)


def drawn(values: Iterable[float | None], *, is_rate: bool, digits: int = 1) -> list[float | None]:
    """Values as drawn: rates in per cent, all rounded as they are printed."""
    factor = 100 if is_rate else 1
    return [None if v is None else plain(v * factor, digits) for v in values]


def present(*series: Iterable[float | None]) -> list[float]:
    """The numbers of several series that are not missing."""
    return [v for values in series for v in values if v is not None]
