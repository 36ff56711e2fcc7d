"""The one place that asks the machine what time it is; what day it is, the instance says, which knows the zone."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment in UTC, aware, to the second (every database keeps whole seconds alike)."""
    return datetime.now(UTC).replace(microsecond=0)
