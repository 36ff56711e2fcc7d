"""The trail says when an instance met another version of the limits, and which rules differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from metrics.clocks import standard
from pipeline.house import history, limit_rules
from records.access import OPERATOR
from records.instance import Instance


def test_another_version_is_noted_once_with_the_rules_that_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = Instance.open(tmp_path / "instance")
    assert limit_rules.note_versions(instance, by="cli") == standard.list_standards()
    assert limit_rules.note_versions(instance, by="cli") == []
    shipped = standard.load("default")
    first, *rest = shipped.rules
    longer = replace(first, limit=replace(first.limit, amount=first.limit.amount + 1))
    newer = replace(shipped, version="next", sha256="0" * 64, rules=(longer, *rest[:-1]))
    load = standard.load
    monkeypatch.setattr(limit_rules.standard, "load", lambda name: newer if name == "default" else load(name))
    assert limit_rules.note_versions(instance, by="li") == ["default"]
    rows = history.changes(instance, OPERATOR, "calendars")
    assert rows is not None
    newest = rows[0]
    assert (newest.who, newest.subject) == ("li", "default")
    assert newest.detail["version_before"] == shipped.version
    assert newest.detail["changed"] == [first.id]
    assert newest.detail["removed"] == [rest[-1].id]
    assert "added" not in newest.detail
    instance.close()
