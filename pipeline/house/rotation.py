"""Replacing a key of the key file, with what it means written down for whoever does it."""

from __future__ import annotations

from records import audit
from records.instance import Instance
from records.keys import rotate_key
from records.locking import FolderLock

DEFAULT_OVERLAP_DAYS = {"session": 1, "report": 30}
CONSEQUENCES = {
    "session": "people who are signed in stay so for the days of the overlap",
    "report": "second factors set up before count for the days of the overlap; let people set up new ones meanwhile",
    "person": "a person who writes again is not recognised as the same as before; do this between two cycles",
    "device": "a device that rates again is not recognised as the same as before; do this between two cycles",
}
"""Purpose of a key -> what replacing it changes."""


def rotate(instance: Instance, purpose: str, *, overlap_days: int | None = None, by: str) -> int:
    """Replace one key and answer the days the earlier one still counts. Web and worker take it at their next start.

    Raises KeyFileError for an unknown purpose and for an overlap where there can be none.
    """
    days = DEFAULT_OVERLAP_DAYS.get(purpose, 0) if overlap_days is None else overlap_days
    with FolderLock(instance.folder / "keys.lock", wait_seconds=10):
        rotate_key(instance.folder, purpose, overlap_days=days)
        with instance.session() as session:
            audit.write(session, by, "key.rotate", purpose, {"overlap_days": days})
    return days
