"""Work done in a thread of its own, piece after piece, while the caller goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self


class Line:
    """A context in which `do` hands work to one thread; leaving it drops what was not begun.

    >>> said = []
    >>> with Line() as line:
    ...     line.do(lambda: said.append(1))
    ...     line.do(lambda: said.append(2))
    ...     line.wait()
    >>> said
    [1, 2]
    """

    def __init__(self, waiting: int | None = None) -> None:
        """`waiting` bounds the pieces that are not done yet; None where any number may wait."""
        self._waiting = waiting
        self._thread = ThreadPoolExecutor(1)
        self._undone: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._thread.shutdown(cancel_futures=True)

    def do(self, work: Callable[[], None]) -> None:
        """Hand in a piece; waits while too many are undone. Raises what stopped an earlier one."""
        while self._waiting is not None and len(self._undone) >= self._waiting:
            self._undone.pop(0).result()
        self._undone.append(self._thread.submit(work))

    def wait(self) -> None:
        """Wait until everything handed in is done. Raises what stopped a piece."""
        while self._undone:
            self._undone.pop(0).result()
