"""The one place that asks the machine for the time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, aware, to the second (every database keeps whole seconds alike)."""
    return datetime.now(UTC).replace(microsecond=0)
