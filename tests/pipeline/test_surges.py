"""Early notice over the demonstration city: weeks of the data, nothing below ten, a unit sees its own cases only."""

from __future__ import annotations

import pytest

from pipeline.numbers import surges
from records.access import OPERATOR, Forbidden, Viewer
from records.vocabulary import Role


def test_notices_hold_counts_of_ten_and_more_in_whole_weeks(demo_instance) -> None:
    found = surges.early_notices(demo_instance, viewer=OPERATOR, period="all")
    assert found.first is not None
    assert found.first.weekday() == 0
    assert all(n.count >= 10 and n.ratio >= 2 and (n.last - n.first).days == 6 for n in found.notices)


def test_start_page_repeats_the_newest_look_without_counting(demo_copy, monkeypatch) -> None:
    assessor = Viewer(1, "x", Role.ASSESSOR)
    found = surges.early_notices(demo_copy, viewer=assessor)
    monkeypatch.setattr(surges, "build_facts", lambda *_: pytest.fail("counted"))
    assert surges.known_topics(demo_copy, assessor) == (len({n.category for n in found.notices}), str(found.last))
    assert surges.known_topics(demo_copy, Viewer(1, "x", Role.UNIT_HEAD, frozenset({"u1"}))) is None


def test_a_unit_without_cases_sees_none_and_others_nothing(demo_instance) -> None:
    head = Viewer(1, "x", Role.UNIT_HEAD, frozenset({"nobody"}))
    assert surges.early_notices(demo_instance, viewer=head).notices == []
    with pytest.raises(Forbidden):
        surges.early_notices(demo_instance, viewer=Viewer(2, "y", Role.ORG_DEPT))
