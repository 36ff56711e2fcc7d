"""A short torture: kill -9, a full disk and half a file, then everything is verified; and loss would be found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench.torture.faults import disk_full, half_written, kill_import
from bench.torture.victim import Victim, importing, lost_or_broken


def test_nothing_is_lost_and_a_loss_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    torture = Victim(tmp_path / "instance", random.Random(5))
    path, count = torture.new_file()
    assert torture.note(torture.run(*importing(path)).stdout)
    assert set(torture.accepted.values()) == {count}
    for fault in (kill_import, disk_full, half_written):
        fault(torture)
    assert lost_or_broken(torture) == []
    torture.accepted[999] = 5
    assert lost_or_broken(torture) == ["batch 999 had 5 rows and has None"]
