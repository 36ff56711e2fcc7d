"""The day a document carries inside: that of its result, so that the same result gives the same bytes."""

from __future__ import annotations

import datetime as dt


def date_parts(moment: str) -> dict[str, int]:
    """Year, month and day of an ISO time for the PDF's own date; a fixed day when the time is unknown."""
    parts = moment[:10].split("-")
    if len(parts) != 3 or not all(p.isdigit() for p in parts):
        return {"year": 2000, "month": 1, "day": 1}
    return {"year": int(parts[0]), "month": int(parts[1]), "day": int(parts[2])}


def made_on(moment: str) -> dt.datetime:
    """The same day as a moment, for properties of Office files."""
    parts = date_parts(moment)
    return dt.datetime(parts["year"], parts["month"], parts["day"])
