"""Two numbers of one unit, told one after the other: what their difference tells is told no closer than k."""

from __future__ import annotations

import pytest

from metrics.disclosure.differencing import near_earlier
from metrics.value import MetricValue

K = 10


def follow_up(yes: int, n: int) -> MetricValue:
    return MetricValue("u", "2025", "H2", yes, n, yes / n, None, None, n)


@pytest.mark.parametrize(
    ("now", "is_near"),
    [
        ((80, 100), False),  # the same once more tells nothing
        ((89, 130), True),  # nine more who said yes
        ((90, 130), False),
        ((100, 109), True),  # nine more in all, twenty more who said yes
        ((110, 139), True),  # nine more who said no
        ((110, 140), False),
        ((71, 80), True),  # nine fewer who said yes
    ],
)
def test_a_rate_is_near_where_its_yes_its_no_or_its_whole_changes_by_fewer_than_k(
    now: tuple[int, int], is_near: bool
) -> None:
    assert bool(near_earlier([follow_up(*now)], [[follow_up(80, 100)]], K)) is is_near


def test_a_near_rate_is_told_within_k_of_the_earlier_one_and_never_beyond_it() -> None:
    [found] = near_earlier([follow_up(7, 12)], [[follow_up(5, 12)]], K).values()
    assert [value.numerator for value in found] == [float(yes) for yes in range(13)]
    assert {value.denominator for value in found} == {12}
