"""The child process that reads an untrusted file: limits first, then the check, one JSON document on standard output.

It receives its request on standard input, keys included, so that they stand in no argument list: there stands only the
number of the process that asks.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import zipfile
from pathlib import Path
from typing import Any

from imports.answer import CheckAnswer, FileInfo
from imports.limits import limits
from imports.options import ImportOptions, SavedLayout, UnitDirectory
from imports.problems import ProblemBook, Unreadable
from imports.reading.archives import BROKEN_ARCHIVE
from records.vocabulary import Kind

NICENESS = 10
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def main() -> int:
    """Answer one request. Returns 0 whenever an answer was written."""
    _die_with_parent(int(sys.argv[1]))
    _limit()
    import imports.judging.running  # noqa: F401 - while whoever asks still prepares the request

    request = json.load(sys.stdin)
    _limit_memory(memory_for(Path(request["path"])))
    gc.disable()  # a check builds no cycles, and collecting walks millions of cells again and again
    os.environ["TMPDIR"] = request["folder"]
    answer = answer_request(request)
    sys.stdout.write(json.dumps(answer.to_json(), ensure_ascii=False))
    sys.stdout.flush()
    return 0


def _die_with_parent(parent: int) -> None:
    """Nobody waits for an answer when the process that asked is killed: on Linux the kernel then ends this one too."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before the kernel was told
        sys.exit(0)


def _limit() -> None:
    """Limits of memory and time, and the last place in the queue for a core: pages that people wait for come first.

    Windows knows neither; there the parent's clock alone stops a file.
    """
    if sys.platform == "win32":
        return
    import resource

    os.nice(NICENESS)
    rule = limits()
    for name, value in (
        (resource.RLIMIT_AS, rule.memory_bytes),
        (resource.RLIMIT_CPU, rule.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (value, value))


def _limit_memory(value: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (value, value))


def memory_for(path: Path) -> int:
    """Bytes of address space within which a file is read: a little file that wants gigabytes is stopped early."""
    rule = limits()
    return min(rule.memory_bytes, rule.memory_bytes_least + rule.memory_times * _unpacked_bytes(path))


def _unpacked_bytes(path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    except BROKEN_ARCHIVE:  # most are no archives at all
        return path.stat().st_size


def answer_request(request: dict[str, Any]) -> CheckAnswer:
    """The answer to a request document; what breaks a reader becomes a problem code here."""
    kind = Kind(request["kind"])
    file = FileInfo(request["name"], request["sha256"])
    # Loaded after the limits are set, so that the libraries live within them as well.
    from imports.judging.answering import unreadable_answer
    from imports.judging.running import run_check

    book = ProblemBook(request["language"])
    try:
        return run_check(
            Path(request["path"]),
            file,
            kind,
            ImportOptions.from_json(request["options"]),
            UnitDirectory.from_json(request["directory"]),
            {purpose: bytes.fromhex(key) for purpose, key in request["keys"].items()},
            Path(request["folder"]),
            request["language"],
            [
                SavedLayout(name, mark, ImportOptions.from_json(told), tuple(head))
                for name, mark, told, head in request["saved"]
            ],
        )
    except MemoryError:
        return unreadable_answer(Unreadable("reader_stopped"), kind, file, book)
    except BaseException as error:
        # A panic of the compiled reader is a BaseException of its own; anything else is a fault of ours and is raised.
        if type(error).__name__ != "PanicException":
            raise
        return unreadable_answer(Unreadable("file_corrupt"), kind, file, book)


if __name__ == "__main__":
    sys.exit(main())
