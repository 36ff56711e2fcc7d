"""A lock on a file: held by one process at a time, given back by the system when the process dies."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType


class LockTaken(Exception):
    """Another process holds the lock."""


class FolderLock:
    """Holds a lock file while the block runs; waits some seconds for another process to leave.

    Raises LockTaken when it is still held afterwards, or when `stop` is set while waiting.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 0.0, stop: threading.Event | None = None) -> None:
        self.path, self.wait_seconds, self.stop = path, wait_seconds, stop or threading.Event()
        self._descriptor = -1

    def __enter__(self) -> FolderLock:
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + self.wait_seconds
        while not _is_locked_by_us(self._descriptor):
            if time.monotonic() >= deadline or self.stop.wait(0.1):
                os.close(self._descriptor)
                raise LockTaken(f"another process holds {self.path.name}; is Wenxiao running on this folder already?")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)


def _is_locked_by_us(descriptor: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
