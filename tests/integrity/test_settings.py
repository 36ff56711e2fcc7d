"""Thresholds of the detectors come from the scheme: they change what is found, inside their block only."""

from __future__ import annotations

import pytest

from evaluation.rules.faults import find_faults
from integrity.detectors.plain_rules import UnitRecords, plain_findings
from integrity.rules.catalogue import SettingsFaulty, detectors, settings_of
from tests.integrity.test_shares import _city
from web.shown import draft_words
from web.words import finding_words


def _found(tables) -> list[str]:
    from integrity.detectors.shares import share_findings

    with settings_of(tables):
        return [f.detector for f in share_findings(_city("perfunctory", 0.10, 0.60))]


def test_a_scheme_raises_and_lowers_what_is_found() -> None:
    assert _found([]) == ["D02"]
    assert _found([{"code": "D02", "min_difference": 0.9}]) == []
    assert _found([{"code": "D03", "min_difference": 0.9}]) == ["D02"]


def test_limits_of_rules_are_settings_too() -> None:
    units = [UnitRecords("a", None, 2000, tuple(("r", str(i)) for i in range(3))), UnitRecords("b", None, 2000, ())]
    assert plain_findings("D23", units) == []
    with settings_of([{"code": "D23", "min_count": 3}]):
        assert [f.unit for f in plain_findings("D23", units)] == ["a"]
    assert plain_findings("D23", units) == []


@pytest.mark.parametrize("table", [{"code": "D99"}, {"code": "D08", "min_w": 0.1}, {"code": "D24", "colour": 1}])
def test_what_no_detector_has_is_refused(table: dict) -> None:
    with pytest.raises(SettingsFaulty), settings_of([table]):
        pass
    assert detectors()["D08"].gates.min_count == 20


def test_every_threshold_may_stand_in_a_scheme() -> None:
    """A gate or limit that the scheme file would call unknown could never be set."""
    names = {name for d in detectors().values() for name in (*d.limits, *vars(d.gates))}
    lines = "\n".join(f"{name} = 1" for name in sorted(names))
    faults = find_faults(f'id = "x"\nversion = "1"\n[[detector]]\ncode = "D08"\n{lines}\n')
    assert not [fault for fault in faults if fault.code == "unknown_key"]


def test_every_threshold_has_its_words_on_the_desk_and_in_the_editor() -> None:
    names = {name for d in detectors().values() for name in (*d.asks, *d.limits)}
    assert names == set(finding_words.THRESHOLDS)
    assert {draft_words.LABELS[name] for name in names} == set(finding_words.THRESHOLDS.values())
