"""Where the project's shared real inputs lie. They are never copied into the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"


def shared_file(relative: str) -> Path:
    """Return the path of a shared input, e.g. `data/requests/baltimore_311_sample.csv`.

    Where the folder is absent the test is skipped with a reason; on the build server (CI=true) it fails instead,
    because there the inputs must be present.
    """
    path = SHARED / relative
    if path.exists():
        return path
    reason = f"shared input {relative} is not on this machine"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
    raise AssertionError(reason)
