"""Check a file: the one entrance to this package. The file is read in a child process with limits.

The child loads its libraries for half a second before it reads its request, so whoever has something to do before the
check starts it first: `with Reader() as reader: ...; check_file(..., reader=reader)`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from imports import progress
from imports.answer import CheckAnswer, FileInfo
from imports.limits import limits
from imports.options import ImportOptions, SavedLayout, UnitDirectory
from imports.problems import ProblemBook, Unreadable, problem_codes
from records.vocabulary import Kind

_ROOT = Path(__file__).parents[1]
_SECONDS_BETWEEN_WORDS = 0.4
_WORKER = "imports.worker"
_SETTINGS = {
    "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "RUST_BACKTRACE": "0",
    "OPENBLAS_NUM_THREADS": "1",  # a reader multiplies no matrices, and room kept for each thread counts as memory
}  # fmt: skip


class CheckFailed(Exception):
    """The child process stopped for a reason that is no property of the file."""


def check_file(
    path: Path,
    *,
    kind: Kind,
    options: ImportOptions,
    directory: UnitDirectory,
    keys: Mapping[str, bytes],
    staging: Path,
    language: str = "zh",
    name: str | None = None,
    sha256: str | None = None,
    tell: progress.Tell | None = None,
    saved: Sequence[SavedLayout] = (),
    reader: Reader | None = None,
) -> CheckAnswer:
    """Read and check a file; write its typed rows to `staging/part.parquet` (catalogue kinds: `staging/rows.json`).

    The part has exactly the columns of PART_COLUMNS[kind], with batch 0. A file that is refused leaves nothing in
    `staging`. `name` is the name the user gave the file where `path` is a copy; `tell` is called with rows done, rows
    in all and the stage while the file is read; one of the `saved` layouts is used where it fits; `reader` is a child
    that was started before and reads this one file. A file that crashes, hangs or bloats its reader is answered with a
    problem code; raises CheckFailed only for faults of the program itself.
    """
    name = name or path.name
    staging.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="check-", dir=staging))
    try:
        request = {
            "path": str(path.resolve()),
            "name": name,
            "sha256": sha256 or file_hash(path),
            "kind": Kind(kind).value,
            "options": options.to_json(),
            "directory": directory.to_json(),
            "saved": [[entry.id, entry.signature, entry.options.to_json(), entry.headings] for entry in saved],
            "keys": {purpose: key.hex() for purpose, key in keys.items()},
            "folder": str(folder),
            "language": language,
        }
        with reader or Reader() as child:
            return _adopt(child.ask(request, tell), folder, staging)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def file_hash(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Reader:
    """The child process that reads one file; it ends with its `with` block at the latest."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self._child is None:
            self._child = self.started()
        return self

    def __exit__(self, *_: object) -> None:
        if self._child is not None:
            self._child.kill()  # nothing happens to one that has ended
            with self._child:
                pass

    def started(self) -> subprocess.Popen[bytes] | None:
        """The process, which waits for its request."""
        return subprocess.Popen(
            [sys.executable, "-m", _WORKER, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_SETTINGS},
            start_new_session=True,
        )

    def ask(self, request: dict[str, Any], tell: progress.Tell | None) -> CheckAnswer:
        """The answer of the process to its one request. Raises CheckFailed for a fault of the program itself."""
        if self._child is None:
            raise CheckFailed("the reader was not started")
        try:
            output, errors = _heard(self._child, request, tell)
        except subprocess.TimeoutExpired:
            return _stopped(request)
        if self._child.returncode == 0:
            return CheckAnswer.from_json(json.loads(output))
        if self._child.returncode < 0 or b"MemoryError" in errors or b"memory allocation" in errors:
            return _stopped(request)
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        raise CheckFailed(f"the check of {request['name']} failed: {lines[-1] if lines else 'no message'}")


def _heard(child: subprocess.Popen[bytes], request: dict[str, Any], tell: progress.Tell | None) -> tuple[bytes, bytes]:
    """What the child says until it ends; meanwhile `tell` hears how far it is. Raises TimeoutExpired."""
    given: bytes | None = json.dumps(request).encode()
    last_moment = time.monotonic() + limits().wall_seconds
    told = None
    while True:
        left = last_moment - time.monotonic()
        try:
            return child.communicate(given, timeout=left if tell is None else min(left, _SECONDS_BETWEEN_WORDS))
        except subprocess.TimeoutExpired:
            if tell is None or time.monotonic() >= last_moment:
                raise
        given, found = None, progress.read(Path(request["folder"]))
        if found is not None and found != told:
            tell(*found)
            told = found


def _stopped(request: dict[str, Any]) -> CheckAnswer:
    """The answer for a file whose reader was killed: by its limits, by an abort, or by the clock."""
    error = Unreadable("reader_stopped")
    book = ProblemBook(request["language"])
    book.add(error.code)
    file = FileInfo(request["name"], request["sha256"])
    is_unreadable = problem_codes()[error.code].outcome is not None
    return CheckAnswer("refused", request["kind"], file, problems=book.problems(), is_unreadable=is_unreadable)


def _adopt(answer: CheckAnswer, folder: Path, staging: Path) -> CheckAnswer:
    """Move what the child wrote out of its working folder."""
    if answer.staged is None:
        return answer
    source = Path(answer.staged)
    if source.parent != folder:
        raise CheckFailed("the reader named a file outside its folder")
    target = staging / source.name
    source.replace(target)
    return dataclasses.replace(answer, staged=str(target))
