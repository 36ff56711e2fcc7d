"""The table on the page of a unit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from reports.annual.unit_pages import WIDTHS, status


@pytest.mark.parametrize(("reason", "said"), [(SHOWN_AS_RANGE, "units.as_range"), ("no_times", "无可计算的时长")])
def test_a_range_has_a_word_in_the_table_and_its_reason_below(reason: str, said: str) -> None:
    """The whole sentence took five lines of a narrow column and pushed the figure to a page of its own."""
    facts: Any = SimpleNamespace(language="zh", say=lambda key: key)
    result: Any = SimpleNamespace(reason=reason, value=None, points=None)
    assert status(facts, result) == said


def test_columns_fill_the_page_in_both_languages() -> None:
    assert {sum(widths) for widths in WIDTHS.values()} == {160}
