"""What a finding tells a reader without the right to single answers, beside the rates on other pages: no count below k.

The reader puts every number of the finding and of its evidence into a solver. What is closed must not depend on the
counts at all, so that chance, strength and sentence tell nothing either.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from integrity.rules.catalogue import detectors
from metrics.counting.rates import COUNTS, rates
from metrics.disclosure.small_cells import protected
from pipeline.integrity.evidence_views import in_two_parts, told_cells
from pipeline.integrity.shown import CLOSED, OPINIONS, RATING_TOTALS, closed_document, months_rows
from records.clock import now
from records.queries.findings import FindingRow
from tests.metrics.test_small_cells import NAMES, _values

LEVELS = (5, 10)  # what an assessor, and what a unit or the organization department may see
PASSED = {"gates": {"min_difference": 0.15, "min_ratio": 2.0, "min_count": 20}, "limits": {}, "scheme": None}
CELLS = st.lists(st.integers(0, 25), min_size=6, max_size=6)
Equation = tuple[np.ndarray, float]


def finding(key: str, n: int, count: int, evidence: dict[str, Any] | None = None) -> FindingRow:
    """A finding as the detectors keep it; everything in it follows from the two counts."""
    detector, _, variant = key.partition(".")
    share = count / n if n else 0.0
    document = {
        "family": detectors()[key].family, "count": count, "n": n, "value": share, "expected": 0.2,
        "p_adjusted": 0.5 ** (count + 1), "strength": (share - 0.2) * count**0.5, "ordinary": {}, "disclaimer": {},
        "cases": [["hotline", str(i)] for i in range(count)], "sentence": {"zh": f"{n}:{count}", "en": f"{n}:{count}"},
        "evidence": {"thresholds": PASSED, **(evidence or {})},
    }  # fmt: skip
    rest = dict.fromkeys(("assigned_to", "asked_by", "asked_at", "question", "answer_due", "unit_answer",
                          "answered_by", "answered_at", "note", "reviewed_by", "reviewed_at"))  # fmt: skip
    return FindingRow(id=1, detector=detector, variant=variant, period="2025", unit_code="u", is_named=False,
                      is_current=True, strength=document["strength"], document=document, state="open", made_at=now(),
                      **rest)  # fmt: skip


def sides(key: str, n: int, count: int) -> dict[str, Any] | None:
    """D06 judges the two surveys; the others their own counts."""
    return {"own": [n, count], "third": [60, 30]} if key == "D06" else None


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(OPINIONS | RATING_TOTALS)), st.sampled_from(LEVELS), st.data())
def test_a_closed_finding_says_the_same_whatever_its_counts(key: str, k: int, data: st.DataObject) -> None:
    told = []
    for _ in range(2):
        n = data.draw(st.integers(1, 60))
        count = data.draw(st.integers(0, n))
        told.append(closed_document(finding(key, n, count, sides(key, n, count)), k))
        is_small = any(0 < part < k for part in (n, count, n - count))
        assert told[-1].get(CLOSED, False) or not is_small
    closed = [document for document in told if document.get(CLOSED)]
    assert all(document == closed[0] for document in closed)


def widths(equations: list[Equation], size: int, cell: int) -> float:
    """How far apart the least and the greatest value of a cell are, given equations between counts of 0 and more."""
    goal = np.eye(size)[cell]
    matrix = np.array([form for form, _ in equations])
    known = [value for _, value in equations]
    ends = [linprog(sign * goal, A_eq=matrix, b_eq=known, bounds=(0, None)) for sign in (1, -1)]
    return float("inf") if ends[1].status == 3 else float(-ends[1].fun - ends[0].fun)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 25), min_size=10, max_size=10), st.sampled_from(LEVELS))
def test_first_and_last_ratings_give_no_small_cell_away(cells: list[int], k: int) -> None:
    """D07: the table of both ratings beside the two counts of the sentence (rated bad at first; good at last)."""
    parts = in_two_parts(np.array(cells, np.int64).reshape(2, 5))
    n, count = int(parts.sum()), int(parts[:, 1].sum())
    document = closed_document(finding("D07", n, count), k)
    equations = [(np.ones(4), float(n)), (np.array([0.0, 1, 0, 1]), float(count))] if document["n"] is not None else []
    told = [cell for row in told_cells(parts, k) for cell in row]
    equations += [(np.eye(4)[i], float(cell)) for i, cell in enumerate(told) if cell != "withheld"]
    for place, true in enumerate(parts.ravel()):
        if 0 < true < k and equations:
            assert widths(equations, 4, place) >= k - 1e-6


@settings(max_examples=60, deadline=None)
@given(CELLS, st.integers(0, 60), st.lists(st.integers(0, 3), min_size=6, max_size=6), st.sampled_from(LEVELS),
       st.sampled_from(sorted(RATING_TOTALS)))  # fmt: skip
def test_sums_of_ratings_tell_nothing_beside_the_rates(
    levels: list[int], unrated: int, out: list[int], k: int, key: str
) -> None:
    """The rates of the period count cases that stand; the finding counts those left out too. The difference is few."""
    equations = [(np.r_[form, np.zeros(7)], value) for form, value in read(protected(_values(levels, unrated), k))]
    n, count = of_finding(key, np.array([*levels, unrated]), np.array([*out, 0]))
    document = closed_document(finding(key, int(n[1]), int(count[1])), k)
    equations += [(form, value) for (form, value), name in ((n, "n"), (count, "count")) if document[name] is not None]
    for cell, true in enumerate(out):
        if 0 < true < k:
            assert widths(equations, 14, 7 + cell) >= k - 1e-6
    for cell, true in enumerate(levels):
        if 0 < true < k and sum(levels) + unrated >= k:
            assert widths(equations, 14, cell) >= k - 1e-6


def read(values: list) -> list[Equation]:
    """What the rates of a unit tell of its levels and of the cases without a rating."""
    equations = []

    def learn(terms, value: float) -> None:
        form = sum(w * (np.ones(7) if name == "n_eligible" else np.eye(7)[NAMES.index(name)]) for w, name in terms)
        equations.append((form, float(value)))

    for v in values:
        if v.value is not None and v.metric in COUNTS:
            learn(COUNTS[v.metric], v.value)
        elif v.value is not None:
            learn(rates()[v.metric].numerator, v.numerator)
            learn(rates()[v.metric].denominator, v.denominator)
    return equations


def of_finding(key: str, stands: np.ndarray, out: np.ndarray) -> tuple[Equation, Equation]:
    """The two counts of a finding as sums over the cells that stand and those left out."""
    bad, active = np.array([0, 1, 1, 0, 0, 0, 0.0]), np.array([0, 1, 1, 1, 1, 1, 0.0])
    default, silent = np.eye(7)[0], np.eye(7)[6]
    forms = {
        "D12.unhappy_excluded": (np.r_[bad, bad], np.r_[0 * bad, bad]),
        "D13": (np.ones(14), np.r_[default + silent, default + silent]),
        "D13.default": (np.r_[default + active, default + active], np.r_[default, default]),
    }
    everything = np.r_[stands, out].astype(float)
    among, hits = forms[key]
    return (among, float(among @ everything)), (hits, float(hits @ everything))


MONTH = st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
MONTHS = st.lists(MONTH, min_size=2, max_size=6)


@settings(max_examples=100, deadline=None)
@given(MONTHS, st.sampled_from(LEVELS))
def test_months_less_the_whole_period_tell_no_small_month(months: list[tuple[int, int]], k: int) -> None:
    """D21: the months of a rate, beside the two counts of the whole period."""
    told = months_rows({"rate": months}, k)["rate"]
    size = len(months)
    for part in (0, 1):
        equations = [(np.ones(size), float(sum(month[part] for month in months)))]
        equations += [(np.eye(size)[i], float(row[part])) for i, row in enumerate(told) if row[part] != "withheld"]
        for place, month in enumerate(months):
            if 0 < month[part] < k:
                whole = sum(m[part] for m in months)
                assert whole < k or widths(equations, size, place) >= k - 1e-6


@pytest.mark.parametrize("key", ["D02", "D08", "D18"])
def test_counts_of_records_are_told_to_everybody(key: str) -> None:
    row = finding(key, 30, 2)
    assert closed_document(row, 10)["count"] == 2
