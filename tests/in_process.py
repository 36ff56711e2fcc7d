"""Checking files without a child process of their own, for tests that are about something else.

A child costs half a second for loading its libraries. That files are read in one, within limits, is proved by the
tests marked `reader_process` and by those that start the command line or the server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from imports import progress
from imports.answer import CheckAnswer
from imports.check import Reader


def answered_here(_: Reader, request: dict[str, Any], tell: progress.Tell | None = None) -> CheckAnswer:
    """What the child process would answer to this request, from this process."""
    from imports.worker import answer_request

    answer = answer_request(json.loads(json.dumps(request)))
    return CheckAnswer.from_json(json.loads(json.dumps(answer.to_json())))


@contextmanager
def files_read_here() -> Iterator[None]:
    """Files are checked in this process as long as this lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "started", lambda _: None)
        patch.setattr(Reader, "ask", answered_here)
        yield
