"""What the choices of a scheme do, told to readers of ranges: made from what they are told, so it hides as much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.scores.board import lay
from evaluation.scores.replay import evidence_of, units_of, values_of
from evaluation.scores.result import Assessment
from evaluation.uncertainty.chance import rankable
from evaluation.uncertainty.imputation import IMPUTATIONS, completed
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from evaluation.uncertainty.robustness import Robustness, robustness
from tests.evaluation.builders import indicator, scheme, scored
from tests.evaluation.test_ranges import _told

Rows = list[tuple[int, int, int]]
NEAR_THE_TOP: Rows = [(225 + 6 * i, 150 + 4 * i, 191 + (i * 7) % 9) for i in range(12)]  # satisfied: all but 1 to 9


def _robust(told: Assessment, used) -> Robustness:
    boards = completed(told, used, seed=told.seed)
    return robustness(boards, rankable(boards[0]), seed=told.seed, draws=20)


def test_no_other_value_inside_the_range_of_a_unit_changes_a_word() -> None:
    told, official, used = _told(NEAR_THE_TOP)
    assert sum(row.reason == SHOWN_AS_RANGE for unit in told.units for row in unit.indicators) >= 10
    found, whole = _robust(told, used), _robust(official, used)
    assert (found.tables, whole.tables) == (IMPUTATIONS, 1)
    others = differ = 0
    for place, (replied, solved, satisfied) in enumerate(NEAR_THE_TOP):
        for yes in {192, 198} - {satisfied}:
            rows = [*NEAR_THE_TOP[:place], (replied, solved, yes), *NEAR_THE_TOP[place + 1 :]]
            other, other_official, _ = _told(rows)
            if other.to_json() == told.to_json():  # what the assessment shows leaves both worlds possible
                others += 1
                assert _robust(other, used) == found
                differ += _robust(other_official, used) != whole
    assert others >= 10
    assert differ >= 5, "a statement made from the frozen values would have told them apart"


counts = st.tuples(st.integers(200, 300), st.integers(150, 200), st.integers(188, 200))


@settings(max_examples=12, deadline=None)
@given(st.lists(counts, min_size=2, max_size=5), st.integers(0, 99))
def test_every_table_fits_what_is_told(rows: Rows, seed: int) -> None:
    told, _, used = _told(rows)
    for board in completed(told, used, seed=seed):
        scores = dict(zip([unit.code for unit in board.units], board.scores, strict=True))
        for place, unit in enumerate(told.units):
            for row in unit.indicators:
                value = board.columns[row.code].value[place]
                if row.reason == SHOWN_AS_RANGE and row.low is not None:
                    assert row.low - 1e-9 <= value <= row.high + 1e-9
                elif row.value is not None:
                    assert value == row.value
            low, high = (unit.low, unit.high) if unit.score is None else (unit.score, unit.score)
            assert low - 0.0501 <= scores[unit.unit] <= high + 0.0501, "one of a hundred draws fits here"


def test_nothing_hidden_is_one_table_the_frozen_one() -> None:
    used = scheme(indicator("a", 60), indicator("b", 40))
    whole = scored(used, {f"u{n}": {"a": 50.0 + 7 * n, "b": 90.0 - 9 * n} for n in range(6)})
    (board,) = completed(whole, used, seed=1)
    assert np.array_equal(board.scores, lay(used, values_of(whole), units_of(whole), evidence_of(whole)).scores)


def test_a_value_of_which_nothing_is_told_lies_on_its_scale_or_among_its_peers() -> None:
    relative = indicator("b", 40, method="rank", direction="higher")
    used = scheme(indicator("a", 60), relative)
    whole = scored(used, {f"u{n}": {"a": 20.0 + 7 * n, "b": 90.0 - 9 * n} for n in range(4)})
    rows = [replace(row, value=None, points=None, low=None, high=None, reason=SHOWN_AS_RANGE)
            for row in whole.units[0].indicators]  # fmt: skip
    told = replace(whole, units=[replace(whole.units[0], indicators=rows, score=None), *whole.units[1:]])
    found = np.array([[board.columns[code].value[0] for code in "ab"] for board in completed(told, used, seed=1)])
    assert found[:, 0].min() < 20
    assert found[:, 0].max() > 80
    assert (found[:, 1].min() >= 63.0, found[:, 1].max() <= 81.0) == (True, True)


def test_what_is_told_holds_the_truth_of_most_changes() -> None:
    generator, held = np.random.default_rng(7), []
    for _ in range(3):
        rows = [tuple(int(generator.integers(low, 200)) for low in (100, 150, 191)) for _ in range(15)]
        told, official, used = _told(rows)
        true = {(v.kind, v.name): v.mean_shift for v in _robust(official, used).variants}
        for variant in _robust(told, used).variants:
            low, high = variant.shift_ends
            held.append(low - 1e-9 <= true[variant.kind, variant.name] <= high + 1e-9)
            assert low <= variant.mean_shift <= high
            assert variant.kendall_ends[0] <= variant.kendall <= variant.kendall_ends[1]
    assert np.mean(held) >= 0.8
