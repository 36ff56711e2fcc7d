"""Replacing keys: the new one counts at once, the earlier one for its days, tokens of persons have no way back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from records.clock import now
from records.keys import KeyFileError, read_keys, read_or_make_keys, rotate_key


def test_replaced_key_counts_for_its_days_and_then_leaves_the_file(tmp_path: Path) -> None:
    first = read_or_make_keys(tmp_path).secret("session")
    rotate_key(tmp_path, "session", overlap_days=1)
    second = read_keys(tmp_path / "keys.json")
    assert second.living("session") == (second.secret("session"), first)
    assert second.secret("session") != first
    rotate_key(tmp_path, "session", overlap_days=1, moment=now() + timedelta(days=1, seconds=1))
    assert read_keys(tmp_path / "keys.json").living("session")[1:] == (second.secret("session"),)
    assert first.hex() not in (tmp_path / "keys.json").read_text()
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_earlier_key_is_dead_after_its_day_although_it_is_still_in_the_file(tmp_path: Path) -> None:
    read_or_make_keys(tmp_path)
    rotate_key(tmp_path, "report", overlap_days=1, moment=now() - timedelta(days=2))
    assert len(json.loads((tmp_path / "keys.json").read_text())["earlier"]["report"]) == 1
    assert len(read_keys(tmp_path / "keys.json").living("report")) == 1


def test_rotation_without_overlap_ends_every_earlier_key(tmp_path: Path) -> None:
    """Whoever read the key file has the earlier keys too."""
    first = read_or_make_keys(tmp_path).secret("session")
    rotate_key(tmp_path, "session", overlap_days=30)
    second = read_keys(tmp_path / "keys.json").secret("session")
    rotate_key(tmp_path, "session", overlap_days=0)
    assert len(read_keys(tmp_path / "keys.json").living("session")) == 1
    assert not [key for key in (first, second) if key.hex() in (tmp_path / "keys.json").read_text()]


def test_other_keys_stay(tmp_path: Path) -> None:
    before = read_or_make_keys(tmp_path)
    rotate_key(tmp_path, "person", overlap_days=0)
    after = read_keys(tmp_path / "keys.json")
    assert {p for p in before.secrets if before.secrets[p] != after.secrets[p]} == {"person"}
    assert before.token("person", "13800001234") != after.token("person", "13800001234")
    assert before.secret("person").hex() not in (tmp_path / "keys.json").read_text()


@pytest.mark.parametrize(("purpose", "days"), [("person", 1), ("device", 30), ("nothing", 0)])
def test_what_cannot_be_is_refused_and_changes_nothing(tmp_path: Path, purpose: str, days: int) -> None:
    before = read_or_make_keys(tmp_path)
    with pytest.raises(KeyFileError):
        rotate_key(tmp_path, purpose, overlap_days=days)
    assert read_keys(tmp_path / "keys.json") == before


def test_damaged_key_file_is_told_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(KeyFileError, match="backup"):
        rotate_key(tmp_path, "session", overlap_days=1)
    assert (tmp_path / "keys.json").read_text() == "{}"


def test_lost_keys_of_an_instance_with_data_are_not_replaced_in_silence(tmp_path: Path) -> None:
    read_or_make_keys(tmp_path)
    (tmp_path / "catalogue.db").touch()
    read_or_make_keys(tmp_path)
    (tmp_path / "keys.json").unlink()
    with pytest.raises(KeyFileError, match="restore it from a backup"):
        read_or_make_keys(tmp_path)
    assert not (tmp_path / "keys.json").exists()


def test_parts_without_keys_are_refused_too(tmp_path: Path) -> None:
    (tmp_path / "parts" / "2025").mkdir(parents=True)
    read_or_make_keys(tmp_path)
    (tmp_path / "keys.json").unlink()
    (tmp_path / "parts" / "2025" / "1.parquet").touch()
    with pytest.raises(KeyFileError):
        read_or_make_keys(tmp_path)
