"""Scores told as ranges: the official score lies inside, hidden counts stay open, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evaluation.assess import assess
from evaluation.rules.scheme import Scheme, load
from evaluation.scores.observations import AssessedUnit
from evaluation.scores.result import Assessment
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE, in_ranges
from metrics.disclosure.scored_cells import possible
from metrics.value import MetricValue

K = 10
TEXT = """
id = "x"
version = "1"
title = { zh = "试", en = "trial" }
[aggregate]
missing_below = 0.5
[[indicator]]
code = "R5"
title = { zh = "回复率", en = "replied" }
weight = 40
method = "goalposts"
zero = 0.5
full = 1.0
[[indicator]]
code = "H2"
title = { zh = "解决率", en = "solved" }
weight = 40
method = "goalposts"
zero = 0.2
full = 1.0
[[indicator]]
code = "S1a"
title = { zh = "满意率", en = "satisfied" }
weight = 20
method = "goalposts"
zero = 0.2
full = 1.0
[grades]
cuts = [["A", 90], ["B", 80], ["C", 60], ["D", 0]]
ranks = true
"""  # fmt: skip


def _rate(unit: str, code: str, yes: int, n: int) -> MetricValue:
    return MetricValue(unit, "2025", code, yes, n, yes / n, None, None, n)


def _city(rows: list[tuple[int, int, int]], text: str = TEXT) -> tuple[Assessment, Scheme, list[MetricValue]]:
    """Units with 200 follow-ups: replied of 300, solved and satisfied of 200."""
    scheme = load(text)
    sizes = (("R5", 300), ("H2", 200), ("S1a", 200))
    values = [_rate(f"u{i}", sizes[j][0], yes, sizes[j][1]) for i, row in enumerate(rows) for j, yes in enumerate(row)]
    units = [AssessedUnit(f"u{i}", f"u{i}", "g") for i in range(len(rows))]
    return assess(scheme, values, units, period="2025", draws=50), scheme, values


def _told(rows: list[tuple[int, int, int]], text: str = TEXT) -> tuple[Assessment, Assessment, Scheme]:
    result, scheme, values = _city(rows, text)
    hidden = {(unit or "", code): told for (unit, _, code), told in possible(values, K).items()}
    return in_ranges(result, scheme, hidden, K), result, scheme


counts = st.tuples(st.integers(200, 300), st.integers(150, 200), st.integers(150, 200))


@settings(max_examples=40, deadline=None)
@given(st.lists(counts, min_size=2, max_size=5))
@example([(200, 150, 190), (276, 188, 159), (291, 157, 189)])  # two scores that differ in the fourteenth decimal
def test_official_score_and_rank_lie_in_what_is_told(rows: list[tuple[int, int, int]]) -> None:
    told, official, _ = _told(rows)
    for seen, true in zip(told.units, official.units, strict=True):
        assert true.score is not None
        if seen.score is not None:
            assert abs(seen.score - true.score) <= 0.05 + 1e-9
        else:
            assert seen.low <= true.score <= seen.high
        if true.rank is not None and seen.rank_low is not None:
            assert seen.rank_low <= true.rank <= seen.rank_high
        for row, own in zip(seen.indicators, true.indicators, strict=True):
            if row.reason == SHOWN_AS_RANGE and row.low is not None:
                assert row.low - 1e-9 <= own.value <= row.high + 1e-9
                assert row.value is row.points is row.contribution is None


@settings(max_examples=40, deadline=None)
@given(counts)
def test_every_small_count_stays_open_for_who_tries_all_counts(row: tuple[int, int, int]) -> None:
    """A second, naive reader: tries every pair of counts and keeps those that give the score shown."""
    told, official, _ = _told([row, (250, 170, 170)])
    seen, true = told.units[0], official.units[0]
    low, high = (seen.score - 0.05, seen.score + 0.05) if seen.score is not None else (seen.low, seen.high)
    by_code = {r.code: r for r in seen.indicators}

    def choices(code: str, count: int) -> range | list[int]:
        shown = by_code[code]
        return [count] if shown.value is not None else range(round(shown.low * 200), round(shown.high * 200) + 1)

    fits = [
        (h2, s1a)
        for h2 in choices("H2", row[1])
        for s1a in choices("S1a", row[2])
        if low - 1e-6
        <= 40 * (row[0] / 300 - 0.5) / 0.5 + 40 * (h2 / 200 - 0.2) / 0.8 + 20 * (s1a / 200 - 0.2) / 0.8
        <= high + 1e-6
    ]
    assert (row[1], row[2]) in fits
    for place, no in enumerate((200 - row[1], 200 - row[2])):
        if 0 < no < K:
            assert np.ptp([pair[place] for pair in fits]) >= K
    assert true.score == pytest.approx(official.units[0].score)


GROUPS = """[[group]]
id = "service"
title = { zh = "服务", en = "service" }
[[group]]
id = "asked"
title = { zh = "回访", en = "asked" }
parent = "service"
[[indicator]]
"""
GROUPED = (
    TEXT.replace("[[indicator]]\n", GROUPS, 1)
    .replace('"R5"', '"R5"\ngroup = "service"')
    .replace('"H2"', '"H2"\ngroup = "asked"')
)


@settings(max_examples=40, deadline=None)
@given(counts)
@example((250, 195, 160))
def test_points_of_groups_leave_every_small_count_open(row: tuple[int, int, int]) -> None:
    """The reader tries every count of H2, alone in one group and with R5 in the one above, against the points told."""
    told, official, _ = _told([row, (250, 170, 170)], GROUPED)
    seen = told.units[0]
    h2 = next(i for i in seen.indicators if i.code == "H2")
    points = {group.id: group.points for group in seen.groups}
    if h2.value is not None:
        assert points == {group.id: group.points for group in official.units[0].groups}
        return

    def said(count: int) -> dict[str, float]:
        solved, replied = 100 * (count / 200 - 0.2) / 0.8, 100 * min((row[0] / 300 - 0.5) / 0.5, 1)
        return {"asked": solved, "service": (solved + replied) / 2}

    fits = [
        count
        for count in range(round(h2.low * 200), round(h2.high * 200) + 1)
        if all(shown is None or abs(shown - said(count)[name]) < 0.01 for name, shown in points.items())
    ]
    assert row[1] in fits
    assert np.ptp(fits) >= min(K, np.ptp([h2.low * 200, h2.high * 200]))


def test_unit_without_small_counts_keeps_everything() -> None:
    told, official, _ = _told([(280, 160, 150), (270, 195, 150)])
    own = official.units[0]
    assert (told.units[0].score, told.units[0].low) == (own.score, own.low)
    assert told.units[0].indicators[1].value == own.indicators[1].value


def test_a_value_of_which_nothing_is_told_cannot_be_read_from_the_score() -> None:
    """Fewer than 2k follow-ups: neither the rate nor a class is told, and the score leaves all its points open."""
    rows = [(270, 15, 150), (270, 14, 150), (270, 10, 150)]
    values = [_rate(f"u{i}", code, yes, n) for i, row in enumerate(rows)
              for code, yes, n in zip(("R5", "H2", "S1a"), row, (300, 18, 200), strict=True)]  # fmt: skip
    scheme = load(TEXT)
    official = assess(scheme, values, [AssessedUnit(f"u{i}", f"u{i}", "g") for i in range(3)], period="2025", draws=50)
    hidden = {(unit or "", code): told for (unit, _, code), told in possible(values, K).items()}
    assert hidden == {(f"u{i}", "H2"): [] for i in range(3)}
    for unit, true in zip(in_ranges(official, scheme, hidden, K).units, official.units, strict=True):
        rest = sum(row.contribution for row in unit.indicators if row.contribution is not None)
        assert (unit.score, unit.reason) == (None, SHOWN_AS_RANGE)
        assert unit.low <= rest
        assert rest + 40 <= unit.high
        assert unit.low <= true.score <= unit.high


def test_a_shown_value_keeps_its_word_and_a_hidden_one_its_range() -> None:
    """Nine usual units and one far below them: who may not read single answers still learns that it is worse."""
    told, official, _ = _told([*((270, 180, 150 + i) for i in range(8)), (270, 198, 160), (90, 100, 160)])
    weak, true = told.units[-1], official.units[-1]
    row = next(i for i in weak.indicators if i.code == "R5")
    assert next(i for i in true.indicators if i.code == "R5").comparison == "worse"
    assert (row.value, row.comparison, row.reason) == (0.3, "worse", None)
    hidden = next(i for i in told.units[-2].indicators if i.code == "H2")
    assert (hidden.value, hidden.comparison, hidden.reason) == (None, None, SHOWN_AS_RANGE)
    assert hidden.low < 0.99 < hidden.high
    assert all(i.shrunk is None for unit in told.units for i in unit.indicators if i.code == "H2")


def test_an_interval_of_a_rank_keeps_its_chance_where_a_peer_is_told_as_a_range() -> None:
    """Eight units that differ by less than chance and one far below: only the last has a place of its own."""
    rows = [(270 - i, 180 - i, 150) for i in range(7)] + [(270, 198, 160), (160, 100, 60)]
    told, official, _ = _told(rows)
    assert any(row.reason == SHOWN_AS_RANGE for unit in told.units for row in unit.indicators)
    for seen, true in zip(told.units, official.units, strict=True):
        assert seen.rank_low <= true.rank_low <= true.rank_high <= seen.rank_high
        assert (seen.joint_rank_low, seen.probability_top) == (None, None)
    assert all(unit.rank_high > unit.rank_low for unit in told.units[:-1])
    assert (told.units[-1].rank_low, told.units[-1].rank_high) == (9, 9)
