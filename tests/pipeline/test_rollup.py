"""A parent counts its subtree, a successor the units merged into it, nobody anything twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.numbers.counting import metric_values
from pipeline.numbers.rollup import subtrees, with_subunits
from records.models import Unit

CODES = ("R5", "n_received", "H1.median_km")


@pytest.mark.parametrize(
    ("links", "of", "members"),
    [
        ({"a": (None, None)}, "a", {"a"}),
        ({"c": (None, None), "s": ("c", None), "t": ("s", None)}, "c", {"c", "s", "t"}),
        ({"c": (None, None), "old": (None, "new"), "new": ("c", None)}, "c", {"c", "old", "new"}),
        ({"a": ("b", None), "b": ("a", None)}, "a", {"a", "b"}),
        ({"a": ("gone", None)}, "a", {"a"}),
    ],
)
def test_subtrees(links: dict, of: str, members: set[str]) -> None:
    assert subtrees(links)[of] == members


@given(st.lists(st.integers(0, 9), min_size=1, max_size=10))
def test_a_tree_holds_every_unit_below_once(parents: list[int]) -> None:
    links = {str(i): (str(p) if p < i else None, None) for i, p in enumerate(parents)}
    found = subtrees(links)
    for code, (parent, _) in links.items():
        assert parent is None or found[code] < found[parent]


def test_a_parent_counts_all_below_it_and_a_successor_what_was_merged(demo_copy: Any) -> None:
    plain = {(row.unit, row.metric): row for row in metric_values(demo_copy, period="2025", codes=CODES).rows}
    codes = sorted({unit for unit, _ in plain if unit})
    parent, child, successor, merged = codes[:4]
    with demo_copy.session() as session:
        session.get(Unit, child).parent_code = parent
        session.get(Unit, merged).merged_into = successor
    rolled = with_subunits(demo_copy, period="2025", codes=CODES)
    found = {(row.unit, row.metric): row for row in rolled.rows if row.total != "mean_of_units"}
    for upper, lower in ((parent, child), (successor, merged)):
        pair = [plain[unit, "n_received"].value for unit in (upper, lower)]
        assert found[upper, "n_received"].value == sum(pair)
        parts = [plain[unit, "R5"] for unit in (upper, lower)]
        assert found[upper, "R5"].denominator == sum(part.denominator for part in parts)
        assert found[upper, "R5"].numerator == sum(part.numerator for part in parts)
        assert found[lower, "n_received"] == plain[lower, "n_received"]  # its own history stays
    assert found[None, "n_received"].value == plain[None, "n_received"].value
    assert len(found) == len(plain)
