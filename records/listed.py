"""Current cases as files by month of receipt, for lists that are leafed through, also while files are coming in.

After an import one reader, of whatever process, makes the files of the months that changed. Who asks meanwhile is
served from the last ones, for some seconds at most and only while everything in them still counts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from records.current import CurrentCases, current_cases, is_made, month_files
from records.engine_views import PartFiles
from records.instance import Instance
from records.locking import FolderLock, LockTaken
from records.newest import IndexMonth
from records.parts import PartInfo

BEHIND_SECONDS = 5.0  # how far behind an import a list may be while somebody makes its files
TURN_SECONDS = 120.0  # how long one reader waits for another; making the same files twice is only slow
IsWanted = Callable[[IndexMonth], bool]
_last: dict[Path, tuple[CurrentCases, float]] = {}  # by instance folder: what was listed last, and until when it may be
_changing = threading.Lock()


@dataclass(frozen=True)
class ListedCases:
    """The newest observations of some months, the latest month first; `files` holds one for each month."""

    months: tuple[IndexMonth, ...]
    files: PartFiles


def listed_cases(instance: Instance, parts: Sequence[PartInfo], is_wanted: IsWanted) -> ListedCases:
    """The current cases of the wanted months; they lack the newest files only while another reader takes them in."""
    if is_made(instance, parts, is_wanted):
        return _newest(instance, parts, is_wanted)
    lock = instance.facts_folder / "lists.lock"
    try:
        with FolderLock(lock):
            return _newest(instance, parts, is_wanted)
    except LockTaken:
        if (before := _before(instance, parts)) is not None:
            return _listed(before, is_wanted)
    try:
        with FolderLock(lock, wait_seconds=TURN_SECONDS):
            return _newest(instance, parts, is_wanted)
    except LockTaken:
        return _newest(instance, parts, is_wanted)


def _newest(instance: Instance, parts: Sequence[PartInfo], is_wanted: IsWanted) -> ListedCases:
    current = current_cases(instance, parts)
    found = _listed(current, is_wanted)
    with _changing:
        _last[instance.folder] = current, time.monotonic() + BEHIND_SECONDS
    return found


def _before(instance: Instance, parts: Sequence[PartInfo]) -> CurrentCases | None:
    """What this process listed last, None where that is too long ago or a file of it does not count any more."""
    current, until = _last.get(instance.folder, (None, 0.0))
    if current is None or until < time.monotonic():
        return None
    counting = {(part.batch, part.sha256) for part in parts}
    return current if all((part.batch, part.sha256) in counting for part in current.parts) else None


def _listed(current: CurrentCases, is_wanted: IsWanted) -> ListedCases:
    months = tuple(month for month in reversed(current.months) if is_wanted(month))
    return ListedCases(months, month_files(current, months))
