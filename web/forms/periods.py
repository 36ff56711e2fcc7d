"""Periods as fields of forms."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms.validators import ValidationError

from metrics.clocks.period import parse

NOT_READABLE = lazy_gettext(
    "无法识别这个时期，请写成 2024、2024H1、2024Q3 或 2024-03；每月从19日起算的写成 2024-03@19。"
)


def readable_period(form: Any, field: Any) -> None:
    """A validator: the period is one the calculation can read. Raises ValidationError, which says how to write it."""
    try:
        parse((field.data or "").strip())
    except ValueError as error:
        raise ValidationError(NOT_READABLE) from error
