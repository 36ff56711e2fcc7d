"""Half up on the shortest decimal form, as the house prints; written again here, from the standard library alone."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

FORMS = {
    "rate": (1, 100), "percentage_points": (1, 100), "points": (2, 1), "ratio": (2, 1), "count": (0, 1)
}  # fmt: skip


def half_up(value: float | None, digits: int, factor: int = 1) -> str:
    if value is None:
        return "—"
    found = (Decimal(repr(value)) * factor).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{found:,.{digits}f}".replace("-", "−")


def percent(value: float | None) -> str:
    return half_up(value, 1, 100)


def whole(value: float | None) -> str:
    return half_up(value, 0)


def points(value: float | None) -> str:
    return half_up(value, 2)


def stored(value: float | None) -> str:
    """A number as it is stored: of the sixteen digits a file keeps, the fifteen a cell knows."""
    return "—" if value is None else f"{float(f'{value:.16G}'):.15g}"


def measured(value: float | None, unit: str) -> str:
    """A metric of a unit of measure: hours, days and plain numbers have one decimal."""
    return half_up(value, *FORMS.get(unit, (1, 1)))
